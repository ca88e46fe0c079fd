// schedule.c - dose records expanded into effective actions. Invariant: actions are sorted by time, ties by kind (ends
// of infusions first), then record and repetition, so that the order never depends on the sort.

#include "dose/schedule.h"

#include <math.h>
#include <stdlib.h>

enum { MAX_ACTION = 10000000 };

typedef WN_ARRAY(wn_action) action_list;

typedef struct expansion {
  const wn_model *model;
  const wn_dose *dose;
  const double *route_value;  // of the dose's route, from WN_ROUTE_F on
  double t_end;
  int index;  // of the dose
  action_list *out;
} expansion;

static wn_status check_dose(const expansion *e, double t_start, wn_error *err) {
  const wn_dose *dose = e->dose;
  const char *name = e->model->route[dose->route].name, *unit = e->model->route[dose->route].unit;
  double F = e->route_value[WN_ROUTE_F], lag = e->route_value[WN_ROUTE_LAG];
  if (!isfinite(dose->amount) || dose->amount < 0)
    return wn_fail(err, WN_ERR_USER, "dose %d into %s: amount: expected 0 %s or more, got %g %s", e->index + 1, name,
                   unit, dose->amount, unit);
  if (!isfinite(dose->time) || dose->time < t_start)
    return wn_fail(err, WN_ERR_USER, "dose %d into %s: time: expected the start of the run (%g h) or later, got %g h",
                   e->index + 1, name, t_start, dose->time);
  if (dose->addl < 0 || (dose->addl > 0 && !(dose->ii > 0 && isfinite(dose->ii))))
    return wn_fail(err, WN_ERR_USER, "dose %d into %s: %d repetitions: expected an interval above 0 h, got %g h",
                   e->index + 1, name, dose->addl, dose->ii);
  if (!(dose->rate >= 0) || !(dose->duration >= 0) || isinf(dose->rate) || isinf(dose->duration))
    return wn_fail(err, WN_ERR_USER, "dose %d into %s: infusion: expected a rate or duration above 0, got %g",
                   e->index + 1, name, dose->rate < 0 ? dose->rate : dose->duration);
  if (!(F >= 0) || isinf(F)) return wn_fail(err, WN_ERR_USER, "F of %s: expected 0 or more, got %g", name, F);
  if (!(lag >= 0) || isinf(lag))
    return wn_fail(err, WN_ERR_USER, "lag of %s: expected 0 h or more, got %g h", name, lag);
  return WN_OK;
}

// one repetition, entering the state(s) of its route at `time`
static bool push_entry(const expansion *e, double time, int repeat) {
  const wn_dose *dose = e->dose;
  const wn_route *route = &e->model->route[dose->route];
  double F = e->route_value[WN_ROUTE_F];
  double duration = dose->rate > 0 ? F * dose->amount / dose->rate : dose->duration;
  for (int i = 0; i < route->n_target; i++) {
    double amount = F * e->route_value[WN_ROUTE_SCALE + i] * dose->amount;
    wn_action action = {.time = time, .state = route->target[i], .dose = e->index, .repeat = repeat};
    if (!(duration > 0)) {
      action.kind = WN_ACT_BOLUS, action.amount = amount;
      if (!WN_PUSH(e->out, action)) return false;
      continue;
    }
    action.kind = WN_ACT_RATE, action.amount = amount / duration;
    if (!WN_PUSH(e->out, action)) return false;
    action.time = time + duration, action.amount = -action.amount;
    if (action.time < e->t_end && !WN_PUSH(e->out, action)) return false;
  }
  return true;
}

static int is_end(const wn_action *a) { return a->kind == WN_ACT_RATE && a->amount < 0; }

static int compare(const void *pa, const void *pb) {
  const wn_action *a = pa, *b = pb;
  if (a->time != b->time) return a->time < b->time ? -1 : 1;
  if (is_end(a) != is_end(b)) return is_end(b) - is_end(a);
  if (a->dose != b->dose) return a->dose < b->dose ? -1 : 1;
  if (a->repeat != b->repeat) return a->repeat < b->repeat ? -1 : 1;
  return (a->state > b->state) - (a->state < b->state);
}

static wn_status expand_dose(const expansion *e, wn_schedule *schedule, wn_error *err) {
  const wn_dose *dose = e->dose;
  double lag = e->route_value[WN_ROUTE_LAG];
  if (!(schedule->first_dose <= dose->time)) schedule->first_dose = dose->time;
  for (int k = 0; k <= dose->addl; k++) {
    double time = dose->time + k * dose->ii;
    if (!(time < e->t_end)) break;
    if (!(schedule->last_dose >= time)) schedule->last_dose = time;
    if (!(time + lag < e->t_end)) break;
    if (e->out->n >= MAX_ACTION)
      return wn_fail(err, WN_ERR_USER, "dose %d into %s: more than %d doses in the run; try a longer interval",
                     e->index + 1, e->model->route[dose->route].name, MAX_ACTION);
    if (!push_entry(e, time + lag, k)) return wn_fail_memory(err);
  }
  return WN_OK;
}

wn_status wn_schedule_expand(const wn_model *model, const wn_dose *doses, int n_dose, const double *route_value,
                             double t_start, double t_end, wn_schedule *schedule, wn_error *err) {
  *schedule = (wn_schedule){.first_dose = NAN, .last_dose = NAN};
  action_list out = {0};
  wn_status status = WN_OK;
  for (int i = 0; i < n_dose && !status; i++) {
    expansion e = {.model = model,
                   .dose = &doses[i],
                   .route_value = route_value + model->route_at[doses[i].route],
                   .t_end = t_end,
                   .index = i,
                   .out = &out};
    status = check_dose(&e, t_start, err);
    if (!status) status = expand_dose(&e, schedule, err);
  }
  if (status) {
    WN_ARRAY_FREE(&out);
    return status;
  }
  if (out.n) qsort(out.data, (size_t)out.n, sizeof *out.data, compare);
  schedule->n_action = out.n;
  schedule->action = out.data;
  return WN_OK;
}

void wn_schedule_free(wn_schedule *schedule) {
  wn_free(schedule->action);
  schedule->action = NULL;
  schedule->n_action = 0;
}

int wn_schedule_same_times(const wn_schedule *a, const wn_schedule *b) {
  // distinct times are compared, since one subject may have several actions at a time
  int i = 0, j = 0;
  while (i < a->n_action && j < b->n_action) {
    double time = a->action[i].time;
    if (time != b->action[j].time) return 0;
    while (i < a->n_action && a->action[i].time == time) i++;
    while (j < b->n_action && b->action[j].time == time) j++;
  }
  return i == a->n_action && j == b->n_action;
}

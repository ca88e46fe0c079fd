// subject.c - arms become subjects: route values of their parameters, doses expanded into actions, dosing days counted.
// Invariant: a subject depends on its arm only. It must not know of lanes, batches or threads.

#include "sim/subject.h"

#include <math.h>

// a time this near to another (h) is the same time: sums like 22 + 24 k are not exact
static const double SAME_TIME = 1e-9;

static void count_days(const wn_scenario *scenario, wn_subject *subject) {
  double start = subject->arm->day_start;
  if (isnan(start)) start = subject->schedule.first_dose;
  if (isnan(start)) start = 0;
  // a dosing day that began before the run is left out
  if (start < scenario->t_start) start += 24 * ceil((scenario->t_start - start) / 24 - SAME_TIME);
  double days = floor((scenario->t_end - start + SAME_TIME) / 24);
  subject->day_start = start;
  subject->n_day = days > 0 ? (int)days : 0;
}

void wn_subject_span(const wn_scenario *scenario, const wn_subject *subject, int day, double *from, double *to) {
  *from = scenario->t_start, *to = scenario->t_end;
  if (day < 1) return;
  *from = fmax(scenario->t_start, subject->day_start + 24.0 * (day - 1));
  *to = fmin(scenario->t_end, subject->day_start + 24.0 * day);
}

double wn_subject_last_dose(const wn_subject *subject, double time) {
  double last = NAN;
  for (int i = 0; i < subject->arm->doses.n; i++) {
    const wn_dose *dose = &subject->arm->doses.data[i];
    if (!(dose->time <= time + SAME_TIME)) continue;
    double repeat = dose->addl > 0 ? fmin(dose->addl, floor((time - dose->time) / dose->ii + SAME_TIME)) : 0;
    double at = dose->time + fmax(repeat, 0) * dose->ii;
    if (!(last >= at)) last = at;
  }
  return last;
}

// workspace of the routes program, for one subject at a time
typedef struct routes {
  const wn_program *program;
  double *param, *state, *work, *out, *value;
} routes;

static void routes_free(routes *r) {
  wn_free(r->param);
  wn_free(r->state);
  wn_free(r->work);
  wn_free(r->out);
  wn_free(r->value);
}

static wn_status routes_init(const wn_model *model, routes *r, wn_error *err) {
  *r = (routes){.program = model->routes};
  size_t n_out = r->program ? (size_t)wn_program_n_output(r->program) : 0;
  r->param = wn_alloc_doubles((size_t)model->n_param * WN_LANES);
  r->state = wn_alloc_doubles((size_t)model->n_state * WN_LANES);
  r->work = wn_alloc_doubles(r->program ? wn_program_workspace(r->program, WN_LANES) : 0);
  r->out = wn_alloc_doubles(n_out * WN_LANES);
  r->value = wn_alloc_doubles(n_out);
  if (r->param && r->state && r->work && r->out && r->value) return WN_OK;
  routes_free(r);
  return wn_fail_memory(err);
}

static void routes_eval(const wn_model *model, routes *r, const double *param, double t_start) {
  if (!r->program) return;
  double time[WN_LANES] __attribute__((aligned(64)));
  for (int lane = 0; lane < WN_LANES; lane++) time[lane] = t_start;
  for (int i = 0; i < model->n_param * WN_LANES; i++) r->param[i] = param[i / WN_LANES];
  wn_program_bind(r->program, WN_LANES, r->param, NULL, r->work);
  wn_program_eval(r->program, WN_LANES, time, r->state, r->work, r->out);
  int n = wn_program_n_output(r->program);
  for (int i = 0; i < n; i++) r->value[i] = r->out[i * WN_LANES];
}

wn_status wn_subjects_create(const wn_scenario *scenario, wn_subject **subjects, wn_error *err) {
  routes r;
  *subjects = NULL;
  WN_TRY(routes_init(scenario->model, &r, err));
  wn_subject *list = wn_alloc((size_t)scenario->n_arm * sizeof *list);
  wn_status status = list ? WN_OK : wn_fail_memory(err);
  for (int i = 0; i < scenario->n_arm && !status; i++) {
    const wn_arm *arm = &scenario->arm[i];
    list[i].series = i;
    list[i].arm = arm;
    routes_eval(scenario->model, &r, arm->param, scenario->t_start);
    status = wn_schedule_expand(scenario->model, arm->doses.data, arm->doses.n, r.value, scenario->t_start,
                                scenario->t_end, &list[i].schedule, err);
    if (status == WN_ERR_USER) wn_fail_prefix(err, "arm %s", arm->name ? arm->name : arm->label);
    if (!status) count_days(scenario, &list[i]);
  }
  routes_free(&r);
  if (status) {
    wn_subjects_destroy(list, scenario->n_arm);
    return status;
  }
  *subjects = list;
  return WN_OK;
}

void wn_subjects_destroy(wn_subject *subjects, int n) {
  if (!subjects) return;
  for (int i = 0; i < n; i++) wn_schedule_free(&subjects[i].schedule);
  wn_free(subjects);
}

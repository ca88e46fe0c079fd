// schedule.c - doses as a scenario gives them, in any order, become one subject's actions. The walk over records in
// timeline.c decides what happens; here doses are turned into records, between a record at the start and one at the
// end. Invariant: actions are sorted by time and never reach t_end.

#include "dose/schedule.h"

#include <math.h>
#include <stdlib.h>

static wn_status check_dose(const wn_model *model, const wn_dose *dose, int index, double t_start, wn_error *err) {
  const char *name = model->route[dose->route].name, *unit = model->route[dose->route].unit;
  if (!isfinite(dose->amount) || dose->amount < 0)
    return wn_fail(err, WN_ERR_USER, "dose %d into %s: amount: expected 0 %s or more, got %g %s", index + 1, name, unit,
                   dose->amount, unit);
  if (!isfinite(dose->time) || dose->time < t_start)
    return wn_fail(err, WN_ERR_USER, "dose %d into %s: time: expected the start of the run (%g h) or later, got %g h",
                   index + 1, name, t_start, dose->time);
  if (dose->addl < 0 || (dose->addl > 0 && !(dose->ii > 0 && isfinite(dose->ii))))
    return wn_fail(err, WN_ERR_USER, "dose %d into %s: %d repetitions: expected an interval above 0 h, got %g h",
                   index + 1, name, dose->addl, dose->ii);
  if (!(dose->rate >= 0) || !(dose->duration >= 0) || isinf(dose->rate) || isinf(dose->duration))
    return wn_fail(err, WN_ERR_USER, "dose %d into %s: infusion: expected a rate or duration above 0, got %g",
                   index + 1, name, dose->rate < 0 ? dose->rate : dose->duration);
  return WN_OK;
}

static int compare_records(const void *pa, const void *pb) {
  const wn_record *a = pa, *b = pb;
  if (a->time != b->time) return a->time < b->time ? -1 : 1;
  return (a->row > b->row) - (a->row < b->row);
}

// the doses as records in time order, first and last a record where nothing is done; `row` is the index of the dose
static wn_record *make_records(const wn_dose *doses, int n_dose, double t_start, double t_end, int *n) {
  wn_record *record = wn_alloc(((size_t)n_dose + 2) * sizeof *record);
  if (!record) return NULL;
  *n = 0;
  const wn_record nothing = {.row = -1, .evid = 2, .route = -1, .state = -1};
  record[(*n)++] = nothing;
  record[0].time = t_start;
  for (int i = 0; i < n_dose; i++) {
    const wn_dose *d = &doses[i];
    if (!(d->time < t_end)) continue;
    record[(*n)++] = (wn_record){.row = i,
                                 .time = d->time,
                                 .evid = 1,
                                 .route = d->route,
                                 .state = -1,
                                 .amt = d->amount,
                                 .rate = d->rate,
                                 .dur = d->duration,
                                 .ii = d->ii,
                                 .addl = d->addl,
                                 .note = d->note};
  }
  qsort(record, (size_t)*n, sizeof *record, compare_records);
  record[*n] = nothing;
  record[(*n)++].time = t_end;
  return record;
}

static const double *same_values(void *context, int row) {
  (void)row;
  return context;
}

// what a run acts on: entries and infusions before t_end, told by the doses' own numbers
static void keep_entries(wn_timeline *timeline, const wn_record *record, double t_end, wn_schedule *schedule) {
  int n = 0;
  for (int i = 0; i < timeline->action.n; i++) {
    wn_action action = timeline->action.data[i];
    if (action.kind != WN_ACT_BOLUS && action.kind != WN_ACT_RATE) continue;
    if (!(action.time < t_end)) continue;
    action.record = record[action.record].row;
    timeline->action.data[n++] = action;
  }
  schedule->action = timeline->action.data;
  schedule->n_action = n;
}

static void note_span(const wn_dose *doses, int n_dose, double t_end, wn_schedule *schedule) {
  for (int i = 0; i < n_dose; i++) {
    const wn_dose *d = &doses[i];
    if (!(d->time < t_end)) continue;
    double repeats = d->addl > 0 ? fmin(d->addl, ceil((t_end - d->time) / d->ii) - 1) : 0;
    schedule->first_dose = fmin(isnan(schedule->first_dose) ? d->time : schedule->first_dose, d->time);
    double last = d->time + fmax(repeats, 0) * d->ii;
    schedule->last_dose = fmax(isnan(schedule->last_dose) ? last : schedule->last_dose, last);
  }
}

wn_status wn_schedule_expand(const wn_model *model, const wn_dose *doses, int n_dose, const double *route_value,
                             double t_start, double t_end, wn_schedule *schedule, wn_error *err) {
  *schedule = (wn_schedule){.first_dose = NAN, .last_dose = NAN};
  for (int i = 0; i < n_dose; i++) WN_TRY(check_dose(model, &doses[i], i, t_start, err));
  int n = 0;
  wn_record *record = make_records(doses, n_dose, t_start, t_end, &n);
  if (!record) return wn_fail_memory(err);
  wn_timeline_def def = {.model = model,
                         .record = record,
                         .n_record = n,
                         .dialect = WN_DIALECT_NONMEM,
                         .route_value = same_values,
                         .context = (void *)route_value};
  wn_timeline timeline;
  wn_status status = wn_timeline_make(&def, &timeline, err);
  if (!status) {
    keep_entries(&timeline, record, t_end, schedule);
    WN_ARRAY_FREE(&timeline.steady);
    note_span(doses, n_dose, t_end, schedule);
  }
  wn_free(record);
  return status;
}

void wn_schedule_free(wn_schedule *schedule) {
  wn_free(schedule->action);
  schedule->action = NULL;
  schedule->n_action = 0;
}

// records.c - a data set simulated: individuals made ready, the model without what cannot matter, the solver chosen,
// everybody run on all threads. Invariant: what is predicted of an individual does not depend on who runs beside it.
// It must not know how anybody is advanced.

#include "sim/records.h"

#include "base/pool.h"
#include "model/reduce.h"
#include "sim/loop.h"
#include "sim/timeline_run.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_PLACE = 16 };  // side by side
enum { BLOCK = 32 };       // individuals made ready by one task

typedef struct run {
  const wn_records_def *def;
  wn_records_result *result;
  wn_reduced *reduced;  // NULL: nothing is left out
  wn_cohort cohort;
  wn_person *person;  // [n_individual]
  int *order;         // [n_individual] who runs
  int n_thread, n_place, n_task;
  wn_queue queue;     // from which all threads take
  wn_status *status;  // [n_task]
  wn_error *error;    // [n_task]
} run;

// the first of n tasks that failed
static wn_status first_error(const run *r, wn_error *err) {
  for (int i = 0; i < r->n_task; i++) {
    if (!r->status[i]) continue;
    if (err) *err = r->error[i];
    return r->status[i];
  }
  return WN_OK;
}

static wn_status run_tasks(run *r, int n_task, wn_task *task, wn_error *err) {
  r->n_task = n_task;
  r->status = wn_alloc((size_t)n_task * sizeof *r->status);
  r->error = wn_alloc((size_t)n_task * sizeof *r->error);
  wn_status status = r->status && r->error ? WN_OK : wn_fail_memory(err);
  if (!status) wn_pool_run(r->n_thread, n_task, task, r);
  if (!status) status = first_error(r, err);
  wn_free(r->status);
  wn_free(r->error);
  return status;
}

// -- individuals ----------------------------------------------------------------------------------------------------

static void prepare_block(void *context, int worker, int index) {
  (void)worker;
  run *r = context;
  for (int i = index * BLOCK; i < (index + 1) * BLOCK && i < r->result->n_individual && !r->status[index]; i++)
    r->status[index] = wn_person_init(&r->person[i], r->def, i, &r->error[index]);
}

// what is given into, by doses or steady states
static void mark_given(const run *r, unsigned char *is_given) {
  for (int i = 0; i < r->result->n_individual; i++) {
    const wn_timeline *t = &r->person[i].timeline;
    for (int k = 0; k < t->action.n; k++) {
      const wn_action *a = &t->action.data[k];
      if (a->state >= 0 && (a->kind == WN_ACT_BOLUS || a->kind == WN_ACT_RATE)) is_given[a->state] = 1;
    }
    for (int k = 0; k < t->steady.n; k++)
      for (int j = 0; j < t->steady.data[k].n_target; j++) is_given[t->steady.data[k].target[j]] = 1;
  }
}

static void renumber(const wn_reduced *reduced, wn_timeline *t) {
  for (int k = 0; k < t->action.n; k++)
    if (t->action.data[k].state >= 0) t->action.data[k].state = reduced->state_at[t->action.data[k].state];
  for (int k = 0; k < t->steady.n; k++)
    for (int j = 0; j < t->steady.data[k].n_target; j++)
      t->steady.data[k].target[j] = reduced->state_at[t->steady.data[k].target[j]];
}

static wn_status find_reduced(run *r, unsigned char *is_given, wn_bounds *bounds, wn_error *err) {
  const wn_model *m = r->def->data->model;
  wn_bounds *covariate = bounds + m->n_param;
  for (int k = 0; k < m->n_param + m->n_covariate_all; k++) bounds[k] = wn_bounds_none();
  wn_run_domain domain = {
      .is_given = is_given, .param = bounds, .covariate = covariate, .t_start = INFINITY, .t_end = -INFINITY};
  mark_given(r, is_given);
  for (int i = 0; i < r->result->n_individual; i++)
    wn_person_bound(&r->person[i], bounds, covariate, &domain.t_start, &domain.t_end);
  return wn_model_reduce(m, &domain, &r->reduced, err);
}

// leave out what cannot matter to anybody
static wn_status reduce(run *r, wn_error *err) {
  const wn_model *m = r->def->data->model;
  unsigned char *is_given = wn_alloc((size_t)m->n_state + 1);
  wn_bounds *bounds = wn_alloc((size_t)(m->n_param + m->n_covariate_all + 1) * sizeof *bounds);
  const wn_status status = is_given && bounds ? find_reduced(r, is_given, bounds, err) : wn_fail_memory(err);
  wn_free(is_given);
  wn_free(bounds);
  if (status || !r->reduced) return status;
  r->cohort.model = r->reduced->model;
  for (int i = 0; i < r->result->n_individual; i++) renumber(r->reduced, &r->person[i].timeline);
  return WN_OK;
}

// -- solver ---------------------------------------------------------------------------------------------------------

// Predictions are compared each with its own value, also far below the peak that bdf's errors are a share of: there the
// errors of many steps add up to several times the tolerance.
static double tolerance_of(double rtol) { return fmin(rtol, fmax(rtol / 10, 1e-12)); }

// the first individual's start in all lanes, its first bolus given; returns the span between its boluses
static double begin_first(const run *r, wn_lanes *lanes) {
  const wn_model *m = r->cohort.model;
  const wn_person *p = &r->person[0];
  const double *param = wn_person_param(p, 0), *covariate = wn_person_covariate(p, WN_ROW_AT(0));
  for (int i = 0; i < m->n_param * WN_LANES; i++) lanes->param[i] = param[i / WN_LANES];
  for (int i = 0; i < m->n_covariate_all * WN_LANES; i++) lanes->covariate[i] = covariate[i / WN_LANES];
  wn_lanes_bind(lanes);
  const wn_record *record = r->def->data->record + p->first;
  wn_lanes_start(lanes, record[0].time);
  int n_jump = 1;
  for (int i = 0; i < p->timeline.action.n; i++) {
    const wn_action *a = &p->timeline.action.data[i];
    if (a->kind != WN_ACT_BOLUS || a->by >= 0 || n_jump++ > 1 || a->state < 0) continue;
    for (int lane = 0; lane < WN_LANES; lane++) lanes->state[a->state * WN_LANES + lane] += a->amount;
  }
  return fmax(record[p->n - 1].time - record[0].time, 1) / n_jump;
}

// which solver auto takes: by the first individual's start, and the span between its jumps
static wn_status choose(run *r, wn_error *err) {
  wn_solver_def *solver = &r->cohort.solver;
  *solver = r->def->solver;
  solver->rtol = tolerance_of(solver->rtol);
  snprintf(r->result->reason, sizeof r->result->reason, "asked for");
  if (strcmp(solver->name, "auto") == 0) {
    wn_lanes lanes;
    WN_TRY(wn_lanes_init(&lanes, r->cohort.model, WN_LANES, err));
    const double span = begin_first(r, &lanes);
    wn_system system = wn_lanes_system(&lanes);
    const double *time = wn_lanes_at(&lanes, r->def->data->record[r->person[0].first].time);
    solver->name = wn_solver_choose(&system, time, lanes.state, span, r->result->reason);
    wn_lanes_free(&lanes);
  }
  snprintf(r->result->solver, sizeof r->result->solver, "%s", solver->name);
  return WN_OK;
}

// -- everybody ------------------------------------------------------------------------------------------------------

static void fail_individual(run *r, int i, const wn_error *err, int n_good) {
  wn_individual *individual = &r->result->individual[i];
  const wn_person *p = &r->person[i];
  individual->status = WN_ERR_RUN;
  individual->row = p->first + n_good;
  snprintf(individual->message, sizeof individual->message, "%.255s", err->message);
  const size_t n_column = (size_t)r->result->n_column;
  for (size_t k = (size_t)individual->row * n_column; k < (size_t)(p->first + p->n) * n_column; k++)
    r->result->value[k] = NAN;
}

static wn_status run_together(void *context, wn_queue *queue, int n_place, int *left, wn_error *err) {
  const run *r = context;
  return wn_timeline_run(&r->cohort, queue, n_place, left, err);
}

static wn_status run_by(const wn_cohort *cohort, int one, wn_error *err) {
  wn_queue queue = {.order = &one, .n = 1};
  int left[1];
  return wn_timeline_run(cohort, &queue, 1, left, err);
}

// One that the solver gave up on is tried with another; where that gives up as well, what is kept is the first one's.
static wn_status try_second(run *r, int one, wn_status *status, wn_error *err) {
  wn_error why = {0};
  wn_cohort cohort = r->cohort;
  cohort.solver.name = wn_solver_second(r->cohort.solver.name);
  if (!cohort.solver.name) return WN_OK;
  const wn_status second = run_by(&cohort, one, &why);
  if (second == WN_OK) {
    r->result->individual[one].second = cohort.solver.name;
    *status = WN_OK;
    return WN_OK;
  }
  // (what was written of it is the first one's again)
  const wn_status again = second == WN_ERR_RUN ? run_by(&r->cohort, one, &why) : second;
  if (again && again != WN_ERR_RUN && err) *err = why;
  return again == WN_ERR_RUN ? WN_OK : again;
}

static wn_status run_alone(void *context, int one, wn_error *err) {
  run *r = context;
  wn_status status = run_by(&r->cohort, one, err);
  if (status == WN_ERR_RUN) WN_TRY(try_second(r, one, &status, err));
  if (status != WN_ERR_RUN) return status;
  fail_individual(r, one, err, r->person[one].n_reached);
  return WN_OK;
}

static void run_queue(void *context, int worker, int index) {
  (void)worker;
  static const wn_queue_work work = {run_together, run_alone};
  run *r = context;
  r->status[index] = wn_queue_run(&r->queue, r->n_place, &work, r, &r->error[index]);
}

// those who were refused have failed; the others wait
static wn_status make_queue(run *r, wn_error *err) {
  const int n = r->result->n_individual;
  r->order = wn_alloc((size_t)n * sizeof *r->order);
  if (!r->order) return wn_fail_memory(err);
  r->queue.order = r->order;
  for (int i = 0; i < n; i++) {
    wn_error why;
    if (r->person[i].refused) {
      wn_fail(&why, WN_ERR_RUN, "%s", r->person[i].refused);
      fail_individual(r, i, &why, 0);
    } else {
      r->order[r->queue.n++] = i;
    }
  }
  return WN_OK;
}

static void make_native(const run *r) {
  double hours = 0;
  for (int i = 0; i < r->result->n_individual; i++) {
    const wn_record *record = r->def->data->record + r->person[i].first;
    hours += fmax(record[r->person[i].n - 1].time - record[0].time, 0);
  }
  wn_loop_native(r->cohort.model, r->cohort.solver.name, wn_timeline_width(r->n_place), hours / r->n_thread);
}

static int compare_notes(const void *a, const void *b) {
  int x = ((const wn_steady_note *)a)->row, y = ((const wn_steady_note *)b)->row;
  return (x > y) - (x < y);
}

static wn_status collect(run *r, wn_error *err) {
  for (int i = 0; i < r->result->n_individual; i++)
    for (int k = 0; k < r->person[i].steady.n; k++)
      if (!WN_PUSH(&r->result->steady, r->person[i].steady.data[k])) return wn_fail_memory(err);
  // an individual may come to its records in another order than the file's
  if (r->result->steady.n)
    qsort(r->result->steady.data, (size_t)r->result->steady.n, sizeof *r->result->steady.data, compare_notes);
  return WN_OK;
}

static wn_status run_all(run *r, wn_error *err) {
  const int n = r->result->n_individual;
  r->n_thread = r->def->n_thread > 0 ? r->def->n_thread : wn_pool_cores();
  WN_TRY(run_tasks(r, (n + BLOCK - 1) / BLOCK, prepare_block, err));
  if (!r->def->whole) WN_TRY(reduce(r, err));
  WN_TRY(choose(r, err));
  WN_TRY(make_queue(r, err));
  if (r->queue.n == 0) return WN_OK;
  if (r->n_thread > r->queue.n) r->n_thread = r->queue.n;
  const int most = wn_solver_is_serial(r->cohort.solver.name) ? WN_LANES : MOST_PLACE;
  r->n_place = wn_queue_places(r->queue.n, r->n_thread, most);
  make_native(r);
  WN_TRY(run_tasks(r, r->n_thread, run_queue, err));
  return collect(r, err);
}

wn_status wn_records_run(const wn_records_def *def, wn_records_result *result, wn_error *err) {
  const wn_dataset *data = def->data;
  *result = (wn_records_result){.n_row = data->n_row, .n_individual = data->n_subject};
  result->n_column = data->model->n_state + data->model->n_output;
  run r = {.def = def, .result = result};
  result->value = wn_alloc_doubles((size_t)result->n_row * (size_t)result->n_column);
  result->individual = wn_alloc((size_t)result->n_individual * sizeof *result->individual);
  r.person = wn_alloc((size_t)result->n_individual * sizeof *r.person);
  bool made = result->value && result->individual && r.person;
  // what is not predicted has no value
  for (size_t i = 0; made && i < (size_t)result->n_row * (size_t)result->n_column; i++) result->value[i] = NAN;
  r.cohort = (wn_cohort){
      .def = def, .model = data->model, .person = r.person, .value = result->value, .n_column = result->n_column};
  wn_status status = made ? run_all(&r, err) : wn_fail_memory(err);
  for (int i = 0; i < result->n_individual && r.person; i++) wn_person_free(&r.person[i]);
  wn_free(r.person);
  wn_free(r.order);
  wn_reduced_destroy(r.reduced);
  if (status) wn_records_result_free(result);
  return status;
}

void wn_records_result_free(wn_records_result *result) {
  wn_free(result->value);
  wn_free(result->individual);
  WN_ARRAY_FREE(&result->steady);
  *result = (wn_records_result){0};
}

wn_status wn_records_timeline(const wn_records_def *def, int individual, wn_timeline *timeline, wn_error *err) {
  wn_person person;
  WN_TRY(wn_person_init(&person, def, individual, err));
  *timeline = person.timeline;
  person.timeline = (wn_timeline){0};
  wn_person_free(&person);
  return WN_OK;
}

wn_status wn_records_given(const wn_records_def *def, int individual, const wn_timeline *timeline, double *F,
                           wn_error *err) {
  const wn_model *m = def->data->model;
  wn_person person;
  WN_TRY(wn_person_init(&person, def, individual, err));
  for (int i = 0; i < timeline->action.n; i++) {
    const wn_action *a = &timeline->action.data[i];
    bool gives = (a->kind == WN_ACT_BOLUS || a->kind == WN_ACT_RATE) && a->index >= 0;
    int route = def->data->record[person.first + a->record].route;
    F[i] = gives ? wn_person_route(&person, a->index)[m->route_at[route] + WN_ROUTE_F] : 1;
  }
  wn_person_free(&person);
  return WN_OK;
}

// records.c - individuals of a data set run through their timelines. Invariants: lanes of a batch have the same actions
// at the same times; the solver is restarted only where something jumps, and reads off observations in between from
// its dense output; a batch is cut by the order of individuals alone.

#include "sim/records.h"

#include "base/pool.h"
#include "sim/day.h"
#include "sim/individual.h"
#include "sim/population.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_WIDTH = 16 };

// One batch on its way.
typedef struct course {
  const wn_records_def *def;
  wn_records_result *result;
  const wn_model *model;
  const wn_person *person;  // [n]
  int n;
  wn_lanes lanes;
  wn_solver *solver;
  wn_solver_def solver_def;
  double now;      // of lanes.state
  double reached;  // of the solver
  bool dirty;      // the solver does not know lanes.state
  int next_jump;   // the action that ends the present stretch, -1 before the first
  double stop;     // where it stands
  double *output;  // [n_output][width]
  WN_ARRAY(wn_steady_note) steady;
  int at_row;  // last row reached, for failures
  wn_status status;
} course;

static const wn_action *action_of(const course *c, int lane, int i) {
  return &c->person[lane < c->n ? lane : c->n - 1].timeline.action.data[i];
}

// parameters and covariates of a row into a lane; true when something changed
static bool set_inputs(course *c, int lane, int row) {
  const wn_person *p = &c->person[lane < c->n ? lane : c->n - 1];
  const wn_model *m = c->model;
  int width = c->lanes.width;
  bool changed = false;
  const double *param = wn_person_param(p, row / 2), *covariate = wn_person_covariate(p, row);
  for (int i = 0; i < m->n_param; i++) {
    changed |= c->lanes.param[i * width + lane] != param[i];
    c->lanes.param[i * width + lane] = param[i];
  }
  for (int i = 0; i < m->n_covariate_all; i++) {
    changed |= c->lanes.covariate[i * width + lane] != covariate[i];
    c->lanes.covariate[i * width + lane] = covariate[i];
  }
  return changed;
}

static void bring_covariates(course *c, int i) {
  bool changed = false;
  for (int lane = 0; lane < c->lanes.width; lane++) changed |= set_inputs(c, lane, action_of(c, lane, i)->index);
  if (!changed) return;
  wn_lanes_bind(&c->lanes);
  c->dirty = true;
}

// would a row's parameters and covariates change nothing?
static bool same_inputs(const course *c, int lane, int row) {
  const wn_person *p = &c->person[lane];
  const wn_model *m = c->model;
  const double *covariate = wn_person_covariate(p, row), *param = wn_person_param(p, row / 2);
  for (int k = 0; k < m->n_covariate_all; k++)
    if (c->lanes.covariate[k * c->lanes.width + lane] != covariate[k]) return false;
  for (int k = 0; p->param_varies && k < m->n_param; k++)
    if (c->lanes.param[k * c->lanes.width + lane] != param[k]) return false;
  return true;
}

// would this action make the solver start anew? Covariates that stay the same, and observations, do not
static bool is_soft(const course *c, int i) {
  const wn_action *action = action_of(c, 0, i);
  if (action->kind == WN_ACT_OBSERVE || action->by >= 0) return true;
  if (action->kind != WN_ACT_COVARIATES) return false;
  for (int lane = 0; lane < c->n; lane++)
    if (!same_inputs(c, lane, action_of(c, lane, i)->index)) return false;
  return true;
}

// how far the solver may run from action i on without meeting a jump; found once for a stretch
static double next_stop(course *c, int i) {
  if (i <= c->next_jump) return c->stop;
  c->stop = action_of(c, 0, i)->time;
  for (; i < c->person[0].timeline.action.n; i++) {
    const wn_action *action = action_of(c, 0, i);
    // a clock that is set leads nowhere
    if (action->by < 0 && action->kind != WN_ACT_CLOCK) c->stop = fmax(c->stop, action->time);
    c->next_jump = i;
    if (!is_soft(c, i)) break;
  }
  return c->stop;
}

static wn_status advance(course *c, int i, wn_error *err) {
  double to = action_of(c, 0, i)->time;
  if (to <= c->now + WN_SAME_TIME) return WN_OK;
  double stop = next_stop(c, i);
  if (c->dirty) {
    WN_TRY(wn_solver_restart(c->solver, c->now, c->lanes.state, err));
    c->reached = c->now;
    c->dirty = false;
  }
  while (c->reached < to) {
    if (wn_interrupt_get()) return wn_fail(err, WN_ERR_INTERRUPT, "interrupted");
    WN_TRY(wn_solver_step(c->solver, fmax(stop, c->reached), &c->reached, err));
  }
  wn_solver_dense(c->solver, to, c->lanes.state);
  c->now = to;
  return WN_OK;
}

static void observe(course *c, int i) {
  const wn_model *m = c->model;
  int width = c->lanes.width;
  wn_lanes_outputs(&c->lanes, wn_lanes_at(&c->lanes, c->now), c->lanes.state, c->output);
  for (int lane = 0; lane < c->n; lane++) {
    const wn_person *p = &c->person[lane];
    int record = action_of(c, lane, i)->record, row = p->first + record;
    double *to = c->result->value + (size_t)row * (size_t)c->result->n_column;
    for (int k = 0; k < m->n_state; k++) *to++ = c->lanes.state[k * width + lane];
    for (int k = 0; k < m->n_output; k++) {
      double value = c->output[k * width + lane];
      bool noisy = c->def->residual && c->def->data->record[row].evid == 0;
      *to++ = noisy ? wn_population_observe(m, c->def->seed, wn_person_number(p, c->def), k, record, value) : value;
    }
    if (lane == 0) c->at_row = row + 1;
  }
}

// every lane to its own steady state
static wn_status bring_steady(course *c, int i, wn_error *err) {
  int n = c->model->n_state, width = c->lanes.width;
  double *state = wn_alloc_doubles((size_t)n);
  if (!state) return wn_fail_memory(err);
  wn_status status = WN_OK;
  for (int lane = 0; lane < width && !status; lane++) {
    const wn_person *p = &c->person[lane < c->n ? lane : c->n - 1];
    const wn_action *action = action_of(c, lane, i);
    const wn_steady *steady = &p->timeline.steady.data[action->index];
    wn_steady_note note = {.row = p->first + action->record, .adds = steady->add && !c->model->is_linear};
    // lanes that only fill up are like the last one
    if (lane < c->n) {
      status = wn_steady_solve(&c->lanes, lane, steady, action->time, &c->solver_def, state, &note.report, err);
      if (!status && !WN_PUSH(&c->steady, note)) status = wn_fail_memory(err);
    }
    for (int k = 0; k < n && !status; k++) {
      double *to = &c->lanes.state[k * width + lane];
      *to = steady->add ? *to + state[k] : state[k];
      if (!steady->add) wn_lanes_set_rate(&c->lanes, k, lane, 0);
    }
  }
  wn_free(state);
  return status;
}

static void apply_to_lane(course *c, const wn_action *action, int lane) {
  int at = action->state * c->lanes.width + lane;
  switch (action->kind) {
  case WN_ACT_BOLUS:
    wn_lanes_set_open(&c->lanes, action->state, lane, true);
    c->lanes.state[at] += action->amount;
    break;
  case WN_ACT_RATE:
    if (action->amount > 0) wn_lanes_set_open(&c->lanes, action->state, lane, true);
    wn_lanes_set_rate(&c->lanes, action->state, lane, action->amount);
    break;
  case WN_ACT_RESET: wn_lanes_start_one(&c->lanes, c->now, lane); break;
  case WN_ACT_OFF:
    wn_lanes_set_open(&c->lanes, action->state, lane, false);
    wn_lanes_set_rate(&c->lanes, action->state, lane, 0);
    c->lanes.state[at] = 0;
    break;
  case WN_ACT_ON: wn_lanes_set_open(&c->lanes, action->state, lane, true); break;
  default: break;
  }
}

static wn_status apply(course *c, int i, wn_error *err) {
  const wn_action *action = action_of(c, 0, i);
  if (action->kind == WN_ACT_OBSERVE) {
    observe(c, i);
    return WN_OK;
  }
  if (action->kind == WN_ACT_COVARIATES) {
    bring_covariates(c, i);
    return WN_OK;
  }
  if (action->kind == WN_ACT_CLOCK) c->now = action->time;
  c->dirty = true;
  if (action->kind == WN_ACT_STEADY) return bring_steady(c, i, err);
  for (int lane = 0; lane < c->lanes.width; lane++) apply_to_lane(c, action_of(c, lane, i), lane);
  return WN_OK;
}

static wn_status follow(course *c, wn_error *err) {
  for (int i = 0; i < c->person[0].timeline.action.n; i++) {
    const wn_action *action = action_of(c, 0, i);
    if (action->by >= 0) continue;
    if (action->kind != WN_ACT_CLOCK) WN_TRY(advance(c, i, err));
    WN_TRY(apply(c, i, err));
  }
  return WN_OK;
}

static wn_status run_course(course *c, wn_error *err) {
  int width = (c->n + WN_LANES - 1) / WN_LANES * WN_LANES;
  WN_TRY(wn_lanes_init(&c->lanes, c->model, width, err));
  c->output = wn_alloc_doubles((size_t)c->model->n_output * (size_t)width);
  c->dirty = true;
  c->next_jump = -1;
  wn_status status = c->output ? WN_OK : wn_fail_memory(err);
  if (!status) {
    for (int lane = 0; lane < width; lane++) set_inputs(c, lane, WN_ROW_AT(0));
    wn_lanes_bind(&c->lanes);
    wn_system system = wn_lanes_system(&c->lanes);
    status = wn_solver_create(&system, &c->solver_def, &c->solver, err);
  }
  if (!status) status = follow(c, err);
  if (status == WN_ERR_RUN) {
    char when[64];
    wn_day_words(c->now, when);
    wn_fail_prefix(err, "at %s", when);
  }
  wn_solver_destroy(c->solver);
  wn_lanes_free(&c->lanes);
  wn_free(c->output);
  return status;
}

// The run of a data set: batches as tasks.
typedef struct run {
  const wn_records_def *def;
  wn_records_result *result;
  wn_solver_def solver;
  wn_person *person;  // [n_individual]
  int *first;         // [n_batch + 1] of the individuals
  course *course;     // [n_batch]
  wn_error *error;    // [n_batch]
} run;

static void fail_individual(const run *r, int i, const wn_error *err, int from_row) {
  wn_individual *individual = &r->result->individual[i];
  const wn_person *p = &r->person[i];
  individual->status = WN_ERR_RUN;
  individual->row = from_row;
  snprintf(individual->message, sizeof individual->message, "%.255s", err->message);
  for (int row = from_row; row < p->first + p->n; row++)
    for (int k = 0; k < r->result->n_column; k++)
      r->result->value[(size_t)row * (size_t)r->result->n_column + (size_t)k] = NAN;
}

static wn_status run_some(const run *r, int first, int n, course *c, wn_error *err) {
  WN_ARRAY(wn_steady_note) kept = {0};
  kept.data = c->steady.data, kept.n = c->steady.n, kept.cap = c->steady.cap;
  *c = (course){.def = r->def,
                .result = r->result,
                .model = r->def->data->model,
                .person = &r->person[first],
                .n = n,
                .solver_def = r->solver,
                .at_row = r->person[first].first};
  c->steady.data = kept.data, c->steady.n = kept.n, c->steady.cap = kept.cap;
  return run_course(c, err);
}

static void task(void *context, int worker, int index) {
  (void)worker;
  run *r = context;
  course *c = &r->course[index];
  wn_error *err = &r->error[index];
  int first = r->first[index], n = r->first[index + 1] - first;
  if (r->person[first].refused) {
    wn_fail(err, WN_ERR_RUN, "%s", r->person[first].refused);
    fail_individual(r, first, err, r->person[first].first);
    return;
  }
  wn_status status = run_some(r, first, n, c, err);
  if (status == WN_ERR_RUN && n > 1) {
    // find the culprit: each alone
    c->steady.n = 0;
    for (int i = first; i < first + n && (status == WN_ERR_RUN || !status); i++) {
      status = run_some(r, i, 1, c, err);
      if (status == WN_ERR_RUN) fail_individual(r, i, err, c->at_row);
    }
  } else if (status == WN_ERR_RUN) {
    fail_individual(r, first, err, c->at_row);
  }
  c->status = status == WN_ERR_RUN ? WN_OK : status;
}

// batches of neighbours with the same course
static wn_status cut(run *r, int *n_batch, wn_error *err) {
  int n = r->result->n_individual;
  r->first = wn_alloc(((size_t)n + 1) * sizeof *r->first);
  if (!r->first) return wn_fail_memory(err);
  *n_batch = 0;
  for (int i = 0; i < n; i++) {
    int first = *n_batch ? r->first[*n_batch - 1] : -1;
    bool apart = first < 0 || r->person[i].refused || r->person[first].refused;
    bool joins = !apart && i - first < MAX_WIDTH && wn_person_same_course(&r->person[first], &r->person[i]);
    if (!joins) r->first[(*n_batch)++] = i;
  }
  r->first[*n_batch] = n;
  r->course = wn_alloc((size_t)*n_batch * sizeof *r->course);
  r->error = wn_alloc((size_t)*n_batch * sizeof *r->error);
  return r->course && r->error ? WN_OK : wn_fail_memory(err);
}

// Predictions are compared each with its own value, also far below the peak that bdf's errors are a share of: there the
// errors of many steps add up to several times the tolerance.
static double tolerance_of(double rtol) { return fmin(rtol, fmax(rtol / 10, 1e-12)); }

// which solver auto takes: by the first individual's start, and the span between its jumps
static wn_status choose(run *r, wn_error *err) {
  r->solver = r->def->solver;
  r->solver.observed = false;
  r->solver.rtol = tolerance_of(r->solver.rtol);
  snprintf(r->result->solver, sizeof r->result->solver, "%s", r->solver.name);
  snprintf(r->result->reason, sizeof r->result->reason, "asked for");
  if (strcmp(r->solver.name, "auto") != 0) return WN_OK;
  const wn_model *m = r->def->data->model;
  const wn_person *p = &r->person[0];
  wn_lanes lanes;
  WN_TRY(wn_lanes_init(&lanes, m, WN_LANES, err));
  course c = {.def = r->def, .model = m, .person = p, .n = 1, .lanes = lanes};
  for (int lane = 0; lane < WN_LANES; lane++) set_inputs(&c, lane, WN_ROW_AT(0));
  wn_lanes_bind(&lanes);
  double start = r->def->data->record[p->first].time, end = r->def->data->record[p->first + p->n - 1].time;
  wn_lanes_start(&lanes, start);
  int n_jump = 1;
  for (int i = 0; i < p->timeline.action.n; i++) {
    const wn_action *a = &p->timeline.action.data[i];
    if (a->kind == WN_ACT_BOLUS && a->by < 0) {
      n_jump++;
      if (a->state >= 0)
        for (int lane = 0; lane < WN_LANES && n_jump == 2; lane++) lanes.state[a->state * WN_LANES + lane] += a->amount;
    }
  }
  wn_system system = wn_lanes_system(&lanes);
  r->solver.name = wn_solver_choose(&system, wn_lanes_at(&lanes, start), lanes.state, fmax(end - start, 1) / n_jump,
                                    r->result->reason);
  snprintf(r->result->solver, sizeof r->result->solver, "%s", r->solver.name);
  wn_lanes_free(&lanes);
  return WN_OK;
}

static int compare_notes(const void *a, const void *b) {
  int x = ((const wn_steady_note *)a)->row, y = ((const wn_steady_note *)b)->row;
  return (x > y) - (x < y);
}

static wn_status collect(run *r, int n_batch, wn_error *err) {
  for (int i = 0; i < n_batch; i++) {
    if (r->course[i].status) {
      *err = r->error[i];
      return r->course[i].status;
    }
    for (int k = 0; k < r->course[i].steady.n; k++)
      if (!WN_PUSH(&r->result->steady, r->course[i].steady.data[k])) return wn_fail_memory(err);
  }
  // lanes of a batch come to theirs side by side
  if (r->result->steady.n)
    qsort(r->result->steady.data, (size_t)r->result->steady.n, sizeof *r->result->steady.data, compare_notes);
  return WN_OK;
}

static wn_status run_all(run *r, wn_error *err) {
  int n_batch = 0;
  for (int i = 0; i < r->result->n_individual; i++) WN_TRY(wn_person_init(&r->person[i], r->def, i, err));
  WN_TRY(choose(r, err));
  WN_TRY(cut(r, &n_batch, err));
  wn_pool_run(r->def->n_thread > 0 ? r->def->n_thread : wn_pool_cores(), n_batch, task, r);
  wn_status status = collect(r, n_batch, err);
  for (int i = 0; i < n_batch; i++) WN_ARRAY_FREE(&r->course[i].steady);
  return status;
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
  wn_status status = made ? run_all(&r, err) : wn_fail_memory(err);
  for (int i = 0; i < result->n_individual && r.person; i++) wn_person_free(&r.person[i]);
  wn_free(r.person);
  wn_free(r.first);
  wn_free(r.course);
  wn_free(r.error);
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

// simulate.c - a scenario becomes a result: subjects, batches on threads, series put together. Invariant: what a batch
// writes depends on its index only, so the result has the same bits for any number of threads. It must not know how a
// batch is advanced.

#include "sim/simulate.h"

#include "base/pool.h"
#include "sim/batch.h"
#include "sim/group.h"
#include "sim/loop.h"
#include "sim/view.h"
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

wn_run_def wn_run_default(void) {
  return (wn_run_def){.solver = wn_solver_default(), .n_thread = 0, .max_width = 16, .keep_trajectories = WN_KEEP_ALL};
}

enum { MAX_SERIES = 4000000 };

// everything the batches of one run share
typedef struct run {
  const wn_scenario *scenario;
  wn_solver_def solver;  // name resolved
  wn_result *result;
  wn_view view;  // what the lanes see of scenario and result
  wn_subject *subjects;
  wn_plan plan;
  wn_tally *tally;    // [n_series]
  wn_status *status;  // [n_batch]
  wn_error *error;    // [n_thread] of the worker's first failing batch
  int *error_batch;   // [n_thread] that batch, -1 none
} run;

static wn_status check(const wn_scenario *scenario, const wn_run_def *def, wn_error *err) {
  if (!isfinite(scenario->t_start) || !isfinite(scenario->t_end) || !(scenario->t_end > scenario->t_start))
    return wn_fail(err, WN_ERR_USER, "duration: expected an end after the start (%g h), got %g h", scenario->t_start,
                   scenario->t_end);
  if (def->keep_trajectories && !(scenario->every > 0 && isfinite(scenario->every)))
    return wn_fail(err, WN_ERR_USER, "output grid: expected a step above 0 h, got %g h", scenario->every);
  if (def->keep_trajectories && (scenario->t_end - scenario->t_start) / scenario->every > 1e9)
    return wn_fail(err, WN_ERR_USER, "output grid: %g h in steps of %g h are too many points; try a longer step",
                   scenario->t_end - scenario->t_start, scenario->every);
  if (def->max_width < 1) return wn_fail(err, WN_ERR_USER, "lanes: expected 1 or more, got %d", def->max_width);
  if (def->n_thread < 0) return wn_fail(err, WN_ERR_USER, "threads: expected 0 or more, got %d", def->n_thread);
  if (scenario->n_arm < 1) return wn_fail(err, WN_ERR_USER, "scenario: expected at least one arm");
  for (int i = 0; i < scenario->n_arm; i++) {
    double end = wn_scenario_end(scenario, &scenario->arm[i]);
    bool fits = end == scenario->t_end || (!def->keep_trajectories && end > scenario->t_start && end < scenario->t_end);
    if (!fits)
      return wn_fail(err, WN_ERR_USER, "arm %s: expected an end within the run, and no trajectories, got %g h",
                     scenario->arm[i].name, end);
  }
  int n = wn_scenario_n_subject(scenario);
  if (n > MAX_SERIES / scenario->n_arm)
    return wn_fail(err, WN_ERR_USER, "individuals: expected at most %d in all arms, got %d in each of %d", MAX_SERIES,
                   n, scenario->n_arm);
  if (n > 1 && scenario->model->n_random == 0 && !wn_scenario_has_habits(scenario))
    return wn_fail(err, WN_ERR_USER,
                   "individuals: model %s does not say how they differ; expected individual = { ... } in the model",
                   scenario->model->name);
  return WN_OK;
}

// "ng/mL" -> "ng*h/mL"
static const char *unit_times_hour(wn_arena *arena, const char *unit) {
  size_t head = strcspn(unit, "/");
  return head ? wn_arena_printf(arena, "%.*s*h%s", (int)head, unit, unit + head) : wn_arena_strdup(arena, "h");
}

static wn_status make_grid(wn_result *result, const wn_scenario *scenario, wn_error *err) {
  double length = scenario->t_end - scenario->t_start;
  int n = (int)floor(length / scenario->every + 1e-9) + 1;
  // the last point is the end, also where the grid does not meet it
  bool meets = fabs((n - 1) * scenario->every - length) <= 1e-9 * fmax(1, length);
  result->n_time = meets ? n : n + 1;
  size_t n_column = (size_t)result->n_column, n_time = (size_t)result->n_time, n_series = (size_t)result->n_series;
  if (n_column > 0 && n_series > SIZE_MAX / sizeof(double) / n_column / n_time) return wn_fail_memory(err);
  result->time = wn_alloc(n_time * sizeof(double));
  result->value = wn_alloc(n_series * n_column * n_time * sizeof(double));
  if (!result->time || !result->value) return wn_fail_memory(err);
  for (int k = 0; k < result->n_time; k++) result->time[k] = scenario->t_start + k * scenario->every;
  result->time[result->n_time - 1] = scenario->t_end;
  return WN_OK;
}

static wn_status make_result(const wn_scenario *scenario, const wn_run_def *def, wn_result **made, wn_error *err) {
  const wn_model *model = scenario->model;
  wn_result *result = wn_alloc(sizeof *result);
  *made = result;
  if (!result) return wn_fail_memory(err);
  result->scenario = scenario;
  result->n_series = wn_scenario_n_series(scenario);
  result->kept = def->keep_trajectories;
  result->is_brief = def->brief;
  result->n_column = result->kept == WN_KEEP_WATCHED ? scenario->n_watch : model->n_state + model->n_output;
  result->series = wn_alloc((size_t)result->n_series * sizeof *result->series);
  result->arena = wn_arena_create();
  if (!result->series || !result->arena) return wn_fail_memory(err);
  result->auc_unit = wn_arena_alloc(result->arena, (size_t)(model->n_output + 1) * sizeof(char *));
  if (!result->auc_unit) return wn_fail_memory(err);
  for (int i = 0; i < model->n_output; i++) {
    result->auc_unit[i] = unit_times_hour(result->arena, model->output[i].unit ? model->output[i].unit : "");
    if (!result->auc_unit[i]) return wn_fail_memory(err);
  }
  return result->kept ? make_grid(result, scenario, err) : WN_OK;
}

static wn_status choose_solver(run *r, const wn_run_def *def, wn_error *err) {
  r->solver = def->solver;
  wn_result *result = r->result;
  if (strcmp(def->solver.name, "auto") == 0) {
    WN_TRY(wn_loop_choose(&r->view.scenario, r->subjects, &r->solver.name, result->reason, err));
  } else {
    snprintf(result->reason, sizeof result->reason, "asked for");
  }
  snprintf(result->solver, sizeof result->solver, "%s", r->solver.name);
  return WN_OK;
}

// plan of batches, and an entry per series
static wn_status make_plan(run *r, const wn_run_def *def, wn_error *err) {
  int per_batch = wn_loop_needs_baseline(r->scenario) ? def->max_width / 2 : def->max_width;
  WN_TRY(wn_plan_create(r->subjects, r->result->n_series, per_batch > 0 ? per_batch : 1,
                        !wn_solver_is_paced(r->solver.name), &r->plan, err));
  for (int batch = 0; batch < r->plan.n_batch; batch++) {
    for (int i = r->plan.first[batch]; i < r->plan.first[batch + 1]; i++) {
      const wn_subject *subject = &r->subjects[r->plan.order[i]];
      wn_series *series = &r->result->series[subject->series];
      *series = (wn_series){.arm = (int)(subject->arm - r->scenario->arm),
                            .subject = subject->number,
                            .day_start = subject->day_start,
                            .n_day = subject->n_day,
                            .batch = batch};
    }
  }
  r->tally = wn_alloc((size_t)r->result->n_series * sizeof *r->tally);
  r->status = wn_alloc((size_t)r->plan.n_batch * sizeof *r->status);
  return r->tally && r->status ? WN_OK : wn_fail_memory(err);
}

// one subject by itself; a failure is its own
static wn_status run_alone(run *r, const int *order, wn_error *err) {
  wn_tally *tally = &r->tally[order[0]];
  wn_series *series = &r->result->series[order[0]];
  tally->windows.n = tally->metrics.n = 0;
  wn_status status = wn_loop_run(&r->view.result, r->subjects, order, 1, &r->solver, r->tally, err);
  if (status != WN_ERR_RUN) return status;
  series->status = WN_ERR_RUN;
  size_t length = strnlen(err->message, sizeof series->message - 1);
  memcpy(series->message, err->message, length);
  series->message[length] = 0;
  return WN_OK;
}

// those that cannot run go to the end; returns how many can
static int sort_refused(const wn_subject *subjects, int *order, int n) {
  int n_good = 0;
  for (int i = 0; i < n; i++) {
    int one = order[i];
    if (subjects[one].refused) continue;
    order[i] = order[n_good];
    order[n_good++] = one;
  }
  return n_good;
}

// a batch in which a lane fails is run again lane by lane, so that only the culprit fails
static wn_status run_batch(run *r, int batch, wn_error *err) {
  if (wn_interrupt_get()) return wn_fail(err, WN_ERR_INTERRUPT, "interrupted");
  int *order = r->plan.order + r->plan.first[batch];
  int n = r->plan.first[batch + 1] - r->plan.first[batch], n_good = sort_refused(r->subjects, order, n), done = 0;
  if (n_good > 1) {
    wn_status status = wn_loop_run(&r->view.result, r->subjects, order, n_good, &r->solver, r->tally, err);
    if (status && status != WN_ERR_RUN) return status;
    if (!status) done = n_good;
  }
  for (int i = done; i < n; i++) WN_TRY(run_alone(r, order + i, err));
  return WN_OK;
}

static void task(void *context, int worker, int index) {
  run *r = context;
  wn_error error;
  r->status[index] = run_batch(r, index, &error);
  if (!r->status[index]) return;
  if (r->error_batch[worker] >= 0 && r->error_batch[worker] < index) return;
  r->error_batch[worker] = index;
  r->error[worker] = error;
}

// the error of the first failing batch, whoever ran it
static wn_status first_error(const run *r, int n_thread, wn_error *err) {
  int first = -1;
  for (int worker = 0; worker < n_thread; worker++) {
    if (r->error_batch[worker] < 0) continue;
    if (first < 0 || r->error_batch[worker] < r->error_batch[first]) first = worker;
  }
  if (first < 0) return WN_OK;
  if (err) *err = r->error[first];
  return r->status[r->error_batch[first]];
}

static wn_status run_batches(run *r, int n_thread, wn_error *err) {
  if (n_thread == 0) n_thread = wn_pool_cores();
  if (n_thread > r->plan.n_batch) n_thread = r->plan.n_batch;
  r->error = wn_alloc((size_t)n_thread * sizeof *r->error);
  r->error_batch = wn_alloc((size_t)n_thread * sizeof *r->error_batch);
  if (!r->error || !r->error_batch) return wn_fail_memory(err);
  for (int worker = 0; worker < n_thread; worker++) r->error_batch[worker] = -1;
  wn_pool_run(n_thread, r->plan.n_batch, task, r);
  return first_error(r, n_thread, err);
}

// windows and metrics of all series, in their order
static wn_status merge(run *r, wn_error *err) {
  wn_result *result = r->result;
  int64_t n_window = 0, n_metric = 0;
  for (int i = 0; i < result->n_series; i++) {
    n_window += r->tally[i].windows.n;
    n_metric += r->tally[i].metrics.n;
  }
  if (n_window > INT32_MAX || n_metric > INT32_MAX) return wn_fail_memory(err);
  if (!wn_array_grow((void **)&result->windows.data, &result->windows.cap, (int)n_window, sizeof(wn_window)) ||
      !wn_array_grow((void **)&result->metrics.data, &result->metrics.cap, (int)n_metric, sizeof(wn_metric)))
    return wn_fail_memory(err);
  for (int i = 0; i < result->n_series; i++) {
    wn_tally *tally = &r->tally[i];
    for (int k = 0; k < tally->windows.n; k++) result->windows.data[result->windows.n++] = tally->windows.data[k];
    for (int k = 0; k < tally->metrics.n; k++) result->metrics.data[result->metrics.n++] = tally->metrics.data[k];
    // what was copied need not be held twice
    WN_ARRAY_FREE(&tally->windows);
    WN_ARRAY_FREE(&tally->metrics);
  }
  return WN_OK;
}

static void run_free(run *r) {
  int n_series = wn_scenario_n_series(r->scenario);
  for (int i = 0; r->tally && i < n_series; i++) {
    WN_ARRAY_FREE(&r->tally[i].windows);
    WN_ARRAY_FREE(&r->tally[i].metrics);
  }
  wn_free(r->tally);
  wn_free(r->status);
  wn_free(r->error);
  wn_free(r->error_batch);
  wn_plan_free(&r->plan);
  wn_view_free(&r->view);
  wn_subjects_destroy(r->subjects, n_series);
}

// Evaluations of the equations an hour of a lane takes, about: W3 at 1e-6 takes 44 by rk, 27 by rosenbrock, 21 by bdf.
static double evals_per_hour(const char *solver) {
  return strcmp(solver, "rk") == 0 || strcmp(solver, "explicit") == 0 ? 44 : 25;
}

// Machine code for the widest batches, where so many of them are to run that it pays. Exact solutions do without.
static void make_native(const run *r, int n_thread) {
  if (strcmp(r->solver.name, "exact") == 0) return;
  int most = 0;
  for (int batch = 0; batch < r->plan.n_batch; batch++) {
    int n = r->plan.first[batch + 1] - r->plan.first[batch];
    if (n > most) most = n;
  }
  double hours = r->scenario->t_end - r->scenario->t_start;
  int width = wn_batch_width(most, wn_loop_needs_baseline(r->scenario));
  if (n_thread == 0) n_thread = wn_pool_cores();
  if (n_thread > r->plan.n_batch) n_thread = r->plan.n_batch;
  double evals = evals_per_hour(r->solver.name) * hours * r->result->n_series / n_thread;
  wn_model_native(r->view.scenario.model, width, evals);
}

static wn_status simulate(run *r, const wn_run_def *def, wn_error *err) {
  WN_TRY(wn_subjects_create(r->scenario, &r->subjects, err));
  WN_TRY(make_result(r->scenario, def, &r->result, err));
  WN_TRY(wn_view_init(&r->view, r->result, r->subjects, def->whole, err));
  WN_TRY(choose_solver(r, def, err));
  WN_TRY(make_plan(r, def, err));
  make_native(r, def->n_thread);
  WN_TRY(run_batches(r, def->n_thread, err));
  return merge(r, err);
}

wn_status wn_simulate(const wn_scenario *scenario, const wn_run_def *def, wn_result **result, wn_error *err) {
  *result = NULL;
  run r = {.scenario = scenario};
  WN_TRY(check(scenario, def, err));
  wn_status status = simulate(&r, def, err);
  run_free(&r);
  if (status) {
    wn_result_destroy(r.result);
  } else {
    *result = r.result;
  }
  return status;
}

// simulate.c - a scenario becomes a result: subjects, batches on threads, series put together. Invariant: what is
// written of a subject does not depend on who runs it beside whom; so the result
// has the same bits for any number of threads. It must not know how a batch is advanced.

#include "sim/simulate.h"

#include "base/pool.h"
#include "sim/batch.h"
#include "sim/loop.h"
#include "sim/scenario_run.h"
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
  int n_thread;       // that work
  int n_place;        // subjects side by side
  int *order;         // [n_series] who runs; then those that cannot
  wn_queue queue;     // from which all threads take
  wn_tally *tally;    // [n_series]
  wn_status *status;  // [n_thread]
  wn_error *error;    // [n_thread] of the worker's first failing task
  int *error_task;    // [n_thread] that task, -1 none
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
    WN_TRY(wn_scenario_choose(&r->view.scenario, r->subjects, &r->solver.name, result->reason, err));
  } else {
    snprintf(result->reason, sizeof result->reason, "asked for");
  }
  snprintf(result->solver, sizeof result->solver, "%s", r->solver.name);
  return WN_OK;
}

static void set_series(run *r, const wn_subject *subject) {
  wn_series *series = &r->result->series[subject->series];
  *series = (wn_series){.arm = (int)(subject->arm - r->scenario->arm),
                        .subject = subject->number,
                        .day_start = subject->day_start,
                        .n_day = subject->n_day};
}

// those that can run, then the others
static void sort_subjects(run *r) {
  int n = 0, n_series = r->result->n_series;
  for (int refused = 0; refused < 2; refused++) {
    for (int i = 0; i < n_series; i++)
      if ((r->subjects[i].refused != NULL) == refused) r->order[n++] = i;
    if (!refused) r->queue = (wn_queue){.order = r->order, .n = n};
  }
}

// who runs, how many side by side, and an entry per series
static wn_status make_plan(run *r, const wn_run_def *def, wn_error *err) {
  const int n = r->result->n_series, lanes = wn_scenario_needs_baseline(r->scenario) ? 2 : 1;
  const int width = wn_solver_is_serial(r->solver.name) && def->max_width > WN_LANES ? WN_LANES : def->max_width;
  r->n_thread = def->n_thread > 0 ? def->n_thread : wn_pool_cores();
  if (r->n_thread > n) r->n_thread = n;
  r->n_place = wn_queue_places(n, r->n_thread, width / lanes > 0 ? width / lanes : 1);
  r->order = wn_alloc((size_t)n * sizeof *r->order);
  r->tally = wn_alloc((size_t)n * sizeof *r->tally);
  r->status = wn_alloc((size_t)r->n_thread * sizeof *r->status);
  if (!r->order || !r->tally || !r->status) return wn_fail_memory(err);
  sort_subjects(r);
  for (int i = 0; i < n; i++) set_series(r, &r->subjects[i]);
  return WN_OK;
}

static wn_status run_together(void *context, wn_queue *queue, int n_place, int *left, wn_error *err) {
  run *r = context;
  return wn_scenario_run(&r->view.result, r->subjects, queue, n_place, &r->solver, r->tally, left, err);
}

static wn_status run_by(run *r, int subject, const wn_solver_def *solver, wn_error *err) {
  wn_queue queue = {.order = &subject, .n = 1};
  int left[1];
  r->tally[subject].windows.n = r->tally[subject].metrics.n = 0;
  return wn_scenario_run(&r->view.result, r->subjects, &queue, 1, solver, r->tally, left, err);
}

// A subject that the solver gave up on is tried with another; where that gives up as well, what is kept is the first
// one's. *status is left as it was found then.
static wn_status try_second(run *r, int subject, wn_status *status, wn_error *err) {
  wn_error why = {0};
  wn_solver_def solver = r->solver;
  solver.name = wn_solver_second(r->solver.name);
  if (!solver.name || r->subjects[subject].refused) return WN_OK;
  const wn_status second = run_by(r, subject, &solver, &why);
  if (second == WN_OK) {
    r->result->series[subject].second = solver.name;
    *status = WN_OK;
    return WN_OK;
  }
  // (what was written of it is the first one's again)
  const wn_status again = second == WN_ERR_RUN ? run_by(r, subject, &r->solver, &why) : second;
  if (again && again != WN_ERR_RUN && err) *err = why;
  return again == WN_ERR_RUN ? WN_OK : again;
}

// one subject by itself; a failure is its own
static wn_status run_alone(void *context, int subject, wn_error *err) {
  run *r = context;
  wn_series *series = &r->result->series[subject];
  wn_status status = run_by(r, subject, &r->solver, err);
  if (status == WN_ERR_RUN) WN_TRY(try_second(r, subject, &status, err));
  if (status != WN_ERR_RUN) return status;
  series->status = WN_ERR_RUN;
  size_t length = strnlen(err->message, sizeof series->message - 1);
  memcpy(series->message, err->message, length);
  series->message[length] = 0;
  return WN_OK;
}

static wn_status run_task(run *r, int index, wn_error *err) {
  static const wn_queue_work work = {run_together, run_alone};
  const int n_place = r->n_place < r->queue.n ? r->n_place : r->queue.n;
  wn_status status = wn_queue_run(&r->queue, n_place, &work, r, err);
  // those that cannot run say so
  for (int i = r->queue.n; !status && index == 0 && i < r->result->n_series; i++)
    status = run_alone(r, r->order[i], err);
  return status;
}

static void task(void *context, int worker, int index) {
  run *r = context;
  wn_error error;
  r->status[index] = run_task(r, index, &error);
  if (!r->status[index]) return;
  if (r->error_task[worker] >= 0 && r->error_task[worker] < index) return;
  r->error_task[worker] = index;
  r->error[worker] = error;
}

// the error of the first failing task, whoever ran it
static wn_status first_error(const run *r, wn_error *err) {
  int first = -1;
  for (int worker = 0; worker < r->n_thread; worker++) {
    if (r->error_task[worker] < 0) continue;
    if (first < 0 || r->error_task[worker] < r->error_task[first]) first = worker;
  }
  if (first < 0) return WN_OK;
  if (err) *err = r->error[first];
  return r->status[r->error_task[first]];
}

static wn_status run_tasks(run *r, wn_error *err) {
  r->error = wn_alloc((size_t)r->n_thread * sizeof *r->error);
  r->error_task = wn_alloc((size_t)r->n_thread * sizeof *r->error_task);
  if (!r->error || !r->error_task) return wn_fail_memory(err);
  for (int worker = 0; worker < r->n_thread; worker++) r->error_task[worker] = -1;
  wn_pool_run(r->n_thread, r->n_thread, task, r);
  return first_error(r, err);
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
  wn_free(r->order);
  wn_free(r->tally);
  wn_free(r->status);
  wn_free(r->error);
  wn_free(r->error_task);
  wn_view_free(&r->view);
  wn_subjects_destroy(r->subjects, n_series);
}

static void make_native(const run *r) {
  const int n_place = r->n_place < r->queue.n ? r->n_place : r->queue.n;
  const double hours = (r->scenario->t_end - r->scenario->t_start) * r->result->n_series / r->n_thread;
  if (n_place > 0)
    wn_loop_native(r->view.scenario.model, r->solver.name,
                   wn_batch_width(n_place, wn_scenario_needs_baseline(r->scenario)), hours);
}

static wn_status simulate(run *r, const wn_run_def *def, wn_error *err) {
  WN_TRY(wn_subjects_create(r->scenario, &r->subjects, err));
  WN_TRY(make_result(r->scenario, def, &r->result, err));
  WN_TRY(wn_view_init(&r->view, r->result, r->subjects, def->whole, err));
  WN_TRY(choose_solver(r, def, err));
  WN_TRY(make_plan(r, def, err));
  make_native(r);
  WN_TRY(run_tasks(r, err));
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

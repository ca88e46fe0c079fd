// local.c - local sensitivities of a scenario: the run itself, then every arm once more with its sensitivities, looking
// at the times the run has named. Invariant: what an arm writes depends on that arm only. It must not know files.

#include "sim/local.h"

#include "base/pool.h"
#include "model/provenance.h"
#include "sim/local_metrics.h"

#include <math.h>
#include <string.h>

static void add_output(int *list, int *n, int output) {
  for (int i = 0; i < *n; i++)
    if (list[i] == output) return;
  list[(*n)++] = output;
}

// parameters that reach the outputs looked at
static wn_status reach(const wn_model *model, const int *output, int n_output, int *param, int *n_param,
                       wn_error *err) {
  unsigned char *used = wn_alloc((size_t)model->n_param + 1);
  if (!used) return wn_fail_memory(err);
  wn_status status = wn_model_reached(model, output, n_output, used, err);
  for (int i = 0; i < model->n_param && !status; i++)
    if (used[i]) param[(*n_param)++] = i;
  wn_free(used);
  return status;
}

static wn_status make_motion(wn_local *local, const wn_local_def *def, wn_error *err) {
  const wn_scenario *s = local->scenario;
  const wn_model *model = s->model;
  int *output = wn_alloc(((size_t)(s->n_watch + s->n_window) + 1) * sizeof(int)), n_output = 0;
  int *param = wn_alloc(((size_t)model->n_param + 1) * sizeof(int)), n_param = 0;
  wn_status status = output && param ? WN_OK : wn_fail_memory(err);
  for (int i = 0; i < s->n_watch && !status; i++) add_output(output, &n_output, s->watch[i]);
  for (int w = 0; w < s->n_window && !status; w++) add_output(output, &n_output, s->window[w].output);
  if (!status && def->n_param == 0) status = reach(model, output, n_output, param, &n_param, err);
  if (!status)
    status = wn_motion_create(model, def->n_param ? def->param : param, def->n_param ? def->n_param : n_param, output,
                              n_output, &local->motion, err);
  wn_free(output);
  wn_free(param);
  return status;
}

// ---- one arm a task

typedef struct work {
  const wn_local_def *def;
  const wn_local *local;
  wn_subject *subjects;
  wn_local_plan *plan;  // [n_arm]
  wn_status *status;    // [n_arm]
  wn_error *error;      // [n_arm]
} work;

static void run_arm(void *context, int worker, int arm) {
  (void)worker;
  work *w = context;
  wn_local_plan *plan = &w->plan[arm];
  plan->task.rtol = w->def->run.solver.rtol;
  plan->task.atol = w->def->run.solver.atol;
  w->status[arm] = wn_local_run(&plan->task, &w->error[arm]);
}

static wn_status keep(wn_local *local, const wn_local_plan *plan, int arm, wn_error *err) {
  size_t n = (size_t)local->n_sens;
  double *by = wn_arena_alloc(local->arena, n * (size_t)plan->entries.n * sizeof *by + 1);
  if (!by) return wn_fail_memory(err);
  for (int i = 0; i < plan->entries.n; i++, by += n) {
    wn_local_derive(plan, i, by);
    wn_local_metric row = {.arm = arm, .metric = plan->entries.data[i].metric, .by = by};
    if (!WN_PUSH(&local->metrics, row)) return wn_fail_memory(err);
  }
  return WN_OK;
}

static wn_status run_arms(wn_local *local, work *w, wn_error *err) {
  const wn_scenario *s = local->scenario;
  for (int arm = 0; arm < s->n_arm; arm++) WN_TRY(wn_local_plan_make(&w->plan[arm], local, &w->subjects[arm], err));
  int n_thread = w->def->run.n_thread ? w->def->run.n_thread : wn_pool_cores();
  wn_pool_run(n_thread, s->n_arm, run_arm, w);
  for (int arm = 0; arm < s->n_arm; arm++) {
    if (w->status[arm]) {
      if (err) *err = w->error[arm];
      return w->status[arm] == WN_ERR_RUN ? wn_fail_prefix(err, "arm %s", s->arm[arm].name) : w->status[arm];
    }
    WN_TRY(keep(local, &w->plan[arm], arm, err));
  }
  return WN_OK;
}

static wn_status make_work(wn_local *local, const wn_local_def *def, wn_error *err) {
  size_t n = (size_t)local->scenario->n_arm;
  work w = {.def = def, .local = local};
  w.plan = wn_alloc(n * sizeof *w.plan);
  w.status = wn_alloc(n * sizeof *w.status);
  w.error = wn_alloc(n * sizeof *w.error);
  wn_status status = w.plan && w.status && w.error ? WN_OK : wn_fail_memory(err);
  if (!status) status = wn_subjects_create(local->scenario, &w.subjects, err);
  if (!status) status = run_arms(local, &w, err);
  for (size_t arm = 0; arm < n && w.plan; arm++) wn_local_plan_free(&w.plan[arm]);
  wn_subjects_destroy(w.subjects, (int)n);
  wn_free(w.plan);
  wn_free(w.status);
  wn_free(w.error);
  return status;
}

// the run that makes the metrics; a failed arm has none to derive
static wn_status simulate(wn_local *local, const wn_local_def *def, wn_error *err) {
  wn_run_def run = def->run;
  run.keep_trajectories = WN_KEEP_NONE;
  run.brief = false;
  WN_TRY(wn_simulate(local->scenario, &run, &local->result, err));
  for (int i = 0; i < local->result->n_series; i++) {
    const wn_series *series = &local->result->series[i];
    if (series->status)
      return wn_fail(err, series->status, "arm %s: %s", local->scenario->arm[series->arm].name, series->message);
  }
  return WN_OK;
}

wn_status wn_local_create(const wn_scenario *scenario, const wn_local_def *def, wn_local **local, wn_error *err) {
  *local = NULL;
  if (wn_scenario_n_subject(scenario) > 1)
    return wn_fail(err, WN_ERR_USER, "local sensitivities are of the typical individual; leave the number out");
  wn_local *l = wn_alloc(sizeof *l);
  if (!l) return wn_fail_memory(err);
  l->scenario = scenario;
  l->arena = wn_arena_create();
  wn_status status = l->arena ? simulate(l, def, err) : wn_fail_memory(err);
  if (!status) status = make_motion(l, def, err);
  if (!status) l->n_sens = wn_local_n_sens(l->motion);
  if (!status) status = make_work(l, def, err);
  if (status) {
    wn_local_destroy(l);
    return status;
  }
  *local = l;
  return WN_OK;
}

void wn_local_destroy(wn_local *local) {
  if (!local) return;
  WN_ARRAY_FREE(&local->metrics);
  wn_motion_destroy(local->motion);
  wn_result_destroy(local->result);
  wn_arena_destroy(local->arena);
  wn_free(local);
}

double wn_local_value(const wn_local *local, int arm, int k) {
  return k < local->motion->n_param ? local->scenario->arm[arm].param[local->motion->param[k]] : 1;
}

const char *wn_local_name(const wn_local *local, int k) {
  return k < local->motion->n_param ? local->scenario->model->param[local->motion->param[k]].name : "all doses";
}

double wn_local_slope(const wn_local *local, const wn_local_metric *metric, int k) {
  double value = wn_local_value(local, metric->arm, k);
  return value != 0 ? metric->by[k] / value : metric->by[k];
}

double wn_local_elasticity(const wn_local *local, const wn_local_metric *metric, int k) {
  // a clock time is counted from a midnight that means nothing
  bool is_clock =
      strcmp(metric->metric.quantity, "window_start") == 0 || strcmp(metric->metric.quantity, "window_end") == 0;
  bool is_zero = wn_local_value(local, metric->arm, k) == 0 || metric->metric.value == 0;
  return is_zero || is_clock ? NAN : metric->by[k] / metric->metric.value;
}

// simulate_row.c - all of wn_simulate on the cases: one arm a subject, trajectories kept, every metric made. What the
// engine costs as everybody runs it, beside its solvers alone. Must not know what the equations say.
#include "rows.h"
#include "sim/simulate.h"
#include <math.h>
#include <string.h>

static wn_status make_arm(const wn_bench_job *job, int subject, int route, wn_scenario *scenario, wn_error *err) {
  const wn_bench_case *c = job->c;
  wn_arm *arm = &scenario->arm[subject];
  *arm = (wn_arm){.day_start = NAN};
  arm->label = arm->name = wn_arena_printf(scenario->arena, "s%d", subject + 1);
  arm->param = wn_arena_alloc(scenario->arena, (size_t)job->model->n_param * sizeof(double));
  if (!arm->label || !arm->param) return wn_fail_memory(err);
  wn_model_defaults(job->model, -1, arm->param);
  for (int i = 0; i < c->n_param; i++) {
    const int index = wn_model_find_param(job->model, c->param[i].name);
    arm->param[index] = job->param[(size_t)subject * (size_t)c->n_param + (size_t)i];
  }
  const wn_dose dose = {
      .time = c->record_first, .route = route, .amount = c->record_amount, .ii = c->dose_every, .addl = c->n_dose - 1};
  return WN_PUSH(&arm->doses, dose) ? WN_OK : wn_fail_memory(err);
}

static wn_status make_scenario(const wn_bench_job *job, wn_scenario *scenario, wn_error *err) {
  const wn_bench_case *c = job->c;
  const wn_model *model = job->model;
  int route;
  WN_TRY(wn_model_require_route(model, c->state[c->dose_state], &route, err));
  scenario->arm = wn_arena_alloc(scenario->arena, (size_t)job->n_subject * sizeof(wn_arm));
  scenario->watch = wn_arena_alloc(scenario->arena, (size_t)model->n_output * sizeof(int));
  if (!scenario->arm || !scenario->watch) return wn_fail_memory(err);
  for (; scenario->n_arm < job->n_subject; scenario->n_arm++)
    WN_TRY(make_arm(job, scenario->n_arm, route, scenario, err));
  for (int i = 0; i < model->n_output; i++) scenario->watch[scenario->n_watch++] = i;
  scenario->n_window = model->n_window;
  scenario->window = model->window;
  scenario->t_end = scenario->plot_to = wn_bench_time(c, c->n_time - 1);
  scenario->every = c->every;
  scenario->night_from = 23, scenario->night_to = 7;
  return WN_OK;
}

// the states of the result, in the order of the block (width 1)
static void copy_out(const wn_bench_job *job, const wn_result *result) {
  const wn_bench_case *c = job->c;
  const int n = job->n_copied > 0 ? job->n_copied : job->n_subject;
  for (int subject = 0; subject < n; subject++) {
    const double *from = result->value + (size_t)subject * (size_t)result->n_column * (size_t)result->n_time;
    double *to = job->block + wn_bench_size(c, subject, 1);
    for (int k = 0; k < c->n_time; k++)
      for (int i = 0; i < c->n_state; i++) *to++ = from[(size_t)i * (size_t)result->n_time + (size_t)k];
  }
}

static void add(wn_bench_cost *cost, const wn_solver_stats *stats) {
  cost->n_step += stats->n_step, cost->n_rhs += stats->n_rhs;
  cost->n_jacobian += stats->n_jacobian, cost->n_factor += stats->n_factor;
  cost->n_restart += stats->n_restart, cost->n_fail += stats->n_error_fail + stats->n_newton_fail;
}

// As other rows count: what series took by themselves, as many lanes as there are took together.
static void count(wn_bench_job *job, const wn_result *result) {
  wn_bench_cost sum = {0};
  for (int i = 0; i < result->n_series; i++) add(&sum, &result->series[i].stats);
  const long lanes = job->width;
  job->cost.n_step += sum.n_step / lanes, job->cost.n_rhs += sum.n_rhs / lanes;
  job->cost.n_jacobian += sum.n_jacobian / lanes, job->cost.n_factor += sum.n_factor / lanes;
  job->cost.n_restart += sum.n_restart / lanes, job->cost.n_fail += sum.n_fail / lanes;
}

static const char *chosen(const wn_result *result) {
  for (int i = 0; i < wn_solver_n_type(); i++)
    if (strcmp(wn_solver_types[i].name, result->solver) == 0) return wn_solver_types[i].name;
  return NULL;
}

static wn_status simulate(const char *solver, wn_bench_job *job, const wn_scenario *scenario, wn_error *err) {
  wn_run_def def = wn_run_default();
  def.solver.name = solver, def.solver.rtol = job->rtol, def.solver.atol = job->atol;
  def.n_thread = job->n_thread;
  def.max_width = job->width;
  wn_result *result = NULL;
  WN_TRY(wn_simulate(scenario, &def, &result, err));
  wn_status status = WN_OK;
  for (int i = 0; i < result->n_series && !status; i++)
    if (result->series[i].status) status = wn_fail(err, WN_ERR_RUN, "%s", result->series[i].message);
  if (!status && result->n_time != job->c->n_time)
    status = wn_fail(err, WN_ERR_RUN, "%s: expected %d outputs, got %d", job->c->name, job->c->n_time, result->n_time);
  if (!status && job->block) copy_out(job, result);
  count(job, result);
  job->chosen = chosen(result);
  wn_result_destroy(result);
  return status;
}

wn_status wn_bench_simulate(const char *solver, wn_bench_job *job, wn_error *err) {
  wn_scenario *scenario = wn_alloc(sizeof *scenario);
  if (!scenario) return wn_fail_memory(err);
  *scenario =
      (wn_scenario){.arena = wn_arena_create(), .model = job->model, .name = "bench", .title = "", .caption = ""};
  wn_status status = scenario->arena ? make_scenario(job, scenario, err) : wn_fail_memory(err);
  if (!status) status = simulate(solver, job, scenario, err);
  wn_scenario_destroy(scenario);
  return status;
}

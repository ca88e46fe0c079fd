// profile.c - see profile.h. A timer looks four thousand times a second at what the run says it is doing; wrappers cost
// a few stores a call, so shares are those of the undisturbed run but for the cheapest vector operations.
#include "profile.h"
#include "base/memory.h"
#include "sim/lanes.h"
#include "solve/pace_ops.h"
#include <math.h>
#include <signal.h>
#include <string.h>
#include <time.h>

const char *const wn_bench_part_names[WN_N_PART] = {"stepper", "rhs",    "Jacobian", "LU factor", "LU solve",
                                                    "vectors", "output", "restart",  "setup"};

static volatile long samples[WN_N_PART];

static void look(int signal) {
  (void)signal;
  samples[wn_bench_part]++;
}

static bool start_timer(timer_t *timer) {
  struct sigaction action = {.sa_handler = look, .sa_flags = SA_RESTART};
  struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGPROF};
  // not a divisor of anything that repeats in a run
  const struct itimerspec every = {{0, 251003}, {0, 251003}};
  for (int i = 0; i < WN_N_PART; i++) samples[i] = 0;
  return !sigaction(SIGPROF, &action, NULL) && !timer_create(CLOCK_MONOTONIC, &event, timer) &&
         !timer_settime(*timer, 0, &every, NULL);
}

wn_status wn_bench_profile(const wn_bench_result *row, double seconds, double *share, long *n_sample, wn_error *err) {
  const wn_bench_case *c = row->setup->c;
  const int n = row->method->kind == WN_BENCH_BY_HAND ? 16 : 2 * row->width;
  double *block = wn_alloc_doubles(wn_bench_size(c, n, row->width));
  if (!block) return wn_fail_memory(err);
  wn_bench_job job = {.c = c,
                      .model = row->setup->model,
                      .param = row->setup->param,
                      .n_subject = n,
                      .block = block,
                      .width = row->width,
                      .n_thread = 1,
                      .rtol = row->rtol,
                      .atol = row->atol};
  timer_t timer;
  wn_bench_watch_vectors = true;
  wn_status status = start_timer(&timer) ? WN_OK : wn_fail(err, WN_ERR_RUN, "profile: no timer");
  if (!status) {
    for (const double start = wn_bench_clock(); !status && wn_bench_clock() - start < seconds;)
      status = wn_bench_run(row->method, &job, err);
    timer_delete(timer);
  }
  wn_bench_watch_vectors = false;
  wn_free(block);
  *n_sample = 0;
  for (int i = 0; i < WN_N_PART; i++) *n_sample += samples[i];
  for (int i = 0; i < WN_N_PART; i++) share[i] = (double)samples[i] / (double)*n_sample;
  return status;
}

// What one call costs: the fastest of several rounds, in ns.
typedef struct bed {
  wn_lanes lanes;
  wn_system system;
  double *jacobian, *factors, *vector, *stream;
  size_t n, n_stream;
} bed;

typedef void bed_call(bed *b, int i);

static void call_rhs(bed *b, int i) {
  b->system.rhs(b->system.context, wn_lanes_at(&b->lanes, 0.37 + i * 1e-3), b->lanes.state, b->lanes.slope);
}

static void call_jacobian(bed *b, int i) {
  b->system.jacobian(b->system.context, wn_lanes_at(&b->lanes, 0.37 + i * 1e-3), b->lanes.state, b->jacobian);
}

static void call_factor(bed *b, int i) {
  double *gamma = b->vector;  // free until the next solve
  for (int lane = 0; lane < b->lanes.width; lane++) gamma[lane] = 0.01 + 1e-6 * i;
  wn_lu_factor(b->lanes.model->lu, b->lanes.width, gamma, b->jacobian, b->factors);
}

static void call_solve(bed *b, int i) {
  (void)i;
  memcpy(b->vector, b->lanes.slope, b->n * sizeof(double));
  wn_lu_solve(b->lanes.model->lu, b->lanes.width, b->factors, b->vector);
}

static void call_vector(bed *b, int i) {
  (void)i;
  const wn_terms terms = {.n = 1, .c = {1}, .x = {b->lanes.slope}};
  wn_pace_ops_get(b->lanes.width)->add(b->lanes.model->n_state, b->lanes.width, b->lanes.state, &terms, b->vector);
}

static void call_copy(bed *b, int i) {
  const size_t rows = b->n_stream / b->n;
  memcpy(b->stream + (size_t)i % rows * b->n, b->lanes.state, b->n * sizeof(double));
}

static double cost_of(bed *b, bed_call *call, int n) {
  double best = HUGE_VAL;
  for (int round = 0; round < 7; round++) {
    const double start = wn_bench_cpu();
    for (int i = 0; i < n; i++) call(b, i);
    best = fmin(best, wn_bench_cpu() - start);
  }
  return best / n * 1e9;
}

static void bed_fill(bed *b, const wn_bench_setup *setup, double *all) {
  const wn_bench_case *c = setup->c;
  const int width = b->lanes.width;
  wn_model_defaults(setup->model, -1, all);
  for (int lane = 0; lane < width; lane++) {
    const int subject = lane % setup->n_checked;
    for (int i = 0; i < c->n_param; i++)
      all[wn_model_find_param(setup->model, c->param[i].name)] = setup->param[subject * c->n_param + i];
    for (int i = 0; i < setup->model->n_param; i++) b->lanes.param[i * width + lane] = all[i];
    // a third of the way, where all states have something in them
    const double *y = setup->reference + wn_bench_size(c, subject, 1) + (size_t)(c->n_time / 3 * c->n_state);
    for (int i = 0; i < c->n_state; i++) b->lanes.state[i * width + lane] = y[i];
  }
  wn_lanes_bind(&b->lanes);
}

wn_status wn_bench_units(const wn_bench_setup *setup, int width, wn_bench_unit_costs *costs, wn_error *err) {
  const wn_model *model = setup->model;
  bed b = {.n = (size_t)(model->n_state * width), .n_stream = 16 * 1024 * 1024};
  // as rows have it: machine code, and numbers that are not finite left to the solver
  wn_model_native(model, width, 1e12);
  WN_TRY(wn_lanes_init(&b.lanes, model, width, err));
  b.lanes.is_trusted = true;
  b.jacobian = wn_alloc_doubles((size_t)(model->n_nz * width));
  b.factors = wn_alloc_doubles(wn_lu_workspace(model->lu, width));
  b.vector = wn_alloc_doubles(b.n);
  b.stream = wn_alloc_doubles(b.n_stream);
  double *all = wn_alloc_doubles((size_t)model->n_param);
  const bool is_there = b.jacobian && b.factors && b.vector && b.stream && all;
  if (is_there) {
    bed_fill(&b, setup, all);
    b.system = wn_lanes_system(&b.lanes);
    const int n = 20000;
    costs->rhs = cost_of(&b, call_rhs, n), costs->jacobian = cost_of(&b, call_jacobian, n);
    costs->factor = cost_of(&b, call_factor, n), costs->solve = cost_of(&b, call_solve, n);
    costs->vector = cost_of(&b, call_vector, n);
    memset(b.stream, 0, b.n_stream * sizeof(double));
    costs->copy = cost_of(&b, call_copy, (int)(b.n_stream / b.n));
  }
  wn_free(b.jacobian), wn_free(b.factors), wn_free(b.vector), wn_free(b.stream), wn_free(all);
  wn_lanes_free(&b.lanes);
  return is_there ? WN_OK : wn_fail_memory(err);
}

// wane_rows.c - the engine's lanes and solvers on the cases, without windows and metrics: batches of lanes, doses put
// into the states, outputs read off dense output straight into the block of results. Invariant: parameters are those of
// every other row. Must not know what the equations say.
#include "base/memory.h"
#include "base/pool.h"
#include "worker.h"
#include <stdatomic.h>
#include <string.h>

enum { N_AT_ONCE = 256 };  // outputs asked for together

typedef wn_bench_worker worker;

typedef struct wn_bench_run {
  wn_bench_job *job;
  const char *solver;
  int index[WN_BENCH_MAX_PARAM];  // of the case's parameters in the model
  double *fixed;                  // [n_param of the model] the model's defaults
  worker *workers;
  _Atomic int *next;  // subject of lanes with own clocks, whoever takes it
} run;

// exact has no steps whose number differs between lanes: its batches stay together
bool wn_bench_has_seats(const char *solver) { return strcmp(solver, "exact") != 0; }

static int watched_rhs(void *context, const double *time, const double *y, double *dy) {
  const wn_system *inner = &((worker *)context)->inner;
  const int before = wn_bench_part;
  wn_bench_part = WN_PART_RHS;
  const int failed = inner->rhs(inner->context, time, y, dy);
  wn_bench_part = before;
  return failed;
}

static int watched_series(void *context, const double *time, const double *y, double *coefficients) {
  const wn_system *inner = &((worker *)context)->inner;
  const int before = wn_bench_part;
  wn_bench_part = WN_PART_RHS;
  const int failed = inner->series(inner->context, time, y, coefficients);
  wn_bench_part = before;
  return failed;
}

static int watched_drift(void *context, const double *time, const double *y, double *slope) {
  const wn_system *inner = &((worker *)context)->inner;
  const int before = wn_bench_part;
  wn_bench_part = WN_PART_JACOBIAN;
  const int failed = inner->drift(inner->context, time, y, slope);
  wn_bench_part = before;
  return failed;
}

static int watched_jacobian(void *context, const double *time, const double *y, double *values) {
  const wn_system *inner = &((worker *)context)->inner;
  const int before = wn_bench_part;
  wn_bench_part = WN_PART_JACOBIAN;
  const int failed = inner->jacobian(inner->context, time, y, values);
  wn_bench_part = before;
  return failed;
}

// A batch has a solver of its own, as in a run: what SUNDIALS has learnt from another batch would change bits.
static wn_status make_solver(worker *w, const run *r) {
  const wn_bench_job *job = r->job;
  wn_system system = w->inner;
  system.context = w;
  system.rhs = watched_rhs;
  system.jacobian = watched_jacobian;
  if (system.drift) system.drift = watched_drift;
  if (system.series) system.series = watched_series;
  wn_solver_def def = wn_solver_default();
  def.name = r->solver, def.rtol = job->rtol, def.atol = job->atol;
  // as scenarios have it
  w->lanes.is_trusted = true;
  def.floor = 1e-3;
  return wn_solver_create(&system, &def, &w->solver, &w->err);
}

static wn_status worker_init(worker *w, const run *r) {
  w->run = r;
  WN_TRY(wn_lanes_init(&w->lanes, r->job->model, r->job->width, &w->err));
  w->inner = wn_lanes_system(&w->lanes);
  return wn_bench_seats_create(w, r->job);
}

static void keep_counts(worker *w) {
  wn_solver_stats stats = {0};
  if (!w->solver) return;
  wn_solver_stats_get(w->solver, &stats);
  wn_bench_cost *cost = &w->cost;
  cost->n_step += stats.n_step, cost->n_rhs += stats.n_rhs, cost->n_jacobian += stats.n_jacobian;
  cost->n_factor += stats.n_factor, cost->n_restart += stats.n_restart;
  cost->n_fail += stats.n_error_fail + stats.n_newton_fail;
  wn_solver_destroy(w->solver);
  w->solver = NULL;
}

static void worker_free(worker *w) {
  wn_bench_seats_destroy(w);
  wn_solver_destroy(w->solver);
  wn_lanes_free(&w->lanes);
}

int wn_bench_next_subject(worker *w) {
  const int subject = atomic_fetch_add_explicit(w->run->next, 1, memory_order_relaxed);
  return subject < w->run->job->n_subject ? subject : -1;
}

void wn_bench_fill(worker *w, int lane, int subject) {
  const run *r = w->run;
  const wn_bench_job *job = r->job;
  const int width = job->width;
  const double *from = job->param + (size_t)subject * (size_t)job->c->n_param;
  for (int i = 0; i < job->model->n_param; i++) w->lanes.param[i * width + lane] = r->fixed[i];
  for (int i = 0; i < job->c->n_param; i++) w->lanes.param[r->index[i] * width + lane] = from[i];
}

// the batch's subjects; lanes without one repeat the last
static void fill_batch(worker *w, const run *r, int first) {
  for (int lane = 0; lane < r->job->width; lane++)
    wn_bench_fill(w, lane, first + lane < r->job->n_subject ? first + lane : r->job->n_subject - 1);
  wn_lanes_bind(&w->lanes);
  wn_lanes_start(&w->lanes, 0);
}

// From one event to the next, all lanes in one jump; outputs in between go to `row`, `next` is the number of the next.
static wn_status leg(worker *w, const wn_bench_job *job, double from, double to, double **row, int *next) {
  const wn_bench_case *c = job->c;
  const size_t size = (size_t)c->n_state * (size_t)job->width;
  double begins[WN_BENCH_MOST_LANE], ends[WN_BENCH_MOST_LANE];
  for (int lane = 0; lane < job->width; lane++) begins[lane] = from, ends[lane] = to;
  wn_bench_part = WN_PART_RESTART;
  WN_TRY(wn_solver_begin(w->solver, NULL, begins, ends, w->lanes.state, &w->err));
  wn_bench_part = WN_PART_SOLVER;
  WN_TRY(wn_solver_advance(w->solver, &w->err));
  wn_bench_part = WN_PART_OUTPUT;
  for (;;) {
    double at[N_AT_ONCE];
    int n = 0;
    while (n < N_AT_ONCE && *next < c->n_time && (at[n] = wn_bench_time(c, *next)) < to) ++n, ++*next;
    if (n == 0) break;
    if (!wn_solver_ahead(w->solver, n, at, true, *row))
      return wn_fail(&w->err, WN_ERR_RUN, "%s: %s does not know the way at once", c->name, job->model->name);
    *row += (size_t)n * size;
  }
  wn_bench_part = WN_PART_SOLVER;
  memcpy(w->lanes.state, wn_solver_state(w->solver), size * sizeof(double));
  return WN_OK;
}

static wn_status run_batch(worker *w, const run *r, int batch) {
  const wn_bench_job *job = r->job;
  const wn_bench_case *c = job->c;
  const size_t size = (size_t)c->n_state * (size_t)job->width;
  const double end = wn_bench_time(c, c->n_time - 1);
  double *row = job->block + wn_bench_size(c, batch * job->width, job->width), from = 0;
  int next = 0;
  wn_bench_part = WN_PART_SETUP;
  fill_batch(w, r, batch * job->width);
  for (int dose = 0; dose <= c->n_dose; dose++) {
    const double to = dose < c->n_dose ? wn_bench_dose_time(c, dose) : end;
    wn_bench_part = WN_PART_OUTPUT;
    if (to > from && wn_bench_time(c, next) == from) {
      memcpy(row, w->lanes.state, size * sizeof(double));
      row += size, next++;
    }
    if (to > from) WN_TRY(leg(w, job, from, to, &row, &next));
    from = to;
    for (int lane = 0; lane < job->width && dose < c->n_dose; lane++)
      w->lanes.state[c->dose_state * job->width + lane] += c->dose_amount;
  }
  memcpy(row, w->lanes.state, size * sizeof(double));
  if (next != c->n_time - 1) return wn_fail(&w->err, WN_ERR_RUN, "%s: %d outputs written", c->name, next + 1);
  return WN_OK;
}

static void task(void *context, int index, int batch) {
  const run *r = context;
  worker *w = &r->workers[index];
  if (!w->status) w->status = make_solver(w, r);
  if (!w->status) w->status = wn_bench_has_seats(r->solver) ? wn_bench_seats_run(w) : run_batch(w, r, batch);
  keep_counts(w);
}

static void add_cost(wn_bench_cost *sum, const wn_bench_cost *cost) {
  sum->n_step += cost->n_step, sum->n_rhs += cost->n_rhs, sum->n_jacobian += cost->n_jacobian;
  sum->n_factor += cost->n_factor, sum->n_restart += cost->n_restart, sum->n_fail += cost->n_fail;
  sum->n_taken += cost->n_taken, sum->n_refused += cost->n_refused;
  sum->n_stood += cost->n_stood;
  if (cost->n_slowest > sum->n_slowest) sum->n_slowest = cost->n_slowest;
}

static wn_status run_workers(run *r, wn_error *err) {
  wn_bench_job *job = r->job;
  wn_status status = WN_OK;
  for (int i = 0; i < job->n_thread && !status; i++) status = r->workers[i].status = worker_init(&r->workers[i], r);
  // lanes with own clocks take subjects one by one, those on one clock a batch at a time
  const int n_batch = (job->n_subject + job->width - 1) / job->width;
  if (!status) wn_pool_run(job->n_thread, wn_bench_has_seats(r->solver) ? job->n_thread : n_batch, task, r);
  for (int i = 0; i < job->n_thread; i++) {
    worker *w = &r->workers[i];
    if (w->status) *err = w->err, status = w->status;
    add_cost(&job->cost, &w->cost);
    worker_free(w);
  }
  return status;
}

wn_status wn_bench_lanes(const char *solver, wn_bench_job *job, wn_error *err) {
  _Atomic int next = 0;
  run r = {.job = job, .solver = solver, .next = &next};
  for (int i = 0; i < job->c->n_param; i++)
    WN_TRY(wn_model_require_param(job->model, job->c->param[i].name, &r.index[i], err));
  r.fixed = wn_alloc((size_t)job->model->n_param * sizeof(double));
  r.workers = wn_alloc((size_t)job->n_thread * sizeof(worker));
  wn_status status = r.fixed && r.workers ? WN_OK : wn_fail_memory(err);
  if (!status) {
    wn_model_defaults(job->model, -1, r.fixed);
    // made once, before the clock counts for much: as in a run of many subjects
    wn_model_native(job->model, job->width, 1e12);
    wn_model_native_series(job->model, job->width, 1e12);
    status = run_workers(&r, err);
  }
  wn_free(r.fixed);
  wn_free(r.workers);
  return status;
}

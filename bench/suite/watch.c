// watch.c - what a run is doing, for profiles: the linker puts these wrappers (-Wl,--wrap) around the engine's LU and
// lane vectors, so that the engine itself carries nothing for it. Invariant: a wrapper puts back what it found.
#include "expr/sparse_lu.h"
#include "rows.h"
#include "solve/lane_ops.h"
#include "solve/pace_ops.h"

volatile int wn_bench_part = WN_PART_SOLVER;
bool wn_bench_watch_vectors = false;

// names the linker makes
// NOLINTBEGIN
int __real_wn_lu_factor(const wn_lu *lu, int width, const double *gamma, const double *jac, double *work);
int __wrap_wn_lu_factor(const wn_lu *lu, int width, const double *gamma, const double *jac, double *work);
void __real_wn_lu_solve(const wn_lu *lu, int width, const double *work, double *b);
void __wrap_wn_lu_solve(const wn_lu *lu, int width, const double *work, double *b);
const wn_lane_ops *__real_wn_lane_ops_get(void);
const wn_lane_ops *__wrap_wn_lane_ops_get(void);
const wn_pace_ops *__real_wn_pace_ops_get(int width);
const wn_pace_ops *__wrap_wn_pace_ops_get(int width);

int __wrap_wn_lu_factor(const wn_lu *lu, int width, const double *gamma, const double *jac, double *work) {
  const int before = wn_bench_part;
  wn_bench_part = WN_PART_FACTOR;
  const int failed = __real_wn_lu_factor(lu, width, gamma, jac, work);
  wn_bench_part = before;
  return failed;
}

void __wrap_wn_lu_solve(const wn_lu *lu, int width, const double *work, double *b) {
  const int before = wn_bench_part;
  wn_bench_part = WN_PART_SOLVE;
  __real_wn_lu_solve(lu, width, work, b);
  wn_bench_part = before;
}

// a vector operation inside dense output belongs to it
#define WATCH(call)                                             \
  const int before = wn_bench_part;                             \
  if (before != WN_PART_OUTPUT) wn_bench_part = WN_PART_VECTOR; \
  call;                                                         \
  wn_bench_part = before

static const wn_lane_ops *real;

static void linear_sum(size_t n, double a, const double *x, double b, const double *y, double *z) {
  WATCH(real->linear_sum(n, a, x, b, y, z));
}

static void fill(size_t n, double c, double *z) { WATCH(real->fill(n, c, z)); }

static void scale(size_t n, double c, const double *x, double *z) { WATCH(real->scale(n, c, x, z)); }

static void product(size_t n, const double *x, const double *y, double *z) { WATCH(real->product(n, x, y, z)); }

static void quotient(size_t n, const double *x, const double *y, double *z) { WATCH(real->quotient(n, x, y, z)); }

static void absolute(size_t n, const double *x, double *z) { WATCH(real->absolute(n, x, z)); }

static void inverse(size_t n, const double *x, double *z) { WATCH(real->inverse(n, x, z)); }

static void add_constant(size_t n, const double *x, double b, double *z) { WATCH(real->add_constant(n, x, b, z)); }

static void combine(size_t n, int n_vector, const double *c, const double *const *x, double *z) {
  WATCH(real->combine(n, n_vector, c, x, z));
}

static void scale_add(size_t n, int n_vector, const double *a, const double *x, const double *const *y,
                      double *const *z) {
  WATCH(real->scale_add(n, n_vector, a, x, y, z));
}

static void weights(size_t n, double rtol, double atol, const double *y, double *w) {
  WATCH(real->weights(n, rtol, atol, y, w));
}

static double worst_norm(size_t n_state, size_t width, const double *x, const double *w) {
  WATCH(const double norm = real->worst_norm(n_state, width, x, w));
  return norm;
}

static double max_norm(size_t n, const double *x) {
  WATCH(const double norm = real->max_norm(n, x));
  return norm;
}

static const wn_lane_ops watched = {
    .name = "watched",
    .linear_sum = linear_sum,
    .fill = fill,
    .scale = scale,
    .product = product,
    .quotient = quotient,
    .absolute = absolute,
    .inverse = inverse,
    .add_constant = add_constant,
    .combine = combine,
    .scale_add = scale_add,
    .weights = weights,
    .worst_norm = worst_norm,
    .max_norm = max_norm,
};

const wn_lane_ops *__wrap_wn_lane_ops_get(void) {
  real = __real_wn_lane_ops_get();
  return wn_bench_watch_vectors ? &watched : real;
}

// sums over stages are vector operations; judging errors and planning steps is the stepper's own work
static const wn_pace_ops *pace;
static wn_pace_ops watched_pace;

static void pace_sum(int n, int width, const wn_terms *terms, double *out) { WATCH(pace->sum(n, width, terms, out)); }

static void pace_add(int n, int width, const double *y, const wn_terms *terms, double *out) {
  WATCH(pace->add(n, width, y, terms, out));
}

static void pace_add_scaled(int n, int width, const double *y, const double *h, const wn_terms *terms, double *out) {
  WATCH(pace->add_scaled(n, width, y, h, terms, out));
}

static void pace_stage(int n, int width, const double *g, const double *f, const double *d, const double *drift,
                       const wn_terms *terms, double *out) {
  WATCH(pace->stage(n, width, g, f, d, drift, terms, out));
}

const wn_pace_ops *__wrap_wn_pace_ops_get(int width) {
  pace = __real_wn_pace_ops_get(width);
  if (!wn_bench_watch_vectors) return pace;
  watched_pace = *pace;
  watched_pace.sum = pace_sum, watched_pace.add = pace_add;
  watched_pace.add_scaled = pace_add_scaled, watched_pace.stage = pace_stage;
  return &watched_pace;
}
// NOLINTEND

// watch.c - what a run is doing, for profiles: the linker puts these wrappers (-Wl,--wrap) around the engine's LU and
// sums over lanes, so that the engine itself carries nothing for it. Invariant: a wrapper puts back what it found.
#include "expr/sparse_lu.h"
#include "rows.h"
#include "solve/pace_ops.h"

volatile int wn_bench_part = WN_PART_SOLVER;
bool wn_bench_watch_vectors = false;

// names the linker makes
// NOLINTBEGIN
int __real_wn_lu_factor(const wn_lu *lu, int width, const double *gamma, const double *jac, double *work);
int __wrap_wn_lu_factor(const wn_lu *lu, int width, const double *gamma, const double *jac, double *work);
void __real_wn_lu_solve(const wn_lu *lu, int width, const double *work, double *b);
void __wrap_wn_lu_solve(const wn_lu *lu, int width, const double *work, double *b);
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

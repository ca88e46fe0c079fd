// systems.h - small systems with lanes of their own for the solver tests: rates per lane, counted evaluations, and a
// switch that makes evaluations fail.
#ifndef WN_TESTS_SOLVE_SYSTEMS_H
#define WN_TESTS_SOLVE_SYSTEMS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "solve/shared_clock.h"
#include "solve/solver.h"
#include <math.h>
#include <string.h>

// cmocka's assert_float_equal compares in single precision
#define assert_close(got, want, tolerance) assert_true(fabs((got) - (want)) <= (tolerance))

enum { MAX_WIDTH = 8, MAX_STATE = 8 };

typedef struct fixture {
  wn_system system;
  wn_lu *lu;
  double rate[MAX_WIDTH];  // k, ka, mu, scale: what the system makes of it, per lane
  long n_rhs, n_jacobian;
  double fail_after;    // evaluations beyond this time fail (return 1); INFINITY never
  double silent_after;  // evaluations beyond this time give not-a-number but return 0
  int jacobian_fails;   // as many of the next Jacobians fail
} fixture;

typedef void derivative_of(double s, double k, const double *y, double *dy);
typedef void jacobian_of(double s, double k, const double *y, double *values);

// a system is written for one lane; this spreads it over the lanes of the block
static inline int fixture_rhs(fixture *f, derivative_of *derivative, const double *time, const double *y, double *dy) {
  const int n = f->system.n_state, width = f->system.width;
  f->n_rhs++;
  for (int lane = 0; lane < width; lane++) {
    double one[MAX_STATE], d[MAX_STATE];
    for (int i = 0; i < n; i++) one[i] = y[i * width + lane];
    derivative(time[lane], f->rate[lane], one, d);
    for (int i = 0; i < n; i++) dy[i * width + lane] = d[i];
  }
  const double s = time[width - 1];
  if (s > f->silent_after || s > f->fail_after) dy[(n - 1) * width + width - 1] = NAN;
  if (s > f->fail_after) return 1;
  if (s > f->silent_after) return 0;
  for (int i = 0; i < n * width; i++) {
    if (!isfinite(dy[i])) return 1;
  }
  return 0;
}

// how the derivatives change with the time alone, by a central difference that is exact where they do so linearly
static inline int fixture_drift(fixture *f, derivative_of *derivative, const double *time, const double *y,
                                double *slope) {
  const int n = f->system.n_state, width = f->system.width;
  for (int lane = 0; lane < width; lane++) {
    double one[MAX_STATE], before[MAX_STATE], after[MAX_STATE];
    for (int i = 0; i < n; i++) one[i] = y[i * width + lane];
    derivative(time[lane] - 1e-5, f->rate[lane], one, before);
    derivative(time[lane] + 1e-5, f->rate[lane], one, after);
    for (int i = 0; i < n; i++) slope[i * width + lane] = (after[i] - before[i]) / 2e-5;
  }
  return 0;
}

static inline int fixture_jacobian(fixture *f, jacobian_of *jacobian, const double *time, const double *y,
                                   double *values) {
  const int n = f->system.n_state, width = f->system.width;
  f->n_jacobian++;
  if (f->jacobian_fails > 0) {
    f->jacobian_fails--;
    return 1;
  }
  for (int lane = 0; lane < width; lane++) {
    double one[MAX_STATE], v[MAX_STATE * MAX_STATE];
    for (int i = 0; i < n; i++) one[i] = y[i * width + lane];
    jacobian(time[lane], f->rate[lane], one, v);
    for (int i = 0; i < f->system.n_nz; i++) values[i * width + lane] = v[i];
  }
  return 0;
}

#define SYSTEM(name, states, entries, rows, cols)                                                         \
  static inline int name##_rhs(void *context, const double *time, const double *y, double *dy) {          \
    return fixture_rhs(context, name##_derivative, time, y, dy);                                          \
  }                                                                                                       \
  static inline int name##_drift(void *context, const double *time, const double *y, double *slope) {     \
    return fixture_drift(context, name##_derivative, time, y, slope);                                     \
  }                                                                                                       \
  static inline int name##_jacobian(void *context, const double *time, const double *y, double *values) { \
    return fixture_jacobian(context, name##_values, time, y, values);                                     \
  }                                                                                                       \
  static inline void name##_init(fixture *f, int width) {                                                 \
    static const int row[] = rows, col[] = cols;                                                          \
    *f = (fixture){.fail_after = INFINITY, .silent_after = INFINITY};                                     \
    f->lu = wn_lu_create(states, entries, row, col, NULL);                                                \
    assert_non_null(f->lu);                                                                               \
    f->system = (wn_system){.n_state = states,                                                            \
                            .width = width,                                                               \
                            .rhs = name##_rhs,                                                            \
                            .jacobian = name##_jacobian,                                                  \
                            .drift = name##_drift,                                                        \
                            .n_nz = entries,                                                              \
                            .row = row,                                                                   \
                            .col = col,                                                                   \
                            .lu = f->lu,                                                                  \
                            .context = f};                                                                \
    for (int lane = 0; lane < width; lane++) f->rate[lane] = 1.0;                                         \
  }
#define LIST(...) \
  { __VA_ARGS__ }

static inline void fixture_free(fixture *f) { wn_lu_destroy(f->lu); }

// one state dying out: y' = -k y
static inline void decay_derivative(double s, double k, const double *y, double *dy) {
  (void)s;
  dy[0] = -k * y[0];
}
static inline void decay_values(double s, double k, const double *y, double *v) {
  (void)s, (void)y;
  v[0] = -k;
}
SYSTEM(decay, 1, 1, LIST(0), LIST(0))

// absorption chain gut -> plasma -> out, with a counter of what has left: ka = rate, ke = 0.1
static inline void chain_derivative(double s, double k, const double *y, double *dy) {
  (void)s;
  dy[0] = -k * y[0];
  dy[1] = k * y[0] - 0.1 * y[1];
  dy[2] = 0.1 * y[1];
}
static inline void chain_values(double s, double k, const double *y, double *v) {
  (void)s, (void)y;
  v[0] = -k, v[1] = k, v[2] = -0.1, v[3] = 0.1;
}
SYSTEM(chain, 3, 4, LIST(0, 1, 1, 2), LIST(0, 0, 1, 1))

// dose 100 in the gut at 0 (Bateman)
static inline void chain_exact(double s, double k, double *y) {
  y[0] = 100.0 * exp(-k * s);
  y[1] = 100.0 * k / (k - 0.1) * (exp(-0.1 * s) - exp(-k * s));
  y[2] = 100.0 - y[0] - y[1];
}

// forced by the clock: y' = -k (y - cos s)
static inline void forced_derivative(double s, double k, const double *y, double *dy) { dy[0] = -k * (y[0] - cos(s)); }
static inline void forced_values(double s, double k, const double *y, double *v) {
  (void)s, (void)y;
  v[0] = -k;
}
SYSTEM(forced, 1, 1, LIST(0), LIST(0))

static inline double forced_exact(double s, double k, double y0) {
  const double c = k * k / (1.0 + k * k);
  return c * cos(s) + c / k * sin(s) + (y0 - c) * exp(-k * s);
}

// Robertson 1966: stiff to 1e4, rate scales the middle reaction
static inline void robertson_derivative(double s, double k, const double *y, double *dy) {
  (void)s;
  dy[0] = -0.04 * y[0] + 1e4 * k * y[1] * y[2];
  dy[2] = 3e7 * y[1] * y[1];
  dy[1] = -dy[0] - dy[2];
}
static inline void robertson_values(double s, double k, const double *y, double *v) {
  (void)s;
  v[0] = -0.04, v[1] = 1e4 * k * y[2], v[2] = 1e4 * k * y[1];
  v[6] = 0.0, v[7] = 6e7 * y[1], v[8] = 0.0;
  for (int i = 0; i < 3; i++) v[3 + i] = -v[i] - v[6 + i];
}
SYSTEM(robertson, 3, 9, LIST(0, 0, 0, 1, 1, 1, 2, 2, 2), LIST(0, 1, 2, 0, 1, 2, 0, 1, 2))

// van der Pol with mu = rate
static inline void vdp_derivative(double s, double k, const double *y, double *dy) {
  (void)s;
  dy[0] = y[1];
  dy[1] = k * (1.0 - y[0] * y[0]) * y[1] - y[0];
}
static inline void vdp_values(double s, double k, const double *y, double *v) {
  (void)s;
  v[0] = 1.0, v[1] = -2.0 * k * y[0] * y[1] - 1.0, v[2] = k * (1.0 - y[0] * y[0]);
}
SYSTEM(vdp, 2, 3, LIST(0, 1, 1), LIST(1, 0, 1))

// grows without bound at s = 1/y0: y' = k y^2
static inline void blowup_derivative(double s, double k, const double *y, double *dy) {
  (void)s;
  dy[0] = k * y[0] * y[0];
}
static inline void blowup_values(double s, double k, const double *y, double *v) {
  (void)s;
  v[0] = 2.0 * k * y[0];
}
SYSTEM(blowup, 1, 1, LIST(0), LIST(0))

// the derivative has no value below 0: y' = -k sqrt(y)
static inline void drain_derivative(double s, double k, const double *y, double *dy) {
  (void)s;
  dy[0] = -k * sqrt(y[0]);
}
static inline void drain_values(double s, double k, const double *y, double *v) {
  (void)s;
  v[0] = -0.5 * k / sqrt(y[0]);
}
SYSTEM(drain, 1, 1, LIST(0), LIST(0))

// solvers that take any system: all but exact, the last of the table
static inline int n_general(void) { return wn_solver_n_type() - 1; }

static inline wn_solver_def test_def(const char *name, double rtol, double atol) {
  wn_solver_def def = wn_solver_default();
  def.name = name;
  def.rtol = rtol;
  def.atol = atol;
  return def;
}

static inline wn_solver *test_solver(const wn_system *system, wn_solver_def def) {
  wn_solver *solver = NULL;
  wn_error err = {0};
  if (wn_solver_create(system, &def, &solver, &err)) fail_msg("%s", err.message);
  return solver;
}

// the same for lanes that keep the same time
static inline wn_solver *shared_solver(const wn_system *system, wn_solver_def def) {
  wn_system together = *system;
  together.group = shared_group;
  return test_solver(&together, def);
}

// step to s_end, which must be hit exactly; the number of steps
static inline int test_run(wn_solver *solver, double s, double s_end) {
  int n = 0;
  wn_error err = {0};
  while (s < s_end) {
    const double before = s, was = wn_solver_times(solver)[0];
    if (shared_step(solver, s_end, &s, &err)) fail_msg("%s", err.message);
    assert_true(s >= before && s <= s_end);
    // a gap of a few roundings is no step
    if (wn_solver_times(solver)[0] > was) assert_true(shared_previous(solver) == was);
    n++;
  }
  assert_true(s == s_end);
  return n;
}

#endif

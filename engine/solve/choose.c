// choose.c - exact, taylor, rk or rosenbrock? Decided once, before a run: exact for whatever is linear and small; else
// from how fast the fastest mode is compared with the time between events. A wrong answer costs time, never accuracy.
// Must not know SUNDIALS.
#include "base/memory.h"
#include "solve/reach.h"
#include "solve/types.h"
#include <math.h>
#include <stdio.h>

// Dormand-Prince is stable while step * rho stays below about STABLE. Between two events it pays up to about MOST
// steps: BDF, which starts anew at order 1 after each event, takes about as many steps of about the same cost. Measured
// with 4 and 16 lanes on models of 3, 9 and 28 states, rtol 1e-4 to 1e-8, 0.25 h to a week between events.
#define STABLE 3.3
#define MOST 130.0

// A series of order 10 reaches 1.5 times as far at a third of the time of a step of rosenbrock: at rtol 1e-6 W2 takes
// as long by either, with 290 series between two doses.
#define MOST_SERIES 430.0

// Where the Jacobian depends on the state, a dose can make the fastest mode this much faster than it is at the start.
// Choosing bdf wrongly costs less than a factor 2, choosing explicit wrongly has no bound.
#define DOSED 30.0
// and taylor wrongly less than explicit does
#define DOSED_SERIES 10.0

// Multiplications in a product of two of a linear model's matrices, up to which exponentials take no longer than the
// steps of the others at rtol 1e-6: five compartments that all lead to each other, or eight in a row.
#define MOST_PRODUCT 130

// The largest |eigenvalue| of one lane by power iteration: growth of a vector over the last half of the iterations,
// which averages out the turning of a complex pair. v and w are scratch [n_state].
static double power_iteration(const wn_system *system, int lane, const double *values, double *v, double *w) {
  enum { N_ITERATION = 80 };
  const int n = system->n_state;
  for (int i = 0; i < n; i++) v[i] = 1.0 + 0.37 * sin(1.0 + 2.0 * i);
  double log_growth = 0.0;
  for (int k = 0; k < N_ITERATION; k++) {
    for (int i = 0; i < n; i++) w[i] = 0.0;
    for (int j = 0; j < system->n_nz; j++) w[system->row[j]] += values[j * system->width + lane] * v[system->col[j]];
    double size = 0.0;
    for (int i = 0; i < n; i++) size = fmax(size, fabs(w[i]));
    // everything has died out: no mode but 0
    if (size == 0.0) return 0.0;
    for (int i = 0; i < n; i++) v[i] = w[i] / size;
    if (k >= N_ITERATION / 2) log_growth += log(size);
  }
  return exp(log_growth / (N_ITERATION - N_ITERATION / 2));
}

// Gershgorin: no |eigenvalue| of the lane exceeds the largest sum of a row, nor of a column. sum is scratch [n_state].
static double gershgorin(const wn_system *system, int lane, const double *values, const int *index, double *sum) {
  for (int i = 0; i < system->n_state; i++) sum[i] = 0.0;
  for (int j = 0; j < system->n_nz; j++) sum[index[j]] += fabs(values[j * system->width + lane]);
  double largest = 0.0;
  for (int i = 0; i < system->n_state; i++) {
    // fmax would drop a not-a-number
    if (!isfinite(sum[i])) return sum[i];
    largest = fmax(largest, sum[i]);
  }
  return largest;
}

// the worst lane's, or a value that is not finite
static double spectral_radius(const wn_system *system, const double *values, double *v, double *w) {
  double worst = 0.0;
  for (int lane = 0; lane < system->width; lane++) {
    const double bound =
        fmin(gershgorin(system, lane, values, system->row, v), gershgorin(system, lane, values, system->col, v));
    if (!isfinite(bound)) return bound;
    const double radius = power_iteration(system, lane, values, v, w);
    worst = fmax(worst, isfinite(radius) && radius < bound ? radius : bound);
  }
  return worst;
}

static bool is_same(const wn_system *system, const double *a, const double *b) {
  for (int i = 0; i < system->n_nz * system->width; i++) {
    if (!(fabs(a[i] - b[i]) <= 1e-9 * fmax(fabs(a[i]), fabs(b[i])))) return false;
  }
  return true;
}

// doubles in a block of n lanes' values: whole cache lines, so that blocks side by side are 64-byte aligned
static size_t block_size(int n, int width) { return ((size_t)n * (size_t)width + 7) / 8 * 8; }

// The Jacobian at the start and away from it, where every state has moved by its own size or by 1. Returns how fast the
// fastest mode may become, not finite when it cannot be told.
static double fastest_mode(const wn_system *system, const double *time, const double *y, double *work,
                           bool *is_linear) {
  const size_t n_value = block_size(system->n_nz, system->width);
  double *moved = work, *there = moved + block_size(system->n_state, system->width), *here = there + n_value;
  double *v = here + n_value, *w = v + system->n_state;
  if (system->jacobian(system->context, time, y, here)) return NAN;
  const double radius = spectral_radius(system, here, v, w);
  for (int i = 0; i < system->n_state * system->width; i++) moved[i] = y[i] + fmax(1.0, fabs(y[i]));
  const bool failed = system->jacobian(system->context, time, moved, there) != 0;
  *is_linear = !failed && is_same(system, here, there);
  if (*is_linear || failed) return radius;
  const double away = spectral_radius(system, there, v, w);
  return isfinite(away) ? fmax(radius, away) : radius;
}

// small enough that exponentials cost less than the steps of another solver
static bool suits_exact(const wn_system *system) {
  if (!system->is_linear || !system->jacobian || system->n_state > WN_EXACT_MOST_STATE) return false;
  const int n_product = wn_reach_n_product(system->n_state, system->n_nz, system->row, system->col);
  return n_product >= 0 && n_product <= MOST_PRODUCT;
}

const char *wn_solver_choose(const wn_system *system, const double *time, const double *y, double span,
                             char reason[160]) {
  if (suits_exact(system)) {
    snprintf(reason, 160, "linear with constant coefficients: solved exactly");
    return "exact";
  }
  if (!system->jacobian || !system->lu) {
    snprintf(reason, 160, "there is no Jacobian for rosenbrock");
    return system->series ? "taylor" : "rk";
  }
  double *work = wn_alloc_doubles(block_size(system->n_state, system->width) +
                                  2 * block_size(system->n_nz, system->width) + 2 * (size_t)system->n_state);
  if (!work) {
    snprintf(reason, 160, "out of memory while deciding; rosenbrock suits any model");
    return "rosenbrock";
  }
  bool is_linear = false;
  const double radius = fastest_mode(system, time, y, work, &is_linear);
  wn_free(work);
  if (!isfinite(radius) || !isfinite(span)) {
    snprintf(reason, 160, "the Jacobian is not finite at the start; rosenbrock suits any model");
    return "rosenbrock";
  }
  const double n_step = radius * span / STABLE;
  const double most = system->series ? MOST_SERIES : MOST, dosed = system->series ? DOSED_SERIES : DOSED;
  const bool is_stiff = n_step > most, may_be = !is_linear && n_step * dosed > most;
  snprintf(reason, 160, "fastest mode %.3g 1/h against %.3g h between events: %s", radius, span,
           is_stiff ? "stiff"
           : may_be ? "may become stiff, as it depends on the state"
                    : "not stiff");
  if (is_stiff || may_be) return "rosenbrock";
  // smooth equations have a series
  return system->series ? "taylor" : "rk";
}

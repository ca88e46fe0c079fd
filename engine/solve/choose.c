// choose.c - explicit or bdf? Decided once, before a run, from how fast the fastest mode is compared with the time
// between events. A wrong answer costs time, never accuracy. Must not know SUNDIALS.
#include "base/memory.h"
#include "solve/solver.h"
#include <math.h>
#include <stdio.h>

// Costs in right-hand sides, measured with 4 to 16 lanes at rtol 1e-6 on models of 3 to 28 states: between two events
// BDF starts at order 1 and takes about BDF_STEPS steps, whatever the stiffness, each worth BDF_COST (Newton's
// iterations, solves, its share of the Jacobians and factorisations). Dormand-Prince takes at least EXPLICIT_STEPS for
// accuracy, each EXPLICIT_COST, and is stable while step * rho stays below about STABLE.
#define BDF_STEPS 90.0
#define BDF_COST 3.0
#define EXPLICIT_STEPS 20.0
#define EXPLICIT_COST 6.5
#define STABLE 3.3

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
  for (int i = 0; i < system->n_state; i++) largest = fmax(largest, sum[i]);
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

static const char *decide(double radius, double span, char reason[160]) {
  const double explicit_cost = EXPLICIT_COST * fmax(EXPLICIT_STEPS, radius * span / STABLE);
  const bool is_stiff = explicit_cost > BDF_STEPS * BDF_COST;
  snprintf(reason, 160, "fastest mode %.3g 1/h against %.3g h between events: %s", radius, span,
           is_stiff ? "stiff" : "not stiff");
  return is_stiff ? "bdf" : "explicit";
}

const char *wn_solver_choose(const wn_system *system, double s, const double *y, double span, char reason[160]) {
  if (!system->jacobian || !system->lu) {
    snprintf(reason, 160, "there is no Jacobian for bdf");
    return "explicit";
  }
  const char *name = "bdf";
  const size_t n_state = (size_t)system->n_state;
  double *values = wn_alloc_doubles((size_t)system->n_nz * (size_t)system->width);
  double *scratch = wn_alloc_doubles(2 * n_state);
  if (!values || !scratch) {
    snprintf(reason, 160, "out of memory while deciding; bdf suits any model");
  } else if (system->jacobian(system->context, s, y, values)) {
    snprintf(reason, 160, "the Jacobian is not finite at the start; bdf suits any model");
  } else {
    const double radius = spectral_radius(system, values, scratch, scratch + n_state);
    if (isfinite(radius) && isfinite(span))
      name = decide(radius, span, reason);
    else
      snprintf(reason, 160, "the Jacobian is not finite at the start; bdf suits any model");
  }
  wn_free(values);
  wn_free(scratch);
  return name;
}

// indices.h - what a sweep's results say about its inputs: global sensitivity indices with 95 % intervals.
//
// sensitivity "sobol": `first`, the share of a result's variance that knowing the input alone would take away, and
// `total`, the share left when everything but the input is known; total - first is what it does together with others.
// With results a, b, c of the points A, B and A with the input from B: first = cov(b, c) / V (Saltelli and others,
// Comput. Phys. Commun. 181, 259-270, 2010), V the mean of var(b) and var(c) (Janon and others, ESAIM Probab. Stat. 18,
// 342-364, 2014); total = var(a - c) / 2 V (Jansen, Comput. Phys. Commun. 117, 35-43, 1999), V of a and c. Both less
// the multiple of cov(a, b), known to be 0, that makes them vary least: an input that does nothing gets exactly 0, one
// that does everything 1, and the errors of large shares are halved or better (g function, 256 random rows, share 0.72:
// 0.030 instead of 0.073). Being estimates, they may lie a little outside [0, 1].
//
// sensitivity "morris": elementary effects, the change of a result per change of the input over its whole probability
// range (0 to 1), in the result's unit: `mu` their mean, `mu_star` the mean of their sizes (Campolongo and others,
// Environ. Model. Softw. 22, 1509-1518, 2007), `sigma` their spread: interactions or curvature.
//
// Intervals are bootstrap percentiles (bootstrap.h) over base rows or trajectories. A row with a result that is not
// finite is left out whole, for every input, and counted.
#ifndef WN_SWEEP_INDICES_H
#define WN_SWEEP_INDICES_H

#include "sweep/design.h"

// One index of one input for one column of results.
typedef struct wn_index {
  int input;                // of the design
  const char *name;         // "first", "total"; "mu", "mu_star", "sigma"
  double value, low, high;  // NaN where it cannot be said: fewer than 4 rows left, or (sobol) the result never changes
} wn_index;

// What must be known of a design, whose points may have been run elsewhere.
typedef struct wn_indices_def {
  wn_sensitivity kind;
  int n_input;
  int64_t n_row;  // base rows or trajectories
  uint64_t seed;
  int n_level;  // of Morris' grid
} wn_indices_def;
wn_indices_def wn_indices_of(const wn_design *design);

int64_t wn_indices_n_point(const wn_indices_def *def);
int wn_indices_n(const wn_indices_def *def);  // indices of a column: inputs x 2 or 3; 0 without sensitivity

// A column of results [wn_indices_n_point] by point -> index [wn_indices_n], inputs in order; *n_lost rows left out.
// The same bits whenever called. Memory beside the column: at most 4096 sums for each index.
wn_status wn_indices_compute(const wn_indices_def *def, const double *result, wn_index *index, int64_t *n_lost,
                             wn_error *err);

#endif

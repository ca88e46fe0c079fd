// marginal.h - how one input is spread: levels, a range, or a distribution, all through the quantile function. Private
// to sweep/.
#ifndef WN_SWEEP_MARGINAL_H
#define WN_SWEEP_MARGINAL_H

#include "base/error.h"
#include <stdbool.h>

typedef enum wn_marginal_kind {
  WN_MARGINAL_LEVELS,      // each level with equal chance
  WN_MARGINAL_UNIFORM,     // a, b: from, to
  WN_MARGINAL_LOGUNIFORM,  // a, b: from, to, above 0; the logarithm is uniform
  WN_MARGINAL_TRIANGULAR,  // a, b, mode
  WN_MARGINAL_NORMAL,      // a, b: mean and standard deviation
  WN_MARGINAL_LOGNORMAL,   // a, b: mean and standard deviation of the logarithm
} wn_marginal_kind;

typedef struct wn_marginal {
  wn_marginal_kind kind;
  double a, b, mode;
  bool is_cut;           // normal, lognormal: what lies outside low..high is left out (not moved to the border)
  double low, high;      // where cut
  double p_low, p_high;  // the uncut distribution function there
  bool is_clock;         // values are wrapped into [0, 24)
  int n_level;
  const double *level;  // [n_level]
} wn_marginal;

// The parameters of a lognormal distribution by its arithmetic mean and its coefficient of variation (a fraction):
// sd of the logarithm = sqrt(log(1 + cv^2)), mean of the logarithm = log(mean) - sd^2 / 2.
void wn_marginal_lognormal(wn_marginal *marginal, double mean, double cv);

// Leave out what lies outside low..high (either may be infinite). False when next to nothing (1e-12) is left.
bool wn_marginal_cut(wn_marginal *marginal, double low, double high);

// The value below which a share u of the distribution lies; 0 < u < 1.
double wn_marginal_quantile(const wn_marginal *marginal, double u);

// A clock time in [0, 24).
double wn_marginal_wrap(double hours);

// The standard normal distribution function.
double wn_normal_probability(double z);

#endif

// random.c - the factor that turns independent normal numbers into correlated ones. Invariant: etas = lower z have the
// variance omega, also where omega is singular. Must not know where numbers come from.

#include "model/random.h"

#include <math.h>

// relative to the variances: less than this is rounding
static const double ROUNDING = 1e-12;

static bool is_symmetric(int n, const double *omega) {
  for (int i = 0; i < n; i++)
    for (int j = 0; j < i; j++) {
      double a = omega[i * n + j], b = omega[j * n + i];
      if (!(fabs(a - b) <= ROUNDING * fmax(fabs(a), fabs(b)))) return false;
    }
  return true;
}

// omega[i][j] less what the columns before j explain
static double rest(int n, const double *omega, const double *lower, int i, int j) {
  double sum = omega[i * n + j];
  for (int k = 0; k < j; k++) sum -= lower[i * n + k] * lower[j * n + k];
  return sum;
}

bool wn_random_factor(int n, const double *omega, double *lower) {
  for (int i = 0; i < n * n; i++) {
    if (!isfinite(omega[i])) return false;
    lower[i] = 0;
  }
  if (!is_symmetric(n, omega)) return false;
  for (int j = 0; j < n; j++) {
    double variance = rest(n, omega, lower, j, j), own = omega[j * n + j];
    if (own < 0 || variance < -ROUNDING * own) return false;
    bool used_up = variance <= ROUNDING * own;
    if (!used_up) lower[j * n + j] = sqrt(variance);
    for (int i = j + 1; i < n; i++) {
      double covariance = rest(n, omega, lower, i, j);
      if (!used_up)
        lower[i * n + j] = covariance / lower[j * n + j];
      else if (fabs(covariance) > sqrt(ROUNDING) * sqrt(own * fmax(omega[i * n + i], 0)))
        return false;
    }
  }
  return true;
}

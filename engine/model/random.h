// random.h - variance matrices of random effects.
#ifndef WN_MODEL_RANDOM_H
#define WN_MODEL_RANDOM_H

#include <stdbool.h>

// Lower triangle `lower` [n][n] (zeroed above) with lower lower^T = omega [n][n]; false when omega is not symmetric and
// positive semidefinite, both up to rounding. A parameter whose variance is used up by those before it gets a zero
// column, so that perfect correlation and variances of 0 are fine.
bool wn_random_factor(int n, const double *omega, double *lower);

#endif

// copula.h - correlations between drawn inputs: a Gaussian copula. Each correlated coordinate is turned into a normal
// score, the scores are mixed by a Cholesky factor, and turned back; every input keeps its own distribution exactly.
// The correlation asked for is that of the scores (of the logarithms, for two lognormal inputs); the rank correlation
// is 6/pi asin(rho/2), a little less. Private to sweep/.
#ifndef WN_SWEEP_COPULA_H
#define WN_SWEEP_COPULA_H

#include "base/memory.h"
#include "sweep/design.h"

typedef struct wn_copula {
  int n;          // correlated dimensions; 0: none
  int *dim;       // [n], rising
  double *lower;  // [n][n]
} wn_copula;

// Read "A,B=0.5" of dimensions called name[n_dim]. Errors begin with "--correlate TEXT: "; correlations that cannot
// hold together are refused with the smallest eigenvalue and the pair it is most about.
wn_status wn_copula_read(wn_copula *copula, wn_arena *arena, const char *const *text, int n_text,
                         const char *const *name, int n_dim, wn_error *err);

// Correlate a point u [n_dim] of independent coordinates in place; it stays inside (0, 1).
void wn_copula_apply(const wn_copula *copula, double *u);

#endif

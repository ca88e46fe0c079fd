// linear.h - linear systems with a matrix and an input for each lane, and their solution evaluated independently: a
// Taylor series with scaling in long double.
#ifndef WN_TESTS_SOLVE_LINEAR_H
#define WN_TESTS_SOLVE_LINEAR_H

#include "solve/systems.h"

#include <stdlib.h>

enum { MOST_LINEAR = 34, MOST_LANE = 16 };

typedef struct linear {
  wn_system system;
  wn_lu *lu;
  int row[MOST_LINEAR * MOST_LINEAR], col[MOST_LINEAR * MOST_LINEAR];
  double A[MOST_LANE][MOST_LINEAR][MOST_LINEAR], b[MOST_LANE][MOST_LINEAR];
  double unit[MOST_LINEAR];  // of each state, for the reference, which wants numbers of a size; 0 is 1
  int rhs_fails, jacobian_fails;
} linear;

static inline int linear_rhs(void *context, const double *time, const double *y, double *dy) {
  (void)time;
  const linear *l = context;
  const int n = l->system.n_state, width = l->system.width;
  for (int lane = 0; lane < width; lane++) {
    for (int i = 0; i < n; i++) {
      double sum = l->b[lane][i];
      for (int k = 0; k < l->system.n_nz; k++)
        if (l->row[k] == i) sum += l->A[lane][i][l->col[k]] * y[l->col[k] * width + lane];
      dy[i * width + lane] = sum;
    }
  }
  return l->rhs_fails;
}

static inline int linear_jacobian(void *context, const double *time, const double *y, double *values) {
  (void)time, (void)y;
  const linear *l = context;
  for (int k = 0; k < l->system.n_nz; k++) {
    for (int lane = 0; lane < l->system.width; lane++)
      values[k * l->system.width + lane] = l->A[lane][l->row[k]][l->col[k]];
  }
  return l->jacobian_fails;
}

// what the first lanes have that is not 0 is the pattern, last entry first; call after A is filled in
static inline void linear_ready(linear *l, int n, int width) {
  int n_nz = 0;
  for (int i = n - 1; i >= 0; i--) {
    for (int j = n - 1; j >= 0; j--) {
      bool any = false;
      for (int lane = 0; lane < width; lane++) any |= l->A[lane][i][j] != 0.0;
      if (!any) continue;
      l->row[n_nz] = i;
      l->col[n_nz++] = j;
    }
  }
  l->lu = wn_lu_create(n, n_nz, l->row, l->col, NULL);
  assert_non_null(l->lu);
  l->system = (wn_system){.n_state = n,
                          .width = width,
                          .rhs = linear_rhs,
                          .jacobian = linear_jacobian,
                          .n_nz = n_nz,
                          .row = l->row,
                          .col = l->col,
                          .lu = l->lu,
                          .is_linear = true,
                          .context = l};
}

static inline linear *linear_create(void) {
  linear *l = calloc(1, sizeof *l);
  assert_non_null(l);
  return l;
}

static inline void linear_destroy(linear *l) {
  wn_lu_destroy(l->lu);
  free(l);
}

// y [n] of a lane moved over h: the series of the matrix (A b; 0 0) h / 2^k, squared k times
static inline void linear_reference(const linear *l, int lane, double h, double *y) {
  enum { N = MOST_LINEAR + 1, N_TERM = 70 };
  static long double Z[N][N], E[N][N], T[N][N];
  const int n = l->system.n_state + 1;
  long double norm = 0.0L, unit[N];
  for (int i = 0; i < n; i++) unit[i] = i == n - 1 || l->unit[i] == 0.0 ? 1.0L : l->unit[i];
  for (int i = 0; i < n; i++) {
    long double sum = 0.0L;
    for (int j = 0; j < n; j++) {
      Z[i][j] =
          i == n - 1 ? 0.0L : (long double)h * (j == n - 1 ? l->b[lane][i] : l->A[lane][i][j]) * unit[j] / unit[i];
      sum += fabsl(Z[i][j]);
    }
    norm = fmaxl(norm, sum);
  }
  int k = 0;
  for (; norm > 0.25L; norm /= 2.0L) k++;
  for (int i = 0; i < n; i++) {
    for (int j = 0; j < n; j++) {
      Z[i][j] = ldexpl(Z[i][j], -k);
      E[i][j] = i == j;
    }
  }
  for (int term = N_TERM + k; term > 0; term--) {
    const bool is_doubling = term <= k;
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        long double sum = 0.0L;
        for (int m = 0; m < n; m++) sum += (is_doubling ? E[i][m] : Z[i][m]) * E[m][j];
        T[i][j] = is_doubling ? sum : (i == j) + sum / (term - k);
      }
    }
    memcpy(E, T, sizeof E);
  }
  double out[N];
  for (int i = 0; i < n - 1; i++) {
    long double sum = E[i][n - 1];
    for (int j = 0; j < n - 1; j++) sum += E[i][j] * y[j] / unit[j];
    out[i] = (double)(sum * unit[i]);
  }
  memcpy(y, out, (size_t)(n - 1) * sizeof *y);
}

#endif

// lane_ops.h - the loops under the vector: elementwise arithmetic and norms over a block [n_state][width] of doubles.
// Written once in lane_ops_body.h and compiled twice (portable, AVX2); both give the same bits, because every element
// is computed by itself and sums run over the states in order, lane by lane.
//
// Blocks are 32-byte aligned and their count n is a multiple of 4. An output may be the same block as an input.
#ifndef WN_SOLVE_LANE_OPS_H
#define WN_SOLVE_LANE_OPS_H

#include <stddef.h>

// A norm at or above this, or one that is not a number, is reported as this: comparisons with it are always false the
// safe way, and its square does not overflow.
#define WN_LANE_HUGE 1e100

typedef struct wn_lane_ops {
  const char *name;                                                                               // "portable", "avx2"
  void (*linear_sum)(size_t n, double a, const double *x, double b, const double *y, double *z);  // a x + b y
  void (*fill)(size_t n, double c, double *z);
  void (*scale)(size_t n, double c, const double *x, double *z);
  void (*product)(size_t n, const double *x, const double *y, double *z);
  void (*quotient)(size_t n, const double *x, const double *y, double *z);
  void (*absolute)(size_t n, const double *x, double *z);
  void (*inverse)(size_t n, const double *x, double *z);
  void (*add_constant)(size_t n, const double *x, double b, double *z);
  // z = sum over k of c[k] x[k], in order of k, n_vector >= 1
  void (*combine)(size_t n, int n_vector, const double *c, const double *const *x, double *z);
  // z[k] = a[k] x + y[k]
  void (*scale_add)(size_t n, int n_vector, const double *a, const double *x, const double *const *y, double *const *z);
  // w = 1 / (rtol |y| + atol): what an error is multiplied with to compare it with the tolerance
  void (*weights)(size_t n, double rtol, double atol, const double *y, double *w);
  // the worst lane's sqrt(sum over states of (x w)^2 / n_state)
  double (*worst_norm)(size_t n_state, size_t width, const double *x, const double *w);
  // largest |x|
  double (*max_norm)(size_t n, const double *x);
} wn_lane_ops;

extern const wn_lane_ops wn_lane_ops_portable, wn_lane_ops_avx2;

// The kernels in use, the same choice as the programs' (wn_program_kernels).
const wn_lane_ops *wn_lane_ops_get(void);

#endif

// lane_expm.c - exponentials for any processor, the choice between these and the AVX2 ones, and the norm, whose bits
// decide how often a lane's matrix is doubled. Knows no SUNDIALS.
#define WN_EXPM_TABLE wn_expm_ops_portable
#define WN_EXPM_NAME "portable"
#include "solve/lane_expm_body.h"

#include "expr/program.h"
#include <string.h>

const wn_expm_ops *wn_expm_ops_get(void) {
  return strcmp(wn_program_kernels(), "avx2") == 0 ? &wn_expm_ops_avx2 : &wn_expm_ops_portable;
}

size_t wn_lane_expm_scratch(const wn_reach *reach, int width) {
  return 12 * (size_t)reach->to.n_entry * (size_t)width + 3 * (size_t)width;
}

// The spectral radius of |A| lies between the smallest and the largest of (|A| x)_i / x_i for every x > 0. Moving x to
// the geometric mean of x and |A| x narrows them; a mean in the logarithm is blind to units, and a cycle of states does
// not turn for ever as it would with |A| x itself.
double wn_lane_norm(const wn_pattern *p, int width, int lane, const double *A, double *scratch) {
  enum { MOST = 20 };
  static const double NEAR = 1.1, FALL = 1.0 / 64;
  double best = 0.0, *x = scratch, *w = scratch + p->n;
  for (int i = 0; i < p->n; i++) x[i] = 1.0;
  for (int k = 0; k < MOST; k++) {
    double low = 0.0, high = 0.0;
    for (int i = 0; i < p->n; i++) {
      w[i] = 0.0;
      for (int e = p->start[i]; e < p->start[i + 1]; e++) w[i] += fabs(A[e * width + lane]) * x[p->col[e]];
      const double ratio = w[i] / x[i];
      if (i == 0 || ratio < low) low = ratio;
      if (ratio > high) high = ratio;
    }
    if (k == 0 || high < best) best = high;
    if (!(best > 0.0) || best <= NEAR * low) break;
    for (int i = 0; i < p->n; i++) x[i] = sqrt(x[i] * fmax(w[i] / best, FALL * x[i]));
  }
  return best;
}

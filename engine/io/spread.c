// spread.c - quantiles of a sample by selection, in linear time. Invariant: the result does not depend on the order of
// the values. Must not know what they are.

#include "io/spread.h"

#include <math.h>

static void swap(double *a, double *b) {
  double kept = *a;
  *a = *b;
  *b = kept;
}

// rearrange value[from..to) so that the k-th smallest is at k, none before it larger, none behind it smaller
static void nth(double *value, int from, int to, int k) {
  while (to - from > 1) {
    // the lower middle, so that both sides are smaller than the whole
    double pivot = value[from + (to - from - 1) / 2];
    int i = from - 1, j = to;
    for (;;) {
      do i++;
      while (value[i] < pivot);
      do j--;
      while (value[j] > pivot);
      if (i >= j) break;
      swap(&value[i], &value[j]);
    }
    if (k <= j)
      to = j + 1;
    else
      from = j + 1;
  }
}

static double quantile(double *value, int n, double p) {
  double at = p * (n - 1);
  int k = (int)at;
  if (k >= n - 1) k = n - 1;
  nth(value, 0, n, k);
  if (k == n - 1) return value[k];
  double next = value[k + 1];
  for (int i = k + 2; i < n; i++) next = fmin(next, value[i]);
  return value[k] + (at - k) * (next - value[k]);
}

wn_spread wn_spread_of(double *value, int n) {
  int kept = 0;
  for (int i = 0; i < n; i++)
    if (isfinite(value[i])) value[kept++] = value[i];
  if (kept == 0) return (wn_spread){0, NAN, NAN, NAN};
  return (wn_spread){kept, quantile(value, kept, 0.05), quantile(value, kept, 0.5), quantile(value, kept, 0.95)};
}

// plot_groups.c - see plot_groups.h. Invariant: the result does not depend on the order of the rows. Must not know
// pictures.

#include "io/plot_groups.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int compare(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

void wn_quantiles_of(double *value, int n, double quantile[5], int *n_finite) {
  static const double share[] = {0.05, 0.25, 0.5, 0.75, 0.95};
  int kept = 0;
  for (int i = 0; i < n; i++)
    if (isfinite(value[i])) value[kept++] = value[i];
  *n_finite = kept;
  qsort(value, (size_t)kept, sizeof *value, compare);
  for (int k = 0; k < 5; k++) {
    // between neighbours by linear interpolation (type 7 of Hyndman & Fan 1996), as spread.h
    double at = share[k] * (kept - 1);
    int below = (int)at;
    if (kept == 0)
      quantile[k] = NAN;
    else if (below >= kept - 1)
      quantile[k] = value[kept - 1];
    else
      quantile[k] = value[below] + (at - below) * (value[below + 1] - value[below]);
  }
}

static double between(double a, double b, bool log_scale) {
  return log_scale && a > 0 && b > 0 ? sqrt(a * b) : (a + b) / 2;
}

// sorted[0..n): each different value a level, with edges half-way
static void make_values(wn_levels *l, const double *sorted, int n, bool log_scale) {
  for (int i = 0; i < n; i++)
    if (i == 0 || sorted[i] != sorted[i - 1]) l->value[l->n++] = sorted[i];
  for (int i = 1; i < l->n; i++) l->edge[i] = between(l->value[i - 1], l->value[i], log_scale);
  if (l->n == 1) {
    double half = l->value[0] != 0 ? 0.05 * fabs(l->value[0]) : 0.5;
    l->edge[0] = l->value[0] - half, l->edge[1] = l->value[0] + half;
    return;
  }
  // the first and the last are as wide outwards as inwards
  const double *v = l->value;
  bool use_log = log_scale && v[0] > 0;
  l->edge[0] = use_log ? v[0] * v[0] / l->edge[1] : 2 * v[0] - l->edge[1];
  l->edge[l->n] = use_log ? v[l->n - 1] * v[l->n - 1] / l->edge[l->n - 1] : 2 * v[l->n - 1] - l->edge[l->n - 1];
}

static void make_bins(wn_levels *l, const double *sorted, int n, int bins) {
  l->edge[0] = sorted[0];
  for (int i = 0; i < bins; i++) {
    int from = (int)((long long)n * i / bins), to = (int)((long long)n * (i + 1) / bins);
    double end = to < n ? sorted[to] : sorted[n - 1];
    // many equal values may fill more than a bin
    if (to <= from || (end <= l->edge[l->n] && i + 1 < bins)) continue;
    l->value[l->n] = sorted[from + (to - from) / 2];
    l->edge[++l->n] = end;
  }
}

static int find_level(const wn_levels *l, double value) {
  int low = 0, high = l->n;
  while (high - low > 1) {
    int middle = (low + high) / 2;
    if (value >= l->edge[middle])
      low = middle;
    else
      high = middle;
  }
  return low;
}

static int count_different(const double *sorted, int n) {
  int different = 0;
  for (int i = 0; i < n; i++) different += i == 0 || sorted[i] != sorted[i - 1];
  return different;
}

wn_status wn_levels_make(wn_levels *l, const double *value, int n_row, int most, int bins, bool log_scale,
                         wn_error *err) {
  *l = (wn_levels){0};
  double *sorted = wn_alloc(((size_t)n_row + 1) * sizeof *sorted);
  size_t room = (size_t)(most > bins ? most : bins) + 2;
  l->value = wn_alloc(room * sizeof *l->value);
  l->edge = wn_alloc(room * sizeof *l->edge);
  l->level = wn_alloc(((size_t)n_row + 1) * sizeof *l->level);
  if (!(sorted && l->value && l->edge && l->level)) {
    wn_free(sorted);
    return wn_fail_memory(err);
  }
  int n = 0;
  for (int i = 0; i < n_row; i++)
    if (isfinite(value[i])) sorted[n++] = value[i];
  qsort(sorted, (size_t)n, sizeof *sorted, compare);
  if (n && count_different(sorted, n) <= most)
    make_values(l, sorted, n, log_scale);
  else if (n)
    make_bins(l, sorted, n, bins);
  for (int i = 0; i < n_row; i++) l->level[i] = isfinite(value[i]) && l->n ? find_level(l, value[i]) : -1;
  wn_free(sorted);
  return WN_OK;
}

void wn_levels_free(wn_levels *levels) {
  wn_free(levels->value);
  wn_free(levels->edge);
  wn_free(levels->level);
  *levels = (wn_levels){0};
}

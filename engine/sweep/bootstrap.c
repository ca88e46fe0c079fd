// bootstrap.c - see bootstrap.h. Invariant: the same sums and seed give the same bits. Must not know what is estimated.

#include "sweep/bootstrap.h"

#include "base/memory.h"
#include "base/rng.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void add(double *total, const double *sum, int n) {
  for (int i = 0; i < n; i++) total[i] += sum[i];
}

// the sums of as many groups as there are, drawn with replacement -> total [n_sum]
static void resample(const wn_bootstrap *b, int replicate, double *total) {
  wn_rng_key key = {.seed = b->seed, .subject = (uint32_t)replicate, .name = wn_rng_name("bootstrap")};
  memset(total, 0, (size_t)b->n_sum * sizeof *total);
  double rest = 0;
  for (int k = 0; k < b->n_group; k++) {
    // the 53 bits of a number are enough for three groups of 4096
    if (k % 3 == 0) {
      key.occasion = (uint32_t)k;
      rest = wn_rng_uniform(key);
    }
    double place = rest * b->n_group;
    int group = (int)place;
    rest = place - group;
    add(total, &b->sum[(size_t)group * (size_t)b->n_sum], b->n_sum);
  }
}

static int by_size(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

// the point below which a share of the n > 0 sorted values lies, interpolated
static double percentile(const double *sorted, int n, double share) {
  double place = share * (n - 1);
  int below = (int)place;
  if (below >= n - 1) return sorted[n - 1];
  return sorted[below] + (place - below) * (sorted[below + 1] - sorted[below]);
}

static void interval(double *values, double *low, double *high) {
  int n = 0;
  for (int r = 0; r < WN_BOOTSTRAP_REPLICATES; r++)
    if (isfinite(values[r])) values[n++] = values[r];
  *low = *high = NAN;
  if (n < WN_BOOTSTRAP_REPLICATES / 10 * 9) return;
  qsort(values, (size_t)n, sizeof *values, by_size);
  *low = percentile(values, n, 0.025), *high = percentile(values, n, 0.975);
}

wn_status wn_bootstrap_run(const wn_bootstrap *b, double *value, double *low, double *high, wn_error *err) {
  size_t n_out = (size_t)b->n_out, n_sum = (size_t)b->n_sum;
  double *room = wn_alloc((n_sum + n_out + n_out * WN_BOOTSTRAP_REPLICATES) * sizeof *room);
  if (!room) return wn_fail_memory(err);
  double *total = room, *out = total + n_sum, *all = out + n_out;
  for (int g = 0; g < b->n_group; g++) add(total, &b->sum[(size_t)g * n_sum], b->n_sum);
  b->estimate(b->context, total, value);
  for (int r = 0; r < WN_BOOTSTRAP_REPLICATES; r++) {
    resample(b, r, total);
    b->estimate(b->context, total, out);
    for (size_t i = 0; i < n_out; i++) all[i * WN_BOOTSTRAP_REPLICATES + (size_t)r] = out[i];
  }
  for (size_t i = 0; i < n_out; i++) interval(&all[i * WN_BOOTSTRAP_REPLICATES], &low[i], &high[i]);
  wn_free(room);
  return WN_OK;
}

// bootstrap.h - percentile intervals of anything that is computed from sums over rows. Private to sweep/.
#ifndef WN_SWEEP_BOOTSTRAP_H
#define WN_SWEEP_BOOTSTRAP_H

#include "base/error.h"
#include <stdint.h>

enum { WN_BOOTSTRAP_REPLICATES = 1000, WN_BOOTSTRAP_MAX_GROUP = 4096 };

// sum [n_sum] -> out [n_out]; NaN where it cannot be said.
typedef void wn_estimate(const void *context, const double *sum, double *out);

typedef struct wn_bootstrap {
  int n_group, n_sum, n_out;
  const double *sum;  // [n_group][n_sum]: what each row, or each run of neighbouring rows, adds
  wn_estimate *estimate;
  const void *context;
  uint64_t seed;
} wn_bootstrap;

// Estimates from all groups -> value, and the 2.5 % and 97.5 % points of 1000 resamples of the groups -> low, high; all
// [n_out]. The resamples are keyed by the seed alone, so every column of results meets the same. NaN where more than a
// tenth of the resamples have no value.
wn_status wn_bootstrap_run(const wn_bootstrap *bootstrap, double *value, double *low, double *high, wn_error *err);

#endif

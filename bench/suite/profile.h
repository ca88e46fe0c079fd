// profile.h - where the time of a row goes, and what the machine could do at best.
#ifndef WN_BENCH_PROFILE_H
#define WN_BENCH_PROFILE_H

#include "measure.h"

extern const char *const wn_bench_part_names[WN_N_PART];

// Share of each part in a row's time [WN_N_PART], sampled by a timer over about `seconds`; the sum is 1.
wn_status wn_bench_profile(const wn_bench_result *row, double seconds, double *share, long *n_sample, wn_error *err);

// Nanoseconds of one call for a whole batch of the row's width, at states on the way of the first subjects.
typedef struct wn_bench_unit_costs {
  double rhs, jacobian, factor, solve, vector;  // vector: z = x + y over all states
  double copy;                                  // writing one row of outputs to memory that is not in cache
} wn_bench_unit_costs;
wn_status wn_bench_units(const wn_bench_setup *setup, int width, wn_bench_unit_costs *costs, wn_error *err);

#endif

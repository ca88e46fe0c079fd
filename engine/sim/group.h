// group.h - which subjects run side by side, cut into batches in their order: any, or those with the same action times.
#ifndef WN_SIM_GROUP_H
#define WN_SIM_GROUP_H

#include "sim/subject.h"

// Batch i holds subjects order[first[i]] .. order[first[i + 1] - 1].
typedef struct wn_plan {
  int n_batch;
  int *first;  // [n_batch + 1]
  int *order;  // [n subjects]
} wn_plan;

// At most `per_batch` subjects in a batch; same_times: only such with the same times, for integrators with one clock.
// The cut depends on the subjects and their order only.
wn_status wn_plan_create(const wn_subject *subjects, int n, int per_batch, bool same_times, wn_plan *plan,
                         wn_error *err);
void wn_plan_free(wn_plan *plan);

#endif

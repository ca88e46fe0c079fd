// batch.h - subjects side by side: their parameters and states in lanes, and the callbacks a solver needs.
//
// Lanes [0, n_subject) are the subjects that have a place now. With a baseline, lanes [n_subject, 2 n_subject) are the
// same subjects without doses. The rest, up to width (a multiple of WN_LANES), repeat the last lane. Blocks are
// [quantity][width].
#ifndef WN_SIM_BATCH_H
#define WN_SIM_BATCH_H

#include "sim/lanes.h"
#include "sim/subject.h"

typedef struct wn_batch {
  const wn_scenario *scenario;
  const wn_model *model;
  int n_subject, n_lane, width;
  const wn_subject *subjects;  // all there are
  const wn_subject **subject;  // [n_subject] who sits where
  wn_lanes lanes;
  double *state;  // lanes.state, where the run stands between two events
  int *cursor;    // [n_subject], next action
  int *place;     // [width] whose each lane is
  int *group;     // [width] lanes of the same subject, which keep the same time; NULL: every lane its own
} wn_batch;

// Lanes a batch of n subjects needs, padded.
int wn_batch_width(int n_subject, bool baseline);

// Lay out the lanes of subjects[order[0..n)], bind their parameters and set their states to initial values at t_start,
// without doses.
wn_status wn_batch_init(wn_batch *batch, const wn_scenario *scenario, const wn_subject *subjects, const int *order,
                        int n, bool baseline, wn_error *err);
void wn_batch_free(wn_batch *batch);

// Another of the subjects takes a place; wn_batch_begin binds and starts the lanes of those that did, `is_new` [width].
void wn_batch_seat(wn_batch *batch, int place, int subject);
void wn_batch_begin(wn_batch *batch, const bool *is_new);

// Apply to a subject's lane every action with time <= `time` that was not applied yet. Its drug-free lane has none.
void wn_batch_apply(wn_batch *batch, int subject, double time);

// The subject whose doses and clock a lane follows (its drug-free lane: the clock only).
int wn_batch_subject_of(const wn_batch *batch, int lane);

// Where a lane ends, h.
double wn_batch_end(const wn_batch *batch, int lane);

// When a subject's next action after `time` is, or its end.
double wn_batch_next(const wn_batch *batch, int subject, double time);

#endif

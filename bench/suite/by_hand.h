// by_hand.h - what the hand-written rows share: the walk of one subject from dose to dose.
#ifndef WN_BENCH_BY_HAND_H
#define WN_BENCH_BY_HAND_H

#include "rows.h"

// One subject on its way: where it is, and where its next outputs go.
typedef struct wn_bench_walk {
  const wn_bench_job *job;
  const double *rate;
  double y[WN_BENCH_MAX_STATE];
  double *row;  // of the next output
  int next;     // its number
} wn_bench_walk;

// Integrate y from `from` to `to`, writing every output at a time in (from, to); y is then at `to`.
typedef wn_status wn_bench_leg(void *self, wn_bench_walk *walk, double from, double to, wn_error *err);

// All subjects of the job, in turn: initial values, doses, legs, outputs at doses (after them) and at the end.
wn_status wn_bench_walk_all(const wn_bench_job *job, wn_bench_leg *leg, void *self, wn_error *err);

// The time of the next output if it is before `to`, else a time after it.
double wn_bench_walk_next(const wn_bench_walk *walk);
void wn_bench_walk_write(wn_bench_walk *walk, const double *y);

#endif

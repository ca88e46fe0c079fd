// dopri5_x8.h - Dormand and Prince by hand in gcc's vectors, eight subjects side by side: what a careful C programmer
// gets from the processor's vectors for one model. Every lane has its own time and step; one whose subject is done
// takes the next. W1 to W3 only.
#ifndef WN_BENCH_DOPRI5_X8_H
#define WN_BENCH_DOPRI5_X8_H

#include "rows.h"

enum { WN_BENCH_X8 = 8 };  // lanes

typedef double wn_bench_x8 __attribute__((vector_size(64)));
typedef long wn_bench_x8_mask __attribute__((vector_size(64)));  // 0 or -1 a lane

typedef wn_status wn_bench_x8_run(wn_bench_job *job, wn_error *err);

// The loops of W1, W2, W3 as compiled for one kind of processor.
extern wn_bench_x8_run *const wn_bench_x8_portable[3], *const wn_bench_x8_avx2[3], *const wn_bench_x8_avx512[3];

// Can the row run this case?
bool wn_bench_has_x8(const wn_bench_case *c);
wn_status wn_bench_dopri5_x8(wn_bench_job *job, wn_error *err);

// What lanes do between steps, compiled once (dopri5_x8.c).
typedef struct wn_bench_x8_walk {
  wn_bench_job *job;
  int subject, n_running;  // the next to be taken; lanes that have one
  struct {
    int dose;     // number of the next
    double *row;  // of the next output
  } lane[WN_BENCH_X8];
  bool is_new[WN_BENCH_X8];    // the lane has taken a subject, and has not made a step
  double *time, *stop, *next;  // [lanes] where lanes are, where they may go, numbers of their next outputs
  double *rate, *state;        // [..][lanes]
} wn_bench_x8_walk;

void wn_bench_x8_begin(wn_bench_x8_walk *walk);

// Lanes of the mask are at their stops: outputs, doses, and new subjects for those at the end.
void wn_bench_x8_arrive(wn_bench_x8_walk *walk, unsigned lanes);

// The next output of a lane, from states [n][lanes]; its number is the caller's.
static inline void wn_bench_x8_write(wn_bench_x8_walk *walk, int n, int lane, const double *state) {
  double *row = walk->lane[lane].row;
  for (int i = 0; i < n; i++) row[i] = state[i * WN_BENCH_X8 + lane];
  walk->lane[lane].row = row + n;
}

#endif

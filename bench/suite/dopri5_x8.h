// dopri5_x8.h - Dormand and Prince by hand in gcc's vectors, eight subjects side by side: what a careful C programmer
// gets from the processor's vectors for one model. Every lane has its own time and step; one whose subject is done
// takes the next. W1 to W3 only.
#ifndef WN_BENCH_DOPRI5_X8_H
#define WN_BENCH_DOPRI5_X8_H

#include "rows.h"

// The loops as compiled for one kind of processor: lanes, and W1, W2, W3.
typedef struct wn_bench_x8_table {
  int width;
  wn_status (*run[3])(wn_bench_job *job, wn_error *err);
} wn_bench_x8_table;
extern const wn_bench_x8_table wn_bench_x8_portable, wn_bench_x8_avx2, wn_bench_x8_avx512;

int wn_bench_x8_width(void);  // lanes on this processor

// Can the row run this case?
bool wn_bench_has_x8(const wn_bench_case *c);
wn_status wn_bench_dopri5_x8(wn_bench_job *job, wn_error *err);

// What lanes do between steps, compiled once (dopri5_x8.c).
enum { WN_BENCH_X8_MOST = 8 };
typedef struct wn_bench_x8_walk {
  wn_bench_job *job;
  int width;
  int subject, n_running;  // the next to be taken; lanes that have one
  struct {
    int dose;     // number of the next
    double *row;  // of the next output
  } lane[WN_BENCH_X8_MOST];
  bool is_new[WN_BENCH_X8_MOST];  // the lane has taken a subject, and has not made a step
  double *time, *stop, *next;     // [lanes] where lanes are, where they may go, numbers of their next outputs
  double *rate, *state;           // [..][lanes]
} wn_bench_x8_walk;

void wn_bench_x8_begin(wn_bench_x8_walk *walk);

// Lanes of the mask are at their stops: outputs, doses, and new subjects for those at the end.
void wn_bench_x8_arrive(wn_bench_x8_walk *walk, unsigned lanes);

// The next output of a lane, from states [n][lanes]; its number is the caller's.
static inline void wn_bench_x8_write(wn_bench_x8_walk *walk, int n, int lane, const double *state) {
  double *row = walk->lane[lane].row;
  for (int i = 0; i < n; i++) row[i] = state[i * walk->width + lane];
  walk->lane[lane].row = row + n;
}

#endif

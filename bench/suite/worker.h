// worker.h - one thread of the engine's rows, and what of it serves lanes with clocks of their own (own_clocks.c).
#ifndef WN_BENCH_WORKER_H
#define WN_BENCH_WORKER_H

#include "rows.h"
#include "sim/lanes.h"

typedef struct wn_bench_seats wn_bench_seats;
struct wn_bench_run;

typedef struct wn_bench_worker {
  const struct wn_bench_run *run;
  wn_lanes lanes;
  wn_solver *solver;
  wn_system inner;        // behind the wrappers
  wn_bench_seats *seats;  // subjects in lanes with own clocks
  wn_bench_cost cost;     // so far
  wn_status status;
  wn_error err;
} wn_bench_worker;

// The next subject that nobody has taken, or -1; and the parameters of a subject into a lane.
int wn_bench_next_subject(wn_bench_worker *w);
void wn_bench_fill(wn_bench_worker *w, int lane, int subject);

// Take subject after subject until none is left; outputs into the job's block, a subject's after one another.
wn_status wn_bench_seats_create(wn_bench_worker *w, const wn_bench_job *job);
void wn_bench_seats_destroy(wn_bench_worker *w);
wn_status wn_bench_seats_run(wn_bench_worker *w);

#endif

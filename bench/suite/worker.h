// worker.h - one thread's batch of the engine's rows, and the two ways to run it: all lanes on one clock, or each on
// its own.
#ifndef WN_BENCH_WORKER_H
#define WN_BENCH_WORKER_H

#include "rows.h"
#include "sim/lanes.h"

typedef struct wn_bench_worker {
  wn_lanes lanes;
  wn_solver *solver;
  wn_system inner;          // behind the wrappers
  double *now, *stop, *at;  // [width] where lanes are, and go; times of outputs
  double *due;              // [width] time of each lane's next output
  double *row;              // [n_state][width] outputs at `at`
  int *next, *dose;         // [width] each lane's next output and dose
  bool *there;              // [width] lanes at a dose, or with an output to write
  long *tried;              // [width] steps each lane tried in this batch
  wn_bench_cost cost;       // of the batches so far
  wn_status status;
  wn_error err;
} wn_bench_worker;

// Room for clocks of lanes; and a batch from its start to its end, outputs into `block`.
wn_status wn_bench_clocks_init(wn_bench_worker *w, const wn_bench_job *job);
void wn_bench_clocks_free(wn_bench_worker *w);
wn_status wn_bench_clocks_run(wn_bench_worker *w, const wn_bench_job *job, double *block);

#endif

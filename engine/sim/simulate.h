// simulate.h - run a scenario: subjects are grouped by schedule, cut into batches of lanes, advanced from event to
// event, observed on dense output. The same path serves one simulation and a million. Knows no Lua and no files.
#ifndef WN_SIM_SIMULATE_H
#define WN_SIM_SIMULATE_H

#include "sim/result.h"

typedef struct wn_run_def {
  wn_solver_def solver;  // default auto, 1e-6, 1e-9
  int n_thread;          // 0: all cores
  int max_width;         // lanes of a batch at most (multiple of WN_LANES); default 16. 1 lane is padded to WN_LANES
  bool keep_trajectories;
} wn_run_def;
wn_run_def wn_run_default(void);

// Simulate every arm (one subject each in this version). WN_OK even if a series failed: its status says so.
// WN_ERR_INTERRUPT when wn_interrupt_set(true) was called. Results are the same bits for any n_thread.
wn_status wn_simulate(const wn_scenario *scenario, const wn_run_def *def, wn_result **result, wn_error *err);

#endif

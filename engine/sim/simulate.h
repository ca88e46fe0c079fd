// simulate.h - run a scenario: subjects are grouped by schedule, cut into batches of lanes, advanced from event to
// event, observed on dense output. The same path serves one simulation and a million. Knows no Lua and no files.
#ifndef WN_SIM_SIMULATE_H
#define WN_SIM_SIMULATE_H

#include "sim/result.h"

typedef struct wn_run_def {
  wn_solver_def solver;  // default auto, 1e-6, 1e-9
  int n_thread;          // 0: all cores
  int max_width;  // lanes of a batch at most, 1 or more; default 16. A batch is padded to a multiple of WN_LANES.
                  // A subject takes two lanes where windows compare with its drug-free simulation
  wn_keep keep_trajectories;  // default all; none: no grid, n_time 0, and no memory for it
  bool brief;  // default false; true: of the metrics only those of watched outputs over the last whole dosing day (or
               // else the run), of windows' those of the first and last whole day and the last night, no occurrences
  bool whole;  // default false: states that stay 0 and outputs nobody asks for are not simulated; true: they are
} wn_run_def;
wn_run_def wn_run_default(void);

// Simulate every individual of every arm. WN_OK even if a series failed: its status says so; a batch in
// which a lane fails is run again subject by subject, so that the others keep their results. "auto" is resolved once,
// from the start of the first subject. Errors, without a result: WN_ERR_USER (span, grid, doses, solver, individuals),
// WN_ERR_MEMORY, WN_ERR_INTERRUPT when wn_interrupt_set(true) was called. Results are the same bits for any n_thread.
// The caller owns the result (wn_result_destroy); it borrows the scenario.
wn_status wn_simulate(const wn_scenario *scenario, const wn_run_def *def, wn_result **result, wn_error *err);

#endif

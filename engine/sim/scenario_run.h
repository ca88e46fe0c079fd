// scenario_run.h - subjects of a scenario in the lanes of one batch, from t_start to their ends: doses applied, windows
// and metrics observed. A client of the loop (loop.h).
#ifndef WN_SIM_SCENARIO_RUN_H
#define WN_SIM_SCENARIO_RUN_H

#include "sim/observe.h"
#include "sim/queue.h"

// Simulate the subjects that wait in the queue, n_place of them at a time, and write their series, tallies and (kept)
// trajectories; `def` names a solver, not auto. WN_ERR_RUN (words: when, which state)
// when a lane failed: the subjects that had a place and are not done -> left [n_place], -1 where there is none. What
// was written for these is void beyond the time of the failure, and the caller decides whether to run them one by one.
wn_status wn_scenario_run(const wn_result *result, const wn_subject *subjects, wn_queue *queue, int n_place,
                          const wn_solver_def *def, wn_tally *tally, int *left, wn_error *err);

// True when some window compares with a drug-free simulation.
bool wn_scenario_needs_baseline(const wn_scenario *scenario);

// The solver for a whole run from its first subject: its start and the median span between its events.
// Returns the solver's name; reason[160] says why.
wn_status wn_scenario_choose(const wn_scenario *scenario, const wn_subject *subjects, const char **name,
                             char reason[160], wn_error *err);

#endif

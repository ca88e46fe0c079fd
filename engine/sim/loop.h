// loop.h - one batch from t_start to t_end: advance to the next event, apply it, observe.
#ifndef WN_SIM_LOOP_H
#define WN_SIM_LOOP_H

#include "sim/observe.h"

// Simulate subjects[order[0..n)] and write their series, tallies and (kept) trajectories; `def` names a solver, not
// auto. WN_ERR_RUN (words: when, which state) when a lane failed: what was written for these series is then void
// beyond the time of the failure, and the caller decides whether to run them again one by one.
wn_status wn_loop_run(const wn_result *result, const wn_subject *subjects, const int *order, int n,
                      const wn_solver_def *def, wn_tally *tally, wn_error *err);

// True when some window compares with a drug-free simulation.
bool wn_loop_needs_baseline(const wn_scenario *scenario);

// The solver for a whole run from its first subject: its start and the median span between its events.
// Returns the solver's name; reason[160] says why.
wn_status wn_loop_choose(const wn_scenario *scenario, const wn_subject *subjects, const char **name, char reason[160],
                         wn_error *err);

#endif

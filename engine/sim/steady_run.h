// steady_run.h - a dose repeated since ever, from one implied dose to the next, in lanes that share their steps. A
// client of the loop (loop.h). Private to sim/.
#ifndef WN_SIM_STEADY_RUN_H
#define WN_SIM_STEADY_RUN_H

#include "sim/loop.h"
#include "sim/steady_period.h"

typedef struct wn_steady_run {
  const wn_steady *steady;
  wn_lanes lanes;
  wn_period period;
  bool only_first;  // the others are given no doses
  double *size;     // [n_state] largest values of lane 0 so far
  // its own
  wn_loop loop;
  int *place;  // [width] all the same
  int n_cycle, cycle;
  double last_span;
  bool is_tail;  // the infusion has ended, or the youngest of several has
} wn_steady_run;

// Lanes of a model, not bound, and room for sizes; what is made is given back by wn_steady_run_free even when it fails.
wn_status wn_steady_run_init(wn_steady_run *run, const wn_model *model, const wn_steady *steady, int width,
                             wn_error *err);
// By `def`; lanes from n_lane on are like the one before them.
wn_status wn_steady_run_solver(wn_steady_run *run, const wn_solver_def *def, int n_lane, wn_error *err);
void wn_steady_run_free(wn_steady_run *run);

// From lanes.state at the period's start through n_cycle intervals, of which the last is cut after `last_span` hours ->
// lanes.state. Errors: WN_ERR_RUN.
wn_status wn_steady_run_go(wn_steady_run *run, int n_cycle, double last_span, wn_error *err);

#endif

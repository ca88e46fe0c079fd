// steady_period.h - how long it takes until everything repeats: the interval between doses or, where the equations
// follow the clock, the least common multiple with a day. Private to sim/.
#ifndef WN_SIM_STEADY_PERIOD_H
#define WN_SIM_STEADY_PERIOD_H

#include "dose/records.h"
#include "sim/lanes.h"

typedef struct wn_period {
  int n_cycle;      // intervals in a period
  double interval;  // h
  double start;     // time of the first implied dose of the period
} wn_period;

// For a record at `time`; the period ends where the record's own dose enters. The equations are tried in lanes, with
// their parameters and covariates; states and slopes are overwritten, inputs and switches set back. Errors: WN_ERR_RUN
// when nothing ever repeats.
wn_status wn_period_choose(wn_lanes *lanes, const wn_steady *steady, double time, wn_period *period, wn_error *err);

#endif

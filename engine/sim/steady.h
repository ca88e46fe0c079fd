// steady.h - the exact steady state of a dose repeated since ever: the fixed point of the map over one period, not a
// long train of doses. For a linear model the map is x -> M x + b, and (I - M) x = b is solved; otherwise Newton's
// method with M as the derivative of the map. Where the equations follow the clock the period is the least common
// multiple of the interval and 24 h. Refused with a reason where there is none.
#ifndef WN_SIM_STEADY_H
#define WN_SIM_STEADY_H

#include "dose/records.h"
#include "sim/lanes.h"

typedef struct wn_steady_report {
  double residual;     // largest change of a state over a period, relative to it or 1e-3 of its largest value
  double error;        // the same of what the states are estimated to be off
  double multiplier;   // largest modulus of an eigenvalue of M: what is left of a deviation after a period
  double period;       // h
  double hours_to_95;  // until 95 % of the steady state is reached from any start; 0 when at once
  int n_iteration;     // Newton steps; 1 for linear models
} wn_steady_report;

// State of the individual in `lane` of `lanes` (its parameters, covariates and open compartments; its own state is the
// first guess) when the steady state's next dose is still period - phase away, at time `time` of the record. state
// [n_state]. Errors: WN_ERR_RUN with the reason.
wn_status wn_steady_solve(const wn_lanes *lanes, int lane, const wn_steady *steady, double time,
                          const wn_solver_def *solver, double *state, wn_steady_report *report, wn_error *err);

#endif

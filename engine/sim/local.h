// local.h - local sensitivities: how much every metric of a scenario, window edges included, moves when a parameter
// moves a little. Exact derivatives by forward sensitivities (CVODES, symbolic right-hand sides), not differences of
// runs.
//
// What moves: F, lag and scales of routes (a lag moves the dose, and with it everything after), initial values, and the
// equations. What is held fixed: the times, intervals and given durations or rates of the doses, the spans metrics are
// made for, and the moment at which an equation switches (where, min, max): the derivative is that of the branch taken,
// which is exact as long as the branches meet there.
//
// The whole model is integrated, not what model/reduce.h leaves of it: a state that stays 0 at these parameters may
// still move with them (a retained fraction whose rate is 0), CVODES' norm is a mean over states, so that leaving some
// out would take other steps to other digits, and derivatives grow the model's graph, which reduced models share
// between threads.
#ifndef WN_SIM_LOCAL_H
#define WN_SIM_LOCAL_H

#include "model/tangent.h"
#include "sim/simulate.h"

typedef struct wn_local_def {
  const int *param;  // [n_param] by which parameters
  int n_param;       // 0: by all that the watched outputs and the windows depend on
  wn_run_def run;    // solver, tolerances, threads of the run that makes the metrics; brief is not read
} wn_local_def;

// One metric of one arm, as in result.h, of a watched output or a window: peak, cmax, tmax, auc, trough, mean;
// window_start, window_end, window_hours, hours_per_day, share_of_night, peak. An edge moves by -(dg/dp) / (dg/dt) of
// the compared value g, or with the dose where it is a jump at a dose; an extreme's value by dg/dp at its time, and its
// time by
// -(d2g/dtdp) / (d2g/dt2). t_half and counts are left out.
typedef struct wn_local_metric {
  int arm;
  wn_metric metric;
  const double *by;  // [n_sens] derivative by ln p (by p itself where p is 0); NaN where there is none: an edge that
                     // only touches its threshold, an extreme that is flat
} wn_local_metric;

// Columns: the parameters, then all doses' amounts together (n_sens = n_param + 1).
typedef struct wn_local {
  const wn_scenario *scenario;  // borrowed
  wn_result *result;            // of the run itself
  wn_motion *motion;            // motion->param: which parameters
  int n_sens;
  WN_ARRAY(wn_local_metric) metrics;  // by arm
  wn_arena *arena;
} wn_local;

// Errors: WN_ERR_USER (several individuals), WN_ERR_RUN (an arm failed), WN_ERR_MEMORY, WN_ERR_INTERRUPT. The same bits
// for any number of threads. The model's graph grows: one thread at a time per model.
wn_status wn_local_create(const wn_scenario *scenario, const wn_local_def *def, wn_local **local, wn_error *err);
void wn_local_destroy(wn_local *local);

// Value of column k in an arm: the parameter's, or 1 for the doses; its name ("all doses" for the last).
double wn_local_value(const wn_local *local, int arm, int k);
const char *wn_local_name(const wn_local *local, int k);

// d metric / d p, and the elasticity d ln metric / d ln p: NaN where either is 0, and
// for the clock time of an edge.
double wn_local_slope(const wn_local *local, const wn_local_metric *metric, int k);
double wn_local_elasticity(const wn_local *local, const wn_local_metric *metric, int k);

#endif

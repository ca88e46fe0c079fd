// lanes.h - one model in W lanes: parameters, covariates, states, inputs, and the callbacks a solver needs. What a lane
// stands for (an arm, an individual, a perturbed copy) is its user's business. Blocks are [quantity][width].
#ifndef WN_SIM_LANES_H
#define WN_SIM_LANES_H

#include "model/model.h"
#include "solve/solver.h"

typedef struct wn_lanes {
  const wn_model *model;
  int width;          // a multiple of WN_LANES
  double *slab;       // owns the blocks below
  double *param;      // [n_param][width]; bind after writing
  double *covariate;  // [n_covariate_all][width], the model's defaults at first; bind after writing
  double *state;      // [n_state][width], where the run stands between two events
  double *rate;       // [n_state][width], inputs, unit of the state per hour; behind `moved`
  double *open;       // [n_state][width], 1, or 0 for a compartment that is switched off
  double *slope;      // [n_state][width], scratch
  double *moved;      // [n_state][width], scratch: states of which the series is asked for, before the inputs
  double *one_time;   // [width], see wn_lanes_at
  double *rhs_work, *series_work, *drift_work, *jacobian_work, *output_work, *initial_work;
  bool is_trusted;      // false; true: the solver finds numbers that are not finite by itself
  bool is_interpreted;  // false; true: no machine code
  int n_running;        // inputs that are not 0, over all lanes
  int n_off;            // compartments that are off, over all lanes
} wn_lanes;

wn_status wn_lanes_init(wn_lanes *lanes, const wn_model *model, int width, wn_error *err);
void wn_lanes_free(wn_lanes *lanes);

// Compute what depends on parameters and covariates only.
void wn_lanes_bind(wn_lanes *lanes);

// All states to their initial values at `time`, the same for all; inputs 0, compartments on. One lane: the same for it
// alone. Some: for those of `which` [width].
void wn_lanes_start(wn_lanes *lanes, double time);
void wn_lanes_start_one(wn_lanes *lanes, double time, int lane);
void wn_lanes_start_some(wn_lanes *lanes, double time, const bool *which);

// Set an input, or switch a compartment, of one lane.
void wn_lanes_set_rate(wn_lanes *lanes, int state, int lane, double rate);
void wn_lanes_set_open(wn_lanes *lanes, int state, int lane, bool open);

// The same time in all lanes [width], until the next call.
const double *wn_lanes_at(wn_lanes *lanes, double time);

// WN_ERR_RUN names the state that is not finite in a lane of `which` [width] (NULL: any), or whose derivative at `time`
// [width] is not; at or before `first` [width] it is the start, later it is after a dose.
wn_status wn_lanes_check_state(const wn_lanes *lanes, const bool *which, wn_error *err);
wn_status wn_lanes_check_slope(wn_lanes *lanes, const bool *which, const double *time, const double *first,
                               wn_error *err);

// Outputs of all lanes at `time` [width] and `state` [n_state][width] -> out [n_output][width].
void wn_lanes_outputs(wn_lanes *lanes, const double *time, const double *state, double *out);

// Derivatives at `time` [width] and the present states -> slope; nonzero when one is not finite.
int wn_lanes_slope(wn_lanes *lanes, const double *time);

// What a solver integrates; its context is the lanes, which must stay where they are.
wn_system wn_lanes_system(wn_lanes *lanes);

#endif

// local_run.h - one subject from event to event together with how it moves with parameters: what probes and integrals
// ask for. A client of the loop (loop.h). Private to sim/.
#ifndef WN_SIM_LOCAL_RUN_H
#define WN_SIM_LOCAL_RUN_H

#include "model/tangent.h"
#include "sim/subject.h"

// Lane 0 is the subject, lane 1 the same without doses.
enum { WN_LOCAL_TAKEN, WN_LOCAL_FREE, WN_LOCAL_N_LANE };

// An output of a lane at a time. Derivatives are by the run's quantities q: logarithms of the chosen parameters (the
// parameter itself where it is 0), then of all doses' amounts; [n_sens] each, at a fixed time.
typedef struct wn_local_point {
  double value, speed, acceleration;  // per h, per h^2, along the solution
  double *by, *speed_by;
} wn_local_point;

// What to look at. At a dosing action the values before and after it differ, and the action may itself move.
typedef struct wn_local_probe {
  double time;
  int output;  // position in motion->output
  bool at_event;
  double *event_by;  // [n_sens] d time of the action / dq
  wn_local_point before[WN_LOCAL_N_LANE], after[WN_LOCAL_N_LANE];
} wn_local_probe;

// d (integral of an output of lane 0 over [from, to]) / dq.
typedef struct wn_local_integral {
  double from, to;
  int output;
  double *by;  // [n_sens]
} wn_local_integral;

typedef struct wn_local_task {
  const wn_scenario *scenario;
  const wn_subject *subject;
  const wn_motion *motion;
  double rtol, atol;
  int n_probe, n_integral;
  wn_local_probe *probe;  // by time
  wn_local_integral *integral;
  double *slab;  // owns the rows of probes and integrals
} wn_local_task;

// Quantities q of a motion: its parameters and the dose.
int wn_local_n_sens(const wn_motion *motion);

// Room for every row; the task's owner frees the slab.
wn_status wn_local_task_rows(wn_local_task *task, wn_error *err);

// Fill probes and integrals. WN_ERR_RUN when the solver fails or a value is not finite.
wn_status wn_local_run(wn_local_task *task, wn_error *err);

// ---- local_lanes.c: values and derivatives at a time ----

enum { WN_LOCAL_WIDTH = 4 };

typedef struct wn_local_lanes {
  const wn_model *model;
  const wn_motion *motion;
  int n_sens;
  size_t block;                             // n_state * width
  double *slab;                             // owns all below; blocks [.][width]
  double *time, *param, *covariate, *rate;  // covariates end with a copy of `rate`, see wn_motion
  double *state, *s;                        // where the run stands; s [n_sens][n_state][width], behind the state
  double *dense, *dense_s;                  // within a step, the same
  double *slope;                            // scratch [n_state][width]
  double *jacobian, *rhs_by, *output_by, *speed_by, *route_by;  // outputs of the programs
  double *rhs_work, *jacobian_work, *initial_work, *rhs_by_work, *output_by_work, *speed_by_work, *route_by_work;
  double *scale;       // [n_sens] dp/dq
  double *rate_by;     // [n_sens][n_state] of lane 0
  double *route;       // [n_route_value] of the subject
  double *route_move;  // [n_route_value][n_sens]
} wn_local_lanes;

wn_status wn_local_lanes_init(wn_local_lanes *lanes, const wn_motion *motion, const wn_model *model,
                              const double *param, double t_start, wn_error *err);
void wn_local_lanes_free(wn_local_lanes *lanes);

// After inputs changed.
void wn_local_lanes_bind(wn_local_lanes *lanes);

// What wn_sensitivity integrates; context is the lanes.
int wn_local_rhs(void *context, double time, const double *y, double *dy);
int wn_local_jacobian(void *context, double time, const double *y, double *values);
int wn_local_move(void *context, double time, const double *y, const double *const *s, double *const *ds);

// An output's point in a lane at a time, for states y and sensitivities s.
void wn_local_look(wn_local_lanes *lanes, double time, const double *y, const double *s, int output, int lane,
                   wn_local_point *point);

// Values -> value [n_output], derivatives -> by [n_output][n_sens], of lane 0.
void wn_local_outputs(wn_local_lanes *lanes, double time, const double *y, const double *s, double *value, double *by);

// ---- local_doses.c: how an action moves ----

// d time / dq and d amount / dq of action `index` of a schedule -> [n_sens] each; of a RATE action the change of the
// total by this dose alone. False when it repeats the action before it, for a dose that enters a state twice.
bool wn_local_action(const wn_local_lanes *lanes, const wn_schedule *schedule, const wn_dose *doses, int index,
                     double *time_by, double *amount_by);

#endif

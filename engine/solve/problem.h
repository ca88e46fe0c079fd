// problem.h - what the SUNDIALS integrators of this room share: the system, its vectors and tolerances, the callbacks'
// counting, and a failure put into words. Private to the room.
#ifndef WN_SOLVE_PROBLEM_H
#define WN_SOLVE_PROBLEM_H

#include "solve/lane_vector.h"
#include "solve/types.h"

// The first member of each integrator, so that SUNDIALS' user_data is a wn_problem for the shared callbacks.
typedef struct wn_problem {
  const char *name;  // of the solver, for messages
  wn_shared_system system;
  wn_solver_def def;
  double safety;  // factor on the tolerances, where local errors add up; 1 unless the integrator says
  SUNContext context;
  const wn_lane_ops *ops;
  wn_lane_space *space;
  N_Vector y;      // the solution at the end of the last step
  N_Vector error;  // scratch: error estimates, dense output
  N_Vector weight;
  double s;                     // where the solution is
  int n_stuck;                  // steps in a row that did not move s
  wn_solver_stats stats;        // over all restarts; what SUNDIALS counts itself is added before it forgets
  long bad_rhs;                 // n_rhs at the last evaluation that failed since the restart; 0 none
  int bad_state, bad_lane;      // where the last failed evaluation was not finite; -1 unknown
  int worst_state, worst_lane;  // see wn_solver_worst; -1 unknown
  char text[256];               // SUNDIALS' last message
} wn_problem;

// Takes copies; n_vector is how many vectors the integrator will make in all.
wn_status wn_problem_init(wn_problem *problem, const char *name, const wn_shared_system *system,
                          const wn_solver_def *def, int n_vector, wn_error *err);
void wn_problem_free(wn_problem *problem);

// Evaluate the right-hand side, counted. Nonzero as the system's; bad_state and bad_lane then say where.
int wn_problem_rhs(wn_problem *problem, double s, const double *y, double *dy);

// Note a restart at s from y [n_state][width], and a step that ended at s. False when steps no longer move s.
void wn_problem_restart(wn_problem *problem, double s, const double *y);
bool wn_problem_advance(wn_problem *problem, double s);

// Error weights (CVEwtFn, ARKEwtFn) and error handler (CVErrHandlerFn, ARKErrHandlerFn); data is the wn_problem.
int wn_problem_weights(N_Vector y, N_Vector weight, void *data);
void wn_problem_message(int code, const char *module, const char *function, char *message, void *data);

// The table's worst and state; self is the wn_problem.
int wn_problem_worst(void *self, int *state, int *lane);
const double *wn_problem_state(void *self);

// How an integrator gave up.
typedef enum wn_failure {
  WN_FAILURE_STEP,      // the error test failed at ever smaller steps
  WN_FAILURE_NEWTON,    // Newton's iteration did
  WN_FAILURE_FINITE,    // the equations are not finite
  WN_FAILURE_ACCURACY,  // tolerance below rounding
  WN_FAILURE_MEMORY,
  WN_FAILURE_OTHER,  // SUNDIALS' own words
} wn_failure;

// Find the worst state from error and weight (filled by the caller, unless the failure is WN_FAILURE_FINITE) and put
// the failure at s into words. Returns WN_ERR_RUN, or WN_ERR_MEMORY.
wn_status wn_problem_fail(wn_problem *problem, wn_failure failure, double s, wn_error *err);

#endif

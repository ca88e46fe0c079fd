// serial.h - what SUNDIALS' integrators of one lane share: a solver for each lane, over a serial vector, from the
// lane's own beginning to its own end; clocks, tolerances, counting, and a failure put into words. Private to the room.
//
// Lanes of a group keep the same time for their caller: each goes at its own steps all the same, the one furthest
// behind first, and the group is where that one is. The others are ahead of it by less than their last steps, so dense
// output has them there.
#ifndef WN_SOLVE_SUNDIALS_SERIAL_H
#define WN_SOLVE_SUNDIALS_SERIAL_H

#include "solve/sundials/vector.h"
#include "solve/types.h"

typedef struct wn_serial wn_serial;

// One lane: the user_data of its solver.
typedef struct wn_serial_lane {
  wn_serial *all;
  int lane;
  int lead;      // the first lane of its group
  void *memory;  // CVODE's or ARKODE's
  void *own;     // the method's
  N_Vector y;    // [n_state] where the lane is
  double now, end;
  double start;           // where the last step began
  bool moved;             // there was one since the beginning
  bool is_bad;            // it could not be begun
  bool is_collected;      // SUNDIALS' counts are in the stats
  long n_step;            // since the beginning
  int n_stuck;            // steps in a row that did not move the time
  long bad_rhs;           // stats.n_rhs at the last evaluation that failed since the beginning; 0 none
  int bad_state;          // of that evaluation; -1 unknown
  wn_solver_stats stats;  // since it was made or renewed; what SUNDIALS counts itself is added before it forgets
} wn_serial_lane;

// How an integrator gave up.
typedef enum wn_failure {
  WN_FAILURE_STEP,      // the error test failed at ever smaller steps
  WN_FAILURE_NEWTON,    // Newton's iteration did
  WN_FAILURE_FINITE,    // the equations are not finite
  WN_FAILURE_ACCURACY,  // tolerance below rounding
  WN_FAILURE_MEMORY,
  WN_FAILURE_OTHER,  // SUNDIALS' own words
} wn_failure;

// An integrator of one lane. Flags are SUNDIALS'.
typedef struct wn_serial_method {
  const char *name;
  double safety;                                                // factor on the tolerances, where local errors add up
  bool (*create)(wn_serial_lane *lane);                         // memory and own; false: out of memory
  void (*destroy)(wn_serial_lane *lane);                        // also what is half made
  int (*begin)(wn_serial_lane *lane);                           // anew from (now, y)
  int (*step)(wn_serial_lane *lane, double *now);               // one, into y, never past the end
  void (*dense)(wn_serial_lane *lane, double time, double *y);  // within the last step
  void (*count)(const wn_serial_lane *lane, wn_solver_stats *stats);  // add what was counted since the beginning
  wn_failure (*failure)(int flag);
  void (*errors)(wn_serial_lane *lane);  // of the failed step -> all->error, all->weight
} wn_serial_method;

struct wn_serial {
  const wn_serial_method *method;
  wn_system system;
  wn_solver_def def;
  SUNContext context;
  wn_message message;
  int n_lane;              // that are integrated; those beyond repeat the last one
  wn_serial_lane *lane;    // [n_lane]
  N_Vector error, weight;  // [n_state] scratch
  double *slab;
  double *time, *before;                 // [width] where lanes are for the caller, and were before the last call
  double *stage_time;                    // [width] of the last evaluation in each lane
  double *state, *trial, *slope, *peak;  // [n_state][width]
  double *values;                        // [n_nz][width]
  wn_solver_stats stats;
  int worst_state, worst_lane;  // see wn_solver_worst; -1 unknown
};

wn_status wn_serial_create(const wn_serial_method *method, const wn_system *system, const wn_solver_def *def,
                           void **self, wn_error *err);

// Evaluate the equations of one lane, counted. Nonzero when a result is not finite.
int wn_serial_rhs(wn_serial_lane *lane, double time, const double *y, double *dy);

// The same of the Jacobian -> values [n_nz][copies], all copies the same.
int wn_serial_jacobian(wn_serial_lane *lane, double time, const double *y, int copies, double *values);

// Error weights (CVEwtFn, ARKEwtFn); data is the lane.
int wn_serial_weights(N_Vector y, N_Vector weight, void *data);

// The table's functions; self is the wn_serial.
void wn_serial_destroy(void *self);
void wn_serial_begin(void *self, const bool *which, const double *from, const double *to, const double *y);
wn_status wn_serial_advance(void *self, wn_error *err);
int wn_serial_worst(void *self, int *state, int *lane);
const double *wn_serial_state(void *self);
const double *wn_serial_times(void *self);
const double *wn_serial_previously(void *self);
void wn_serial_renew(void *self, const bool *which);
void wn_serial_look(void *self, const double *time, double *y);
void wn_serial_look_at(void *self, int n, const int *lane, const double *time, double *const *y);
void wn_serial_stats(void *self, wn_solver_stats *stats);
void wn_serial_lane_stats(void *self, int lane, wn_solver_stats *stats);

#define WN_SERIAL(create_of)                                                                                    \
  {                                                                                                             \
    .create = create_of, .destroy = wn_serial_destroy, .renew = wn_serial_renew, .begin = wn_serial_begin,      \
    .advance = wn_serial_advance, .worst = wn_serial_worst, .state = wn_serial_state, .times = wn_serial_times, \
    .previously = wn_serial_previously, .look = wn_serial_look, .look_at = wn_serial_look_at,                   \
    .stats = wn_serial_stats, .lane_stats = wn_serial_lane_stats                                                \
  }

#endif

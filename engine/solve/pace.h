// pace.h - what integrators whose lanes have clocks of their own share: times, steps, acceptance, the state before and
// after, failures in words. A method only computes one attempt. Private to the room.
#ifndef WN_SOLVE_PACE_H
#define WN_SOLVE_PACE_H

#include "solve/pace_ops.h"
#include "solve/types.h"

typedef struct wn_pace wn_pace;

enum { WN_MOST_SUM = 20 };

// A one-step method. `attempt` computes, for every lane from (at.time, y) over at.step hours, the solution after it ->
// next and the largest error against its tolerance -> at.err.
typedef struct wn_method {
  const char *name;
  double order;                    // of the error: it grows as step^order
  double safety;                   // factor on the tolerances, where local errors add up
  double most_grow;                // of a step from one to the next
  void (*prepare)(wn_pace *pace);  // once: what is summed, how dense output goes
  // before steps are planned: what a method knows of the lanes where they are, into at.next_step. NULL: it asks for
  // slopes only
  void (*propose)(wn_pace *pace);
  void (*attempt)(wn_pace *pace);
  void (*ready)(wn_pace *pace);  // before the first look at what the last call did; NULL: nothing to do
  bool is_forgetful;             // the slope after a step has to be asked for
  int n_rhs;                     // evaluations in an attempt
  bool is_implicit;              // one Jacobian and one factorisation in an attempt
  // rows and blocks of the method's own, [n_block][n_state][width]
  int n_block;
} wn_method;

struct wn_pace {
  const wn_method *method;
  wn_system system;
  wn_solver_def def;
  const wn_pace_ops *ops;
  wn_pacing pacing;
  wn_judge judge;
  wn_terms term[WN_MOST_SUM];  // the method\'s sums over its blocks, made once
  wn_curve curve;              // its dense output, where that is not
  wn_series series;            // a series (order 0: it is not)
  wn_terms error;              // whose sum is in proportion to the error of the last attempt
  int n_state, width;
  double *slab;
  wn_clocks at;
  double *own_err;              // of each lane, before those of a group agreed
  double *n_begun;              // beginnings of each lane since it was made or renewed
  double *stage_time, *row[2];  // scratch rows
  // blocks
  double *y, *old, *next, *peak, *slope;  // slope: derivatives at (time, y), unless fresh
  double *block, *extra;                  // the method's
  bool all_series;                        // every lane has a series where it is
  bool is_ready;                          // dense output of the last call was prepared
  bool any_fresh;
  int rounded;  // the last state begun with that has a tolerance below its rounding; or -1
  int worst_state, worst_lane;
  wn_solver_stats stats;
};

// Make the integrator of a method -> *self; n_extra: doubles of the method's own beside its blocks.
wn_status wn_pace_create(const wn_method *method, const wn_system *system, const wn_solver_def *def, size_t n_extra,
                         void **self, wn_error *err);
double *wn_pace_block(const wn_pace *pace, int k);  // the method's k-th

// Evaluate the equations at the lanes' times plus part of their steps.
void wn_pace_rhs(wn_pace *pace, double part, const double *y, double *slope);

// Of rk, for a method that takes its steps now and then: its sums and dense output; its stages over at.step from slope,
// into the first blocks, with next and at.err.
enum { WN_RK_BLOCKS = 6 };
void wn_rk_prepare(wn_pace *pace);
void wn_rk_attempt(wn_pace *pace);

// The table's functions; self is the wn_pace.
void wn_pace_destroy(void *self);
void wn_pace_begin(void *self, const bool *which, const double *from, const double *to, const double *y);
wn_status wn_pace_advance(void *self, wn_error *err);
int wn_pace_worst(void *self, int *state, int *lane);
const double *wn_pace_state(void *self);
const double *wn_pace_times(void *self);
const double *wn_pace_previously(void *self);
void wn_pace_renew(void *self, const bool *which);
void wn_pace_look(void *self, const double *time, double *y);
void wn_pace_look_at(void *self, int n, const int *lane, const double *time, double *const *y);
void wn_pace_stats(void *self, wn_solver_stats *stats);
void wn_pace_lane_stats(void *self, int lane, wn_solver_stats *stats);

#define WN_PACED(create_of)                                                                                     \
  {                                                                                                             \
    .create = create_of, .destroy = wn_pace_destroy, .renew = wn_pace_renew, .begin = wn_pace_begin,            \
    .advance = wn_pace_advance, .worst = wn_pace_worst, .state = wn_pace_state, .times = wn_pace_times,         \
    .previously = wn_pace_previously, .look = wn_pace_look, .look_at = wn_pace_look_at, .stats = wn_pace_stats, \
    .lane_stats = wn_pace_lane_stats                                                                            \
  }

#endif

// types.h - the functions behind each row of the solver table. Private to the room.
#ifndef WN_SOLVE_TYPES_H
#define WN_SOLVE_TYPES_H

#include "solve/solver.h"

// What an integrator with one clock is given: dy/ds = rhs(s, y), s the same for all lanes.
typedef struct wn_shared_system {
  int n_state, width;
  int (*rhs)(void *context, double s, const double *y, double *dy);
  int (*jacobian)(void *context, double s, const double *y, double *values);
  int n_nz;
  const int *row, *col;
  const wn_lu *lu;
  bool is_linear;
  void *context;
} wn_shared_system;

typedef struct wn_one_clock {
  wn_status (*create)(const wn_shared_system *system, const wn_solver_def *def, void **self, wn_error *err);
  void (*destroy)(void *self);
  wn_status (*restart)(void *self, double s, const double *y, wn_error *err);
  wn_status (*step)(void *self, double s_stop, double *s_now, wn_error *err);
  int (*worst)(void *self, int *state, int *lane);  // see wn_solver_worst
  const double *(*state)(void *self);
  void (*dense)(void *self, double s, double *y);
  void (*stats)(void *self, wn_solver_stats *stats);
} wn_one_clock;

// Lanes that do not move in a call have the same time before and after it, and `look` gives their state.
typedef struct wn_own_clocks {
  wn_status (*create)(const wn_system *system, const wn_solver_def *def, void **self, wn_error *err);
  void (*destroy)(void *self);
  void (*begin)(void *self, const bool *which, const double *from, const double *to, const double *y);
  wn_status (*advance)(void *self, wn_error *err);
  int (*worst)(void *self, int *state, int *lane);
  const double *(*state)(void *self);
  const double *(*times)(void *self);
  const double *(*previously)(void *self);
  void (*look)(void *self, const double *time, double *y);
  void (*look_at)(void *self, int n, const int *lane, const double *time, double *const *y);  // see wn_solver_look_at
  bool (*ahead)(void *self, int n, const double *time, bool is_shared, double *y);  // see wn_solver_ahead, or NULL
  void (*renew)(void *self, const bool *which);                                     // see wn_solver_renew
  void (*stats)(void *self, wn_solver_stats *stats);
  void (*lane_stats)(void *self, int lane, wn_solver_stats *stats);
} wn_own_clocks;

extern const wn_own_clocks wn_taylor, wn_rk, wn_rosenbrock, wn_bdf, wn_explicit, wn_exact;

// more than exact takes: an exponential of a full matrix costs about 40 n_state^3 multiplications in each lane
enum { WN_EXACT_MOST_STATE = 32 };

#endif

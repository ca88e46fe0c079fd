// types.h - the functions behind each row of the solver table. Private to the room.
#ifndef WN_SOLVE_TYPES_H
#define WN_SOLVE_TYPES_H

#include "solve/solver.h"

// What every row of the table has; a solver that is adopted need have no more than destroy to look.
// Lanes that do not move in a call have the same time before and after it, and `look` gives their state.
typedef struct wn_integrator {
  wn_status (*create)(const wn_system *system, const wn_solver_def *def, void **self, wn_error *err);
  void (*destroy)(void *self);
  // from NULL: lanes go on to other ends
  void (*begin)(void *self, const bool *which, const double *from, const double *to, const double *y);
  wn_status (*advance)(void *self, wn_error *err);
  int (*worst)(void *self, int *state, int *lane);
  const double *(*state)(void *self);
  const double *(*times)(void *self);
  const double *(*previously)(void *self);
  void (*look)(void *self, const double *time, double *y);
  void (*look_at)(void *self, int n, const int *lane, const double *time, double *const *y);  // see wn_solver_look_at
  bool (*ahead)(void *self, int n, const double *time, bool is_shared, double *y);  // see wn_solver_ahead, or NULL
  bool (*nodes)(void *self, const double **from, const double **to,
                const double *node[WN_N_NODES]);  // see wn_solver_nodes, or NULL
  void (*renew)(void *self, const bool *which);   // see wn_solver_renew
  void (*stats)(void *self, wn_solver_stats *stats);
  void (*lane_stats)(void *self, int lane, wn_solver_stats *stats);
} wn_integrator;

// A solver of an integrator that is no row of the table and has been made; `self` is the solver's from here on, also
// when it fails.
wn_status wn_solver_adopt(const wn_solver_type *type, void *self, int n_state, int width, wn_solver **solver,
                          wn_error *err);

extern const wn_integrator wn_taylor, wn_rk, wn_rosenbrock, wn_bdf, wn_explicit, wn_exact;

// more than exact takes: an exponential of a full matrix costs about 40 n_state^3 multiplications in each lane
enum { WN_EXACT_MOST_STATE = 32 };

#endif

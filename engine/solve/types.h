// types.h - the functions behind each row of the solver table, as wn_solver_type asks for them. Private to the room.
#ifndef WN_SOLVE_TYPES_H
#define WN_SOLVE_TYPES_H

#include "solve/solver.h"

#define WN_SOLVER_DECLARE(name)                                                                                \
  wn_status wn_##name##_create(const wn_system *system, const wn_solver_def *def, void **self, wn_error *err); \
  void wn_##name##_destroy(void *self);                                                                        \
  wn_status wn_##name##_restart(void *self, double s, const double *y, wn_error *err);                         \
  wn_status wn_##name##_step(void *self, double s_stop, double *s_now, wn_error *err);                         \
  void wn_##name##_dense(void *self, double s, double *y);                                                     \
  void wn_##name##_stats(void *self, wn_solver_stats *stats);

WN_SOLVER_DECLARE(bdf)
WN_SOLVER_DECLARE(explicit)
WN_SOLVER_DECLARE(exact)
void wn_exact_dense_many(void *self, int n, const double *s, double *y);
int wn_exact_worst(void *self, int *state, int *lane);
const double *wn_exact_state(void *self);

// more than exact takes: an exponential of a full matrix costs about 40 n_state^3 multiplications in each lane
enum { WN_EXACT_MOST_STATE = 32 };

#endif

// sensitivity.h - a solution together with how it moves with parameters: CVODES' BDF with forward sensitivities, over
// lanes, as one more solver. It does not know what a dose is: it begins anew after each event.
#ifndef WN_SOLVE_SENSITIVITY_H
#define WN_SOLVE_SENSITIVITY_H

#include "solve/solver.h"

// dy/dt = rhs(t, y); ds_k/dt = J s_k + df/dq_k, k in [0, n_sens). Blocks are [.][width], width a multiple of 4;
// callbacks return nonzero when a result is not finite.
typedef struct wn_sensitivity_system {
  int n_state, width, n_sens, n_nz;
  int (*rhs)(void *context, double time, const double *y, double *dy);
  int (*jacobian)(void *context, double time, const double *y, double *values);  // [n_nz][width]
  int (*move)(void *context, double time, const double *y, const double *const *s, double *const *ds);
  const wn_lu *lu;  // of the Jacobian's pattern
  void *context;
} wn_sensitivity_system;

// A solver (solver.h) of y and all s_k together: its states are [1 + n_sens][n_state][width], y first; all lanes keep
// the same time. rtol, atol hold for states and sensitivities alike, of each step: q should be scaled so that a
// sensitivity is of the size of the state (the logarithm of a parameter). It is begun, advanced and looked at; nothing
// else is known of it. `system` is copied; its context is borrowed.
wn_status wn_sensitivity_create(const wn_sensitivity_system *system, double rtol, double atol, wn_solver **solver,
                                wn_error *err);

#endif

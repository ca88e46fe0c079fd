// sensitivity.h - a solution together with how it moves with parameters: CVODES' BDF with forward sensitivities, over
// lanes. Like solver.h it does not know what a dose is: it is restarted after each event.
#ifndef WN_SOLVE_SENSITIVITY_H
#define WN_SOLVE_SENSITIVITY_H

#include "base/error.h"
#include "expr/sparse_lu.h"

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

typedef struct wn_sensitivity wn_sensitivity;

// rtol, atol hold for states and sensitivities alike, of each step: q should be scaled so that a sensitivity is of the
// size of the state (the logarithm of a parameter). `system` is copied; its context is borrowed.
wn_status wn_sensitivity_create(const wn_sensitivity_system *system, double rtol, double atol,
                                wn_sensitivity **sensitivity, wn_error *err);
void wn_sensitivity_destroy(wn_sensitivity *sensitivity);

// Begin anew at `time` with y [n_state][width] and s [n_sens][n_state][width].
wn_status wn_sensitivity_restart(wn_sensitivity *sensitivity, double time, const double *y, const double *s,
                                 wn_error *err);

// One internal step, never past `stop`. WN_ERR_RUN with the time when it fails.
wn_status wn_sensitivity_step(wn_sensitivity *sensitivity, double stop, double *now, wn_error *err);

// Within the last step, to solver accuracy -> y, s, shaped as above.
void wn_sensitivity_dense(wn_sensitivity *sensitivity, double time, double *y, double *s);

#endif

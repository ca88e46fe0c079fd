// newton.h - SUNDIALS' matrix and linear solver for Newton's method: the model's symbolic Jacobian, and I - gamma J
// factorised along its fixed pattern. Private to the room.
#ifndef WN_SOLVE_SUNDIALS_NEWTON_H
#define WN_SOLVE_SUNDIALS_NEWTON_H

#include "expr/sparse_lu.h"
#include <sundials/sundials_linearsolver.h>

// What is solved: over vectors [n_state][n_lane], n_lane 1 or a multiple of WN_LANES. The factorisation works on
// `width` lanes; a single one stands in all of them.
typedef struct wn_newton {
  const wn_lu *lu;  // borrowed
  int n_state, n_lane, width;
  double gamma;      // of the matrix last formed
  double *gammas;    // [width] of it
  double *jacobian;  // [n_nz][width], filled by the owner, kept from one setup to the next
  double *factors;   // wn_lu_workspace
  double *block;     // [n_state][width] scratch
} wn_newton;

// NULL when out of memory; destroy with SUNMatDestroy.
SUNMatrix wn_newton_matrix(const wn_lu *lu, int n_state, int n_lane, int n_nz, SUNContext context);
wn_newton *wn_newton_of(SUNMatrix matrix);

// Counts its factorisations in *n_factor (borrowed). A singular matrix is a recoverable failure: CVODE then tries a
// smaller step. NULL when out of memory; destroy with SUNLinSolFree.
SUNLinearSolver wn_newton_solver(SUNContext context, long *n_factor);

#endif

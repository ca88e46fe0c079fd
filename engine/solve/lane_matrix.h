// lane_matrix.h - SUNDIALS' SUNMatrix for Newton's method over lanes: the Jacobian's values along its pattern, gamma,
// and the factors of I - gamma J, one small matrix per lane.
#ifndef WN_SOLVE_LANE_MATRIX_H
#define WN_SOLVE_LANE_MATRIX_H

#include "expr/sparse_lu.h"
#include <sundials/sundials_matrix.h>

typedef struct wn_lane_matrix {
  const wn_lu *lu;  // borrowed
  int n_state, width;
  double gamma;      // of the matrix last formed, in every lane
  double *gammas;    // [width] of it, as the factorisation reads it
  double *jacobian;  // [n_nz][width], kept from one setup to the next
  double *factors;   // wn_lu_workspace
} wn_lane_matrix;

// NULL when out of memory; destroy with SUNMatDestroy.
SUNMatrix wn_lane_matrix_create(const wn_lu *lu, int n_state, int width, int n_nz, SUNContext context);
wn_lane_matrix *wn_lane_matrix_of(SUNMatrix matrix);

#endif

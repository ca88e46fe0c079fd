// lane_linsol.h - SUNDIALS' SUNLinearSolver over a lane matrix: one sparse LU along a fixed pattern, all lanes at once.
#ifndef WN_SOLVE_LANE_LINSOL_H
#define WN_SOLVE_LANE_LINSOL_H

#include <sundials/sundials_linearsolver.h>

// Counts its factorisations in *n_factor (borrowed). A singular matrix in any lane is a recoverable failure: CVODE then
// tries a smaller step. NULL when out of memory; destroy with SUNLinSolFree.
SUNLinearSolver wn_lane_linsol_create(SUNContext context, long *n_factor);

#endif

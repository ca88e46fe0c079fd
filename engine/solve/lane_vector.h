// lane_vector.h - SUNDIALS' N_Vector over a block [n_state][width]: operations are SIMD loops, and the error norm is
// the worst lane's, so that every simulation of a batch gets its own error control.
//
// A space holds the blocks of all vectors of one solver side by side; vectors are made by wn_lane_vector_create or, by
// SUNDIALS itself, by cloning. Every vector must be destroyed before its space.
#ifndef WN_SOLVE_LANE_VECTOR_H
#define WN_SOLVE_LANE_VECTOR_H

#include "solve/lane_ops.h"
#include <sundials/sundials_nvector.h>

typedef struct wn_lane_space wn_lane_space;

// Room for n_vector vectors allocated at once; more are allocated one by one as needed, but SUNDIALS 6.4 crashes when
// such an allocation fails in N_VClone, so a solver asks for all it needs. width is a multiple of 4. NULL when out of
// memory.
wn_lane_space *wn_lane_space_create(int n_state, int width, int n_vector, const wn_lane_ops *ops);
void wn_lane_space_destroy(wn_lane_space *space);

// A zeroed vector, or NULL when out of memory; destroy with N_VDestroy.
N_Vector wn_lane_vector_create(wn_lane_space *space, SUNContext context);

// The vector's block [n_state][width], 64-byte aligned, the same for the vector's life.
double *wn_lane_data(N_Vector vector);

#endif

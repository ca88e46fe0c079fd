// exact.h - what the files of the exact solver share: lanes on their way (exact.c), and their steps cut into pieces
// short enough for polynomials (exact_pieces.c).
#ifndef WN_SOLVE_EXACT_H
#define WN_SOLVE_EXACT_H

#include "solve/propagator.h"
#include "solve/types.h"

typedef struct exact {
  wn_system system;
  wn_solver_def def;
  wn_propagator propagator;
  size_t n;  // doubles in a block
  double *slab;
  // rows. A stretch goes from a beginning, or where the end was changed, to the end
  double *time, *before, *end;    // where lanes are, were before the last call, are to end
  double *origin, *t, *t_start;   // where the stretch began; now and where the last step began, since then
  double *length, *walked;        // of the stretch, and the span of its exponential
  double *fastest;                // norm of A, of a group the largest
  double *wanted, *hair, *asked;  // scratch
  double *read_at;                // since the origin: where the last row that was read ahead is
  double *seen, *from, *to;       // pieces of the last step: how far they went, and the ends of the last one
  double *h, *h_first, *bad;      // their length, that of the first of a step (powers of two; 0 unknown), their errors
  double *trial, *span;           // scratch
  double *values, *b;             // [n_nz][width], [n_state][width] as the callbacks give them
  // blocks
  double *nothing;                 // no state at all
  double *y, *start, *finish;      // now, where the last step began, at the end
  double *by_quadrature, *value;   // see weigh
  double *look[WN_N_LOOK];         // along a piece
  double *increment;               // P b of an eighth
  double *there;                   // where the last piece ended
  double *at, *found;              // scratch
  double *read;                    // the last row that was read ahead
  bool *is_fresh, *is_planned;     // begun but not evaluated; finish and the stretch are there
  bool *moves, *changed, *always;  // scratch
  bool any_fresh, any_unplanned, has_read, has_pieces;
  long *n_step, *n_begun;   // of each lane since it was made or renewed
  int bad_state, bad_lane;  // where it was not finite, -1 nowhere
  wn_solver_stats stats;
} wn_exact_lanes;

// Lanes of a group share their steps and pieces: they agree on the largest, or the smallest, of a row.
void wn_exact_join(const wn_exact_lanes *x, double *row, bool largest);

// See wn_solver_nodes: exact_pieces.c.
bool wn_exact_nodes(void *self, const double **from, const double **to, const double *node[WN_N_NODES]);

#endif

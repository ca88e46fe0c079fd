// morris.h - the trajectories of Morris' design (Technometrics 33, 161-174, 1991). Private to sweep/.
//
// A trajectory begins at a point of a grid of n_level levels a dimension, then moves one dimension after another, each
// once, by half the levels up or down. The levels are the middles of n_level equal slices of (0, 1), so that a
// distribution without ends has them too, and every level is as likely.
#ifndef WN_SWEEP_MORRIS_H
#define WN_SWEEP_MORRIS_H

#include <stdint.h>

typedef struct wn_morris {
  uint64_t seed;
  int n_dim, n_level;  // n_level even; n_dim at most WN_MAX_INPUT
} wn_morris;

// Point `step` (0 .. n_dim) of a trajectory -> u [n_dim] in (0, 1).
void wn_morris_at(const wn_morris *morris, int64_t trajectory, int step, double *u);

// The dimension that moves between step and step + 1, and by how much.
int wn_morris_move(const wn_morris *morris, int64_t trajectory, int step, double *by);

#endif

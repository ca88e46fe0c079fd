// plot_groups.h - rows of a sweep sorted into groups: values of an axis as levels, and what the rows of a group have in
// common. Draws nothing.
#ifndef WN_IO_PLOT_GROUPS_H
#define WN_IO_PLOT_GROUPS_H

#include "base/error.h"
#include "io/plot_sweep.h"

// The different values along an axis, ascending; or, where there are more than `most`, `bins` bins that hold about
// equally many rows. edge[i] and edge[i+1] stand around level i: half-way to its neighbours (on a log axis in the
// logarithm), or the bin's edges.
typedef struct wn_levels {
  int n;
  double *value;  // [n] the value, or the middle row's of a bin
  double *edge;   // [n + 1]
  int *level;     // [n_row] of each row; -1: its value is not finite
} wn_levels;

// Free with wn_levels_free, also after an error (WN_ERR_MEMORY).
wn_status wn_levels_make(wn_levels *levels, const double *value, int n_row, int most, int bins, bool log,
                         wn_error *err);
void wn_levels_free(wn_levels *levels);

// Quantiles 5, 25, 50, 75, 95 % of the finite ones of value[n] (sorted in place); n of them in *n_finite; NaN if none.
void wn_quantiles_of(double *value, int n, double quantile[5], int *n_finite);

#endif

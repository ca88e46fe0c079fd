// find.h - dose finding by intent: which point of a sweep's grid meets a goal best. Every cell of the grid is judged by
// all its draws and people together.
#ifndef WN_SWEEP_FIND_H
#define WN_SWEEP_FIND_H

#include "sim/goal.h"
#include "sweep/sweep.h"

// One cell of the grid. What a failed run, or one without a value, cannot say counts as not met.
typedef struct wn_find_cell {
  int64_t cell;
  int n, n_failed;      // runs, and those of them that failed
  const double *input;  // [n_input] of its first point
  double objective;     // median over the runs that have it; NaN: none has
  double line;          // likewise what a map draws as lines
  double met;           // share of the runs that keep all bounds
  const double *value;  // [n_bound] medians of what is bounded: for an edge, clock time
  const double
      *spare;  // [n_bound] how far the bound is kept in the run that keeps it least but for a share 1 - sure; in
               // the metric's unit, h for edges; below 0: not kept; infinite: no window, so nothing to bound
  const double *share;  // [n_bound] of the runs that keep it
} wn_find_cell;

typedef struct wn_found {
  int n_cell, n_met;
  wn_find_cell *cell;       // [n_cell] those that meet the goal first, the best first; then by how many runs do
  const char *unit;         // of the objective
  const char *line_unit;    // of what a map draws as lines
  const char **bound_unit;  // [n_bound]
  int n_close;              // of those that meet it, how many have 99 % of the best's objective or more (of its size)
  wn_arena *arena;
} wn_found;

// A cell is `n_draw` consecutive points. Errors: WN_ERR_USER when the sweep has no such metric, WN_ERR_IO,
// WN_ERR_MEMORY.
wn_status wn_find(const wn_shards *shards, const wn_goal *goal, int64_t n_draw, wn_found **found, wn_error *err);
void wn_found_destroy(wn_found *found);  // NULL is fine

#endif

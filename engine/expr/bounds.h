// bounds.h - between which numbers the nodes of a graph lie, for all parameters, covariates, states and times of a
// domain at once: interval arithmetic over the graph (R. E. Moore, Interval Analysis, 1966). Bounds are those of exact
// arithmetic, apart from rounding in the last places; an overflow to infinity is not foreseen. Reads the graph only.
#ifndef WN_EXPR_BOUNDS_H
#define WN_EXPR_BOUNDS_H

#include "expr/graph.h"

// What is certain of a value. is_number: it is a finite number in [low, high] (a bound that is infinite says nothing);
// otherwise nothing is certain, and it may be infinite or not a number.
typedef struct wn_bounds {
  double low, high;
  bool is_number;
} wn_bounds;

// Leaves: [low, high] of each; a leaf without an entry may be any number.
typedef struct wn_domain {
  wn_bounds time;
  const wn_bounds *param, *state, *covariate;
  int n_param, n_state, n_covariate;
} wn_domain;

wn_bounds wn_bounds_point(double value);  // exactly this number; not-a-number and infinities are no numbers
wn_bounds wn_bounds_any(void);            // any finite number

wn_bounds wn_bounds_none(void);  // no number at all, to be widened by the first
void wn_bounds_widen(wn_bounds *bounds, double value);

// Certainly 0?
static inline bool wn_bounds_is_zero(wn_bounds b) { return b.is_number && b.low == 0 && b.high == 0; }

// Mark in needed[n] (caller zeroes) the nodes roots[0..n_root) and everything below them; n is the graph's size.
void wn_graph_needed(const wn_graph *graph, const wn_node *roots, int n_root, unsigned char *needed, int n);

// Mark in reaches[n] (caller zeroes) which nodes marked in needed[n] have a state below them that is marked in
// is_state[n_state].
void wn_graph_reaches(const wn_graph *graph, const unsigned char *needed, int n, const unsigned char *is_state,
                      int n_state, unsigned char *reaches);

// Bounds of every node marked in needed[n] -> bounds[n]; those below a marked one must be marked too.
void wn_graph_bounds(const wn_graph *graph, const unsigned char *needed, int n, const wn_domain *domain,
                     wn_bounds *bounds);

#endif

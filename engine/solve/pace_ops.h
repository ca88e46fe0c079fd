// pace_ops.h - the loops under integrators whose lanes have clocks of their own: sums over stages, errors against
// tolerances, step sizes. Written once in pace_ops_body.h and compiled for several kinds of processors with the same
// bits, because every lane is computed by itself.
//
// Blocks are [n][width], rows [width]; both 64-byte aligned, width a multiple of `vector`.
#ifndef WN_SOLVE_PACE_OPS_H
#define WN_SOLVE_PACE_OPS_H

#include <stdbool.h>

// Terms of a sum: c[k] x[k], k = 0 .. n-1 in order, 1 <= n <= WN_MOST_TERM.
enum { WN_MOST_TERM = 8 };
typedef struct wn_terms {
  int n;
  double c[WN_MOST_TERM];
  const double *x[WN_MOST_TERM];
} wn_terms;

// How errors are judged: |error| <= rtol |y| + max(atol, rtol floor peak).
typedef struct wn_judge {
  double rtol, atol, floor;
  const double *y, *next, *peak;  // before and after the step; the largest |y| so far
} wn_judge;

// How the next step follows from errors: h next = h 0.9 err^-now before^past, within the limits.
typedef struct wn_pacing {
  double now, past;     // exponents
  double fail;          // exponent after a failure
  double shrink, grow;  // limits of the change
  double max_step;      // h, or infinite
} wn_pacing;

// Masks are rows of 64-bit integers: all bits set, or none.
typedef long long wn_lane_mask;

// Where lanes are and how they step; rows.
typedef struct wn_clocks {
  double *time, *end, *before;            // where lanes are, are to end, were before the last call
  double *step, *next_step;               // of this attempt (0: the lane stands), of the next
  double *first_step;                     // of the last beginning that went well; 0 none yet
  double *err, *past;                     // error of this attempt; of the last step
  double *n_fail, *n_step;                // in a row; since the beginning
  double *n_taken, *n_refused;            // steps, in all
  wn_lane_mask *take, *fresh, *is_first;  // moved in this attempt; slope unknown; no step since the beginning
} wn_clocks;

// A polynomial of degree 4 in how far a lane is through its step, for each of several blocks.
typedef struct wn_curve {
  int n;
  double c[WN_MOST_TERM][5];
  const double *x[WN_MOST_TERM];
  bool is_scaled[WN_MOST_TERM];  // times the step
} wn_curve;

// A Taylor series of every state in every lane: coefficients of powers 1 .. order of the time since the lane's last
// step began (or begins), c [order][n][width].
typedef struct wn_series {
  int order;  // at least 2
  double *c;
} wn_series;

typedef struct wn_pace_ops {
  int vector;
  // out = sum of terms
  void (*sum)(int n, int width, const wn_terms *terms, double *out);
  // out = y + sum of terms; out may be y
  void (*add)(int n, int width, const double *y, const wn_terms *terms, double *out);
  // out = y + h (sum of terms); h [width]
  void (*add_scaled)(int n, int width, const double *y, const double *h, const wn_terms *terms, double *out);
  // out = g (f + d drift) + sum of terms; g, d [width]; drift may be NULL, terms->n may be 0
  void (*stage)(int n, int width, const double *g, const double *f, const double *d, const double *drift,
                const wn_terms *terms, double *out);
  // worst [width] = largest |error| / tolerance over the states, where error = h (sum of terms), h NULL: 1. Not a
  // number when one is not
  void (*judge)(int n, int width, const double *h, const wn_terms *terms, const wn_judge *judge, double *worst);
  // in lanes of `mask`: old = y, y = next, peak = max(peak, |next|); elsewhere old = y
  void (*accept)(int n, int width, const wn_lane_mask *mask, const double *next, double *y, double *old, double *peak);
  // to = from in lanes of `mask`
  void (*choose)(int n, int width, const wn_lane_mask *mask, const double *from, double *to);
  // steps of the next attempt, never beyond the end: two equal ones rather than a long and a tiny one. A gap of a few
  // roundings is no interval: the lane is at its end. Returns nonzero if any lane goes on, 2 if it is one that has no
  // step to try yet (which is 0 then)
  int (*plan)(int width, const wn_pacing *pacing, const wn_clocks *clocks);
  // take the steps whose error is within tolerance, and choose the next ones. Returns bits 1: some were taken, 2: some
  // failed
  int (*settle)(int width, const wn_pacing *pacing, const wn_clocks *clocks);
  // out = y + the sum of the curves' blocks at `time`; `y_end` itself, bit for bit, where the lane is or beyond. out
  // may have any alignment
  void (*look)(int n, int width, const wn_clocks *clocks, const double *time, const double *y, const double *y_end,
               const wn_curve *curve, double *out);
  // the same for n_at pairs of a lane and a time -> out[pair] [n]
  void (*look_at)(int n, int width, const wn_clocks *clocks, int n_at, const int *lane, const double *time,
                  const double *y, const double *y_end, const wn_curve *curve, double *const *out);
  // the longest steps after which the last two terms of the series are within tolerance -> clocks->next_step, not
  // longer than that is where a lane was refused one. Lanes of which a coefficient is not finite have no series: mask
  // `has` is not set and next_step stays. Returns whether all have one
  bool (*propose)(int n, int width, const wn_series *series, const wn_judge *judge, const wn_clocks *clocks,
                  wn_lane_mask *has);
  // in lanes of `has`: next = y + series after clocks->step; clocks->err = largest |last term| / tolerance
  void (*sum_series)(int n, int width, const wn_series *series, const wn_judge *judge, const wn_clocks *clocks,
                     const wn_lane_mask *has, double *next);
  // in lanes not of `has`: the curve over clocks->step, all of whose blocks are scaled, as a series
  void (*to_series)(int n, int width, const wn_curve *curve, const wn_clocks *clocks, const wn_lane_mask *has,
                    const wn_series *series);
  // as look and look_at, of a series
  void (*look_series)(int n, int width, const wn_clocks *clocks, const double *time, const double *y,
                      const double *y_end, const wn_series *series, double *out);
  void (*look_series_at)(int n, int width, const wn_clocks *clocks, int n_at, const int *lane, const double *time,
                         const double *y, const double *y_end, const wn_series *series, double *const *out);
  // out = time + part step, rows
  void (*shift)(int width, const double *time, double part, const double *step, double *out);
} wn_pace_ops;

// The widest kernels the processor has that fit the width; "portable" as for programs.
const wn_pace_ops *wn_pace_ops_get(int width);

extern const wn_pace_ops wn_pace_ops_portable, wn_pace_ops_avx2, wn_pace_ops_avx512;

#endif

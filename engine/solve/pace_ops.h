// pace_ops.h - the loops under integrators whose lanes have clocks of their own: sums over stages, errors against
// tolerances, step sizes. Written once in pace_ops_body.h and compiled for several kinds of processors with the same
// bits, because every lane is computed by itself.
//
// Blocks are [n][width], rows [width]; both 64-byte aligned, width a multiple of `vector`.
#ifndef WN_SOLVE_PACE_OPS_H
#define WN_SOLVE_PACE_OPS_H

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
  double shrink, grow;  // limits of the change
  double max_step;      // h, or infinite
} wn_pacing;

// Masks are rows of 64-bit integers: all bits set, or none.
typedef long long wn_lane_mask;

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
  // change [width] of the steps that had error err after one with error past
  void (*pace)(int width, const wn_pacing *pacing, const double *err, const double *past, double *change);
  // out = c0 a + c1 b + sum over k of c[2 + k] x[k], c a row each, [2 + n_x][width]
  void (*blend)(int n, int width, const double *c, const double *a, const double *b, int n_x, const double *const *x,
                double *out);
} wn_pace_ops;

// The widest kernels the processor has that fit the width; "portable" as for programs.
const wn_pace_ops *wn_pace_ops_get(int width);

extern const wn_pace_ops wn_pace_ops_portable, wn_pace_ops_avx2, wn_pace_ops_avx512;

#endif

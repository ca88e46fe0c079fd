// propagator.h - moves states along dy/ds = A y + b by any span, exactly but for rounding: by exponentials, which are
// kept, or by a Taylor series where the span is short. Knows no steps. Private to the room.
#ifndef WN_SOLVE_PROPAGATOR_H
#define WN_SOLVE_PROPAGATOR_H

#include "solve/lane_expm.h"
#include "solve/types.h"
#include <float.h>
#include <math.h>

enum { WN_MOST_KEPT = 64, WN_N_SEEN = 32 };

// Spans between times at s that are rounded are the same up to these roundings.
#define WN_HAIR(s) (2.0 * DBL_EPSILON * fabs(s))

// exp(h A) and its integral, blocks [reach.to.n_entry][width].
typedef struct wn_kept {
  double h;   // 0: none
  long used;  // when it was last asked for
  double *E, *P;
  int next;  // which one was asked for after this one last time
} wn_kept;

typedef struct wn_propagator {
  const wn_expm_ops *ops;
  wn_reach reach;
  int n_state, width;
  double *slab;               // owns the blocks below
  double *A, *b;              // [reach.from.n_entry][width], [n_state][width]
  double *norm;               // [width] of A
  double *term[2], *scratch;  // [n_state][width] each; of the exponential
  double fastest;             // the largest norm of a lane, 1/h
  bool is_set, is_forced;     // b is not 0
  int n_kept;
  wn_kept kept[WN_MOST_KEPT];
  int last;                // the one last asked for
  double seen[WN_N_SEEN];  // the last spans of walks that were not kept, a ring
  int n_seen;              // how many there were so far
  long clock, n_exponential;
} wn_propagator;

// A's pattern from the system. False when out of memory; free in any case.
bool wn_propagator_init(wn_propagator *p, const wn_shared_system *system);
void wn_propagator_free(wn_propagator *p);

// Take A (values [n_nz][width] as the system's Jacobian gives them) and b [n_state][width]. Exponentials are kept as
// long as A stays the same bit for bit, in all lanes. True when A changed.
bool wn_propagator_set(wn_propagator *p, const double *values, const double *b);

// For a span h > 0, kept or made now; valid until the next call. fastest h must not exceed WN_EXPM_MAX.
const wn_kept *wn_propagator_exponential(wn_propagator *p, double h);

// out = E x + P b over the span h > 0 by its exponential. A lane's bits depend on nothing but its A, b, x and h. x may
// not be out.
void wn_propagator_jump(wn_propagator *p, double h, const double *x, double *out);

// The same over any span h >= 0. One that comes again, but for less than `hair`, gets an exponential the second time;
// others are walked by powers of two hours and a Taylor series over the rest. Bits depend on the fastest lane, and on
// what was asked for before. x may be out. Returns the span it walked, within `hair` of h.
double wn_propagator_walk(wn_propagator *p, double h, double hair, const double *x, double *out);

// The states at n times s (ascending, from where x is on), one after the other: out [n][n_state][width], 32-byte
// aligned. Equal spans between times share one exponential, whatever the clock reads; others are walked. Relative error
// about that of one exponential times the number of equal spans. Bits of a lane depend on the others only where it is
// walked.
void wn_propagator_march(wn_propagator *p, double from, const double *x, int n, const double *s, double *out);

// the largest power of two that is not above h > 0
double wn_power_of_two(double h);

#endif

// propagator.h - moves states along dy/ds = A y + b, each lane by a span of its own, exactly but for rounding: by
// exponentials, which are kept, or by a Taylor series where the span is short. Knows no steps. Private to the room.
//
// A lane's bits depend on nothing but its A, b, x and the spans it was moved by since its spans were last forgotten:
// never on other lanes, nor on which exponentials happen to be kept.
#ifndef WN_SOLVE_PROPAGATOR_H
#define WN_SOLVE_PROPAGATOR_H

#include "solve/lane_expm.h"
#include "solve/types.h"
#include <float.h>
#include <math.h>

enum { WN_MOST_KEPT = 48, WN_N_KNOWN = 16 };

// Spans between times at s that are rounded are the same up to these roundings.
#define WN_HAIR(s) (2.0 * DBL_EPSILON * fabs(s))

// of a span from one time to another
static inline double wn_hair(double from, double to) { return WN_HAIR(fabs(from) > fabs(to) ? from : to); }

// exp(h A) and its integral, blocks [reach.to.n_entry][width]; each lane has an h of its own.
typedef struct wn_kept {
  double *h;  // [width]; 0: none
  double *E, *P;
  long used;  // when it was last asked for
  int next;   // which one was asked for after this one last time
} wn_kept;

// The spans that a lane was moved by lately, a ring.
typedef struct wn_known {
  double span[WN_N_KNOWN];
  int next[WN_N_KNOWN];  // which one came after this one last time
  int n, last;           // how many there were so far; the one last moved by
} wn_known;

// What all lanes were moved by. As long as they go in step, only the first one's is kept up.
typedef struct wn_spans {
  wn_known *known;  // [width]
  bool in_step;
} wn_spans;

typedef struct wn_propagator {
  const wn_expm_ops *ops;
  wn_reach reach;
  int n_state, width;
  double *slab;                // owns the blocks below
  double *A, *b;               // [reach.from.n_entry][width], [n_state][width]
  double *norm;                // [width] of A, 1/h
  double *term[2], *scratch;   // [n_state][width] each; of the exponential
  double *part, *rest;         // [width] of a move: the next jump, and what is left
  double *half, *span, *hair;  // [width] scratch
  int *lane, *count;           // [width] scratch
  bool *at_once;               // [width] scratch
  double *few;                 // of exponentials of a few lanes
  bool is_forced;              // b is not 0 in some lane
  int n_kept, n_filled;        // room for exponentials, and how much of it is in use
  wn_kept kept[WN_MOST_KEPT];
  int last;               // the one last asked for
  wn_spans jumps, looks;  // of moves to where lanes end, and of those to what is looked at on the way
  long clock, n_exponential;
} wn_propagator;

// A's pattern from the system. False when out of memory; free in any case.
bool wn_propagator_init(wn_propagator *p, const wn_system *system);
void wn_propagator_free(wn_propagator *p);

// Take A (values [n_nz][width] as the system's Jacobian gives them) and b [n_state][width] of lanes in `which`
// [width]. A lane's exponentials are kept as long as its A stays the same bit for bit; changed [width]: where not.
void wn_propagator_set(wn_propagator *p, const bool *which, const double *values, const double *b, bool *changed);

// Lanes in `which` know no spans any more; and how many spans a lane has come to know since.
void wn_propagator_forget(wn_propagator *p, const bool *which);
int wn_propagator_n_span(const wn_propagator *p, int lane);

// For spans h [width], 0 where a lane is not asked: kept or made now; valid until the next call. norm h must not exceed
// WN_EXPM_MAX.
const wn_kept *wn_propagator_exponential(wn_propagator *p, const double *h);

// out = E x + P b by exponentials over the spans h [width]; x itself where h is 0. x may not be out.
void wn_propagator_jump(wn_propagator *p, const double *h, const double *x, double *out);

// The same over any spans h >= 0, which may miss what is meant by `hair` [width]: lanes that know such a span (of those
// in `spans`, the propagator's jumps or looks) are moved by it. A span that is new is walked by powers of two hours and
// a Taylor series over the rest, and then known; lanes in `at_once` [width] (NULL: none) get an exponential for it at
// once. h becomes the spans that were walked. x may be out.
void wn_propagator_move(wn_propagator *p, wn_spans *spans, double *h, const double *hair, const bool *at_once,
                        const double *x, double *out);

// The states of all lanes at n times since where x is: out [n][n_state][width], 32-byte aligned. time [n] is shared by
// the lanes, or [n][width]; ascending, since 0 of the clock on which lanes began at `from` [width]. `at` [width], how
// far x is from there, becomes that of the last. Equal spans share one exponential.
void wn_propagator_march(wn_propagator *p, const double *from, double *at, const double *x, int n, const double *time,
                         bool is_shared, double *out);

// the largest power of two that is not above h > 0
double wn_power_of_two(double h);

#endif

// span_ops.h - the loops over lanes under spans.c and windows.c. Written once in span_ops_body.h and compiled twice
// (portable, AVX2); both give the same bits, because every lane is computed by itself.
//
// Rows are [n] doubles, 32-byte aligned unless said otherwise, n a multiple of 4.
#ifndef WN_SIM_SPAN_OPS_H
#define WN_SIM_SPAN_OPS_H

#include "sim/piece.h"

// What one piece says about one value in every lane: its integral (quadrature, exact to degree 7 or 9) and its
// extremes at the nodes with their times. `turns` marks lanes where the curve may turn between the nodes: values not
// monotone, or slopes of the polynomial at both ends of different sign; not where the values differ by rounding only.
typedef struct wn_piece_rows {
  double *integral, *high, *high_time, *low, *low_time;  // [n]; high -inf, low inf and times NaN without any number
  long long *turns;                                      // [n] all bits set where wn_piece_turns is true, else 0
} wn_piece_rows;

// The same collected over a span.
typedef struct wn_span_rows {
  double *integral, *high, *high_time, *low, *low_time;  // [n]
} wn_span_rows;

// The spans that hold the current piece in some lane: in which (all bits set, else 0), and what is collected,
// [n_output][n].
enum { WN_MOST_SPAN = 3 };
typedef struct wn_span_set {
  int n_span;
  const long long *member[WN_MOST_SPAN];
  wn_span_rows to[WN_MOST_SPAN];
} wn_span_set;

typedef struct wn_span_ops {
  // values at n_node (WN_N_NODE or WN_N_EVEN) nodes -> rows; half: half the length of each lane's piece, time: rows of
  // its nodes. Returns nonzero if any turns.
  int (*reduce)(int n_node, int n, const double *const *node, const double *const *time, const double *half,
                const wn_piece_rows *rows);
  // The same for n_output values of n lanes, rows `width` apart, each added to the spans at once, four lanes at a time:
  // value by value, from the `from`-th four on. Four of which a member turns are not added but left in rows [n]:
  // returns their number, or that of all fours.
  int (*collect)(int n_node, int from, int n_output, int n, int width, const double *const *node,
                 const double *const *time, const double *half, const wn_span_set *set, const wn_piece_rows *rows);
  // add a piece to the lanes that are members (all bits set, else 0)
  void (*merge)(int n, const long long *member, const wn_piece_rows *rows, const wn_span_rows *span);
  // how far a value is inside a threshold: sign (value - threshold), sign 1 for above and -1 for below; with baseline 1
  // value - base, with 2 value / base in place of value; base is not read with baseline 0
  void (*depth)(int n, int baseline, double sign, double threshold, const double *value, const double *base,
                double *out);
} wn_span_ops;

extern const wn_span_ops wn_span_ops_portable, wn_span_ops_avx2;

// The same choice as the programs' (wn_program_kernels).
const wn_span_ops *wn_span_ops_get(void);

#endif

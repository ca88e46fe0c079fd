// lu_code.h - a factorisation as straight-line work: where every entry of L+U lies and which entries each elimination
// touches. Private to expr/.
//
// Rows follow the elimination order; a row holds its L entries, its pivot, its U entries, each in elimination order.
#ifndef WN_EXPR_LU_CODE_H
#define WN_EXPR_LU_CODE_H

typedef struct wn_lu_code {
  int n, n_nz, n_fill, n_target;
  int *row_start;  // [n + 1] first entry of a row
  int *pivot;      // [n] entry of the row's pivot; holds its reciprocal once factorised
  int *column;     // [n_fill] row of the elimination order that eliminates this column
  int *across;     // [n_fill] of an L entry (i, k): the entry (k, i), or -1
  int *original;   // [n] index in the model's order of a row (and column: the permutation is symmetric)
  int *entry;      // [n_nz] entry of a Jacobian element
  int *target;     // [n_target] entries from which l*u is subtracted, in the order of the work
} wn_lu_code;

#endif

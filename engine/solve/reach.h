// reach.h - which entries a matrix and its exponential have: the pattern of A, the pattern that its powers can reach,
// and the terms of a product of two matrices of the latter. Private to the room.
#ifndef WN_SOLVE_REACH_H
#define WN_SOLVE_REACH_H

#include <stdbool.h>

// Entries of a sparse n x n matrix, row by row.
typedef struct wn_pattern {
  int n, n_entry;
  int *start;  // [n + 1], the first entry of each row
  int *col;    // [n_entry], ascending within a row
} wn_pattern;

typedef struct wn_reach {
  wn_pattern from;     // of A
  wn_pattern to;       // of exp(A): whatever leads from state to state in any number of steps, and the diagonal
  int *order;          // [from.n_entry], where the caller's k-th entry stands in `from`
  int *place;          // [from.n_entry], where an entry of `from` stands in `to`
  int *is_diagonal;    // [to.n_entry], 1 or 0
  int n_product;       // multiplications in a product of two matrices
  int *product_start;  // [to.n_entry + 1]
  int (*product)[2];   // [n_product] left and right entry of each term, by the entry they add to
  int longest;         // the most steps that the shortest way from a state to another takes
} wn_reach;

// The pattern of entries (row[k], col[k]), each given once, in any order. False when out of memory.
bool wn_reach_init(wn_reach *reach, int n, int n_nz, const int *row, const int *col);
void wn_reach_free(wn_reach *reach);

// How many multiplications a product takes, which is what an exponential costs, without making the pattern; -1 when out
// of memory.
int wn_reach_n_product(int n, int n_nz, const int *row, const int *col);

#endif

// table.h - interpolation tables as the graph, the kernels and the programs see them. Immutable once made; the graph
// owns its tables, a program takes a copy. Knows nothing of nodes.
//
// Outside [x[0], x[n-1]] the value is constant and the slope 0; not-a-number in gives not-a-number out, for both.
// Value and slope use only + - * /, so they have the same bits on every CPU (-ffp-contract=off).
#ifndef WN_EXPR_TABLE_H
#define WN_EXPR_TABLE_H

#include "expr/graph.h"

// kind LINEAR: slope[i] is the slope of the piece [x[i], x[i+1]), slope[n-1] is 0. At a knot the piece to its right.
// kind PCHIP: slope[i] is the derivative at the knot i (F. N. Fritsch, J. Butland, SIAM J. Sci. Stat. Comput. 5:300,
// 1984; three-point ends limited to the shape): value and derivative are continuous inside, the curve is monotone
// wherever the data are.
typedef struct wn_table {
  wn_table_kind kind;
  int n;                  // >= 2
  double *x, *y, *slope;  // [n], x strictly increasing, all finite; one block owned through x
} wn_table;

// Fill `table` with copies of x[0..n), y[0..n) and the slopes. WN_ERR_USER when n < 2, a number is not finite, x is not
// strictly increasing, or knots are so far apart or so close that a width or slope overflows; WN_ERR_MEMORY.
wn_status wn_table_init(wn_table *table, wn_table_kind kind, int n, const double *x, const double *y);
void wn_table_free(wn_table *table);

// The table behind an index from wn_graph_add_table; borrowed from the graph until it is destroyed.
const wn_table *wn_graph_table_at(const wn_graph *graph, int index);
int wn_graph_n_table(const wn_graph *graph);

double wn_table_value(const wn_table *table, double x);
double wn_table_slope(const wn_table *table, double x);

#endif

// graph.h - what the model says: a hash-consed expression graph. Nodes are made once, simplified as they are made
// (constants folded, x*1, x+0, x-x, pow with small whole exponents, ...), and never change. Knows no units, doses, Lua.
//
// Comparisons and logic give 1.0 or 0.0. Simplification keeps every finite result, to the last place or two, and takes
// 0*x and x-x for 0 whatever x is; the sign of a zero is not kept (the rules: head of simplify.c). The same calls give
// the same graph, on any machine.
//
// Building changes the graph and belongs to one thread; reading (info, depends, leaves, eval) may be shared. Graphs of
// 10^6 nodes and of any depth are fine.
#ifndef WN_EXPR_GRAPH_H
#define WN_EXPR_GRAPH_H

#include "base/error.h"
#include "expr/op.h"
#include <stdbool.h>
#include <stdint.h>

typedef int32_t wn_node;  // index into the graph; WN_NO_NODE is "none" (also: out of memory)
#define WN_NO_NODE ((wn_node)-1)

typedef struct wn_graph wn_graph;

wn_graph *wn_graph_create(void);
void wn_graph_destroy(wn_graph *graph);

// Leaves. WN_OP_CONST by value; WN_OP_PARAM, WN_OP_STATE, WN_OP_COVARIATE by index; WN_OP_TIME (hours).
wn_node wn_graph_const(wn_graph *graph, double value);
wn_node wn_graph_leaf(wn_graph *graph, wn_op op, int index);

// Interior nodes: one to three arguments as wn_op_arity(op) says (unused ones WN_NO_NODE). If an argument is
// WN_NO_NODE though needed (an earlier allocation failed), the result is WN_NO_NODE.
wn_node wn_graph_apply(wn_graph *graph, wn_op op, wn_node a, wn_node b, wn_node c);

// An interpolation table over x[0..n) strictly increasing (n >= 2), copied; constant outside. Returns its index, or -1
// when it is no such table (why: wn_table_init in table.h) or memory is out.
// kind WN_TABLE_LINEAR (value continuous) or WN_TABLE_PCHIP (monotone cubic, Fritsch-Butland; derivative continuous).
typedef enum wn_table_kind { WN_TABLE_LINEAR, WN_TABLE_PCHIP } wn_table_kind;
int wn_graph_add_table(wn_graph *graph, wn_table_kind kind, int n, const double *x, const double *y);
wn_node wn_graph_table(wn_graph *graph, int table, wn_node x);

// d node / d leaf, as a node of the same graph; WN_NO_NODE when memory is out. min, max, abs, where: derivative of the
// branch taken (min, max at a tie: of the side without the leaf); comparisons, floor: 0. Derived once per (node, leaf)
// in the life of a graph. max(x, 0)^n has derivative 0 at and below 0; sqrt(x), and x^n with n < 1, have an infinite
// one at 0, unless the branch taken makes x a constant there. A second derivative of a table is 0.
wn_node wn_graph_diff(wn_graph *graph, wn_node node, wn_node leaf);

// Replace leaves from[0..n_pair) by the nodes to[] in nodes[0..n) (WN_NO_NODE entries stay). False: out of memory,
// nodes unchanged.
bool wn_graph_substitute(wn_graph *graph, wn_node *nodes, int n, const wn_node *from, const wn_node *to, int n_pair);

// Inspection. args[i] are WN_NO_NODE beyond the arity; index is the leaf's or table's index; value a constant's.
typedef struct wn_node_info {
  wn_op op;
  wn_node args[3];
  int index;
  double value;
} wn_node_info;
wn_node_info wn_graph_info(const wn_graph *graph, wn_node node);
int wn_graph_size(const wn_graph *graph);

// Which kinds of leaves a node depends on, as a set of bits (1u << WN_OP_STATE etc.).
uint32_t wn_graph_depends(const wn_graph *graph, wn_node node);

// Marks in used[n_leaf] (caller zeroes) which leaves of kind `op` (not CONST) the node depends on. When
// memory is out and the kind has more than 64 leaves: marks them all.
void wn_graph_leaves(const wn_graph *graph, wn_node node, wn_op op, unsigned char *used, int n_leaf);

// Value of a node for one lane on plain numbers, by walking the graph with the same kernels as the program. Not a
// number when memory is out.
typedef struct wn_point {
  double time;
  const double *param, *state, *covariate;  // may be NULL when unused
} wn_point;
double wn_graph_eval(const wn_graph *graph, wn_node node, const wn_point *point);

// Values of nodes[0..n) -> out[n] in one walk: linear in the part of the graph they share, however often it is shared.
// WN_ERR_MEMORY when there is no room for the walk (wn_graph_eval then gives not-a-number).
wn_status wn_graph_eval_many(const wn_graph *graph, const wn_node *nodes, int n, const wn_point *point, double *out);

#endif

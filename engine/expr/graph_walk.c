// graph_walk.c - reading a graph: its value at a point, the leaves below a node. Each walk sees every needed node once,
// however often it is shared, and without recursion, so depth does not matter. Never changes the graph.
#include "expr/graph_impl.h"
#include "expr/kernels.h"

#include <assert.h>
#include <math.h>

// mark the nodes below those already marked in needed[0..n)
static void mark_below(const wn_graph *graph, unsigned char *needed, int n) {
  for (wn_node node = n - 1; node >= 0; node--) {
    if (!needed[node]) continue;
    const wn_graph_node *at = wn_graph_at(graph, node);
    for (int i = 0; i < 3 && at->arg[i] != WN_NO_NODE; i++) needed[at->arg[i]] = 1;
  }
}

// value of one node, those of its arguments being known
static double value_of(const wn_graph *graph, const wn_graph_node *node, const wn_point *point, const double *value) {
  double v[3] = {0, 0, 0};
  for (int i = 0; i < 3 && node->arg[i] != WN_NO_NODE; i++) v[i] = value[node->arg[i]];
  switch (node->op) {
  case WN_OP_CONST: return node->value;
  case WN_OP_TIME: return point->time;
  case WN_OP_PARAM: assert(point->param); return point->param[node->index];
  case WN_OP_STATE: assert(point->state); return point->state[node->index];
  case WN_OP_COVARIATE: assert(point->covariate); return point->covariate[node->index];
  case WN_OP_TABLE: return wn_table_value(wn_graph_table_at(graph, node->index), v[0]);
  case WN_OP_TABLE_D: return wn_table_slope(wn_graph_table_at(graph, node->index), v[0]);
  default: return wn_scalar_op(node->op, v[0], v[1], v[2]);
  }
}

wn_status wn_graph_eval_many(const wn_graph *graph, const wn_node *nodes, int n, const wn_point *point, double *out) {
  int size = 0;
  for (int i = 0; i < n; i++) {
    assert(nodes[i] >= 0 && nodes[i] < graph->nodes.n);
    if (nodes[i] >= size) size = nodes[i] + 1;
  }
  unsigned char *needed = wn_alloc((size_t)size);
  double *value = needed ? wn_alloc((size_t)size * sizeof *value) : NULL;
  if (!value) {
    wn_free(needed);
    return WN_ERR_MEMORY;
  }

  // arguments come before the nodes that use them
  for (int i = 0; i < n; i++) needed[nodes[i]] = 1;
  mark_below(graph, needed, size);
  for (wn_node node = 0; node < size; node++)
    if (needed[node]) value[node] = value_of(graph, wn_graph_at(graph, node), point, value);

  for (int i = 0; i < n; i++) out[i] = value[nodes[i]];
  wn_free(value);
  wn_free(needed);
  return WN_OK;
}

double wn_graph_eval(const wn_graph *graph, wn_node node, const wn_point *point) {
  double value;
  return wn_graph_eval_many(graph, &node, 1, point, &value) ? (double)NAN : value;
}

// the leaf marks of a node tell the indices themselves while there are no more than 64
static bool leaves_from_marks(const wn_graph *graph, wn_node node, wn_op op, unsigned char *used, int n_leaf) {
  const wn_graph_node *at = wn_graph_at(graph, node);
  int max_index = op == WN_OP_STATE ? graph->max_state : op == WN_OP_PARAM ? graph->max_param : 64;
  if (max_index >= 64) return false;
  uint64_t marks = op == WN_OP_STATE ? at->states : at->params;
  for (int i = 0; i < n_leaf && i <= max_index; i++)
    if (marks >> i & 1) used[i] = 1;
  return true;
}

void wn_graph_leaves(const wn_graph *graph, wn_node node, wn_op op, unsigned char *used, int n_leaf) {
  assert(node >= 0 && node < graph->nodes.n && wn_op_arity(op) == 0 && op != WN_OP_CONST);
  if (!(wn_graph_depends(graph, node) & 1u << op)) return;
  if (leaves_from_marks(graph, node, op, used, n_leaf)) return;
  unsigned char *needed = wn_alloc((size_t)node + 1);
  if (!needed) {
    // no room to look: any may be used
    for (int i = 0; i < n_leaf; i++) used[i] = 1;
    return;
  }
  needed[node] = 1;
  mark_below(graph, needed, node + 1);
  for (wn_node below = 0; below <= node; below++) {
    const wn_graph_node *at = wn_graph_at(graph, below);
    if (needed[below] && at->op == op && at->index < n_leaf) used[at->index] = 1;
  }
  wn_free(needed);
}

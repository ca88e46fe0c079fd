// graph_impl.h - the inside of a graph, for the files of this room that make or walk graphs only.
//
// Invariant: the arguments of a node have smaller indices than the node, so that a walk from the first node to the
// last sees arguments first; two nodes are never the same (op, arguments, index, bits of the value).
#ifndef WN_EXPR_GRAPH_IMPL_H
#define WN_EXPR_GRAPH_IMPL_H

#include "base/memory.h"
#include "expr/graph.h"
#include "expr/table.h"

#include <stdbool.h>

typedef struct wn_graph_node {
  double value;  // of a constant, else 0
  wn_op op;
  wn_node arg[3];
  int index;         // of a leaf or table, else 0
  uint32_t depends;  // kinds of leaves below, bits 1u << op
  uint64_t states;   // states below: bit index % 64
  uint64_t params;   // parameters below, likewise
} wn_graph_node;

// Derivatives known so far: open addressing by (node, leaf).
typedef struct wn_diff_entry {
  wn_node node, leaf, result;  // an empty place has node WN_NO_NODE
} wn_diff_entry;

struct wn_graph {
  WN_ARRAY(wn_graph_node) nodes;
  WN_ARRAY(wn_table) tables;
  wn_node *slots;  // hash table of nodes, n_slot a power of two, WN_NO_NODE is empty
  size_t n_slot;
  wn_diff_entry *diffs;
  size_t n_diff, n_diff_slot;
  WN_ARRAY(wn_node) stack;   // of the derivative under way
  int max_state, max_param;  // largest index of a leaf, -1 none
};

static inline const wn_graph_node *wn_graph_at(const wn_graph *graph, wn_node node) { return &graph->nodes.data[node]; }

// Mix `value` into a hash.
static inline uint64_t wn_hash_mix(uint64_t hash, uint64_t value) {
  hash = (hash ^ value) * 0x9e3779b97f4a7c15u;
  return hash ^ (hash >> 32);
}

// The node with this op, these arguments, index and value, made if it is new. No simplification.
wn_node wn_graph_intern(wn_graph *graph, wn_op op, const wn_node arg[3], int index, double value);

// An interior node, simplified; index is a table's, for WN_OP_TABLE and WN_OP_TABLE_D.
wn_node wn_graph_make(wn_graph *graph, wn_op op, const wn_node arg[3], int index);

// Try to say op(arg) otherwise. True: *result is what it became (WN_NO_NODE: out of memory). False: nothing to
// simplify; arguments of commutative operations are then in order of their index.
bool wn_graph_simplify(wn_graph *graph, wn_op op, wn_node arg[3], int index, wn_node *result);

// False: node certainly does not depend on the leaf. True: it may (surely so while leaf indices stay below 64).
bool wn_graph_may_depend(const wn_graph *graph, wn_node node, wn_node leaf);

// Is the node a constant equal to `value` (zeros of either sign are equal)?
static inline bool wn_graph_is(const wn_graph *graph, wn_node node, double value) {
  const wn_graph_node *n = wn_graph_at(graph, node);
  return n->op == WN_OP_CONST && n->value == value;
}

#endif

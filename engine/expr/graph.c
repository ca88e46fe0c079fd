// graph.c - nodes and tables of an expression graph: made once, found again through a hash table, never changed.
// Invariant: see graph_impl.h. Indices depend on the order of the calls only, never on addresses. Knows no rules of
// algebra (simplify.c, diff.c).
#include "expr/graph.h"

#include "expr/graph_impl.h"

#include <assert.h>
#include <math.h>
#include <string.h>

enum { FIRST_SLOTS = 256, MOST_NODES = 1 << 30 };

wn_graph *wn_graph_create(void) {
  wn_graph *graph = wn_alloc(sizeof *graph);
  if (!graph) return NULL;
  graph->max_state = graph->max_param = -1;
  return graph;
}

void wn_graph_destroy(wn_graph *graph) {
  if (!graph) return;
  for (int i = 0; i < graph->tables.n; i++) wn_table_free(&graph->tables.data[i]);
  WN_ARRAY_FREE(&graph->tables);
  WN_ARRAY_FREE(&graph->nodes);
  WN_ARRAY_FREE(&graph->stack);
  wn_free(graph->slots);
  wn_free(graph->diffs);
  wn_free(graph);
}

static uint64_t hash_node(const wn_graph_node *node) {
  uint64_t bits, hash = (uint64_t)node->op + 1;
  memcpy(&bits, &node->value, sizeof bits);
  hash = wn_hash_mix(hash, bits);
  hash = wn_hash_mix(hash, (uint64_t)(uint32_t)node->index << 32 | (uint32_t)node->arg[0]);
  return wn_hash_mix(hash, (uint64_t)(uint32_t)node->arg[1] << 32 | (uint32_t)node->arg[2]);
}

static bool same_node(const wn_graph_node *a, const wn_graph_node *b) {
  return a->op == b->op && a->index == b->index && !memcmp(a->arg, b->arg, sizeof a->arg) &&
         !memcmp(&a->value, &b->value, sizeof a->value);
}

// the slot that holds a node like this one, or the empty slot where it belongs
static size_t find_slot(const wn_graph *graph, const wn_graph_node *node) {
  size_t mask = graph->n_slot - 1, slot = (size_t)hash_node(node) & mask;
  while (graph->slots[slot] != WN_NO_NODE && !same_node(wn_graph_at(graph, graph->slots[slot]), node))
    slot = (slot + 1) & mask;
  return slot;
}

// keep the hash table at most half full
static bool grow_slots(wn_graph *graph) {
  if ((size_t)graph->nodes.n * 2 < graph->n_slot) return true;
  size_t n_slot = graph->n_slot ? graph->n_slot * 2 : FIRST_SLOTS;
  wn_node *slots = wn_alloc(n_slot * sizeof *slots);
  if (!slots) return false;
  for (size_t i = 0; i < n_slot; i++) slots[i] = WN_NO_NODE;
  wn_free(graph->slots);
  graph->slots = slots;
  graph->n_slot = n_slot;
  for (int i = 0; i < graph->nodes.n; i++) slots[find_slot(graph, &graph->nodes.data[i])] = i;
  return true;
}

// which leaves are below: a leaf itself, or what the arguments have below
static void mark_leaves(wn_graph *graph, wn_graph_node *node) {
  uint64_t bit = 1ull << (node->index % 64);
  switch (node->op) {
  case WN_OP_STATE:
    node->states = bit;
    if (node->index > graph->max_state) graph->max_state = node->index;
    break;
  case WN_OP_PARAM:
    node->params = bit;
    if (node->index > graph->max_param) graph->max_param = node->index;
    break;
  default: break;
  }
  int arity = wn_op_arity(node->op);
  if (arity == 0 && node->op != WN_OP_CONST) node->depends = 1u << node->op;
  for (int i = 0; i < arity; i++) {
    const wn_graph_node *arg = wn_graph_at(graph, node->arg[i]);
    node->depends |= arg->depends;
    node->states |= arg->states;
    node->params |= arg->params;
  }
}

wn_node wn_graph_intern(wn_graph *graph, wn_op op, const wn_node arg[3], int index, double value) {
  wn_graph_node node = {.op = op, .arg = {arg[0], arg[1], arg[2]}, .index = index, .value = value};
  if (graph->n_slot) {
    wn_node found = graph->slots[find_slot(graph, &node)];
    if (found != WN_NO_NODE) return found;
  }

  // memory first, so that a failure changes nothing
  if (graph->nodes.n >= MOST_NODES || !grow_slots(graph)) return WN_NO_NODE;
  mark_leaves(graph, &node);
  if (!WN_PUSH(&graph->nodes, node)) return WN_NO_NODE;
  return graph->slots[find_slot(graph, &node)] = graph->nodes.n - 1;
}

static const wn_node no_arg[3] = {WN_NO_NODE, WN_NO_NODE, WN_NO_NODE};

wn_node wn_graph_const(wn_graph *graph, double value) {
  // one not-a-number, whatever its bits: kernels give different ones
  return wn_graph_intern(graph, WN_OP_CONST, no_arg, 0, isnan(value) ? (double)NAN : value);
}

wn_node wn_graph_leaf(wn_graph *graph, wn_op op, int index) {
  assert(wn_op_arity(op) == 0 && op != WN_OP_CONST && index >= 0);
  return wn_graph_intern(graph, op, no_arg, op == WN_OP_TIME ? 0 : index, 0);
}

wn_node wn_graph_make(wn_graph *graph, wn_op op, const wn_node arg[3], int index) {
  int arity = wn_op_arity(op);
  wn_node args[3] = {WN_NO_NODE, WN_NO_NODE, WN_NO_NODE}, result;
  for (int i = 0; i < arity; i++) {
    if (arg[i] == WN_NO_NODE) return WN_NO_NODE;
    assert(arg[i] >= 0 && arg[i] < graph->nodes.n);
    args[i] = arg[i];
  }
  if (wn_graph_simplify(graph, op, args, index, &result)) return result;
  return wn_graph_intern(graph, op, args, index, 0);
}

wn_node wn_graph_apply(wn_graph *graph, wn_op op, wn_node a, wn_node b, wn_node c) {
  assert(wn_op_arity(op) > 0 && op != WN_OP_TABLE && op != WN_OP_TABLE_D);
  return wn_graph_make(graph, op, (wn_node[3]){a, b, c}, 0);
}

int wn_graph_add_table(wn_graph *graph, wn_table_kind kind, int n, const double *x, const double *y) {
  wn_table table;
  if (wn_table_init(&table, kind, n, x, y)) return -1;
  if (WN_PUSH(&graph->tables, table)) return graph->tables.n - 1;
  wn_table_free(&table);
  return -1;
}

const wn_table *wn_graph_table_at(const wn_graph *graph, int index) {
  assert(index >= 0 && index < graph->tables.n);
  return &graph->tables.data[index];
}

int wn_graph_n_table(const wn_graph *graph) { return graph->tables.n; }

wn_node wn_graph_table(wn_graph *graph, int table, wn_node x) {
  assert(table >= 0 && table < graph->tables.n);
  return wn_graph_make(graph, WN_OP_TABLE, (wn_node[3]){x, WN_NO_NODE, WN_NO_NODE}, table);
}

wn_node_info wn_graph_info(const wn_graph *graph, wn_node node) {
  assert(node >= 0 && node < graph->nodes.n);
  const wn_graph_node *n = wn_graph_at(graph, node);
  return (wn_node_info){.op = n->op, .args = {n->arg[0], n->arg[1], n->arg[2]}, .index = n->index, .value = n->value};
}

int wn_graph_size(const wn_graph *graph) { return graph->nodes.n; }

uint32_t wn_graph_depends(const wn_graph *graph, wn_node node) {
  assert(node >= 0 && node < graph->nodes.n);
  return wn_graph_at(graph, node)->depends;
}

bool wn_graph_may_depend(const wn_graph *graph, wn_node node, wn_node leaf) {
  const wn_graph_node *n = wn_graph_at(graph, node), *l = wn_graph_at(graph, leaf);
  if (!(n->depends & l->depends)) return false;
  return (l->states & ~n->states) == 0 && (l->params & ~n->params) == 0;
}

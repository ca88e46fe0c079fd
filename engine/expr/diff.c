// diff.c - symbolic derivatives, by the chain rule over the graph. Each (node, leaf) is derived once in the life of a
// graph; nodes that do not depend on the leaf are never entered; no recursion over the graph, so depth does not matter.
// Invariant: the derivative is finite wherever it exists, and 0 where the branch taken does not depend on the leaf.
// Knows no Jacobian. New nodes are made one a statement: the order of arguments of a C call is not defined, and the
// graph must be the same with every compiler.
//
// Choices. At a tie of min or max, where one side does not depend on the leaf, that side is taken: the derivative of
// max(x, 0)^n at 0 is 0 for every n, so Newton matrices of models at rest are finite. Where an inner derivative is a
// choice between something and 0, the choice is carried outwards: where(c, u, 0) times f is where(c, f u, 0), which is
// 0 and not 0 * inf where the choice is 0. TABLE_D has derivative 0 (also for PCHIP, whose second derivative jumps).
#include "expr/graph_impl.h"

#include <assert.h>

enum { FIRST_DIFFS = 256, CARRY_DEPTH = 8 };

static wn_node make(wn_graph *g, wn_op op, wn_node a, wn_node b) { return wn_graph_apply(g, op, a, b, WN_NO_NODE); }
static wn_node make_where(wn_graph *g, wn_node condition, wn_node yes, wn_node no) {
  return wn_graph_apply(g, WN_OP_WHERE, condition, yes, no);
}

// --- what is known so far

static size_t find_diff(const wn_graph *graph, wn_node node, wn_node leaf) {
  size_t mask = graph->n_diff_slot - 1,
         slot = (size_t)wn_hash_mix((uint64_t)(uint32_t)leaf << 32, (uint32_t)node) & mask;
  for (;; slot = (slot + 1) & mask) {
    const wn_diff_entry *entry = &graph->diffs[slot];
    if (entry->node == WN_NO_NODE || (entry->node == node && entry->leaf == leaf)) return slot;
  }
}

static bool grow_diffs(wn_graph *graph) {
  if (graph->n_diff * 2 < graph->n_diff_slot) return true;
  size_t n_old = graph->n_diff_slot, n_slot = n_old ? n_old * 2 : FIRST_DIFFS;
  wn_diff_entry *old = graph->diffs, *diffs = wn_alloc(n_slot * sizeof *diffs);
  if (!diffs) return false;
  for (size_t i = 0; i < n_slot; i++) diffs[i].node = WN_NO_NODE;
  graph->diffs = diffs;
  graph->n_diff_slot = n_slot;
  for (size_t i = 0; i < n_old; i++)
    if (old[i].node != WN_NO_NODE) diffs[find_diff(graph, old[i].node, old[i].leaf)] = old[i];
  wn_free(old);
  return true;
}

static bool remember(wn_graph *graph, wn_node node, wn_node leaf, wn_node result) {
  if (result == WN_NO_NODE || !grow_diffs(graph)) return false;
  graph->diffs[find_diff(graph, node, leaf)] = (wn_diff_entry){node, leaf, result};
  graph->n_diff++;
  return true;
}

// the derivative if it is known, zero for a node without the leaf; else WN_NO_NODE
static wn_node recall(const wn_graph *graph, wn_node node, wn_node leaf, wn_node zero) {
  if (node == WN_NO_NODE || !wn_graph_may_depend(graph, node, leaf)) return zero;
  if (!graph->diffs) return WN_NO_NODE;
  const wn_diff_entry *entry = &graph->diffs[find_diff(graph, node, leaf)];
  return entry->node == WN_NO_NODE ? WN_NO_NODE : entry->result;
}

// --- products that keep zeros zero

// is the node a choice between something and 0? (where(c, 1, 0) is c itself where c is a comparison or logic)
static bool split_choice(wn_graph *g, wn_node node, wn_node *condition, wn_node *yes, wn_node *no) {
  wn_graph_node n = *wn_graph_at(g, node);
  switch (n.op) {
  case WN_OP_WHERE:
    *condition = n.arg[0], *yes = n.arg[1], *no = n.arg[2];
    return wn_graph_is(g, *yes, 0) || wn_graph_is(g, *no, 0);
  case WN_OP_LT:
  case WN_OP_LE:
  case WN_OP_EQ:
  case WN_OP_AND:
  case WN_OP_OR:
  case WN_OP_NOT:
    *condition = node, *yes = wn_graph_const(g, 1), *no = wn_graph_const(g, 0);
    return *yes != WN_NO_NODE && *no != WN_NO_NODE;
  default: return false;
  }
}

// op(inner, factor), for op MUL, DIV or NEG: choices against 0 in `inner` stay outermost
static wn_node carry(wn_graph *g, wn_op op, wn_node inner, wn_node factor, int depth) {
  if (inner == WN_NO_NODE || (op != WN_OP_NEG && factor == WN_NO_NODE)) return WN_NO_NODE;
  if (wn_graph_is(g, inner, 0)) return inner;
  wn_node condition, yes, no;
  if (depth == 0 || !split_choice(g, inner, &condition, &yes, &no)) return make(g, op, inner, factor);
  yes = carry(g, op, yes, factor, depth - 1);
  no = carry(g, op, no, factor, depth - 1);
  return make_where(g, condition, yes, no);
}

static wn_node times(wn_graph *g, wn_node inner, wn_node factor) {
  return carry(g, WN_OP_MUL, inner, factor, CARRY_DEPTH);
}
static wn_node over(wn_graph *g, wn_node inner, wn_node factor) {
  return carry(g, WN_OP_DIV, inner, factor, CARRY_DEPTH);
}
static wn_node minus(wn_graph *g, wn_node inner) { return carry(g, WN_OP_NEG, inner, WN_NO_NODE, CARRY_DEPTH); }

// --- the rules: y = op(a, b), da and db the derivatives of a and b

static wn_node diff_mul(wn_graph *g, wn_node a, wn_node b, wn_node da, wn_node db) {
  wn_node by_a = times(g, da, b), by_b = times(g, db, a);
  return make(g, WN_OP_ADD, by_a, by_b);
}

static wn_node diff_div(wn_graph *g, wn_node y, wn_node b, wn_node da, wn_node db) {
  // (a/b)' = (a' - y b') / b
  wn_node by_a = over(g, da, b), by_b = over(g, times(g, db, y), b);
  return make(g, WN_OP_SUB, by_a, by_b);
}

static wn_node diff_pow(wn_graph *g, wn_node y, wn_node a, wn_node b, wn_node da, wn_node db) {
  // n x^(n-1) x' is finite at x = 0 for every n >= 1, where y n x'/x would not be
  wn_node by_base = da;
  if (!wn_graph_is(g, da, 0)) {
    wn_node lower = make(g, WN_OP_POW, a, make(g, WN_OP_SUB, b, wn_graph_const(g, 1)));
    by_base = times(g, da, make(g, WN_OP_MUL, b, lower));
  }
  if (wn_graph_is(g, db, 0)) return by_base;

  // y log(x) n' tends to 0 with x; below 0 there is nothing to derive
  wn_node positive = make(g, WN_OP_LT, wn_graph_const(g, 0), a);
  wn_node by_exponent = times(g, db, make(g, WN_OP_MUL, y, make(g, WN_OP_LOG, a, WN_NO_NODE)));
  return make(g, WN_OP_ADD, by_base, make_where(g, positive, by_exponent, wn_graph_const(g, 0)));
}

// min or max: at a tie the side without the leaf
static wn_node diff_choice(wn_graph *g, bool is_min, wn_node a, wn_node b, wn_node da, wn_node db) {
  if (wn_graph_is(g, da, 0)) return wn_graph_is(g, db, 0) ? da : diff_choice(g, is_min, b, a, db, da);
  wn_node condition = is_min ? make(g, WN_OP_LT, a, b) : make(g, WN_OP_LT, b, a);
  return make_where(g, condition, da, db);
}

static wn_node diff_function(wn_graph *g, wn_op op, wn_node y, wn_node a, wn_node da) {
  switch (op) {
  case WN_OP_SQRT: return over(g, da, make(g, WN_OP_MUL, wn_graph_const(g, 2), y));
  case WN_OP_EXP: return times(g, da, y);
  case WN_OP_LOG: return over(g, da, a);
  case WN_OP_SIN: return times(g, da, make(g, WN_OP_COS, a, WN_NO_NODE));
  case WN_OP_COS: return minus(g, times(g, da, make(g, WN_OP_SIN, a, WN_NO_NODE)));
  case WN_OP_TANH: return times(g, da, make(g, WN_OP_SUB, wn_graph_const(g, 1), make(g, WN_OP_MUL, y, y)));
  case WN_OP_ATAN: return over(g, da, make(g, WN_OP_ADD, wn_graph_const(g, 1), make(g, WN_OP_MUL, a, a)));
  default: break;
  }
  assert(op == WN_OP_ABS);
  wn_node negative = make(g, WN_OP_LT, a, wn_graph_const(g, 0));
  return make_where(g, negative, minus(g, da), da);
}

static wn_node diff_node(wn_graph *g, wn_node y, const wn_node d[3]) {
  wn_graph_node n = *wn_graph_at(g, y);
  wn_node a = n.arg[0], b = n.arg[1];
  switch (n.op) {
  case WN_OP_ADD: return make(g, WN_OP_ADD, d[0], d[1]);
  case WN_OP_SUB: return make(g, WN_OP_SUB, d[0], d[1]);
  case WN_OP_MUL: return diff_mul(g, a, b, d[0], d[1]);
  case WN_OP_DIV: return diff_div(g, y, b, d[0], d[1]);
  case WN_OP_NEG: return minus(g, d[0]);
  case WN_OP_POW: return diff_pow(g, y, a, b, d[0], d[1]);
  case WN_OP_MIN: return diff_choice(g, true, a, b, d[0], d[1]);
  case WN_OP_MAX: return diff_choice(g, false, a, b, d[0], d[1]);
  case WN_OP_WHERE: return make_where(g, a, d[1], d[2]);
  case WN_OP_TABLE: return times(g, d[0], wn_graph_make(g, WN_OP_TABLE_D, n.arg, n.index));
  case WN_OP_SQRT:
  case WN_OP_EXP:
  case WN_OP_LOG:
  case WN_OP_SIN:
  case WN_OP_COS:
  case WN_OP_TANH:
  case WN_OP_ATAN:
  case WN_OP_ABS: return diff_function(g, n.op, y, a, d[0]);
  default: return wn_graph_const(g, 0);  // steps, logic, TABLE_D, other leaves
  }
}

// --- the walk

// derivatives of the arguments; pushes those still to be found and returns false
static bool gather(wn_graph *graph, wn_node node, wn_node leaf, wn_node zero, wn_node d[3], bool *failed) {
  bool ready = true;
  wn_graph_node n = *wn_graph_at(graph, node);
  for (int i = 0; i < 3; i++) {
    // a condition is not derived
    bool skip = n.op == WN_OP_WHERE && i == 0;
    d[i] = skip ? zero : recall(graph, n.arg[i], leaf, zero);
    if (d[i] != WN_NO_NODE) continue;
    ready = false;
    if (!WN_PUSH(&graph->stack, n.arg[i])) *failed = true;
  }
  return ready;
}

wn_node wn_graph_diff(wn_graph *graph, wn_node node, wn_node leaf) {
  if (node == WN_NO_NODE || leaf == WN_NO_NODE) return WN_NO_NODE;
  assert(node >= 0 && node < graph->nodes.n && leaf >= 0 && leaf < graph->nodes.n);
  assert(wn_op_arity(wn_graph_at(graph, leaf)->op) == 0);
  wn_node zero = wn_graph_const(graph, 0), one = wn_graph_const(graph, 1);
  if (zero == WN_NO_NODE || one == WN_NO_NODE) return WN_NO_NODE;
  wn_node known = recall(graph, node, leaf, zero);
  if (known != WN_NO_NODE) return known;

  // depth first over the nodes with the leaf below; a node stays on the stack until its arguments are known
  graph->stack.n = 0;
  bool failed = !WN_PUSH(&graph->stack, node);
  while (!failed && graph->stack.n) {
    wn_node top = graph->stack.data[graph->stack.n - 1], d[3];
    if (recall(graph, top, leaf, zero) == WN_NO_NODE) {
      if (!gather(graph, top, leaf, zero, d, &failed)) continue;
      failed = !remember(graph, top, leaf, top == leaf ? one : diff_node(graph, top, d));
    }
    graph->stack.n--;
  }
  return failed ? WN_NO_NODE : recall(graph, node, leaf, zero);
}

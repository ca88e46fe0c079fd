// copy.c - see copy.h. Each node is made once, arguments first, without recursion.

#include "expr/copy.h"

#include "expr/graph_impl.h"

#include <assert.h>

typedef struct copying {
  const wn_graph *from;
  const unsigned char *is_zero;
  const int *state_at;
  wn_graph *to;
  wn_node *made;  // [size of from] what became of a node
  int *table_at;  // [tables of from] the table's number in `to`; -1 not copied yet
} copying;

// what is needed once zeros hide what lies below them
static void mark(const copying *c, unsigned char *needed) {
  for (wn_node node = c->from->nodes.n - 1; node >= 0; node--) {
    if (!needed[node] || c->is_zero[node]) continue;
    const wn_graph_node *at = wn_graph_at(c->from, node);
    for (int i = 0; i < 3 && at->arg[i] != WN_NO_NODE; i++) needed[at->arg[i]] = 1;
  }
}

static int copy_table(copying *c, int index) {
  if (c->table_at[index] >= 0) return c->table_at[index];
  const wn_table *table = wn_graph_table_at(c->from, index);
  return c->table_at[index] = wn_graph_add_table(c->to, table->kind, table->n, table->x, table->y);
}

static wn_node copy_node(copying *c, wn_node node) {
  const wn_graph_node *at = wn_graph_at(c->from, node);
  if (c->is_zero[node]) return wn_graph_const(c->to, 0);
  if (at->op == WN_OP_CONST) return wn_graph_const(c->to, at->value);
  if (at->op == WN_OP_STATE) {
    assert(c->state_at[at->index] >= 0);
    return wn_graph_leaf(c->to, at->op, c->state_at[at->index]);
  }
  if (wn_op_arity(at->op) == 0) return wn_graph_leaf(c->to, at->op, at->index);
  wn_node arg[3] = {WN_NO_NODE, WN_NO_NODE, WN_NO_NODE};
  for (int i = 0; i < 3 && at->arg[i] != WN_NO_NODE; i++) arg[i] = c->made[at->arg[i]];
  int table = 0;
  if (at->op == WN_OP_TABLE || at->op == WN_OP_TABLE_D) table = copy_table(c, at->index);
  return table < 0 ? WN_NO_NODE : wn_graph_make(c->to, at->op, arg, table);
}

bool wn_graph_copy(const wn_graph *from, const unsigned char *is_zero, const int *state_at, wn_graph *to,
                   wn_node *nodes, int n) {
  size_t size = (size_t)from->nodes.n;
  copying c = {.from = from, .is_zero = is_zero, .state_at = state_at, .to = to};
  unsigned char *needed = wn_alloc(size + 1);
  c.made = wn_alloc((size + 1) * sizeof *c.made);
  c.table_at = wn_alloc((size_t)(from->tables.n + 1) * sizeof *c.table_at);
  bool ok = needed && c.made && c.table_at;
  for (int i = 0; ok && i < from->tables.n; i++) c.table_at[i] = -1;
  for (int i = 0; ok && i < n; i++) needed[nodes[i]] = 1;
  if (ok) mark(&c, needed);
  for (wn_node node = 0; ok && node < from->nodes.n; node++) {
    if (!needed[node]) continue;
    c.made[node] = copy_node(&c, node);
    ok = c.made[node] != WN_NO_NODE;
  }
  for (int i = 0; ok && i < n; i++) nodes[i] = c.made[nodes[i]];
  wn_free(needed);
  wn_free(c.made);
  wn_free(c.table_at);
  return ok;
}

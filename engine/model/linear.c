// linear.c - which states make up the largest linear sub-system, and which outputs are linear. Decided by the form of
// an expression, so that what it says holds for every number: a derivative that vanishes is not enough (x < 1 has
// derivative 0 and is not linear), and a form that only numbers would make linear counts as not. Must not know what it
// is good for.
#include "model/linear.h"

// How an expression depends on the states. The order is that of how much it may vary.
enum { CONSTANT, LINEAR, OTHER };  // of parameters and covariates only; a sum of such times a state; also of the time

static unsigned char larger(unsigned char a, unsigned char b) { return a > b ? a : b; }

static unsigned char kind_of(const wn_node_info *node, const unsigned char *kind) {
  unsigned char arg[3] = {CONSTANT, CONSTANT, CONSTANT};
  for (int i = 0; i < wn_op_arity(node->op); i++) arg[i] = kind[node->args[i]];
  switch (node->op) {
  case WN_OP_STATE: return LINEAR;
  case WN_OP_TIME: return OTHER;
  case WN_OP_ADD:
  case WN_OP_SUB: return larger(arg[0], arg[1]);
  case WN_OP_NEG: return arg[0];
  case WN_OP_MUL: return arg[0] == CONSTANT || arg[1] == CONSTANT ? larger(arg[0], arg[1]) : OTHER;
  case WN_OP_DIV: return arg[1] == CONSTANT ? arg[0] : OTHER;
  case WN_OP_WHERE: return arg[0] == CONSTANT ? larger(arg[1], arg[2]) : OTHER;
  default: return larger(arg[0], larger(arg[1], arg[2])) == CONSTANT ? CONSTANT : OTHER;
  }
}

// Of every node. An argument is made before the node that takes it.
static unsigned char *make_kinds(const wn_graph *graph) {
  const int n = wn_graph_size(graph);
  unsigned char *kind = wn_alloc((size_t)n + 1);
  for (wn_node node = 0; kind && node < n; node++) {
    const wn_node_info info = wn_graph_info(graph, node);
    kind[node] = kind_of(&info, kind);
  }
  return kind;
}

// Does the derivative read a state outside the set? reads is scratch [n_state].
static bool is_fed_from_outside(const wn_model *model, int state, unsigned char *reads) {
  for (int i = 0; i < model->n_state; i++) reads[i] = 0;
  wn_graph_leaves(model->graph, model->state[state].derivative, WN_OP_STATE, reads, model->n_state);
  for (int i = 0; i < model->n_state; i++)
    if (reads[i] && !model->linear_state[i]) return true;
  return false;
}

// take out what is fed from outside until nothing is
static void close_set(wn_model *model, unsigned char *reads) {
  for (bool changed = true; changed;) {
    changed = false;
    for (int i = 0; i < model->n_state; i++) {
      if (!model->linear_state[i] || !is_fed_from_outside(model, i, reads)) continue;
      model->linear_state[i] = 0;
      changed = true;
    }
  }
}

bool wn_linear_find(wn_model *model) {
  model->linear_state = wn_arena_alloc(model->arena, (size_t)model->n_state + 1);
  model->linear_output = wn_arena_alloc(model->arena, (size_t)model->n_output + 1);
  unsigned char *kind = make_kinds(model->graph), *reads = wn_alloc((size_t)model->n_state + 1);
  const bool ok = model->linear_state && model->linear_output && kind && reads;
  if (ok) {
    for (int i = 0; i < model->n_state; i++) model->linear_state[i] = kind[model->state[i].derivative] != OTHER;
    for (int i = 0; i < model->n_output; i++) model->linear_output[i] = kind[model->output[i].value] != OTHER;
    close_set(model, reads);
    model->n_linear = 0;
    for (int i = 0; i < model->n_state; i++) model->n_linear += model->linear_state[i];
    model->is_linear = model->n_linear == model->n_state;
  }
  wn_free(kind);
  wn_free(reads);
  return ok;
}

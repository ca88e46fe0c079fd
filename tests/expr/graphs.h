// graphs.h - random graphs, inputs for programs made from them, and running such a program. After cmocka.h.
#ifndef TESTS_EXPR_GRAPHS_H
#define TESTS_EXPR_GRAPHS_H

#include "base/memory.h"
#include "expr/numbers.h"
#include "expr/program.h"

enum { N_PARAM = 4, N_STATE = 5, N_COVARIATE = 2, MAX_WIDTH = 40 };

// inputs of a program for MAX_WIDTH lanes, every lane its own
typedef struct inputs {
  double time[MAX_WIDTH], state[N_STATE][MAX_WIDTH], param[N_PARAM][MAX_WIDTH], covariate[N_COVARIATE][MAX_WIDTH];
} inputs;

static inline void fill(double *rows, int n, double (*number)(void)) {
  for (int i = 0; i < n; i++) rows[i] = number();
}

static inline inputs random_inputs(double (*number)(void)) {
  inputs in;
  fill(in.time, MAX_WIDTH, number);
  fill(&in.state[0][0], N_STATE * MAX_WIDTH, number);
  fill(&in.param[0][0], N_PARAM * MAX_WIDTH, number);
  fill(&in.covariate[0][0], N_COVARIATE * MAX_WIDTH, number);
  return in;
}

// the first `width` lanes of rows MAX_WIDTH apart
static inline double *packed(const double *rows, int n_row, int width) {
  double *block = wn_alloc_doubles((size_t)(n_row * width));
  for (int row = 0; row < n_row; row++)
    memcpy(block + row * width, rows + row * MAX_WIDTH, (size_t)width * sizeof(double));
  return block;
}

// run a program on the first `width` lanes: out [n_output][width]
static inline double *run_program(const wn_program *program, const inputs *in, int width) {
  double *time = packed(in->time, 1, width), *state = packed(&in->state[0][0], N_STATE, width);
  double *param = packed(&in->param[0][0], N_PARAM, width);
  double *covariate = packed(&in->covariate[0][0], N_COVARIATE, width);
  double *work = wn_alloc_doubles(wn_program_workspace(program, width));
  double *out = wn_alloc_doubles((size_t)(wn_program_n_output(program) * width));
  // a workspace used before, with other parameters
  wn_program_bind(program, width, state, state, work);
  wn_program_eval(program, width, time, state, work, out);
  wn_program_bind(program, width, param, covariate, work);
  // the parameters are not kept
  memset(param, 0xff, sizeof(double) * N_PARAM * (size_t)width);
  // a second evaluation must not see what the first left behind
  wn_program_eval(program, width, time, state, work, out);
  memset(out, 0xff, sizeof(double) * (size_t)(wn_program_n_output(program) * width));
  wn_program_eval(program, width, time, state, work, out);
  wn_free(time), wn_free(state), wn_free(param), wn_free(covariate), wn_free(work);
  return out;
}

static inline wn_node state(wn_graph *graph, int index) { return wn_graph_leaf(graph, WN_OP_STATE, index); }

static inline bool is_plain(wn_op op) { return wn_op_arity(op) > 0 && op != WN_OP_TABLE && op != WN_OP_TABLE_D; }

static inline wn_node random_leaf(wn_graph *graph) {
  switch (random_below(6)) {
  case 0: return wn_graph_leaf(graph, WN_OP_PARAM, random_below(N_PARAM));
  case 1: return wn_graph_leaf(graph, WN_OP_COVARIATE, random_below(N_COVARIATE));
  case 2: return wn_graph_leaf(graph, WN_OP_TIME, 0);
  case 3: return wn_graph_const(graph, random_number());
  default: return state(graph, random_below(N_STATE));
  }
}

// mostly arithmetic on recent nodes, so that rows are reused and pairs form
static inline wn_node random_apply(wn_graph *graph, const wn_node *nodes, int n, int table) {
  int reach = n < 12 || random_below(4) == 0 ? n : 12;
  wn_node args[3];
  for (int k = 0; k < 3; k++) args[k] = nodes[n - 1 - random_below(reach)];
  if (random_below(20) == 0) return wn_graph_table(graph, table, args[0]);
  wn_op op = (wn_op)(WN_OP_ADD + random_below(3));
  if (random_below(3) == 0) do
      op = (wn_op)random_below(WN_N_OP);
    while (!is_plain(op));
  return wn_graph_apply(graph, op, args[0], args[1], args[2]);
}

enum { N_NODE = 150, N_ROOT = 12 };

static inline int random_graph(wn_graph *graph, wn_node *roots, int n_node) {
  static const double x[] = {-3, -1, 0, 0.5, 4}, y[] = {1, -2, 0.25, 8, 9};
  wn_graph_add_table(graph, WN_TABLE_LINEAR, 5, x, y);
  int table = wn_graph_add_table(graph, WN_TABLE_PCHIP, 5, x, y);
  wn_node nodes[N_NODE];
  for (int i = 0; i < n_node; i++) {
    bool is_leaf = i < 5 || random_below(5) == 0;
    nodes[i] = is_leaf ? random_leaf(graph) : random_apply(graph, nodes, i, random_below(table + 1));
  }
  // roots may repeat and may be leaves
  int n_root = 1 + random_below(N_ROOT);
  for (int k = 0; k < n_root; k++) roots[k] = nodes[n_node - 1 - random_below(n_node < 30 ? n_node : 30)];
  if (n_root > 3) roots[1] = roots[0], roots[2] = nodes[random_below(5)];
  return n_root;
}

#endif

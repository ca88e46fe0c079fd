// lower.c - from nodes of a graph to straight-line code: keep what the roots need, split it by what it depends on, pair
// arithmetic, choose rows.
// Invariants: the order is that of a depth-first walk from the roots, so the same graph gives the same code; a work row
// is reused only after the last read of its value; every operation rounds as the graph's own does.

#include "base/memory.h"
#include "expr/code.h"

#include <assert.h>
#include <string.h>

// When a value is known: written once, after bind, or during eval.
typedef enum stage { STAGE_CONSTANT, STAGE_BIND, STAGE_EVAL } stage;

// One node in use. Arguments are positions in the walk's order.
typedef struct value {
  wn_op op;
  uint32_t code;
  stage stage;
  int index, arg[3], n_arg;
  double number;
  int n_use, last_use;  // readers; position of the last of them within the stage
  bool is_root;         // an output: first one in `output`
  bool is_kept;         // made by bind and read by eval
  bool is_merged;       // computed inside its only reader
  int output;
  wn_operand place;
} value;

typedef struct lowering {
  const wn_graph *graph;
  wn_lowered *out;
  WN_ARRAY(value) values;
  WN_ARRAY(wn_node) stack;
  WN_ARRAY(int) free_rows, tables;
  int *position;  // [graph size] of a node in the order, plus 1; 0 not yet
  int n_row;
} lowering;

// Append a node whose arguments are all in the order.
static bool append(lowering *low, wn_node node, const wn_node_info *info) {
  value v = {
      .op = info->op, .code = info->op, .index = info->index, .number = info->value, .n_arg = wn_op_arity(info->op)};
  switch (info->op) {
  case WN_OP_CONST: v.stage = STAGE_CONSTANT; break;
  case WN_OP_STATE:
  case WN_OP_TIME: v.stage = STAGE_EVAL; break;
  default: v.stage = STAGE_BIND;
  }
  for (int i = 0; i < v.n_arg; i++) {
    v.arg[i] = low->position[info->args[i]] - 1;
    stage needs = low->values.data[v.arg[i]].stage;
    if (needs > v.stage) v.stage = needs;
  }
  low->position[node] = low->values.n + 1;
  return WN_PUSH(&low->values, v);
}

// Put a root and everything under it into the order, arguments first.
static bool walk(lowering *low, wn_node root) {
  if (low->position[root]) return true;
  if (!WN_PUSH(&low->stack, root)) return false;
  while (low->stack.n) {
    wn_node node = low->stack.data[low->stack.n - 1];
    wn_node_info info = wn_graph_info(low->graph, node);
    // the arguments that are missing, last one first, so that the first comes out on top
    int before = low->stack.n;
    for (int i = wn_op_arity(info.op) - 1; i >= 0; i--)
      if (!low->position[info.args[i]] && !WN_PUSH(&low->stack, info.args[i])) return false;
    if (low->stack.n > before) continue;
    low->stack.n--;
    if (!low->position[node] && !append(low, node, &info)) return false;
  }
  return true;
}

static void count_uses(lowering *low) {
  value *values = low->values.data;
  for (int i = 0; i < low->values.n; i++)
    for (int k = 0; k < values[i].n_arg; k++) values[values[i].arg[k]].n_use++;
}

// Which half of a pair an opcode can be, or -1.
static int first_half(wn_op op) {
  switch (op) {
  case WN_OP_ADD: return WN_FIRST_ADD;
  case WN_OP_SUB: return WN_FIRST_SUB;
  case WN_OP_MUL: return WN_FIRST_MUL;
  case WN_OP_DIV: return WN_FIRST_DIV;
  default: return -1;
  }
}

static int second_half(wn_op op, bool first_is_right) {
  switch (op) {
  case WN_OP_ADD: return WN_THEN_ADD;
  case WN_OP_SUB: return first_is_right ? WN_THEN_SUB_FROM : WN_THEN_SUB;
  case WN_OP_MUL: return WN_THEN_MUL;
  case WN_OP_DIV: return first_is_right ? WN_THEN_DIV_INTO : WN_THEN_DIV;
  default: return -1;
  }
}

// Which fused operation a product makes with what reads it, or 0.
static uint32_t fused_code(const value *first, wn_op then, int side) {
  if (first->op != WN_OP_MUL) return 0;
  if (then == WN_OP_ADD) return WN_CODE_FUSED_ADD;
  if (then != WN_OP_SUB) return 0;
  return side == 1 ? WN_CODE_FUSED_SUB_FROM : WN_CODE_FUSED_SUB;
}

static bool can_merge(const value *first, const value *then) {
  bool is_plain = first->code == (uint32_t)first->op && first_half(first->op) >= 0;
  return is_plain && first->n_use == 1 && !first->is_root && first->stage == then->stage;
}

static void merge(value *values, value *v, int side, uint32_t code) {
  value *first = &values[v->arg[side]];
  int other = v->arg[1 - side];
  v->code = code;
  v->arg[0] = first->arg[0], v->arg[1] = first->arg[1], v->arg[2] = other, v->n_arg = 3;
  first->is_merged = true;
}

// Products into the sums that alone read them.
static void fuse(lowering *low) {
  value *values = low->values.data;
  for (int i = 0; i < low->values.n; i++) {
    value *v = &values[i];
    if (v->op != WN_OP_ADD && v->op != WN_OP_SUB) continue;
    for (int side = 1; side >= 0 && v->code == (uint32_t)v->op; side--) {
      const value *first = &values[v->arg[side]];
      uint32_t code = fused_code(first, v->op, side);
      if (code && can_merge(first, v)) merge(values, v, side, code);
    }
  }
}

// Compute an arithmetic value that only one other reads inside that one: one dispatch and one row less.
static void merge_pairs(lowering *low) {
  value *values = low->values.data;
  for (int i = 0; i < low->values.n; i++) {
    value *v = &values[i];
    if (v->is_merged || v->code != (uint32_t)v->op || second_half(v->op, false) < 0) continue;
    for (int side = 0; side < 2; side++) {
      const value *first = &values[v->arg[side]];
      if (!can_merge(first, v)) continue;
      merge(values, v, side, (uint32_t)WN_CODE_PAIR_OF(first_half(first->op), second_half(v->op, side == 1)));
      break;
    }
  }
}

// Find for every value its last reader, and whether eval reads what bind made.
static void find_lives(lowering *low) {
  value *values = low->values.data;
  for (int i = 0; i < low->values.n; i++) {
    if (values[i].is_merged) continue;
    for (int k = 0; k < values[i].n_arg; k++) {
      value *arg = &values[values[i].arg[k]];
      if (arg->stage == values[i].stage) arg->last_use = i;
      if (arg->stage == STAGE_BIND && values[i].stage == STAGE_EVAL) arg->is_kept = true;
    }
  }
  // outputs are written by eval
  for (int i = 0; i < low->values.n; i++)
    if (values[i].is_root && values[i].stage == STAGE_BIND) values[i].is_kept = true;
}

// Constants and values kept from bind to eval own the first rows for good.
static bool place_lasting(lowering *low) {
  wn_lowered *out = low->out;
  value *values = low->values.data;
  for (int i = 0; i < low->values.n; i++) out->n_constant += values[i].op == WN_OP_CONST;
  out->constant = wn_alloc((size_t)out->n_constant * sizeof *out->constant);
  if (!out->constant) return false;
  for (int i = 0; i < low->values.n; i++)
    if (values[i].op == WN_OP_CONST) {
      out->constant[low->n_row] = values[i].number;
      values[i].place = wn_operand_make(WN_BLOCK_WORK, low->n_row++);
    }
  for (int i = 0; i < low->values.n; i++)
    if (values[i].is_kept) values[i].place = wn_operand_make(WN_BLOCK_WORK, low->n_row++);
  return true;
}

static bool is_leaf(const value *v) { return v->n_arg == 0; }

static wn_operand leaf_place(const value *v) {
  switch (v->op) {
  case WN_OP_STATE: return wn_operand_make(WN_BLOCK_STATE, v->index);
  case WN_OP_TIME: return wn_operand_make(WN_BLOCK_TIME, 0);
  case WN_OP_PARAM: return wn_operand_make(WN_BLOCK_PARAM, v->index);
  case WN_OP_COVARIATE: return wn_operand_make(WN_BLOCK_COVARIATE, v->index);
  default: return v->place;
  }
}

// Where a reader of a stage finds a value: parameters are at hand during bind, later in a row of their own.
static wn_operand operand_of(const value *v, stage reader) {
  bool is_late = v->stage == STAGE_BIND && reader == STAGE_EVAL;
  return is_leaf(v) && !is_late ? leaf_place(v) : v->place;
}

// Number of the program's copy of a table, or -1.
static int use_table(lowering *low, int index) {
  for (int i = 0; i < low->tables.n; i++)
    if (low->tables.data[i] == index) return i;
  return WN_PUSH(&low->tables, index) ? low->tables.n - 1 : -1;
}

// Give back the rows that this instruction is the last to read.
static bool release(lowering *low, int at) {
  value *values = low->values.data;
  for (int k = 0; k < values[at].n_arg; k++) {
    value *arg = &values[values[at].arg[k]];
    bool is_temporary = !is_leaf(arg) && !arg->is_kept && !arg->is_root && arg->stage == values[at].stage;
    if (!is_temporary || arg->last_use != at) continue;
    arg->last_use = -1;
    if (!WN_PUSH(&low->free_rows, (int)(arg->place >> 3))) return false;
  }
  return true;
}

static wn_operand take_place(lowering *low, const value *v) {
  if (v->is_kept) return v->place;
  if (v->is_root) return wn_operand_make(WN_BLOCK_OUT, v->output);
  int row = low->free_rows.n ? low->free_rows.data[--low->free_rows.n] : low->n_row++;
  return wn_operand_make(WN_BLOCK_WORK, row);
}

static bool emit(lowering *low, wn_code *code, int at) {
  value *v = &low->values.data[at];
  wn_instruction instruction = {.code = v->code};
  wn_operand *args[3] = {&instruction.a, &instruction.b, &instruction.c};
  for (int k = 0; k < v->n_arg; k++) *args[k] = operand_of(&low->values.data[v->arg[k]], v->stage);
  if (v->op == WN_OP_TABLE || v->op == WN_OP_TABLE_D) {
    int table = use_table(low, v->index);
    if (table < 0) return false;
    instruction.table = (uint32_t)table;
  }
  // operands are read before the result is written, so it may take over a row of theirs
  if (!release(low, at)) return false;
  v->place = take_place(low, v);
  instruction.out = v->place;
  return WN_PUSH(code, instruction);
}

static bool emit_copy(wn_code *code, wn_operand from, wn_operand to) {
  return WN_PUSH(code, (wn_instruction){.code = WN_CODE_COPY, .out = to, .a = from});
}

static bool emit_bind(lowering *low) {
  value *values = low->values.data;
  wn_code *code = &low->out->bind;
  for (int i = 0; i < low->values.n; i++) {
    value *v = &values[i];
    if (v->is_merged || v->stage == STAGE_EVAL || v->op == WN_OP_CONST) continue;
    if (is_leaf(v)) {
      if (v->is_kept && !emit_copy(code, leaf_place(v), v->place)) return false;
    } else if (!emit(low, code, i)) {
      return false;
    }
  }
  return true;
}

static bool emit_eval(lowering *low, const wn_node *roots, int n_root) {
  value *values = low->values.data;
  wn_code *code = &low->out->eval;
  for (int i = 0; i < low->values.n; i++) {
    const value *v = &values[i];
    if (v->stage == STAGE_EVAL && !is_leaf(v) && !v->is_merged && !emit(low, code, i)) return false;
  }
  // outputs that are not computed in place
  for (int k = 0; k < n_root; k++) {
    wn_operand to = wn_operand_make(WN_BLOCK_OUT, k);
    wn_operand from = operand_of(&values[low->position[roots[k]] - 1], STAGE_EVAL);
    if (from != to && !emit_copy(code, from, to)) return false;
  }
  return true;
}

static wn_status copy_tables(lowering *low, wn_error *err) {
  wn_lowered *out = low->out;
  out->table = wn_alloc((size_t)low->tables.n * sizeof *out->table);
  if (!out->table) return wn_fail_memory(err);
  for (; out->n_table < low->tables.n; out->n_table++) {
    const wn_table *from = wn_graph_table_at(low->graph, low->tables.data[out->n_table]);
    wn_status status = wn_table_init(&out->table[out->n_table], from->kind, from->n, from->x, from->y);
    if (status) return wn_fail_memory(err);
  }
  return WN_OK;
}

static wn_status lower(lowering *low, const wn_node *roots, int n_root, bool is_fused, wn_error *err) {
  low->position = wn_alloc((size_t)wn_graph_size(low->graph) * sizeof *low->position);
  if (!low->position) return wn_fail_memory(err);
  for (int k = 0; k < n_root; k++)
    if (roots[k] == WN_NO_NODE || !walk(low, roots[k])) return wn_fail_memory(err);
  for (int k = n_root - 1; k >= 0; k--) {
    value *v = &low->values.data[low->position[roots[k]] - 1];
    v->is_root = true;
    v->output = k;
  }
  count_uses(low);
  if (is_fused) fuse(low);
  merge_pairs(low);
  find_lives(low);
  if (!place_lasting(low) || !emit_bind(low) || !emit_eval(low, roots, n_root)) return wn_fail_memory(err);
  low->out->n_row = low->n_row;
  return copy_tables(low, err);
}

wn_status wn_lower(const wn_graph *graph, const wn_node *roots, int n_root, bool is_fused, wn_lowered *out,
                   wn_error *err) {
  lowering low = {.graph = graph, .out = out};
  wn_status status = lower(&low, roots, n_root, is_fused, err);
  WN_ARRAY_FREE(&low.values);
  WN_ARRAY_FREE(&low.stack);
  WN_ARRAY_FREE(&low.free_rows);
  WN_ARRAY_FREE(&low.tables);
  wn_free(low.position);
  return status;
}

void wn_lowered_free(wn_lowered *lowered) {
  WN_ARRAY_FREE(&lowered->bind);
  WN_ARRAY_FREE(&lowered->eval);
  wn_free(lowered->constant);
  for (int i = 0; i < lowered->n_table; i++) wn_table_free(&lowered->table[i]);
  wn_free(lowered->table);
}

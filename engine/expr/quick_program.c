// quick_program.c - the eval part of a program as vector operations. Invariant: operation by operation what vm_body.h
// does, so the bits are the interpreter's; the workspace is only read.

#include "expr/quick_tape.h"

#include <string.h>

enum { TIME, STATE, WORK, OUT };  // arguments of wn_native_eval

// The value of every row so far; -1: none, it is still in memory.
typedef struct rows {
  wn_quick_tape *tape;
  const wn_lowered *program;
  const wn_native_functions *functions;
  int n_row[WN_N_BLOCK], first[WN_N_BLOCK], n_value;
  int *all;  // [n_value], block by block
} rows;

static int *value_of(const rows *r, wn_operand operand) { return &r->all[r->first[operand & 7] + (int)(operand >> 3)]; }

static int read_row(rows *r, wn_operand operand) {
  static const int argument[WN_N_BLOCK] = {
      [WN_BLOCK_WORK] = WORK, [WN_BLOCK_OUT] = OUT, [WN_BLOCK_STATE] = STATE, [WN_BLOCK_TIME] = TIME};
  wn_block block = (wn_block)(operand & 7);
  int row = (int)(operand >> 3), *value = value_of(r, operand);
  if (*value >= 0) return *value;
  bool is_constant = block == WN_BLOCK_WORK && row < r->program->n_constant;
  *value =
      is_constant ? wn_quick_number(r->tape, r->program->constant[row]) : wn_quick_row(r->tape, argument[block], row);
  return *value;
}

// ---- opcodes ----

static int truth(rows *r, int mask) { return wn_quick_binary(r->tape, QUICK_AND, mask, wn_quick_one(r->tape)); }

static int not_zero(rows *r, int a) { return wn_quick_compare(r->tape, QUICK_NE, a, wn_quick_zero(r->tape)); }

// a where it wins or is not a number, else b; the processor's own says b where either is not
static int choose(rows *r, wn_quick_code code, int a, int b) {
  int winner = wn_quick_binary(r->tape, code, a, b);
  return wn_quick_choose(r->tape, wn_quick_compare(r->tape, QUICK_UNORDERED, a, a), a, winner);
}

// one bit of a number: its sign, or all but that
static int with_bits(rows *r, wn_quick_code code, uint64_t bits, int a) {
  double number;
  memcpy(&number, &bits, sizeof number);
  return wn_quick_binary(r->tape, code, a, wn_quick_number(r->tape, number));
}

static int arithmetic(rows *r, int how, int a, int b) {
  static const wn_quick_code code[] = {
      [WN_THEN_ADD] = QUICK_ADD, [WN_THEN_SUB] = QUICK_SUB,      [WN_THEN_MUL] = QUICK_MUL,
      [WN_THEN_DIV] = QUICK_DIV, [WN_THEN_SUB_FROM] = QUICK_SUB, [WN_THEN_DIV_INTO] = QUICK_DIV};
  bool is_other_way = how == WN_THEN_SUB_FROM || how == WN_THEN_DIV_INTO;
  return wn_quick_binary(r->tape, code[how], is_other_way ? b : a, is_other_way ? a : b);
}

static int fused(rows *r, uint32_t code, const int arg[3]) {
  static const wn_quick_code of[] = {QUICK_FUSED_ADD, QUICK_FUSED_SUB, QUICK_FUSED_SUB_FROM};
  return wn_quick_fused(r->tape, of[code - WN_CODE_FUSED], arg[0], arg[1], arg[2]);
}

static int logical(rows *r, wn_op op, int a, int b) {
  wn_quick_tape *tape = r->tape;
  switch (op) {
  case WN_OP_LT: return truth(r, wn_quick_compare(tape, QUICK_LT, a, b));
  case WN_OP_LE: return truth(r, wn_quick_compare(tape, QUICK_LE, a, b));
  case WN_OP_EQ: return truth(r, wn_quick_compare(tape, QUICK_EQ, a, b));
  case WN_OP_AND: return truth(r, wn_quick_binary(tape, QUICK_AND, not_zero(r, a), not_zero(r, b)));
  case WN_OP_OR: return truth(r, wn_quick_binary(tape, QUICK_OR, not_zero(r, a), not_zero(r, b)));
  default: return truth(r, wn_quick_compare(tape, QUICK_EQ, a, wn_quick_zero(tape)));
  }
}

static int opcode(rows *r, const wn_instruction *next, const int arg[3]) {
  wn_quick_tape *tape = r->tape;
  int a = arg[0], b = arg[1];
  wn_op op = (wn_op)next->code;
  switch (op) {
  case WN_OP_ADD: return wn_quick_binary(tape, QUICK_ADD, a, b);
  case WN_OP_SUB: return wn_quick_binary(tape, QUICK_SUB, a, b);
  case WN_OP_MUL: return wn_quick_binary(tape, QUICK_MUL, a, b);
  case WN_OP_DIV: return wn_quick_binary(tape, QUICK_DIV, a, b);
  case WN_OP_NEG: return with_bits(r, QUICK_XOR, UINT64_C(1) << 63, a);
  case WN_OP_ABS: return with_bits(r, QUICK_AND, ~(UINT64_C(1) << 63), a);
  case WN_OP_SQRT: return wn_quick_unary(tape, QUICK_SQRT, -1, a);
  case WN_OP_FLOOR: return wn_quick_unary(tape, QUICK_ROUND, QUICK_DOWN, a);
  case WN_OP_MIN: return choose(r, QUICK_MIN, a, b);
  case WN_OP_MAX: return choose(r, QUICK_MAX, a, b);
  case WN_OP_LT:
  case WN_OP_LE:
  case WN_OP_EQ:
  case WN_OP_AND:
  case WN_OP_OR:
  case WN_OP_NOT: return logical(r, op, a, b);
  case WN_OP_WHERE: return wn_quick_choose(tape, not_zero(r, a), b, arg[2]);
  case WN_OP_TABLE:
  case WN_OP_TABLE_D: return wn_quick_look_up(tape, &r->program->table[next->table], op == WN_OP_TABLE_D, a);
  default: return wn_quick_apply(tape, r->functions->of[op], wn_op_arity(op), a, b);
  }
}

// ---- the code ----

static void write_instruction(rows *r, const wn_instruction *next) {
  wn_operand operands[3] = {next->a, next->b, next->c};
  int arg[3] = {0}, value;
  for (int k = 0; k < wn_code_arity(next->code); k++) arg[k] = read_row(r, operands[k]);
  if (next->code >= WN_CODE_FUSED) {
    value = fused(r, next->code, arg);
  } else if (next->code >= WN_CODE_PAIR) {
    int pair = (int)(next->code - WN_CODE_PAIR);
    // the first halves are numbered as the second ones
    value = arithmetic(r, pair % WN_N_THEN, arithmetic(r, pair / WN_N_THEN, arg[0], arg[1]), arg[2]);
  } else {
    value = next->code == WN_CODE_COPY ? arg[0] : opcode(r, next, arg);
  }
  *value_of(r, next->out) = value;
  if ((next->out & 7) == WN_BLOCK_OUT) wn_quick_keep(r->tape, value, OUT, (int)(next->out >> 3));
}

// where the values of every block's rows are
static void lay_out(rows *r) {
  wn_code_count_rows(&r->program->eval, r->n_row);
  for (int block = 0; block < WN_N_BLOCK; block++) {
    r->first[block] = r->n_value;
    r->n_value += r->n_row[block];
  }
}

int wn_quick_program(const wn_native_request *request, const wn_lowered *program, wn_quick_tape *tape,
                     wn_quick_bytes *bytes) {
  rows r = {.tape = tape,
            .program = program,
            .functions = wn_quick_vector_of(request) == 8 ? request->wide : request->narrow};
  lay_out(&r);
  r.all = wn_alloc((size_t)r.n_value * sizeof *r.all);
  if (!r.all) return -1;
  for (int i = 0; i < r.n_value; i++) r.all[i] = -1;
  wn_quick_tape_begin(tape, request, 4);
  for (int i = 0; i < program->eval.n; i++) write_instruction(&r, &program->eval.data[i]);
  wn_free(r.all);
  return wn_quick_write(tape, bytes);
}

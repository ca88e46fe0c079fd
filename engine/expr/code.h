// code.h - straight-line code as lowering writes it and the lanes run it. Private to expr/.
//
// A value is a row of `width` lanes in one of a few blocks; an operand names block and row. Work rows are reused once
// their value is dead, so a program's own block stays small.
#ifndef WN_EXPR_CODE_H
#define WN_EXPR_CODE_H

#include "expr/op.h"
#include "expr/table.h"
#include <stdbool.h>
#include <stdint.h>

// Blocks. OUT may be read back: a root that other values need is computed once, in place.
typedef enum wn_block {
  WN_BLOCK_WORK,
  WN_BLOCK_OUT,
  WN_BLOCK_STATE,
  WN_BLOCK_TIME,
  WN_BLOCK_PARAM,
  WN_BLOCK_COVARIATE,
  WN_N_BLOCK
} wn_block;

// block in the low three bits, row above
typedef uint32_t wn_operand;
static inline wn_operand wn_operand_make(wn_block block, int row) { return (uint32_t)row << 3 | (uint32_t)block; }

// Instructions beyond the opcodes: a copy, and two arithmetic operations in one dispatch, each rounded as if alone:
// first = a + b, a - b, a * b or a / b; then first + c, first - c, first * c, first / c, c - first or c / first.
enum { WN_FIRST_ADD, WN_FIRST_SUB, WN_FIRST_MUL, WN_FIRST_DIV };
enum { WN_THEN_ADD, WN_THEN_SUB, WN_THEN_MUL, WN_THEN_DIV, WN_THEN_SUB_FROM, WN_THEN_DIV_INTO, WN_N_THEN };
enum { WN_CODE_COPY = WN_N_OP, WN_CODE_PAIR };
#define WN_CODE_PAIR_OF(first, then) (WN_CODE_PAIR + (first)*WN_N_THEN + (then))
// And, in programs that may, a product and a sum rounded once: a b + c, a b - c, c - a b.
enum {
  WN_CODE_FUSED = WN_CODE_PAIR_OF(WN_FIRST_DIV, WN_N_THEN),
  WN_CODE_FUSED_ADD = WN_CODE_FUSED,
  WN_CODE_FUSED_SUB,
  WN_CODE_FUSED_SUB_FROM
};

typedef struct wn_instruction {
  uint32_t code;            // a wn_op or one of the above
  wn_operand out, a, b, c;  // unused ones 0: a row that is there
  uint32_t table;           // of TABLE and TABLE_D: number of the table
} wn_instruction;

// How many of a, b and c an instruction reads, in that order.
static inline int wn_code_arity(uint32_t code) {
  if (code == WN_CODE_COPY) return 1;
  return code >= WN_CODE_PAIR ? 3 : wn_op_arity((wn_op)code);
}

// A stretch of code.
typedef struct wn_code {
  wn_instruction *data;
  int n, cap;
} wn_code;

// Rows of every block that the code names, raised where they are more than n_row says.
static inline void wn_code_count_rows(const wn_code *code, int n_row[WN_N_BLOCK]) {
  for (int i = 0; i < code->n; i++) {
    const wn_instruction *next = &code->data[i];
    const wn_operand operands[4] = {next->out, next->a, next->b, next->c};
    for (int k = 0; k < 4; k++) {
      int *n = &n_row[operands[k] & 7], row = (int)(operands[k] >> 3);
      if (row >= *n) *n = row + 1;
    }
  }
}

// What lowering makes; owned by the program.
typedef struct wn_lowered {
  wn_code bind, eval;
  double *constant;  // [n_constant], for work rows 0, 1, ...
  int n_constant, n_row;
  wn_table *table;  // copies of the tables in use
  int n_table;
} wn_lowered;

// Lower the roots, products and sums fused or not; on failure `out` is left for wn_lowered_free.
wn_status wn_lower(const wn_graph *graph, const wn_node *roots, int n_root, bool is_fused, wn_lowered *out,
                   wn_error *err);
void wn_lowered_free(wn_lowered *lowered);

#endif

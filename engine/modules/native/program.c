// program.c - the eval part of a program as machine code. Invariant: operation by operation what vm_body.h does, so the
// bits are the interpreter's; values stay in registers and the workspace is only read.

#include "modules/native/emit.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>

// The value of every row while a vector of lanes is written; NULL: still in memory.
typedef struct values {
  const wn_lowered *program;
  LLVMValueRef block[WN_N_BLOCK];  // where it starts
  int n_row[WN_N_BLOCK], first[WN_N_BLOCK], n_value;
  LLVMValueRef *all;  // [n_value], block by block
} values;

static LLVMValueRef *value_of(const values *v, wn_operand operand) {
  return &v->all[v->first[operand & 7] + (int)(operand >> 3)];
}

static LLVMValueRef read_row(emitter *e, const values *v, wn_operand operand) {
  unsigned block = operand & 7;
  int row = (int)(operand >> 3);
  LLVMValueRef *value = value_of(v, operand);
  if (*value) return *value;
  bool is_constant = block == WN_BLOCK_WORK && row < v->program->n_constant;
  *value = is_constant ? emit_constant(e, v->program->constant[row]) : emit_load(e, v->block[block], row);
  return *value;
}

static LLVMValueRef compare(emitter *e, LLVMRealPredicate how, LLVMValueRef a, LLVMValueRef b) {
  return LLVMBuildFCmp(e->builder, how, a, b, "");
}

static LLVMValueRef not_zero(emitter *e, LLVMValueRef a) { return compare(e, LLVMRealUNE, a, e->zero); }

static LLVMValueRef truth(emitter *e, LLVMValueRef mask) {
  return LLVMBuildSelect(e->builder, mask, e->one, e->zero, "");
}

// a where it wins or is not a number, else b
static LLVMValueRef choose(emitter *e, LLVMRealPredicate how, LLVMValueRef a, LLVMValueRef b) {
  LLVMValueRef wins = LLVMBuildOr(e->builder, compare(e, how, a, b), compare(e, LLVMRealUNO, a, a), "");
  return LLVMBuildSelect(e->builder, wins, a, b, "");
}

static LLVMValueRef look_up(emitter *e, const wn_table *table, bool slope, LLVMValueRef a) {
  LLVMBuilderRef b = e->builder;
  LLVMTypeRef int_type = LLVMInt32TypeInContext(e->context);
  // room in the frame, taken once
  LLVMValueRef first = LLVMGetFirstInstruction(LLVMGetEntryBasicBlock(e->function));
  LLVMBasicBlockRef here = LLVMGetInsertBlock(b);
  if (first)
    LLVMPositionBuilderBefore(b, first);
  else
    LLVMPositionBuilderAtEnd(b, LLVMGetEntryBasicBlock(e->function));
  LLVMValueRef x = LLVMBuildAlloca(b, e->lanes, ""), y = LLVMBuildAlloca(b, e->lanes, "");
  LLVMPositionBuilderAtEnd(b, here);
  LLVMBuildStore(b, a, x);
  LLVMValueRef args[] = {LLVMConstInt(e->index, (uintptr_t)table, 0), LLVMConstInt(int_type, slope, 0),
                         LLVMConstInt(int_type, (unsigned)e->vector, 0), x, y};
  emit_call(e, (uintptr_t)e->request->look_up, e->none, args, 5);
  return LLVMBuildLoad2(b, e->lanes, y, "");
}

static LLVMValueRef arithmetic(emitter *e, int how, LLVMValueRef a, LLVMValueRef b) {
  switch (how) {
  case WN_THEN_ADD: return LLVMBuildFAdd(e->builder, a, b, "");
  case WN_THEN_SUB: return LLVMBuildFSub(e->builder, a, b, "");
  case WN_THEN_MUL: return LLVMBuildFMul(e->builder, a, b, "");
  case WN_THEN_DIV: return LLVMBuildFDiv(e->builder, a, b, "");
  case WN_THEN_SUB_FROM: return LLVMBuildFSub(e->builder, b, a, "");
  default: return LLVMBuildFDiv(e->builder, b, a, "");
  }
}

static LLVMValueRef fused(emitter *e, uint32_t code, LLVMValueRef a, LLVMValueRef b, LLVMValueRef c) {
  if (code == WN_CODE_FUSED_SUB) c = LLVMBuildFNeg(e->builder, c, "");
  if (code == WN_CODE_FUSED_SUB_FROM) a = LLVMBuildFNeg(e->builder, a, "");
  return emit_intrinsic(e, "llvm.fma", (LLVMValueRef[]){a, b, c}, 3);
}

static LLVMValueRef logical(emitter *e, uint32_t code, LLVMValueRef a, LLVMValueRef b) {
  LLVMBuilderRef builder = e->builder;
  switch (code) {
  case WN_OP_MIN: return choose(e, LLVMRealOLT, a, b);
  case WN_OP_MAX: return choose(e, LLVMRealOGT, a, b);
  case WN_OP_LT: return truth(e, compare(e, LLVMRealOLT, a, b));
  case WN_OP_LE: return truth(e, compare(e, LLVMRealOLE, a, b));
  case WN_OP_EQ: return truth(e, compare(e, LLVMRealOEQ, a, b));
  case WN_OP_AND: return truth(e, LLVMBuildAnd(builder, not_zero(e, a), not_zero(e, b), ""));
  case WN_OP_OR: return truth(e, LLVMBuildOr(builder, not_zero(e, a), not_zero(e, b), ""));
  default: return NULL;
  }
}

static LLVMValueRef operation(emitter *e, const values *v, const wn_instruction *next, LLVMValueRef a, LLVMValueRef b,
                              LLVMValueRef c) {
  uint32_t code = next->code;
  if (code >= WN_CODE_FUSED) return fused(e, code, a, b, c);
  if (code >= WN_CODE_PAIR) {
    int pair = (int)(code - WN_CODE_PAIR);
    // the first halves are numbered as the second ones
    return arithmetic(e, pair % WN_N_THEN, arithmetic(e, pair / WN_N_THEN, a, b), c);
  }
  switch (code) {
  case WN_CODE_COPY: return a;
  case WN_OP_ADD: return arithmetic(e, WN_THEN_ADD, a, b);
  case WN_OP_SUB: return arithmetic(e, WN_THEN_SUB, a, b);
  case WN_OP_MUL: return arithmetic(e, WN_THEN_MUL, a, b);
  case WN_OP_DIV: return arithmetic(e, WN_THEN_DIV, a, b);
  case WN_OP_NEG: return LLVMBuildFNeg(e->builder, a, "");
  case WN_OP_ABS: return emit_intrinsic(e, "llvm.fabs", &a, 1);
  case WN_OP_SQRT: return emit_intrinsic(e, "llvm.sqrt", &a, 1);
  case WN_OP_FLOOR: return emit_intrinsic(e, "llvm.floor", &a, 1);
  case WN_OP_NOT: return truth(e, compare(e, LLVMRealOEQ, a, e->zero));
  case WN_OP_WHERE: return LLVMBuildSelect(e->builder, not_zero(e, a), b, c, "");
  case WN_OP_TABLE:
  case WN_OP_TABLE_D: return look_up(e, &v->program->table[next->table], code == WN_OP_TABLE_D, a);
  default: break;
  }
  LLVMValueRef value = logical(e, code, a, b);
  if (value) return value;
  LLVMValueRef args[] = {a, b};
  return emit_call(e, (uintptr_t)e->functions->of[code], e->lanes, args, wn_op_arity((wn_op)code));
}

static LLVMValueRef program_body(emitter *e, const void *context, LLVMValueRef carried) {
  const values *v = context;
  const wn_code *code = &v->program->eval;
  for (int i = 0; i < v->n_value; i++) v->all[i] = NULL;
  for (int i = 0; i < code->n; i++) {
    const wn_instruction *next = &code->data[i];
    wn_operand operands[3] = {next->a, next->b, next->c};
    LLVMValueRef args[3] = {NULL, NULL, NULL};
    for (int k = 0; k < wn_code_arity(next->code); k++) args[k] = read_row(e, v, operands[k]);
    LLVMValueRef value = operation(e, v, next, args[0], args[1], args[2]);
    unsigned block = next->out & 7;
    *value_of(v, next->out) = value;
    if (block == WN_BLOCK_OUT) emit_store(e, v->block[block], (int)(next->out >> 3), value);
  }
  return carried;
}

// where the values of every block's rows are
static void lay_out(values *v) {
  wn_code_count_rows(&v->program->eval, v->n_row);
  for (int block = 0; block < WN_N_BLOCK; block++) {
    v->first[block] = v->n_value;
    v->n_value += v->n_row[block];
  }
}

bool emit_program(emitter *e, const char *name, const wn_lowered *program) {
  values v = {.program = program};
  lay_out(&v);
  v.all = calloc((size_t)v.n_value + 1, sizeof(LLVMValueRef));
  if (!v.all) return false;
  emit_function(e, name, e->none, 4);
  static const wn_block arguments[] = {WN_BLOCK_TIME, WN_BLOCK_STATE, WN_BLOCK_WORK, WN_BLOCK_OUT};
  for (unsigned i = 0; i < 4; i++) v.block[arguments[i]] = LLVMGetParam(e->function, i);
  emit_lanes(e, program_body, &v, NULL);
  LLVMBuildRetVoid(e->builder);
  free(v.all);
  return true;
}

// lu.c - factorisation and triangular solves as machine code. Invariant: operation by operation what lu_body.h does, so
// the bits are the interpreter's; entries stay in registers until all of them are stored.

#include "modules/native/emit.h"

#include <float.h>
#include <stdlib.h>

// One factorisation being written.
typedef struct factoring {
  const wn_lu_code *code;
  LLVMValueRef gamma, jac, work;
  LLVMValueRef *entry;  // [n_fill]
} factoring;

static LLVMValueRef add(emitter *e, LLVMValueRef a, LLVMValueRef b) { return LLVMBuildFAdd(e->builder, a, b, ""); }
static LLVMValueRef sub(emitter *e, LLVMValueRef a, LLVMValueRef b) { return LLVMBuildFSub(e->builder, a, b, ""); }
static LLVMValueRef mul(emitter *e, LLVMValueRef a, LLVMValueRef b) { return LLVMBuildFMul(e->builder, a, b, ""); }

static LLVMValueRef magnitude(emitter *e, LLVMValueRef a) { return emit_intrinsic(e, "llvm.fabs", &a, 1); }

// also: `a how b` in every lane
static LLVMValueRef demand(emitter *e, LLVMValueRef good, LLVMRealPredicate how, LLVMValueRef a, LLVMValueRef b) {
  LLVMValueRef holds = LLVMBuildFCmp(e->builder, how, a, b, "");
  return good ? LLVMBuildAnd(e->builder, good, holds, "") : holds;
}

// I - gamma J, fill-in zero
static void form(emitter *e, const factoring *f) {
  const wn_lu_code *code = f->code;
  LLVMValueRef minus = sub(e, e->zero, emit_load(e, f->gamma, 0));
  for (int k = 0; k < code->n_fill; k++) f->entry[k] = e->zero;
  for (int i = 0; i < code->n; i++) f->entry[code->pivot[i]] = e->one;
  for (int k = 0; k < code->n_nz; k++) {
    LLVMValueRef *to = &f->entry[code->entry[k]];
    *to = add(e, *to, mul(e, minus, emit_load(e, f->jac, k)));
  }
}

// eliminate row i with the rows before it; returns the next unread target
static const int *eliminate(emitter *e, const factoring *f, int i, const int *target) {
  const wn_lu_code *code = f->code;
  for (int at = code->row_start[i]; at < code->pivot[i]; at++) {
    int k = code->column[at], last = code->row_start[k + 1];
    LLVMValueRef l = f->entry[at] = mul(e, f->entry[at], f->entry[code->pivot[k]]);
    for (int u = code->pivot[k] + 1; u < last; u++) {
      LLVMValueRef *to = &f->entry[*target++];
      *to = sub(e, *to, mul(e, l, f->entry[u]));
    }
  }
  return target;
}

static LLVMValueRef check_row(emitter *e, const factoring *f, int i, LLVMValueRef diagonal, LLVMValueRef good) {
  const wn_lu_code *code = f->code;
  LLVMValueRef terms = magnitude(e, diagonal), huge = emit_constant(e, DBL_MAX);
  for (int at = code->row_start[i]; at < code->pivot[i]; at++)
    if (code->across[at] >= 0) terms = add(e, terms, magnitude(e, mul(e, f->entry[at], f->entry[code->across[at]])));
  for (int at = code->row_start[i]; at < code->row_start[i + 1]; at++)
    good = demand(e, good, LLVMRealOLE, magnitude(e, f->entry[at]), huge);
  LLVMValueRef size = magnitude(e, f->entry[code->pivot[i]]);
  good = demand(e, good, LLVMRealOGT, size, e->zero);
  return demand(e, good, LLVMRealOGE, size, mul(e, emit_constant(e, 1e-14), terms));
}

// 0, or 1 + the first bad lane: the one found before, if any, else the first of this vector
static LLVMValueRef first_bad(emitter *e, LLVMValueRef good, LLVMValueRef before) {
  LLVMBuilderRef b = e->builder;
  LLVMTypeRef bits = LLVMIntTypeInContext(e->context, (unsigned)e->vector);
  LLVMValueRef bad = LLVMBuildBitCast(b, LLVMBuildNot(b, good, ""), bits, "");
  LLVMValueRef any = LLVMBuildICmp(b, LLVMIntNE, bad, LLVMConstInt(bits, 0, 0), "");
  // the lowest bit that is set, by itself: its number is looked up by selects
  LLVMValueRef lane = LLVMConstInt(e->verdict, (unsigned)e->vector, 0);
  for (int i = e->vector - 1; i >= 0; i--) {
    LLVMValueRef bit = LLVMBuildAnd(b, bad, LLVMConstInt(bits, 1u << i, 0), "");
    LLVMValueRef is_set = LLVMBuildICmp(b, LLVMIntNE, bit, LLVMConstInt(bits, 0, 0), "");
    lane = LLVMBuildSelect(b, is_set, LLVMConstInt(e->verdict, (unsigned)i + 1, 0), lane, "");
  }
  lane = LLVMBuildAdd(b, lane, LLVMBuildTrunc(b, e->lane, e->verdict, ""), "");
  LLVMValueRef none_yet = LLVMBuildICmp(b, LLVMIntEQ, before, LLVMConstInt(e->verdict, 0, 0), "");
  return LLVMBuildSelect(b, LLVMBuildAnd(b, any, none_yet, ""), lane, before, "");
}

static LLVMValueRef factor_body(emitter *e, const void *context, LLVMValueRef carried) {
  const factoring *f = context;
  const wn_lu_code *code = f->code;
  const int *target = code->target;
  LLVMValueRef good = NULL;
  form(e, f);
  for (int i = 0; i < code->n; i++) {
    LLVMValueRef *pivot = &f->entry[code->pivot[i]], diagonal = *pivot;
    target = eliminate(e, f, i, target);
    good = check_row(e, f, i, diagonal, good);
    *pivot = LLVMBuildFDiv(e->builder, e->one, *pivot, "");
    for (int at = code->row_start[i]; at < code->row_start[i + 1]; at++) emit_store(e, f->work, at, f->entry[at]);
  }
  return good ? first_bad(e, good, carried) : carried;
}

bool emit_factor(emitter *e, const char *name, const wn_lu_code *lu) {
  LLVMValueRef *entry = calloc((size_t)lu->n_fill + 1, sizeof *entry);
  if (!entry) return false;
  emit_function(e, name, e->verdict, 3);
  factoring f = {lu, LLVMGetParam(e->function, 0), LLVMGetParam(e->function, 1), LLVMGetParam(e->function, 2), entry};
  LLVMBuildRet(e->builder, emit_lanes(e, factor_body, &f, LLVMConstInt(e->verdict, 0, 0)));
  free(entry);
  return true;
}

// ---- solve ----

typedef struct solving {
  const wn_lu_code *code;
  LLVMValueRef work, b;
  LLVMValueRef *x;  // [n] in elimination order
} solving;

static LLVMValueRef solve_body(emitter *e, const void *context, LLVMValueRef carried) {
  const solving *s = context;
  const wn_lu_code *code = s->code;
  for (int i = 0; i < code->n; i++) {
    LLVMValueRef sum = emit_load(e, s->b, code->original[i]);
    for (int at = code->row_start[i]; at < code->pivot[i]; at++)
      sum = sub(e, sum, mul(e, emit_load(e, s->work, at), s->x[code->column[at]]));
    s->x[i] = sum;
  }
  for (int i = code->n - 1; i >= 0; i--) {
    LLVMValueRef sum = s->x[i];
    for (int at = code->pivot[i] + 1; at < code->row_start[i + 1]; at++)
      sum = sub(e, sum, mul(e, emit_load(e, s->work, at), s->x[code->column[at]]));
    s->x[i] = mul(e, sum, emit_load(e, s->work, code->pivot[i]));
    emit_store(e, s->b, code->original[i], s->x[i]);
  }
  return carried;
}

bool emit_solve(emitter *e, const char *name, const wn_lu_code *lu) {
  LLVMValueRef *x = calloc((size_t)lu->n + 1, sizeof *x);
  if (!x) return false;
  emit_function(e, name, e->none, 2);
  solving s = {lu, LLVMGetParam(e->function, 0), LLVMGetParam(e->function, 1), x};
  emit_lanes(e, solve_body, &s, NULL);
  LLVMBuildRetVoid(e->builder);
  free(x);
  return true;
}

// emit.c - what every function needs: its frame, the loop over its lanes, loads and stores. Invariant: plain IEEE
// arithmetic, no flag that would allow the compiler another rounding.

#include "modules/native/emit.h"

#include <string.h>

static void describe(emitter *e, const char *key, const char *value) {
  LLVMAttributeRef attribute =
      LLVMCreateStringAttribute(e->context, key, (unsigned)strlen(key), value, (unsigned)strlen(value));
  LLVMAddAttributeAtIndex(e->function, (LLVMAttributeIndex)LLVMAttributeFunctionIndex, attribute);
}

static void promise(emitter *e, int at, const char *name) {
  unsigned kind = LLVMGetEnumAttributeKindForName(name, strlen(name));
  LLVMAddAttributeAtIndex(e->function, (LLVMAttributeIndex)at, LLVMCreateEnumAttribute(e->context, kind, 0));
}

void emit_function(emitter *e, const char *name, LLVMTypeRef result, int n) {
  LLVMTypeRef arguments[4] = {e->pointer, e->pointer, e->pointer, e->pointer};
  e->function = LLVMAddFunction(e->module, name, LLVMFunctionType(result, arguments, (unsigned)n, 0));
  describe(e, "target-features", e->request->features);
  // vectors as long as the ones asked for are to be used, also where the compiler would rather halve them
  describe(e, "prefer-vector-width", "512");
  describe(e, "min-legal-vector-width", "512");
  promise(e, (int)LLVMAttributeFunctionIndex, "nounwind");
  for (int i = 0; i < n; i++) promise(e, 1 + i, "noalias");
  LLVMPositionBuilderAtEnd(e->builder, LLVMAppendBasicBlockInContext(e->context, e->function, "entry"));
}

static void set_vector(emitter *e, const wn_native_functions *functions, LLVMValueRef lane) {
  e->functions = functions;
  e->vector = functions->vector;
  e->lanes = LLVMVectorType(e->real, (unsigned)e->vector);
  e->mask = LLVMVectorType(LLVMInt1TypeInContext(e->context), (unsigned)e->vector);
  e->lane = lane;
  e->zero = emit_constant(e, 0);
  e->one = emit_constant(e, 1);
}

// lanes 0, vector, ... below `end`
static LLVMValueRef emit_loop(emitter *e, int end, emit_body *body, const void *context, LLVMValueRef carried) {
  LLVMBuilderRef b = e->builder;
  LLVMBasicBlockRef before = LLVMGetInsertBlock(b);
  LLVMBasicBlockRef loop = LLVMAppendBasicBlockInContext(e->context, e->function, "loop");
  LLVMBasicBlockRef after = LLVMAppendBasicBlockInContext(e->context, e->function, "after");
  LLVMBuildBr(b, loop);
  LLVMPositionBuilderAtEnd(b, loop);
  LLVMValueRef lane = LLVMBuildPhi(b, e->index, ""), kept = carried;
  if (carried) kept = LLVMBuildPhi(b, LLVMTypeOf(carried), "");
  set_vector(e, e->request->wide, lane);
  LLVMValueRef result = body(e, context, kept);
  LLVMValueRef next = LLVMBuildAdd(b, lane, LLVMConstInt(e->index, (unsigned)e->vector, 0), "");
  LLVMBasicBlockRef last = LLVMGetInsertBlock(b);
  LLVMValueRef more = LLVMBuildICmp(b, LLVMIntULT, next, LLVMConstInt(e->index, (unsigned)end, 0), "");
  LLVMBuildCondBr(b, more, loop, after);
  LLVMAddIncoming(lane, (LLVMValueRef[]){LLVMConstInt(e->index, 0, 0), next}, (LLVMBasicBlockRef[]){before, last}, 2);
  if (carried) LLVMAddIncoming(kept, (LLVMValueRef[]){carried, result}, (LLVMBasicBlockRef[]){before, last}, 2);
  LLVMPositionBuilderAtEnd(b, after);
  return result;
}

LLVMValueRef emit_lanes(emitter *e, emit_body *body, const void *context, LLVMValueRef carried) {
  int width = e->request->width, wide = e->request->wide->vector, whole = width - width % wide;
  if (whole) carried = emit_loop(e, whole, body, context, carried);
  if (whole == width) return carried;
  set_vector(e, e->request->narrow, LLVMConstInt(e->index, (unsigned)whole, 0));
  return body(e, context, carried);
}

// address of a row as a pointer to a vector
static LLVMValueRef row_at(emitter *e, LLVMValueRef block, int row) {
  LLVMBuilderRef b = e->builder;
  LLVMValueRef first = LLVMConstInt(e->index, (unsigned long long)row * (unsigned)e->request->width, 0);
  LLVMValueRef index = LLVMBuildAdd(b, e->lane, first, "");
  LLVMValueRef address = LLVMBuildGEP2(b, e->real, block, &index, 1, "");
  return LLVMBuildBitCast(b, address, LLVMPointerType(e->lanes, 0), "");
}

LLVMValueRef emit_load(emitter *e, LLVMValueRef block, int row) {
  LLVMValueRef value = LLVMBuildLoad2(e->builder, e->lanes, row_at(e, block, row), "");
  LLVMSetAlignment(value, sizeof(double));
  return value;
}

void emit_store(emitter *e, LLVMValueRef block, int row, LLVMValueRef value) {
  LLVMSetAlignment(LLVMBuildStore(e->builder, value, row_at(e, block, row)), sizeof(double));
}

LLVMValueRef emit_constant(emitter *e, double number) {
  LLVMValueRef lanes[8];
  for (int i = 0; i < e->vector; i++) lanes[i] = LLVMConstReal(e->real, number);
  return LLVMConstVector(lanes, (unsigned)e->vector);
}

LLVMValueRef emit_intrinsic(emitter *e, const char *name, LLVMValueRef *args, unsigned n) {
  unsigned id = LLVMLookupIntrinsicID(name, strlen(name));
  LLVMValueRef function = LLVMGetIntrinsicDeclaration(e->module, id, &e->lanes, 1);
  return LLVMBuildCall2(e->builder, LLVMIntrinsicGetType(e->context, id, &e->lanes, 1), function, args, n, "");
}

LLVMValueRef emit_call(emitter *e, uintptr_t function, LLVMTypeRef result, LLVMValueRef *args, int n) {
  LLVMTypeRef types[8];
  for (int i = 0; i < n; i++) types[i] = LLVMTypeOf(args[i]);
  LLVMTypeRef type = LLVMFunctionType(result, types, (unsigned)n, 0);
  LLVMValueRef address = LLVMConstIntToPtr(LLVMConstInt(e->index, function, 0), LLVMPointerType(type, 0));
  return LLVMBuildCall2(e->builder, type, address, args, (unsigned)n, "");
}

// emit.h - one function of machine code in the making, as LLVM's intermediate code. Private to the module.
#ifndef WN_MODULES_NATIVE_EMIT_H
#define WN_MODULES_NATIVE_EMIT_H

#include "expr/native_table.h"
#include <llvm-c/Core.h>
#include <stdbool.h>

// What all functions of a module share. Everything in it belongs to the context.
typedef struct emitter {
  const wn_native_request *request;
  LLVMContextRef context;
  LLVMModuleRef module;
  LLVMBuilderRef builder;
  LLVMTypeRef real, index, verdict, none, pointer;  // double, int64, int32, void, double *
  // of the function being written
  LLVMValueRef function;
  // of the vector of lanes being written
  const wn_native_functions *functions;
  int vector;
  LLVMTypeRef lanes;  // <vector x double>
  LLVMTypeRef mask;   // <vector x i1>
  LLVMValueRef lane;  // number of its first lane, int64
  LLVMValueRef zero, one;
} emitter;

// Start a function with n pointers to doubles, which do not overlap.
void emit_function(emitter *e, const char *name, LLVMTypeRef result, int n);

// Write `body` for all lanes of the request: a loop over whole vectors, then the four lanes that may be left. What it
// returns is what it carries from one vector to the next, starting with `carried`; NULL when nothing.
typedef LLVMValueRef emit_body(emitter *e, const void *context, LLVMValueRef carried);
LLVMValueRef emit_lanes(emitter *e, emit_body *body, const void *context, LLVMValueRef carried);

// A row of the block behind a pointer, from `lane` on.
LLVMValueRef emit_load(emitter *e, LLVMValueRef block, int row);
void emit_store(emitter *e, LLVMValueRef block, int row, LLVMValueRef value);

LLVMValueRef emit_constant(emitter *e, double number);                                      // the same in every lane
LLVMValueRef emit_intrinsic(emitter *e, const char *name, LLVMValueRef *args, unsigned n);  // "llvm.fabs", ...
LLVMValueRef emit_call(emitter *e, uintptr_t function, LLVMTypeRef result, LLVMValueRef *args, int n);

// The functions: eval of a program; factor and solve of a factorisation. False when out of memory.
bool emit_program(emitter *e, const char *name, const wn_lowered *program);
bool emit_factor(emitter *e, const char *name, const wn_lu_code *lu);
bool emit_solve(emitter *e, const char *name, const wn_lu_code *lu);

#endif

// module.c - the module libwane-native.so: a request, by way of LLVM's intermediate code, to addresses of functions.
// Invariant: no state of its own; every piece of code owns its context, so pieces share nothing.

#include "base/module.h"
#include "modules/native/emit.h"

#include <llvm-c/ExecutionEngine.h>
#include <llvm-c/Target.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// What wn_native_code.owner points at. The engine owns the module, which lives in the context.
typedef struct owner {
  LLVMContextRef context;
  LLVMExecutionEngineRef engine;
} owner;

static void program_name(char *name, size_t size, int i) { snprintf(name, size, "eval%d", i); }

static bool emit_all(emitter *e) {
  const wn_native_request *request = e->request;
  char name[16];
  for (int i = 0; i < request->n_program; i++) {
    program_name(name, sizeof name, i);
    if (!emit_program(e, name, request->program[i])) return false;
  }
  return !request->lu || (emit_factor(e, "factor", request->lu) && emit_solve(e, "solve", request->lu));
}

static LLVMModuleRef write_module(const wn_native_request *request, LLVMContextRef context) {
  emitter e = {.request = request, .context = context};
  e.module = LLVMModuleCreateWithNameInContext("wane", context);
  e.builder = LLVMCreateBuilderInContext(context);
  e.real = LLVMDoubleTypeInContext(context);
  e.index = LLVMInt64TypeInContext(context);
  e.verdict = LLVMInt32TypeInContext(context);
  e.none = LLVMVoidTypeInContext(context);
  e.pointer = LLVMPointerType(e.real, 0);
  bool is_done = emit_all(&e);
  LLVMDisposeBuilder(e.builder);
  if (is_done) return e.module;
  LLVMDisposeModule(e.module);
  return NULL;
}

// takes the module over, also when it fails
static LLVMExecutionEngineRef make_code(LLVMModuleRef module) {
  struct LLVMMCJITCompilerOptions options;
  LLVMInitializeMCJITCompilerOptions(&options, sizeof options);
  // 1 takes as long, 0 half as long for code up to twice as slow as the interpreter's in the widest factorisations
  options.OptLevel = 2;
  LLVMExecutionEngineRef engine = NULL;
  char *message = NULL;
  if (LLVMCreateMCJITCompilerForModule(&engine, module, &options, sizeof options, &message)) {
    LLVMDisposeMessage(message);
    return NULL;
  }
  return engine;
}

static bool find_code(const wn_native_request *request, LLVMExecutionEngineRef engine, wn_native_code *code) {
  char name[16];
  bool has_all = true;
  for (int i = 0; i < request->n_program; i++) {
    program_name(name, sizeof name, i);
    code->eval[i] = (wn_native_eval *)(uintptr_t)LLVMGetFunctionAddress(engine, name);
    has_all = has_all && code->eval[i];
  }
  if (!request->lu) return has_all;
  code->factor = (wn_native_factor *)(uintptr_t)LLVMGetFunctionAddress(engine, "factor");
  code->solve = (wn_native_solve *)(uintptr_t)LLVMGetFunctionAddress(engine, "solve");
  return has_all && code->factor && code->solve;
}

static void release(wn_native_code *code) {
  owner *own = code->owner;
  if (!own) return;
  if (own->engine) LLVMDisposeExecutionEngine(own->engine);
  LLVMContextDispose(own->context);
  free(own);
  *code = (wn_native_code){0};
}

static int compile(const wn_native_request *request, wn_native_code *code) {
  *code = (wn_native_code){0};
  LLVMLinkInMCJIT();
  if (LLVMInitializeNativeTarget() || LLVMInitializeNativeAsmPrinter()) return 1;
  owner *own = calloc(1, sizeof *own);
  if (!own) return 1;
  code->owner = own;
  own->context = LLVMContextCreate();
  LLVMModuleRef module = write_module(request, own->context);
  if (module) own->engine = make_code(module);
  if (own->engine && find_code(request, own->engine, code)) return 0;
  release(code);
  return 1;
}

static const wn_native_table table = {WN_NATIVE_PROTOCOL, WN_NATIVE_QUICK_4 "; LLVM " WANE_LLVM_VERSION ", 4 lanes",
                                      WN_NATIVE_QUICK_8 "; LLVM " WANE_LLVM_VERSION ", 8 lanes", compile, release};

WN_MODULE_EXPORT const wn_module wn_module_native = {WANE_VERSION, &table};

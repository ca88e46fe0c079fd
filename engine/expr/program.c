// program.c - a lowered program and its workspace: constants, what bind computed and the rows in use, [row][lane].
// Invariant: a program is never written to after creation, but that machine code may be hung on it. Knows no opcode;
// the kernels do the arithmetic.

#include "expr/program.h"
#include "base/memory.h"
#include "expr/kernels.h"
#include "expr/native_slot.h"

#include <assert.h>

struct wn_program {
  wn_lowered code;
  int n_output;
  wn_native_slot native;
};

static wn_program *create(const wn_graph *graph, const wn_node *roots, int n_root, bool is_fused, wn_error *err) {
  wn_program *program = wn_alloc(sizeof *program);
  if (!program) {
    wn_fail_memory(err);
    return NULL;
  }
  program->n_output = n_root;
  if (wn_lower(graph, roots, n_root, is_fused, &program->code, err)) {
    wn_program_destroy(program);
    return NULL;
  }
  return program;
}

wn_program *wn_program_create(const wn_graph *graph, const wn_node *roots, int n_root, wn_error *err) {
  return create(graph, roots, n_root, false, err);
}

wn_program *wn_program_create_fused(const wn_graph *graph, const wn_node *roots, int n_root, wn_error *err) {
  return create(graph, roots, n_root, true, err);
}

void wn_program_destroy(wn_program *program) {
  if (!program) return;
  wn_lowered_free(&program->code);
  wn_free(program);
}

int wn_program_n_output(const wn_program *program) { return program->n_output; }

int wn_program_n_instruction(const wn_program *program) { return program->code.eval.n; }

// row 0 is there even in a program without values: unused operands point at it
size_t wn_program_workspace(const wn_program *program, int width) {
  int n_row = program->code.n_row;
  return (size_t)(n_row ? n_row : 1) * (size_t)width;
}

void wn_program_bind(const wn_program *program, int width, const double *param, const double *covariate, double *work) {
  assert(width > 0 && width % WN_LANES == 0);
  const wn_lowered *code = &program->code;
  for (int i = 0; i < code->n_constant; i++)
    for (int lane = 0; lane < width; lane++) work[(size_t)i * (size_t)width + (size_t)lane] = code->constant[i];
  // the inputs are only read
  double *base[WN_N_BLOCK] = {
      [WN_BLOCK_WORK] = work, [WN_BLOCK_PARAM] = (double *)param, [WN_BLOCK_COVARIATE] = (double *)covariate};
  wn_kernels_get()->run(&code->bind, code->table, base, width);
}

void wn_program_interpret(const wn_program *program, int width, const double *time, const double *state, double *work,
                          double *out) {
  assert(width > 0 && width % WN_LANES == 0);
  const wn_lowered *code = &program->code;
  double *base[WN_N_BLOCK] = {[WN_BLOCK_WORK] = work,
                              [WN_BLOCK_OUT] = out,
                              [WN_BLOCK_STATE] = (double *)state,
                              [WN_BLOCK_TIME] = (double *)time};
  wn_kernels_get()->run(&code->eval, code->table, base, width);
}

void wn_program_eval(const wn_program *program, int width, const double *time, const double *state, double *work,
                     double *out) {
  const wn_native_code *native = wn_native_slot_find(&program->native, width);
  if (native) {
    native->eval[program->native.at](time, state, work, out);
  } else {
    wn_program_interpret(program, width, time, state, work, out);
  }
}

wn_native_slot *wn_program_slot(wn_program *program) { return &program->native; }

const wn_lowered *wn_program_lowered(const wn_program *program) { return &program->code; }

const char *wn_program_kernels(void) { return wn_kernels_get()->name; }

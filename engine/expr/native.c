// native.c - is machine code worth making, and having it made. Invariant: what is published is complete and never
// changes. Must not know how code is made.

#include "expr/native.h"
#include "base/memory.h"
#include "base/module.h"
#include "expr/kernels.h"
#include "expr/native_slot.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct wn_native {
  wn_native_set *newest;
  wn_native_slot *slot[WN_NATIVE_MAX_PROGRAM + 1];
  const wn_lowered *lowered[WN_NATIVE_MAX_PROGRAM];
  const wn_lu_code *lu;
  int n_program, n_slot;
  double n_first, n_instruction;  // of the first program, of all there is
  _Atomic uint64_t asked;         // evaluations since code was made last
};

// The module, looked for at the first call: the same whichever thread settles it. NULL when there is none that fits.
static const wn_native_table absent;
static _Atomic(const wn_native_table *) settled;

static const wn_native_table *find_module(void) {
  const wn_native_table *module = atomic_load_explicit(&settled, memory_order_acquire);
  if (!module) {
    const void *table;
    module = wn_module_open("native", &table, NULL) ? &absent : table;
    if (module->protocol != WN_NATIVE_PROTOCOL) module = &absent;
    atomic_store_explicit(&settled, module, memory_order_release);
  }
  return module == &absent ? NULL : module;
}

wn_native *wn_native_create(wn_program *const *program, int n_program, wn_lu *lu) {
  assert(n_program <= WN_NATIVE_MAX_PROGRAM);
  wn_native *native = wn_alloc(sizeof *native);
  if (!native) return NULL;
  native->n_program = n_program;
  for (int i = 0; i < n_program; i++) {
    native->lowered[i] = wn_program_lowered(program[i]);
    native->slot[native->n_slot] = wn_program_slot(program[i]);
    native->slot[native->n_slot++]->at = i;
    if (i == 0) native->n_first = wn_program_n_instruction(program[0]);
    native->n_instruction += wn_program_n_instruction(program[i]);
  }
  if (!lu) return native;
  native->lu = wn_lu_code_of(lu);
  native->slot[native->n_slot++] = wn_lu_slot(lu);
  native->n_instruction += wn_lu_n_instruction(lu);
  return native;
}

void wn_native_destroy(wn_native *native) {
  if (!native) return;
  while (native->newest) {
    wn_native_set *set = native->newest;
    native->newest = set->next;
    find_module()->release(&set->code);
    wn_free(set);
  }
  wn_free(native);
}

// ---- whether ----

// Measured (W1 to W3 and naltrexone, LLVM 14, a busy machine): the module takes this long to open, code this much for
// every instruction in it; an instruction of the right-hand side run natively saves this much a lane, with its share of
// the rest (0.38 to 0.57 ns against 0.12 to 0.22, and as much again in Jacobian, solve and outputs).
static const double NS_TO_OPEN = 25e6, NS_TO_MAKE = 120e3, NS_SAVED = 0.4;

static bool is_worth(wn_native *native, double lane_evals) {
  uint64_t now = lane_evals < 1e15 ? (uint64_t)lane_evals : (uint64_t)1e15;
  lane_evals = (double)(atomic_fetch_add_explicit(&native->asked, now, memory_order_relaxed) + now);
  const char *wish = getenv("WANE_NATIVE");
  if (wish && strcmp(wish, "off") == 0) return false;
  if (wish && strcmp(wish, "on") == 0) return true;
  return lane_evals * native->n_first * NS_SAVED > NS_TO_OPEN + NS_TO_MAKE * native->n_instruction;
}

// The functions the processor can run on whole vectors: NULL where the interpreter has none of the same bits either.
static const wn_native_functions *widest(void) {
  if (wn_kernels_get() != &wn_kernels_avx2) return NULL;
#ifdef __x86_64__
  const char *wish = getenv("WANE_KERNELS");
  bool is_kept_short = wish && strcmp(wish, "avx2") == 0;
  bool has_512 = !is_kept_short && wn_native_functions_avx512.vector && __builtin_cpu_supports("avx512f") &&
                 __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
  return has_512 ? &wn_native_functions_avx512 : &wn_native_functions_avx2;
#else
  return NULL;
#endif
}

// ---- making it ----

static void look_up(const wn_table *table, int slope, int n, const double *x, double *y) {
  for (int i = 0; i < n; i++) y[i] = slope ? wn_table_slope(table, x[i]) : wn_table_value(table, x[i]);
}

static wn_native_set *make(const wn_native *native, const wn_native_functions *functions, int width) {
  wn_native_set *set = wn_alloc(sizeof *set);
  if (!set) return NULL;
  bool is_512 = functions->vector == 8;
  wn_native_request request = {.width = width,
                               .features = is_512 ? "+avx2,+fma,+bmi,+bmi2,+avx512f,+avx512dq,+avx512vl"
                                                  : "+avx2,+fma,+bmi,+bmi2",
                               .wide = functions,
                               .narrow = &wn_native_functions_avx2,
                               .look_up = look_up,
                               .n_program = native->n_program,
                               .lu = native->lu};
  memcpy(request.program, native->lowered, sizeof request.program);
  set->width = width;
  if (!find_module()->compile(&request, &set->code)) return set;
  wn_free(set);
  return NULL;
}

// one thread at a time has code made: the compiler is not asked to stand more
static atomic_flag is_making = ATOMIC_FLAG_INIT;

bool wn_native_prepare(wn_native *native, int width, double lane_evals) {
  assert(width > 0 && width % WN_LANES == 0);
  if (wn_native_slot_find(native->slot[0], width)) return true;
  const wn_native_functions *functions = widest();
  if (!functions || !is_worth(native, lane_evals)) return false;
  if (atomic_flag_test_and_set_explicit(&is_making, memory_order_acquire)) return false;
  // somebody may have been faster
  bool is_there = wn_native_slot_find(native->slot[0], width);
  // (the module is opened by one at a time, too: what it sets up when opened is seen by whoever comes next)
  wn_native_set *set = is_there || !find_module() ? NULL : make(native, functions, width);
  if (set) {
    set->next = native->newest;
    native->newest = set;
    for (int i = 0; i < native->n_slot; i++) atomic_store_explicit(&native->slot[i]->newest, set, memory_order_release);
    // that work has paid for this width
    atomic_store_explicit(&native->asked, 0, memory_order_relaxed);
  }
  atomic_flag_clear_explicit(&is_making, memory_order_release);
  return is_there || set;
}

const char *wn_native_name(void) {
  const wn_native_functions *functions = widest();
  const char *wish = getenv("WANE_NATIVE");
  if (wish && strcmp(wish, "off") == 0) return "none: switched off";
  if (!functions) return "none: only with AVX2 kernels";
  const wn_native_table *module = find_module();
  if (!module) return "none: no module, built where LLVM is installed";
  return functions->vector == 8 ? module->name_of_8 : module->name_of_4;
}

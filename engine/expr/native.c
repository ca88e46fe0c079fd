// native.c - is machine code worth making, which of the two kinds, and having it made. Invariant: what is published is
// complete and never changes. Must not know how code is made.

#include "expr/native.h"
#include "base/memory.h"
#include "base/module.h"
#include "expr/kernels.h"
#include "expr/native_slot.h"
#include "expr/quick.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct wn_native {
  wn_native_list newest;
  const wn_lowered *lowered[WN_NATIVE_MAX_PROGRAM];
  const wn_lu_code *lu;
  int n_program;
  double n_first, n_instruction;  // of the first program, of all there is
  _Atomic uint64_t asked;         // evaluations since code was compiled last
  atomic_flag is_making;          // quick code, by one thread
  atomic_bool is_refused;         // it could not be made
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

static void hang_on(wn_native *native, wn_native_slot *slot, int at) {
  slot->newest = &native->newest;
  slot->at = at;
}

wn_native *wn_native_create(wn_program *const *program, int n_program, wn_lu *lu) {
  assert(n_program <= WN_NATIVE_MAX_PROGRAM);
  wn_native *native = wn_alloc(sizeof *native);
  if (!native) return NULL;
  atomic_flag_clear(&native->is_making);
  native->n_program = n_program;
  for (int i = 0; i < n_program; i++) {
    native->lowered[i] = wn_program_lowered(program[i]);
    hang_on(native, wn_program_slot(program[i]), i);
    if (i == 0) native->n_first = wn_program_n_instruction(program[0]);
    native->n_instruction += wn_program_n_instruction(program[i]);
  }
  if (!lu) return native;
  native->lu = wn_lu_code_of(lu);
  hang_on(native, wn_lu_slot(lu), 0);
  native->n_instruction += wn_lu_n_instruction(lu);
  return native;
}

void wn_native_destroy(wn_native *native) {
  if (!native) return;
  for (wn_native_set *set = atomic_load(&native->newest), *next; set; set = next) {
    next = set->next;
    if (set->is_quick)
      wn_quick_release(&set->code);
    else
      find_module()->release(&set->code);
    wn_free(set);
  }
  wn_free(native);
}

// ---- whether ----

// Measured (W1 to W3 and naltrexone, a busy machine): the time to begin with and for every instruction there is; what
// an instruction of the right-hand side then saves a lane against the interpreter, with its share of the rest. Against
// quick code LLVM's saves nothing, on vectors of four lanes or of eight, so it is for what quick code does not hold.
typedef struct price {
  double ns_to_begin, ns_to_make, ns_saved;
} price;
static const price of_quick = {20e3, 400, 0.4}, of_compiled = {25e6, 120e3, 0.4};

static bool is_worth(const wn_native *native, const price *p, double lane_evals) {
  return lane_evals * native->n_first * p->ns_saved > p->ns_to_begin + p->ns_to_make * native->n_instruction;
}

typedef enum native_wish { WISH_WHAT_PAYS, WISH_NONE, WISH_QUICK, WISH_COMPILED } native_wish;

static native_wish get_wish(void) {
  const char *word = getenv("WANE_NATIVE");
  if (!word) return WISH_WHAT_PAYS;
  if (strcmp(word, "off") == 0) return WISH_NONE;
  if (strcmp(word, "quick") == 0) return WISH_QUICK;
  return strcmp(word, "on") == 0 ? WISH_COMPILED : WISH_WHAT_PAYS;
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

static wn_native_set *make(const wn_native *native, const wn_native_functions *functions, int width, bool is_quick) {
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
  set->is_quick = is_quick;
  int status = is_quick ? wn_quick_compile(&request, &set->code) : find_module()->compile(&request, &set->code);
  if (!status) return set;
  wn_free(set);
  return NULL;
}

static const wn_native_set *publish(wn_native *native, wn_native_set *set) {
  if (!set) return NULL;
  set->next = atomic_load_explicit(&native->newest, memory_order_acquire);
  while (!atomic_compare_exchange_weak_explicit(&native->newest, &set->next, set, memory_order_acq_rel,
                                                memory_order_acquire))
    continue;
  return set;
}

static const wn_native_set *make_quick(wn_native *native, const wn_native_functions *functions, int width) {
  if (atomic_flag_test_and_set_explicit(&native->is_making, memory_order_acquire)) return NULL;
  // somebody may have been faster
  const wn_native_set *set = wn_native_list_find(&native->newest, width);
  if (!set) set = publish(native, make(native, functions, width, true));
  atomic_store_explicit(&native->is_refused, !set, memory_order_relaxed);
  atomic_flag_clear_explicit(&native->is_making, memory_order_release);
  return set;
}

// one thread at a time has code compiled: the compiler is not asked to stand more
static atomic_flag is_compiling = ATOMIC_FLAG_INIT;

// the set in use from now on; `before` where nothing is made
static const wn_native_set *make_compiled(wn_native *native, const wn_native_functions *functions, int width,
                                          const wn_native_set *before) {
  if (atomic_flag_test_and_set_explicit(&is_compiling, memory_order_acquire)) return before;
  const wn_native_set *set = wn_native_list_find(&native->newest, width);
  // (the module is opened by one at a time, too: what it sets up when opened is seen by whoever comes next)
  if ((!set || set->is_quick) && find_module()) {
    const wn_native_set *made = publish(native, make(native, functions, width, false));
    // that work has paid for this width
    if (made) atomic_store_explicit(&native->asked, 0, memory_order_relaxed);
    if (made) set = made;
  }
  atomic_flag_clear_explicit(&is_compiling, memory_order_release);
  return set;
}

static double count(wn_native *native, double lane_evals) {
  uint64_t now = lane_evals < 1e15 ? (uint64_t)lane_evals : (uint64_t)1e15;
  return (double)(atomic_fetch_add_explicit(&native->asked, now, memory_order_relaxed) + now);
}

bool wn_native_prepare(wn_native *native, int width, double lane_evals) {
  assert(width > 0 && width % WN_LANES == 0);
  const wn_native_set *set = wn_native_list_find(&native->newest, width);
  if (set && !set->is_quick) return true;
  const wn_native_functions *functions = widest();
  const native_wish wanted = get_wish();
  if (!functions || wanted == WISH_NONE) return set;
  lane_evals = count(native, lane_evals);
  // (quick code first also where compiled code is asked for: other threads have it meanwhile, and it needs no module)
  if (!set && (wanted != WISH_WHAT_PAYS || is_worth(native, &of_quick, lane_evals)))
    set = make_quick(native, functions, width);
  bool is_left = !set && atomic_load_explicit(&native->is_refused, memory_order_relaxed);
  if (wanted == WISH_COMPILED || (wanted == WISH_WHAT_PAYS && is_left && is_worth(native, &of_compiled, lane_evals)))
    set = make_compiled(native, functions, width, set);
  return set;
}

const char *wn_native_name(void) {
  const wn_native_functions *functions = widest();
  const native_wish wanted = get_wish();
  if (wanted == WISH_NONE) return "none: switched off";
  if (!functions) return "none: only with AVX2 kernels";
  const wn_native_table *module = wanted == WISH_QUICK ? NULL : find_module();
  bool is_512 = functions->vector == 8;
  if (!module) return is_512 ? WN_NATIVE_QUICK_8 : WN_NATIVE_QUICK_4;
  const char *name = is_512 ? module->name_of_8 : module->name_of_4;
  return wanted == WISH_COMPILED ? name + sizeof WN_NATIVE_QUICK_4 "; " - 1 : name;
}

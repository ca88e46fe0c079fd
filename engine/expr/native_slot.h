// native_slot.h - where a program or a factorisation finds its machine code. Private to expr/. Invariant: a set never
// changes once it is in the list, and lives until its wn_native is destroyed: whoever still runs code for which there
// is better meanwhile may do so.
#ifndef WN_EXPR_NATIVE_SLOT_H
#define WN_EXPR_NATIVE_SLOT_H

#include "expr/native_table.h"
#include "expr/program.h"
#include "expr/sparse_lu.h"
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

// Code for one width, and the sets made before it.
typedef struct wn_native_set {
  int width;
  bool is_quick;  // made by quick.h; better may follow
  wn_native_code code;
  struct wn_native_set *next;
} wn_native_set;
typedef _Atomic(wn_native_set *) wn_native_list;

// The newest set for a width, or NULL.
static inline const wn_native_set *wn_native_list_find(const wn_native_list *newest, int width) {
  const wn_native_set *set = atomic_load_explicit(newest, memory_order_acquire);
  while (set && set->width != width) set = set->next;
  return set;
}

typedef struct wn_native_slot {
  const wn_native_list *newest;  // of the wn_native that the program or factorisation belongs to; NULL: none
  int at;                        // number of the program in a set
} wn_native_slot;

// The code for a width, or NULL.
static inline const wn_native_code *wn_native_slot_find(const wn_native_slot *slot, int width) {
  const wn_native_set *set = slot->newest ? wn_native_list_find(slot->newest, width) : NULL;
  return set ? &set->code : NULL;
}

wn_native_slot *wn_program_slot(wn_program *program);
const wn_lowered *wn_program_lowered(const wn_program *program);
wn_native_slot *wn_lu_slot(wn_lu *lu);
const wn_lu_code *wn_lu_code_of(const wn_lu *lu);

// Elementary functions on vectors of four lanes and of eight; without any where not compiled for.
extern const wn_native_functions wn_native_functions_avx2, wn_native_functions_avx512;

// The table of a set whose functions, but for those with a short way of their own (short_body.h), FUNCTION names.
#define WN_NATIVE_FUNCTIONS                                                                                \
  {                                                                                                        \
    [WN_OP_EXP] = FUNCTION(exp), [WN_OP_LOG] = FUNCTION(log), [WN_OP_SIN] = (void (*)(void))sine_of,       \
    [WN_OP_COS] = (void (*)(void))cosine_of, [WN_OP_TANH] = FUNCTION(tanh), [WN_OP_ATAN] = FUNCTION(atan), \
    [WN_OP_POW] = (void (*)(void))power_of                                                                 \
  }

#endif

// reductions.c - see reductions.h. Invariant: what is in the list never changes and stays until the list goes, so
// looking needs no lock.

#include "model/reductions.h"

#include <stdatomic.h>
#include <string.h>

enum { MAX_KEPT = 32 };

struct wn_reductions {
  _Atomic(wn_reduced *) newest;
};

wn_reductions *wn_reductions_create(void) { return wn_alloc(sizeof(wn_reductions)); }

void wn_reductions_destroy(wn_reductions *kept) {
  if (!kept) return;
  for (wn_reduced *at = atomic_load(&kept->newest), *next; at; at = next) {
    next = at->next;
    at->is_kept = false;
    wn_reduced_destroy(at);
  }
  wn_free(kept);
}

static wn_reduced *find(wn_reduced *at, const unsigned char *key, size_t n) {
  while (at && (at->n_key != n || memcmp(at->key, key, n) != 0)) at = at->next;
  return at;
}

wn_reduced *wn_reductions_find(const wn_reductions *kept, const unsigned char *key, size_t n) {
  return kept ? find(atomic_load_explicit(&kept->newest, memory_order_acquire), key, n) : NULL;
}

wn_reduced *wn_reductions_keep(wn_reductions *kept, wn_reduced *reduced) {
  if (!kept) return reduced;
  wn_reduced *newest = atomic_load_explicit(&kept->newest, memory_order_acquire);
  do {
    wn_reduced *other = find(newest, reduced->key, reduced->n_key);
    bool is_full = newest && newest->number >= MAX_KEPT;
    reduced->is_kept = !other && !is_full;
    if (other) wn_reduced_destroy(reduced);
    if (other || is_full) return other ? other : reduced;
    reduced->next = newest;
    reduced->number = newest ? newest->number + 1 : 1;
  } while (!atomic_compare_exchange_weak_explicit(&kept->newest, &newest, reduced, memory_order_acq_rel,
                                                  memory_order_acquire));
  return reduced;
}

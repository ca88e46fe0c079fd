// reductions.h - the reduced models a full one keeps, so that runs that leave out the same share one, with the machine
// code made for it: a sweep runs thousands of times. Any thread may look and add at any time. Knows nothing of how a
// model is reduced.
#ifndef WN_MODEL_REDUCTIONS_H
#define WN_MODEL_REDUCTIONS_H

#include "model/reduce.h"

wn_reductions *wn_reductions_create(void);        // empty; NULL out of memory
void wn_reductions_destroy(wn_reductions *kept);  // with all it keeps; NULL is fine

// The one kept under a key (n bytes: all that the reduced model depends on), or NULL. `kept` may be NULL.
wn_reduced *wn_reductions_find(const wn_reductions *kept, const unsigned char *key, size_t n);

// Keep one under its key. Returns the one to use: this one, or where another thread kept its like first, that one (this
// one is destroyed). It stays the caller's where `kept` is NULL or full (32): wn_reduced_destroy knows.
wn_reduced *wn_reductions_keep(wn_reductions *kept, wn_reduced *reduced);

#endif

// pending.h - what is to happen without a record of its own: doses to come, infusions to end. Private to dose/.
// A binary heap by time; at one time ends come first, then the order of records and repetitions.
#ifndef WN_DOSE_PENDING_H
#define WN_DOSE_PENDING_H

#include "base/memory.h"

typedef enum wn_pending_kind { WN_PENDING_END, WN_PENDING_ENTER } wn_pending_kind;

typedef struct wn_pending {
  double time;
  double begin;  // ENTER: when the record's first dose enters, from which repetitions are counted
  wn_pending_kind what;
  int record, repeat;
  int infusion;  // END: which
} wn_pending;
typedef WN_ARRAY(wn_pending) wn_pending_heap;

bool wn_pending_push(wn_pending_heap *heap, wn_pending p);
bool wn_pending_first(const wn_pending_heap *heap, wn_pending *p);
void wn_pending_pop(wn_pending_heap *heap);
void wn_pending_remove(wn_pending_heap *heap, int at);
void wn_pending_drop_end(wn_pending_heap *heap, int infusion);
void wn_pending_free(wn_pending_heap *heap);

#endif

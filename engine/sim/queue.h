// queue.h - subjects that wait for a place in a batch: whoever has one free takes the next, on any thread. What a lane
// with its own clock computes does not depend on its place or its neighbours, so neither do results on who takes whom.
#ifndef WN_SIM_QUEUE_H
#define WN_SIM_QUEUE_H

#include <stdatomic.h>
#include <stdbool.h>

typedef struct wn_queue {
  const int *order;  // [n] subjects; borrowed
  int n;
  _Atomic int next;
} wn_queue;

static inline bool wn_queue_left(wn_queue *queue) {
  return atomic_load_explicit(&queue->next, memory_order_relaxed) < queue->n;
}

// The next subject, or -1: none is left.
static inline int wn_queue_take(wn_queue *queue) {
  if (!wn_queue_left(queue)) return -1;
  const int at = atomic_fetch_add_explicit(&queue->next, 1, memory_order_relaxed);
  return at < queue->n ? queue->order[at] : -1;
}

#endif

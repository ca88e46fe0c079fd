// queue.h - subjects that wait for a place in a batch: whoever has one free takes the next, on any thread. What a lane
// with its own clock computes does not depend on its place or its neighbours, so neither do results on who takes whom.
#ifndef WN_SIM_QUEUE_H
#define WN_SIM_QUEUE_H

#include "base/error.h"

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

// Places for n of them on n_thread threads, at most `most`: as many as fit, but no more than share the work evenly, so
// that lanes do not stand at its end.
int wn_queue_places(int n, int n_thread, int most);

// Up to n of them -> who [n], -1 where there is none. Returns how many.
int wn_queue_take_some(wn_queue *queue, int n, int *who);

// How those of a queue are simulated: as many side by side as there are places (WN_ERR_RUN when one of them failed:
// those that had a place and are not done -> left [n_place], else -1), or one alone, whose failure is kept as its own.
typedef struct wn_queue_work {
  wn_status (*together)(void *context, wn_queue *queue, int n_place, int *left, wn_error *err);
  wn_status (*alone)(void *context, int who, wn_error *err);
} wn_queue_work;

// Everybody who waits. Those that ran beside one that failed are run again one by one, so that only the culprit fails.
wn_status wn_queue_run(wn_queue *queue, int n_place, const wn_queue_work *work, void *context, wn_error *err);

#endif

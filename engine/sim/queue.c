// queue.c - see queue.h. Invariant: a failure touches nobody else. It must not know how anybody is simulated.

#include "sim/queue.h"

#include "base/memory.h"
#include "base/pool.h"

int wn_queue_places(int n, int n_thread, int most) {
  const int share = (n + n_thread - 1) / n_thread, rounds = (share + most - 1) / most;
  return (share + rounds - 1) / rounds;
}

int wn_queue_take_some(wn_queue *queue, int n, int *who) {
  int taken = 0;
  for (int i = 0; i < n; i++) who[i] = -1;
  for (int one; taken < n && (one = wn_queue_take(queue)) >= 0;) who[taken++] = one;
  return taken;
}

static wn_status run(wn_queue *queue, int n_place, const wn_queue_work *work, void *context, int *left, wn_error *err) {
  while (wn_queue_left(queue)) {
    if (wn_interrupt_get()) return wn_fail(err, WN_ERR_INTERRUPT, "interrupted");
    if (n_place == 1) {
      const int one = wn_queue_take(queue);
      if (one >= 0) WN_TRY(work->alone(context, one, err));
      continue;
    }
    const wn_status status = work->together(context, queue, n_place, left, err);
    if (status && status != WN_ERR_RUN) return status;
    for (int place = 0; status && place < n_place; place++)
      if (left[place] >= 0) WN_TRY(work->alone(context, left[place], err));
  }
  return WN_OK;
}

wn_status wn_queue_run(wn_queue *queue, int n_place, const wn_queue_work *work, void *context, wn_error *err) {
  int *left = wn_alloc((size_t)n_place * sizeof *left);
  if (!left) return wn_fail_memory(err);
  const wn_status status = run(queue, n_place, work, context, left, err);
  wn_free(left);
  return status;
}

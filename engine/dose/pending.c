// pending.c - the heap of pending.h. Invariant: data[i] comes no later than data[2 i + 1] and data[2 i + 2].

#include "dose/pending.h"

static bool before(const wn_pending *a, const wn_pending *b) {
  if (a->time != b->time) return a->time < b->time;
  if (a->what != b->what) return a->what < b->what;
  if (a->record != b->record) return a->record < b->record;
  return a->repeat < b->repeat;
}

static void swap(wn_pending_heap *heap, int i, int j) {
  wn_pending t = heap->data[i];
  heap->data[i] = heap->data[j];
  heap->data[j] = t;
}

static void sift_up(wn_pending_heap *heap, int i) {
  for (; i > 0 && before(&heap->data[i], &heap->data[(i - 1) / 2]); i = (i - 1) / 2) swap(heap, i, (i - 1) / 2);
}

static void sift_down(wn_pending_heap *heap, int i) {
  for (;;) {
    int least = i;
    for (int child = 2 * i + 1; child <= 2 * i + 2 && child < heap->n; child++)
      if (before(&heap->data[child], &heap->data[least])) least = child;
    if (least == i) return;
    swap(heap, i, least);
    i = least;
  }
}

bool wn_pending_push(wn_pending_heap *heap, wn_pending p) {
  if (!WN_PUSH(heap, p)) return false;
  sift_up(heap, heap->n - 1);
  return true;
}

bool wn_pending_first(const wn_pending_heap *heap, wn_pending *p) {
  if (heap->n) *p = heap->data[0];
  return heap->n > 0;
}

void wn_pending_remove(wn_pending_heap *heap, int at) {
  heap->data[at] = heap->data[--heap->n];
  if (at == heap->n) return;
  sift_up(heap, at);
  sift_down(heap, at);
}

void wn_pending_pop(wn_pending_heap *heap) { wn_pending_remove(heap, 0); }

void wn_pending_drop_end(wn_pending_heap *heap, int infusion) {
  for (int i = 0; i < heap->n; i++)
    if (heap->data[i].what == WN_PENDING_END && heap->data[i].infusion == infusion) {
      wn_pending_remove(heap, i);
      return;
    }
}

void wn_pending_free(wn_pending_heap *heap) { WN_ARRAY_FREE(heap); }

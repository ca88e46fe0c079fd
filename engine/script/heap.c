// heap.c - see heap.h. Invariant: a place in the list of a size has at least that many bytes.
#include "script/heap.h"
#include "base/memory.h"
#include <string.h>

typedef struct wn_heap_place {
  struct wn_heap_place *next;
} place;

typedef struct wn_heap_block {
  struct wn_heap_block *next;
  _Alignas(WN_HEAP_STEP) char bytes[16384];
} block;

static int list_of(size_t size) { return (int)((size - 1) / WN_HEAP_STEP); }

// a place of a list's size from the newest block; the rest of one that is too short is put where it fits
static void *cut(wn_heap *heap, int list) {
  size_t size = ((size_t)list + 1) * WN_HEAP_STEP, left = (size_t)(heap->end - heap->at);
  if (left < size) {
    block *fresh = wn_realloc(NULL, sizeof *fresh);
    if (!fresh) return NULL;
    if (left) {
      place *rest = (place *)heap->at;
      rest->next = heap->free[list_of(left)];
      heap->free[list_of(left)] = rest;
    }
    fresh->next = heap->blocks;
    heap->blocks = fresh;
    heap->at = fresh->bytes, heap->end = fresh->bytes + sizeof fresh->bytes;
  }
  void *made = heap->at;
  heap->at += size;
  return made;
}

static void *take(wn_heap *heap, size_t size) {
  if (size > WN_HEAP_LARGEST) return wn_realloc(NULL, size);
  place **list = &heap->free[list_of(size)], *first = *list;
  if (wn_alloc_fails()) return NULL;
  if (!first) return cut(heap, list_of(size));
  *list = first->next;
  return first;
}

static void give(wn_heap *heap, void *old, size_t old_size) {
  if (old_size > WN_HEAP_LARGEST) {
    wn_free(old);
    return;
  }
  place *freed = old;
  freed->next = heap->free[list_of(old_size)];
  heap->free[list_of(old_size)] = freed;
}

void *wn_heap_resize(wn_heap *heap, void *old, size_t old_size, size_t size) {
  if (size == 0) {
    if (old_size) give(heap, old, old_size);
    return NULL;
  }
  if (old_size == 0) return take(heap, size);
  if (old_size > WN_HEAP_LARGEST && size > WN_HEAP_LARGEST) return wn_realloc(old, size);
  if (old_size <= WN_HEAP_LARGEST && size <= WN_HEAP_LARGEST && list_of(old_size) == list_of(size)) return old;
  void *made = take(heap, size);
  // (a place that is larger than it need be serves as well)
  if (!made) return size < old_size && old_size <= WN_HEAP_LARGEST ? old : NULL;
  memcpy(made, old, old_size < size ? old_size : size);
  give(heap, old, old_size);
  return made;
}

void wn_heap_free(wn_heap *heap) {
  for (block *b = heap->blocks, *next; b; b = next) {
    next = b->next;
    wn_free(b);
  }
  *heap = (wn_heap){0};
}

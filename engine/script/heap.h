// heap.h - memory of one Lua state: its many small objects come and go in places of equal size, cut from large blocks
// that are given back together. Not thread-safe. Knows no Lua and no caps.
#ifndef WN_SCRIPT_HEAP_H
#define WN_SCRIPT_HEAP_H

#include <stddef.h>

enum { WN_HEAP_STEP = 16, WN_HEAP_LARGEST = 512, WN_HEAP_SIZES = WN_HEAP_LARGEST / WN_HEAP_STEP };

typedef struct wn_heap {
  struct wn_heap_place *free[WN_HEAP_SIZES];  // by size
  struct wn_heap_block *blocks;
  char *at, *end;  // what is left of the newest block
} wn_heap;

// As realloc, told the old size (0 with NULL): `size` 0 frees and gives NULL, NULL otherwise is out of memory, the old
// place then stays. What was given is 16-byte aligned and not zeroed. A zeroed wn_heap is empty.
void *wn_heap_resize(wn_heap *heap, void *old, size_t old_size, size_t size);

// Give back the blocks; places larger than WN_HEAP_LARGEST must have been freed.
void wn_heap_free(wn_heap *heap);

#endif

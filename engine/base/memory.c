// memory.c - allocation with a test hook, arenas, growing arrays. Invariant: memory handed out is zeroed, except what
// wn_realloc adds.

#include "base/memory.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

// the hook is atomic because workers allocate too; -1 is off
static _Atomic long fail_after = -1;

bool wn_alloc_fails(void) {
  long left = atomic_load_explicit(&fail_after, memory_order_relaxed);
  if (left < 0) return false;
  return atomic_fetch_sub_explicit(&fail_after, 1, memory_order_relaxed) == 0;
}

void wn_alloc_fail_after(long n) { atomic_store(&fail_after, n); }

// Large blocks come from the system page by page, at the first touch of each: where it has pages of 2 MB, a run that
// keeps much spends less on that than on its numbers.
static void ask_for_huge_pages(void *block, size_t size) {
#ifdef MADV_HUGEPAGE
  const uintptr_t huge = 2 * 1024 * 1024;
  const uintptr_t from = ((uintptr_t)block + huge - 1) / huge * huge, to = ((uintptr_t)block + size) / huge * huge;
  // it is only a wish
  if (to > from) (void)madvise((char *)block + (from - (uintptr_t)block), to - from, MADV_HUGEPAGE);
#else
  (void)block, (void)size;
#endif
}

void *wn_alloc(size_t size) {
  void *block = wn_alloc_fails() ? NULL : calloc(1, size ? size : 1);
  if (block && size >= 4 * 1024 * 1024) ask_for_huge_pages(block, size);
  return block;
}

void *wn_realloc(void *old, size_t size) { return wn_alloc_fails() ? NULL : realloc(old, size ? size : 1); }

void wn_free(void *block) { free(block); }

char *wn_strdup(const char *text) {
  size_t size = strlen(text) + 1;
  char *copy = wn_alloc(size);
  return copy ? memcpy(copy, text, size) : NULL;
}

double *wn_alloc_doubles(size_t count) {
  if (wn_alloc_fails() || count > (SIZE_MAX - 63) / sizeof(double)) return NULL;
  size_t size = (count * sizeof(double) + 63) / 64 * 64;
  if (size == 0) size = 64;
  void *block = aligned_alloc(64, size);
  return block ? memset(block, 0, size) : NULL;
}

bool wn_array_grow(void **data, int *cap, int need, size_t size) {
  if (need <= *cap) return true;
  int grown = *cap < 8 ? 8 : *cap * 2;
  if (grown < need) grown = need;
  void *moved = wn_realloc(*data, (size_t)grown * size);
  if (!moved) return false;
  *data = moved;
  *cap = grown;
  return true;
}

// A chunk's bytes follow its header; chunks form a list from the newest.
typedef struct chunk {
  struct chunk *next;
  size_t used, size;
} chunk;

struct wn_arena {
  chunk *newest;
};

// the first chunk is small: many arenas hold little
enum { FIRST_CHUNK = 4000, CHUNK = 16384, ALIGN = 16, HEADER = (sizeof(chunk) + ALIGN - 1) / ALIGN * ALIGN };

wn_arena *wn_arena_create(void) { return wn_alloc(sizeof(wn_arena)); }

void wn_arena_destroy(wn_arena *arena) {
  if (!arena) return;
  for (chunk *c = arena->newest, *next; c; c = next) {
    next = c->next;
    wn_free(c);
  }
  wn_free(arena);
}

void *wn_arena_alloc(wn_arena *arena, size_t size) {
  size = (size + ALIGN - 1) / ALIGN * ALIGN;
  chunk *c = arena->newest;
  if (!c || c->size - c->used < size) {
    size_t room = c ? CHUNK : FIRST_CHUNK;
    if (room < size) room = size;
    c = wn_alloc(HEADER + room);
    if (!c) return NULL;
    c->size = room;
    c->next = arena->newest;
    arena->newest = c;
  }
  void *block = (char *)c + HEADER + c->used;
  c->used += size;
  return block;
}

char *wn_arena_strdup(wn_arena *arena, const char *text) {
  if (!text) return NULL;
  size_t size = strlen(text) + 1;
  char *copy = wn_arena_alloc(arena, size);
  return copy ? memcpy(copy, text, size) : NULL;
}

char *wn_arena_printf(wn_arena *arena, const char *format, ...) {
  va_list args, again;
  va_start(args, format);
  va_copy(again, args);
  int length = vsnprintf(NULL, 0, format, args);
  va_end(args);
  char *text = length < 0 ? NULL : wn_arena_alloc(arena, (size_t)length + 1);
  if (text) vsnprintf(text, (size_t)length + 1, format, again);
  va_end(again);
  return text;
}

// memory.c - allocation with a test hook, arenas, growing arrays. Invariant: memory handed out is zeroed, except what
// wn_realloc adds.

#include "base/memory.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// the hook is atomic because workers allocate too; -1 is off
static _Atomic long fail_after = -1;

static bool must_fail(void) {
  long left = atomic_load_explicit(&fail_after, memory_order_relaxed);
  if (left < 0) return false;
  return atomic_fetch_sub_explicit(&fail_after, 1, memory_order_relaxed) == 0;
}

void wn_alloc_fail_after(long n) { atomic_store(&fail_after, n); }

void *wn_alloc(size_t size) { return must_fail() ? NULL : calloc(1, size ? size : 1); }

void *wn_realloc(void *old, size_t size) { return must_fail() ? NULL : realloc(old, size ? size : 1); }

void wn_free(void *block) { free(block); }

char *wn_strdup(const char *text) {
  size_t size = strlen(text) + 1;
  char *copy = wn_alloc(size);
  return copy ? memcpy(copy, text, size) : NULL;
}

double *wn_alloc_doubles(size_t count) {
  if (must_fail() || count > (SIZE_MAX - 63) / sizeof(double)) return NULL;
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

enum { CHUNK = 16384, ALIGN = 16, HEADER = (sizeof(chunk) + ALIGN - 1) / ALIGN * ALIGN };

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
    size_t room = size > CHUNK ? size : CHUNK;
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

// memory.h - allocation, arenas and growing arrays. Every allocation of the engine passes here, so that tests can
// make the n-th one fail and expect a clean WN_ERR_MEMORY.
#ifndef WN_BASE_MEMORY_H
#define WN_BASE_MEMORY_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

// malloc/realloc/free with the test hook; NULL when out of memory. wn_alloc zeroes.
void *wn_alloc(size_t size);
void *wn_realloc(void *old, size_t size);
void wn_free(void *block);
char *wn_strdup(const char *text);

// True when an allocation is to fail by the hook below: for who hands out parts of larger blocks.
bool wn_alloc_fails(void);

// 64-byte aligned and zeroed block of `count` doubles (lane blocks); free with wn_free.
double *wn_alloc_doubles(size_t count);

// Test hook: the n-th allocation from now on fails (0 = the next), then again none; -1 switches off.
void wn_alloc_fail_after(long n);

// Arena: many small blocks freed together. Zeroed, 16-byte aligned. NULL when out of memory.
typedef struct wn_arena wn_arena;
wn_arena *wn_arena_create(void);
void wn_arena_destroy(wn_arena *arena);
void *wn_arena_alloc(wn_arena *arena, size_t size);
char *wn_arena_strdup(wn_arena *arena, const char *text);  // NULL in, NULL out
char *wn_arena_printf(wn_arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));

// Growing array: `struct { T *data; int n, cap; }`. WN_PUSH returns false when out of memory.
#define WN_ARRAY(T) \
  struct {          \
    T *data;        \
    int n, cap;     \
  }
bool wn_array_grow(void **data, int *cap, int need, size_t size);
#define WN_PUSH(array, ...)                                                                     \
  (wn_array_grow((void **)&(array)->data, &(array)->cap, (array)->n + 1, sizeof *(array)->data) \
       ? ((array)->data[(array)->n++] = (__VA_ARGS__), true)                                    \
       : false)
#define WN_ARRAY_FREE(array) (wn_free((array)->data), (array)->data = NULL, (array)->n = (array)->cap = 0)

#endif

// buffer.h - text that grows. A failed allocation is remembered and the rest is dropped, so that whoever writes asks
// once, at the end.
#ifndef WN_BASE_BUFFER_H
#define WN_BASE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

// Begins as {0}; not ended by '\0'.
typedef struct wn_buffer {
  char *data;
  size_t n, cap;
  bool failed;
} wn_buffer;

// Room for `size` more characters, at data + n, which the caller counts in n; NULL out of memory.
char *wn_buffer_grow(wn_buffer *buffer, size_t size);
static inline char *wn_buffer_room(wn_buffer *buffer, size_t size) {
  return buffer->cap - buffer->n >= size ? buffer->data + buffer->n : wn_buffer_grow(buffer, size);
}

void wn_buffer_put(wn_buffer *buffer, const char *text, size_t n);
void wn_buffer_add(wn_buffer *buffer, const char *words);
void wn_buffer_char(wn_buffer *buffer, char c);
void wn_buffer_int(wn_buffer *buffer, long long value);
void wn_buffer_number(wn_buffer *buffer, double value);  // as wn_number_put
void wn_buffer_printf(wn_buffer *buffer, const char *format, ...) __attribute__((format(printf, 2, 3)));
void wn_buffer_free(wn_buffer *buffer);  // and begin anew

#endif

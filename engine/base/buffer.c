// buffer.c - see buffer.h.

#include "base/buffer.h"

#include "base/memory.h"
#include "base/number.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { FIRST = 256 };

char *wn_buffer_grow(wn_buffer *buffer, size_t size) {
  size_t cap = buffer->cap ? buffer->cap : FIRST;
  while (cap - buffer->n < size && cap <= SIZE_MAX / 4) cap *= 2;
  char *data = buffer->failed || cap - buffer->n < size ? NULL : wn_realloc(buffer->data, cap);
  if (!data) {
    buffer->failed = true;
    return NULL;
  }
  buffer->data = data, buffer->cap = cap;
  return data + buffer->n;
}

void wn_buffer_put(wn_buffer *buffer, const char *text, size_t n) {
  char *to = wn_buffer_room(buffer, n);
  if (!to) return;
  memcpy(to, text, n);
  buffer->n += n;
}

void wn_buffer_add(wn_buffer *buffer, const char *words) { wn_buffer_put(buffer, words, strlen(words)); }

void wn_buffer_char(wn_buffer *buffer, char c) { wn_buffer_put(buffer, &c, 1); }

void wn_buffer_int(wn_buffer *buffer, long long value) {
  char digit[24], *at = digit + sizeof digit;
  unsigned long long rest = value < 0 ? 0 - (unsigned long long)value : (unsigned long long)value;
  do *--at = (char)('0' + rest % 10), rest /= 10;
  while (rest);
  if (value < 0) *--at = '-';
  wn_buffer_put(buffer, at, (size_t)(digit + sizeof digit - at));
}

void wn_buffer_number(wn_buffer *buffer, double value) {
  char *to = wn_buffer_room(buffer, WN_NUMBER_ROOM);
  if (to) buffer->n = (size_t)(wn_number_put(to, value) - buffer->data);
}

void wn_buffer_printf(wn_buffer *buffer, const char *format, ...) {
  va_list args, again;
  va_start(args, format);
  va_copy(again, args);
  const int length = vsnprintf(NULL, 0, format, args);
  va_end(args);
  char *to = wn_buffer_room(buffer, (size_t)length + 1);
  if (to) {
    vsnprintf(to, (size_t)length + 1, format, again);
    buffer->n += (size_t)length;
  }
  va_end(again);
}

void wn_buffer_free(wn_buffer *buffer) {
  wn_free(buffer->data);
  *buffer = (wn_buffer){0};
}

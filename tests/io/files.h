// files.h - small files for tests, in the directory the test runs in, and random numbers to spoil them with.
#ifndef WN_TESTS_IO_FILES_H
#define WN_TESTS_IO_FILES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka wants the four above first
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline void put_bytes(const char *path, const char *bytes, size_t n) {
  FILE *out = fopen(path, "wb");
  assert_non_null(out);
  assert_int_equal(fwrite(bytes, 1, n, out), n);
  assert_int_equal(fclose(out), 0);
}

static inline void put_file(const char *path, const char *text) { put_bytes(path, text, strlen(text)); }

// the whole file as text; free() it
static inline char *get_file(const char *path) {
  FILE *in = fopen(path, "rb");
  assert_non_null(in);
  size_t n = 0, room = 1 << 16;
  char *text = malloc(room);
  while (text && (n += fread(text + n, 1, room - n - 1, in), n == room - 1)) text = realloc(text, room *= 2);
  fclose(in);
  assert_non_null(text);
  text[n] = '\0';
  return text;
}

// xorshift64*: the same numbers in every run
static inline uint32_t next_random(uint64_t *state) {
  *state ^= *state >> 12, *state ^= *state << 25, *state ^= *state >> 27;
  return (uint32_t)((*state * 0x2545f4914f6cdd1dull) >> 32);
}

// A few bytes changed, added, removed or doubled; `bytes` has room for `room`. Returns the new length.
static inline size_t spoil(char *bytes, size_t n, size_t room, uint64_t *state) {
  static const char telling[] = ",,,\"\"\n\n\r.#-:/;\t 0123456789eEnaNA\0\xef\xbb\xbf\xff";
  for (uint32_t changes = 1 + next_random(state) % 4; changes > 0; changes--) {
    size_t at = next_random(state) % (n + 1);
    char with = telling[next_random(state) % (sizeof telling - 1)];
    uint32_t how = next_random(state) % 4;
    if (how == 0 && at < n) bytes[at] = with;
    if (how == 1 && n < room) memmove(bytes + at + 1, bytes + at, n++ - at), bytes[at] = with;
    if (how == 2 && at < n) memmove(bytes + at, bytes + at + 1, --n - at);
    if (how == 3) {
      size_t length = next_random(state) % 40;
      if (at + length <= n && n + length <= room) {
        memmove(bytes + at + length, bytes + at, n - at);
        n += length;
      }
    }
  }
  return n;
}

#endif

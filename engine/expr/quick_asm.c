// quick_asm.c - encodings, byte by byte. Invariant: a length asked for is there before bytes are written; a failure
// stays.

#include "expr/quick_asm.h"

#include <assert.h>
#include <string.h>

void wn_quick_bytes_add(wn_quick_bytes *b, const void *bytes, int n) {
  if (!n || b->has_failed) return;
  if (b->cap - b->n < n && !wn_array_grow((void **)&b->data, &b->cap, b->n + n, 1)) {
    b->has_failed = true;
    return;
  }
  memcpy(b->data + b->n, bytes, (size_t)n);
  b->n += n;
}

#define BYTES(b, ...) \
  wn_quick_bytes_add((b), (const uint8_t[]){__VA_ARGS__}, (int)sizeof((const uint8_t[]){__VA_ARGS__}))

static void add_number(wn_quick_bytes *b, int32_t number) { wn_quick_bytes_add(b, &number, 4); }

void wn_quick_patch(wn_quick_bytes *b, int at, int32_t number) {
  if (!b->has_failed) memcpy(b->data + at, &number, 4);
}

// ---- vectors ----

static int low(int reg) { return reg & 7; }
static int high(int reg) { return reg >> 3 & 1; }
// the prefix has some bits the other way round
static int not_high(int reg) { return high(reg) ^ 1; }

// always 256 bits of packed doubles; the two-byte form where it can say all
static void add_prefix(uint8_t *at, int *n, int map, int result, int first, int rm) {
  const int length_and_kind = 1 << 2 | 1, other = (~first & 15) << 3;
  if (map == 1 && !high(rm)) {
    at[(*n)++] = 0xc5;
    at[(*n)++] = (uint8_t)(not_high(result) << 7 | other | length_and_kind);
    return;
  }
  at[(*n)++] = 0xc4;
  at[(*n)++] = (uint8_t)(not_high(result) << 7 | 1 << 6 | not_high(rm) << 5 | map);
  // fused operations on doubles have a bit more
  at[(*n)++] = (uint8_t)((map == 2) << 7 | other | length_and_kind);
}

// register or memory operand; short offsets count in units of `scale`, `more` bytes of the instruction follow it
static void add_operand(const wn_quick_bytes *b, uint8_t *at, int *n, int result, wn_quick_place last, int scale,
                        int more) {
  int middle = low(result) << 3, offset = last.offset;
  if (!last.is_memory) {
    at[(*n)++] = (uint8_t)(0xc0 | middle | low(last.reg));
    return;
  }
  bool is_short = last.reg != QUICK_HERE && offset % scale == 0 && offset / scale >= -128 && offset / scale < 128;
  if (last.reg == QUICK_HERE) {
    at[(*n)++] = (uint8_t)(middle | 5);
    // counted from the end of the instruction
    offset -= b->n + *n + 4 + more;
  } else {
    at[(*n)++] = (uint8_t)((is_short ? 0x40 : 0x80) | middle | low(last.reg));
    if (low(last.reg) == RSP) at[(*n)++] = 0x24;
  }
  if (is_short) offset /= scale;
  memcpy(at + *n, &offset, 4);
  *n += is_short ? 1 : 4;
}

static void add_4(wn_quick_bytes *b, wn_quick_code code, int result, int first, wn_quick_place last, int how) {
  uint8_t at[16];
  int n = 0, rm = last.is_memory && last.reg == QUICK_HERE ? 0 : last.reg;
  add_prefix(at, &n, (int)code >> 8, result, first, rm);
  at[n++] = (uint8_t)(code & 255);
  add_operand(b, at, &n, result, last, 1, how >= 0);
  if (how >= 0) at[n++] = (uint8_t)how;
  wn_quick_bytes_add(b, at, n);
}

// ---- eight lanes ----

enum { PACKED = 1, INTEGER = 2, MASK = 1 };  // prefixes; the mask register in use

// 512 bits; `mask` is 0, or the mask register that chooses lanes
static void add_wide(wn_quick_bytes *b, int prefix, int code, int result, int first, wn_quick_place last, int mask,
                     int how) {
  uint8_t at[16];
  int n = 0, rm = last.is_memory && last.reg == QUICK_HERE ? 0 : last.reg, top = last.is_memory ? 0 : rm >> 4;
  at[n++] = 0x62;
  at[n++] = (uint8_t)(not_high(result) << 7 | (top ^ 1) << 6 | not_high(rm) << 5 | (result >> 4 ^ 1) << 4 | code >> 8);
  at[n++] = (uint8_t)(1 << 7 | (~first & 15) << 3 | 1 << 2 | prefix);
  at[n++] = (uint8_t)(2 << 5 | (first >> 4 ^ 1) << 3 | mask);
  at[n++] = (uint8_t)(code & 255);
  add_operand(b, at, &n, result, last, 64, how >= 0);
  if (how >= 0) at[n++] = (uint8_t)how;
  wn_quick_bytes_add(b, at, n);
}

// a mask register from the signs of a vector, and a vector from it
static void add_mask_of(wn_quick_bytes *b, int reg) {
  add_wide(b, INTEGER, 0x239, MASK, 0, (wn_quick_place){.reg = reg}, 0, -1);
}
static void add_vector_of_mask(wn_quick_bytes *b, int result) {
  add_wide(b, INTEGER, 0x238, result, 0, (wn_quick_place){.reg = MASK}, 0, -1);
}

static void add_8(wn_quick_bytes *b, wn_quick_code code, int result, int first, wn_quick_place last, int how) {
  switch (code) {
  case QUICK_COMPARE:
    add_wide(b, PACKED, (int)code, MASK, first, last, 0, how);
    add_vector_of_mask(b, result);
    break;
  case QUICK_BLEND:
    add_mask_of(b, how >> 4);
    add_wide(b, PACKED, 0x265, result, first, last, MASK, -1);
    break;
  case QUICK_SIGNS:
    add_mask_of(b, last.reg);
    // kmovb
    BYTES(b, 0xc5, 0xf9, 0x93, (uint8_t)(0xc0 | low(result) << 3 | MASK));
    break;
  default: add_wide(b, PACKED, (int)code, result, first, last, 0, how);
  }
}

static void add_vector(wn_quick_bytes *b, wn_quick_code code, int result, int first, wn_quick_place last, int how) {
  if (b->vector == 8)
    add_8(b, code, result, first, last, how);
  else
    add_4(b, code, result, first, last, how);
}

void wn_quick_vector(wn_quick_bytes *b, wn_quick_code code, int result, int first, wn_quick_place last) {
  add_vector(b, code, result, first, last, -1);
}

void wn_quick_vector_how(wn_quick_bytes *b, wn_quick_code code, int result, int first, wn_quick_place last, int how) {
  add_vector(b, code, result, first, last, how);
}

void wn_quick_clear_upper(wn_quick_bytes *b) { BYTES(b, 0xc5, 0xf8, 0x77); }

// ---- the others ----

void wn_quick_push(wn_quick_bytes *b, int reg) { BYTES(b, (uint8_t)(0x40 | high(reg)), (uint8_t)(0x50 | low(reg))); }
void wn_quick_pop(wn_quick_bytes *b, int reg) { BYTES(b, (uint8_t)(0x40 | high(reg)), (uint8_t)(0x58 | low(reg))); }

void wn_quick_move(wn_quick_bytes *b, int to, int from) {
  BYTES(b, (uint8_t)(0x48 | high(from) << 2 | high(to)), 0x89, (uint8_t)(0xc0 | low(from) << 3 | low(to)));
}

void wn_quick_set(wn_quick_bytes *b, int reg, uint64_t number) {
  if (number >> 32) {
    BYTES(b, (uint8_t)(0x48 | high(reg)), (uint8_t)(0xb8 | low(reg)));
    wn_quick_bytes_add(b, &number, 8);
  } else {
    BYTES(b, (uint8_t)(0x40 | high(reg)), (uint8_t)(0xb8 | low(reg)));
    wn_quick_bytes_add(b, &(uint32_t){(uint32_t)number}, 4);
  }
}

void wn_quick_add(wn_quick_bytes *b, int reg, int number) {
  BYTES(b, (uint8_t)(0x48 | high(reg)), 0x81, (uint8_t)(0xc0 | low(reg)));
  add_number(b, number);
}

void wn_quick_address(wn_quick_bytes *b, int reg, int base, int offset) {
  BYTES(b, (uint8_t)(0x48 | high(reg) << 2 | high(base)), 0x8d, (uint8_t)(0x80 | low(reg) << 3 | low(base)));
  if (low(base) == RSP) BYTES(b, 0x24);
  add_number(b, offset);
}

void wn_quick_align_stack(wn_quick_bytes *b) { BYTES(b, 0x48, 0x83, 0xe4, (uint8_t)(-8 * b->vector)); }

void wn_quick_call(wn_quick_bytes *b, int reg) {
  BYTES(b, (uint8_t)(0x40 | high(reg)), 0xff, (uint8_t)(0xd0 | low(reg)));
}

void wn_quick_return(wn_quick_bytes *b) { BYTES(b, 0xc3); }

void wn_quick_loop(wn_quick_bytes *b, int reg, int end, int target) {
  // cmp on 32 bits, jb
  BYTES(b, (uint8_t)(0x40 | high(reg)), 0x81, (uint8_t)(0xf8 | low(reg)));
  add_number(b, end);
  BYTES(b, 0x0f, 0x82);
  add_number(b, target - (b->n + 4));
}

void wn_quick_first_clear(wn_quick_bytes *b, int lane) {
  // xor ecx, all lanes; jz over the rest; test eax, eax; jnz over the rest; bsf ecx, ecx; lea eax, [rcx + lane + 1]
  assert(low(lane) != RSP);
  BYTES(b, 0x81, 0xf1, (uint8_t)((1 << b->vector) - 1), 0, 0, 0);
  BYTES(b, 0x74, 12, 0x85, 0xc0, 0x75, 8, 0x0f, 0xbc, 0xc9);
  BYTES(b, (uint8_t)(0x40 | high(lane) << 1), 0x8d, 0x44, (uint8_t)(low(lane) << 3 | RCX), 1);
}

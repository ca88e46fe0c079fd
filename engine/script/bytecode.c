// See bytecode.h. Invariant: reading never leaves the dump; what is written differs from it in the source's name and
// in lines only.
#include "script/bytecode.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#if LUA_VERSION_NUM != 504
#error "bytecode.c reads functions of Lua 5.4"
#endif

// the numbers of lopcodes.h
enum { GETTABLE = 12, SETTABLE = 16, NOT = 51, EQ = 57, EQK = 60, EQI = 61, TEST = 66, TESTSET = 67 };
// a header: signature, version, format, six bytes of data, three sizes, an integer and a number to compare
enum { HEADER = 4 + 1 + 1 + 6 + 3 + 8 + 8, INSTRUCTION = 4 };
enum { CONST_FLOAT = 0x13, CONST_INTEGER = 0x03, CONST_SHORT = 0x04, CONST_LONG = 0x14 };

typedef struct reader {
  const unsigned char *at, *end;
  wn_bytecode *to;
  bool ok;
  int file, *next_id;
  wn_look_sites *sites;
} reader;

static void put(reader *r, const void *from, size_t n) {
  if (!r->ok) return;
  const size_t have = (size_t)r->to->n;
  r->ok = n <= INT32_MAX - have && wn_array_grow((void **)&r->to->data, &r->to->cap, (int)(have + n), 1);
  if (!r->ok) return;
  memcpy(r->to->data + have, from, n);
  r->to->n += (int)n;
}

static const unsigned char *take(reader *r, size_t n) {
  static const unsigned char nothing[8];
  const unsigned char *from = r->at;
  if (!r->ok || n > (size_t)(r->end - r->at)) {
    r->ok = false;
    return nothing;
  }
  r->at += n;
  return from;
}

// a block as it is
static void copy(reader *r, size_t n) {
  const unsigned char *from = take(r, n);
  if (r->ok) put(r, from, n);
}

// numbers are written in groups of seven bits, the last one marked
static size_t take_size(reader *r) {
  size_t x = 0;
  for (;;) {
    const unsigned char byte = *take(r, 1);
    if (!r->ok || x > SIZE_MAX >> 8) r->ok = false;
    if (!r->ok) return 0;
    x = x << 7 | (byte & 0x7f);
    if (byte & 0x80) return x;
  }
}

static void put_size(reader *r, size_t x) {
  unsigned char group[10];
  int n = sizeof group;
  group[--n] = (unsigned char)((x & 0x7f) | 0x80);
  while ((x >>= 7) != 0) group[--n] = (unsigned char)(x & 0x7f);
  put(r, group + n, sizeof group - (size_t)n);
}

static int copy_size(reader *r) {
  const size_t x = take_size(r);
  if (x > INT32_MAX) r->ok = false;
  put_size(r, x);
  return r->ok ? (int)x : 0;
}

static void copy_text(reader *r) {
  const int n = copy_size(r);
  if (n > 0) copy(r, (size_t)n - 1);
}

// which of the first constants, those that a comparison can name, are numbers
typedef struct constants {
  bool is_number[256];
} constants;

static void copy_constants(reader *r, constants *c) {
  for (int n = copy_size(r), i = 0; r->ok && i < n; i++) {
    const unsigned char *kind = take(r, 1);
    const bool is_number = *kind == CONST_FLOAT || *kind == CONST_INTEGER;
    put(r, kind, 1);
    if (i < 256) c->is_number[i] = is_number;
    if (is_number) copy(r, 8);
    if (*kind == CONST_SHORT || *kind == CONST_LONG) copy_text(r);
  }
}

// What an instruction looks at; false: nothing. (Whether a value is nil or equals a text does not depend on it.)
static bool is_look(uint32_t instruction, const constants *constant, wn_look_site *site) {
  const int a = (int)(instruction >> 7 & 0xff), b = (int)(instruction >> 16 & 0xff), c = (int)(instruction >> 24);
  site->reg[1] = -1;
  switch (instruction & 0x7f) {
  case EQ: site->look = WN_LOOK_EQUAL, site->reg[0] = a, site->reg[1] = b; return true;
  case EQK: site->look = WN_LOOK_EQUAL, site->reg[0] = a; return constant->is_number[b];
  case EQI: site->look = WN_LOOK_EQUAL, site->reg[0] = a; return true;
  case TEST: site->look = WN_LOOK_TRUTH, site->reg[0] = a; return true;
  case TESTSET: site->look = WN_LOOK_TRUTH, site->reg[0] = b; return true;
  case NOT: site->look = WN_LOOK_NOT, site->reg[0] = b; return true;
  case GETTABLE: site->look = WN_LOOK_KEY, site->reg[0] = c; return true;
  case SETTABLE: site->look = WN_LOOK_KEY, site->reg[0] = b; return true;
  default: return false;
  }
}

// the lines of a function's instructions, as in luaG_getfuncline
typedef struct lines {
  const signed char *step;
  int n, n_absolute, first;
  int *absolute;  // pairs of an instruction and its line
} lines;

// lines and sites of `n` instructions; numbered ones get a line each from first_id on
static void see(reader *r, const unsigned char *code, int n, const constants *c, int first_line, int first_id) {
  const int n_line = (int)take_size(r);
  const signed char *step = (const signed char *)take(r, (size_t)n_line);
  int n_absolute = (int)take_size(r), line = first_line, next = -1, next_line = 0;
  // (functions without lines are none of this program's)
  if (n_line != n) r->ok = false;
  put_size(r, (size_t)n);
  for (int i = 0; r->ok && i < n; i++) {
    static const unsigned char one = 1;
    put(r, &one, 1);
    if (n_absolute > 0 && next < i) next = (int)take_size(r), next_line = (int)take_size(r), n_absolute--;
    line = next == i ? next_line : line + step[i];
    uint32_t instruction;
    memcpy(&instruction, code + (size_t)i * INSTRUCTION, INSTRUCTION);
    wn_look_site site = {.id = first_id + 1 + i, .line = line, .file = r->file};
    // (line 0 begins the chunk itself, where there are no values of the model)
    if (first_line > 0 && is_look(instruction, c, &site) && !WN_PUSH(r->sites, site)) r->ok = false;
  }
  put_size(r, 0);
}

static void read_function(reader *r) {
  size_t n_source = take_size(r);
  if (n_source > 0) take(r, n_source - 1);
  put_size(r, sizeof WN_NUMBERED);
  put(r, WN_NUMBERED, sizeof WN_NUMBERED - 1);
  const int first_line = (int)take_size(r), first_id = *r->next_id;
  take_size(r);
  put_size(r, (size_t)first_id);
  put_size(r, (size_t)first_id);
  copy(r, 3);
  const int n = copy_size(r);
  const unsigned char *code = r->at;
  copy(r, (size_t)n * INSTRUCTION);
  if (n > INT32_MAX - 1 - first_id) r->ok = false;
  if (!r->ok) return;
  *r->next_id = first_id + n + 1;
  constants constant = {0};
  copy_constants(r, &constant);
  copy(r, 3 * (size_t)copy_size(r));
  for (int i = copy_size(r); r->ok && i > 0; i--) read_function(r);
  see(r, code, n, &constant, first_line, first_id);
  for (int i = copy_size(r); r->ok && i > 0; i--) copy_text(r), copy_size(r), copy_size(r);
  for (int i = copy_size(r); r->ok && i > 0; i--) copy_text(r);
}

static int collect(lua_State *L, const void *block, size_t n, void *context) {
  (void)L;
  wn_bytecode *all = context;
  if (n > INT32_MAX - (size_t)all->n || !wn_array_grow((void **)&all->data, &all->cap, all->n + (int)n, 1)) return 1;
  memcpy(all->data + all->n, block, n);
  all->n += (int)n;
  return 0;
}

static int compare_sites(const void *a, const void *b) {
  const int x = ((const wn_look_site *)a)->id, y = ((const wn_look_site *)b)->id;
  return (x > y) - (x < y);
}

static bool read_chunk(lua_State *L, reader *r, wn_bytecode *dump) {
  if (lua_dump(L, collect, dump, 0) != 0) return false;
  r->at = (const unsigned char *)dump->data, r->end = r->at + dump->n, r->ok = true;
  const unsigned char *header = take(r, HEADER);
  static const unsigned char sizes[] = {INSTRUCTION, sizeof(lua_Integer), sizeof(lua_Number)};
  r->ok &= header[4] == 0x54 && header[5] == 0 && memcmp(header + 12, sizes, sizeof sizes) == 0;
  put(r, header, HEADER);
  copy(r, 1);
  read_function(r);
  return r->ok && r->at == r->end;
}

bool wn_bytecode_number(lua_State *L, int file, int *next_id, wn_look_sites *sites, wn_bytecode *numbered) {
  wn_bytecode dump = {0};
  reader r = {.to = numbered, .file = file, .next_id = next_id, .sites = sites};
  const bool ok = read_chunk(L, &r, &dump);
  WN_ARRAY_FREE(&dump);
  if (ok && sites->n > 1) qsort(sites->data, (size_t)sites->n, sizeof *sites->data, compare_sites);
  return ok;
}

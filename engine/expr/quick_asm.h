// quick_asm.h - bytes of x86-64 machine code: the instructions on vectors of four doubles (AVX) or eight (AVX-512F and
// DQ) and the few others that quick code is made of. Private to expr/. Knows no program; runs nothing, so it compiles
// for any processor.
//
// Source: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2 (2.3 and 2.7, the
// prefixes VEX and EVEX).
#ifndef WN_EXPR_QUICK_ASM_H
#define WN_EXPR_QUICK_ASM_H

#include "base/memory.h"
#include <stdint.h>

// Code in the making. After an allocation failed it takes in nothing more.
typedef struct wn_quick_bytes {
  uint8_t *data;
  int n, cap;
  int vector;  // doubles in a vector, 4 or 8
  bool has_failed;
} wn_quick_bytes;

enum { RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8, R9, R10, R11, R12, R13, R14, R15 };

// A vector: in vector register `reg`, of 16 or 32, or in memory `offset` bytes after the general register `reg` or,
// with QUICK_HERE for a register, at that many bytes from the first of the code.
enum { QUICK_HERE = 16 };
typedef struct wn_quick_place {
  bool is_memory;
  int reg, offset;
} wn_quick_place;

// Instructions on vectors: result register, first operand in a register (0 where there is none), last one anywhere.
// Map of opcodes times 256, opcode. Masks are vectors of all ones and all zeros for either length.
typedef enum wn_quick_code {
  QUICK_LOAD = 0x110,
  QUICK_STORE = 0x111,  // the place is where the first register goes
  QUICK_SIGNS = 0x150,  // the sign bits to a general register
  QUICK_SQRT = 0x151,
  QUICK_AND = 0x154,
  QUICK_OR = 0x156,
  QUICK_XOR = 0x157,
  QUICK_ADD = 0x158,
  QUICK_MUL = 0x159,
  QUICK_SUB = 0x15c,
  QUICK_MIN = 0x15d,  // the last operand unless the first is smaller
  QUICK_DIV = 0x15e,
  QUICK_MAX = 0x15f,             // the last operand unless the first is larger
  QUICK_COMPARE = 0x1c2,         // and how
  QUICK_FUSED_ADD = 0x2b8,       // result += first last, rounded once
  QUICK_FUSED_SUB = 0x2ba,       // result = first last - result
  QUICK_FUSED_SUB_FROM = 0x2bc,  // result -= first last
  QUICK_ROUND = 0x309,           // and how
  QUICK_BLEND = 0x34b  // and a mask's register times 16: the last operand where its sign is set, else the first
} wn_quick_code;

enum { QUICK_EQ = 0, QUICK_LT = 1, QUICK_LE = 2, QUICK_UNORDERED = 3, QUICK_NE = 4, QUICK_GE = 13, QUICK_GT = 14 };
enum { QUICK_DOWN = 9 };  // rounding to the whole number below, without an exception

void wn_quick_vector(wn_quick_bytes *b, wn_quick_code code, int result, int first, wn_quick_place last);
// the same with a byte that says more
void wn_quick_vector_how(wn_quick_bytes *b, wn_quick_code code, int result, int first, wn_quick_place last, int how);
void wn_quick_clear_upper(wn_quick_bytes *b);  // before code that knows no AVX

// The others, on 64 bits where not said otherwise.
void wn_quick_push(wn_quick_bytes *b, int reg);
void wn_quick_pop(wn_quick_bytes *b, int reg);
void wn_quick_move(wn_quick_bytes *b, int to, int from);
void wn_quick_set(wn_quick_bytes *b, int reg, uint64_t number);
void wn_quick_add(wn_quick_bytes *b, int reg, int number);
void wn_quick_address(wn_quick_bytes *b, int reg, int base, int offset);  // reg = base + offset
void wn_quick_align_stack(wn_quick_bytes *b);                             // rsp down to a multiple of a vector
void wn_quick_call(wn_quick_bytes *b, int reg);
void wn_quick_return(wn_quick_bytes *b);
void wn_quick_bytes_add(wn_quick_bytes *b, const void *bytes, int n);
void wn_quick_patch(wn_quick_bytes *b, int at, int32_t number);  // 4 bytes written before

// Go to `target` while the register is below a number.
void wn_quick_loop(wn_quick_bytes *b, int reg, int end, int target);

// eax = 1 + lane + the lowest bit of ecx not set among those of a vector, if one is not set and eax is 0.
void wn_quick_first_clear(wn_quick_bytes *b, int lane);

#endif

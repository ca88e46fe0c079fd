// kernels.c - opcodes on one lane, and the choice of what runs on many.
// Invariant: every line here has its twin among the lanes and gives the same bits.

#include "expr/kernels.h"

#include <assert.h>
#include <math.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

// the set in use once settled; the same whichever thread settles it
static _Atomic(const wn_kernels *) settled;

void wn_kernels_force(const wn_kernels *kernels) { atomic_store(&settled, kernels); }

const wn_kernels *wn_kernels_get(void) {
  const wn_kernels *kernels = atomic_load_explicit(&settled, memory_order_relaxed);
  if (kernels) return kernels;
  const char *wish = getenv("WANE_KERNELS");
  bool is_portable = wish && strcmp(wish, "portable") == 0;
#ifdef __x86_64__
  bool has_avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#else
  bool has_avx2 = false;
#endif
  kernels = has_avx2 && !is_portable ? &wn_kernels_avx2 : &wn_kernels_portable;
  atomic_store_explicit(&settled, kernels, memory_order_relaxed);
  return kernels;
}

static double smaller(double a, double b) {
  if (a != a) return a;
  if (b != b) return b;
  return a < b ? a : b;
}

static double larger(double a, double b) {
  if (a != a) return a;
  if (b != b) return b;
  return a > b ? a : b;
}

static double elementary(const wn_functions *f, wn_op op, double a, double b) {
  switch (op) {
  case WN_OP_POW: return f->pow(a, b);
  case WN_OP_EXP: return f->exp(a);
  case WN_OP_LOG: return f->log(a);
  case WN_OP_SIN: return f->sin(a);
  case WN_OP_COS: return f->cos(a);
  case WN_OP_TANH: return f->tanh(a);
  case WN_OP_ATAN: return f->atan(a);
  default: break;
  }
  assert(!"an opcode without a value of its own");
  return NAN;
}

double wn_scalar_op(wn_op op, double a, double b, double c) {
  switch (op) {
  case WN_OP_ADD: return a + b;
  case WN_OP_SUB: return a - b;
  case WN_OP_MUL: return a * b;
  case WN_OP_DIV: return a / b;
  case WN_OP_NEG: return -a;
  case WN_OP_SQRT: return sqrt(a);
  case WN_OP_ABS: return fabs(a);
  case WN_OP_FLOOR: return floor(a);
  case WN_OP_MIN: return smaller(a, b);
  case WN_OP_MAX: return larger(a, b);
  case WN_OP_LT: return a < b;
  case WN_OP_LE: return a <= b;
  case WN_OP_EQ: return a == b;
  case WN_OP_AND: return a != 0 && b != 0;
  case WN_OP_OR: return a != 0 || b != 0;
  case WN_OP_NOT: return a == 0;
  case WN_OP_WHERE: return a != 0 ? b : c;
  default: return elementary(wn_functions_get(), op, a, b);
  }
}

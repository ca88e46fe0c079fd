// kernels.h - the arithmetic behind every back end: what an opcode does to one lane and to many, with the same bits.
// Compiled twice, for AVX2 and for any processor; which of the two runs is settled once, at run time.
//
// Functions are SLEEF's reproducible variants with fused multiply-add ("finz") or the shorter ways of short_body.h;
// + - * / and the square root are IEEE.
// Not-a-number is a value without further meaning: its sign and payload are not part of "the same bits".
#ifndef WN_EXPR_KERNELS_H
#define WN_EXPR_KERNELS_H

#include "expr/code.h"
#include "expr/functions.h"
#include "expr/lu_code.h"

// A set of lane loops. `base` gives the first lane of each block (wn_block; NULL when not in use), rows are `width`
// apart; gamma [width], jac [n_nz][width], work [n_fill][width], b [n][width] as in sparse_lu.h.
typedef struct wn_kernels {
  const char *name;
  void (*run)(const wn_code *code, const wn_table *table, double *const base[], int width);
  int (*lu_factor)(const wn_lu_code *code, int width, const double *gamma, const double *jac, double *work);
  void (*lu_solve)(const wn_lu_code *code, int width, const double *work, double *b);
} wn_kernels;
extern const wn_kernels wn_kernels_portable, wn_kernels_avx2;  // the latter without functions where not compiled

// The set in use: AVX2 if the processor has it and WANE_KERNELS=portable is not in the environment. Settled at the
// first call. wn_kernels_force is for tests: this set from now on; NULL lets the processor choose again.
const wn_kernels *wn_kernels_get(void);
void wn_kernels_force(const wn_kernels *kernels);

// Value of an opcode on plain numbers, with the bits the lanes have; unused arguments are ignored. Not for leaves and
// tables.
double wn_scalar_op(wn_op op, double a, double b, double c);

#endif

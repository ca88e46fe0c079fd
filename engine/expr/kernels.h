// kernels.h - the arithmetic behind every back end: what an opcode does to one lane and to many, with the same bits.
// Compiled twice, for AVX2 and for any processor; which of the two runs is settled once, at run time.
//
// Functions are SLEEF's reproducible variants with fused multiply-add ("finz"); + - * / and the square root are IEEE.
// Not-a-number is a value without further meaning: its sign and payload are not part of "the same bits".
#ifndef WN_EXPR_KERNELS_H
#define WN_EXPR_KERNELS_H

#include "expr/op.h"

// The elementary functions of one lane.
typedef struct wn_functions {
  double (*exp)(double), (*log)(double), (*sin)(double), (*cos)(double), (*tanh)(double), (*atan)(double);
  double (*pow)(double, double);
} wn_functions;
extern const wn_functions wn_functions_fused;  // empty where the compiler has no fused multiply-add
const wn_functions *wn_functions_get(void);    // those of this processor

// Value of an opcode on plain numbers, with the bits the lanes have; unused arguments are ignored. Not for leaves and
// tables.
double wn_scalar_op(wn_op op, double a, double b, double c);

#endif

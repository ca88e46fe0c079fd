// op.h - the opcode table, which is the specification of what a model can compute. Every back end (interpreter, later
// native code) and the symbolic derivative are written from it; tests/expr walks it so that no row goes untested.
// Functions have the same bits on one lane or many, on any CPU with fused multiply-add: SLEEF's reproducible "finz"
// variants (<= 1 ulp) and, where a row gives another bound, shorter ways for common arguments (short_body.h).
#ifndef WN_EXPR_OP_H
#define WN_EXPR_OP_H

//        name      arity  meaning
#define WN_OPS(X)                                                             \
  X(CONST, 0, "a number")                                                     \
  X(PARAM, 0, "parameter [index]")                                            \
  X(STATE, 0, "state [index]")                                                \
  X(COVARIATE, 0, "covariate [index]")                                        \
  X(TIME, 0, "time since midnight of the first day, h")                       \
  X(ADD, 2, "a + b")                                                          \
  X(SUB, 2, "a - b")                                                          \
  X(MUL, 2, "a * b")                                                          \
  X(DIV, 2, "a / b")                                                          \
  X(NEG, 1, "-a")                                                             \
  X(POW, 2, "a ^ b; products for b = -1, -0.5, .. 3 (<= 2 ulp)")              \
  X(SQRT, 1, "square root")                                                   \
  X(EXP, 1, "e ^ a")                                                          \
  X(LOG, 1, "natural logarithm")                                              \
  X(SIN, 1, "sine of radians (<= 2.5 ulp)")                                   \
  X(COS, 1, "cosine of radians (<= 2.5 ulp)")                                 \
  X(TANH, 1, "hyperbolic tangent")                                            \
  X(ATAN, 1, "arc tangent, radians")                                          \
  X(ABS, 1, "absolute value")                                                 \
  X(FLOOR, 1, "largest whole number not above a; derivative 0")               \
  X(MIN, 2, "smaller; not-a-number if either is")                             \
  X(MAX, 2, "larger; not-a-number if either is")                              \
  X(LT, 2, "1 if a < b else 0")                                               \
  X(LE, 2, "1 if a <= b else 0")                                              \
  X(EQ, 2, "1 if a == b else 0")                                              \
  X(AND, 2, "1 if both are not 0 else 0")                                     \
  X(OR, 2, "1 if either is not 0 else 0")                                     \
  X(NOT, 1, "1 if a is 0 else 0")                                             \
  X(WHERE, 3, "b if a is not 0 else c; the branch not taken may be anything") \
  X(TABLE, 1, "interpolation table [index] at a")                             \
  X(TABLE_D, 1, "derivative of table [index] at a")

typedef enum wn_op {
#define X(name, arity, doc) WN_OP_##name,
  WN_OPS(X)
#undef X
      WN_N_OP
} wn_op;

int wn_op_arity(wn_op op);
const char *wn_op_name(wn_op op);

#endif

// forest.h - random expressions for the tests of the graph: kept as plain nodes of the test's own, never simplified,
// beside the graph's node for each. The evaluator here shares nothing with the engine (libm, no rules), and tells how
// far rounding may have carried the value.
#ifndef TEST_EXPR_FOREST_H
#define TEST_EXPR_FOREST_H

#include "expr/graph.h"

#include <math.h>
#include <stdint.h>

// |a - b| <= tolerance, said with the numbers when it is not so
#define assert_near(a, b, tolerance)                                               \
  do {                                                                             \
    double near_a = (a), near_b = (b), near_tolerance = (tolerance);               \
    if (!(fabs(near_a - near_b) <= near_tolerance))                                \
      fail_msg("%.17g is not within %g of %.17g", near_a, near_tolerance, near_b); \
  } while (0)

typedef struct tree {
  wn_op op;
  int arg[3];    // earlier trees
  int index;     // of a leaf
  double value;  // of a constant
  wn_node node;  // the graph's
} tree;

// A value and the largest distance of any correctly rounded way to compute it; error INFINITY: cannot be told.
typedef struct estimate {
  double value, error;
} estimate;

static inline uint64_t random_bits(uint64_t *seed) {
  uint64_t z = (*seed += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

static inline int random_below(uint64_t *seed, int n) { return (int)(random_bits(seed) % (uint64_t)n); }
static inline double random_between(uint64_t *seed, double low, double high) {
  return low + (high - low) * (double)(random_bits(seed) >> 11) * 0x1p-53;
}

// value of an interior opcode by libm
static inline double reference_op(wn_op op, double a, double b, double c) {
  switch (op) {
  case WN_OP_ADD: return a + b;
  case WN_OP_SUB: return a - b;
  case WN_OP_MUL: return a * b;
  case WN_OP_DIV: return a / b;
  case WN_OP_NEG: return -a;
  case WN_OP_POW: return pow(a, b);
  case WN_OP_SQRT: return sqrt(a);
  case WN_OP_EXP: return exp(a);
  case WN_OP_LOG: return log(a);
  case WN_OP_SIN: return sin(a);
  case WN_OP_COS: return cos(a);
  case WN_OP_TANH: return tanh(a);
  case WN_OP_ATAN: return atan(a);
  case WN_OP_ABS: return fabs(a);
  case WN_OP_FLOOR: return floor(a);
  case WN_OP_MIN: return isnan(a) || isnan(b) ? (double)NAN : fmin(a, b);
  case WN_OP_MAX: return isnan(a) || isnan(b) ? (double)NAN : fmax(a, b);
  case WN_OP_LT: return a < b ? 1 : 0;
  case WN_OP_LE: return a <= b ? 1 : 0;
  case WN_OP_EQ: return a == b ? 1 : 0;
  case WN_OP_AND: return a != 0 && b != 0 ? 1 : 0;
  case WN_OP_OR: return a != 0 || b != 0 ? 1 : 0;
  case WN_OP_NOT: return a == 0 ? 1 : 0;
  case WN_OP_WHERE: return a != 0 ? b : c;
  default: return NAN;
  }
}

// is the outcome of comparing a with b safe from their errors?
static inline int is_settled(estimate a, estimate b) {
  double slack = a.error + b.error;
  return slack == 0 || fabs(a.value - b.value) > slack;
}

// error passed on from the arguments; rounding of the operation itself not included
static inline double passed_on(wn_op op, const estimate x[3], double v) {
  double a = fabs(x[0].value), b = fabs(x[1].value), ea = x[0].error, eb = x[1].error;
  estimate zero = {0, 0};
  switch (op) {
  case WN_OP_ADD:
  case WN_OP_SUB: return ea + eb;
  case WN_OP_MUL: return a * eb + b * ea + ea * eb;
  case WN_OP_DIV: return b > 2 * eb ? (ea + fabs(v) * eb) / (b - eb) : (double)INFINITY;
  case WN_OP_POW: return a > 2 * ea ? 2 * fabs(v) * (b * ea / (a - ea) + fabs(log(a)) * eb) : (double)INFINITY;
  case WN_OP_SQRT: return ea == 0 ? 0 : a > 2 * ea ? ea / sqrt(a) : (double)INFINITY;
  case WN_OP_EXP: return v * expm1(ea);
  case WN_OP_LOG: return a > 2 * ea ? ea / (a - ea) : (double)INFINITY;
  case WN_OP_FLOOR: return floor(x[0].value - ea) == floor(x[0].value + ea) ? 0 : (double)INFINITY;
  case WN_OP_MIN:
  case WN_OP_MAX: return fmax(ea, eb);
  case WN_OP_LT:
  case WN_OP_LE:
  case WN_OP_EQ: return is_settled(x[0], x[1]) ? 0 : (double)INFINITY;
  case WN_OP_AND:
  case WN_OP_OR: return is_settled(x[0], zero) && is_settled(x[1], zero) ? 0 : (double)INFINITY;
  case WN_OP_NOT: return is_settled(x[0], zero) ? 0 : (double)INFINITY;
  case WN_OP_WHERE: return !is_settled(x[0], zero) ? (double)INFINITY : x[0].value != 0 ? eb : x[2].error;
  default: return ea;
  }
}

// rounding of the operation itself, in units of 2^-53 of the result
static inline double rounding_of(wn_op op) {
  switch (op) {
  case WN_OP_ADD:
  case WN_OP_SUB:
  case WN_OP_MUL:
  case WN_OP_DIV: return 4;
  case WN_OP_POW: return 40;
  case WN_OP_SQRT:
  case WN_OP_EXP:
  case WN_OP_LOG:
  case WN_OP_SIN:
  case WN_OP_COS:
  case WN_OP_TANH:
  case WN_OP_ATAN: return 8;
  default: return 0;
  }
}

// out[i] of every tree at a point
static inline void evaluate_forest(const tree *trees, int n, const wn_point *point, estimate *out) {
  for (int i = 0; i < n; i++) {
    const tree *t = &trees[i];
    estimate x[3] = {{0, 0}, {0, 0}, {0, 0}};
    switch (t->op) {
    case WN_OP_CONST: out[i] = (estimate){t->value, 0}; continue;
    case WN_OP_PARAM: out[i] = (estimate){point->param[t->index], 0}; continue;
    case WN_OP_STATE: out[i] = (estimate){point->state[t->index], 0}; continue;
    case WN_OP_COVARIATE: out[i] = (estimate){point->covariate[t->index], 0}; continue;
    case WN_OP_TIME: out[i] = (estimate){point->time, 0}; continue;
    default: break;
    }
    for (int k = 0; k < wn_op_arity(t->op); k++) x[k] = out[t->arg[k]];
    double v = reference_op(t->op, x[0].value, x[1].value, x[2].value);
    double error = passed_on(t->op, x, v) + rounding_of(t->op) * 0x1p-53 * fabs(v);
    int far = !isfinite(v) || fabs(v) > 1e60 || (v != 0 && fabs(v) < 1e-60) || isnan(error);
    out[i] = (estimate){v, far ? (double)INFINITY : error};
  }
}

#endif

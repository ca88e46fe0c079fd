// numbers.h - reproducible random numbers of every kind and comparison of bits, for the tests of kernels and programs.
#ifndef TESTS_EXPR_NUMBERS_H
#define TESTS_EXPR_NUMBERS_H

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

// xorshift: the same numbers every time
static uint64_t random_state = 88172645463325252u;
static inline uint64_t random_bits(void) {
  random_state ^= random_state << 13;
  random_state ^= random_state >> 7;
  random_state ^= random_state << 17;
  return random_state;
}
static inline int random_below(int n) { return (int)(random_bits() % (uint64_t)n); }
static inline double random_unit(void) { return (double)(random_bits() >> 11) * 0x1p-53; }

// numbers of every kind: any bits, small, large, the corners
static inline double random_number(void) {
  static const double corners[] = {0,    -0.0, INFINITY, -INFINITY, NAN,     1,      -1,     2,
                                   0.5,  -0.5, 1e308,    5e-324,    -5e-324, 709.78, 710,    -745.2,
                                   1e14, 15,   1e-310,   DBL_MAX,   3,       -3,     M_PI_2, 1e22};
  double unit = random_unit(), any;
  uint64_t bits = random_bits();
  switch (random_below(6)) {
  case 0: memcpy(&any, &bits, sizeof any); return any;
  case 1: return 2 * unit - 1;
  case 2: return 30 * (2 * unit - 1);
  case 3: return 1000 * unit;
  case 4: return 1e15 * (unit - 0.5);
  default: return corners[random_below((int)(sizeof corners / sizeof *corners))];
  }
}

static inline bool same_bits(double a, double b) {
  if (isnan(a) || isnan(b)) return isnan(a) && isnan(b);
  return memcmp(&a, &b, sizeof a) == 0;
}

static inline void assert_same(double got, double expected, const char *what, double a, double b) {
  if (!same_bits(got, expected)) fail_msg("%s(%.17g, %.17g): got %.17g, expected %.17g", what, a, b, got, expected);
}

static inline bool has_avx2(void) {
#ifdef __x86_64__
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#else
  return false;
#endif
}

#endif

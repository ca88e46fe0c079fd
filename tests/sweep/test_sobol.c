// Sobol' points: nets, plain and scrambled, dimensions by themselves and in pairs; uniform when scrambled. With
// arguments it prints plain points for test_sobol.py, which compares them with those of scipy.
#include "base/rng.h"
#include "sweep/sobol.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { DIMS = WN_SOBOL_MAX_DIM };
static wn_sobol plain[DIMS], scrambled[DIMS];

static int setup(void **state) {
  (void)state;
  wn_sobol_init(DIMS, plain);
  memcpy(scrambled, plain, sizeof plain);
  for (int d = 0; d < DIMS; d++) wn_sobol_scramble(&scrambled[d], 1, (uint64_t)d);
  return 0;
}

// the first m binary digits of a coordinate
static uint64_t digits(const wn_sobol *sobol, uint64_t index, int m) {
  return m ? wn_sobol_bits(sobol, index) >> (WN_SOBOL_BITS - m) : 0;
}

// Do 2^m points from a multiple of 2^m on fall one in each of the 2^a x 2^(m-a) boxes of two dimensions?
static bool is_even(const wn_sobol *x, const wn_sobol *y, int m, int a, uint64_t first, char *seen) {
  memset(seen, 0, (size_t)1 << m);
  for (uint64_t i = first; i < first + ((uint64_t)1 << m); i++) {
    size_t box = digits(x, i, a) << (m - a) | digits(y, i, m - a);
    if (seen[box]) return false;
    seen[box] = 1;
  }
  return true;
}

// every dimension alone: one point in each of 2^m slices, for every m and run
static void test_slices(void **state) {
  (void)state;
  static char seen[1 << 12];
  for (int d = 0; d < DIMS; d++)
    for (int m = 0; m <= 12; m += 3)
      for (uint64_t first = 0; first <= (uint64_t)3 << m; first += (uint64_t)1 << m) {
        assert_true(is_even(&plain[d], &plain[d], m, m, first, seen));
        assert_true(is_even(&scrambled[d], &scrambled[d], m, m, first, seen));
      }
}

// the quality t of two dimensions: 2^m points are even in all boxes of 2^(t-m) or more; scrambling leaves it as it was
static int quality(const wn_sobol *x, const wn_sobol *y, int m) {
  static int count[1 << 12];
  for (int t = 0; t <= m; t++) {
    bool even = true;
    for (int a = 0; a <= m - t && even; a++) {
      memset(count, 0, sizeof count);
      for (uint64_t i = 0; i < (uint64_t)1 << m; i++) count[digits(x, i, a) << (m - t - a) | digits(y, i, m - t - a)]++;
      for (int box = 0; box < 1 << (m - t); box++) even = even && count[box] == 1 << t;
    }
    if (even) return t;
  }
  return m;
}

static void test_pairs(void **state) {
  (void)state;
  static char seen[1 << 12];
  // the first two dimensions are a (0, 2)-sequence
  for (int m = 0; m <= 10; m++)
    for (int a = 0; a <= m; a++)
      for (uint64_t first = 0; first <= (uint64_t)5 << m; first += (uint64_t)1 << m) {
        assert_true(is_even(&plain[0], &plain[1], m, a, first, seen));
        assert_true(is_even(&scrambled[0], &scrambled[1], m, a, first, seen));
      }
  for (int d = 0; d < 40; d++)
    for (int e = d + 1; e < 40; e += 3) {
      int t = quality(&plain[d], &plain[e], 10);
      assert_int_equal(quality(&scrambled[d], &scrambled[e], 10), t);
      assert_true(t < 8);
    }
}

// over many keys a scrambled point is uniform, and two points of a dimension keep nothing but their common digits
static void test_uniform(void **state) {
  (void)state;
  enum { KEYS = 20000, CELLS = 16 };
  int count[CELLS] = {0}, joint[4] = {0};
  for (int k = 0; k < KEYS; k++) {
    wn_sobol one = plain[17];
    wn_sobol_scramble(&one, (uint64_t)k, wn_rng_name("CL"));
    count[digits(&one, 5, 4)]++;
    // points 0 and 1 differ in their first digit; the second digits must not know of each other
    assert_true(digits(&one, 0, 1) != digits(&one, 1, 1));
    joint[(digits(&one, 0, 2) & 1) << 1 | (digits(&one, 1, 2) & 1)]++;
  }
  double chi = 0, chi_joint = 0;
  for (int i = 0; i < CELLS; i++) chi += pow(count[i] - KEYS / CELLS, 2) / (KEYS / CELLS);
  for (int i = 0; i < 4; i++) chi_joint += pow(joint[i] - KEYS / 4, 2) / (KEYS / 4);
  // 99.99 % points of chi-squared with 15 and 3 degrees of freedom
  assert_true(chi < 44.3 && chi_joint < 21.1);
}

// what scrambling is for: the error of a smooth integral falls about as n^-3/2, where random points have n^-1/2
static double spread(int m) {
  enum { KEYS = 50 };
  double sum = 0;
  for (int k = 0; k < KEYS; k++) {
    wn_sobol s[3];
    for (int d = 0; d < 3; d++) {
      s[d] = plain[d];
      wn_sobol_scramble(&s[d], (uint64_t)k, (uint64_t)d);
    }
    double mean = 0;
    for (uint64_t i = 0; i < (uint64_t)1 << m; i++) {
      double product = 1;
      for (int d = 0; d < 3; d++) product *= 1 + 0.5 * (((double)wn_sobol_bits(&s[d], i) + 0.5) * 0x1p-52 - 0.5);
      mean += product;
    }
    sum += pow(ldexp(mean, -m) - 1, 2);
  }
  return sqrt(sum / KEYS);
}

static void test_rate(void **state) {
  (void)state;
  double rate = log2(spread(6) / spread(12)) / 6;
  if (!(rate > 1.2)) fail_msg("errors fall as n^-%g", rate);
}

int main(int argc, char **argv) {
  if (argc == 3) {
    int n_dim = atoi(argv[1]), n = atoi(argv[2]);
    wn_sobol_init(n_dim, plain);
    for (int i = 0; i < n; i++)
      for (int d = 0; d < n_dim; d++) printf("%llu\n", (unsigned long long)wn_sobol_bits(&plain[d], (uint64_t)i));
    return 0;
  }
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_slices), cmocka_unit_test(test_pairs),
                                     cmocka_unit_test(test_uniform), cmocka_unit_test(test_rate)};
  return cmocka_run_group_tests(tests, setup, NULL);
}

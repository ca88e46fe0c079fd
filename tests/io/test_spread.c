// test_spread.c - quantiles by selection against sorting, for samples of every size with ties and missing values.

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "io/spread.h"

static int compare(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double sorted_quantile(const double *value, int n, double p) {
  double at = p * (n - 1), k = floor(at);
  int lo = (int)k, hi = lo + 1 < n ? lo + 1 : lo;
  return value[lo] + (at - k) * (value[hi] - value[lo]);
}

static uint32_t seed = 1;
static double uniform(void) {
  seed = seed * 1664525u + 1013904223u;
  return (double)(seed >> 8) / (1 << 24);
}

// kinds: all different, few values, sorted, sorted down, all the same, every third missing
static double make(int kind, int i, int n) {
  double u = uniform();
  if (kind == 0) return u - 0.5;
  if (kind == 1) return floor(4 * u);
  if (kind == 2) return i;
  if (kind == 3) return n - i;
  if (kind == 4) return 7;
  return i % 3 == 1 ? NAN : i % 3 == 2 ? INFINITY : u;
}

static void test_quantiles(void **state) {
  (void)state;
  for (int n = 1; n < 300; n++)
    for (int kind = 0; kind < 6; kind++) {
      double value[300], sorted[300];
      int kept = 0;
      for (int i = 0; i < n; i++) {
        value[i] = make(kind, i, n);
        if (isfinite(value[i])) sorted[kept++] = value[i];
      }
      qsort(sorted, (size_t)kept, sizeof *sorted, compare);
      wn_spread s = wn_spread_of(value, n);
      assert_int_equal(s.n, kept);
      assert_true(fabs(s.low - sorted_quantile(sorted, kept, 0.05)) < 1e-12);
      assert_true(fabs(s.mid - sorted_quantile(sorted, kept, 0.5)) < 1e-12);
      assert_true(fabs(s.high - sorted_quantile(sorted, kept, 0.95)) < 1e-12);
    }
  // 0, 1, ..., 100 by hand
  double hundred[101];
  for (int i = 0; i < 101; i++) hundred[i] = (i * 37) % 101;
  wn_spread s = wn_spread_of(hundred, 101);
  assert_true(s.low == 5 && s.mid == 50 && s.high == 95);
}

static void test_nothing(void **state) {
  (void)state;
  double none[] = {NAN, INFINITY, -INFINITY};
  wn_spread s = wn_spread_of(none, 3);
  assert_true(s.n == 0 && isnan(s.low) && isnan(s.mid) && isnan(s.high));
  s = wn_spread_of(none, 0);
  assert_true(s.n == 0 && isnan(s.mid));
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_quantiles), cmocka_unit_test(test_nothing)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}

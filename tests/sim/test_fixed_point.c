// test_fixed_point.c - moduli of eigenvalues and solutions that are known by construction.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka wants the four above first
#include <cmocka.h>

#include "sim/fixed_point.h"
#include <math.h>
#include <string.h>

static void radius_is(int n, const double *map, double expected, double digits) {
  double power[16], scratch[16], got = wn_spectral_radius(n, map, power, scratch);
  if (!(fabs(got - expected) <= digits * expected)) fail_msg("%.17g for %.17g", got, expected);
}

static void radius_of_known_matrices(void **state) {
  (void)state;
  radius_is(1, (double[]){0.3}, 0.3, 1e-14);
  radius_is(1, (double[]){-1.5}, 1.5, 1e-14);
  radius_is(2, (double[]){0.5, 0, 0, 0.25}, 0.5, 1e-14);
  // signs that alternate, and a pair that turns
  radius_is(2, (double[]){0, 0.9, 0.9, 0}, 0.9, 1e-14);
  radius_is(2, (double[]){0.6, -0.8, 0.8, 0.6}, 1, 1e-9);
  radius_is(2, (double[]){0.3 * cos(1), -0.3 * sin(1), 0.3 * sin(1), 0.3 * cos(1)}, 0.3, 1e-9);
  // large or small entries beside the eigenvalues say nothing
  radius_is(2, (double[]){0.5, 1e12, 0, 0.25}, 0.5, 1e-14);
  radius_is(2, (double[]){0.5, 1e-300, 0, 0.5}, 0.5, 1e-9);
  radius_is(2, (double[]){1e-200, 0, 0, 1e-201}, 1e-200, 1e-12);
  radius_is(2, (double[]){1e200, 0, 0, 1e199}, 1e200, 1e-12);
}

static void radius_of_what_dies_or_collects(void **state) {
  (void)state;
  radius_is(2, (double[]){0, 0, 0, 0}, 0, 0);
  radius_is(3, (double[]){0, 1, 7, 0, 0, 1, 0, 0, 0}, 0, 0);
  // powers that grow like a polynomial: still 1, to the digits that tell it from growing
  radius_is(2, (double[]){1, 1, 0, 1}, 1, 5e-10);
  radius_is(2, (double[]){1, 1e6, 0, 1}, 1, 5e-10);
  radius_is(3, (double[]){1, 24, 288, 0, 1, 24, 0, 0, 1}, 1, 5e-10);
  radius_is(2, (double[]){1 - 1e-8, 1, 0, 1 - 1e-8}, 1 - 1e-8, 5e-10);
}

static void what_is_left_after_very_many_periods(void **state) {
  (void)state;
  double power[9], scratch[9];
  // the second collects what the first loses; the third is on its own and dies
  wn_spectral_radius(3, (double[]){0.5, 0, 0, 0.5, 1, 0, 0, 0, 0.9}, power, scratch);
  assert_float_equal(power[3], 1, 1e-9);
  assert_float_equal(power[4], 1, 1e-9);
  for (int k = 0; k < 3; k++) assert_true(fabs(power[k]) < 1e-9 && fabs(power[6 + k]) < 1e-9);
}

static void solutions_of_known_maps(void **state) {
  (void)state;
  // x = M x + b with x = (1, 2, 3); the first pivot of I - M is 0
  static const double M[9] = {1, 0.5, 0, 0.25, 0.1, 0.3, 0, 0.2, 0.7}, x[3] = {1, 2, 3};
  double map[9], b[3];
  memcpy(map, M, sizeof map);
  for (int i = 0; i < 3; i++) {
    b[i] = x[i];
    for (int k = 0; k < 3; k++) b[i] -= M[i * 3 + k] * x[k];
  }
  assert_true(wn_fixed_point_solve(3, map, b));
  for (int i = 0; i < 3; i++) assert_float_equal(b[i], x[i], 1e-14);
  double collects[4] = {0.5, 0, 0.5, 1}, y[2] = {1, 1};
  assert_false(wn_fixed_point_solve(2, collects, y));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(radius_of_known_matrices),
      cmocka_unit_test(radius_of_what_dies_or_collects),
      cmocka_unit_test(what_is_left_after_very_many_periods),
      cmocka_unit_test(solutions_of_known_maps),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

// The validation table of the naltrexone model, end to end: every row's value against an independent implementation of
// the same equations (scipy's LSODA, printed to three digits), and how many rows hold under each hypothesis.
#include "script/files.h"

#include <math.h>

// The independent implementation counts samples 0.1 h (for NLX4 0.01 h) apart, so times and hours are coarse there.
static const struct {
  const char *id;
  double value, tolerance;  // tolerance 0: half a unit of the third digit and a little
} reference[] = {
    {"PK1", 9.57, 0},       {"PK2", 0.75, 0.02},     {"PK3", 27.4, 0},       {"PK4", 3.82, 0},
    {"PK5", 101, 0},        {"PK6", 13, 0},          {"PK7", 25.4, 0},       {"PK8", 2, 0},
    {"XR1", 2.5, 0.25},     {"XR2", 2.47, 0.01},     {"XR3", 3.29, 0},       {"XR4", 0.674, 0},
    {"XR5", 5.7, 0},        {"XR6", 1.07, 0},        {"PET1", 21.9, 0},      {"PET2", 41.1, 0},
    {"PET3", 79.4, 0},      {"PET4", 98.2, 0},       {"PET5", 71.2, 0},      {"PET6", 99.9, 0.11},
    {"PET7", 37.6, 0},      {"PET8", 18.3, 0},       {"PET9", 37.2, 0},      {"PET10", 99.7, 0},
    {"PET11", 18.5, 0},     {"PET12", 94.7, 0},      {"PET13", 76.3, 0},     {"BLK1", 98.3, 0},
    {"BLK2", 99.9, 0},      {"BLK3", 91.8, 0},       {"BLK4", 61.6, 0},      {"BLK5", 99.9, 0},
    {"BLK6", -2.18, 0},     {"NLX1", 77.7, 0},       {"NLX2", 87.4, 0},      {"NLX3", 128, 1},
    {"NLX4", 4.8, 0.6},     {"NLX5", 40.6, 0},       {"NLX6", 74.5, 0},      {"NLX7", 1.82, 0},
    {"END1", 22.4, 0},      {"END2", 9, 0.05},       {"END3", 1.69, 0},      {"END4", 1.78, 0},
    {"END5", 2.31, 0},      {"END6", 1.21, 0},       {"LDN1", 5.7, 0.11},    {"LDN2", 4.1, 0.11},
    {"LDN3", 1.26, 0},      {"LDN4", 15.9, 0.21},    {"LDN5", 1.04, 0},      {"LDN6", 1.32, 0},
    {"STD1", 93.1, 0},      {"STD2", 0.176, 0},      {"SCH1", 0.748, 0.004}, {"SCH2", 0.392, 0},
    {"LDN7", 0.604, 0},     {"STP1", 1.56, 0},       {"STP2", 1.06, 0},      {"TIM1", 48, 0.5},
    {"TIM2", 0.262, 0.005}, {"TIM3", -0.562, 0.005}, {"BASE", 0.000766, 0},  {"CLN1", 9.05, 0.01},
    {"CLN2", 17.3, 0.1},    {"CLN3", 15.5, 0},       {"CLN4", 80.3, 0},      {"CLN5", 0.145, 0},
    {"DEX1", 0, 1e-5},      {"DEX2", 0.876, 0},      {"OPI1", 44.1, 0.3},    {"OPI2", 91.6, 0.1},
};
enum { N_ROW = sizeof reference / sizeof *reference };

static int holding(const char *hypothesis, wn_validation_row **rows) {
  int n = 0, holds = 0;
  wn_error err = {0};
  if (wn_script_validate(&test_env, "naltrexone", hypothesis, 2, rows, &n, &err)) fail_msg("%s", err.message);
  assert_int_equal(n, N_ROW);
  for (int i = 0; i < n; i++) holds += (*rows)[i].holds;
  return holds;
}

static void test_every_row_against_the_reference(void **state) {
  (void)state;
  wn_validation_row *rows;
  assert_int_equal(holding(NULL, &rows), N_ROW);
  int wrong = 0;
  for (int i = 0; i < N_ROW; i++) {
    double expected = reference[i].value, third = expected == 0 ? 0 : pow(10, floor(log10(fabs(expected))) - 2);
    double tolerance = reference[i].tolerance > 0 ? reference[i].tolerance : 0.55 * third;
    assert_string_equal(rows[i].id, reference[i].id);
    if (fabs(rows[i].value - expected) <= tolerance) continue;
    print_error("%s: expected %g within %g, got %.8g\n", rows[i].id, expected, tolerance, rows[i].value);
    wrong++;
  }
  wn_free(rows);
  assert_int_equal(wrong, 0);
}

#ifndef __SANITIZE_ADDRESS__
static void test_other_hypotheses(void **state) {
  (void)state;
  wn_validation_row *rows;
  assert_int_equal(holding("H2", &rows), 56);
  wn_free(rows);
  assert_int_equal(holding("H0", &rows), 55);
  wn_free(rows);
}
#endif

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_every_row_against_the_reference),
#ifndef __SANITIZE_ADDRESS__  // the same code with other numbers: twice the time for nothing new
      cmocka_unit_test(test_other_hypotheses),
#endif
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

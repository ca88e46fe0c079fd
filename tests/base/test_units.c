// Units: parsing, equality by dimension and scale, algebra, conversion factors, the words of every error, and a failed
// allocation at every step.
#include "base/memory.h"
#include "base/units.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int create(void **state) {
  wn_error err;
  *state = wn_units_create(&err);
  return *state ? 0 : -1;
}

static int destroy(void **state) {
  wn_units_destroy(*state);
  return 0;
}

static const wn_unit *parse(void **state, const char *text) {
  wn_error err = {0};
  const wn_unit *unit = wn_unit_parse(*state, text, &err);
  if (!unit) fail_msg("%s: %s", text, err.message);
  return unit;
}

static void test_equal_units_are_one(void **state) {
  static const char *const pairs[][2] = {
      {"ng/mL", "ug/L"},   {"nM", "nmol/L"},       {"L/(h*kg)", "L/h/kg"}, {"h-1", "1/h"},
      {"h^-1", "1/h"},     {"wk", "7*d"},          {"d", "24*h"},          {"mcg", "ug"},
      {"\xC2\xB5g", "ug"}, {"mL/min", "0.06*L/h"}, {"mg L-1", "mg/L"},     {"mg.h/L", "mg*h/L"},
      {"U", "IU"},         {"%", "0.01"},          {"mg/g", "1e-3"},       {"kg m2/s2", "J"},
      {"dL", "100*mL"},    {"Hz", "1/s"},          {"kcal", "4184*J"},     {"", "1"},
      {"pM", "fmol/mL"},   {"hours", "h"},         {"mg/dL", "10*mg/L"},   {"mol/m3", "mmol/L"},
  };
  for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
    const wn_unit *a = parse(state, pairs[i][0]), *b = parse(state, pairs[i][1]);
    if (!wn_unit_same(a, b)) fail_msg("%s and %s differ", pairs[i][0], pairs[i][1]);
  }
}

static void test_same_dimension(void **state) {
  assert_true(wn_unit_same_dimension(parse(state, "mg"), parse(state, "ng")));
  assert_false(wn_unit_same(parse(state, "mg"), parse(state, "ng")));
  assert_true(wn_unit_same_dimension(parse(state, "mg/L"), parse(state, "ng/mL")));
  assert_true(wn_unit_same_dimension(parse(state, "%"), parse(state, "1")));
  // not even reciprocals
  assert_false(wn_unit_same_dimension(parse(state, "h"), parse(state, "1/h")));
  assert_false(wn_unit_same_dimension(parse(state, "mg"), parse(state, "nmol")));
  assert_false(wn_unit_same_dimension(parse(state, "IU"), parse(state, "mg")));
  assert_false(wn_unit_same_dimension(parse(state, "IU"), parse(state, "1")));
  assert_false(wn_unit_same_dimension(parse(state, "cells"), parse(state, "copies")));
}

static void test_pure(void **state) {
  assert_true(wn_unit_is_one(wn_unit_one(*state)));
  assert_true(wn_unit_is_one(parse(state, "1")));
  assert_true(wn_unit_is_one(parse(state, "L/L")));
  assert_true(wn_unit_is_one(parse(state, "rad")));
  assert_false(wn_unit_is_one(parse(state, "%")));
  assert_false(wn_unit_is_one(parse(state, "mg/ng")));
}

static void test_algebra(void **state) {
  wn_units *units = *state;
  const wn_unit *clearance = parse(state, "L/h"), *volume = parse(state, "L"), *amount = parse(state, "nmol");
  const wn_unit *rate = wn_unit_multiply(units, clearance, wn_unit_divide(units, amount, volume));
  assert_ptr_equal(rate, parse(state, "nmol/h"));
  assert_string_equal(wn_unit_text(rate), "nmol/h");
  assert_ptr_equal(wn_unit_multiply(units, volume, wn_unit_one(units)), volume);
  assert_ptr_equal(wn_unit_divide(units, volume, volume), wn_unit_one(units));
  assert_ptr_equal(wn_unit_power(units, parse(state, "h"), -2), parse(state, "1/h^2"));
  assert_ptr_equal(wn_unit_power(units, volume, 0), wn_unit_one(units));
  assert_ptr_equal(wn_unit_root(units, parse(state, "mg^2/L^2"), 2), parse(state, "mg/L"));
  assert_ptr_equal(wn_unit_root(units, wn_unit_one(units), 2), wn_unit_one(units));
  assert_null(wn_unit_root(units, parse(state, "mg"), 2));
  assert_null(wn_unit_root(units, parse(state, "mg^3"), 2));
  // nothing in, nothing out: a failed step does not have to be asked about
  assert_null(wn_unit_multiply(units, NULL, volume));
  assert_null(wn_unit_divide(units, volume, NULL));
  assert_null(wn_unit_power(units, NULL, 2));
  assert_null(wn_unit_root(units, NULL, 2));
}

// random products commute, associate, and divide back to where they began
static void test_algebra_laws(void **state) {
  wn_units *units = *state;
  static const char *const texts[] = {"mg", "L/h", "1/h", "nmol/L", "kg", "%", "g/mol", "mL/min", "IU/L", "d"};
  for (int i = 0; i < 10; i++)
    for (int j = 0; j < 10; j++)
      for (int k = 0; k < 10; k += 3) {
        const wn_unit *a = parse(state, texts[i]), *b = parse(state, texts[j]), *c = parse(state, texts[k]);
        const wn_unit *ab = wn_unit_multiply(units, a, b);
        assert_ptr_equal(ab, wn_unit_multiply(units, b, a));
        assert_ptr_equal(wn_unit_divide(units, ab, b), a);
        assert_ptr_equal(wn_unit_multiply(units, ab, c), wn_unit_multiply(units, a, wn_unit_multiply(units, b, c)));
      }
}

static void test_factors(void **state) {
  static const struct {
    const char *from, *to;
    double factor;
  } cases[] = {{"ng/L", "ng/mL", 1e-3}, {"mg", "ng", 1e6},    {"mg*mol/g", "nmol", 1e6}, {"1/min", "1/h", 60},
               {"h", "h", 1},           {"%", "1", 0.01},     {"wk", "h", 168},          {"nmol/L", "M", 1e-9},
               {"h", "wk", 1.0 / 168},  {"L/min", "L/h", 60}, {"kg", "mcg", 1e9},        {"mmHg", "Pa", 133.322387415}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    double factor = wn_unit_factor(parse(state, cases[i].from), parse(state, cases[i].to));
    double off = fabs(factor - cases[i].factor) / cases[i].factor;
    if (off > 1e-15) fail_msg("%s to %s: %.17g", cases[i].from, cases[i].to, factor);
  }
  // short decimals are exact, so that an output in other units has no noise in its last places
  assert_true(wn_unit_factor(parse(state, "ng/L"), parse(state, "ng/mL")) == 1e-3);
  assert_true(wn_unit_factor(parse(state, "mg*mol/g"), parse(state, "nmol")) == 1e6);
}

static void test_text(void **state) {
  assert_string_equal(wn_unit_text(parse(state, "L/(h*kg)")), "L/h/kg");
  assert_string_equal(wn_unit_text(parse(state, "h-1")), "1/h");
  assert_string_equal(wn_unit_text(parse(state, "m^2 kg")), "m^2*kg");
  assert_string_equal(wn_unit_text(wn_unit_one(*state)), "1");
}

static void test_errors(void **state) {
  static const char *const cases[][2] = {
      {"mgg", "unknown unit 'mgg'; try mg"},
      {"mg/Ll", "unknown unit 'Ll' in 'mg/Ll'; try "},
      {"furlong", "unknown unit 'furlong'"},
      {"mg/", "unit 'mg/': it ends too early"},
      {"(mg", "unit '(mg': a bracket is not closed"},
      {"mg)", "unit 'mg)': a bracket was not opened"},
      {"mg^x", "unit 'mg^x': the exponent must be a whole number"},
      {"mg^1.5", "unit 'mg^1.5': the exponent must be a whole number"},
      {"mg^99", "unit 'mg^99': the exponent must be a whole number"},
      {"0*mg", "unit '0*mg': a number must be above 0"},
      {"-mg", "unit '-mg': a unit was expected"},
      {"mg+ng", "unit 'mg+ng': it cannot be read"},
      {"((((((((((mg", "too many brackets"},
      {"abcdefghijklmnopqrst", "a name is too long"},
      {"\xFF\xFE", "unknown unit"},
      {"g*m*s*mol*K*A*cd*IU*cells*copies*h*d*wk", "too many factors"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    wn_error err = {0};
    assert_null(wn_unit_parse(*state, cases[i][0], &err));
    assert_int_equal(err.status, WN_ERR_USER);
    if (!strstr(err.message, cases[i][1])) fail_msg("%s: %s", cases[i][0], err.message);
  }
  char text[400];
  memset(text, 'g', sizeof text);
  text[399] = '\0';
  wn_error err = {0};
  assert_null(wn_unit_parse(*state, text, &err));
  assert_non_null(strstr(err.message, "too long"));
  assert_null(wn_unit_parse(*state, "mgg", NULL));
}

// every prefix of every text of a grammar: no crash, and words whenever there is no unit
static void test_any_text(void **state) {
  static const char *const bits[] = {"mg", "/", "(", ")", "^", "-", "2", "*", " ", "h", "1e", ".", "%", "L"};
  unsigned seed = 1;
  for (int i = 0; i < 5000; i++) {
    char text[64] = "";
    for (int k = 0; k < 8; k++) {
      seed = seed * 1664525u + 1013904223u;
      strcat(text, bits[(seed >> 16) % 14]);
    }
    wn_error err = {0};
    const wn_unit *unit = wn_unit_parse(*state, text, &err);
    assert_true(unit || (err.status == WN_ERR_USER && *err.message));
    if (unit) assert_ptr_equal(parse(state, wn_unit_text(unit)), unit);
  }
}

static void test_failed_allocations(void **state) {
  (void)state;
  bool finished = false;
  for (long n = 0; !finished && n < 200; n++) {
    wn_error err = {0};
    wn_alloc_fail_after(n);
    wn_units *units = wn_units_create(&err);
    if (!units) {
      assert_int_equal(err.status, WN_ERR_MEMORY);
      continue;
    }
    const wn_unit *a = wn_unit_parse(units, "ng/mL", &err), *b = a ? wn_unit_parse(units, "L/h", &err) : NULL;
    if (!b) assert_int_equal(err.status, WN_ERR_MEMORY);
    finished = b && wn_unit_multiply(units, a, b) && wn_unit_power(units, a, 2);
    wn_alloc_fail_after(-1);
    wn_units_destroy(units);
  }
  wn_alloc_fail_after(-1);
  assert_true(finished);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_equal_units_are_one, create, destroy),
      cmocka_unit_test_setup_teardown(test_same_dimension, create, destroy),
      cmocka_unit_test_setup_teardown(test_pure, create, destroy),
      cmocka_unit_test_setup_teardown(test_algebra, create, destroy),
      cmocka_unit_test_setup_teardown(test_algebra_laws, create, destroy),
      cmocka_unit_test_setup_teardown(test_factors, create, destroy),
      cmocka_unit_test_setup_teardown(test_text, create, destroy),
      cmocka_unit_test_setup_teardown(test_errors, create, destroy),
      cmocka_unit_test_setup_teardown(test_any_text, create, destroy),
      cmocka_unit_test(test_failed_allocations),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

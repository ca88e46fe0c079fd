// test_kernels.c - every opcode on lanes of both kernel sets against wn_scalar_op, bit for bit; the functions against
// libm; the choice of the set.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "expr/kernels.h"
#include "expr/numbers.h"
#include "expr/program.h"

#include <stdlib.h>

static bool is_plain(wn_op op) { return wn_op_arity(op) > 0 && op != WN_OP_TABLE && op != WN_OP_TABLE_D; }

static double any_number(int argument) {
  (void)argument;
  return random_number();
}

// one instruction out of the blue: state rows 0, 1, 2 -> out
static void check_opcode_on(const wn_kernels *kernels, wn_op op, int width, double number(int argument)) {
  double *rows = wn_alloc_doubles((size_t)(3 * width)), *out = wn_alloc_doubles((size_t)width);
  for (int i = 0; i < 3 * width; i++) rows[i] = number(i / width);
  wn_instruction instruction = {(uint32_t)op,
                                wn_operand_make(WN_BLOCK_OUT, 0),
                                wn_operand_make(WN_BLOCK_STATE, 0),
                                wn_operand_make(WN_BLOCK_STATE, 1),
                                wn_operand_make(WN_BLOCK_STATE, 2),
                                0};
  wn_code code = {&instruction, 1, 1};
  double *base[WN_N_BLOCK] = {[WN_BLOCK_OUT] = out, [WN_BLOCK_STATE] = rows};
  kernels->run(&code, NULL, base, width);
  for (int lane = 0; lane < width; lane++) {
    double a = rows[lane], b = rows[width + lane], c = rows[2 * width + lane];
    assert_same(out[lane], wn_scalar_op(op, a, b, c), wn_op_name(op), a, b);
  }
  wn_free(rows), wn_free(out);
}

// numbers that go the short ways of powers and angles, numbers that only just do not, and those of every kind
static double number_for_a_way(int argument) {
  static const double odd[] = {0x1p-200,
                               0x1p200,
                               0x1.fffffffffffffp-201,
                               0x1.0000000000001p200,
                               1e4,
                               -1e4,
                               1.0e4 + 1e-9,
                               0,
                               -0.0,
                               INFINITY,
                               -INFINITY,
                               0x1p-30,
                               1e300,
                               NAN};
  switch (random_below(4)) {
  case 0: return random_number();
  case 1: return odd[random_below(sizeof odd / sizeof *odd)];
  case 2: return argument == 1 ? 0.5 * random_below(11) - 2 : 1e4 * (2 * random_unit() - 1);
  default: return argument == 1 ? 0.5 * random_below(7) : random_below(20000) * 1.5707963267948966;
  }
}

// neighbours that go another way leave a lane its bits
static void check_ways(const wn_kernels *kernels) {
  static const wn_op ops[] = {WN_OP_POW, WN_OP_SIN, WN_OP_COS};
  for (int k = 0; k < 3; k++)
    for (int i = 0; i < 5000; i++) check_opcode_on(kernels, ops[k], 4 * (1 + i % 10), number_for_a_way);
}

static void check_opcodes(const wn_kernels *kernels) {
  check_ways(kernels);
  for (int op = 0; op < WN_N_OP; op++)
    if (is_plain((wn_op)op))
      for (int i = 0; i < 500; i++) check_opcode_on(kernels, (wn_op)op, 4 * (1 + i % 10), any_number);
}

static void portable_lanes_have_the_bits_of_the_scalar(void **fixture) {
  (void)fixture;
  check_opcodes(&wn_kernels_portable);
}

static void avx2_lanes_have_the_bits_of_the_scalar(void **fixture) {
  (void)fixture;
  if (!has_avx2()) skip();
  check_opcodes(&wn_kernels_avx2);
}

// distance in units of the last place
static double ulps(double got, double expected) {
  if (same_bits(got, expected) || got == expected) return 0;
  double at = fabs(expected);
  return fabs(got - expected) / (nextafter(at, INFINITY) - at);
}

static void functions_agree_with_libm(void **fixture) {
  (void)fixture;
  static const struct {
    wn_op op;
    double (*f)(double);
    double ulp;  // allowed: what op.h says and what glibc itself is off
  } functions[] = {{WN_OP_SQRT, sqrt, 0},   {WN_OP_EXP, exp, 1.5},   {WN_OP_LOG, log, 1.5},
                   {WN_OP_SIN, sin, 3},     {WN_OP_COS, cos, 3},     {WN_OP_TANH, tanh, 3.5},
                   {WN_OP_ATAN, atan, 1.5}, {WN_OP_FLOOR, floor, 0}, {WN_OP_ABS, fabs, 0}};
  for (size_t k = 0; k < sizeof functions / sizeof *functions; k++)
    for (int i = 0; i < 20000; i++) {
      double x = random_number(), got = wn_scalar_op(functions[k].op, x, 0, 0), expected = functions[k].f(x);
      if (!(ulps(got, expected) <= functions[k].ulp))
        fail_msg("%s(%.17g) = %.17g, libm %.17g", wn_op_name(functions[k].op), x, got, expected);
    }
  for (int i = 0; i < 50000; i++) {
    double x = random_number(), y = random_number(), got = wn_scalar_op(WN_OP_POW, x, y, 0);
    // glibc lets a signalling not-a-number through where C says 1
    if (isnan(x) || isnan(y)) continue;
    // SLEEF overflows a little early
    if (isinf(got) && fabs(pow(x, y)) > 1.79e308) continue;
    if (!(ulps(got, pow(x, y)) <= 1.5)) fail_msg("pow(%.17g, %.17g) = %.17g, libm %.17g", x, y, got, pow(x, y));
  }
}

// x ^ p by long double, against every exponent of the short way and its neighbours, where rounding hurts most
static void powers_by_the_short_way_are_accurate(void **fixture) {
  (void)fixture;
  for (int q = -4; q <= 10; q++)
    for (int i = 0; i < 20000; i++) {
      double x = i % 2 ? exp(20 * random_unit() - 10) : 1 + 1e-3 * (random_unit() - 0.5), p = 0.5 * q;
      if (i % 5 == 0) x = (1 + 1e-3 * random_unit()) * (i % 10 ? 1.4142135623730951 : 2.8284271247461903);
      long double exact = powl(x, p);
      double ulp = nextafter((double)exact, INFINITY) - (double)exact;
      for (int family = 0; family < 2; family++) {
        double got = (family ? &wn_functions_unfused : wn_functions_get())->pow(x, p);
        if (!(fabsl(got - exact) <= 2 * ulp)) fail_msg("pow(%.17g, %g) = %.17g, exactly %.19Lg", x, p, got, exact);
      }
    }
}

static void angles_by_the_short_way_are_accurate(void **fixture) {
  (void)fixture;
  for (int i = 0; i < 300000; i++) {
    double x = (i % 2 ? 1e4 : 20) * (2 * random_unit() - 1);
    // beside the zeros of both
    if (i % 3 == 0) x = random_below(6000) * 1.5707963267948966 + 1e-6 * (random_unit() - 0.5);
    const wn_functions *f = wn_functions_get();
    long double s = sinl(x), c = cosl(x);
    double ulp_s = nextafter(fabs((double)s), INFINITY) - fabs((double)s);
    double ulp_c = nextafter(fabs((double)c), INFINITY) - fabs((double)c);
    if (!(fabsl(f->sin(x) - s) <= 2.5 * ulp_s)) fail_msg("sin(%.17g) = %.17g, exactly %.19Lg", x, f->sin(x), s);
    if (!(fabsl(f->cos(x) - c) <= 2.5 * ulp_c)) fail_msg("cos(%.17g) = %.17g, exactly %.19Lg", x, f->cos(x), c);
  }
}

static void comparisons_and_logic_give_one_or_zero(void **fixture) {
  (void)fixture;
  static const struct {
    wn_op op;
    double a, b, c, expected;
  } rows[] = {{WN_OP_LT, 1, 2, 0, 1},       {WN_OP_LT, 2, 2, 0, 0},           {WN_OP_LE, 2, 2, 0, 1},
              {WN_OP_LE, NAN, 2, 0, 0},     {WN_OP_EQ, 0, -0.0, 0, 1},        {WN_OP_EQ, NAN, NAN, 0, 0},
              {WN_OP_AND, 3, -1, 0, 1},     {WN_OP_AND, 3, -0.0, 0, 0},       {WN_OP_OR, 0, 2, 0, 1},
              {WN_OP_OR, 0, -0.0, 0, 0},    {WN_OP_NOT, -0.0, 0, 0, 1},       {WN_OP_NOT, NAN, 0, 0, 0},
              {WN_OP_WHERE, 1, 5, NAN, 5},  {WN_OP_WHERE, 0, INFINITY, 6, 6}, {WN_OP_MIN, 1, 2, 0, 1},
              {WN_OP_MIN, NAN, 2, 0, NAN},  {WN_OP_MIN, 2, NAN, 0, NAN},      {WN_OP_MAX, 1, 2, 0, 2},
              {WN_OP_MAX, NAN, 2, 0, NAN},  {WN_OP_MAX, 2, NAN, 0, NAN},      {WN_OP_FLOOR, -0.5, 0, 0, -1},
              {WN_OP_NEG, 0.0, 0, 0, -0.0}, {WN_OP_ABS, -0.0, 0, 0, 0}};
  for (size_t k = 0; k < sizeof rows / sizeof *rows; k++)
    assert_same(wn_scalar_op(rows[k].op, rows[k].a, rows[k].b, rows[k].c), rows[k].expected, wn_op_name(rows[k].op),
                rows[k].a, rows[k].b);
}

// two reproducible families of functions: with fused multiply-add and, for old processors, without
static void both_function_families_are_accurate(void **fixture) {
  (void)fixture;
  const wn_functions *fused = wn_functions_get(), *unfused = &wn_functions_unfused;
  for (int i = 0; i < 20000; i++) {
    double x = random_number(), y = random_number();
    assert_true(ulps(unfused->exp(x), fused->exp(x)) <= 2);
    assert_true(ulps(unfused->log(x), fused->log(x)) <= 2);
    assert_true(ulps(unfused->sin(x), fused->sin(x)) <= 3.5);
    assert_true(ulps(unfused->cos(x), fused->cos(x)) <= 3.5);
    assert_true(ulps(unfused->tanh(x), fused->tanh(x)) <= 2);
    assert_true(ulps(unfused->atan(x), fused->atan(x)) <= 2);
    assert_true(ulps(unfused->pow(x, y), fused->pow(x, y)) <= 2);
  }
}

static void the_environment_can_ask_for_portable_kernels(void **fixture) {
  (void)fixture;
  char *before = getenv("WANE_KERNELS") ? strdup(getenv("WANE_KERNELS")) : NULL;
  setenv("WANE_KERNELS", "portable", 1);
  wn_kernels_force(NULL);
  assert_string_equal(wn_program_kernels(), "portable");
  if (before)
    setenv("WANE_KERNELS", before, 1);
  else
    unsetenv("WANE_KERNELS");
  free(before);
  wn_kernels_force(NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(portable_lanes_have_the_bits_of_the_scalar),
      cmocka_unit_test(avx2_lanes_have_the_bits_of_the_scalar),
      cmocka_unit_test(functions_agree_with_libm),
      cmocka_unit_test(both_function_families_are_accurate),
      cmocka_unit_test(powers_by_the_short_way_are_accurate),
      cmocka_unit_test(angles_by_the_short_way_are_accurate),
      cmocka_unit_test(comparisons_and_logic_give_one_or_zero),
      cmocka_unit_test(the_environment_can_ask_for_portable_kernels),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

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

// one instruction out of the blue: state rows 0, 1, 2 -> out
static void check_opcode(const wn_kernels *kernels, wn_op op, int width) {
  double *rows = wn_alloc_doubles((size_t)(3 * width)), *out = wn_alloc_doubles((size_t)width);
  for (int i = 0; i < 3 * width; i++) rows[i] = random_number();
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

static void check_opcodes(const wn_kernels *kernels) {
  for (int op = 0; op < WN_N_OP; op++)
    if (is_plain((wn_op)op))
      for (int i = 0; i < 500; i++) check_opcode(kernels, (wn_op)op, 4 * (1 + i % 10));
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
    double ulp;  // allowed: 1 of SLEEF and what glibc itself is off
  } functions[] = {{WN_OP_SQRT, sqrt, 0},   {WN_OP_EXP, exp, 1.5},   {WN_OP_LOG, log, 1.5},
                   {WN_OP_SIN, sin, 1.5},   {WN_OP_COS, cos, 1.5},   {WN_OP_TANH, tanh, 3.5},
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
    assert_true(ulps(unfused->sin(x), fused->sin(x)) <= 2);
    assert_true(ulps(unfused->cos(x), fused->cos(x)) <= 2);
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
      cmocka_unit_test(comparisons_and_logic_give_one_or_zero),
      cmocka_unit_test(the_environment_can_ask_for_portable_kernels),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

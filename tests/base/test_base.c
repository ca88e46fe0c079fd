// test_base.c - memory, text, errors and the pool.

#include "base/error.h"
#include "base/memory.h"
#include "base/pool.h"
#include "base/text.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_error(void **state) {
  (void)state;
  wn_error err;
  assert_int_equal(wn_fail(&err, WN_ERR_USER, "%s:%d: expected %s", "a.lua", 3, "mg"), WN_ERR_USER);
  assert_string_equal(err.message, "a.lua:3: expected mg");
  assert_int_equal(wn_fail_prefix(&err, "loading %s", "b"), WN_ERR_USER);
  assert_string_equal(err.message, "loading b: a.lua:3: expected mg");
  wn_fail(&err, WN_ERR_RUN, "two\nlines");
  assert_string_equal(err.message, "two lines");
  char big[3000];
  memset(big, 'x', sizeof big - 1);
  big[sizeof big - 1] = 0;
  wn_fail(&err, WN_ERR_RUN, "%s", big);
  assert_int_equal(strlen(err.message), sizeof err.message - 1);
  assert_string_equal(err.message + sizeof err.message - 4, "...");
  wn_fail_prefix(&err, "deeper");
  assert_memory_equal(err.message, "deeper: xxx", 11);
  assert_int_equal(wn_fail(NULL, WN_ERR_IO, "x"), WN_ERR_IO);
}

static void test_arena(void **state) {
  (void)state;
  wn_arena *arena = wn_arena_create();
  char *first = wn_arena_strdup(arena, "first");
  for (int i = 0; i < 5000; i++) {
    unsigned char *block = wn_arena_alloc(arena, (size_t)(i % 97) * 13);
    assert_non_null(block);
    assert_int_equal((uintptr_t)block % 16, 0);
    for (int k = 0; k < i % 97 * 13; k++) assert_int_equal(block[k], 0);
    memset(block, 0xab, (size_t)(i % 97) * 13);
  }
  assert_non_null(wn_arena_alloc(arena, 1000000));
  assert_string_equal(first, "first");
  assert_string_equal(wn_arena_printf(arena, "%d mg", 50), "50 mg");
  assert_null(wn_arena_strdup(arena, NULL));
  wn_arena_destroy(arena);
  wn_arena_destroy(NULL);
}

static void test_allocation_fails(void **state) {
  (void)state;
  wn_alloc_fail_after(1);
  void *a = wn_alloc(8), *b = wn_alloc(8), *c = wn_alloc(8);
  wn_alloc_fail_after(-1);
  assert_non_null(a);
  assert_null(b);
  assert_non_null(c);
  wn_free(a), wn_free(c);
  wn_alloc_fail_after(0);
  assert_null(wn_alloc_doubles(4));
  wn_alloc_fail_after(-1);
  assert_null(wn_alloc_doubles(SIZE_MAX / 4));
  double *d = wn_alloc_doubles(5);
  assert_int_equal((uintptr_t)d % 64, 0);
  for (int i = 0; i < 5; i++) assert_true(d[i] == 0);
  wn_free(d);
}

static void test_array(void **state) {
  (void)state;
  WN_ARRAY(int) numbers = {0};
  for (int i = 0; i < 1000; i++) assert_true(WN_PUSH(&numbers, i * i));
  for (int i = 0; i < 1000; i++) assert_int_equal(numbers.data[i], i * i);
  wn_alloc_fail_after(0);
  int before = numbers.n;
  bool failed = false;
  for (int i = 0; i < 100 && !failed; i++) failed = !WN_PUSH(&numbers, 1);
  wn_alloc_fail_after(-1);
  assert_true(failed && numbers.n >= before);
  WN_ARRAY_FREE(&numbers);
  assert_int_equal(numbers.n, 0);
}

static void test_nearest(void **state) {
  (void)state;
  const char *const names[] = {"low_dose", "standard_dose", "at", "days", "CL", "CLm", "V1", "naltrexone"};
  int n = (int)(sizeof names / sizeof *names);
  assert_string_equal(wn_nearest("lowdose", names, n), "low_dose");
  assert_string_equal(wn_nearest("dose_low", names, n), "low_dose");
  assert_string_equal(wn_nearest("naltrexon", names, n), "naltrexone");
  assert_string_equal(wn_nearest("cl", names, n), "CL");
  assert_string_equal(wn_nearest("dyas", names, n), "days");
  assert_null(wn_nearest("completely_else", names, n));
  assert_null(wn_nearest("x", names, 0));
}

static void test_parse(void **state) {
  (void)state;
  double v;
  assert_true(wn_parse_number("4.5", &v) && v == 4.5);
  assert_true(wn_parse_number("-1e-3", &v) && v == -1e-3);
  const char *const bad[] = {"", "nan", "inf", "0x10", "4.5mg", " 4", "4 ", "1e999", "-", "."};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) assert_false(wn_parse_number(bad[i], &v));
  assert_true(wn_parse_clock("22:00", &v) && v == 22);
  assert_true(wn_parse_clock("7:30", &v) && v == 7.5);
  assert_true(wn_parse_clock("24:00", &v) && v == 24);
  const char *const not_clock[] = {"24:01", "25:00", "7:60", "7:3", "7", ":30", "-1:00", "07:30:00", "1e:00"};
  for (size_t i = 0; i < sizeof not_clock / sizeof *not_clock; i++) assert_false(wn_parse_clock(not_clock[i], &v));
  assert_true(wn_parse_duration("90min", &v) && v == 1.5);
  assert_true(wn_parse_duration("14d", &v) && v == 336);
  assert_true(wn_parse_duration("12 wk", &v) && v == 2016);
  assert_true(wn_parse_duration("3", &v) && v == 3);
  assert_false(wn_parse_duration("3 fortnights", &v));
  assert_false(wn_parse_duration("h", &v));
}

static void test_format(void **state) {
  (void)state;
  char clock[6], number[32];
  wn_format_clock(22, clock), assert_string_equal(clock, "22:00");
  wn_format_clock(26.1666667, clock), assert_string_equal(clock, "02:10");
  wn_format_clock(-1, clock), assert_string_equal(clock, "23:00");
  wn_format_clock(23.9999, clock), assert_string_equal(clock, "00:00");
  const double values[] = {0.1, 1.0 / 3, 1e-300, 4.5, -0.0, 123456789.123456789, 5e-324};
  for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
    wn_format_double(values[i], number);
    assert_true(strtod(number, NULL) == values[i]);
  }
  wn_format_double(0.1, number), assert_string_equal(number, "0.1");
}

typedef struct counts {
  int runs[1000];
  int worker[1000];
} counts;

static void count(void *context, int worker, int index) {
  counts *c = context;
  c->runs[index]++;
  c->worker[index] = worker;
}

static void test_pool(void **state) {
  (void)state;
  for (int n_thread = 0; n_thread <= 8; n_thread += 2) {
    counts c = {0};
    wn_pool_run(n_thread, 1000, count, &c);
    for (int i = 0; i < 1000; i++) {
      assert_int_equal(c.runs[i], 1);
      assert_in_range(c.worker[i], 0, n_thread < 1 ? 0 : n_thread - 1);
    }
  }
  assert_true(wn_pool_cores() >= 1);
  wn_interrupt_set(true);
  assert_true(wn_interrupt_get());
  wn_interrupt_set(false);
  assert_false(wn_interrupt_get());
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_error),  cmocka_unit_test(test_arena),   cmocka_unit_test(test_allocation_fails),
      cmocka_unit_test(test_array),  cmocka_unit_test(test_nearest), cmocka_unit_test(test_parse),
      cmocka_unit_test(test_format), cmocka_unit_test(test_pool),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

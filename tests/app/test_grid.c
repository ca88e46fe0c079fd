// test_grid.c - text for terminals: numbers, widths, wrapping, both layouts of a grid, and nothing that steers a
// terminal.

#include "io/grid.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void expect_short(double value, const char *want) {
  char got[16];
  wn_format_short(value, got);
  assert_string_equal(got, want);
}

static void test_numbers(void **state) {
  (void)state;
  expect_short(0, "0");
  expect_short(0.862, "0.862");
  expect_short(0.8624, "0.862");
  expect_short(0.1, "0.100");
  expect_short(9.5, "9.50");
  expect_short(24, "24.0");
  expect_short(-24, "-24.0");
  expect_short(100, "100");
  expect_short(999.4, "999");
  expect_short(999.6, "1000");
  expect_short(9.999, "10.0");
  expect_short(12345.6, "12346");
  expect_short(1.5e8, "1.50e+08");
  expect_short(0.00123, "0.00123");
  expect_short(0.0009996, "0.00100");
  expect_short(0.000123, "1.23e-04");
  expect_short(NAN, "-");
  expect_short(INFINITY, "-");
}

static void test_widths(void **state) {
  (void)state;
  assert_int_equal(wn_text_cells(""), 0);
  assert_int_equal(wn_text_cells("abc"), 3);
  assert_int_equal(wn_text_cells("→ µg"), 4);
  assert_int_equal(wn_text_cells("e\xcc\x81"), 1);  // a combining accent
  assert_int_equal(wn_text_cells("薬"), 2);         // East Asian wide
  assert_int_equal(wn_text_cells("\xff\xfe"), 2);   // no UTF-8: shown as ??
  assert_int_equal(wn_text_cells("\xe2\x82"), 2);   // cut in the middle of a character
}

// what a function prints (the stream keeps the addresses of text and size, so they do not move)
static struct {
  FILE *stream;
  char *text;
  size_t size;
} out;

static FILE *begin(void) {
  out.stream = open_memstream(&out.text, &out.size);
  assert_non_null(out.stream);
  return out.stream;
}

static void expect(const char *want) {
  fclose(out.stream);
  assert_string_equal(out.text, want);
  free(out.text);
}

static void test_clean(void **state) {
  (void)state;
  begin();
  wn_print_clean(out.stream, "a\x1b[2Jb\tc\x7f \xc2\x9b \xe2\x80\xae \xff é→");
  expect("a?[2Jb?c? ? ? ? é→");
}

static void test_wrap(void **state) {
  (void)state;
  begin();
  wn_print_wrapped(out.stream, "one two three four", 9, 0, 2);
  expect("one two\n  three\n  four\n");
  begin();
  wn_print_wrapped(out.stream, "one two", 7, 0, 0);
  expect("one two\n");
  begin();
  wn_print_wrapped(out.stream, "one two", 10, 4, 4);
  expect("one\n    two\n");
  begin();
  wn_print_wrapped(out.stream, "unbreakable word", 4, 0, 0);
  expect("unbreakable\nword\n");
  begin();
  wn_print_wrapped(out.stream, "", 10, 0, 0);
  wn_print_wrapped(out.stream, NULL, 10, 0, 0);
  expect("");
}

static void fill(wn_grid *grid, int n) {
  wn_error err;
  assert_int_equal(wn_grid_init(grid, n, &err), WN_OK);
  for (int i = 0; i < n; i++) grid->head[i] = wn_grid_text(grid, "arm %d", i);
  wn_grid_group_begin(grid, 0, "first");
  const char **cell = wn_grid_cells(grid);
  for (int i = 0; i < n; i++) cell[i] = wn_grid_text(grid, "%d", 100 * i);
  wn_grid_row_add(grid, "row", cell);
  wn_grid_group_begin(grid, 1, "second");
  wn_grid_row_add(grid, "longer row", cell);
}

static void test_side_by_side(void **state) {
  (void)state;
  wn_grid grid;
  wn_error err;
  fill(&grid, 2);
  begin();
  assert_int_equal(wn_grid_print(&grid, out.stream, 60, &err), WN_OK);
  expect("                 arm 0   arm 1\n"
         "──────────────────────────────\n"
         "first\n"
         "  row                0     100\n"
         "  second\n"
         "    longer row       0     100\n"
         "──────────────────────────────\n");
  wn_grid_free(&grid);
}

static void test_turned(void **state) {
  (void)state;
  wn_grid grid;
  wn_error err;
  fill(&grid, 2);
  begin();
  assert_int_equal(wn_grid_print(&grid, out.stream, 28, &err), WN_OK);
  expect("first\n"
         "        row\n"
         "arm 0     0\n"
         "arm 1   100\n"
         "\n"
         "second\n"
         "        longer row\n"
         "arm 0            0\n"
         "arm 1          100\n"
         "────────────────────────────\n");
  wn_grid_free(&grid);
}

// however many columns and however narrow, no line is wider than asked as long as names can give way
static void test_never_wider(void **state) {
  (void)state;
  for (int n = 1; n <= 64; n += 7) {
    for (int width = 40; width <= 200; width += 20) {
      wn_grid grid;
      wn_error err;
      fill(&grid, n);
      grid.head[n - 1] = "a label that is much longer than anything that would fit into a narrow terminal window";
      begin();
      assert_int_equal(wn_grid_print(&grid, out.stream, width, &err), WN_OK);
      fclose(out.stream);
      for (char *line = strtok(out.text, "\n"); line; line = strtok(NULL, "\n"))
        assert_true(wn_text_cells(line) <= width);
      free(out.text);
      wn_grid_free(&grid);
    }
  }
}

static void test_memory(void **state) {
  (void)state;
  wn_error err;
  bool done = false;
  for (long n = 0; !done; n++) {
    wn_grid grid = {0};
    begin();
    wn_alloc_fail_after(n);
    wn_status status = wn_grid_init(&grid, 2, &err);
    if (!status) {
      wn_grid_group_begin(&grid, 0, wn_grid_text(&grid, "group"));
      const char **cell = wn_grid_cells(&grid);
      wn_grid_row_add(&grid, "row", cell);
      status = wn_grid_print(&grid, out.stream, 80, &err);
    }
    wn_alloc_fail_after(-1);
    done = status == WN_OK;
    assert_true(done || status == WN_ERR_MEMORY);
    wn_grid_free(&grid);
    fclose(out.stream);
    free(out.text);
    assert_true(n < 100);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_numbers),      cmocka_unit_test(test_widths),
                                     cmocka_unit_test(test_clean),        cmocka_unit_test(test_wrap),
                                     cmocka_unit_test(test_side_by_side), cmocka_unit_test(test_turned),
                                     cmocka_unit_test(test_never_wider),  cmocka_unit_test(test_memory)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}

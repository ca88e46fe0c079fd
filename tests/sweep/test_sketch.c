// Quantiles by counts: within the stated error of the order statistic, the same whatever the order and grouping.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka wants the four above first
#include <cmocka.h>

#include "base/rng.h"
#include "sweep/sketch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static double draw(uint32_t i, double spread) {
  wn_rng_key key = {.seed = 3, .subject = i, .name = wn_rng_name("sketch")};
  double size = exp(spread * wn_rng_normal(key));
  key.index = 1;
  return wn_rng_uniform(key) < 0.25 ? -size : size;
}

static void test_keys(void **unused) {
  (void)unused;
  // every number is within the error of its bucket's middle, and order is kept
  double last = -INFINITY;
  int32_t last_key = INT32_MIN;
  for (int i = -4000; i <= 4000; i++) {
    double size = exp2(abs(i) / 50.0 - 40), value = i < 0 ? -size : size;
    int32_t key = wn_sketch_key(value);
    assert_true(value > last ? key >= last_key : true);
    assert_true(fabs(wn_sketch_value(key) - value) <= WN_SKETCH_ERROR * fabs(value));
    last = value, last_key = key;
    if (i == 0) last = 0, last_key = 0;
  }
  assert_int_equal(wn_sketch_key(0), 0);
  assert_int_equal(wn_sketch_key(-0.0), 0);
  assert_int_equal(wn_sketch_key(0.99 * WN_SKETCH_FLOOR), 0);
  assert_int_equal(wn_sketch_key(WN_SKETCH_FLOOR), 1);
  assert_int_equal(wn_sketch_key(-WN_SKETCH_FLOOR), -1);
  assert_true(wn_sketch_value(0) == 0);
  assert_int_equal(wn_sketch_key(NAN), WN_SKETCH_NONE);
  assert_int_equal(wn_sketch_key(INFINITY), WN_SKETCH_NONE);
  assert_true(isfinite(wn_sketch_value(wn_sketch_key(1.7e308))));
}

static int compare(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

enum { N = 3000, N_CELL = 3 };

// cells: wide, narrow, and one that misses every third number
static void fill(int32_t *keys, double value[N_CELL][N], int n_value[N_CELL]) {
  for (int c = 0; c < N_CELL; c++) n_value[c] = 0;
  for (int i = 0; i < N; i++)
    for (int c = 0; c < N_CELL; c++) {
      double v = c == 1 ? 100 + 0.01 * draw((uint32_t)i, 0.1) : draw((uint32_t)i, c == 0 ? 4 : 1);
      if (c == 2 && i % 3 == 0) v = NAN;
      keys[i * N_CELL + c] = wn_sketch_key(v);
      if (!isnan(v)) value[c][n_value[c]++] = v;
    }
}

// pack [first, end) and add it
static void add(wn_sketch *sketch, const int32_t *keys, int first, int end) {
  unsigned char *bytes;
  size_t size;
  assert_int_equal(wn_sketch_pack(keys + first * N_CELL, end - first, N_CELL, N_CELL, &bytes, &size, NULL), WN_OK);
  const unsigned char *from = bytes;
  assert_int_equal(wn_sketch_add(sketch, 0, N_CELL, &from, bytes + size, NULL), WN_OK);
  assert_ptr_equal(from, bytes + size);
  wn_free(bytes);
}

static void test_quantiles(void **unused) {
  (void)unused;
  static int32_t keys[N * N_CELL];
  static double value[N_CELL][N];
  int n_value[N_CELL];
  fill(keys, value, n_value);
  wn_sketch all, parts;
  assert_int_equal(wn_sketch_init(&all, N_CELL, NULL), WN_OK);
  assert_int_equal(wn_sketch_init(&parts, N_CELL, NULL), WN_OK);
  add(&all, keys, 0, N);
  // the same numbers in parts, last ones first
  for (int end = N; end > 0; end -= 7) add(&parts, keys, end > 7 ? end - 7 : 0, end);
  for (int c = 0; c < N_CELL; c++) {
    qsort(value[c], (size_t)n_value[c], sizeof(double), compare);
    assert_int_equal(all.cell[c].total, n_value[c]);
    assert_int_equal(parts.cell[c].total, n_value[c]);
    for (int k = 0; k <= 100; k++) {
      double p = k / 100.0, rank = fmax(ceil(p * n_value[c]), 1), exact = value[c][(int)rank - 1];
      double found = wn_sketch_quantile(&all.cell[c], p);
      assert_true(fabs(found - exact) <= WN_SKETCH_ERROR * fabs(exact) + WN_SKETCH_FLOOR);
      assert_true(found == wn_sketch_quantile(&parts.cell[c], p));
    }
  }
  wn_sketch_free(&all);
  wn_sketch_free(&parts);
  wn_sketch_cell none = {0};
  assert_true(isnan(wn_sketch_quantile(&none, 0.5)));
}

// keys further apart than can be counted in a table
static void test_far_apart(void **unused) {
  (void)unused;
  double value[] = {1e-11, 1e300, -1e300, 0, 5};
  int32_t keys[5];
  for (int i = 0; i < 5; i++) keys[i] = wn_sketch_key(value[i]);
  unsigned char *bytes;
  size_t size;
  assert_int_equal(wn_sketch_pack(keys, 5, 1, 1, &bytes, &size, NULL), WN_OK);
  wn_sketch sketch;
  assert_int_equal(wn_sketch_init(&sketch, 1, NULL), WN_OK);
  const unsigned char *from = bytes;
  assert_int_equal(wn_sketch_add(&sketch, 0, 1, &from, bytes + size, NULL), WN_OK);
  const double sorted[] = {-1e300, 0, 1e-11, 5, 1e300};
  for (int i = 0; i < 5; i++) {
    double found = wn_sketch_quantile(&sketch.cell[0], (i + 1) / 5.0);
    assert_true(fabs(found - sorted[i]) <= WN_SKETCH_ERROR * fabs(sorted[i]));
  }
  // cut short anywhere it is refused, never read beyond
  for (size_t n = 0; n < size; n++) {
    wn_error err = {0};
    from = bytes;
    assert_int_equal(wn_sketch_add(&sketch, 0, 1, &from, bytes + n, &err), WN_ERR_IO);
    assert_non_null(strstr(err.message, "damaged"));
  }
  wn_sketch_free(&sketch);
  wn_free(bytes);
}

static void test_memory(void **unused) {
  (void)unused;
  int32_t keys[64];
  for (int i = 0; i < 64; i++) keys[i] = wn_sketch_key(draw((uint32_t)i, 2));
  wn_status status = WN_ERR_MEMORY;
  for (long n = 0; status; n++) {
    unsigned char *bytes = NULL;
    size_t size = 0;
    wn_sketch sketch = {0};
    wn_alloc_fail_after(n);
    status = wn_sketch_init(&sketch, 1, NULL);
    if (!status) status = wn_sketch_pack(keys, 64, 1, 1, &bytes, &size, NULL);
    const unsigned char *from = bytes;
    if (!status) status = wn_sketch_add(&sketch, 0, 1, &from, bytes + size, NULL);
    wn_alloc_fail_after(-1);
    assert_true(status == WN_OK || status == WN_ERR_MEMORY);
    wn_sketch_free(&sketch);
    wn_free(bytes);
    assert_true(n < 100);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_keys), cmocka_unit_test(test_quantiles),
                                     cmocka_unit_test(test_far_apart), cmocka_unit_test(test_memory)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}

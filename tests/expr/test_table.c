// Tables: exact at the knots, closed forms between, monotone where the data are, constant outside; what is no table is
// refused; allocations fail cleanly.
#include "base/memory.h"
#include "expr/forest.h"
#include "expr/table.h"

#include <float.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { N = 9 };
static const double knots[N] = {-3, -1, -0.5, 0, 0.1, 2, 5, 5.5, 40};
static const double falling[N] = {9, 8.5, 8.5, 3, 2.9, 2.9, 1, 0.25, -4};

static wn_table make(wn_table_kind kind, int n, const double *x, const double *y) {
  wn_table table;
  assert_int_equal(wn_table_init(&table, kind, n, x, y), WN_OK);
  return table;
}

static void test_exact_at_knots(void **state) {
  (void)state;
  for (wn_table_kind kind = WN_TABLE_LINEAR; kind <= WN_TABLE_PCHIP; kind++) {
    wn_table t = make(kind, N, knots, falling);
    for (int i = 0; i < N; i++) assert_true(wn_table_value(&t, knots[i]) == falling[i]);
    wn_table_free(&t);
  }
}

static void test_constant_outside(void **state) {
  (void)state;
  for (wn_table_kind kind = WN_TABLE_LINEAR; kind <= WN_TABLE_PCHIP; kind++) {
    wn_table t = make(kind, N, knots, falling);
    const double below[] = {-3.0000001, -1e300, -INFINITY}, above[] = {40.0000001, 1e300, INFINITY};
    for (int i = 0; i < 3; i++) {
      assert_true(wn_table_value(&t, below[i]) == falling[0]);
      assert_true(wn_table_value(&t, above[i]) == falling[N - 1]);
      assert_true(wn_table_slope(&t, below[i]) == 0);
      assert_true(wn_table_slope(&t, above[i]) == 0);
    }
    assert_true(isnan(wn_table_value(&t, NAN)));
    assert_true(isnan(wn_table_slope(&t, NAN)));
    wn_table_free(&t);
  }
}

// linear: the straight line between neighbours, and its slope, the right-hand one at a knot
static void test_linear_pieces(void **state) {
  (void)state;
  wn_table t = make(WN_TABLE_LINEAR, N, knots, falling);
  uint64_t seed = 1;
  for (int k = 0; k < 2000; k++) {
    int i = random_below(&seed, N - 1);
    double u = random_between(&seed, 0, 1), x = knots[i] + u * (knots[i + 1] - knots[i]);
    if (x >= knots[i + 1]) continue;
    double slope = (falling[i + 1] - falling[i]) / (knots[i + 1] - knots[i]);
    assert_near(wn_table_value(&t, x), falling[i] + slope * (x - knots[i]), 1e-14);
    assert_true(wn_table_slope(&t, x) == slope);
    assert_true(wn_table_slope(&t, knots[i]) == slope);
  }
  assert_true(wn_table_slope(&t, knots[N - 1]) == 0);
  wn_table_free(&t);
}

// walk finely across random monotone data: never back, never past the knots
static void test_monotone(void **state) {
  (void)state;
  uint64_t seed = 2;
  for (int trial = 0; trial < 200; trial++) {
    enum { M = 7 };
    double x[M], y[M], sign = trial % 2 ? 1 : -1;
    x[0] = random_between(&seed, -5, 5), y[0] = random_between(&seed, -5, 5);
    for (int i = 1; i < M; i++) {
      x[i] = x[i - 1] + exp(random_between(&seed, -6, 3));
      y[i] = y[i - 1] + sign * (random_below(&seed, 4) ? exp(random_between(&seed, -9, 3)) : 0);
    }
    for (wn_table_kind kind = WN_TABLE_LINEAR; kind <= WN_TABLE_PCHIP; kind++) {
      wn_table t = make(kind, M, x, y);
      double last = y[0], scale = fabs(y[0]) + fabs(y[M - 1]);
      for (int k = 0; k <= 2000; k++) {
        double at = x[0] + (x[M - 1] - x[0]) * k / 2000, value = wn_table_value(&t, at);
        assert_true(sign * (value - last) >= -8 * DBL_EPSILON * scale);
        assert_true(sign * wn_table_slope(&t, at) >= -1e-12 * (1 + fabs(t.slope[0])));
        last = value;
      }
      // just before a knot, where rounding would carry it past
      for (int i = 1; i < M; i++) {
        double value = wn_table_value(&t, nextafter(x[i], x[i - 1]));
        assert_true(sign * (y[i] - value) >= 0 && sign * (value - y[i - 1]) >= 0);
      }
      wn_table_free(&t);
    }
  }
}

// data that go up and down: the curve stays between neighbours, so an extremum is at a knot
static void test_no_overshoot(void **state) {
  (void)state;
  uint64_t seed = 3;
  for (int trial = 0; trial < 100; trial++) {
    enum { M = 8 };
    double x[M], y[M];
    for (int i = 0; i < M; i++) {
      x[i] = (i ? x[i - 1] : 0) + random_between(&seed, 0.01, 2);
      y[i] = random_between(&seed, -1, 1);
    }
    wn_table t = make(WN_TABLE_PCHIP, M, x, y);
    for (int k = 0; k < 1000; k++) {
      int i = random_below(&seed, M - 1);
      double value = wn_table_value(&t, random_between(&seed, x[i], x[i + 1]));
      assert_true(value >= fmin(y[i], y[i + 1]) && value <= fmax(y[i], y[i + 1]));
    }
    wn_table_free(&t);
  }
}

// the slope is the derivative of the value, and continuous across inner knots
static void test_pchip_slope(void **state) {
  (void)state;
  wn_table t = make(WN_TABLE_PCHIP, N, knots, falling);
  for (int i = 1; i < N - 1; i++) {
    double h = 1e-9;
    assert_near(wn_table_slope(&t, knots[i] - h), t.slope[i], 1e-5);
    assert_near(wn_table_slope(&t, knots[i] + h), t.slope[i], 1e-5);
  }
  assert_true(wn_table_slope(&t, knots[0]) == t.slope[0]);
  assert_true(wn_table_slope(&t, knots[N - 1]) == t.slope[N - 1]);
  uint64_t seed = 4;
  for (int k = 0; k < 2000; k++) {
    int i = random_below(&seed, N - 1);
    double width = knots[i + 1] - knots[i], h = 1e-5 * width;
    double x = random_between(&seed, knots[i] + 2 * h, knots[i + 1] - 2 * h);
    double difference = (wn_table_value(&t, x + h) - wn_table_value(&t, x - h)) / (2 * h);
    assert_near(wn_table_slope(&t, x), difference, 1e-8 * (1 + 10 / width));
  }
  wn_table_free(&t);
}

// a straight line is kept; halving the spacing of a smooth monotone curve divides the error by about eight or more
static void test_pchip_converges(void **state) {
  (void)state;
  double x[65], y[65], worst[2] = {0, 0};
  for (int i = 0; i < 5; i++) x[i] = i * i, y[i] = 3 - 2 * x[i];
  wn_table line = make(WN_TABLE_PCHIP, 5, x, y);
  for (double at = 0; at <= 16; at += 0.01) assert_near(wn_table_value(&line, at), 3 - 2 * at, 1e-13);
  wn_table_free(&line);

  for (int pass = 0; pass < 2; pass++) {
    int n = pass ? 65 : 33;
    for (int i = 0; i < n; i++) x[i] = 2.0 * i / (n - 1), y[i] = exp(x[i]);
    wn_table t = make(WN_TABLE_PCHIP, n, x, y);
    for (double at = 0.25; at < 1.75; at += 0.001)
      worst[pass] = fmax(worst[pass], fabs(wn_table_value(&t, at) - exp(at)));
    wn_table_free(&t);
  }
  assert_true(worst[0] < 1e-4 && worst[1] < worst[0] / 6);
}

// the slopes of Fritsch and Butland, worked out by hand
static void test_pchip_formula(void **state) {
  (void)state;
  static const double x[4] = {0, 1, 3, 4}, rising[4] = {0, 1, 5, 6}, falls[4] = {0, 1, -19, -30},
                      bends[4] = {0, 1, 9, 9};
  wn_table t = make(WN_TABLE_PCHIP, 4, x, rising);  // pieces 1, 2, 1
  assert_near(t.slope[0], (4.0 * 1 - 1 * 2) / 3, 1e-15);
  assert_near(t.slope[1], 9.0 / (5.0 / 1 + 4.0 / 2), 1e-15);
  assert_near(t.slope[2], 9.0 / (4.0 / 2 + 5.0 / 1), 1e-15);
  assert_near(t.slope[3], (4.0 * 1 - 1 * 2) / 3, 1e-15);
  wn_table_free(&t);
  t = make(WN_TABLE_PCHIP, 4, x, falls);  // pieces 1, -10, -11: the first end limited to three times its piece
  assert_near(t.slope[0], 3, 1e-15);
  assert_true(t.slope[1] == 0);
  wn_table_free(&t);
  t = make(WN_TABLE_PCHIP, 4, x, bends);  // pieces 1, 4, 0: both ends would turn against their piece
  assert_true(t.slope[0] == 0 && t.slope[2] == 0 && t.slope[3] == 0);
  wn_table_free(&t);
}

static void test_two_knots(void **state) {
  (void)state;
  const double x[2] = {1, 3}, y[2] = {10, 20};
  wn_table t = make(WN_TABLE_PCHIP, 2, x, y);
  assert_near(wn_table_value(&t, 1.5), 12.5, 1e-14);
  assert_near(wn_table_slope(&t, 2), 5, 1e-14);
  wn_table_free(&t);
}

static void test_refuses(void **state) {
  (void)state;
  const double x[3] = {0, 1, 2}, y[3] = {1, 2, 3};
  const double same[3] = {0, 1, 1}, back[3] = {0, 2, 1}, hole[3] = {0, NAN, 2}, far[3] = {0, 1, INFINITY};
  const double wide[3] = {-1e308, 1e308, 1.5e308}, steep[3] = {-1e308, 1e308, 0}, close[3] = {0, 5e-324, 1};
  const double *bad_x[] = {same, back, hole, far, wide, close}, *bad_y[] = {hole, far, steep};
  for (wn_table_kind kind = WN_TABLE_LINEAR; kind <= WN_TABLE_PCHIP; kind++) {
    wn_table t;
    assert_int_equal(wn_table_init(&t, kind, 1, x, y), WN_ERR_USER);
    assert_int_equal(wn_table_init(&t, kind, 0, NULL, NULL), WN_ERR_USER);
    for (int i = 0; i < 6; i++) {
      assert_int_equal(wn_table_init(&t, kind, 3, bad_x[i], y), WN_ERR_USER);
      assert_null(t.x);
    }
    for (int i = 0; i < 3; i++) assert_int_equal(wn_table_init(&t, kind, 3, x, bad_y[i]), WN_ERR_USER);
  }
  wn_graph *graph = wn_graph_create();
  assert_int_equal(wn_graph_add_table(graph, WN_TABLE_LINEAR, 3, same, y), -1);
  assert_int_equal(wn_graph_n_table(graph), 0);
  wn_graph_destroy(graph);
}

// through the graph: folded for a constant, evaluated for a state, TABLE_D its derivative
static void test_in_graph(void **state) {
  (void)state;
  wn_graph *graph = wn_graph_create();
  wn_node x = wn_graph_leaf(graph, WN_OP_STATE, 0);
  for (wn_table_kind kind = WN_TABLE_LINEAR; kind <= WN_TABLE_PCHIP; kind++) {
    int index = wn_graph_add_table(graph, kind, N, knots, falling);
    assert_int_equal(index, (int)kind);
    const wn_table *t = wn_graph_table_at(graph, index);
    assert_true(t->kind == kind && t->n == N);
    wn_node y = wn_graph_table(graph, index, x), dy = wn_graph_diff(graph, y, x);
    assert_int_equal(wn_graph_info(graph, y).op, WN_OP_TABLE);
    assert_int_equal(wn_graph_info(graph, dy).op, WN_OP_TABLE_D);
    assert_int_equal(wn_graph_info(graph, dy).index, index);
    for (double at = -4; at < 42; at += 0.37) {
      wn_point point = {.state = &at};
      assert_true(wn_graph_eval(graph, y, &point) == wn_table_value(t, at));
      assert_true(wn_graph_eval(graph, dy, &point) == wn_table_slope(t, at));
      wn_node folded = wn_graph_table(graph, index, wn_graph_const(graph, at));
      assert_true(wn_graph_info(graph, folded).value == wn_table_value(t, at));
    }
    wn_node none = wn_graph_diff(graph, dy, x);
    assert_int_equal(none, wn_graph_const(graph, 0));
  }
  assert_int_equal(wn_graph_n_table(graph), 2);
  wn_graph_destroy(graph);
}

static void test_out_of_memory(void **state) {
  (void)state;
  wn_table t;
  wn_alloc_fail_after(0);
  assert_int_equal(wn_table_init(&t, WN_TABLE_PCHIP, N, knots, falling), WN_ERR_MEMORY);
  wn_graph *graph = wn_graph_create();
  for (int n = 0; n < 2; n++) {
    wn_alloc_fail_after(n);
    assert_int_equal(wn_graph_add_table(graph, WN_TABLE_PCHIP, N, knots, falling), -1);
    assert_int_equal(wn_graph_n_table(graph), 0);
  }
  wn_alloc_fail_after(-1);
  wn_graph_destroy(graph);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_exact_at_knots),  cmocka_unit_test(test_constant_outside),
      cmocka_unit_test(test_linear_pieces),   cmocka_unit_test(test_monotone),
      cmocka_unit_test(test_no_overshoot),    cmocka_unit_test(test_pchip_slope),
      cmocka_unit_test(test_pchip_converges), cmocka_unit_test(test_two_knots),
      cmocka_unit_test(test_pchip_formula),   cmocka_unit_test(test_refuses),
      cmocka_unit_test(test_in_graph),        cmocka_unit_test(test_out_of_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

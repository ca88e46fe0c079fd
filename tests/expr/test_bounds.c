// Bounds of nodes over a domain hold at every point of it: random expressions at random points; the rules one by one.
// And copies of parts of a graph: the same values, with states left out and numbered anew.
#include "expr/bounds.h"
#include "expr/copy.h"
#include "expr/forest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "expr/table.h"

enum { N_LEAF = 3, N_NODE = 60, N_GRAPH = 1500, N_POINT = 20 };

static const wn_op interior[] = {WN_OP_ADD,  WN_OP_SUB,  WN_OP_MUL, WN_OP_DIV,   WN_OP_NEG, WN_OP_POW,
                                 WN_OP_SQRT, WN_OP_EXP,  WN_OP_LOG, WN_OP_SIN,   WN_OP_COS, WN_OP_ABS,
                                 WN_OP_TANH, WN_OP_ATAN, WN_OP_MIN, WN_OP_FLOOR, WN_OP_MAX, WN_OP_LT,
                                 WN_OP_LE,   WN_OP_EQ,   WN_OP_AND, WN_OP_WHERE};

// leaves, a few constants, then random operations on what is there
static void grow(wn_graph *graph, uint64_t *seed, wn_node *node) {
  static const double constants[] = {0, 1, 2.5, -1};
  int n = 0;
  for (int i = 0; i < N_LEAF; i++) {
    node[n++] = wn_graph_leaf(graph, WN_OP_PARAM, i);
    node[n++] = wn_graph_leaf(graph, WN_OP_STATE, i);
  }
  node[n++] = wn_graph_leaf(graph, WN_OP_TIME, 0);
  for (int i = 0; i < 4; i++) node[n++] = wn_graph_const(graph, constants[i]);
  while (n < N_NODE) {
    wn_op op = interior[random_below(seed, (int)(sizeof interior / sizeof *interior))];
    wn_node arg[3] = {WN_NO_NODE, WN_NO_NODE, WN_NO_NODE};
    for (int k = 0; k < wn_op_arity(op); k++) arg[k] = node[random_below(seed, n)];
    node[n++] = wn_graph_apply(graph, op, arg[0], arg[1], arg[2]);
  }
}

static wn_bounds random_bounds(uint64_t *seed) {
  double low = random_between(seed, -3, 3), wide = random_between(seed, 0, 2);
  switch (random_below(seed, 4)) {
  case 0: return wn_bounds_point(random_below(seed, 3) - 1);
  case 1: return (wn_bounds){fabs(low) + 0.1, fabs(low) + 0.1 + wide, true};
  default: return (wn_bounds){low, low + wide, true};
  }
}

static double pick(uint64_t *seed, wn_bounds b) {
  int edge = random_below(seed, 4);
  return edge == 0 ? b.low : edge == 1 ? b.high : random_between(seed, b.low, b.high);
}

static void check_point(const wn_graph *graph, const wn_node *node, const wn_bounds *bounds, const wn_point *point) {
  double value[N_NODE];
  assert_int_equal(wn_graph_eval_many(graph, node, N_NODE, point, value), WN_OK);
  for (int i = 0; i < N_NODE; i++)
    if (fabs(value[i]) > 1e100) return;  // overflow is not foreseen
  for (int i = 0; i < N_NODE; i++) {
    wn_bounds b = bounds[node[i]];
    if (!b.is_number) continue;
    double slack = 1e-9 * (1 + fabs(value[i]));
    if (!(value[i] >= b.low - slack && value[i] <= b.high + slack))
      fail_msg("%s gives %g, expected in [%g, %g]", wn_op_name(wn_graph_info(graph, node[i]).op), value[i], b.low,
               b.high);
  }
}

static void test_random(void **state) {
  (void)state;
  uint64_t seed = 5;
  long n_number = 0;
  for (int g = 0; g < N_GRAPH; g++) {
    wn_graph *graph = wn_graph_create();
    wn_node node[N_NODE];
    grow(graph, &seed, node);
    int n = wn_graph_size(graph);
    unsigned char *needed = wn_alloc((size_t)n);
    wn_bounds *bounds = wn_alloc((size_t)n * sizeof *bounds), param[N_LEAF], value[N_LEAF];
    for (int i = 0; i < N_LEAF; i++) param[i] = random_bounds(&seed), value[i] = random_bounds(&seed);
    wn_domain domain = {.time = {0, 24, true}, .param = param, .state = value, .n_param = N_LEAF, .n_state = N_LEAF};
    wn_graph_needed(graph, node, N_NODE, needed, n);
    wn_graph_bounds(graph, needed, n, &domain, bounds);
    for (int i = 0; i < N_NODE; i++) n_number += bounds[node[i]].is_number;
    for (int k = 0; k < N_POINT; k++) {
      double p[N_LEAF], s[N_LEAF];
      for (int i = 0; i < N_LEAF; i++) p[i] = pick(&seed, param[i]), s[i] = pick(&seed, value[i]);
      wn_point point = {.time = pick(&seed, domain.time), .param = p, .state = s};
      check_point(graph, node, bounds, &point);
    }
    wn_free(needed);
    wn_free(bounds);
    wn_graph_destroy(graph);
  }
  // something was said of most of them
  assert_true(n_number > (long)N_GRAPH * N_NODE / 2);
}

// ---- one by one

static wn_graph *graph;
static wn_node x, y, p;  // two states, one of which is 0, and a parameter in [0.5, 2]

static wn_bounds of(wn_node node) {
  wn_bounds param = {0.5, 2, true}, value[2] = {wn_bounds_point(0), wn_bounds_any()}, bounds[200];
  unsigned char needed[200] = {0};
  int n = wn_graph_size(graph);
  assert_true(n <= 200);
  wn_domain domain = {.time = {0, 24, true}, .param = &param, .state = value, .n_param = 1, .n_state = 2};
  wn_graph_needed(graph, &node, 1, needed, n);
  wn_graph_bounds(graph, needed, n, &domain, bounds);
  return bounds[node];
}

static wn_node num(double value) { return wn_graph_const(graph, value); }
static wn_node two(wn_op op, wn_node a, wn_node b) { return wn_graph_apply(graph, op, a, b, WN_NO_NODE); }
static bool zero(wn_node node) { return wn_bounds_is_zero(of(node)); }

static void open_graph(void) {
  graph = wn_graph_create();
  x = wn_graph_leaf(graph, WN_OP_STATE, 0);
  y = wn_graph_leaf(graph, WN_OP_STATE, 1);
  p = wn_graph_leaf(graph, WN_OP_PARAM, 0);
}

static void test_zeros(void **state) {
  (void)state;
  open_graph();
  assert_true(zero(x));
  assert_false(zero(y));
  assert_true(zero(two(WN_OP_MUL, x, y)));
  assert_true(zero(two(WN_OP_DIV, x, p)));
  // a divisor that may be 0, and a factor that may be infinite
  assert_false(zero(two(WN_OP_DIV, x, y)));
  assert_false(of(two(WN_OP_DIV, x, y)).is_number);
  assert_false(zero(two(WN_OP_MUL, x, two(WN_OP_DIV, p, y))));
  assert_false(zero(two(WN_OP_MUL, x, wn_graph_apply(graph, WN_OP_LOG, y, WN_NO_NODE, WN_NO_NODE))));
  // 0^p is 0 where p > 0 only
  assert_true(zero(two(WN_OP_POW, x, p)));
  assert_false(zero(two(WN_OP_POW, x, two(WN_OP_SUB, p, num(1)))));
  // Hill's function of nothing
  wn_node top = two(WN_OP_POW, x, p), half = two(WN_OP_POW, num(3), p);
  assert_true(zero(two(WN_OP_DIV, top, two(WN_OP_ADD, half, top))));
  // a rhythm that never reaches 0 divides
  wn_node wave = wn_graph_apply(graph, WN_OP_COS, wn_graph_leaf(graph, WN_OP_TIME, 0), WN_NO_NODE, WN_NO_NODE);
  assert_true(zero(two(WN_OP_DIV, x, two(WN_OP_ADD, num(1.5), wave))));
  assert_false(zero(two(WN_OP_DIV, x, two(WN_OP_ADD, num(0.5), wave))));
  assert_true(zero(two(WN_OP_MAX, num(0), wn_graph_apply(graph, WN_OP_NEG, x, WN_NO_NODE, WN_NO_NODE))));
  assert_true(zero(wn_graph_apply(graph, WN_OP_WHERE, x, two(WN_OP_DIV, y, x), x)));
  // a table that begins at 0
  const double at[3] = {0, 1, 2}, value[3] = {0, 5, 6};
  int table = wn_graph_add_table(graph, WN_TABLE_LINEAR, 3, at, value);
  assert_true(zero(wn_graph_table(graph, table, x)));
  assert_false(zero(wn_graph_table(graph, table, y)));
  wn_graph_destroy(graph);
}

static void test_not_numbers(void **state) {
  (void)state;
  assert_false(wn_bounds_point(NAN).is_number);
  assert_false(wn_bounds_point(INFINITY).is_number);
  assert_false(wn_bounds_is_zero(wn_bounds_any()));
  open_graph();
  assert_false(of(two(WN_OP_DIV, num(1), x)).is_number);
  wn_bounds b = of(two(WN_OP_LT, two(WN_OP_DIV, num(1), x), y));
  assert_true(b.is_number && b.low == 0 && b.high == 1);
  wn_graph_destroy(graph);
}

static void test_copy(void **state) {
  (void)state;
  uint64_t seed = 11;
  for (int g = 0; g < 300; g++) {
    wn_graph *from = wn_graph_create(), *to = wn_graph_create();
    wn_node node[N_NODE], copied[N_NODE];
    grow(from, &seed, node);
    // state 1 is 0: wherever it stands as a leaf; states 0 and 2 change places
    unsigned char *is_zero = wn_alloc((size_t)wn_graph_size(from));
    is_zero[wn_graph_leaf(from, WN_OP_STATE, 1)] = 1;
    const int state_at[N_LEAF] = {1, -1, 0};
    memcpy(copied, node, sizeof node);
    assert_true(wn_graph_copy(from, is_zero, state_at, to, copied, N_NODE));
    double param[N_LEAF] = {1.25, -0.5, 3}, before[N_LEAF] = {0.75, 0, -2}, after[2] = {-2, 0.75};
    wn_point a = {.time = 5, .param = param, .state = before}, b = {.time = 5, .param = param, .state = after};
    double old[N_NODE], new[N_NODE];
    assert_int_equal(wn_graph_eval_many(from, node, N_NODE, &a, old), WN_OK);
    assert_int_equal(wn_graph_eval_many(to, copied, N_NODE, &b, new), WN_OK);
    for (int i = 0; i < N_NODE; i++)
      if (isfinite(old[i]) && fabs(old[i]) < 1e6 && isfinite(new[i]) && wn_graph_info(from, node[i]).op < WN_OP_POW)
        assert_near(new[i], old[i], 1e-6 * (1 + fabs(old[i])));
    wn_free(is_zero);
    wn_graph_destroy(from);
    wn_graph_destroy(to);
  }
}

static void test_copy_tables(void **state) {
  (void)state;
  open_graph();
  const double at[3] = {0, 1, 2}, value[3] = {1, 5, 6}, other[3] = {2, 2.5, 9};
  wn_graph_add_table(graph, WN_TABLE_PCHIP, 3, at, value);
  int table = wn_graph_add_table(graph, WN_TABLE_PCHIP, 3, at, other);
  wn_node node = wn_graph_table(graph, table, y), slope = wn_graph_diff(graph, node, y), both[2] = {node, slope};
  wn_graph *to = wn_graph_create();
  unsigned char *is_zero = wn_alloc((size_t)wn_graph_size(graph));
  assert_true(wn_graph_copy(graph, is_zero, (const int[2]){-1, 0}, to, both, 2));
  assert_int_equal(wn_graph_n_table(to), 1);
  double s[2] = {0, 1.3};
  for (int i = 0; i < 2; i++)
    assert_true(wn_graph_eval(to, both[i], &(wn_point){.state = s + 1}) ==
                wn_graph_eval(graph, i ? slope : node, &(wn_point){.state = s}));
  wn_free(is_zero);
  wn_graph_destroy(to);
  wn_graph_destroy(graph);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_random), cmocka_unit_test(test_zeros),
                                     cmocka_unit_test(test_not_numbers), cmocka_unit_test(test_copy),
                                     cmocka_unit_test(test_copy_tables)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}

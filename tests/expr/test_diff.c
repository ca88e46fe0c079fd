// Symbolic derivatives: every opcode and random expressions against central differences, closed forms, the finite
// choices at kinks, and that the work stays proportional to what is shared.
#include "base/memory.h"
#include "expr/forest.h"
#include "expr/graph.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static wn_graph *graph;
static wn_node x, y, n;  // two states, a parameter

static int open_graph(void **state) {
  (void)state;
  graph = wn_graph_create();
  x = wn_graph_leaf(graph, WN_OP_STATE, 0);
  y = wn_graph_leaf(graph, WN_OP_STATE, 1);
  n = wn_graph_leaf(graph, WN_OP_PARAM, 0);
  return 0;
}

static int close_graph(void **state) {
  (void)state;
  wn_graph_destroy(graph);
  return 0;
}

static wn_node num(double value) { return wn_graph_const(graph, value); }
static wn_node two(wn_op op, wn_node a, wn_node b) { return wn_graph_apply(graph, op, a, b, WN_NO_NODE); }
static wn_node one(wn_op op, wn_node a) { return two(op, a, WN_NO_NODE); }
static wn_node where(wn_node c, wn_node a, wn_node b) { return wn_graph_apply(graph, WN_OP_WHERE, c, a, b); }
static wn_node positive_part(wn_node a) { return two(WN_OP_MAX, a, num(0)); }

// value at states (at, 1.7) and parameter 2.3
static double value_at(wn_node node, double at) {
  double states[2] = {at, 1.7}, param = 2.3;
  return wn_graph_eval(graph, node, &(wn_point){.state = states, .param = &param});
}

// central difference in the first state, extrapolated once; *error tells how good it is
static double difference(wn_node node, double at, double h, double *error) {
  double wide = (value_at(node, at + h) - value_at(node, at - h)) / (2 * h);
  double narrow = (value_at(node, at + h / 2) - value_at(node, at - h / 2)) / h;
  *error = fabs(narrow - wide) + 1e-14 * fabs(value_at(node, at)) / h;
  return narrow + (narrow - wide) / 3;
}

// derivative by the graph against the difference at points where nothing jumps
static void check_derivative(wn_node node, double low, double high) {
  wn_node d = wn_graph_diff(graph, node, x);
  assert_true(d != WN_NO_NODE);
  for (int k = 0; k < 50; k++) {
    double at = low + (high - low) * (k + 0.37) / 50, error;
    double numeric = difference(node, at, 1e-4, &error);
    if (!(fabs(value_at(d, at) - numeric) <= 1e-7 * (1 + fabs(numeric))))
      fail_msg("%s at %g: %.12g, difference %.12g", wn_op_name(wn_graph_info(graph, node).op), at, value_at(d, at),
               numeric);
  }
}

// each opcode of x, and of inner functions of x in every argument
static void test_every_opcode(void **state) {
  (void)state;
  wn_node curve = two(WN_OP_ADD, num(2.5), one(WN_OP_SIN, two(WN_OP_MUL, x, y)));  // within 1.5 and 3.5
  wn_node slope = two(WN_OP_ADD, two(WN_OP_MUL, num(0.7), x), n);
  int n_seen = 0;
  for (wn_op op = WN_OP_ADD; op < WN_N_OP; op++) {
    if (op == WN_OP_TABLE || op == WN_OP_TABLE_D) continue;
    n_seen++;
    if (wn_op_arity(op) == 1) {
      check_derivative(one(op, x), 0.1, 0.9);
      check_derivative(one(op, curve), 0.1, 0.9);
    } else if (wn_op_arity(op) == 2) {
      check_derivative(two(op, x, y), 0.1, 0.9);
      check_derivative(two(op, y, x), 0.1, 0.9);
      check_derivative(two(op, curve, slope), 0.1, 0.9);
      check_derivative(two(op, slope, curve), 0.1, 0.9);
    } else {
      check_derivative(wn_graph_apply(graph, op, num(0), curve, slope), 0.1, 0.9);
      check_derivative(wn_graph_apply(graph, op, two(WN_OP_LT, x, num(0.5)), curve, slope), 0.1, 0.9);
    }
  }
  assert_int_equal(n_seen, WN_N_OP - 5 - 2);
  check_derivative(one(WN_OP_ABS, x), -0.9, -0.1);
  check_derivative(one(WN_OP_TANH, x), -3, -1);
}

static void test_tables(void **state) {
  (void)state;
  static const double at[4] = {0, 0.25, 0.6, 1}, value[4] = {1, 3, 2, 2.5};
  for (wn_table_kind kind = WN_TABLE_LINEAR; kind <= WN_TABLE_PCHIP; kind++) {
    int table = wn_graph_add_table(graph, kind, 4, at, value);
    wn_node inner = two(WN_OP_MUL, two(WN_OP_MUL, x, x), num(0.9));
    check_derivative(wn_graph_table(graph, table, x), 0.01, 0.24);
    check_derivative(wn_graph_table(graph, table, x), 1.1, 2);
    check_derivative(wn_graph_table(graph, table, inner), 0.55, 0.8);
  }
}

static void test_closed_forms(void **state) {
  (void)state;
  assert_int_equal(wn_graph_diff(graph, x, x), num(1));
  assert_int_equal(wn_graph_diff(graph, x, y), num(0));
  assert_int_equal(wn_graph_diff(graph, num(3), x), num(0));
  assert_int_equal(wn_graph_diff(graph, num(3), num(3)), num(0));
  assert_int_equal(wn_graph_diff(graph, one(WN_OP_EXP, x), x), one(WN_OP_EXP, x));
  assert_int_equal(wn_graph_diff(graph, one(WN_OP_SIN, x), x), one(WN_OP_COS, x));
  assert_int_equal(wn_graph_diff(graph, two(WN_OP_MUL, x, x), x), two(WN_OP_MUL, num(2), x));
  assert_int_equal(wn_graph_diff(graph, two(WN_OP_MUL, x, y), x), y);
  assert_int_equal(wn_graph_diff(graph, two(WN_OP_DIV, x, y), x), two(WN_OP_DIV, num(1), y));
  assert_int_equal(wn_graph_diff(graph, one(WN_OP_NEG, two(WN_OP_MUL, n, x)), x), one(WN_OP_NEG, n));
  assert_int_equal(wn_graph_diff(graph, one(WN_OP_FLOOR, x), x), num(0));
  assert_int_equal(wn_graph_diff(graph, where(two(WN_OP_LT, x, y), n, num(3)), x), num(0));
  assert_int_equal(wn_graph_diff(graph, two(WN_OP_POW, x, num(9)), x),
                   two(WN_OP_MUL, num(9), two(WN_OP_POW, x, num(8))));

  // every kind of leaf
  wn_node t = wn_graph_leaf(graph, WN_OP_TIME, 0), c = wn_graph_leaf(graph, WN_OP_COVARIATE, 1);
  wn_node product = two(WN_OP_MUL, two(WN_OP_MUL, t, c), n);
  assert_int_equal(wn_graph_diff(graph, product, t), two(WN_OP_MUL, n, c));
  assert_int_equal(wn_graph_diff(graph, product, c), two(WN_OP_MUL, n, t));
  assert_int_equal(wn_graph_diff(graph, product, n), two(WN_OP_MUL, t, c));
  assert_int_equal(wn_graph_diff(graph, product, x), num(0));
}

// x^m / (y^m + x^m), m a number, a parameter, or depending on a state
static wn_node hill(wn_node at, wn_node m) {
  wn_node top = two(WN_OP_POW, at, m);
  return two(WN_OP_DIV, top, two(WN_OP_ADD, two(WN_OP_POW, y, m), top));
}

static void test_hill_at_zero(void **state) {
  (void)state;
  static const double exponents[] = {1, 1.0000001, 1.5, 2, 3, 4.3, 9, 12.5, 0.5, 0.8};
  for (int i = 0; i < 10; i++) {
    wn_node d = wn_graph_diff(graph, hill(positive_part(x), num(exponents[i])), x);
    for (double at = -2; at <= 0; at += 0.5) assert_true(value_at(d, at) == 0);
    assert_true(value_at(d, 0.5) > 0);
    check_derivative(hill(positive_part(x), num(exponents[i])), 0.05, 2);
    // without the guard: finite from n = 1 on
    double bare = value_at(wn_graph_diff(graph, hill(x, num(exponents[i])), x), 0);
    if (exponents[i] > 1) assert_true(bare == 0);
    if (exponents[i] == 1) assert_near(bare, 1 / 1.7, 1e-15);
  }

  // exponent a parameter: in x, and in the exponent
  wn_node by_param = hill(positive_part(x), n), dx = wn_graph_diff(graph, by_param, x);
  wn_node dn = wn_graph_diff(graph, by_param, n), mixed = wn_graph_diff(graph, dx, n);
  static const double values[] = {0.3, 0.999, 1, 1.5, 2, 8};
  for (int i = 0; i < 6; i++)
    for (double at = -1; at < 3; at += 0.25) {
      double states[2] = {at, 1.7}, m = values[i], half = pow(1.7, m), top = at > 0 ? pow(at, m) : 0;
      wn_point point = {.state = states, .param = &m};
      double scale = at > 0 ? half * top / ((half + top) * (half + top)) : 0;
      assert_near(wn_graph_eval(graph, dx, &point), at > 0 ? scale * m / at : 0, 1e-13);
      assert_near(wn_graph_eval(graph, dn, &point), at > 0 ? scale * log(at / 1.7) : 0, 1e-13);
      assert_true(isfinite(wn_graph_eval(graph, mixed, &point)));
    }

  // exponent a state
  check_derivative(hill(num(0.8), two(WN_OP_ADD, x, num(1))), 0.1, 2);
  wn_node at_zero = wn_graph_diff(graph, two(WN_OP_POW, num(0), two(WN_OP_ADD, x, num(1))), x);
  assert_true(value_at(at_zero, 1) == 0);
}

// 0 * inf nowhere: the root's infinite slope is there only when asked for
static void test_root_at_zero(void **state) {
  (void)state;
  assert_true(value_at(wn_graph_diff(graph, one(WN_OP_SQRT, x), x), 0) == INFINITY);
  wn_node guarded = one(WN_OP_SQRT, positive_part(x));
  wn_node nested = two(WN_OP_MUL, num(3), one(WN_OP_NEG, one(WN_OP_SQRT, one(WN_OP_SQRT, positive_part(x)))));
  wn_node ratio = two(WN_OP_DIV, two(WN_OP_SUB, y, guarded), two(WN_OP_ADD, guarded, y));
  wn_node log_guarded = one(WN_OP_LOG, two(WN_OP_MUL, positive_part(x), y));
  wn_node otherwise = one(WN_OP_SQRT, where(two(WN_OP_LE, x, num(0)), num(0), two(WN_OP_MUL, num(2), x)));
  const wn_node all[] = {guarded, nested, ratio, log_guarded, otherwise};
  for (int i = 0; i < 5; i++) {
    wn_node d = wn_graph_diff(graph, all[i], x);
    assert_true(value_at(d, -1) == 0);
    assert_true(value_at(d, 0) == 0);
    check_derivative(all[i], 0.1, 2);
  }
  // the branch not taken may be anything, its derivative too
  wn_node choice = where(two(WN_OP_LT, num(0), x), one(WN_OP_SQRT, x), two(WN_OP_MUL, num(4), x));
  assert_true(value_at(wn_graph_diff(graph, choice, x), 0) == 4);
  assert_true(value_at(wn_graph_diff(graph, choice, x), -1) == 4);
}

static void test_ties(void **state) {
  (void)state;
  wn_node three = num(3), line = two(WN_OP_MUL, num(2), x);
  const wn_node both[] = {two(WN_OP_MIN, line, three), two(WN_OP_MIN, three, line)};
  const wn_node upper[] = {two(WN_OP_MAX, line, three), two(WN_OP_MAX, three, line)};
  for (int i = 0; i < 2; i++) {
    wn_node low = wn_graph_diff(graph, both[i], x), high = wn_graph_diff(graph, upper[i], x);
    assert_true(value_at(low, 1) == 2 && value_at(low, 1.5) == 0 && value_at(low, 2) == 0);
    assert_true(value_at(high, 1) == 0 && value_at(high, 1.5) == 0 && value_at(high, 2) == 2);
  }
  wn_node size = wn_graph_diff(graph, one(WN_OP_ABS, line), x);
  assert_true(value_at(size, -1) == -2 && value_at(size, 0) == 2 && value_at(size, 1) == 2);
}

// random smooth expressions: wherever the difference is good, the derivative agrees
static void test_random(void **state) {
  (void)state;
  static const wn_op ops[] = {WN_OP_ADD,   WN_OP_SUB, WN_OP_MUL, WN_OP_DIV, WN_OP_NEG,  WN_OP_POW,
                              WN_OP_SQRT,  WN_OP_EXP, WN_OP_LOG, WN_OP_SIN, WN_OP_TANH, WN_OP_ATAN,
                              WN_OP_WHERE, WN_OP_MAX, WN_OP_MUL, WN_OP_ABS};
  uint64_t seed = 21;
  int n_compared = 0;
  for (int trial = 0; trial < 300; trial++) {
    wn_node nodes[40] = {x, y, n, num(random_between(&seed, -2, 2)), num(2)};
    for (int i = 5; i < 40; i++) {
      wn_op op = ops[random_below(&seed, 16)];
      wn_node a = nodes[random_below(&seed, i)], b = nodes[i - 1], c = nodes[random_below(&seed, i)];
      nodes[i] = wn_graph_apply(graph, op, a, b, c);
      wn_node d = wn_graph_diff(graph, nodes[i], x);
      double at = random_between(&seed, -2, 2), error, numeric = difference(nodes[i], at, 1e-3, &error);
      if (!(error < 1e-4 * (1 + fabs(numeric))) || !(fabs(numeric) < 1e6)) continue;
      n_compared++;
      assert_near(value_at(d, at), numeric, 2 * error + 1e-7 * (1 + fabs(numeric)));
    }
    if (trial % 10 == 9) close_graph(NULL), open_graph(NULL);
  }
  assert_true(n_compared > 3000);
}

// every level used twice: derived once each; asked again, nothing is added
static void test_not_exponential(void **state) {
  (void)state;
  wn_node node = x;
  for (int i = 0; i < 500; i++) node = two(WN_OP_ADD, one(WN_OP_SIN, node), two(WN_OP_MUL, node, n));
  int before = wn_graph_size(graph);
  wn_node d = wn_graph_diff(graph, node, x);
  int after = wn_graph_size(graph);
  assert_true(after - before < 500 * 6);
  assert_int_equal(wn_graph_diff(graph, node, x), d);
  // what does not have the leaf below is not even looked at
  wn_alloc_fail_after(0);
  assert_int_equal(wn_graph_diff(graph, node, y), num(0));
  wn_alloc_fail_after(-1);
  assert_int_equal(wn_graph_size(graph), after);

  // a condition is not derived
  wn_node choice = where(two(WN_OP_LT, two(WN_OP_POW, x, n), y), x, y);
  before = wn_graph_size(graph);
  wn_graph_diff(graph, choice, x);
  assert_int_equal(wn_graph_size(graph), before);

  // depth is no matter
  for (int i = 0; i < 200000; i++) node = two(WN_OP_MUL, one(WN_OP_ATAN, node), n);
  assert_true(wn_graph_diff(graph, node, x) != WN_NO_NODE);
}

// nested choices: carried outwards only so far, so that they do not multiply
static void test_nested_choices(void **state) {
  (void)state;
  wn_node node = x;
  for (int i = 0; i < 60; i++) node = one(WN_OP_SQRT, positive_part(two(WN_OP_SUB, node, num(0.01 * i / 60))));
  int before = wn_graph_size(graph);
  wn_node d = wn_graph_diff(graph, node, x);
  assert_true(wn_graph_size(graph) - before < 60 * 30);
  assert_true(value_at(d, -1) == 0);
  assert_true(value_at(d, 2) > 0);
}

// more states than marks: independence is still exact, as the constant 0
static void test_many_states(void **state) {
  (void)state;
  wn_node far = wn_graph_leaf(graph, WN_OP_STATE, 64), farther = wn_graph_leaf(graph, WN_OP_STATE, 128);
  const wn_node a = two(WN_OP_MUL, far, one(WN_OP_EXP, far));
  const wn_node all[] = {a, two(WN_OP_POW, a, a), two(WN_OP_DIV, a, one(WN_OP_TANH, a)),
                         where(two(WN_OP_LT, a, far), one(WN_OP_ABS, a), one(WN_OP_LOG, a)),
                         two(WN_OP_MIN, a, one(WN_OP_SQRT, a))};
  for (int i = 0; i < 5; i++) {
    assert_int_equal(wn_graph_diff(graph, all[i], x), num(0));
    assert_int_equal(wn_graph_diff(graph, all[i], farther), num(0));
    assert_true(wn_graph_diff(graph, all[i], far) != num(0));
  }
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, open_graph, close_graph)

int main(void) {
  const struct CMUnitTest tests[] = {
      CASE(test_every_opcode), CASE(test_tables),         CASE(test_closed_forms), CASE(test_hill_at_zero),
      CASE(test_root_at_zero), CASE(test_ties),           CASE(test_random),       CASE(test_not_exponential),
      CASE(test_many_states),  CASE(test_nested_choices),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

// The rules of algebra: each does what it says, none changes a value (random expressions against an evaluator that
// knows no rules, exactly where arithmetic is exact, within rounding elsewhere), the same calls give the same graph.
#include "expr/forest.h"
#include "expr/graph.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static wn_graph *graph;
static wn_node x, y, p, less;  // states, a parameter, and a comparison of the states

static int open_graph(void **state) {
  (void)state;
  graph = wn_graph_create();
  x = wn_graph_leaf(graph, WN_OP_STATE, 0);
  y = wn_graph_leaf(graph, WN_OP_STATE, 1);
  p = wn_graph_leaf(graph, WN_OP_PARAM, 0);
  less = wn_graph_apply(graph, WN_OP_LT, x, y, WN_NO_NODE);
  return 0;
}

static int close_graph(void **state) {
  (void)state;
  wn_graph_destroy(graph);
  return 0;
}

static wn_node num(double value) { return wn_graph_const(graph, value); }
static wn_node two(wn_op op, wn_node a, wn_node b) { return wn_graph_apply(graph, op, a, b, WN_NO_NODE); }
static wn_node add(wn_node a, wn_node b) { return two(WN_OP_ADD, a, b); }
static wn_node sub(wn_node a, wn_node b) { return two(WN_OP_SUB, a, b); }
static wn_node mul(wn_node a, wn_node b) { return two(WN_OP_MUL, a, b); }
static wn_node over(wn_node a, wn_node b) { return two(WN_OP_DIV, a, b); }
static wn_node neg(wn_node a) { return two(WN_OP_NEG, a, WN_NO_NODE); }
static wn_node not(wn_node a) { return two(WN_OP_NOT, a, WN_NO_NODE); }
static wn_node power(wn_node a, double n) { return two(WN_OP_POW, a, num(n)); }
static wn_node where(wn_node c, wn_node a, wn_node b) { return wn_graph_apply(graph, WN_OP_WHERE, c, a, b); }

static void test_neutral(void **state) {
  (void)state;
  assert_int_equal(add(x, num(0)), x);
  assert_int_equal(add(num(-0.0), x), x);
  assert_int_equal(sub(x, num(0)), x);
  assert_int_equal(sub(num(0), x), neg(x));
  assert_int_equal(sub(x, x), num(0));
  assert_int_equal(mul(x, num(1)), x);
  assert_int_equal(mul(num(0), x), num(0));
  assert_int_equal(mul(x, num(-0.0)), num(0));
  assert_int_equal(over(x, num(1)), x);
  assert_int_equal(add(x, x), mul(num(2), x));
  // left alone: they would hide a result that is not finite
  assert_int_equal(wn_graph_info(graph, over(x, x)).op, WN_OP_DIV);
  assert_int_equal(wn_graph_info(graph, over(num(0), x)).op, WN_OP_DIV);
  assert_int_equal(wn_graph_info(graph, over(x, num(0))).op, WN_OP_DIV);
  wn_node log_x = two(WN_OP_LOG, x, WN_NO_NODE), exp_log = two(WN_OP_EXP, log_x, WN_NO_NODE);
  assert_int_equal(wn_graph_info(graph, exp_log).op, WN_OP_EXP);
  assert_true(isnan(wn_graph_info(graph, mul(num(0), num(INFINITY))).value));
}

static void test_signs(void **state) {
  (void)state;
  assert_int_equal(neg(neg(x)), x);
  assert_int_equal(mul(x, num(-1)), neg(x));
  assert_int_equal(over(x, num(-1)), neg(x));
  assert_int_equal(mul(neg(x), neg(y)), mul(x, y));
  assert_int_equal(mul(neg(x), y), neg(mul(x, y)));
  assert_int_equal(over(x, neg(y)), neg(over(x, y)));
  assert_int_equal(over(neg(x), neg(y)), over(x, y));
  assert_int_equal(add(x, neg(y)), sub(x, y));
  assert_int_equal(add(neg(x), y), sub(y, x));
  assert_int_equal(add(neg(x), neg(y)), neg(add(x, y)));
  assert_int_equal(sub(x, neg(y)), add(x, y));
  assert_int_equal(sub(neg(x), y), neg(add(x, y)));
  assert_int_equal(neg(sub(x, y)), sub(y, x));
  assert_int_equal(neg(mul(x, num(3))), mul(x, num(-3)));
  assert_int_equal(mul(neg(x), num(3)), mul(x, num(-3)));
  assert_int_equal(neg(over(num(3), x)), over(num(-3), x));
  assert_int_equal(over(num(3), neg(x)), over(num(-3), x));
  assert_int_equal(over(neg(x), num(3)), over(x, num(-3)));
  assert_int_equal(two(WN_OP_ABS, neg(x), WN_NO_NODE), two(WN_OP_ABS, x, WN_NO_NODE));
}

static void test_constant_chains(void **state) {
  (void)state;
  assert_int_equal(mul(mul(x, num(3)), num(5)), mul(num(15), x));
  assert_int_equal(mul(num(5), mul(num(0.2), x)), x);
  assert_int_equal(over(mul(x, num(3)), num(6)), mul(x, num(0.5)));
  assert_int_equal(mul(over(x, num(3)), num(6)), mul(x, num(2)));
  assert_int_equal(over(over(x, num(3)), num(5)), over(x, num(15)));
  assert_int_equal(mul(over(num(3), x), num(5)), over(num(15), x));
  assert_int_equal(over(over(num(3), x), num(6)), over(num(0.5), x));
  assert_int_equal(over(num(6), mul(num(3), x)), over(num(2), x));
  assert_int_equal(over(num(6), over(x, num(3))), over(num(18), x));
  assert_int_equal(over(x, num(8)), mul(x, num(0.125)));
  assert_int_equal(wn_graph_info(graph, over(x, num(3))).op, WN_OP_DIV);

  // merged constants that would overflow or lose digits stay apart
  double at = 1e-250;
  wn_point point = {.state = &at};
  wn_node apart = mul(mul(x, num(1e200)), num(1e200));
  assert_near(wn_graph_eval(graph, apart, &point), 1e150, 1e136);
  at = 1e250;
  assert_near(wn_graph_eval(graph, mul(mul(x, num(1e-160)), num(1e-160)), &point), 1e-70, 1e-84);
  assert_true(wn_graph_eval(graph, over(x, num(0x1p-1030)), &point) == INFINITY);
  at = 0x1p-1040;
  assert_true(wn_graph_eval(graph, over(x, num(0x1p-1030)), &point) == 0x1p-10);
}

static void test_powers(void **state) {
  (void)state;
  assert_int_equal(power(x, 0), num(1));
  assert_int_equal(power(x, 1), x);
  assert_int_equal(power(x, 2), mul(x, x));
  assert_int_equal(power(x, 5), mul(mul(mul(x, x), mul(x, x)), x));
  assert_int_equal(power(x, -1), over(num(1), x));
  assert_int_equal(power(x, -3), over(num(1), power(x, 3)));
  assert_int_equal(power(x, 0.5), two(WN_OP_SQRT, x, WN_NO_NODE));
  assert_int_equal(power(x, -0.5), over(num(1), two(WN_OP_SQRT, x, WN_NO_NODE)));
  assert_int_equal(two(WN_OP_POW, num(1), x), num(1));
  assert_int_equal(wn_graph_info(graph, power(x, 9)).op, WN_OP_POW);
  assert_int_equal(wn_graph_info(graph, power(x, 2.5)).op, WN_OP_POW);
  for (int n = -8; n <= 8; n++) {
    double at = -1.3;
    wn_point point = {.state = &at};
    double product = wn_graph_eval(graph, power(x, n), &point), exact = pow(at, n);
    assert_near(product, exact, 1e-15 * fabs(exact));
    // a constant folded has the bits of the products
    assert_true(wn_graph_info(graph, power(num(at), n)).value == product);
  }
}

static void test_choices(void **state) {
  (void)state;
  assert_int_equal(where(num(1), x, y), x);
  assert_int_equal(where(num(NAN), x, y), x);
  assert_int_equal(where(num(0), x, y), y);
  assert_int_equal(where(num(-0.0), x, y), y);
  assert_int_equal(where(two(WN_OP_LE, num(2), num(3)), x, y), x);
  assert_int_equal(where(less, x, x), x);
  assert_int_equal(where(p, where(p, x, y), less), where(p, x, less));
  assert_int_equal(where(p, less, where(p, x, y)), where(p, less, y));
  assert_int_equal(where(not(p), x, y), where(p, y, x));
  assert_int_equal(where(less, num(1), num(0)), less);
  assert_int_equal(where(less, num(0), num(1)), not(less));
  assert_int_equal(wn_graph_info(graph, where(p, num(1), num(0))).op, WN_OP_WHERE);
  assert_int_equal(two(WN_OP_MIN, x, x), x);
  assert_int_equal(two(WN_OP_MAX, x, x), x);
  wn_node whole = two(WN_OP_FLOOR, x, WN_NO_NODE);
  assert_int_equal(two(WN_OP_FLOOR, whole, WN_NO_NODE), whole);
}

static void test_logic(void **state) {
  (void)state;
  assert_int_equal(two(WN_OP_LT, x, x), num(0));
  // these tell whether x is a number
  assert_int_equal(wn_graph_info(graph, two(WN_OP_EQ, x, x)).op, WN_OP_EQ);
  assert_int_equal(wn_graph_info(graph, two(WN_OP_LE, x, x)).op, WN_OP_LE);
  assert_int_equal(two(WN_OP_AND, x, num(0)), num(0));
  assert_int_equal(two(WN_OP_AND, less, num(7)), less);
  assert_int_equal(two(WN_OP_OR, num(7), x), num(1));
  assert_int_equal(two(WN_OP_OR, num(0), less), less);
  assert_int_equal(two(WN_OP_AND, less, less), less);
  assert_int_equal(wn_graph_info(graph, two(WN_OP_AND, x, num(7))).op, WN_OP_AND);
  assert_int_equal(wn_graph_info(graph, two(WN_OP_OR, x, x)).op, WN_OP_OR);
  assert_int_equal(not(not(less)), less);
  assert_int_equal(wn_graph_info(graph, not(not(x))).op, WN_OP_NOT);
}

// --- random expressions

enum { N_LEAF = 7, N_TREE = 120, N_POINT = 20 };

// leaves, then N_TREE - N_LEAF random nodes of the given opcodes; constants are `quarter` multiples or anything
static void grow_forest(wn_graph *g, tree *trees, uint64_t *seed, const wn_op *ops, int n_op, bool exact) {
  static const wn_op leaf_op[N_LEAF] = {WN_OP_STATE, WN_OP_STATE,     WN_OP_STATE, WN_OP_PARAM,
                                        WN_OP_PARAM, WN_OP_COVARIATE, WN_OP_TIME};
  static const int leaf_index[N_LEAF] = {0, 1, 2, 0, 1, 0, 0};
  for (int i = 0; i < N_TREE; i++) {
    tree *t = &trees[i];
    *t = (tree){.op = WN_OP_CONST};
    if (i < N_LEAF) {
      t->op = leaf_op[i], t->index = leaf_index[i];
      t->node = wn_graph_leaf(g, t->op, t->index);
    } else if (random_below(seed, 4) == 0) {
      t->value = exact || random_below(seed, 2) ? random_below(seed, 33) / 4.0 - 4 : random_between(seed, -3, 3);
      t->node = wn_graph_const(g, t->value);
    } else {
      t->op = ops[random_below(seed, n_op)];
      // mostly recent arguments, so that expressions get deep
      wn_node arg[3] = {WN_NO_NODE, WN_NO_NODE, WN_NO_NODE};
      for (int k = 0; k < wn_op_arity(t->op); k++) {
        t->arg[k] = random_below(seed, 2) ? random_below(seed, i) : i - 1 - random_below(seed, i < 8 ? i : 8);
        arg[k] = trees[t->arg[k]].node;
      }
      t->node = wn_graph_apply(g, t->op, arg[0], arg[1], arg[2]);
    }
    assert_true(t->node != WN_NO_NODE);
  }
}

static double random_number(uint64_t *seed, bool exact) {
  return exact ? random_below(seed, 33) / 4.0 - 4 : random_between(seed, -3, 3);
}

// + - * and choices on quarters are exact, in any order: no difference is allowed
static void test_exact_arithmetic(void **state) {
  (void)state;
  static const wn_op ops[] = {WN_OP_ADD, WN_OP_SUB, WN_OP_MUL, WN_OP_NEG, WN_OP_ABS,   WN_OP_FLOOR, WN_OP_MIN,
                              WN_OP_MAX, WN_OP_LT,  WN_OP_LE,  WN_OP_EQ,  WN_OP_AND,   WN_OP_OR,    WN_OP_NOT,
                              WN_OP_MUL, WN_OP_ADD, WN_OP_SUB, WN_OP_NEG, WN_OP_WHERE, WN_OP_WHERE};
  uint64_t seed = 11;
  long n_compared = 0, n_all = 0;
  for (int trial = 0; trial < 400; trial++) {
    tree trees[N_TREE];
    estimate want[N_TREE];
    grow_forest(graph, trees, &seed, ops, sizeof ops / sizeof *ops, true);
    for (int k = 0; k < N_POINT; k++) {
      double number[N_LEAF];
      for (int i = 0; i < N_LEAF; i++) number[i] = random_number(&seed, true);
      wn_point point = {.time = number[6], .state = number, .param = number + 3, .covariate = number + 5};
      evaluate_forest(trees, N_TREE, &point, want);
      wn_node nodes[N_TREE];
      double got[N_TREE];
      bool inexact[N_TREE] = {false};
      for (int i = 0; i < N_TREE; i++) nodes[i] = trees[i].node;
      assert_int_equal(wn_graph_eval_many(graph, nodes, N_TREE, &point, got), WN_OK);
      for (int i = N_LEAF; i < N_TREE; i++, n_all++) {
        double scaled = want[i].value * 0x1p20;
        for (int a = 0; a < wn_op_arity(trees[i].op); a++) inexact[i] |= inexact[trees[i].arg[a]];
        inexact[i] |= fabs(want[i].value) > 0x1p20 || scaled != floor(scaled);
        if (inexact[i]) continue;
        n_compared++;
        if (got[i] != want[i].value) fail_msg("%s: %.17g, not %.17g", wn_op_name(trees[i].op), got[i], want[i].value);
      }
    }
    if (trial % 20 == 19) close_graph(NULL), open_graph(NULL);
  }
  assert_true(n_compared > n_all / 2);
}

// every opcode on any numbers: no difference beyond what rounding explains
static void test_any_arithmetic(void **state) {
  (void)state;
  static const wn_op ops[] = {WN_OP_ADD, WN_OP_SUB,  WN_OP_MUL,  WN_OP_DIV, WN_OP_NEG,   WN_OP_POW, WN_OP_SQRT,
                              WN_OP_EXP, WN_OP_LOG,  WN_OP_SIN,  WN_OP_COS, WN_OP_TANH,  WN_OP_ABS, WN_OP_FLOOR,
                              WN_OP_MIN, WN_OP_MAX,  WN_OP_LT,   WN_OP_LE,  WN_OP_EQ,    WN_OP_AND, WN_OP_OR,
                              WN_OP_NOT, WN_OP_ATAN, WN_OP_MUL,  WN_OP_DIV, WN_OP_WHERE, WN_OP_NEG, WN_OP_ADD,
                              WN_OP_MUL, WN_OP_DIV,  WN_OP_WHERE};
  uint64_t seed = 12;
  long n_compared = 0, n_all = 0;
  for (int trial = 0; trial < 400; trial++) {
    tree trees[N_TREE];
    estimate want[N_TREE];
    grow_forest(graph, trees, &seed, ops, sizeof ops / sizeof *ops, false);
    for (int k = 0; k < N_POINT; k++) {
      double number[N_LEAF];
      for (int i = 0; i < N_LEAF; i++) number[i] = random_number(&seed, false);
      wn_point point = {.time = number[6], .state = number, .param = number + 3, .covariate = number + 5};
      evaluate_forest(trees, N_TREE, &point, want);
      wn_node nodes[N_TREE];
      double got[N_TREE];
      for (int i = 0; i < N_TREE; i++) nodes[i] = trees[i].node;
      assert_int_equal(wn_graph_eval_many(graph, nodes, N_TREE, &point, got), WN_OK);
      for (int i = N_LEAF; i < N_TREE; i++, n_all++) {
        if (!isfinite(want[i].error)) continue;
        n_compared++;
        assert_near(got[i], want[i].value, want[i].error);
      }
    }
    if (trial % 20 == 19) close_graph(NULL), open_graph(NULL);
  }
  assert_true(n_compared > n_all / 3);
}

// the same calls, the same graph, node by node, derivatives included
static void test_deterministic(void **state) {
  (void)state;
  static const wn_op ops[] = {WN_OP_ADD, WN_OP_SUB, WN_OP_MUL, WN_OP_DIV, WN_OP_POW, WN_OP_EXP, WN_OP_MAX, WN_OP_WHERE};
  wn_graph *graphs[2];
  for (int pass = 0; pass < 2; pass++) {
    void *shift = malloc(1000 * (size_t)pass + 1);  // other addresses the second time
    tree trees[N_TREE];
    uint64_t seed = 13;
    graphs[pass] = wn_graph_create();
    grow_forest(graphs[pass], trees, &seed, ops, sizeof ops / sizeof *ops, false);
    for (int i = N_LEAF; i < 40; i++)
      for (int k = 0; k < 3; k++) wn_graph_diff(graphs[pass], trees[i].node, trees[k].node);
    free(shift);
  }
  assert_int_equal(wn_graph_size(graphs[0]), wn_graph_size(graphs[1]));
  for (wn_node i = 0; i < wn_graph_size(graphs[0]); i++) {
    wn_node_info a = wn_graph_info(graphs[0], i), b = wn_graph_info(graphs[1], i);
    assert_true(a.op == b.op && a.index == b.index && !memcmp(a.args, b.args, sizeof a.args));
    assert_memory_equal(&a.value, &b.value, sizeof a.value);
    // arguments come first, and commutative ones in order
    for (int k = 0; k < 3; k++) assert_true(a.args[k] < i);
    if (a.op == WN_OP_ADD || a.op == WN_OP_MUL) assert_true(a.args[0] <= a.args[1]);
  }
  for (int pass = 0; pass < 2; pass++) wn_graph_destroy(graphs[pass]);
}

#define RULE(test) cmocka_unit_test_setup_teardown(test, open_graph, close_graph)

int main(void) {
  const struct CMUnitTest tests[] = {
      RULE(test_neutral),          RULE(test_signs),          RULE(test_constant_chains),
      RULE(test_powers),           RULE(test_choices),        RULE(test_logic),
      RULE(test_exact_arithmetic), RULE(test_any_arithmetic), RULE(test_deterministic),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

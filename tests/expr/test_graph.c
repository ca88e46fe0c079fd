// The graph: every opcode against libm, hash-consing, what nodes depend on, evaluation of big and shared graphs, every
// allocation failing once. (The rules of algebra: test_simplify.c.)
#include "base/memory.h"
#include "expr/forest.h"
#include "expr/graph.h"
#include "expr/kernels.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static wn_graph *open_graph(void) {
  wn_graph *graph = wn_graph_create();
  assert_non_null(graph);
  return graph;
}

static wn_node leaf(wn_graph *graph, int index) { return wn_graph_leaf(graph, WN_OP_STATE, index); }
static wn_node apply(wn_graph *graph, wn_op op, wn_node a, wn_node b) {
  return wn_graph_apply(graph, op, a, b, WN_NO_NODE);
}

// distance in units in the last place of the reference; 0 for the same not-a-number or infinity
static double ulps(double got, double want) {
  if (isnan(want)) return isnan(got) ? 0 : INFINITY;
  if (isinf(want) || isinf(got)) return got == want ? 0 : INFINITY;
  double unit = fabs(nextafter(want, INFINITY) - want);
  return fabs(got - want) / unit;
}

// arguments worth trying: special values, and random ones of every size
static int fill_arguments(double *out) {
  static const double special[] = {0,     -0.0,   1,        -1,   0.5,  2,         3,      -2,        1e-300, 1e300,
                                   -1e30, 1e-320, INFINITY, -800, 0.25, -INFINITY, NAN,    709.5,     -745,   0.99999,
                                   1e5,   -1e5,   3.14159,  7.5,  -0.3, 1e-9,      -1e-18, 1.0000001, 22,     1e9};
  int n = sizeof special / sizeof *special;
  memcpy(out, special, sizeof special);
  uint64_t seed = 7;
  for (int i = 0; i < 30; i++) out[n++] = random_between(&seed, -10, 10);
  for (int i = 0; i < 30; i++) out[n++] = exp(random_between(&seed, -40, 40));
  return n;
}

static void check_opcode(wn_graph *graph, wn_op op, const double *v, int n) {
  int arity = wn_op_arity(op);
  wn_node arg[3];
  for (int i = 0; i < 3; i++) arg[i] = leaf(graph, i);
  wn_node node = wn_graph_apply(graph, op, arg[0], arg[1], arg[2]);
  assert_int_equal(wn_graph_info(graph, node).op, op);
  for (int i = 0; i < n; i++)
    for (int j = 0; j < (arity > 1 ? n : 1); j++) {
      double x[3] = {v[i], v[j], v[(i + j) % n]};
      double got = wn_graph_eval(graph, node, &(wn_point){.state = x}), want = reference_op(op, x[0], x[1], x[2]);
      // 1 ulp for the kernels and 1 for libm; below the normal numbers the kernels of functions need not bother
      if (ulps(got, want) > 2 && !(fabs(want) < 2.3e-308 && fabs(got) < 2.3e-308))
        fail_msg("%s(%g, %g, %g) = %.17g, expected %.17g", wn_op_name(op), x[0], x[1], x[2], got, want);

      // a constant folded has the bits of the same computed; powers: those of the products (test_simplify.c)
      if (op == WN_OP_POW) continue;
      wn_node c[3];
      for (int k = 0; k < 3; k++) c[k] = wn_graph_const(graph, x[k]);
      double folded = wn_graph_info(graph, wn_graph_apply(graph, op, c[0], c[1], c[2])).value;
      if (isnan(got) ? !isnan(folded) : memcmp(&folded, &got, sizeof got))
        fail_msg("%s(%g, %g, %g) folds to %.17g, computes to %.17g", wn_op_name(op), x[0], x[1], x[2], folded, got);
    }
}

static void test_every_opcode(void **state) {
  (void)state;
  double v[128];
  int n = fill_arguments(v), n_seen = 0;
  for (wn_op op = 0; op < WN_N_OP; op++) {
    assert_true(strlen(wn_op_name(op)) > 1);
    assert_true(wn_op_arity(op) >= 0 && wn_op_arity(op) <= 3);
    if (wn_op_arity(op) == 0 || op == WN_OP_TABLE || op == WN_OP_TABLE_D) continue;
    wn_graph *graph = open_graph();
    check_opcode(graph, op, v, n);
    wn_graph_destroy(graph);
    n_seen++;
  }
  assert_int_equal(n_seen, WN_N_OP - 7);
}

static void test_leaves_evaluate(void **state) {
  (void)state;
  wn_graph *graph = open_graph();
  const double param[2] = {1, 2}, states[2] = {3, 4}, covariate[2] = {5, 6};
  wn_point point = {.time = 7, .param = param, .state = states, .covariate = covariate};
  assert_true(wn_graph_eval(graph, wn_graph_leaf(graph, WN_OP_PARAM, 1), &point) == 2);
  assert_true(wn_graph_eval(graph, wn_graph_leaf(graph, WN_OP_STATE, 0), &point) == 3);
  assert_true(wn_graph_eval(graph, wn_graph_leaf(graph, WN_OP_COVARIATE, 1), &point) == 6);
  assert_true(wn_graph_eval(graph, wn_graph_leaf(graph, WN_OP_TIME, 0), &point) == 7);
  assert_true(wn_graph_eval(graph, wn_graph_const(graph, 8), &point) == 8);
  wn_graph_destroy(graph);
}

static void test_same_node(void **state) {
  (void)state;
  wn_graph *graph = open_graph();
  wn_node x = leaf(graph, 0), y = leaf(graph, 1), p = wn_graph_leaf(graph, WN_OP_PARAM, 0);
  assert_true(x != y && x != p);
  assert_int_equal(x, leaf(graph, 0));
  assert_int_equal(wn_graph_leaf(graph, WN_OP_TIME, 0), wn_graph_leaf(graph, WN_OP_TIME, 3));
  assert_int_equal(wn_graph_const(graph, 2.5), wn_graph_const(graph, 2.5));
  assert_int_equal(wn_graph_const(graph, NAN), wn_graph_const(graph, -NAN));
  assert_true(wn_graph_const(graph, 2.5) != wn_graph_const(graph, nextafter(2.5, 3)));
  wn_node sum = apply(graph, WN_OP_ADD, x, y), ratio = apply(graph, WN_OP_DIV, x, y);
  int size = wn_graph_size(graph);
  static const wn_op swappable[] = {WN_OP_ADD, WN_OP_MUL, WN_OP_MIN, WN_OP_MAX, WN_OP_EQ, WN_OP_AND, WN_OP_OR};
  for (int i = 0; i < 7; i++) assert_int_equal(apply(graph, swappable[i], x, y), apply(graph, swappable[i], y, x));
  assert_int_equal(apply(graph, WN_OP_ADD, y, x), sum);
  assert_int_equal(apply(graph, WN_OP_DIV, x, y), ratio);
  assert_true(apply(graph, WN_OP_DIV, y, x) != ratio);
  assert_int_equal(wn_graph_size(graph), size + 6 + 1);
  wn_node_info info = wn_graph_info(graph, ratio);
  assert_true(info.op == WN_OP_DIV && info.args[0] == x && info.args[1] == y && info.args[2] == WN_NO_NODE);
  wn_graph_destroy(graph);
}

static void test_depends(void **state) {
  (void)state;
  wn_graph *graph = open_graph();
  wn_node x = leaf(graph, 3), p = wn_graph_leaf(graph, WN_OP_PARAM, 2), t = wn_graph_leaf(graph, WN_OP_TIME, 0);
  wn_node c = wn_graph_leaf(graph, WN_OP_COVARIATE, 1), px = apply(graph, WN_OP_MUL, p, x);
  wn_node all = apply(graph, WN_OP_ADD, px, apply(graph, WN_OP_POW, t, c));
  assert_int_equal(wn_graph_depends(graph, wn_graph_const(graph, 3)), 0);
  assert_int_equal(wn_graph_depends(graph, t), 1u << WN_OP_TIME);
  assert_int_equal(wn_graph_depends(graph, px), 1u << WN_OP_PARAM | 1u << WN_OP_STATE);
  assert_int_equal(wn_graph_depends(graph, all),
                   1u << WN_OP_PARAM | 1u << WN_OP_STATE | 1u << WN_OP_TIME | 1u << WN_OP_COVARIATE);

  unsigned char used[5] = {0};
  wn_graph_leaves(graph, all, WN_OP_STATE, used, 5);
  assert_memory_equal(used, ((unsigned char[]){0, 0, 0, 1, 0}), 5);
  wn_graph_leaves(graph, all, WN_OP_PARAM, used, 5);
  assert_memory_equal(used, ((unsigned char[]){0, 0, 1, 1, 0}), 5);
  wn_graph_leaves(graph, all, WN_OP_COVARIATE, used, 5);
  assert_memory_equal(used, ((unsigned char[]){0, 1, 1, 1, 0}), 5);
  memset(used, 0, sizeof used);
  wn_graph_leaves(graph, t, WN_OP_STATE, used, 5);
  assert_memory_equal(used, ((unsigned char[]){0, 0, 0, 0, 0}), 5);
  wn_graph_destroy(graph);
}

// more states than there are marks: still exact, by a walk; without memory for it, all
static void test_many_leaves(void **state) {
  (void)state;
  enum { N = 200 };
  wn_graph *graph = open_graph();
  wn_node sum = wn_graph_const(graph, 0);
  unsigned char used[N] = {0}, expected[N] = {0};
  for (int i = 0; i < N; i++) leaf(graph, i);
  for (int i = 5; i < N; i += 64 + 7) {
    sum = apply(graph, WN_OP_ADD, sum, leaf(graph, i));
    expected[i] = 1;
  }
  wn_graph_leaves(graph, sum, WN_OP_STATE, used, N);
  assert_memory_equal(used, expected, N);
  wn_alloc_fail_after(0);
  wn_graph_leaves(graph, sum, WN_OP_STATE, used, N);
  wn_alloc_fail_after(-1);
  for (int i = 0; i < N; i++) assert_int_equal(used[i], 1);
  wn_graph_destroy(graph);
}

// f(f(...f(x))) with every level used twice: 2^300 paths, 300 * 2 nodes
static void test_shared(void **state) {
  (void)state;
  wn_graph *graph = open_graph();
  double x = 0.7, want = x;
  wn_node node = leaf(graph, 0), nodes[300];
  for (int i = 0; i < 300; i++) {
    nodes[i] = node = apply(graph, WN_OP_ADD, apply(graph, WN_OP_SIN, node, WN_NO_NODE), node);
    want = sin(want) + want;
  }
  int size = wn_graph_size(graph);
  double many[300];
  wn_point point = {.state = &x};
  assert_near(wn_graph_eval(graph, node, &point), want, 1e-12);
  assert_int_equal(wn_graph_eval_many(graph, nodes, 300, &point, many), WN_OK);
  for (int i = 0; i < 300; i += 37) assert_true(many[i] == wn_graph_eval(graph, nodes[i], &point));
  assert_int_equal(wn_graph_eval_many(graph, nodes, 0, &point, many), WN_OK);
  assert_int_equal(wn_graph_size(graph), size);
  wn_alloc_fail_after(0);
  assert_int_equal(wn_graph_eval_many(graph, nodes, 300, &point, many), WN_ERR_MEMORY);
  wn_alloc_fail_after(1);
  assert_true(isnan(wn_graph_eval(graph, node, &point)));
  wn_alloc_fail_after(-1);
  wn_graph_destroy(graph);
}

// a million nodes, one on top of the other
static void test_deep(void **state) {
  (void)state;
  wn_graph *graph = open_graph();
  wn_node x = leaf(graph, 0), node = x;
  for (int i = 0; i < 500000; i++)
    node = apply(graph, WN_OP_ADD, apply(graph, WN_OP_ATAN, node, WN_NO_NODE), wn_graph_leaf(graph, WN_OP_PARAM, 0));
  assert_true(wn_graph_size(graph) >= 1000000);
  double p = 0.1, at = 2;
  wn_point point = {.param = &p, .state = &at};
  double value = wn_graph_eval(graph, node, &point);
  assert_near(value, atan(value) + p, 1e-12);  // a fixed point by now
  wn_graph_destroy(graph);
}

// build something that passes through every part of the graph; WN_NO_NODE when any piece is missing
static wn_node build_sample(wn_graph *graph) {
  static const double x[3] = {0, 1, 4}, y[3] = {2, 3, 1};
  int table = wn_graph_add_table(graph, WN_TABLE_PCHIP, 3, x, y);
  if (table < 0) return WN_NO_NODE;
  wn_node a = leaf(graph, 0), b = leaf(graph, 1), n = wn_graph_leaf(graph, WN_OP_PARAM, 0);
  wn_node positive = apply(graph, WN_OP_MAX, a, wn_graph_const(graph, 0));
  wn_node hill = apply(graph, WN_OP_POW, positive, n), sum = wn_graph_const(graph, 1);
  for (int i = 0; i < 200; i++) {
    wn_node term = apply(graph, WN_OP_MUL, apply(graph, WN_OP_POW, b, wn_graph_const(graph, i % 9)), hill);
    sum = apply(graph, WN_OP_ADD, apply(graph, WN_OP_DIV, term, wn_graph_const(graph, i + 3)), sum);
    sum = apply(graph, WN_OP_SUB, sum, wn_graph_table(graph, table, apply(graph, WN_OP_MUL, sum, a)));
  }
  wn_node d = wn_graph_diff(graph, sum, a), e = wn_graph_diff(graph, d, b), f = wn_graph_diff(graph, sum, n);
  return wn_graph_apply(graph, WN_OP_WHERE, apply(graph, WN_OP_LT, a, b), d, apply(graph, WN_OP_ADD, e, f));
}

static void test_out_of_memory(void **state) {
  (void)state;
  wn_graph *whole = open_graph();
  wn_node node = build_sample(whole);
  assert_true(node != WN_NO_NODE);
  int size = wn_graph_size(whole), n = 0;
  for (bool done = false; !done; n++) {
    wn_alloc_fail_after(n);
    wn_graph *graph = wn_graph_create();
    wn_node broken = graph ? build_sample(graph) : WN_NO_NODE;
    wn_alloc_fail_after(-1);
    done = broken != WN_NO_NODE;
    if (done) {
      assert_int_equal(broken, node);
    } else if (graph) {
      // the graph is still good: the same again, as if nothing had happened
      double at[2] = {0.8, 1.1}, p = 1.7;
      wn_point point = {.param = &p, .state = at};
      wn_node again = build_sample(graph);
      assert_true(again != WN_NO_NODE);
      assert_true(wn_graph_size(graph) >= size);
      assert_near(wn_graph_eval(graph, again, &point) / wn_graph_eval(whole, node, &point), 1, 1e-12);
    }
    wn_graph_destroy(graph);
  }
  assert_true(n > 20);
  wn_graph_destroy(whole);
  wn_graph_destroy(NULL);
}

static void test_none_in_none_out(void **state) {
  (void)state;
  wn_graph *graph = open_graph();
  wn_node x = leaf(graph, 0), zero = wn_graph_const(graph, 0);
  assert_int_equal(apply(graph, WN_OP_ADD, x, WN_NO_NODE), WN_NO_NODE);
  assert_int_equal(apply(graph, WN_OP_MUL, zero, WN_NO_NODE), WN_NO_NODE);
  assert_int_equal(apply(graph, WN_OP_EXP, WN_NO_NODE, x), WN_NO_NODE);
  assert_int_equal(wn_graph_apply(graph, WN_OP_WHERE, zero, WN_NO_NODE, x), WN_NO_NODE);
  assert_int_equal(wn_graph_diff(graph, WN_NO_NODE, x), WN_NO_NODE);
  assert_int_equal(wn_graph_diff(graph, x, WN_NO_NODE), WN_NO_NODE);
  assert_true(apply(graph, WN_OP_EXP, x, WN_NO_NODE) != WN_NO_NODE);
  wn_graph_destroy(graph);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_every_opcode),
      cmocka_unit_test(test_leaves_evaluate),
      cmocka_unit_test(test_same_node),
      cmocka_unit_test(test_depends),
      cmocka_unit_test(test_many_leaves),
      cmocka_unit_test(test_shared),
      cmocka_unit_test(test_deep),
      cmocka_unit_test(test_out_of_memory),
      cmocka_unit_test(test_none_in_none_out),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

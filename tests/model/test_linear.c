// test_linear.c - what is linear: forms of expressions, the largest sub-system, outputs; and that a function with steps
// is not taken for linear although its derivative is 0.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/linear.h"

#include <stdbool.h>
#include <string.h>

enum { MOST = 8 };

static wn_model *blank(int n_state, int n_output) {
  static const char *const names[MOST] = {"A", "B", "C", "D", "E", "F", "G", "H"};
  static const char *const outputs[] = {"first", "second", "third"};
  wn_model *m = wn_model_create();
  assert_non_null(m);
  m->name = m->path = "form";
  m->n_state = n_state, m->n_output = n_output, m->n_param = 2, m->n_covariate = 1;
  m->param = wn_arena_alloc(m->arena, 2 * sizeof *m->param);
  m->covariate = wn_arena_alloc(m->arena, sizeof *m->covariate);
  m->state = wn_arena_alloc(m->arena, MOST * sizeof *m->state);
  m->output = wn_arena_alloc(m->arena, MOST * sizeof *m->output);
  m->param[0] = (wn_parameter){.name = "k", .value = 0.3};
  m->param[1] = (wn_parameter){.name = "v", .value = 2.0};
  m->covariate[0] = (wn_covariate){.name = "w", .value = 70.0};
  for (int i = 0; i < n_state; i++)
    m->state[i] = (wn_state){.name = names[i], .initial = WN_NO_NODE, .derivative = wn_graph_const(m->graph, 0)};
  for (int i = 0; i < n_output; i++)
    m->output[i] = (wn_output){.name = outputs[i], .value = wn_graph_const(m->graph, 0)};
  return m;
}

static wn_node leaf(const wn_model *m, wn_op op, int index) { return wn_graph_leaf(m->graph, op, index); }
static wn_node state(const wn_model *m, int index) { return leaf(m, WN_OP_STATE, index); }
static wn_node one(const wn_model *m, wn_op op, wn_node a) {
  return wn_graph_apply(m->graph, op, a, WN_NO_NODE, WN_NO_NODE);
}
static wn_node two(const wn_model *m, wn_op op, wn_node a, wn_node b) {
  return wn_graph_apply(m->graph, op, a, b, WN_NO_NODE);
}

static void compile(wn_model *m) {
  wn_error err = {0};
  if (wn_model_compile(m, &err)) fail_msg("%s", err.message);
}

// as the only derivative, and as an output
static void expect(wn_model *m, wn_node node, bool is_linear) {
  m->state[0].derivative = m->output[0].value = node;
  compile(m);
  assert_int_equal(m->is_linear, is_linear);
  assert_int_equal(m->n_linear, is_linear);
  assert_int_equal(m->linear_state[0], is_linear);
  assert_int_equal(m->linear_output[0], is_linear);
  wn_model_destroy(m);
}

#define EXPECT(is_linear, expression)                                                                                \
  do {                                                                                                               \
    wn_model *m = blank(1, 1);                                                                                       \
    const wn_node A = state(m, 0), k = leaf(m, WN_OP_PARAM, 0), v = leaf(m, WN_OP_PARAM, 1),                         \
                  w = leaf(m, WN_OP_COVARIATE, 0), t = leaf(m, WN_OP_TIME, 0), number = wn_graph_const(m->graph, 2); \
    (void)A, (void)k, (void)v, (void)w, (void)t, (void)number;                                                       \
    expect(m, expression, is_linear);                                                                                \
  } while (0)

static void forms(void **unused) {
  (void)unused;
  EXPECT(true, A);
  EXPECT(true, number);
  EXPECT(true, one(m, WN_OP_EXP, two(m, WN_OP_DIV, k, w)));
  EXPECT(true, one(m, WN_OP_NEG, two(m, WN_OP_MUL, two(m, WN_OP_DIV, k, v), A)));
  EXPECT(true, two(m, WN_OP_ADD, two(m, WN_OP_MUL, A, two(m, WN_OP_POW, w, k)), v));
  EXPECT(true, two(m, WN_OP_SUB, k, two(m, WN_OP_DIV, two(m, WN_OP_ADD, A, k), v)));
  EXPECT(true, two(m, WN_OP_MUL, two(m, WN_OP_LT, k, v), A));
  EXPECT(true, wn_graph_apply(m->graph, WN_OP_WHERE, two(m, WN_OP_LT, w, k), A, v));
  EXPECT(true, two(m, WN_OP_MIN, k, v));

  EXPECT(false, t);
  EXPECT(false, two(m, WN_OP_MUL, A, t));
  EXPECT(false, two(m, WN_OP_MUL, A, two(m, WN_OP_ADD, A, k)));
  EXPECT(false, two(m, WN_OP_POW, A, number));
  EXPECT(false, two(m, WN_OP_DIV, k, A));
  EXPECT(false, two(m, WN_OP_DIV, A, two(m, WN_OP_ADD, A, k)));
  EXPECT(false, one(m, WN_OP_EXP, A));
  EXPECT(false, one(m, WN_OP_SQRT, A));
  EXPECT(false, one(m, WN_OP_ABS, A));
  EXPECT(false, two(m, WN_OP_MAX, A, k));
  EXPECT(false, wn_graph_apply(m->graph, WN_OP_WHERE, two(m, WN_OP_LT, w, k), two(m, WN_OP_MUL, A, A), v));
}

// the Jacobian of these is constant, though they are no straight lines
static void steps_are_not_linear(void **unused) {
  (void)unused;
  EXPECT(false, one(m, WN_OP_FLOOR, A));
  EXPECT(false, two(m, WN_OP_LT, A, k));
  EXPECT(false, two(m, WN_OP_MUL, k, two(m, WN_OP_LE, A, v)));
  EXPECT(false, wn_graph_apply(m->graph, WN_OP_WHERE, two(m, WN_OP_LT, A, k), k, v));
  EXPECT(false, two(m, WN_OP_ADD, A, one(m, WN_OP_NOT, A)));
}

static void table_of_a_state(void **unused) {
  (void)unused;
  const double x[] = {0, 1, 2}, y[] = {0, 2, 4};
  for (int reads_state = 0; reads_state < 2; reads_state++) {
    wn_model *m = blank(1, 1);
    const int table = wn_graph_add_table(m->graph, WN_TABLE_LINEAR, 3, x, y);
    assert_true(table >= 0);
    expect(m, wn_graph_table(m->graph, table, reads_state ? state(m, 0) : leaf(m, WN_OP_PARAM, 0)), !reads_state);
  }
}

// A -> B <-> C; D = A B; E reads D; F reads itself and C; G reads E through F's neighbour H
static void the_largest_closed_part(void **unused) {
  (void)unused;
  wn_model *m = blank(8, 3);
  const int reads[8][2] = {{0, 0}, {0, 2}, {1, 2}, {0, 1}, {3, 4}, {5, 2}, {7, 6}, {4, 7}};
  const unsigned char want[8] = {1, 1, 1, 0, 0, 1, 0, 0};
  for (int i = 0; i < 8; i++)
    m->state[i].derivative =
        two(m, i == 3 ? WN_OP_MUL : WN_OP_SUB, state(m, reads[i][0]),
            i == 3 ? state(m, reads[i][1]) : two(m, WN_OP_MUL, leaf(m, WN_OP_PARAM, 0), state(m, reads[i][1])));
  // an output may be linear in whatever states
  m->output[0].value = two(m, WN_OP_ADD, state(m, 6), state(m, 0));
  m->output[1].value = two(m, WN_OP_MUL, state(m, 6), state(m, 0));
  m->output[2].value = two(m, WN_OP_DIV, state(m, 1), leaf(m, WN_OP_PARAM, 1));
  compile(m);
  assert_memory_equal(m->linear_state, want, sizeof want);
  assert_true(m->n_linear == 4 && !m->is_linear);
  assert_true(m->linear_output[0] && !m->linear_output[1] && m->linear_output[2]);
  wn_model_destroy(m);
}

// what is linear by itself but in a ring with something that is not
static void a_ring_falls_together(void **unused) {
  (void)unused;
  wn_model *m = blank(5, 0);
  for (int i = 0; i < 5; i++) m->state[i].derivative = state(m, (i + 1) % 5);
  compile(m);
  assert_true(m->is_linear && m->n_linear == 5);
  wn_model_destroy(m);
  m = blank(5, 0);
  for (int i = 0; i < 5; i++) m->state[i].derivative = state(m, (i + 1) % 5);
  m->state[2].derivative = one(m, WN_OP_EXP, state(m, 3));
  compile(m);
  assert_true(!m->is_linear && m->n_linear == 0);
  wn_model_destroy(m);
}

// a covariate that runs linearly makes its equation depend on the time
static void running_covariates(void **unused) {
  (void)unused;
  for (int runs = 0; runs < 2; runs++) {
    wn_model *m = blank(2, 0);
    m->covariate[0].interpolation = runs ? WN_COVARIATE_LINEAR : WN_COVARIATE_FORWARD;
    m->state[0].derivative = two(m, WN_OP_MUL, leaf(m, WN_OP_COVARIATE, 0), state(m, 0));
    m->state[1].derivative = one(m, WN_OP_NEG, state(m, 1));
    compile(m);
    assert_int_equal(m->n_linear, runs ? 1 : 2);
    assert_int_equal(m->is_linear, !runs);
    wn_model_destroy(m);
  }
}

static void every_failed_allocation_is_clean(void **unused) {
  (void)unused;
  wn_model *m = blank(3, 2);
  m->state[1].derivative = state(m, 0);
  long n = 0;
  for (; n < 20; n++) {
    wn_alloc_fail_after(n);
    const bool ok = wn_linear_find(m);
    wn_alloc_fail_after(-1);
    if (ok) break;
  }
  assert_true(n >= 2 && n < 20);
  assert_true(m->is_linear && m->n_linear == 3);
  wn_model_destroy(m);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(forms),
      cmocka_unit_test(steps_are_not_linear),
      cmocka_unit_test(table_of_a_state),
      cmocka_unit_test(the_largest_closed_part),
      cmocka_unit_test(a_ring_falls_together),
      cmocka_unit_test(running_covariates),
      cmocka_unit_test(every_failed_allocation_is_clean),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

// test_program.c - programs of random graphs against the graph walked on plain numbers, bit for bit, for every width
// and both sets of kernels; what lowering promises; every allocation failing once.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "expr/graphs.h"
#include "expr/kernels.h"

static void the_branch_not_taken_does_not_leak(void **fixture) {
  (void)fixture;
  wn_graph *graph = wn_graph_create();
  wn_node x = state(graph, 0), zero = wn_graph_const(graph, 0);
  wn_node is_positive = wn_graph_apply(graph, WN_OP_LT, zero, x, WN_NO_NODE);
  wn_node root = wn_graph_apply(graph, WN_OP_WHERE, is_positive,
                                wn_graph_apply(graph, WN_OP_LOG, x, WN_NO_NODE, WN_NO_NODE), zero);
  wn_program *program = wn_program_create(graph, &root, 1, NULL);
  inputs in = random_inputs(random_unit);
  in.state[0][1] = -1, in.state[0][2] = 0;
  double *out = run_program(program, &in, 4);
  assert_true(out[1] == 0 && out[2] == 0);
  assert_true(out[0] == wn_scalar_op(WN_OP_LOG, in.state[0][0], 0, 0));
  wn_free(out);
  wn_program_destroy(program);
  wn_graph_destroy(graph);
}

// ---- random graphs ----

// every lane of every width against the graph walked on plain numbers
static void check_graph(const wn_graph *graph, const wn_node *roots, int n_root, const wn_program *program,
                        const inputs *in) {
  static const int widths[] = {4, 8, 12, 16, 28, 40};
  for (size_t w = 0; w < sizeof widths / sizeof *widths; w++) {
    int width = widths[w];
    double *out = run_program(program, in, width);
    for (int lane = 0; lane < width; lane++) {
      double param[N_PARAM], states[N_STATE], covariate[N_COVARIATE];
      for (int i = 0; i < N_PARAM; i++) param[i] = in->param[i][lane];
      for (int i = 0; i < N_STATE; i++) states[i] = in->state[i][lane];
      for (int i = 0; i < N_COVARIATE; i++) covariate[i] = in->covariate[i][lane];
      wn_point point = {in->time[lane], param, states, covariate};
      for (int k = 0; k < n_root; k++)
        assert_same(out[k * width + lane], wn_graph_eval(graph, roots[k], &point), "root", k, lane);
    }
    wn_free(out);
  }
}

static void random_graphs_have_the_bits_of_the_walk(void **fixture) {
  (void)fixture;
  for (int round = 0; round < 150; round++) {
    wn_graph *graph = wn_graph_create();
    wn_node roots[N_ROOT];
    int n_root = random_graph(graph, roots, round < 50 ? 12 : N_NODE);
    wn_program *program = wn_program_create(graph, roots, n_root, NULL);
    assert_non_null(program);
    inputs in = random_inputs(round % 2 ? random_number : random_unit);
    check_graph(graph, roots, n_root, program, &in);
    wn_program_destroy(program);
    wn_graph_destroy(graph);
  }
}

static void kernel_sets_have_the_same_bits(void **fixture) {
  (void)fixture;
  if (!has_avx2()) skip();
  for (int round = 0; round < 60; round++) {
    wn_graph *graph = wn_graph_create();
    wn_node roots[N_ROOT];
    int n_root = random_graph(graph, roots, N_NODE);
    wn_program *program =
        round % 3 ? wn_program_create(graph, roots, n_root, NULL) : wn_program_create_fused(graph, roots, n_root, NULL);
    inputs in = random_inputs(round % 2 ? random_number : random_unit);
    wn_kernels_force(&wn_kernels_avx2);
    double *avx2 = run_program(program, &in, MAX_WIDTH);
    wn_kernels_force(&wn_kernels_portable);
    assert_string_equal(wn_program_kernels(), "portable");
    double *portable = run_program(program, &in, MAX_WIDTH);
    wn_kernels_force(NULL);
    for (int i = 0; i < n_root * MAX_WIDTH; i++) assert_same(portable[i], avx2[i], "output", i, round);
    wn_free(avx2), wn_free(portable);
    wn_program_destroy(program);
    wn_graph_destroy(graph);
  }
}

// ---- what lowering promises ----

static void rows_are_reused(void **fixture) {
  (void)fixture;
  // a chain of n functions, each dead after the next: one row, or two
  wn_graph *graph = wn_graph_create();
  wn_node root = state(graph, 0);
  for (int i = 0; i < 200; i++)
    root = wn_graph_apply(graph, i % 2 ? WN_OP_TANH : WN_OP_SIN, root, WN_NO_NODE, WN_NO_NODE);
  wn_program *program = wn_program_create(graph, &root, 1, NULL);
  assert_int_equal(wn_program_n_instruction(program), 200);
  assert_true(wn_program_workspace(program, 4) <= 2 * 4);
  wn_program_destroy(program);
  wn_graph_destroy(graph);
}

static void parameters_only_work_is_done_by_bind(void **fixture) {
  (void)fixture;
  wn_graph *graph = wn_graph_create();
  wn_node a = wn_graph_leaf(graph, WN_OP_PARAM, 0), b = wn_graph_leaf(graph, WN_OP_COVARIATE, 1);
  wn_node rate =
      wn_graph_apply(graph, WN_OP_EXP, wn_graph_apply(graph, WN_OP_DIV, a, b, WN_NO_NODE), WN_NO_NODE, WN_NO_NODE);
  wn_node root = wn_graph_apply(graph, WN_OP_MUL, rate, state(graph, 0), WN_NO_NODE);
  wn_program *program = wn_program_create(graph, &root, 1, NULL);
  assert_int_equal(wn_program_n_instruction(program), 1);
  assert_int_equal(wn_program_n_output(program), 1);
  wn_program_destroy(program);
  wn_graph_destroy(graph);
}

static void pairs_take_one_instruction(void **fixture) {
  (void)fixture;
  wn_graph *graph = wn_graph_create();
  wn_node x = state(graph, 0), y = state(graph, 1), z = state(graph, 2);
  wn_node product = wn_graph_apply(graph, WN_OP_MUL, x, y, WN_NO_NODE);
  wn_node root = wn_graph_apply(graph, WN_OP_SUB, z, product, WN_NO_NODE);
  wn_node both[2] = {root, product};
  wn_program *one = wn_program_create(graph, both, 1, NULL), *two = wn_program_create(graph, both, 2, NULL);
  assert_int_equal(wn_program_n_instruction(one), 1);
  // an output is computed on its own, and read back
  assert_int_equal(wn_program_n_instruction(two), 2);
  wn_program_destroy(one);
  wn_program_destroy(two);
  wn_graph_destroy(graph);
}

static void leaves_and_repeats_can_be_outputs(void **fixture) {
  (void)fixture;
  wn_graph *graph = wn_graph_create();
  wn_node x = state(graph, 3), e = wn_graph_apply(graph, WN_OP_EXP, x, WN_NO_NODE, WN_NO_NODE);
  wn_node roots[] = {e,
                     wn_graph_leaf(graph, WN_OP_TIME, 0),
                     wn_graph_leaf(graph, WN_OP_PARAM, 2),
                     wn_graph_leaf(graph, WN_OP_COVARIATE, 0),
                     wn_graph_const(graph, 2.5),
                     x,
                     e};
  wn_program *program = wn_program_create(graph, roots, 7, NULL);
  inputs in = random_inputs(random_unit);
  double *out = run_program(program, &in, 4);
  for (int lane = 0; lane < 4; lane++) {
    double expected[] = {wn_scalar_op(WN_OP_EXP, in.state[3][lane], 0, 0),
                         in.time[lane],
                         in.param[2][lane],
                         in.covariate[0][lane],
                         2.5,
                         in.state[3][lane],
                         wn_scalar_op(WN_OP_EXP, in.state[3][lane], 0, 0)};
    for (int k = 0; k < 7; k++) assert_same(out[4 * k + lane], expected[k], "output", k, lane);
  }
  wn_free(out);
  wn_program_destroy(program);
  wn_graph_destroy(graph);
}

static void a_program_without_outputs_is_fine(void **fixture) {
  (void)fixture;
  wn_graph *graph = wn_graph_create();
  wn_program *program = wn_program_create(graph, NULL, 0, NULL);
  wn_graph_destroy(graph);
  assert_non_null(program);
  inputs in = random_inputs(random_unit);
  wn_free(run_program(program, &in, 4));
  wn_program_destroy(program);
}

static void tables_outlive_the_graph(void **fixture) {
  (void)fixture;
  wn_graph *graph = wn_graph_create();
  double x[] = {0, 1, 2}, y[] = {0, 10, 30};
  for (int kind = 0; kind < 3; kind++) wn_graph_add_table(graph, WN_TABLE_LINEAR, 3 - (kind == 1), x, y);
  wn_node roots[] = {wn_graph_table(graph, 2, state(graph, 0)), WN_NO_NODE};
  roots[1] = wn_graph_diff(graph, roots[0], state(graph, 0));
  wn_program *program = wn_program_create(graph, roots, 2, NULL);
  wn_graph_destroy(graph);
  inputs in = random_inputs(random_unit);
  in.state[0][0] = -5, in.state[0][1] = 0.5, in.state[0][2] = 1.5, in.state[0][3] = 7;
  double *out = run_program(program, &in, 4);
  assert_true(out[0] == 0 && out[1] == 5 && out[2] == 20 && out[3] == 30);
  assert_true(out[4] == 0 && out[5] == 10 && out[6] == 20 && out[7] == 0);
  wn_free(out);
  wn_program_destroy(program);
}

// ---- running out of memory ----

static void every_failed_allocation_is_clean(void **fixture) {
  (void)fixture;
  wn_graph *graph = wn_graph_create();
  wn_node roots[N_ROOT];
  int n_root = random_graph(graph, roots, N_NODE);
  double x[] = {0, 1}, y[] = {1, 2};
  roots[0] = wn_graph_table(graph, wn_graph_add_table(graph, WN_TABLE_LINEAR, 2, x, y), state(graph, 0));
  for (long n = 0;; n++) {
    wn_error err = {0};
    wn_alloc_fail_after(n);
    wn_program *program = wn_program_create(graph, roots, n_root, &err);
    wn_alloc_fail_after(-1);
    if (program) {
      assert_true(n > 5);
      wn_program_destroy(program);
      break;
    }
    assert_int_equal(err.status, WN_ERR_MEMORY);
  }
  // a node that could not be made
  wn_error err = {0};
  wn_node none = WN_NO_NODE;
  assert_null(wn_program_create(graph, &none, 1, &err));
  assert_int_equal(err.status, WN_ERR_MEMORY);
  wn_graph_destroy(graph);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_branch_not_taken_does_not_leak),
      cmocka_unit_test(random_graphs_have_the_bits_of_the_walk),
      cmocka_unit_test(kernel_sets_have_the_same_bits),
      cmocka_unit_test(rows_are_reused),
      cmocka_unit_test(parameters_only_work_is_done_by_bind),
      cmocka_unit_test(pairs_take_one_instruction),
      cmocka_unit_test(leaves_and_repeats_can_be_outputs),
      cmocka_unit_test(a_program_without_outputs_is_fine),
      cmocka_unit_test(tables_outlive_the_graph),
      cmocka_unit_test(every_failed_allocation_is_clean),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

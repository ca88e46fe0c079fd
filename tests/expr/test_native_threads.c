// Threads that evaluate a program while others have its code made, quick and then compiled in its place: everybody gets
// the bits of the interpreter all the time.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/pool.h"
#include "expr/graphs.h"
#include "expr/native.h"

#include <stdatomic.h>
#include <stdlib.h>

enum { N_TASK = 400, N_THREAD = 4, N_EVAL = 50, WIDTH = 8 };

typedef struct racing {
  wn_program *program;
  wn_native *native;
  inputs in;
  double *expected;
  atomic_int n_wrong;
} racing;

static void race(void *context, int worker, int index) {
  (void)worker;
  racing *all = context;
  // first all is interpreted
  if (index > N_TASK / 8) wn_native_prepare(all->native, index % 3 ? WIDTH : 4, 1);
  size_t n = (size_t)wn_program_n_output(all->program) * WIDTH * sizeof(double);
  for (int i = 0; i < N_EVAL; i++) {
    double *out = run_program(all->program, &all->in, WIDTH);
    if (memcmp(out, all->expected, n)) all->n_wrong++;
    wn_free(out);
  }
}

static void code_is_replaced_while_it_runs(void **fixture) {
  (void)fixture;
  for (int round = 0; round < 3; round++) {
    wn_graph *graph = wn_graph_create();
    wn_node roots[N_ROOT];
    int n_root = 4;
    for (int k = 0; k < n_root; k++) {
      wn_node sum = wn_graph_apply(graph, WN_OP_ADD, state(graph, k), state(graph, k + 1), WN_NO_NODE);
      roots[k] = wn_graph_apply(graph, k % 2 ? WN_OP_MUL : WN_OP_EXP, sum, k % 2 ? sum : WN_NO_NODE, WN_NO_NODE);
    }
    racing all = {.in = random_inputs(random_unit)};
    all.program = wn_program_create(graph, roots, n_root, NULL);
    all.expected = run_program(all.program, &all.in, WIDTH);
    all.native = wn_native_create(&all.program, 1, NULL);
    wn_pool_run(N_THREAD, N_TASK, race, &all);
    assert_int_equal(all.n_wrong, 0);
    wn_free(all.expected);
    wn_program_destroy(all.program);
    wn_native_destroy(all.native);
    wn_graph_destroy(graph);
  }
}

int main(void) {
  setenv("WANE_NATIVE", "on", 1);
  const struct CMUnitTest tests[] = {cmocka_unit_test(code_is_replaced_while_it_runs)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}

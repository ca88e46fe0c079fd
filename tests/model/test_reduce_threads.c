// Threads that reduce one model at the same time share what is left, and the machine code made for it.
#include "sim/fixture.h"

#include "base/pool.h"
#include "model/reduce.h"

#include <stdlib.h>

enum { N_TASK = 64 };
enum { A, B, C };

// A is given, B is not, C follows both
static wn_model *make_three(void) {
  wn_model *m = new_model("three");
  put_param(m, "K", 0.5);
  wn_node k = p_(m, 0);
  put_state(m, "A", neg(m, mul(m, k, s_(m, A))), c_(m, 0));
  put_state(m, "B", neg(m, mul(m, k, s_(m, B))), c_(m, 0));
  put_state(m, "C", sub(m, mul(m, k, add(m, s_(m, A), s_(m, B))), s_(m, C)), c_(m, 0));
  put_output(m, "a", "", s_(m, A));
  put_output(m, "c", "", mul(m, k, s_(m, C)));
  return compile(m);
}

typedef struct racing {
  const wn_model *model;
  wn_run_domain run, narrow;
  wn_reduced *found[N_TASK];
} racing;

static void race(void *context, int worker, int index) {
  (void)worker;
  racing *all = context;
  wn_error err;
  if (wn_model_reduce(all->model, index % 2 ? &all->narrow : &all->run, &all->found[index], &err)) return;
  const wn_model *left = all->found[index]->model;
  wn_model_native(left, 4, 1e12);
  double param[4] = {1, 1, 1, 1}, state[8] = {1, 2, 3, 4, 5, 6, 7, 8}, time[4] = {0}, out[8];
  double *work = wn_alloc_doubles(wn_program_workspace(left->rhs, 4));
  wn_program_bind(left->rhs, 4, param, NULL, work);
  wn_program_eval(left->rhs, 4, time, state, work, out);
  wn_free(work);
  // dC = k A - C
  for (int lane = 0; lane < 4; lane++)
    if (out[4 + lane] != state[lane] - state[4 + lane]) all->found[index] = NULL;
}

static void test_shared_by_threads(void **state) {
  (void)state;
  for (int round = 0; round < 10; round++) {
    wn_model *m = make_three();
    wn_bounds param[] = {wn_bounds_point(1)};
    unsigned char given[] = {1, 0, 0}, wanted[] = {0, 1};
    racing all = {.model = m, .run = {.is_given = given, .param = param, .t_end = 48}};
    all.narrow = all.run;
    all.narrow.is_wanted = wanted;
    wn_pool_run(4, N_TASK, race, &all);
    assert_non_null(all.found[0]);
    assert_non_null(all.found[1]);
    assert_ptr_not_equal(all.found[0], all.found[1]);
    for (int i = 0; i < N_TASK; i++) assert_ptr_equal(all.found[i], all.found[i % 2]);
    wn_model_destroy(m);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_shared_by_threads)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}

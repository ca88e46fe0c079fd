// test_second.c - a data set's second opinion, and individuals whom rk gives up on: CVODE predicts them, the others
// keep their bits.

#include "io/records_model.h"
#include "sim/verify_records.h"

#include <math.h>

// y' = -k 70 / WT * y
static wn_node by_weight(wn_model *m, int state) {
  wn_node size =
      wn_graph_apply(m->graph, WN_OP_DIV, wn_graph_const(m->graph, 70), leaf_(m, WN_OP_COVARIATE, WT), WN_NO_NODE);
  return neg_(m, mul_(m, mul_(m, leaf_(m, WN_OP_PARAM, 0), size), leaf_(m, WN_OP_STATE, state)));
}

static int make_by_weight(void **state) {
  (void)state;
  model = make_model_with(by_weight);
  return 0;
}

enum { N_PERSON = 12, LIGHT = 5, N_OBSERVATION = 4 };

// an infusion into the centre and four observations; one person so light that it leaves in milliseconds
static wn_dataset *read_people(double weight) {
  static char text[8000];
  size_t at = (size_t)snprintf(text, sizeof text, "ID,TIME,EVID,AMT,CMT,RATE,WT\n");
  for (int p = 0; p < N_PERSON; p++) {
    const double wt = p == LIGHT ? weight : 60 + p;
    at += (size_t)snprintf(text + at, sizeof text - at, "%d,0,1,100,2,10,%g\n", p + 1, wt);
    for (int i = 1; i <= N_OBSERVATION; i++)
      at += (size_t)snprintf(text + at, sizeof text - at, "%d,%d,0,0,0,0,%g\n", p + 1, 2 * i, wt);
  }
  return read_text(text);
}

static const double K = 0.3;

static wn_records_def run_def(const wn_dataset *data) {
  wn_records_def def = {.data = data, .param = &K, .dialect = WN_DIALECT_NONMEM, .solver = wn_solver_default()};
  def.solver.name = "rk", def.solver.max_steps = 5000, def.n_thread = 2;
  return def;
}

static wn_records_result run(const wn_records_def *def) {
  wn_records_result result;
  wn_error err = {0};
  if (wn_records_run(def, &result, &err)) fail_msg("%s", err.message);
  return result;
}

static void test_second(void **state) {
  (void)state;
  wn_dataset *mild = read_people(70), *stiff = read_people(1e-4);
  const wn_records_def a = run_def(mild), b = run_def(stiff);
  wn_records_result good = run(&a), saved = run(&b);
  for (int p = 0; p < N_PERSON; p++) {
    assert_int_equal(saved.individual[p].status, WN_OK);
    assert_null(good.individual[p].second);
    if (p == LIGHT) {
      assert_string_equal(saved.individual[p].second, "bdf");
    } else {
      assert_null(saved.individual[p].second);
    }
    for (int row = mild->first[p]; row < mild->first[p + 1] && p != LIGHT; row++)
      assert_true(saved.value[row * saved.n_column + CENT] == good.value[row * good.n_column + CENT]);
  }
  // steady at once: input over rate
  const double want = 10 / (K * 70 / 1e-4);
  for (int i = 1; i <= N_OBSERVATION; i++)
    assert_true(fabs(saved.value[(stiff->first[LIGHT] + i) * saved.n_column + CENT] / want - 1) < 1e-5);
  wn_records_result_free(&good), wn_records_result_free(&saved);
  wn_dataset_destroy(mild), wn_dataset_destroy(stiff);
}

static void test_verify(void **state) {
  (void)state;
  wn_dataset *data = read_people(70);
  const wn_records_def def = run_def(data);
  const wn_verify_def all = {.share = 1, .n_thread = 2}, first = {.share = 1e-9, .n_thread = 1};
  wn_records_result result = run(&def);
  wn_error err = {0};
  wn_verification found = {0}, one = {0};
  assert_int_equal(wn_verify_records(&def, &result, &all, &found, &err), WN_OK);
  assert_true(found.n_all == N_PERSON && found.n_checked == N_PERSON && found.n_beyond == 0);
  assert_true(found.worst >= 0 && found.worst < 1e-5);
  assert_int_equal(wn_verify_records(&def, &result, &first, &one, &err), WN_OK);
  assert_true(one.n_all == N_PERSON && one.n_checked == 1);
  // a state that is wrong by a tenth
  result.value[(data->first[3] + 2) * result.n_column + CENT] *= 1.1;
  found = (wn_verification){0};
  assert_int_equal(wn_verify_records(&def, &result, &all, &found, &err), WN_OK);
  assert_int_equal(found.n_beyond, 1);
  wn_records_result_free(&result);
  wn_dataset_destroy(data);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_second), cmocka_unit_test(test_verify)};
  return cmocka_run_group_tests(tests, make_by_weight, drop_model);
}

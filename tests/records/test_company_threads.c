// test_company_threads.c - individuals with times and shapes of their own share lanes: what one gets is the same bits
// alone and in any company, on any number of threads, and a failure is its own.

#include "io/records_model.h"
#include "sim/records.h"

#include <math.h>

enum { N_PERSON = 41, MOST_TEXT = 40000, BAD = 18 };

// y' = -k 70 / WT * y / (1 + y): not linear, and not finite where nobody weighs anything
static wn_node saturable(wn_model *m, int state) {
  wn_node one = wn_graph_const(m->graph, 1), y = leaf_(m, WN_OP_STATE, state);
  wn_node share =
      wn_graph_apply(m->graph, WN_OP_DIV, y, wn_graph_apply(m->graph, WN_OP_ADD, one, y, WN_NO_NODE), WN_NO_NODE);
  wn_node size =
      wn_graph_apply(m->graph, WN_OP_DIV, wn_graph_const(m->graph, 70), leaf_(m, WN_OP_COVARIATE, WT), WN_NO_NODE);
  return neg_(m, mul_(m, mul_(m, leaf_(m, WN_OP_PARAM, 0), size), share));
}

static int make_saturable(void **state) {
  (void)state;
  model = make_model_with(saturable);
  return 0;
}

static double next_uniform(unsigned *seed) {
  *seed = *seed * 1664525u + 1013904223u;
  return (*seed >> 8) / 16777216.0;
}

// what happens to person p: doses at times of its own, infusions, a reset, compartments off and on, a weight that
// changes; observations in between
static size_t write_person(char *text, size_t at, int p, int bad) {
  unsigned seed = 7919u * (unsigned)p + 5u;
  double time = next_uniform(&seed);
  for (int i = 0; i < 6 + p % 5; i++, time += 0.5 + 5 * next_uniform(&seed)) {
    const int evid = i == 0 ? 1 : p % 4 == 1 && i == 4 ? 4 : p % 6 == 2 && i == 3 ? 2 : i % 3 == 0;
    const bool gives = evid == 1 || evid == 4;
    const double weight = p == bad && i >= 4 ? 0 : p % 3 == 0 && i > 2 ? 80 : 60 + p;
    if (evid == 4) time -= 3;
    at += (size_t)snprintf(text + at, MOST_TEXT - at, "%d,%.4f,%d,%g,%d,%g,%g\n", p + 1, time, evid,
                           gives ? 20 + 3.0 * p : 0,
                           evid == 2 ? -1
                           : gives   ? 2 - i % 2
                                     : 0,
                           gives && i == 3 ? 11.0 : 0, weight);
  }
  return at;
}

static wn_dataset *read_people(int first, int n, int bad) {
  static char text[MOST_TEXT];
  size_t at = (size_t)snprintf(text, MOST_TEXT, "ID,TIME,EVID,AMT,CMT,RATE,WT\n");
  for (int p = first; p < first + n; p++) at = write_person(text, at, p, bad);
  assert_true(at < MOST_TEXT - 100);
  return read_text(text);
}

static wn_records_result run(const wn_dataset *data, const char *solver, int n_thread) {
  static const double k = 0.7;
  wn_records_def def = {.data = data, .param = &k, .dialect = WN_DIALECT_NONMEM, .solver = wn_solver_default()};
  def.solver.name = solver, def.n_thread = n_thread;
  wn_records_result result;
  wn_error err = {0};
  if (wn_records_run(&def, &result, &err)) fail_msg("%s", err.message);
  return result;
}

static void assert_rows(const wn_records_result *a, int row_a, const wn_records_result *b, int row_b, int n) {
  const size_t n_column = (size_t)a->n_column;
  assert_memory_equal(a->value + (size_t)row_a * n_column, b->value + (size_t)row_b * n_column,
                      (size_t)n * n_column * sizeof(double));
}

static const char *const solvers[] = {"rk", "rosenbrock"};

static void company_changes_no_bit(void **state) {
  (void)state;
  wn_dataset *data = read_people(0, N_PERSON, -1);
  for (int s = 0; s < 2; s++) {
    wn_records_result all = run(data, solvers[s], 1);
    for (int n_thread = 2; n_thread < 5; n_thread++) {
      wn_records_result many = run(data, solvers[s], n_thread);
      assert_rows(&all, 0, &many, 0, all.n_row);
      wn_records_result_free(&many);
    }
    for (int p = 0; p < N_PERSON; p++) {
      wn_dataset *own = read_people(p, 1, -1);
      wn_records_result alone = run(own, solvers[s], 1);
      assert_int_equal(alone.individual[0].status, WN_OK);
      assert_rows(&all, data->first[p], &alone, 0, alone.n_row);
      for (int row = 0; row < alone.n_row; row++) assert_true(isfinite(alone.value[row * alone.n_column + CENT]));
      // nobody gives anything into the periphery
      assert_true(alone.value[(alone.n_row - 1) * alone.n_column + PERI] == 0);
      wn_records_result_free(&alone);
      wn_dataset_destroy(own);
    }
    wn_records_result_free(&all);
  }
  wn_dataset_destroy(data);
}

static void failures_are_their_own(void **state) {
  (void)state;
  wn_dataset *well = read_people(0, N_PERSON, -1), *ill = read_people(0, N_PERSON, BAD);
  const int first = well->first[BAD], after = well->first[BAD + 1];
  for (int s = 0; s < 2; s++) {
    wn_records_result good = run(well, solvers[s], 1), bad = run(ill, solvers[s], 2);
    for (int p = 0; p < N_PERSON; p++) assert_int_equal(bad.individual[p].status, p == BAD ? WN_ERR_RUN : WN_OK);
    assert_non_null(strstr(bad.individual[BAD].message, "derivative of "));
    assert_rows(&good, 0, &bad, 0, first + 4);
    assert_rows(&good, after, &bad, after, good.n_row - after);
    assert_int_equal(bad.individual[BAD].row, first + 4);
    for (int row = first + 4; row < after; row++) assert_true(isnan(bad.value[row * bad.n_column + CENT]));
    wn_records_result_free(&good);
    wn_records_result_free(&bad);
  }
  wn_dataset_destroy(well);
  wn_dataset_destroy(ill);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(company_changes_no_bit),
      cmocka_unit_test(failures_are_their_own),
  };
  return cmocka_run_group_tests(tests, make_saturable, drop_model);
}

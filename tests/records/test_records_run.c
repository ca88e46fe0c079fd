// test_records_run.c - data sets simulated: closed forms by row, reports of steady states in the order of rows, the
// same bits on any number of threads and in any company, and memory that runs out anywhere.

#include "io/records_model.h"
#include "sim/records.h"

#include <math.h>

// every compartment is left at 0.1/h; individuals 1 to 3 meet the same times and run side by side
static const char table[] = "ID,TIME,EVID,AMT,CMT,RATE,II,ADDL,SS\n"
                            "1,0,1,100,2,.,12,.,1\n1,5,0,.,.,.,.,.,.\n1,30,1,50,2,10,24,.,1\n1,31,0,.,.,.,.,.,.\n"
                            "2,0,1,200,2,.,12,.,1\n2,5,0,.,.,.,.,.,.\n2,30,1,70,2,10,24,.,1\n2,31,0,.,.,.,.,.,.\n"
                            "3,0,1,300,2,.,12,.,1\n3,5,0,.,.,.,.,.,.\n3,30,1,90,2,10,24,.,1\n3,31,0,.,.,.,.,.,.\n"
                            "4,0,1,10,1,.,6,3,.\n4,7,2,0,-1,.,.,.,.\n4,20,4,5,2,.,.,.,.\n4,21,0,.,.,.,.,.,.\n";
enum { N_STEADY = 6 };

static wn_records_def define(const wn_dataset *data, const char *solver, int n_thread) {
  static const double k = 0.1;
  wn_records_def def = {.data = data, .param = &k, .dialect = WN_DIALECT_NONMEM, .solver = wn_solver_default()};
  def.solver.name = solver, def.n_thread = n_thread;
  return def;
}

static wn_records_result run(const wn_dataset *data, const char *solver, int n_thread) {
  wn_records_def def = define(data, solver, n_thread);
  wn_records_result result;
  wn_error err = {0};
  if (wn_records_run(&def, &result, &err)) fail_msg("%s", err.message);
  for (int i = 0; i < result.n_individual; i++)
    if (result.individual[i].status) fail_msg("individual %d: %s", i, result.individual[i].message);
  return result;
}

static double at(const wn_records_result *r, int row, int state) { return r->value[row * r->n_column + state]; }

static void near(double got, double expected, double digits) {
  if (!(fabs(got - expected) <= digits * fabs(expected))) fail_msg("%.17g for %.17g", got, expected);
}

static void closed_forms_by_row(void **state) {
  (void)state;
  static const struct {
    const char *solver;
    double digits;
  } it[] = {{"exact", 1e-12}, {"auto", 1e-12}, {"bdf", 1e-5}, {"explicit", 1e-5}, {"rk", 1e-5}, {"rosenbrock", 1e-5}};
  wn_dataset *data = read_text(table);
  for (int i = 0; i < 6; i++) {
    wn_records_result r = run(data, it[i].solver, 1);
    for (int who = 0; who < 3; who++) {
      double dose = 100 * (who + 1), amount = 50 + 20 * who, hours = amount / 10;
      near(at(&r, 4 * who + 1, CENT), dose * exp(-0.5) / -expm1(-1.2), it[i].digits);
      // an infusion of `hours` since ever, an hour into the one of the record
      double before = 100 * -expm1(-0.1 * hours) * exp(-0.1 * (24 - hours)) / -expm1(-2.4);
      near(at(&r, 4 * who + 3, CENT), before * exp(-0.1) + 100 * -expm1(-0.1), it[i].digits);
    }
    // the vein is empty again but for what came with the reset
    near(at(&r, 15, CENT), 5 * exp(-0.1), it[i].digits);
    assert_true(at(&r, 15, GUT) == 0);
    wn_records_result_free(&r);
  }
  wn_dataset_destroy(data);
}

static void steady_states_are_reported_by_row(void **state) {
  (void)state;
  static const int row[N_STEADY] = {0, 2, 4, 6, 8, 10};
  wn_dataset *data = read_text(table);
  for (int n_thread = 1; n_thread < 4; n_thread++) {
    wn_records_result r = run(data, "bdf", n_thread);
    assert_int_equal(r.steady.n, N_STEADY);
    for (int i = 0; i < N_STEADY; i++) {
      const wn_steady_note *note = &r.steady.data[i];
      assert_int_equal(note->row, row[i]);
      assert_false(note->adds);
      near(note->report.multiplier, exp(i % 2 ? -2.4 : -1.2), 1e-9);
      near(note->report.hours_to_95, log(20) / 0.1, 1e-8);
    }
    wn_records_result_free(&r);
  }
  wn_dataset_destroy(data);
}

static void threads_change_no_bit(void **state) {
  (void)state;
  wn_dataset *data = read_text(table);
  wn_records_result one = run(data, "bdf", 1);
  for (int n_thread = 2; n_thread < 5; n_thread++) {
    wn_records_result many = run(data, "bdf", n_thread);
    assert_memory_equal(one.value, many.value, (size_t)one.n_row * (size_t)one.n_column * sizeof(double));
    wn_records_result_free(&many);
  }
  wn_records_result_free(&one);
  wn_dataset_destroy(data);
}

static void memory_may_run_out(void **state) {
  (void)state;
  static const char *const solvers[] = {"auto", "bdf", "explicit", "rosenbrock"};
  wn_dataset *data = read_text(table);
  for (int i = 0; i < 4; i++) {
    wn_records_def def = define(data, solvers[i], 1);
    wn_status status = WN_ERR_MEMORY;
    long n = 0;
    for (; status == WN_ERR_MEMORY && n < 20000; n++) {
      wn_records_result result;
      wn_error err = {0};
      wn_alloc_fail_after(n);
      status = wn_records_run(&def, &result, &err);
      wn_alloc_fail_after(-1);
      if (status && status != WN_ERR_MEMORY) fail_msg("at %ld: %s", n, err.message);
      if (!status) wn_records_result_free(&result);
    }
    assert_int_equal(status, WN_OK);
    assert_true(n > 30);
  }
  wn_dataset_destroy(data);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(closed_forms_by_row),
      cmocka_unit_test(steady_states_are_reported_by_row),
      cmocka_unit_test(threads_change_no_bit),
      cmocka_unit_test(memory_may_run_out),
  };
  return cmocka_run_group_tests(tests, make_model, drop_model);
}

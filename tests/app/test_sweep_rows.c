// test_sweep_rows.c - sweeps in memory as a stranger asks for them: only wane.h for the engine. Rows against closed
// forms and against each other, rows that fail, mistakes, an interrupt, and running out of memory anywhere.

#include "wane.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

// the test hook of base/memory.h
void wn_alloc_fail_after(long n);

static const char *const DOSE[] = {"100 mg into CENT at 06:00"};

static wn_study_def one_dose(void) {
  wn_study_def def = wn_study_default();
  def.dose = DOSE, def.n_dose = 1, def.n_thread = 2;
  return def;
}

static wn_sweep_rows *make(const char *file, const wn_study_def *def, const wn_sweep_wish *wish) {
  wn_sweep_rows *rows;
  wn_error err = {0};
  if (wn_sweep_rows_create(NULL, file, def, wish, &rows, &err)) fail_msg("%s", err.message);
  return rows;
}

static void test_grid(void **state) {
  (void)state;
  wn_study_def def = one_dose();
  wn_sweep_wish wish = wn_sweep_wish_default();
  const char *const vary[] = {"CL=1:3:3", "V=10,20"}, *const metric[] = {"auc.C", "cmax.C"};
  wish.vary = vary, wish.n_vary = 2, wish.metric = metric, wish.n_metric = 2;
  wn_sweep_rows *rows = make("pk1", &def, &wish);
  assert_int_equal(wn_sweep_rows_n(rows), 6);
  assert_int_equal(wn_sweep_rows_n_point(rows), 6);
  assert_int_equal(wn_sweep_rows_n_failed(rows), 0);
  assert_int_equal(wn_sweep_rows_n_arm(rows), 1);
  assert_string_equal(wn_sweep_rows_arm(rows, 0), "pk1");
  assert_null(wn_sweep_rows_arm(rows, 1));
  assert_int_equal(wn_sweep_rows_n_input(rows), 2);
  assert_int_equal(wn_sweep_rows_n_column(rows), 4);
  static const char *const names[] = {"CL", "V", "auc.C", "cmax.C"}, *const units[] = {"L/h", "L", "mg*h/L", "mg/L"};
  for (int i = 0; i < 4; i++) {
    assert_string_equal(wn_sweep_rows_column_name(rows, i), names[i]);
    assert_string_equal(wn_sweep_rows_column_unit(rows, i), units[i]);
  }
  assert_null(wn_sweep_rows_column_name(rows, 4));
  assert_null(wn_sweep_rows_column_unit(rows, -1));
  assert_null(wn_sweep_rows_column(rows, "mean.C"));
  const double *CL = wn_sweep_rows_column(rows, "CL"), *V = wn_sweep_rows_column(rows, "V");
  const double *auc = wn_sweep_rows_column(rows, "auc.C"), *cmax = wn_sweep_rows_column(rows, "cmax.C");
  for (int i = 0; i < 6; i++) {
    // metrics are of the only dosing day
    double area = 100 / CL[i] * (1 - exp(-CL[i] / V[i] * 24));
    assert_true(CL[i] == 1 + i / 2 && V[i] == (i % 2 ? 20 : 10));
    assert_true(fabs(auc[i] - area) <= 1e-5 * area && fabs(cmax[i] - 100 / V[i]) <= 1e-9 * cmax[i]);
    assert_int_equal(wn_sweep_rows_status(rows, i, NULL), WN_OK);
  }
  assert_int_equal(wn_sweep_rows_status(rows, 6, NULL), WN_ERR_USER);
  assert_int_equal(wn_sweep_rows_status(rows, -1, NULL), WN_ERR_USER);
  wn_sweep_rows_destroy(rows);
  wn_sweep_rows_destroy(NULL);
}

// draws outside a parameter's limits fail by themselves; the same bits for one thread
static void test_draws(void **state) {
  (void)state;
  wn_study_def def = one_dose();
  wn_sweep_wish wish = wn_sweep_wish_default();
  const char *const draw[] = {"CL~normal(1,0.5)"};
  wish.draw = draw, wish.n_draw = 1, wish.n = 256, wish.seed = 3;
  wn_sweep_rows *rows = make("pk1", &def, &wish);
  def.n_thread = 1;
  wn_sweep_rows *again = make("pk1", &def, &wish);
  assert_int_equal(wn_sweep_rows_n(rows), 256);
  assert_true(wn_sweep_rows_n_column(rows) > 5);
  for (int i = 0; i < wn_sweep_rows_n_column(rows); i++) {
    const char *name = wn_sweep_rows_column_name(rows, i);
    assert_memory_equal(wn_sweep_rows_column(rows, name), wn_sweep_rows_column(again, name), 256 * sizeof(double));
  }
  const double *CL = wn_sweep_rows_column(rows, "CL"), *cmax = wn_sweep_rows_column(rows, "cmax.C");
  int n_failed = 0;
  for (int i = 0; i < 256; i++) {
    wn_error err;
    wn_status status = wn_sweep_rows_status(rows, i, &err);
    assert_int_equal(status, CL[i] < 0 ? WN_ERR_RUN : WN_OK);
    assert_int_equal(isnan(cmax[i]) != 0, CL[i] < 0);
    if (status) assert_non_null(strstr(err.message, "CL (clearance): expected at least 0 L/h, got -"));
    n_failed += status != WN_OK;
  }
  assert_true(n_failed > 0 && n_failed == wn_sweep_rows_n_failed(rows));
  wn_sweep_rows_destroy(rows);
  wn_sweep_rows_destroy(again);
}

// the order of rows: points, individuals, arms; the same people at every point
static void test_people(void **state) {
  (void)state;
  wn_study_def def = wn_study_default();
  wn_sweep_wish wish = wn_sweep_wish_default();
  const char *const set[] = {"days=1"}, *const vary[] = {"low_dose=3,4.5"}, *const metric[] = {"cmax.ntx"};
  def.set = set, def.n_set = 1;
  wish.vary = vary, wish.n_vary = 1, wish.n_person = 3, wish.metric = metric, wish.n_metric = 1;
  wn_sweep_rows *rows = make("standard_vs_low", &def, &wish);
  assert_int_equal(wn_sweep_rows_n(rows), 2 * 3 * 2);
  assert_string_equal(wn_sweep_rows_arm(rows, 0), "low");
  const double *cmax = wn_sweep_rows_column(rows, "cmax.ntx"), *dose = wn_sweep_rows_column(rows, "low_dose");
  for (int point = 0; point < 2; point++)
    for (int person = 0; person < 3; person++) {
      const double *own = &cmax[(point * 3 + person) * 2], *first = &cmax[person * 2];
      double low_dose = point ? 4.5 : 3;
      assert_true(dose[(point * 3 + person) * 2 + 1] == low_dose);
      // plasma is linear in the dose, in every person; the other arm does not have this input
      assert_true(fabs(own[0] / first[0] - low_dose / 3) < 1e-3 && fabs(own[1] / first[1] - 1) < 1e-3);
      assert_true(fabs(own[1] / own[0] * low_dose / 50 - 1) < 1e-3);
      assert_true(person == 0 || fabs(own[0] / own[-2] - 1) > 1e-3);
    }
  wn_sweep_rows_destroy(rows);
}

static void expect_refused(const char *file, const wn_study_def *def, const wn_sweep_wish *wish, const char *word) {
  wn_sweep_rows *rows;
  wn_error err = {0};
  assert_int_equal(wn_sweep_rows_create(NULL, file, def, wish, &rows, &err), WN_ERR_USER);
  assert_null(rows);
  if (!strstr(err.message, word)) fail_msg("expected %s, got: %s", word, err.message);
}

static void test_mistakes(void **state) {
  (void)state;
  wn_study_def def = one_dose(), none = wn_study_default();
  wn_sweep_wish wish = wn_sweep_wish_default();
  expect_refused("pk1", &def, &wish, "expected what differs");
  const char *vary[] = {"CL=1,2"}, *metric[] = {"cmax.C", "cmax.D"};
  wish.vary = vary, wish.n_vary = 1;
  expect_refused("absent", &def, &wish, "absent");
  expect_refused("pk1", &none, &wish, "without a dose nothing happens");
  wish.metric = metric, wish.n_metric = 2;
  expect_refused("pk1", &def, &wish, "unknown metric 'cmax.D'; try cmax.C");
  metric[1] = "cmax.C";
  expect_refused("pk1", &def, &wish, "'cmax.C' is asked for twice");
  wish.n_metric = 0;
  vary[0] = "CLL=1,2";
  expect_refused("pk1", &def, &wish, "unknown parameter or option 'CLL'; try CL");
  vary[0] = "CL=1,-2";
  expect_refused("pk1", &def, &wish, "expected at least 0 L/h, got -2");
  vary[0] = "CL=1:2:1000000";
  wish.n = 1000;
  expect_refused("pk1", &def, &wish, "too many to hold");
  vary[0] = "CL=1,2";
  wish.n = 0, wish.n_person = 2;
  expect_refused("pk1", &def, &wish, "does not say how they differ");
}

static void test_interrupt(void **state) {
  (void)state;
  wn_study_def def = one_dose();
  wn_sweep_wish wish = wn_sweep_wish_default();
  const char *const vary[] = {"CL=1,2"};
  wish.vary = vary, wish.n_vary = 1;
  wn_sweep_rows *rows;
  wn_interrupt(1);
  assert_int_equal(wn_sweep_rows_create(NULL, "pk1", &def, &wish, &rows, NULL), WN_ERR_INTERRUPT);
  wn_interrupt(0);
  assert_null(rows);
}

static void test_memory(void **state) {
  (void)state;
  wn_study_def def = one_dose();
  wn_sweep_wish wish = wn_sweep_wish_default();
  const char *const vary[] = {"CL=1,2"}, *const draw[] = {"V~normal(10,8)"}, *const metric[] = {"cmax.C"};
  def.n_thread = 1;
  wish.vary = vary, wish.n_vary = 1, wish.draw = draw, wish.n_draw = 1, wish.n = 8;
  wish.metric = metric, wish.n_metric = 1;
  bool done = false;
  for (long n = 0; !done; n++) {
    wn_sweep_rows *rows = NULL;
    wn_error err = {0};
    wn_alloc_fail_after(n);
    wn_status status = wn_sweep_rows_create(NULL, "pk1", &def, &wish, &rows, &err);
    wn_alloc_fail_after(-1);
    if (status && status != WN_ERR_MEMORY) fail_msg("allocation %ld: %d %s", n, (int)status, err.message);
    done = status == WN_OK;
    wn_sweep_rows_destroy(rows);
    assert_true(n < 100000);
  }
}

static void test_limits(void **state) {
  (void)state;
  wn_study *study;
  wn_error err;
  wn_choice choice;
  assert_int_equal(wn_study_open(NULL, "pk1", &study, &err), WN_OK);
  assert_int_equal(wn_study_parameter(study, 1, &choice, &err), WN_OK);
  assert_true(choice.low == 0 && choice.open_low && isinf(choice.high) && !choice.open_high);
  assert_int_equal(wn_study_parameter(study, 3, &choice, &err), WN_OK);
  assert_true(choice.low == 0 && !choice.open_low && choice.high == 1 && !choice.open_high);
  wn_study_close(study);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_grid),      cmocka_unit_test(test_draws),
                                     cmocka_unit_test(test_people),    cmocka_unit_test(test_mistakes),
                                     cmocka_unit_test(test_interrupt), cmocka_unit_test(test_memory),
                                     cmocka_unit_test(test_limits)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}

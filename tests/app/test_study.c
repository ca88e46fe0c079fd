// test_study.c - the public interface as a stranger uses it: only wane.h for the engine. Every function's mistakes are
// errors, results follow closed forms, and running out of memory anywhere is a clean error.

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
#include <unistd.h>

#include <cmocka.h>

// the test hook of base/memory.h
void wn_alloc_fail_after(long n);

static wn_study *open_study(const char *file) {
  wn_study *study;
  wn_error err = {0};
  if (wn_study_open(NULL, file, &study, &err)) fail_msg("%s", err.message);
  return study;
}

static void plan_and_run(wn_study *study, const wn_study_def *def) {
  wn_error err = {0};
  if (wn_study_plan(study, def, &err) || wn_study_run(study, &err)) fail_msg("%s", err.message);
}

static void test_versions(void **state) {
  (void)state;
  assert_non_null(strchr(wn_version(), '.'));
  assert_non_null(strstr(wn_version_solver(), "SUNDIALS"));
  assert_non_null(strstr(wn_version_lua(), "Lua 5.4"));
  assert_true(strlen(wn_version_kernels()) > 0);
  char path[4096];
  wn_error err;
  assert_int_equal(wn_data_dir(path, &err), WN_OK);
  assert_int_equal(access(path, R_OK), 0);
}

static void test_model(void **state) {
  (void)state;
  wn_study *study = open_study("pk1");
  wn_error err;
  wn_choice choice;
  assert_false(wn_study_is_scenario(study));
  assert_int_equal(wn_study_n_option(study), 0);
  assert_int_equal(wn_study_n_parameter(study), 5);
  assert_int_equal(wn_study_parameter(study, 0, &choice, &err), WN_OK);
  assert_string_equal(choice.name, "CL");
  assert_string_equal(choice.unit, "L/h");
  assert_string_equal(choice.badge, "assumed");
  assert_true(choice.value == 1.1);
  assert_int_equal(wn_study_parameter(study, 5, &choice, &err), WN_ERR_USER);
  assert_int_equal(wn_study_parameter(study, -1, &choice, &err), WN_ERR_USER);
  assert_int_equal(wn_study_option(study, 0, &choice, &err), WN_ERR_USER);
  assert_true(strlen(wn_study_title(study)) > 0 && strlen(wn_study_caption(study)) > 0);

  // before a plan and before a run there is nothing to read, which is no crime
  assert_int_equal(wn_study_run(study, &err), WN_ERR_USER);
  assert_int_equal(wn_study_n_arm(study), 0);
  assert_null(wn_study_arm_name(study, 0));
  assert_int_equal(wn_study_n_time(study), 0);
  assert_null(wn_study_time(study));
  assert_null(wn_study_column(study, 0, "C"));
  assert_int_equal(wn_study_n_summary(study) + wn_study_n_window(study), 0);
  assert_int_equal(wn_study_arm_status(study, 0, &err), WN_ERR_USER);
  assert_int_equal(wn_study_write(study, WN_WRITE_SUMMARY, "x.csv", NULL, &err), WN_ERR_USER);
  wn_study_close(study);
  wn_study_close(NULL);
}

static void test_bolus(void **state) {
  (void)state;
  wn_study *study = open_study("pk1");
  wn_error err;
  const char *set[] = {"CL=2", "V=20"}, *dose[] = {"100 mg into CENT at 06:00"};
  wn_study_def def = wn_study_default();
  def.set = set, def.n_set = 2, def.dose = dose, def.n_dose = 1, def.n_thread = 1;
  plan_and_run(study, &def);
  assert_int_equal(wn_study_n_arm(study), 1);
  assert_string_equal(wn_study_arm_name(study, 0), "pk1");
  assert_string_equal(wn_study_arm_label(study, 0), "pk1");
  assert_int_equal(wn_study_arm_status(study, 0, &err), WN_OK);

  // columns: states, then outputs
  assert_int_equal(wn_study_n_column(study), 3);
  assert_string_equal(wn_study_column_name(study, 0), "GUT");
  assert_string_equal(wn_study_column_name(study, 2), "C");
  assert_string_equal(wn_study_column_unit(study, 2), "mg/L");
  assert_null(wn_study_column_name(study, 3));
  assert_null(wn_study_column_unit(study, -1));
  assert_null(wn_study_column(study, 0, "absent"));
  assert_null(wn_study_column(study, 1, "C"));
  int n = wn_study_n_time(study);
  const double *t = wn_study_time(study), *C = wn_study_column(study, 0, "C"), *A = wn_study_column(study, 0, "CENT");
  assert_true(t[0] == 0 && t[n - 1] == 30);
  for (int k = 0; k < n; k++) {
    double want = t[k] < 6 ? 0 : 5 * exp(-0.1 * (t[k] - 6));
    assert_true(fabs(C[k] - want) < 1e-4 && fabs(A[k] - 20 * C[k]) < 1e-9);
  }

  // rows of the summary and windows
  wn_summary_row row;
  int found = 0;
  for (int i = 0; i < wn_study_n_summary(study); i++) {
    assert_int_equal(wn_study_summary(study, i, &row, &err), WN_OK);
    if (strcmp(row.quantity, "cmax") != 0 || row.day != 0) continue;
    assert_true(fabs(row.value - 5) < 1e-9 && row.clock == 6 && row.arm == 0);
    found++;
  }
  assert_int_equal(found, 1);
  assert_int_equal(wn_study_summary(study, wn_study_n_summary(study), &row, &err), WN_ERR_USER);
  wn_window_row window;
  assert_int_equal(wn_study_n_window(study), 1);
  assert_int_equal(wn_study_window(study, 0, &window, &err), WN_OK);
  assert_string_equal(window.window, "effective");
  assert_true(fabs(window.start - 6) < 1e-9 && fabs(window.end - 6 - 10 * log(2.5)) < 1e-4);
  assert_int_equal(wn_study_window(study, 1, &window, &err), WN_ERR_USER);

  // files
  assert_int_equal(wn_study_write(study, WN_WRITE_TRAJECTORIES, "study.csv", NULL, &err), WN_OK);
  assert_int_equal(wn_study_write(study, WN_WRITE_SUMMARY, "study.json", NULL, &err), WN_OK);
  assert_int_equal(wn_study_write(study, WN_WRITE_PLOT, "study.svg", NULL, &err), WN_OK);
  assert_int_equal(unlink("study.csv") | unlink("study.json") | unlink("study.svg"), 0);
  assert_int_equal(wn_study_write(study, WN_WRITE_PLOT, "study.gif", NULL, &err), WN_ERR_USER);
  assert_int_equal(wn_study_write(study, WN_WRITE_SUMMARY, "absent/study.csv", NULL, &err), WN_ERR_IO);

  // planning again forgets the results
  assert_int_equal(wn_study_plan(study, &def, &err), WN_OK);
  assert_int_equal(wn_study_n_time(study), 0);
  wn_study_close(study);
}

static void expect_refused(wn_study *study, const wn_study_def *def, const char *word) {
  wn_error err = {0};
  assert_int_equal(wn_study_plan(study, def, &err), WN_ERR_USER);
  if (!strstr(err.message, word)) fail_msg("no \"%s\" in \"%s\"", word, err.message);
  assert_int_equal(wn_study_n_arm(study), 0);
}

static void test_mistakes(void **state) {
  (void)state;
  wn_study *study = open_study("pk1");
  const wn_study_def fine = wn_study_default();
  const char *wrong[] = {"CLL=2"}, *shapeless[] = {"CL"}, *negative[] = {"-1 mg"};
  wn_study_def def;
  def = fine, def.set = wrong, def.n_set = 1, expect_refused(study, &def, "try CL");
  def = fine, def.set = shapeless, def.n_set = 1, expect_refused(study, &def, "NAME=VALUE");
  def = fine, def.dose = negative, def.n_dose = 1, expect_refused(study, &def, "0 or more");
  def = fine, def.hypothesis = "H1", expect_refused(study, &def, "H1");
  def = fine, def.solver = "rk4", expect_refused(study, &def, "explicit");
  def = fine, def.until = -1, expect_refused(study, &def, "until");
  def = fine, def.until = NAN, expect_refused(study, &def, "finite");
  def = fine, def.every = -1, expect_refused(study, &def, "every");
  def = fine, def.every = 1e-7, expect_refused(study, &def, "coarser");
  def = fine, def.rtol = 0, expect_refused(study, &def, "rtol");
  def = fine, def.rtol = 1, expect_refused(study, &def, "rtol");
  def = fine, def.rtol = NAN, expect_refused(study, &def, "rtol");
  def = fine, def.atol = 0, expect_refused(study, &def, "atol");
  def = fine, def.atol = INFINITY, expect_refused(study, &def, "atol");
  def = fine, def.n_thread = -1, expect_refused(study, &def, "threads");
  wn_study_close(study);

  wn_error err;
  assert_int_equal(wn_study_open(NULL, "absent.lua", &study, &err), WN_ERR_USER);
  assert_null(study);
  assert_int_equal(wn_study_open("absent", "pk1", &study, NULL), WN_ERR_USER);
  assert_int_equal(wn_write_check(WN_WRITE_TRAJECTORIES, "x.nc4", &err), WN_ERR_USER);
  assert_int_equal(wn_write_check(WN_WRITE_SUMMARY, "json", &err), WN_ERR_USER);
  assert_int_equal(wn_write_check(WN_WRITE_PLOT, "a.b/x.pdf", &err), WN_OK);

  setenv("WANE_DATA", "absent", 1);
  char path[4096];
  assert_int_equal(wn_data_dir(path, &err), WN_ERR_USER);
  unsetenv("WANE_DATA");
}

static void test_span(void **state) {
  (void)state;
  wn_study *study = open_study("pk1");
  const char *dose[] = {"1 mg at 22:00 every 24h for 14d"};
  wn_study_def def = wn_study_default();
  def.dose = dose, def.n_dose = 1;
  plan_and_run(study, &def);
  assert_true(wn_study_time(study)[wn_study_n_time(study) - 1] == 22 + 13 * 24 + 24);
  def.until = 10, def.every = 2.5;
  plan_and_run(study, &def);
  assert_int_equal(wn_study_n_time(study), 5);
  wn_study_close(study);
}

static void test_scenario(void **state) {
  (void)state;
  wn_study *study = open_study("standard_vs_low");
  wn_error err;
  wn_choice choice;
  assert_true(wn_study_is_scenario(study));
  assert_true(wn_study_n_option(study) > 0);
  assert_int_equal(wn_study_option(study, 0, &choice, &err), WN_OK);
  assert_null(choice.badge);
  const char *dose[] = {"1 mg"};
  wn_study_def def = wn_study_default();
  def.dose = dose, def.n_dose = 1;
  expect_refused(study, &def, "is a scenario");
  def.n_dose = 0, def.until = 48;
  plan_and_run(study, &def);
  assert_int_equal(wn_study_n_arm(study), 2);

  // an interrupt stops the run and leaves no result
  wn_interrupt(1);
  assert_int_equal(wn_study_run(study, &err), WN_ERR_INTERRUPT);
  assert_int_equal(wn_study_n_time(study), 0);
  wn_interrupt(0);
  assert_int_equal(wn_study_run(study, &err), WN_OK);
  wn_study_close(study);
}

// every allocation fails once: the error says so, nothing leaks, and the next try succeeds
static void test_memory(void **state) {
  (void)state;
  const char *set[] = {"CL=2"}, *dose[] = {"100 mg at 08:00"};
  wn_study_def def = wn_study_default();
  def.set = set, def.n_set = 1, def.dose = dose, def.n_dose = 1, def.n_thread = 1;
  bool done = false;
  for (long n = 0; !done; n++) {
    wn_study *study = NULL;
    wn_error err = {0};
    wn_alloc_fail_after(n);
    wn_status status = wn_study_open(NULL, "pk1", &study, &err);
    if (!status) status = wn_study_plan(study, &def, &err);
    if (!status) status = wn_study_run(study, &err);
    if (!status) status = wn_study_write(study, WN_WRITE_SUMMARY, "memory.csv", NULL, &err);
    wn_alloc_fail_after(-1);
    if (status && status != WN_ERR_MEMORY) fail_msg("allocation %ld: %d %s", n, (int)status, err.message);
    done = status == WN_OK;
    wn_study_close(study);
    assert_true(n < 100000);
  }
  unlink("memory.csv");
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_versions), cmocka_unit_test(test_model),
                                     cmocka_unit_test(test_bolus),    cmocka_unit_test(test_mistakes),
                                     cmocka_unit_test(test_span),     cmocka_unit_test(test_scenario),
                                     cmocka_unit_test(test_memory)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}

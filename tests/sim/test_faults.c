// What goes wrong says so: starts that are not finite, bad requests, memory that runs out.
#include "sim/fixture.h"

static void expect_error(const wn_scenario *s, const wn_run_def *def, wn_status status, const char *words) {
  wn_result *r = NULL;
  wn_error err = {0};
  assert_int_equal(wn_simulate(s, def, &r, &err), status);
  assert_null(r);
  if (!strstr(err.message, words)) fail_msg("'%s' is not in '%s'", words, err.message);
}

static void test_bad_requests(void **unused) {
  (void)unused;
  wn_model *model = make_pk1();
  wn_scenario *s = new_scenario(model, 2, 24, 1);
  wn_run_def good = run_def("auto", 1e-6, 1e-9), def = good;
  s->t_end = 0;
  expect_error(s, &def, WN_ERR_USER, "duration: expected an end after the start (0 h), got 0 h");
  s->t_end = NAN;
  expect_error(s, &def, WN_ERR_USER, "duration");
  s->t_end = 24, s->every = 0;
  expect_error(s, &def, WN_ERR_USER, "output grid: expected a step above 0 h, got 0 h");
  s->every = 1e-12;
  expect_error(s, &def, WN_ERR_USER, "try a longer step");
  s->every = 1;
  def.max_width = 0;
  expect_error(s, &def, WN_ERR_USER, "lanes: expected 1 or more, got 0");
  def = good, def.n_thread = -1;
  expect_error(s, &def, WN_ERR_USER, "threads: expected 0 or more, got -1");
  def = good, def.solver.name = "bfd";
  expect_error(s, &def, WN_ERR_USER, "bdf");
  def = good, def.solver.rtol = -1;
  expect_error(s, &def, WN_ERR_USER, "rtol");
  // a dose that is not valid names its arm
  dose(s, 1, (wn_dose){.time = 1, .route = 0, .amount = -5});
  expect_error(s, &good, WN_ERR_USER, "arm arm1: ");
  s->n_arm = 0;
  expect_error(s, &good, WN_ERR_USER, "at least one arm");
  s->n_arm = 2;
  wn_scenario_destroy(s);
  wn_scenario_destroy(NULL);
  wn_result_destroy(NULL);
  wn_model_destroy(model);
}

// each arm's own trouble stays its own, and says which state
static void test_bad_starts(void **unused) {
  (void)unused;
  wn_model *model = make_blowup();
  wn_scenario *s = new_scenario(model, 4, 24, 1);
  for (int arm = 0; arm < 4; arm++) dose(s, arm, (wn_dose){.time = 2, .route = 0, .amount = 1});
  s->arm[0].param[BLOW_X0] = NAN;
  s->arm[2].param[BLOW_A] = 1, s->arm[2].param[BLOW_V] = 0;
  wn_run_def def = run_def("auto", 1e-6, 1e-9);
  wn_result *r = simulate(s, &def);
  assert_int_equal(r->series[0].status, WN_ERR_RUN);
  assert_non_null(strstr(r->series[0].message, "X is not finite at the start (nan)"));
  assert_int_equal(r->series[2].status, WN_ERR_RUN);
  assert_string_equal(r->series[2].message,
                      "derivative of X is not finite at the start (inf); check for a division by zero");
  for (int arm = 1; arm < 4; arm += 2) {
    assert_int_equal(r->series[arm].status, WN_OK);
    for (int i = 0; i < r->n_time; i++) {
      NEAR(at(r, arm, 0, i), 1, 1e-6);
      NEAR(at(r, arm, 1, i), r->time[i] < 2 ? 0 : exp(2 - r->time[i]), 1e-5);
    }
  }
  for (int i = 0; i < r->n_time; i++) {
    assert_true(isnan(at(r, 0, 0, i)));
    assert_true(isnan(at(r, 2, 3, i)));
  }
  assert_true(isnan(metric(r, 0, "cmax", "X", 0)));
  wn_result_destroy(r);
  wn_scenario_destroy(s);
  wn_model_destroy(model);
}

// an output that is not a number is no failure: its metrics are NaN, the rest goes on
static void test_bad_output(void **unused) {
  (void)unused;
  wn_model *model = make_pk1();
  wn_scenario *s = new_scenario(model, 1, 24, 1);
  dose(s, 0, (wn_dose){.time = 0, .route = 0, .amount = 1});
  // occ = C / (C + 0) is 0 / 0 until the drug arrives
  s->arm[0].param[PK1_EC50] = 0;
  s->arm[0].param[PK1_LAG] = 2;
  int w = window(s, "on", PK1_OCC, 1, 0.5, 0);
  wn_run_def def = run_def("bdf", 1e-6, 1e-9);
  wn_result *r = simulate(s, &def);
  assert_int_equal(r->series[0].status, WN_OK);
  assert_true(isnan(at(r, 0, 3, 0)));
  NEAR(at(r, 0, 3, 5), 1, 1e-12);
  assert_true(isnan(metric(r, 0, "mean", "occ", 0)));
  assert_true(metric(r, 0, "cmax", "C", 0) > 0);
  assert_int_equal(r->windows.n, 1);
  assert_int_equal(r->windows.data[0].window, w);
  assert_true(r->windows.data[0].open_end);
  wn_result_destroy(r);
  wn_scenario_destroy(s);
  wn_model_destroy(model);
}

// every allocation fails once: a clean error, nothing lost, and then it works
static void test_memory(void **unused) {
  (void)unused;
  wn_model *model = make_tone();
  wn_scenario *s = new_scenario(model, 3, 30, 5);
  dose(s, 0, (wn_dose){.time = 22, .route = 0, .amount = 1});
  dose(s, 1, (wn_dose){.time = 22, .route = 0, .amount = 2});
  dose(s, 2, (wn_dose){.time = 8, .route = 0, .amount = 2, .duration = 2});
  window(s, "on", TONE_TONE, 1, 1.2, 1);
  const char *const names[] = {"auto", "bdf", "explicit"};
  for (int k = 0; k < 3; k++) {
    wn_run_def def = run_def(names[k], 1e-4, 1e-6);
    // auto copes with lack of memory while it decides, so one success is not yet the end
    int failed = 0, worked = 0;
    for (int n = 0; n < 2000 && worked < 4; n++) {
      wn_result *r = NULL;
      wn_error err = {0};
      wn_alloc_fail_after(n);
      wn_status status = wn_simulate(s, &def, &r, &err);
      wn_alloc_fail_after(-1);
      if (status == WN_OK) {
        worked++;
        wn_result_destroy(r);
        continue;
      }
      worked = 0;
      failed++;
      assert_int_equal(status, WN_ERR_MEMORY);
      assert_null(r);
      assert_true(strlen(err.message) > 0);
    }
    assert_int_equal(worked, 4);
    assert_true(failed > 30);
  }
  wn_scenario_destroy(s);
  wn_model_destroy(model);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_bad_requests), cmocka_unit_test(test_bad_starts),
                                     cmocka_unit_test(test_bad_output), cmocka_unit_test(test_memory)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}

// test_ends.c - arms that end at times of their own, and begin their days at times of their own, share batches: each is
// what it is in a scenario by itself, bit for bit where lanes have clocks of their own.
#include "sim/fixture.h"

enum { N_ARM = 7 };

// arm i of several, or the only one: doses from an hour of its own, an end of its own
static void fill(wn_scenario *s, int arm, int i) {
  s->arm[arm].param[TONE_K] = 0.1 + 0.02 * i;
  dose(s, arm, (wn_dose){.time = 20.3 + 0.7 * i, .route = 0, .amount = 1 + i % 3, .ii = 24, .addl = 3});
  if (i % 2) dose(s, arm, (wn_dose){.time = 30 + i, .route = 0, .amount = 2, .duration = 3});
}

static double end_of(int i) { return 61.5 + 7.25 * i; }

static wn_scenario *make(const wn_model *model, int n_arm, double t_end) {
  wn_scenario *s = new_scenario(model, n_arm, t_end, 1);
  window(s, "difference", TONE_TONE, 1, 0.4, 1);
  window(s, "plain", TONE_TONE, 1, 1.5, 0);
  return s;
}

static void test_ends(void **unused) {
  (void)unused;
  const char *const solver[] = {"rk", "rosenbrock", "taylor", "bdf"};
  wn_model *model = make_tone();
  for (int k = 0; k < 4; k++) {
    wn_run_def def = run_def(solver[k], 1e-8, 1e-11);
    def.keep_trajectories = WN_KEEP_NONE;
    wn_scenario *s = make(model, N_ARM, end_of(N_ARM - 1));
    for (int i = 0; i < N_ARM; i++) fill(s, i, i), s->arm[i].t_end = end_of(i);
    wn_result *all = simulate(s, &def);
    for (int i = 0; i < N_ARM; i++) {
      wn_scenario *alone = make(model, 1, end_of(i));
      fill(alone, 0, i);
      wn_result *one = simulate(alone, &def);
      int n = 0, n_one = 0;
      const wn_metric *a = wn_result_metrics(all, i, &n), *b = wn_result_metrics(one, 0, &n_one);
      assert_int_equal(n, n_one);
      assert_true(n > 30);
      for (int j = 0; j < n; j++) {
        assert_string_equal(a[j].quantity, b[j].quantity);
        assert_int_equal(a[j].day, b[j].day);
        double slack = k < 3 ? 0 : 1e-5 * fmax(1, fabs(b[j].value));
        if (!isnan(a[j].value) || !isnan(b[j].value)) NEAR(a[j].value, b[j].value, slack);
      }
      wn_result_destroy(one);
      wn_scenario_destroy(alone);
    }
    wn_result_destroy(all);
    wn_scenario_destroy(s);
  }
  wn_model_destroy(model);
}

static void refuse(const wn_scenario *s, const wn_run_def *def) {
  wn_result *result = NULL;
  wn_error err = {0};
  assert_int_equal(wn_simulate(s, def, &result, &err), WN_ERR_USER);
  assert_non_null(strstr(err.message, "arm arm1: expected an end within the run"));
}

// an end beyond the run, before it, or with trajectories, whose grid is one for all
static void test_refused(void **unused) {
  (void)unused;
  wn_model *model = make_tone();
  wn_scenario *s = make(model, 2, 60);
  for (int i = 0; i < 2; i++) fill(s, i, i);
  wn_run_def def = run_def("rk", 1e-6, 1e-9);
  s->arm[1].t_end = 50;
  refuse(s, &def);
  def.keep_trajectories = WN_KEEP_NONE;
  s->arm[1].t_end = 61;
  refuse(s, &def);
  s->arm[1].t_end = -1;
  refuse(s, &def);
  wn_scenario_destroy(s);
  wn_model_destroy(model);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_ends), cmocka_unit_test(test_refused)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}

// Trajectories, integrals and extremes against closed forms.
#include "sim/fixture.h"

static const char *const solvers[] = {"bdf", "explicit", "rk", "rosenbrock"};

// every row within 10 rtol of the closed form, relative to the peak
static void test_oral(void **unused) {
  (void)unused;
  wn_model *model = make_pk1();
  wn_scenario *s = new_scenario(model, 1, 48, 0.25);
  s->arm[0].param[PK1_LAG] = 0.3;
  dose(s, 0, (wn_dose){.time = 2, .route = 0, .amount = 100});
  for (int k = 0; k < 2; k++) {
    wn_run_def def = run_def(solvers[k], 1e-8, 1e-10);
    wn_result *r = simulate(s, &def);
    assert_int_equal(r->n_series, 1);
    assert_int_equal(r->series[0].status, WN_OK);
    assert_int_equal(r->n_column, 4);
    assert_int_equal(r->n_time, 193);
    double peak = pk1_oral(100, 2, 20, 1.5, 0.8, pk1_tmax(2, 20, 1.5));
    for (int i = 0; i < r->n_time; i++) {
      NEAR(r->time[i], 0.25 * i, 0);
      NEAR(at(r, 0, 2, i), pk1_oral(100, 2, 20, 1.5, 0.8, r->time[i] - 2.3), 1e-7 * peak);
      NEAR(at(r, 0, 2, i), at(r, 0, 1, i) / 20, 1e-15);
    }
    NEAR(metric(r, 0, "cmax", "C", 0), peak, 1e-7 * peak);
    NEAR(metric(r, 0, "peak", "C", 0), peak, 1e-7 * peak);
    // the time of a flat peak is known to the square root of the value's accuracy
    NEAR(metric(r, 0, "tmax", "C", 0), 0.3 + pk1_tmax(2, 20, 1.5), 1e-3);
    NEAR(row(r, 0, "cmax", "C", 0)->clock, 2.3 + pk1_tmax(2, 20, 1.5), 1e-3);
    double k10 = 0.1, t = 48 - 2.3, A = 0.8 * 100 * 1.5 / (20 * (1.5 - k10));
    double auc = A * ((1 - exp(-k10 * t)) / k10 - (1 - exp(-1.5 * t)) / 1.5);
    NEAR(metric(r, 0, "auc", "C", 0), auc, 1e-7 * auc);
    assert_string_equal(row(r, 0, "auc", "C", 0)->unit, "mg*h/L");
    NEAR(metric(r, 0, "mean", "C", 0), auc / 48, 1e-7 * auc);
    NEAR(metric(r, 0, "trough", "C", 0), 0, 1e-9);
    NEAR(metric(r, 0, "t_half", "C", 0), log(2) / k10, 1e-5);
    wn_result_destroy(r);
  }
  wn_scenario_destroy(s);
  wn_model_destroy(model);
}

static double repeated(double t, double dose_mg, double first, double ii, int n) {
  double sum = 0;
  for (int i = 0; i < n; i++) sum += pk1_oral(dose_mg, 2, 20, 1.5, 0.8, t - first - i * ii);
  return sum;
}

static void test_repeated(void **unused) {
  (void)unused;
  wn_model *model = make_pk1();
  wn_scenario *s = new_scenario(model, 1, 100, 0.1);
  dose(s, 0, (wn_dose){.time = 8, .route = 0, .amount = 50, .ii = 12, .addl = 5});
  for (int k = 0; k < 2; k++) {
    wn_run_def def = run_def(solvers[k], 1e-7, 1e-9);
    wn_result *r = simulate(s, &def);
    assert_int_equal(r->n_time, 1001);
    for (int i = 0; i < r->n_time; i++) NEAR(at(r, 0, 2, i), repeated(r->time[i], 50, 8, 12, 6), 1e-6 * 2.5);
    // at a dose the row holds the amount after it, though 0.1 k is not exactly 8
    for (int i = 0; i < 6; i++) {
      double before = metric(r, 0, "cmax", "C", 0);
      assert_true(before > 0);
      assert_true(at(r, 0, 0, 80 + 120 * i) >= 39.9);
      assert_true(at(r, 0, 0, 79 + 120 * i) < 1);
    }
    wn_result_destroy(r);
  }
  wn_scenario_destroy(s);
  wn_model_destroy(model);
}

static void test_infusion(void **unused) {
  (void)unused;
  wn_model *model = make_pk2();
  wn_scenario *s = new_scenario(model, 2, 72, 0.5);
  // overlapping infusions in one arm, a bolus in the other
  dose(s, 0, (wn_dose){.time = 1, .route = 0, .amount = 100, .duration = 4});
  dose(s, 0, (wn_dose){.time = 3, .route = 0, .amount = 60, .rate = 10});
  dose(s, 1, (wn_dose){.time = 0, .route = 0, .amount = 100});
  for (int k = 0; k < 2; k++) {
    wn_run_def def = run_def(solvers[k], 1e-8, 1e-10);
    wn_result *r = simulate(s, &def);
    double end = pk2_input(25, 4, 4) + pk2_input(10, 6, 2), auc = 0;
    for (int i = 0; i < r->n_time; i++) {
      double t = r->time[i];
      NEAR(at(r, 0, 2, i), pk2_input(25, 4, t - 1) + pk2_input(10, 6, t - 3), 1e-7 * end);
      if (i > 0) NEAR(at(r, 1, 2, i), pk2_input(100, 0, t), 1e-6);
    }
    NEAR(at(r, 1, 2, 0), 10, 0);
    NEAR(metric(r, 0, "cmax", "C", 0), end, 1e-7 * end);
    // the peak is at 5 h, 2 h after the second dose began
    NEAR(metric(r, 0, "tmax", "C", 0), 2, 1e-9);
    NEAR(metric(r, 1, "cmax", "C", 0), 10, 0);
    NEAR(metric(r, 1, "tmax", "C", 0), 0, 0);
    // what went in came out through CL, or is still there
    auc = metric(r, 0, "auc", "C", 0);
    NEAR(3 * auc + at(r, 0, 0, r->n_time - 1) + at(r, 0, 1, r->n_time - 1), 160, 160e-7);
    wn_result_destroy(r);
  }
  wn_scenario_destroy(s);
  wn_model_destroy(model);
}

// a rhythm in the equations, a start before midnight of the first day
static void test_rhythm(void **unused) {
  (void)unused;
  wn_model *model = make_tone();
  wn_scenario *s = new_scenario(model, 1, 50, 1.5);
  s->t_start = -30;
  dose(s, 0, (wn_dose){.time = -26, .route = 0, .amount = 2});
  double w = 2 * acos(-1) / 24, K = 0.2, g = 0.25 * K / sqrt(K * K + w * w), lag = atan2(w, K);
  for (int k = 0; k < 2; k++) {
    wn_run_def def = run_def(solvers[k], 1e-8, 1e-10);
    wn_result *r = simulate(s, &def);
    NEAR(r->time[0], -30, 0);
    NEAR(r->time[r->n_time - 1], 50, 0);
    assert_int_equal(r->n_time, 55);
    double rest = 1 - (1 + g * cos(w * (-30 - 8) - lag));
    for (int i = 0; i < r->n_time; i++) {
      double t = r->time[i], drug = t < -26 ? 0 : 2 * exp(-K * (t + 26));
      NEAR(at(r, 0, 3, i), 1 + g * cos(w * (t - 8) - lag) + rest * exp(-K * (t + 30)), 3e-7);
      NEAR(at(r, 0, 2, i), 1 + 0.25 * cos(w * (t - 8)) + drug, 1e-7);
    }
    NEAR(r->series[0].day_start, -26, 0);
    assert_int_equal(r->series[0].n_day, 3);
    wn_result_destroy(r);
  }
  wn_scenario_destroy(s);
  wn_model_destroy(model);
}

// doubling the dose doubles the curve; two doses give the sum of each
static void test_linearity(void **unused) {
  (void)unused;
  wn_model *model = make_pk2();
  wn_scenario *s = new_scenario(model, 4, 48, 0.5);
  for (int arm = 0; arm < 4; arm++) {
    double first = arm == 0 || arm == 2 ? 10 : arm == 3 ? 20 : 0, second = arm == 1 || arm == 2 ? 40 : 0;
    dose(s, arm, (wn_dose){.time = 1, .route = 0, .amount = first});
    dose(s, arm, (wn_dose){.time = 9, .route = 0, .amount = second, .duration = 3});
  }
  wn_run_def def = run_def("bdf", 1e-8, 1e-10);
  wn_result *r = simulate(s, &def);
  for (int i = 0; i < r->n_time; i++) {
    NEAR(at(r, 2, 2, i), at(r, 0, 2, i) + at(r, 1, 2, i), 1e-6);
    NEAR(at(r, 3, 2, i), 2 * at(r, 0, 2, i), 1e-6);
  }
  NEAR(metric(r, 3, "auc", "C", 0), 2 * metric(r, 0, "auc", "C", 0), 1e-6);
  wn_result_destroy(r);
  wn_scenario_destroy(s);
  wn_model_destroy(model);
}

// the last point of the grid is the end, also when the step does not meet it
static void test_grid(void **unused) {
  (void)unused;
  wn_model *model = make_pk1();
  wn_scenario *s = new_scenario(model, 1, 10, 0.75);
  dose(s, 0, (wn_dose){.time = 0, .route = 1, .amount = 20});
  wn_run_def def = run_def("auto", 1e-6, 1e-9);
  wn_result *r = simulate(s, &def);
  assert_int_equal(r->n_time, 15);
  NEAR(r->time[13], 9.75, 0);
  NEAR(r->time[14], 10, 0);
  for (int i = 0; i < r->n_time; i++) NEAR(at(r, 0, 2, i), exp(-0.1 * r->time[i]), 1e-5);
  assert_string_equal(r->solver, "exact");
  assert_true(strlen(r->reason) > 10);
  wn_result_destroy(r);
  // a grid wider than the run: both ends
  s->every = 100;
  r = simulate(s, &def);
  assert_int_equal(r->n_time, 2);
  NEAR(r->time[0], 0, 0);
  NEAR(r->time[1], 10, 0);
  wn_result_destroy(r);
  // nothing kept: no grid, the same numbers
  s->every = 0;
  def.keep_trajectories = false;
  r = simulate(s, &def);
  assert_int_equal(r->n_time, 0);
  assert_null(r->time);
  assert_null(r->value);
  NEAR(metric(r, 0, "auc", "C", 0), 10 * (1 - exp(-1)), 1e-4);
  wn_result_destroy(r);
  wn_scenario_destroy(s);
  wn_model_destroy(model);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_oral),      cmocka_unit_test(test_repeated),
                                     cmocka_unit_test(test_infusion),  cmocka_unit_test(test_rhythm),
                                     cmocka_unit_test(test_linearity), cmocka_unit_test(test_grid)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}

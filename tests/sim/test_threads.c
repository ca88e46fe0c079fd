// The answer does not depend on how the work was cut: threads bit for bit, lanes within tolerance, failures alone.
#include "sim/fixture.h"

// everything two results hold is the same bits
static void assert_same(const wn_result *a, const wn_result *b) {
  assert_int_equal(a->n_series, b->n_series);
  assert_int_equal(a->n_time, b->n_time);
  size_t n = (size_t)a->n_series * (size_t)a->n_column * (size_t)a->n_time;
  assert_memory_equal(a->time, b->time, (size_t)a->n_time * sizeof(double));
  assert_memory_equal(a->value, b->value, n * sizeof(double));
  assert_int_equal(a->windows.n, b->windows.n);
  for (int i = 0; i < a->windows.n; i++) {
    const wn_window *u = &a->windows.data[i], *v = &b->windows.data[i];
    assert_true(u->series == v->series && u->window == v->window);
    assert_memory_equal(&u->start, &v->start, sizeof(double));
    assert_memory_equal(&u->end, &v->end, sizeof(double));
    assert_memory_equal(&u->peak, &v->peak, sizeof(double));
  }
  assert_int_equal(a->metrics.n, b->metrics.n);
  for (int i = 0; i < a->metrics.n; i++) {
    const wn_metric *u = &a->metrics.data[i], *v = &b->metrics.data[i];
    assert_true(u->series == v->series && u->day == v->day && u->of == v->of);
    assert_string_equal(u->quantity, v->quantity);
    assert_memory_equal(&u->value, &v->value, sizeof(double));
  }
  for (int i = 0; i < a->n_series; i++) {
    const wn_series *u = &a->series[i], *v = &b->series[i];
    assert_int_equal(u->status, v->status);
    assert_string_equal(u->message, v->message);
    assert_memory_equal(&u->stats, &v->stats, sizeof u->stats);
  }
  assert_string_equal(a->solver, b->solver);
}

// arms of several schedules in mixed order; the parameters differ
static wn_scenario *make_mixed(const wn_model *model, int n_arm) {
  wn_scenario *s = new_scenario(model, n_arm, 60, 1);
  for (int arm = 0; arm < n_arm; arm++) {
    s->arm[arm].param[TONE_K] = 0.1 + 0.01 * arm;
    double first = arm % 3 == 0 ? 22 : arm % 3 == 1 ? 8 : 5;
    dose(s, arm, (wn_dose){.time = first, .route = 0, .amount = 1 + arm % 4, .ii = 24, .addl = 1});
    if (arm % 3 == 2) dose(s, arm, (wn_dose){.time = 30, .route = 0, .amount = 2, .duration = 3});
  }
  window(s, "difference", TONE_TONE, 1, 0.4, 1);
  window(s, "plain", TONE_TONE, 1, 1.5, 0);
  return s;
}

static void test_threads(void **unused) {
  (void)unused;
  wn_model *model = make_tone();
  wn_scenario *s = make_mixed(model, 41);
  wn_run_def def = run_def("auto", 1e-6, 1e-9);
  def.max_width = 8;
  wn_result *one = simulate(s, &def);
  const int n_thread[] = {2, 8, 0, 64};
  for (int i = 0; i < 4; i++) {
    def.n_thread = n_thread[i];
    wn_result *many = simulate(s, &def);
    assert_same(one, many);
    wn_result_destroy(many);
  }
  wn_result_destroy(one);
  wn_scenario_destroy(s);
  wn_model_destroy(model);
}

// On clocks of their own subjects take places as others leave them: whoever sat there before, beside whom, on however
// many threads, a subject has the bits, and its solver the counts, that it has alone.
static void same_in_any_place(const wn_scenario *s) {
  const char *const solver[] = {"rk", "rosenbrock", "taylor", "bdf", "explicit"};
  const int width[] = {4, 6, 8, 16, 64};
  for (int k = 0; k < 5; k++) {
    wn_run_def def = run_def(solver[k], 1e-6, 1e-9);
    def.max_width = 1;
    wn_result *alone = simulate(s, &def);
    for (int w = 0; w < 5; w++) {
      def.max_width = width[w], def.n_thread = w % 3;
      wn_result *many = simulate(s, &def);
      assert_same(alone, many);
      wn_result_destroy(many);
    }
    // (a series stands for many evaluations)
    const wn_solver_stats *did = &alone->series[1].stats;
    assert_true(did->n_step > (k == 2 ? 5 : 20) && did->n_rhs > (k == 2 ? 5 : 120));
    wn_result_destroy(alone);
  }
}

static void test_places(void **unused) {
  (void)unused;
  wn_model *model = make_tone();
  wn_scenario *s = make_mixed(model, 41);
  same_in_any_place(s);
  wn_scenario_destroy(s);
  wn_model_destroy(model);
}

// some of many explode, at their start, on their way, two at once: nobody who comes before, beside or after them minds
static void test_failing_places(void **unused) {
  (void)unused;
  wn_model *model = make_blowup();
  wn_scenario *s = new_scenario(model, 37, 48, 1);
  for (int arm = 0; arm < 37; arm++) {
    s->arm[arm].param[BLOW_A] = arm % 9 == 4 ? 0.033 : arm == 22 ? NAN : arm == 30 ? 0.033 : -0.01 * arm;
    dose(s, arm, (wn_dose){.time = 5 + arm % 4, .route = 0, .amount = 3, .ii = 24, .addl = 1});
  }
  window(s, "grown", 0, 1, 2, 0);
  same_in_any_place(s);
  wn_scenario_destroy(s);
  wn_model_destroy(model);
}

// side by side or alone: the same within tolerance
static void test_lanes(void **unused) {
  (void)unused;
  wn_model *model = make_tone();
  wn_scenario *s = make_mixed(model, 30);
  wn_run_def def = run_def("bdf", 1e-7, 1e-10);
  const int width[] = {1, 2, 4, 6, 16, 64};
  def.max_width = 1;
  wn_result *alone = simulate(s, &def);
  for (int w = 1; w < 6; w++) {
    def.max_width = width[w];
    wn_result *r = simulate(s, &def);
    for (int i = 0; i < s->n_arm; i++)
      for (int c = 0; c < r->n_column; c++)
        for (int k = 0; k < r->n_time; k++) NEAR(at(r, i, c, k), at(alone, i, c, k), 2e-6 * 5);
    assert_int_equal(r->windows.n, alone->windows.n);
    for (int i = 0; i < r->windows.n; i++) {
      NEAR(r->windows.data[i].start, alone->windows.data[i].start, 1e-4);
      NEAR(r->windows.data[i].end, alone->windows.data[i].end, 1e-4);
    }
    assert_int_equal(r->metrics.n, alone->metrics.n);
    wn_result_destroy(r);
  }
  wn_result_destroy(alone);
  wn_scenario_destroy(s);
  wn_model_destroy(model);
}

// one lane explodes: it says when and where, the others are as they would be without it, on any number of threads
static void test_failing_lane(void **unused) {
  (void)unused;
  wn_model *model = make_blowup();
  wn_scenario *s = new_scenario(model, 6, 48, 1);
  for (int arm = 0; arm < 6; arm++) {
    s->arm[arm].param[BLOW_A] = -0.01 * arm;
    dose(s, arm, (wn_dose){.time = 5, .route = 0, .amount = 3, .ii = 24, .addl = 1});
  }
  // 1 / (1 - 0.033 t): infinite at 30.3 h, day 2 in the morning
  s->arm[2].param[BLOW_A] = 0.033;
  window(s, "grown", 0, 1, 2, 0);
  window(s, "small", 0, 0, 0.9, 0);
  for (int k = 0; k < 2; k++) {
    wn_run_def def = run_def(k ? "bdf" : "explicit", 1e-7, 1e-10);
    wn_result *r = simulate(s, &def);
    for (int arm = 0; arm < 6; arm++) {
      const wn_series *series = &r->series[arm];
      if (arm == 2) {
        assert_int_equal(series->status, WN_ERR_RUN);
        if (!strstr(series->message, "day 2, 06:1") || !strstr(series->message, "in X"))
          fail_msg("%s", series->message);
        for (int i = 0; i < r->n_time; i++) {
          if (r->time[i] < 30) NEAR(at(r, arm, 0, i) * (1 - 0.033 * r->time[i]), 1, 1e-4);
          if (r->time[i] > 30.5)
            for (int c = 0; c < r->n_column; c++) assert_true(isnan(at(r, arm, c, i)));
        }
        // the run is not whole, its first dosing day is
        assert_true(isnan(metric(r, arm, "cmax", "X", 0)));
        assert_true(isnan(metric(r, arm, "auc", "X", 0)));
        assert_true(isnan(metric(r, arm, "mean", "Y", 0)));
        NEAR(metric(r, arm, "cmax", "X", 1), 1 / (1 - 0.033 * 29), 1e-2);
        NEAR(metric(r, arm, "hours_per_day", "grown", 1), 0, 0);
        // the first night ends at 31 h
        assert_true(isnan(metric(r, arm, "share_of_night", "small", 1)));
        continue;
      }
      assert_int_equal(series->status, WN_OK);
      assert_string_equal(series->message, "");
      for (int i = 0; i < r->n_time; i++) NEAR(at(r, arm, 0, i), 1 / (1 + 0.01 * arm * r->time[i]), 1e-6);
    }
    // the same metrics, in the same order, as the others
    assert_int_equal(r->series[2].n_day, 1);
    def.n_thread = 8;
    wn_result *again = simulate(s, &def);
    assert_string_equal(again->series[2].message, r->series[2].message);
    wn_result_destroy(again);
    wn_result_destroy(r);
  }
  wn_scenario_destroy(s);
  wn_model_destroy(model);
}

static volatile int begun;
static void interrupt_later(void *context, int worker, int index) {
  (void)worker;
  void **argument = context;
  wn_error err = {0};
  wn_result *r = NULL;
  if (index == 0) {
    const wn_run_def *def = argument[1];
    assert_int_equal(wn_simulate(argument[0], def, &r, &err), WN_ERR_INTERRUPT);
    assert_null(r);
    assert_string_equal(err.message, "interrupted");
  } else {
    for (volatile long i = 0; i < 3000000; i++) begun = (int)i;
    wn_interrupt_set(true);
  }
}

// an interrupt before the run, and one that arrives from outside while it goes on
static void test_interrupt(void **unused) {
  (void)unused;
  wn_model *model = make_tone();
  wn_scenario *s = make_mixed(model, 12);
  wn_run_def def = run_def("bdf", 1e-6, 1e-9);
  wn_result *r = NULL;
  wn_error err = {0};
  wn_interrupt_set(true);
  def.n_thread = 2;
  assert_int_equal(wn_simulate(s, &def, &r, &err), WN_ERR_INTERRUPT);
  assert_null(r);
  wn_interrupt_set(false);
  // long enough that only the interrupt ends it in time
  s->t_end = 1e6;
  def.keep_trajectories = false;
  void *argument[] = {s, &def};
  wn_pool_run(2, 2, interrupt_later, argument);
  wn_interrupt_set(false);
  wn_scenario_destroy(s);
  wn_model_destroy(model);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_threads),        cmocka_unit_test(test_places),
                                     cmocka_unit_test(test_failing_places), cmocka_unit_test(test_lanes),
                                     cmocka_unit_test(test_failing_lane),   cmocka_unit_test(test_interrupt)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}

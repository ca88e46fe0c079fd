// Windows: edges against analytic crossing times, baselines, dosing days, nights, peaks inside.
#include "sim/fixture.h"

static const char *const solvers[] = {"bdf", "explicit", "rk", "rosenbrock"};

// where the oral curve crosses a level, by bisection of the closed form on one side of its peak
static double crossing(double level, double dose_mg, bool rising) {
  double peak = pk1_tmax(2, 20, 1.5), lo = rising ? 0 : peak, hi = rising ? peak : 200;
  for (int i = 0; i < 200; i++) {
    double t = 0.5 * (lo + hi);
    if ((pk1_oral(dose_mg, 2, 20, 1.5, 0.8, t) < level) == rising) {
      lo = t;
    } else {
      hi = t;
    }
  }
  return 0.5 * (lo + hi);
}

static int count(const wn_result *r, int series, int w) {
  int n = 0;
  for (int i = 0; i < r->windows.n; i++) n += r->windows.data[i].series == series && r->windows.data[i].window == w;
  return n;
}

static const wn_window *nth(const wn_result *r, int series, int w, int n) {
  for (int i = 0; i < r->windows.n; i++)
    if (r->windows.data[i].series == series && r->windows.data[i].window == w && n-- == 0) return &r->windows.data[i];
  fail_msg("window %d of series %d is missing", w, series);
  return NULL;
}

static void test_edges(void **unused) {
  (void)unused;
  wn_model *model = make_pk1();
  wn_scenario *s = new_scenario(model, 2, 60, 1);
  dose(s, 0, (wn_dose){.time = 22, .route = 0, .amount = 100});
  dose(s, 1, (wn_dose){.time = 22, .route = 0, .amount = 50});
  int above = window(s, "above", PK1_C, 1, 1.5, 0), below = window(s, "below", PK1_C, 0, 1.5, 0);
  int occupied = window(s, "occupied", PK1_OCC, 1, 0.6, 0), never = window(s, "never", PK1_C, 1, 50, 0);
  for (int k = 0; k < 2; k++) {
    wn_run_def def = run_def(solvers[k], 1e-9, 1e-11);
    wn_result *r = simulate(s, &def);
    for (int arm = 0; arm < 2; arm++) {
      double amount = arm == 0 ? 100 : 50, peak = pk1_oral(amount, 2, 20, 1.5, 0.8, pk1_tmax(2, 20, 1.5));
      double up = 22 + crossing(1.5, amount, true), down = 22 + crossing(1.5, amount, false);
      assert_int_equal(count(r, arm, above), 1);
      const wn_window *w = nth(r, arm, above, 0);
      NEAR(w->start, up, 1e-6);
      NEAR(w->end, down, 1e-6);
      NEAR(w->peak, peak, 1e-7);
      NEAR(w->peak_time, 22 + pk1_tmax(2, 20, 1.5), 1e-3);
      assert_false(w->open_start || w->open_end);
      // the complement: open at both ends of the run
      assert_int_equal(count(r, arm, below), 2);
      w = nth(r, arm, below, 0);
      NEAR(w->start, 0, 0);
      NEAR(w->end, up, 1e-6);
      NEAR(w->peak, 0, 0);
      assert_true(w->open_start && !w->open_end);
      w = nth(r, arm, below, 1);
      NEAR(w->start, down, 1e-6);
      NEAR(w->end, 60, 0);
      assert_true(!w->open_start && w->open_end);
      // C / (C + 1) = 0.6 where C = 1.5
      w = nth(r, arm, occupied, 0);
      NEAR(w->start, up, 1e-6);
      NEAR(w->end, down, 1e-6);
      NEAR(w->peak, peak / (peak + 1), 1e-7);
      assert_int_equal(count(r, arm, never), 0);
      // the same as metrics: hours, clock, calendar day
      const wn_metric *m = row(r, arm, "window_start", "above", 1);
      NEAR(m->value, up, 1e-6);
      NEAR(m->clock, up, 1e-6);
      assert_string_equal(m->unit, "h");
      NEAR(row(r, arm, "window_end", "above", 2)->clock, down - 24, 1e-6);
      NEAR(metric(r, arm, "window_hours", "above", 1), down - up, 1e-6);
      assert_true(isnan(row(r, arm, "window_start", "below", 1)->clock));
      assert_true(isnan(row(r, arm, "window_end", "below", 3)->clock));
    }
    wn_result_destroy(r);
  }
  wn_scenario_destroy(s);
  wn_model_destroy(model);
}

// a window that opens and closes between two nodes of a step: the peak clears the threshold by a thousandth
static void test_short(void **unused) {
  (void)unused;
  wn_model *model = make_pk1();
  wn_scenario *s = new_scenario(model, 1, 24, 1);
  dose(s, 0, (wn_dose){.time = 1, .route = 0, .amount = 100});
  double peak = pk1_oral(100, 2, 20, 1.5, 0.8, pk1_tmax(2, 20, 1.5));
  int shortest = 0;
  for (int i = 0; i < 6; i++) window(s, "w", PK1_C, 1, peak * (1 - pow(10, -1.0 - 0.5 * i)), 0);
  for (int k = 0; k < 2; k++) {
    wn_run_def def = run_def(solvers[k], 1e-6, 1e-9);
    wn_result *r = simulate(s, &def);
    for (int i = 0; i < 6; i++) {
      double level = s->window[i].threshold;
      assert_int_equal(count(r, 0, i), 1);
      double up = 1 + crossing(level, 100, true), down = 1 + crossing(level, 100, false);
      // near the top an edge moves by error / slope
      double slack = 1e-5 * peak / (peak - level) * (down - up);
      NEAR(nth(r, 0, i, 0)->start, up, slack);
      NEAR(nth(r, 0, i, 0)->end, down, slack);
    }
    shortest += count(r, 0, 5);
    wn_result_destroy(r);
  }
  assert_int_equal(shortest, 2);
  wn_scenario_destroy(s);
  wn_model_destroy(model);
}

// edges at events, where the output jumps; touching a threshold is not crossing it
static void test_jumps(void **unused) {
  (void)unused;
  wn_model *model = make_pk1();
  wn_scenario *s = new_scenario(model, 1, 48, 1);
  // 10 mg/L at 0 and again 24 h later; k = 0.1
  dose(s, 0, (wn_dose){.time = 0, .route = 1, .amount = 200, .ii = 24, .addl = 1});
  int high = window(s, "high", PK1_C, 1, 5, 0), low = window(s, "low", PK1_C, 0, 5, 0);
  int exact = window(s, "exact", PK1_C, 1, 20, 0), zero = window(s, "zero", PK1_C, 0, 0, 0);
  wn_run_def def = run_def("explicit", 1e-9, 1e-11);
  wn_result *r = simulate(s, &def);
  double first = 10 * log(2), second = 24 + 10 * log((10 + 10 * exp(-2.4)) / 5);
  assert_int_equal(count(r, 0, high), 2);
  NEAR(nth(r, 0, high, 0)->start, 0, 0);
  assert_false(nth(r, 0, high, 0)->open_start);
  NEAR(nth(r, 0, high, 0)->end, first, 1e-6);
  NEAR(nth(r, 0, high, 0)->peak, 10, 0);
  NEAR(nth(r, 0, high, 0)->peak_time, 0, 0);
  NEAR(nth(r, 0, high, 1)->start, 24, 0);
  NEAR(nth(r, 0, high, 1)->end, second, 1e-6);
  NEAR(nth(r, 0, high, 1)->peak, 10 + 10 * exp(-2.4), 1e-7);
  assert_int_equal(count(r, 0, low), 2);
  NEAR(nth(r, 0, low, 0)->start, first, 1e-6);
  NEAR(nth(r, 0, low, 0)->end, 24, 0);
  NEAR(nth(r, 0, low, 0)->peak, 10 * exp(-2.4), 1e-7);
  NEAR(nth(r, 0, low, 1)->start, second, 1e-6);
  assert_int_equal(count(r, 0, exact), 0);
  assert_int_equal(count(r, 0, zero), 0);
  // windows are sorted by series, window, start
  for (int i = 1; i < r->windows.n; i++) {
    const wn_window *a = &r->windows.data[i - 1], *b = &r->windows.data[i];
    assert_true(a->series < b->series || a->window < b->window || a->start < b->start);
  }
  wn_result_destroy(r);
  wn_scenario_destroy(s);
  wn_model_destroy(model);
}

// tone = rhythm + drug: the difference to the drug-free tone is the drug, the ratio 1 + drug / rhythm
static void test_baseline(void **unused) {
  (void)unused;
  wn_model *model = make_tone();
  double w = 2 * acos(-1) / 24;
  for (int n_arm = 1; n_arm <= 5; n_arm += 4) {
    wn_scenario *s = new_scenario(model, n_arm, 48, 1);
    for (int arm = 0; arm < n_arm; arm++) dose(s, arm, (wn_dose){.time = 3, .route = 0, .amount = 1 + arm});
    int difference = window(s, "difference", TONE_TONE, 1, 0.4, 1), ratio = window(s, "ratio", TONE_TONE, 1, 1.4, 2);
    int plain = window(s, "plain", TONE_TONE, 1, 10, 0), rise = window(s, "rise", TONE_TONE, 1, 0, 1);
    for (int k = 0; k < 2; k++) {
      wn_run_def def = run_def(solvers[k], 1e-9, 1e-11);
      def.max_width = n_arm == 1 ? 16 : 8;
      wn_result *r = simulate(s, &def);
      for (int arm = 0; arm < n_arm; arm++) {
        double amount = 1 + arm, end = 3 + log(amount / 0.4) / 0.2;
        assert_int_equal(count(r, arm, difference), 1);
        NEAR(nth(r, arm, difference, 0)->start, 3, 0);
        NEAR(nth(r, arm, difference, 0)->end, end, 1e-6);
        NEAR(nth(r, arm, difference, 0)->peak, amount, 1e-8);
        assert_int_equal(count(r, arm, plain), 0);
        // never again equal: open at the end
        assert_int_equal(count(r, arm, rise), 1);
        assert_true(nth(r, arm, rise, 0)->open_end);
        assert_int_equal(count(r, arm, ratio), 1);
        double edge = nth(r, arm, ratio, 0)->end, rhythm = 1 + 0.25 * cos(w * (edge - 8));
        NEAR(amount * exp(-0.2 * (edge - 3)) / rhythm, 0.4, 1e-7);
        double at_dose = 1 + 0.25 * cos(w * (3 - 8));
        assert_true(nth(r, arm, ratio, 0)->peak >= 1 + amount / at_dose - 1e-8);
        assert_string_equal(row(r, arm, "peak", "ratio", 1)->unit, "1");
        // the drug-free lanes leave no trace in the trajectory
        NEAR(at(r, arm, 0, 4), amount * exp(-0.2), 1e-7);
      }
      wn_result_destroy(r);
    }
    wn_scenario_destroy(s);
  }
  wn_model_destroy(model);
}

// without a dose the difference is exactly 0 and the ratio exactly 1, whatever the rhythm does
static void test_baseline_without_dose(void **unused) {
  (void)unused;
  wn_model *model = make_tone();
  wn_scenario *s = new_scenario(model, 1, 48, 1);
  int up = window(s, "up", TONE_R, 1, 0, 1), down = window(s, "down", TONE_R, 0, 0, 1);
  int more = window(s, "more", TONE_R, 1, 1, 2), less = window(s, "less", TONE_R, 0, 1, 2);
  wn_run_def def = run_def("bdf", 1e-6, 1e-9);
  wn_result *r = simulate(s, &def);
  assert_int_equal(count(r, 0, up) + count(r, 0, down) + count(r, 0, more) + count(r, 0, less), 0);
  NEAR(r->series[0].day_start, 0, 0);
  assert_int_equal(r->series[0].n_day, 2);
  assert_true(isnan(metric(r, 0, "t_half", "R", 0)));
  wn_result_destroy(r);
  wn_scenario_destroy(s);
  wn_model_destroy(model);
}

// dosing days begin with the first dose, nights are those inside the run; shares against the analytic edges
static void test_days_and_nights(void **unused) {
  (void)unused;
  wn_model *model = make_pk1();
  wn_scenario *s = new_scenario(model, 2, 22 + 3 * 24 + 5, 1);
  for (int arm = 0; arm < 2; arm++) dose(s, arm, (wn_dose){.time = 22, .route = 0, .amount = 40, .ii = 24, .addl = 3});
  s->arm[1].day_start = 8;
  int w = window(s, "on", PK1_C, 1, 1, 0);
  wn_run_def def = run_def("bdf", 1e-9, 1e-11);
  wn_result *r = simulate(s, &def);
  NEAR(r->series[0].day_start, 22, 0);
  assert_int_equal(r->series[0].n_day, 3);
  NEAR(r->series[1].day_start, 8, 0);
  assert_int_equal(r->series[1].n_day, 3);
  for (int arm = 0; arm < 2; arm++) {
    assert_int_equal(count(r, arm, w), 4);
    for (int day = 1; day <= 3; day++) {
      double from = (arm == 0 ? 22 : 8) + 24.0 * (day - 1), hours = 0, share = 0, night = 24.0 * (day - 1) + 23;
      for (int i = 0; i < 4; i++) {
        double a = nth(r, arm, w, i)->start, b = nth(r, arm, w, i)->end;
        hours += fmax(0, fmin(b, from + 24) - fmax(a, from));
        share += fmax(0, fmin(b, night + 8) - fmax(a, night)) / 8;
      }
      NEAR(metric(r, arm, "hours_per_day", "on", day), hours, 1e-12);
      NEAR(metric(r, arm, "share_of_night", "on", day), share, 1e-12);
      assert_true(share > 0 && share < 1);
    }
    assert_null(wn_result_find(r, arm, "hours_per_day", "on", 4));
    // the fourth night ends after the run
    assert_null(wn_result_find(r, arm, "share_of_night", "on", 4));
    NEAR(metric(r, arm, "windows_per_day", "on", 1), 1, 0);
    NEAR(metric(r, arm, "windows_per_day", "on", 3), 1, 0);
    assert_null(wn_result_find(r, arm, "windows_per_day", "on", 2));
    // the curve of day n by superposition; its peak is the peak inside the windows of the last day
    double top = 0, time = pk1_tmax(2, 20, 1.5);
    for (int i = 0; i < 3; i++) top += pk1_oral(40, 2, 20, 1.5, 0.8, time + 24.0 * i);
    const wn_metric *peak = row(r, arm, "peak", "on", 3);
    NEAR(peak->value, top, 1e-3);
    NEAR(peak->value, metric(r, arm, "cmax", "C", 3), 1e-12);
    NEAR(peak->clock, 22 + time, 0.1);
    assert_true(metric(r, arm, "cmax", "C", 1) < metric(r, arm, "cmax", "C", 3));
    NEAR(metric(r, arm, "tmax", "C", 3), time, 0.1);
    // auc of a day from amounts: in minus what is left, over CL
    double auc = metric(r, arm, "auc", "C", 1), body = 0;
    if (arm == 0) {
      body = 20 * pk1_oral(40, 2, 20, 1.5, 0.8, 24) + 32 * exp(-1.5 * 24);
    } else {
      body = 20 * pk1_oral(40, 2, 20, 1.5, 0.8, 10) + 32 * exp(-1.5 * 10);
    }
    NEAR(auc, (32 - body) / 2, 1e-6);
    NEAR(metric(r, arm, "mean", "C", 1), auc / 24, 1e-12);
  }
  wn_result_destroy(r);
  wn_scenario_destroy(s);
  wn_model_destroy(model);
}

// a window that never closes has no beginning in later days, yet counts there
static void test_always_inside(void **unused) {
  (void)unused;
  wn_model *model = make_tone();
  wn_scenario *s = new_scenario(model, 1, 72, 1);
  s->night_from = 1, s->night_to = 5;
  window(s, "always", TONE_TONE, 1, 0.5, 0);
  wn_run_def def = run_def("auto", 1e-6, 1e-9);
  def.keep_trajectories = false;
  wn_result *r = simulate(s, &def);
  assert_int_equal(r->windows.n, 1);
  NEAR(metric(r, 0, "windows_per_day", "always", 1), 1, 0);
  NEAR(metric(r, 0, "windows_per_day", "always", 3), 1, 0);
  for (int day = 1; day <= 3; day++) {
    NEAR(metric(r, 0, "hours_per_day", "always", day), 24, 0);
    NEAR(metric(r, 0, "share_of_night", "always", day), 1, 0);
  }
  NEAR(metric(r, 0, "peak", "always", 3), 1.25, 1e-6);
  NEAR(row(r, 0, "peak", "always", 3)->clock, 8, 0.01);
  NEAR(metric(r, 0, "peak", "tone", 0), 1.25, 1e-6);
  NEAR(metric(r, 0, "trough", "tone", 2 + 1), 0.75, 1e-6);
  // an output without unit has no cmax, auc or half-life
  assert_null(wn_result_find(r, 0, "cmax", "tone", 0));
  assert_null(wn_result_find(r, 0, "auc", "tone", 0));
  assert_null(wn_result_find(r, 0, "t_half", "tone", 0));
  assert_null(wn_result_find(r, 1, "peak", "tone", 0));
  wn_result_destroy(r);
  wn_scenario_destroy(s);
  wn_model_destroy(model);
}

// an output that jumps inside a step, where nothing makes the solver stop: no polynomial is believed there
static void test_switch(void **unused) {
  (void)unused;
  wn_model *model = new_model("switch");
  put_param(model, "AT", 11.3), put_param(model, "FOR", 0.7);
  wn_node from = p_(model, 0), to = add(model, p_(model, 0), p_(model, 1)), t = t_(model);
  wn_node on = op_(model, WN_OP_AND, op_(model, WN_OP_LE, from, t), op_(model, WN_OP_LT, t, to));
  put_state(model, "X", neg(model, s_(model, 0)), c_(model, 1));
  put_output(model, "step", "1", op_(model, WN_OP_LE, from, t));
  put_output(model, "pulse", "1", add(model, on, mul(model, c_(model, 0.001), t)));
  put_route(model, "X", 0, c_(model, 1), c_(model, 0));
  compile(model);
  wn_scenario *s = new_scenario(model, 1, 24, 1);
  int step = window(s, "step", 0, 1, 0.25, 0), off = window(s, "off", 0, 0, 0.75, 0);
  for (int k = 0; k < 2; k++) {
    wn_run_def def = run_def(solvers[k], 1e-6, 1e-9);
    def.solver.max_step = 1;
    wn_result *r = simulate(s, &def);
    NEAR(metric(r, 0, "peak", "step", 0), 1, 0);
    NEAR(metric(r, 0, "trough", "step", 0), 0, 0);
    NEAR(metric(r, 0, "peak", "pulse", 0), 1.012, 1e-3);
    assert_int_equal(r->windows.n, 2);
    NEAR(nth(r, 0, step, 0)->start, 11.3, 1e-9);
    assert_true(nth(r, 0, step, 0)->open_end);
    NEAR(nth(r, 0, off, 0)->end, 11.3, 1e-9);
    wn_result_destroy(r);
  }
  wn_scenario_destroy(s);
  wn_model_destroy(model);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_edges),
      cmocka_unit_test(test_short),
      cmocka_unit_test(test_jumps),
      cmocka_unit_test(test_baseline),
      cmocka_unit_test(test_baseline_without_dose),
      cmocka_unit_test(test_days_and_nights),
      cmocka_unit_test(test_always_inside),
      cmocka_unit_test(test_switch),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

// test_local.c - local sensitivities: closed forms of one compartment, differences of runs for doses that move (lag, F,
// infusions), windows over drug-free values, the same bits for any number of threads, and what is refused.

#include "sim/differences.h"

static wn_local *derive(const wn_scenario *s, const wn_run_def *run, const int *param, int n) {
  wn_local *local = NULL;
  wn_error err = {0};
  wn_local_def def = {.param = param, .n_param = n, .run = *run};
  if (wn_local_create(s, &def, &local, &err)) fail_msg("%s", err.message);
  return local;
}

static const wn_local_metric *moved(const wn_local *local, int arm, const char *quantity, const char *of, int day) {
  for (int i = 0; i < local->metrics.n; i++) {
    const wn_local_metric *m = &local->metrics.data[i];
    if (m->arm == arm && strcmp(m->metric.quantity, quantity) == 0 && strcmp(m->metric.of, of) == 0 &&
        m->metric.day == day)
      return m;
  }
  fail_msg("no %s of %s, day %d", quantity, of, day);
  return NULL;
}

static void watch(wn_scenario *s) {
  s->watch = wn_arena_alloc(s->arena, (size_t)s->model->n_output * sizeof(int));
  s->n_watch = s->model->n_output;
  for (int i = 0; i < s->n_watch; i++) s->watch[i] = i;
}

// what the closed form of one oral dose says of p = CL, V, KA, F1, LAG: cmax, tmax, auc, time when C falls to 1
static void closed_form(const double p[5], double out[4]) {
  double tmax = pk1_tmax(p[0], p[1], p[2]), lo = tmax, hi = 72;
  out[0] = pk1_oral(100, p[0], p[1], p[2], p[3], tmax);
  out[1] = tmax + p[4];
  double k = p[0] / p[1], end = 72 - p[4];
  out[2] = p[3] * 100 * p[2] / (p[1] * (p[2] - k)) * ((1 - exp(-k * end)) / k - (1 - exp(-p[2] * end)) / p[2]);
  for (int i = 0; i < 200; i++) {
    double x = 0.5 * (lo + hi);
    if (pk1_oral(100, p[0], p[1], p[2], p[3], x) > 1)
      lo = x;
    else
      hi = x;
  }
  out[3] = lo + p[4];
}

static void test_closed_form(void **state) {
  (void)state;
  static const int param[] = {PK1_CL, PK1_V, PK1_KA, PK1_F1, PK1_LAG};
  wn_model *m = make_pk1();
  wn_scenario *s = new_scenario(m, 1, 72, 1);
  watch(s);
  s->arm[0].param[PK1_LAG] = 0.5;
  dose(s, 0, (wn_dose){.time = 0, .route = 0, .amount = 100});
  window(s, "above", PK1_C, 1, 1.0, 0);
  wn_run_def run = run_def("bdf", 1e-10, 1e-12);
  wn_local *local = derive(s, &run, param, 5);
  const wn_local_metric *row[] = {moved(local, 0, "cmax", "C", 0), moved(local, 0, "tmax", "C", 0),
                                  moved(local, 0, "auc", "C", 0), moved(local, 0, "window_end", "above", 1)};
  for (int k = 0; k < 5; k++) {
    double p[] = {2.0, 20.0, 1.5, 0.8, 0.5}, up[4], down[4], h = 1e-5;
    double value = p[k];
    p[k] = value * (1 + h), closed_form(p, up);
    p[k] = value * (1 - h), closed_form(p, down);
    for (int i = 0; i < 4; i++) {
      double expected = (up[i] - down[i]) / (2 * h);
      NEAR(row[i]->by[k], expected, 1e-7 * (1 + fabs(expected)));
      NEAR(wn_local_slope(local, row[i], k), expected / value, 1e-6 * (1 + fabs(expected)) / value);
    }
  }
  // cmax and auc are proportional to all doses; so is F, but for nothing else
  NEAR(wn_local_elasticity(local, row[0], 5), 1, 1e-8);
  NEAR(wn_local_elasticity(local, row[2], 5), 1, 1e-8);
  NEAR(wn_local_elasticity(local, row[0], 3), 1, 1e-8);
  NEAR(row[1]->by[5], 0, 1e-8);
  assert_string_equal(wn_local_name(local, 0), "CL");
  assert_string_equal(wn_local_name(local, 5), "all doses");
  wn_local_destroy(local);
  wn_scenario_destroy(s);
  wn_model_destroy(m);
}

// oral and intravenous boluses, infusions over a time and at a rate, all with lag and F that matter, day after day
static void test_doses(void **state) {
  (void)state;
  wn_model *m = make_pk1();
  wn_scenario *s = new_scenario(m, 3, 96, 1);
  watch(s);
  for (int a = 0; a < 3; a++) s->arm[a].param[PK1_LAG] = 0.7;
  dose(s, 0, (wn_dose){.time = 8, .route = 0, .amount = 100, .ii = 24, .addl = 3});
  dose(s, 0, (wn_dose){.time = 20, .route = 1, .amount = 30, .ii = 24, .addl = 3});
  dose(s, 1, (wn_dose){.time = 8, .route = 0, .amount = 100, .duration = 3, .ii = 24, .addl = 3});
  dose(s, 1, (wn_dose){.time = 9, .route = 0, .amount = 50, .duration = 5, .ii = 24, .addl = 3});
  dose(s, 2, (wn_dose){.time = 8, .route = 0, .amount = 100, .rate = 20, .ii = 24, .addl = 3});
  window(s, "above", PK1_C, 1, 1.5, 0);
  window(s, "half", PK1_OCC, 1, 0.5, 0);
  wn_run_def run = run_def("bdf", 1e-11, 1e-13);
  wn_local *local = derive(s, &run, NULL, 0);
  assert_int_equal(local->motion->n_param, 6);
  int n_large = 0;
  for (int k = 0; k < local->motion->n_param; k++) {
    compared_rows rows = against_differences(s, &run, local, k, 1e-4, 1e-5, true);
    assert_true(rows.n > 50);
    assert_int_equal(rows.n_far, 0);
    n_large += rows.n_large;
  }
  assert_true(n_large > 200);
  wn_local_destroy(local);
  wn_scenario_destroy(s);
  wn_model_destroy(m);
}

// values over those without the drug, an initial value that is a parameter, a rhythm
static void test_baseline(void **state) {
  (void)state;
  wn_model *m = make_tone();
  wn_scenario *s = new_scenario(m, 1, 72, 1);
  watch(s);
  s->arm[0].param[TONE_R0] = 0.8;
  dose(s, 0, (wn_dose){.time = 22, .route = 0, .amount = 2, .ii = 24, .addl = 1});
  window(s, "more", TONE_TONE, 1, 0.5, 1);
  window(s, "times", TONE_TONE, 1, 1.3, 2);
  window(s, "low", TONE_R, 0, 0.95, 0);
  wn_run_def run = run_def("bdf", 1e-11, 1e-13);
  wn_local *local = derive(s, &run, NULL, 0);
  int n_large = 0;
  for (int k = 0; k < local->motion->n_param; k++) {
    compared_rows rows = against_differences(s, &run, local, k, 1e-4, 1e-5, true);
    assert_int_equal(rows.n_far, 0);
    n_large += rows.n_large;
  }
  assert_true(n_large > 40);
  // the window opens with the dose and does not move with what the drug does
  const wn_local_metric *start = moved(local, 0, "window_start", "more", 1);
  for (int k = 0; k < local->n_sens; k++) assert_true(start->by[k] == 0);
  wn_local_destroy(local);
  wn_scenario_destroy(s);
  wn_model_destroy(m);
}

static void test_threads(void **state) {
  (void)state;
  wn_model *m = make_pk1();
  wn_scenario *s = new_scenario(m, 2, 48, 1);
  watch(s);
  for (int a = 0; a < 2; a++) dose(s, a, (wn_dose){.time = a, .route = 0, .amount = 100});
  window(s, "above", PK1_C, 1, 1.5, 0);
  wn_run_def one = run_def("auto", 1e-6, 1e-9), two = one;
  two.n_thread = 2;
  wn_local *a = derive(s, &one, NULL, 0), *b = derive(s, &two, NULL, 0);
  assert_int_equal(a->metrics.n, b->metrics.n);
  for (int i = 0; i < a->metrics.n; i++)
    assert_memory_equal(a->metrics.data[i].by, b->metrics.data[i].by, (size_t)a->n_sens * sizeof(double));
  wn_local_destroy(a);
  wn_local_destroy(b);
  wn_scenario_destroy(s);
  wn_model_destroy(m);
}

static void test_failures(void **state) {
  (void)state;
  wn_model *m = make_pk1();
  wn_scenario *s = new_scenario(m, 1, 24, 1);
  watch(s);
  dose(s, 0, (wn_dose){.time = 0, .route = 0, .amount = 100});
  window(s, "above", PK1_C, 1, 1.5, 0);
  wn_local_def def = {.run = run_def("auto", 1e-6, 1e-9)};
  wn_local *local = NULL;
  wn_error err = {0};
  s->n_subject = 5;
  assert_int_equal(wn_local_create(s, &def, &local, &err), WN_ERR_USER);
  assert_null(local);
  s->n_subject = 1;
  // every allocation fails once; the graph keeps what was derived, so later rounds come further
  for (long n = 0; n < 3000; n++) {
    wn_alloc_fail_after(n);
    wn_status status = wn_local_create(s, &def, &local, &err);
    wn_alloc_fail_after(-1);
    if (!status) break;
    assert_int_equal(status, WN_ERR_MEMORY);
    assert_null(local);
  }
  assert_non_null(local);
  wn_local_destroy(local);
  wn_scenario_destroy(s);
  wn_model_destroy(m);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_closed_form), cmocka_unit_test(test_doses),    cmocka_unit_test(test_baseline),
      cmocka_unit_test(test_threads),     cmocka_unit_test(test_failures),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

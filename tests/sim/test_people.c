// test_people.c - scenarios with many individuals: the same people in every arm, each with the closed form of its own
// parameters, whoever runs beside it; what is kept and what is not; what is refused.

#include "sim/fixture.h"

#include "sim/population.h"
#include "sim/subject.h"

enum { MANY = 37 };

static const int index_of[] = {0, 1, 2, 3, 4, 5};
static const double variance[] = {0.09, 0.04, 0.25};

// clearance and volume vary; with `late` the lag, too, so that everybody's doses enter at another time
static wn_model *make_varied(bool late) {
  wn_model *m = make_pk1();
  m->random = wn_arena_alloc(m->arena, 3 * sizeof *m->random);
  m->random[0] = (wn_random){.n = 1, .param = &index_of[PK1_CL], .omega = &variance[0]};
  m->random[1] = (wn_random){.n = 1, .param = &index_of[PK1_V], .omega = &variance[1]};
  m->random[2] = (wn_random){.n = 1, .param = &index_of[PK1_LAG], .omega = &variance[2]};
  m->n_random = late ? 3 : 2;
  return m;
}

// two arms, 100 and 50 mg into a vein at 6 h, watched: occ, C
static wn_scenario *make_scenario(const wn_model *m, int n) {
  wn_scenario *s = new_scenario(m, 2, 48, 1);
  for (int arm = 0; arm < 2; arm++) dose(s, arm, (wn_dose){.time = 6, .route = 1, .amount = arm ? 50 : 100});
  s->arm[1].param[PK1_CL] = 4;
  s->n_watch = 2;
  s->watch = wn_arena_alloc(s->arena, 2 * sizeof *s->watch);
  s->watch[0] = PK1_OCC, s->watch[1] = PK1_C;
  s->n_subject = n;
  s->seed = 4;
  window(s, "high", PK1_C, 1, 1, 0);
  return s;
}

static wn_subject *subjects_of(const wn_scenario *s) {
  wn_subject *subjects;
  wn_error err = {0};
  if (wn_subjects_create(s, &subjects, &err)) fail_msg("%s", err.message);
  return subjects;
}

static void test_same_people(void **state) {
  (void)state;
  wn_model *m = make_varied(false);
  wn_scenario *s = make_scenario(m, MANY);
  wn_subject *subjects = subjects_of(s);
  double value[8];
  wn_error err;
  assert_int_equal(wn_scenario_n_series(s), 2 * MANY);
  for (int i = 0; i < MANY; i++) {
    const wn_subject *a = &subjects[i], *b = &subjects[MANY + i];
    assert_true(a->series == i && b->series == MANY + i && a->number == i + 1 && b->number == i + 1);
    assert_true(a->arm == &s->arm[0] && b->arm == &s->arm[1]);
    assert_int_equal(wn_population_draw(m, 4, i + 1, 1, s->arm[0].param, value, &err), WN_OK);
    assert_true(memcmp(value, a->param, 6 * sizeof *value) == 0);
    // the second arm's typical clearance is twice that of the first, and so is everybody's
    NEAR(b->param[PK1_CL], 2 * a->param[PK1_CL], 1e-14 * b->param[PK1_CL]);
    assert_true(b->param[PK1_V] == a->param[PK1_V]);
    // their doses become the same, so they share a schedule
    assert_true(a->schedule.action == subjects[0].schedule.action);
  }
  // a larger crowd begins with the same people
  s->n_subject = 3;
  wn_subject *few = subjects_of(s);
  for (int i = 0; i < 3; i++) assert_true(memcmp(few[i].param, subjects[i].param, 6 * sizeof(double)) == 0);
  wn_subjects_destroy(few, 6);
  wn_subjects_destroy(subjects, 2 * MANY);
  // one individual, or a scenario that does not say: the typical one
  for (s->n_subject = 0; s->n_subject < 2; s->n_subject++) {
    wn_subject *typical = subjects_of(s);
    assert_int_equal(wn_scenario_n_series(s), 2);
    assert_true(typical[1].param == s->arm[1].param);
    wn_subjects_destroy(typical, 2);
  }
  wn_scenario_destroy(s);
  wn_model_destroy(m);
}

// everybody follows the closed form of the own clearance, volume and lag
static void check_closed_form(bool late) {
  wn_model *m = make_varied(late);
  wn_scenario *s = make_scenario(m, MANY);
  for (int arm = 0; arm < 2; arm++) {
    s->arm[arm].doses.data[0].route = 0;
    s->arm[arm].param[PK1_LAG] = 0.5;
  }
  wn_subject *subjects = subjects_of(s);
  wn_run_def def = run_def("explicit", 1e-9, 1e-12);
  wn_result *r = simulate(s, &def);
  assert_int_equal(r->n_series, 2 * MANY);
  for (int i = 0; i < 2 * MANY; i++) {
    const double *p = subjects[i].param;
    double amount = i < MANY ? 100 : 50;
    assert_true(r->series[i].arm == i / MANY && r->series[i].subject == i % MANY + 1);
    for (int k = 0; k < r->n_time; k++) {
      double want = pk1_oral(amount, p[PK1_CL], p[PK1_V], 1.5, 0.8, r->time[k] - 6 - p[PK1_LAG]);
      NEAR(wn_result_output(r, i, PK1_C)[k], want, 1e-7);
    }
    NEAR(metric(r, i, "tmax", "C", 1), p[PK1_LAG] + pk1_tmax(p[PK1_CL], p[PK1_V], 1.5), 1e-4);
    assert_true((subjects[i].schedule.action == subjects[i / MANY * MANY].schedule.action) == (!late || i % MANY == 0));
  }
  wn_result_destroy(r);
  wn_subjects_destroy(subjects, 2 * MANY);
  wn_scenario_destroy(s);
  wn_model_destroy(m);
}

static void test_closed_form(void **state) {
  (void)state;
  check_closed_form(false);
  check_closed_form(true);
}

static void test_threads(void **state) {
  (void)state;
  wn_model *m = make_varied(true);
  wn_scenario *s = make_scenario(m, MANY);
  wn_run_def def = run_def("bdf", 1e-6, 1e-9);
  wn_result *first = simulate(s, &def);
  size_t size = (size_t)first->n_series * (size_t)first->n_column * (size_t)first->n_time * sizeof(double);
  for (int n_thread = 2; n_thread < 9; n_thread += 3) {
    def.n_thread = n_thread;
    wn_result *r = simulate(s, &def);
    assert_true(memcmp(first->value, r->value, size) == 0);
    assert_int_equal(first->metrics.n, r->metrics.n);
    for (int i = 0; i < r->metrics.n; i++)
      assert_true(memcmp(&first->metrics.data[i].value, &r->metrics.data[i].value, sizeof(double)) == 0);
    wn_result_destroy(r);
  }
  wn_result_destroy(first);
  wn_scenario_destroy(s);
  wn_model_destroy(m);
}

// less is kept, the rest is the same to the last bit
static void test_kept(void **state) {
  (void)state;
  wn_model *m = make_varied(false);
  wn_scenario *s = make_scenario(m, 5);
  s->t_end = 96;
  wn_run_def def = run_def("explicit", 1e-6, 1e-9);
  wn_result *all = simulate(s, &def);
  def.keep_trajectories = WN_KEEP_WATCHED;
  def.brief = true;
  wn_result *watched = simulate(s, &def);
  def.keep_trajectories = WN_KEEP_NONE;
  wn_result *none = simulate(s, &def);
  assert_int_equal(watched->n_column, 2);
  assert_int_equal(watched->n_time, all->n_time);
  for (int i = 0; i < all->n_series; i++)
    for (int output = 0; output < 2; output++) {
      size_t size = (size_t)all->n_time * sizeof(double);
      assert_true(memcmp(wn_result_output(all, i, output), wn_result_output(watched, i, output), size) == 0);
      assert_null(wn_result_output(none, i, output));
      assert_true(wn_result_output(watched, i, s->watch[output]) ==
                  watched->value + (size_t)(2 * i + output) * (size_t)all->n_time);
    }
  // of 4 whole dosing days the last, or first and last; of nights the last
  s->n_watch = 1;
  wn_result *brief = simulate(s, &def);
  assert_true(brief->metrics.n < watched->metrics.n && watched->metrics.n < all->metrics.n);
  for (int i = 0; i < brief->metrics.n; i++) {
    const wn_metric *b = &brief->metrics.data[i], *a = wn_result_find(all, b->series, b->quantity, b->of, b->day);
    assert_non_null(a);
    assert_true(memcmp(&a->value, &b->value, sizeof(double)) == 0 && strcmp(a->unit, b->unit) == 0);
    assert_true(strcmp(b->of, "C") != 0);
    if (strcmp(b->quantity, "hours_per_day") == 0)
      assert_true(b->day == 1 || b->day == 3);
    else
      assert_true(b->day == 3 || strcmp(b->quantity, "windows_per_day") == 0);
  }
  assert_non_null(wn_result_find(brief, 9, "share_of_night", "high", 3));
  assert_null(wn_result_find(brief, 9, "share_of_night", "high", 2));
  assert_int_equal(brief->windows.n, all->windows.n);
  wn_result_destroy(all);
  wn_result_destroy(watched);
  wn_result_destroy(none);
  wn_result_destroy(brief);
  wn_scenario_destroy(s);
  wn_model_destroy(m);
}

// rows of a series are those that have its number
static void test_rows(void **state) {
  (void)state;
  wn_model *m = make_varied(false);
  wn_scenario *s = make_scenario(m, 5);
  wn_run_def def = run_def("explicit", 1e-6, 1e-9);
  wn_result *r = simulate(s, &def);
  int n_metric = 0, n_window = 0, n;
  for (int i = 0; i < r->n_series; i++) {
    const wn_metric *metric_row = wn_result_metrics(r, i, &n);
    for (int k = 0; k < n; k++) assert_int_equal(metric_row[k].series, i);
    n_metric += n;
    const wn_window *window_row = wn_result_windows(r, i, &n);
    for (int k = 0; k < n; k++) assert_int_equal(window_row[k].series, i);
    n_window += n;
  }
  assert_true(n_metric == r->metrics.n && n_window == r->windows.n && n_window > 0);
  assert_null(wn_result_metrics(r, r->n_series, &n));
  assert_int_equal(n, 0);
  assert_null(wn_result_windows(r, -1, &n));
  wn_result_destroy(r);
  wn_scenario_destroy(s);
  wn_model_destroy(m);
}

// X reaches infinity at V / (A X0): for some before the end, for others after it
static void test_failures(void **state) {
  (void)state;
  static const double w = 1;
  static const int which = BLOW_A;
  wn_model *m = make_blowup();
  wn_random random = {.n = 1, .param = &which, .omega = &w};
  m->random = &random, m->n_random = 1;
  wn_scenario *s = new_scenario(m, 1, 10, 1);
  s->arm[0].param[BLOW_A] = 0.1;
  s->n_subject = MANY;
  wn_subject *subjects = subjects_of(s);
  wn_run_def def = run_def("explicit", 1e-6, 1e-9);
  wn_result *r = simulate(s, &def);
  int failed = 0;
  for (int i = 0; i < MANY; i++) {
    double end = 1 / subjects[i].param[BLOW_A];
    failed += r->series[i].status != WN_OK;
    assert_true((end < 10) == (r->series[i].status == WN_ERR_RUN) || fabs(end - 10) < 0.01);
    if (!r->series[i].status) NEAR(at(r, i, 0, 9), 1 / (1 - 9 / end), 1e-3 * at(r, i, 0, 9));
  }
  assert_true(failed > 5 && failed < MANY - 5);
  wn_result_destroy(r);
  wn_subjects_destroy(subjects, MANY);
  wn_scenario_destroy(s);
  m->n_random = 0;
  wn_model_destroy(m);
}

static void refuse(const wn_scenario *s, const char *words) {
  wn_result *r;
  wn_error err = {0};
  wn_run_def def = run_def("explicit", 1e-6, 1e-9);
  assert_int_equal(wn_simulate(s, &def, &r, &err), WN_ERR_USER);
  assert_null(r);
  if (!strstr(err.message, words)) fail_msg("expected: %s\n  got: %s", words, err.message);
}

static void test_refusals(void **state) {
  (void)state;
  wn_model *m = make_varied(false);
  wn_scenario *s = make_scenario(m, 4000000);
  refuse(s, "individuals: expected at most 4000000 in all arms, got 4000000 in each of 2");
  s->n_subject = 2;
  m->random[0].distribution = WN_LOGIT;
  refuse(s, "arm arm0: random effect on CL: a logit needs a value between 0 and 1, got 2");
  m->n_random = 0;
  refuse(s, "individuals: model pk1 does not say how they differ; expected individual = { ... } in the model");
  wn_scenario_destroy(s);
  wn_model_destroy(m);
}

// people who are late and forget, without any other difference: the same evenings in every arm, each as if its doses
// had been written down, for any number of threads
static void test_habits(void **state) {
  (void)state;
  static const wn_habit habit[] = {{.kind = WN_HABIT_LATE, .name = 1, .by = 0.2, .spread = 0.7},
                                   {.kind = WN_HABIT_MISS, .name = 2, .p = 0.3, .again = 0.3, .doubled = 0.5}};
  wn_model *m = make_pk1();
  wn_scenario *s = make_scenario(m, 9);
  s->t_end = 144;
  for (int arm = 0; arm < 2; arm++) {
    wn_dose *d = &s->arm[arm].doses.data[0];
    d->ii = 24, d->addl = 4, d->habit = habit, d->n_habit = 2, d->number = 1, d->route = 0;
  }
  wn_run_def def = run_def("bdf", 1e-9, 1e-12), two = def;
  two.n_thread = 2;
  wn_result *a = simulate(s, &def), *b = simulate(s, &two);
  assert_memory_equal(a->value, b->value, (size_t)(a->n_series * a->n_column * a->n_time) * sizeof(double));
  wn_subject *subjects = subjects_of(s);
  int n_taken = 0;
  for (int i = 0; i < 9; i++) {
    const wn_subject *one = &subjects[i], *same = &subjects[9 + i];
    assert_int_equal(one->n_taken, same->n_taken);
    assert_memory_equal(one->taken, same->taken, (size_t)one->n_taken * sizeof(double));
    assert_true(one->day_start == 6 && one->n_day == 5);
    n_taken += one->n_taken;
    wn_scenario *plain = make_scenario(m, 1);
    plain->t_end = 144;
    WN_ARRAY_FREE(&plain->arm[0].doses);
    assert_int_equal(wn_subject_doses(s, one, &plain->arm[0].doses, NULL), WN_OK);
    for (int k = 0; k < plain->arm[0].doses.n; k++) plain->arm[0].doses.data[k].n_habit = 0;
    plain->arm[0].day_start = 6;
    wn_result *own = simulate(plain, &def);
    NEAR(row(own, 0, "auc", "C", 0)->value, row(a, i, "auc", "C", 0)->value, 1e-7);
    NEAR(row(own, 0, "cmax", "C", 0)->value, row(a, i, "cmax", "C", 0)->value, 1e-7);
    NEAR(row(own, 0, "tmax", "C", 0)->value, row(a, i, "tmax", "C", 0)->value, 1e-4);
    wn_result_destroy(own);
    wn_scenario_destroy(plain);
  }
  assert_true(n_taken > 20 && n_taken < 43);
  wn_subjects_destroy(subjects, 18);
  wn_result_destroy(a);
  wn_result_destroy(b);
  wn_scenario_destroy(s);
  wn_model_destroy(m);
}

static void test_failed_allocations(void **state) {
  (void)state;
  wn_model *m = make_varied(true);
  wn_scenario *s = make_scenario(m, 3);
  wn_run_def def = run_def("explicit", 1e-6, 1e-9);
  bool done = false;
  long n = 0;
  for (; !done; n++) {
    wn_result *r;
    wn_error err = {0};
    wn_alloc_fail_after(n);
    wn_status status = wn_simulate(s, &def, &r, &err);
    wn_alloc_fail_after(-1);
    if (status && status != WN_ERR_MEMORY) fail_msg("at %ld: %s", n, err.message);
    assert_true((status == WN_OK) == (r != NULL));
    done = !status;
    wn_result_destroy(r);
    assert_true(n < 20000);
  }
  assert_true(n > 30);
  wn_scenario_destroy(s);
  wn_model_destroy(m);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_same_people),
                                     cmocka_unit_test(test_closed_form),
                                     cmocka_unit_test(test_threads),
                                     cmocka_unit_test(test_kept),
                                     cmocka_unit_test(test_rows),
                                     cmocka_unit_test(test_failures),
                                     cmocka_unit_test(test_refusals),
                                     cmocka_unit_test(test_habits),
                                     cmocka_unit_test(test_failed_allocations)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}

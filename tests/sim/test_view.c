// What cannot matter is not simulated, and nobody can tell: every bundled model and plugin with everything and without
// what can be left out, and small models that must fail alike.
#include "sim/fixture.h"

#include "sim/view.h"
#include "study.h"

#include <dirent.h>
#include <stdlib.h>

// ---- bundled files

static wn_study *open_bundled(const char *folder, const char *name) {
  char path[5000], data[4096];
  wn_error err = {0};
  wn_study *study;
  assert_int_equal(wn_data_dir(data, &err), WN_OK);
  snprintf(path, sizeof path, "%s/%s/%s", data, folder, name);
  if (wn_study_open(NULL, path, &study, &err)) fail_msg("%s: %s", name, err.message);
  return study;
}

// largest difference of a column, relative to its highest value; both say not-a-number at the same places
static void compare_columns(const wn_result *whole, const wn_result *less, double tolerance, const char *name) {
  assert_int_equal(whole->n_time, less->n_time);
  for (int series = 0; series < whole->n_series; series++)
    for (int column = 0; column < whole->n_column; column++) {
      double size = 1e-6, off = 0;
      for (int k = 0; k < whole->n_time; k++) {
        double a = at(whole, series, column, k), b = at(less, series, column, k);
        if (isnan(a) != isnan(b)) fail_msg("%s: column %d: %g and %g", name, column, a, b);
        if (isnan(a)) continue;
        size = fmax(size, fabs(a));
        off = fmax(off, fabs(a - b));
      }
      if (off > tolerance * size) fail_msg("%s: column %d is off by %g of %g", name, column, off, size);
    }
}

static void compare_metrics(const wn_result *whole, const wn_result *less, double tolerance, const char *name) {
  if (whole->metrics.n != less->metrics.n) fail_msg("%s: %d and %d metrics", name, whole->metrics.n, less->metrics.n);
  for (int i = 0; i < whole->metrics.n; i++) {
    const wn_metric *a = &whole->metrics.data[i], *b = &less->metrics.data[i];
    assert_string_equal(a->quantity, b->quantity);
    assert_string_equal(a->of, b->of);
    assert_string_equal(a->unit ? a->unit : "", b->unit ? b->unit : "");
    assert_int_equal(a->day, b->day);
    // times of flat extremes and slopes of what has all but gone are no better than the curve they are read off
    bool is_time = strcmp(a->quantity, "tmax") == 0 || strcmp(a->quantity, "t_half") == 0;
    if (is_time || (isnan(a->value) && isnan(b->value))) continue;
    // an output that jumps by the clock is seen at the nodes of whichever steps lie across the jump
    double allowed = strcmp(a->of, "sleep") == 0 ? 2e-3 : tolerance;
    if (!(fabs(a->value - b->value) <= allowed * (1 + fabs(a->value))))
      fail_msg("%s: %s of %s, day %d: %.12g and %.12g", name, a->quantity, a->of, a->day, a->value, b->value);
  }
}

static void run_both(const wn_study *study, wn_keep keep, bool brief, wn_result *made[2]) {
  wn_run_def def = study->run;
  def.solver.rtol = 1e-9, def.solver.atol = 1e-12;
  def.n_thread = 1, def.keep_trajectories = keep, def.brief = brief;
  for (int whole = 0; whole < 2; whole++) {
    def.whole = whole;
    made[whole] = simulate(study->scenario, &def);
  }
}

static void check_bundled(const char *folder, const char *name) {
  wn_study *study = open_bundled(folder, name);
  wn_error err = {0};
  wn_study_def def = wn_study_default();
  if (wn_study_plan(study, &def, &err)) fail_msg("%s: %s", name, err.message);
  // the first days will do
  wn_scenario *s = study->scenario;
  def.until = fmin(s->t_end, s->t_start + 24 * 3);
  if (wn_study_plan(study, &def, &err)) fail_msg("%s: %s", name, err.message);
  wn_result *r[2];
  run_both(study, WN_KEEP_ALL, false, r);
  compare_columns(r[1], r[0], 1e-5, name);
  compare_metrics(r[1], r[0], 1e-5, name);
  wn_result_destroy(r[0]), wn_result_destroy(r[1]);
  run_both(study, WN_KEEP_WATCHED, true, r);
  compare_columns(r[1], r[0], 1e-5, name);
  compare_metrics(r[1], r[0], 1e-5, name);
  wn_result_destroy(r[0]), wn_result_destroy(r[1]);
  wn_study_close(study);
}

static void check_folder(const char *folder) {
  char data[4096], path[5000];
  wn_error err = {0};
  assert_int_equal(wn_data_dir(data, &err), WN_OK);
  snprintf(path, sizeof path, "%s/%s", data, folder);
  DIR *directory = opendir(path);
  assert_non_null(directory);
  int n = 0;
  for (struct dirent *entry; (entry = readdir(directory));) {
    size_t length = strlen(entry->d_name);
    if (length < 5 || strcmp(entry->d_name + length - 4, ".lua") != 0) continue;
    check_bundled(folder, entry->d_name);
    n++;
  }
  closedir(directory);
  assert_true(n > 5);
}

static void test_models(void **state) {
  (void)state;
  check_folder("models");
}

static void test_plugins(void **state) {
  (void)state;
  check_folder("plugins");
}

// random doses, by any route, of every model
static void test_random_doses(void **state) {
  (void)state;
  static const char *const models[] = {"naltrexone.lua", "pbpk.lua", "tmdd.lua", "friberg.lua", "cortisol.lua"};
  srand(4);
  for (int k = 0; k < 5; k++) {
    wn_study *study = open_bundled("models", models[k]);
    for (int round = 0; round < 6; round++) {
      const wn_study_def plain = wn_study_default();
      wn_error err = {0};
      assert_int_equal(wn_study_plan(study, &plain, &err), WN_OK);
      wn_scenario *s = study->scenario;
      s->arm[0].doses.n = 0;
      s->t_end = s->t_start + 60, s->every = 1;
      for (int i = 0; i <= round % 3; i++) {
        double size = 1 + rand() % 50, time = s->t_start + rand() % 40;
        dose(s, 0,
             (wn_dose){
                 .route = rand() % s->model->n_route_all, .time = time, .amount = size, .duration = rand() % 2 * 3});
      }
      wn_result *r[2];
      run_both(study, WN_KEEP_ALL, false, r);
      compare_columns(r[1], r[0], 1e-5, models[k]);
      compare_metrics(r[1], r[0], 1e-4, models[k]);
      wn_result_destroy(r[0]), wn_result_destroy(r[1]);
    }
    wn_study_close(study);
  }
}

// ---- what a tablet of naltrexone reaches

static void test_naltrexone(void **state) {
  (void)state;
  wn_study *study = open_bundled("plugins", "standard_vs_low.lua");
  wn_error err = {0};
  wn_study_def def = wn_study_default();
  def.n = 8;
  assert_int_equal(wn_study_plan(study, &def, &err), WN_OK);
  wn_subject *subjects = NULL;
  assert_int_equal(wn_subjects_create(study->scenario, &subjects, &err), WN_OK);
  wn_view view;
  wn_result empty = {.scenario = study->scenario};
  const char *unit[64] = {0};
  empty.auc_unit = unit;
  assert_int_equal(wn_view_init(&view, &empty, subjects, false, &err), WN_OK);
  assert_int_equal(study->scenario->model->n_state, 38);
  assert_int_equal(view.scenario.model->n_state, 19);
  wn_view_free(&view);
  wn_subjects_destroy(subjects, wn_scenario_n_series(study->scenario));
  wn_study_close(study);
}

// ---- failures are not hidden

static void test_failure(void **state) {
  (void)state;
  // pk1 without a dose: V = 0 makes 0 / 0
  wn_model *m = make_pk1();
  wn_scenario *s = new_scenario(m, 2, 24, 1);
  dose(s, 0, (wn_dose){.time = 0, .route = 0, .amount = 100});
  s->arm[1].param[PK1_V] = 0;
  wn_run_def def = run_def("bdf", 1e-8, 1e-10);
  wn_result *r[2];
  for (int whole = 0; whole < 2; whole++) {
    def.whole = whole;
    r[whole] = simulate(s, &def);
    assert_int_equal(r[whole]->series[0].status, WN_OK);
    assert_int_equal(r[whole]->series[1].status, WN_ERR_RUN);
  }
  assert_string_equal(r[0]->series[1].message, r[1]->series[1].message);
  compare_columns(r[1], r[0], 1e-9, "pk1");
  wn_result_destroy(r[0]), wn_result_destroy(r[1]);
  wn_scenario_destroy(s);
  wn_model_destroy(m);
}

// X blows up, Y is left out: after the failure both columns are unknown
static void test_rows_after_failure(void **state) {
  (void)state;
  wn_model *m = make_blowup();
  wn_scenario *s = new_scenario(m, 1, 20, 1);
  s->arm[0].param[BLOW_A] = 0.1;
  wn_run_def def = run_def("bdf", 1e-8, 1e-10);
  wn_result *r = simulate(s, &def);
  assert_int_equal(r->series[0].status, WN_ERR_RUN);
  assert_true(at(r, 0, 1, 3) == 0);
  assert_true(isnan(at(r, 0, 1, 15)) && isnan(at(r, 0, 0, 15)) && isnan(at(r, 0, 3, 15)));
  NEAR(at(r, 0, 0, 5), 2, 1e-5);
  wn_result_destroy(r);
  wn_scenario_destroy(s);
  wn_model_destroy(m);
}

static void test_out_of_memory(void **state) {
  (void)state;
  wn_model *m = make_blowup();
  wn_scenario *s = new_scenario(m, 1, 4, 1);
  wn_run_def def = run_def("bdf", 1e-6, 1e-9);
  wn_status status = WN_ERR_MEMORY;
  for (long n = 0; status; n++) {
    wn_result *r = NULL;
    wn_error err = {0};
    wn_alloc_fail_after(n);
    status = wn_simulate(s, &def, &r, &err);
    wn_alloc_fail_after(-1);
    assert_true(status == WN_OK || (status == WN_ERR_MEMORY && !r));
    wn_result_destroy(r);
    assert_true(n < 3000);
  }
  wn_scenario_destroy(s);
  wn_model_destroy(m);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_models),       cmocka_unit_test(test_plugins),
                                     cmocka_unit_test(test_random_doses), cmocka_unit_test(test_naltrexone),
                                     cmocka_unit_test(test_failure),      cmocka_unit_test(test_rows_after_failure),
                                     cmocka_unit_test(test_out_of_memory)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}

// test_local.c - local sensitivities of the bundled scenarios against central differences of whole runs: some
// parameters of each, others for every scenario. The model knows lags, switches, feedback and a clock.

#include "script/files.h"

#include "sim/differences.h"

enum { EVERY = 17, MAX_PARAM = 512 };

static const char *const plugins[] = {
    "adherence",   "bedtime_vs_morning",     "depot",      "dose_ladder",     "hypotheses",    "isomers",
    "missed_dose", "naloxone_vs_naltrexone", "split_dose", "standard_vs_low", "stop_standard", "titration",
    "with_opioid"};
enum { N_PLUGIN = sizeof plugins / sizeof *plugins };

// an output that jumps on the clock: the run's own extremes and integrals depend on where its steps lie
static void leave_out(wn_scenario *s, const char *name) {
  int n = 0;
  for (int i = 0; i < s->n_watch; i++)
    if (strcmp(s->model->output[s->watch[i]].name, name) != 0) s->watch[n++] = s->watch[i];
  s->n_watch = n;
}

static compared_rows check_plugin(const char *name, int first) {
  wn_script_env env = {WANE_TEST_DIR "/.."};
  wn_script *script = NULL;
  wn_scenario *s = NULL;
  wn_error err = {0};
  if (wn_script_load(&env, name, &script, &err)) fail_msg("%s", err.message);
  if (wn_script_plan(script, NULL, 0, NULL, &s, &err)) fail_msg("%s", err.message);
  s->t_end = fmin(s->t_end, 60);
  leave_out(s, "sleep");
  int param[MAX_PARAM], n = 0;
  for (int i = first; i < s->model->n_param && n < MAX_PARAM; i += EVERY) param[n++] = i;
  wn_local_def def = {.param = param, .n_param = n, .run = run_def("auto", 1e-11, 1e-13)};
  wn_local *local = NULL;
  if (wn_local_create(s, &def, &local, &err)) fail_msg("%s: %s", name, err.message);
  compared_rows all = {0};
  for (int k = 0; k < n; k++) {
    compared_rows rows = against_differences(s, &def.run, local, k, 1e-4, 1e-4, true);
    all.n += rows.n, all.n_far += rows.n_far, all.n_large += rows.n_large;
    all.worst = fmax(all.worst, rows.worst);
  }
  wn_local_destroy(local);
  wn_scenario_destroy(s);
  wn_script_destroy(script);
  return all;
}

static void test_bundled(void **state) {
  (void)state;
  int n = 0, n_far = 0, n_large = 0;
  for (int i = 0; i < N_PLUGIN; i++) {
    compared_rows rows = check_plugin(plugins[i], i % EVERY);
    printf("%s: %d rows, %d beyond 1 %%, %d off, worst %.1e\n", plugins[i], rows.n, rows.n_large, rows.n_far,
           rows.worst);
    n += rows.n, n_far += rows.n_far, n_large += rows.n_large;
  }
  assert_true(n > 1000 && n_large > 100);
  assert_int_equal(n_far, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_bundled)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}

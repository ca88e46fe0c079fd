// test_verify.c - the second opinion: it agrees with what is right, finds what is not, and is the same for any number
// of threads; and a solver that gives up hands over to CVODE.
#include "fixture.h"

#include "sim/verify.h"

// two arms of pk1, by mouth and into the vein
static wn_scenario *two_arms(const wn_model *model) {
  wn_scenario *s = new_scenario(model, 2, 72, 0.5);
  for (int arm = 0; arm < 2; arm++)
    dose(s, arm, (wn_dose){.time = 2, .route = arm, .amount = 100, .ii = 12, .addl = 4});
  return s;
}

static wn_verification verify(const wn_scenario *s, const wn_run_def *run, const wn_result *result, wn_verify_def def) {
  wn_verification found;
  wn_error err = {0};
  if (wn_verify(s, run, result, &def, &found, &err)) fail_msg("%s", err.message);
  return found;
}

static void test_agrees(void **state) {
  (void)state;
  static const char *const solvers[] = {"rk", "rosenbrock", "exact", "explicit"};
  wn_model *model = make_pk1();
  wn_scenario *s = two_arms(model);
  for (int k = 0; k < 4; k++) {
    wn_run_def def = run_def(solvers[k], 1e-7, 1e-10);
    wn_result *result = simulate(s, &def);
    wn_verification v = verify(s, &def, result, (wn_verify_def){.share = 1, .n_thread = 1});
    assert_true(v.n_all == 2 && v.n_checked == 2 && v.n_beyond == 0 && v.n_lost == 0);
    assert_true(v.done == 72 && v.whole == 72);
    if (!(v.worst > 0 && v.worst < 1e-5)) fail_msg("%s: %g", solvers[k], v.worst);
    char words[200], warning[320];
    wn_verification_words(&v, words);
    assert_non_null(strstr(words, "CVODE agrees to "));
    assert_non_null(strstr(words, "(2 of 2 simulations)"));
    wn_verification_warning(&v, warning);
    assert_string_equal(warning, "");
    // simulated again where no trajectories were kept: the same bits
    def.keep_trajectories = WN_KEEP_NONE;
    wn_result *bare = simulate(s, &def);
    for (int n_thread = 1; n_thread < 4; n_thread++) {
      wn_verification again = verify(s, &def, bare, (wn_verify_def){.share = 1, .n_thread = n_thread});
      assert_true(again.worst == v.worst && again.time == v.time && again.index == v.index);
    }
    wn_result_destroy(bare), wn_result_destroy(result);
  }
  wn_scenario_destroy(s), wn_model_destroy(model);
}

// one number of a result changed by a hundredth, or all of them a little coarse
static void test_finds(void **state) {
  (void)state;
  wn_model *model = make_pk1();
  wn_scenario *s = two_arms(model);
  wn_run_def def = run_def("rk", 1e-7, 1e-10);
  wn_result *result = simulate(s, &def);
  const int k = 61;
  ((double *)(uintptr_t)wn_result_output(result, 1, PK1_OCC))[k] *= 1.01;
  wn_verification v = verify(s, &def, result, (wn_verify_def){.share = 1, .n_thread = 2});
  assert_true(v.n_checked == 2 && v.n_beyond == 1 && v.index == 1 && v.time == result->time[k]);
  NEAR(v.worst, 0.01 / 1.01, 1e-4);
  assert_string_equal(v.output, "occ");
  assert_string_equal(v.name, "arm1");
  char words[320];
  wn_verification_warning(&v, words);
  assert_non_null(strstr(words, "1 of 2 simulations that were checked differ"));
  wn_verification_words(&v, words);
  assert_non_null(strstr(words, "to 2.0 digits"));
  wn_result_destroy(result);
  wn_run_def coarse = run_def("rk", 1e-2, 1e-4);
  result = simulate(s, &coarse);
  v = verify(s, &def, result, (wn_verify_def){.share = 1, .n_thread = 2});
  assert_int_equal(v.n_beyond, 2);
  wn_result_destroy(result);
  wn_scenario_destroy(s), wn_model_destroy(model);
}

// work that is counted ends it at the same time on any number of threads
static void test_budget(void **state) {
  (void)state;
  wn_model *model = make_pk1();
  wn_scenario *s = two_arms(model);
  const wn_run_def def = run_def("rk", 1e-7, 1e-10);
  wn_result *result = simulate(s, &def);
  const wn_verify_def some = {.share = 1, .work = 6e5, .n_thread = 1};
  const wn_verification first = verify(s, &def, result, some);
  assert_true(first.n_checked == 2 && first.done > 0 && first.done < first.whole);
  char words[200];
  wn_verification_words(&first, words);
  assert_non_null(strstr(words, ", first "));
  assert_non_null(strstr(words, " of 3 days)"));
  for (int n_thread = 2; n_thread < 4; n_thread++) {
    wn_verify_def more = some;
    more.n_thread = n_thread;
    const wn_verification other = verify(s, &def, result, more);
    assert_true(other.worst == first.worst && other.done == first.done && other.time == first.time);
  }
  wn_result_destroy(result);
  wn_scenario_destroy(s), wn_model_destroy(model);
}

static void test_sample(void **state) {
  (void)state;
  int n = 0;
  for (int64_t i = 0; i < 100000; i++) n += wn_verify_takes(7, i, 0.01);
  assert_in_range(n, 850, 1150);
  // the first is always among them; a smaller sample is part of a larger one; another seed takes others
  assert_true(wn_verify_takes(7, 0, 1e-9) && !wn_verify_takes(7, 0, 0));
  int same = 0;
  for (int64_t i = 1; i < 100000; i++) {
    assert_true(!wn_verify_takes(7, i, 0.01) || wn_verify_takes(7, i, 0.02));
    same += wn_verify_takes(7, i, 0.01) && wn_verify_takes(8, i, 0.01);
  }
  assert_in_range(same, 0, 40);
}

// absorption in a hundredth of a second: more steps than rk may take, a few for bdf
static void test_second_solver(void **state) {
  (void)state;
  wn_model *model = make_pk1();
  wn_scenario *s = two_arms(model), *mild = two_arms(model);
  dose(s, 1, (wn_dose){.time = 3, .route = 0, .amount = 50});
  s->arm[1].param[PK1_KA] = 3e5;
  wn_run_def def = run_def("rk", 1e-7, 1e-10);
  def.solver.max_steps = 20000;
  for (int n_thread = 1; n_thread < 3; n_thread++) {
    def.n_thread = n_thread;
    wn_result *result = simulate(s, &def), *alone = simulate(mild, &def);
    assert_true(!result->series[0].status && !result->series[1].status);
    assert_null(result->series[0].second);
    assert_string_equal(result->series[1].second, "bdf");
    assert_string_equal(result->solver, "rk");
    char words[160];
    wn_result_seconds_words(result, words);
    assert_string_equal(words, "1 of 2 simulations solved by bdf where rk gave up");
    wn_result_seconds_words(alone, words);
    assert_string_equal(words, "");
    for (int k = 0; k < result->n_time; k++) {
      const double t = result->time[k];
      double want = pk1_oral(50, 2, 20, 3e5, 0.8, t - 3);
      // (an injection is swallowed and absorbed at once)
      for (int i = 0; i < 5; i++) want += t >= 2 + 12 * i ? 100.0 / 20 * exp(-0.1 * (t - 2 - 12 * i)) : 0;
      if (t != 3) NEAR(wn_result_output(result, 1, PK1_C)[k], want, 1e-5);
      assert_true(wn_result_output(result, 0, PK1_C)[k] == wn_result_output(alone, 0, PK1_C)[k]);
    }
    wn_result_destroy(result), wn_result_destroy(alone);
  }
  wn_scenario_destroy(s), wn_scenario_destroy(mild), wn_model_destroy(model);
}

// where both give up, what is kept is the first one's
static void test_both_give_up(void **state) {
  (void)state;
  wn_model *model = make_blowup();
  wn_scenario *s = new_scenario(model, 1, 4, 0.25);
  s->arm[0].param[BLOW_A] = 0.5;
  const wn_run_def def = run_def("rk", 1e-7, 1e-10);
  wn_result *result = simulate(s, &def);
  assert_int_equal(result->series[0].status, WN_ERR_RUN);
  assert_null(result->series[0].second);
  assert_non_null(strstr(result->series[0].message, "rk: "));
  NEAR(wn_result_output(result, 0, 0)[4], 1 / (1 - 0.5), 1e-5);
  assert_true(isnan(wn_result_output(result, 0, 0)[result->n_time - 1]));
  const wn_verification v = verify(s, &def, result, (wn_verify_def){.share = 1, .n_thread = 1});
  assert_true(v.n_checked == 0 && v.n_lost == 1);
  wn_result_destroy(result);
  wn_scenario_destroy(s), wn_model_destroy(model);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_agrees), cmocka_unit_test(test_finds),         cmocka_unit_test(test_budget),
      cmocka_unit_test(test_sample), cmocka_unit_test(test_second_solver), cmocka_unit_test(test_both_give_up),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

// test_failure.c - what a solver does when it cannot go on: a clean WN_ERR_RUN in words, naming time and state, nothing
// on stderr; and when it can after all: smaller steps past an evaluation that failed.
#include "solve/systems.h"

#include <stdio.h>
#include <unistd.h>

static const char *type_name(int i) { return wn_solver_types[i].name; }

// step until it fails, before s_end; every step on the way is finite
static void expect_failure(wn_solver *solver, double s, double s_end, const char *words, const char *more) {
  wn_error err = {0};
  wn_status status = WN_OK;
  while (!status && s < s_end) status = shared_step(solver, s_end, &s, &err);
  assert_int_equal(status, WN_ERR_RUN);
  assert_int_equal(err.status, WN_ERR_RUN);
  assert_true(s < s_end);
  if (!strstr(err.message, words) || !strstr(err.message, more)) {
    fail_msg("'%s' lacks '%s' or '%s'", err.message, words, more);
  }
  assert_null(strchr(err.message, '\n'));
}

static void expect_worst(const wn_solver *solver, int want_state, int want_lane) {
  int at = -2, lane = -2;
  assert_int_equal(wn_solver_worst(solver, &at, &lane), 1);
  assert_int_equal(at, want_state);
  assert_int_equal(lane, want_lane);
}

static void restart_all(wn_solver *solver, const fixture *f, double value) {
  double y0[MAX_STATE * MAX_WIDTH];
  for (int i = 0; i < f->system.n_state * f->system.width; i++) y0[i] = value;
  assert_int_equal(shared_begin(solver, 0.0, y0, NULL), WN_OK);
}

// y' = y^2 in lane 2 only: no solution beyond s = 1
static void test_growth_without_bound(void **state) {
  (void)state;
  for (int i = 0; i < n_general(); i++) {
    fixture f;
    blowup_init(&f, 4);
    f.rate[0] = f.rate[1] = f.rate[3] = 0.1;
    wn_solver *solver = shared_solver(&f.system, test_def(type_name(i), 1e-6, 1e-9));
    restart_all(solver, &f, 1.0);
    expect_failure(solver, 0.0, 2.0, "step size became too small", "grow without bound");
    expect_worst(solver, 0, 2);
    // a failed solver can be used again
    f.rate[2] = 0.1;
    restart_all(solver, &f, 1.0);
    int at = 0, lane = 0;
    assert_int_equal(wn_solver_worst(solver, &at, &lane), 0);
    assert_true(at == -1 && lane == -1);
    test_run(solver, 0.0, 2.0);
    assert_close(wn_solver_state(solver)[2], 1.25, 1e-4);
    wn_solver_destroy(solver);
    fixture_free(&f);
  }
}

// from s = 3 on the equations cannot be evaluated: said so, or not-a-number without a word
static void test_not_finite_from_a_time_on(void **state) {
  (void)state;
  for (int i = 0; i < n_general(); i++) {
    for (int silent = 0; silent < 2; silent++) {
      fixture f;
      chain_init(&f, 4);
      if (silent)
        f.silent_after = 3.0;
      else
        f.fail_after = 3.0;
      wn_solver *solver = shared_solver(&f.system, test_def(type_name(i), 1e-6, 1e-9));
      restart_all(solver, &f, 1.0);
      expect_failure(solver, 0.0, 10.0, silent ? type_name(i) : "equations are not finite", "t = 3 h");
      if (!silent) expect_worst(solver, 2, 3);
      // the last state is still a good one
      assert_close(wn_solver_state(solver)[0], exp(-3.0), 1e-3);
      wn_solver_destroy(solver);
      fixture_free(&f);
    }
  }
}

static void test_not_finite_at_the_start(void **state) {
  (void)state;
  for (int i = 0; i < wn_solver_n_type(); i++) {
    fixture f;
    chain_init(&f, 4);
    f.system.is_linear = true;
    wn_solver *solver = shared_solver(&f.system, test_def(type_name(i), 1e-6, 1e-9));
    double y0[12] = {0.0};
    y0[7] = NAN;
    wn_error err = {0};
    assert_int_equal(shared_begin(solver, 2.0, y0, &err), WN_ERR_RUN);
    assert_non_null(strstr(err.message, "state 1 is not finite at the start, t = 2 h (lane 3)"));
    y0[7] = INFINITY;
    assert_int_equal(shared_begin(solver, 2.0, y0, &err), WN_ERR_RUN);
    // the state is finite, its derivative is not
    f.fail_after = -1.0;
    restart_all(solver, &f, 1.0);
    expect_failure(solver, 0.0, 1.0, "equations are not finite", "t = 0 h");
    f.fail_after = INFINITY;
    f.silent_after = -1.0;
    restart_all(solver, &f, 1.0);
    expect_failure(solver, 0.0, 1.0, type_name(i), "t = 0 h");
    wn_solver_destroy(solver);
    fixture_free(&f);
  }
}

// y' = -sqrt(y) from 1 reaches 0 at s = 2, beyond which trial values are negative: the solver must feel its way there
static void test_edge_of_the_domain(void **state) {
  (void)state;
  for (int i = 0; i < n_general(); i++) {
    fixture f;
    drain_init(&f, 4);
    wn_solver *solver = shared_solver(&f.system, test_def(type_name(i), 1e-6, 1e-9));
    restart_all(solver, &f, 1.0);
    test_run(solver, 0.0, 1.9999);
    assert_close(wn_solver_state(solver)[0], 2.5e-9, 1e-5);
    expect_failure(solver, 1.9999, 5.0, type_name(i), "t = ");
    wn_solver_destroy(solver);
    fixture_free(&f);
  }
}

// a Jacobian that fails now and then only costs smaller steps
static void test_jacobian_fails(void **state) {
  (void)state;
  fixture f;
  vdp_init(&f, 4);
  for (int lane = 0; lane < 4; lane++) f.rate[lane] = 100.0;
  wn_solver *solver = shared_solver(&f.system, test_def("bdf", 1e-6, 1e-9));
  const double y0[8] = {2.0, 2.0, 2.0, 2.0};
  assert_int_equal(shared_begin(solver, 0.0, y0, NULL), WN_OK);
  f.jacobian_fails = 3;
  test_run(solver, 0.0, 5.0);
  wn_solver_stats stats;
  wn_solver_stats_get(solver, &stats);
  assert_true(stats.n_newton_fail >= 3);
  f.jacobian_fails = 1000000;
  assert_int_equal(shared_begin(solver, 0.0, y0, NULL), WN_OK);
  expect_failure(solver, 0.0, 5.0, "Newton's iteration failed", "t = 0 h");
  wn_solver_destroy(solver);
  fixture_free(&f);
}

static void test_tolerance_below_rounding(void **state) {
  (void)state;
  for (int i = 0; i < n_general(); i++) {
    fixture f;
    chain_init(&f, 4);
    wn_solver *solver = shared_solver(&f.system, test_def(type_name(i), 1e-18, 1e-30));
    restart_all(solver, &f, 100.0);
    expect_failure(solver, 0.0, 1.0, "rtol 1e-18 with atol 1e-30 cannot be met", "try rtol 1e-12");
    wn_solver_destroy(solver);
    // a purely absolute tolerance is a sensible wish
    solver = shared_solver(&f.system, test_def(type_name(i), 0.0, 1e-6));
    restart_all(solver, &f, 100.0);
    test_run(solver, 0.0, 1.0);
    assert_close(wn_solver_state(solver)[0], 100.0 * exp(-1.0), 1e-4);
    wn_solver_destroy(solver);
    fixture_free(&f);
  }
}

static void test_max_steps(void **state) {
  (void)state;
  for (int i = 0; i < wn_solver_n_type(); i++) {
    // exact needs one
    if (strcmp(type_name(i), "exact") == 0) continue;
    fixture f;
    chain_init(&f, 4);
    f.system.is_linear = true;
    wn_solver_def def = test_def(type_name(i), 1e-9, 1e-12);
    def.max_steps = 10;
    wn_solver *solver = shared_solver(&f.system, def);
    restart_all(solver, &f, 100.0);
    expect_failure(solver, 0.0, 100.0, "max_steps = 10 reached", "at t = ");
    wn_solver_stats stats;
    wn_solver_stats_get(solver, &stats);
    assert_int_equal(stats.n_step, 10);
    // counted anew after each restart
    restart_all(solver, &f, 100.0);
    double s = 0.0;
    for (int k = 0; k < 10; k++) assert_int_equal(shared_step(solver, 100.0, &s, NULL), WN_OK);
    assert_int_equal(shared_step(solver, 100.0, &s, NULL), WN_ERR_RUN);
    wn_solver_destroy(solver);
    fixture_free(&f);
  }
}

// SUNDIALS would print its warnings and errors to stderr
static void test_nothing_is_printed(void **state) {
  (void)state;
  FILE *captured = tmpfile();
  assert_non_null(captured);
  fflush(stderr);
  const int kept = dup(2);
  assert_true(dup2(fileno(captured), 2) == 2);
  test_growth_without_bound(state);
  test_not_finite_from_a_time_on(state);
  test_tolerance_below_rounding(state);
  test_edge_of_the_domain(state);
  fflush(stderr);
  dup2(kept, 2);
  close(kept);
  fseek(captured, 0, SEEK_END);
  assert_int_equal(ftell(captured), 0);
  fclose(captured);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_growth_without_bound),
      cmocka_unit_test(test_not_finite_from_a_time_on),
      cmocka_unit_test(test_not_finite_at_the_start),
      cmocka_unit_test(test_edge_of_the_domain),
      cmocka_unit_test(test_jacobian_fails),
      cmocka_unit_test(test_tolerance_below_rounding),
      cmocka_unit_test(test_max_steps),
      cmocka_unit_test(test_nothing_is_printed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

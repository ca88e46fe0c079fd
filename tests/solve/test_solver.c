// test_solver.c - what every solver of the table promises its caller: restarts, stops hit exactly, the same bits on
// repeat, dense output that stays within the step, statistics, limits, checks of the definition.
#include "solve/systems.h"

#include <float.h>

static const char *type_name(int i) { return wn_solver_types[i].name; }

static void test_table(void **state) {
  (void)state;
  assert_true(wn_solver_n_type() >= 2);
  for (int i = 0; i < wn_solver_n_type(); i++) {
    assert_true(strlen(wn_solver_types[i].doc) > 40);
    assert_true(type_name(i)[0] != '\0');
  }
  assert_null(wn_solver_types[wn_solver_n_type()].name);
  const wn_solver_def def = wn_solver_default();
  assert_string_equal(def.name, "auto");
  assert_true(def.rtol == 1e-6 && def.atol == 1e-9 && def.max_step == 0.0 && def.max_steps == 500000);
  assert_non_null(strstr(wn_solver_library(), "SUNDIALS"));
}

// a dose every 8 h: after each jump the sum of the closed forms so far
static void test_restart_after_a_jump(void **state) {
  (void)state;
  for (int i = 0; i < wn_solver_n_type(); i++) {
    fixture f;
    chain_init(&f, 4);
    f.system.is_linear = true;
    for (int lane = 0; lane < 4; lane++) f.rate[lane] = 0.5 + 0.25 * lane;
    wn_solver *solver = shared_solver(&f.system, test_def(type_name(i), 1e-8, 1e-11));
    double y[12] = {0.0};
    for (int dose = 0; dose < 6; dose++) {
      for (int lane = 0; lane < 4; lane++) y[lane] += 100.0;
      assert_int_equal(shared_begin(solver, 8.0 * dose, y, NULL), WN_OK);
      // before the first step the state is what was given, and so is dense output
      assert_memory_equal(wn_solver_state(solver), y, sizeof y);
      double copy[12];
      shared_look(solver, 8.0 * dose, copy);
      assert_memory_equal(copy, y, sizeof y);
      test_run(solver, 8.0 * dose, 8.0 * dose + 8.0);
      memcpy(y, wn_solver_state(solver), sizeof y);
    }
    for (int lane = 0; lane < 4; lane++) {
      double want[3] = {0.0}, one[3];
      for (int dose = 0; dose < 6; dose++) {
        chain_exact(48.0 - 8.0 * dose, f.rate[lane], one);
        for (int k = 0; k < 3; k++) want[k] += one[k];
      }
      for (int k = 0; k < 3; k++) assert_close(y[4 * k + lane], want[k], 2e-5);
    }
    wn_solver_stats stats;
    wn_solver_stats_get(solver, &stats);
    assert_int_equal(stats.n_restart, 6);
    wn_solver_destroy(solver);
    fixture_free(&f);
  }
}

// stops as near as roundings and as far as a year, reached exactly and without a restart
static void test_stops_are_exact(void **state) {
  (void)state;
  const double gaps[] = {0.0,  1e-18, DBL_EPSILON, 3e-16,     1e-15, 8e-15, 3e-14, 1e-13, 1e-12,
                         1e-9, 1e-6,  0.1,         1.0 / 3.0, 1.0,   24.0,  1e-14, 1e-11, 8760.0};
  for (int i = 0; i < n_general(); i++) {
    for (int with_restart = 0; with_restart < 2; with_restart++) {
      fixture f;
      forced_init(&f, 4);
      wn_solver *solver = shared_solver(&f.system, test_def(type_name(i), 1e-6, 1e-9));
      double y[4] = {1.0, 1.0, 1.0, 1.0}, s = 17.3;
      const double start = s;
      assert_int_equal(shared_begin(solver, s, y, NULL), WN_OK);
      const double c = 0.5 * (cos(start) + sin(start));
      for (size_t k = 0; k < sizeof gaps / sizeof *gaps; k++) {
        const double stop = s + gaps[k];
        test_run(solver, s, stop);
        s = stop;
        shared_look(solver, s, y);
        assert_memory_equal(y, wn_solver_state(solver), sizeof y);
        const double want = 0.5 * (cos(s) + sin(s)) + (1.0 - c) * exp(-(s - start));
        assert_close(y[0], want, 1e-5);
        if (with_restart) assert_int_equal(shared_begin(solver, s, y, NULL), WN_OK);
      }
      wn_solver_destroy(solver);
      fixture_free(&f);
    }
  }
}

// the same calls give the same bits, in a fresh solver and in a used one
static void test_repeats_bit_for_bit(void **state) {
  (void)state;
  for (int i = 0; i < n_general(); i++) {
    fixture f;
    vdp_init(&f, 4);
    for (int lane = 0; lane < 4; lane++) f.rate[lane] = 1.0 + lane;
    const double y0[8] = {2.0, 1.5, 1.0, 0.5, 0.0, 0.1, 0.2, 0.3};
    double first[8], dense[8], again[8];
    wn_solver *solver = NULL;
    for (int pass = 0; pass < 3; pass++) {
      if (pass < 2) solver = shared_solver(&f.system, test_def(type_name(i), 1e-6, 1e-9));
      assert_int_equal(shared_begin(solver, 5.0, y0, NULL), WN_OK);
      test_run(solver, 5.0, 25.0);
      shared_look(solver, 0.5 * (shared_previous(solver) + 25.0), again);
      if (pass == 0) {
        memcpy(first, wn_solver_state(solver), sizeof first);
        memcpy(dense, again, sizeof dense);
      }
      assert_memory_equal(first, wn_solver_state(solver), sizeof first);
      assert_memory_equal(dense, again, sizeof dense);
      if (pass != 1) wn_solver_destroy(solver);
    }
    fixture_free(&f);
  }
}

// dense output costs no evaluation, does not disturb the run, and outside the step is the nearer end
static void test_dense_is_confined(void **state) {
  (void)state;
  for (int i = 0; i < wn_solver_n_type(); i++) {
    fixture f;
    decay_init(&f, 4);
    f.system.is_linear = true;
    double end[2][4];
    for (int with_dense = 0; with_dense < 2; with_dense++) {
      const double y0[4] = {1.0, 2.0, 3.0, 4.0};
      wn_solver *solver = shared_solver(&f.system, test_def(type_name(i), 1e-6, 1e-9));
      assert_int_equal(shared_begin(solver, 0.0, y0, NULL), WN_OK);
      double s = 0.0, y[4], edge[4];
      while (s < 5.0) {
        assert_int_equal(shared_step(solver, 5.0, &s, NULL), WN_OK);
        if (!with_dense) continue;
        const long n_rhs = f.n_rhs;
        const double begin = shared_previous(solver);
        for (double part = 0.9; part > 0.0; part -= 0.1) {
          shared_look(solver, begin + part * (s - begin), y);
          assert_close(y[3], 4.0 * exp(-begin - part * (s - begin)), 4e-5);
        }
        shared_look(solver, begin, edge);
        shared_look(solver, begin - 1.0, y);
        assert_memory_equal(y, edge, sizeof y);
        shared_look(solver, s + 1.0, y);
        assert_memory_equal(y, wn_solver_state(solver), sizeof y);
        assert_int_equal(f.n_rhs, n_rhs);
      }
      memcpy(end[with_dense], wn_solver_state(solver), sizeof end[0]);
      wn_solver_destroy(solver);
    }
    assert_memory_equal(end[0], end[1], sizeof end[0]);
    fixture_free(&f);
  }
}

static void test_statistics(void **state) {
  (void)state;
  for (int i = 0; i < n_general(); i++) {
    fixture f;
    vdp_init(&f, 4);
    const double y0[8] = {2.0, 2.0, 2.0, 2.0};
    wn_solver *solver = shared_solver(&f.system, test_def(type_name(i), 1e-6, 1e-9));
    wn_solver_stats before, after;
    wn_solver_stats_get(solver, &before);
    assert_true(before.n_step == 0 && before.n_rhs == 0 && before.n_restart == 0 && before.n_error_fail == 0);
    long n_step = 0;
    for (int k = 0; k < 3; k++) {
      assert_int_equal(shared_begin(solver, 0.0, y0, NULL), WN_OK);
      n_step += test_run(solver, 0.0, 20.0);
      wn_solver_stats_get(solver, &after);
      assert_int_equal(after.n_step, n_step);
      assert_int_equal(after.n_rhs, f.n_rhs);
      assert_int_equal(after.n_jacobian, f.n_jacobian);
      assert_int_equal(after.n_restart, k + 1);
      assert_true(after.n_rhs > before.n_rhs && after.n_factor >= before.n_factor);
      assert_true(k == 0 || after.n_error_fail >= before.n_error_fail);
      before = after;
    }
    // each run is the same run, so the failed tests are summed over restarts
    assert_true(after.n_error_fail > 0 && after.n_error_fail % 3 == 0);
    bool is_implicit = strcmp(type_name(i), "bdf") == 0 || strcmp(type_name(i), "rosenbrock") == 0;
    assert_true((after.n_factor > 0) == is_implicit);
    wn_solver_destroy(solver);
    fixture_free(&f);
  }
}

static void test_max_step(void **state) {
  (void)state;
  for (int i = 0; i < wn_solver_n_type(); i++) {
    fixture f;
    decay_init(&f, 4);
    f.system.is_linear = true;
    wn_solver_def def = test_def(type_name(i), 1e-3, 1e-3);
    def.max_step = 0.25;
    wn_solver *solver = shared_solver(&f.system, def);
    const double y0[4] = {1.0, 1.0, 1.0, 1.0};
    double s = 0.0;
    assert_int_equal(shared_begin(solver, 0.0, y0, NULL), WN_OK);
    while (s < 10.0) {
      assert_int_equal(shared_step(solver, 10.0, &s, NULL), WN_OK);
      assert_true(s - shared_previous(solver) <= 0.25 * (1.0 + 1e-12));
    }
    wn_solver_destroy(solver);
    fixture_free(&f);
  }
}

static void expect_refused(const wn_system *system, wn_solver_def def, const char *words) {
  wn_solver *solver = (wn_solver *)&def;
  wn_error err = {0};
  assert_int_equal(shared_create(system, &def, &solver, &err), WN_ERR_USER);
  assert_null(solver);
  assert_int_equal(err.status, WN_ERR_USER);
  if (!strstr(err.message, words)) fail_msg("'%s' lacks '%s'", err.message, words);
}

static void test_definition_is_checked(void **state) {
  (void)state;
  fixture f;
  decay_init(&f, 4);
  const wn_solver_def good = test_def("bdf", 1e-6, 1e-9);
  wn_solver_def def = good;
  def.name = "expicit";
  expect_refused(&f.system, def, "unknown solver 'expicit'; try explicit");
  def.name = "auto";
  expect_refused(&f.system, def, "unknown solver 'auto'");
  def.name = NULL;
  expect_refused(&f.system, def, "unknown solver ''");
  for (int k = 0; k < 4; k++) {
    const double bad[] = {-1e-6, 1.0, NAN, INFINITY};
    def = good;
    def.rtol = bad[k];
    expect_refused(&f.system, def, "rtol");
  }
  for (int k = 0; k < 4; k++) {
    const double bad[] = {-1e-6, 0.0, NAN, INFINITY};
    def = good;
    def.atol = bad[k];
    expect_refused(&f.system, def, "atol");
  }
  for (int k = 0; k < 3; k++) {
    const double bad[] = {-1.0, NAN, INFINITY};
    def = good;
    def.max_step = bad[k];
    expect_refused(&f.system, def, "max_step");
  }
  def = good;
  def.max_steps = 0;
  expect_refused(&f.system, def, "max_steps");
  wn_system system = f.system;
  system.jacobian = NULL;
  expect_refused(&system, good, "Jacobian");
  system = f.system;
  system.n_state = 0;
  expect_refused(&system, good, "at least one state");
  wn_solver_destroy(NULL);
  fixture_free(&f);
}

// every allocation of create fails once: a clean error, nothing leaks, and the next attempt works
static void test_out_of_memory(void **state) {
  (void)state;
  for (int i = 0; i < wn_solver_n_type(); i++) {
    fixture f;
    chain_init(&f, 4);
    f.system.is_linear = true;
    const wn_solver_def def = test_def(type_name(i), 1e-6, 1e-9);
    long n = 0;
    wn_solver *solver = NULL;
    for (; n < 1000; n++) {
      wn_error err = {0};
      wn_alloc_fail_after(n);
      const wn_status status = shared_create(&f.system, &def, &solver, &err);
      wn_alloc_fail_after(-1);
      if (status == WN_OK) break;
      assert_int_equal(status, WN_ERR_MEMORY);
      assert_int_equal(err.status, WN_ERR_MEMORY);
      assert_null(solver);
    }
    assert_true(n > 2 && n < 1000);
    // stepping allocates nothing any more
    const double y0[12] = {1.0, 1.0, 1.0, 1.0};
    wn_alloc_fail_after(0);
    assert_int_equal(shared_begin(solver, 0.0, y0, NULL), WN_OK);
    test_run(solver, 0.0, 10.0);
    wn_alloc_fail_after(-1);
    wn_solver_destroy(solver);
    fixture_free(&f);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_table),
      cmocka_unit_test(test_restart_after_a_jump),
      cmocka_unit_test(test_stops_are_exact),
      cmocka_unit_test(test_repeats_bit_for_bit),
      cmocka_unit_test(test_dense_is_confined),
      cmocka_unit_test(test_statistics),
      cmocka_unit_test(test_max_step),
      cmocka_unit_test(test_definition_is_checked),
      cmocka_unit_test(test_out_of_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

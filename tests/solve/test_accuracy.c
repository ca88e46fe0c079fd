// test_accuracy.c - every solver of the table against closed forms, at its steps and in between, and BDF on the classic
// stiff problems. Errors are bounded by multiples of rtol times the largest value the state has reached.
#include "solve/systems.h"

// how many tolerances of a state's peak a run may be off, as solver.h says
static double allowed(const wn_solver_def *def) { return strcmp(def->name, "explicit") == 0 ? 1.0 : 10.0; }

typedef void exact_of(const fixture *f, int lane, double s, double *y);

// run from 0 to s_end and return the worst error at the steps and at 8 points within each, in tolerances
static double worst_error(wn_solver *solver, const fixture *f, const wn_solver_def *def, double s_end,
                          const double *peak, exact_of *exact) {
  const int n = f->system.n_state, width = f->system.width;
  double s = 0.0, worst = 0.0;
  while (s < s_end) {
    assert_int_equal(shared_step(solver, s_end, &s, NULL), WN_OK);
    const double begin = shared_previous(solver);
    for (int part = 0; part <= 9; part++) {
      double y[MAX_STATE * MAX_WIDTH], want[MAX_STATE];
      const double at = part < 9 ? begin + part / 8.0 * (s - begin) : s;
      if (part < 9)
        shared_look(solver, at, y);
      else
        memcpy(y, wn_solver_state(solver), sizeof(double) * (size_t)(n * width));
      for (int lane = 0; lane < width; lane++) {
        exact(f, lane, at, want);
        for (int i = 0; i < n; i++) {
          worst = fmax(worst, fabs(y[i * width + lane] - want[i]) / (def->rtol * peak[i] + def->atol));
        }
      }
    }
  }
  assert_true(s == s_end);
  return worst;
}

static void decay_exact(const fixture *f, int lane, double s, double *y) { y[0] = exp(-f->rate[lane] * s); }

static void test_decay(void **state) {
  (void)state;
  for (int i = 0; i < wn_solver_n_type(); i++) {
    for (double rtol = 1e-3; rtol > 1e-11; rtol *= 0.1) {
      fixture f;
      decay_init(&f, 4);
      f.system.is_linear = true;
      for (int lane = 0; lane < 4; lane++) f.rate[lane] = 0.05 * (1 + lane);
      const wn_solver_def def = test_def(wn_solver_types[i].name, rtol, 1e-3 * rtol);
      wn_solver *solver = shared_solver(&f.system, def);
      const double y0[4] = {1.0, 1.0, 1.0, 1.0}, peak[1] = {1.0};
      assert_int_equal(shared_begin(solver, 0.0, y0, NULL), WN_OK);
      assert_true(worst_error(solver, &f, &def, 24.0, peak, decay_exact) < allowed(&def));
      wn_solver_destroy(solver);
      fixture_free(&f);
    }
  }
}

static void gut_exact(const fixture *f, int lane, double s, double *y) { chain_exact(s, f->rate[lane], y); }

static void test_chain(void **state) {
  (void)state;
  for (int i = 0; i < wn_solver_n_type(); i++) {
    for (double rtol = 1e-3; rtol > 1e-10; rtol *= 0.1) {
      fixture f;
      chain_init(&f, 8);
      f.system.is_linear = true;
      double y0[24] = {0.0};
      for (int lane = 0; lane < 8; lane++) {
        f.rate[lane] = 0.3 * (1 + lane);
        y0[lane] = 100.0;
      }
      const wn_solver_def def = test_def(wn_solver_types[i].name, rtol, 1e-3 * rtol);
      wn_solver *solver = shared_solver(&f.system, def);
      const double peak[3] = {100.0, 60.0, 100.0};
      assert_int_equal(shared_begin(solver, 0.0, y0, NULL), WN_OK);
      assert_true(worst_error(solver, &f, &def, 24.0, peak, gut_exact) < allowed(&def));
      // what is swallowed is somewhere
      const double *y = wn_solver_state(solver);
      for (int lane = 0; lane < 8; lane++) assert_close(y[lane] + y[8 + lane] + y[16 + lane], 100.0, 1e-10);
      wn_solver_destroy(solver);
      fixture_free(&f);
    }
  }
}

static void clock_exact(const fixture *f, int lane, double s, double *y) { y[0] = forced_exact(s, f->rate[lane], 2.0); }

static void test_forced_by_the_clock(void **state) {
  (void)state;
  for (int i = 0; i < n_general(); i++) {
    fixture f;
    forced_init(&f, 4);
    for (int lane = 0; lane < 4; lane++) f.rate[lane] = 0.2 + lane;
    const wn_solver_def def = test_def(wn_solver_types[i].name, 1e-7, 1e-10);
    wn_solver *solver = shared_solver(&f.system, def);
    const double y0[4] = {2.0, 2.0, 2.0, 2.0}, peak[1] = {2.0};
    assert_int_equal(shared_begin(solver, 0.0, y0, NULL), WN_OK);
    assert_true(worst_error(solver, &f, &def, 30.0, peak, clock_exact) < allowed(&def));
    wn_solver_destroy(solver);
    fixture_free(&f);
  }
}

// The error of dense output within one step against the step's length h, for the explicit extension: it falls like h^5
// (a Hermite cubic's falls like h^4). A tolerance of nothing makes the steps as long as max_step allows.
static void test_dense_order(void **state) {
  (void)state;
  double error[2] = {0.0, 0.0};
  for (int k = 0; k < 2; k++) {
    fixture f;
    forced_init(&f, 4);
    wn_solver_def def = test_def("explicit", 0.9, 1e6);
    def.max_step = k ? 0.2 : 0.4;
    wn_solver *solver = shared_solver(&f.system, def);
    const double y0[4] = {2.0, 2.0, 2.0, 2.0};
    double s = 0.0, y[4], exact = 0.0;
    assert_int_equal(shared_begin(solver, 0.0, y0, NULL), WN_OK);
    while (s < 2.4) {
      assert_int_equal(shared_step(solver, 2.4, &s, NULL), WN_OK);
      const double begin = shared_previous(solver), h = s - begin;
      if (h < 0.99 * def.max_step) continue;
      // against the solution through the point where the step began
      shared_look(solver, begin, y);
      const double constant = (y[0] - 0.5 * (cos(begin) + sin(begin))) * exp(begin);
      for (int part = 1; part < 16; part++) {
        const double at = begin + part / 16.0 * h;
        shared_look(solver, at, y);
        exact = 0.5 * (cos(at) + sin(at)) + constant * exp(-at);
        error[k] = fmax(error[k], fabs(y[0] - exact));
      }
    }
    wn_solver_destroy(solver);
    fixture_free(&f);
  }
  const double order = log(error[0] / error[1]) / log(2.0);
  assert_true(order > 4.6 && order < 5.6);
}

// reference: the same solver at a much tighter tolerance, and Robertson's published values at 0.4 and 4e5
static void test_robertson(void **state) {
  (void)state;
  fixture f;
  robertson_init(&f, 4);
  const double y0[12] = {1.0, 1.0, 1.0, 1.0};
  wn_solver_def def = test_def("bdf", 1e-7, 1e-13);
  wn_solver *solver = shared_solver(&f.system, def);
  assert_int_equal(shared_begin(solver, 0.0, y0, NULL), WN_OK);
  test_run(solver, 0.0, 0.4);
  const double *y = wn_solver_state(solver);
  // Hairer, Wanner, Solving Ordinary Differential Equations II; CVODE's cvRoberts_dns
  assert_close(y[0], 9.8517e-01, 1e-5);
  assert_close(y[4], 3.3864e-05, 1e-9);
  const int n = test_run(solver, 0.4, 4e5);
  y = wn_solver_state(solver);
  assert_close(y[0], 4.9387e-03, 1e-6);
  assert_true(n < 2000);
  for (int lane = 0; lane < 4; lane++) assert_close(y[lane] + y[4 + lane] + y[8 + lane], 1.0, 1e-10);

  wn_solver_stats stats;
  wn_solver_stats_get(solver, &stats);
  // the saved Jacobian serves for many factorisations
  assert_true(stats.n_jacobian > 0 && 2 * stats.n_jacobian < stats.n_factor && stats.n_factor < stats.n_step);
  wn_solver_destroy(solver);
  fixture_free(&f);
}

static void test_van_der_pol(void **state) {
  (void)state;
  double end[2][4];
  for (int k = 0; k < 2; k++) {
    fixture f;
    vdp_init(&f, 4);
    for (int lane = 0; lane < 4; lane++) f.rate[lane] = 50.0 * (1 + lane);
    const double y0[8] = {2.0, 2.0, 2.0, 2.0};
    wn_solver *solver = shared_solver(&f.system, test_def("bdf", k ? 1e-11 : 1e-6, k ? 1e-14 : 1e-9));
    assert_int_equal(shared_begin(solver, 0.0, y0, NULL), WN_OK);
    test_run(solver, 0.0, 30.0);
    memcpy(end[k], wn_solver_state(solver), sizeof end[k]);
    wn_solver_destroy(solver);
    fixture_free(&f);
  }
  for (int lane = 0; lane < 4; lane++) assert_close(end[0][lane], end[1][lane], 1e-4);
}

// lanes of a batch with different stiffness agree with each simulated alone
static void test_lanes_against_one(void **state) {
  (void)state;
  const double rate[4] = {0.2, 2.0, 20.0, 200.0};
  for (int i = 0; i < wn_solver_n_type(); i++) {
    double together[12];
    for (int only = -1; only < 4; only++) {
      fixture f;
      chain_init(&f, 4);
      f.system.is_linear = true;
      double y0[12] = {0.0};
      for (int lane = 0; lane < 4; lane++) {
        f.rate[lane] = rate[only < 0 ? lane : only];
        y0[lane] = 100.0;
      }
      wn_solver *solver = shared_solver(&f.system, test_def(wn_solver_types[i].name, 1e-8, 1e-10));
      assert_int_equal(shared_begin(solver, 0.0, y0, NULL), WN_OK);
      test_run(solver, 0.0, 10.0);
      const double *y = wn_solver_state(solver);
      if (only < 0) memcpy(together, y, sizeof together);
      for (int k = 0; k < 3 && only >= 0; k++) {
        assert_close(y[4 * k], together[4 * k + only], 1e-5);
        // and lanes with the same parameters are the same bits
        for (int lane = 1; lane < 4; lane++) assert_true(y[4 * k] == y[4 * k + lane]);
      }
      wn_solver_destroy(solver);
      fixture_free(&f);
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_decay),
      cmocka_unit_test(test_chain),
      cmocka_unit_test(test_forced_by_the_clock),
      cmocka_unit_test(test_dense_order),
      cmocka_unit_test(test_robertson),
      cmocka_unit_test(test_van_der_pol),
      cmocka_unit_test(test_lanes_against_one),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

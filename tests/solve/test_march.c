// test_march.c - states at many times at once: the same as one by one, and as an independent evaluation; equal spans
// share one exponential; what the bits depend on.
#include "solve/linear.h"

enum { MOST_TIME = 3000 };

// numbers in [0, 1) that are the same everywhere
static double next_random(uint64_t *seed) {
  *seed = *seed * 6364136223846793005u + 1442695040888963407u;
  return (double)(*seed >> 11) / 9007199254740992.0;
}

// Compartments that leak and exchange in both directions, rates over four decades, some with an input. y0 [n][width].
static linear *make_compartments(int n, int width, uint64_t seed, bool is_forced, double *y0) {
  linear *l = linear_create();
  bool flows[MOST_LINEAR][MOST_LINEAR];
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) flows[i][j] = i != j && next_random(&seed) < 0.5;
  for (int lane = 0; lane < width; lane++) {
    for (int j = 0; j < n; j++) {
      l->A[lane][j][j] -= 0.02 + 0.1 * next_random(&seed);
      for (int i = 0; i < n; i++) {
        const double flow = pow(10.0, 3.0 * next_random(&seed) - 3.0);
        if (flows[i][j]) l->A[lane][i][j] += flow, l->A[lane][j][j] -= flow;
      }
      l->b[lane][j] = is_forced && j % 2 == 0 ? next_random(&seed) : 0.0;
      y0[j * width + lane] = next_random(&seed);
    }
  }
  linear_ready(l, n, width);
  return l;
}

static wn_solver *start(const linear *l, const char *name, double s, const double *y0) {
  const wn_solver_def def = test_def(name, 1e-8, 1e-10);
  wn_solver *solver = shared_solver(&l->system, def);
  assert_int_equal(shared_begin(solver, s, y0, NULL), WN_OK);
  return solver;
}

static double *make_block(int n) {
  double *block = wn_alloc_doubles((size_t)n);
  assert_non_null(block);
  return block;
}

static long count_exponentials(wn_solver *solver) {
  wn_solver_stats stats;
  wn_solver_stats_get(solver, &stats);
  return stats.n_factor;
}

static void check_state(const linear *l, int lane, double span, const double *y0, const double *y, double most) {
  const int n = l->system.n_state, width = l->system.width;
  double want[MOST_LINEAR];
  for (int i = 0; i < n; i++) want[i] = y0[i * width + lane];
  linear_reference(l, lane, span, want);
  for (int i = 0; i < n; i++) {
    const double got = y[i * width + lane];
    if (!(fabs(got - want[i]) <= most * fabs(want[i])))
      fail_msg("state %d, lane %d, after %g h: %.17g, expected %.17g", i, lane, span, got, want[i]);
  }
}

// ---- the same as ----

// many systems, times on a lattice and off it, against the independent evaluation
static void test_random_systems(void **state) {
  (void)state;
  enum { WIDTH = 8, N_TIME = 40 };
  for (int k = 0; k < 60; k++) {
    double y0[MOST_LINEAR * MOST_LANE], s[N_TIME], now = 0.0;
    uint64_t seed = 1000 + (uint64_t)k;
    const double origin = 500.0 * next_random(&seed), span = 0.01 + 2.0 * next_random(&seed);
    const int n = 1 + k % 7, n_even = k % 5 == 0 ? 0 : 25;
    linear *l = make_compartments(n, WIDTH, seed, k % 2, y0);
    for (int i = 0; i < N_TIME; i++)
      s[i] = i < n_even ? origin + 0.3 * span + i * span : (i ? s[i - 1] : origin) + 0.01 + next_random(&seed);
    double *y = make_block(N_TIME * n * WIDTH);
    wn_solver *solver = start(l, "exact", origin, y0);
    assert_int_equal(shared_step(solver, s[N_TIME - 1] + 1.0, &now, NULL), WN_OK);
    shared_look_many(solver, N_TIME, s, n * WIDTH, y);
    for (int i = k % 3; i < N_TIME; i += 3)
      check_state(l, (i + k) % WIDTH, s[i] - origin, y0, y + i * n * WIDTH, 1e-12);
    wn_solver_destroy(solver);
    linear_destroy(l);
    wn_free(y);
  }
}

// times before, at and after the step, the same twice, in stretches of several kinds: each as asked for alone
static void test_any_times(void **state) {
  (void)state;
  enum { N_TIME = 24, WIDTH = 4, N = 3 };
  const double s[N_TIME] = {-1.0, 0.0, 0.0, 0.5, 1.0, 1.5, 2.0, 2.0,  2.0, 2.25, 2.5,  3.0,
                            4.0,  5.0, 6.0, 7.0, 7.7, 8.0, 8.5, 9.25, 9.5, 9.75, 10.0, 11.0};
  const char *names[] = {"exact", "bdf", "explicit"};
  for (int k = 0; k < 3; k++) {
    double y0[MOST_LINEAR * MOST_LANE], one[N * WIDTH], now = 0.0;
    linear *l = make_compartments(N, WIDTH, 5, true, y0);
    double *y = make_block(N_TIME * N * WIDTH);
    wn_solver *solver = start(l, names[k], 0.0, y0);
    while (now < 10.0) {
      assert_int_equal(shared_step(solver, 10.0, &now, NULL), WN_OK);
      shared_look_many(solver, N_TIME, s, N * WIDTH, y);
      for (int i = 0; i < N_TIME; i++) {
        shared_look(solver, s[i], one);
        for (int e = 0; e < N * WIDTH; e++) {
          const double got = y[i * N * WIDTH + e];
          if (k == 0 && s[i] > 0.0 && s[i] < 10.0)
            assert_true(fabs(got - one[e]) <= 1e-14 * one[e]);
          else
            assert_true(got == one[e]);
        }
      }
    }
    // a step of no length
    assert_int_equal(shared_begin(solver, 3.0, y0, NULL), WN_OK);
    assert_int_equal(shared_step(solver, 3.0, &now, NULL), WN_OK);
    shared_look_many(solver, N_TIME, s, N * WIDTH, y);
    for (int e = 0; e < N_TIME * N * WIDTH; e++) assert_true(y[e] == y0[e % (N * WIDTH)]);
    shared_look_many(solver, 0, s, N * WIDTH, y);
    wn_solver_destroy(solver);
    linear_destroy(l);
    wn_free(y);
  }
}

// thousands of equal spans: what roundings add up to, in time and in the states
static void test_long_lattice(void **state) {
  (void)state;
  enum { WIDTH = 4, N = 3 };
  const double spans[] = {0.25, 0.1, 1.0 / 3.0};
  for (int k = 0; k < 3; k++) {
    double y0[MOST_LINEAR * MOST_LANE], s[MOST_TIME], now = 0.0;
    linear *l = make_compartments(N, WIDTH, 11, true, y0);
    for (int i = 0; i < MOST_TIME; i++) s[i] = 10000.0 + (i + 1) * spans[k];
    double *y = make_block(MOST_TIME * N * WIDTH);
    wn_solver *solver = start(l, "exact", 10000.0, y0);
    assert_int_equal(shared_step(solver, s[MOST_TIME - 1] + 1.0, &now, NULL), WN_OK);
    const long before = count_exponentials(solver);
    shared_look_many(solver, MOST_TIME, s, N * WIDTH, y);
    assert_true(count_exponentials(solver) <= before + 2);
    for (int i = 99; i < MOST_TIME; i += 100)
      check_state(l, i / 100 % WIDTH, s[i] - 10000.0, y0, y + i * N * WIDTH, 3e-12);
    wn_solver_destroy(solver);
    linear_destroy(l);
    wn_free(y);
  }
}

// from the beginning of a step to the stop; who does not know says so
static void test_ahead(void **state) {
  (void)state;
  enum { WIDTH = 4, N = 3, N_TIME = 25 };
  const char *names[] = {"exact", "bdf", "rk"};
  for (int k = 0; k < 3; k++) {
    double y0[MOST_LINEAR * MOST_LANE], s[N_TIME], now = 0.0;
    linear *l = make_compartments(N, WIDTH, 29, true, y0);
    double *y = make_block(N_TIME * N * WIDTH);
    for (int i = 0; i < N_TIME; i++) s[i] = 0.5 + i;
    s[0] = 0.0;
    wn_solver_def def = test_def(names[k], 1e-8, 1e-10);
    wn_solver *solver = shared_solver(&l->system, def);
    assert_int_equal(shared_begin(solver, 0.0, y0, NULL), WN_OK);
    assert_false(wn_solver_ahead(solver, N_TIME, s, true, y));
    assert_int_equal(shared_step(solver, 30.0, &now, NULL), WN_OK);
    assert_true(k == 0 ? now == 30.0 : now < 3.0);
    assert_int_equal(wn_solver_ahead(solver, N_TIME, s, true, y), k == 0);
    for (int i = 0; i < N_TIME && k == 0; i++) check_state(l, i % WIDTH, s[i], y0, y + i * N * WIDTH, 1e-12);
    for (int i = 0; i < N * WIDTH && k == 0; i++) assert_true(y[i] == y0[i]);
    for (int i = 0; i < N_TIME * N * WIDTH && k > 0; i++) assert_true(y[i] == 0.0);
    wn_solver_destroy(solver);
    linear_destroy(l);
    wn_free(y);
  }
}

// ---- what is shared ----

// doses once a day, outputs every hour or six minutes: one exponential for the day and one for the outputs
static void test_doses_share_exponentials(void **state) {
  (void)state;
  enum { WIDTH = 16, N = 3, N_DAY = 30 };
  for (int per_hour = 1; per_hour <= 10; per_hour += 9) {
    double y0[MOST_LINEAR * MOST_LANE], y[MOST_LINEAR * MOST_LANE], now = 0.0;
    linear *l = make_compartments(N, WIDTH, 3, false, y0);
    double *out = make_block(240 * N * WIDTH);
    wn_solver *solver = start(l, "exact", 22.0, y0);
    memcpy(y, y0, sizeof y);
    for (int day = 0; day < N_DAY; day++) {
      const double from = 22.0 + 24.0 * day;
      double s[240], start_y[MOST_LINEAR * MOST_LANE];
      int n = 0;
      memcpy(start_y, y, sizeof y);
      for (; n < 24 * per_hour - 1; n++) s[n] = (22 * per_hour + 24 * per_hour * day + n + 1) / (double)per_hour;
      assert_int_equal(shared_begin(solver, from, y, NULL), WN_OK);
      assert_int_equal(shared_step(solver, from + 24.0, &now, NULL), WN_OK);
      shared_look_many(solver, n, s, N * WIDTH, out);
      for (int i = day % 7; i < n; i += 50) check_state(l, i % WIDTH, s[i] - from, start_y, out + i * N * WIDTH, 1e-12);
      memcpy(y, wn_solver_state(solver), N * WIDTH * sizeof *y);
      for (int lane = 0; lane < WIDTH; lane++) y[lane] += 100.0;
    }
    assert_int_equal(count_exponentials(solver), 2);
    wn_solver_destroy(solver);
    linear_destroy(l);
    wn_free(out);
  }
}

// on a lattice that begins with the step a lane's bits are its own, whatever runs beside it and whoever asked before
static void test_lanes_stand_alone(void **state) {
  (void)state;
  enum { N = 4, N_TIME = 23 };
  double y0[MOST_LINEAR * MOST_LANE], one[N * 4], s[N_TIME], now = 0.0;
  linear *many = make_compartments(N, 16, 17, true, y0);
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++) many->A[5][i][j] *= 1000.0;
  for (int i = 0; i < N_TIME; i++) s[i] = i + 1;
  double *y = make_block(N_TIME * N * 16), *y_alone = make_block(N_TIME * N * 4);
  wn_solver *solver = start(many, "exact", 0.0, y0);
  assert_int_equal(shared_step(solver, 24.0, &now, NULL), WN_OK);
  for (int i = 0; i < 40; i++) shared_look(solver, 0.37 * i, y);
  shared_look_many(solver, N_TIME, s, N * 16, y);
  for (int lane = 0; lane < 16; lane++) {
    linear *alone = linear_create();
    for (int to = 0; to < 4; to++) {
      memcpy(alone->A[to], many->A[lane], sizeof alone->A[to]);
      memcpy(alone->b[to], many->b[lane], sizeof alone->b[to]);
      for (int i = 0; i < N; i++) one[4 * i + to] = y0[16 * i + lane];
    }
    linear_ready(alone, N, 4);
    assert_int_equal(alone->system.n_nz, many->system.n_nz);
    wn_solver *single = start(alone, "exact", 0.0, one);
    assert_int_equal(shared_step(single, 24.0, &now, NULL), WN_OK);
    shared_look_many(single, N_TIME, s, N * 4, y_alone);
    for (int i = 0; i < N_TIME * N; i++) assert_true(y_alone[4 * i] == y[16 * i + lane]);
    wn_solver_destroy(single);
    linear_destroy(alone);
  }
  wn_solver_destroy(solver);
  linear_destroy(many);
  wn_free(y);
  wn_free(y_alone);
}

// lanes that begin, end and are looked at at times of their own, and change their subjects at times of their own: each
// is where the reference is, and has the bits that it has alone
static void run_own_clocks(const linear *l, int width, const int *lane_of, double *out) {
  enum { N = 3, N_ROW = 20, N_LEG = 6 };
  const wn_solver_def def = test_def("exact", 1e-8, 1e-10);
  wn_solver *solver = test_solver(&l->system, def);
  double from[MOST_LANE], to[MOST_LANE], y[N * MOST_LANE], time[N_ROW * MOST_LANE];
  double *row = make_block(N_ROW * N * width);
  bool which[MOST_LANE];
  for (int leg = 0; leg < N_LEG; leg++) {
    for (int lane = 0; lane < width; lane++) {
      const int who = lane_of[lane];
      // some rest in a leg, some are new from the third on
      which[lane] = leg == 0 || (who + leg) % 4 != 0;
      if (!which[lane]) continue;
      from[lane] = 3.1 * who + 17.3 * leg, to[lane] = from[lane] + (who % 3 == 0 ? 12.0 : 5.0 + 0.7 * who);
      for (int i = 0; i < N; i++) y[i * width + lane] = 1.0 + i + who + 0.1 * leg;
    }
    if (leg == 3) {
      bool is_new[MOST_LANE];
      for (int lane = 0; lane < width; lane++) is_new[lane] = lane_of[lane] % 2 == 0;
      wn_solver_renew(solver, is_new);
    }
    assert_int_equal(wn_solver_begin(solver, which, from, to, y, NULL), WN_OK);
    assert_int_equal(wn_solver_advance(solver, NULL), WN_OK);
    for (int k = 0; k < N_ROW; k++)
      for (int lane = 0; lane < width; lane++) {
        const double h = lane_of[lane] % 2 ? (k + 1) / 21.0 : 1.0 - pow(1.0 - (k + 1) / 21.0, 1.5);
        time[k * width + lane] = from[lane] + h * (to[lane] - from[lane]);
      }
    assert_true(wn_solver_ahead(solver, N_ROW, time, false, row));
    for (int lane = 0; lane < width; lane++) {
      assert_true(wn_solver_times(solver)[lane] == to[lane]);
      double one[N], *at[1] = {one};
      wn_solver_look_at(solver, 1, &lane, &time[4 * width + lane], at);
      for (int i = 0; i < N; i++) {
        double *to_row = out + ((leg * 16 + lane_of[lane]) * N + i) * (N_ROW + 2);
        for (int k = 0; k < N_ROW; k++) to_row[k] = row[(k * N + i) * width + lane];
        to_row[N_ROW] = wn_solver_state(solver)[i * width + lane], to_row[N_ROW + 1] = one[i];
      }
      for (int k = (lane + leg) % 5; which[lane] && k < N_ROW; k += 5)
        check_state(l, lane, time[k * width + lane] - from[lane], y, row + k * N * width, 1e-12);
    }
  }
  wn_solver_destroy(solver);
  wn_free(row);
}

static void test_own_clocks(void **state) {
  (void)state;
  enum { N = 3, SIZE = 6 * 16 * N * 22 };
  double y0[MOST_LINEAR * MOST_LANE];
  linear *many = make_compartments(N, 16, 31, true, y0);
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++) many->A[5][i][j] *= 300.0;
  int all[16];
  for (int lane = 0; lane < 16; lane++) all[lane] = lane;
  double *out = make_block(SIZE), *alone = make_block(SIZE);
  run_own_clocks(many, 16, all, out);
  for (int lane = 0; lane < 16; lane++) {
    linear *l = linear_create();
    const int same[4] = {lane, lane, lane, lane};
    for (int to = 0; to < 4; to++) {
      memcpy(l->A[to], many->A[lane], sizeof l->A[to]);
      memcpy(l->b[to], many->b[lane], sizeof l->b[to]);
    }
    linear_ready(l, N, 4);
    run_own_clocks(l, 4, same, alone);
    for (int leg = 0; leg < 6; leg++) {
      const int at = (leg * 16 + lane) * N * 22;
      for (int k = 0; k < N * 22; k++)
        if (alone[at + k] != out[at + k])
          fail_msg("lane %d, leg %d, %d: %.17g, alone %.17g", lane, leg, k, out[at + k], alone[at + k]);
    }
    linear_destroy(l);
  }
  linear_destroy(many);
  wn_free(out);
  wn_free(alone);
}

// nothing is allocated on the way
static void test_no_memory_needed(void **state) {
  (void)state;
  enum { N = 3, WIDTH = 4, N_TIME = 100 };
  double y0[MOST_LINEAR * MOST_LANE], s[N_TIME], now = 0.0;
  linear *l = make_compartments(N, WIDTH, 23, true, y0);
  double *y = make_block(N_TIME * N * WIDTH);
  for (int i = 0; i < N_TIME; i++) s[i] = i < 50 ? 0.1 * (i + 1) : 5.0 + 1e-3 * i * i;
  wn_solver *solver = start(l, "exact", 0.0, y0);
  wn_alloc_fail_after(0);
  assert_int_equal(shared_step(solver, 24.0, &now, NULL), WN_OK);
  shared_look_many(solver, N_TIME, s, N * WIDTH, y);
  wn_alloc_fail_after(-1);
  for (int i = 0; i < N_TIME; i += 9) check_state(l, i % WIDTH, s[i], y0, y + i * N * WIDTH, 1e-12);
  wn_solver_destroy(solver);
  linear_destroy(l);
  wn_free(y);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_random_systems),
      cmocka_unit_test(test_any_times),
      cmocka_unit_test(test_long_lattice),
      cmocka_unit_test(test_ahead),
      cmocka_unit_test(test_doses_share_exponentials),
      cmocka_unit_test(test_lanes_stand_alone),
      cmocka_unit_test(test_own_clocks),
      cmocka_unit_test(test_no_memory_needed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

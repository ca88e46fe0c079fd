// test_choose.c - exact, rk or rosenbrock: what is linear and small is exact; the spectral radius is found whatever the
// shape of the Jacobian, the worst lane decides, and doubt means rosenbrock.
#include "solve/systems.h"

#include <stdio.h>

// a constant Jacobian of up to 8 x 8, the same in each lane but for the lane's rate
typedef struct constant {
  int n;
  const double *entries;
  double rate[MAX_WIDTH];
  int fails;
} constant;

static int constant_rhs(void *context, const double *time, const double *y, double *dy) {
  (void)context, (void)time, (void)y, (void)dy;
  return 1;
}

static int constant_jacobian(void *context, const double *time, const double *y, double *values) {
  (void)time, (void)y;
  const constant *c = context;
  for (int i = 0; i < c->n; i++) {
    for (int lane = 0; lane < 4; lane++) values[4 * i + lane] = c->rate[lane] * c->entries[i];
  }
  return c->fails;
}

static const double times[MAX_WIDTH] = {0};

typedef struct choice {
  const char *name;
  double radius;
  char reason[160];
} choice;

static choice choose_from(bool is_linear, int n, int n_nz, const int *row, const int *col, const double *entries,
                          const double rate[4], double span) {
  constant c = {.n = n_nz, .entries = entries};
  memcpy(c.rate, rate, 4 * sizeof(double));
  wn_lu *lu = wn_lu_create(n, n_nz, row, col, NULL);
  assert_non_null(lu);
  const wn_system system = {.n_state = n,
                            .width = 4,
                            .rhs = constant_rhs,
                            .jacobian = constant_jacobian,
                            .n_nz = n_nz,
                            .row = row,
                            .col = col,
                            .lu = lu,
                            .is_linear = is_linear,
                            .context = &c};
  const double y[4 * MAX_STATE] = {0.0};
  choice made = {.radius = NAN};
  made.name = wn_solver_choose(&system, times, y, span, made.reason);
  sscanf(made.reason, "fastest mode %lf", &made.radius);
  wn_lu_destroy(lu);
  return made;
}

static choice choose(int n, int n_nz, const int *row, const int *col, const double *entries, const double rate[4],
                     double span) {
  return choose_from(false, n, n_nz, row, col, entries, rate, span);
}

static const double ones[4] = {1.0, 1.0, 1.0, 1.0};

static void test_radius(void **state) {
  (void)state;
  // a chain in very different units: eigenvalues are the diagonal
  const int row[] = {0, 1, 1, 2, 2}, col[] = {0, 0, 1, 1, 2};
  const double chain[] = {-2.0, 5e6, -7.0, 3e-7, -0.5};
  assert_close(choose(3, 5, row, col, chain, ones, 24.0).radius, 7.0, 0.15);
  // a rotation: a complex pair +-3i
  const int row2[] = {0, 1}, col2[] = {1, 0};
  const double turn[] = {3.0, -3.0};
  assert_close(choose(2, 2, row2, col2, turn, ones, 24.0).radius, 3.0, 0.1);
  // the same in units a million apart: the bound alone would say 3e6
  const double scaled[] = {3e6, -3e-6};
  assert_close(choose(2, 2, row2, col2, scaled, ones, 24.0).radius, 3.0, 0.1);
  // nilpotent: nothing is fast
  const int row3[] = {1, 2}, col3[] = {0, 1};
  const double pass_on[] = {1e6, 1e6};
  assert_close(choose(3, 2, row3, col3, pass_on, ones, 24.0).radius, 0.0, 0.0);
}

static void test_worst_lane_decides(void **state) {
  (void)state;
  const int at[] = {0};
  const double entry[] = {-1.0};
  assert_string_equal(choose(1, 1, at, at, entry, ones, 24.0).name, "rk");
  for (int lane = 0; lane < 4; lane++) {
    double rate[4] = {0.1, 0.1, 0.1, 0.1};
    rate[lane] = 1000.0;
    const choice made = choose(1, 1, at, at, entry, rate, 24.0);
    assert_string_equal(made.name, "rosenbrock");
    assert_close(made.radius, 1000.0, 10.0);
    assert_non_null(strstr(made.reason, "24 h between events: stiff"));
  }
  // the same mode is nothing special between events a minute apart
  const double rate[4] = {1000.0, 0.0, 0.0, 0.0};
  const choice made = choose(1, 1, at, at, entry, rate, 1.0 / 60.0);
  assert_string_equal(made.name, "rk");
  assert_non_null(strstr(made.reason, "not stiff"));
}

static void test_doubt_means_rosenbrock(void **state) {
  (void)state;
  const int at[] = {0};
  const double entry[] = {-1.0}, bad[] = {NAN}, huge[] = {INFINITY};
  assert_string_equal(choose(1, 1, at, at, bad, ones, 24.0).name, "rosenbrock");
  assert_string_equal(choose(1, 1, at, at, huge, ones, 24.0).name, "rosenbrock");
  assert_string_equal(choose(1, 1, at, at, entry, ones, INFINITY).name, "rosenbrock");

  // the Jacobian cannot be evaluated, or not remembered
  fixture f;
  chain_init(&f, 4);
  const double y[12] = {0.0};
  char reason[160];
  assert_string_equal(wn_solver_choose(&f.system, times, y, 24.0, reason), "rk");
  f.jacobian_fails = 1;
  assert_string_equal(wn_solver_choose(&f.system, times, y, 24.0, reason), "rosenbrock");
  assert_non_null(strstr(reason, "not finite"));
  wn_alloc_fail_after(0);
  assert_string_equal(wn_solver_choose(&f.system, times, y, 24.0, reason), "rosenbrock");
  wn_alloc_fail_after(-1);
  assert_non_null(strstr(reason, "out of memory"));
  f.system.jacobian = NULL;
  assert_string_equal(wn_solver_choose(&f.system, times, y, 24.0, reason), "rk");
  assert_non_null(strstr(reason, "no Jacobian"));
  fixture_free(&f);
}

// without a dose nothing in y' = k y^2 moves at all; what a dose does must be reckoned with
static void test_depends_on_the_state(void **state) {
  (void)state;
  fixture f;
  blowup_init(&f, 4);
  for (int lane = 0; lane < 4; lane++) f.rate[lane] = -1.0;
  const double y[4] = {0.0};
  char reason[160];
  assert_string_equal(wn_solver_choose(&f.system, times, y, 24.0, reason), "rosenbrock");
  assert_non_null(strstr(reason, "may become stiff"));
  for (int lane = 0; lane < 4; lane++) f.rate[lane] = -1e-3;
  assert_string_equal(wn_solver_choose(&f.system, times, y, 24.0, reason), "rk");
  fixture_free(&f);
}

// linear equations are solved exactly as long as they are few enough
static void test_linear_is_exact(void **state) {
  (void)state;
  fixture f;
  chain_init(&f, 4);
  f.system.is_linear = true;
  const double y[12] = {0.0};
  char reason[160];
  assert_string_equal(wn_solver_choose(&f.system, times, y, 24.0, reason), "exact");
  assert_string_equal(reason, "linear with constant coefficients: solved exactly");
  // memory for the pattern or not, there is an answer
  for (long n = 0; n < 3; n++) {
    wn_alloc_fail_after(n);
    const char *name = wn_solver_choose(&f.system, times, y, 24.0, reason);
    wn_alloc_fail_after(-1);
    assert_string_equal(name, n == 0 ? "rk" : "exact");
  }
  f.system.jacobian = NULL;
  assert_string_equal(wn_solver_choose(&f.system, times, y, 24.0, reason), "rk");
  fixture_free(&f);

  // a ring of n compartments: n^3 multiplications in a product
  for (int n = 5; n <= 8; n++) {
    int row[2 * MAX_STATE], col[2 * MAX_STATE];
    double entries[2 * MAX_STATE];
    for (int i = 0; i < n; i++) {
      row[2 * i] = i, col[2 * i] = i, entries[2 * i] = -0.1;
      row[2 * i + 1] = (i + 1) % n, col[2 * i + 1] = i, entries[2 * i + 1] = 0.1;
    }
    assert_string_equal(choose_from(true, n, 2 * n, row, col, entries, ones, 24.0).name, n == 5 ? "exact" : "rk");
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_radius),
      cmocka_unit_test(test_worst_lane_decides),
      cmocka_unit_test(test_doubt_means_rosenbrock),
      cmocka_unit_test(test_depends_on_the_state),
      cmocka_unit_test(test_linear_is_exact),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

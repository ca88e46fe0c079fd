// Sensitivity indices: Ishigami and g functions against their analytic indices, intervals that cover as often as they
// say, lost rows, results that never change, one input; Morris against effects known in closed form.
#include "sweep/points.h"

#include "base/memory.h"
#include "sweep/indices.h"
#include "sweep/morris.h"

#include <math.h>
#include <string.h>

typedef double function(const double *x);

static const double PI = 3.14159265358979323846;

static double ishigami(const double *x) { return sin(x[0]) + 7 * pow(sin(x[1]), 2) + 0.1 * pow(x[2], 4) * sin(x[0]); }

static const double G_A[] = {0, 1, 4.5, 9, 99, 99, 99, 99};
static double g_function(const double *x) {
  double product = 1;
  for (int i = 0; i < 8; i++) product *= (fabs(4 * x[i] - 2) + G_A[i]) / (1 + G_A[i]);
  return product;
}

// Ishigami and Homma 1990: [first, total] of each input
static void ishigami_truth(double *truth) {
  const double a = 7, b = 0.1, p4 = pow(PI, 4), p8 = p4 * p4;
  double v1 = 0.5 * pow(1 + b * p4 / 5, 2), v2 = a * a / 8, v13 = 8 * b * b * p8 / 225, v = v1 + v2 + v13;
  memcpy(truth, (double[]){v1 / v, (v1 + v13) / v, v2 / v, v2 / v, 0, v13 / v}, 6 * sizeof *truth);
}

// Saltelli and Sobol' 1995
static void g_truth(double *truth) {
  double part[8], all = 1;
  for (int i = 0; i < 8; i++) part[i] = 1 / (3 * pow(1 + G_A[i], 2)), all *= 1 + part[i];
  for (int i = 0; i < 8; i++) {
    truth[2 * i] = part[i] / (all - 1);
    truth[2 * i + 1] = part[i] * all / (1 + part[i]) / (all - 1);
  }
}

static const char *const ISHIGAMI[] = {"x1~uniform(-3.141592653589793,3.141592653589793)",
                                       "x2~uniform(-3.141592653589793,3.141592653589793)",
                                       "x3~uniform(-3.141592653589793,3.141592653589793)", NULL};
static const char *const CUBE[] = {"x1~uniform(0,1)", "x2~uniform(0,1)", "x3~uniform(0,1)",
                                   "x4~uniform(0,1)", "x5~uniform(0,1)", "x6~uniform(0,1)",
                                   "x7~uniform(0,1)", "x8~uniform(0,1)", NULL};

static wn_design *design_of(texts draw, const char *kind, const char *sample, int64_t n, uint64_t seed) {
  wn_design_def def = def_of(NULL, draw, sample, n);
  def.sensitivity = kind, def.seed = seed;
  return create(def);
}

static double *run(const wn_design *design, function *f) {
  int64_t n = wn_design_n_point(design);
  double *result = wn_alloc((size_t)n * sizeof *result), value[WN_MAX_INPUT];
  for (int64_t p = 0; p < n; p++) {
    wn_design_point(design, p, value);
    result[p] = f(value);
  }
  return result;
}

static wn_status compute(const wn_design *design, const double *result, wn_index *index, int64_t *n_lost) {
  const wn_indices_def def = wn_indices_of(design);
  wn_error err;
  assert_true(wn_indices_n_point(&def) == wn_design_n_point(design));
  return wn_indices_compute(&def, result, index, n_lost, &err);
}

static int n_index_of(const wn_design *design) {
  const wn_indices_def def = wn_indices_of(design);
  return wn_indices_n(&def);
}

static void indices_of(const wn_design *design, function *f, wn_index *index) {
  double *result = run(design, f);
  int64_t n_lost;
  assert_int_equal(compute(design, result, index, &n_lost), WN_OK);
  assert_int_equal(n_lost, 0);
  wn_free(result);
}

// every estimate within four of its own standard errors, and within an error that N rows should give
static void expect_near(texts draw, function *f, const char *sample, const double *truth, int n, double within) {
  wn_design *design = design_of(draw, "sobol", sample, 4096, 3);
  wn_index index[16];
  assert_int_equal(n_index_of(design), n);
  indices_of(design, f, index);
  for (int i = 0; i < n; i++) {
    double se = (index[i].high - index[i].low) / (2 * 1.96);
    assert_int_equal(index[i].input, i / 2);
    assert_string_equal(index[i].name, i % 2 ? "total" : "first");
    if (!(fabs(index[i].value - truth[i]) <= 4 * se && fabs(index[i].value - truth[i]) <= within))
      fail_msg("%s: index %d is %g (%g..%g), expected %g", sample, i, index[i].value, index[i].low, index[i].high,
               truth[i]);
  }
  wn_design_destroy(design);
}

static void test_known(void **state) {
  (void)state;
  double truth[16];
  ishigami_truth(truth);
  expect_near(ISHIGAMI, ishigami, "sobol", truth, 6, 0.01);
  expect_near(ISHIGAMI, ishigami, "lhs", truth, 6, 0.08);
  expect_near(ISHIGAMI, ishigami, "random", truth, 6, 0.08);
  g_truth(truth);
  expect_near(CUBE, g_function, "sobol", truth, 16, 0.01);
  expect_near(CUBE, g_function, "lhs", truth, 16, 0.08);
  expect_near(CUBE, g_function, "random", truth, 16, 0.08);
}

#ifndef __SANITIZE_ADDRESS__  // eight hundred sweeps through code that the others go through, too
// the 95 % interval covers the truth in about 95 % of 200 repetitions
static void expect_cover(texts draw, function *f, const char *sample, const double *truth, int n, double least,
                         double most) {
  enum { REPEATS = 200 };
  int covered[16] = {0};
  for (int k = 0; k < REPEATS; k++) {
    wn_design *design = design_of(draw, "sobol", sample, 256, (uint64_t)k + 1);
    wn_index index[16];
    indices_of(design, f, index);
    for (int i = 0; i < n; i++) covered[i] += index[i].low <= truth[i] + 1e-12 && truth[i] <= index[i].high + 1e-12;
    wn_design_destroy(design);
  }
  for (int i = 0; i < n; i++) {
    double share = (double)covered[i] / REPEATS;
    if (share < least || share > most) fail_msg("%s: index %d covered in %g of repetitions", sample, i, share);
  }
}

static void test_coverage(void **state) {
  (void)state;
  double truth[16];
  const double least = 0.95 - 4 * sqrt(0.95 * 0.05 / 200);
  ishigami_truth(truth);
  expect_cover(ISHIGAMI, ishigami, "random", truth, 6, least, 0.995);
  // Sobol' points err less than independent rows would, so intervals may cover always
  expect_cover(ISHIGAMI, ishigami, "sobol", truth, 6, least, 1);
  g_truth(truth);
  expect_cover(CUBE, g_function, "random", truth, 16, least, 1);
  // but how few of them fall together in four dimensions matters to indices near 0 (docs/sampling.md)
  expect_cover(CUBE, g_function, "sobol", truth, 16, 0.8, 1);
}
#endif

// rows with a missing result are left out whole: what stays is what a shorter sweep gives
static void test_lost_rows(void **state) {
  (void)state;
  static const double lost[] = {NAN, INFINITY, -INFINITY};
  wn_design *half = design_of(ISHIGAMI, "sobol", "random", 512, 1),
            *full = design_of(ISHIGAMI, "sobol", "random", 1024, 1);
  wn_index want[6], got[6];
  indices_of(half, ishigami, want);
  double *result = run(full, ishigami);
  for (int row = 512; row < 1024; row++) result[5 * row + row % 5] = lost[row % 3];
  int64_t n_lost;
  assert_int_equal(compute(full, result, got, &n_lost), WN_OK);
  assert_int_equal(n_lost, 512);
  for (int i = 0; i < 6; i++) {
    assert_true(fabs(got[i].value - want[i].value) < 1e-12);
    assert_true(got[i].low < got[i].value && got[i].value < got[i].high);
  }
  // fewer than four rows say nothing
  for (int row = 3; row < 512; row++) result[5 * row] = NAN;
  assert_int_equal(compute(full, result, got, &n_lost), WN_OK);
  assert_int_equal(n_lost, 1021);
  for (int i = 0; i < 6; i++) assert_true(isnan(got[i].value) && isnan(got[i].low) && isnan(got[i].high));
  wn_free(result);
  wn_design_destroy(half), wn_design_destroy(full);
}

static double third(const double *x) { return (void)x, 0.1 + 0.2; }
static double offset(const double *x) { return 1e9 + sin(x[0]); }
static double square(const double *x) { return x[0] * x[0]; }

static void test_plain(void **state) {
  (void)state;
  wn_index index[6];
  // a result that never changes has no shares; also when sums round
  wn_design *design = design_of(ISHIGAMI, "sobol", NULL, 64, 1);
  indices_of(design, third, index);
  for (int i = 0; i < 6; i++) assert_true(isnan(index[i].value) && isnan(index[i].low) && isnan(index[i].high));
  // an input that does nothing has exactly 0, whatever the others do and however far from 0 the result is
  indices_of(design, offset, index);
  for (int i = 2; i < 6; i++) assert_true(index[i].value == 0 && index[i].low == 0 && index[i].high == 0);
  assert_true(fabs(index[0].value - 1) < 0.05 && fabs(index[1].value - 1) < 0.05);
  wn_design_destroy(design);
  // one input is all there is
  design = design_of(TEXTS("x1~normal(0,1)"), "sobol", NULL, 1024, 1);
  assert_int_equal(n_index_of(design), 2);
  indices_of(design, square, index);
  assert_true(fabs(index[0].value - 1) < 0.05 && fabs(index[1].value - 1) < 0.05);
  wn_design_destroy(design);
  // no sensitivity, no indices
  design = create(def_of(NULL, TEXTS("x1~normal(0,1)"), NULL, 4));
  assert_int_equal(n_index_of(design), 0);
  wn_design_destroy(design);
}

static double linear(const double *x) { return 5 + 3 * x[0] - 2 * x[1] + 0 * x[2] + x[3] * x[4]; }

static void test_morris(void **state) {
  (void)state;
  enum { N = 400 };
  static const char *const draw[] = {"x1~uniform(0,1)", "x2~uniform(0,10)", "x3~normal(0,1)",
                                     "x4~uniform(0,1)", "x5~uniform(0,1)",  NULL};
  wn_design *design = design_of(draw, "morris", NULL, N, 7);
  wn_index index[15];
  assert_int_equal(n_index_of(design), 15);
  indices_of(design, linear, index);
  // effects are per whole range of the input
  static const double mu[] = {3, -20, 0};
  for (int i = 0; i < 3; i++) {
    assert_string_equal(index[3 * i].name, "mu");
    assert_string_equal(index[3 * i + 1].name, "mu_star");
    assert_string_equal(index[3 * i + 2].name, "sigma");
    assert_true(fabs(index[3 * i].value - mu[i]) < 1e-12 && fabs(index[3 * i + 1].value - fabs(mu[i])) < 1e-12);
    assert_true(index[3 * i + 2].value < 1e-12 && fabs(index[3 * i].low - index[3 * i].high) < 1e-12);
  }
  // of x4 x5 the effect is the other's level: 1/8, 3/8, 5/8 or 7/8, mean 1/2, variance 5/64
  for (int i = 9; i < 15; i += 3) {
    double se = sqrt(5.0 / 64 / N);
    assert_true(fabs(index[i].value - 0.5) < 4 * se && fabs(index[i + 1].value - index[i].value) < 1e-12);
    assert_true(fabs(index[i + 2].value - sqrt(5.0 / 64)) < 4 * se);
    assert_true(fabs((index[i].high - index[i].low) / (2 * 1.96) / se - 1) < 0.15);
  }
  // a lost point loses its trajectory
  double *result = run(design, linear);
  int64_t n_lost;
  for (int t = 0; t < 10; t++) result[6 * t + t % 6] = NAN;
  assert_int_equal(compute(design, result, index, &n_lost), WN_OK);
  assert_int_equal(n_lost, 10);
  assert_true(fabs(index[0].value - 3) < 1e-12);
  wn_free(result);
  wn_design_destroy(design);
}

// trajectories: neighbours differ in one input, by half its range; every input moves once; levels are as likely
static void test_trajectories(void **state) {
  (void)state;
  enum { N = 2000 };
  wn_design *design = design_of(CUBE, "morris", NULL, N, 1);
  const wn_morris morris = {.seed = 1, .n_dim = 8, .n_level = 4};
  int level[8][4] = {0}, first[8] = {0};
  for (int t = 0; t < N; t++) {
    double before[8], now[8];
    bool moved[8] = {0};
    wn_design_point(design, 9 * t, before);
    for (int i = 0; i < 8; i++) level[i][(int)(before[i] * 4)]++;
    for (int step = 0; step < 8; step++) {
      double by;
      int which = wn_morris_move(&morris, t, step, &by);
      assert_false(moved[which]);
      moved[which] = true;
      first[which] += step == 0;
      wn_design_point(design, 9 * t + step + 1, now);
      for (int i = 0; i < 8; i++) assert_true(now[i] == before[i] + (i == which ? by : 0));
      assert_true(fabs(by) == 0.5);
      memcpy(before, now, sizeof now);
    }
  }
  for (int i = 0; i < 8; i++) {
    assert_true(abs(first[i] - N / 8) < 5 * sqrt(N / 8));
    for (int k = 0; k < 4; k++) assert_true(abs(level[i][k] - N / 4) < 5 * sqrt(N / 4));
  }
  wn_design_destroy(design);
}

// the same bits whenever computed; other columns meet the same resamples; memory that runs out is said
static void test_repeated(void **state) {
  (void)state;
  wn_design *design = design_of(ISHIGAMI, "sobol", NULL, 64, 1);
  double *result = run(design, ishigami);
  wn_index once[6], again[6];
  int64_t n_lost;
  assert_int_equal(compute(design, result, once, &n_lost), WN_OK);
  // scaled by a power of 2, every share is the same to the bit
  for (int64_t p = 0; p < wn_design_n_point(design); p++) result[p] *= 1024;
  int n = 0;
  for (;; n++) {
    wn_alloc_fail_after(n);
    wn_status status = compute(design, result, again, &n_lost);
    wn_alloc_fail_after(-1);
    if (!status) break;
    assert_int_equal(status, WN_ERR_MEMORY);
  }
  assert_true(n >= 3);
  for (int i = 0; i < 6; i++)
    assert_true(once[i].value == again[i].value && once[i].low == again[i].low && once[i].high == again[i].high);
  wn_free(result);
  wn_design_destroy(design);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_known),
#ifndef __SANITIZE_ADDRESS__
      cmocka_unit_test(test_coverage),
#endif
      cmocka_unit_test(test_lost_rows),    cmocka_unit_test(test_plain),    cmocka_unit_test(test_morris),
      cmocka_unit_test(test_trajectories), cmocka_unit_test(test_repeated),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

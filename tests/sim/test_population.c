// test_population.c - individuals drawn from random effects: moments of every distribution within five standard errors,
// draws that nothing else changes, factors of variance matrices, residual errors, and what is refused.

#include "sim/fixture.h"

#include "model/random.h"
#include "sim/population.h"

enum { N = 100000 };

// a model whose parameters are all that matters: CL 2, V 20, KA 1.5, F1 0.8, LAG 0, EC50 1 of pk1
static wn_model *make_people(int n_random, wn_random *random) {
  wn_model *m = make_pk1();
  m->random = random;
  m->n_random = n_random;
  return m;
}

static wn_random one(int param, wn_distribution distribution, const double *variance) {
  static const int index[] = {0, 1, 2, 3, 4, 5};
  return (wn_random){.n = 1, .param = &index[param], .omega = variance, .distribution = distribution};
}

static void draw(const wn_model *m, uint64_t seed, int subject, int occasion, double *value) {
  wn_error err = {0};
  double typical[8];
  wn_model_defaults(m, -1, typical);
  if (wn_population_draw(m, seed, subject, occasion, typical, value, &err)) fail_msg("%s", err.message);
}

// mean and variance of what a draw was moved by, against those it should have
static void check_moments(const double *x, double mean, double variance) {
  double sum = 0, square = 0;
  for (int i = 0; i < N; i++) sum += x[i];
  for (int i = 0; i < N; i++) square += (x[i] - sum / N) * (x[i] - sum / N);
  NEAR(sum / N, mean, 5 * sqrt(variance / N));
  NEAR(square / (N - 1), variance, 5 * variance * sqrt(2.0 / N));
}

static void test_moments(void **state) {
  (void)state;
  static const double w[] = {0.09, 0.25, 0.16};
  wn_random random[] = {one(0, WN_LOGNORMAL, &w[0]), one(1, WN_NORMAL, &w[1]), one(3, WN_LOGIT, &w[2])};
  wn_model *m = make_people(3, random);
  double *x = wn_alloc_doubles(3 * N), value[8];
  for (int i = 0; i < N; i++) {
    draw(m, 11, i + 1, 1, value);
    x[i] = log(value[0] / 2);
    x[N + i] = value[1] - 20;
    assert_true(value[3] > 0 && value[3] < 1);
    x[2 * N + i] = log(value[3] / (1 - value[3])) - log(0.8 / 0.2);
    assert_true(value[2] == 1.5 && value[4] == 0 && value[5] == 1);
  }
  for (int k = 0; k < 3; k++) check_moments(x + k * N, 0, w[k]);
  // the mean of a lognormal is above the typical value by exp(omega / 2)
  double sum = 0;
  for (int i = 0; i < N; i++) sum += 2 * exp(x[i]);
  NEAR(sum / N, 2 * exp(0.045), 5 * 2 * sqrt(exp(0.09) * expm1(0.09) / N));
  wn_free(x);
  wn_model_destroy(m);
}

static void test_correlation(void **state) {
  (void)state;
  static const int params[] = {0, 1, 2};
  static const double omega[] = {0.09, 0.03, -0.02, 0.03, 0.04, 0.01, -0.02, 0.01, 0.16};
  wn_random random[] = {{.n = 3, .param = params, .omega = omega, .distribution = WN_LOGNORMAL}};
  wn_model *m = make_people(1, random);
  double *x = wn_alloc_doubles(3 * N), value[8];
  for (int i = 0; i < N; i++) {
    draw(m, 3, i + 1, 1, value);
    x[i] = log(value[0] / 2), x[N + i] = log(value[1] / 20), x[2 * N + i] = log(value[2] / 1.5);
  }
  for (int a = 0; a < 3; a++) {
    check_moments(x + a * N, 0, omega[4 * a]);
    for (int b = 0; b < a; b++) {
      double sum = 0, want = omega[3 * a + b];
      for (int i = 0; i < N; i++) sum += x[a * N + i] * x[b * N + i];
      NEAR(sum / N, want, 5 * sqrt((omega[4 * a] * omega[4 * b] + want * want) / N));
    }
  }
  wn_free(x);
  wn_model_destroy(m);
}

// what is drawn for a parameter depends on the seed, the individual, the occasion and its name, on nothing else
static void test_keys(void **state) {
  (void)state;
  static const double w = 0.1;
  wn_random few[] = {one(0, WN_LOGNORMAL, &w)};
  wn_random more[] = {one(5, WN_LOGNORMAL, &w), one(1, WN_NORMAL, &w), one(0, WN_LOGNORMAL, &w), one(3, WN_LOGIT, &w)};
  wn_model *a = make_people(1, few), *b = make_people(4, more);
  double x[8], y[8], z[8];
  for (int subject = 1; subject < 50; subject++) {
    draw(a, 5, subject, 1, x);
    draw(b, 5, subject, 1, y);
    assert_true(x[0] == y[0]);
    draw(a, 5, subject, 1, z);
    assert_true(memcmp(x, z, 6 * sizeof *x) == 0);
    // effects of the individual do not change from occasion to occasion
    draw(b, 5, subject, 7, z);
    assert_true(memcmp(y, z, 6 * sizeof *y) == 0);
    draw(a, 6, subject, 1, z);
    assert_true(x[0] != z[0]);
    draw(a, 5, subject + 1, 1, z);
    assert_true(x[0] != z[0]);
  }
  // a typical value moved by the same factor: the same person with another clearance
  double typical[8];
  wn_error err = {0};
  wn_model_defaults(a, -1, typical);
  draw(a, 5, 9, 1, x);
  typical[0] *= 3;
  assert_int_equal(wn_population_draw(a, 5, 9, 1, typical, y, &err), WN_OK);
  NEAR(y[0], 3 * x[0], 1e-14 * y[0]);
  wn_model_destroy(a);
  wn_model_destroy(b);
}

static void test_occasions(void **state) {
  (void)state;
  static const double w = 0.04;
  wn_random random[] = {one(0, WN_LOGNORMAL, &w), one(0, WN_LOGNORMAL, &w)};
  random[1].occasion = true;
  wn_model *m = make_people(2, random);
  double *x = wn_alloc_doubles(N), first[8], second[8], between = 0;
  for (int i = 0; i < N; i++) {
    draw(m, 1, i + 1, 1, first);
    draw(m, 1, i + 1, 2, second);
    assert_true(first[0] != second[0]);
    x[i] = log(first[0] / 2);
    between += log(first[0] / 2) * log(second[0] / 2);
  }
  // both add up; what two occasions share is the individual's
  check_moments(x, 0, 0.08);
  NEAR(between / N, 0.04, 5 * sqrt((0.08 * 0.08 + 0.04 * 0.04) / N));
  wn_free(x);
  wn_model_destroy(m);
}

static void test_residuals(void **state) {
  (void)state;
  wn_model *m = make_pk1();
  wn_residual residual = {.output = PK1_C, .proportional = 0.2, .additive = 0.5};
  m->residual = &residual;
  m->n_residual = 1;
  double *x = wn_alloc_doubles(N);
  for (int i = 0; i < N; i++) x[i] = wn_population_observe(m, 1, i % 100 + 1, PK1_C, i / 100, 5);
  check_moments(x, 5, 1 + 0.25);
  assert_true(wn_population_observe(m, 1, 1, PK1_C, 0, 5) == x[0]);
  // an output without one is observed as it is
  assert_true(wn_population_observe(m, 1, 1, PK1_OCC, 0, 0.5) == 0.5);
  wn_free(x);
  m->n_residual = 0;
  wn_model_destroy(m);
}

// lower lower^T is omega, for random matrices and singular ones
static void test_factor(void **state) {
  (void)state;
  uint32_t seed = 1;
  for (int n = 1; n <= 8; n++)
    for (int rank = 1; rank <= n; rank++) {
      double g[64], omega[64], lower[64];
      for (int i = 0; i < n * rank; i++) g[i] = (double)((seed = seed * 1664525u + 1013904223u) >> 8) / (1 << 23) - 1;
      for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
          omega[i * n + j] = 0;
          for (int k = 0; k < rank; k++) omega[i * n + j] += g[i * rank + k] * g[j * rank + k];
        }
      assert_true(wn_random_factor(n, omega, lower));
      for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
          double sum = 0;
          for (int k = 0; k < n; k++) sum += lower[i * n + k] * lower[j * n + k];
          NEAR(sum, omega[i * n + j], 1e-6 * sqrt(omega[i * n + i] * omega[j * n + j]));
          if (j > i) assert_true(lower[i * n + j] == 0);
        }
    }
  double lower[9];
  assert_true(wn_random_factor(2, (double[]){0, 0, 0, 0}, lower) && lower[0] == 0 && lower[3] == 0);
  assert_false(wn_random_factor(2, (double[]){1, 2, 2, 1}, lower));
  assert_false(wn_random_factor(2, (double[]){0, 0.1, 0.1, 1}, lower));
  assert_false(wn_random_factor(2, (double[]){1, 0.5, 0.4, 1}, lower));
  assert_false(wn_random_factor(1, (double[]){-1}, lower));
  assert_false(wn_random_factor(1, (double[]){NAN}, lower));
  assert_false(wn_random_factor(2, (double[]){1, INFINITY, INFINITY, 1}, lower));
  // each pair fits, the three together do not
  assert_false(wn_random_factor(3, (double[]){1, 0.9, -0.9, 0.9, 1, 0.9, -0.9, 0.9, 1}, lower));
}

static void refuse(const wn_model *m, const double *typical, const char *words) {
  wn_error err = {0};
  double value[8];
  assert_int_equal(wn_population_draw(m, 1, 1, 1, typical, value, &err), WN_ERR_USER);
  if (!strstr(err.message, words)) fail_msg("expected: %s\n  got: %s", words, err.message);
}

static void test_refusals(void **state) {
  (void)state;
  static const double bad = -1, w = 0.1;
  wn_random random[] = {one(0, WN_LOGNORMAL, &bad)};
  wn_model *m = make_people(1, random);
  double typical[8];
  wn_model_defaults(m, -1, typical);
  refuse(m, typical, "random effects of CL: omega is not a variance matrix");
  random[0] = one(3, WN_LOGIT, &w);
  static const double outside[] = {0, 1, 1.5, -0.1, NAN};
  for (size_t i = 0; i < 5; i++) {
    typical[3] = outside[i];
    refuse(m, typical, "random effect on F1: a logit needs a value between 0 and 1, got ");
  }
  m->n_random = 0;
  wn_model_destroy(m);
}

// a model that is compiled refuses the same, with words
static void check_refused(wn_random *random, int n_random, wn_residual *residual, const char *words) {
  wn_error err = {0};
  wn_model *m = new_model("small");
  put_param(m, "CL", 2.0);
  put_param(m, "F1", 0.8);
  put_state(m, "A", neg(m, s_(m, 0)), c_(m, 0));
  put_output(m, "A", "mg", s_(m, 0));
  m->random = random, m->n_random = n_random;
  m->residual = residual, m->n_residual = residual ? 1 : 0;
  assert_int_equal(wn_model_compile(m, &err), WN_ERR_USER);
  if (!strstr(err.message, words)) fail_msg("expected: %s\n  got: %s", words, err.message);
  wn_model_destroy(m);
}

static void test_model_check(void **state) {
  (void)state;
  static const double w = 0.1, bad = -0.1;
  static const int none[] = {7};
  wn_random random[] = {one(0, WN_LOGNORMAL, &w), one(0, WN_LOGNORMAL, &w)};
  check_refused(random, 2, NULL, "CL varies twice in individual");
  random[0].occasion = random[1].occasion = true;
  check_refused(random, 2, NULL, "CL varies twice in occasion");
  random[0] = one(0, WN_LOGNORMAL, &bad);
  check_refused(random, 1, NULL, "random effects of CL: omega is no variance matrix");
  random[0] = one(0, WN_LOGIT, &w);
  check_refused(random, 1, NULL, "random effect on CL: a logit needs a value between 0 and 1, got 2");
  random[0].param = none;
  check_refused(random, 1, NULL, "random effect on a parameter that is not there");
  random[0].n = 0;
  check_refused(random, 1, NULL, "expected 1 to 32 parameters in a block, got 0");
  random[0].n = 33;
  check_refused(random, 1, NULL, "expected 1 to 32 parameters in a block, got 33");
  check_refused(NULL, 0, &(wn_residual){.output = 3, .additive = 1}, "residual error of an output that is not there");
  check_refused(NULL, 0, &(wn_residual){.output = 0, .additive = -1}, "residual error of A: expected 0 or more");
  check_refused(NULL, 0, &(wn_residual){.output = 0, .proportional = NAN}, "residual error of A: expected 0 or more");
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_moments),   cmocka_unit_test(test_correlation),
                                     cmocka_unit_test(test_keys),      cmocka_unit_test(test_occasions),
                                     cmocka_unit_test(test_residuals), cmocka_unit_test(test_factor),
                                     cmocka_unit_test(test_refusals),  cmocka_unit_test(test_model_check)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}

// Draws: every distribution against its own distribution function under every sampler, moments, Latin hypercubes that
// meet each slice once, permutations without favourites, correlations, the same numbers as ever.
#include "sweep/points.h"

#include "base/memory.h"
#include "sweep/marginal.h"
#include "sweep/shuffle.h"

#include <math.h>
#include <string.h>

static const char *const SAMPLES[] = {"random", "lhs", "sobol"};

static int by_size(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

// the values of the only input, sorted; to be freed
static double *sorted_draws(const char *draw, const char *sample, int n) {
  wn_design *design = create(def_of(NULL, TEXTS(draw), sample, n));
  double *value = wn_alloc((size_t)n * sizeof *value);
  for (int p = 0; p < n; p++) wn_design_point(design, p, &value[p]);
  wn_design_destroy(design);
  qsort(value, (size_t)n, sizeof *value, by_size);
  return value;
}

// -- distributions --------------------------------------------------------------------------------------------------

static double phi(double z) { return 0.5 * erfc(-z / sqrt(2)); }
static double uniform_cdf(double x) { return (x - 2) / 3; }
static double loguniform_cdf(double x) { return log(x / 2) / log(5 / 2.0); }
static double normal_cdf(double x) { return phi((x - 20) / 5); }
static double cut_cdf(double x) { return (normal_cdf(x) - normal_cdf(18)) / (normal_cdf(40) - normal_cdf(18)); }
static double lognormal_cdf(double x) {
  double variance = log(1 + 0.3 * 0.3);
  return phi((log(x) - log(20) + variance / 2) / sqrt(variance));
}
static double lognormal_cut_cdf(double x) {
  return (lognormal_cdf(x) - lognormal_cdf(10)) / (lognormal_cdf(25) - lognormal_cdf(10));
}
static double triangular_cdf(double x) { return x < 3 ? (x - 1) * (x - 1) / 8 : 1 - (5 - x) * (5 - x) / 8; }
static double edge_cdf(double x) { return 1 - (5 - x) * (5 - x) / 16; }

typedef struct known {
  const char *draw;
  double (*cdf)(double);
  double mean, sd;
} known;

static const known KNOWN_DRAWS[] = {
    {"CL~uniform(2,5)", uniform_cdf, 3.5, 0.8660254037844386},
    {"CL~loguniform(2,5)", loguniform_cdf, 3.2740700038118736, 0.8600643135724635},
    {"CL~normal(20,5)", normal_cdf, 20, 5},
    {"CL~normal(20,5,18,40)", cut_cdf, NAN, NAN},
    {"CL~lognormal(20,0.3)", lognormal_cdf, 20, 6},
    {"CL ~ lognormal( 20 , 30% )", lognormal_cdf, 20, 6},
    {"CL~lognormal(20,30%,10,25)", lognormal_cut_cdf, NAN, NAN},
    {"CL~triangular(1,3,5)", triangular_cdf, 3, 0.8164965809277260},
    {"CL~triangular(1,1,5)", edge_cdf, 7 / 3.0, 0.9428090415820634},
};

// Kolmogorov-Smirnov: 1.95 / sqrt(n) is passed by one honest sample in a thousand; even points are much closer
static void expect_spread(const known *k, const char *sample, int n, double within) {
  double *value = sorted_draws(k->draw, sample, n), worst = 0, sum = 0, squares = 0;
  for (int i = 0; i < n; i++) {
    double p = k->cdf(value[i]);
    worst = fmax(worst, fmax(fabs(p - (double)i / n), fabs(p - (i + 1.0) / n)));
    sum += value[i];
  }
  if (!(worst < within)) fail_msg("%s %s: off by %g, expected %g", k->draw, sample, worst, within);
  double mean = sum / n;
  for (int i = 0; i < n; i++) squares += pow(value[i] - mean, 2);
  double sd = sqrt(squares / n);
  if (!isnan(k->mean) && !(fabs(mean - k->mean) < 5 * k->sd / sqrt(n) && fabs(sd / k->sd - 1) < 0.02))
    fail_msg("%s %s: mean %g, sd %g, expected %g, %g", k->draw, sample, mean, sd, k->mean, k->sd);
  wn_free(value);
}

static void test_distributions(void **state) {
  (void)state;
  enum { N = 16384 };
  for (size_t i = 0; i < sizeof KNOWN_DRAWS / sizeof *KNOWN_DRAWS; i++) {
    expect_spread(&KNOWN_DRAWS[i], "random", N, 1.95 / sqrt(N));
    // one point in each of N slices, so never off by more than one
    expect_spread(&KNOWN_DRAWS[i], "lhs", N, 1.0000001 / N);
    expect_spread(&KNOWN_DRAWS[i], "sobol", N, 1.0000001 / N);
  }
}

// the ends of (0, 1) stay inside every support, and finite
static void test_ends(void **state) {
  (void)state;
  static const double level[] = {1, 2, 3};
  wn_marginal spread[] = {{.kind = WN_MARGINAL_UNIFORM, .a = 0.1, .b = 0.7},
                          {.kind = WN_MARGINAL_LOGUNIFORM, .a = 0.1, .b = 0.7},
                          {.kind = WN_MARGINAL_TRIANGULAR, .a = 0.1, .b = 0.7, .mode = 0.7},
                          {.kind = WN_MARGINAL_NORMAL, .a = 0.4, .b = 3},
                          {.kind = WN_MARGINAL_LEVELS, .level = level, .n_level = 3}};
  assert_true(wn_marginal_cut(&spread[3], 0.1, 0.7));
  for (int i = 0; i < 5; i++) {
    double low = wn_marginal_quantile(&spread[i], 0x1p-54), high = wn_marginal_quantile(&spread[i], 1 - 0x1p-53);
    if (i < 4)
      assert_true(low >= 0.1 && low < 0.1001 && high <= 0.7 && high > 0.6999);
    else
      assert_true(low == 1 && high == 3);
  }
  wn_marginal free_normal = {.kind = WN_MARGINAL_NORMAL, .b = 1};
  assert_true(fabs(wn_marginal_quantile(&free_normal, 0x1p-54)) < 9);
  // clock times: wrapped, midnight is 0
  assert_true(wn_marginal_wrap(24) == 0 && wn_marginal_wrap(25.5) == 1.5 && wn_marginal_wrap(-1) == 23);
  assert_true(wn_marginal_wrap(-1e-18) == 0 && wn_marginal_wrap(23.5) == 23.5);
}

static void test_clock(void **state) {
  (void)state;
  static const char *const draws[] = {"bedtime~normal(23:30,45min)", "bedtime~normal(23:30,0.75,20:00,03:00)",
                                      "bedtime~uniform(22:00,01:00)", "bedtime~triangular(22:00,23:30,01:00)",
                                      "bedtime~normal(00:15,45min,22:00,02:30)"};
  static const double mean[] = {23.5, 23.5, 23.5, 23.5, 24.25}, sd[] = {0.75, 0.75, 0.8660, 0.6124, 0.7399};
  enum { N = 4096 };
  for (int k = 0; k < 5; k++) {
    wn_design *design = create(def_of(NULL, TEXTS(draws[k]), "sobol", N));
    double sum = 0, squares = 0;
    for (int p = 0; p < N; p++) {
      double hour = at(design, p, 0);
      assert_true(hour >= 0 && hour < 24);
      if (hour < 12) hour += 24;
      sum += hour, squares += pow(hour - mean[k], 2);
    }
    if (fabs(sum / N - mean[k]) > 0.005 || fabs(sqrt(squares / N) / sd[k] - 1) > 0.02)
      fail_msg("%s: mean %g, sd %g", draws[k], sum / N, sqrt(squares / N));
    wn_design_destroy(design);
  }
}

// -- samplers -------------------------------------------------------------------------------------------------------

// a permutation for every n and key; every entry goes everywhere as often; neighbours part
static void test_shuffle(void **state) {
  (void)state;
  static char seen[3000];
  for (uint64_t n = 1; n < 3000; n += n < 20 ? 1 : 371)
    for (uint64_t key = 0; key < 5; key++) {
      memset(seen, 0, sizeof seen);
      for (uint64_t i = 0; i < n; i++) {
        uint64_t to = wn_shuffle(n, key, i);
        assert_true(to < n && !seen[to]);
        seen[to] = 1;
      }
    }
  enum { KEYS = 50000, MOST = 40 };
  for (uint64_t n = 2; n <= MOST; n += n < 10 ? 1 : 5) {
    int place[MOST] = {0}, after[MOST] = {0};
    for (uint64_t key = 0; key < KEYS; key++) {
      uint64_t first = wn_shuffle(n, key * 0x9e3779b97f4a7c15u, 0),
               second = wn_shuffle(n, key * 0x9e3779b97f4a7c15u, 1);
      place[first]++;
      after[(second + n - first) % n]++;
    }
    double want = (double)KEYS / (double)n, chi = 0, chi_after = 0;
    for (uint64_t i = 0; i < n; i++) chi += pow(place[i] - want, 2) / want;
    for (uint64_t i = 1; i < n; i++) chi_after += pow(after[i] - KEYS / (double)(n - 1), 2) / (KEYS / (double)(n - 1));
    assert_int_equal(after[0], 0);
    // four standard deviations of chi-squared
    double degrees = (double)n - 1;
    if (chi > degrees + 4 * sqrt(2 * degrees) + 4) fail_msg("n %d: places have chi-squared %g", (int)n, chi);
    if (chi_after > degrees + 4 * sqrt(2 * degrees) + 4) fail_msg("n %d: steps have chi-squared %g", (int)n, chi_after);
  }
  assert_true(wn_shuffle((uint64_t)1 << 40, 1, 12345) < (uint64_t)1 << 40);
}

// two dimensions together: 16 x 16 cells by chi-squared, and no correlation
static void test_joint(void **state) {
  (void)state;
  enum { N = 65536, CELLS = 16 };
  for (int s = 0; s < 3; s++) {
    wn_design *design =
        create(def_of(NULL, TEXTS("CL~uniform(0,1)", "V~uniform(0,1)", "KA~uniform(0,1)"), SAMPLES[s], N));
    static int count[3][CELLS][CELLS];
    double product[3] = {0};
    memset(count, 0, sizeof count);
    for (int p = 0; p < N; p++) {
      double u[3];
      wn_design_point(design, p, u);
      for (int i = 0; i < 3; i++) {
        int j = (i + 1) % 3;
        count[i][(int)(u[i] * CELLS)][(int)(u[j] * CELLS)]++;
        product[i] += (u[i] - 0.5) * (u[j] - 0.5);
      }
    }
    for (int i = 0; i < 3; i++) {
      double chi = 0;
      for (int c = 0; c < CELLS * CELLS; c++) chi += pow(count[i][c / CELLS][c % CELLS] - N / 256, 2) / (N / 256);
      // 255 degrees of freedom: 255 +- 22.6; nets are even
      if (chi > 255 + 5 * 22.6 || (s < 2 && chi < 255 - 5 * 22.6) || (s == 2 && chi > 10))
        fail_msg("%s: chi-squared of pair %d is %g", SAMPLES[s], i, chi);
      assert_true(fabs(product[i] / N * 12) < 5 / sqrt(N));
    }
    wn_design_destroy(design);
  }
}

// a point means the same whatever was asked before: reproduced from these numbers, made by this code when it was tested
static void test_golden(void **state) {
  (void)state;
  static const double want[3][3] = {{21.089952209000678, 0.69909987417395159, 22.447138592980966},
                                    {17.34862328690328, 0.143260839720873, 12.1443146022562},
                                    {13.383920600420605, 0.27585696200941878, 24.78251986828721}};
  for (int s = 0; s < 3; s++) {
    wn_design_def def = def_of(NULL, TEXTS("CL~lognormal(20,30%)", "V~uniform(0,1)"), SAMPLES[s], 1024);
    def.seed = 42;
    wn_design *design = create(def);
    for (int k = 0; k < 3; k++) {
      double got = at(design, 1023 - 511 * k, k == 1);
      if (!(fabs(got / want[s][k] - 1) < 1e-14)) fail_msg("%s %d: %.17g, was %.17g", SAMPLES[s], k, got, want[s][k]);
    }
    wn_design_destroy(design);
  }
}

// -- correlations ---------------------------------------------------------------------------------------------------

static wn_design *correlated(texts draw, texts correlate, const char *sample, int n) {
  wn_design_def def = def_of(NULL, draw, sample, n);
  def.correlate = correlate, def.n_correlate = count_texts(correlate);
  return create(def);
}

// the correlation of two inputs, of their logarithms where is_log
static double correlation(const wn_design *design, int a, int b, bool is_log) {
  double sum[5] = {0}, value[WN_MAX_INPUT];
  double n = (double)wn_design_n_point(design);
  for (int64_t p = 0; p < wn_design_n_point(design); p++) {
    wn_design_point(design, p, value);
    double x = is_log ? log(value[a]) : value[a], y = is_log ? log(value[b]) : value[b];
    sum[0] += x, sum[1] += y, sum[2] += x * x, sum[3] += y * y, sum[4] += x * y;
  }
  return (sum[4] - sum[0] * sum[1] / n) / sqrt((sum[2] - sum[0] * sum[0] / n) * (sum[3] - sum[1] * sum[1] / n));
}

static void test_correlation(void **state) {
  (void)state;
  const texts draw = TEXTS("CL~lognormal(20,30%)", "KA~uniform(1,2)", "V~lognormal(100,20%)", "lag~uniform(1,3)");
  for (int s = 0; s < 3; s++) {
    wn_design *design = correlated(draw, TEXTS("V,CL=0.8", "CL,lag=-0.5", "lag,KA=0.3"), SAMPLES[s], 16384);
    double within = s == 2 ? 0.005 : 0.03;
    // lognormal inputs: of the logarithms exactly what was asked for
    assert_true(fabs(correlation(design, 0, 2, true) - 0.8) < within);
    // uniform inputs: 6 / pi asin(rho / 2)
    assert_true(fabs(correlation(design, 1, 3, false) - 6 / 3.14159265358979 * asin(0.15)) < within);
    assert_true(fabs(correlation(design, 1, 0, true)) < within);
    assert_true(correlation(design, 0, 3, true) < -0.45);
    wn_design_destroy(design);
  }
  // what is not correlated keeps its numbers, and so does the first of those that are
  wn_design *with = correlated(draw, TEXTS("CL,V=0.5"), "random", 100),
            *without = correlated(draw, NULL, "random", 100);
  for (int p = 0; p < 100; p++) {
    assert_true(at(with, p, 1) == at(without, p, 1) && at(with, p, 3) == at(without, p, 3));
    assert_true(fabs(at(with, p, 0) / at(without, p, 0) - 1) < 1e-13);
    assert_true(at(with, p, 2) != at(without, p, 2));
  }
  wn_design_destroy(with), wn_design_destroy(without);
  // perfect correlation is one number
  with = correlated(draw, TEXTS("KA,lag=-1"), "random", 100);
  for (int p = 0; p < 100; p++) assert_true(fabs((at(with, p, 1) - 1) + (at(with, p, 3) - 1) / 2 - 1) < 1e-12);
  wn_design_destroy(with);
}

// a correlated input keeps its own distribution
static void test_correlated_marginal(void **state) {
  (void)state;
  enum { N = 16384 };
  wn_design *design = correlated(TEXTS("CL~lognormal(20,30%)", "V~uniform(0,1)"), TEXTS("CL,V=0.9"), "random", N);
  static double value[N];
  for (int p = 0; p < N; p++) value[p] = at(design, p, 1);
  qsort(value, N, sizeof *value, by_size);
  for (int i = 0; i < N; i++) assert_true(fabs(value[i] - (i + 0.5) / N) < 1.95 / sqrt(N));
  wn_design_destroy(design);
}

static void test_impossible(void **state) {
  (void)state;
  wn_design_def def = def_of(NULL, TEXTS("CL~uniform(0,1)", "V~uniform(0,1)", "KA~uniform(0,1)"), NULL, 0);
  def.correlate = TEXTS("CL,V=0.9", "V,KA=0.9", "CL,KA=-0.95"), def.n_correlate = 3;
  wn_error err;
  wn_design *design;
  assert_int_equal(try_create(&def, &design, &err), WN_ERR_USER);
  // numpy.linalg.eigvalsh: -0.83354
  assert_string_equal(
      err.message,
      "--correlate: these correlations cannot hold together (smallest eigenvalue -0.834, expected 0 or "
      "more); most of it comes from CL,KA=-0.95; try it nearer 0, or correlate the others with each other too");
  def.correlate = TEXTS("CL,V=0.9", "V,CL=0.9"), def.n_correlate = 2;
  assert_int_equal(try_create(&def, &design, &err), WN_ERR_USER);
  assert_string_equal(err.message, "--correlate V,CL=0.9: CL and V are correlated twice");
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_distributions), cmocka_unit_test(test_ends),
                                     cmocka_unit_test(test_clock),         cmocka_unit_test(test_shuffle),
                                     cmocka_unit_test(test_joint),         cmocka_unit_test(test_golden),
                                     cmocka_unit_test(test_correlation),   cmocka_unit_test(test_correlated_marginal),
                                     cmocka_unit_test(test_impossible)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}

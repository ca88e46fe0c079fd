// Random numbers: Philox against the known answers of its authors, keys that matter one by one, uniformity, and the
// normal quantile against values computed with 50 digits.
#include "base/rng.h"

#include <Random123/philox.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

// kat_vectors of Random123: philox4x32, 10 rounds
static void test_known_answers(void **state) {
  (void)state;
  static const struct {
    uint32_t counter[4], key[2], want[4];
  } known[] = {
      {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
      {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
       {0xffffffff, 0xffffffff},
       {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
      {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
       {0xa4093822, 0x299f31d0},
       {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
  };
  for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
    philox4x32_ctr_t counter = {{known[i].counter[0], known[i].counter[1], known[i].counter[2], known[i].counter[3]}};
    philox4x32_key_t key = {{known[i].key[0], known[i].key[1]}};
    philox4x32_ctr_t got = philox4x32(counter, key);
    for (int k = 0; k < 4; k++) assert_int_equal(got.v[k], known[i].want[k]);
  }
  // our own use of them: the first 53 bits, at the middle of their interval
  uint64_t bits = (uint64_t)0x6627e8d5 << 32 | 0xe169c58d;
  assert_true(wn_rng_uniform((wn_rng_key){0}) == ((double)(bits >> 11) + 0.5) * 0x1p-53);
}

// the same key gives the same number; every part of the key matters
static void test_keys(void **state) {
  (void)state;
  const wn_rng_key base = {.seed = 7, .subject = 3, .occasion = 2, .name = wn_rng_name("CL"), .index = 1};
  assert_true(wn_rng_uniform(base) == wn_rng_uniform(base) && wn_rng_normal(base) == wn_rng_normal(base));
  assert_true(wn_rng_normal(base) == wn_normal_quantile(wn_rng_uniform(base)));
  wn_rng_key other[8];
  for (int i = 0; i < 8; i++) other[i] = base;
  other[0].seed++;
  other[1].seed += (uint64_t)1 << 32;
  other[2].subject++;
  other[3].occasion++;
  other[4].name = wn_rng_name("V");
  other[5].name ^= (uint64_t)1 << 40;
  other[6].index++;
  for (int i = 0; i < 7; i++) assert_true(wn_rng_uniform(other[i]) != wn_rng_uniform(base));
  // FNV-1a of nothing and of "a", as published
  assert_true(wn_rng_name("") == 0xcbf29ce484222325u && wn_rng_name("a") == 0xaf63dc4c8601ec8cu);
}

// over a million keys: counts in 100 cells by chi-squared, neighbours uncorrelated, moments of the normal
static void test_distribution(void **state) {
  (void)state;
  enum { N = 1000000, CELLS = 100 };
  static int count[CELLS];
  double last = 0, product = 0, sum[5] = {0};
  for (int i = 0; i < N; i++) {
    wn_rng_key key = {.seed = 1, .subject = (uint32_t)i, .name = 5};
    double u = wn_rng_uniform(key), z = wn_rng_normal(key);
    assert_true(u > 0 && u < 1);
    count[(int)(u * CELLS)]++;
    product += (u - 0.5) * (last - 0.5);
    last = u;
    for (int k = 1; k < 5; k++) sum[k] += pow(z, k);
  }
  double chi = 0;
  for (int i = 0; i < CELLS; i++) chi += pow(count[i] - N / CELLS, 2) / (N / CELLS);
  // 99 degrees of freedom: mean 99, standard deviation 14
  assert_true(chi > 99 - 5 * 14 && chi < 99 + 5 * 14);
  assert_true(fabs(product / N * 12) < 5 / sqrt(N));
  // standard errors of the first four moments of a standard normal: 1, sqrt 2, sqrt 15, sqrt 96 over sqrt N
  static const double moment[] = {1, 0, 1, 0, 3}, error[] = {0, 1, 1.4142, 3.873, 9.798};
  for (int k = 1; k < 5; k++) assert_true(fabs(sum[k] / N - moment[k]) < 5 * error[k] / sqrt(N));
}

static void test_quantile(void **state) {
  (void)state;
  static const struct {
    double p, z;
  } known[] = {
      {1e-300, -37.047096299361199237},      {1e-100, -21.273453560965324294},      {1e-20, -9.2623400897984075796},
      {1e-12, -7.0344838253011319326},       {2e-11, -6.6040775904056342776},       {1e-09, -5.9978070150076868614},
      {1e-06, -4.7534243088228989573},       {0.001, -3.0902323061678135354},       {0.01, -2.3263478740408410931},
      {0.02425, -1.9729610513118848376},     {0.05, -1.644853626951472688},         {0.074, -1.4466320671589785099},
      {0.075, -1.4395314709384559349},       {0.076, -1.4325027208258116188},       {0.1, -1.2815515655446004353},
      {0.25, -0.6744897501960817432},        {0.4, -0.25334710313579974132},        {0.49, -0.025068908258711058033},
      {0.499999, -2.5066282745665593779e-6}, {0.5000001, 2.5066282733116483012e-7}, {0.6, 0.25334710313579974132},
      {0.75, 0.6744897501960817432},         {0.9, 1.2815515655446005935},          {0.925, 1.4395314709384562291},
      {0.95, 1.6448536269514722843},         {0.975, 1.9599639845400538556},        {0.99, 2.3263478740408407676},
      {0.999, 3.0902323061678132778},        {0.9999999, 5.1993375822906610937},
  };
  for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
    double z = wn_normal_quantile(known[i].p);
    if (!(fabs(z - known[i].z) <= 1e-14 * fmax(1e-300, fabs(known[i].z))))
      fail_msg("quantile of %.17g: %.17g, expected %.17g", known[i].p, z, known[i].z);
  }
  assert_true(wn_normal_quantile(0.5) == 0);
  // odd about 1/2 where 1 - p is exact, and increasing across the borders of its three formulas
  for (double p = 0x1p-10; p < 0.5; p += 0x1p-10) assert_true(wn_normal_quantile(1 - p) == -wn_normal_quantile(p));
  double before = -INFINITY;
  for (double p = 1e-12; p < 0.1; p *= 1.01) {
    assert_true(wn_normal_quantile(p) > before);
    before = wn_normal_quantile(p);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_known_answers), cmocka_unit_test(test_keys),
                                     cmocka_unit_test(test_distribution), cmocka_unit_test(test_quantile)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}

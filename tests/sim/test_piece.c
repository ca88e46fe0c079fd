// One piece of a step: polynomial and quadrature against exact ones, both kernel sets bit for bit, merging by masks;
// calendar arithmetic.
#include "sim/day.h"
#include "sim/fixture.h"
#include "sim/span_ops.h"

// a number in [-1, 1] from a counter
static double noise(unsigned *seed) {
  *seed = *seed * 1664525u + 1013904223u;
  return (double)(*seed >> 8) / (1 << 23) - 1;
}

static double power(const double *c, int degree, double x) {
  double sum = 0;
  for (int k = degree; k >= 0; k--) sum = sum * x + c[k];
  return sum;
}

static void test_poly(void **unused) {
  (void)unused;
  unsigned seed = 1;
  for (int trial = 0; trial < 500; trial++) {
    double c[5], f[WN_N_NODE], x[WN_MOST_TURN];
    for (int k = 0; k < 5; k++) c[k] = noise(&seed);
    for (int j = 0; j < WN_N_NODE; j++) f[j] = power(c, 4, wn_piece_node[j]);
    wn_poly p = wn_poly_fit(f, WN_N_NODE);
    for (int k = 0; k < 5; k++) NEAR(p.c[k], c[k], 1e-13);
    for (int j = 0; j < WN_N_NODE; j++) NEAR(wn_poly_at(&p, wn_piece_node[j]), f[j], 1e-14);
    // highest value by brute force: at an end or at one of the extremes
    int n = wn_poly_extremes(&p, x);
    double best = fmax(f[0], f[4]), brute = -INFINITY;
    for (int i = 0; i < n; i++) {
      assert_true(x[i] > -1 && x[i] < 1 && (i == 0 || x[i] > x[i - 1]));
      NEAR(c[1] + x[i] * (2 * c[2] + x[i] * (3 * c[3] + x[i] * 4 * c[4])), 0, 1e-11);
      best = fmax(best, wn_poly_at(&p, x[i]));
    }
    for (int i = 0; i <= 2000; i++) brute = fmax(brute, power(c, 4, i / 1000.0 - 1));
    NEAR(best, brute, 3e-6);
  }
  const double nearly[5] = {1, 0.3, -1, 0.1, 0.05}, jump[] = {0, 0, 0, 1, 1};
  double parabola[WN_N_NODE];
  for (int j = 0; j < WN_N_NODE; j++) parabola[j] = power(nearly, 4, wn_piece_node[j]);
  wn_poly smooth = wn_poly_fit(parabola, WN_N_NODE), broken = wn_poly_fit(jump, WN_N_NODE);
  assert_true(wn_poly_resolved(&smooth));
  assert_false(wn_poly_resolved(&broken));
}

enum { N = 8 };
typedef struct lanes {
  double node[WN_N_NODE][N], time[WN_N_NODE][N], half[N], integral[N], high[N], high_time[N], low[N], low_time[N],
      base[N], out[N];
  long long turns[N];
} lanes;

static wn_piece_rows rows_of(lanes *l) {
  return (wn_piece_rows){l->integral, l->high, l->high_time, l->low, l->low_time, l->turns};
}

static int reduce(const wn_span_ops *ops, lanes *l, const double *time, double half) {
  const double *node[WN_N_NODE];
  const double *times[WN_N_NODE];
  for (int j = 0; j < WN_N_NODE; j++) node[j] = l->node[j], times[j] = l->time[j];
  for (int lane = 0; lane < N; lane++) {
    l->half[lane] = half;
    for (int j = 0; j < WN_N_NODE; j++) l->time[j][lane] = time[j];
  }
  wn_piece_rows rows = rows_of(l);
  return ops->reduce(WN_N_NODE, N, node, times, l->half, &rows);
}

static void test_reduce(void **unused) {
  (void)unused;
  unsigned seed = 7;
  lanes a __attribute__((aligned(64))) = {0};
  for (int trial = 0; trial < 300; trial++) {
    double c[N][8], half = 0.5 + 0.4 * noise(&seed), time[WN_N_NODE];
    int degree = trial % 8;
    for (int j = 0; j < WN_N_NODE; j++) time[j] = 3 + half * wn_piece_node[j];
    for (int lane = 0; lane < N; lane++) {
      for (int k = 0; k < 8; k++) c[lane][k] = k <= degree ? noise(&seed) : 0;
      for (int j = 0; j < WN_N_NODE; j++) a.node[j][lane] = power(c[lane], 7, wn_piece_node[j]);
    }
    lanes b __attribute__((aligned(64))) = a;
    int any = reduce(&wn_span_ops_portable, &a, time, half), seen = 0;
    assert_int_equal(reduce(wn_span_ops_get(), &b, time, half), any);
    assert_memory_equal(&a, &b, sizeof a);
    for (int lane = 0; lane < N; lane++) {
      double exact = 0, high = -INFINITY, low = INFINITY;
      for (int k = 0; k < 8; k += 2) exact += 2 * c[lane][k] / (k + 1);
      NEAR(a.integral[lane], half * exact, 1e-14);
      for (int j = 0; j < WN_N_NODE; j++) {
        high = fmax(high, a.node[j][lane]), low = fmin(low, a.node[j][lane]);
        if (a.high_time[lane] == time[j]) NEAR(a.high[lane], a.node[j][lane], 0);
        if (a.low_time[lane] == time[j]) NEAR(a.low[lane], a.node[j][lane], 0);
      }
      NEAR(a.high[lane], high, 0);
      NEAR(a.low[lane], low, 0);
      seen |= a.turns[lane] != 0;
      if (degree < 2) assert_int_equal(a.turns[lane], 0);
      // for a parabola: turns exactly where its vertex is inside
      double vertex = -c[lane][1] / (2 * c[lane][2]);
      if (degree == 2 && fabs(fabs(vertex) - 1) > 1e-9) assert_int_equal(a.turns[lane] != 0, fabs(vertex) < 1);
    }
    assert_int_equal(any, seen);
  }
}

// a constant does not turn, a not-a-number shows in the integral
static void test_reduce_corners(void **unused) {
  (void)unused;
  lanes a __attribute__((aligned(64))) = {0};
  const double time[WN_N_NODE] = {0, 1, 2, 3, 4};
  for (int j = 0; j < WN_N_NODE; j++) {
    a.node[j][0] = 0.1 + (j % 2 ? 1e-17 : 0);
    a.node[j][1] = NAN;
    a.node[j][2] = j == 2 ? (double)NAN : j;
    a.node[j][3] = j == 2 ? (double)INFINITY : 0;
  }
  reduce(&wn_span_ops_portable, &a, time, 2);
  assert_int_equal(a.turns[0], 0);
  assert_int_equal(a.turns[1], 0);
  NEAR(a.integral[0], 0.4, 1e-15);
  assert_true(isnan(a.integral[1]) && isnan(a.integral[2]) && isinf(a.integral[3]));
  assert_true(isinf(a.high[1]) && a.high[1] < 0 && isnan(a.high_time[1]));
  NEAR(a.high[2], 4, 0);
  NEAR(a.low[2], 0, 0);
}

static void test_merge_and_depth(void **unused) {
  (void)unused;
  const wn_span_ops *const both[] = {&wn_span_ops_portable, wn_span_ops_get()};
  for (int k = 0; k < 2; k++) {
    lanes a __attribute__((aligned(64))) = {0}, sum __attribute__((aligned(64))) = {0};
    long long member[N] __attribute__((aligned(64)));
    for (int i = 0; i < N; i++) {
      member[i] = i % 2 ? -1 : 0;
      a.integral[i] = 1 + i, a.high[i] = i, a.high_time[i] = 7, a.low[i] = -i, a.low_time[i] = 8;
      sum.integral[i] = 10, sum.high[i] = 4, sum.low[i] = -4;
      a.node[0][i] = 3 + i, a.base[i] = 2;
    }
    a.integral[2] = NAN;
    wn_piece_rows rows = rows_of(&a);
    wn_span_rows span = {sum.integral, sum.high, sum.high_time, sum.low, sum.low_time};
    both[k]->merge(N, member, &rows, &span);
    for (int i = 0; i < N; i++) {
      bool better = i % 2 && i > 4;
      NEAR(sum.integral[i], i % 2 ? 11 + i : 10, 0);
      NEAR(sum.high[i], better ? i : 4, 0);
      NEAR(sum.high_time[i], better ? 7 : 0, 0);
      NEAR(sum.low[i], better ? -i : -4, 0);
      NEAR(sum.low_time[i], better ? 8 : 0, 0);
    }
    const double want[3] = {3.0 - 1.5, 3.0 - 2 - 1.5, 3.0 / 2 - 1.5};
    for (int baseline = 0; baseline < 3; baseline++) {
      both[k]->depth(N, baseline, 1, 1.5, a.node[0], a.base, a.out);
      NEAR(a.out[0], want[baseline], 0);
      both[k]->depth(N, baseline, -1, 1.5, a.node[0], a.base, a.out);
      NEAR(a.out[0], -want[baseline], 0);
    }
  }
}

static void test_calendar(void **unused) {
  (void)unused;
  assert_int_equal(wn_day_of(0), 1);
  assert_int_equal(wn_day_of(23.999), 1);
  assert_int_equal(wn_day_of(24), 2);
  assert_int_equal(wn_day_of(-0.001), -1);
  assert_int_equal(wn_day_of(-24), -1);
  assert_int_equal(wn_day_of(-24.001), -2);
  NEAR(wn_day_clock(49.5), 1.5, 0);
  NEAR(wn_day_clock(-1), 23, 0);
  assert_true(wn_day_clock(-1e-18) < 24);
  assert_true(isnan(wn_day_clock(NAN)));
  char words[64];
  wn_day_words(27.2, words);
  assert_string_equal(words, "day 2, 03:12 (t = 27.2 h)");
  NEAR(wn_day_overlap(1, 5, 3, 9), 2, 0);
  NEAR(wn_day_overlap(1, 5, 6, 9), 0, 0);
  // nights: one across midnight, one within a day, none
  wn_scenario s = {.t_start = -30, .t_end = 55, .night_from = 23, .night_to = 7};
  double from, to;
  int day;
  const double begins[] = {-25, -1, 23, 47};
  const int days[] = {-2, -1, 1, 2};
  for (int k = 0; k < 4; k++) {
    assert_true(wn_day_night(&s, s.t_end, k, &from, &to, &day));
    NEAR(from, begins[k], 0);
    NEAR(to, begins[k] + 8, 0);
    assert_int_equal(day, days[k]);
  }
  assert_false(wn_day_night(&s, s.t_end, 4, &from, &to, &day));
  s.t_end = 54.9;
  assert_false(wn_day_night(&s, s.t_end, 3, &from, &to, &day));
  s = (wn_scenario){.t_end = 48, .night_from = 1, .night_to = 5};
  assert_true(wn_day_night(&s, s.t_end, 1, &from, &to, &day));
  NEAR(from, 25, 0);
  assert_int_equal(day, 2);
  s.night_to = 1;
  assert_false(wn_day_night(&s, s.t_end, 0, &from, &to, &day));
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_poly), cmocka_unit_test(test_reduce),
                                     cmocka_unit_test(test_reduce_corners), cmocka_unit_test(test_merge_and_depth),
                                     cmocka_unit_test(test_calendar)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}

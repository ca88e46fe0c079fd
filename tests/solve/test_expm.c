// test_expm.c - the parts under the exact solver: what a pattern can reach, norms that do not care for units,
// exponentials that have the same bits however they are made, and the measure of how well a step is resolved.
#include "solve/linear.h"

#include "solve/lane_expm.h"
#include "solve/propagator.h"

enum { MOST_ENTRY = MOST_LINEAR * MOST_LINEAR * MOST_LANE };

static const wn_expm_ops *const kernels[] = {&wn_expm_ops_portable, &wn_expm_ops_avx2};

static int n_kernel(void) {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? 2 : 1;
#else
  return 1;
#endif
}

// ---- patterns ----

static void test_reach_of_a_chain(void **state) {
  (void)state;
  // 0 -> 1 -> 2, given in no order; 3 by itself
  const int row[] = {2, 1, 1, 0, 2}, col[] = {1, 1, 0, 0, 2};
  wn_reach r;
  assert_true(wn_reach_init(&r, 4, 5, row, col));
  const int from_start[] = {0, 1, 3, 5, 5}, from_col[] = {0, 0, 1, 1, 2}, order[] = {3, 2, 1, 0, 4};
  assert_memory_equal(r.from.start, from_start, sizeof from_start);
  assert_memory_equal(r.from.col, from_col, sizeof from_col);
  assert_memory_equal(r.order, order, sizeof order);
  // lower triangle, and the lonely one's diagonal
  const int start[] = {0, 1, 3, 6, 7}, to_col[] = {0, 0, 1, 0, 1, 2, 3}, place[] = {0, 1, 2, 4, 5};
  assert_int_equal(r.to.n_entry, 7);
  assert_memory_equal(r.to.start, start, sizeof start);
  assert_memory_equal(r.to.col, to_col, sizeof to_col);
  assert_memory_equal(r.place, place, sizeof place);
  assert_int_equal(r.longest, 2);
  assert_int_equal(r.n_product, 11);
  assert_int_equal(r.product_start[r.to.n_entry], 11);
  assert_int_equal(wn_reach_n_product(4, 5, row, col), 11);
  for (int e = 0; e < 7; e++) assert_int_equal(r.is_diagonal[e], e == 0 || e == 2 || e == 5 || e == 6);
  wn_reach_free(&r);
}

static void test_reach_of_a_ring_and_of_nothing(void **state) {
  (void)state;
  const int row[] = {1, 2, 3, 4, 0}, col[] = {0, 1, 2, 3, 4};
  wn_reach r;
  assert_true(wn_reach_init(&r, 5, 5, row, col));
  assert_true(r.to.n_entry == 25 && r.n_product == 125 && r.longest == 4);
  wn_reach_free(&r);
  assert_true(wn_reach_init(&r, 3, 0, row, col));
  assert_true(r.from.n_entry == 0 && r.to.n_entry == 3 && r.n_product == 3 && r.longest == 0);
  wn_reach_free(&r);
}

static void test_reach_out_of_memory(void **state) {
  (void)state;
  const int row[] = {1, 2, 3, 4, 0}, col[] = {0, 1, 2, 3, 4};
  wn_reach r;
  long n = 0;
  for (;; n++) {
    wn_alloc_fail_after(n);
    const bool ok = wn_reach_init(&r, 5, 5, row, col);
    wn_alloc_fail_after(-1);
    if (ok) break;
    assert_null(r.order);
  }
  assert_true(n > 5);
  wn_reach_free(&r);
  wn_alloc_fail_after(0);
  assert_int_equal(wn_reach_n_product(5, 5, row, col), -1);
  wn_alloc_fail_after(-1);
}

// ---- norms ----

static double norm_of(int n, const double *full) {
  int row[64], col[64], n_nz = 0;
  double A[64 * 4], norm[4], scratch[16];
  for (int i = 0; i < n * n; i++) {
    if (full[i] == 0.0) continue;
    row[n_nz] = i / n, col[n_nz] = i % n;
    for (int lane = 0; lane < 4; lane++) A[4 * n_nz + lane] = full[i];
    n_nz++;
  }
  wn_reach r;
  assert_true(wn_reach_init(&r, n, n_nz, row, col));
  for (int lane = 0; lane < 4; lane++) norm[lane] = wn_lane_norm(&r.from, 4, lane, A, scratch);
  for (int lane = 1; lane < 4; lane++) assert_true(norm[lane] == norm[0]);
  wn_reach_free(&r);
  return norm[0];
}

static void expect_norm(int n, const double *full, double radius, double most) {
  const double norm = norm_of(n, full);
  if (!(norm >= radius * (1.0 - 1e-14) && norm <= most * radius)) fail_msg("norm %g, radius of |A| %g", norm, radius);
}

static void test_norms(void **state) {
  (void)state;
  // a bound on the spectral radius of |A|, and not far above it, whatever the units
  expect_norm(2, (double[]){-1.0, 2.0, 3.0, -4.0}, 0.5 * (5.0 + sqrt(33.0)), 1.2);
  expect_norm(2, (double[]){0.0, 3e6, -3e-6, 0.0}, 3.0, 1.2);
  expect_norm(3, (double[]){-2.0, 0.0, 0.0, 5e6, -7.0, 0.0, 0.0, 3e-7, -0.5}, 7.0, 1.5);
  expect_norm(3, (double[]){-7.0, 0.0, 0.0, 5e6, -2.0, 0.0, 0.0, 3e9, -0.5}, 7.0, 1.5);
  expect_norm(2, (double[]){-1e-9, 0.0, 1.0, -1e-9}, 1e-9, 1e9);
  assert_true(norm_of(2, (double[]){0.0, 0.0, 0.0, 0.0}) == 0.0);
  assert_true(norm_of(1, (double[]){-1e12}) == 1e12);
  assert_true(!isfinite(norm_of(2, (double[]){-1e308, 1e308, 1e308, -1e308})));
}

// ---- exponentials ----

typedef struct expm {
  wn_reach reach;
  double *A, *norm, *E, *P, *scratch;
} expm;

static void expm_init(expm *x, const linear *l) {
  const int width = l->system.width;
  double values[MOST_LINEAR * 4 * MOST_LANE];
  assert_true(wn_reach_init(&x->reach, l->system.n_state, l->system.n_nz, l->row, l->col));
  x->A = wn_alloc_doubles((size_t)(l->system.n_nz * width));
  x->norm = wn_alloc_doubles((size_t)width);
  x->E = wn_alloc_doubles(MOST_ENTRY);
  x->P = wn_alloc_doubles(MOST_ENTRY);
  x->scratch = wn_alloc_doubles(wn_lane_expm_scratch(&x->reach, width));
  linear_jacobian((void *)l, NULL, NULL, values);
  for (int k = 0; k < l->system.n_nz; k++)
    memcpy(x->A + x->reach.order[k] * width, values + k * width, (size_t)width * sizeof(double));
  for (int lane = 0; lane < width; lane++) x->norm[lane] = wn_lane_norm(&x->reach.from, width, lane, x->A, x->scratch);
}

static void expm_free(expm *x) {
  wn_reach_free(&x->reach);
  wn_free(x->A), wn_free(x->norm), wn_free(x->E), wn_free(x->P), wn_free(x->scratch);
}

// the same for all lanes, until the next call
static const double *all(double value) {
  static double row[MOST_LANE] __attribute__((aligned(64)));
  for (int lane = 0; lane < MOST_LANE; lane++) row[lane] = value;
  return row;
}

static double next_random(uint64_t *seed) {
  *seed = *seed * 6364136223846793005u + 1442695040888963407u;
  return (double)(*seed >> 11) / 9007199254740992.0;
}

// five compartments with a way back, as fast as the lane's number says
static linear *make_compartments(int width, double decades) {
  linear *l = linear_create();
  uint64_t seed = 3;
  for (int lane = 0; lane < width; lane++) {
    const double speed = pow(10.0, decades * lane / width);
    for (int i = 0; i < 5; i++) {
      const double on = speed * (0.5 + next_random(&seed)), back = 0.3 * speed;
      l->A[lane][i][i] -= on + 0.01;
      if (i < 4) l->A[lane][i + 1][i] += on;
      if (i > 0) l->A[lane][i - 1][i] += back, l->A[lane][i][i] -= back;
    }
  }
  linear_ready(l, 5, width);
  return l;
}

// both compilations, any width and any companions give a lane the same bits; so does doubling what is there
static void test_bits(void **state) {
  (void)state;
  linear *l = make_compartments(16, 4.0);
  expm x;
  expm_init(&x, l);
  const size_t size = (size_t)x.reach.to.n_entry * 16 * sizeof(double);
  double *E = wn_alloc_doubles(MOST_ENTRY), *P = wn_alloc_doubles(MOST_ENTRY), *A4 = wn_alloc_doubles(MOST_ENTRY);
  for (double h = 1.0 / 1024; h <= 1024.0; h *= 2.0) {
    kernels[0]->exponential(&x.reach, 16, all(h), x.A, x.norm, NULL, NULL, x.E, x.P, x.scratch);
    if (n_kernel() > 1) {
      kernels[1]->exponential(&x.reach, 16, all(h), x.A, x.norm, NULL, NULL, E, P, x.scratch);
      assert_memory_equal(E, x.E, size);
      assert_memory_equal(P, x.P, size);
    }
    kernels[0]->exponential(&x.reach, 16, all(h / 2.0), x.A, x.norm, NULL, NULL, E, P, x.scratch);
    double *E2 = wn_alloc_doubles(MOST_ENTRY), *P2 = wn_alloc_doubles(MOST_ENTRY);
    kernels[0]->exponential(&x.reach, 16, all(h), x.A, x.norm, E, P, E2, P2, x.scratch);
    assert_memory_equal(E2, x.E, size);
    assert_memory_equal(P2, x.P, size);
    wn_free(E2), wn_free(P2);
    for (int first = 0; first < 16; first += 4) {
      for (int e = 0; e < x.reach.from.n_entry; e++) memcpy(A4 + 4 * e, x.A + 16 * e + first, 4 * sizeof(double));
      kernels[0]->exponential(&x.reach, 4, all(h), A4, x.norm + first, NULL, NULL, E, P, x.scratch);
      for (int e = 0; e < x.reach.to.n_entry; e++) {
        assert_memory_equal(E + 4 * e, x.E + 16 * e + first, 4 * sizeof(double));
        assert_memory_equal(P + 4 * e, x.P + 16 * e + first, 4 * sizeof(double));
      }
    }
  }
  wn_free(E), wn_free(P), wn_free(A4);
  expm_free(&x);
  linear_destroy(l);
}

// where every lane needs doublings, half a span is really made use of, and nothing changes
static void test_half_is_the_same(void **state) {
  (void)state;
  linear *l = make_compartments(8, 0.3);
  expm x;
  expm_init(&x, l);
  const size_t size = (size_t)x.reach.to.n_entry * 8 * sizeof(double);
  double *E = wn_alloc_doubles(MOST_ENTRY), *P = wn_alloc_doubles(MOST_ENTRY);
  const double h = 8.0;
  for (int lane = 0; lane < 8; lane++) assert_true(h * x.norm[lane] > 0.5 && h * x.norm[lane] < 256.0);
  kernels[0]->exponential(&x.reach, 8, all(h / 2.0), x.A, x.norm, NULL, NULL, E, P, x.scratch);
  double *E2 = wn_alloc_doubles(MOST_ENTRY), *P2 = wn_alloc_doubles(MOST_ENTRY);
  kernels[0]->exponential(&x.reach, 8, all(h), x.A, x.norm, E, P, E2, P2, x.scratch);
  kernels[0]->exponential(&x.reach, 8, all(h), x.A, x.norm, NULL, NULL, x.E, x.P, x.scratch);
  assert_memory_equal(E2, x.E, size);
  assert_memory_equal(P2, x.P, size);
  wn_free(E), wn_free(P), wn_free(E2), wn_free(P2);
  expm_free(&x);
  linear_destroy(l);
}

// the exponential's columns are solutions from unit vectors, the integral's those with unit inputs: both relative to
// each entry, up to spans at which doublings in plain doubles would have lost six digits
static void test_entries_against_reference(void **state) {
  (void)state;
  linear *l = make_compartments(4, 5.0);
  expm x;
  expm_init(&x, l);
  for (double h = 0.01; h < 2000.0; h *= 9.0) {
    kernels[0]->exponential(&x.reach, 4, all(h), x.A, x.norm, NULL, NULL, x.E, x.P, x.scratch);
    for (int lane = 0; lane < 4; lane++) {
      for (int column = 0; column < 10; column++) {
        double y[MOST_LINEAR] = {0.0};
        const bool by_input = column >= 5;
        l->b[lane][column % 5] = by_input;
        y[column % 5] = !by_input;
        linear_reference(l, lane, h, y);
        l->b[lane][column % 5] = 0.0;
        for (int i = 0; i < 5; i++) {
          const double got = (by_input ? x.P : x.E)[4 * (5 * i + column % 5) + lane];
          if (fabs(got - y[i]) > 1e-12 * fabs(y[i]) + 1e-300)
            fail_msg("h %g, lane %d, entry %d %d: %.17g, expected %.17g", h, lane, i, column, got, y[i]);
        }
      }
    }
  }
  expm_free(&x);
  linear_destroy(l);
}

// ---- vectors ----

static void test_apply(void **state) {
  (void)state;
  for (int width = 4; width <= 16; width += 4) {
    linear *l = make_compartments(width, 1.0);
    expm x;
    expm_init(&x, l);
    double *v = wn_alloc_doubles(5 * 16), *base = wn_alloc_doubles(5 * 16), *out = wn_alloc_doubles(5 * 16);
    double *first = wn_alloc_doubles(5 * 16);
    uint64_t seed = 1;
    for (int i = 0; i < 5 * width; i++) v[i] = next_random(&seed) - 0.5, base[i] = next_random(&seed);
    for (int k = 0; k < n_kernel(); k++) {
      kernels[k]->apply(&x.reach.from, width, all(0.25), x.A, v, base, out);
      for (int lane = 0; lane < width; lane++) {
        for (int i = 0; i < 5; i++) {
          double want = 0.0;
          for (int j = 0; j < 5; j++) want += l->A[lane][i][j] * v[j * width + lane];
          assert_close(out[i * width + lane], base[i * width + lane] + 0.25 * want, 1e-14 * (1.0 + fabs(want)));
        }
      }
      kernels[k]->add((size_t)(5 * width), -2.0, v, out);
      if (k == 0) memcpy(first, out, (size_t)(5 * width) * sizeof *out);
      assert_memory_equal(first, out, (size_t)(5 * width) * sizeof *out);
    }
    wn_free(v), wn_free(base), wn_free(out), wn_free(first);
    expm_free(&x);
    linear_destroy(l);
  }
}

// of one value of size 2 at most, four times: by the quadrature, or by the polynomial where it turns and where not
static double measure(double (*f)(double), double h, double by_quadrature, double by_turn, double by_value) {
  double y[WN_N_LOOK][4] __attribute__((aligned(32)));
  double weight[4] __attribute__((aligned(32))), size[4] __attribute__((aligned(32)));
  double worst[2][4] __attribute__((aligned(32)));
  const double *at[WN_N_LOOK];
  for (int lane = 0; lane < 4; lane++) weight[lane] = by_quadrature, size[lane] = 2.0;
  for (int k = 0; k < WN_N_LOOK; k++) {
    for (int lane = 0; lane < 4; lane++) y[k][lane] = f(k * h / 8.0);
    at[k] = y[k];
  }
  for (int k = 0; k < n_kernel(); k++) {
    kernels[k]->unresolved(1, 4, at, all(h), weight, size, by_turn, by_value, worst[k]);
    for (int lane = 0; lane < 4; lane++) assert_true(worst[k][lane] == worst[0][0]);
  }
  return worst[0][0];
}

static double falling(double t) { return exp(-t); }
static double turning(double t) { return 1.5 + 0.5 * cos(t - 0.01); }
static double constant(double t) { return 7.0 + 0.0 * t; }
static double zero(double t) { return 0.0 * t; }

// the polynomial through the nine points, by Lagrange's formula
static double polynomial(double (*f)(double), double h, double t) {
  double sum = 0.0;
  for (int k = 0; k < WN_N_LOOK; k++) {
    double part = f(k * h / 8.0);
    for (int j = 0; j < WN_N_LOOK; j++)
      if (j != k) part *= (t - j * h / 8.0) / ((k - j) * h / 8.0);
    sum += part;
  }
  return sum;
}

static void test_unresolved(void **state) {
  (void)state;
  const double cotes[] = {989, 5888, -928, 10496, -4540, 10496, -928, 5888, 989};
  for (double h = 0.5; h < 4.0; h *= 2.0) {
    // what the nodes lose of a decay is less than what is measured, but not much less where a difference is a quarter
    // of the one before
    double sum = 0.0, most = 0.0;
    for (int k = 0; k < WN_N_LOOK; k++) sum += cotes[k] / 28350.0 * h * falling(k * h / 8.0);
    for (double t = 0.0; t < h; t += h / 500.0) most = fmax(most, fabs(polynomial(falling, h, t) - falling(t)));
    const double area = measure(falling, h, 4e-5, 0.0, 0.0), value = 2.0 * measure(falling, h, 0.0, 9.9, 4e-3);
    assert_true(area + 1e-15 > fabs(sum - (1.0 - exp(-h))) && value + 1e-13 > most);
    if (h == 2.0) assert_true(area < 30.0 * fabs(sum - (1.0 - exp(-h))) && value < 10.0 * most);
  }
  // a turn beside the first point is seen
  const double turn = measure(turning, 0.5, 0.0, 1.0, 0.0), straight = measure(falling, 0.5, 0.0, 1.0, 0.0);
  assert_true(turn > 0.0 && straight == 0.0);
  assert_true(measure(constant, 1.0, 1.0, 1.0, 1.0) == 0.0);
  assert_true(measure(zero, 1.0, 1.0, 1.0, 1.0) == 0.0);
}

// ---- the propagator ----

// Eight lanes on their way, each by spans of its own: walked for the first time (a series), the second (an exponential)
// and within a hair of it they are where the reference is.
static void test_move(void **state) {
  (void)state;
  enum { N = 5, WIDTH = 8, N_SPAN = 6 };
  linear *l = make_compartments(WIDTH, 2.0);
  for (int lane = 0; lane < WIDTH; lane++) l->b[lane][lane % 5] = 0.1 * lane;
  double values[MOST_LINEAR * 4 * MOST_LANE], b[N * WIDTH];
  bool which[WIDTH], changed[WIDTH];
  linear_jacobian(l, NULL, NULL, values);
  for (int i = 0; i < N * WIDTH; i++) b[i] = l->b[i % WIDTH][i / WIDTH];
  for (int lane = 0; lane < WIDTH; lane++) which[lane] = true;
  wn_propagator p;
  assert_true(wn_propagator_init(&p, &l->system));
  wn_propagator_set(&p, which, values, b, changed);
  for (int lane = 0; lane < WIDTH; lane++) assert_true(changed[lane]);
  wn_propagator_set(&p, which, values, b, changed);
  for (int lane = 0; lane < WIDTH; lane++) assert_false(changed[lane]);
  double *x = wn_alloc_doubles(N * WIDTH), *out = wn_alloc_doubles(N * WIDTH);
  for (int i = 0; i < N * WIDTH; i++) x[i] = 1.0 + i;
  const double spans[N_SPAN] = {0.0, 1e-12, 0.001, 0.3, 7.7, 100.1};
  for (int shift = 0; shift <= N_SPAN; shift++) {
    // all by the same, then each by another
    for (int again = 0; again < 4; again++) {
      double h[WIDTH], asked[WIDTH], hair[WIDTH];
      for (int lane = 0; lane < WIDTH; lane++) {
        hair[lane] = 1e-13;
        asked[lane] = spans[(shift + (shift > 2 ? lane : 0)) % N_SPAN] + (again == 3 ? 0.9 * hair[lane] : 0.0);
        h[lane] = asked[lane];
      }
      const long n_exponential = p.n_exponential;
      wn_propagator_move(&p, &p.looks, h, hair, NULL, x, out);
      if (again == 2) assert_int_equal(p.n_exponential, n_exponential);
      for (int lane = 0; lane < WIDTH; lane++) {
        double want[MOST_LINEAR];
        assert_true(fabs(h[lane] - asked[lane]) <= hair[lane]);
        for (int i = 0; i < N; i++) want[i] = x[WIDTH * i + lane];
        linear_reference(l, lane, asked[lane], want);
        for (int i = 0; i < N; i++)
          if (!(fabs(out[WIDTH * i + lane] - want[i]) <= 1e-12 * fabs(want[i])))
            fail_msg("shift %d, time %d, lane %d: %.17g, expected %.17g", shift, again, lane, out[WIDTH * i + lane],
                     want[i]);
      }
    }
  }
  // in place
  double h[WIDTH], hair[WIDTH] = {0.0};
  for (int lane = 0; lane < WIDTH; lane++) h[lane] = 7.7;
  for (int k = 0; k < 2; k++) wn_propagator_move(&p, &p.looks, h, hair, NULL, x, out);
  wn_propagator_move(&p, &p.looks, h, hair, NULL, x, x);
  assert_memory_equal(x, out, N * WIDTH * sizeof *x);
  values[3] = nextafter(values[3], 10.0);
  wn_propagator_set(&p, which, values, b, changed);
  for (int lane = 0; lane < WIDTH; lane++) assert_int_equal(changed[lane], lane == 3);
  wn_free(x), wn_free(out);
  wn_propagator_free(&p);
  linear_destroy(l);
  assert_true(wn_power_of_two(1.0) == 1.0 && wn_power_of_two(0.999) == 0.5 && wn_power_of_two(24.0) == 16.0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_reach_of_a_chain),
      cmocka_unit_test(test_reach_of_a_ring_and_of_nothing),
      cmocka_unit_test(test_reach_out_of_memory),
      cmocka_unit_test(test_norms),
      cmocka_unit_test(test_bits),
      cmocka_unit_test(test_half_is_the_same),
      cmocka_unit_test(test_entries_against_reference),
      cmocka_unit_test(test_apply),
      cmocka_unit_test(test_unresolved),
      cmocka_unit_test(test_move),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

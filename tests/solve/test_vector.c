// test_vector.c - the vector's operations, each against a plain loop, with both kernels bit for bit; norms by the worst
// lane; values that are not finite are never lost.
#include "solve/systems.h"

#include "solve/lane_vector.h"

enum { STATES = 7, WIDTH = 12, N = STATES * WIDTH };

typedef struct vectors {
  const wn_lane_ops *ops;
  SUNContext context;
  wn_lane_space *space;
  N_Vector x, y, z;
  double *px, *py, *pz;
  uint32_t seed;
} vectors;

static double next_number(vectors *v) {
  v->seed = v->seed * 1664525u + 1013904223u;
  return ((double)v->seed / 4294967296.0 - 0.5) * 20.0;
}

static void vectors_init(vectors *v, const wn_lane_ops *ops) {
  *v = (vectors){.ops = ops, .seed = 7};
  assert_int_equal(SUNContext_Create(NULL, &v->context), 0);
  // room for two only: the third is allocated by itself
  v->space = wn_lane_space_create(STATES, WIDTH, 2, ops);
  v->x = wn_lane_vector_create(v->space, v->context);
  v->y = N_VClone(v->x);
  v->z = N_VClone(v->y);
  v->px = wn_lane_data(v->x);
  v->py = N_VGetArrayPointer(v->y);
  v->pz = wn_lane_data(v->z);
  for (int i = 0; i < N; i++) {
    v->px[i] = next_number(v);
    v->py[i] = next_number(v);
  }
}

static void vectors_free(vectors *v) {
  N_VDestroy(v->x);
  N_VDestroy(v->y);
  N_VDestroy(v->z);
  wn_lane_space_destroy(v->space);
  SUNContext_Free(&v->context);
}

static const wn_lane_ops *const kernels[] = {&wn_lane_ops_portable, &wn_lane_ops_avx2};

static int n_kernel(void) {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? 2 : 1;
#else
  return 1;
#endif
}

#define EACH_KERNEL(v)                                \
  for (int kernel = 0; kernel < n_kernel(); kernel++) \
    for (bool once = (vectors_init(&(v), kernels[kernel]), true); once; once = (vectors_free(&(v)), false))

#define ASSERT_EACH(v, expression)             \
  for (int i = 0; i < N; i++) {                \
    const double x = (v).px[i], y = (v).py[i]; \
    (void)x, (void)y;                          \
    assert_true((v).pz[i] == (expression));    \
  }

static void test_elementwise(void **state) {
  (void)state;
  vectors v;
  EACH_KERNEL(v) {
    assert_int_equal(N_VGetLength(v.x), N);
    assert_int_equal(N_VGetVectorID(v.x), SUNDIALS_NVEC_CUSTOM);
    for (int i = 0; i < N; i++) assert_true(v.pz[i] == 0.0);
    assert_int_equal((uintptr_t)v.px % 64, 0);
    assert_int_equal((uintptr_t)v.pz % 64, 0);
    N_VLinearSum(1.7, v.x, -0.3, v.y, v.z);
    ASSERT_EACH(v, 1.7 * x + -0.3 * y);
    N_VConst(0.1, v.z);
    ASSERT_EACH(v, 0.1);
    N_VProd(v.x, v.y, v.z);
    ASSERT_EACH(v, x * y);
    N_VDiv(v.x, v.y, v.z);
    ASSERT_EACH(v, x / y);
    N_VScale(0.3, v.x, v.z);
    ASSERT_EACH(v, 0.3 * x);
    N_VScale(1.0, v.y, v.z);
    ASSERT_EACH(v, y);
    N_VAbs(v.x, v.z);
    ASSERT_EACH(v, fabs(x));
    N_VInv(v.x, v.z);
    ASSERT_EACH(v, 1.0 / x);
    N_VAddConst(v.x, 0.7, v.z);
    ASSERT_EACH(v, x + 0.7);
    v.ops->weights(N, 1e-3, 1e-6, v.px, v.pz);
    ASSERT_EACH(v, 1.0 / (1e-3 * fabs(x) + 1e-6));
  }
}

// the result may be written over an argument
static void test_in_place(void **state) {
  (void)state;
  vectors v;
  EACH_KERNEL(v) {
    double was[N];
    memcpy(was, v.px, sizeof was);
    N_VLinearSum(2.0, v.x, 3.0, v.y, v.x);
    for (int i = 0; i < N; i++) assert_true(v.px[i] == 2.0 * was[i] + 3.0 * v.py[i]);
    memcpy(was, v.px, sizeof was);
    N_Vector list[3] = {v.x, v.y, v.x};
    double c[3] = {0.5, -1.25, 0.1};
    assert_int_equal(N_VLinearCombination(3, c, list, v.x), 0);
    for (int i = 0; i < N; i++) assert_true(v.px[i] == (0.5 * was[i] + -1.25 * v.py[i]) + 0.1 * was[i]);
    memcpy(was, v.px, sizeof was);
    N_VScale(-2.0, v.x, v.x);
    N_VScale(1.0, v.x, v.x);
    for (int i = 0; i < N; i++) assert_true(v.px[i] == -2.0 * was[i]);
  }
}

static void test_several_at_once(void **state) {
  (void)state;
  vectors v;
  EACH_KERNEL(v) {
    N_Vector *one = N_VCloneVectorArray(5, v.x), *two = N_VCloneVectorArray(5, v.x);
    assert_true(one && two);
    double c[5], was[5][N], want[N];
    for (int k = 0; k < 5; k++) {
      c[k] = next_number(&v);
      for (int i = 0; i < N; i++) was[k][i] = wn_lane_data(one[k])[i] = next_number(&v);
    }
    // a sum in order of the vectors
    assert_int_equal(N_VLinearCombination(5, c, one, v.z), 0);
    for (int i = 0; i < N; i++) {
      want[i] = c[0] * was[0][i];
      for (int k = 1; k < 5; k++) want[i] += c[k] * was[k][i];
    }
    assert_memory_equal(v.pz, want, sizeof want);
    assert_int_equal(N_VLinearCombination(1, c, one, v.z), 0);
    for (int i = 0; i < N; i++) assert_true(v.pz[i] == c[0] * was[0][i]);
    assert_int_not_equal(v.x->ops->nvlinearcombination(33, c, one, v.z), 0);
    assert_int_not_equal(v.x->ops->nvscaleaddmulti(0, c, v.x, one, two), 0);

    assert_int_equal(N_VLinearSumVectorArray(5, 2.0, one, -0.5, one, two), 0);
    for (int k = 0; k < 5; k++) {
      for (int i = 0; i < N; i++) assert_true(wn_lane_data(two[k])[i] == 2.0 * was[k][i] + -0.5 * was[k][i]);
    }
    assert_int_equal(N_VScaleVectorArray(5, c, one, two), 0);
    for (int k = 0; k < 5; k++) {
      for (int i = 0; i < N; i++) assert_true(wn_lane_data(two[k])[i] == c[k] * was[k][i]);
    }
    assert_int_equal(N_VConstVectorArray(5, 3.0, two), 0);
    for (int k = 0; k < 5; k++) assert_true(wn_lane_data(two[k])[N - 1] == 3.0);
    double norm[5];
    assert_int_equal(N_VWrmsNormVectorArray(5, one, two, norm), 0);
    for (int k = 0; k < 5; k++) assert_true(norm[k] == N_VWrmsNorm(one[k], two[k]));
    // CVODE adds the correction to its whole history in place
    assert_int_equal(N_VScaleAddMulti(5, c, v.x, one, one), 0);
    for (int k = 0; k < 5; k++) {
      for (int i = 0; i < N; i++) assert_true(wn_lane_data(one[k])[i] == c[k] * v.px[i] + was[k][i]);
    }
    N_VDestroyVectorArray(one, 5);
    N_VDestroyVectorArray(two, 5);
  }
}

static double worst_by_hand(const double *x, const double *w) {
  double worst = 0.0;
  for (int lane = 0; lane < WIDTH; lane++) {
    double sum = 0.0;
    for (int i = 0; i < STATES; i++) {
      const double scaled = x[i * WIDTH + lane] * w[i * WIDTH + lane];
      sum += scaled * scaled;
    }
    worst = fmax(worst, sqrt(sum / STATES));
  }
  return worst;
}

static void test_norms(void **state) {
  (void)state;
  vectors v;
  EACH_KERNEL(v) {
    assert_true(N_VWrmsNorm(v.x, v.y) == worst_by_hand(v.px, v.py));
    double largest = 0.0;
    for (int i = 0; i < N; i++) largest = fmax(largest, fabs(v.px[i]));
    assert_true(N_VMaxNorm(v.x) == largest);
    // one bad lane among good ones decides: the mean over lanes would be 12 times smaller in square
    N_VConst(0.0, v.x);
    N_VConst(1.0, v.y);
    for (int i = 0; i < STATES; i++) v.px[i * WIDTH + 5] = -3.0;
    assert_true(N_VWrmsNorm(v.x, v.y) == 3.0);
    N_VConst(0.0, v.x);
    assert_true(N_VWrmsNorm(v.x, v.y) == 0.0 && N_VMaxNorm(v.x) == 0.0);
  }
}

// wherever it is, a value that is not finite makes the norms huge
static void test_not_finite(void **state) {
  (void)state;
  vectors v;
  const double values[] = {NAN, -NAN, INFINITY, -INFINITY, 1e200};
  EACH_KERNEL(v) {
    N_VConst(1.0, v.y);
    for (int at = 0; at < N; at++) {
      const double was = v.px[at];
      for (size_t k = 0; k < sizeof values / sizeof *values; k++) {
        v.px[at] = values[k];
        assert_true(N_VWrmsNorm(v.x, v.y) == WN_LANE_HUGE);
        assert_true(N_VWrmsNorm(v.y, v.x) == WN_LANE_HUGE);
        assert_true(N_VMaxNorm(v.x) == WN_LANE_HUGE);
      }
      v.px[at] = was;
    }
  }
}

static void test_kernels_same_bits(void **state) {
  (void)state;
  if (n_kernel() < 2) skip();
  double z[2][N], norm[2];
  for (int kernel = 0; kernel < 2; kernel++) {
    vectors v;
    vectors_init(&v, kernels[kernel]);
    const double c[2] = {1.1, -0.7};
    const double *x[2] = {v.px, v.py};
    v.ops->combine(N, 2, c, x, v.pz);
    v.ops->weights(N, 1e-6, 1e-9, v.pz, v.pz);
    v.ops->quotient(N, v.px, v.pz, v.pz);
    memcpy(z[kernel], v.pz, sizeof z[0]);
    norm[kernel] = v.ops->worst_norm(STATES, WIDTH, v.px, v.py);
    vectors_free(&v);
  }
  assert_memory_equal(z[0], z[1], sizeof z[0]);
  assert_true(norm[0] == norm[1]);
  const wn_lane_ops *chosen = wn_lane_ops_get();
  assert_true(chosen == kernels[0] || chosen == kernels[1]);
}

// the result of a lane does not depend on how many lanes stand beside it
static void test_norm_any_width(void **state) {
  (void)state;
  vectors v;
  EACH_KERNEL(v) {
    double worst = 0.0;
    double *x = wn_alloc_doubles(STATES * 4), *w = wn_alloc_doubles(STATES * 4);
    for (int group = 0; group < WIDTH; group += 4) {
      for (int i = 0; i < STATES; i++) {
        memcpy(x + 4 * i, v.px + i * WIDTH + group, 4 * sizeof(double));
        memcpy(w + 4 * i, v.py + i * WIDTH + group, 4 * sizeof(double));
      }
      worst = fmax(worst, v.ops->worst_norm(STATES, 4, x, w));
    }
    assert_true(worst == N_VWrmsNorm(v.x, v.y));
    wn_free(x);
    wn_free(w);
  }
}

static void test_out_of_memory(void **state) {
  (void)state;
  for (long n = 0; n < 3; n++) {
    wn_alloc_fail_after(n);
    assert_null(wn_lane_space_create(3, 4, 2, &wn_lane_ops_portable));
  }
  wn_alloc_fail_after(-1);
  SUNContext context;
  assert_int_equal(SUNContext_Create(NULL, &context), 0);
  wn_lane_space *space = wn_lane_space_create(3, 4, 1, &wn_lane_ops_portable);
  N_Vector first = wn_lane_vector_create(space, context);
  // its only block is in use
  for (long n = 0; n < 2; n++) {
    wn_alloc_fail_after(n);
    assert_null(first->ops->nvclone(first));
    wn_alloc_fail_after(n);
    assert_null(wn_lane_vector_create(space, context));
  }
  wn_alloc_fail_after(-1);
  // a block given back is taken again, zeroed
  double *block = wn_lane_data(first);
  block[0] = 5.0;
  N_VDestroy(first);
  first = wn_lane_vector_create(space, context);
  assert_ptr_equal(wn_lane_data(first), block);
  assert_true(block[0] == 0.0);
  sunindextype n_real = 0, n_integer = 0;
  N_VSpace(first, &n_real, &n_integer);
  assert_int_equal(n_real, 12);
  N_VDestroy(first);
  wn_lane_space_destroy(space);
  SUNContext_Free(&context);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_elementwise),     cmocka_unit_test(test_in_place),
      cmocka_unit_test(test_several_at_once), cmocka_unit_test(test_norms),
      cmocka_unit_test(test_not_finite),      cmocka_unit_test(test_kernels_same_bits),
      cmocka_unit_test(test_norm_any_width),  cmocka_unit_test(test_out_of_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

// test_sparse_lu.c - the sparse factorisation against dense Gaussian elimination on random patterns, every lane its own
// numbers; fill-in of patterns whose best order is known; bad pivots found lane by lane; every allocation failing once.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "expr/kernels.h"
#include "expr/sparse_lu.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_N = 60, MAX_NZ = MAX_N * MAX_N };

static uint64_t random_state = 1234567891011u;
static double random_unit(void) {
  random_state ^= random_state << 13;
  random_state ^= random_state >> 7;
  random_state ^= random_state << 17;
  return (double)(random_state >> 11) * 0x1p-53;
}

// a pattern with values for `width` lanes
typedef struct problem {
  int n, n_nz, width, row[MAX_NZ], col[MAX_NZ];
  double *gamma, *jac, *rhs;  // gamma [width]
} problem;

static void add(problem *p, int row, int col) {
  p->row[p->n_nz] = row;
  p->col[p->n_nz++] = col;
}

// numbers such that I - gamma J is well conditioned: as of an integrator's Newton matrix
static void give_numbers(problem *p, int width) {
  p->width = width;
  p->gamma = wn_alloc_doubles((size_t)width);
  for (int lane = 0; lane < width; lane++) p->gamma[lane] = 0.05 + random_unit();
  p->jac = wn_alloc_doubles((size_t)(p->n_nz * width));
  p->rhs = wn_alloc_doubles((size_t)(p->n * width));
  for (int k = 0; k < p->n_nz; k++)
    for (int lane = 0; lane < width; lane++) {
      double x = 2 * random_unit() - 1;
      p->jac[k * width + lane] = p->row[k] == p->col[k] ? -20 * random_unit() - 8 : x;
    }
  for (int i = 0; i < p->n * width; i++) p->rhs[i] = 2 * random_unit() - 1;
}

static problem *random_problem(int n, double density, int width) {
  problem *p = calloc(1, sizeof *p);
  assert_non_null(p);
  p->n = n;
  for (int i = n - 1; i >= 0; i--)
    for (int j = 0; j < n; j++)
      if (random_unit() < (i == j ? 0.8 : density)) add(p, i, j);
  give_numbers(p, width);
  return p;
}

static void problem_free(problem *p) {
  wn_free(p->gamma), wn_free(p->jac), wn_free(p->rhs);
  free(p);
}

// dense elimination with partial pivoting of one lane: x [n]
static void solve_dense(const problem *p, int lane, double *x) {
  static double m[MAX_N][MAX_N + 1];
  int n = p->n;
  for (int i = 0; i < n; i++) {
    for (int j = 0; j < n; j++) m[i][j] = i == j;
    m[i][n] = p->rhs[i * p->width + lane];
  }
  for (int k = 0; k < p->n_nz; k++) m[p->row[k]][p->col[k]] -= p->gamma[lane] * p->jac[k * p->width + lane];
  for (int k = 0; k < n; k++) {
    int best = k;
    for (int i = k + 1; i < n; i++)
      if (fabs(m[i][k]) > fabs(m[best][k])) best = i;
    for (int j = 0; j <= n; j++) {
      double swap = m[k][j];
      m[k][j] = m[best][j], m[best][j] = swap;
    }
    for (int i = k + 1; i < n; i++) {
      double l = m[i][k] / m[k][k];
      for (int j = k; j <= n; j++) m[i][j] -= l * m[k][j];
    }
  }
  for (int i = n - 1; i >= 0; i--) {
    x[i] = m[i][n];
    for (int j = i + 1; j < n; j++) x[i] -= m[i][j] * x[j];
    x[i] /= m[i][i];
  }
}

static wn_lu *lu_of(const problem *p) {
  wn_error err = {0};
  wn_lu *lu = wn_lu_create(p->n, p->n_nz, p->row, p->col, &err);
  assert_non_null(lu);
  return lu;
}

// factorise and solve a copy of the right-hand side
static double *solve_sparse(const problem *p, const wn_lu *lu) {
  double *work = wn_alloc_doubles(wn_lu_workspace(lu, p->width)), *b = wn_alloc_doubles((size_t)(p->n * p->width));
  memcpy(b, p->rhs, sizeof(double) * (size_t)(p->n * p->width));
  memset(work, 0xff, sizeof(double) * wn_lu_workspace(lu, p->width));
  assert_int_equal(wn_lu_factor(lu, p->width, p->gamma, p->jac, work), 0);
  wn_lu_solve(lu, p->width, work, b);
  wn_free(work);
  return b;
}

static void check_against_dense(const problem *p) {
  wn_lu *lu = lu_of(p);
  double *b = solve_sparse(p, lu), x[MAX_N];
  for (int lane = 0; lane < p->width; lane++) {
    solve_dense(p, lane, x);
    double largest = 0;
    for (int i = 0; i < p->n; i++) largest = fmax(largest, fabs(x[i]));
    for (int i = 0; i < p->n; i++) {
      double off = fabs(b[i * p->width + lane] - x[i]);
      if (!(off <= 1e-12 * largest)) fail_msg("n %d lane %d unknown %d: off by %g", p->n, lane, i, off);
    }
  }
  wn_free(b);
  wn_lu_destroy(lu);
}

static void random_systems_agree_with_dense_elimination(void **fixture) {
  (void)fixture;
  for (int round = 0; round < 80; round++) {
    int n = round < 10 ? 1 + round : 1 + (int)(random_unit() * MAX_N), width = 4 * (1 + round % 7);
    problem *p = random_problem(n, round % 3 ? 3.0 / n : 0.3 * random_unit(), width);
    check_against_dense(p);
    problem_free(p);
  }
}

static void widths_and_kernel_sets_have_the_same_bits(void **fixture) {
  (void)fixture;
  for (int round = 0; round < 20; round++) {
    problem *wide = random_problem(1 + (int)(random_unit() * 40), 0.1, 28);
    wn_lu *lu = lu_of(wide);
    double *expected = solve_sparse(wide, lu);
    wn_kernels_force(&wn_kernels_portable);
    double *portable = solve_sparse(wide, lu);
    wn_kernels_force(NULL);
    size_t size = sizeof(double) * (size_t)(wide->n * wide->width);
    assert_memory_equal(expected, portable, size);
    // four lanes from the middle, alone
    problem narrow = *wide;
    narrow.width = 4;
    narrow.gamma = wide->gamma + 17;
    narrow.jac = wn_alloc_doubles((size_t)(narrow.n_nz * 4));
    narrow.rhs = wn_alloc_doubles((size_t)(narrow.n * 4));
    for (int k = 0; k < narrow.n_nz; k++) memcpy(narrow.jac + 4 * k, wide->jac + 28 * k + 17, 4 * sizeof(double));
    for (int i = 0; i < narrow.n; i++) memcpy(narrow.rhs + 4 * i, wide->rhs + 28 * i + 17, 4 * sizeof(double));
    double *alone = solve_sparse(&narrow, lu);
    for (int i = 0; i < narrow.n; i++) assert_memory_equal(alone + 4 * i, expected + 28 * i + 17, 4 * sizeof(double));
    wn_free(narrow.jac), wn_free(narrow.rhs), wn_free(alone), wn_free(expected), wn_free(portable);
    wn_lu_destroy(lu);
    problem_free(wide);
  }
}

// ---- order and fill-in ----

static void an_arrow_is_eliminated_without_fill(void **fixture) {
  (void)fixture;
  // first row and column full: eliminating it first would fill everything
  problem *p = calloc(1, sizeof *p);
  p->n = 30;
  for (int i = 1; i < p->n; i++) add(p, 0, i), add(p, i, 0);
  give_numbers(p, 4);
  wn_lu *lu = lu_of(p);
  assert_int_equal(wn_lu_n_fill(lu), 30 + 2 * 29);
  // 29 multiplications, 29 subtractions, 30 divisions
  assert_int_equal(wn_lu_n_instruction(lu), 29 + 29 + 30);
  wn_lu_destroy(lu);
  check_against_dense(p);
  problem_free(p);
}

static void a_chain_is_eliminated_without_fill(void **fixture) {
  (void)fixture;
  // transit compartments: i feeds i + 1, in shuffled numbering
  problem *p = calloc(1, sizeof *p);
  p->n = 31;
  for (int i = 0; i < p->n; i++) {
    add(p, i * 7 % 31, i * 7 % 31);
    if (i) add(p, i * 7 % 31, (i - 1) * 7 % 31);
  }
  give_numbers(p, 8);
  wn_lu *lu = lu_of(p);
  assert_int_equal(wn_lu_n_fill(lu), 31 + 30);
  wn_lu_destroy(lu);
  check_against_dense(p);
  problem_free(p);
}

static void an_empty_jacobian_leaves_the_identity(void **fixture) {
  (void)fixture;
  wn_error err = {0};
  wn_lu *lu = wn_lu_create(3, 0, NULL, NULL, &err);
  assert_non_null(lu);
  double *work = wn_alloc_doubles(wn_lu_workspace(lu, 4)), b[12], expected[12];
  for (int i = 0; i < 12; i++) b[i] = expected[i] = i;
  assert_int_equal(wn_lu_factor(lu, 4, (const double[]){0.5, 0.5, 0.5, 0.5}, NULL, work), 0);
  wn_lu_solve(lu, 4, work, b);
  assert_memory_equal(b, expected, sizeof b);
  wn_free(work);
  wn_lu_destroy(lu);
}

// ---- bad pivots ----

// gamma of 1 in every lane
static const double ones[28] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};

// a full 2x2 system in every lane; lane `bad` has the Jacobian given
static int factor_two_by_two(int width, int bad, double a, double b, double c, double d) {
  static const int row[] = {0, 0, 1, 1}, col[] = {0, 1, 0, 1};
  wn_error err = {0};
  wn_lu *lu = wn_lu_create(2, 4, row, col, &err);
  double *work = wn_alloc_doubles(wn_lu_workspace(lu, width)), *jac = wn_alloc_doubles((size_t)(4 * width));
  const double good[] = {-1, 0.5, 0.25, -2}, given[] = {a, b, c, d};
  for (int k = 0; k < 4; k++)
    for (int lane = 0; lane < width; lane++) jac[k * width + lane] = lane == bad ? given[k] : good[k];
  int found = wn_lu_factor(lu, width, ones, jac, work);
  wn_free(work), wn_free(jac);
  wn_lu_destroy(lu);
  return found;
}

static void bad_pivots_are_reported_by_lane(void **fixture) {
  (void)fixture;
  for (int width = 4; width <= 28; width += 4)
    for (int bad = 0; bad < width; bad++) {
      // M = I - J: zero pivots, by themselves and after elimination; what rounding left
      assert_int_equal(factor_two_by_two(width, bad, 1, 0, 0, 0.5), bad + 1);
      assert_int_equal(factor_two_by_two(width, bad, -1, -2, -1, 0), bad + 1);
      assert_int_equal(factor_two_by_two(width, bad, -2, -0.1, -0.3, 1 - 0.3 * 0.1 / 3), bad + 1);
      // unknowns in units far apart are fine
      assert_int_equal(factor_two_by_two(width, bad, -1, 0, -1e20, 0), 0);
      assert_int_equal(factor_two_by_two(width, bad, -1, -1e20, 0, 0), 0);
      assert_int_equal(factor_two_by_two(width, bad, -1, -1e20, 1e-20, -1), 0);
      // not a number and infinite, on and off the diagonal
      assert_int_equal(factor_two_by_two(width, bad, NAN, 0, 0, 0), bad + 1);
      assert_int_equal(factor_two_by_two(width, bad, 0, NAN, 0, 0), bad + 1);
      assert_int_equal(factor_two_by_two(width, bad, 0, 0, INFINITY, 0), bad + 1);
      assert_int_equal(factor_two_by_two(width, bad, -INFINITY, 0, 0, 0), bad + 1);
      assert_int_equal(factor_two_by_two(width, bad, 0, 0, 0, 0), 0);
    }
}

// an entry that no pivot ever sees would still spoil the solution
static void entries_that_are_not_finite_are_reported(void **fixture) {
  (void)fixture;
  static const int zero = 0, one = 1;
  wn_error err = {0};
  for (int k = 0; k < 2; k++) {
    wn_lu *lu = wn_lu_create(2, 1, k ? &one : &zero, k ? &zero : &one, &err);
    double *work = wn_alloc_doubles(wn_lu_workspace(lu, 8)), *jac = wn_alloc_doubles(8);
    assert_int_equal(wn_lu_factor(lu, 8, ones, jac, work), 0);
    jac[6] = NAN;
    assert_int_equal(wn_lu_factor(lu, 8, ones, jac, work), 7);
    jac[5] = -INFINITY;
    assert_int_equal(wn_lu_factor(lu, 8, ones, jac, work), 6);
    wn_free(work), wn_free(jac);
    wn_lu_destroy(lu);
  }
}

static void the_first_bad_lane_is_reported(void **fixture) {
  (void)fixture;
  static const int zero = 0;
  wn_error err = {0};
  wn_lu *lu = wn_lu_create(1, 1, &zero, &zero, &err);
  double *work = wn_alloc_doubles(wn_lu_workspace(lu, 24)), *jac = wn_alloc_doubles(24);
  jac[22] = 1, jac[19] = 1;
  assert_int_equal(wn_lu_factor(lu, 24, ones, jac, work), 20);
  jac[6] = 1;
  assert_int_equal(wn_lu_factor(lu, 24, ones, jac, work), 7);
  wn_free(work), wn_free(jac);
  wn_lu_destroy(lu);
}

static void a_bad_lane_does_not_disturb_the_others(void **fixture) {
  (void)fixture;
  problem *p = random_problem(12, 0.2, 8);
  wn_lu *lu = lu_of(p);
  double *expected = solve_sparse(p, lu), *work = wn_alloc_doubles(wn_lu_workspace(lu, 8));
  for (int k = 0; k < p->n_nz; k++) p->jac[8 * k + 5] = NAN;
  assert_int_equal(wn_lu_factor(lu, 8, p->gamma, p->jac, work), 6);
  wn_lu_solve(lu, 8, work, p->rhs);
  for (int i = 0; i < p->n * 8; i++)
    if (i % 8 != 5) assert_memory_equal(&p->rhs[i], &expected[i], sizeof(double));
  wn_free(expected), wn_free(work);
  wn_lu_destroy(lu);
  problem_free(p);
}

static void every_failed_allocation_is_clean(void **fixture) {
  (void)fixture;
  problem *p = random_problem(10, 0.3, 4);
  for (long n = 0;; n++) {
    wn_error err = {0};
    wn_alloc_fail_after(n);
    wn_lu *lu = wn_lu_create(p->n, p->n_nz, p->row, p->col, &err);
    wn_alloc_fail_after(-1);
    if (lu) {
      assert_true(n > 8);
      wn_lu_destroy(lu);
      break;
    }
    assert_int_equal(err.status, WN_ERR_MEMORY);
  }
  problem_free(p);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(random_systems_agree_with_dense_elimination),
      cmocka_unit_test(widths_and_kernel_sets_have_the_same_bits),
      cmocka_unit_test(an_arrow_is_eliminated_without_fill),
      cmocka_unit_test(a_chain_is_eliminated_without_fill),
      cmocka_unit_test(an_empty_jacobian_leaves_the_identity),
      cmocka_unit_test(bad_pivots_are_reported_by_lane),
      cmocka_unit_test(entries_that_are_not_finite_are_reported),
      cmocka_unit_test(the_first_bad_lane_is_reported),
      cmocka_unit_test(a_bad_lane_does_not_disturb_the_others),
      cmocka_unit_test(every_failed_allocation_is_clean),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

// test_newton.c - the linear system CVODE is given: I - gamma J, factorised and solved, against dense
// elimination with pivoting in each lane; a singular lane is reported as a recoverable failure.
#include "solve/systems.h"

#include "solve/sundials/newton.h"
#include "solve/sundials/vector.h"
#include "solve/sundials/versions.h"

// solve (I - gamma J) x = b for one lane, dense, with partial pivoting
static void dense_solve(int n, double m[MAX_STATE][MAX_STATE], double *b) {
  for (int k = 0; k < n; k++) {
    int pivot = k;
    for (int i = k + 1; i < n; i++) {
      if (fabs(m[i][k]) > fabs(m[pivot][k])) pivot = i;
    }
    for (int j = 0; j < n; j++) {
      const double swap = m[k][j];
      m[k][j] = m[pivot][j];
      m[pivot][j] = swap;
    }
    const double swap = b[k];
    b[k] = b[pivot];
    b[pivot] = swap;
    for (int i = k + 1; i < n; i++) {
      const double factor = m[i][k] / m[k][k];
      for (int j = k; j < n; j++) m[i][j] -= factor * m[k][j];
      b[i] -= factor * b[k];
    }
  }
  for (int i = n - 1; i >= 0; i--) {
    for (int j = i + 1; j < n; j++) b[i] -= m[i][j] * b[j];
    b[i] /= m[i][i];
  }
}

typedef struct newton {
  SUNContext context;
  N_Vector x, b;
  SUNMatrix matrix;
  SUNLinearSolver solver;
  long n_factor;
} newton;

static void newton_init(newton *t, const wn_system *system, int n_lane) {
  *t = (newton){.n_factor = 0};
  assert_int_equal(SUNContext_Create(SUN_COMM_NULL, &t->context), 0);
  t->x = wn_vector_create(system->n_state * n_lane, t->context);
  t->b = wn_vector_create(system->n_state * n_lane, t->context);
  t->matrix = wn_newton_matrix(system->lu, system->n_state, n_lane, system->n_nz, t->context);
  t->solver = wn_newton_solver(t->context, &t->n_factor);
  assert_true(t->x && t->b && t->matrix && t->solver);
}

static void newton_free(newton *t) {
  N_VDestroy(t->x);
  N_VDestroy(t->b);
  SUNMatDestroy(t->matrix);
  SUNLinSolFree(t->solver);
  SUNContext_Free(&t->context);
}

static void test_against_dense(void **state) {
  (void)state;
  fixture f;
  robertson_init(&f, 8);
  double y[24];
  for (int i = 0; i < 24; i++) y[i] = 0.1 + 0.05 * i;
  for (int lane = 0; lane < 8; lane++) f.rate[lane] = 0.01 * (1 + lane);
  newton t;
  newton_init(&t, &f.system, f.system.width);
  assert_int_equal(SUNLinSolGetType(t.solver), SUNLINEARSOLVER_DIRECT);
  assert_int_equal(SUNLinSolGetID(t.solver), SUNLINEARSOLVER_CUSTOM);
  assert_int_equal(SUNMatGetID(t.matrix), SUNMATRIX_CUSTOM);
  wn_newton *m = wn_newton_of(t.matrix);
  assert_int_equal(f.system.jacobian(&f, (const double[8]){0}, y, m->jacobian), 0);
  m->gamma = 1e-4;
  double *b = wn_vector_data(t.b);
  for (int i = 0; i < 24; i++) b[i] = 1.0 + i % 5;
  assert_int_equal(SUNLinSolSetup(t.solver, t.matrix), 0);
  assert_int_equal(SUNLinSolSolve(t.solver, t.matrix, t.x, t.b, 0.0), 0);
  assert_int_equal(t.n_factor, 1);
  for (int lane = 0; lane < 8; lane++) {
    double dense[MAX_STATE][MAX_STATE] = {{0.0}}, want[3];
    for (int i = 0; i < 3; i++) {
      dense[i][i] = 1.0;
      want[i] = b[i * 8 + lane];
      assert_true(want[i] == 1.0 + (i * 8 + lane) % 5);  // the right-hand side is left alone
    }
    for (int k = 0; k < 9; k++) dense[f.system.row[k]][f.system.col[k]] -= 1e-4 * m->jacobian[k * 8 + lane];
    dense_solve(3, dense, want);
    for (int i = 0; i < 3; i++) {
      assert_close(wn_vector_data(t.x)[i * 8 + lane], want[i], 1e-11 * (1.0 + fabs(want[i])));
    }
  }
  newton_free(&t);
  fixture_free(&f);
}

// one lane, which the factorisation has in all of its own: the bits it has among others
static void test_single(void **state) {
  (void)state;
  fixture f;
  robertson_init(&f, 4);
  newton many, one;
  newton_init(&many, &f.system, 4);
  newton_init(&one, &f.system, 1);
  wn_newton *m = wn_newton_of(many.matrix), *o = wn_newton_of(one.matrix);
  assert_int_equal(o->width, 4);
  for (int k = 0; k < 9; k++)
    for (int lane = 0; lane < 4; lane++)
      m->jacobian[4 * k + lane] = k - 3.5 * lane, o->jacobian[4 * k + lane] = k - 7.0;
  m->gamma = o->gamma = 0.01;
  for (int i = 0; i < 3; i++) {
    for (int lane = 0; lane < 4; lane++) wn_vector_data(many.b)[4 * i + lane] = 1 + i + lane;
    wn_vector_data(one.b)[i] = 3 + i;
  }
  newton *both[2] = {&many, &one};
  for (int k = 0; k < 2; k++) {
    assert_int_equal(SUNLinSolSetup(both[k]->solver, both[k]->matrix), 0);
    assert_int_equal(SUNLinSolSolve(both[k]->solver, both[k]->matrix, both[k]->x, both[k]->b, 0), 0);
  }
  for (int i = 0; i < 3; i++) assert_true(wn_vector_data(one.x)[i] == wn_vector_data(many.x)[4 * i + 2]);
  newton_free(&many), newton_free(&one);
  fixture_free(&f);
}

static void test_singular_lane(void **state) {
  (void)state;
  fixture f;
  decay_init(&f, 4);
  newton t;
  newton_init(&t, &f.system, f.system.width);
  wn_newton *m = wn_newton_of(t.matrix);
  for (int lane = 0; lane < 4; lane++) m->jacobian[lane] = -1.0;
  m->gamma = 0.5;
  assert_int_equal(SUNLinSolSetup(t.solver, t.matrix), 0);
  m->jacobian[2] = 2.0;
  assert_true(SUNLinSolSetup(t.solver, t.matrix) > 0);
  m->jacobian[2] = NAN;
  assert_true(SUNLinSolSetup(t.solver, t.matrix) > 0);
  assert_int_equal(t.n_factor, 3);
  newton_free(&t);
  fixture_free(&f);
}

static void test_out_of_memory(void **state) {
  (void)state;
  fixture f;
  chain_init(&f, 4);
  SUNContext context;
  assert_int_equal(SUNContext_Create(SUN_COMM_NULL, &context), 0);
  for (long n = 0; n < 2; n++) {
    wn_alloc_fail_after(n);
    assert_null(wn_newton_matrix(f.lu, 3, 4, 4, context));
  }
  wn_alloc_fail_after(-1);
  SUNContext_Free(&context);
  fixture_free(&f);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_against_dense),
      cmocka_unit_test(test_single),
      cmocka_unit_test(test_singular_lane),
      cmocka_unit_test(test_out_of_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

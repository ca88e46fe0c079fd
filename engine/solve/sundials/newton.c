// newton.c - see newton.h. SUNDIALS only carries the matrix from the function that evaluates the Jacobian to the linear
// solver, so it has no arithmetic of its own; the solver is a direct one, so that CVODE itself scales the correction
// when gamma has moved since the factorisation. Must not know the equations.
#include "solve/sundials/newton.h"
#include "base/memory.h"
#include "expr/program.h"
#include "solve/sundials/vector.h"
#include <string.h>

static SUNMatrix_ID matrix_id(SUNMatrix matrix) {
  (void)matrix;
  return SUNMATRIX_CUSTOM;
}

static void matrix_destroy(SUNMatrix matrix) {
  wn_newton *n = matrix->content;
  if (n) wn_free(n->gammas);
  wn_free(n);
  matrix->content = NULL;
  SUNMatFreeEmpty(matrix);
}

wn_newton *wn_newton_of(SUNMatrix matrix) { return matrix->content; }

// one slab, cut on borders of 64 bytes
static bool allocate(wn_newton *n, int n_nz) {
  const size_t width = (size_t)n->width,
               size[4] = {width, (size_t)n_nz * width, wn_lu_workspace(n->lu, n->width), (size_t)n->n_state * width};
  double **block[4] = {&n->gammas, &n->jacobian, &n->factors, &n->block};
  size_t total = 0;
  for (int k = 0; k < 4; k++) total += (size[k] + 7) / 8 * 8;
  double *at = wn_alloc_doubles(total);
  if (!at) return false;
  for (int k = 0; k < 4; k++) {
    *block[k] = at;
    at += (size[k] + 7) / 8 * 8;
  }
  return true;
}

SUNMatrix wn_newton_matrix(const wn_lu *lu, int n_state, int n_lane, int n_nz, SUNContext context) {
  SUNMatrix matrix = SUNMatNewEmpty(context);
  if (!matrix) return NULL;
  matrix->ops->getid = matrix_id;
  matrix->ops->destroy = matrix_destroy;
  wn_newton *n = wn_alloc(sizeof *n);
  matrix->content = n;
  if (n) {
    *n = (wn_newton){.lu = lu, .n_state = n_state, .n_lane = n_lane, .width = n_lane == 1 ? WN_LANES : n_lane};
    if (allocate(n, n_nz)) return matrix;
  }
  matrix_destroy(matrix);
  return NULL;
}

static SUNLinearSolver_Type solver_type(SUNLinearSolver solver) {
  (void)solver;
  return SUNLINEARSOLVER_DIRECT;
}

static SUNLinearSolver_ID solver_id(SUNLinearSolver solver) {
  (void)solver;
  return SUNLINEARSOLVER_CUSTOM;
}

static int solver_setup(SUNLinearSolver solver, SUNMatrix matrix) {
  wn_newton *n = wn_newton_of(matrix);
  ++*(long *)solver->content;
  for (int lane = 0; lane < n->width; lane++) n->gammas[lane] = n->gamma;
  return wn_lu_factor(n->lu, n->width, n->gammas, n->jacobian, n->factors) ? SUNLS_LUFACT_FAIL : 0;
}

static int solver_solve(SUNLinearSolver solver, SUNMatrix matrix, N_Vector x, N_Vector b, double tolerance) {
  (void)solver, (void)tolerance;
  const wn_newton *n = wn_newton_of(matrix);
  const double *from = wn_vector_data(b);
  double *to = wn_vector_data(x);
  if (n->n_lane > 1) {
    memcpy(to, from, (size_t)n->n_state * (size_t)n->n_lane * sizeof(double));
    wn_lu_solve(n->lu, n->width, n->factors, to);
    return 0;
  }
  for (int i = 0; i < n->n_state * n->width; i++) n->block[i] = from[i / n->width];
  wn_lu_solve(n->lu, n->width, n->factors, n->block);
  for (int i = 0; i < n->n_state; i++) to[i] = n->block[i * n->width];
  return 0;
}

static int solver_free(SUNLinearSolver solver) {
  // the counter is the owner's
  solver->content = NULL;
  SUNLinSolFreeEmpty(solver);
  return 0;
}

SUNLinearSolver wn_newton_solver(SUNContext context, long *n_factor) {
  SUNLinearSolver solver = SUNLinSolNewEmpty(context);
  if (!solver) return NULL;
  solver->content = n_factor;
  solver->ops->gettype = solver_type;
  solver->ops->getid = solver_id;
  solver->ops->setup = solver_setup;
  solver->ops->solve = solver_solve;
  solver->ops->free = solver_free;
  return solver;
}

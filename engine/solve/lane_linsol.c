// lane_linsol.c - factorise and solve for CVODE's Newton iteration. A direct solver, so that CVODE itself scales the
// correction when gamma has moved since the factorisation. Must not know the equations.
#include "solve/lane_linsol.h"
#include "solve/lane_matrix.h"
#include "solve/lane_vector.h"
#include <string.h>

static SUNLinearSolver_Type linsol_type(SUNLinearSolver solver) {
  (void)solver;
  return SUNLINEARSOLVER_DIRECT;
}

static SUNLinearSolver_ID linsol_id(SUNLinearSolver solver) {
  (void)solver;
  return SUNLINEARSOLVER_CUSTOM;
}

static int linsol_setup(SUNLinearSolver solver, SUNMatrix matrix) {
  wn_lane_matrix *m = wn_lane_matrix_of(matrix);
  ++*(long *)solver->content;
  for (int lane = 0; lane < m->width; lane++) m->gammas[lane] = m->gamma;
  return wn_lu_factor(m->lu, m->width, m->gammas, m->jacobian, m->factors) ? SUNLS_LUFACT_FAIL : SUNLS_SUCCESS;
}

static int linsol_solve(SUNLinearSolver solver, SUNMatrix matrix, N_Vector x, N_Vector b, double tolerance) {
  (void)solver;
  (void)tolerance;
  const wn_lane_matrix *m = wn_lane_matrix_of(matrix);
  double *solution = wn_lane_data(x);
  memcpy(solution, wn_lane_data(b), (size_t)m->n_state * (size_t)m->width * sizeof(double));
  wn_lu_solve(m->lu, m->width, m->factors, solution);
  return SUNLS_SUCCESS;
}

static int linsol_free(SUNLinearSolver solver) {
  // the counter is the owner's
  solver->content = NULL;
  SUNLinSolFreeEmpty(solver);
  return SUNLS_SUCCESS;
}

SUNLinearSolver wn_lane_linsol_create(SUNContext context, long *n_factor) {
  SUNLinearSolver solver = SUNLinSolNewEmpty(context);
  if (!solver) return NULL;
  solver->content = n_factor;
  solver->ops->gettype = linsol_type;
  solver->ops->getid = linsol_id;
  solver->ops->setup = linsol_setup;
  solver->ops->solve = linsol_solve;
  solver->ops->free = linsol_free;
  return solver;
}

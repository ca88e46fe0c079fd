// bdf.c - CVODE's variable-order BDF with Newton's method on the exact Jacobian. The matrix I - gamma J is formed and
// factorised by the sparse LU; CVODE decides when the saved Jacobian may be used again. Must not know what an event is:
// it is only restarted.
#include "base/memory.h"
#include "solve/lane_linsol.h"
#include "solve/lane_matrix.h"
#include "solve/problem.h"
#include "solve/types.h"
#include <cvodes/cvodes.h>
#include <string.h>

// y, error, weight; then CVODE's history (6 vectors) and scratch (8), the linear solver's 2 and Newton's 1
enum { N_VECTOR = 20 };

// repeated failures of one step before giving up: each cuts the step to a quarter or less
enum { MAX_FAILURE = 20 };

// CVODE holds the error of a step to the tolerance; over a day's steps they add up. With a tenth of it the solution
// stays within ten tolerances even of a small difference of large states (tone at full blockade: 9.6 against 130), for
// about a seventh more time.
static const double SAFETY = 0.1;

typedef struct bdf {
  wn_problem problem;
  void *cvode;
  SUNMatrix matrix;
  SUNLinearSolver linsol;
} bdf;

static int bdf_rhs(double s, N_Vector y, N_Vector dy, void *data) {
  // a positive value lets CVODE try a smaller step
  return wn_problem_rhs(data, s, wn_lane_data(y), wn_lane_data(dy)) ? 1 : 0;
}

static int bdf_linear_system(double s, N_Vector y, N_Vector dy, SUNMatrix matrix, int may_reuse, int *is_new,
                             double gamma, void *data, N_Vector t1, N_Vector t2, N_Vector t3) {
  (void)dy, (void)t1, (void)t2, (void)t3;
  wn_problem *problem = data;
  wn_lane_matrix *m = wn_lane_matrix_of(matrix);
  m->gamma = gamma;
  *is_new = !may_reuse;
  if (may_reuse) return 0;
  problem->stats.n_jacobian++;
  return problem->system.jacobian(problem->system.context, s, wn_lane_data(y), m->jacobian) ? 1 : 0;
}

void wn_bdf_destroy(void *self) {
  bdf *b = self;
  if (b->cvode) CVodeFree(&b->cvode);
  if (b->linsol) SUNLinSolFree(b->linsol);
  if (b->matrix) SUNMatDestroy(b->matrix);
  wn_problem_free(&b->problem);
  wn_free(b);
}

// CVODE as the definition asks. A failure here can only be out of memory.
static bool bdf_configure(bdf *b) {
  wn_problem *problem = &b->problem;
  const wn_shared_system *system = &problem->system;
  b->cvode = CVodeCreate(CV_BDF, problem->context);
  b->matrix = wn_lane_matrix_create(system->lu, system->n_state, system->width, system->n_nz, problem->context);
  b->linsol = wn_lane_linsol_create(problem->context, &problem->stats.n_factor);
  if (!b->cvode || !b->matrix || !b->linsol) return false;
  return !CVodeSetErrHandlerFn(b->cvode, wn_problem_message, problem) &&
         !CVodeInit(b->cvode, bdf_rhs, 0.0, problem->y) && !CVodeSetUserData(b->cvode, problem) &&
         !CVodeWFtolerances(b->cvode, wn_problem_weights) && !CVodeSetLinearSolver(b->cvode, b->linsol, b->matrix) &&
         !CVodeSetLinSysFn(b->cvode, bdf_linear_system) && !CVodeSetMaxErrTestFails(b->cvode, MAX_FAILURE) &&
         !CVodeSetMaxConvFails(b->cvode, MAX_FAILURE) && !CVodeSetMaxStep(b->cvode, problem->def.max_step);
}

wn_status wn_bdf_create(const wn_shared_system *system, const wn_solver_def *def, void **self, wn_error *err) {
  if (!system->jacobian || !system->lu) {
    return wn_fail(err, WN_ERR_USER, "solver bdf: needs the Jacobian, which this system has not; try solver explicit");
  }
  bdf *b = wn_alloc(sizeof *b);
  if (!b) return wn_fail_memory(err);
  wn_status status = wn_problem_init(&b->problem, "bdf", system, def, N_VECTOR, err);
  b->problem.safety = SAFETY;
  if (!status && !bdf_configure(b)) status = wn_fail_memory(err);
  if (status) {
    wn_bdf_destroy(b);
    return status;
  }
  *self = b;
  return WN_OK;
}

// what CVODE counts since its last restart
static void bdf_count(const bdf *b, wn_solver_stats *stats) {
  long n_error_fail = 0, n_newton_fail = 0;
  CVodeGetNumErrTestFails(b->cvode, &n_error_fail);
  CVodeGetNumNonlinSolvConvFails(b->cvode, &n_newton_fail);
  stats->n_error_fail += n_error_fail;
  stats->n_newton_fail += n_newton_fail;
}

wn_status wn_bdf_restart(void *self, double s, const double *y, wn_error *err) {
  bdf *b = self;
  wn_problem *problem = &b->problem;
  bdf_count(b, &problem->stats);
  wn_problem_restart(problem, s, y);
  if (CVodeReInit(b->cvode, s, problem->y)) return wn_problem_fail(problem, WN_FAILURE_OTHER, s, err);
  return WN_OK;
}

static wn_failure bdf_failure(int flag) {
  switch (flag) {
  case CV_ERR_FAILURE: return WN_FAILURE_STEP;
  case CV_CONV_FAILURE:
  case CV_LSETUP_FAIL:
  case CV_LSOLVE_FAIL: return WN_FAILURE_NEWTON;
  case CV_RHSFUNC_FAIL:
  case CV_FIRST_RHSFUNC_ERR:
  case CV_REPTD_RHSFUNC_ERR:
  case CV_UNREC_RHSFUNC_ERR: return WN_FAILURE_FINITE;
  case CV_TOO_MUCH_ACC: return WN_FAILURE_ACCURACY;
  case CV_MEM_FAIL: return WN_FAILURE_MEMORY;
  default: return WN_FAILURE_OTHER;
  }
}

wn_status wn_bdf_step(void *self, double s_stop, double *s_now, wn_error *err) {
  bdf *b = self;
  wn_problem *problem = &b->problem;
  int flag = CVodeSetStopTime(b->cvode, s_stop);
  if (flag >= 0) flag = CVode(b->cvode, s_stop, problem->y, s_now, CV_ONE_STEP);
  if (flag >= 0) {
    if (wn_problem_advance(problem, *s_now)) return WN_OK;
    flag = CV_ERR_FAILURE;
  }
  CVodeGetEstLocalErrors(b->cvode, problem->error);
  CVodeGetErrWeights(b->cvode, problem->weight);
  return wn_problem_fail(problem, bdf_failure(flag), problem->s, err);
}

void wn_bdf_dense(void *self, double s, double *y) {
  bdf *b = self;
  wn_problem *problem = &b->problem;
  const size_t size = (size_t)problem->system.n_state * (size_t)problem->system.width * sizeof(double);
  // outside its last step CVODE refuses; the caller has clamped s, so this is before the first step
  N_Vector at = CVodeGetDky(b->cvode, s, 0, problem->error) == CV_SUCCESS ? problem->error : problem->y;
  memcpy(y, wn_lane_data(at), size);
}

void wn_bdf_stats(void *self, wn_solver_stats *stats) {
  const bdf *b = self;
  *stats = b->problem.stats;
  bdf_count(b, stats);
}

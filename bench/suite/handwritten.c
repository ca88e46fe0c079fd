// handwritten.c - CVODE as one uses it for one model and one subject at a time: the stock serial vector, the stock
// dense solver with the Jacobian written out (BDF), or fixed-point iteration (Adams). Created once, started anew for
// every subject and dose. Must not know the equations.
#include "by_hand.h"
#include "solve/sundials/versions.h"
#include <cvodes/cvodes.h>
#include <nvector/nvector_serial.h>
#include <string.h>
#include <sunlinsol/sunlinsol_dense.h>
#include <sunmatrix/sunmatrix_dense.h>
#include <sunnonlinsol/sunnonlinsol_fixedpoint.h>

typedef struct by_cvode {
  SUNContext context;
  N_Vector y;
  SUNMatrix matrix;
  SUNLinearSolver linsol;
  SUNNonlinearSolver fixed_point;
  void *cvode;
  wn_bench_cost *cost;
  const wn_bench_walk *walk;
} by_cvode;

static int rhs(double t, N_Vector y, N_Vector dy, void *data) {
  const by_cvode *b = data;
  const int before = wn_bench_part;
  wn_bench_part = WN_PART_RHS;
  b->walk->job->c->rhs(t, b->walk->rate, N_VGetArrayPointer(y), N_VGetArrayPointer(dy));
  wn_bench_part = before;
  return 0;
}

// CVODE hands over a matrix of zeros
static int jacobian(double t, N_Vector y, N_Vector dy, SUNMatrix matrix, void *data, N_Vector t1, N_Vector t2,
                    N_Vector t3) {
  (void)dy, (void)t1, (void)t2, (void)t3;
  const by_cvode *b = data;
  const int before = wn_bench_part;
  wn_bench_part = WN_PART_JACOBIAN;
  b->walk->job->c->jacobian(t, b->walk->rate, N_VGetArrayPointer(y), SUNDenseMatrix_Data(matrix));
  wn_bench_part = before;
  return 0;
}

static void count(by_cvode *b) {
  long steps = 0, rhs_calls = 0, jacobians = 0, setups = 0, fails = 0;
  CVodeGetNumSteps(b->cvode, &steps);
  CVodeGetNumRhsEvals(b->cvode, &rhs_calls);
  CVodeGetNumErrTestFails(b->cvode, &fails);
  b->cost->n_step += steps, b->cost->n_rhs += rhs_calls, b->cost->n_fail += fails;
  b->cost->n_restart++;
  if (b->matrix) {
    CVodeGetNumJacEvals(b->cvode, &jacobians);
    CVodeGetNumLinSolvSetups(b->cvode, &setups);
    b->cost->n_jacobian += jacobians, b->cost->n_factor += setups;
  }
}

static wn_status leg(void *self, wn_bench_walk *walk, double from, double to, wn_error *err) {
  by_cvode *b = self;
  const size_t size = (size_t)walk->job->c->n_state * sizeof(double);
  double *y = N_VGetArrayPointer(b->y), t;
  b->walk = walk;
  memcpy(y, walk->y, size);
  int flag = CVodeReInit(b->cvode, from, b->y);
  if (flag >= 0) flag = CVodeSetStopTime(b->cvode, to);
  for (double at; flag >= 0 && (at = wn_bench_walk_next(walk)) < to;) {
    flag = CVode(b->cvode, at, b->y, &t, CV_NORMAL);
    wn_bench_walk_write(walk, y);
  }
  if (flag >= 0) flag = CVode(b->cvode, to, b->y, &t, CV_NORMAL);
  if (flag < 0) return wn_fail(err, WN_ERR_RUN, "cvode: stopped with %d between %g and %g h", flag, from, to);
  memcpy(walk->y, y, size);
  count(b);
  return WN_OK;
}

static bool set_up(by_cvode *b, const wn_bench_job *job, int method) {
  const sunindextype n = job->c->n_state;
  if (SUNContext_Create(SUN_COMM_NULL, &b->context)) return false;
  b->y = N_VNew_Serial(n, b->context);
  b->cvode = CVodeCreate(method, b->context);
  if (!b->y || !b->cvode) return false;
  N_VConst(0, b->y);
  if (CVodeInit(b->cvode, rhs, 0, b->y) || CVodeSetUserData(b->cvode, b)) return false;
  if (CVodeSStolerances(b->cvode, job->rtol, job->atol) || CVodeSetMaxNumSteps(b->cvode, 1000000)) return false;
  if (method == CV_ADAMS) {
    b->fixed_point = SUNNonlinSol_FixedPoint(b->y, 0, b->context);
    // higher orders are slower on these cases
    return b->fixed_point && !CVodeSetNonlinearSolver(b->cvode, b->fixed_point) && !CVodeSetMaxOrd(b->cvode, 6);
  }
  b->matrix = SUNDenseMatrix(n, n, b->context);
  b->linsol = b->matrix ? SUNLinSol_Dense(b->y, b->matrix, b->context) : NULL;
  return b->linsol && !CVodeSetLinearSolver(b->cvode, b->linsol, b->matrix) && !CVodeSetJacFn(b->cvode, jacobian);
}

static void tear_down(by_cvode *b) {
  if (b->cvode) CVodeFree(&b->cvode);
  if (b->linsol) SUNLinSolFree(b->linsol);
  if (b->fixed_point) SUNNonlinSolFree(b->fixed_point);
  if (b->matrix) SUNMatDestroy(b->matrix);
  if (b->y) N_VDestroy(b->y);
  if (b->context) SUNContext_Free(&b->context);
}

static wn_status run(wn_bench_job *job, int method, wn_error *err) {
  by_cvode b = {.cost = &job->cost};
  wn_status status = set_up(&b, job, method) ? WN_OK : wn_fail_memory(err);
  if (!status) status = wn_bench_walk_all(job, leg, &b, err);
  tear_down(&b);
  return status;
}

wn_status wn_bench_cvode_bdf(wn_bench_job *job, wn_error *err) { return run(job, CV_BDF, err); }

wn_status wn_bench_cvode_adams(wn_bench_job *job, wn_error *err) { return run(job, CV_ADAMS, err); }

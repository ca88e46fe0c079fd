// bdf.c - CVODE's variable-order BDF with Newton's method on the exact Jacobian, for one lane. CVODE decides when the
// saved Jacobian may be used again. Must not know what an event is: it is only begun anew.
#include "base/memory.h"
#include "expr/program.h"
#include "solve/sundials/newton.h"
#include "solve/sundials/serial.h"
#include "solve/sundials/versions.h"
#include <cvodes/cvodes.h>
#include <string.h>

// repeated failures of one step before giving up: each cuts the step to a quarter or less
enum { MAX_FAILURE = 20 };

// CVODE holds the error of a step to the tolerance; over a day's steps they add up. With a tenth of it the solution
// stays within ten tolerances even of a small difference of large states (tone at full blockade: 9.6 against 130), for
// about a seventh more time.
static const double SAFETY = 0.1;

typedef struct bdf {
  SUNMatrix matrix;
  SUNLinearSolver linsol;
} bdf;

static int rhs(double time, N_Vector y, N_Vector dy, void *data) {
  // a positive value lets CVODE try a smaller step
  return wn_serial_rhs(data, time, wn_vector_data(y), wn_vector_data(dy));
}

static int linear_system(double time, N_Vector y, N_Vector dy, SUNMatrix matrix, int may_reuse, int *is_new,
                         double gamma, void *data, N_Vector t1, N_Vector t2, N_Vector t3) {
  (void)dy, (void)t1, (void)t2, (void)t3;
  wn_newton *newton = wn_newton_of(matrix);
  newton->gamma = gamma;
  *is_new = !may_reuse;
  return may_reuse ? 0 : wn_serial_jacobian(data, time, wn_vector_data(y), newton->width, newton->jacobian);
}

static void destroy(wn_serial_lane *lane) {
  bdf *b = lane->own;
  if (lane->memory) CVodeFree(&lane->memory);
  if (b && b->linsol) SUNLinSolFree(b->linsol);
  if (b && b->matrix) SUNMatDestroy(b->matrix);
  wn_free(b);
}

// CVODE as the definition asks. A failure here can only be out of memory.
static bool create(wn_serial_lane *lane) {
  wn_serial *all = lane->all;
  const wn_system *system = &all->system;
  bdf *b = lane->own = wn_alloc(sizeof *b);
  if (!b) return false;
  *b = (bdf){.matrix = wn_newton_matrix(system->lu, system->n_state, 1, system->n_nz, all->context),
             .linsol = wn_newton_solver(all->context, &lane->stats.n_factor)};
  void *cvode = lane->memory = CVodeCreate(CV_BDF, all->context);
  if (!cvode || !b->matrix || !b->linsol) return false;
  return !WN_SUNDIALS_HANDLER(CVodeSetErrHandlerFn, cvode, wn_message_keep, &all->message) &&
         !CVodeInit(cvode, rhs, 0, lane->y) && !CVodeSetUserData(cvode, lane) &&
         !CVodeWFtolerances(cvode, wn_serial_weights) && !CVodeSetLinearSolver(cvode, b->linsol, b->matrix) &&
         !CVodeSetLinSysFn(cvode, linear_system) && !CVodeSetMaxErrTestFails(cvode, MAX_FAILURE) &&
         !CVodeSetMaxConvFails(cvode, MAX_FAILURE) && !CVodeSetMaxStep(cvode, all->def.max_step);
}

static int begin(wn_serial_lane *lane) { return CVodeReInit(lane->memory, lane->now, lane->y); }

static int step(wn_serial_lane *lane, double *now) {
  const int flag = CVodeSetStopTime(lane->memory, lane->end);
  return flag < 0 ? flag : CVode(lane->memory, lane->end, lane->y, now, CV_ONE_STEP);
}

static void dense(wn_serial_lane *lane, double time, double *y) {
  // CVODE refuses what is outside its last step, and before the first one gives numbers that are none: the caller has
  // seen to both
  N_Vector at = lane->all->error;
  N_Vector from = CVodeGetDky(lane->memory, time, 0, at) == CV_SUCCESS ? at : lane->y;
  if (y != wn_vector_data(from)) memcpy(y, wn_vector_data(from), (size_t)lane->all->system.n_state * sizeof(double));
}

static void count(const wn_serial_lane *lane, wn_solver_stats *stats) {
  long n_error_fail = 0, n_newton_fail = 0;
  CVodeGetNumErrTestFails(lane->memory, &n_error_fail);
  CVodeGetNumNonlinSolvConvFails(lane->memory, &n_newton_fail);
  stats->n_error_fail += n_error_fail;
  stats->n_newton_fail += n_newton_fail;
}

static wn_failure failure(int flag) {
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

static void errors(wn_serial_lane *lane) {
  CVodeGetEstLocalErrors(lane->memory, lane->all->error);
  CVodeGetErrWeights(lane->memory, lane->all->weight);
}

static const wn_serial_method METHOD = {.name = "bdf",
                                        .safety = SAFETY,
                                        .create = create,
                                        .destroy = destroy,
                                        .begin = begin,
                                        .step = step,
                                        .dense = dense,
                                        .count = count,
                                        .failure = failure,
                                        .errors = errors};

static wn_status create_all(const wn_system *system, const wn_solver_def *def, void **self, wn_error *err) {
  if (!system->jacobian || !system->lu)
    return wn_fail(err, WN_ERR_USER, "solver bdf: needs the Jacobian, which this system has not; try solver explicit");
  return wn_serial_create(&METHOD, system, def, self, err);
}

const wn_integrator wn_bdf = WN_SERIAL(create_all);

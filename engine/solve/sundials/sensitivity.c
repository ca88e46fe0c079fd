// sensitivity.c - CVODES' forward sensitivities by the staggered corrector: states first, then all sensitivities with
// the same factors, and both under error control. Must not know what the parameters are.
#include "solve/sensitivity.h"
#include "base/memory.h"
#include "solve/sundials/newton.h"
#include "solve/sundials/vector.h"
#include "solve/sundials/versions.h"
#include <cvodes/cvodes.h>
#include <math.h>
#include <string.h>

// repeated failures of one step before giving up
enum { MAX_FAILURE = 20, MAX_STEPS = 500000 };

// a tenth of the tolerance, as bdf.c has it and for the same reason: errors of steps add up
static const double SAFETY = 0.1;

struct wn_sensitivity {
  wn_sensitivity_system system;
  SUNContext context;
  N_Vector y, dense;
  N_Vector *s, *dense_s;  // [n_sens]
  const double **from;    // [n_sens] blocks handed to `move`
  double **to;
  void *cvode;
  SUNMatrix matrix;
  SUNLinearSolver linsol;
  double rtol, atol;
  long n_factor;
  double now;
  wn_message message;
};

static int rhs(double time, N_Vector y, N_Vector dy, void *data) {
  const wn_sensitivity *self = data;
  return self->system.rhs(self->system.context, time, wn_vector_data(y), wn_vector_data(dy)) ? 1 : 0;
}

static int linear_system(double time, N_Vector y, N_Vector dy, SUNMatrix matrix, int may_reuse, int *is_new,
                         double gamma, void *data, N_Vector t1, N_Vector t2, N_Vector t3) {
  (void)dy, (void)t1, (void)t2, (void)t3;
  const wn_sensitivity *self = data;
  wn_newton *m = wn_newton_of(matrix);
  m->gamma = gamma;
  *is_new = !may_reuse;
  if (may_reuse) return 0;
  return self->system.jacobian(self->system.context, time, wn_vector_data(y), m->jacobian) ? 1 : 0;
}

static int move(int n_sens, double time, N_Vector y, N_Vector dy, N_Vector *s, N_Vector *ds, void *data, N_Vector t1,
                N_Vector t2) {
  (void)dy, (void)t1, (void)t2;
  const wn_sensitivity *self = data;
  for (int k = 0; k < n_sens; k++) {
    self->from[k] = wn_vector_data(s[k]);
    self->to[k] = wn_vector_data(ds[k]);
  }
  return self->system.move(self->system.context, time, wn_vector_data(y), self->from, self->to) ? 1 : 0;
}

static bool make_vectors(wn_sensitivity *self) {
  size_t n = (size_t)self->system.n_sens;
  self->y = wn_vector_create(self->system.n_state * self->system.width, self->context);
  self->dense = wn_vector_create(self->system.n_state * self->system.width, self->context);
  self->s = wn_alloc(n * sizeof(N_Vector));
  self->dense_s = wn_alloc(n * sizeof(N_Vector));
  self->from = wn_alloc(n * sizeof(double *));
  self->to = wn_alloc(n * sizeof(double *));
  bool ok = self->y && self->dense && self->s && self->dense_s && self->from && self->to;
  for (size_t k = 0; ok && k < n; k++) {
    self->s[k] = wn_vector_create(self->system.n_state * self->system.width, self->context);
    self->dense_s[k] = wn_vector_create(self->system.n_state * self->system.width, self->context);
    ok = self->s[k] && self->dense_s[k];
  }
  return ok;
}

static bool set_tolerances(wn_sensitivity *self) {
  int n = self->system.n_sens;
  double *atol = wn_alloc_doubles((size_t)n);
  if (!atol) return false;
  // the norm is the mean over lanes: one of them may have all of the error
  const double share = SAFETY / sqrt(self->system.width);
  for (int k = 0; k < n; k++) atol[k] = share * self->atol;
  bool ok = !CVodeSStolerances(self->cvode, share * self->rtol, share * self->atol) &&
            !CVodeSensSStolerances(self->cvode, share * self->rtol, atol) && !CVodeSetSensErrCon(self->cvode, 1);
  wn_free(atol);
  return ok;
}

// a failure here can only be out of memory
static bool configure(wn_sensitivity *self) {
  const wn_sensitivity_system *system = &self->system;
  self->cvode = CVodeCreate(CV_BDF, self->context);
  self->matrix = wn_newton_matrix(system->lu, system->n_state, system->width, system->n_nz, self->context);
  self->linsol = wn_newton_solver(self->context, &self->n_factor);
  if (!self->cvode || !self->matrix || !self->linsol) return false;
  return !WN_SUNDIALS_HANDLER(CVodeSetErrHandlerFn, self->cvode, wn_message_keep, &self->message) &&
         !CVodeInit(self->cvode, rhs, 0.0, self->y) && !CVodeSetUserData(self->cvode, self) &&
         !CVodeSensInit(self->cvode, system->n_sens, CV_STAGGERED, move, self->s) && set_tolerances(self) &&
         !CVodeSetLinearSolver(self->cvode, self->linsol, self->matrix) &&
         !CVodeSetLinSysFn(self->cvode, linear_system) && !CVodeSetMaxErrTestFails(self->cvode, MAX_FAILURE) &&
         !CVodeSetMaxConvFails(self->cvode, MAX_FAILURE) && !CVodeSetMaxNumSteps(self->cvode, MAX_STEPS);
}

wn_status wn_sensitivity_create(const wn_sensitivity_system *system, double rtol, double atol,
                                wn_sensitivity **sensitivity, wn_error *err) {
  wn_sensitivity *self = wn_alloc(sizeof *self);
  if (!self) return wn_fail_memory(err);
  *self = (wn_sensitivity){.system = *system, .rtol = rtol, .atol = atol};
  bool ok = wn_context_create(&self->context, &self->message) && make_vectors(self) && configure(self);
  if (!ok) {
    wn_sensitivity_destroy(self);
    return wn_fail_memory(err);
  }
  *sensitivity = self;
  return WN_OK;
}

static void destroy_vectors(N_Vector *list, int n) {
  for (int k = 0; list && k < n; k++)
    if (list[k]) N_VDestroy(list[k]);
  wn_free(list);
}

void wn_sensitivity_destroy(wn_sensitivity *self) {
  if (!self) return;
  if (self->cvode) CVodeFree(&self->cvode);
  if (self->linsol) SUNLinSolFree(self->linsol);
  if (self->matrix) SUNMatDestroy(self->matrix);
  destroy_vectors(self->s, self->system.n_sens);
  destroy_vectors(self->dense_s, self->system.n_sens);
  if (self->y) N_VDestroy(self->y);
  if (self->dense) N_VDestroy(self->dense);
  wn_free(self->from);
  wn_free(self->to);
  if (self->context) SUNContext_Free(&self->context);
  wn_free(self);
}

wn_status wn_sensitivity_restart(wn_sensitivity *self, double time, const double *y, const double *s, wn_error *err) {
  size_t n = (size_t)self->system.n_state * (size_t)self->system.width;
  memcpy(wn_vector_data(self->y), y, n * sizeof(double));
  for (int k = 0; k < self->system.n_sens; k++)
    memcpy(wn_vector_data(self->s[k]), s + (size_t)k * n, n * sizeof(double));
  self->now = time;
  if (CVodeReInit(self->cvode, time, self->y) || CVodeSensReInit(self->cvode, CV_STAGGERED, self->s))
    return wn_fail(err, WN_ERR_RUN, "sensitivities: %s", self->message.text);
  return WN_OK;
}

wn_status wn_sensitivity_step(wn_sensitivity *self, double stop, double *now, wn_error *err) {
  int flag = CVodeSetStopTime(self->cvode, stop);
  if (flag >= 0) flag = CVode(self->cvode, stop, self->y, now, CV_ONE_STEP);
  if (flag < 0) {
    if (flag == CV_MEM_FAIL) return wn_fail_memory(err);
    return wn_fail(err, WN_ERR_RUN, "sensitivities: the solver gave up at t = %.6g h: %s", self->now,
                   self->message.text);
  }
  self->now = *now;
  return WN_OK;
}

void wn_sensitivity_dense(wn_sensitivity *self, double time, double *y, double *s) {
  size_t n = (size_t)self->system.n_state * (size_t)self->system.width;
  // before the first step CVODE refuses, and the values are those of the restart
  bool inside = CVodeGetDky(self->cvode, time, 0, self->dense) == CV_SUCCESS &&
                CVodeGetSensDky(self->cvode, time, 0, self->dense_s) == CV_SUCCESS;
  memcpy(y, wn_vector_data(inside ? self->dense : self->y), n * sizeof(double));
  for (int k = 0; k < self->system.n_sens; k++)
    memcpy(s + (size_t)k * n, wn_vector_data(inside ? self->dense_s[k] : self->s[k]), n * sizeof(double));
}

// sensitivity.c - CVODES' forward sensitivities by the staggered corrector: states first, then all sensitivities with
// the same factors, and both under error control. Must not know what the parameters are.
#include "solve/sensitivity.h"
#include "base/memory.h"
#include "solve/sundials/newton.h"
#include "solve/sundials/vector.h"
#include "solve/sundials/versions.h"
#include "solve/types.h"
#include <cvodes/cvodes.h>
#include <float.h>
#include <math.h>
#include <string.h>

// repeated failures of one step before giving up
enum { MAX_FAILURE = 20, MAX_STEPS = 500000 };

// a tenth of the tolerance, as bdf.c has it and for the same reason: errors of steps add up
static const double SAFETY = 0.1;

typedef struct sensitivity {
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
  double end;
  double *slab;
  double *time, *before;  // [width] where lanes are, and were: all the same
  double *state;          // [1 + n_sens][n_state][width] there
  bool is_stale;          // the last step is not in it yet
  bool is_bad;            // it could not be begun
  wn_message message;
} sensitivity;

static int rhs(double time, N_Vector y, N_Vector dy, void *data) {
  const sensitivity *self = data;
  return self->system.rhs(self->system.context, time, wn_vector_data(y), wn_vector_data(dy)) ? 1 : 0;
}

static int linear_system(double time, N_Vector y, N_Vector dy, SUNMatrix matrix, int may_reuse, int *is_new,
                         double gamma, void *data, N_Vector t1, N_Vector t2, N_Vector t3) {
  (void)dy, (void)t1, (void)t2, (void)t3;
  const sensitivity *self = data;
  wn_newton *m = wn_newton_of(matrix);
  m->gamma = gamma;
  *is_new = !may_reuse;
  if (may_reuse) return 0;
  return self->system.jacobian(self->system.context, time, wn_vector_data(y), m->jacobian) ? 1 : 0;
}

static int move(int n_sens, double time, N_Vector y, N_Vector dy, N_Vector *s, N_Vector *ds, void *data, N_Vector t1,
                N_Vector t2) {
  (void)dy, (void)t1, (void)t2;
  const sensitivity *self = data;
  for (int k = 0; k < n_sens; k++) {
    self->from[k] = wn_vector_data(s[k]);
    self->to[k] = wn_vector_data(ds[k]);
  }
  return self->system.move(self->system.context, time, wn_vector_data(y), self->from, self->to) ? 1 : 0;
}

static bool make_vectors(sensitivity *self) {
  size_t n = (size_t)self->system.n_sens, width = (size_t)self->system.width;
  self->y = wn_vector_create(self->system.n_state * self->system.width, self->context);
  self->dense = wn_vector_create(self->system.n_state * self->system.width, self->context);
  self->s = wn_alloc(n * sizeof(N_Vector));
  self->dense_s = wn_alloc(n * sizeof(N_Vector));
  self->from = wn_alloc(n * sizeof(double *));
  self->to = wn_alloc(n * sizeof(double *));
  self->slab = wn_alloc_doubles(2 * width + (1 + n) * (size_t)self->system.n_state * width);
  bool ok = self->y && self->dense && self->s && self->dense_s && self->from && self->to && self->slab;
  self->time = self->slab, self->before = ok ? self->time + width : NULL,
  self->state = ok ? self->time + 2 * width : NULL;
  for (size_t k = 0; ok && k < n; k++) {
    self->s[k] = wn_vector_create(self->system.n_state * self->system.width, self->context);
    self->dense_s[k] = wn_vector_create(self->system.n_state * self->system.width, self->context);
    ok = self->s[k] && self->dense_s[k];
  }
  return ok;
}

static bool set_tolerances(sensitivity *self) {
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
static bool configure(sensitivity *self) {
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

static void destroy_vectors(N_Vector *list, int n) {
  for (int k = 0; list && k < n; k++)
    if (list[k]) N_VDestroy(list[k]);
  wn_free(list);
}

static void destroy(void *context) {
  sensitivity *self = context;
  if (self->cvode) CVodeFree(&self->cvode);
  if (self->linsol) SUNLinSolFree(self->linsol);
  if (self->matrix) SUNMatDestroy(self->matrix);
  destroy_vectors(self->s, self->system.n_sens);
  destroy_vectors(self->dense_s, self->system.n_sens);
  if (self->y) N_VDestroy(self->y);
  if (self->dense) N_VDestroy(self->dense);
  wn_free(self->from);
  wn_free(self->to);
  wn_free(self->slab);
  if (self->context) SUNContext_Free(&self->context);
  wn_free(self);
}

// y and all s [1 + n_sens][n_state][width] at a time within the last step; before the first step CVODE refuses, and
// they are those of the beginning
static void look_at_time(sensitivity *self, double time, double *out) {
  const size_t n = (size_t)self->system.n_state * (size_t)self->system.width;
  const bool inside = CVodeGetDky(self->cvode, time, 0, self->dense) == CV_SUCCESS &&
                      CVodeGetSensDky(self->cvode, time, 0, self->dense_s) == CV_SUCCESS;
  memcpy(out, wn_vector_data(inside ? self->dense : self->y), n * sizeof(double));
  for (int k = 0; k < self->system.n_sens; k++)
    memcpy(out + (size_t)(1 + k) * n, wn_vector_data(inside ? self->dense_s[k] : self->s[k]), n * sizeof(double));
}

static void set_time(sensitivity *self, double before, double now) {
  for (int lane = 0; lane < self->system.width; lane++) self->before[lane] = before, self->time[lane] = now;
}

// all lanes keep the same time
static void begin(void *context, const bool *which, const double *from, const double *to, const double *y) {
  (void)which;
  sensitivity *self = context;
  self->end = to[0];
  if (!from) return;
  const size_t n = (size_t)self->system.n_state * (size_t)self->system.width;
  memcpy(wn_vector_data(self->y), y, n * sizeof(double));
  for (int k = 0; k < self->system.n_sens; k++)
    memcpy(wn_vector_data(self->s[k]), y + (size_t)(1 + k) * n, n * sizeof(double));
  memcpy(self->state, y, (size_t)(1 + self->system.n_sens) * n * sizeof(double));
  self->is_stale = false;
  set_time(self, from[0], from[0]);
  self->is_bad = CVodeReInit(self->cvode, from[0], self->y) || CVodeSensReInit(self->cvode, CV_STAGGERED, self->s);
}

static wn_status advance(void *context, wn_error *err) {
  sensitivity *self = context;
  const double from = self->time[0];
  if (self->is_bad) return wn_fail(err, WN_ERR_RUN, "sensitivities: %s", self->message.text);
  // a gap of a few roundings is no interval to integrate over
  if (self->end - from <= 4 * DBL_EPSILON * fmax(fabs(from), fabs(self->end))) {
    set_time(self, from, fmax(from, self->end));
    return WN_OK;
  }
  double now = from;
  int flag = CVodeSetStopTime(self->cvode, self->end);
  if (flag >= 0) flag = CVode(self->cvode, self->end, self->y, &now, CV_ONE_STEP);
  if (flag < 0) {
    if (flag == CV_MEM_FAIL) return wn_fail_memory(err);
    return wn_fail(err, WN_ERR_RUN, "sensitivities: the solver gave up at t = %.6g h: %s", from, self->message.text);
  }
  set_time(self, from, now);
  self->is_stale = true;
  return WN_OK;
}

static void look(void *context, const double *time, double *y) {
  sensitivity *self = context;
  look_at_time(self, fmin(fmax(time[0], self->before[0]), self->time[0]), y);
}

static int worst(void *context, int *state, int *lane) {
  (void)context;
  *state = *lane = -1;
  return 0;
}

static const double *state(void *context) {
  sensitivity *self = context;
  if (self->is_stale) look_at_time(self, self->time[0], self->state);
  self->is_stale = false;
  return self->state;
}

static const double *times(void *context) { return ((sensitivity *)context)->time; }
static const double *previously(void *context) { return ((sensitivity *)context)->before; }

wn_status wn_sensitivity_create(const wn_sensitivity_system *system, double rtol, double atol, wn_solver **solver,
                                wn_error *err) {
  static const wn_integrator integrator = {.destroy = destroy,
                                           .begin = begin,
                                           .advance = advance,
                                           .worst = worst,
                                           .state = state,
                                           .times = times,
                                           .previously = previously,
                                           .look = look};
  static const wn_solver_type type = {.name = "sensitivities", .integrator = &integrator};
  sensitivity *self = wn_alloc(sizeof *self);
  *solver = NULL;
  if (!self) return wn_fail_memory(err);
  *self = (sensitivity){.system = *system, .rtol = rtol, .atol = atol};
  const bool ok = wn_context_create(&self->context, &self->message) && make_vectors(self) && configure(self);
  if (!ok) {
    destroy(self);
    return wn_fail_memory(err);
  }
  return wn_solver_adopt(&type, self, (1 + system->n_sens) * system->n_state, system->width, solver, err);
}

// explicit.c - ARKODE's explicit Runge-Kutta with the Dormand-Prince 5(4) pair and its PID step controller. Dense
// output is the pair's own fourth-order continuous extension, from the stages that were computed anyway: ARKODE's
// Hermite interpolation would either be too coarse for steps this long or cost right-hand sides at every point. Must
// not know what an event is: it is only restarted.
//
// The pair: Dormand, Prince 1980, J. Comput. Appl. Math. 6:19. The extension: Hairer, Norsett, Wanner, Solving Ordinary
// Differential Equations I, 2nd ed., section II.6.
#include "base/memory.h"
#include "solve/problem.h"
#include "solve/types.h"
#include <arkode/arkode_erkstep.h>
#include <math.h>
#include <string.h>

// the six stages after the first, whose derivatives the dense output needs; the last is the first of the next step
enum { N_STAGE = 6 };

// y, error, weight, start, first; then ARKODE's stages (7), solution, scratch and interpolation (10)
enum { N_VECTOR = 24 };

// repeated failures of one step before giving up: each cuts the step to a tenth at least
enum { MAX_FAILURE = 20 };

// where the fastest mode limits the steps, the errors of many steps add up: held to a fraction of the tolerance, as in
// bdf.c
static const double SAFETY = 0.3;

typedef struct explicit_rk {
  wn_problem problem;
  void *erk;
  N_Vector start, first;         // solution and derivative where the last step began
  const double *stage[N_STAGE];  // ring of the blocks ARKODE last had filled, in order of the calls
  long n_call;                   // right-hand sides asked for since the restart
  double s_start;                // where the last step began
  bool moved;                    // there is a last step
} explicit_rk;

static int explicit_rhs(double s, N_Vector y, N_Vector dy, void *data) {
  explicit_rk *e = data;
  wn_problem *problem = &e->problem;
  double *to = wn_lane_data(dy);
  const double *from = wn_lane_data(y);
  const size_t n = (size_t)problem->system.n_state * (size_t)problem->system.width;
  const bool is_first = e->n_call == 0;
  e->stage[e->n_call % N_STAGE] = to;
  e->n_call++;
  // ARKODE gives up on the first failed stage. Not-a-number instead makes the error norm huge, and the step shrinks; a
  // stage built on such a one need not be asked.
  if (isnan(from[0]) || wn_problem_rhs(problem, s, from, to)) {
    if (is_first) return -1;
    for (size_t i = 0; i < n; i++) to[i] = NAN;
  }
  if (is_first) memcpy(wn_lane_data(e->first), to, n * sizeof(double));
  return 0;
}

void wn_explicit_destroy(void *self) {
  explicit_rk *e = self;
  if (e->erk) ERKStepFree(&e->erk);
  if (e->start) N_VDestroy(e->start);
  if (e->first) N_VDestroy(e->first);
  wn_problem_free(&e->problem);
  wn_free(e);
}

// ARKODE as the definition asks. A failure here can only be out of memory.
static bool explicit_configure(explicit_rk *e) {
  wn_problem *problem = &e->problem;
  e->start = wn_lane_vector_create(problem->space, problem->context);
  e->first = wn_lane_vector_create(problem->space, problem->context);
  e->erk = ERKStepCreate(explicit_rhs, 0.0, problem->y, problem->context);
  if (!e->start || !e->first || !e->erk) return false;
  // its own interpolation is only asked for the end of a step, where a straight line is exact and costs nothing
  return !ERKStepSetErrHandlerFn(e->erk, wn_problem_message, problem) && !ERKStepSetUserData(e->erk, e) &&
         !ERKStepWFtolerances(e->erk, wn_problem_weights) && !ERKStepSetTableNum(e->erk, ARKODE_DORMAND_PRINCE_7_4_5) &&
         !ERKStepSetInterpolantDegree(e->erk, 1) && !ERKStepSetMaxErrTestFails(e->erk, MAX_FAILURE) &&
         !ERKStepSetMaxStep(e->erk, problem->def.max_step);
}

wn_status wn_explicit_create(const wn_shared_system *system, const wn_solver_def *def, void **self, wn_error *err) {
  explicit_rk *e = wn_alloc(sizeof *e);
  if (!e) return wn_fail_memory(err);
  wn_status status = wn_problem_init(&e->problem, "explicit", system, def, N_VECTOR, err);
  e->problem.safety = SAFETY;
  if (!status && !explicit_configure(e)) status = wn_fail_memory(err);
  if (status) {
    wn_explicit_destroy(e);
    return status;
  }
  *self = e;
  return WN_OK;
}

// what ARKODE counts since its last restart
static void explicit_count(const explicit_rk *e, wn_solver_stats *stats) {
  long n_error_fail = 0;
  ERKStepGetNumErrTestFails(e->erk, &n_error_fail);
  stats->n_error_fail += n_error_fail;
}

wn_status wn_explicit_restart(void *self, double s, const double *y, wn_error *err) {
  explicit_rk *e = self;
  wn_problem *problem = &e->problem;
  explicit_count(e, &problem->stats);
  wn_problem_restart(problem, s, y);
  e->n_call = 0;
  e->moved = false;
  if (ERKStepReInit(e->erk, explicit_rhs, s, problem->y)) return wn_problem_fail(problem, WN_FAILURE_OTHER, s, err);
  return WN_OK;
}

static wn_failure explicit_failure(int flag) {
  switch (flag) {
  case ARK_ERR_FAILURE: return WN_FAILURE_STEP;
  case ARK_RHSFUNC_FAIL: return WN_FAILURE_FINITE;
  case ARK_TOO_MUCH_ACC: return WN_FAILURE_ACCURACY;
  case ARK_MEM_FAIL: return WN_FAILURE_MEMORY;
  default: return WN_FAILURE_OTHER;
  }
}

wn_status wn_explicit_step(void *self, double s_stop, double *s_now, wn_error *err) {
  explicit_rk *e = self;
  wn_problem *problem = &e->problem;
  const size_t size = (size_t)problem->system.n_state * (size_t)problem->system.width * sizeof(double);
  // keep what ARKODE overwrites: the solution, and the derivative there, which is the last stage of the step before
  memcpy(wn_lane_data(e->start), wn_lane_data(problem->y), size);
  if (e->n_call) memcpy(wn_lane_data(e->first), e->stage[(e->n_call - 1) % N_STAGE], size);
  const long n_call = e->n_call;
  e->s_start = problem->s;
  int flag = ERKStepSetStopTime(e->erk, s_stop);
  if (flag >= 0) flag = ERKStepEvolve(e->erk, s_stop, problem->y, s_now, ARK_ONE_STEP);
  if (flag >= 0) {
    e->moved = e->n_call > n_call && *s_now > e->s_start;
    if (wn_problem_advance(problem, *s_now)) return WN_OK;
    flag = ARK_ERR_FAILURE;
  }
  ERKStepGetEstLocalErrors(e->erk, problem->error);
  ERKStepGetErrWeights(e->erk, problem->weight);
  return wn_problem_fail(problem, explicit_failure(flag), problem->s, err);
}

void wn_explicit_dense(void *self, double s, double *y) {
  explicit_rk *e = self;
  const wn_problem *problem = &e->problem;
  const size_t n = (size_t)problem->system.n_state * (size_t)problem->system.width;
  if (!e->moved) {
    memcpy(y, wn_lane_data(problem->y), n * sizeof(double));
    return;
  }
  // y(t) = y0 + t (y1-y0 + u (h k1 - (y1-y0) + t (2(y1-y0) - h k1 - h k7 + u h sum d_i k_i))), u = 1-t, sorted by
  // vector
  const double h = problem->s - e->s_start, t = (s - e->s_start) / h, u = 1.0 - t;
  const double end = t * t * (3.0 - 2.0 * t), fourth = h * t * t * u * u;
  const double c[8] = {
      1.0 - end,
      end,
      h * t * u * u + fourth * (-12715105075.0 / 11282082432.0),
      fourth * (87487479700.0 / 32700410799.0),
      fourth * (-10690763975.0 / 1880347072.0),
      fourth * (701980252875.0 / 199316789632.0),
      fourth * (-1453857185.0 / 822651844.0),
      -h * t * t * u + fourth * (69997945.0 / 29380423.0),
  };
  const double *x[8] = {wn_lane_data(e->start), wn_lane_data(problem->y), wn_lane_data(e->first)};
  for (int k = 1; k < N_STAGE; k++) x[2 + k] = e->stage[(e->n_call - N_STAGE + k) % N_STAGE];
  double *at = wn_lane_data(problem->error);
  problem->ops->combine(n, 8, c, x, at);
  memcpy(y, at, n * sizeof(double));
}

void wn_explicit_stats(void *self, wn_solver_stats *stats) {
  const explicit_rk *e = self;
  *stats = e->problem.stats;
  explicit_count(e, stats);
}

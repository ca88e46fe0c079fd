// explicit.c - ARKODE's explicit Runge-Kutta with the Dormand-Prince 5(4) pair and its PID step controller, for one
// lane. Dense output is the pair's own fourth-order continuous extension, from the stages that were computed anyway:
// ARKODE's Hermite interpolation would either be too coarse for steps this long or cost right-hand sides at every
// point. Must not know what an event is: it is only begun anew.
//
// The pair: Dormand, Prince 1980, J. Comput. Appl. Math. 6:19. The extension: Hairer, Norsett, Wanner, Solving Ordinary
// Differential Equations I, 2nd ed., section II.6.
#include "base/memory.h"
#include "solve/sundials/serial.h"
#include "solve/sundials/versions.h"
#include <arkode/arkode_erkstep.h>
#include <math.h>
#include <string.h>

// the six stages after the first, whose derivatives the dense output needs; the last is the first of the next step
enum { N_STAGE = 6 };

// repeated failures of one step before giving up: each cuts the step to a tenth at least
enum { MAX_FAILURE = 20 };

// where the fastest mode limits the steps, the errors of many steps add up: held to a tenth of the tolerance, as in
// bdf.c. (SUNDIALS 7 lets errors nearer to it than 6 does, in a quarter fewer steps)
static const double SAFETY = 0.1;

typedef struct explicit_rk {
  double *begin, *first;         // [n_state] solution and derivative where the last step began
  const double *stage[N_STAGE];  // ring of the blocks ARKODE last had filled, in order of the calls
  long n_call;                   // right-hand sides asked for since the beginning
  double from;                   // where the last step began
  bool moved;                    // there is a last step
} explicit_rk;

static int rhs(double time, N_Vector y, N_Vector dy, void *data) {
  wn_serial_lane *lane = data;
  explicit_rk *e = lane->own;
  double *to = wn_vector_data(dy);
  const double *from = wn_vector_data(y);
  const int n = lane->all->system.n_state;
  const bool is_first = e->n_call == 0;
  e->stage[e->n_call % N_STAGE] = to;
  e->n_call++;
  // ARKODE gives up on the first failed stage. Not-a-number instead makes the error norm huge, and the step shrinks; a
  // stage built on such a one need not be asked.
  if (isnan(from[0]) || wn_serial_rhs(lane, time, from, to)) {
    if (is_first) return -1;
    for (int i = 0; i < n; i++) to[i] = NAN;
  }
  if (is_first) memcpy(e->first, to, (size_t)n * sizeof(double));
  return 0;
}

static void destroy(wn_serial_lane *lane) {
  explicit_rk *e = lane->own;
  if (lane->memory) ARKodeFree(&lane->memory);
  if (e) wn_free(e->begin);
  wn_free(e);
}

// ARKODE as the definition asks. A failure here can only be out of memory.
static bool create(wn_serial_lane *lane) {
  wn_serial *all = lane->all;
  const size_t n = (size_t)all->system.n_state;
  explicit_rk *e = lane->own = wn_alloc(sizeof *e);
  if (!e) return false;
  *e = (explicit_rk){.begin = wn_alloc_doubles(2 * n)};
  void *ark = lane->memory = ERKStepCreate(rhs, 0, lane->y, all->context);
  if (!e->begin || !ark) return false;
  e->first = e->begin + n;
  // its own interpolation is only asked for the end of a step, where a straight line is exact and costs nothing
  return !WN_SUNDIALS_HANDLER(ERKStepSetErrHandlerFn, ark, wn_message_keep, &all->message) &&
         !ARKodeSetUserData(ark, lane) && !ARKodeWFtolerances(ark, wn_serial_weights) &&
         !ERKStepSetTableNum(ark, ARKODE_DORMAND_PRINCE_7_4_5) && !ARKodeSetInterpolantDegree(ark, 1) &&
         !ARKodeSetMaxErrTestFails(ark, MAX_FAILURE) && !ARKodeSetMaxStep(ark, all->def.max_step);
}

static int begin(wn_serial_lane *lane) {
  explicit_rk *e = lane->own;
  e->n_call = 0;
  e->moved = false;
  return ERKStepReInit(lane->memory, rhs, lane->now, lane->y);
}

static int step(wn_serial_lane *lane, double *now) {
  explicit_rk *e = lane->own;
  const size_t size = (size_t)lane->all->system.n_state * sizeof(double);
  // keep what ARKODE overwrites: the solution, and the derivative there, which is the last stage of the step before
  memcpy(e->begin, wn_vector_data(lane->y), size);
  if (e->n_call) memcpy(e->first, e->stage[(e->n_call - 1) % N_STAGE], size);
  const long n_call = e->n_call;
  e->from = lane->now;
  int flag = ARKodeSetStopTime(lane->memory, lane->end);
  if (flag >= 0) flag = ARKodeEvolve(lane->memory, lane->end, lane->y, now, ARK_ONE_STEP);
  if (flag >= 0) e->moved = e->n_call > n_call && *now > e->from;
  return flag;
}

static void dense(wn_serial_lane *lane, double time, double *y) {
  const explicit_rk *e = lane->own;
  const int n = lane->all->system.n_state;
  const double *end = wn_vector_data(lane->y);
  if (!e->moved) {
    memcpy(y, end, (size_t)n * sizeof(double));
    return;
  }
  // y(t) = y0 + t (y1-y0 + u (h k1 - (y1-y0) + t (2(y1-y0) - h k1 - h k7 + u h sum d_i k_i))), u = 1-t, sorted by
  // vector
  const double h = lane->now - e->from, t = (time - e->from) / h, u = 1 - t;
  const double rise = t * t * (3 - 2 * t), fourth = h * t * t * u * u;
  const double c[8] = {
      1 - rise,
      rise,
      h * t * u * u + fourth * (-12715105075.0 / 11282082432.0),
      fourth * (87487479700.0 / 32700410799.0),
      fourth * (-10690763975.0 / 1880347072.0),
      fourth * (701980252875.0 / 199316789632.0),
      fourth * (-1453857185.0 / 822651844.0),
      -h * t * t * u + fourth * (69997945.0 / 29380423.0),
  };
  const double *x[8] = {e->begin, end, e->first};
  for (int k = 1; k < N_STAGE; k++) x[2 + k] = e->stage[(e->n_call - N_STAGE + k) % N_STAGE];
  for (int i = 0; i < n; i++) {
    double sum = c[0] * x[0][i];
    for (int k = 1; k < 8; k++) sum += c[k] * x[k][i];
    y[i] = sum;
  }
}

static void count(const wn_serial_lane *lane, wn_solver_stats *stats) {
  long n_error_fail = 0;
  ARKodeGetNumErrTestFails(lane->memory, &n_error_fail);
  stats->n_error_fail += n_error_fail;
}

static wn_failure failure(int flag) {
  switch (flag) {
  case ARK_ERR_FAILURE: return WN_FAILURE_STEP;
  case ARK_RHSFUNC_FAIL: return WN_FAILURE_FINITE;
  case ARK_TOO_MUCH_ACC: return WN_FAILURE_ACCURACY;
  case ARK_MEM_FAIL: return WN_FAILURE_MEMORY;
  default: return WN_FAILURE_OTHER;
  }
}

static void errors(wn_serial_lane *lane) {
  ARKodeGetEstLocalErrors(lane->memory, lane->all->error);
  ARKodeGetErrWeights(lane->memory, lane->all->weight);
}

static const wn_serial_method METHOD = {.name = "explicit",
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
  return wn_serial_create(&METHOD, system, def, self, err);
}

const wn_integrator wn_explicit = WN_SERIAL(create_all);

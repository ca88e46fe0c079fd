// problem.c - shared by the integrators over SUNDIALS: memory, tolerances, counting, and words for failures. Nothing
// SUNDIALS says reaches stderr: its messages come here. Must not know which method integrates.
#include "solve/problem.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

wn_status wn_problem_init(wn_problem *problem, const char *name, const wn_shared_system *system,
                          const wn_solver_def *def, int n_vector, wn_error *err) {
  *problem = (wn_problem){.name = name, .system = *system, .def = *def, .safety = 1.0, .ops = wn_lane_ops_get()};
  problem->bad_state = problem->bad_lane = problem->worst_state = problem->worst_lane = -1;
  if (SUNContext_Create(NULL, &problem->context)) return wn_fail_memory(err);
  problem->space = wn_lane_space_create(system->n_state, system->width, n_vector, problem->ops);
  if (!problem->space) return wn_fail_memory(err);
  problem->y = wn_lane_vector_create(problem->space, problem->context);
  problem->error = wn_lane_vector_create(problem->space, problem->context);
  problem->weight = wn_lane_vector_create(problem->space, problem->context);
  return problem->y && problem->error && problem->weight ? WN_OK : wn_fail_memory(err);
}

void wn_problem_free(wn_problem *problem) {
  if (problem->y) N_VDestroy(problem->y);
  if (problem->error) N_VDestroy(problem->error);
  if (problem->weight) N_VDestroy(problem->weight);
  wn_lane_space_destroy(problem->space);
  if (problem->context) SUNContext_Free(&problem->context);
}

int wn_problem_rhs(wn_problem *problem, double s, const double *y, double *dy) {
  const wn_shared_system *system = &problem->system;
  problem->stats.n_rhs++;
  const int failed = system->rhs(system->context, s, y, dy);
  if (!failed) return 0;
  problem->bad_rhs = problem->stats.n_rhs;
  problem->bad_state = problem->bad_lane = -1;
  for (int i = 0; i < system->n_state * system->width; i++) {
    if (isfinite(dy[i])) continue;
    problem->bad_state = i / system->width;
    problem->bad_lane = i % system->width;
    break;
  }
  return failed;
}

void wn_problem_restart(wn_problem *problem, double s, const double *y) {
  const size_t n = (size_t)problem->system.n_state * (size_t)problem->system.width;
  memcpy(wn_lane_data(problem->y), y, n * sizeof(double));
  problem->s = s;
  problem->n_stuck = 0;
  problem->bad_rhs = 0;
  problem->bad_state = problem->bad_lane = problem->worst_state = problem->worst_lane = -1;
  problem->stats.n_restart++;
}

bool wn_problem_advance(wn_problem *problem, double s) {
  // a few steps below rounding are normal where something switches on; SUNDIALS would take any number of them
  enum { MAX_STUCK = 20 };
  problem->stats.n_step++;
  problem->n_stuck = s > problem->s ? 0 : problem->n_stuck + 1;
  problem->s = s;
  return problem->n_stuck <= MAX_STUCK;
}

int wn_problem_weights(N_Vector y, N_Vector weight, void *data) {
  const wn_problem *problem = data;
  const size_t n = (size_t)problem->system.n_state * (size_t)problem->system.width;
  problem->ops->weights(n, problem->safety * problem->def.rtol, problem->safety * problem->def.atol, wn_lane_data(y),
                        wn_lane_data(weight));
  return 0;
}

void wn_problem_message(int code, const char *module, const char *function, char *message, void *data) {
  (void)code;
  (void)module;
  (void)function;
  wn_problem *problem = data;
  snprintf(problem->text, sizeof problem->text, "%s", message);
  // one line, whatever SUNDIALS sends
  for (char *at = problem->text; *at; at++) {
    if (*at == '\n') *at = ' ';
  }
}

// the entry of value with the largest size against its tolerance; one that is not finite beats all
static void find_worst(wn_problem *problem, N_Vector value) {
  const double *error = wn_lane_data(value), *weight = wn_lane_data(problem->weight);
  double worst = -1.0;
  for (int i = 0; i < problem->system.n_state * problem->system.width; i++) {
    double ratio = fabs(error[i] * weight[i]);
    if (!isfinite(ratio)) ratio = HUGE_VAL;
    if (ratio <= worst) continue;
    worst = ratio;
    problem->worst_state = i / problem->system.width;
    problem->worst_lane = i % problem->system.width;
  }
}

wn_status wn_problem_fail(wn_problem *problem, wn_failure failure, double s, wn_error *err) {
  // steps that shrink because an evaluation keeps failing a little ahead are not about accuracy
  enum { RECENT = 100 };
  const bool is_bad = problem->bad_rhs && problem->stats.n_rhs - problem->bad_rhs <= RECENT;
  if (is_bad && (failure == WN_FAILURE_STEP || failure == WN_FAILURE_NEWTON)) failure = WN_FAILURE_FINITE;
  if (failure == WN_FAILURE_MEMORY) return wn_fail_memory(err);
  if (failure == WN_FAILURE_FINITE) {
    problem->worst_state = problem->bad_state;
    problem->worst_lane = problem->bad_lane;
  } else {
    // a tolerance below rounding is so for the largest value, whatever its error
    find_worst(problem, failure == WN_FAILURE_ACCURACY ? problem->y : problem->error);
  }
  // which state it is, wn_solver_worst tells: names are the caller's
  const char *name = problem->name;
  switch (failure) {
  case WN_FAILURE_STEP:
    return wn_fail(err, WN_ERR_RUN,
                   "%s: step size became too small at t = %.6g h: the solution may jump or grow without bound there",
                   name, s);
  case WN_FAILURE_NEWTON:
    return wn_fail(err, WN_ERR_RUN, "%s: Newton's iteration failed at every step size tried at t = %.6g h", name, s);
  case WN_FAILURE_FINITE: return wn_fail(err, WN_ERR_RUN, "%s: the equations are not finite at t = %.6g h", name, s);
  case WN_FAILURE_ACCURACY:
    return wn_fail(err, WN_ERR_RUN,
                   "%s: rtol %g with atol %g cannot be met in double precision at t = %.6g h; try rtol 1e-12 or more",
                   name, problem->def.rtol, problem->def.atol, s);
  default: return wn_fail(err, WN_ERR_RUN, "%s: stopped at t = %.6g h: %s", name, s, problem->text);
  }
}

int wn_problem_worst(void *self, int *state, int *lane) {
  const wn_problem *problem = self;
  *state = problem->worst_state;
  *lane = problem->worst_lane;
  return problem->worst_state >= 0;
}

const double *wn_problem_state(void *self) { return wn_lane_data(((wn_problem *)self)->y); }

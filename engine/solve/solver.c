// solver.c - the solver table, and what all solvers have in common: checks on the way in. Must not know SUNDIALS.
#include "solve/solver.h"
#include "base/memory.h"
#include "base/text.h"
#include "expr/program.h"
#include "solve/types.h"
#include <assert.h>
#include <math.h>
#include <string.h>

const wn_solver_type wn_solver_types[] = {
    {
        .name = "taylor",
        .doc = "Taylor series of order 10, each lane with its own step, for smooth equations in which nothing is very "
               "fast compared with the time between doses. Most equations are nearly linear, and a linear term costs "
               "no more for each order than for one evaluation, so steps are long and cheap. Where there is no series "
               "it takes steps of rk.",
        .integrator = &wn_taylor,
        .second = "bdf",
    },
    {
        .name = "rk",
        .doc = "Explicit Runge-Kutta of order 5, Tsitouras' pair, each lane with its own step, for models in which "
               "nothing is fast compared with the time between doses. Six evaluations a step and no linear algebra, "
               "but the fastest mode limits the step.",
        .integrator = &wn_rk,
        .second = "bdf",
    },
    {
        .name = "rosenbrock",
        .doc = "Rosenbrock-Wanner of order 5, Rodas5P, each lane with its own step, for stiff models: fast binding "
               "beside slow elimination. One Jacobian and one factorisation a step, no iteration, and full order at "
               "once after a dose.",
        .integrator = &wn_rosenbrock,
        .second = "bdf",
    },
    {
        .name = "bdf",
        .doc = "Backward differentiation formulas of order 1 to 5 (CVODE) with the exact Jacobian, for stiff models. "
               "Each lane by itself; an independent check of rosenbrock, and what is tried where that gives up.",
        .integrator = &wn_bdf,
        .is_serial = true,
    },
    {
        .name = "explicit",
        .doc = "Explicit Runge-Kutta of order 5, Dormand-Prince (ARKODE), for models that are not stiff. Each lane by "
               "itself; an independent check of rk.",
        .integrator = &wn_explicit,
        .is_serial = true,
    },
    {
        .name = "exact",
        .doc =
            "Matrix exponentials, for linear equations with constant coefficients: no tolerance, only rounding. From "
            "event to event in one jump.",
        .integrator = &wn_exact,
    },
    {.name = NULL},
};

enum { N_TYPE = sizeof wn_solver_types / sizeof *wn_solver_types - 1 };

int wn_solver_n_type(void) { return N_TYPE; }

const char *wn_solver_library(void) { return WANE_SUNDIALS_BUILD; }

wn_solver_def wn_solver_default(void) {
  return (wn_solver_def){.name = "auto", .rtol = 1e-6, .atol = 1e-9, .max_step = 0.0, .max_steps = 500000};
}

struct wn_solver {
  const wn_solver_type *type;
  void *self;
  int n_state, width;
};

static wn_status check_def(const wn_solver_def *def, wn_error *err) {
  if (!(def->rtol >= 0.0 && def->rtol < 1.0)) {
    return wn_fail(err, WN_ERR_USER, "solver: rtol: expected 0 <= rtol < 1, got %g; try 1e-6", def->rtol);
  }
  if (!(def->atol > 0.0 && isfinite(def->atol))) {
    return wn_fail(err, WN_ERR_USER, "solver: atol: expected a number above 0, got %g; try 1e-9", def->atol);
  }
  if (!(def->max_step >= 0.0 && isfinite(def->max_step))) {
    return wn_fail(err, WN_ERR_USER, "solver: max_step: expected hours, or 0 for no limit, got %g", def->max_step);
  }
  if (def->max_steps < 1) {
    return wn_fail(err, WN_ERR_USER, "solver: max_steps: expected at least 1, got %ld; try 500000", def->max_steps);
  }
  return WN_OK;
}

static wn_status find_type(const char *name, const wn_solver_type **type, wn_error *err) {
  const char *names[N_TYPE];
  for (int i = 0; i < N_TYPE; i++) {
    names[i] = wn_solver_types[i].name;
    if (name && strcmp(names[i], name) == 0) {
      *type = &wn_solver_types[i];
      return WN_OK;
    }
  }
  const char *nearest = name ? wn_nearest(name, names, N_TYPE) : NULL;
  return wn_fail(err, WN_ERR_USER, "solver: unknown solver '%s'; try %s", name ? name : "", nearest ? nearest : "auto");
}

static wn_status wrap(const wn_solver_type *type, int n_state, int width, wn_solver **solver, wn_error *err) {
  *solver = wn_alloc(sizeof **solver);
  if (!*solver) return wn_fail_memory(err);
  **solver = (wn_solver){.type = type, .n_state = n_state, .width = width};
  return WN_OK;
}

wn_status wn_solver_adopt(const wn_solver_type *type, void *self, int n_state, int width, wn_solver **solver,
                          wn_error *err) {
  const wn_status status = wrap(type, n_state, width, solver, err);
  if (status)
    type->integrator->destroy(self);
  else
    (*solver)->self = self;
  return status;
}

wn_status wn_solver_create(const wn_system *system, const wn_solver_def *def, wn_solver **solver, wn_error *err) {
  *solver = NULL;
  assert(system->rhs && system->width > 0 && system->width % WN_LANES == 0);
  const wn_solver_type *type = NULL;
  WN_TRY(find_type(def->name, &type, err));
  WN_TRY(check_def(def, err));
  if (system->n_state < 1) return wn_fail(err, WN_ERR_USER, "solver: expected at least one state, got none");
  wn_solver *made;
  WN_TRY(wrap(type, system->n_state, system->width, &made, err));
  const wn_status status = type->integrator->create(system, def, &made->self, err);
  if (status) {
    wn_solver_destroy(made);
    return status;
  }
  *solver = made;
  return WN_OK;
}

void wn_solver_destroy(wn_solver *solver) {
  if (!solver) return;
  if (solver->self) solver->type->integrator->destroy(solver->self);
  wn_free(solver);
}

const char *wn_solver_second(const char *name) {
  const wn_solver_type *type = NULL;
  return find_type(name, &type, NULL) ? NULL : type->second;
}

bool wn_solver_is_serial(const char *name) {
  const wn_solver_type *type = NULL;
  return !find_type(name, &type, NULL) && type->is_serial;
}

static wn_status check_state(const wn_solver *solver, const bool *which, const double *time, const double *y,
                             wn_error *err) {
  for (int i = 0; i < solver->n_state * solver->width; i++) {
    const int lane = i % solver->width;
    if (isfinite(y[i]) || (which && !which[lane])) continue;
    return wn_fail(err, WN_ERR_RUN, "%s: state %d is not finite at the start, t = %.6g h (lane %d)", solver->type->name,
                   i / solver->width, time[lane], lane);
  }
  return WN_OK;
}

wn_status wn_solver_begin(wn_solver *solver, const bool *which, const double *from, const double *to, const double *y,
                          wn_error *err) {
  if (from) WN_TRY(check_state(solver, which, from, y, err));
  solver->type->integrator->begin(solver->self, which, from, to, y);
  return WN_OK;
}

void wn_solver_renew(wn_solver *solver, const bool *which) { solver->type->integrator->renew(solver->self, which); }

wn_status wn_solver_advance(wn_solver *solver, wn_error *err) {
  return solver->type->integrator->advance(solver->self, err);
}

const double *wn_solver_times(const wn_solver *solver) { return solver->type->integrator->times(solver->self); }

const double *wn_solver_previously(const wn_solver *solver) {
  return solver->type->integrator->previously(solver->self);
}

const double *wn_solver_state(wn_solver *solver) { return solver->type->integrator->state(solver->self); }

void wn_solver_look(wn_solver *solver, const double *time, double *y) {
  solver->type->integrator->look(solver->self, time, y);
}

void wn_solver_look_at(wn_solver *solver, int n, const int *lane, const double *time, double *const *y) {
  solver->type->integrator->look_at(solver->self, n, lane, time, y);
}

bool wn_solver_ahead(wn_solver *solver, int n, const double *time, bool is_shared, double *y) {
  const wn_integrator *type = solver->type->integrator;
  return type->ahead && type->ahead(solver->self, n, time, is_shared, y);
}

bool wn_solver_nodes(wn_solver *solver, const double **from, const double **to, const double *node[WN_N_NODES]) {
  const wn_integrator *type = solver->type->integrator;
  return type->nodes && type->nodes(solver->self, from, to, node);
}

int wn_solver_worst(const wn_solver *solver, int *state, int *lane) {
  return solver->type->integrator->worst(solver->self, state, lane);
}

void wn_solver_stats_get(wn_solver *solver, wn_solver_stats *stats) {
  solver->type->integrator->stats(solver->self, stats);
}

void wn_solver_lane_stats(wn_solver *solver, int lane, wn_solver_stats *stats) {
  solver->type->integrator->lane_stats(solver->self, lane, stats);
}

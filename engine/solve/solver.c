// solver.c - the solver table, and what all solvers have in common: checks on the way in, the step limit, the interval
// on which dense output is valid. Must not know SUNDIALS.
#include "solve/solver.h"
#include "base/memory.h"
#include "base/text.h"
#include "expr/program.h"
#include "solve/problem.h"
#include "solve/types.h"
#include <assert.h>
#include <float.h>
#include <math.h>
#include <string.h>

const wn_solver_type wn_solver_types[] = {
    {
        .name = "bdf",
        .doc = "Backward differentiation formulas of order 1 to 5 (CVODE) with the exact Jacobian, for stiff models: "
               "fast binding beside slow elimination. Long steps once the fast modes have died out; each step solves "
               "a linear system.",
        .create = wn_bdf_create,
        .destroy = wn_bdf_destroy,
        .restart = wn_bdf_restart,
        .step = wn_bdf_step,
        .worst = wn_problem_worst,
        .state = wn_problem_state,
        .dense = wn_bdf_dense,
        .stats = wn_bdf_stats,
    },
    {
        .name = "explicit",
        .doc = "Explicit Runge-Kutta of order 5, Dormand-Prince (ARKODE), for models in which nothing is fast compared "
               "with the time between doses. Six evaluations a step and no linear algebra, but the fastest mode "
               "limits the step.",
        .create = wn_explicit_create,
        .destroy = wn_explicit_destroy,
        .restart = wn_explicit_restart,
        .step = wn_explicit_step,
        .worst = wn_problem_worst,
        .state = wn_problem_state,
        .dense = wn_explicit_dense,
        .stats = wn_explicit_stats,
    },
    {
        .name = "exact",
        .doc =
            "Matrix exponentials, for linear equations with constant coefficients: no tolerance, only rounding. From "
            "event to event in one jump; where results are collected on the way, in steps short enough for those.",
        .create = wn_exact_create,
        .destroy = wn_exact_destroy,
        .restart = wn_exact_restart,
        .step = wn_exact_step,
        .worst = wn_exact_worst,
        .state = wn_exact_state,
        .dense = wn_exact_dense,
        .dense_many = wn_exact_dense_many,
        .stats = wn_exact_stats,
    },
    {.name = NULL},
};

enum { N_TYPE = sizeof wn_solver_types / sizeof *wn_solver_types - 1 };

int wn_solver_n_type(void) { return N_TYPE; }

const char *wn_solver_library(void) { return WANE_SUNDIALS_BUILD; }

wn_solver_def wn_solver_default(void) {
  return (wn_solver_def){
      .name = "auto", .rtol = 1e-6, .atol = 1e-9, .max_step = 0.0, .max_steps = 500000, .observed = true};
}

struct wn_solver {
  const wn_solver_type *type;
  void *self;
  wn_solver_def def;
  int n_state, width;
  double s_restart, s_previous, s_now;
  long n_step;      // since the restart
  bool is_started;  // restarted at least once
  bool is_still;    // nothing moved in the last step: dense output is the state
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

wn_status wn_solver_create(const wn_system *system, const wn_solver_def *def, wn_solver **solver, wn_error *err) {
  *solver = NULL;
  assert(system->rhs && system->width > 0 && system->width % WN_LANES == 0);
  const wn_solver_type *type = NULL;
  WN_TRY(find_type(def->name, &type, err));
  WN_TRY(check_def(def, err));
  if (system->n_state < 1) return wn_fail(err, WN_ERR_USER, "solver: expected at least one state, got none");
  wn_solver *made = wn_alloc(sizeof *made);
  if (!made) return wn_fail_memory(err);
  *made = (wn_solver){.type = type, .def = *def, .n_state = system->n_state, .width = system->width};
  const wn_status status = type->create(system, def, &made->self, err);
  if (status) {
    wn_free(made);
    return status;
  }
  *solver = made;
  return WN_OK;
}

void wn_solver_destroy(wn_solver *solver) {
  if (!solver) return;
  solver->type->destroy(solver->self);
  wn_free(solver);
}

wn_status wn_solver_restart(wn_solver *solver, double s, const double *y, wn_error *err) {
  for (int i = 0; i < solver->n_state * solver->width; i++) {
    if (isfinite(y[i])) continue;
    return wn_fail(err, WN_ERR_RUN, "%s: state %d is not finite at the start, t = %.6g h (lane %d)", solver->type->name,
                   i / solver->width, s, i % solver->width);
  }
  solver->s_restart = solver->s_previous = solver->s_now = s;
  solver->n_step = 0;
  solver->is_started = solver->is_still = true;
  return solver->type->restart(solver->self, s, y, err);
}

wn_status wn_solver_step(wn_solver *solver, double s_stop, double *s_now, wn_error *err) {
  assert(solver->is_started && s_stop >= solver->s_now);
  *s_now = solver->s_previous = solver->s_now;
  if (solver->n_step >= solver->def.max_steps) {
    return wn_fail(err, WN_ERR_RUN,
                   "%s: max_steps = %ld reached at t = %.6g h, %.3g h after the last event; try a larger rtol, or "
                   "solver bdf if this is not it",
                   solver->type->name, solver->def.max_steps, solver->s_now, solver->s_now - solver->s_restart);
  }
  // a gap of a few roundings is no interval to integrate over
  const double rounding = 4.0 * DBL_EPSILON * fmax(fabs(solver->s_now), fabs(s_stop));
  solver->is_still = s_stop - solver->s_now <= rounding;
  if (!solver->is_still) {
    WN_TRY(solver->type->step(solver->self, s_stop, s_now, err));
    solver->n_step++;
  } else {
    *s_now = s_stop;
  }
  solver->s_now = *s_now;
  return WN_OK;
}

const double *wn_solver_state(wn_solver *solver) { return solver->type->state(solver->self); }

double wn_solver_previous(const wn_solver *solver) { return solver->s_previous; }

void wn_solver_dense(wn_solver *solver, double s, double *y) {
  if (solver->is_still || s >= solver->s_now) {
    // the end of the step is the state itself, bit for bit
    memcpy(y, wn_solver_state(solver), (size_t)solver->n_state * (size_t)solver->width * sizeof(double));
    return;
  }
  solver->type->dense(solver->self, fmax(s, solver->s_previous), y);
}

void wn_solver_dense_many(wn_solver *solver, int n, const double *s, double *y) {
  const size_t size = (size_t)solver->n_state * (size_t)solver->width;
  int first = 0, last = n;
  // what is not inside the step is a state itself
  while (first < n && s[first] <= solver->s_previous) first++;
  while (last > first && (solver->is_still || s[last - 1] >= solver->s_now)) last--;
  if (!solver->type->dense_many) first = last;
  for (int k = 0; k < n; k++)
    if (k < first || k >= last) wn_solver_dense(solver, s[k], y + (size_t)k * size);
  if (first < last) solver->type->dense_many(solver->self, last - first, s + first, y + (size_t)first * size);
}

int wn_solver_worst(const wn_solver *solver, int *state, int *lane) {
  return solver->type->worst(solver->self, state, lane);
}

void wn_solver_stats_get(wn_solver *solver, wn_solver_stats *stats) { solver->type->stats(solver->self, stats); }

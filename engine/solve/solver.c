// solver.c - the solver table, and what all solvers have in common: checks on the way in, the step limit, the interval
// on which dense output is valid. Must not know SUNDIALS.
#include "solve/solver.h"
#include "base/memory.h"
#include "base/text.h"
#include "expr/program.h"
#include "solve/types.h"
#include <assert.h>
#include <float.h>
#include <math.h>
#include <string.h>

const wn_solver_type wn_solver_types[] = {
    {
        .name = "taylor",
        .doc = "Taylor series of order 10, each lane with its own step, for smooth equations in which nothing is very "
               "fast compared with the time between doses. Most equations are nearly linear, and a linear term costs "
               "no more for each order than for one evaluation, so steps are long and cheap. Where there is no series "
               "it takes steps of rk.",
        .own_clocks = &wn_taylor,
    },
    {
        .name = "rk",
        .doc = "Explicit Runge-Kutta of order 5, Tsitouras' pair, each lane with its own step, for models in which "
               "nothing is fast compared with the time between doses. Six evaluations a step and no linear algebra, "
               "but the fastest mode limits the step.",
        .own_clocks = &wn_rk,
    },
    {
        .name = "rosenbrock",
        .doc = "Rosenbrock-Wanner of order 5, Rodas5P, each lane with its own step, for stiff models: fast binding "
               "beside slow elimination. One Jacobian and one factorisation a step, no iteration, and full order at "
               "once after a dose.",
        .own_clocks = &wn_rosenbrock,
    },
    {
        .name = "bdf",
        .doc = "Backward differentiation formulas of order 1 to 5 (CVODE) with the exact Jacobian, for stiff models. "
               "Each lane by itself; an independent check of rosenbrock, and what is tried where that gives up.",
        .own_clocks = &wn_bdf,
        .is_serial = true,
    },
    {
        .name = "explicit",
        .doc = "Explicit Runge-Kutta of order 5, Dormand-Prince (ARKODE), for models that are not stiff. Each lane by "
               "itself; an independent check of rk.",
        .own_clocks = &wn_explicit,
        .is_serial = true,
    },
    {
        .name = "exact",
        .doc =
            "Matrix exponentials, for linear equations with constant coefficients: no tolerance, only rounding. From "
            "event to event in one jump; where results are collected on the way, in steps short enough for those.",
        .own_clocks = &wn_exact,
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
  wn_system system;
  int n_state, width;
  double s_restart, s_previous, s_now;
  long n_step;      // since the restart
  bool is_started;  // restarted at least once
  bool is_still;    // nothing moved in the last step: dense output is the state
  // own clocks: where lanes begin and end, what one hour of s is to them; where they are and were, for one clock that
  // runs from 0 to 1
  bool is_mapped;
  double *slab, *from, *to, *span, *time, *before, *inner;
  double *scratch;  // [n_state][width] dense output
  int *one_group;   // all lanes in one, for integrators with own clocks used on one
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

// -- one clock for lanes with times of their own: t = from + s span -----------------------------------------------

static const double *times_at(wn_solver *solver, double s) {
  for (int lane = 0; lane < solver->width; lane++)
    solver->inner[lane] = solver->is_mapped ? solver->from[lane] + s * solver->span[lane] : s;
  return solver->inner;
}

// every lane's slope, or row of the Jacobian, is as many times steeper as its span is longer
static void stretch(const wn_solver *solver, int n, double *block) {
  if (!solver->is_mapped) return;
  for (int i = 0; i < n; i++)
    for (int lane = 0; lane < solver->width; lane++) block[i * solver->width + lane] *= solver->span[lane];
}

static int shared_rhs(void *context, double s, const double *y, double *dy) {
  wn_solver *solver = context;
  const int failed = solver->system.rhs(solver->system.context, times_at(solver, s), y, dy);
  stretch(solver, solver->n_state, dy);
  return failed;
}

static int shared_jacobian(void *context, double s, const double *y, double *values) {
  wn_solver *solver = context;
  const int failed = solver->system.jacobian(solver->system.context, times_at(solver, s), y, values);
  stretch(solver, solver->system.n_nz, values);
  return failed;
}

static wn_status create_one_clock(wn_solver *solver, wn_error *err) {
  const wn_system *system = &solver->system;
  const wn_shared_system shared = {.n_state = system->n_state,
                                   .width = system->width,
                                   .rhs = shared_rhs,
                                   .jacobian = system->jacobian ? shared_jacobian : NULL,
                                   .n_nz = system->n_nz,
                                   .row = system->row,
                                   .col = system->col,
                                   .lu = system->lu,
                                   .is_linear = system->is_linear,
                                   .context = solver};
  return solver->type->one_clock->create(&shared, &solver->def, &solver->self, err);
}

static wn_status create_own_clocks(wn_solver *solver, wn_error *err) {
  wn_system system = solver->system;
  // on one clock, all lanes take the same steps
  if (!solver->def.own_clocks) system.group = solver->one_group;
  return solver->type->own_clocks->create(&system, &solver->def, &solver->self, err);
}

static wn_status allocate(wn_solver *solver, wn_error *err) {
  const size_t width = ((size_t)solver->width + 7) / 8 * 8;
  solver->slab = wn_alloc_doubles(6 * width + (size_t)solver->n_state * width);
  solver->one_group = wn_alloc(width * sizeof(int));
  if (!solver->slab || !solver->one_group) return wn_fail_memory(err);
  double **part[] = {&solver->from, &solver->to, &solver->span, &solver->time, &solver->before, &solver->inner};
  for (int k = 0; k < 6; k++) *part[k] = solver->slab + (size_t)k * width;
  solver->scratch = solver->slab + 6 * width;
  return WN_OK;
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
  *made = (wn_solver){.type = type, .def = *def, .system = *system, .n_state = system->n_state, .width = system->width};
  wn_status status = allocate(made, err);
  if (!status) status = type->one_clock ? create_one_clock(made, err) : create_own_clocks(made, err);
  if (status) {
    wn_solver_destroy(made);
    return status;
  }
  *solver = made;
  return WN_OK;
}

void wn_solver_destroy(wn_solver *solver) {
  if (!solver) return;
  const wn_solver_type *type = solver->type;
  if (solver->self) (type->one_clock ? type->one_clock->destroy : type->own_clocks->destroy)(solver->self);
  wn_free(solver->slab);
  wn_free(solver->one_group);
  wn_free(solver);
}

// -- all lanes on one clock ---------------------------------------------------------------------------------------

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

static void fill(double *row, int n, double value) {
  for (int i = 0; i < n; i++) row[i] = value;
}

// one clock reading s for all lanes; those with own clocks are sent to the end when it is known
static wn_status restart_at(wn_solver *solver, double s, const double *y, wn_error *err) {
  solver->s_restart = solver->s_previous = solver->s_now = s;
  solver->n_step = 0;
  solver->is_started = solver->is_still = true;
  if (solver->type->one_clock) return solver->type->one_clock->restart(solver->self, s, y, err);
  fill(solver->from, solver->width, s);
  solver->type->own_clocks->begin(solver->self, NULL, solver->from, solver->from, y);
  return WN_OK;
}

wn_status wn_solver_restart(wn_solver *solver, double s, const double *y, wn_error *err) {
  assert(!solver->def.own_clocks);
  fill(solver->time, solver->width, s);
  WN_TRY(check_state(solver, NULL, solver->time, y, err));
  return restart_at(solver, s, y, err);
}

static wn_status too_many_steps(const wn_solver *solver, double now, double since, wn_error *err) {
  return wn_fail(err, WN_ERR_RUN,
                 "%s: max_steps = %ld reached at t = %.6g h, %.3g h after the last event; try a larger rtol, or "
                 "solver rosenbrock if this is not it",
                 solver->type->name, solver->def.max_steps, now, now - since);
}

// an integrator with own clocks on one: all lanes are of one group, so that they fail and succeed together
static wn_status step_together(wn_solver *solver, double s_stop, double *s_now, wn_error *err) {
  const wn_own_clocks *type = solver->type->own_clocks;
  fill(solver->to, solver->width, s_stop);
  type->begin(solver->self, NULL, NULL, solver->to, NULL);
  do WN_TRY(type->advance(solver->self, err));
  while (type->times(solver->self)[0] == solver->s_now);
  *s_now = type->times(solver->self)[0];
  return WN_OK;
}

wn_status wn_solver_step(wn_solver *solver, double s_stop, double *s_now, wn_error *err) {
  assert(solver->is_started && s_stop >= solver->s_now);
  *s_now = solver->s_previous = solver->s_now;
  if (solver->n_step >= solver->def.max_steps) return too_many_steps(solver, solver->s_now, solver->s_restart, err);
  // a gap of a few roundings is no interval to integrate over
  const double rounding = 4.0 * DBL_EPSILON * fmax(fabs(solver->s_now), fabs(s_stop));
  solver->is_still = s_stop - solver->s_now <= rounding;
  if (solver->is_still) {
    *s_now = s_stop;
  } else if (solver->type->one_clock) {
    WN_TRY(solver->type->one_clock->step(solver->self, s_stop, s_now, err));
    solver->n_step++;
  } else {
    WN_TRY(step_together(solver, s_stop, s_now, err));
    solver->n_step++;
  }
  solver->s_now = *s_now;
  return WN_OK;
}

const double *wn_solver_state(wn_solver *solver) {
  const wn_solver_type *type = solver->type;
  return type->one_clock ? type->one_clock->state(solver->self) : type->own_clocks->state(solver->self);
}

double wn_solver_previous(const wn_solver *solver) { return solver->s_previous; }

static void copy_state(wn_solver *solver, double *y) {
  memcpy(y, wn_solver_state(solver), (size_t)solver->n_state * (size_t)solver->width * sizeof(double));
}

void wn_solver_dense(wn_solver *solver, double s, double *y) {
  // the end of the step is the state itself, bit for bit
  if (solver->is_still || s >= solver->s_now) {
    copy_state(solver, y);
    return;
  }
  const double within = fmax(s, solver->s_previous);
  if (solver->type->one_clock) {
    solver->type->one_clock->dense(solver->self, within, y);
    return;
  }
  fill(solver->inner, solver->width, within);
  solver->type->own_clocks->look(solver->self, solver->inner, y);
}

// -- lanes on clocks of their own ---------------------------------------------------------------------------------

bool wn_solver_has_own_clocks(const wn_solver *solver) { return solver->type->own_clocks != NULL; }

bool wn_solver_is_paced(const char *name) {
  const wn_solver_type *type = NULL;
  return !find_type(name, &type, NULL) && type->own_clocks;
}

bool wn_solver_is_serial(const char *name) {
  const wn_solver_type *type = NULL;
  return !find_type(name, &type, NULL) && type->is_serial;
}

// Lanes that agree keep the hours themselves for s: nothing is rounded on the way.
static wn_status begin_mapped(wn_solver *solver, const double *from, const double *to, const double *y, wn_error *err) {
  const size_t size = (size_t)solver->width * sizeof(double);
  memcpy(solver->from, from, size);
  memcpy(solver->to, to, size);
  memcpy(solver->time, from, size);
  memcpy(solver->before, from, size);
  solver->is_mapped = false;
  for (int lane = 0; lane < solver->width; lane++) {
    solver->span[lane] = to[lane] - from[lane];
    solver->is_mapped |= from[lane] != from[0] || to[lane] != to[0];
  }
  return restart_at(solver, solver->is_mapped ? 0.0 : from[0], y, err);
}

wn_status wn_solver_begin(wn_solver *solver, const bool *which, const double *from, const double *to, const double *y,
                          wn_error *err) {
  assert(solver->def.own_clocks);
  WN_TRY(check_state(solver, which, from, y, err));
  if (solver->type->one_clock) return begin_mapped(solver, from, to, y, err);
  solver->type->own_clocks->begin(solver->self, which, from, to, y);
  return WN_OK;
}

void wn_solver_renew(wn_solver *solver, const bool *which) {
  assert(solver->type->own_clocks);
  solver->type->own_clocks->renew(solver->self, which);
}

// where each lane is when the one clock reads s; at the end exactly there
static void place(wn_solver *solver, double s, double s_stop) {
  for (int lane = 0; lane < solver->width; lane++) {
    solver->before[lane] = solver->time[lane];
    if (s >= s_stop) {
      solver->time[lane] = solver->to[lane];
    } else {
      solver->time[lane] = solver->is_mapped ? solver->from[lane] + s * solver->span[lane] : s;
    }
  }
}

wn_status wn_solver_advance(wn_solver *solver, wn_error *err) {
  if (solver->type->own_clocks) return solver->type->own_clocks->advance(solver->self, err);
  const double s_stop = solver->is_mapped ? 1.0 : solver->to[0];
  double s_now;
  WN_TRY(wn_solver_step(solver, s_stop, &s_now, err));
  place(solver, s_now, s_stop);
  return WN_OK;
}

const double *wn_solver_times(const wn_solver *solver) {
  return solver->type->own_clocks ? solver->type->own_clocks->times(solver->self) : solver->time;
}

const double *wn_solver_previously(const wn_solver *solver) {
  return solver->type->own_clocks ? solver->type->own_clocks->previously(solver->self) : solver->before;
}

// what the one clock reads when a lane is at a time within its part of the last step
static double clock_of(const wn_solver *solver, int lane, double time) {
  if (time >= solver->time[lane]) return solver->s_now;
  const double t = fmax(time, solver->before[lane]);
  const double s = solver->is_mapped ? (t - solver->from[lane]) / solver->span[lane] : t;
  return fmin(fmax(s, solver->s_previous), solver->s_now);
}

// one clock knows all lanes at one s: lanes asked for the same s are read together
static void look_mapped(wn_solver *solver, const double *time, double *y) {
  const int width = solver->width;
  bool same = true;
  for (int lane = 0; lane < width; lane++) {
    solver->inner[lane] = clock_of(solver, lane, time[lane]);
    same &= solver->inner[lane] == solver->inner[0];
  }
  wn_solver_dense(solver, solver->inner[0], y);
  if (same) return;
  for (int lane = 1; lane < width; lane++) {
    wn_solver_dense(solver, solver->inner[lane], solver->scratch);
    for (int i = 0; i < solver->n_state; i++) y[i * width + lane] = solver->scratch[i * width + lane];
  }
}

void wn_solver_look(wn_solver *solver, const double *time, double *y) {
  if (solver->type->own_clocks) {
    solver->type->own_clocks->look(solver->self, time, y);
  } else {
    look_mapped(solver, time, y);
  }
}

void wn_solver_look_at(wn_solver *solver, int n, const int *lane, const double *time, double *const *y) {
  if (solver->type->own_clocks) {
    solver->type->own_clocks->look_at(solver->self, n, lane, time, y);
    return;
  }
  double last = NAN;
  for (int k = 0; k < n; k++) {
    const double s = clock_of(solver, lane[k], time[k]);
    if (s != last) wn_solver_dense(solver, s, solver->scratch);
    last = s;
    for (int i = 0; i < solver->n_state; i++) y[k][i] = solver->scratch[i * solver->width + lane[k]];
  }
}

void wn_solver_dense_many(wn_solver *solver, int n, const double *s, double *y) {
  const size_t size = (size_t)solver->n_state * (size_t)solver->width;
  int first = 0, last = n;
  // what is not inside the step is a state itself
  while (first < n && s[first] <= solver->s_previous) first++;
  while (last > first && (solver->is_still || s[last - 1] >= solver->s_now)) last--;
  const wn_own_clocks *type = solver->type->own_clocks;
  if (!type || !type->ahead) first = last;
  for (int k = 0; k < n; k++)
    if (k < first || k >= last) wn_solver_dense(solver, s[k], y + (size_t)k * size);
  if (first < last) type->ahead(solver->self, last - first, s + first, true, y + (size_t)first * size);
}

bool wn_solver_ahead(wn_solver *solver, int n, const double *time, bool is_shared, double *y) {
  const wn_own_clocks *type = solver->type->own_clocks;
  return type && type->ahead && type->ahead(solver->self, n, time, is_shared, y);
}

int wn_solver_worst(const wn_solver *solver, int *state, int *lane) {
  const wn_solver_type *type = solver->type;
  return (type->one_clock ? type->one_clock->worst : type->own_clocks->worst)(solver->self, state, lane);
}

void wn_solver_stats_get(wn_solver *solver, wn_solver_stats *stats) {
  const wn_solver_type *type = solver->type;
  (type->one_clock ? type->one_clock->stats : type->own_clocks->stats)(solver->self, stats);
}

void wn_solver_lane_stats(wn_solver *solver, int lane, wn_solver_stats *stats) {
  if (solver->type->own_clocks) {
    solver->type->own_clocks->lane_stats(solver->self, lane, stats);
  } else {
    wn_solver_stats_get(solver, stats);
  }
}

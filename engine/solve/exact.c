// exact.c - linear equations with constant coefficients, propagated by matrix exponentials: no tolerance, no error but
// rounding, each lane on its own clock. From one beginning to where it is to end, the state comes in a single jump; so
// it does not depend on who looks on. Must not know what an event is.
#include "solve/exact.h"
#include "base/memory.h"
#include <math.h>
#include <string.h>

typedef wn_exact_lanes exact;

static void destroy(void *self) {
  exact *x = self;
  wn_propagator_free(&x->propagator);
  wn_free(x->slab);
  wn_free(x->is_fresh);
  wn_free(x->n_step);
  wn_free(x);
}

static size_t lay_out(exact *x, double *slab) {
  const size_t width = ((size_t)x->system.width + 7) / 8 * 8, n = (x->n + 7) / 8 * 8;
  double **row[] = {&x->time,   &x->before,  &x->end,    &x->origin,  &x->t,     &x->t_start, &x->length,
                    &x->walked, &x->fastest, &x->wanted, &x->hair,    &x->asked, &x->read_at, &x->seen,
                    &x->from,   &x->to,      &x->h,      &x->h_first, &x->bad,   &x->trial,   &x->span};
  double **block[] = {&x->nothing, &x->b,         &x->y,     &x->start, &x->finish, &x->by_quadrature,
                      &x->value,   &x->increment, &x->there, &x->at,    &x->found,  &x->read};
  size_t at = 0;
  for (size_t i = 0; i < sizeof row / sizeof *row; i++, at += width) *row[i] = slab ? slab + at : NULL;
  for (size_t i = 0; i < sizeof block / sizeof *block; i++, at += n) *block[i] = slab ? slab + at : NULL;
  for (int i = 0; i < WN_N_LOOK; i++, at += n) x->look[i] = slab ? slab + at : NULL;
  x->values = slab ? slab + at : NULL;
  return at + ((size_t)x->system.n_nz * (size_t)x->system.width + 7) / 8 * 8;
}

static bool allocate(exact *x) {
  const size_t width = (size_t)x->system.width;
  if (!wn_propagator_init(&x->propagator, &x->system)) return false;
  x->slab = wn_alloc_doubles(lay_out(x, NULL));
  x->is_fresh = wn_alloc(5 * width * sizeof *x->is_fresh);
  x->n_step = wn_alloc(2 * width * sizeof *x->n_step);
  if (!x->slab || !x->is_fresh || !x->n_step) return false;
  lay_out(x, x->slab);
  x->is_planned = x->is_fresh + width, x->moves = x->is_planned + width, x->changed = x->moves + width;
  x->always = x->changed + width;
  for (size_t lane = 0; lane < width; lane++) x->always[lane] = true;
  x->n_begun = x->n_step + width;
  return true;
}

static wn_status create(const wn_system *system, const wn_solver_def *def, void **self, wn_error *err) {
  if (!system->is_linear)
    return wn_fail(err, WN_ERR_USER,
                   "solver exact: expected linear equations with constant coefficients, which these are not; try "
                   "solver auto");
  if (!system->jacobian)
    return wn_fail(err, WN_ERR_USER,
                   "solver exact: needs the Jacobian, which this system has not; try solver explicit");
  if (system->n_state > WN_EXACT_MOST_STATE)
    return wn_fail(err, WN_ERR_USER, "solver exact: expected at most %d states, got %d; try solver auto",
                   WN_EXACT_MOST_STATE, system->n_state);
  exact *x = wn_alloc(sizeof *x);
  if (!x) return wn_fail_memory(err);
  *x = (exact){.system = *system, .def = *def, .bad_state = -1, .bad_lane = -1};
  x->n = (size_t)system->n_state * (size_t)system->width;
  if (!allocate(x)) {
    destroy(x);
    return wn_fail_memory(err);
  }
  *self = x;
  return WN_OK;
}

// ---- beginnings ----

static void begin_lane(exact *x, int lane, double from, const double *y) {
  x->time[lane] = x->before[lane] = x->origin[lane] = from;
  x->t[lane] = x->t_start[lane] = 0.0;
  x->is_fresh[lane] = x->any_fresh = true;
  x->n_begun[lane]++;
  for (size_t i = (size_t)lane; i < x->n; i += (size_t)x->system.width) x->y[i] = x->start[i] = y[i];
}

static void begin(void *self, const bool *which, const double *from, const double *to, const double *y) {
  exact *x = self;
  if (from) {
    x->stats.n_restart++;
    x->bad_state = x->bad_lane = -1;
  }
  for (int lane = 0; lane < x->system.width; lane++) {
    if (which && !which[lane]) continue;
    if (from) begin_lane(x, lane, from[lane], y);
    if (from || x->end[lane] != to[lane]) x->is_planned[lane] = false, x->any_unplanned = true;
    x->end[lane] = to[lane];
  }
  x->has_read = x->has_pieces = false;
}

static void renew(void *self, const bool *which) {
  exact *x = self;
  wn_propagator_forget(&x->propagator, which);
  for (int lane = 0; lane < x->system.width; lane++)
    if (which[lane]) x->n_step[lane] = x->n_begun[lane] = 0, x->h_first[lane] = 0.0;
}

// note the first that is not finite in lanes of `which`
static bool is_finite(exact *x, const bool *which, const double *block, int n_row, const int *row) {
  const int width = x->system.width;
  for (int i = 0; i < n_row; i++) {
    // x * 0 is 0 for finite numbers only
    double sum = 0.0;
    for (int lane = 0; lane < width; lane++) sum += block[i * width + lane] * 0.0;
    for (int lane = 0; sum != 0.0 && lane < width; lane++) {
      if (isfinite(block[i * width + lane]) || !which[lane]) continue;
      x->bad_state = row ? row[i] : i;
      x->bad_lane = lane;
      return false;
    }
  }
  return true;
}

// A and b of lanes that have just begun: the Jacobian, and the derivatives of nothing
static wn_status read_coefficients(exact *x, wn_error *err) {
  const wn_system *system = &x->system;
  x->stats.n_jacobian++, x->stats.n_rhs++;
  bool failed = system->rhs(system->context, x->time, x->nothing, x->b) != 0;
  if (!failed || is_finite(x, x->is_fresh, x->b, system->n_state, NULL))
    failed |= system->jacobian(system->context, x->time, x->y, x->values) != 0;
  const bool is_good = is_finite(x, x->is_fresh, x->b, system->n_state, NULL) &&
                       is_finite(x, x->is_fresh, x->values, system->n_nz, system->row);
  if (failed || !is_good) {
    const double now = x->time[x->bad_lane < 0 ? 0 : x->bad_lane];
    if (failed) return wn_fail(err, WN_ERR_RUN, "exact: the equations are not finite at t = %.6g h", now);
    return wn_fail(err, WN_ERR_RUN, "exact: the equation of state %d is not finite at t = %.6g h (lane %d)",
                   x->bad_state, now, x->bad_lane);
  }
  wn_propagator_set(&x->propagator, x->is_fresh, x->values, x->b, x->changed);
  for (int lane = 0; lane < system->width; lane++) {
    if (x->changed[lane]) x->h_first[lane] = 0.0;
    x->is_fresh[lane] = false;
  }
  memcpy(x->fastest, x->propagator.norm, (size_t)system->width * sizeof(double));
  wn_exact_join(x, x->fastest, true);
  wn_exact_join(x, x->h_first, false);
  x->any_fresh = false;
  return WN_OK;
}

// ---- a stretch ----

static wn_status check_length(exact *x, int lane, wn_error *err) {
  const double norm = x->propagator.norm[lane];
  if (norm * x->length[lane] <= WN_EXPM_MAX) return WN_OK;
  return wn_fail(err, WN_ERR_RUN,
                 "exact: the fastest mode, %.3g 1/h, is too fast for the %.3g h from t = %.6g h on; try solver bdf",
                 norm, x->length[lane], x->time[lane]);
}

// new stretches of lanes that go on, from where they are now: at their ends at once
static wn_status plan(exact *x, wn_error *err) {
  const int width = x->system.width;
  bool any = false, all = true;
  for (int lane = 0; lane < width; lane++) {
    x->moves[lane] = !x->is_planned[lane] && x->time[lane] < x->end[lane];
    any |= x->moves[lane], all &= x->moves[lane];
    x->wanted[lane] = 0.0;
    if (!x->moves[lane]) continue;
    x->origin[lane] = x->time[lane], x->t[lane] = 0.0;
    x->length[lane] = x->wanted[lane] = x->end[lane] - x->time[lane];
    WN_TRY(check_length(x, lane, err));
    x->is_planned[lane] = true;
    x->hair[lane] = wn_hair(x->origin[lane], x->end[lane]);
  }
  x->any_unplanned = false;
  if (!any) return WN_OK;
  // (start is free: the last step is over)
  memcpy(x->start, x->y, x->n * sizeof(double));
  double *to = all ? x->finish : x->look[0];
  wn_propagator_move(&x->propagator, &x->propagator.jumps, x->wanted, x->hair, x->always, x->start, to);
  for (size_t i = 0; !all && i < x->n; i += (size_t)width)
    for (int lane = 0; lane < width; lane++)
      if (x->moves[lane]) x->finish[i + (size_t)lane] = to[i + (size_t)lane];
  if (!is_finite(x, x->moves, x->finish, x->system.n_state, NULL))
    return wn_fail(err, WN_ERR_RUN, "exact: state %d grows without bound between t = %.6g h and %.6g h (lane %d)",
                   x->bad_state, x->time[x->bad_lane], x->end[x->bad_lane], x->bad_lane);
  for (int lane = 0; lane < width; lane++)
    if (x->moves[lane]) x->walked[lane] = x->wanted[lane];
  return WN_OK;
}

// ---- steps ----

// where each lane that goes on steps to; those that do not reach their ends -> wanted. Whether there are any.
static bool choose_ends(exact *x) {
  bool any = false;
  for (int lane = 0; lane < x->system.width; lane++) {
    x->before[lane] = x->time[lane];
    x->wanted[lane] = 0.0;
    if (!x->moves[lane]) continue;
    const double rest = x->length[lane] - x->t[lane], h = x->def.max_step > 0.0 ? x->def.max_step : rest;
    x->t_start[lane] = x->t[lane];
    x->n_step[lane]++;
    // no sliver at the end that the clock cannot tell from nothing
    if (h >= rest || !(x->origin[lane] + (x->t[lane] + h) < x->end[lane])) {
      x->t[lane] = x->length[lane], x->time[lane] = x->end[lane];
      continue;
    }
    x->wanted[lane] = h, any = true;
    x->t[lane] += h, x->time[lane] = x->origin[lane] + x->t[lane];
  }
  return any;
}

static wn_status advance(void *self, wn_error *err) {
  exact *x = self;
  const int width = x->system.width;
  if (x->any_fresh) WN_TRY(read_coefficients(x, err));
  if (x->any_unplanned) WN_TRY(plan(x, err));
  bool any = false;
  for (int lane = 0; lane < width; lane++) any |= x->moves[lane] = x->time[lane] < x->end[lane];
  x->has_read = x->has_pieces = false;
  memcpy(x->start, x->y, x->n * sizeof(double));
  if (!any) return memcpy(x->before, x->time, (size_t)width * sizeof(double)), WN_OK;
  x->stats.n_step++;
  if (choose_ends(x)) wn_propagator_jump(&x->propagator, x->wanted, x->start, x->y);
  for (size_t i = 0; i < x->n; i += (size_t)width)
    for (int lane = 0; lane < width; lane++)
      if (x->wanted[lane] == 0.0)
        x->y[i + (size_t)lane] = x->moves[lane] ? x->finish[i + (size_t)lane] : x->start[i + (size_t)lane];
  return WN_OK;
}

// ---- looking ----

static void look(void *self, const double *time, double *y) {
  exact *x = self;
  const int width = x->system.width;
  bool any = false;
  for (int lane = 0; lane < width; lane++) {
    const double at = time[lane] - x->origin[lane] - x->t_start[lane];
    x->wanted[lane] = time[lane] < x->time[lane] ? fmax(at, 0.0) : 0.0;
    x->hair[lane] = wn_hair(x->origin[lane], time[lane]);
    any |= x->wanted[lane] > 0.0;
  }
  double *at = x->at;
  if (any) wn_propagator_move(&x->propagator, &x->propagator.looks, x->wanted, x->hair, NULL, x->start, at);
  for (size_t i = 0, lane = 0; i < x->n; i++, lane = lane + 1 < (size_t)width ? lane + 1 : 0) {
    y[i] = time[lane] >= x->time[lane] ? x->y[i] : any && time[lane] > x->before[lane] ? at[i] : x->start[i];
  }
}

static void look_at(void *self, int n, const int *lane, const double *time, double *const *y) {
  exact *x = self;
  const int width = x->system.width, n_state = x->system.n_state;
  // as many as are of different lanes at once
  for (int first = 0, end; first < n; first = end) {
    memcpy(x->asked, x->time, (size_t)width * sizeof(double));
    memset(x->changed, 0, (size_t)width * sizeof *x->changed);
    for (end = first; end < n && !x->changed[lane[end]]; end++)
      x->changed[lane[end]] = true, x->asked[lane[end]] = time[end];
    look(x, x->asked, x->found);
    for (int k = first; k < end; k++)
      for (int i = 0; i < n_state; i++) y[k][i] = x->found[i * width + lane[k]];
  }
}

// lanes that go back to before what they read last read from the beginning of their step again
static void rewind_reading(exact *x, const double *time, bool is_shared) {
  const int width = x->system.width;
  for (int lane = 0; lane < width; lane++) {
    const double at = time[is_shared ? 0 : lane] - x->origin[lane];
    if (x->has_read && !(at < x->read_at[lane] - wn_hair(x->origin[lane], x->origin[lane] + at))) continue;
    x->read_at[lane] = x->t_start[lane];
    for (size_t i = (size_t)lane; i < x->n; i += (size_t)width) x->read[i] = x->start[i];
  }
  x->has_read = true;
}

static bool ahead(void *self, int n, const double *time, bool is_shared, double *y) {
  exact *x = self;
  if (x->any_fresh || x->any_unplanned) return false;
  if (n == 0) return true;
  rewind_reading(x, time, is_shared);
  wn_propagator_march(&x->propagator, x->origin, x->read_at, x->read, n, time, is_shared, y);
  memcpy(x->read, y + (size_t)(n - 1) * x->n, x->n * sizeof(double));
  return true;
}

// ---- what else is asked ----

static int worst(void *self, int *state, int *lane) {
  const exact *x = self;
  *state = x->bad_state;
  *lane = x->bad_lane;
  return x->bad_state >= 0;
}

static const double *state_of(void *self) { return ((exact *)self)->y; }
static const double *times(void *self) { return ((exact *)self)->time; }
static const double *previously(void *self) { return ((exact *)self)->before; }

static void stats(void *self, wn_solver_stats *out) {
  const exact *x = self;
  *out = x->stats;
  out->n_factor = x->propagator.n_exponential;
}

static void lane_stats(void *self, int lane, wn_solver_stats *out) {
  const exact *x = self;
  const long n = x->n_begun[lane];
  *out = (wn_solver_stats){.n_step = x->n_step[lane],
                           .n_rhs = n,
                           .n_jacobian = n,
                           .n_factor = wn_propagator_n_span(&x->propagator, lane),
                           .n_restart = n};
}

const wn_integrator wn_exact = {.create = create,
                                .destroy = destroy,
                                .begin = begin,
                                .advance = advance,
                                .worst = worst,
                                .state = state_of,
                                .times = times,
                                .previously = previously,
                                .look = look,
                                .look_at = look_at,
                                .ahead = ahead,
                                .nodes = wn_exact_nodes,
                                .renew = renew,
                                .stats = stats,
                                .lane_stats = lane_stats};

// exact.c - linear equations with constant coefficients, propagated by matrix exponentials: no tolerance, no error but
// rounding, each lane on its own clock. From one beginning to where it is to end, the state comes in a single jump; so
// it does not depend on who looks on. Steps in between are there to be observed only: each is short enough for the five
// nodes at which its caller looks. Must not know what an event is.
#include "base/memory.h"
#include "solve/propagator.h"
#include "solve/types.h"
#include <math.h>
#include <string.h>

// What the nodes may lose in a step: quadrature, of a state's integral over the stretch; the quartic through the nodes,
// of a state where it turns.
static const double QUADRATURE = 1e-11, QUARTIC = 1e-10;

// Errors from differences over an eighth of a step h: of the quadrature, h f^(8) h^8 3.6e-7 / 2^9 (Abramowitz & Stegun
// 25.4.32); of the quartic, f^(5) (h/2)^5 / 5! times the largest |x (x^2 - 3/7) (x^2 - 1)| of [-1, 1], 0.0941.
static const double BY_QUADRATURE = 0.0118, BY_QUARTIC = 0.803;

typedef struct exact {
  wn_system system;
  wn_solver_def def;
  wn_propagator propagator;
  size_t n;  // doubles in a block
  double *slab;
  // rows. A stretch goes from a beginning, or where the end was changed, to the end
  double *time, *before, *end;   // where lanes are, were before the last call, are to end
  double *origin, *t, *t_start;  // where the stretch began; now and where the last step began, since then
  double *length, *h, *h_first;  // of the stretch; its steps; the first of the last stretch. Powers of two; 0 unknown
  double *fastest;               // norm of A, of a group the largest
  double *bad, *trial, *wanted, *hair;  // scratch
  double *read_at;                      // since the origin: where the last row that was read ahead is
  double *nothing;                      // no state at all, a block
  double *values, *b;                   // [n_nz][width], [n_state][width] as the callbacks give them
  // blocks
  double *y, *start, *finish;          // now, where the last step began, at the end
  double *by_quadrature;               // error of a state's integral -> share of what it may be
  double *look[WN_N_LOOK], *slope[2];  // along a step, and at its ends
  double *increment;                   // P b of an eighth
  double *read;                        // the last row that was read ahead
  bool *is_fresh, *is_planned;         // begun but not evaluated; finish and the stretch are there
  bool *moves, *changed, *always;      // scratch
  bool any_fresh, any_unplanned, has_read;
  long *n_step, *n_begun;   // of each lane since it was made or renewed
  int bad_state, bad_lane;  // where it was not finite, -1 nowhere
  wn_solver_stats stats;
} exact;

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
  double **row[] = {&x->time,    &x->before, &x->end,   &x->origin, &x->t,    &x->t_start, &x->length, &x->h,
                    &x->h_first, &x->bad,    &x->trial, &x->wanted, &x->hair, &x->read_at, &x->fastest};
  double **block[] = {&x->nothing,       &x->b,         &x->y,        &x->start,    &x->finish,
                      &x->by_quadrature, &x->increment, &x->slope[0], &x->slope[1], &x->read};
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
  x->has_read = false;
}

static void renew(void *self, const bool *which) {
  exact *x = self;
  wn_propagator_forget(&x->propagator, which);
  for (int lane = 0; lane < x->system.width; lane++)
    if (which[lane]) x->n_step[lane] = x->n_begun[lane] = 0, x->h_first[lane] = 0.0;
}

// lanes of a group share their steps: they agree on the largest, or the smallest, of a row
static void join(const exact *x, double *row, bool largest) {
  const int *group = x->system.group;
  for (int lane = 0; group && lane < x->system.width; lane++) {
    double *of = &row[group[lane]];
    if (largest ? row[lane] > *of : row[lane] < *of) *of = row[lane];
  }
  for (int lane = 0; group && lane < x->system.width; lane++) row[lane] = row[group[lane]];
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
  join(x, x->fastest, true);
  join(x, x->h_first, false);
  x->any_fresh = false;
  return WN_OK;
}

// ---- a stretch ----

// What an error of each state's integral is measured against: the integral over the stretch, P y plus about half of
// what the input adds; but no less than what a value at its ends leaves behind when it dies out as fast as it can.
static void weigh(exact *x, const wn_kept *kept) {
  const wn_propagator *p = &x->propagator;
  const size_t width = (size_t)p->width;
  double *integral = x->look[1];
  for (size_t i = 0; i < x->n; i += width)
    for (size_t lane = 0; lane < width; lane++)
      x->look[0][i + lane] = x->start[i + lane] + 0.25 * x->wanted[lane] * p->b[i + lane];
  p->ops->apply(&p->reach.to, p->width, NULL, kept->P, x->look[0], NULL, integral);
  for (size_t i = 0, lane = 0; i < x->n; i++, lane = lane + 1 < width ? lane + 1 : 0) {
    if (!x->moves[lane]) continue;
    const double fastest = fmax(p->norm[lane], 1.0 / x->length[lane]);
    const double size = fmax(fabs(integral[i]), fmax(fabs(x->start[i]), fabs(x->finish[i])) / fastest);
    // a state that is 0 throughout has no error
    x->by_quadrature[i] = size > 1e-290 ? BY_QUADRATURE / (QUADRATURE * size) : 0.0;
  }
}

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
    x->h[lane] = x->h_first[lane];
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
  if (x->def.observed) weigh(x, wn_propagator_exponential(&x->propagator, x->wanted));
  return WN_OK;
}

// ---- steps to be observed ----

// how badly steps of lengths h from here would be resolved -> bad; 1 is just good enough
static void look_ahead(exact *x, const double *h, double *bad) {
  wn_propagator *p = &x->propagator;
  for (int lane = 0; lane < p->width; lane++) x->wanted[lane] = x->moves[lane] ? h[lane] / (WN_N_LOOK - 1) : 0.0;
  const wn_kept *kept = wn_propagator_exponential(p, x->wanted);
  memcpy(x->look[0], x->y, x->n * sizeof(double));
  if (p->is_forced) p->ops->apply(&p->reach.to, p->width, NULL, kept->P, p->b, NULL, x->increment);
  const double *base = p->is_forced ? x->increment : NULL;
  for (int i = 1; i < WN_N_LOOK; i++)
    p->ops->apply(&p->reach.to, p->width, NULL, kept->E, x->look[i - 1], base, x->look[i]);
  for (int i = 0; i < 2; i++)
    p->ops->apply(&p->reach.from, p->width, NULL, p->A, x->look[i * (WN_N_LOOK - 1)], p->is_forced ? p->b : NULL,
                  x->slope[i]);
  p->ops->unresolved(p->n_state, p->width, (const double *const *)x->look, (const double *const *)x->slope, h,
                     x->by_quadrature, BY_QUARTIC / QUARTIC, bad);
  join(x, bad, true);
}

static double most_step(const exact *x) { return x->def.max_step > 0.0 ? x->def.max_step : INFINITY; }

// the step of a lane that has none to go by
static double first_step(const exact *x, int lane, double rest) {
  const double norm = x->fastest[lane];
  return wn_power_of_two(fmin(fmin(rest, most_step(x)), norm > 0.0 ? 0.5 / norm : INFINITY));
}

// lanes with steps too long for what is to be seen: half of them
static bool shorten(exact *x) {
  static const double FINEST = 1.0 / 64;
  bool any = false;
  for (int lane = 0; lane < x->system.width; lane++) {
    if (!x->moves[lane] || !(x->bad[lane] > 1.0 && x->h[lane] * x->fastest[lane] > FINEST)) continue;
    x->h[lane] /= 2.0;
    any = true;
  }
  return any;
}

// lanes that may try twice their step, and did not try in vain (changed) -> trial
static bool lengthen(exact *x) {
  // the error falls like h^9: below 2^-8 a step of twice the length is worth a look
  static const double GROW = 1.0 / 256;
  bool any = false;
  for (int lane = 0; lane < x->system.width; lane++) {
    const double h = x->h[lane], rest = x->length[lane] - x->t[lane];
    const bool may = x->moves[lane] && !x->changed[lane] && x->bad[lane] <= GROW && h < rest &&
                     2.0 * h <= most_step(x) && fmod(x->t[lane], 2.0 * h) == 0.0;
    x->trial[lane] = may ? 2.0 * h : h;
    any |= may;
  }
  return any;
}

// Steps to be observed: powers of two hours on the lattice of their multiples, so that few exponentials serve all steps
// and most points of an output grid. They begin at the fastest mode and double as modes die out.
static void choose_steps(exact *x) {
  for (int lane = 0; lane < x->system.width; lane++)
    if (x->moves[lane] && !(x->h[lane] > 0.0)) x->h[lane] = first_step(x, lane, x->length[lane] - x->t[lane]);
  do look_ahead(x, x->h, x->bad);
  while (shorten(x));
  memset(x->changed, 0, (size_t)x->system.width * sizeof *x->changed);
  while (lengthen(x)) {
    look_ahead(x, x->trial, x->bad);
    for (int lane = 0; lane < x->system.width; lane++) {
      x->changed[lane] |= !(x->bad[lane] <= 1.0);
      if (!x->changed[lane]) x->h[lane] = x->trial[lane];
    }
  }
  for (int lane = 0; lane < x->system.width; lane++)
    if (x->moves[lane] && x->t[lane] == 0.0) x->h_first[lane] = x->h[lane];
}

// ---- steps ----

// where each lane that goes on steps to; those that do not reach their ends -> wanted. Whether there are any.
static bool choose_ends(exact *x) {
  bool any = false;
  for (int lane = 0; lane < x->system.width; lane++) {
    x->before[lane] = x->time[lane];
    x->wanted[lane] = 0.0;
    if (!x->moves[lane]) continue;
    const double rest = x->length[lane] - x->t[lane], most = x->def.max_step > 0.0 ? x->def.max_step : rest;
    const double h = x->def.observed ? x->h[lane] : most;
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
  x->has_read = false;
  memcpy(x->start, x->y, x->n * sizeof(double));
  if (!any) return memcpy(x->before, x->time, (size_t)width * sizeof(double)), WN_OK;
  x->stats.n_step++;
  if (x->def.observed) choose_steps(x);
  if (choose_ends(x)) wn_propagator_jump(&x->propagator, x->wanted, x->start, x->y);
  for (size_t i = 0; i < x->n; i += (size_t)width)
    for (int lane = 0; lane < width; lane++)
      if (x->moves[lane] && x->wanted[lane] == 0.0) x->y[i + (size_t)lane] = x->finish[i + (size_t)lane];
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
  double *at = x->look[0];
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
    memcpy(x->bad, x->time, (size_t)width * sizeof(double));
    memset(x->moves, 0, (size_t)width * sizeof *x->moves);
    for (end = first; end < n && !x->moves[lane[end]]; end++) x->moves[lane[end]] = true, x->bad[lane[end]] = time[end];
    look(x, x->bad, x->look[1]);
    for (int k = first; k < end; k++)
      for (int i = 0; i < n_state; i++) y[k][i] = x->look[1][i * width + lane[k]];
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
                                .renew = renew,
                                .stats = stats,
                                .lane_stats = lane_stats};

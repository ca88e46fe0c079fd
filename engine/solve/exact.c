// exact.c - linear equations with constant coefficients, propagated by matrix exponentials: no tolerance, no error but
// rounding. From one restart to where it is to stop, the state comes in a single jump; so it does not depend on who
// looks on, nor on the other lanes. Steps in between are there to be observed only: each is short enough for the five
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
  wn_shared_system system;
  wn_solver_def def;
  wn_propagator propagator;
  size_t n;  // doubles in a vector
  double *slab;
  double *values, *b;       // [n_nz][width], [n_state][width] as the callbacks give them
  double *y, *start, *end;  // now, where the last step began, at s_stop
  double *by_quadrature;    // [n_state][width]: error of a state's integral -> share of what it may be
  double *look[WN_N_LOOK];  // along a step
  double *slope[2];         // at the ends of a step
  double *increment;        // P b of an eighth
  double s_now;
  double s_origin, s_stop;    // the stretch: from the restart, or where s_stop was changed
  double t, t_start;          // now and where the last step began, since s_origin
  double h, h_first;          // steps of this stretch; the first of the last stretch. Powers of two; 0 unknown
  bool is_fresh, is_planned;  // restarted but not evaluated; end and the stretch are there
  int bad_state, bad_lane;    // where it was not finite, -1 nowhere
  wn_solver_stats stats;
} exact;

void wn_exact_destroy(void *self) {
  exact *x = self;
  wn_propagator_free(&x->propagator);
  wn_free(x->slab);
  wn_free(x);
}

static bool exact_allocate(exact *x) {
  if (!wn_propagator_init(&x->propagator, &x->system)) return false;
  const size_t n_value = ((size_t)x->system.n_nz * (size_t)x->system.width + 7) / 8 * 8, n = (x->n + 7) / 8 * 8;
  double **vectors[] = {&x->b, &x->y, &x->start, &x->end, &x->by_quadrature, &x->increment, &x->slope[0], &x->slope[1]};
  enum { N_VECTOR = sizeof vectors / sizeof *vectors };
  x->slab = wn_alloc_doubles(n_value + (N_VECTOR + WN_N_LOOK) * n);
  if (!x->slab) return false;
  x->values = x->slab;
  double *at = x->slab + n_value;
  for (int i = 0; i < N_VECTOR; i++, at += n) *vectors[i] = at;
  for (int i = 0; i < WN_N_LOOK; i++, at += n) x->look[i] = at;
  return true;
}

wn_status wn_exact_create(const wn_shared_system *system, const wn_solver_def *def, void **self, wn_error *err) {
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
  if (!exact_allocate(x)) {
    wn_exact_destroy(x);
    return wn_fail_memory(err);
  }
  *self = x;
  return WN_OK;
}

wn_status wn_exact_restart(void *self, double s, const double *y, wn_error *err) {
  (void)err;
  exact *x = self;
  memcpy(x->y, y, x->n * sizeof *y);
  memcpy(x->start, y, x->n * sizeof *y);
  x->s_now = x->s_origin = s;
  x->t = x->t_start = 0.0;
  x->is_fresh = true;
  x->is_planned = false;
  x->bad_state = x->bad_lane = -1;
  x->stats.n_restart++;
  return WN_OK;
}

// note the first that is not finite
static bool is_finite(exact *x, const double *block, int n_row, const int *row) {
  for (int i = 0; i < n_row * x->system.width; i++) {
    if (isfinite(block[i])) continue;
    x->bad_state = row ? row[i / x->system.width] : i / x->system.width;
    x->bad_lane = i % x->system.width;
    return false;
  }
  return true;
}

// A and b of this stretch: the Jacobian, and the derivatives of nothing
static wn_status read_coefficients(exact *x, double s, wn_error *err) {
  const wn_shared_system *system = &x->system;
  double *nothing = x->look[0];
  memset(nothing, 0, x->n * sizeof *nothing);
  x->stats.n_jacobian++, x->stats.n_rhs++;
  const bool failed = system->rhs(system->context, s, nothing, x->b) != 0;
  if (failed || !is_finite(x, x->b, system->n_state, NULL) ||
      system->jacobian(system->context, s, x->y, x->values) != 0 ||
      !is_finite(x, x->values, system->n_nz, system->row)) {
    if (x->bad_state < 0) is_finite(x, x->values, system->n_nz, system->row);
    if (x->bad_state < 0) return wn_fail(err, WN_ERR_RUN, "exact: the equations are not finite at t = %.6g h", s);
    return wn_fail(err, WN_ERR_RUN, "exact: the equation of state %d is not finite at t = %.6g h (lane %d)",
                   x->bad_state, s, x->bad_lane);
  }
  if (wn_propagator_set(&x->propagator, x->values, x->b)) x->h_first = 0.0;
  x->is_fresh = false;
  return WN_OK;
}

// What an error of each state's integral is measured against: the integral over the stretch, P y plus about half of
// what the input adds; but no less than what a value at its ends leaves behind when it dies out as fast as it can.
static void weigh(exact *x, const wn_kept *kept, double length) {
  const wn_propagator *p = &x->propagator;
  double *integral = x->look[1];
  memcpy(x->look[0], x->y, x->n * sizeof(double));
  if (p->is_forced) p->ops->add(x->n, 0.25 * length, p->b, x->look[0]);
  p->ops->apply(&p->reach.to, p->width, 1.0, kept->P, x->look[0], NULL, integral);
  for (size_t i = 0; i < x->n; i++) {
    const double fastest = fmax(p->norm[i % (size_t)p->width], 1.0 / length);
    const double size = fmax(fabs(integral[i]), fmax(fabs(x->y[i]), fabs(x->end[i])) / fastest);
    // a state that is 0 throughout has no error
    x->by_quadrature[i] = size > 1e-290 ? BY_QUADRATURE / (QUADRATURE * size) : 0.0;
  }
}

// a new stretch from where it is now
static wn_status plan(exact *x, double s_stop, wn_error *err) {
  const double s = x->s_now, length = s_stop - s;
  if (!(x->propagator.fastest * length <= WN_EXPM_MAX))
    return wn_fail(err, WN_ERR_RUN,
                   "exact: the fastest mode, %.3g 1/h, is too fast for the %.3g h from t = %.6g h on; try solver bdf",
                   x->propagator.fastest, length, s);
  x->s_origin = s, x->s_stop = s_stop;
  x->t = 0.0;
  wn_propagator_jump(&x->propagator, length, x->y, x->end);
  if (!is_finite(x, x->end, x->system.n_state, NULL))
    return wn_fail(err, WN_ERR_RUN, "exact: state %d grows without bound between t = %.6g h and %.6g h (lane %d)",
                   x->bad_state, s, s_stop, x->bad_lane);
  if (x->def.observed) weigh(x, wn_propagator_exponential(&x->propagator, length), length);
  x->h = x->h_first;
  x->is_planned = true;
  return WN_OK;
}

// how badly a step of length h from here would be resolved; 1 is just good enough
static double look(exact *x, double h) {
  wn_propagator *p = &x->propagator;
  const wn_kept *kept = wn_propagator_exponential(p, h / (WN_N_LOOK - 1));
  memcpy(x->look[0], x->y, x->n * sizeof(double));
  if (p->is_forced) p->ops->apply(&p->reach.to, p->width, 1.0, kept->P, p->b, NULL, x->increment);
  const double *base = p->is_forced ? x->increment : NULL;
  for (int i = 1; i < WN_N_LOOK; i++)
    p->ops->apply(&p->reach.to, p->width, 1.0, kept->E, x->look[i - 1], base, x->look[i]);
  for (int i = 0; i < 2; i++)
    p->ops->apply(&p->reach.from, p->width, 1.0, p->A, x->look[i * (WN_N_LOOK - 1)], p->is_forced ? p->b : NULL,
                  x->slope[i]);
  return p->ops->unresolved(x->n, (const double *const *)x->look, (const double *const *)x->slope, h, x->by_quadrature,
                            BY_QUARTIC / QUARTIC);
}

// A step to be observed: a power of two hours on the lattice of its multiples, so that few exponentials serve all steps
// and most points of an output grid. It begins at the fastest mode and doubles as modes die out.
static double choose_step(exact *x, double rest) {
  // the error falls like h^9: below 2^-8 a step of twice the length is worth a look
  static const double GROW = 1.0 / 256, FINEST = 1.0 / 64;
  const double fastest = x->propagator.fastest, most = x->def.max_step > 0.0 ? x->def.max_step : INFINITY;
  if (!(x->h > 0.0)) x->h = wn_power_of_two(fmin(fmin(rest, most), fastest > 0.0 ? 0.5 / fastest : INFINITY));
  double bad = look(x, x->h);
  while (bad > 1.0 && x->h * fastest > FINEST) {
    x->h /= 2.0;
    bad = look(x, x->h);
  }
  while (bad <= GROW && x->h < rest && 2.0 * x->h <= most && fmod(x->t, 2.0 * x->h) == 0.0) {
    bad = look(x, 2.0 * x->h);
    if (bad <= 1.0) x->h *= 2.0;
  }
  if (x->t == 0.0) x->h_first = x->h;
  return x->h;
}

wn_status wn_exact_step(void *self, double s_stop, double *s_now, wn_error *err) {
  exact *x = self;
  if (x->is_fresh) WN_TRY(read_coefficients(x, x->s_now, err));
  if (!x->is_planned || s_stop != x->s_stop) WN_TRY(plan(x, s_stop, err));
  memcpy(x->start, x->y, x->n * sizeof(double));
  x->t_start = x->t;
  const double length = s_stop - x->s_origin, rest = length - x->t;
  double h = x->def.max_step > 0.0 ? x->def.max_step : rest;
  if (x->def.observed) h = choose_step(x, rest);
  x->stats.n_step++;
  // no sliver at the end that the clock cannot tell from nothing
  if (h >= rest || !(x->s_origin + (x->t + h) < s_stop)) {
    memcpy(x->y, x->end, x->n * sizeof(double));
    x->t = length;
    *s_now = x->s_now = s_stop;
    return WN_OK;
  }
  wn_propagator_jump(&x->propagator, h, x->start, x->y);
  x->t += h;
  *s_now = x->s_now = x->s_origin + x->t;
  return WN_OK;
}

void wn_exact_dense(void *self, double s, double *y) {
  exact *x = self;
  double *at = x->look[0];
  const double hair = WN_HAIR(fmax(fabs(s), fabs(x->s_origin)));
  wn_propagator_walk(&x->propagator, fmax(s - x->s_origin - x->t_start, 0.0), hair, x->start, at);
  memcpy(y, at, x->n * sizeof *y);
}

void wn_exact_dense_many(void *self, int n, const double *s, double *y) {
  exact *x = self;
  wn_propagator_march(&x->propagator, x->s_origin + x->t_start, x->start, n, s, y);
}

int wn_exact_worst(void *self, int *state, int *lane) {
  const exact *x = self;
  *state = x->bad_state;
  *lane = x->bad_lane;
  return x->bad_state >= 0;
}

const double *wn_exact_state(void *self) { return ((exact *)self)->y; }

void wn_exact_stats(void *self, wn_solver_stats *stats) {
  const exact *x = self;
  *stats = x->stats;
  stats->n_factor = x->propagator.n_exponential;
}

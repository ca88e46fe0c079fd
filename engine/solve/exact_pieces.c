// exact_pieces.c - the last step of each lane in pieces whose nine equally spaced nodes say all there is to know
// between them, for whoever integrates states and looks for extremes and edges. Must not know how a lane came to where
// it is.
#include "solve/exact.h"
#include <math.h>
#include <string.h>

// What nine equally spaced points of a piece may lose: quadrature, of a state's integral over the step; the polynomial
// through them, of the state's largest value in it, where the state turns and where it does not.
static const double QUADRATURE = 1e-11, TURNING = 1e-10, MONOTONE = 1e-8;

// Errors from the eighth difference D of the points of a piece of length h: of closed Newton-Cotes quadrature, 6.3e-4 h
// times the tenth difference; of the polynomial, 0.016 times the ninth, near the ends. A difference is at most a
// quarter of the one before it where h is twice as long as the mode that makes it.
static const double BY_QUADRATURE = 4e-5, BY_POLYNOMIAL = 4e-3;

// lanes of a group share their steps: they agree on the largest, or the smallest, of a row
void wn_exact_join(const wn_exact_lanes *x, double *row, bool largest) {
  const int *group = x->system.group;
  for (int lane = 0; group && lane < x->system.width; lane++) {
    double *of = &row[group[lane]];
    if (largest ? row[lane] > *of : row[lane] < *of) *of = row[lane];
  }
  for (int lane = 0; group && lane < x->system.width; lane++) row[lane] = row[group[lane]];
}

// What an eighth difference is measured against: of each state, its integral over the step, P y plus about half of what
// the input adds, but no less than what a value at its ends leaves behind when it dies out as fast as it can; and its
// value at the ends of the step.
static void weigh(wn_exact_lanes *x) {
  wn_propagator *p = &x->propagator;
  const size_t width = (size_t)p->width;
  double *integral = x->look[1];
  const wn_kept *kept = wn_propagator_exponential(p, x->wanted);
  for (size_t i = 0; i < x->n; i += width)
    for (size_t lane = 0; lane < width; lane++)
      x->look[0][i + lane] = x->start[i + lane] + 0.25 * x->wanted[lane] * p->b[i + lane];
  p->ops->apply(&p->reach.to, p->width, NULL, kept->P, x->look[0], NULL, integral);
  for (size_t i = 0, lane = 0; i < x->n; i++, lane = lane + 1 < width ? lane + 1 : 0) {
    if (!(x->wanted[lane] > 0.0)) continue;
    const double norm = p->norm[lane], slowest = 1.0 / x->wanted[lane], fastest = norm > slowest ? norm : slowest;
    const double first = fabs(x->start[i]), last = fabs(x->y[i]), value = first > last ? first : last;
    const double size = fabs(integral[i]) > value / fastest ? fabs(integral[i]) : value / fastest;
    // a state that is 0 throughout has no error
    x->by_quadrature[i] = size > 1e-290 ? BY_QUADRATURE / (QUADRATURE * size) : 0.0;
    x->value[i] = value;
  }
}

// from the beginning of the last step on
static void begin(wn_exact_lanes *x) {
  for (int lane = 0; lane < x->system.width; lane++) {
    const bool moved = x->time[lane] > x->before[lane];
    const double length = x->t[lane] - x->t_start[lane];
    x->wanted[lane] = !moved ? 0.0 : length == x->length[lane] ? x->walked[lane] : length;
    x->seen[lane] = moved ? 0.0 : length;
    x->h[lane] = x->h_first[lane];
  }
  memcpy(x->there, x->start, x->n * sizeof(double));
  weigh(x);
  x->has_pieces = true;
}

static double rest_of(const wn_exact_lanes *x, int lane) { return x->t[lane] - x->t_start[lane] - x->seen[lane]; }

// Nodes of pieces of lengths h from here, or to the end where that is nearer -> look; how badly they are resolved ->
// bad. 1 is just good enough.
static void look_ahead(wn_exact_lanes *x, const double *h, double *bad) {
  wn_propagator *p = &x->propagator;
  for (int lane = 0; lane < p->width; lane++) {
    const double rest = rest_of(x, lane);
    x->span[lane] = !x->moves[lane] ? 0.0 : h[lane] < rest ? h[lane] : rest;
    x->wanted[lane] = x->span[lane] / (WN_N_LOOK - 1);
  }
  const wn_kept *kept = wn_propagator_exponential(p, x->wanted);
  memcpy(x->look[0], x->there, x->n * sizeof(double));
  if (p->is_forced) p->ops->apply(&p->reach.to, p->width, NULL, kept->P, p->b, NULL, x->increment);
  const double *base = p->is_forced ? x->increment : NULL;
  for (int i = 1; i < WN_N_LOOK; i++)
    p->ops->apply(&p->reach.to, p->width, NULL, kept->E, x->look[i - 1], base, x->look[i]);
  p->ops->unresolved(p->n_state, p->width, (const double *const *)x->look, x->span, x->by_quadrature, x->value,
                     BY_POLYNOMIAL / TURNING, BY_POLYNOMIAL / MONOTONE, bad);
  wn_exact_join(x, bad, true);
}

// the piece of a lane that has none to go by
static double first_step(const wn_exact_lanes *x, int lane, double rest) {
  const double norm = x->fastest[lane];
  return wn_power_of_two(fmin(rest, norm > 0.0 ? 0.5 / norm : INFINITY));
}

// lanes with pieces too long for what is to be seen: half of them -> trial
static bool shorten(wn_exact_lanes *x) {
  static const double FINEST = 1.0 / 64;
  bool any = false;
  for (int lane = 0; lane < x->system.width; lane++) {
    if (!x->moves[lane] || !(x->bad[lane] > 1.0 && x->trial[lane] * x->fastest[lane] > FINEST)) continue;
    x->trial[lane] = wn_power_of_two(0.5 * fmin(x->trial[lane], rest_of(x, lane)));
    x->changed[lane] = any = true;
  }
  return any;
}

// may a piece of length h, resolved as well as `bad` says, be followed by one of twice its length?
static bool may_lengthen(const wn_exact_lanes *x, int lane, double h, double bad) {
  // the error falls like h^9
  static const double GROW = 1.0 / 512;
  return x->moves[lane] && !x->changed[lane] && bad <= GROW && h < rest_of(x, lane) &&
         fmod(x->seen[lane], 2.0 * h) == 0.0;
}

// first pieces, which nothing went before, are lengthened on the spot
static bool lengthen_first(wn_exact_lanes *x) {
  bool any = false;
  for (int lane = 0; lane < x->system.width; lane++) {
    if (x->seen[lane] > 0.0 || !may_lengthen(x, lane, x->trial[lane], x->bad[lane])) continue;
    x->trial[lane] *= 2.0;
    any = true;
  }
  return any;
}

// Powers of two hours on the lattice of their multiples, so that few exponentials serve all pieces. They begin at the
// fastest mode and double as modes die out.
static void choose_lengths(wn_exact_lanes *x) {
  for (int lane = 0; lane < x->system.width; lane++) {
    if (!x->moves[lane]) continue;
    x->changed[lane] = false;
    if (!(x->h[lane] > 0.0)) x->h[lane] = first_step(x, lane, rest_of(x, lane));
    const bool longer = x->seen[lane] > 0.0 && may_lengthen(x, lane, x->h[lane], x->bad[lane]);
    x->trial[lane] = longer ? 2.0 * x->h[lane] : x->h[lane];
  }
  do look_ahead(x, x->trial, x->bad);
  while (shorten(x) || lengthen_first(x));
  for (int lane = 0; lane < x->system.width; lane++) {
    if (!x->moves[lane]) continue;
    x->h[lane] = x->trial[lane];
    if (x->seen[lane] == 0.0) x->h_first[lane] = x->h[lane];
  }
}

// where the pieces end; lanes that are at the end of their steps have the state there
static void move_on(wn_exact_lanes *x) {
  const size_t width = (size_t)x->system.width;
  double *last = x->look[WN_N_LOOK - 1];
  for (size_t lane = 0; lane < width; lane++) {
    const double origin = x->origin[lane] + x->t_start[lane], to = origin + x->seen[lane] + x->span[lane];
    x->from[lane] = x->moves[lane] ? x->seen[lane] > 0.0 ? x->to[lane] : x->before[lane] : x->time[lane];
    const bool is_over = !x->moves[lane] || x->span[lane] >= rest_of(x, (int)lane) || !(to < x->time[lane]);
    x->to[lane] = is_over ? x->time[lane] : to;
    x->seen[lane] = is_over ? x->t[lane] - x->t_start[lane] : x->seen[lane] + x->span[lane];
    for (size_t i = lane; is_over && i < x->n; i += width) last[i] = x->y[i];
  }
  memcpy(x->there, last, x->n * sizeof(double));
}

bool wn_exact_nodes(void *self, const double **from, const double **to, const double *node[WN_N_NODES]) {
  wn_exact_lanes *x = self;
  bool any = false;
  if (!x->has_pieces) begin(x);
  for (int lane = 0; lane < x->system.width; lane++) any |= x->moves[lane] = rest_of(x, lane) > 0.0;
  if (!any) return false;
  choose_lengths(x);
  move_on(x);
  *from = x->from, *to = x->to;
  for (int i = 0; i < WN_N_LOOK; i++) node[i] = x->look[i];
  return true;
}

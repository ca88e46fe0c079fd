// conform_compare.c - two curves side by side, value by value. A state may be off by the solver's bound; an output by
// what errors of the states within theirs can do to it. Invariant: what a value may be off by is known without looking
// at how far it is off.

#include "conform.h"

#include <math.h>

// A value far below its column's peak counts as this share of the peak.
static const double FLOOR = 1e-3;

// What outputs lose when they are computed.
static const double ROUNDING = 1e-13;

// A value of which a solver may lose this share anyway says nothing.
static const double LEAST = 0.1;

// Two curves under comparison, at time `i`.
typedef struct pair {
  const wn_trial *trial;
  const wn_curve *a, *b;
  wn_bound bound;
  int i;
  double *slab;     // owns the blocks
  double *peak;     // [n_column]
  double *allowed;  // [n_column] how far apart the values may be
  double *output;   // [n_output][WN_LANES]
  wn_lanes lanes;
} pair;

static double at(const wn_curve *curve, int i, int column) {
  return curve->value[(size_t)i * (size_t)curve->n_column + (size_t)column];
}

// what a value's errors are relative to
static double size_of(const pair *p, int column) {
  return fmax(fmax(fabs(at(p->a, p->i, column)), fabs(at(p->b, p->i, column))), FLOOR * p->peak[column]);
}

// every lane at curve a, lane 0 with state `first` moved as far as it may be off, lane 1 the next one, ...
static void place_lanes(pair *p, int first) {
  for (int k = 0; k < p->trial->model->n_state; k++)
    for (int lane = 0; lane < WN_LANES; lane++)
      p->lanes.state[k * WN_LANES + lane] = at(p->a, p->i, k) + (k == first + lane ? p->allowed[k] : 0);
}

static void allow(pair *p) {
  const wn_model *m = p->trial->model;
  int n = m->n_state;
  for (int k = 0; k < n; k++) p->allowed[k] = p->bound.relative * size_of(p, k) + p->bound.absolute;
  for (int k = n; k < p->a->n_column; k++) p->allowed[k] = ROUNDING * size_of(p, k);
  for (int first = 0; first < n; first += WN_LANES) {
    place_lanes(p, first);
    wn_lanes_outputs(&p->lanes, wn_lanes_at(&p->lanes, p->a->time[p->i]), p->lanes.state, p->output);
    for (int k = 0; k < m->n_output; k++)
      for (int lane = 0; lane < WN_LANES && first + lane < n; lane++)
        p->allowed[n + k] += fabs(p->output[k * WN_LANES + lane] - at(p->a, p->i, n + k));
  }
}

// the error of one value; it speaks for the row when it is the largest, or the furthest beyond its bound
static void judge(const pair *p, int column, wn_agreement *agreement) {
  const wn_model *m = p->trial->model;
  double x = at(p->a, p->i, column), y = at(p->b, p->i, column), size = size_of(p, column);
  double allowed = p->allowed[column] / size;
  double error = x == y || (isnan(x) && isnan(y)) ? 0 : isnan(x - y) ? INFINITY : fabs(x - y) / size;
  if (!(allowed < LEAST)) return;
  bool is_short = error > allowed;
  double over = is_short ? log10(error / allowed) : 0;
  if (agreement->any && (over < agreement->over || (over <= agreement->over && error <= agreement->error))) return;
  agreement->any = true, agreement->short_of |= is_short;
  agreement->over = over, agreement->error = error;
  agreement->digits = wn_digits(error), agreement->promised = wn_digits(allowed);
  snprintf(agreement->note, sizeof agreement->note, "%s: %s at %.5g h", p->trial->name,
           column < m->n_state ? m->state[column].name : m->output[column - m->n_state].name, p->a->time[p->i]);
}

static void find_peaks(pair *p) {
  for (int i = 0; i < p->a->n; i++)
    for (int k = 0; k < p->a->n_column; k++)
      p->peak[k] = fmax(p->peak[k], fmax(fabs(at(p->a, i, k)), fabs(at(p->b, i, k))));
}

static wn_status begin(pair *p, wn_error *err) {
  const wn_model *m = p->trial->model;
  size_t n = (size_t)p->a->n_column, n_output = (size_t)m->n_output * WN_LANES;
  WN_TRY(wn_lanes_init(&p->lanes, m, WN_LANES, err));
  p->slab = wn_alloc_doubles(n_output + 2 * n);
  if (!p->slab) return wn_fail_memory(err);
  p->output = p->slab, p->peak = p->output + n_output, p->allowed = p->peak + n;
  for (int i = 0; i < m->n_param; i++)
    for (int lane = 0; lane < WN_LANES; lane++) p->lanes.param[i * WN_LANES + lane] = p->trial->param[i];
  wn_lanes_bind(&p->lanes);
  find_peaks(p);
  return WN_OK;
}

wn_status wn_agree(wn_agreement *agreement, const wn_trial *trial, const wn_curve *a, const wn_curve *b, wn_part part,
                   wn_bound bound, wn_error *err) {
  const wn_model *m = trial->model;
  int from = part == WN_PART_OUTPUTS ? m->n_state : 0, to = part == WN_PART_STATES ? m->n_state : a->n_column;
  pair p = {.trial = trial, .a = a, .b = b, .bound = bound};
  wn_status status = begin(&p, err);
  for (p.i = 0; p.i < a->n && !status; p.i++) {
    allow(&p);
    for (int column = from; column < to; column++)
      if (p.peak[column] > 0) judge(&p, column, agreement);
  }
  wn_free(p.slab);
  wn_lanes_free(&p.lanes);
  return status;
}

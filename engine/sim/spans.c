// spans.c - integrals and extremes of every output over the run and its first and last dosing day. Invariant: a piece
// lies in a span entirely or not at all. It must not know of windows.

#include "sim/observe.h"

#include <math.h>

void wn_spans_start(wn_observer *observer, int lane) {
  for (int k = 0; k < WN_N_SPAN; k++) {
    wn_span *span = &observer->span[k];
    for (int output = 0; output < observer->batch->model->n_output; output++) {
      const int i = output * observer->n_pad + lane;
      span->integral[i] = 0;
      span->high[i] = -INFINITY;
      span->low[i] = INFINITY;
      span->high_time[i] = span->low_time[i] = NAN;
    }
  }
}

// which lanes' spans hold the current piece
static void find_members(wn_observer *o) {
  const double *middle = o->at[o->n_node / 2];
  for (int k = 0; k < WN_N_SPAN; k++) {
    wn_span *span = &o->span[k];
    span->any_member = false;
    for (int lane = 0; lane < o->n_pad; lane++) {
      bool in = o->half[lane] > 0 && middle[lane] >= span->from[lane] && middle[lane] <= span->to[lane];
      span->member[lane] = in ? -1 : 0;
      span->any_member |= in;
    }
  }
}

// extremes between the nodes of one output of one lane. The polynomial is trusted where it is nearly a parabola; over a
// jump or kink the output itself is asked.
static void refine(wn_observer *o, int output, int lane) {
  const wn_piece_rows *rows = &o->rows;
  int at = output * o->batch->width + lane;
  double f[WN_MOST_NODE], x[WN_MOST_TURN];
  for (int j = 0; j < o->n_node; j++) f[j] = o->node[j][at];
  double middle = 0.5 * (o->at[0][lane] + o->at[o->n_node - 1][lane]), half = o->half[lane];
  wn_poly p = wn_poly_fit(f, o->n_node);
  bool trusted = wn_observe_is_known(o, output) || wn_poly_resolved(&p);
  int n = wn_poly_extremes(&p, x);
  for (int i = 0; i < n; i++) {
    double time = middle + half * x[i], value = wn_poly_at(&p, x[i]);
    if (!(value > rows->high[lane] || value < rows->low[lane])) continue;
    if (!trusted) value = wn_observe_probe_one(o, lane, time)[at];
    if (value > rows->high[lane]) rows->high[lane] = value, rows->high_time[lane] = time;
    if (value < rows->low[lane]) rows->low[lane] = value, rows->low_time[lane] = time;
  }
}

// the spans in which some lane's piece lies
static wn_span_set find_spans(const wn_observer *o) {
  wn_span_set set = {0};
  for (int k = 0; k < WN_N_SPAN; k++) {
    const wn_span *s = &o->span[k];
    if (!s->any_member) continue;
    set.member[set.n_span] = s->member;
    set.to[set.n_span++] = (wn_span_rows){s->integral, s->high, s->high_time, s->low, s->low_time};
  }
  return set;
}

// four lanes of an output of which one turns between the nodes
static void add_turning(wn_observer *o, const wn_span_set *set, int output, int first) {
  const wn_piece_rows *r = &o->rows;
  for (int lane = first; lane < first + 4 && lane < o->batch->n_subject; lane++)
    if (r->turns[lane] && o->half[lane] > 0) refine(o, output, lane);
  const wn_piece_rows from = {r->integral + first, r->high + first,     r->high_time + first,
                              r->low + first,      r->low_time + first, r->turns + first};
  for (int k = 0; k < set->n_span; k++) {
    const wn_span_rows *all = &set->to[k];
    const int at = output * o->n_pad + first;
    const wn_span_rows to = {all->integral + at, all->high + at, all->high_time + at, all->low + at,
                             all->low_time + at};
    o->ops->merge(4, set->member[k] + first, &from, &to);
  }
}

void wn_spans_add(wn_observer *observer) {
  const int n_output = observer->batch->model->n_output, n = observer->n_pad, fours = n / 4;
  find_members(observer);
  const wn_span_set set = find_spans(observer);
  if (set.n_span == 0) return;
  for (int at = 0; at < n_output * fours; at++) {
    at = observer->ops->collect(observer->n_node, at, n_output, n, observer->batch->width,
                                (const double *const *)observer->node, (const double *const *)observer->at,
                                observer->half, &set, &observer->rows);
    if (at < n_output * fours) add_turning(observer, &set, at / fours, 4 * (at % fours));
  }
}

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
  const double *middle = o->at[WN_N_NODE / 2];
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
  double f[WN_N_NODE], x[3];
  for (int j = 0; j < WN_N_NODE; j++) f[j] = o->node[j][at];
  double middle = 0.5 * (o->at[0][lane] + o->at[WN_N_NODE - 1][lane]), half = o->half[lane];
  wn_poly p = wn_poly_fit(f);
  bool trusted = wn_poly_resolved(&p);
  int n = wn_poly_extremes(&p, x);
  for (int i = 0; i < n; i++) {
    double time = middle + half * x[i], value = wn_poly_at(&p, x[i]);
    if (!(value > rows->high[lane] || value < rows->low[lane])) continue;
    if (!trusted) value = wn_observe_probe_one(o, lane, time)[at];
    if (value > rows->high[lane]) rows->high[lane] = value, rows->high_time[lane] = time;
    if (value < rows->low[lane]) rows->low[lane] = value, rows->low_time[lane] = time;
  }
}

void wn_spans_add(wn_observer *observer) {
  const wn_batch *b = observer->batch;
  find_members(observer);
  for (int output = 0; output < b->model->n_output; output++) {
    const double *node[WN_N_NODE];
    for (int j = 0; j < WN_N_NODE; j++) node[j] = observer->node[j] + output * b->width;
    if (observer->ops->reduce(observer->n_pad, node, (const double *const *)observer->at, observer->half,
                              &observer->rows)) {
      for (int lane = 0; lane < b->n_subject; lane++)
        if (observer->rows.turns[lane] && observer->half[lane] > 0) refine(observer, output, lane);
    }
    for (int k = 0; k < WN_N_SPAN; k++) {
      const wn_span *s = &observer->span[k];
      if (!s->any_member) continue;
      int at = output * observer->n_pad;
      const wn_span_rows rows = {s->integral + at, s->high + at, s->high_time + at, s->low + at, s->low_time + at};
      observer->ops->merge(observer->n_pad, s->member, &observer->rows, &rows);
    }
  }
}

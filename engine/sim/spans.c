// spans.c - integrals and extremes of every output over the run and its first and last dosing day. Invariant: a piece
// lies in a span entirely or not at all. It must not know of windows.

#include "sim/observe.h"

#include <math.h>

void wn_spans_start(wn_observer *observer) {
  int n = observer->batch->model->n_output * observer->batch->n_subject;
  for (int k = 0; k < WN_N_SPAN; k++) {
    wn_span *span = &observer->span[k];
    for (int i = 0; i < n; i++) {
      span->high[i] = -INFINITY;
      span->low[i] = INFINITY;
      span->high_time[i] = span->low_time[i] = NAN;
    }
  }
}

// one output of one lane on one piece
typedef struct piece_sum {
  double integral, high, high_time, low, low_time;
} piece_sum;

static void see(piece_sum *sum, double time, double value) {
  if (value > sum->high) sum->high = value, sum->high_time = time;
  if (value < sum->low) sum->low = value, sum->low_time = time;
}

static piece_sum sum_piece(wn_observer *o, int output, int lane) {
  int at = output * o->batch->width + lane;
  double f[WN_N_NODE];
  piece_sum sum = {.high = -INFINITY, .high_time = NAN, .low = INFINITY, .low_time = NAN};
  for (int j = 0; j < WN_N_NODE; j++) {
    f[j] = o->node[j][at];
    see(&sum, o->at[j], f[j]);
  }
  double middle = 0.5 * (o->at[0] + o->at[WN_N_NODE - 1]), half = 0.5 * (o->at[WN_N_NODE - 1] - o->at[0]);
  sum.integral = half * wn_piece_integral(f);
  if (!wn_piece_turns(f)) return sum;
  // between nodes the polynomial is trusted where it is nearly a parabola; over a jump or kink the output itself is
  // asked
  wn_poly p = wn_poly_fit(f);
  bool trusted = wn_poly_resolved(&p);
  double x[3];
  int n = wn_poly_extremes(&p, x);
  for (int i = 0; i < n; i++) {
    double time = middle + half * x[i], value = wn_poly_at(&p, x[i]);
    if (!(value > sum.high || value < sum.low)) continue;
    if (!trusted) value = wn_observe_probe(o, time)[at];
    see(&sum, time, value);
  }
  return sum;
}

void wn_spans_add(wn_observer *observer) {
  const wn_batch *b = observer->batch;
  double middle = 0.5 * (observer->at[0] + observer->at[WN_N_NODE - 1]);
  for (int output = 0; output < b->model->n_output; output++) {
    for (int lane = 0; lane < b->n_subject; lane++) {
      piece_sum sum = sum_piece(observer, output, lane);
      int at = output * b->n_subject + lane;
      for (int k = 0; k < WN_N_SPAN; k++) {
        wn_span *span = &observer->span[k];
        if (!(middle >= span->from[lane] && middle <= span->to[lane])) continue;
        span->integral[at] += sum.integral;
        if (sum.high > span->high[at]) span->high[at] = sum.high, span->high_time[at] = sum.high_time;
        if (sum.low < span->low[at]) span->low[at] = sum.low, span->low_time[at] = sum.low_time;
      }
    }
  }
}

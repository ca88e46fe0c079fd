// samples.c - quantities of a curve of straight lines. Invariant: every function walks the same stretches, so that,
// say, the area above a level and the hours above it agree.

#include "script/samples.h"

#include <math.h>
#include <stdbool.h>

// One straight stretch of the curve inside a span, from (t0, v0) to (t1, v1); a walk goes through all of them in order.
typedef struct walk {
  const wn_curve *curve;
  double to;
  int next;  // sample
  bool done;
  double t0, v0, t1, v1;
} walk;

// number of samples with time <= t
static int samples_until(const wn_curve *curve, double t) {
  int low = 0, high = curve->n;
  while (low < high) {
    int middle = low + (high - low) / 2;
    if (curve->time[middle] <= t)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

double wn_curve_at(const wn_curve *curve, double t) {
  int i = samples_until(curve, t);
  if (i == 0) return curve->value[0];
  if (i == curve->n || curve->time[i - 1] == t) return curve->value[i - 1];
  double width = curve->time[i] - curve->time[i - 1], part = (t - curve->time[i - 1]) / width;
  return curve->value[i - 1] + part * (curve->value[i] - curve->value[i - 1]);
}

static walk walk_begin(const wn_curve *curve, double from, double to) {
  return (walk){
      .curve = curve, .to = to, .next = samples_until(curve, from), .t1 = from, .v1 = wn_curve_at(curve, from)};
}

// The next stretch. The last one ends at `to` and may be a point, so that an empty span has one too.
static bool walk_next(walk *w) {
  if (w->done) return false;
  w->t0 = w->t1, w->v0 = w->v1;
  w->done = w->next >= w->curve->n || w->curve->time[w->next] > w->to;
  w->t1 = w->done ? w->to : w->curve->time[w->next];
  w->v1 = w->done ? wn_curve_at(w->curve, w->to) : w->curve->value[w->next];
  w->next++;
  return true;
}

double wn_curve_integral(const wn_curve *curve, double from, double to) {
  double sum = 0;
  for (walk w = walk_begin(curve, from, to); walk_next(&w);) sum += 0.5 * (w.v0 + w.v1) * (w.t1 - w.t0);
  return sum;
}

double wn_curve_extreme(const wn_curve *curve, int sign, double from, double to, double *time) {
  walk w = walk_begin(curve, from, to);
  double best = w.v1;
  *time = from;
  while (walk_next(&w))
    if (sign * w.v1 > sign * best) best = w.v1, *time = w.t1;
  return best;
}

// how far both ends of the stretch are beyond the level
static void beyond(const walk *w, int sign, double level, double *start, double *end) {
  *start = sign * (w->v0 - level);
  *end = sign * (w->v1 - level);
}

double wn_curve_hours(const wn_curve *curve, int sign, double level, double from, double to) {
  double sum = 0, a, b;
  for (walk w = walk_begin(curve, from, to); walk_next(&w);) {
    beyond(&w, sign, level, &a, &b);
    double width = w.t1 - w.t0;
    if (a > 0 && b > 0) sum += width;
    if (a > 0 && b <= 0) sum += width * a / (a - b);
    if (a <= 0 && b > 0) sum += width * b / (b - a);
  }
  return sum;
}

double wn_curve_first(const wn_curve *curve, int sign, double level, double from, double to) {
  double a, b;
  for (walk w = walk_begin(curve, from, to); walk_next(&w);) {
    beyond(&w, sign, level, &a, &b);
    if (a >= 0) return w.t0;
    if (b >= 0) return w.t0 + (w.t1 - w.t0) * a / (a - b);
  }
  return NAN;
}

double wn_curve_last(const wn_curve *curve, int sign, double level, double from, double to) {
  double a, b, last = NAN;
  for (walk w = walk_begin(curve, from, to); walk_next(&w);) {
    beyond(&w, sign, level, &a, &b);
    if (b >= 0)
      last = w.t1;
    else if (a >= 0)
      last = w.t0 + (w.t1 - w.t0) * a / (a - b);
  }
  return last;
}

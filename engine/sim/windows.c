// windows.c - spans of time during which an output is beyond a threshold, followed piece by piece; edges are located on
// the solver's dense output. Invariant: `inside` of a watch tells the side at the end of what was observed, so that a
// jump at an event is an edge at the event. It must not know how steps were taken.

#include "sim/observe.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double EDGE_ACCURACY = 1e-10;  // h

enum { MAX_SAMPLE = WN_MOST_NODE + WN_MOST_TURN };

// the compared value at a time: d > 0 is inside; not-a-number is outside
typedef struct sample {
  double time, d;
} sample;

// one window of one subject on the current piece
typedef struct view {
  wn_observer *o;
  const wn_window_def *def;
  wn_watch *watch;
  int window, lane;
  bool in_last_day;
  sample at[MAX_SAMPLE];
  int n;
  wn_poly poly;  // d over the piece
  double middle, half;
} view;

static double depth(const wn_batch *b, const wn_window_def *def, int lane, const double *output) {
  const double *row = output + def->output * b->width;
  double value = row[lane];
  if (def->baseline == 1) value -= row[b->n_subject + lane];
  if (def->baseline == 2) value /= row[b->n_subject + lane];
  return (def->above ? 1 : -1) * (value - def->threshold);
}

// where the nodes say all there is to know, their polynomial is the curve; else the dense output is asked
static bool is_known(const view *v) { return v->def->baseline != 2 && wn_observe_is_known(v->o, v->def->output); }

static double exact(view *v, double time) {
  if (is_known(v)) return wn_poly_at(&v->poly, (time - v->middle) / v->half);
  return depth(v->o->batch, v->def, v->lane, wn_observe_probe_one(v->o, v->lane, time));
}

void wn_windows_start(wn_observer *observer, int lane) {
  const wn_batch *b = observer->batch;
  for (int w = 0; w < b->scenario->n_window; w++) {
    wn_watch *watch = &observer->watch[w * b->n_subject + lane];
    bool inside = depth(b, &b->scenario->window[w], lane, observer->node[0]) > 0;
    *watch = (wn_watch){.inside = inside, .open_start = inside, .start = observer->reached[lane]};
    watch->peak = watch->day_peak = watch->best_day_peak = -INFINITY;
    watch->peak_time = watch->day_peak_time = watch->best_day_time = NAN;
  }
}

wn_status wn_windows_reserve(wn_observer *observer, const bool *which, wn_error *err) {
  // room for the edges until the next event, so that nothing is allocated in between unless an output oscillates
  for (int lane = 0; lane < observer->batch->n_subject; lane++) {
    if (!which[lane]) continue;
    wn_window_list *list = &observer->tally[lane]->windows;
    int need = list->n + 2 * observer->batch->scenario->n_window;
    if (!wn_array_grow((void **)&list->data, &list->cap, need, sizeof *list->data)) return wn_fail_memory(err);
  }
  return WN_OK;
}

static void open_window(view *v, double time) {
  wn_watch *watch = v->watch;
  watch->inside = true;
  watch->open_start = false;
  watch->start = time;
  watch->peak = watch->day_peak = -INFINITY;
  watch->peak_time = watch->day_peak_time = NAN;
  watch->scale = 0;
}

static void see(wn_watch *watch, bool in_last_day, double time, double d) {
  if (!(d > 0)) return;
  if (d > watch->peak) watch->peak = d, watch->peak_time = time;
  if (in_last_day && d > watch->day_peak) watch->day_peak = d, watch->day_peak_time = time;
}

// the compared value itself, back from how far it is inside
static double undo(const wn_window_def *def, double d) { return def->above ? def->threshold + d : def->threshold - d; }

static bool close_window(view *v, double time, bool open_end) {
  wn_watch *watch = v->watch;
  watch->inside = false;
  // a span that clears its threshold by less than the solver can tell is rounding, not a window
  double noise = 10 * v->o->rtol * fmax(fabs(v->def->threshold), watch->scale);
  if (!(watch->peak > noise)) return true;
  if (watch->day_peak > watch->best_day_peak) {
    watch->best_day_peak = watch->day_peak;
    watch->best_day_time = watch->day_peak_time;
  }
  wn_window_list *list = &v->o->tally[v->lane]->windows;
  wn_window window = {.series = v->o->batch->subject[v->lane]->series,
                      .window = v->window,
                      .start = watch->start,
                      .end = time,
                      .open_start = watch->open_start,
                      .open_end = open_end,
                      .peak = undo(v->def, watch->peak),
                      .peak_time = watch->peak_time};
  return WN_PUSH(list, window);
}

// the first guess of an edge between two samples: where the polynomial crosses 0
static double guess_edge(const view *v, double lo, double hi, bool inside_lo) {
  double a = (lo - v->middle) / v->half, b = (hi - v->middle) / v->half;
  for (int i = 0; i < 20; i++) {
    double x = 0.5 * (a + b);
    if ((wn_poly_at(&v->poly, x) > 0) == inside_lo) {
      a = x;
    } else {
      b = x;
    }
  }
  double x = v->middle + v->half * 0.5 * (a + b);
  return x > lo && x < hi ? x : 0.5 * (lo + hi);
}

// secant steps inside a bracket that at least halves every other step, on the dense output itself
static double find_edge(view *v, const sample *left, const sample *right) {
  double lo = left->time, hi = right->time, x_old = lo, d_old = left->d;
  bool inside_lo = left->d > 0;
  double x = guess_edge(v, lo, hi, inside_lo), last_width = hi - lo;
  double tolerance = fmax(EDGE_ACCURACY, 4e-16 * fmax(fabs(lo), fabs(hi)));
  for (int i = 0; i < 100 && hi - lo > tolerance; i++) {
    double d = exact(v, x), next = x - d * (x - x_old) / (d - d_old);
    if (d == 0 || fabs(next - x) <= 0.5 * tolerance) return next > lo && next < hi ? next : x;
    if ((d > 0) == inside_lo) {
      lo = x;
    } else {
      hi = x;
    }
    bool slow = i % 2 == 1 && hi - lo > 0.5 * last_width;
    if (i % 2 == 1) last_width = hi - lo;
    x_old = x, d_old = d;
    x = !slow && next > lo && next < hi ? next : 0.5 * (lo + hi);
  }
  return 0.5 * (lo + hi);
}

static void insert(view *v, double time, double d) {
  int i = v->n++;
  for (; v->at[i - 1].time > time; i--) v->at[i] = v->at[i - 1];
  v->at[i] = (sample){time, d};
}

// extremes between nodes: those that matter become samples, taken from the dense output unless the polynomial will do
static void add_extremes(view *v) {
  double x[WN_MOST_TURN];
  bool trusted = is_known(v) || wn_poly_resolved(&v->poly);
  int n = wn_poly_extremes(&v->poly, x);
  for (int i = 0; i < n; i++) {
    double time = v->middle + v->half * x[i], d = wn_poly_at(&v->poly, x[i]);
    int next = 1;
    while (next < v->n - 1 && v->at[next].time < time) next++;
    bool inside = v->at[next].d > 0, hidden = inside == (v->at[next - 1].d > 0) && inside != (d > 0);
    if (!hidden && !(d > 0)) continue;
    insert(v, time, hidden || !trusted ? exact(v, time) : d);
  }
}

static bool follow(view *v) {
  wn_watch *watch = v->watch;
  // a different side than where the last piece ended: a jump at the event
  if ((v->at[0].d > 0) != watch->inside) {
    if (!watch->inside) {
      open_window(v, v->at[0].time);
    } else if (!close_window(v, v->at[0].time, false)) {
      return false;
    }
  }
  see(watch, v->in_last_day, v->at[0].time, v->at[0].d);
  for (int i = 1; i < v->n; i++) {
    if ((v->at[i].d > 0) != watch->inside) {
      double edge = find_edge(v, &v->at[i - 1], &v->at[i]);
      if (!watch->inside) {
        open_window(v, edge);
      } else if (!close_window(v, edge, false)) {
        return false;
      }
    }
    see(watch, v->in_last_day, v->at[i].time, v->at[i].d);
  }
  return true;
}

// the slow way for one subject: samples at the nodes, and at extremes between them
static void fill(view *v, bool turns) {
  const int n = v->o->n_node;
  double f[WN_MOST_NODE];
  for (int j = 0; j < n; j++) {
    f[j] = v->o->depth[j][v->lane];
    v->at[j] = (sample){v->o->at[j][v->lane], f[j]};
  }
  v->n = n;
  v->middle = 0.5 * (v->o->at[0][v->lane] + v->o->at[n - 1][v->lane]);
  v->half = v->o->half[v->lane];
  v->poly = wn_poly_fit(f, n);
  if (turns) add_extremes(v);
}

static view make_view(wn_observer *o, int w, int lane) {
  return (view){.o = o,
                .def = &o->batch->scenario->window[w],
                .watch = &o->watch[w * o->batch->n_subject + lane],
                .window = w,
                .lane = lane,
                .in_last_day = o->span[WN_SPAN_LAST].member[lane] != 0};
}

// how far inside every subject is at the nodes
static void measure(wn_observer *o, const wn_window_def *def) {
  const wn_batch *b = o->batch;
  for (int j = 0; j < o->n_node; j++) {
    const double *value = o->node[j] + def->output * b->width;
    if (def->baseline) memcpy(o->base, value + b->n_subject, (size_t)b->n_subject * sizeof(double));
    o->ops->depth(o->n_pad, def->baseline, def->above ? 1 : -1, def->threshold, value, o->base, o->depth[j]);
  }
  o->ops->reduce(o->n_node, o->n_pad, (const double *const *)o->depth, (const double *const *)o->at, o->half, &o->rows);
}

// most pieces have nothing to tell: outside all through, or inside without a turn
static bool follow_simply(const wn_observer *o, wn_watch *watch, int lane) {
  const wn_piece_rows *rows = &o->rows;
  bool is_number = rows->integral[lane] == rows->integral[lane];
  if (rows->turns[lane] || !is_number) return false;
  if (!watch->inside) return rows->high[lane] <= 0;
  if (!(rows->low[lane] > 0)) return false;
  see(watch, o->span[WN_SPAN_LAST].member[lane] != 0, rows->high_time[lane], rows->high[lane]);
  return true;
}

static wn_status add_window(wn_observer *o, int w, wn_error *err) {
  const wn_batch *b = o->batch;
  const wn_window_def *def = &b->scenario->window[w];
  measure(o, def);
  for (int lane = 0; lane < b->n_subject; lane++) {
    if (!(o->half[lane] > 0)) continue;
    wn_watch *watch = &o->watch[w * b->n_subject + lane];
    if (def->baseline == 1) watch->scale = fmax(watch->scale, fabs(o->node[0][def->output * b->width + lane]));
    if (follow_simply(o, watch, lane)) continue;
    view v = make_view(o, w, lane);
    fill(&v, o->rows.turns[lane] != 0);
    if (!follow(&v)) return wn_fail_memory(err);
  }
  return WN_OK;
}

wn_status wn_windows_add(wn_observer *observer, wn_error *err) {
  for (int w = 0; w < observer->batch->scenario->n_window; w++) WN_TRY(add_window(observer, w, err));
  return WN_OK;
}

static int compare_windows(const void *pa, const void *pb) {
  const wn_window *a = pa, *b = pb;
  if (a->window != b->window) return a->window < b->window ? -1 : 1;
  return (a->start > b->start) - (a->start < b->start);
}

void wn_windows_sort(wn_observer *observer, int lane) {
  wn_window_list *list = &observer->tally[lane]->windows;
  if (list->n > 1) qsort(list->data, (size_t)list->n, sizeof *list->data, compare_windows);
}

wn_status wn_windows_end(wn_observer *observer, int lane, wn_error *err) {
  const wn_batch *b = observer->batch;
  for (int w = 0; w < b->scenario->n_window; w++) {
    view v = make_view(observer, w, lane);
    if (v.watch->inside && !close_window(&v, wn_batch_end(b, lane), true)) return wn_fail_memory(err);
  }
  wn_windows_sort(observer, lane);
  return WN_OK;
}

// observe.c - cuts steps into pieces and evaluates outputs at the nodes. Invariant: no piece crosses an event or the
// border of a dosing day, and the last node of a piece is the first of the next unless an event lies between.
// It must not know how integrals, extremes or windows are made.

#include "sim/observe.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

bool wn_output_has_unit(const wn_output *output) {
  const char *unit = output->unit;
  return unit && *unit && strcmp(unit, "1") != 0 && strcmp(unit, "%") != 0;
}

static void carve(double *slab, size_t *at, double **block, size_t count) {
  *block = slab ? slab + *at : NULL;
  *at += (count + 7) / 8 * 8;
}

// masks lie between the doubles: both have 8 bytes
static void carve_mask(double *slab, size_t *at, long long **block, size_t count) {
  double *place;
  carve(slab, at, &place, count);
  *block = (long long *)(void *)place;
}

static void lay_out_spans(wn_observer *o, double *slab, size_t *at) {
  size_t n_pad = (size_t)o->n_pad, n = (size_t)o->batch->model->n_output * n_pad;
  for (int k = 0; k < WN_N_SPAN; k++) {
    wn_span *span = &o->span[k];
    carve(slab, at, &span->from, n_pad);
    carve(slab, at, &span->to, n_pad);
    carve_mask(slab, at, &span->member, n_pad);
    carve(slab, at, &span->integral, n);
    carve(slab, at, &span->high, n);
    carve(slab, at, &span->high_time, n);
    carve(slab, at, &span->low, n);
    carve(slab, at, &span->low_time, n);
  }
  carve(slab, at, &o->rows.integral, n_pad);
  carve(slab, at, &o->rows.high, n_pad);
  carve(slab, at, &o->rows.high_time, n_pad);
  carve(slab, at, &o->rows.low, n_pad);
  carve(slab, at, &o->rows.low_time, n_pad);
  carve_mask(slab, at, &o->rows.turns, n_pad);
  for (int j = 0; j < WN_N_NODE; j++) carve(slab, at, &o->depth[j], n_pad);
  carve(slab, at, &o->base, n_pad);
}

static size_t lay_out(wn_observer *o, double *slab) {
  const wn_model *model = o->batch->model;
  size_t at = 0, width = (size_t)o->batch->width, n_subject = (size_t)o->batch->n_subject;
  size_t n_output = (size_t)model->n_output;
  for (int j = 0; j < WN_N_NODE; j++) carve(slab, &at, &o->node[j], n_output * width);
  carve(slab, &at, &o->probe, n_output * width);
  carve(slab, &at, &o->dense, (size_t)model->n_state * width);
  carve(slab, &at, &o->cut, 4 * n_subject);
  lay_out_spans(o, slab, &at);
  carve(slab, &at, &o->tail_time, WN_N_TAIL);
  carve(slab, &at, &o->tail, WN_N_TAIL * n_output * n_subject);
  return at;
}

static int compare_doubles(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

// spans of every subject, and their borders inside the run as cuts
static void set_spans(wn_observer *o) {
  const wn_batch *b = o->batch;
  double t_start = b->scenario->t_start, t_end = b->scenario->t_end;
  for (int lane = 0; lane < b->n_subject; lane++) {
    const wn_subject *subject = b->subject[lane];
    const int day[WN_N_SPAN] = {0, 1, subject->n_day};
    for (int k = 0; k < WN_N_SPAN; k++) {
      double from, to;
      wn_subject_span(b->scenario, subject, day[k], &from, &to);
      if (k != WN_SPAN_RUN && subject->n_day < 1) from = to = NAN;
      o->span[k].from[lane] = from;
      o->span[k].to[lane] = to;
      if (k == WN_SPAN_RUN) continue;
      if (from > t_start && from < t_end) o->cut[o->n_cut++] = from;
      if (to > t_start && to < t_end) o->cut[o->n_cut++] = to;
    }
  }
  qsort(o->cut, (size_t)o->n_cut, sizeof(double), compare_doubles);
}

wn_status wn_observer_init(wn_observer *observer, wn_batch *batch, const wn_result *result, wn_tally *tally,
                           double rtol, wn_error *err) {
  size_t n_subject = (size_t)batch->n_subject;
  *observer = (wn_observer){
      .batch = batch, .ops = wn_span_ops_get(), .rtol = rtol, .probe_time = NAN, .reached = batch->scenario->t_start};
  observer->n_pad = (batch->n_subject + WN_LANES - 1) / WN_LANES * WN_LANES;
  observer->slab = wn_alloc_doubles(lay_out(observer, NULL));
  observer->tally = wn_alloc(n_subject * sizeof(wn_tally *));
  observer->row = wn_alloc(n_subject * sizeof(double *));
  observer->watch = wn_alloc((size_t)batch->scenario->n_window * n_subject * sizeof(wn_watch));
  if (!observer->slab || !observer->tally || !observer->row || !observer->watch) {
    wn_observer_free(observer);
    return wn_fail_memory(err);
  }
  lay_out(observer, observer->slab);
  observer->row_time = result->time;
  observer->n_row = result->time ? result->n_time : 0;
  observer->n_column = result->n_column;
  observer->row_output = result->kept == WN_KEEP_WATCHED ? result->scenario->watch : NULL;
  for (int lane = 0; lane < batch->n_subject; lane++) {
    int series = batch->subject[lane]->series;
    observer->tally[lane] = &tally[series];
    size_t at = (size_t)series * (size_t)result->n_column * (size_t)result->n_time;
    if (result->value) observer->row[lane] = result->value + at;
  }
  set_spans(observer);
  wn_spans_start(observer);
  wn_rows_start(observer);
  return WN_OK;
}

void wn_observer_free(wn_observer *observer) {
  wn_free(observer->slab);
  wn_free(observer->tally);
  wn_free(observer->row);
  wn_free(observer->watch);
  *observer = (wn_observer){0};
}

void wn_observe_start(wn_observer *observer) {
  wn_lanes_outputs(&observer->batch->lanes, observer->reached, observer->batch->state, observer->node[0]);
  wn_windows_start(observer);
}

wn_status wn_observe_event(wn_observer *observer, double time, wn_error *err) {
  observer->event_time = time;
  observer->probe_time = NAN;
  wn_lanes_outputs(&observer->batch->lanes, time, observer->batch->state, observer->node[0]);
  return wn_windows_reserve(observer, err);
}

const double *wn_observe_probe(wn_observer *observer, double time) {
  if (time != observer->probe_time) {
    wn_solver_dense(observer->solver, time, observer->dense);
    wn_lanes_outputs(&observer->batch->lanes, time, observer->dense, observer->probe);
    observer->probe_time = time;
  }
  return observer->probe;
}

// outputs at the nodes of [a, b]; the first is there already
static wn_status observe_piece(wn_observer *o, double a, double b, bool ends_step, wn_error *err) {
  double middle = 0.5 * (a + b), half = 0.5 * (b - a);
  o->at[0] = a;
  for (int j = 1; j < WN_N_NODE; j++) {
    o->at[j] = j == WN_N_NODE - 1 ? b : middle + half * wn_piece_node[j];
    const double *state = o->dense;
    if (j == WN_N_NODE - 1 && ends_step) {
      state = wn_solver_state(o->solver);
    } else {
      wn_solver_dense(o->solver, o->at[j], o->dense);
    }
    wn_lanes_outputs(&o->batch->lanes, o->at[j], state, o->node[j]);
  }
  wn_spans_add(o);
  WN_TRY(wn_windows_add(o, err));
  double *first = o->node[0];
  o->node[0] = o->node[WN_N_NODE - 1];
  o->node[WN_N_NODE - 1] = first;
  return WN_OK;
}

wn_status wn_observe_step(wn_observer *observer, double a, double b, bool b_is_event, wn_error *err) {
  observer->probe_time = NAN;
  wn_rows_add(observer, a, b, b_is_event);
  double from = a;
  while (observer->next_cut < observer->n_cut && observer->cut[observer->next_cut] < b) {
    double to = observer->cut[observer->next_cut++];
    if (to <= from) continue;
    WN_TRY(observe_piece(observer, from, to, false, err));
    from = to;
  }
  WN_TRY(observe_piece(observer, from, b, true, err));
  observer->reached = b;
  return WN_OK;
}

wn_status wn_observe_end(wn_observer *observer, wn_error *err) {
  wn_rows_end(observer);
  return wn_windows_end(observer, err);
}

void wn_observe_failure(wn_observer *observer) {
  wn_rows_fail(observer);
  wn_windows_sort(observer);
}

// observe.c - cuts steps into pieces and evaluates outputs at the nodes. Invariant: no piece crosses an event or the
// border of a dosing day of its lane, and the last node of a piece is the first of the next unless an event lies
// between. It must not know how integrals, extremes or windows are made.

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
  for (int j = 0; j < WN_MOST_NODE; j++) carve(slab, at, &o->depth[j], n_pad);
  carve(slab, at, &o->base, n_pad);
}

static size_t lay_out(wn_observer *o, double *slab) {
  const wn_model *model = o->batch->model;
  size_t at = 0, width = (size_t)o->batch->width, n_subject = (size_t)o->batch->n_subject;
  size_t n_output = (size_t)model->n_output;
  for (int j = 0; j < WN_MOST_NODE; j++) carve(slab, &at, &o->node[j], n_output * width);
  for (int j = 0; j < WN_MOST_NODE; j++) carve(slab, &at, &o->step[j], n_output * width);
  for (int j = 0; j < WN_MOST_NODE; j++) carve(slab, &at, &o->at[j], width);
  carve(slab, &at, &o->half, width);
  carve(slab, &at, &o->probe, n_output * width);
  carve(slab, &at, &o->dense, (size_t)model->n_state * width);
  carve(slab, &at, &o->probe_at, width);
  carve(slab, &at, &o->ahead_time, WN_N_AHEAD * width);
  carve(slab, &at, &o->ahead, WN_N_AHEAD * (size_t)model->n_state * width);
  carve(slab, &at, &o->ahead_output, WN_N_AHEAD * n_output * width);
  carve(slab, &at, &o->late, WN_N_WAITING * n_output * width);
  carve(slab, &at, &o->pair_time, n_subject * WN_N_WAITING);
  for (int kind = 0; kind < WN_N_READ; kind++) {
    carve(slab, &at, &o->rows_of[kind].due, n_subject);
    carve(slab, &at, &o->rows_of[kind].time, n_subject * WN_N_WAITING);
    carve(slab, &at, &o->rows_of[kind].state, n_subject * WN_N_WAITING * (size_t)model->n_state);
  }
  carve(slab, &at, &o->event_time, width);
  carve(slab, &at, &o->reached, width);
  carve(slab, &at, &o->cut, WN_MOST_CUT * n_subject);
  lay_out_spans(o, slab, &at);
  carve(slab, &at, &o->tail_from, n_subject);
  carve(slab, &at, &o->tail_length, n_subject);
  carve(slab, &at, &o->tail, WN_N_TAIL * n_output * n_subject);
  return at;
}

static void add_cut(wn_observer *o, int lane, int *n, double time) {
  int n_subject = o->batch->n_subject, i = *n;
  if (!(time > o->batch->scenario->t_start && time < wn_batch_end(o->batch, lane))) return;
  for (; i > 0 && o->cut[(i - 1) * n_subject + lane] > time; i--)
    o->cut[i * n_subject + lane] = o->cut[(i - 1) * n_subject + lane];
  o->cut[i * n_subject + lane] = time;
  ++*n;
}

// spans of a subject, and their borders inside the run as cuts
static void set_spans(wn_observer *o, int lane) {
  const wn_batch *b = o->batch;
  const wn_subject *subject = b->subject[lane];
  const int day[WN_N_SPAN] = {0, 1, subject->n_day};
  int n_cut = 0;
  o->next_cut[lane] = 0;
  for (int k = 0; k < WN_MOST_CUT; k++) o->cut[k * b->n_subject + lane] = INFINITY;
  for (int k = 0; k < WN_N_SPAN; k++) {
    double from, to;
    wn_subject_span(b->scenario, subject, day[k], &from, &to);
    if (k != WN_SPAN_RUN && subject->n_day < 1) from = to = NAN;
    o->span[k].from[lane] = from;
    o->span[k].to[lane] = to;
    if (k == WN_SPAN_RUN) continue;
    add_cut(o, lane, &n_cut, from);
    add_cut(o, lane, &n_cut, to);
  }
}

static bool find_read_states(wn_observer *o) {
  const wn_model *model = o->batch->model;
  unsigned char *reads = wn_alloc((size_t)model->n_state + 1);
  o->read_state = wn_alloc(((size_t)model->n_state + 1) * sizeof *o->read_state);
  if (reads && o->read_state) {
    for (int i = 0; i < model->n_output; i++)
      wn_graph_leaves(model->graph, model->output[i].value, WN_OP_STATE, reads, model->n_state);
    for (int i = 0; i < model->n_state; i++)
      if (reads[i]) o->read_state[o->n_read++] = i;
  }
  wn_free(reads);
  return reads && o->read_state;
}

static bool allocate(wn_observer *o) {
  const wn_batch *b = o->batch;
  size_t n_subject = (size_t)b->n_subject;
  o->slab = wn_alloc_doubles(lay_out(o, NULL));
  o->tally = wn_alloc(n_subject * sizeof(wn_tally *));
  o->row = wn_alloc(n_subject * sizeof(double *));
  o->pair_to = wn_alloc(n_subject * WN_N_WAITING * sizeof(double *));
  o->pair_lane = wn_alloc(n_subject * (WN_N_WAITING + 2 * WN_N_READ) * sizeof(int));
  o->watch = wn_alloc((size_t)b->scenario->n_window * n_subject * sizeof(wn_watch));
  o->next_cut = wn_alloc(n_subject * sizeof(int));
  o->has_last_only = wn_alloc(2 * n_subject * sizeof(bool));
  o->n_ahead = wn_alloc(n_subject * sizeof(int));
  if (!o->slab || !o->tally || !o->row || !o->watch || !o->next_cut || !o->has_last_only || !o->n_ahead ||
      !o->pair_to || !o->pair_lane)
    return false;
  o->tail_ahead = o->has_last_only + n_subject;
  for (int kind = 0; kind < WN_N_READ; kind++) {
    o->rows_of[kind].next = o->pair_lane + n_subject * (size_t)(WN_N_WAITING + 2 * kind);
    o->rows_of[kind].n_waiting = o->rows_of[kind].next + n_subject;
  }
  lay_out(o, o->slab);
  return true;
}

wn_status wn_observer_init(wn_observer *observer, wn_batch *batch, const wn_result *result, wn_tally *tally,
                           double rtol, wn_error *err) {
  *observer = (wn_observer){.batch = batch, .ops = wn_span_ops_get(), .rtol = rtol};
  observer->result = result;
  observer->tallies = tally;
  observer->row_time = result->time;
  observer->n_row = result->time ? result->n_time : 0;
  observer->n_column = result->n_column;
  observer->row_output = result->kept == WN_KEEP_WATCHED ? result->scenario->watch : NULL;
  observer->n_pad = (batch->n_subject + WN_LANES - 1) / WN_LANES * WN_LANES;
  if (!allocate(observer) || !find_read_states(observer)) {
    wn_observer_free(observer);
    return wn_fail_memory(err);
  }
  for (int place = 0; place < batch->n_subject; place++) wn_observer_seat(observer, place);
  for (int k = 0; k < WN_N_SPAN; k++)
    for (int lane = batch->n_subject; lane < observer->n_pad; lane++)
      observer->span[k].from[lane] = observer->span[k].to[lane] = NAN;
  return WN_OK;
}

void wn_observer_seat(wn_observer *observer, int place) {
  const wn_batch *b = observer->batch;
  const wn_result *result = observer->result;
  const int series = b->subject[place]->series;
  observer->tally[place] = &observer->tallies[series];
  if (result->value)
    observer->row[place] = result->value + (size_t)series * (size_t)result->n_column * (size_t)result->n_time;
  for (int lane = place; lane < b->width; lane++)
    if (wn_batch_subject_of(b, lane) == place)
      observer->reached[lane] = observer->event_time[lane] = b->scenario->t_start;
  set_spans(observer, place);
  wn_spans_start(observer, place);
  wn_rows_start(observer, place);
}

void wn_observer_free(wn_observer *observer) {
  wn_free(observer->slab);
  wn_free(observer->tally);
  wn_free(observer->row);
  wn_free(observer->watch);
  wn_free(observer->next_cut);
  wn_free(observer->has_last_only);
  wn_free(observer->n_ahead);
  wn_free(observer->pair_to);
  wn_free(observer->read_state);
  wn_free(observer->pair_lane);
  *observer = (wn_observer){0};
}

void wn_observe_start(wn_observer *observer, const bool *which) {
  // of other lanes it is overwritten with the event that follows
  wn_lanes_outputs(&observer->batch->lanes, observer->reached, observer->batch->state, observer->node[0]);
  for (int lane = 0; lane < observer->batch->n_subject; lane++)
    if (which[lane]) wn_windows_start(observer, lane);
}

// Outputs after a dose. Those of the other lanes are asked for again, too: where they stand now.
wn_status wn_observe_event(wn_observer *observer, const double *time, const bool *which, wn_error *err) {
  wn_batch *b = observer->batch;
  const double *state = b->state;
  bool all = true;
  for (int lane = 0; lane < b->width; lane++) {
    all &= which[lane];
    if (which[lane]) observer->event_time[lane] = time[lane];
  }
  if (!all) {
    size_t n = (size_t)(b->model->n_state * b->width);
    memcpy(observer->dense, wn_solver_state(observer->solver), n * sizeof(double));
    for (int i = 0; i < b->model->n_state; i++)
      for (int lane = 0; lane < b->width; lane++)
        if (which[lane]) observer->dense[i * b->width + lane] = b->state[i * b->width + lane];
    state = observer->dense;
  }
  wn_lanes_outputs(&b->lanes, time, state, observer->node[0]);
  return wn_windows_reserve(observer, which, err);
}

const double *wn_observe_probe(wn_observer *observer, const double *time) {
  wn_solver_look(observer->solver, time, observer->dense);
  wn_lanes_outputs(&observer->batch->lanes, time, observer->dense, observer->probe);
  return observer->probe;
}

const double *wn_observe_probe_one(wn_observer *observer, int subject, double time) {
  const wn_batch *b = observer->batch;
  const double *now = wn_solver_times(observer->solver);
  for (int lane = 0; lane < b->width; lane++)
    observer->probe_at[lane] = wn_batch_subject_of(b, lane) == subject ? time : now[lane];
  return wn_observe_probe(observer, observer->probe_at);
}

// times of the nodes of the pieces from at[0] to at[last]
static void place_nodes(wn_observer *o) {
  const int width = o->batch->width, last = o->n_node - 1;
  const double *place = o->n_node == WN_N_EVEN ? wn_even_node : wn_piece_node;
  for (int lane = 0; lane < width; lane++) o->half[lane] = 0.5 * (o->at[last][lane] - o->at[0][lane]);
  for (int j = 1; j < last; j++)
    for (int lane = 0; lane < width; lane++)
      o->at[j][lane] = 0.5 * (o->at[0][lane] + o->at[last][lane]) + o->half[lane] * place[j];
}

// what the nodes of the pieces say; the last is the first of the next pieces
static wn_status see_piece(wn_observer *o, wn_error *err) {
  const int last = o->n_node - 1;
  wn_spans_add(o);
  WN_TRY(wn_windows_add(o, err));
  double *first = o->node[0];
  o->node[0] = o->node[last];
  o->node[last] = first;
  memcpy(o->at[0], o->at[last], (size_t)o->batch->width * sizeof(double));
  return WN_OK;
}

// outputs at the nodes of the pieces from at[0] to at[last]; the first are there already
static wn_status observe_piece(wn_observer *o, bool ends_step, wn_error *err) {
  place_nodes(o);
  for (int j = 1; j < o->n_node; j++) {
    const double *state = o->dense;
    if (j == o->n_node - 1 && ends_step) {
      state = wn_solver_state(o->solver);
    } else {
      wn_solver_look(o->solver, o->at[j], o->dense);
    }
    wn_lanes_outputs(&o->batch->lanes, o->at[j], state, o->node[j]);
  }
  return see_piece(o, err);
}

// the ends of the next pieces: cuts, or where the lanes are; true when all are where they are
static bool next_ends(wn_observer *o, const double *now) {
  const wn_batch *b = o->batch;
  double *end = o->at[o->n_node - 1];
  bool done = true;
  for (int lane = 0; lane < b->width; lane++) {
    const int subject = wn_batch_subject_of(b, lane);
    const int next = o->next_cut[subject];
    const double cut = next < WN_MOST_CUT ? o->cut[next * b->n_subject + subject] : INFINITY;
    end[lane] = fmin(now[lane], fmax(cut, o->at[0][lane]));
    done &= end[lane] == now[lane];
  }
  for (int subject = 0; subject < b->n_subject; subject++) {
    int *next = &o->next_cut[subject];
    while (*next < WN_MOST_CUT && o->cut[*next * b->n_subject + subject] <= end[subject]) ++*next;
  }
  return done;
}

// a value of the polynomial through the nodes of a step, x on [-1, 1]
static double value_within(const wn_observer *o, int at, double x) {
  double f[WN_N_EVEN];
  for (int j = 0; j < WN_N_EVEN; j++) f[j] = o->step[j][at];
  const wn_poly p = wn_poly_fit(f, WN_N_EVEN);
  return wn_poly_at(&p, x);
}

// Nodes of pieces of the step from `before` to `now`: what the step's polynomials say. Outputs that are not linear in
// the states are asked for. Lanes whose steps are not cut have their nodes as they would alone.
static void cut_nodes(wn_observer *o, const double *before, const double *now) {
  const wn_batch *b = o->batch;
  const double *first = o->at[0], *last = o->at[WN_N_EVEN - 1];
  for (int j = 1; j < WN_N_EVEN; j++) {
    bool asks = false;
    for (int i = 0; i < b->model->n_output; i++) {
      asks |= !b->model->linear_output[i];
      for (int lane = 0; lane < b->width && b->model->linear_output[i]; lane++) {
        const double length = now[lane] - before[lane], x = 2 * (o->at[j][lane] - before[lane]) / length - 1;
        const int at = i * b->width + lane;
        o->node[j][at] = length > 0 && x < 1 ? value_within(o, at, x) : o->step[WN_N_EVEN - 1][at];
      }
    }
    const double *value = asks ? wn_observe_probe(o, o->at[j]) : NULL;
    for (int i = 0; i < b->model->n_output && asks; i++)
      if (!b->model->linear_output[i])
        memcpy(o->node[j] + i * b->width, value + i * b->width, (size_t)b->width * sizeof(double));
    for (int lane = 0; lane < b->width; lane++)
      for (int i = lane; first[lane] == before[lane] && last[lane] == now[lane] && i < b->model->n_output * b->width;
           i += b->width)
        o->node[j][i] = o->step[j][i];
  }
}

// pieces whose nodes the solver gives, cut at the borders of dosing days
static wn_status observe_even(wn_observer *o, const double *from, const double *to, const double *const *state,
                              wn_error *err) {
  const wn_batch *b = o->batch;
  const size_t size = (size_t)(b->model->n_output * b->width) * sizeof(double);
  double *const *outputs = o->node, *end = o->at[WN_N_EVEN - 1];
  bool done = next_ends(o, to);
  if (!done) {
    // outputs of the whole pieces first
    memcpy(o->step[0], o->node[0], size);
    memcpy(o->probe_at, to, (size_t)b->width * sizeof(double));
    o->at[WN_N_EVEN - 1] = o->probe_at;
    outputs = o->step;
  }
  place_nodes(o);
  for (int j = 1; j < WN_N_EVEN; j++) wn_lanes_outputs(&o->batch->lanes, o->at[j], state[j], outputs[j]);
  if (done) return see_piece(o, err);
  o->at[WN_N_EVEN - 1] = end;
  for (;; done = next_ends(o, to)) {
    place_nodes(o);
    cut_nodes(o, from, to);
    WN_TRY(see_piece(o, err));
    if (done) return WN_OK;
  }
}

// pieces at five nodes of the dense output
static wn_status observe_lobatto(wn_observer *o, const double *now, wn_error *err) {
  o->n_node = WN_N_NODE;
  for (bool done = false; !done;) {
    done = next_ends(o, now);
    WN_TRY(observe_piece(o, done, err));
  }
  return WN_OK;
}

wn_status wn_observe_step(wn_observer *observer, const double *stop, wn_error *err) {
  const size_t size = (size_t)observer->batch->width * sizeof(double);
  const double *before = wn_solver_previously(observer->solver), *now = wn_solver_times(observer->solver);
  const double *from, *to, *state[WN_N_NODES];
  wn_rows_ahead(observer, before, stop);
  wn_rows_find_tails(observer, before, now);
  wn_rows_add(observer, before, now, stop);
  memcpy(observer->at[0], before, size);
  observer->n_node = WN_N_EVEN;
  if (!wn_solver_nodes(observer->solver, &from, &to, state)) {
    WN_TRY(observe_lobatto(observer, now, err));
  } else {
    do WN_TRY(observe_even(observer, from, to, state, err));
    while (wn_solver_nodes(observer->solver, &from, &to, state));
  }
  wn_rows_tails_ahead(observer, before, now);
  memcpy(observer->reached, now, size);
  return WN_OK;
}

wn_status wn_observe_end(wn_observer *observer, int place, wn_error *err) {
  wn_rows_end(observer, place);
  return wn_windows_end(observer, place, err);
}

void wn_observe_failure(wn_observer *observer, int place) {
  wn_rows_fail(observer, place);
  wn_windows_sort(observer, place);
}

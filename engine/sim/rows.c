// rows.c - rows of the output grid and samples of the terminal phase, read off the solver's dense output: states wait
// until there are some of most lanes, then outputs are evaluated. Invariant: a row at the time of an event holds the
// values after it; every row is written once, in order. It must not know of windows or metrics.

#include "sim/observe.h"

#include <math.h>
#include <string.h>

static bool any_unit(const wn_model *model) {
  for (int i = 0; i < model->n_output; i++)
    if (wn_output_has_unit(&model->output[i])) return true;
  return false;
}

// samples from a subject's last action to the end, denser towards its beginning: t = last + length (k / n)^2
void wn_rows_start(wn_observer *observer, int lane) {
  const wn_batch *b = observer->batch;
  const wn_schedule *schedule = &b->subject[lane]->schedule;
  observer->tail_from[lane] = observer->tail_length[lane] = 0;
  observer->has_last_only[lane] = false;
  double last = schedule->n_action ? fmax(schedule->action[schedule->n_action - 1].time, b->scenario->t_start) : NAN;
  double length = wn_batch_end(b, lane) - last;
  if (length > WN_SAME_TIME && any_unit(b->model)) {
    observer->tail_from[lane] = last;
    observer->tail_length[lane] = length;
  }
  for (int kind = 0; kind < WN_N_READ; kind++) {
    wn_reader *r = &observer->rows_of[kind];
    r->next[lane] = r->n_waiting[lane] = 0;
    wn_rows_take(observer, kind, lane, 0);
  }
}

double wn_rows_tail_least(const wn_observer *observer, double peak) { return peak * fmax(1e-4, 100 * observer->rtol); }

bool wn_rows_tail_part(const wn_observer *observer, int lane, int last, int *first) {
  const double begin = wn_rows_tail_time(observer, lane, 0);
  const double from = begin + 0.75 * (wn_rows_tail_time(observer, lane, last) - begin);
  *first = last;
  while (*first > 0 && wn_rows_tail_time(observer, lane, *first) > from) --*first;
  return last - *first >= 2;
}

double wn_rows_tail_time(const wn_observer *observer, int lane, int k) {
  double part = (double)k / (WN_N_TAIL - 1);
  return observer->tail_from[lane] + observer->tail_length[lane] * part * part;
}

static inline void take(const wn_observer *o, wn_read kind, wn_reader *r, int lane, int n) {
  const int next = r->next[lane] += n;
  if (kind == WN_READ_ROWS)
    r->due[lane] = next < o->n_row ? o->row_time[next] : INFINITY;
  else
    r->due[lane] = o->tail_length[lane] > 0 && next < WN_N_TAIL ? wn_rows_tail_time(o, lane, next) : INFINITY;
}

void wn_rows_take(wn_observer *observer, wn_read kind, int lane, int n) {
  take(observer, kind, &observer->rows_of[kind], lane, n);
}

// ---- out of waiting ----

// states of the k-th waiting ones, a lane beside the other -> dense, with their times -> probe_at; outputs -> out
static void evaluate(wn_observer *o, const wn_reader *r, int k, double *out) {
  const wn_batch *b = o->batch;
  const int n_state = b->model->n_state;
  for (int lane = 0; lane < b->n_subject; lane++) {
    if (k >= r->n_waiting[lane]) continue;
    const double *from = r->state + ((size_t)lane * WN_N_WAITING + (size_t)k) * (size_t)n_state;
    for (int i = 0; i < o->n_read; i++) o->dense[o->read_state[i] * b->width + lane] = from[o->read_state[i]];
    o->probe_at[lane] = r->time[lane * WN_N_WAITING + k];
  }
  wn_lanes_outputs(&o->batch->lanes, o->probe_at, o->dense, out);
}

static void write_outputs(const wn_observer *o, int lane, int output, int n, double *column) {
  const size_t size = (size_t)o->batch->model->n_output * (size_t)o->batch->width;
  const double *from = o->late + (size_t)output * (size_t)o->batch->width + (size_t)lane;
  for (int k = 0; k < n; k++) column[k] = from[(size_t)k * size];
}

static void write_rows(wn_observer *o, int lane) {
  const wn_batch *b = o->batch;
  const wn_reader *r = &o->rows_of[WN_READ_ROWS];
  const int n = r->n_waiting[lane], n_state = b->model->n_state, n_output = b->model->n_output;
  const size_t n_row = (size_t)o->n_row;
  double *column = o->row[lane] + (r->next[lane] - n);
  if (o->row_output) {
    for (int i = 0; i < o->n_column; i++) write_outputs(o, lane, o->row_output[i], n, column + (size_t)i * n_row);
    return;
  }
  // states that are left out stay 0
  const double *from = r->state + (size_t)lane * WN_N_WAITING * (size_t)n_state;
  for (int i = 0; i < n_state; i++) {
    double *to = column + (size_t)wn_model_full_state(b->model, i) * n_row;
    for (int k = 0; k < n; k++) to[k] = from[k * n_state + i];
  }
  column += (size_t)(o->n_column - n_output) * n_row;
  for (int i = 0; i < n_output; i++) write_outputs(o, lane, i, n, column + (size_t)i * n_row);
}

static void write_samples(wn_observer *o, int lane) {
  const wn_batch *b = o->batch;
  const wn_reader *r = &o->rows_of[WN_READ_TAIL];
  const int n = r->n_waiting[lane], n_output = b->model->n_output;
  double *to = o->tail + (size_t)(r->next[lane] - n) * (size_t)(n_output * b->n_subject) + lane;
  for (int k = 0; k < n; k++)
    for (int i = 0; i < n_output; i++, to += b->n_subject) *to = o->late[(k * n_output + i) * b->width + lane];
}

// All that wait: outputs of many lanes are evaluated together, and a column is written a cache line at a time.
static void flush(wn_observer *o, wn_read kind) {
  const wn_batch *b = o->batch;
  wn_reader *r = &o->rows_of[kind];
  int most = 0;
  for (int lane = 0; lane < b->n_subject; lane++) most = r->n_waiting[lane] > most ? r->n_waiting[lane] : most;
  for (int k = 0; k < most; k++) evaluate(o, r, k, o->late + (size_t)k * (size_t)(b->model->n_output * b->width));
  for (int lane = 0; lane < b->n_subject && most > 0; lane++) {
    if (kind == WN_READ_ROWS)
      write_rows(o, lane);
    else
      write_samples(o, lane);
    r->n_waiting[lane] = 0;
  }
}

void wn_rows_flush(wn_observer *observer) {
  for (int kind = 0; kind < WN_N_READ; kind++) flush(observer, kind);
}

// ---- into waiting ----

// a place for the state of a lane's next row or sample, at the time
static inline double *wait_for(wn_observer *o, wn_read kind, int lane, double time) {
  wn_reader *r = &o->rows_of[kind];
  const int k = lane * WN_N_WAITING + r->n_waiting[lane]++;
  r->time[k] = time;
  take(o, kind, r, lane, 1);
  return r->state + (size_t)k * (size_t)o->batch->model->n_state;
}

static void copy_state(const wn_observer *o, int lane, double *to) {
  const wn_batch *b = o->batch;
  for (int i = 0; i < b->model->n_state; i++) to[i] = b->state[i * b->width + lane];
}

// Rows or samples of a lane up to `last`, as far as there is room -> pairs, from the n-th on; how many there are then.
// At an event itself states are those after it.
static int wait_lane(wn_observer *o, wn_read kind, int lane, double before, double last, int n) {
  wn_reader *r = &o->rows_of[kind];
  while (r->due[lane] <= last && r->n_waiting[lane] < WN_N_WAITING) {
    const double time = r->due[lane] > before ? r->due[lane] : before;
    if (time <= o->event_time[lane] + WN_SAME_TIME) {
      copy_state(o, lane, wait_for(o, kind, lane, o->event_time[lane]));
      continue;
    }
    o->pair_lane[n] = lane, o->pair_time[n] = time;
    o->pair_to[n++] = wait_for(o, kind, lane, time);
  }
  return n;
}

static void read(wn_observer *o, wn_read kind, const double *before, const double *now, const double *stop) {
  const wn_reader *r = &o->rows_of[kind];
  for (bool is_full = true; is_full;) {
    int n = 0;
    is_full = false;
    for (int lane = 0; lane < o->batch->n_subject; lane++) {
      // a row or sample waits for the event at the stop
      const double last = now[lane] >= stop[lane] ? now[lane] - WN_SAME_TIME : now[lane];
      if (!(r->due[lane] <= last) || !(now[lane] > before[lane])) continue;
      // what is read ahead, when all of the terminal phase is there, is not read here
      if (kind == WN_READ_TAIL && o->tail_ahead[lane]) continue;
      n = wait_lane(o, kind, lane, before[lane], last, n);
      is_full |= r->due[lane] <= last;
    }
    if (n > 0) wn_solver_look_at(o->solver, n, o->pair_lane, o->pair_time, o->pair_to);
    if (is_full) flush(o, kind);
  }
}

void wn_rows_add(wn_observer *observer, const double *before, const double *now, const double *stop) {
  if (observer->n_row) read(observer, WN_READ_ROWS, before, now, stop);
  read(observer, WN_READ_TAIL, before, now, stop);
}

void wn_rows_end(wn_observer *observer, int lane) {
  for (int kind = 0; kind < WN_N_READ; kind++) {
    wn_reader *r = &observer->rows_of[kind];
    if (kind == WN_READ_ROWS && !observer->n_row) continue;
    while (r->due[lane] < INFINITY) {
      if (r->n_waiting[lane] == WN_N_WAITING) flush(observer, kind);
      copy_state(observer, lane, wait_for(observer, kind, lane, observer->reached[lane]));
    }
  }
  // while the lane still has the parameters of who leaves it
  wn_rows_flush(observer);
}

void wn_rows_fail(wn_observer *observer, int lane) {
  wn_rows_flush(observer);
  for (int i = 0; i < observer->n_column; i++)
    for (int k = observer->rows_of[WN_READ_ROWS].next[lane]; k < observer->n_row; k++)
      observer->row[lane][(size_t)i * (size_t)observer->n_row + (size_t)k] = NAN;
}

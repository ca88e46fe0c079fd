// rows.c - rows of the output grid and samples of the terminal phase, read off the solver's dense output. Invariant: a
// row at the time of an event holds the values after it; every row is written once, in order. It must not know of
// windows or metrics.

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
  observer->next_row[lane] = observer->next_tail[lane] = observer->n_waiting[lane] = 0;
  observer->tail_from[lane] = observer->tail_length[lane] = 0;
  observer->has_last_only[lane] = false;
  if (schedule->n_action == 0 || !any_unit(b->model)) return;
  double last = fmax(schedule->action[schedule->n_action - 1].time, b->scenario->t_start);
  double length = wn_batch_end(b, lane) - last;
  if (!(length > WN_SAME_TIME)) return;
  observer->tail_from[lane] = last;
  observer->tail_length[lane] = length;
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

void wn_rows_flush(wn_observer *observer, int lane) {
  const int n = observer->n_waiting[lane], n_column = observer->n_column;
  const double *from = observer->waiting + (size_t)lane * WN_N_WAITING * (size_t)n_column;
  double *column = observer->row[lane] + (observer->next_row[lane] - n);
  for (int i = 0; n > 0 && i < n_column; i++, column += observer->n_row)
    for (int k = 0; k < n; k++) column[k] = from[k * n_column + i];
  observer->n_waiting[lane] = 0;
}

// Row by row, all columns of all lanes are too many places for the first-level cache and its address translation: rows
// wait until there are some.
static void write_row(wn_observer *o, int lane, const double *state, const double *output) {
  const wn_batch *b = o->batch;
  const int n_state = b->model->n_state, n_output = b->model->n_output;
  double *row = o->waiting + ((size_t)lane * WN_N_WAITING + (size_t)o->n_waiting[lane]) * (size_t)o->n_column;
  for (int i = 0; o->row_output && i < o->n_column; i++) row[i] = output[o->row_output[i] * b->width + lane];
  // states that are left out stay 0
  for (int i = 0; !o->row_output && i < n_state; i++)
    row[wn_model_full_state(b->model, i)] = state[i * b->width + lane];
  for (int i = 0; !o->row_output && i < n_output; i++) row[o->n_column - n_output + i] = output[i * b->width + lane];
  o->next_row[lane]++;
  if (++o->n_waiting[lane] == WN_N_WAITING) wn_rows_flush(o, lane);
}

static void write_tail(wn_observer *o, int lane, const double *output) {
  const wn_batch *b = o->batch;
  size_t n_output = (size_t)b->model->n_output, n_subject = (size_t)b->n_subject;
  double *to = o->tail + (size_t)o->next_tail[lane]++ * n_output * n_subject + lane;
  for (size_t i = 0; i < n_output; i++) to[i * n_subject] = output[i * (size_t)b->width + (size_t)lane];
}

static double next_row_time(const wn_observer *o, int lane) {
  return o->next_row[lane] < o->n_row ? o->row_time[o->next_row[lane]] : INFINITY;
}

static double next_tail_time(const wn_observer *o, int lane) {
  // what is read ahead, when all of the terminal phase is there, is not read here
  bool any = !o->tail_ahead[lane] && o->tail_length[lane] > 0 && o->next_tail[lane] < WN_N_TAIL;
  return any ? wn_rows_tail_time(o, lane, o->next_tail[lane]) : INFINITY;
}

// a row or sample of a lane waits for the event at its stop
static double last_time(double now, double stop) { return now >= stop ? now - WN_SAME_TIME : now; }

// the next row (or sample) of every lane that has one in its step -> probe_at; false when none has
static bool next_times(wn_observer *o, double (*next)(const wn_observer *, int), const double *before,
                       const double *now, const double *stop) {
  const wn_batch *b = o->batch;
  bool any = false;
  for (int lane = 0; lane < b->n_subject; lane++) {
    double time = next(o, lane);
    bool has = now[lane] > before[lane] && time <= last_time(now[lane], stop[lane]);
    o->probe_at[lane] = has ? fmax(time, before[lane]) : now[lane];
    o->due[lane] = has;
    any |= has;
  }
  // the drug-free lanes and the padding are not written
  for (int lane = b->n_subject; any && lane < b->width; lane++) o->probe_at[lane] = now[lane];
  return any;
}

// states and outputs at probe_at; at an event itself those after it
static void look(wn_observer *o) {
  const wn_batch *b = o->batch;
  wn_solver_look(o->solver, o->probe_at, o->dense);
  for (int lane = 0; lane < b->n_subject; lane++) {
    if (!o->due[lane] || o->probe_at[lane] > o->event_time[lane] + WN_SAME_TIME) continue;
    o->probe_at[lane] = o->event_time[lane];
    for (int i = 0; i < b->model->n_state; i++) o->dense[i * b->width + lane] = b->state[i * b->width + lane];
  }
  wn_lanes_outputs(&o->batch->lanes, o->probe_at, o->dense, o->probe);
}

void wn_rows_add(wn_observer *observer, const double *before, const double *now, const double *stop) {
  const int n = observer->batch->n_subject;
  while (observer->n_row && next_times(observer, next_row_time, before, now, stop)) {
    look(observer);
    for (int lane = 0; lane < n; lane++)
      if (observer->due[lane]) write_row(observer, lane, observer->dense, observer->probe);
  }
  while (next_times(observer, next_tail_time, before, now, stop)) {
    look(observer);
    for (int lane = 0; lane < n; lane++)
      if (observer->due[lane]) write_tail(observer, lane, observer->probe);
  }
}

void wn_rows_end(wn_observer *observer, int lane) {
  const wn_batch *b = observer->batch;
  wn_lanes_outputs(&observer->batch->lanes, observer->reached, b->state, observer->probe);
  while (next_row_time(observer, lane) < INFINITY) write_row(observer, lane, b->state, observer->probe);
  while (next_tail_time(observer, lane) < INFINITY) write_tail(observer, lane, observer->probe);
  if (observer->n_row) wn_rows_flush(observer, lane);
}

void wn_rows_fail(wn_observer *observer, int lane) {
  if (observer->n_row) wn_rows_flush(observer, lane);
  for (int i = 0; i < observer->n_column; i++)
    for (int k = observer->next_row[lane]; k < observer->n_row; k++)
      observer->row[lane][(size_t)i * (size_t)observer->n_row + (size_t)k] = NAN;
}

// rows_ahead.c - rows and samples up to the next event where the solver knows the way there at once and the lanes share
// their events: each from the one before, many in a row, instead of each from the start of some step. Invariant: what
// is written is what wn_rows_add would write, in order and once. It must not know of windows or metrics.

#include "sim/observe.h"

#include <math.h>

// times of rows, or of samples, before the stop -> ahead_time; at most WN_N_AHEAD
static int find_rows(wn_observer *o, double from, double stop) {
  int n = 0;
  for (int k = o->next_row[0]; n < WN_N_AHEAD && k < o->n_row && o->row_time[k] <= stop - WN_SAME_TIME; k++)
    o->ahead_time[n++] = fmax(o->row_time[k], from);
  return n;
}

static int find_samples(wn_observer *o, double from, double stop) {
  int n = 0;
  for (int k = o->next_tail[0]; o->tail_length[0] > 0 && n < WN_N_AHEAD && k < WN_N_TAIL; k++) {
    double time = wn_rows_tail_time(o, 0, k);
    if (!(time <= stop - WN_SAME_TIME)) break;
    o->ahead_time[n++] = fmax(time, from);
  }
  return n;
}

// states and outputs at the times; false when the solver does not know them yet
static bool look_ahead(wn_observer *o, int n) {
  const wn_batch *b = o->batch;
  const size_t width = (size_t)b->width, n_state = (size_t)b->model->n_state, n_output = (size_t)b->model->n_output;
  if (!wn_solver_ahead(o->solver, n, o->ahead_time, true, o->ahead)) return false;
  for (int k = 0; k < n; k++) {
    for (size_t lane = 0; lane < width; lane++) o->probe_at[lane] = o->ahead_time[k];
    wn_lanes_outputs(&o->batch->lanes, o->probe_at, o->ahead + (size_t)k * n_state * width,
                     o->ahead_output + (size_t)k * n_output * width);
  }
  return true;
}

// a lane's n values of one state or output, `stride` apart, into a stretch of its column
static void write_column(const double *from, size_t stride, int n, double *column) {
  for (int k = 0; k < n; k++) column[k] = from[(size_t)k * stride];
}

static void write_rows(wn_observer *o, int lane, int n) {
  const wn_batch *b = o->batch;
  const size_t width = (size_t)b->width, n_state = (size_t)b->model->n_state, n_output = (size_t)b->model->n_output;
  const size_t n_row = (size_t)o->n_row, n_column = (size_t)o->n_column;
  wn_rows_flush(o, lane);
  const double *state = o->ahead + lane, *output = o->ahead_output + lane;
  double *column = o->row[lane] + o->next_row[lane];
  o->next_row[lane] += n;
  if (o->row_output) {
    for (size_t i = 0; i < n_column; i++)
      write_column(output + (size_t)o->row_output[i] * width, n_output * width, n, column + i * n_row);
    return;
  }
  for (size_t i = 0; i < n_state; i++)
    write_column(state + i * width, n_state * width, n, column + (size_t)wn_model_full_state(b->model, (int)i) * n_row);
  column += (n_column - n_output) * n_row;
  for (size_t i = 0; i < n_output; i++) write_column(output + i * width, n_output * width, n, column + i * n_row);
}

// n of them, from the first-th that was read ahead on
static void write_samples(wn_observer *o, int lane, int n, int first) {
  const wn_batch *b = o->batch;
  const size_t width = (size_t)b->width, n_output = (size_t)b->model->n_output, n_subject = (size_t)b->n_subject;
  double *to = o->tail + (size_t)o->next_tail[lane] * n_output * n_subject + lane;
  for (size_t i = 0; i < (size_t)n * n_output; i++)
    to[i * n_subject] = o->ahead_output[((size_t)first * n_output + i) * width + (size_t)lane];
  o->next_tail[lane] += n;
}

// lanes go from one time to another together, and have written and are to write the same
static bool is_shared(const wn_observer *o, const double *before, const double *stop) {
  const wn_batch *b = o->batch;
  for (int lane = 1; lane < b->width; lane++)
    if (before[lane] != before[0] || stop[lane] != stop[0]) return false;
  for (int lane = 1; lane < b->n_subject; lane++) {
    if (o->next_row[lane] != o->next_row[0] || o->next_tail[lane] != o->next_tail[0]) return false;
    if (o->tail_from[lane] != o->tail_from[0] || o->tail_length[lane] != o->tail_length[0]) return false;
  }
  return true;
}

void wn_rows_ahead(wn_observer *observer, const double *before, const double *stop) {
  const int n_subject = observer->batch->n_subject;
  if (!is_shared(observer, before, stop)) return;
  for (int n; (n = find_rows(observer, before[0], stop[0])) > 0;) {
    if (!look_ahead(observer, n)) return;
    for (int lane = 0; lane < n_subject; lane++) write_rows(observer, lane, n);
  }
}

// ---- samples of the terminal phase ----

bool wn_rows_is_tail(const wn_observer *o, const double *before, const double *now) {
  return wn_solver_ahead(o->solver, 0, before, true, NULL) && o->tail_length[0] > 0 && o->next_tail[0] == 0 &&
         is_shared(o, before, now) && before[0] == o->tail_from[0] && now[0] >= wn_batch_end(o->batch, 0);
}

// Every output is high enough at the end, against all it has been, for its half-life to be read off the last samples.
static bool ends_high(const wn_observer *o) {
  const wn_batch *b = o->batch;
  const wn_span *run = &o->span[WN_SPAN_RUN];
  for (int i = 0; i < b->model->n_output; i++)
    for (int lane = 0; lane < b->n_subject && wn_output_has_unit(&b->model->output[i]); lane++)
      if (!(o->node[0][i * b->width + lane] >= wn_rows_tail_least(o, run->high[i * o->n_pad + lane]))) return false;
  return true;
}

// the samples that a half-life is read off when the last of all is one of them
static void add_last_samples(wn_observer *o) {
  int k[2];
  wn_rows_tail_part(o, 0, WN_N_TAIL - 1, &k[0]);
  k[1] = (k[0] + WN_N_TAIL - 1) / 2;
  for (int i = 0; i < 2; i++) o->ahead_time[i] = wn_rows_tail_time(o, 0, k[i]);
  if (!look_ahead(o, 2)) return;
  for (int i = 0; i < 2; i++) {
    for (int lane = 0; lane < o->batch->n_subject; lane++) {
      o->next_tail[lane] = k[i];
      write_samples(o, lane, 1, i);
    }
  }
  for (int lane = 0; lane < o->batch->n_subject; lane++)
    o->next_tail[lane] = WN_N_TAIL - 1, o->has_last_only[lane] = true;
}

void wn_rows_tail_ahead(wn_observer *observer, const double *now) {
  const double from = observer->tail_from[0];
  if (ends_high(observer)) {
    add_last_samples(observer);
    return;
  }
  for (int n; (n = find_samples(observer, from, now[0])) > 0;) {
    if (!look_ahead(observer, n)) return;
    for (int lane = 0; lane < observer->batch->n_subject; lane++) write_samples(observer, lane, n, 0);
  }
}

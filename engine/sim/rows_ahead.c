// rows_ahead.c - rows and samples up to the next event where the solver knows the way there at once: each from the one
// before, many in a row, instead of each from the start of some step. Invariant: a lane reads its own times in its own
// order, whoever is beside it, so that its bits are its own; what is written is what wn_rows_add would write, in order
// and once. It must not know of windows or metrics.

#include "sim/observe.h"

#include <math.h>
#include <string.h>

// The k-th time from now on that a lane is to be read at; infinite: there are no more.
typedef double next_time(const wn_observer *o, int lane, int k, double from, double to);

static double row_time(const wn_observer *o, int lane, int k, double from, double to) {
  const int row = o->rows_of[WN_READ_ROWS].next[lane] + k;
  return row < o->n_row && o->row_time[row] <= to - WN_SAME_TIME ? fmax(o->row_time[row], from) : INFINITY;
}

static double sample_time(const wn_observer *o, int lane, int k, double from, double to) {
  const int sample = o->rows_of[WN_READ_TAIL].next[lane] + k;
  if (!o->tail_ahead[lane] || sample >= WN_N_TAIL) return INFINITY;
  const double time = wn_rows_tail_time(o, lane, sample);
  return time <= to - WN_SAME_TIME ? fmax(time, from) : INFINITY;
}

// the samples that a half-life is read off when the last of all is one of them
static double last_time(const wn_observer *o, int lane, int k, double from, double to) {
  (void)from;
  (void)to;
  if (!o->tail_ahead[lane] || !o->has_last_only[lane] || k > 1) return INFINITY;
  int first;
  wn_rows_tail_part(o, lane, WN_N_TAIL - 1, &first);
  return wn_rows_tail_time(o, lane, k == 0 ? first : (first + WN_N_TAIL - 1) / 2);
}

// The next times of every lane, at most WN_N_AHEAD -> ahead_time, how many -> n_ahead; returns the most. A lane that
// has no more stays where it read last, or where its step began.
static int find_times(wn_observer *o, next_time *next, const double *from, const double *to) {
  const wn_batch *b = o->batch;
  const int width = b->width;
  int most = 0;
  for (int lane = 0; lane < b->n_subject; lane++) {
    int n = 0;
    for (double time; n < WN_N_AHEAD && (time = next(o, lane, n, from[lane], to[lane])) < INFINITY; n++)
      o->ahead_time[n * width + lane] = time;
    o->n_ahead[lane] = n;
    most = n > most ? n : most;
  }
  for (int lane = 0; lane < width; lane++) {
    const int subject = wn_batch_subject_of(b, lane), n = o->n_ahead[subject];
    for (int k = 0; k < most; k++) {
      double *at = &o->ahead_time[k * width + lane];
      *at = k < n ? o->ahead_time[k * width + subject] : k > 0 ? at[-width] : from[lane];
    }
  }
  return most;
}

static bool is_shared(const wn_observer *o, int n) {
  const int width = o->batch->width;
  for (int lane = 1; lane < o->batch->n_subject; lane++)
    if (o->n_ahead[lane] != o->n_ahead[0]) return false;
  for (int k = 0; k < n; k++)
    for (int lane = 1; lane < width; lane++)
      if (o->ahead_time[k * width + lane] != o->ahead_time[k * width]) return false;
  return true;
}

// states and outputs at the times; false when the solver does not know them yet
static bool look_ahead(wn_observer *o, int n) {
  const wn_batch *b = o->batch;
  const size_t width = (size_t)b->width, n_state = (size_t)b->model->n_state, n_output = (size_t)b->model->n_output;
  const double *time = o->ahead_time;
  double shared[WN_N_AHEAD];
  const bool together = is_shared(o, n);
  for (int k = 0; k < n; k++) shared[k] = time[(size_t)k * width];
  if (!wn_solver_ahead(o->solver, n, together ? shared : time, together, o->ahead)) return false;
  for (size_t k = 0; k < (size_t)n; k++)
    wn_lanes_outputs(&o->batch->lanes, time + k * width, o->ahead + k * n_state * width,
                     o->ahead_output + k * n_output * width);
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
  const double *state = o->ahead + lane, *output = o->ahead_output + lane;
  double *column = o->row[lane] + o->rows_of[WN_READ_ROWS].next[lane];
  wn_rows_take(o, WN_READ_ROWS, lane, n);
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

// what was read ahead k-th, as a lane's next sample
static void write_sample(wn_observer *o, int lane, int k) {
  const wn_batch *b = o->batch;
  const size_t width = (size_t)b->width, n_output = (size_t)b->model->n_output, n_subject = (size_t)b->n_subject;
  double *to = o->tail + (size_t)o->rows_of[WN_READ_TAIL].next[lane] * n_output * n_subject + lane;
  for (size_t i = 0; i < n_output; i++)
    to[i * n_subject] = o->ahead_output[((size_t)k * n_output + i) * width + (size_t)lane];
  wn_rows_take(o, WN_READ_TAIL, lane, 1);
}

void wn_rows_ahead(wn_observer *observer, const double *before, const double *stop) {
  const int n_subject = observer->batch->n_subject;
  if (!wn_solver_ahead(observer->solver, 0, before, true, NULL)) return;
  for (int n; observer->n_row > 0 && (n = find_times(observer, row_time, before, stop)) > 0;) {
    if (!look_ahead(observer, n)) return;
    wn_rows_flush(observer);
    for (int lane = 0; lane < n_subject; lane++)
      if (observer->n_ahead[lane] > 0) write_rows(observer, lane, observer->n_ahead[lane]);
  }
}

// ---- samples of the terminal phase ----

void wn_rows_find_tails(wn_observer *o, const double *before, const double *now) {
  const bool knows = wn_solver_ahead(o->solver, 0, before, true, NULL);
  for (int lane = 0; lane < o->batch->n_subject; lane++)
    o->tail_ahead[lane] = knows && o->tail_length[lane] > 0 && o->rows_of[WN_READ_TAIL].next[lane] == 0 &&
                          now[lane] > before[lane] && before[lane] == o->tail_from[lane] &&
                          now[lane] >= wn_batch_end(o->batch, lane);
}

// Every output of a lane is high enough at the end, against all it has been, for its half-life to be read off the last
// samples.
static bool ends_high(const wn_observer *o, int lane) {
  const wn_batch *b = o->batch;
  const wn_span *run = &o->span[WN_SPAN_RUN];
  for (int i = 0; i < b->model->n_output; i++)
    if (wn_output_has_unit(&b->model->output[i]) &&
        !(o->node[0][i * b->width + lane] >= wn_rows_tail_least(o, run->high[i * o->n_pad + lane])))
      return false;
  return true;
}

static void go_to(wn_observer *o, int lane, int sample) {
  wn_rows_take(o, WN_READ_TAIL, lane, sample - o->rows_of[WN_READ_TAIL].next[lane]);
}

// lanes of which only the last samples are wanted; the others' are left for all of them
static void add_last_samples(wn_observer *o, const double *before, const double *now) {
  bool any = false;
  for (int lane = 0; lane < o->batch->n_subject; lane++) {
    const bool last = o->tail_ahead[lane] && ends_high(o, lane);
    if (o->tail_ahead[lane]) o->has_last_only[lane] = last;
    any |= last;
  }
  const int n = any ? find_times(o, last_time, before, now) : 0;
  const bool known = n > 0 && look_ahead(o, n);
  for (int lane = 0; lane < o->batch->n_subject; lane++) {
    if (!o->tail_ahead[lane] || !o->has_last_only[lane]) continue;
    if (known) {
      int first;
      wn_rows_tail_part(o, lane, WN_N_TAIL - 1, &first);
      go_to(o, lane, first), write_sample(o, lane, 0);
      go_to(o, lane, (first + WN_N_TAIL - 1) / 2), write_sample(o, lane, 1);
    }
    go_to(o, lane, WN_N_TAIL - 1);
    o->tail_ahead[lane] = false;
  }
}

void wn_rows_tails_ahead(wn_observer *observer, const double *before, const double *now) {
  const int n_subject = observer->batch->n_subject;
  bool any = false;
  for (int lane = 0; lane < n_subject; lane++) any |= observer->tail_ahead[lane];
  if (!any) return;
  add_last_samples(observer, before, now);
  for (int n; (n = find_times(observer, sample_time, before, now)) > 0;) {
    if (!look_ahead(observer, n)) break;
    for (int lane = 0; lane < n_subject; lane++)
      for (int k = 0; k < observer->n_ahead[lane]; k++) write_sample(observer, lane, k);
  }
  memset(observer->tail_ahead, 0, (size_t)n_subject * sizeof *observer->tail_ahead);
}

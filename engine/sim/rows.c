// rows.c - rows of the output grid and samples of the terminal phase, read off the solver's dense output. Invariant: a
// row at the time of an event holds the values after it; every row is written once, in order. It must not know of
// windows or metrics.

#include "sim/observe.h"

#include <math.h>
#include <string.h>

// a grid point this near to an event (h) is at the event: sums like 0.1 k are not exact
static const double SAME_TIME = 1e-9;

static bool any_unit(const wn_model *model) {
  for (int i = 0; i < model->n_output; i++)
    if (wn_output_has_unit(&model->output[i])) return true;
  return false;
}

// samples from the last action to the end, denser towards its beginning: t = last + length (k / n)^2
void wn_rows_start(wn_observer *observer) {
  const wn_batch *b = observer->batch;
  const wn_schedule *schedule = &b->subject[0]->schedule;
  if (schedule->n_action == 0 || !any_unit(b->model)) return;
  double last = fmax(schedule->action[schedule->n_action - 1].time, b->scenario->t_start);
  double length = b->scenario->t_end - last;
  if (!(length > SAME_TIME)) return;
  observer->n_tail = WN_N_TAIL;
  for (int k = 0; k < WN_N_TAIL; k++) {
    double part = (double)k / (WN_N_TAIL - 1);
    observer->tail_time[k] = last + length * part * part;
  }
}

static void write_row(wn_observer *o, const double *state, const double *output) {
  const wn_batch *b = o->batch;
  int n_state = b->model->n_state, n_output = b->model->n_output;
  for (int lane = 0; lane < b->n_subject; lane++) {
    double *column = o->row[lane] + o->next_row;
    if (o->row_output) {
      for (int i = 0; i < o->n_column; i++, column += o->n_row) *column = output[o->row_output[i] * b->width + lane];
      continue;
    }
    for (int i = 0; i < n_state; i++, column += o->n_row) *column = state[i * b->width + lane];
    for (int i = 0; i < n_output; i++, column += o->n_row) *column = output[i * b->width + lane];
  }
  o->next_row++;
}

static void write_tail(wn_observer *o, const double *output) {
  const wn_batch *b = o->batch;
  double *to = o->tail + (size_t)o->next_tail * (size_t)b->model->n_output * (size_t)b->n_subject;
  for (int i = 0; i < b->model->n_output; i++)
    for (int lane = 0; lane < b->n_subject; lane++) *to++ = output[i * b->width + lane];
  o->next_tail++;
}

// states and outputs at a time within the step; at the event itself the states after it
static const double *look(wn_observer *o, double time, const double **state) {
  if (time <= o->event_time + SAME_TIME) {
    *state = o->batch->state;
    wn_lanes_outputs(&o->batch->lanes, o->event_time, o->batch->state, o->probe);
    o->probe_time = NAN;
    return o->probe;
  }
  const double *output = wn_observe_probe(o, time);
  *state = o->dense;
  return output;
}

void wn_rows_add(wn_observer *observer, double a, double b, bool b_is_event) {
  const double *state;
  double until = b_is_event ? b - SAME_TIME : b;
  while (observer->next_row < observer->n_row && observer->row_time[observer->next_row] <= until) {
    const double *output = look(observer, fmax(observer->row_time[observer->next_row], a), &state);
    write_row(observer, state, output);
  }
  while (observer->next_tail < observer->n_tail && observer->tail_time[observer->next_tail] <= until)
    write_tail(observer, look(observer, fmax(observer->tail_time[observer->next_tail], a), &state));
}

void wn_rows_end(wn_observer *observer) {
  const wn_batch *b = observer->batch;
  wn_lanes_outputs(&observer->batch->lanes, b->scenario->t_end, b->state, observer->probe);
  observer->probe_time = NAN;
  while (observer->next_row < observer->n_row) write_row(observer, b->state, observer->probe);
  while (observer->next_tail < observer->n_tail) write_tail(observer, observer->probe);
}

void wn_rows_fail(wn_observer *observer) {
  const wn_batch *b = observer->batch;
  for (int lane = 0; lane < b->n_subject; lane++)
    for (int i = 0; i < observer->n_column; i++)
      for (int k = observer->next_row; k < observer->n_row; k++)
        observer->row[lane][(size_t)i * (size_t)observer->n_row + (size_t)k] = NAN;
}

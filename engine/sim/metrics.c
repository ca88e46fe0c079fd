// metrics.c - rows of numbers about a series, as result.h defines them. Invariant: the same rows in the same order for
// every series of a scenario with the same number of dosing days and windows, failed or not. It must not know how the
// numbers were observed.

#include "sim/metrics.h"

#include "sim/day.h"
#include <math.h>

// the series at work
typedef struct maker {
  const wn_observer *o;
  const wn_result *result;
  const wn_scenario *scenario;
  const wn_subject *subject;
  int lane;
  double known;  // values after this time are NaN
  wn_tally *tally;
  bool out_of_memory;
} maker;

static void put(maker *m, const char *quantity, const char *of, double value, const char *unit, double clock, int day) {
  wn_metric metric = {m->subject->series, quantity, of, value, unit, wn_day_clock(clock), day};
  if (!WN_PUSH(&m->tally->metrics, metric)) m->out_of_memory = true;
}

static double tail_time(const maker *m, int k) { return wn_rows_tail_time(m->o, m->lane, k); }

// half-life from the terminal samples of an output: see result.h
static double half_life(const maker *m, int output) {
  const wn_observer *o = m->o;
  int n_subject = o->batch->n_subject, n_output = o->batch->model->n_output;
  if (o->rows_of[WN_READ_TAIL].next[m->lane] < WN_N_TAIL) return NAN;
  const double *value = o->tail + output * n_subject + m->lane;
  size_t stride = (size_t)n_output * (size_t)n_subject;
  // the end of the decline: the last sample well above the solver's noise
  int last = WN_N_TAIL - 1, first;
  if (!o->has_last_only[m->lane]) {
    double peak = 0;
    for (int k = 0; k < WN_N_TAIL; k++) peak = fmax(peak, value[(size_t)k * stride]);
    while (last > 0 && !(value[(size_t)last * stride] >= wn_rows_tail_least(o, peak))) last--;
  }
  if (!wn_rows_tail_part(o, m->lane, last, &first)) return NAN;
  double a = value[(size_t)first * stride], middle = value[(size_t)((first + last) / 2) * stride];
  double b = value[(size_t)last * stride];
  if (!(a > middle && middle > b && b > 0)) return NAN;
  return (tail_time(m, last) - tail_time(m, first)) * log(2) / log(a / b);
}

// rows of one output over one span
static void put_span(maker *m, int output, wn_span_kind kind, int day) {
  const wn_span *span = &m->o->span[kind];
  const wn_output *out = &m->scenario->model->output[output];
  int at = output * m->o->n_pad + m->lane;
  double from = span->from[m->lane], to = span->to[m->lane], high = NAN, low = NAN, high_time = NAN, low_time = NAN;
  double integral = NAN;
  if (to <= m->known) {
    integral = span->integral[at];
    if (span->high[at] >= span->low[at]) {
      high = span->high[at], low = span->low[at];
      high_time = span->high_time[at], low_time = span->low_time[at];
    }
  }
  if (wn_output_has_unit(out)) {
    double dose = wn_subject_last_dose(m->subject, high_time);
    put(m, "cmax", out->name, high, out->unit, high_time, day);
    put(m, "tmax", out->name, high_time - (isnan(dose) ? from : dose), "h", high_time, day);
    put(m, "auc", out->name, integral, m->result->auc_unit[output], NAN, day);
    if (day == 0) put(m, "t_half", out->name, half_life(m, output), "h", NAN, 0);
  }
  put(m, "peak", out->name, high, out->unit, high_time, day);
  put(m, "trough", out->name, low, out->unit, low_time, day);
  put(m, "mean", out->name, integral / (to - from), out->unit, NAN, day);
}

static bool is_watched(const wn_scenario *scenario, int output) {
  for (int i = 0; i < scenario->n_watch; i++)
    if (scenario->watch[i] == output) return true;
  return false;
}

static void put_output(maker *m, int output) {
  int n_day = m->subject->n_day;
  bool brief = m->result->is_brief;
  if (brief && !is_watched(m->scenario, output)) return;
  if (!brief || n_day < 1) put_span(m, output, WN_SPAN_RUN, 0);
  if (n_day == 1 || (n_day > 1 && !brief)) put_span(m, output, WN_SPAN_FIRST, 1);
  if (n_day > 1) put_span(m, output, WN_SPAN_LAST, n_day);
}

// the windows of definition w: a run of the series' list, which is sorted
typedef struct occurrences {
  const wn_window *at;
  int n;
} occurrences;

static occurrences find_occurrences(const maker *m, int w) {
  const wn_window_list *list = &m->tally->windows;
  int first = 0;
  while (first < list->n && list->data[first].window < w) first++;
  int end = first;
  while (end < list->n && list->data[end].window == w) end++;
  return (occurrences){list->data ? list->data + first : NULL, end - first};
}

static double hours_within(occurrences found, double from, double to) {
  double hours = 0;
  for (int i = 0; i < found.n; i++) hours += wn_day_overlap(found.at[i].start, found.at[i].end, from, to);
  return hours;
}

static void put_occurrences(maker *m, const wn_window_def *def, occurrences found) {
  for (int i = 0; i < found.n; i++) {
    const wn_window *window = &found.at[i];
    put(m, "window_start", def->name, window->start, "h", window->open_start ? NAN : window->start,
        wn_day_of(window->start));
    put(m, "window_end", def->name, window->end, "h", window->open_end ? NAN : window->end, wn_day_of(window->end));
    put(m, "window_hours", def->name, window->end - window->start, "h", NAN, wn_day_of(window->start));
  }
}

static void put_shares(maker *m, const wn_window_def *def, occurrences found) {
  int n_day = m->subject->n_day;
  for (int day = 1; day <= n_day; day++) {
    double from, to;
    if (m->result->is_brief && day > 1 && day < n_day) continue;
    wn_subject_span(m->scenario, m->subject, day, &from, &to);
    put(m, "hours_per_day", def->name, to <= m->known ? hours_within(found, from, to) : NAN, "h", NAN, day);
  }
  double from, to, after, end, t_end = wn_scenario_end(m->scenario, m->subject->arm);
  for (int k = 0, day, next; wn_day_night(m->scenario, t_end, k, &from, &to, &day); k++) {
    double share = hours_within(found, from, to) / (to - from);
    if (m->result->is_brief && wn_day_night(m->scenario, t_end, k + 1, &after, &end, &next)) continue;
    put(m, "share_of_night", def->name, to <= m->known ? share : NAN, "1", NAN, day);
  }
}

// windows that begin in a dosing day; 1 if none does but one is open in it
static double count_in_day(occurrences found, double from, double to) {
  int begin = 0, open = 0;
  for (int i = 0; i < found.n; i++) {
    begin += found.at[i].start >= from && found.at[i].start < to;
    open += wn_day_overlap(found.at[i].start, found.at[i].end, from, to) > 0;
  }
  return begin ? begin : open > 0;
}

static void put_count(maker *m, const wn_window_def *def, occurrences found, int day) {
  double from, to;
  wn_subject_span(m->scenario, m->subject, day, &from, &to);
  put(m, "windows_per_day", def->name, to <= m->known ? count_in_day(found, from, to) : NAN, "1", NAN, day);
}

static void put_window(maker *m, int w) {
  const wn_window_def *def = &m->scenario->window[w];
  const wn_watch *watch = &m->o->watch[w * m->o->batch->n_subject + m->lane];
  occurrences found = find_occurrences(m, w);
  int n_day = m->subject->n_day;
  if (!m->result->is_brief) put_occurrences(m, def, found);
  put_shares(m, def, found);
  if (n_day < 1) return;
  put_count(m, def, found, 1);
  if (n_day > 1) put_count(m, def, found, n_day);
  double d = watch->best_day_peak, peak = def->above ? def->threshold + d : def->threshold - d;
  bool known = isfinite(d) && m->o->span[WN_SPAN_LAST].to[m->lane] <= m->known;
  put(m, "peak", def->name, known ? peak : NAN, def->baseline == 2 ? "1" : m->scenario->model->output[def->output].unit,
      known ? watch->best_day_time : NAN, n_day);
}

wn_status wn_metrics_make(wn_observer *observer, int place, bool failed, wn_error *err) {
  const wn_batch *b = observer->batch;
  maker m = {.o = observer,
             .result = observer->result,
             .scenario = b->scenario,
             .subject = b->subject[place],
             .lane = place,
             .known = failed ? observer->reached[place] : INFINITY,
             .tally = observer->tally[place]};
  for (int output = 0; output < b->model->n_output; output++) put_output(&m, output);
  for (int w = 0; w < b->scenario->n_window; w++) put_window(&m, w);
  return m.out_of_memory ? wn_fail_memory(err) : WN_OK;
}

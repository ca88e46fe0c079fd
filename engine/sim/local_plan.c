// local_plan.c - which metrics of an arm are derived, and what has to be looked at for each: the value at the time of
// an extreme, the edges of windows, integrals. Invariant: probes are found in the order they were asked for through
// `place`, and handed to the run by time.

#include "sim/local_metrics.h"

#include "sim/day.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

// candidates for the time of an extreme, of which only the clock is known
enum { MAX_CANDIDATE = 400 };

static bool add_probe(wn_local_plan *p, double time, int output) {
  return WN_PUSH(&p->probes, (wn_local_probe){.time = time, .output = output});
}

static int position_of(const wn_motion *motion, int output) {
  for (int k = 0; k < motion->n_output; k++)
    if (motion->output[k] == output) return k;
  return -1;
}

// every occurrence of every window gets a probe at both edges
static bool plan_windows(wn_local_plan *p, int series) {
  const wn_scenario *s = p->local->scenario;
  size_t n = (size_t)s->n_window + 1;
  p->window = wn_alloc(n * sizeof *p->window);
  p->n_occurrence = wn_alloc(n * sizeof(int));
  p->edge = wn_alloc(n * sizeof(int));
  if (!p->window || !p->n_occurrence || !p->edge) return false;
  int n_found;
  const wn_window *found = wn_result_windows(p->local->result, series, &n_found);
  for (int i = 0; i < n_found; i++) {
    int w = found[i].window, output = position_of(p->local->motion, s->window[w].output);
    if (p->n_occurrence[w]++ == 0) p->window[w] = &found[i], p->edge[w] = p->probes.n;
    if (!add_probe(p, found[i].start, output) || !add_probe(p, found[i].end, output)) return false;
  }
  return true;
}

// times in the span at which the clock says what it did at the extreme
static bool plan_extreme(wn_local_plan *p, wn_local_entry *entry) {
  entry->first = p->probes.n;
  if (isnan(entry->metric.clock) || (entry->to - entry->from) / 24 > MAX_CANDIDATE) return true;
  double time = entry->from + wn_day_clock(entry->metric.clock - entry->from);
  // the start itself, where rounding made it a day later
  if (time > entry->from + 24 - WN_SAME_TIME) time -= 24;
  for (; time <= entry->to + WN_SAME_TIME; time += 24)
    if (!add_probe(p, fmin(fmax(time, entry->from), entry->to), entry->output)) return false;
  entry->n = p->probes.n - entry->first;
  return true;
}

static bool plan_integral(wn_local_plan *p, wn_local_entry *entry) {
  entry->integral = p->integrals.n;
  for (int i = 0; i < p->integrals.n; i++) {
    const wn_local_integral *known = &p->integrals.data[i];
    if (known->output == entry->output && known->from == entry->from && known->to == entry->to) entry->integral = i;
  }
  if (entry->integral < p->integrals.n) return true;
  return WN_PUSH(&p->integrals, (wn_local_integral){.from = entry->from, .to = entry->to, .output = entry->output});
}

static bool is(const wn_local_entry *entry, const char *quantity) {
  return strcmp(entry->metric.quantity, quantity) == 0;
}

static bool plan_output(wn_local_plan *p, wn_local_entry *entry) {
  bool is_extreme = is(entry, "peak") || is(entry, "cmax") || is(entry, "trough");
  if (is_extreme && !plan_extreme(p, entry)) return false;
  if ((is(entry, "auc") || is(entry, "mean")) && !plan_integral(p, entry)) return false;
  if (is(entry, "tmax")) entry->extreme = p->entries.n - 1;
  if (!is_extreme && entry->integral < 0 && entry->extreme < 0) return true;
  return WN_PUSH(&p->entries, *entry);
}

// of many days the first whole one and the last are enough
static bool is_shown_day(const wn_subject *subject, double time) {
  double day = floor((time - subject->day_start) / 24 + WN_SAME_TIME) + 1;
  return subject->n_day < 1 || day == 1 || day == subject->n_day;
}

static bool plan_window(wn_local_plan *p, wn_local_entry *entry, int *seen) {
  const wn_metric *metric = &entry->metric;
  int w = entry->window;
  bool is_start = is(entry, "window_start");
  if (is_start || is(entry, "window_end") || is(entry, "window_hours")) {
    seen[w] += is_start;
    entry->occurrence = seen[w] - 1;
    if (entry->occurrence >= p->n_occurrence[w]) return true;
    return !is_shown_day(p->subject, p->window[w][entry->occurrence].start) || WN_PUSH(&p->entries, *entry);
  }
  if (is(entry, "hours_per_day"))
    return (metric->day != 1 && metric->day != p->subject->n_day) || WN_PUSH(&p->entries, *entry);
  if (is(entry, "share_of_night")) {
    double from, to;
    int day;
    for (int k = 0; wn_day_night(p->local->scenario, p->local->scenario->t_end, k, &from, &to, &day); k++)
      if (day == metric->day) entry->from = from, entry->to = to;
    return !is_shown_day(p->subject, entry->from) || WN_PUSH(&p->entries, *entry);
  }
  if (!is(entry, "peak")) return true;
  return plan_extreme(p, entry) && WN_PUSH(&p->entries, *entry);
}

// rows point at the names of what they are about, so a window named like an output is told from it
static bool plan_row(wn_local_plan *p, const wn_metric *metric, int *seen) {
  const wn_scenario *s = p->local->scenario;
  wn_local_entry entry = {.metric = *metric, .window = -1, .occurrence = -1, .integral = -1, .extreme = -1};
  wn_subject_span(s, p->subject, metric->day, &entry.from, &entry.to);
  if (isnan(metric->value)) return true;
  for (int w = 0; w < s->n_window; w++) {
    if (s->window[w].name != metric->of) continue;
    entry.window = w;
    entry.output = position_of(p->local->motion, s->window[w].output);
    return plan_window(p, &entry, seen);
  }
  for (int i = 0; i < s->n_watch; i++) {
    if (s->model->output[s->watch[i]].name != metric->of) continue;
    entry.output = position_of(p->local->motion, s->watch[i]);
    return plan_output(p, &entry);
  }
  return true;
}

static bool plan_rows(wn_local_plan *p, int series) {
  int n;
  const wn_metric *metric = wn_result_metrics(p->local->result, series, &n);
  int *seen = wn_alloc(((size_t)p->local->scenario->n_window + 1) * sizeof *seen);
  bool ok = seen != NULL;
  for (int i = 0; ok && i < n; i++) ok = plan_row(p, &metric[i], seen);
  wn_free(seen);
  return ok;
}

static int compare_places(const void *pa, const void *pb) {
  const wn_local_probe *a = *(const wn_local_probe *const *)pa, *b = *(const wn_local_probe *const *)pb;
  if (a->time != b->time) return a->time < b->time ? -1 : 1;
  return (a > b) - (a < b);
}

static bool sort_probes(wn_local_plan *p) {
  size_t n = (size_t)p->probes.n;
  const wn_local_probe **order = wn_alloc((n + 1) * sizeof *order);
  p->place = wn_alloc((n + 1) * sizeof(int));
  p->task.probe = wn_alloc((n + 1) * sizeof *p->task.probe);
  bool ok = order && p->place && p->task.probe;
  for (size_t i = 0; ok && i < n; i++) order[i] = &p->probes.data[i];
  if (ok) qsort(order, n, sizeof *order, compare_places);
  for (size_t i = 0; ok && i < n; i++) {
    p->task.probe[i] = *order[i];
    p->place[order[i] - p->probes.data] = (int)i;
  }
  wn_free(order);
  return ok;
}

wn_status wn_local_plan_make(wn_local_plan *plan, const wn_local *local, const wn_subject *subject, wn_error *err) {
  *plan = (wn_local_plan){.local = local, .subject = subject};
  plan->task.scenario = local->scenario;
  plan->task.subject = subject;
  plan->task.motion = local->motion;
  if (!plan_windows(plan, subject->series) || !plan_rows(plan, subject->series) || !sort_probes(plan))
    return wn_fail_memory(err);
  plan->task.n_probe = plan->probes.n;
  plan->task.n_integral = plan->integrals.n;
  plan->task.integral = plan->integrals.data;
  return wn_local_task_rows(&plan->task, err);
}

void wn_local_plan_free(wn_local_plan *plan) {
  wn_free(plan->task.slab);
  wn_free(plan->task.probe);
  wn_free(plan->place);
  wn_free(plan->window);
  wn_free(plan->n_occurrence);
  wn_free(plan->edge);
  WN_ARRAY_FREE(&plan->entries);
  WN_ARRAY_FREE(&plan->probes);
  WN_ARRAY_FREE(&plan->integrals);
}

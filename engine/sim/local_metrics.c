// local_metrics.c - the chain rule: from how outputs move at a fixed time to how extremes, their times, integrals and
// window edges move. Invariant: a metric that the run cut off (an edge at its start or end) does not move.

#include "sim/local_metrics.h"

#include "sim/day.h"
#include <math.h>
#include <string.h>

static const wn_local_probe *probe_at(const wn_local_plan *p, int index) { return &p->task.probe[p->place[index]]; }

// the value a window compares, and how it moves: the output, its difference to the drug-free one, or their ratio
typedef struct compared {
  double value, speed;
  const wn_local_point *taken, *free;
  int baseline;
} compared;

static compared compare(const wn_local_point point[WN_LOCAL_N_LANE], int baseline) {
  const wn_local_point *taken = &point[WN_LOCAL_TAKEN], *drug_free = &point[WN_LOCAL_FREE];
  compared c = {taken->value, taken->speed, taken, drug_free, baseline};
  if (baseline == 1) c.value -= drug_free->value, c.speed -= drug_free->speed;
  if (baseline == 2) {
    c.value = taken->value / drug_free->value;
    c.speed = (taken->speed - c.value * drug_free->speed) / drug_free->value;
  }
  return c;
}

static double compared_by(const compared *c, int k) {
  if (c->baseline == 1) return c->taken->by[k] - c->free->by[k];
  if (c->baseline == 2) return (c->taken->by[k] - c->value * c->free->by[k]) / c->free->value;
  return c->taken->by[k];
}

// ---- extremes

// The candidate, and the side of a dose, whose value is the metric's.
typedef struct found {
  const wn_local_probe *probe;
  compared at;
} found;

static found find_extreme(const wn_local_plan *p, const wn_local_entry *entry) {
  int baseline = entry->window < 0 ? 0 : p->local->scenario->window[entry->window].baseline;
  found best = {0};
  double least = INFINITY;
  for (int i = 0; i < entry->n; i++) {
    const wn_local_probe *probe = probe_at(p, entry->first + i);
    compared side[2] = {compare(probe->after, baseline), compare(probe->before, baseline)};
    for (int k = 0; k < (probe->at_event ? 2 : 1); k++) {
      double off = fabs(side[k].value - entry->metric.value);
      if (off < least) least = off, best = (found){probe, side[k]};
    }
  }
  return best;
}

static void derive_extreme(const wn_local_plan *p, const wn_local_entry *entry, double *by) {
  found at = find_extreme(p, entry);
  for (int k = 0; k < p->local->n_sens; k++) {
    by[k] = at.probe ? compared_by(&at.at, k) : NAN;
    // at a dose the time moves, too
    if (at.probe && at.probe->at_event) by[k] += at.at.speed * at.probe->event_by[k];
  }
}

static void derive_time(const wn_local_plan *p, const wn_local_entry *entry, double *by) {
  const wn_local_entry *extreme = &p->entries.data[entry->extreme];
  found at = find_extreme(p, extreme);
  for (int k = 0; k < p->local->n_sens; k++) {
    by[k] = NAN;
    if (!at.probe) continue;
    bool at_border = at.probe->time < entry->from + WN_SAME_TIME || at.probe->time > entry->to - WN_SAME_TIME;
    const wn_local_point *point = at.at.taken;
    if (at.probe->at_event)
      by[k] = at.probe->event_by[k];
    else if (at_border)
      by[k] = 0;
    else if (point->acceleration != 0)
      by[k] = -point->speed_by[k] / point->acceleration;
  }
}

// ---- windows

// how an edge of an occurrence moves
static double edge_by(const wn_local_plan *p, int w, int occurrence, bool is_end, int k) {
  const wn_window_def *def = &p->local->scenario->window[w];
  const wn_window *window = &p->window[w][occurrence];
  if (is_end ? window->open_end : window->open_start) return 0;
  const wn_local_probe *probe = probe_at(p, p->edge[w] + 2 * occurrence + is_end);
  compared before = compare(probe->before, def->baseline), after = compare(probe->after, def->baseline);
  if (probe->at_event && (before.value > def->threshold) != (after.value > def->threshold)) return probe->event_by[k];
  return after.speed != 0 ? -compared_by(&after, k) / after.speed : NAN;
}

// hours inside a span: edges that lie in it move them
static double hours_by(const wn_local_plan *p, int w, double from, double to, int k) {
  double sum = 0;
  for (int i = 0; i < p->n_occurrence[w]; i++) {
    const wn_window *window = &p->window[w][i];
    if (window->start > from && window->start < to) sum -= edge_by(p, w, i, false, k);
    if (window->end > from && window->end < to) sum += edge_by(p, w, i, true, k);
  }
  return sum;
}

static double window_by(const wn_local_plan *p, const wn_local_entry *entry, int k) {
  const char *quantity = entry->metric.quantity;
  int w = entry->window, i = entry->occurrence;
  if (i < 0) {
    double hours = hours_by(p, w, entry->from, entry->to, k);
    return strcmp(quantity, "share_of_night") == 0 ? hours / (entry->to - entry->from) : hours;
  }
  if (strcmp(quantity, "window_start") == 0) return edge_by(p, w, i, false, k);
  if (strcmp(quantity, "window_end") == 0) return edge_by(p, w, i, true, k);
  return edge_by(p, w, i, true, k) - edge_by(p, w, i, false, k);
}

void wn_local_derive(const wn_local_plan *plan, int index, double *by) {
  const wn_local_entry *entry = &plan->entries.data[index];
  int n_sens = plan->local->n_sens;
  if (entry->extreme >= 0) {
    derive_time(plan, entry, by);
  } else if (entry->integral >= 0) {
    bool is_mean = strcmp(entry->metric.quantity, "mean") == 0;
    const wn_local_integral *integral = &plan->task.integral[entry->integral];
    for (int k = 0; k < n_sens; k++) by[k] = integral->by[k] / (is_mean ? entry->to - entry->from : 1);
  } else if (entry->window >= 0 && strcmp(entry->metric.quantity, "peak") != 0) {
    for (int k = 0; k < n_sens; k++) by[k] = window_by(plan, entry, k);
  } else {
    derive_extreme(plan, entry, by);
  }
}

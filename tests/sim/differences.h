// differences.h - local sensitivities against central differences of whole runs.
#ifndef WN_TESTS_SIM_DIFFERENCES_H
#define WN_TESTS_SIM_DIFFERENCES_H

#include "sim/fixture.h"
#include "sim/local.h"

typedef struct compared_rows {
  int n, n_far, n_large;  // rows compared, those that differ, and those whose derivative is not small
  double worst;           // difference relative to the larger of the derivative and 1 % of the metric's size
} compared_rows;

static inline wn_result *moved_run(wn_scenario *s, const wn_run_def *def, int param, double factor) {
  for (int a = 0; a < s->n_arm; a++) s->arm[a].param[param] *= factor;
  wn_result *result = simulate(s, def);
  for (int a = 0; a < s->n_arm; a++) s->arm[a].param[param] /= factor;
  return result;
}

static inline bool same_row(const wn_metric *a, const wn_metric *b) {
  return a->quantity == b->quantity && a->of == b->of && a->day == b->day;
}

// the size a metric's change is held against: the output's peak. Edges are located to 1e-10 h, which a difference of
// runs magnifies, and the time of an extreme is known less well than its value
static inline double size_of(const wn_result *result, const wn_metric *m) {
  static const char *const times[] = {"tmax", "window_start", "window_end", "window_hours", "hours_per_day"};
  for (int i = 0; i < 5; i++)
    if (strcmp(m->quantity, times[i]) == 0) return 10;
  const wn_metric *peak = wn_result_find(result, m->series, "peak", m->of, 0);
  return strcmp(m->quantity, "share_of_night") == 0 ? 1 : fmax(peak ? fabs(peak->value) : 0, fabs(m->value));
}

// Column k of `local` against (M(p (1 + h)) - M(p (1 - h))) / 2 h.
static inline compared_rows against_differences(wn_scenario *s, const wn_run_def *def, const wn_local *local, int k,
                                                double h, double tolerance, bool say) {
  compared_rows out = {0};
  int param = local->motion->param[k];
  wn_result *up = moved_run(s, def, param, 1 + h), *down = moved_run(s, def, param, 1 - h), *base = local->result;
  // where a window comes or goes, rows no longer correspond
  bool alike = up->metrics.n == base->metrics.n && down->metrics.n == base->metrics.n;
  for (int i = 0, at = 0; i < local->metrics.n && alike; i++) {
    const wn_local_metric *m = &local->metrics.data[i];
    while (!same_row(&base->metrics.data[at], &m->metric) || base->metrics.data[at].value != m->metric.value ||
           base->metrics.data[at].series != m->arm)
      at++;
    const wn_metric *a = &up->metrics.data[at], *b = &down->metrics.data[at];
    out.n++;
    double expected = (a->value - b->value) / (2 * h), got = m->by[k];
    // a parameter of 0 is derived by itself, and does not move with a factor
    if (isnan(got) || got == expected || s->arm[m->arm].param[param] == 0) continue;
    double off = fabs(got - expected) / fmax(fabs(expected), 1e-2 * size_of(base, &m->metric));
    out.n_large += fabs(expected) > 1e-3 * size_of(base, &m->metric);
    out.worst = fmax(out.worst, off);
    if (off <= tolerance) continue;
    out.n_far++;
    if (say)
      printf("%s %s: %s of %s, day %d (%g): d/dln %s: got %.8g, by differences %.8g\n", s->name, s->arm[m->arm].name,
             m->metric.quantity, m->metric.of, m->metric.day, m->metric.value, wn_local_name(local, k), got, expected);
  }
  wn_result_destroy(up);
  wn_result_destroy(down);
  return out;
}

#endif

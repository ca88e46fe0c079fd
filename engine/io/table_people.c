// table_people.c - the cells of arms with several individuals: "12.3 [8.10-19.2]", the median and the span from 5 to 95
// % of those who have a value. Invariant: says nothing that the metrics and windows of the result do not say.

#include "io/spread.h"
#include "io/table_internal.h"

#include "base/text.h"
#include "sim/observe.h"

#include <math.h>
#include <string.h>

// One number of an individual; NaN when it has none.
typedef double number_of(const wn_result *r, int series, const char *quantity, const char *of);

typedef enum style_of { AS_NUMBER, AS_HOURS, AS_PERCENT, AS_CLOCK } style_of;

static void write_number(double value, style_of style, double clock_zero, char text[16]) {
  if (style == AS_NUMBER) wn_format_short(value, text);
  if (style == AS_HOURS) snprintf(text, 16, "%.1f", value);
  if (style == AS_PERCENT) snprintf(text, 16, "%.0f", 100 * value);
  if (style == AS_CLOCK) wn_format_clock(clock_zero + value, text);
}

// median and span of an arm's numbers, which are rearranged
static const char *spread_text(wn_grid *grid, double *value, int n, style_of style, double clock_zero) {
  wn_spread s = wn_spread_of(value, n);
  if (s.n == 0) return "-";
  char low[16], mid[16], high[16];
  const char *unit = style == AS_PERCENT ? " %" : "";
  write_number(s.low, style, clock_zero, low);
  write_number(s.mid, style, clock_zero, mid);
  write_number(s.high, style, clock_zero, high);
  if (strcmp(low, high) == 0) return wn_grid_text(grid, "%s%s", mid, unit);
  // a dash would hide the sign of a negative number
  return wn_grid_text(grid, s.low < 0 ? "%s%s [%s to %s]" : "%s%s [%s–%s]", mid, unit, low, high);
}

static double shown(const wn_result *r, int series, const char *quantity, const char *of) {
  const wn_metric *m = wn_result_find(r, series, quantity, of, wn_table_day(r, series));
  return m ? m->value : NAN;
}

static double on_first_day(const wn_result *r, int series, const char *quantity, const char *of) {
  const wn_metric *m = wn_result_find(r, series, quantity, of, 1);
  return m ? m->value : NAN;
}

// of the latest day that has this number: the last night
static double latest(const wn_result *r, int series, const char *quantity, const char *of) {
  int n;
  double value = NAN;
  const wn_metric *m = wn_result_metrics(r, series, &n);
  for (int i = 0, day = INT32_MIN; i < n; i++, m++)
    if (m->day > day && strcmp(m->quantity, quantity) == 0 && strcmp(m->of, of) == 0) value = m->value, day = m->day;
  return value;
}

static void add_row(const wn_result *r, wn_grid *grid, const char *label, number_of *number, const char *quantity,
                    const char *of, style_of style) {
  int n = wn_scenario_n_subject(r->scenario);
  const char **cell = wn_grid_cells(grid);
  double *value = wn_alloc_doubles((size_t)n);
  if (!value) grid->failed = true;
  for (int arm = 0; arm < r->scenario->n_arm && !grid->failed; arm++) {
    for (int i = 0; i < n; i++) value[i] = number(r, arm * n + i, quantity, of);
    cell[arm] = spread_text(grid, value, n, style, 0);
  }
  wn_free(value);
  wn_grid_row_add(grid, label, cell);
}

void wn_table_people_output(const wn_result *result, wn_grid *grid, int output) {
  const wn_output *o = &result->scenario->model->output[output];
  if (wn_output_has_unit(o)) {
    add_row(result, grid, wn_grid_text(grid, "Cmax, %s", o->unit), shown, "cmax", o->name, AS_NUMBER);
    add_row(result, grid, "Tmax, h after the dose", shown, "tmax", o->name, AS_NUMBER);
    add_row(result, grid, wn_grid_text(grid, "AUC, %s", result->auc_unit[output]), shown, "auc", o->name, AS_NUMBER);
  } else {
    add_row(result, grid, "lowest", shown, "trough", o->name, AS_NUMBER);
    add_row(result, grid, "highest", shown, "peak", o->name, AS_NUMBER);
  }
}

// -- windows ----------------------------------------------------------------------------------------------------------

// When an individual's window is open within the span shown, h from its start; a window that runs across the border of
// the day goes on beyond it. The longest one counts.
typedef struct stretch {
  double start, end, hours;  // hours of all windows
} stretch;

static stretch find_stretch(const wn_result *r, int series, int window) {
  stretch s = {NAN, NAN, 0};
  double from, to, first_end = NAN;
  int n;
  wn_table_span(r, series, &from, &to);
  const wn_window *w = wn_result_windows(r, series, &n);
  for (int i = 0; i < n; i++, w++) {
    if (w->window != window || w->end <= from || w->start >= to) continue;
    double start = fmax(w->start, from) - from, end = fmin(w->end, to) - from;
    s.hours += end - start;
    if (start == 0) first_end = end;
    // on the clock, what is cut by the border of the day is one span
    if (end == to - from && start > 0 && to - from == 24 && first_end > 0) end += first_end;
    if (!(s.end - s.start >= end - start)) s.start = start, s.end = end;
  }
  return s;
}

static bool is_whole(double hours, double from, double to) { return hours > to - from - 1.0 / 120; }

// how many have the window, and when it opens and closes for those who have it for a part of the span
static void add_clock(const wn_result *r, wn_grid *grid, int window) {
  int n = wn_scenario_n_subject(r->scenario);
  const char **share = wn_grid_cells(grid), **opens = wn_grid_cells(grid), **closes = wn_grid_cells(grid);
  double *start = wn_alloc_doubles((size_t)n), *end = wn_alloc_doubles((size_t)n);
  if (!start || !end) grid->failed = true;
  for (int arm = 0; arm < r->scenario->n_arm && !grid->failed; arm++) {
    double from, to;
    int with = 0, always = 0, good = 0;
    wn_table_span(r, arm * n, &from, &to);
    for (int i = 0; i < n; i++) {
      start[i] = end[i] = NAN;
      if (r->series[arm * n + i].status) continue;
      stretch s = find_stretch(r, arm * n + i, window);
      bool whole = is_whole(s.hours, from, to);
      good++, with += s.hours > 0, always += whole;
      if (!whole) start[i] = s.start, end[i] = s.end;
    }
    share[arm] = good == 0 ? "-" : wn_grid_text(grid, "%.0f %%", 100.0 * with / good);
    if (always > 0 && always == with) share[arm] = wn_grid_text(grid, "%s, all the time", share[arm]);
    if (always > 0 && always < with)
      share[arm] = wn_grid_text(grid, "%s, %.0f %% all the time", share[arm], 100.0 * always / good);
    opens[arm] = spread_text(grid, start, n, AS_CLOCK, from);
    closes[arm] = spread_text(grid, end, n, AS_CLOCK, from);
  }
  wn_free(start);
  wn_free(end);
  wn_grid_row_add(grid, "individuals who have it", share);
  wn_grid_row_add(grid, "opens, on the clock", opens);
  wn_grid_row_add(grid, "closes, on the clock", closes);
}

// hours within the whole run, where there is no whole dosing day
static double all_hours(const wn_result *r, int series, const char *quantity, const char *of) {
  (void)quantity;
  for (int w = 0; w < r->scenario->n_window; w++)
    if (strcmp(r->scenario->window[w].name, of) == 0 && !r->series[series].status)
      return find_stretch(r, series, w).hours;
  return NAN;
}

void wn_table_people_window(const wn_result *result, wn_grid *grid, int window) {
  const wn_scenario *s = result->scenario;
  const wn_window_def *w = &s->window[window];
  int n = wn_scenario_n_subject(s), most = 0;
  for (int arm = 0; arm < s->n_arm; arm++)
    if (result->series[arm * n].n_day > most) most = result->series[arm * n].n_day;
  if (most == 0) add_row(result, grid, "hours", all_hours, "", w->name, AS_HOURS);
  if (most > 1) add_row(result, grid, "hours on the first day", on_first_day, "hours_per_day", w->name, AS_HOURS);
  if (most > 0)
    add_row(result, grid, most > 1 ? "hours on the last day" : "hours", shown, "hours_per_day", w->name, AS_HOURS);
  add_clock(result, grid, window);
  add_row(result, grid, "share of the night", latest, "share_of_night", w->name, AS_PERCENT);
  if (w->above && most > 0) add_row(result, grid, "peak", shown, "peak", w->name, AS_NUMBER);
}

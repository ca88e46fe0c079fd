// table.c - a result as a table people read: arms side by side, the last whole dosing day of each, and what the numbers
// rest on. Invariant: says nothing that the metrics and windows of the result do not say. Must not know a drug.

#include "io/grid.h"
#include "io/io.h"
#include "io/table_internal.h"

#include "base/text.h"
#include "model/provenance.h"
#include "sim/day.h"

#include <math.h>
#include <string.h>

enum { MAX_PIECES = 2, MAX_NAMED = 6 };

// -- one series over the span shown -----------------------------------------------------------------------------------

int wn_table_day(const wn_result *result, int series) {
  return result->series[series].n_day > 0 ? result->series[series].n_day : 0;
}

void wn_table_span(const wn_result *result, int series, double *from, double *to) {
  const wn_series *s = &result->series[series];
  int day = wn_table_day(result, series);
  *from = day ? s->day_start + 24.0 * (day - 1) : result->scenario->t_start;
  *to = day ? *from + 24 : result->scenario->t_end;
}

static double metric(const wn_result *r, int series, const char *quantity, const char *of, int day, double *clock) {
  const wn_metric *m = wn_result_find(r, series, quantity, of, day);
  if (clock) *clock = m ? m->clock : NAN;
  return m ? m->value : NAN;
}

static const char *number_at(wn_grid *grid, double value, double clock) {
  char number[16], time[6];
  wn_format_short(value, number);
  if (!isfinite(value) || !isfinite(clock)) return wn_grid_text(grid, "%s", number);
  wn_format_clock(clock, time);
  return wn_grid_text(grid, "%s at %s", number, time);
}

// "dosing day 28 of 28, from 22:00"
static const char *period_text(const wn_result *r, wn_grid *grid, int series) {
  double from, to;
  char clock[6];
  wn_table_span(r, series, &from, &to);
  wn_format_clock(from, clock);
  int day = wn_table_day(r, series);
  if (day) return wn_grid_text(grid, "dosing day %d of %d, from %s", day, r->series[series].n_day, clock);
  return wn_grid_text(grid, "all %.3g h, from %s", to - from, clock);
}

// one line when it is the same for all arms, else a row; returns the line or ""
static const char *add_period(const wn_result *r, wn_grid *grid) {
  const char **cell = wn_grid_cells(grid);
  bool same = true;
  int n = wn_scenario_n_subject(r->scenario);
  for (int i = 0; i < r->scenario->n_arm && cell; i++) {
    cell[i] = period_text(r, grid, i * n);
    same = same && strcmp(cell[i], cell[0]) == 0;
  }
  if (same && cell && r->n_series > 0) return cell[0];
  wn_grid_group_begin(grid, 0, "");
  wn_grid_row_add(grid, "period shown", cell);
  return "";
}

// -- outputs ----------------------------------------------------------------------------------------------------------

static void add_concentration(const wn_result *r, wn_grid *grid, const wn_output *output, const char *auc_unit) {
  const char **cmax = wn_grid_cells(grid), **tmax = wn_grid_cells(grid), **auc = wn_grid_cells(grid);
  for (int i = 0; i < r->n_series && !grid->failed; i++) {
    int day = wn_table_day(r, i);
    double clock;
    cmax[i] = number_at(grid, metric(r, i, "cmax", output->name, day, NULL), NAN);
    double hours = metric(r, i, "tmax", output->name, day, &clock);
    char number[16];
    wn_format_short(hours, number);
    tmax[i] = isfinite(hours) ? number_at(grid, hours, clock) : "-";
    auc[i] = number_at(grid, metric(r, i, "auc", output->name, day, NULL), NAN);
  }
  wn_grid_row_add(grid, wn_grid_text(grid, "Cmax, %s", output->unit), cmax);
  wn_grid_row_add(grid, "Tmax, h after the dose", tmax);
  wn_grid_row_add(grid, wn_grid_text(grid, "AUC, %s", auc_unit), auc);
}

static void add_range(const wn_result *r, wn_grid *grid, const wn_output *output) {
  const char **cell = wn_grid_cells(grid);
  for (int i = 0; i < r->n_series && !grid->failed; i++) {
    int day = wn_table_day(r, i);
    char low[16], high[16];
    wn_format_short(metric(r, i, "trough", output->name, day, NULL), low);
    wn_format_short(metric(r, i, "peak", output->name, day, NULL), high);
    bool flat = strcmp(low, high) == 0;
    cell[i] = flat ? wn_grid_text(grid, "%s", low) : wn_grid_text(grid, "%s to %s", low, high);
  }
  wn_grid_row_add(grid, "range", cell);
}

// -- windows ----------------------------------------------------------------------------------------------------------

// where one window of one series is open within the span shown
typedef struct pieces {
  double start[64], end[64];
  int n;
  double hours;
} pieces;

static pieces find_pieces(const wn_result *r, int series, int window) {
  pieces p = {.n = 0};
  double from, to;
  wn_table_span(r, series, &from, &to);
  for (int i = 0; i < r->windows.n && p.n < 64; i++) {
    const wn_window *w = &r->windows.data[i];
    if (w->series != series || w->window != window || w->end <= from || w->start >= to) continue;
    p.start[p.n] = fmax(w->start, from), p.end[p.n] = fmin(w->end, to);
    p.hours += p.end[p.n] - p.start[p.n];
    p.n++;
  }
  // what is cut by the border of the dosing day is one span on the clock
  if (p.n > 1 && to - from == 24 && p.start[0] == from && p.end[p.n - 1] == to) p.start[0] = p.start[--p.n];
  return p;
}

static const char *clock_text(const wn_result *r, wn_grid *grid, int series, int window) {
  if (r->series[series].status) return "-";
  pieces p = find_pieces(r, series, window);
  double from, to;
  wn_table_span(r, series, &from, &to);
  if (p.n == 0) return "none";
  if (p.hours > to - from - 1.0 / 120) return to - from == 24 ? "all day" : "all the time";
  char text[128] = "";
  int length = 0;
  for (int i = 0; i < p.n && i < MAX_PIECES; i++) {
    char a[6], b[6];
    wn_format_clock(p.start[i], a);
    wn_format_clock(p.end[i], b);
    length += snprintf(text + length, sizeof text - (size_t)length, "%s%s-%s", i ? ", " : "", a, b);
  }
  if (p.n > MAX_PIECES) snprintf(text + length, sizeof text - (size_t)length, ", +%d", p.n - MAX_PIECES);
  return wn_grid_text(grid, "%s", text);
}

static const char *hours_text(const wn_result *r, wn_grid *grid, int series, int window) {
  const char *name = r->scenario->window[window].name;
  int n = r->series[series].n_day;
  if (r->series[series].status) return "-";
  if (n < 1) return wn_grid_text(grid, "%.1f", find_pieces(r, series, window).hours);
  double first = metric(r, series, "hours_per_day", name, 1, NULL);
  double last = metric(r, series, "hours_per_day", name, n, NULL);
  return n == 1 ? wn_grid_text(grid, "%.1f", last) : wn_grid_text(grid, "%.1f → %.1f", first, last);
}

// share of the last night in the run
static const char *night_text(const wn_result *r, wn_grid *grid, int series, const char *name) {
  const wn_metric *last = NULL;
  for (int i = 0; i < r->metrics.n; i++) {
    const wn_metric *m = &r->metrics.data[i];
    if (m->series == series && strcmp(m->quantity, "share_of_night") == 0 && strcmp(m->of, name) == 0 &&
        (!last || m->day > last->day))
      last = m;
  }
  return last && isfinite(last->value) ? wn_grid_text(grid, "%.0f %%", 100 * last->value) : "-";
}

// highest value inside a window that is above, in the span shown
static const char *peak_text(const wn_result *r, wn_grid *grid, int series, int window) {
  double clock, peak = metric(r, series, "peak", r->scenario->window[window].name, wn_table_day(r, series), &clock);
  if (wn_table_day(r, series)) return number_at(grid, peak, clock);
  for (int i = 0; i < r->windows.n; i++) {
    const wn_window *w = &r->windows.data[i];
    if (w->series == series && w->window == window && !(peak >= w->peak)) peak = w->peak, clock = w->peak_time;
  }
  return number_at(grid, peak, clock);
}

const char *wn_table_window_title(const wn_result *result, wn_grid *grid, const wn_window_def *window) {
  static const char *const compared[] = {"", ", less its drug-free value,", ", over its drug-free value,"};
  const wn_output *output = &result->scenario->model->output[window->output];
  bool pure = window->baseline == 2 || strcmp(output->unit, "1") == 0;
  return wn_grid_text(grid, "%s   %s%s %s %g%s%s%s%s", window->name, output->name, compared[window->baseline],
                      window->above ? "above" : "below", window->threshold, pure ? "" : " ", pure ? "" : output->unit,
                      *window->meaning ? ": " : "", window->meaning);
}

static void add_window(const wn_result *r, wn_grid *grid, int window, bool watched) {
  const wn_window_def *w = &r->scenario->window[window];
  wn_grid_group_begin(grid, watched ? 1 : 0, wn_table_window_title(r, grid, w));
  if (wn_scenario_n_subject(r->scenario) > 1) {
    wn_table_people_window(r, grid, window);
    return;
  }
  const char **hours = wn_grid_cells(grid), **clock = wn_grid_cells(grid), **night = wn_grid_cells(grid);
  const char **peak = wn_grid_cells(grid);
  bool many = false;
  for (int i = 0; i < r->n_series && !grid->failed; i++) {
    many = many || r->series[i].n_day > 1;
    hours[i] = hours_text(r, grid, i, window);
    clock[i] = clock_text(r, grid, i, window);
    night[i] = night_text(r, grid, i, w->name);
    peak[i] = peak_text(r, grid, i, window);
  }
  wn_grid_row_add(grid, many ? "h/day, first → last" : "hours", hours);
  wn_grid_row_add(grid, "on the clock", clock);
  wn_grid_row_add(grid, "share of the night", night);
  if (w->above) wn_grid_row_add(grid, "peak", peak);
}

static void add_output(const wn_result *r, wn_grid *grid, int index) {
  const wn_output *output = &r->scenario->model->output[index];
  wn_grid_group_begin(grid, 0, wn_grid_text(grid, "%s   %s", output->name, output->meaning));
  if (wn_scenario_n_subject(r->scenario) > 1)
    wn_table_people_output(r, grid, index);
  else if (r->n_series > 0 && wn_result_find(r, 0, "cmax", output->name, 0))
    add_concentration(r, grid, output, r->auc_unit[index]);
  else
    add_range(r, grid, output);
}

// -- below the table --------------------------------------------------------------------------------------------------

static void print_provenance(const wn_result *r, FILE *stream, int columns) {
  const wn_scenario *s = r->scenario;
  int counts[3];
  char text[256];
  wn_model_badges(s->model, s->watch, s->n_watch, counts);
  snprintf(text, sizeof text, "These numbers rest on %d measured, %d fitted and %d assumed parameters of model %s.",
           counts[WN_MEASURED], counts[WN_FITTED], counts[WN_ASSUMED], s->model->name);
  wn_print_wrapped(stream, text, columns, 0, 2);
  if (wn_scenario_n_subject(s) == 1) return;
  int spreads[3] = {0};
  for (int i = 0; i < s->model->n_random; i++) spreads[s->model->random[i].badge] += s->model->random[i].n;
  snprintf(text, sizeof text, "How far individuals differ rests on %d measured, %d fitted and %d assumed spreads.",
           spreads[WN_MEASURED], spreads[WN_FITTED], spreads[WN_ASSUMED]);
  wn_print_wrapped(stream, text, columns, 0, 2);
}

// the parameters in which an arm differs from the model's defaults, in words; "" when in none
static void changes(const wn_result *r, int arm, char text[512]) {
  const wn_model *m = r->scenario->model;
  const double *param = r->scenario->arm[arm].param;
  int n = 0, length = 0;
  text[0] = '\0';
  for (int i = 0; i < m->n_param; i++) {
    if (param[i] == m->param[i].value) continue;
    if (n < MAX_NAMED && length < 400)
      length += snprintf(text + length, 512 - (size_t)length, "%s%.40s %.4g (%.4g)", n ? ", " : "", m->param[i].name,
                         param[i], m->param[i].value);
    n++;
  }
  if (n > MAX_NAMED) snprintf(text + length, 512 - (size_t)length, " and %d more", n - MAX_NAMED);
}

static void print_changes(const wn_result *r, FILE *stream, int columns) {
  char first[512], text[512], line[768];
  bool same = true;
  int n_arm = r->scenario->n_arm;
  if (n_arm == 0) return;
  changes(r, 0, first);
  for (int i = 1; i < n_arm && same; i++) {
    changes(r, i, text);
    same = strcmp(first, text) == 0;
  }
  for (int i = 0; i < (same ? 1 : n_arm); i++) {
    changes(r, i, text);
    if (!*text) continue;
    snprintf(line, sizeof line, "Changed%s%.100s from the model's values (in brackets): %s.", same ? "" : " in ",
             same ? "" : r->scenario->arm[i].name, text);
    wn_print_wrapped(stream, line, columns, 0, 2);
  }
}

static int count_failed(const wn_result *r, int arm, int *first) {
  int n = wn_scenario_n_subject(r->scenario), failed = 0;
  for (int i = n - 1; i >= 0; i--)
    if (r->series[arm * n + i].status) failed++, *first = arm * n + i;
  return failed;
}

static void print_failures(const wn_result *r, FILE *stream, int columns) {
  int n = wn_scenario_n_subject(r->scenario);
  for (int arm = 0; arm < r->scenario->n_arm; arm++) {
    int first, failed = count_failed(r, arm, &first);
    const char *name = r->scenario->arm[arm].name;
    char line[512];
    if (!failed) continue;
    if (n > 1)
      snprintf(line, sizeof line, "%d of %d individuals of %.100s failed and are left out; individual %d: %s", failed,
               n, name, r->series[first].subject, r->series[first].message);
    else
      snprintf(line, sizeof line, "%.100s failed: %s", name, r->series[first].message);
    wn_print_wrapped(stream, line, columns, 0, 2);
  }
}

// what the cells are where an arm has several individuals
static void print_people(const wn_result *r, FILE *stream, int columns) {
  int n = wn_scenario_n_subject(r->scenario);
  char line[256];
  if (n == 1) return;
  snprintf(line, sizeof line,
           "%d individuals in each arm, the same people (seed %llu): median [5 to 95 %% of those who have a value]", n,
           (unsigned long long)r->scenario->seed);
  wn_print_wrapped(stream, line, columns, 0, 2);
}

static wn_status fill(const wn_result *r, wn_grid *grid, const char **period, wn_error *err) {
  const wn_scenario *s = r->scenario;
  WN_TRY(wn_grid_init(grid, s->n_arm, err));
  for (int i = 0, first; i < s->n_arm; i++) {
    bool failed = count_failed(r, i, &first) == wn_scenario_n_subject(s);
    grid->head[i] = wn_grid_text(grid, "%s%s", s->arm[i].label, failed ? " (failed)" : "");
  }
  *period = add_period(r, grid);
  for (int i = 0; i < s->n_watch; i++) {
    add_output(r, grid, s->watch[i]);
    for (int w = 0; w < s->n_window; w++)
      if (s->window[w].output == s->watch[i]) add_window(r, grid, w, true);
  }
  // windows of outputs that are not watched come last
  for (int w = 0; w < s->n_window; w++) {
    bool watched = false;
    for (int i = 0; i < s->n_watch; i++) watched = watched || s->watch[i] == s->window[w].output;
    if (!watched) add_window(r, grid, w, false);
  }
  return WN_OK;
}

wn_status wn_write_table(const wn_result *result, FILE *stream, int columns, wn_error *err) {
  const wn_scenario *s = result->scenario;
  wn_grid grid = {0};
  const char *period;
  wn_status status = fill(result, &grid, &period, err);
  if (!status) {
    wn_print_wrapped(stream, s->title, columns, 0, 0);
    if (*period) fprintf(stream, "%s\n", period);
    print_people(result, stream, columns);
    fputc('\n', stream);
    status = wn_grid_print(&grid, stream, columns, err);
  }
  wn_grid_free(&grid);
  if (status) return status;
  print_failures(result, stream, columns);
  char second[160];
  wn_result_seconds_words(result, second);
  if (*second) wn_print_wrapped(stream, second, columns, 0, 0);
  if (*result->verified) wn_print_wrapped(stream, result->verified, columns, 0, 0);
  print_provenance(result, stream, columns);
  print_changes(result, stream, columns);
  const char *caption = s->caption && *s->caption ? s->caption : s->model->caption;
  wn_print_wrapped(stream, caption, columns, 0, 0);
  fprintf(stream, "%s\n", WN_NOT_MEDICAL_ADVICE);
  return WN_OK;
}

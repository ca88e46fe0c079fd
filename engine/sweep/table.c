// table.c - columns of a sweep and how a series fills them. Invariant: a row depends on its series alone. It must not
// know of points, shards or files.

#include "sweep/table.h"

#include "base/text.h"
#include "sim/day.h"

#include <math.h>
#include <string.h>

static const char *const keep_names[] = {"summary", "quantiles", "all"};
static const char *const edge_names[] = {"window_start", "window_end", "window_start_clock", "window_end_clock"};
enum { N_KEEP = 3, N_EDGE = 4 };

const char *wn_sweep_keep_name(wn_sweep_keep keep) { return keep_names[keep]; }

int wn_sweep_keep_find(const char *name) {
  for (int i = 0; i < N_KEEP; i++)
    if (strcmp(keep_names[i], name) == 0) return i;
  return -1;
}

wn_sweep_table *wn_sweep_table_create(void) {
  wn_sweep_table *table = wn_alloc(sizeof *table);
  if (!table) return NULL;
  table->arena = wn_arena_create();
  if (table->arena) return table;
  wn_free(table);
  return NULL;
}

void wn_sweep_table_destroy(wn_sweep_table *table) {
  if (!table) return;
  wn_arena_destroy(table->arena);
  wn_free(table);
}

int wn_sweep_table_cases(const wn_sweep_table *table) { return table->n_person > 0 ? table->n_person : 1; }

int64_t wn_sweep_table_curves(const wn_sweep_table *table) { return (int64_t)table->n_curve * table->n_time; }

double wn_sweep_table_time(const wn_sweep_table *table, int k) {
  return k == table->n_time - 1 ? table->t_end : table->t_start + k * table->every;
}

// -- columns --------------------------------------------------------------------------------------------------------

// of the window or the output of that name
static const char *meaning_of(const wn_scenario *s, const char *of, bool in_windows) {
  for (int w = 0; w < s->n_window && in_windows; w++)
    if (strcmp(s->window[w].name, of) == 0) return s->window[w].meaning;
  int output = wn_model_find_output(s->model, of);
  return output >= 0 ? s->model->output[output].meaning : NULL;
}

static bool put(wn_sweep_table *table, const char *quantity, const char *of, const char *unit, const char *meaning) {
  wn_sweep_field field = {.quantity = wn_arena_strdup(table->arena, quantity),
                          .of = wn_arena_strdup(table->arena, of),
                          .unit = wn_arena_strdup(table->arena, unit ? unit : ""),
                          .meaning = wn_arena_strdup(table->arena, meaning ? meaning : ""),
                          .name = wn_arena_printf(table->arena, "%s.%s", quantity, of)};
  table->column[table->n_column++] = field;
  return field.quantity && field.of && field.unit && field.name && field.meaning;
}

static bool is_output(const wn_scenario *s, const char *name) { return wn_model_find_output(s->model, name) >= 0; }

// metrics of windows follow those of outputs and begin with one of these
static bool begins_windows(const char *quantity) {
  return strcmp(quantity, "hours_per_day") == 0 || strcmp(quantity, "share_of_night") == 0;
}

// what a row is called here
static const char *quantity_of(const wn_result *r, const wn_metric *m, bool *in_windows) {
  *in_windows = *in_windows || begins_windows(m->quantity);
  bool twice = *in_windows && strcmp(m->quantity, "peak") == 0 && is_output(r->scenario, m->of);
  return twice ? "window_peak" : m->quantity;
}

// the column of a row, looked for from `hint` on: rows come in the order of the columns
static int find(const wn_sweep_table *table, const char *quantity, const char *of, int hint) {
  for (int i = 0; i < table->n_column; i++) {
    int at = hint + i < table->n_column ? hint + i : hint + i - table->n_column;
    const wn_sweep_field *c = &table->column[at];
    if (strcmp(c->quantity, quantity) == 0 && strcmp(c->of, of) == 0) return at;
  }
  return -1;
}

static bool fill_columns(wn_sweep_table *table, const wn_result *r) {
  int n;
  const wn_metric *m = wn_result_metrics(r, 0, &n);
  const wn_scenario *s = r->scenario;
  table->column = wn_arena_alloc(table->arena, ((size_t)(n + N_EDGE * s->n_window) + 1) * sizeof *table->column);
  bool ok = table->column, in_windows = false;
  for (int i = 0; ok && i < n; i++) {
    const char *quantity = quantity_of(r, &m[i], &in_windows);
    if (find(table, quantity, m[i].of, 0) < 0)
      ok = put(table, quantity, m[i].of, m[i].unit, meaning_of(s, m[i].of, in_windows));
  }
  for (int w = 0; ok && w < s->n_window; w++)
    for (int e = 0; ok && e < N_EDGE; e++)
      ok = put(table, edge_names[e], s->window[w].name, e < 2 ? "h" : "clock", s->window[w].meaning);
  return ok;
}

static bool fill_curves(wn_sweep_table *table, const wn_scenario *s) {
  table->t_start = s->t_start, table->t_end = s->t_end, table->every = s->every;
  if (table->keep == WN_SWEEP_SUMMARY) return true;
  double length = s->t_end - s->t_start;
  int n = (int)floor(length / s->every + 1e-9) + 1;
  table->n_time = fabs((n - 1) * s->every - length) <= 1e-9 * fmax(1, length) ? n : n + 1;
  table->n_curve = s->n_watch;
  table->curve = wn_arena_alloc(table->arena, ((size_t)s->n_watch + 1) * sizeof *table->curve);
  bool ok = table->curve;
  for (int i = 0; ok && i < s->n_watch; i++) {
    const wn_output *o = &s->model->output[s->watch[i]];
    table->curve[i].name = wn_arena_strdup(table->arena, o->name);
    table->curve[i].unit = wn_arena_strdup(table->arena, o->unit ? o->unit : "");
    table->curve[i].meaning = wn_arena_strdup(table->arena, o->meaning ? o->meaning : "");
    ok = table->curve[i].name && table->curve[i].unit && table->curve[i].meaning;
  }
  return ok;
}

wn_status wn_sweep_table_fill(wn_sweep_table *table, const wn_result *result, wn_sweep_keep keep, wn_error *err) {
  const wn_scenario *s = result->scenario;
  table->keep = keep;
  table->n_arm = s->n_arm;
  table->arm = wn_arena_alloc(table->arena, ((size_t)s->n_arm + 1) * sizeof *table->arm);
  bool ok = table->arm;
  for (int i = 0; ok && i < s->n_arm; i++) {
    table->arm[i] = wn_arena_strdup(table->arena, s->arm[i].name);
    ok = table->arm[i];
  }
  ok = ok && fill_columns(table, result) && fill_curves(table, s);
  return ok ? WN_OK : wn_fail_memory(err);
}

wn_status wn_sweep_find_metric(const wn_sweep_table *table, const char *name, int *column, wn_error *err) {
  for (*column = 0; *column < table->n_column; (*column)++)
    if (strcmp(table->column[*column].name, name) == 0) return WN_OK;
  const char **names = wn_alloc(((size_t)table->n_column + 1) * sizeof *names);
  if (!names) return wn_fail_memory(err);
  for (int i = 0; i < table->n_column; i++) names[i] = table->column[i].name;
  const char *near = wn_nearest(name, names, table->n_column);
  wn_fail(err, WN_ERR_USER, "unknown metric '%.60s'; try %s", name, near ? near : table->n_column ? names[0] : "none");
  wn_free(names);
  return WN_ERR_USER;
}

// -- rows -----------------------------------------------------------------------------------------------------------

// of a window definition's occurrences the one that shares most with [from, to]; NULL when none does
static const wn_window *main_window(const wn_result *r, int series, int window, double from, double to) {
  int n;
  const wn_window *w = wn_result_windows(r, series, &n), *best = NULL;
  double most = 0;
  for (int i = 0; i < n; i++) {
    if (w[i].window != window) continue;
    double shared = wn_day_overlap(w[i].start, w[i].end, from, to);
    if (shared > most) most = shared, best = &w[i];
  }
  return best;
}

// N_EDGE values of every window, behind the other metrics
static void fill_edges(const wn_sweep_table *table, const wn_result *r, int series, double *value) {
  const wn_series *s = &r->series[series];
  double from = s->n_day > 0 ? s->day_start + 24.0 * (s->n_day - 1) : r->scenario->t_start;
  double to = s->n_day > 0 ? from + 24 : wn_scenario_end(r->scenario, &r->scenario->arm[s->arm]);
  value += table->n_column - N_EDGE * r->scenario->n_window;
  for (int w = 0; w < r->scenario->n_window && s->status == WN_OK; w++, value += N_EDGE) {
    const wn_window *best = main_window(r, series, w, from, to);
    if (!best) continue;
    if (!best->open_start) value[0] = best->start - from, value[2] = wn_day_clock(best->start);
    if (!best->open_end) value[1] = best->end - from, value[3] = wn_day_clock(best->end);
  }
}

void wn_sweep_table_row(const wn_sweep_table *table, const wn_result *result, int series, double *value) {
  for (int i = 0; i < table->n_column; i++) value[i] = NAN;
  int n, hint = 0;
  const wn_metric *m = wn_result_metrics(result, series, &n);
  bool in_windows = false;
  // of several days the last counts: rows are in the order of days
  for (int i = 0; i < n; i++) {
    int at = find(table, quantity_of(result, &m[i], &in_windows), m[i].of, hint);
    if (at < 0) continue;
    value[at] = m[i].value;
    hint = at + 1 < table->n_column ? at + 1 : 0;
  }
  fill_edges(table, result, series, value);
}

void wn_sweep_table_row_curves(const wn_sweep_table *table, const wn_result *result, int series, double *value) {
  for (int c = 0; c < table->n_curve; c++) {
    const double *own =
        result->value + ((size_t)series * (size_t)result->n_column + (size_t)c) * (size_t)result->n_time;
    for (int k = 0; k < table->n_time; k++) {
      bool shared = k < result->n_time && result->time[k] == wn_sweep_table_time(table, k);
      value[(size_t)c * (size_t)table->n_time + (size_t)k] = shared ? own[k] : NAN;
    }
  }
}

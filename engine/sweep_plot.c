// sweep_plot.c - a finished sweep as a picture: which one, by what was varied; columns gathered from the shards.
// Invariant: all that decides it stands in the manifest, so that merged sweeps have it too. It must not know how
// pictures are drawn.

#include "sweep_plot.h"

#include "io/plot_page.h"

#include "base/text.h"
#include "sweep_indices.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_DEFAULT = 3 };
static const double MAX_ROWS = 5e6;

// -- words ----------------------------------------------------------------------------------------------------------

void wn_sweep_metric_words(const char *quantity, const char *of, char text[96]) {
  static const char *const words[][2] = {
      {"cmax", "Cmax"},
      {"tmax", "Tmax after the dose"},
      {"auc", "AUC"},
      {"t_half", "half-life"},
      {"hours_per_day", "hours per day"},
      {"windows_per_day", "times per day"},
      {"share_of_night", "share of the night"},
      {"window_start", "start (since the day's dose)"},
      {"window_end", "end (since the day's dose)"},
      {"window_start_clock", "start"},
      {"window_end_clock", "end"},
      {"window_peak", "peak"},
  };
  const char *said = quantity;
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (strcmp(words[i][0], quantity) == 0) said = words[i][1];
  snprintf(text, 96, "%.40s of %.48s", said, of);
}

wn_plot_words wn_sweep_plot_words(const wn_manifest *m, char source[64]) {
  snprintf(source, 64, "wane %s, sweep", WANE_VERSION);
  return (wn_plot_words){m->n_head > 2 ? m->head[2] : "Sweep", m->n_head > 3 ? m->head[3] : NULL, source};
}

wn_plot_axis wn_sweep_input_axis(const wn_sweep_field *field, bool log_scale) {
  const char *name = field->meaning && *field->meaning ? field->meaning : field->name;
  return (wn_plot_axis){name, field->unit, log_scale ? WN_SCALE_LOG : WN_SCALE_LINEAR, NULL};
}

wn_plot_axis wn_sweep_metric_axis(const wn_sweep_field *field, char text[96]) {
  if (field->quantity && field->of)
    wn_sweep_metric_words(field->quantity, field->of, text);
  else
    snprintf(text, 96, "%.95s", field->name);
  return (wn_plot_axis){text, field->unit, WN_SCALE_LINEAR, field->meaning};
}

// -- what was varied -------------------------------------------------------------------------------------------------

// the fact of `option` about this input: "low_dose=log:1:6:4" behind the name, or NULL
static const char *fact_of(const wn_manifest *m, const char *option, const char *input) {
  size_t n = strlen(input);
  for (int i = 0; i < m->n_fact; i++)
    if (strcmp(m->fact[i].name, option) == 0 && strncmp(m->fact[i].text, input, n) == 0 &&
        strchr("=~", m->fact[i].text[n]))
      return m->fact[i].text + n + 1;
  return NULL;
}

static bool is_log(const wn_manifest *m, int input) {
  const char *vary = fact_of(m, "--vary", m->table->input[input].name);
  const char *draw = fact_of(m, "--draw", m->table->input[input].name);
  return (vary && strncmp(vary, "log:", 4) == 0) || (draw && strncmp(draw, "log", 3) == 0);
}

static bool is_clock(const wn_sweep_field *field) { return strcmp(field->unit, "clock") == 0; }

// the first two inputs of the grid; without a grid the first drawn one
static wn_status choose_inputs(const wn_manifest *m, wn_plot_choice *c, wn_error *err) {
  int grid[2], n = 0;
  if (wn_sweep_indices_of(m).kind) {
    c->kind = WN_PICTURE_INDICES;
    return WN_OK;
  }
  for (int i = 0; i < m->table->n_input && n < 2; i++)
    if (fact_of(m, "--vary", m->table->input[i].name)) grid[n++] = i;
  if (n == 0 && m->table->n_input == 0)
    return wn_fail(
        err, WN_ERR_USER,
        "--plot: only individuals differ; expected an input to draw metrics against, with --vary or --draw; or try "
        "wane run --n N --plot");
  c->kind = n == 2 ? WN_PICTURE_HEAT : WN_PICTURE_SPREAD;
  c->x = n ? grid[0] : 0, c->y = n == 2 ? grid[1] : 0;
  // a clock time lies across, as on every clock axis
  if (n == 2 && is_clock(&m->table->input[c->y]) && !is_clock(&m->table->input[c->x])) c->x = grid[1], c->y = grid[0];
  c->x_log = is_log(m, c->x), c->y_log = is_log(m, c->y);
  return WN_OK;
}

// -- what is shown ---------------------------------------------------------------------------------------------------

static int find_curve(const wn_sweep_table *t, const char *name) {
  for (int i = 0; i < t->n_curve; i++)
    if (strcmp(t->curve[i].name, name) == 0) return i;
  return -1;
}

// with quantiles of curves, they are the picture, unless metrics are asked for by name
static bool shows_curves(const wn_sweep_table *t, const char *show) {
  char first[128];
  if (t->keep != WN_SWEEP_QUANTILES || t->n_curve == 0) return false;
  snprintf(first, sizeof first, "%.*s", (int)(show ? strcspn(show, ",") : 0), show ? show : "");
  return !show || find_curve(t, first) >= 0;
}

static wn_status add_curve(const wn_sweep_table *t, const char *name, wn_plot_choice *c, wn_error *err) {
  int curve = find_curve(t, name);
  if (curve < 0)
    return wn_fail(err, WN_ERR_USER, "--show: '%.60s' is not a curve that is kept; try %s", name, t->curve[0].name);
  if (c->n_shown == WN_MAX_SHOWN)
    return wn_fail(err, WN_ERR_USER, "--show: expected at most %d curves, got more", WN_MAX_SHOWN);
  c->shown[c->n_shown++] = curve;
  return WN_OK;
}

static wn_status add_shown(const wn_sweep_table *t, const char *name, wn_plot_choice *c, wn_error *err) {
  int column;
  wn_status status = wn_sweep_find_metric(t, name, &column, err);
  if (status) return wn_fail_prefix(err, "--show"), status;
  int most = c->kind == WN_PICTURE_HEAT ? 2 : c->kind == WN_PICTURE_INDICES ? 1 : WN_MAX_SHOWN;
  if (c->n_shown == most)
    return wn_fail(err, WN_ERR_USER, "--show: expected at most %d metric%s, got more", most,
                   c->kind == WN_PICTURE_HEAT      ? "s on a map (colour, lines)"
                   : c->kind == WN_PICTURE_INDICES ? " with its indices"
                                                   : "s");
  c->shown[c->n_shown++] = column;
  return WN_OK;
}

static wn_status read_shown(const wn_sweep_table *t, const char *show, wn_plot_choice *c, wn_error *err) {
  for (const char *from = show; *from;) {
    size_t n = strcspn(from, ",");
    char name[128];
    snprintf(name, sizeof name, "%.*s", (int)n, from);
    WN_TRY(c->kind == WN_PICTURE_CURVES ? add_curve(t, name, c, err) : add_shown(t, name, c, err));
    from += n + (from[n] == ',');
  }
  return c->n_shown ? WN_OK : wn_fail(err, WN_ERR_USER, "--show: expected names of metrics, got \"%.60s\"", show);
}

static void add_quantity(const wn_sweep_table *t, const char *quantity, int most, wn_plot_choice *c) {
  for (int i = 0; i < t->n_column && c->n_shown < most; i++)
    if (t->column[i].quantity && strcmp(t->column[i].quantity, quantity) == 0) c->shown[c->n_shown++] = i;
}

// hours of every window, else peaks; on a map the first window's hours, with lines of the last one's peak: what is
// blocked, and what follows
static void choose_shown(const wn_sweep_table *t, wn_plot_choice *c) {
  static const char *const quantities[] = {"hours_per_day", "cmax", "peak", "mean"};
  for (size_t i = 0; i < sizeof quantities / sizeof *quantities && c->n_shown == 0; i++)
    add_quantity(t, quantities[i], MAX_DEFAULT, c);
  if (c->n_shown == 0 && t->n_column) c->shown[c->n_shown++] = 0;
  if (c->kind == WN_PICTURE_SPREAD || c->n_shown == 0) return;
  if (c->kind == WN_PICTURE_INDICES) {
    c->n_shown = 1;
    return;
  }
  const char *last = NULL, *first = t->column[c->shown[0]].of;
  for (int i = 0; i < t->n_column; i++)
    if (t->column[i].quantity && strcmp(t->column[i].quantity, "hours_per_day") == 0) last = t->column[i].of;
  c->n_shown = 1;
  for (int i = 0; i < t->n_column && last && strcmp(last, first) != 0 && c->n_shown == 1; i++) {
    const wn_sweep_field *f = &t->column[i];
    bool is_peak = f->quantity && strcmp(f->quantity, "peak") == 0;
    if (is_peak && f->of && strcmp(f->of, last) == 0) c->shown[c->n_shown++] = i;
  }
}

static wn_status choose(const wn_manifest *m, const char *show, wn_plot_choice *c, wn_error *err) {
  *c = (wn_plot_choice){.kind = WN_PICTURE_CURVES};
  if (shows_curves(m->table, show)) {
    if (show) return read_shown(m->table, show, c, err);
    for (int i = 0; i < m->table->n_curve && i < WN_MAX_SHOWN; i++) c->shown[c->n_shown++] = i;
    return WN_OK;
  }
  c->kind = WN_PICTURE_SPREAD;
  WN_TRY(choose_inputs(m, c, err));
  if (show)
    WN_TRY(read_shown(m->table, show, c, err));
  else
    choose_shown(m->table, c);
  if (c->n_shown == 0) return wn_fail(err, WN_ERR_USER, "--plot: the sweep has no metrics to draw");
  if ((double)m->n_case * m->table->n_arm > MAX_ROWS)
    return wn_fail(err, WN_ERR_USER,
                   "--plot: %lld simulations are too many for a picture of wane's; draw from the file",
                   (long long)(m->n_case * m->table->n_arm));
  return WN_OK;
}

wn_status wn_sweep_plot_check(const wn_manifest *manifest, const char *path, const char *show, wn_error *err) {
  wn_plot_choice c;
  WN_TRY(wn_page_check(path, err));
  return choose(manifest, show, &c, err);
}

// -- columns ---------------------------------------------------------------------------------------------------------

static void free_columns(wn_plot_columns *all) {
  wn_free(all->arm);
  wn_free(all->x);
  wn_free(all->y);
  for (int i = 0; i < WN_MAX_SHOWN; i++) wn_free(all->shown[i]);
}

static wn_status make_columns(const wn_manifest *m, const wn_plot_choice *c, wn_plot_columns *all, wn_error *err) {
  size_t n = (size_t)m->n_case * (size_t)m->table->n_arm + 1;
  all->n_row = (int)(n - 1);
  all->arm = wn_alloc(n * sizeof *all->arm);
  all->x = wn_alloc(n * sizeof *all->x);
  all->y = wn_alloc(n * sizeof *all->y);
  bool ok = all->arm && all->x && all->y;
  for (int i = 0; i < c->n_shown; i++) ok &= (all->shown[i] = wn_alloc(n * sizeof **all->shown)) != NULL;
  return ok ? WN_OK : wn_fail_memory(err);
}

static void take_rows(const wn_sweep_table *t, const wn_plot_choice *c, const wn_shard *shard, wn_plot_columns *all) {
  size_t first = (size_t)shard->first_case * (size_t)t->n_arm;
  for (int row = 0; row < shard->n_row; row++) {
    const double *input = shard->input + (size_t)(row / t->n_arm) * (size_t)t->n_input;
    const double *value = shard->value + (size_t)row * (size_t)t->n_column;
    all->arm[first + (size_t)row] = row % t->n_arm;
    all->x[first + (size_t)row] = input[c->x];
    all->y[first + (size_t)row] = input[c->y];
    for (int i = 0; i < c->n_shown; i++) all->shown[i][first + (size_t)row] = value[c->shown[i]];
  }
}

static wn_status gather(const wn_shards *shards, const wn_plot_choice *c, wn_plot_columns *all, wn_error *err) {
  const wn_manifest *m = wn_shards_manifest(shards);
  WN_TRY(make_columns(m, c, all, err));
  for (int i = 0; i < m->n_shard; i++) {
    wn_shard *shard;
    WN_TRY(wn_shards_read(shards, i, &shard, err));
    take_rows(m->table, c, shard, all);
    wn_shard_destroy(shard);
  }
  return WN_OK;
}

static int compare(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

// clock times go on beyond midnight where that leaves no hole: 22:00 ... 02:00 become 22 ... 26
static wn_status unwrap(double *value, int n, wn_error *err) {
  double *sorted = wn_alloc(((size_t)n + 1) * sizeof *sorted), widest, from = -INFINITY;
  if (!sorted) return wn_fail_memory(err);
  int kept = 0;
  for (int i = 0; i < n; i++)
    if (isfinite(value[i])) sorted[kept++] = value[i];
  qsort(sorted, (size_t)kept, sizeof *sorted, compare);
  widest = kept ? sorted[0] + 24 - sorted[kept - 1] : 24;
  for (int i = 1; i < kept; i++)
    if (sorted[i] - sorted[i - 1] > widest + 1e-9) widest = sorted[i] - sorted[i - 1], from = sorted[i - 1];
  for (int i = 0; i < n; i++)
    if (value[i] <= from) value[i] += 24;
  wn_free(sorted);
  return WN_OK;
}

static wn_status unwrap_clocks(const wn_sweep_table *t, const wn_plot_choice *c, wn_plot_columns *all, wn_error *err) {
  if (is_clock(&t->input[c->x])) WN_TRY(unwrap(all->x, all->n_row, err));
  if (c->kind == WN_PICTURE_HEAT && is_clock(&t->input[c->y])) WN_TRY(unwrap(all->y, all->n_row, err));
  for (int i = 0; i < c->n_shown; i++)
    if (is_clock(&t->column[c->shown[i]])) WN_TRY(unwrap(all->shown[i], all->n_row, err));
  return WN_OK;
}

// -- the picture -----------------------------------------------------------------------------------------------------

static wn_status draw(const wn_manifest *m, const wn_plot_choice *c, const wn_plot_columns *all, const char *path,
                      wn_error *err) {
  const wn_sweep_table *t = m->table;
  char source[64], name[WN_MAX_SHOWN][96];
  const wn_plot_words words = wn_sweep_plot_words(m, source);
  wn_plot_axis shown[WN_MAX_SHOWN];
  for (int i = 0; i < c->n_shown; i++) shown[i] = wn_sweep_metric_axis(&t->column[c->shown[i]], name[i]);
  if (c->kind == WN_PICTURE_SPREAD) {
    const double *value[WN_MAX_SHOWN];
    for (int i = 0; i < c->n_shown; i++) value[i] = all->shown[i];
    const wn_plot_spread plot = {words,      wn_sweep_input_axis(&t->input[c->x], c->x_log),
                                 all->n_row, t->n_arm,
                                 c->n_shown, t->arm,
                                 all->arm,   all->x,
                                 shown,      value};
    return wn_plot_spread_write(&plot, path, err);
  }
  const wn_plot_heat plot = {.words = words,
                             .x = wn_sweep_input_axis(&t->input[c->x], c->x_log),
                             .y = wn_sweep_input_axis(&t->input[c->y], c->y_log),
                             .metric = shown[0],
                             .contour = c->n_shown > 1 ? shown[1] : (wn_plot_axis){0},
                             .n_row = all->n_row,
                             .n_arm = t->n_arm,
                             .arm_label = t->arm,
                             .arm = all->arm,
                             .x_value = all->x,
                             .y_value = all->y,
                             .value = all->shown[0],
                             .contour_value = c->n_shown > 1 ? all->shown[1] : NULL};
  return wn_plot_heat_write(&plot, path, err);
}

wn_status wn_sweep_plot(const wn_shards *shards, const char *path, const char *show, wn_error *err) {
  const wn_manifest *m = wn_shards_manifest(shards);
  wn_plot_choice c;
  wn_plot_columns all = {0};
  WN_TRY(wn_page_check(path, err));
  WN_TRY(choose(m, show, &c, err));
  if (c.kind == WN_PICTURE_CURVES) return wn_sweep_plot_curves(shards, &c, path, err);
  wn_status status = gather(shards, &c, &all, err);
  if (!status && c.kind == WN_PICTURE_INDICES) {
    status = wn_sweep_plot_indices(m, &c, &all, path, err);
  } else {
    if (!status) status = unwrap_clocks(m->table, &c, &all, err);
    if (!status) status = draw(m, &c, &all, path, err);
  }
  free_columns(&all);
  return status;
}

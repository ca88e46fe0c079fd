// sweep_plot.c - a finished sweep as a picture: which one, by what was varied; columns gathered from the shards.
// Invariant: all that decides it stands in the manifest, so that merged sweeps have it too. It must not know how
// pictures are drawn.

#include "sweeping.h"

#include "sweep_indices.h"

#include "base/text.h"
#include "io/plot_page.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_SHOWN = 8, MAX_DEFAULT = 3, MAX_COLUMN = 4096 };
static const double MAX_ROWS = 5e6;

typedef enum kind { SPREAD, HEAT, INDICES } kind;

typedef struct choice {
  kind kind;
  int x, y;  // inputs
  bool x_log, y_log;
  int n_shown, shown[MAX_SHOWN];  // columns
} choice;

// -- what was varied
// ----------------------------------------------------------------------------------------------------

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
static wn_status choose_inputs(const wn_manifest *m, choice *c, wn_error *err) {
  int grid[2], n = 0;
  if (wn_sweep_indices_of(m).kind) {
    c->kind = INDICES;
    return WN_OK;
  }
  for (int i = 0; i < m->table->n_input && n < 2; i++)
    if (fact_of(m, "--vary", m->table->input[i].name)) grid[n++] = i;
  if (n == 0 && m->table->n_input == 0)
    return wn_fail(
        err, WN_ERR_USER,
        "--plot: only individuals differ; expected an input to draw metrics against, with --vary or --draw; or try "
        "wane run --n N --plot");
  c->kind = n == 2 ? HEAT : SPREAD;
  c->x = n ? grid[0] : 0, c->y = n == 2 ? grid[1] : 0;
  // a clock time lies across, as on every clock axis
  if (n == 2 && is_clock(&m->table->input[c->y]) && !is_clock(&m->table->input[c->x])) c->x = grid[1], c->y = grid[0];
  c->x_log = is_log(m, c->x), c->y_log = is_log(m, c->y);
  return WN_OK;
}

// -- what is shown
// ------------------------------------------------------------------------------------------------------

static int find_column(const wn_sweep_table *t, const char *name) {
  for (int i = 0; i < t->n_column; i++)
    if (strcmp(t->column[i].name, name) == 0) return i;
  return -1;
}

static wn_status add_shown(const wn_sweep_table *t, const char *name, choice *c, wn_error *err) {
  int column = find_column(t, name);
  if (column < 0) {
    const char *names[MAX_COLUMN] = {0};
    int n = t->n_column < MAX_COLUMN ? t->n_column : MAX_COLUMN;
    for (int i = 0; i < n; i++) names[i] = t->column[i].name;
    const char *near = wn_nearest(name, names, n);
    return wn_fail(err, WN_ERR_USER, "--show: unknown metric '%.60s'; try %s", name,
                   near ? near
                   : n  ? names[0]
                        : "none");
  }
  int most = c->kind == HEAT ? 2 : c->kind == INDICES ? 1 : MAX_SHOWN;
  if (c->n_shown == most)
    return wn_fail(err, WN_ERR_USER, "--show: expected at most %d metric%s, got more", most,
                   c->kind == HEAT      ? "s on a map (colour, lines)"
                   : c->kind == INDICES ? " with its indices"
                                        : "s");
  c->shown[c->n_shown++] = column;
  return WN_OK;
}

static wn_status read_shown(const wn_sweep_table *t, const char *show, choice *c, wn_error *err) {
  for (const char *from = show; *from;) {
    size_t n = strcspn(from, ",");
    char name[128];
    snprintf(name, sizeof name, "%.*s", (int)n, from);
    WN_TRY(add_shown(t, name, c, err));
    from += n + (from[n] == ',');
  }
  return c->n_shown ? WN_OK : wn_fail(err, WN_ERR_USER, "--show: expected names of metrics, got \"%.60s\"", show);
}

static void add_quantity(const wn_sweep_table *t, const char *quantity, int most, choice *c) {
  for (int i = 0; i < t->n_column && c->n_shown < most; i++)
    if (t->column[i].quantity && strcmp(t->column[i].quantity, quantity) == 0) c->shown[c->n_shown++] = i;
}

// hours of every window, else peaks; on a map the first window's hours, with lines of the last one's peak: what is
// blocked, and what follows
static void choose_shown(const wn_sweep_table *t, choice *c) {
  static const char *const quantities[] = {"hours_per_day", "cmax", "peak", "mean"};
  for (size_t i = 0; i < sizeof quantities / sizeof *quantities && c->n_shown == 0; i++)
    add_quantity(t, quantities[i], MAX_DEFAULT, c);
  if (c->n_shown == 0 && t->n_column) c->shown[c->n_shown++] = 0;
  if (c->kind == SPREAD || c->n_shown == 0) return;
  if (c->kind == INDICES) {
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

static wn_status choose(const wn_manifest *m, const char *show, choice *c, wn_error *err) {
  *c = (choice){0};
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
  choice c;
  WN_TRY(wn_page_check(path, err));
  return choose(manifest, show, &c, err);
}

// -- columns
// ------------------------------------------------------------------------------------------------------------

typedef struct columns {
  int n_row;
  int *arm;
  double *x, *y, *shown[MAX_SHOWN];
} columns;

static void free_columns(columns *all) {
  wn_free(all->arm);
  wn_free(all->x);
  wn_free(all->y);
  for (int i = 0; i < MAX_SHOWN; i++) wn_free(all->shown[i]);
}

static wn_status make_columns(const wn_manifest *m, const choice *c, columns *all, wn_error *err) {
  size_t n = (size_t)m->n_case * (size_t)m->table->n_arm + 1;
  all->n_row = (int)(n - 1);
  all->arm = wn_alloc(n * sizeof *all->arm);
  all->x = wn_alloc(n * sizeof *all->x);
  all->y = wn_alloc(n * sizeof *all->y);
  bool ok = all->arm && all->x && all->y;
  for (int i = 0; i < c->n_shown; i++) ok &= (all->shown[i] = wn_alloc(n * sizeof **all->shown)) != NULL;
  return ok ? WN_OK : wn_fail_memory(err);
}

static void take_rows(const wn_sweep_table *t, const choice *c, const wn_shard *shard, columns *all) {
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

static wn_status gather(const wn_shards *shards, const choice *c, columns *all, wn_error *err) {
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

static wn_status unwrap_clocks(const wn_sweep_table *t, const choice *c, columns *all, wn_error *err) {
  if (is_clock(&t->input[c->x])) WN_TRY(unwrap(all->x, all->n_row, err));
  if (c->kind == HEAT && is_clock(&t->input[c->y])) WN_TRY(unwrap(all->y, all->n_row, err));
  for (int i = 0; i < c->n_shown; i++)
    if (is_clock(&t->column[c->shown[i]])) WN_TRY(unwrap(all->shown[i], all->n_row, err));
  return WN_OK;
}

// -- the picture
// --------------------------------------------------------------------------------------------------------

static wn_plot_axis axis(const wn_sweep_field *field, bool log_scale) {
  return (wn_plot_axis){field->name, field->unit, log_scale ? WN_SCALE_LOG : WN_SCALE_LINEAR};
}

static wn_status draw(const wn_manifest *m, const choice *c, const columns *all, const char *path, wn_error *err) {
  const wn_sweep_table *t = m->table;
  char source[64];
  snprintf(source, sizeof source, "wane %s, sweep", WANE_VERSION);
  const wn_plot_words words = {m->n_head > 2 ? m->head[2] : "Sweep", m->n_head > 3 ? m->head[3] : NULL, source};
  wn_plot_axis shown[MAX_SHOWN];
  for (int i = 0; i < c->n_shown; i++) shown[i] = axis(&t->column[c->shown[i]], false);
  if (c->kind == SPREAD) {
    const double *value[MAX_SHOWN];
    for (int i = 0; i < c->n_shown; i++) value[i] = all->shown[i];
    const wn_plot_spread plot = {
        words, axis(&t->input[c->x], c->x_log), all->n_row, t->n_arm, c->n_shown, t->arm, all->arm, all->x, shown,
        value};
    return wn_plot_spread_write(&plot, path, err);
  }
  const wn_plot_heat plot = {.words = words,
                             .x = axis(&t->input[c->x], c->x_log),
                             .y = axis(&t->input[c->y], c->y_log),
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

// -- indices
// ------------------------------------------------------------------------------------------------------------

enum { N_LIST = 6 };

// index[] as lists by input: first or mu, low, high; total or mu_star, low, high; sigma in the first list for Morris
static void sort_indices(const wn_index *index, int n, double *list[N_LIST]) {
  for (int i = 0; i < n; i++) {
    const wn_index *k = &index[i];
    bool second = strcmp(k->name, "total") == 0 || strcmp(k->name, "mu_star") == 0;
    if (strcmp(k->name, "mu") == 0) continue;
    int at = second ? 3 : 0;
    list[at][k->input] = k->value, list[at + 1][k->input] = k->low, list[at + 2][k->input] = k->high;
  }
}

// the first arm's column by point -> index[]; which arm that is stands in the title
static wn_status compute_indices(const wn_manifest *m, const columns *all, wn_index *index, wn_error *err) {
  wn_indices_def def = wn_sweep_indices_of(m);
  int64_t n_lost, n_point = wn_indices_n_point(&def);
  double *result = wn_alloc(((size_t)n_point + 1) * sizeof *result);
  if (!result) return wn_fail_memory(err);
  // of several individuals the mean, as in the table of indices
  int64_t cases = wn_sweep_table_cases(m->table), n_arm = m->table->n_arm;
  for (int64_t k = 0; k < n_point; k++)
    for (int64_t p = 0; p < cases; p++) result[k] += all->shown[0][(k * cases + p) * n_arm] / (double)cases;
  wn_status status = wn_indices_compute(&def, result, index, &n_lost, err);
  wn_free(result);
  return status;
}

static wn_status write_indices(const wn_manifest *m, const choice *c, double *const list[N_LIST],
                               const char *const *input, const char *path, wn_error *err) {
  const wn_sweep_table *t = m->table;
  const wn_sweep_field *metric = &t->column[c->shown[0]];
  char title[256], source[64];
  snprintf(title, sizeof title, "%.180s%s%.60s", m->n_head > 2 ? m->head[2] : "Sweep", t->n_arm > 1 ? ": " : "",
           t->n_arm > 1 ? t->arm[0] : "");
  snprintf(source, sizeof source, "wane %s, sweep", WANE_VERSION);
  const wn_plot_words words = {title, m->n_head > 3 ? m->head[3] : NULL, source};
  if (wn_sweep_indices_of(m).kind == WN_SENSITIVITY_MORRIS) {
    const wn_plot_morris plot = {words, axis(metric, false), t->n_input, input, list[3], list[0]};
    return wn_plot_morris_write(&plot, path, err);
  }
  const wn_plot_indices plot = {words,   metric->name, t->n_input, input,   list[0],
                                list[1], list[2],      list[3],    list[4], list[5]};
  return wn_plot_indices_write(&plot, path, err);
}

static wn_status draw_indices(const wn_manifest *m, const choice *c, const columns *all, const char *path,
                              wn_error *err) {
  wn_indices_def def = wn_sweep_indices_of(m);
  wn_arena *arena = wn_arena_create();
  if (!arena) return wn_fail_memory(err);
  size_t n_input = (size_t)m->table->n_input;
  int n = wn_indices_n(&def);
  double *list[N_LIST];
  bool ok = true;
  for (int i = 0; i < N_LIST; i++) ok &= (list[i] = wn_arena_alloc(arena, (n_input + 1) * sizeof **list)) != NULL;
  const char **input = wn_arena_alloc(arena, (n_input + 1) * sizeof *input);
  wn_index *index = wn_arena_alloc(arena, ((size_t)n + 1) * sizeof *index);
  wn_status status = ok && input && index ? compute_indices(m, all, index, err) : wn_fail_memory(err);
  if (!status) {
    sort_indices(index, n, list);
    for (size_t i = 0; i < n_input; i++) input[i] = m->table->input[i].name;
    status = write_indices(m, c, list, input, path, err);
  }
  wn_arena_destroy(arena);
  return status;
}

wn_status wn_sweep_plot(const wn_shards *shards, const char *path, const char *show, wn_error *err) {
  const wn_manifest *m = wn_shards_manifest(shards);
  choice c;
  columns all = {0};
  WN_TRY(wn_page_check(path, err));
  WN_TRY(choose(m, show, &c, err));
  wn_status status = gather(shards, &c, &all, err);
  if (!status && c.kind == INDICES) {
    status = draw_indices(m, &c, &all, path, err);
  } else {
    if (!status) status = unwrap_clocks(m->table, &c, &all, err);
    if (!status) status = draw(m, &c, &all, path, err);
  }
  free_columns(&all);
  return status;
}

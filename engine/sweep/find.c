// find.c - rows of a sweep against a goal. Invariant: the order of cells depends on their numbers only; of equal ones
// the first of the grid comes first. Must not know how an answer is told.

#include "sweep/find.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// Columns that a goal reads.
typedef struct columns {
  int objective, line;
  int *bound;  // [n_bound] the metric; of an edge h since the start of the dosing day
  int *clock;  // [n_bound] of an edge its clock time, else -1
  int *hours;  // [n_bound] of an edge hours_per_day of its window, else -1
} columns;

typedef struct finder {
  const wn_shards *shards;
  const wn_manifest *manifest;
  const wn_goal *goal;
  columns column;
  int arm;
  int64_t n_draw;
  int n_run;  // of a cell
  wn_found *found;
  double *objective, *line;  // [n_cell][n_run]
  double *value, *spare;     // [n_cell][n_bound][n_run]
  unsigned char *failed;     // [n_cell][n_run]
} finder;

static int find_column(const wn_sweep_table *t, const char *quantity, const char *of) {
  for (int i = 0; i < t->n_column; i++)
    if (strcmp(t->column[i].quantity, quantity) == 0 && strcmp(t->column[i].of, of) == 0) return i;
  return -1;
}

static wn_status require_column(const finder *f, const char *quantity, const char *of, int *index, wn_error *err) {
  *index = find_column(f->manifest->table, quantity, of);
  if (*index >= 0) return WN_OK;
  return wn_fail(err, WN_ERR_USER, "goal: there is no %s of %s in the last dosing day; try mean, peak or hours_per_day",
                 quantity, of);
}

static wn_status find_columns(finder *f, wn_error *err) {
  const wn_goal *g = f->goal;
  const wn_sweep_table *t = f->manifest->table;
  size_t size = ((size_t)g->n_bound + 1) * sizeof(int);
  f->column.bound = wn_arena_alloc(f->found->arena, size);
  f->column.clock = wn_arena_alloc(f->found->arena, size);
  f->column.hours = wn_arena_alloc(f->found->arena, size);
  f->found->bound_unit = wn_arena_alloc(f->found->arena, ((size_t)g->n_bound + 1) * sizeof(char *));
  if (!f->column.bound || !f->column.clock || !f->column.hours || !f->found->bound_unit) return wn_fail_memory(err);
  WN_TRY(require_column(f, g->quantity, g->of, &f->column.objective, err));
  WN_TRY(require_column(f, g->line_quantity, g->line_of, &f->column.line, err));
  f->found->unit = wn_arena_strdup(f->found->arena, t->column[f->column.objective].unit);
  f->found->line_unit = wn_arena_strdup(f->found->arena, t->column[f->column.line].unit);
  for (int b = 0; b < g->n_bound; b++) {
    const wn_goal_bound *bound = &g->bound[b];
    f->column.clock[b] = f->column.hours[b] = -1;
    WN_TRY(require_column(f, bound->quantity, bound->of, &f->column.bound[b], err));
    f->found->bound_unit[b] =
        wn_arena_strdup(f->found->arena, bound->is_clock ? "h" : t->column[f->column.bound[b]].unit);
    if (!bound->is_clock) continue;
    const char *clock = strcmp(bound->quantity, "window_end") == 0 ? "window_end_clock" : "window_start_clock";
    WN_TRY(require_column(f, clock, bound->of, &f->column.clock[b], err));
    WN_TRY(require_column(f, "hours_per_day", bound->of, &f->column.hours[b], err));
  }
  return WN_OK;
}

static double wrap(double hours) { return hours - 24 * floor(hours / 24); }

// how far a bound is kept; below 0: it is not; NaN: not known
static double spare_of(const finder *f, int b, const double *row, double *value) {
  const wn_goal_bound *bound = &f->goal->bound[b];
  double at = row[f->column.bound[b]], limit = bound->limit;
  *value = at;
  if (bound->is_clock) {
    *value = row[f->column.clock[b]];
    // no window, no edge: nothing to bound. A window that is never closed has no edge either, and is not free in time
    if (isnan(at)) return row[f->column.hours[b]] == 0 ? INFINITY : -INFINITY;
    // the first such time after the dosing day began
    limit = wrap(bound->limit - (*value - at));
  }
  return bound->below ? limit - at : at - limit;
}

static void take_row(finder *f, int64_t cell, int run, const double *row, bool failed) {
  int n_bound = f->goal->n_bound;
  size_t at = (size_t)cell * (size_t)f->n_run + (size_t)run;
  f->failed[at] = failed;
  f->objective[at] = failed ? NAN : row[f->column.objective];
  f->line[at] = failed ? NAN : row[f->column.line];
  for (int b = 0; b < n_bound; b++) {
    size_t to = ((size_t)cell * (size_t)n_bound + (size_t)b) * (size_t)f->n_run + (size_t)run;
    f->value[to] = NAN;
    f->spare[to] = failed ? -INFINITY : spare_of(f, b, row, &f->value[to]);
    if (isnan(f->spare[to])) f->spare[to] = -INFINITY;
  }
}

static wn_status read_rows(finder *f, wn_error *err) {
  const wn_sweep_table *t = f->manifest->table;
  int cases = wn_sweep_table_cases(t);
  for (int i = 0; i < f->manifest->n_shard; i++) {
    wn_shard *shard;
    WN_TRY(wn_shards_read(f->shards, i, &shard, err));
    for (int c = 0; c < shard->n_case; c++) {
      int64_t point = (shard->first_case + c) / cases, person = (shard->first_case + c) % cases;
      int64_t cell = point / f->n_draw, draw = point % f->n_draw;
      int row = c * t->n_arm + f->arm;
      const double *input = shard->input + (size_t)c * (size_t)t->n_input;
      double *kept = (double *)f->found->cell[cell].input;
      if (draw == 0 && person == 0) memcpy(kept, input, (size_t)t->n_input * sizeof(double));
      take_row(f, cell, (int)(draw * cases + person), shard->value + (size_t)row * (size_t)t->n_column,
               shard->status[row] != NULL);
    }
    wn_shard_destroy(shard);
  }
  return WN_OK;
}

// ---- from runs to cells

static int compare_doubles(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

// sort what is a number to the front; returns how many are
static int sort_numbers(double *x, int n) {
  int kept = 0;
  for (int i = 0; i < n; i++)
    if (!isnan(x[i])) x[kept++] = x[i];
  qsort(x, (size_t)kept, sizeof *x, compare_doubles);
  return kept;
}

static double median(double *x, int n) {
  int kept = sort_numbers(x, n);
  return kept ? 0.5 * (x[(kept - 1) / 2] + x[kept / 2]) : NAN;
}

static void judge(finder *f, int c) {
  wn_find_cell *cell = &f->found->cell[c];
  int n = f->n_run, n_bound = f->goal->n_bound, met = 0;
  double *spare = f->spare + (size_t)c * (size_t)n_bound * (size_t)n, *value = f->value + (spare - f->spare);
  double *objective = f->objective + (size_t)c * (size_t)n;
  cell->cell = c, cell->n = n;
  for (int i = 0; i < n; i++) {
    bool ok = !isnan(objective[i]);
    for (int b = 0; b < n_bound; b++) ok = ok && spare[b * n + i] > 0;
    met += ok;
    cell->n_failed += f->failed[(size_t)c * (size_t)n + (size_t)i];
  }
  cell->met = (double)met / n;
  for (int b = 0; b < n_bound; b++) {
    int kept = 0;
    for (int i = 0; i < n; i++) kept += spare[b * n + i] > 0;
    ((double *)cell->share)[b] = (double)kept / n;
    ((double *)cell->value)[b] = median(value + b * n, n);
    // all but a share 1 - sure keep it by at least this much
    qsort(spare + b * n, (size_t)n, sizeof(double), compare_doubles);
    int least = (int)floor((1 - f->goal->sure) * n + 1e-9);
    ((double *)cell->spare)[b] = spare[b * n + (least < n ? least : n - 1)];
  }
  cell->objective = median(objective, n);
  cell->line = median(f->line + (size_t)c * (size_t)n, n);
}

typedef struct order {
  double sure;
  bool minimise;
} order;

static int compare_cells(const void *pa, const void *pb, void *context) {
  const wn_find_cell *a = pa, *b = pb;
  const order *o = context;
  bool met_a = a->met >= o->sure, met_b = b->met >= o->sure;
  if (met_a != met_b) return met_a ? -1 : 1;
  if (!met_a && a->met != b->met) return a->met > b->met ? -1 : 1;
  if (a->objective != b->objective && !isnan(a->objective) && !isnan(b->objective))
    return (a->objective > b->objective) == o->minimise ? 1 : -1;
  if (isnan(a->objective) != isnan(b->objective)) return isnan(a->objective) ? 1 : -1;
  return a->cell < b->cell ? -1 : 1;
}

static void sort_cells(finder *f) {
  wn_found *found = f->found;
  order o = {f->goal->sure - 1e-12, f->goal->minimise};
  qsort_r(found->cell, (size_t)found->n_cell, sizeof *found->cell, compare_cells, &o);
  while (found->n_met < found->n_cell && found->cell[found->n_met].met >= o.sure) found->n_met++;
  double best = found->n_cell ? found->cell[0].objective : NAN;
  for (int c = 0; c < found->n_met; c++) found->n_close += fabs(found->cell[c].objective - best) <= 0.01 * fabs(best);
}

// ---- memory

static wn_status make_room(finder *f, wn_error *err) {
  size_t n_cell = (size_t)f->found->n_cell, n_bound = (size_t)f->goal->n_bound, n_run = (size_t)f->n_run;
  size_t n_input = (size_t)f->manifest->table->n_input, each = n_input + 3 * n_bound;
  f->objective = wn_alloc_doubles(n_cell * n_run * (2 + 2 * n_bound));
  f->failed = wn_alloc(n_cell * n_run);
  f->found->cell = wn_arena_alloc(f->found->arena, n_cell * sizeof *f->found->cell);
  double *slab = wn_arena_alloc(f->found->arena, (n_cell * each + 1) * sizeof *slab);
  if (!f->objective || !f->failed || !f->found->cell || !slab) return wn_fail_memory(err);
  f->line = f->objective + n_cell * n_run;
  f->value = f->line + n_cell * n_run, f->spare = f->value + n_cell * n_run * n_bound;
  for (size_t c = 0; c < n_cell; c++, slab += each) {
    wn_find_cell *cell = &f->found->cell[c];
    cell->input = slab, cell->value = slab + n_input, cell->spare = cell->value + n_bound;
    cell->share = cell->spare + n_bound;
  }
  return WN_OK;
}

static wn_status find(finder *f, wn_error *err) {
  const wn_sweep_table *t = f->manifest->table;
  for (int i = 0; i < t->n_arm && f->goal->arm; i++)
    if (strcmp(t->arm[i], f->goal->arm) == 0) f->arm = i;
  f->n_run = (int)(f->n_draw * wn_sweep_table_cases(t));
  f->found->n_cell = (int)(f->manifest->n_point / f->n_draw);
  WN_TRY(find_columns(f, err));
  WN_TRY(make_room(f, err));
  WN_TRY(read_rows(f, err));
  for (int c = 0; c < f->found->n_cell; c++) judge(f, c);
  sort_cells(f);
  return WN_OK;
}

wn_status wn_find(const wn_shards *shards, const wn_goal *goal, int64_t n_draw, wn_found **found, wn_error *err) {
  finder f = {.shards = shards, .manifest = wn_shards_manifest(shards), .goal = goal, .n_draw = n_draw};
  *found = NULL;
  f.found = wn_alloc(sizeof *f.found);
  if (!f.found) return wn_fail_memory(err);
  f.found->arena = wn_arena_create();
  wn_status status = f.found->arena ? find(&f, err) : wn_fail_memory(err);
  wn_free(f.objective);
  wn_free(f.failed);
  if (status)
    wn_found_destroy(f.found);
  else
    *found = f.found;
  return status;
}

void wn_found_destroy(wn_found *found) {
  if (!found) return;
  wn_arena_destroy(found->arena);
  wn_free(found);
}

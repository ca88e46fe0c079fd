// sweep_rows.c - the public interface's sweeps: rows in memory, as columns. Invariant: what comes back owns all it
// shows. It must not know how a sweep is run.

#include "sweeping.h"

#include <string.h>

// numbers of all columns (2 GB): more would fill the memory before it is of use
static const double MAX_VALUES = 2.5e8;

// why a row failed
typedef struct failure {
  long long row;
  const char *words;
} failure;

struct wn_sweep_rows {
  wn_arena *arena;  // names and words
  long long n, n_point;
  int n_arm, n_input, n_column;
  const char **arm;
  const char **name, **unit;   // [n_column]
  int *source;                 // [n_column] of an input or of a metric, in the table
  double *value;               // [n_column][n]
  WN_ARRAY(failure) failures;  // by row
};

wn_sweep_wish wn_sweep_wish_default(void) { return (wn_sweep_wish){.seed = 1}; }

// -- columns --------------------------------------------------------------------------------------------------------

static bool name_column(wn_sweep_rows *r, const wn_sweep_field *field, int source) {
  r->name[r->n_column] = wn_arena_strdup(r->arena, field->name);
  r->unit[r->n_column] = wn_arena_strdup(r->arena, field->unit);
  r->source[r->n_column] = source;
  r->n_column++;
  return r->name[r->n_column - 1] && r->unit[r->n_column - 1];
}

static wn_status add_metric(wn_sweep_rows *r, const wn_sweep_table *t, const char *name, wn_error *err) {
  int column;
  WN_TRY(wn_sweep_find_metric(t, name, &column, err));
  for (int i = r->n_input; i < r->n_column; i++)
    if (r->source[i] == column) return wn_fail(err, WN_ERR_USER, "metric '%.60s' is asked for twice", name);
  return name_column(r, &t->column[column], column) ? WN_OK : wn_fail_memory(err);
}

static wn_status choose_columns(wn_sweep_rows *r, const wn_sweep_table *t, const wn_sweep_wish *wish, wn_error *err) {
  size_t n = (size_t)t->n_input + (size_t)(wish->n_metric > t->n_column ? wish->n_metric : t->n_column) + 1;
  r->name = wn_arena_alloc(r->arena, n * sizeof *r->name);
  r->unit = wn_arena_alloc(r->arena, n * sizeof *r->unit);
  r->source = wn_arena_alloc(r->arena, n * sizeof *r->source);
  r->arm = wn_arena_alloc(r->arena, (size_t)t->n_arm * sizeof *r->arm);
  bool ok = r->name && r->unit && r->source && r->arm;
  for (int i = 0; i < t->n_arm && ok; i++) ok = (r->arm[i] = wn_arena_strdup(r->arena, t->arm[i])) != NULL;
  for (int i = 0; i < t->n_input && ok; i++) ok = name_column(r, &t->input[i], i);
  r->n_input = t->n_input, r->n_arm = t->n_arm;
  for (int i = 0; i < t->n_column && ok && wish->n_metric == 0; i++) ok = name_column(r, &t->column[i], i);
  for (int i = 0; i < wish->n_metric && ok; i++) WN_TRY(add_metric(r, t, wish->metric[i], err));
  return ok ? WN_OK : wn_fail_memory(err);
}

static wn_status make_room(wn_sweep_rows *r, const wn_manifest *m, const wn_sweep_wish *wish, wn_error *err) {
  r->arena = wn_arena_create();
  if (!r->arena) return wn_fail_memory(err);
  WN_TRY(choose_columns(r, m->table, wish, err));
  r->n_point = m->n_point, r->n = m->n_case * m->table->n_arm;
  if ((double)r->n * r->n_column > MAX_VALUES)
    return wn_fail(err, WN_ERR_USER, "%lld rows of %d columns are too many to hold; try fewer metrics or points", r->n,
                   r->n_column);
  r->value = wn_alloc_doubles((size_t)r->n * (size_t)r->n_column);
  return r->value ? WN_OK : wn_fail_memory(err);
}

static wn_status take_shard(wn_sweep_rows *r, const wn_sweep_table *t, const wn_shard *shard, wn_error *err) {
  long long first = shard->first_case * t->n_arm;
  for (int row = 0; row < shard->n_row; row++) {
    const double *input = shard->input + (size_t)(row / t->n_arm) * (size_t)t->n_input;
    const double *value = shard->value + (size_t)row * (size_t)t->n_column;
    for (int i = 0; i < r->n_column; i++)
      r->value[(size_t)i * (size_t)r->n + (size_t)(first + row)] = (i < r->n_input ? input : value)[r->source[i]];
    if (!shard->status[row]) continue;
    failure f = {first + row, wn_arena_strdup(r->arena, shard->status[row])};
    if (!f.words || !WN_PUSH(&r->failures, f)) return wn_fail_memory(err);
  }
  return WN_OK;
}

// -- running --------------------------------------------------------------------------------------------------------

static wn_status collect(wn_sweep_rows *r, const wn_sweep *sweep, wn_error *err) {
  wn_shards *shards;
  const wn_manifest *m = wn_sweep_manifest(sweep);
  WN_TRY(wn_shards_of(sweep, &shards, err));
  wn_status status = WN_OK;
  for (int i = 0; i < m->n_shard && !status; i++) {
    wn_shard *shard;
    status = wn_shards_read(shards, i, &shard, err);
    if (!status) status = take_shard(r, m->table, shard, err);
    wn_shard_destroy(shard);
  }
  wn_shards_close(shards);
  return status;
}

static wn_sweeping_def definition(const wn_study_def *study, const wn_sweep_wish *wish) {
  wn_sweeping_def def = wn_sweeping_default();
  def.study = *study;
  def.study.n = 1;
  def.design.vary = wish->vary, def.design.n_vary = wish->n_vary;
  def.design.draw = wish->draw, def.design.n_draw = wish->n_draw;
  def.design.correlate = wish->correlate, def.design.n_correlate = wish->n_correlate;
  def.design.sample = wish->sample;
  def.design.n = wish->n, def.design.seed = wish->seed;
  def.n_person = wish->n_person;
  return def;
}

static wn_status run(wn_sweep_rows *r, const char *data_dir, const char *file, const wn_sweeping_def *def,
                     const wn_sweep_wish *wish, wn_error *err) {
  wn_sweeping *sweeping;
  WN_TRY(wn_sweeping_open(data_dir, file, def, &sweeping, err));
  wn_sweep *sweep = wn_sweeping_sweep(sweeping);
  wn_status status = make_room(r, wn_sweep_manifest(sweep), wish, err);
  if (!status) status = wn_sweep_run(sweep, err);
  if (!status) status = collect(r, sweep, err);
  wn_sweeping_close(sweeping);
  return status;
}

wn_status wn_sweep_rows_create(const char *data_dir, const char *file, const wn_study_def *study,
                               const wn_sweep_wish *wish, wn_sweep_rows **rows, wn_error *err) {
  wn_error own;
  if (!err) err = &own;
  *rows = NULL;
  if (wish->n_vary == 0 && wish->n_draw == 0 && wish->n_person == 0)
    return wn_fail(err, WN_ERR_USER, "sweep: expected what differs: vary, draw or n_person");
  wn_sweep_rows *r = wn_alloc(sizeof *r);
  if (!r) return wn_fail_memory(err);
  const wn_sweeping_def def = definition(study, wish);
  wn_status status = run(r, data_dir, file, &def, wish, err);
  if (status)
    wn_sweep_rows_destroy(r);
  else
    *rows = r;
  return status;
}

void wn_sweep_rows_destroy(wn_sweep_rows *rows) {
  if (!rows) return;
  WN_ARRAY_FREE(&rows->failures);
  wn_free(rows->value);
  wn_arena_destroy(rows->arena);
  wn_free(rows);
}

// -- reading --------------------------------------------------------------------------------------------------------

long long wn_sweep_rows_n(const wn_sweep_rows *rows) { return rows->n; }
long long wn_sweep_rows_n_point(const wn_sweep_rows *rows) { return rows->n_point; }
long long wn_sweep_rows_n_failed(const wn_sweep_rows *rows) { return rows->failures.n; }
int wn_sweep_rows_n_arm(const wn_sweep_rows *rows) { return rows->n_arm; }
int wn_sweep_rows_n_input(const wn_sweep_rows *rows) { return rows->n_input; }
int wn_sweep_rows_n_column(const wn_sweep_rows *rows) { return rows->n_column; }

const char *wn_sweep_rows_arm(const wn_sweep_rows *rows, int arm) {
  return arm >= 0 && arm < rows->n_arm ? rows->arm[arm] : NULL;
}

const char *wn_sweep_rows_column_name(const wn_sweep_rows *rows, int column) {
  return column >= 0 && column < rows->n_column ? rows->name[column] : NULL;
}

const char *wn_sweep_rows_column_unit(const wn_sweep_rows *rows, int column) {
  return column >= 0 && column < rows->n_column ? rows->unit[column] : NULL;
}

const double *wn_sweep_rows_column(const wn_sweep_rows *rows, const char *name) {
  for (int i = 0; i < rows->n_column; i++)
    if (strcmp(rows->name[i], name) == 0) return rows->value + (size_t)i * (size_t)rows->n;
  return NULL;
}

wn_status wn_sweep_rows_status(const wn_sweep_rows *rows, long long row, wn_error *err) {
  if (row < 0 || row >= rows->n)
    return wn_fail(err, WN_ERR_USER, "row: expected 0 to %lld, got %lld", rows->n - 1, row);
  int low = 0, high = rows->failures.n;
  while (low < high) {
    int middle = low + (high - low) / 2;
    if (rows->failures.data[middle].row < row)
      low = middle + 1;
    else
      high = middle;
  }
  if (low == rows->failures.n || rows->failures.data[low].row != row) return WN_OK;
  return wn_fail(err, WN_ERR_RUN, "%s", rows->failures.data[low].words);
}

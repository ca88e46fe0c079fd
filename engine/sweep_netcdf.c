// sweep_netcdf.c - a finished sweep as one NetCDF-4 file: inputs over the points, metrics over points, individuals and
// arms, and kept curves or their quantiles with time. Invariant: the same shards give the same bytes; memory holds a
// shard and a chunk of every variable. It must not know how shards are made.

#include "io/netcdf_build.h"
#include "sweep_csv.h"
#include "sweeping.h"

#include "base/pool.h"
#include "base/text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MESSAGE = 200, CURVE_VALUES = 1 << 18 /* put at a time */ };

typedef struct output {
  const wn_shards *shards;
  const wn_manifest *manifest;
  const wn_sweep_table *table;
  wn_netcdf_build build;
  wn_netcdf *file;
  // variables: each the first of its kind
  int point, subject, arm, time, clock, quantile, input, column, status, message, curve, curve_n;
  double *scratch;
  size_t room;
} output;

// -- what is in the file ----------------------------------------------------------------------------------------------

static const char *head_line(const wn_manifest *m, int i) { return i < m->n_head ? m->head[i] : ""; }

// all facts of one name as one attribute, a line each
static void add_fact(output *o, int first) {
  const wn_manifest *m = o->manifest;
  const char *name = m->fact[first].name, *all = m->fact[first].text;
  for (int i = 0; i < first; i++)
    if (strcmp(m->fact[i].name, name) == 0) return;
  for (int i = first + 1; i < m->n_fact && all; i++)
    if (strcmp(m->fact[i].name, name) == 0) all = wn_arena_printf(o->build.arena, "%s\n%s", all, m->fact[i].text);
  if (!all) {
    o->build.failed = true;
    return;
  }
  char clean[128], words[128];
  snprintf(words, sizeof words, "%s%.100s", m->fact[first].is_file ? "text_of_" : "", name + strspn(name, "-"));
  wn_netcdf_name(words, clean, sizeof clean);
  double number;
  if (!m->fact[first].is_file && wn_parse_number(all, &number))
    wn_netcdf_build_number(&o->build, -1, clean, number);
  else
    wn_netcdf_build_note(&o->build, -1, clean, "%s", all);
}

static void add_about(output *o) {
  const wn_manifest *m = o->manifest;
  const wn_origin origin = {.command = head_line(m, 0)};
  wn_netcdf_build_origin(&o->build, head_line(m, 2), head_line(m, 3), &origin);
  for (int i = 0; i < m->n_fact && !o->build.failed; i++) add_fact(o, i);
  wn_netcdf_build_note(&o->build, -1, "facts_hash", "XXH3 %016llx", (unsigned long long)m->identity);
  wn_netcdf_build_note(
      &o->build, -1, "metrics",
      "of the last whole dosing day; window_start and window_end in h since it began, their clock in h "
      "since midnight");
}

static void add_curves(output *o, int point, int subject, int arm) {
  const wn_sweep_table *t = o->table;
  wn_netcdf_build *b = &o->build;
  if (t->keep == WN_SWEEP_SUMMARY) return;
  int time = wn_netcdf_build_dimension(b, "time", t->n_time), n_quantile;
  wn_sweep_quantiles(&n_quantile);
  int quantile = t->keep == WN_SWEEP_QUANTILES ? wn_netcdf_build_dimension(b, "quantile", n_quantile) : 0;
  o->time = wn_netcdf_build_variable(b, "time", WN_NETCDF_DOUBLE, "h", "hours since midnight of day 1", 1, time);
  o->clock =
      wn_netcdf_build_variable(b, "clock", WN_NETCDF_DOUBLE, "h", "clock time, hours since the last midnight", 1, time);
  if (quantile)
    o->quantile = wn_netcdf_build_variable(b, "quantile", WN_NETCDF_DOUBLE, "1",
                                           "share of all points and individuals at or below", 1, quantile);
  o->curve = b->variables.n;
  for (int c = 0; c < t->n_curve; c++) {
    const wn_sweep_field *f = &t->curve[c];
    int v = quantile ? wn_netcdf_build_variable(b, f->name, WN_NETCDF_DOUBLE, f->unit, f->name, 3, arm, quantile, time)
                     : wn_netcdf_build_variable(b, f->name, WN_NETCDF_DOUBLE, f->unit, f->name, 4, point, subject, arm,
                                                time);
    wn_netcdf_build_note(b, v, "coordinates", "clock");
    if (quantile) wn_netcdf_build_number(b, v, "relative_error", WN_SKETCH_ERROR);
  }
  o->curve_n = b->variables.n;
  for (int c = 0; c < t->n_curve && quantile; c++) {
    char name[128];
    snprintf(name, sizeof name, "%.120s_n", t->curve[c].name);
    wn_netcdf_build_variable(b, name, WN_NETCDF_DOUBLE, "1", "how many simulations there are", 2, arm, time);
  }
}

static int arm_width(const wn_sweep_table *t) {
  size_t most = 1;
  for (int a = 0; a < t->n_arm; a++)
    if (strlen(t->arm[a]) > most) most = strlen(t->arm[a]);
  return (int)most;
}

static void lay_out(output *o) {
  const wn_sweep_table *t = o->table;
  wn_netcdf_build *b = &o->build;
  int point = wn_netcdf_build_dimension(b, "point", o->manifest->n_point);
  int subject = wn_netcdf_build_dimension(b, "subject", wn_sweep_table_cases(t));
  int arm = wn_netcdf_build_dimension(b, "arm", t->n_arm);
  o->point = wn_netcdf_build_variable(b, "point", WN_NETCDF_INT64, "1", "point of the design", 1, point);
  o->subject = wn_netcdf_build_variable(b, "subject", WN_NETCDF_INT, "1", "individual, the same person at every point",
                                        1, subject);
  o->arm = wn_netcdf_build_text(b, "arm", arm_width(t), "name of the arm", 1, arm);
  o->status = wn_netcdf_build_variable(b, "status", WN_NETCDF_BYTE, "1", "what became of the simulation", 3, point,
                                       subject, arm);
  wn_netcdf_build_flags(b, o->status, "done failed");
  // what is not written takes no space
  o->message = wn_netcdf_build_text(b, "message", MESSAGE, "why it failed", 3, point, subject, arm);
  o->input = b->variables.n;
  for (int i = 0; i < t->n_input; i++) {
    int v =
        wn_netcdf_build_variable(b, t->input[i].name, WN_NETCDF_DOUBLE, t->input[i].unit, t->input[i].name, 1, point);
    wn_netcdf_build_note(b, v, "kind", "input");
    if (strcmp(t->input[i].unit, "clock") == 0)
      wn_netcdf_build_note(b, v, "comment", "a clock time, hours since midnight");
  }
  o->column = b->variables.n;
  for (int i = 0; i < t->n_column; i++) {
    const wn_sweep_field *f = &t->column[i];
    int v = wn_netcdf_build_variable(b, f->name, WN_NETCDF_DOUBLE, f->unit, f->name, 3, point, subject, arm);
    wn_netcdf_build_note(b, v, "kind", "metric");
    wn_netcdf_build_note(b, v, "quantity", "%s", f->quantity ? f->quantity : "");
    wn_netcdf_build_note(b, v, "of", "%s", f->of ? f->of : "");
    wn_netcdf_build_note(b, v, "ancillary_variables", "status");
  }
  add_curves(o, point, subject, arm);
}

// -- coordinates
// --------------------------------------------------------------------------------------------------------

static wn_status put_counted(output *o, int variable, int64_t n, wn_error *err) {
  double number[1024];
  for (int64_t from = 0; from < n; from += 1024) {
    int64_t count = n - from < 1024 ? n - from : 1024;
    for (int64_t i = 0; i < count; i++) number[i] = (double)(from + i + 1);
    WN_TRY(wn_netcdf_put(o->file, variable, &from, &count, number, err));
  }
  return WN_OK;
}

static wn_status put_coordinates(output *o, wn_error *err) {
  const wn_sweep_table *t = o->table;
  const int64_t zero = 0, one = 1, n_arm = t->n_arm;
  WN_TRY(put_counted(o, o->point, o->manifest->n_point, err));
  WN_TRY(put_counted(o, o->subject, wn_sweep_table_cases(t), err));
  WN_TRY(wn_netcdf_put_text(o->file, o->arm, &zero, &n_arm, t->arm, err));
  for (int64_t k = 0; k < t->n_time && t->keep != WN_SWEEP_SUMMARY; k++) {
    double time = wn_sweep_table_time(t, (int)k), clock = time - 24 * floor(time / 24);
    WN_TRY(wn_netcdf_put(o->file, o->time, &k, &one, &time, err));
    WN_TRY(wn_netcdf_put(o->file, o->clock, &k, &one, &clock, err));
  }
  return WN_OK;
}

// -- shards
// -------------------------------------------------------------------------------------------------------------

// Consecutive cases that are a slab of (point, subject): some individuals of one point, or whole points.
typedef struct slab {
  int64_t start[4], count[4];  // point, subject, arm, time
  int first_case, n_case;      // of the shard
} slab;

static slab next_slab(const output *o, const wn_shard *shard, int from) {
  int64_t cases = wn_sweep_table_cases(o->table), at = shard->first_case + from, rest = shard->n_case - from;
  int64_t person = at % cases, n = cases - person < rest ? cases - person : rest;
  slab s = {.start = {at / cases, person}, .count = {1, n, o->table->n_arm, o->table->n_time}, .first_case = from};
  if (person == 0 && rest >= cases) s.count[0] = rest / cases, s.count[1] = cases;
  s.n_case = (int)(s.count[0] * s.count[1]);
  return s;
}

static double *scratch(output *o, size_t n) {
  if (n <= o->room) return o->scratch;
  wn_free(o->scratch);
  o->scratch = wn_alloc(n * sizeof *o->scratch);
  o->room = o->scratch ? n : 0;
  return o->scratch;
}

// inputs of the points whose first individual is in the slab
static wn_status put_inputs(output *o, const wn_shard *shard, const slab *s, wn_error *err) {
  int n_input = o->table->n_input, cases = wn_sweep_table_cases(o->table);
  if (s->start[1] != 0) return WN_OK;
  double *column = scratch(o, (size_t)s->count[0]);
  if (!column) return wn_fail_memory(err);
  for (int i = 0; i < n_input; i++) {
    for (int64_t k = 0; k < s->count[0]; k++)
      column[k] = shard->input[((size_t)s->first_case + (size_t)(k * cases)) * (size_t)n_input + (size_t)i];
    WN_TRY(wn_netcdf_put(o->file, o->input + i, s->start, s->count, column, err));
  }
  return WN_OK;
}

static wn_status put_metrics(output *o, const wn_shard *shard, const slab *s, wn_error *err) {
  size_t n_arm = (size_t)o->table->n_arm, n_column = (size_t)o->table->n_column;
  size_t n = (size_t)s->n_case * n_arm, first = (size_t)s->first_case * n_arm;
  double *column = scratch(o, n);
  if (!column) return wn_fail_memory(err);
  for (size_t i = 0; i < n_column; i++) {
    for (size_t k = 0; k < n; k++) column[k] = shard->value[(first + k) * n_column + i];
    WN_TRY(wn_netcdf_put(o->file, o->column + (int)i, s->start, s->count, column, err));
  }
  for (size_t k = 0; k < n; k++) column[k] = shard->status[first + k] != NULL;
  WN_TRY(wn_netcdf_put(o->file, o->status, s->start, s->count, column, err));
  int64_t at[3], one[3] = {1, 1, 1};
  for (size_t k = 0; k < n; k++) {
    const char *words = shard->status[first + k];
    int64_t which = (int64_t)(k / n_arm);
    if (!words) continue;
    at[0] = s->start[0] + which / s->count[1], at[1] = s->start[1] + which % s->count[1], at[2] = (int64_t)(k % n_arm);
    WN_TRY(wn_netcdf_put_text(o->file, o->message, at, one, &words, err));
  }
  return WN_OK;
}

// curves [row][curve][time] -> a variable each, some points at a time
static wn_status put_curves(output *o, const wn_shard *shard, const slab *s, wn_error *err) {
  const wn_sweep_table *t = o->table;
  size_t n_time = (size_t)t->n_time, n_curve = (size_t)t->n_curve, a_point = (size_t)(s->count[1] * t->n_arm) * n_time;
  int64_t step = (int64_t)(CURVE_VALUES / a_point) + 1;
  for (int64_t from = 0; from < s->count[0]; from += step) {
    int64_t start[4] = {s->start[0] + from, s->start[1], 0, 0}, count[4] = {step, s->count[1], t->n_arm, t->n_time};
    if (count[0] > s->count[0] - from) count[0] = s->count[0] - from;
    size_t n = (size_t)(count[0] * count[1] * count[2]);
    size_t first = (size_t)(s->first_case + from * s->count[1]) * (size_t)t->n_arm;
    double *column = scratch(o, n * n_time);
    if (!column) return wn_fail_memory(err);
    for (size_t c = 0; c < n_curve; c++) {
      for (size_t k = 0; k < n; k++)
        memcpy(column + k * n_time, shard->curve + ((first + k) * n_curve + c) * n_time, n_time * sizeof *column);
      WN_TRY(wn_netcdf_put(o->file, o->curve + (int)c, start, count, column, err));
    }
  }
  return WN_OK;
}

static wn_status put_shard(output *o, const wn_shard *shard, wn_error *err) {
  for (int from = 0; from < shard->n_case;) {
    slab s = next_slab(o, shard, from);
    WN_TRY(put_inputs(o, shard, &s, err));
    WN_TRY(put_metrics(o, shard, &s, err));
    if (shard->curve) WN_TRY(put_curves(o, shard, &s, err));
    from += s.n_case;
  }
  return WN_OK;
}

static wn_status put_shards(output *o, wn_error *err) {
  for (int i = 0; i < o->manifest->n_shard; i++) {
    if (wn_stop_get()) return wn_fail(err, WN_ERR_INTERRUPT, "interrupted");
    wn_shard *shard;
    WN_TRY(wn_shards_read(o->shards, i, &shard, err));
    wn_status status = put_shard(o, shard, err);
    wn_shard_destroy(shard);
    if (status) return status;
  }
  return WN_OK;
}

// -- quantiles
// ----------------------------------------------------------------------------------------------------------

static wn_status put_sketch(output *o, const wn_sketch *sketch, wn_error *err) {
  const wn_sweep_table *t = o->table;
  int n_quantile;
  const double *share = wn_sweep_quantiles(&n_quantile);
  const int64_t zero = 0, all = n_quantile;
  double *line = scratch(o, (size_t)t->n_time);
  if (!line) return wn_fail_memory(err);
  WN_TRY(wn_netcdf_put(o->file, o->quantile, &zero, &all, share, err));
  for (int64_t a = 0; a < t->n_arm; a++)
    for (int c = 0; c < t->n_curve; c++) {
      const wn_sketch_cell *cell = sketch->cell + (a * t->n_curve + c) * t->n_time;
      int64_t start[3] = {a, 0, 0}, count[3] = {1, 1, t->n_time}, n_start[2] = {a, 0}, n_count[2] = {1, t->n_time};
      for (start[1] = 0; start[1] < n_quantile; start[1]++) {
        for (int k = 0; k < t->n_time; k++) line[k] = wn_sketch_quantile(&cell[k], share[start[1]]);
        WN_TRY(wn_netcdf_put(o->file, o->curve + c, start, count, line, err));
      }
      for (int k = 0; k < t->n_time; k++) line[k] = (double)cell[k].total;
      WN_TRY(wn_netcdf_put(o->file, o->curve_n + c, n_start, n_count, line, err));
    }
  return WN_OK;
}

static wn_status put_quantiles(output *o, wn_error *err) {
  if (o->table->keep != WN_SWEEP_QUANTILES) return WN_OK;
  wn_sketch sketch;
  WN_TRY(wn_sketch_init(&sketch, o->table->n_arm * wn_sweep_table_curves(o->table), err));
  wn_status status = wn_sweep_counts(o->shards, &sketch, err);
  if (!status) status = put_sketch(o, &sketch, err);
  wn_sketch_free(&sketch);
  return status;
}

// -- the file
// -----------------------------------------------------------------------------------------------------------

static wn_status write_file(output *o, const char *path, wn_error *err) {
  wn_netcdf_def def;
  add_about(o);
  lay_out(o);
  WN_TRY(wn_netcdf_build_finish(&o->build, &def, err));
  WN_TRY(wn_netcdf_create(path, &def, &o->file, err));
  wn_status status = put_coordinates(o, err);
  if (!status) status = put_shards(o, err);
  if (!status) status = put_quantiles(o, err);
  if (!status) return wn_netcdf_commit(o->file, err);
  wn_netcdf_abandon(o->file);
  return status;
}

wn_status wn_sweep_write_netcdf(const wn_shards *shards, const char *path, wn_error *err) {
  output o = {.shards = shards, .manifest = wn_shards_manifest(shards)};
  o.table = o.manifest->table;
  wn_netcdf_build_init(&o.build);
  wn_status status = o.build.failed ? wn_fail_memory(err) : write_file(&o, path, err);
  wn_netcdf_build_free(&o.build);
  wn_free(o.scratch);
  return status;
}

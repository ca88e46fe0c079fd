// sweep_indices.c - see sweep_indices.h. Invariant: the same shards give the same bytes for any number of threads. It
// must not know how points were made or run.

#include "sweep_indices.h"

#include "base/memory.h"
#include "base/pool.h"
#include "base/text.h"
#include "io/csv.h"
#include "sweep_csv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_DOUBLES = 16 << 20 };

// a few of the arms' metrics: number = arm x n_column + column
typedef struct wn_index_pass {
  const wn_manifest *manifest;
  wn_indices_def def;
  const int *number;  // [n] of this pass
  int n;
  double *value;      // [n][n_point]
  wn_index *index;    // [n][wn_indices_n]
  int64_t *n_lost;    // [n]
  wn_status *status;  // [n]
  wn_error *error;    // [n]
} wn_index_pass;

// -- what was asked for ---------------------------------------------------------------------------------------------

static const char *fact(const wn_manifest *m, const char *name) {
  for (int i = 0; i < m->n_fact; i++)
    if (strcmp(m->fact[i].name, name) == 0) return m->fact[i].text;
  return NULL;
}

wn_indices_def wn_sweep_indices_of(const wn_manifest *m) {
  const char *kind = fact(m, "--sensitivity"), *seed = fact(m, "--seed");
  wn_indices_def def = {.n_input = m->table->n_input, .n_level = wn_design_default().n_level};
  if (kind && strcmp(kind, "sobol") == 0) def.kind = WN_SENSITIVITY_SOBOL;
  if (kind && strcmp(kind, "morris") == 0) def.kind = WN_SENSITIVITY_MORRIS;
  double number;
  if (seed && wn_parse_number(seed, &number)) def.seed = (uint64_t)number;
  def.n_row = 1;
  if (def.kind) def.n_row = m->n_point / wn_indices_n_point(&def);
  return def;
}

// -- columns --------------------------------------------------------------------------------------------------------

// a case adds its share to the mean of its point; what is missing makes the point missing
static void add_shard(const wn_index_pass *pass, const wn_shard *shard) {
  const wn_sweep_table *t = pass->manifest->table;
  int64_t n_point = pass->manifest->n_point, cases = wn_sweep_table_cases(t);
  for (int c = 0; c < shard->n_case; c++) {
    int64_t point = (shard->first_case + c) / cases;
    for (int k = 0; k < pass->n; k++) {
      int row = c * t->n_arm + pass->number[k] / t->n_column;
      double value =
          shard->status[row] ? NAN : shard->value[(int64_t)row * t->n_column + pass->number[k] % t->n_column];
      pass->value[k * n_point + point] += value / (double)cases;
    }
  }
}

static wn_status read_columns(const wn_index_pass *pass, const wn_shards *shards, wn_error *err) {
  memset(pass->value, 0, (size_t)(pass->n * pass->manifest->n_point) * sizeof *pass->value);
  for (int i = 0; i < pass->manifest->n_shard; i++) {
    if (wn_stop_get()) return wn_fail(err, WN_ERR_INTERRUPT, "interrupted");
    wn_shard *shard;
    WN_TRY(wn_shards_read(shards, i, &shard, err));
    add_shard(pass, shard);
    wn_shard_destroy(shard);
  }
  return WN_OK;
}

static void compute(void *context, int worker, int k) {
  wn_index_pass *pass = context;
  (void)worker;
  pass->status[k] = wn_indices_compute(&pass->def, pass->value + k * pass->manifest->n_point,
                                       pass->index + k * wn_indices_n(&pass->def), &pass->n_lost[k], &pass->error[k]);
}

// -- text -----------------------------------------------------------------------------------------------------------

static void add_head(const wn_index_pass *pass, wn_buffer *text) {
  const wn_manifest *m = pass->manifest;
  bool sobol = pass->def.kind == WN_SENSITIVITY_SOBOL;
  for (int i = 0; i < m->n_head; i++) wn_buffer_printf(text, "# %s\n", m->head[i]);
  if (sobol)
    wn_buffer_add(text,
                  "# first: share of the variance that the input explains alone; total: with all it does together with "
                  "others\n");
  else
    wn_buffer_add(text,
                  "# elementary effects per whole range of the input: mu their mean, mu_star of their sizes, sigma "
                  "their spread\n");
  wn_buffer_printf(text, "# low, high: 95 %% bootstrap interval; rows: %s; lost: left out, a result is missing\n",
                   sobol ? "base rows" : "trajectories");
  wn_buffer_add(text, "arm,metric,unit,input,index,value,low,high,rows,lost\n");
}

static void add_metric(const wn_index_pass *pass, int k, wn_buffer *text) {
  const wn_sweep_table *t = pass->manifest->table;
  const wn_sweep_field *metric = &t->column[pass->number[k] % t->n_column];
  bool sobol = pass->def.kind == WN_SENSITIVITY_SOBOL;
  const char *unit = sobol || !*metric->unit ? "1" : metric->unit;
  int n = wn_indices_n(&pass->def);
  for (int i = 0; i < n; i++) {
    const wn_index *x = &pass->index[k * n + i];
    wn_csv_text(text, t->arm[pass->number[k] / t->n_column]);
    wn_buffer_add(text, ",");
    wn_csv_text(text, metric->name);
    wn_buffer_add(text, ",");
    wn_csv_text(text, unit);
    wn_buffer_printf(text, ",%s,%s", t->input[x->input].name, x->name);
    wn_csv_numbers(text, (const double[]){x->value, x->low, x->high}, 3, 1);
    wn_buffer_printf(text, ",%lld,%lld\n", (long long)pass->def.n_row, (long long)pass->n_lost[k]);
  }
}

static wn_status put_pass(const wn_index_pass *pass, wn_outfile *file, wn_error *err) {
  wn_buffer text = {0};
  wn_status status = WN_OK;
  for (int k = 0; k < pass->n && !status; k++) {
    status = pass->status[k];
    if (status && err) *err = pass->error[k];
    if (!status) add_metric(pass, k, &text);
  }
  if (!status) status = wn_outfile_put(file, &text, err);
  wn_buffer_free(&text);
  return status;
}

static wn_status put_head(const wn_index_pass *pass, wn_outfile *file, wn_error *err) {
  wn_buffer text = {0};
  add_head(pass, &text);
  return wn_outfile_put(file, &text, err);
}

// -- passes ---------------------------------------------------------------------------------------------------------

// which arms' metrics have indices -> number [returned]
static int list_metrics(const wn_sweep_table *t, int *number) {
  int n = 0;
  for (int a = 0; a < t->n_arm; a++)
    for (int c = 0; c < t->n_column; c++)
      if (strcmp(t->column[c].unit, "clock") != 0) number[n++] = a * t->n_column + c;
  return n;
}

static wn_status run_passes(wn_index_pass *pass, const wn_shards *shards, int n, int each, wn_outfile *file,
                            int n_thread, wn_error *err) {
  WN_TRY(put_head(pass, file, err));
  for (; n > 0; n -= pass->n, pass->number += pass->n) {
    pass->n = n < each ? n : each;
    WN_TRY(read_columns(pass, shards, err));
    wn_pool_run(n_thread, pass->n, compute, pass);
    WN_TRY(put_pass(pass, file, err));
  }
  return WN_OK;
}

wn_status wn_sweep_indices_write(const wn_shards *shards, wn_outfile *file, int n_thread, wn_error *err) {
  const wn_manifest *m = wn_shards_manifest(shards);
  wn_index_pass pass = {.manifest = m, .def = wn_sweep_indices_of(m)};
  int *number = wn_alloc((size_t)(m->table->n_arm * m->table->n_column + 1) * sizeof *number);
  if (!number) return wn_fail_memory(err);
  pass.number = number;
  int n = list_metrics(m->table, number);
  int64_t fit = MAX_DOUBLES / m->n_point;
  int each = fit < 1 ? 1 : fit < n ? (int)fit : n > 0 ? n : 1;
  pass.value = wn_alloc((size_t)(each * m->n_point) * sizeof *pass.value);
  pass.index = wn_alloc((size_t)(each * wn_indices_n(&pass.def)) * sizeof *pass.index);
  pass.n_lost = wn_alloc((size_t)each * sizeof *pass.n_lost);
  pass.status = wn_alloc((size_t)each * sizeof *pass.status);
  pass.error = wn_alloc((size_t)each * sizeof *pass.error);
  bool room = pass.value && pass.index && pass.n_lost && pass.status && pass.error;
  wn_status status = room ? run_passes(&pass, shards, n, each, file, n_thread, err) : wn_fail_memory(err);
  wn_free(number);
  wn_free(pass.value), wn_free(pass.index), wn_free(pass.n_lost), wn_free(pass.status), wn_free(pass.error);
  return status;
}

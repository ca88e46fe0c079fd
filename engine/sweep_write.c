// sweep_write.c - finished shards become files, a few at a time. Invariant: files are whole or not there, the same
// bytes for any number of threads. It must not know how shards are made.

#include "sweeping.h"

#include "base/pool.h"
#include "io/io.h"
#include "io/netcdf.h"
#include "sweep_csv.h"
#include "sweep_indices.h"

#include <stdio.h>
#include <string.h>

typedef void formatter(const wn_manifest *manifest, const wn_shard *shard, wn_buffer *text);

wn_status wn_sweep_write_check(const char *path, wn_error *err) {
  if (wn_path_ends_packed(path, ".csv")) return WN_OK;
  if (wn_path_ends(path, ".nc")) return wn_netcdf_check(path, err);
  return wn_fail(err, WN_ERR_USER, "expected a file ending in .csv, .csv.gz or .nc, got \"%.200s\"", path);
}

char *wn_sweep_beside(const char *path, const char *what) {
  const char *packed = wn_path_ends(path, ".gz") ? ".gz" : "";
  size_t length = strlen(path) - strlen(packed), size = strlen(path) + strlen(what) + 6;
  while (path[--length] != '.') continue;
  char *name = wn_alloc(size);
  if (name) snprintf(name, size, "%.*s-%s.csv%s", (int)length, path, what, packed);
  return name;
}

// -- shards in order, formatted side by side ------------------------------------------------------------------------

typedef struct rows {
  const wn_shards *shards;
  formatter *format;
} rows;

static wn_status format_shards(void *context, int64_t first, int64_t n, wn_buffer *text, wn_error *err) {
  const rows *r = context;
  for (int64_t i = first; i < first + n; i++) {
    wn_shard *shard;
    WN_TRY(wn_shards_read(r->shards, (int)i, &shard, err));
    r->format(wn_shards_manifest(r->shards), shard, text);
    wn_shard_destroy(shard);
  }
  return WN_OK;
}

static wn_status put_shards(const wn_shards *shards, formatter *format, wn_outfile *file, int n_thread, wn_error *err) {
  rows r = {shards, format};
  return wn_outfile_rows(file, wn_shards_manifest(shards)->n_shard, 1, format_shards, &r, n_thread, err);
}

static wn_status put_rows(const wn_shards *shards, wn_outfile *file, int n_thread, wn_error *err) {
  wn_buffer head = {0};
  wn_sweep_csv_head(wn_shards_manifest(shards), &head);
  WN_TRY(wn_outfile_put(file, &head, err));
  return put_shards(shards, wn_sweep_csv_rows, file, n_thread, err);
}

wn_status wn_sweep_write_stream(const wn_shards *shards, FILE *stream, int n_thread, wn_error *err) {
  wn_outfile file = {.stream = stream};
  return put_rows(shards, &file, n_thread, err);
}

// -- curves ---------------------------------------------------------------------------------------------------------

static wn_status put_curves(const wn_shards *shards, wn_outfile *file, int n_thread, wn_error *err) {
  wn_buffer head = {0};
  wn_sweep_csv_curves_head(wn_shards_manifest(shards), &head);
  WN_TRY(wn_outfile_put(file, &head, err));
  return put_shards(shards, wn_sweep_csv_curves, file, n_thread, err);
}

wn_status wn_sweep_counts(const wn_shards *shards, wn_sketch *sketch, wn_error *err) {
  const wn_manifest *m = wn_shards_manifest(shards);
  for (int i = 0; i < m->n_shard; i++) {
    wn_shard *shard;
    WN_TRY(wn_shards_read(shards, i, &shard, err));
    const unsigned char *from = shard->counts, *end = from + shard->counts_size;
    wn_status status = wn_sketch_add(sketch, 0, sketch->n_cell, &from, end, err);
    wn_shard_destroy(shard);
    if (status) return status;
  }
  return WN_OK;
}

static wn_status put_quantiles(const wn_shards *shards, wn_outfile *file, int n_thread, wn_error *err) {
  const wn_manifest *m = wn_shards_manifest(shards);
  (void)n_thread;
  wn_sketch sketch;
  wn_buffer text = {0};
  WN_TRY(wn_sketch_init(&sketch, m->table->n_arm * wn_sweep_table_curves(m->table), err));
  wn_status status = wn_sweep_counts(shards, &sketch, err);
  if (!status) {
    wn_sweep_csv_quantiles_head(m, &text);
    wn_sweep_csv_quantiles(m, &sketch, &text);
    status = wn_outfile_put(file, &text, err);
  }
  wn_sketch_free(&sketch);
  return status;
}

// -- whole files ----------------------------------------------------------------------------------------------------

typedef wn_status writer(const wn_shards *shards, wn_outfile *file, int n_thread, wn_error *err);

static wn_status write_file(const wn_shards *shards, const char *path, writer *write, int n_thread, wn_error *err) {
  wn_outfile file;
  WN_TRY(wn_outfile_open(&file, path, err));
  wn_status status = write(shards, &file, n_thread, err);
  if (!status) return wn_outfile_commit(&file, err);
  wn_outfile_abandon(&file);
  return status;
}

static wn_status write_beside(const wn_shards *shards, const char *path, const char *what, writer *write, int n_thread,
                              wn_error *err) {
  char *name = wn_sweep_beside(path, what);
  if (!name) return wn_fail_memory(err);
  wn_status status = write_file(shards, name, write, n_thread, err);
  wn_free(name);
  return status;
}

wn_status wn_sweep_write(const wn_shards *shards, const char *path, int n_thread, wn_error *err) {
  const wn_sweep_table *table = wn_shards_manifest(shards)->table;
  if (wn_sweep_indices_of(wn_shards_manifest(shards)).kind)
    WN_TRY(write_beside(shards, path, "indices", wn_sweep_indices_write, n_thread, err));
  if (wn_path_ends(path, ".nc")) return wn_sweep_write_netcdf(shards, path, err);
  // the rows last: where they are, all is
  if (table->keep == WN_SWEEP_QUANTILES) WN_TRY(write_beside(shards, path, "quantiles", put_quantiles, n_thread, err));
  if (table->keep == WN_SWEEP_ALL) WN_TRY(write_beside(shards, path, "trajectories", put_curves, n_thread, err));
  return write_file(shards, path, put_rows, n_thread, err);
}

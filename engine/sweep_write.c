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

typedef void formatter(const wn_manifest *manifest, const wn_shard *shard, wn_text *text);

static bool ends_in(const char *path, const char *ending) {
  size_t n = strlen(path), m = strlen(ending);
  return n > m && strcmp(path + n - m, ending) == 0;
}

wn_status wn_sweep_write_check(const char *path, wn_error *err) {
  if (ends_in(path, ".csv")) return WN_OK;
  if (ends_in(path, ".nc")) return wn_netcdf_check(path, err);
  return wn_fail(err, WN_ERR_USER, "expected a file ending in .csv or .nc, got \"%.200s\"", path);
}

char *wn_sweep_beside(const char *path, const char *what) {
  const char *dot = strrchr(path, '.');
  size_t size = strlen(path) + strlen(what) + 6;
  char *name = wn_alloc(size);
  if (name) snprintf(name, size, "%.*s-%s.csv", (int)(dot - path), path, what);
  return name;
}

// -- shards in order, formatted side by side ------------------------------------------------------------------------

typedef struct batch {
  const wn_shards *shards;
  formatter *format;
  int first, n;
  wn_text *text;      // [n]
  wn_status *status;  // [n]
  wn_error *error;    // [n]
} batch;

static void format_one(void *context, int worker, int index) {
  batch *b = context;
  (void)worker;
  wn_shard *shard;
  b->status[index] = wn_shards_read(b->shards, b->first + index, &shard, &b->error[index]);
  if (b->status[index]) return;
  b->format(wn_shards_manifest(b->shards), shard, &b->text[index]);
  wn_shard_destroy(shard);
  if (b->text[index].failed) b->status[index] = wn_fail_memory(&b->error[index]);
}

static wn_status write_batch(batch *b, FILE *stream, wn_error *err) {
  wn_status status = WN_OK;
  for (int i = 0; i < b->n; i++) {
    if (!status && b->status[i]) {
      status = b->status[i];
      if (err) *err = b->error[i];
    }
    if (!status) fwrite(b->text[i].data, 1, (size_t)b->text[i].n, stream);
    wn_text_free(&b->text[i]);
  }
  return status;
}

// (errors of the stream are noticed by whoever opened it; there is no use in going on after one)
static wn_status stream_shards(const wn_shards *shards, formatter *format, FILE *stream, int n_thread, wn_error *err) {
  int n_shard = wn_shards_manifest(shards)->n_shard, n = n_thread > 1 ? 2 * n_thread : 1;
  batch b = {.shards = shards,
             .format = format,
             .text = wn_alloc((size_t)n * sizeof *b.text),
             .status = wn_alloc((size_t)n * sizeof *b.status),
             .error = wn_alloc((size_t)n * sizeof *b.error)};
  wn_status status = b.text && b.status && b.error ? WN_OK : wn_fail_memory(err);
  for (; !status && b.first < n_shard && !ferror(stream); b.first += b.n) {
    if (wn_stop_get()) {
      status = wn_fail(err, WN_ERR_INTERRUPT, "interrupted");
      break;
    }
    b.n = n_shard - b.first < n ? n_shard - b.first : n;
    wn_pool_run(n_thread, b.n, format_one, &b);
    status = write_batch(&b, stream, err);
  }
  wn_free(b.text);
  wn_free(b.status);
  wn_free(b.error);
  return status;
}

static wn_status put_text(wn_text *text, FILE *stream, wn_error *err) {
  wn_status status = text->failed ? wn_fail_memory(err) : WN_OK;
  if (!status) fwrite(text->data, 1, (size_t)text->n, stream);
  wn_text_free(text);
  return status;
}

wn_status wn_sweep_write_stream(const wn_shards *shards, FILE *stream, int n_thread, wn_error *err) {
  wn_text head = {0};
  wn_sweep_csv_head(wn_shards_manifest(shards), &head);
  WN_TRY(put_text(&head, stream, err));
  return stream_shards(shards, wn_sweep_csv_rows, stream, n_thread, err);
}

// -- curves ---------------------------------------------------------------------------------------------------------

static wn_status stream_curves(const wn_shards *shards, FILE *stream, int n_thread, wn_error *err) {
  wn_text head = {0};
  wn_sweep_csv_curves_head(wn_shards_manifest(shards), &head);
  WN_TRY(put_text(&head, stream, err));
  return stream_shards(shards, wn_sweep_csv_curves, stream, n_thread, err);
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

static wn_status stream_quantiles(const wn_shards *shards, FILE *stream, int n_thread, wn_error *err) {
  const wn_manifest *m = wn_shards_manifest(shards);
  (void)n_thread;
  wn_sketch sketch;
  wn_text text = {0};
  WN_TRY(wn_sketch_init(&sketch, m->table->n_arm * wn_sweep_table_curves(m->table), err));
  wn_status status = wn_sweep_counts(shards, &sketch, err);
  if (!status) {
    wn_sweep_csv_quantiles_head(m, &text);
    wn_sweep_csv_quantiles(m, &sketch, &text);
    status = put_text(&text, stream, err);
  }
  wn_sketch_free(&sketch);
  return status;
}

// -- whole files ----------------------------------------------------------------------------------------------------

typedef wn_status writer(const wn_shards *shards, FILE *stream, int n_thread, wn_error *err);

static wn_status write_file(const wn_shards *shards, const char *path, writer *write, int n_thread, wn_error *err) {
  wn_outfile file;
  WN_TRY(wn_outfile_open(&file, path, err));
  wn_status status = write(shards, file.stream, n_thread, err);
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
  if (ends_in(path, ".nc")) return wn_sweep_write_netcdf(shards, path, err);
  // the rows last: where they are, all is
  if (table->keep == WN_SWEEP_QUANTILES)
    WN_TRY(write_beside(shards, path, "quantiles", stream_quantiles, n_thread, err));
  if (table->keep == WN_SWEEP_ALL) WN_TRY(write_beside(shards, path, "trajectories", stream_curves, n_thread, err));
  return write_file(shards, path, wn_sweep_write_stream, n_thread, err);
}

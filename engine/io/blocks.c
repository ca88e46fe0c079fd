// blocks.c - text on its way into a file: blocks are formatted and compressed side by side and put in order. Invariant:
// the bytes depend on the rows and the size of a block alone. It must not know what rows mean.

#include "io/outfile.h"

#include "base/memory.h"
#include "base/pool.h"

#include <string.h>
#include <zlib.h>

// zlib's fastest level: rows of 17-digit numbers shrink to 0.40 of themselves at 89 MB/s; by the usual one, 6, to 0.37
// at 20 MB/s
enum { LEVEL = 1 };

bool wn_path_ends(const char *path, const char *ending) {
  const size_t n = strlen(path), m = strlen(ending);
  return n > m && strcmp(path + n - m, ending) == 0;
}

bool wn_path_ends_packed(const char *path, const char *ending) {
  const size_t n = strlen(path), m = strlen(ending);
  if (wn_path_ends(path, ending)) return true;
  return n > m + 3 && strcmp(path + n - 3, ".gz") == 0 && memcmp(path + n - 3 - m, ending, m) == 0;
}

// -- one block --------------------------------------------------------------------------------------------------------

// text as one member of a gzip file, without name and time
static wn_status pack(const wn_buffer *text, wn_buffer *packed, wn_error *err) {
  z_stream z = {0};
  packed->n = 0;
  if (deflateInit2(&z, LEVEL, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) return wn_fail_memory(err);
  const size_t most = deflateBound(&z, text->n);
  char *to = wn_buffer_room(packed, most);
  int answer = Z_MEM_ERROR;
  // (zlib counts in unsigned int: blocks are far smaller)
  if (to && text->n < UINT32_MAX && most < UINT32_MAX) {
    z.next_in = (Bytef *)text->data, z.avail_in = (uInt)text->n;
    z.next_out = (Bytef *)to, z.avail_out = (uInt)most;
    answer = deflate(&z, Z_FINISH);
    packed->n = most - z.avail_out;
  }
  deflateEnd(&z);
  return answer == Z_STREAM_END ? WN_OK : wn_fail_memory(err);
}

wn_status wn_outfile_put(wn_outfile *file, wn_buffer *text, wn_error *err) {
  wn_buffer packed = {0};
  wn_status status = text->failed ? wn_fail_memory(err) : WN_OK;
  if (!status && file->gzip) status = pack(text, &packed, err);
  const wn_buffer *out = file->gzip ? &packed : text;
  if (!status) fwrite(out->data, 1, out->n, file->stream);
  wn_buffer_free(&packed);
  wn_buffer_free(text);
  return status;
}

// -- many, side by side -----------------------------------------------------------------------------------------------

typedef struct block {
  wn_buffer text, packed;  // their memory is used again
  wn_status status;
  wn_error error;
} block;

typedef struct round {
  wn_format_rows *format;
  void *context;
  int64_t first, n, size;  // the rows that are left, and of a block
  bool gzip;
  block *block;
} round;

static int64_t rows_of(const round *r, int index) {
  const int64_t left = r->n - index * r->size;
  return left < r->size ? left : r->size;
}

static void make(void *context, int worker, int index) {
  const round *r = context;
  block *b = &r->block[index];
  (void)worker;
  b->text.n = 0;
  b->status = r->format(r->context, r->first + index * r->size, rows_of(r, index), &b->text, &b->error);
  if (!b->status && b->text.failed) b->status = wn_fail_memory(&b->error);
  if (!b->status && r->gzip) b->status = pack(&b->text, &b->packed, &b->error);
}

static wn_status put_round(const round *r, int n_block, FILE *stream, wn_error *err) {
  for (int i = 0; i < n_block; i++) {
    const block *b = &r->block[i];
    const wn_buffer *out = r->gzip ? &b->packed : &b->text;
    if (b->status && err) *err = b->error;
    if (b->status) return b->status;
    fwrite(out->data, 1, out->n, stream);
  }
  return WN_OK;
}

wn_status wn_outfile_rows(wn_outfile *file, int64_t n, int64_t size, wn_format_rows *format, void *context,
                          int n_thread, wn_error *err) {
  if (n_thread < 1) n_thread = wn_pool_cores();
  const int64_t all = (n + size - 1) / size, side = n_thread > 1 ? 2 * n_thread : 1;
  const int most = (int)(all < side ? all : side);
  round r = {.format = format, .context = context, .n = n, .size = size, .gzip = file->gzip};
  r.block = wn_alloc(((size_t)most + 1) * sizeof *r.block);
  wn_status status = r.block ? WN_OK : wn_fail_memory(err);
  while (!status && r.n > 0 && !ferror(file->stream)) {
    const int64_t left = (r.n + size - 1) / size;
    const int n_block = (int)(left < most ? left : most);
    if (wn_stop_get()) {
      status = wn_fail(err, WN_ERR_INTERRUPT, "interrupted");
      break;
    }
    wn_pool_run(n_thread, n_block, make, &r);
    status = put_round(&r, n_block, file->stream, err);
    r.first += n_block * size, r.n -= n_block * size;
  }
  for (int i = 0; r.block && i < most; i++) wn_buffer_free(&r.block[i].text), wn_buffer_free(&r.block[i].packed);
  wn_free(r.block);
  return status;
}

// shard.c - see shard.h. Invariant: what wn_shard_decode accepts is what wn_shard_encode was given, bit for bit. It
// must not know where the bytes are kept.

#include "sweep/shard.h"

#include <math.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

static const char magic[8] = "wnshard1";

// the beginning of the bytes; the size of everything behind it follows from it
typedef struct head {
  char magic[8];
  uint64_t identity;
  int64_t index, first_case;
  int32_t n_case, n_row, n_input, n_column, n_failed, padding;
  uint64_t n_curve, counts_size, words_size;  // curve values in the shard; bytes
} head;

uint64_t wn_sweep_hash(const void *bytes, size_t size) { return XXH3_64bits(bytes, size); }

wn_shard *wn_shard_create(const wn_sweep_table *table, int64_t index, int64_t first_case, int n_case) {
  wn_shard *s = wn_alloc(sizeof *s);
  if (!s) return NULL;
  int n_row = n_case * table->n_arm;
  *s = (wn_shard){.index = index, .first_case = first_case, .n_case = n_case, .n_row = n_row};
  size_t rows = (size_t)n_row, n_value = rows * (size_t)table->n_column;
  size_t n_curve = table->keep == WN_SWEEP_ALL ? rows * (size_t)wn_sweep_table_curves(table) : 0;
  s->input = wn_alloc_doubles((size_t)n_case * (size_t)table->n_input);
  s->value = wn_alloc_doubles(n_value);
  s->status = wn_alloc(rows * sizeof *s->status);
  if (n_curve) s->curve = wn_alloc_doubles(n_curve);
  if (!s->input || !s->value || !s->status || (n_curve && !s->curve)) {
    wn_shard_destroy(s);
    return NULL;
  }
  for (size_t i = 0; i < n_value; i++) s->value[i] = NAN;
  for (size_t i = 0; i < n_curve; i++) s->curve[i] = NAN;
  return s;
}

void wn_shard_destroy(wn_shard *shard) {
  if (!shard) return;
  for (int i = 0; shard->status && i < shard->n_row; i++) wn_free(shard->status[i]);
  wn_free(shard->status);
  wn_free(shard->input);
  wn_free(shard->value);
  wn_free(shard->curve);
  wn_free(shard->counts);
  wn_free(shard);
}

wn_status wn_shard_fail(wn_shard *shard, int row, const char *words, wn_error *err) {
  if (shard->status[row]) return WN_OK;
  shard->status[row] = wn_strdup(words);
  if (!shard->status[row]) return wn_fail_memory(err);
  shard->n_failed++;
  return WN_OK;
}

// -- bytes ----------------------------------------------------------------------------------------------------------

static size_t words_size(const wn_shard *shard) {
  size_t size = 0;
  for (int i = 0; i < shard->n_row; i++)
    if (shard->status[i]) size += sizeof(int32_t) + strlen(shard->status[i]) + 1;
  return size;
}

static size_t body_size(const head *h) {
  size_t numbers = (size_t)h->n_case * (size_t)h->n_input + (size_t)h->n_row * (size_t)h->n_column + h->n_curve;
  return numbers * sizeof(double) + h->counts_size + h->words_size;
}

static unsigned char *append(unsigned char *to, const void *from, size_t size) {
  if (size) memcpy(to, from, size);
  return to + size;
}

static unsigned char *append_words(unsigned char *to, const wn_shard *shard) {
  for (int32_t i = 0; i < shard->n_row; i++) {
    if (!shard->status[i]) continue;
    to = append(to, &i, sizeof i);
    to = append(to, shard->status[i], strlen(shard->status[i]) + 1);
  }
  return to;
}

wn_status wn_shard_encode(const wn_shard *shard, const wn_sweep_table *table, uint64_t identity, unsigned char **bytes,
                          size_t *size, wn_error *err) {
  head h = {.identity = identity,
            .index = shard->index,
            .first_case = shard->first_case,
            .n_case = shard->n_case,
            .n_row = shard->n_row,
            .n_input = table->n_input,
            .n_column = table->n_column,
            .n_failed = shard->n_failed,
            .n_curve = shard->curve ? (uint64_t)shard->n_row * (uint64_t)wn_sweep_table_curves(table) : 0,
            .counts_size = shard->counts_size,
            .words_size = words_size(shard)};
  memcpy(h.magic, magic, sizeof magic);
  *size = sizeof h + body_size(&h) + sizeof(uint64_t);
  unsigned char *to = *bytes = wn_alloc(*size);
  if (!to) return wn_fail_memory(err);
  to = append(to, &h, sizeof h);
  to = append(to, shard->input, (size_t)h.n_case * (size_t)h.n_input * sizeof(double));
  to = append(to, shard->value, (size_t)h.n_row * (size_t)h.n_column * sizeof(double));
  to = append(to, shard->curve, h.n_curve * sizeof(double));
  to = append(to, shard->counts, h.counts_size);
  to = append_words(to, shard);
  uint64_t sum = wn_sweep_hash(*bytes, (size_t)(to - *bytes));
  append(to, &sum, sizeof sum);
  return WN_OK;
}

// what is wrong with the bytes, or NULL
static const char *look(const unsigned char *bytes, size_t size, uint64_t identity, int64_t index, head *h) {
  if (size < sizeof *h + sizeof(uint64_t)) return "is cut short";
  memcpy(h, bytes, sizeof *h);
  if (memcmp(h->magic, magic, sizeof magic) != 0) return "is not a shard";
  uint64_t sum;
  memcpy(&sum, bytes + size - sizeof sum, sizeof sum);
  if (sum != wn_sweep_hash(bytes, size - sizeof sum)) return "is cut short or changed";
  if (h->identity != identity) return "belongs to another sweep";
  if (h->index != index) return "is another shard's";
  if (size != sizeof *h + body_size(h) + sizeof sum) return "has another size than it says";
  return NULL;
}

bool wn_shard_check(const unsigned char *bytes, size_t size, uint64_t identity, int64_t index, int *n_failed) {
  head h;
  if (look(bytes, size, identity, index, &h)) return false;
  *n_failed = h.n_failed;
  return true;
}

static wn_status read_words(wn_shard *shard, const unsigned char *from, size_t size, wn_error *err) {
  for (const unsigned char *end = from + size; from < end;) {
    int32_t row;
    memcpy(&row, from, sizeof row);
    from += sizeof row;
    WN_TRY(wn_shard_fail(shard, row, (const char *)from, err));
    from += strlen((const char *)from) + 1;
  }
  return WN_OK;
}

static const unsigned char *take(void *to, const unsigned char *from, size_t size) {
  if (size) memcpy(to, from, size);
  return from + size;
}

wn_status wn_shard_decode(const unsigned char *bytes, size_t size, const wn_sweep_table *table, uint64_t identity,
                          int64_t index, wn_shard **shard, wn_error *err) {
  head h;
  *shard = NULL;
  const char *wrong = look(bytes, size, identity, index, &h);
  if (!wrong && (h.n_input != table->n_input || h.n_column != table->n_column || h.n_row != h.n_case * table->n_arm))
    wrong = "holds other columns than its sweep";
  if (wrong) return wn_fail(err, WN_ERR_IO, "shard %lld %s", (long long)index, wrong);
  wn_shard *s = wn_shard_create(table, index, h.first_case, h.n_case);
  if (!s) return wn_fail_memory(err);
  const unsigned char *from = bytes + sizeof h;
  from = take(s->input, from, (size_t)h.n_case * (size_t)h.n_input * sizeof(double));
  from = take(s->value, from, (size_t)h.n_row * (size_t)h.n_column * sizeof(double));
  if (s->curve) from = take(s->curve, from, h.n_curve * sizeof(double));
  if (h.counts_size) s->counts = wn_alloc(h.counts_size), s->counts_size = h.counts_size;
  wn_status status = !h.counts_size || s->counts ? WN_OK : wn_fail_memory(err);
  if (!status) {
    if (h.counts_size) from = take(s->counts, from, h.counts_size);
    status = read_words(s, from, h.words_size, err);
  }
  if (status)
    wn_shard_destroy(s);
  else
    *shard = s;
  return status;
}

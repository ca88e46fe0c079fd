// sketch.c - see sketch.h. Invariant: counts are exact; only a number's place in its bucket is forgotten. It must not
// know what is counted.

#include "sweep/sketch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BITS = 7, SHIFT = 52 - BITS, MAX_VARINT = 10, MAX_RANGE = 1 << 16 };

// exponent and first bits of the floor: the key of the smallest number that is not 0 is 1
static const int64_t FLOOR_BITS = (int64_t)(1023 - 40) << BITS;

int32_t wn_sketch_key(double value) {
  if (!isfinite(value)) return WN_SKETCH_NONE;
  double size = fabs(value);
  if (size < WN_SKETCH_FLOOR) return 0;
  int64_t bits;
  memcpy(&bits, &size, sizeof bits);
  int32_t key = (int32_t)((bits >> SHIFT) - FLOOR_BITS + 1);
  return value < 0 ? -key : key;
}

double wn_sketch_value(int32_t key) {
  if (key == 0) return 0;
  // half a bucket above its lower edge
  int64_t bits = ((int64_t)abs(key) - 1 + FLOOR_BITS) * ((int64_t)1 << SHIFT) + ((int64_t)1 << (SHIFT - 1));
  double size;
  memcpy(&size, &bits, sizeof size);
  return key < 0 ? -size : size;
}

wn_status wn_sketch_init(wn_sketch *sketch, int64_t n_cell, wn_error *err) {
  *sketch = (wn_sketch){.n_cell = n_cell, .cell = wn_alloc((size_t)n_cell * sizeof *sketch->cell)};
  return sketch->cell ? WN_OK : wn_fail_memory(err);
}

void wn_sketch_free(wn_sketch *sketch) {
  for (int64_t i = 0; sketch->cell && i < sketch->n_cell; i++) wn_free(sketch->cell[i].count);
  wn_free(sketch->cell);
  *sketch = (wn_sketch){0};
}

// -- packing --------------------------------------------------------------------------------------------------------

typedef WN_ARRAY(unsigned char) byte_list;

// one cell's numbers, sorted into buckets
typedef struct sorter {
  int32_t *key;     // [n_key] of the cell
  uint32_t *count;  // [MAX_RANGE]
  byte_list out;
} sorter;

static bool put_varint(byte_list *out, uint64_t value) {
  if (!wn_array_grow((void **)&out->data, &out->cap, out->n + MAX_VARINT, 1)) return false;
  for (; value >= 128; value >>= 7) out->data[out->n++] = (unsigned char)(value | 128);
  out->data[out->n++] = (unsigned char)value;
  return true;
}

// signed as unsigned: 0, -1, 1, -2, ...
static uint64_t zigzag(int64_t value) { return (uint64_t)value << 1 ^ (uint64_t)(value >> 63); }
static int64_t unzigzag(uint64_t value) { return (int64_t)(value >> 1) ^ -(int64_t)(value & 1); }

static int compare(const void *a, const void *b) {
  int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
  return (x > y) - (x < y);
}

// few buckets between the extremes, as nearly always: count them; else sort
static void sort_keys(sorter *s, int n, int32_t low, int32_t high) {
  if (high - low >= MAX_RANGE) {
    qsort(s->key, (size_t)n, sizeof *s->key, compare);
    return;
  }
  memset(s->count, 0, (size_t)(high - low + 1) * sizeof *s->count);
  for (int i = 0; i < n; i++) s->count[s->key[i] - low]++;
  for (int32_t k = low, at = 0; k <= high; k++)
    for (uint32_t i = s->count[k - low]; i > 0; i--) s->key[at++] = k;
}

static bool pack_cell(sorter *s, int n) {
  int32_t low = INT32_MAX, high = INT32_MIN;
  for (int i = 0; i < n; i++) {
    if (s->key[i] < low) low = s->key[i];
    if (s->key[i] > high) high = s->key[i];
  }
  if (n > 0) sort_keys(s, n, low, high);
  int n_bucket = 0;
  for (int i = 0; i < n; i++) n_bucket += i == 0 || s->key[i] != s->key[i - 1];
  bool ok = put_varint(&s->out, (uint64_t)n_bucket);
  int32_t last = 0;
  for (int i = 0, end; ok && i < n; i = end) {
    for (end = i + 1; end < n && s->key[end] == s->key[i];) end++;
    ok = put_varint(&s->out, zigzag((int64_t)s->key[i] - last)) && put_varint(&s->out, (uint64_t)(end - i));
    last = s->key[i];
  }
  return ok;
}

wn_status wn_sketch_pack(const int32_t *keys, int n_key, int64_t n_cell, int64_t stride, unsigned char **bytes,
                         size_t *size, wn_error *err) {
  sorter s = {.key = wn_alloc((size_t)n_key * sizeof *s.key), .count = wn_alloc(MAX_RANGE * sizeof *s.count)};
  bool ok = s.key && s.count;
  for (int64_t cell = 0; ok && cell < n_cell; cell++) {
    int n = 0;
    for (int i = 0; i < n_key; i++) {
      int32_t key = keys[i * stride + cell];
      if (key != WN_SKETCH_NONE) s.key[n++] = key;
    }
    ok = pack_cell(&s, n);
  }
  wn_free(s.key);
  wn_free(s.count);
  if (!ok) {
    WN_ARRAY_FREE(&s.out);
    return wn_fail_memory(err);
  }
  *bytes = s.out.data;
  *size = (size_t)s.out.n;
  return WN_OK;
}

// -- adding ---------------------------------------------------------------------------------------------------------

static bool get_varint(const unsigned char **from, const unsigned char *end, uint64_t *value) {
  *value = 0;
  for (int shift = 0; *from < end && shift < 64; shift += 7) {
    unsigned char byte = *(*from)++;
    *value |= (uint64_t)(byte & 127) << shift;
    if (byte < 128) return true;
  }
  return false;
}

// room for the bucket, with some beside it so that it rarely moves
static bool reach(wn_sketch_cell *cell, int32_t key) {
  if (cell->n > 0 && key >= cell->low && key - cell->low < cell->n) return true;
  int32_t low = cell->n == 0 ? key : key < cell->low ? key : cell->low;
  int32_t high = cell->n == 0 || key > cell->low + cell->n - 1 ? key : cell->low + cell->n - 1;
  int32_t spare = 8 + (high - low) / 8;
  if (cell->n == 0 || key < cell->low) low -= spare;
  if (cell->n == 0 || key > cell->low + cell->n - 1) high += spare;
  uint64_t *count = wn_alloc((size_t)(high - low + 1) * sizeof *count);
  if (!count) return false;
  if (cell->n) memcpy(count + (cell->low - low), cell->count, (size_t)cell->n * sizeof *count);
  wn_free(cell->count);
  cell->count = count, cell->low = low, cell->n = high - low + 1;
  return true;
}

wn_status wn_sketch_add(wn_sketch *sketch, int64_t first, int64_t n_cell, const unsigned char **bytes,
                        const unsigned char *end, wn_error *err) {
  static const int64_t most = (int64_t)2048 << BITS;
  for (int64_t i = 0; i < n_cell; i++) {
    wn_sketch_cell *cell = &sketch->cell[first + i];
    uint64_t n, step, count;
    if (!get_varint(bytes, end, &n)) return wn_fail(err, WN_ERR_IO, "counts of quantiles are damaged");
    int64_t key = 0;
    for (uint64_t b = 0; b < n; b++) {
      if (!get_varint(bytes, end, &step) || !get_varint(bytes, end, &count))
        return wn_fail(err, WN_ERR_IO, "counts of quantiles are damaged");
      key += unzigzag(step);
      if (key < -most || key > most) return wn_fail(err, WN_ERR_IO, "counts of quantiles are damaged");
      if (!reach(cell, (int32_t)key)) return wn_fail_memory(err);
      cell->count[key - cell->low] += count;
      cell->total += count;
    }
  }
  return WN_OK;
}

double wn_sketch_quantile(const wn_sketch_cell *cell, double p) {
  if (cell->total == 0) return NAN;
  double rank = ceil(p * (double)cell->total);
  uint64_t wanted = rank < 1 ? 1 : (uint64_t)rank, seen = 0;
  for (int i = 0; i < cell->n; i++) {
    seen += cell->count[i];
    if (seen >= wanted) return wn_sketch_value(cell->low + i);
  }
  return wn_sketch_value(cell->low + cell->n - 1);
}

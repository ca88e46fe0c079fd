// shard.h - the rows of some consecutive cases (a point's individual, all arms), in memory and as bytes that tell when
// they were cut or changed. Knows no files and no simulation.
#ifndef WN_SWEEP_SHARD_H
#define WN_SWEEP_SHARD_H

#include "sweep/table.h"

// Row = case x n_arm + arm; case c of the sweep is individual c % cases of point c / cases.
typedef struct wn_shard {
  int64_t index, first_case;
  int n_case, n_row;
  double *input;          // [n_case][n_input]
  double *value;          // [n_row][n_column]
  char **status;          // [n_row] NULL: done; else what failed, in words
  int n_failed;           // rows with a status
  int n_second;           // rows that another solver did where the run's gave up; of those made now, not kept
  double *curve;          // keep all: [n_row][n_curve][n_time]; else NULL
  unsigned char *counts;  // keep quantiles: see sketch.h; else NULL
  size_t counts_size;
} wn_shard;

// An empty shard, all values NaN. NULL when out of memory.
wn_shard *wn_shard_create(const wn_sweep_table *table, int64_t index, int64_t first_case, int n_case);
void wn_shard_destroy(wn_shard *shard);  // NULL is fine

// Mark a row as failed; the first words stay. Errors: WN_ERR_MEMORY.
wn_status wn_shard_fail(wn_shard *shard, int row, const char *words, wn_error *err);

// As bytes (wn_free): native numbers, a checksum at the end. `identity` names the sweep it belongs to.
wn_status wn_shard_encode(const wn_shard *shard, const wn_sweep_table *table, uint64_t identity, unsigned char **bytes,
                          size_t *size, wn_error *err);

// Back from bytes. WN_ERR_IO when they are cut, changed, of another sweep or another shard: the words say which.
wn_status wn_shard_decode(const unsigned char *bytes, size_t size, const wn_sweep_table *table, uint64_t identity,
                          int64_t index, wn_shard **shard, wn_error *err);

// The check alone: whether wn_shard_decode would accept the bytes; *n_failed rows have a status.
bool wn_shard_check(const unsigned char *bytes, size_t size, uint64_t identity, int64_t index, int *n_failed);

// 64-bit hash (XXH3).
uint64_t wn_sweep_hash(const void *bytes, size_t size);

#endif

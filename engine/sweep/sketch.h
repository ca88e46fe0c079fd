// sketch.h - quantiles of many numbers in little memory: counts of log-linear buckets. A bucket is a number's sign,
// binary exponent and first 7 bits after the point, so it is at most 1/128 wide relative to its lower edge, and its
// middle is within 1/256 (0.4 %) of every number in it; below WN_SKETCH_FLOOR in size all are 0. Counts are whole
// numbers: in whatever order and grouping they are added, the sum has the same bits. After HdrHistogram and DDSketch
// (Masson et al. 2019, PVLDB 12), with the bits of the floating-point number in place of a logarithm.
#ifndef WN_SWEEP_SKETCH_H
#define WN_SWEEP_SKETCH_H

#include "base/error.h"
#include "base/memory.h"
#include <stdint.h>

#define WN_SKETCH_FLOOR 0x1p-40       // 9.1e-13
#define WN_SKETCH_ERROR (1.0 / 256)   // of a quantile, relative, beside the choice of the order statistic
enum { WN_SKETCH_NONE = INT32_MAX };  // key of what is not finite: it is not counted

// The bucket of a number, in the order of the numbers; and the middle of a bucket.
int32_t wn_sketch_key(double value);
double wn_sketch_value(int32_t key);

// Counts of n_cell quantities, each of its own numbers.
typedef struct wn_sketch_cell {
  int32_t low;  // key of count[0]
  int n;        // buckets; 0: none yet
  uint64_t total;
  uint64_t *count;
} wn_sketch_cell;
typedef struct wn_sketch {
  int64_t n_cell;
  wn_sketch_cell *cell;
} wn_sketch;

wn_status wn_sketch_init(wn_sketch *sketch, int64_t n_cell, wn_error *err);
void wn_sketch_free(wn_sketch *sketch);

// keys [n_key][stride], a cell per column -> bytes (wn_free) that wn_sketch_add reads: for each cell the number of
// buckets, then each bucket's distance from the last and its count, as variable-length integers.
wn_status wn_sketch_pack(const int32_t *keys, int n_key, int64_t n_cell, int64_t stride, unsigned char **bytes,
                         size_t *size, wn_error *err);

// Add packed counts to cells [first, first + n_cell) of the sketch. WN_ERR_IO when they are not what pack makes.
wn_status wn_sketch_add(wn_sketch *sketch, int64_t first, int64_t n_cell, const unsigned char **bytes,
                        const unsigned char *end, wn_error *err);

// The order statistic of rank ceil(p n) (1 at least), within WN_SKETCH_ERROR; NaN of none.
double wn_sketch_quantile(const wn_sketch_cell *cell, double p);

#endif

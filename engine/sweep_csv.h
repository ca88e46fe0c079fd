// sweep_csv.h - what a sweep's rows look like as CSV. Private to sweep_write.c and its tests.
#ifndef WN_SWEEP_CSV_H
#define WN_SWEEP_CSV_H

#include "base/buffer.h"
#include "sweep/sweep.h"

// Which quantiles of curves are written, as shares; *n of them.
const double *wn_sweep_quantiles(int *n);

// The counts of all shards, added up (sweep_write.c).
wn_status wn_sweep_counts(const wn_shards *shards, wn_sketch *sketch, wn_error *err);

// The lines before the rows: comments with units, then the names. `what` begins the file's own comment lines.
void wn_sweep_csv_head(const wn_manifest *manifest, wn_buffer *text);
void wn_sweep_csv_curves_head(const wn_manifest *manifest, wn_buffer *text);
void wn_sweep_csv_quantiles_head(const wn_manifest *manifest, wn_buffer *text);

// The rows of a shard: point,arm,subject, inputs, metrics, status. Points and subjects count from 1; numbers read
// back as the same bits; what is not there is empty; status is ok, or what failed.
void wn_sweep_csv_rows(const wn_manifest *manifest, const wn_shard *shard, wn_buffer *text);

// The curves of a shard (keep all): point,arm,subject,time,clock, outputs.
void wn_sweep_csv_curves(const wn_manifest *manifest, const wn_shard *shard, wn_buffer *text);

// Quantiles of the curves: arm,time,clock,output,n, quantiles.
void wn_sweep_csv_quantiles(const wn_manifest *manifest, const wn_sketch *sketch, wn_buffer *text);

#endif

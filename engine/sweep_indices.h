// sweep_indices.h - sensitivity indices of a finished sweep's metrics, as CSV. Private to sweep_write.c.
#ifndef WN_SWEEP_INDICES_FILE_H
#define WN_SWEEP_INDICES_FILE_H

#include "io/outfile.h"
#include "sweep/indices.h"
#include "sweep/sweep.h"
#include <stdio.h>

// What the manifest's facts say; .kind WN_SENSITIVITY_NONE when none was asked for.
wn_indices_def wn_sweep_indices_of(const wn_manifest *manifest);

// arm,metric,unit,input,index,value,low,high,rows,lost: every arm, metric, input and index. Clock times are left out
// (an hour has no variance around midnight; window_start and window_end say the same without it). Of several
// individuals at a point the mean is taken. Memory: at most 128 MB of columns at a time, or one; shards are read again
// for the next.
wn_status wn_sweep_indices_write(const wn_shards *shards, wn_outfile *file, int n_thread, wn_error *err);

#endif

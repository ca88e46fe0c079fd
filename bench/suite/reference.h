// reference.h - the solutions that errors are measured against.
#ifndef WN_BENCH_REFERENCE_H
#define WN_BENCH_REFERENCE_H

#include "rows.h"

// States of the first n subjects, up to WN_BENCH_N_CHECKED, at all outputs, [subject][time][state], integrated at
// 1e-12; kept in a file of `directory`, which is read when the case has not changed. The caller frees with wn_free.
wn_status wn_bench_reference(const wn_bench_case *c, int n, const char *directory, double **block, wn_error *err);

// Population of a case, [n][n_param]; free with wn_free, NULL out of memory.
double *wn_bench_population(const wn_bench_case *c, int n);

#endif

// csv.h - rows as a file: one format for what was measured here, for a stored baseline and for rows of other programs.
#ifndef WN_BENCH_CSV_H
#define WN_BENCH_CSV_H

#include "report.h"

// All rows that were measured. WN_ERR_IO; nothing half-written.
wn_status wn_bench_csv_write(const wn_bench_report *report, const char *path, wn_error *err);

// Rows that other programs wrote (bench/peers) -> the report, as peers. WN_ERR_USER with the line that is wrong.
wn_status wn_bench_csv_read(wn_bench_report *report, const char *path, wn_error *err);

// For bench/peers, in `directory`: cases.csv; and of one case <case>.csv with every subject's parameters, and
// reference-<case>-<n>.bin.
wn_status wn_bench_csv_cases(const char *directory, int n_checked, wn_error *err);
wn_status wn_bench_csv_people(const wn_bench_case *c, const char *directory, int n_checked, wn_error *err);

#endif

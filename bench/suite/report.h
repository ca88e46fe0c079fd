// report.h - rows as text: the table, the curve read at equal error, the profile, and a CSV file by machine.
#ifndef WN_BENCH_REPORT_H
#define WN_BENCH_REPORT_H

#include "base/memory.h"
#include "measure.h"

typedef struct wn_bench_line {
  char case_name[16], row[32];
  int width, n_thread;
  double rtol, atol, best, median, error, step, rhs, jacobian, factor;
  bool is_hand;
} wn_bench_line;

typedef struct wn_bench_report {
  bool is_quiet;
  int n_wrong;  // rows that failed or whose error is too large
  WN_ARRAY(wn_bench_line) lines;
} wn_bench_report;

void wn_bench_report_free(wn_bench_report *report);

// Heading of a case; with widths also its unit costs.
void wn_bench_report_case(const wn_bench_report *report, const wn_bench_setup *setup, const int *width, int n_width);
bool wn_bench_report_row(wn_bench_report *report, const wn_bench_result *row);  // false: out of memory
void wn_bench_report_failure(wn_bench_report *report, const wn_bench_result *row, const wn_error *err);
wn_status wn_bench_report_profile(wn_bench_report *report, const wn_bench_result *row, wn_error *err);

// Throughput of every row of the case at the errors mrgsolve achieved, interpolated on its curve.
void wn_bench_report_curve(const wn_bench_report *report, const wn_bench_setup *setup);

wn_status wn_bench_report_csv(const wn_bench_report *report, const char *path, wn_error *err);

// Loading naltrexone; standard_vs_low planned and run; most memory used.
wn_status wn_bench_report_engine(wn_error *err);

#endif

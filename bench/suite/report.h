// report.h - rows as text: the table, lanes and bounds, the curve read at equal error, the profile.
#ifndef WN_BENCH_REPORT_H
#define WN_BENCH_REPORT_H

#include "base/memory.h"
#include "measure.h"

// A row as it is kept: of a case, or of a part (loading, scenarios, threads, memory), whose name then is the case's.
typedef struct wn_bench_line {
  char case_name[16], row[40];  // no commas
  int width, n_thread;
  double rtol, atol, best, median, error, step, rhs, jacobian, factor;  // best, median: per second
  double taken, mb;  // share of lanes' steps that were taken; most memory; NaN where they mean nothing
  bool is_hand;
  bool is_peer, is_elsewhere;  // another program's; measured on another machine
  char source[40];             // the file that a peer's row is from
} wn_bench_line;

typedef struct wn_bench_report {
  bool is_quiet;
  int n_checked, n_wrong;  // rows; of them, those that failed or whose error is too large
  WN_ARRAY(wn_bench_line) lines;
} wn_bench_report;

void wn_bench_report_free(wn_bench_report *report);

// What measures and what is measured: processor, load, libraries.
void wn_bench_report_machine(void);
void wn_bench_cpu_name(char name[128]);

// Heading of a case; with widths also its unit costs.
void wn_bench_report_case(const wn_bench_report *report, const wn_bench_setup *setup, const int *width, int n_width);
bool wn_bench_report_row(wn_bench_report *report, const wn_bench_result *row);  // false: out of memory
void wn_bench_report_failure(wn_bench_report *report, const wn_bench_result *row, const wn_error *err);
wn_status wn_bench_report_profile(wn_bench_report *report, const wn_bench_result *row, wn_error *err);

// Rows of other programs for this case (csv.h), with the ratios of the table and the files they are from.
void wn_bench_report_peers(const wn_bench_report *report, const wn_bench_setup *setup);

// What became of the lanes of rows with own clocks, and what their right-hand sides and outputs alone would allow.
wn_status wn_bench_report_lanes(const wn_bench_result *rows, int n, wn_error *err);

// What is left of a solver's speed when all of wn_simulate is done.
void wn_bench_report_share(const wn_bench_result *simulate, const wn_bench_result *bare, double share);

// Throughput of every row of the case at the errors that the peers' rows have, or some that were chosen, interpolated
// on its curve.
void wn_bench_report_curve(const wn_bench_report *report, const wn_bench_setup *setup);

// A row of a part: `seconds` for one, or 0; `how` says what was checked. Counts it as wrong unless right.
bool wn_bench_report_part(wn_bench_report *report, const wn_bench_line *line, bool is_right, const char *how);

#endif

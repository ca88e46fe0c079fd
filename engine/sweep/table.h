// table.h - what the rows of a sweep hold, as plain data: inputs, arms, individuals, metrics, and the grid of kept
// curves. Made from the scenario and its first point's result; written into the manifest, so that results can be put
// together where the scenario's files are not. Knows no files.
#ifndef WN_SWEEP_TABLE_H
#define WN_SWEEP_TABLE_H

#include "sim/result.h"

typedef enum wn_sweep_keep { WN_SWEEP_SUMMARY, WN_SWEEP_QUANTILES, WN_SWEEP_ALL } wn_sweep_keep;
const char *wn_sweep_keep_name(wn_sweep_keep keep);  // "summary", "quantiles", "all"
int wn_sweep_keep_find(const char *name);            // -1: unknown

// A number in a row. Inputs and curves have a name and a unit only.
//
// Metrics are those of a brief run (sim/result.h) over the last whole dosing day, else the run: quantity "cmax" of
// "ntx" is the column "cmax.ntx". A window has besides, of the occurrence that shares most hours with that day (the
// first of several):
//   window_start, window_end              h since the start of the dosing day; the start may be negative and the end
//                                         beyond 24
//   window_start_clock, window_end_clock  the same as clock time, h in [0, 24), unit "clock"
// Each is NaN where there is no window, and where the edge is only the run's start or end. Quantity "peak" of a window
// whose name is also an output's is called "window_peak".
typedef struct wn_sweep_field {
  const char *name, *unit;
  const char *quantity, *of;
  const char *meaning;  // in words, for pictures: of the input, or of the output or window a metric is of; may be NULL
} wn_sweep_field;

// A row per point, individual and arm, in this order. Strings belong to the arena.
typedef struct wn_sweep_table {
  wn_arena *arena;
  int n_input, n_arm, n_column, n_curve;
  int n_person;  // individuals of each point; 0: the typical one
  wn_sweep_field *input, *column;
  const char **arm;
  wn_sweep_keep keep;
  wn_sweep_field *curve;  // what is kept as curves: the watched outputs; n_curve 0 when only metrics are
  double t_start, t_end, every;
  int n_time;  // of the curves
} wn_sweep_table;

wn_sweep_table *wn_sweep_table_create(void);  // empty, with its arena; NULL out of memory
void wn_sweep_table_destroy(wn_sweep_table *table);

// Fill arms, metrics and the grid of curves from a brief result; inputs and individuals are the caller's. The result
// holds several arms with one individual each.
wn_status wn_sweep_table_fill(wn_sweep_table *table, const wn_result *result, wn_sweep_keep keep, wn_error *err);

// The column of a metric by its name; WN_ERR_USER "unknown metric 'cmax.ntxx'; try cmax.ntx".
wn_status wn_sweep_find_metric(const wn_sweep_table *table, const char *name, int *column, wn_error *err);

int wn_sweep_table_cases(const wn_sweep_table *table);       // individuals of a point, at least 1
int64_t wn_sweep_table_curves(const wn_sweep_table *table);  // n_curve * n_time: values of curves in a row

// Time of step k of a curve, h.
double wn_sweep_table_time(const wn_sweep_table *table, int k);

// Metrics of one series -> value[n_column]; what it does not have is NaN.
void wn_sweep_table_row(const wn_sweep_table *table, const wn_result *result, int series, double *value);

// Curves of one series that kept its watched outputs -> value[n_curve][n_time]; steps that it does not share (its end,
// where it ends elsewhere) are NaN.
void wn_sweep_table_row_curves(const wn_sweep_table *table, const wn_result *result, int series, double *value);

#endif

// result.h - columns: trajectories, windows, metrics. One series per arm and subject. Plain data, written once by sim,
// read by io.
#ifndef WN_SIM_RESULT_H
#define WN_SIM_RESULT_H

#include "base/error.h"
#include "base/memory.h"
#include "sim/scenario.h"

// One window of one series. Edges are located on the solver's dense output to solver accuracy.
typedef struct wn_window {
  int series, window;         // index into scenario->window
  double start, end;          // h since midnight of the first day
  bool open_start, open_end;  // already open when the run began / still open when it ended
  double peak, peak_time;     // extreme of the output inside (highest for above, lowest for below)
} wn_window;

// One number about a series. `day` 0: the whole run; n >= 1: dosing day n (24 h from day_start) or, for window edges,
// the calendar day. `clock` NaN when it makes no sense.
typedef struct wn_metric {
  int series;
  const char *quantity;  // cmax tmax auc t_half peak trough mean window_start window_end window_hours hours_per_day
                         // share_of_night windows_per_day
  const char *of;        // output or window name
  double value;
  const char *unit;
  double clock;  // hours in [0, 24) or NaN
  int day;
} wn_metric;

typedef struct wn_series {
  int arm, subject;  // subject counts from 1
  wn_status status;  // WN_OK, or WN_ERR_RUN: values after the failure are NaN
  char message[256];
  double day_start;       // absolute time of the start of dosing day 1
  int n_day;              // whole dosing days in the run
  wn_solver_stats stats;  // of the batch it ran in
  int batch;
} wn_series;

typedef struct wn_result {
  const wn_scenario *scenario;  // borrowed
  int n_series;
  wn_series *series;
  int n_time, n_column;         // columns: states, then outputs
  double *time;                 // [n_time]
  double *value;                // [n_series][n_column][n_time]
  WN_ARRAY(wn_window) windows;  // by series, window, start
  WN_ARRAY(wn_metric) metrics;  // by series
  const char **auc_unit;        // [n_output] unit of an output times h: "ng*h/mL"
  wn_arena *arena;
  char solver[16], reason[160];  // which solver ran and why
} wn_result;

void wn_result_destroy(wn_result *result);

// The metric's row, or NULL. day 0 for the whole run.
const wn_metric *wn_result_find(const wn_result *result, int series, const char *quantity, const char *of, int day);

#endif

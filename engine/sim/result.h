// result.h - columns: trajectories, windows, metrics. One series per arm and subject, arm by arm. Plain data, written
// once by sim, read by io.
#ifndef WN_SIM_RESULT_H
#define WN_SIM_RESULT_H

#include "base/error.h"
#include "base/memory.h"
#include "sim/scenario.h"

// Which trajectories a run keeps: of none, of all states and outputs, or of the scenario's watched outputs.
typedef enum wn_keep { WN_KEEP_NONE, WN_KEEP_ALL, WN_KEEP_WATCHED } wn_keep;

// One window of one series: a span during which the compared value (the output; its difference to, or ratio over, the
// same subject's drug-free output) is beyond the threshold, strictly. Edges are located on the solver's dense output to
// 1e-10 h or solver accuracy; where the output jumps at a dose, the edge is the time of the dose. A span that clears
// the threshold by less than 10 rtol (of the threshold, or of the output where differences are compared) is rounding
// and left out. A not-a-number is outside. In a failed series a window still open at the failure is left out.
typedef struct wn_window {
  int series, window;         // index into scenario->window
  double start, end;          // h since midnight of the first day
  bool open_start, open_end;  // already open when the run began / still open when it ended
  double peak, peak_time;     // extreme of the compared value inside (highest for above, lowest for below)
} wn_window;

// One number about a series. Every series of a scenario has the same rows in the same order, but for the number of
// windows, dosing days and nights; what a failed series cannot know is NaN.
//
// A span is the whole run [t_start, t_end] (day 0), or dosing day n, [day_start + 24 (n-1), day_start + 24 n] (day n).
// For every output, over the run, dosing day 1 and the last whole dosing day; integrals are quadratures and extremes
// are searched on the solver's dense output, with the values after a dose at the time of the dose:
//   peak    highest value; clock when it is reached (first time)
//   trough  lowest value; clock when it is reached (first time)
//   mean    integral / length of the span
// and for an output with a unit (not "", "1" or "%"):
//   cmax    = peak
//   tmax    h from the last dose record before the peak (from the span's start if there is none) to it; its clock
//   auc     integral, unit times h ("ng*h/mL")
//   t_half  of the run only: log(2) / lambda, lambda the slope of log(output) between two samples of the decline after
//           the last dosing action: its last quarter, where the decline ends with the run or at 1e-4 (or 100 rtol) of
//           its highest value. NaN when there was no dose or the output is not falling there.
// For every window definition (`of` is the window's name):
//   window_start, window_end  per occurrence: h since midnight of the first day, clock, calendar day of the edge. For
//           an edge that is only the run's start or end, clock is NaN
//   window_hours              per occurrence; calendar day of its start
//   hours_per_day             hours inside, for every whole dosing day
//   share_of_night            part of [night_from, night_to] inside, 0..1, for every night fully in the run; day is the
//                             calendar day on which the night begins
//   windows_per_day           dosing day 1 and the last one: windows that begin in it; 1 if none does but one is open
//   peak                      extreme of the compared value inside windows during the last whole dosing day; NaN if
//   none
// Calendar day 1 is [0, 24) h, day -1 is [-24, 0): there is no calendar day 0.
typedef struct wn_metric {
  int series;
  const char *quantity;  // one of the above
  const char *of;        // output or window name
  double value;
  const char *unit;
  double clock;  // hours in [0, 24), or NaN when it makes no sense
  int day;       // 0: the whole run
} wn_metric;

typedef struct wn_series {
  int arm, subject;       // subject counts from 1
  wn_status status;       // WN_OK, or WN_ERR_RUN: values after the failure are NaN
  char message[256];      // "at day 2, 03:14 (t = 27.2 h), in CENT: ..."; empty when all is well
  double day_start;       // start of dosing day 1: the arm's, else the first dose, else 0; a day begun before t_start
                          // is left out
  int n_day;              // whole dosing days in the run
  const char *second;     // the solver that was asked when the run's gave up, and did it; NULL: none had to be
  wn_solver_stats stats;  // what it took
} wn_series;

typedef struct wn_result {
  const wn_scenario *scenario;  // borrowed
  int n_series;
  wn_series *series;
  wn_keep kept;
  bool is_brief;                // see simulate.h
  int n_time, n_column;         // columns: states, then outputs; or the watched outputs, in the scenario's order
  double *time;                 // [n_time] t_start, t_start + every, ..., t_end (always the last)
  double *value;                // [n_series][n_column][n_time]; at the time of a dose the value after it
  WN_ARRAY(wn_window) windows;  // by series, window, start
  WN_ARRAY(wn_metric) metrics;  // by series
  const char **auc_unit;        // [n_output] unit of an output times h: "ng*h/mL"
  wn_arena *arena;
  char solver[16], reason[160];  // which solver ran and why
  char verified[200];            // what a second solver said of it (sim/verify.h); empty: nobody asked
} wn_result;

void wn_result_destroy(wn_result *result);

// How many series another solver did, where the run's gave up; and the words for it ("" when none).
int wn_result_seconds(const wn_result *result);
void wn_result_seconds_words(const wn_result *result, char words[160]);

// Values [n_time] of an output; NULL when they were not kept.
const double *wn_result_output(const wn_result *result, int series, int output);

// Rows of one series, in their order: n of them from what is returned.
const wn_metric *wn_result_metrics(const wn_result *result, int series, int *n);
const wn_window *wn_result_windows(const wn_result *result, int series, int *n);

// The metric's row, or NULL. day 0 for the whole run.
const wn_metric *wn_result_find(const wn_result *result, int series, const char *quantity, const char *of, int day);

#endif

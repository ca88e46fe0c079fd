// plot_sweep.h - pictures of many simulations, from plain columns: nothing here knows where the numbers come from. All
// write .svg, .png or .pdf by the ending, whole or not at all; arrays and strings are borrowed. Every picture carries
// its caption and the line that it is not medical advice. Values that are not finite are left out, and how many, said.
//
// Colours are Okabe & Ito's, by arm; the heat map's are viridis (van der Walt & Smith 2015), which grows in lightness
// evenly, so that it also reads in grey.
#ifndef WN_IO_PLOT_SWEEP_H
#define WN_IO_PLOT_SWEEP_H

#include "base/error.h"
#include <stdbool.h>

typedef enum wn_scale { WN_SCALE_LINEAR, WN_SCALE_LOG, WN_SCALE_CLOCK /* hours, ticks as HH:MM */ } wn_scale;

// A quantity on an axis: "the low dose", "mg". Unit "1" or "" is not shown; "clock" makes the scale a clock.
typedef struct wn_plot_axis {
  const char *name, *unit;
  wn_scale scale;    // log is given up where values are not above 0
  const char *note;  // what it is in more words, above a strip of curves; may be NULL
} wn_plot_axis;

// What stands around every picture. All but the title may be NULL.
typedef struct wn_plot_words {
  const char *title, *caption, *source;  // source: at the right end of the last line, "wane 0.1.0, name"
} wn_plot_words;

// Metrics against one input, a strip each: per arm the median over the rows with the same x, in bands that hold 50 and
// 90 % of them (no bands where there is one row for each x). More than 60 different x are put into 30 bins of equal
// count.
typedef struct wn_plot_spread {
  wn_plot_words words;
  wn_plot_axis x;
  int n_row, n_arm, n_metric;  // at most 8 metrics
  const char *const *arm_label;
  const int *arm;         // [n_row], 0 ... n_arm - 1
  const double *x_value;  // [n_row]
  const wn_plot_axis *metric;
  const double *const *value;  // [n_metric][n_row]
} wn_plot_spread;
wn_status wn_plot_spread_write(const wn_plot_spread *plot, const char *path, wn_error *err);

// A metric over two inputs as colour, a map for each arm: medians over the rows of a cell; more than 40 different
// values along an axis are put into 24 bins of equal count. Optional: lines of equal value of a second metric, and
// hatching where less than half of the rows meet a condition. Cells without rows stay white; where all rows failed
// there is a cross.
typedef struct wn_plot_heat {
  wn_plot_words words;
  wn_plot_axis x, y, metric, contour;
  int n_row, n_arm;  // at most 6 arms
  const char *const *arm_label;
  const int *arm;
  const double *x_value, *y_value, *value;  // [n_row]
  const double *contour_value;              // [n_row] or NULL
  const unsigned char *feasible;            // [n_row], 0: not; or NULL
  const char *condition;                    // in words: "blocked less than 6 h and free before 07:00"
  bool has_best;                            // mark a point: the answer of a search
  double best_x, best_y;
} wn_plot_heat;
wn_status wn_plot_heat_write(const wn_plot_heat *plot, const char *path, wn_error *err);

// What moves a metric: one bar for each input, longest first, from the metric at the input's low end to that at its
// high end, around `base`. At most 40 bars; more are left out from the short end, and how many, said.
typedef struct wn_plot_tornado {
  wn_plot_words words;
  wn_plot_axis metric;
  double base;
  int n_bar;
  const char *const *name;        // of the input
  const char *const *low_label;   // "CL 12.6 L/h" or "-10 %"; NULL: none
  const char *const *high_label;  // NULL: none
  const double *low, *high;       // [n_bar] the metric there
} wn_plot_tornado;
wn_status wn_plot_tornado_write(const wn_plot_tornado *plot, const char *path, wn_error *err);

// Sobol' indices of one metric: first order and total for each input with their intervals, a block for each arm (at
// most 8; how many are left out, said), inputs in the same order in all: the largest total of any arm first.
typedef struct wn_plot_indices {
  wn_plot_words words;
  const char *metric;
  int n_input, n_arm;
  const char *const *input;
  const char *const *input_note;                 // what each is, in words; or NULL
  const char *const *arm_label;                  // not shown of a single arm
  const double *first, *first_low, *first_high;  // [n_arm][n_input]
  const double *total, *total_low, *total_high;
} wn_plot_indices;
wn_status wn_plot_indices_write(const wn_plot_indices *plot, const char *path, wn_error *err);

// Morris' elementary effects of one metric: sigma (interaction or curvature) against mu* (importance), in its unit; a
// panel for each arm (at most 8; how many are left out, said), all to the same scale.
typedef struct wn_plot_morris {
  wn_plot_words words;
  wn_plot_axis metric;
  int n_input, n_arm;
  const char *const *input;
  const char *const *arm_label;   // not shown of a single arm
  const double *mu_star, *sigma;  // [n_arm][n_input]
} wn_plot_morris;
wn_status wn_plot_morris_write(const wn_plot_morris *plot, const char *path, wn_error *err);

// Curves of a population from quantiles: per output and arm the median in bands of 50 and 90 %, on the clock axis.
typedef struct wn_plot_quantiles {
  wn_plot_words words;
  int n_time, n_arm, n_output;  // at most 8 outputs
  const char *const *arm_label;
  const double *time;  // [n_time], h since midnight of day 1
  const wn_plot_axis *output;
  const double *quantile[5];  // 5, 25, 50, 75, 95 %: [n_arm][n_output][n_time]
} wn_plot_quantiles;
wn_status wn_plot_quantiles_write(const wn_plot_quantiles *plot, const char *path, wn_error *err);

#endif

// sweep_plot.h - what the pictures of a sweep share: what is drawn, columns gathered from the shards, words. Private to
// the files sweep_plot*.c.
#ifndef WN_SWEEP_PLOT_H
#define WN_SWEEP_PLOT_H

#include "io/plot_sweep.h"
#include "sweeping.h"

enum { WN_MAX_SHOWN = 8 };

typedef enum wn_sweep_picture {
  WN_PICTURE_SPREAD,
  WN_PICTURE_HEAT,
  WN_PICTURE_INDICES,
  WN_PICTURE_CURVES
} wn_sweep_picture;

typedef struct wn_plot_choice {
  wn_sweep_picture kind;
  int x, y;  // inputs
  bool x_log, y_log;
  int n_shown, shown[WN_MAX_SHOWN];  // columns; of curves, the curves
} wn_plot_choice;

// A value for every row of the sweep, in order.
typedef struct wn_plot_columns {
  int n_row;
  int *arm;
  double *x, *y, *shown[WN_MAX_SHOWN];
} wn_plot_columns;

// Title, caption and source of a picture; `source` holds the last.
wn_plot_words wn_sweep_plot_words(const wn_manifest *manifest, char source[64]);

// An input's axis: its meaning in words, or its name. A metric's: "hours per day of blockade", noted what blockade is;
// `text` holds its name.
wn_plot_axis wn_sweep_input_axis(const wn_sweep_field *field, bool log_scale);
wn_plot_axis wn_sweep_metric_axis(const wn_sweep_field *field, char text[96]);

// Indices of the metric shown, of every arm; curves from their quantiles.
wn_status wn_sweep_plot_indices(const wn_manifest *manifest, const wn_plot_choice *choice, const wn_plot_columns *all,
                                const char *path, wn_error *err);
wn_status wn_sweep_plot_curves(const wn_shards *shards, const wn_plot_choice *choice, const char *path, wn_error *err);

#endif

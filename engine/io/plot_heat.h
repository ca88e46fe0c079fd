// plot_heat.h - the map under construction, shared by its two files.
#ifndef WN_IO_PLOT_HEAT_H
#define WN_IO_PLOT_HEAT_H

#include "io/plot_groups.h"
#include "io/plot_page.h"

// What the rows of each cell have in common: [arm][y level][x level].
typedef struct wn_heat {
  const wn_plot_heat *plot;
  wn_levels x, y;
  double *value, *contour,
      *feasible;  // medians, and the share of rows that meet the condition; NaN where there is none
  int *n_row;     // rows of a cell, also those that failed
  int n_missing;
  double low, high, contour_low, contour_high;  // of the medians
  int n_column, n_line;                         // of panels
  double width, height;                         // of a panel
} wn_heat;

size_t wn_heat_cell(const wn_heat *heat, int arm, int y, int x);

// Lines of equal contour value over one panel, labelled (plot_contour.c).
void wn_heat_contours(const wn_heat *heat, cairo_t *cr, int arm, const wn_axis *x, const wn_axis *y);

#endif

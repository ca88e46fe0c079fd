// plot_internal.h - one picture under construction, shared by the files of the plot. Coordinates are points (1/72 in)
// from the top left; time is h since midnight of the first day.
#ifndef WN_IO_PLOT_INTERNAL_H
#define WN_IO_PLOT_INTERNAL_H

#include "sim/result.h"

#include <cairo.h>

// Everything about sizes in one place.
enum {
  PLOT_WIDTH = 1000,
  PLOT_LEFT = 96,    // room for the y axis
  PLOT_RIGHT = 178,  // room for the labels of the arms
  PLOT_STRIP = 128,  // height of one output's curves
  PLOT_GAP = 30,     // between two strips, with the words above the lower one
  PLOT_LANE = 13,    // height of one arm's line of windows
  PLOT_BAR = 9,      // height of a window's bar in it
  PLOT_PEOPLE = 30,  // individuals of an arm that are drawn one by one; of more, a band
};

// What an arm's individuals have in common along the time shown: median and 5 to 95 %.
typedef struct wn_band {
  int n;  // points
  double *time, *low, *mid, *high;
} wn_band;

// One watched output: its curves, and below them one lane per window and arm.
typedef struct wn_strip {
  int output;
  double top, bottom;  // of the curves
  double low, high;    // of the y axis
  double step;         // between its ticks
  int n_window;
  int window[8];  // indices into scenario->window
  double lanes;   // top of the lanes
  wn_band *band;  // [n_arm], or NULL: individuals are drawn one by one
} wn_strip;

typedef struct wn_picture {
  const wn_result *r;
  int n_arm, n_subject;  // individual i of an arm is series arm * n_subject + i
  wn_arena *arena;       // owns the bands
  double *scratch;       // [n_subject]
  cairo_t *cr;
  double from, to;     // shown span, h
  double left, right;  // of the curves
  double top, bottom;  // of all strips
  double height;       // of the page
  bool daily;          // too long for single hours: curves are daily means in bands of the daily range
  int n_strip;
  wn_strip strip[16];
} wn_picture;

// plot_layout.c. WN_ERR_MEMORY.
wn_status wn_picture_layout(wn_picture *p, wn_error *err);
double wn_picture_x(const wn_picture *p, double time);
double wn_strip_y(const wn_strip *s, double value);
double wn_picture_value(const wn_picture *p, int series, int output, int k);
// First and last grid index within the shown span.
void wn_picture_range(const wn_picture *p, int *first, int *last);

// plot_text.c
typedef enum wn_align { WN_ALIGN_LEFT, WN_ALIGN_CENTRE, WN_ALIGN_RIGHT } wn_align;
void wn_text(cairo_t *cr, double x, double y, double size, wn_align align, const char *format, ...)
    __attribute__((format(printf, 6, 7)));
double wn_text_width(cairo_t *cr, double size, const char *text);
// Draw wrapped text below y; returns the y below the last line. cr NULL-safe measuring is not needed: `draw` false
// measures.
double wn_text_wrap(cairo_t *cr, double x, double y, double width, double size, const char *text, bool draw);
void wn_colour_light(cairo_t *cr, int arm);  // the same, to fill areas with
void wn_colour(cairo_t *cr, int arm);        // Okabe-Ito, in an order that also differs in grey
void wn_grey(cairo_t *cr, double lightness);
void wn_dash(cairo_t *cr, int arm);  // the arm's line style

// plot_axes.c: night, midnight lines, clock ticks, y axes, thresholds, dose marks
void wn_picture_axes(const wn_picture *p);
// plot_curves.c: curves with their labels
void wn_picture_curves(const wn_picture *p);
// plot_people.c: arms with several individuals. The band of every arm is made before the strip's axis is fitted.
wn_status wn_picture_bands(const wn_picture *p, wn_strip *s, wn_error *err);
void wn_picture_people(const wn_picture *p, const wn_strip *s, int arm);        // curves or band
void wn_picture_share(const wn_picture *p, int arm, int window, double y);      // a lane: how many are inside
double wn_picture_people_end(const wn_picture *p, const wn_strip *s, int arm);  // median at the right end
// Mean of a series over the 24 h from `from`; NaN when there is none.
double wn_picture_day_mean(const wn_picture *p, int series, int output, double from);
// plot_windows.c: hatched bars with clock times
void wn_picture_windows(const wn_picture *p);

#endif

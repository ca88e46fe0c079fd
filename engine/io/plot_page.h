// plot_page.h - a page that is drawn: surface by the file's ending, words around the picture, axes of numbers. Shared
// by the pictures of this room. Coordinates are points (1/72 in) from the top left.
#ifndef WN_IO_PLOT_PAGE_H
#define WN_IO_PLOT_PAGE_H

#include "io/plot_internal.h"
#include "io/plot_sweep.h"

enum { PAGE_MARGIN = 22 };

// Draw a page of this size into a file: whole or not at all. `draw` may only draw.
typedef void wn_page_draw(const void *context, cairo_t *cr);
wn_status wn_page_write(const char *path, double width, double height, wn_page_draw *draw, const void *context,
                        wn_error *err);

// WN_ERR_USER unless the ending is one of a picture.
wn_status wn_page_check(const char *path, wn_error *err);

// The title and a line or two under it (may be NULL); the picture begins below PAGE_TOP.
enum { PAGE_TOP = 84 };
void wn_page_title(cairo_t *cr, const wn_plot_words *words, const char *under);

// Caption and standing line from y on; returns where they end. draw false measures; cr must be one in any case.
double wn_page_caption(cairo_t *cr, const wn_plot_words *words, double y, bool draw);

// The height of a page whose picture ends at y.
double wn_page_height(const wn_plot_words *words, double y);

// -- axes (plot_axis.c) ----------------------------------------------------------------------------------------------

// Values low..high along the page from..to (from > to: upwards).
typedef struct wn_axis {
  wn_scale scale;
  double low, high, from, to;
  double step;  // between ticks; of a log axis unused
} wn_axis;

// Holds all of low..high, rounded outwards to ticks when `round`; about n ticks. Log is given up where low is not above
// 0.
wn_axis wn_axis_fit(const wn_plot_axis *what, double low, double high, int n, bool round);
double wn_axis_at(const wn_axis *axis, double value);
enum { WN_MAX_TICK = 24 };
int wn_axis_ticks(const wn_axis *axis, double tick[WN_MAX_TICK]);
void wn_axis_text(const wn_axis *axis, double value, char text[24]);

// Ticks, numbers and name of an axis below a picture that reaches from `top` to `bottom`, or left of one that reaches
// from `left` to `right`, with faint lines across when `grid`.
void wn_axis_draw_x(cairo_t *cr, const wn_axis *axis, const wn_plot_axis *what, double top, double bottom, bool grid);
void wn_axis_draw_y(cairo_t *cr, const wn_axis *axis, const wn_plot_axis *what, double left, double right, bool grid);

// "name, unit", or the name alone.
void wn_axis_name(const wn_plot_axis *what, char text[128]);

// Scale to use: clock where the unit is "clock".
wn_scale wn_axis_scale(const wn_plot_axis *what);

// n labels of the arms at the right end `x` of curves that end at y[n], pushed apart between top and bottom.
void wn_page_labels(cairo_t *cr, double x, const double *y, const char *const *label, int n, double top, double bottom);

#endif

// plot_quantiles.c - curves of a population from their quantiles, a strip for each output. Must not know how they were
// counted.

#include "io/plot_page.h"

#include <math.h>
#include <stdio.h>

enum { STRIP = 160, GAP = 34, MAX_OUTPUT = 8, MAX_ARM = 64, CLOCKS = 96 /* h: beyond, the axis counts days */ };

static double at(const wn_plot_quantiles *plot, int q, int arm, int output, int k) {
  return plot->quantile[q][((size_t)arm * (size_t)plot->n_output + (size_t)output) * (size_t)plot->n_time + (size_t)k];
}

static double strip_top(int output) { return PAGE_TOP + output * (STRIP + (double)GAP); }

static wn_axis fit_y(const wn_plot_quantiles *plot, int output) {
  double low = INFINITY, high = -INFINITY;
  for (int arm = 0; arm < plot->n_arm; arm++)
    for (int k = 0; k < plot->n_time; k++) {
      double a = at(plot, 0, arm, output, k), b = at(plot, 4, arm, output, k);
      if (isfinite(a) && isfinite(b)) low = fmin(low, a), high = fmax(high, b);
    }
  if (low > 0 && low < 0.7 * high) low = 0;
  wn_axis y = wn_axis_fit(&plot->output[output], low, high, 4, true);
  y.to = strip_top(output) + 10, y.from = strip_top(output) + STRIP;
  return y;
}

static void band(const wn_plot_quantiles *plot, cairo_t *cr, const wn_axis *x, const wn_axis *y, int output, int arm,
                 int low, int high) {
  for (int from = 0, to; from < plot->n_time; from = to + 1) {
    for (to = from; to < plot->n_time && isfinite(at(plot, 2, arm, output, to));) to++;
    for (int k = from; k < to; k++)
      cairo_line_to(cr, wn_axis_at(x, plot->time[k]), wn_axis_at(y, at(plot, low, arm, output, k)));
    for (int k = to - 1; k >= from; k--)
      cairo_line_to(cr, wn_axis_at(x, plot->time[k]), wn_axis_at(y, at(plot, high, arm, output, k)));
    if (to > from) cairo_close_path(cr);
  }
  wn_colour_light(cr, arm);
  cairo_fill(cr);
}

static void strip(const wn_plot_quantiles *plot, cairo_t *cr, const wn_axis *x, int output) {
  wn_axis y = fit_y(plot, output);
  double end[MAX_ARM];
  int n_arm = plot->n_arm < MAX_ARM ? plot->n_arm : MAX_ARM;
  wn_axis_draw_y(cr, &y, &plot->output[output], x->from, x->to, true);
  const char *note = plot->output[output].note;
  if (note && *note) wn_text(cr, x->from, y.to - 7, 10.5, WN_ALIGN_LEFT, "%s", note);
  for (int arm = 0; arm < n_arm; arm++) {
    band(plot, cr, x, &y, output, arm, 0, 4);
    band(plot, cr, x, &y, output, arm, 1, 3);
  }
  for (int arm = 0; arm < n_arm; arm++) {
    double last = NAN;
    bool pen_down = false;
    for (int k = 0; k < plot->n_time; k++) {
      double v = at(plot, 2, arm, output, k);
      if (isfinite(v) && pen_down) cairo_line_to(cr, wn_axis_at(x, plot->time[k]), wn_axis_at(&y, v));
      if (isfinite(v) && !pen_down) cairo_move_to(cr, wn_axis_at(x, plot->time[k]), wn_axis_at(&y, v));
      pen_down = isfinite(v);
      if (pen_down) last = v;
    }
    wn_colour(cr, arm);
    wn_dash(cr, arm);
    cairo_set_line_width(cr, 2);
    cairo_stroke(cr);
    cairo_set_dash(cr, NULL, 0, 0);
    end[arm] = isfinite(last) ? wn_axis_at(&y, last) : NAN;
  }
  wn_page_labels(cr, x->to, end, plot->arm_label, n_arm, y.to + 2, y.from);
}

// clock times while they can be read, else days
static wn_axis fit_time(const wn_plot_quantiles *plot, wn_plot_axis *what, double *scale) {
  double from = plot->time[0], to = plot->time[plot->n_time - 1];
  bool clock = to - from <= CLOCKS;
  *what = (wn_plot_axis){.name = clock ? "time" : "days", .unit = clock ? "clock" : "1"};
  *scale = clock ? 1 : 24;
  return wn_axis_fit(what, from / *scale, to / *scale, 12, false);
}

static void draw(const void *context, cairo_t *cr) {
  const wn_plot_quantiles *plot = context;
  wn_page_title(cr, &plot->words, "Lines: medians; bands hold 50 and 90 % of the simulations at each time.");
  wn_plot_axis what;
  double scale, bottom = strip_top(plot->n_output - 1) + STRIP;
  wn_axis shown = fit_time(plot, &what, &scale);
  shown.from = PLOT_LEFT, shown.to = PLOT_WIDTH - PLOT_RIGHT;
  wn_axis hours = shown;
  hours.low *= scale, hours.high *= scale;
  for (int i = 0; i < plot->n_output; i++) strip(plot, cr, &hours, i);
  wn_axis_draw_x(cr, &shown, &what, PAGE_TOP, bottom, false);
  wn_page_caption(cr, &plot->words, bottom + 46, true);
}

wn_status wn_plot_quantiles_write(const wn_plot_quantiles *plot, const char *path, wn_error *err) {
  WN_TRY(wn_page_check(path, err));
  if (plot->n_output < 1 || plot->n_output > MAX_OUTPUT || plot->n_time < 1)
    return wn_fail(err, WN_ERR_USER, "--plot: expected 1 to %d outputs with curves, got %d", MAX_OUTPUT,
                   plot->n_time < 1 ? 0 : plot->n_output);
  double height = wn_page_height(&plot->words, strip_top(plot->n_output - 1) + STRIP + 46);
  return wn_page_write(path, PLOT_WIDTH, height, draw, plot, err);
}

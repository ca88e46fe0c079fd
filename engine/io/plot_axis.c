// plot_axis.c - axes of numbers: linear, logarithmic, clock times. Must not know what is measured along them.

#include "io/plot_page.h"

#include "base/text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

// 1, 2 or 5 times a power of ten, so that about `n` ticks cover the span
static double nice_step(double span, int n) {
  double raw = span / n, power = pow(10, floor(log10(raw)));
  double rest = raw / power;
  return power * (rest <= 1 ? 1 : rest <= 2 ? 2 : rest <= 5 ? 5 : 10);
}

static double clock_step(double span, int n) {
  static const double steps[] = {0.25, 0.5, 1, 2, 3, 4, 6, 12, 24};
  for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
    if (span / steps[i] <= n + 1) return steps[i];
  return 24 * ceil(span / 24 / n);
}

wn_scale wn_axis_scale(const wn_plot_axis *what) {
  return what->unit && strcmp(what->unit, "clock") == 0 ? WN_SCALE_CLOCK : what->scale;
}

wn_axis wn_axis_fit(const wn_plot_axis *what, double low, double high, int n, bool round) {
  wn_axis a = {.scale = wn_axis_scale(what), .low = low, .high = high};
  if (!(a.low <= a.high)) a.low = 0, a.high = 1;
  if (a.scale == WN_SCALE_LOG && !(a.low > 0)) a.scale = WN_SCALE_LINEAR;
  if (a.scale == WN_SCALE_LOG) {
    if (!(a.high > a.low * (1 + 1e-9))) a.low /= 2, a.high *= 2;
    return a;
  }
  // a value that is the same everywhere still needs a span around it
  if (!(a.high - a.low > 1e-9 * fabs(a.high))) {
    double half = a.low != 0 ? 0.1 * fabs(a.low) : 1;
    a.low -= half, a.high += half;
  }
  a.step = a.scale == WN_SCALE_CLOCK ? clock_step(a.high - a.low, n) : nice_step(a.high - a.low, n);
  if (round) {
    a.low = a.step * floor(a.low / a.step + 1e-9);
    a.high = a.step * ceil(a.high / a.step - 1e-9);
  }
  return a;
}

double wn_axis_at(const wn_axis *a, double value) {
  double share =
      a->scale == WN_SCALE_LOG ? log(value / a->low) / log(a->high / a->low) : (value - a->low) / (a->high - a->low);
  return a->from + (a->to - a->from) * share;
}

// 1, 2 and 5 of every decade while there is room; else the powers of ten, or some of them; within less than a decade
// like a linear axis
static int log_ticks(const wn_axis *a, double tick[WN_MAX_TICK]) {
  double decades = log10(a->high / a->low);
  int n = 0;
  if (decades < 0.7) {
    double step = nice_step(a->high - a->low, 6);
    for (double v = step * ceil(a->low / step - 1e-9); v <= a->high * (1 + 1e-9) && n < WN_MAX_TICK; v += step)
      tick[n++] = v;
    return n;
  }
  static const double within[] = {1, 2, 5};
  int per_decade = decades > 3 ? 1 : 3, every = (int)ceil(decades / 10);
  for (int power = (int)floor(log10(a->low)); pow(10, power) <= a->high; power++)
    for (int i = 0; i < per_decade; i++) {
      double v = within[i] * pow(10, power);
      if (power % every || v < a->low * (1 - 1e-9) || v > a->high * (1 + 1e-9) || n == WN_MAX_TICK) continue;
      tick[n++] = v;
    }
  return n;
}

int wn_axis_ticks(const wn_axis *a, double tick[WN_MAX_TICK]) {
  if (a->scale == WN_SCALE_LOG) return log_ticks(a, tick);
  int n = 0;
  double first = a->step * ceil(a->low / a->step - 1e-9), slack = 1e-9 * a->step;
  for (int i = 0; n < WN_MAX_TICK && first + i * a->step <= a->high + slack; i++) tick[n++] = first + i * a->step;
  return n;
}

void wn_axis_text(const wn_axis *a, double value, char text[24]) {
  if (a->scale == WN_SCALE_CLOCK) {
    char clock[6];
    wn_format_clock(value, clock);
    snprintf(text, 24, "%s", clock);
    return;
  }
  if (a->scale == WN_SCALE_LINEAR && fabs(value) < a->step * 1e-6) value = 0;
  snprintf(text, 24, "%.4g", value);
}

void wn_axis_name(const wn_plot_axis *what, char text[128]) {
  const char *unit = what->unit ? what->unit : "";
  bool shown = *unit && strcmp(unit, "1") != 0;
  snprintf(text, 128, shown ? "%.80s, %.40s" : "%.80s", what->name, unit);
}

static void line(cairo_t *cr, double x0, double y0, double x1, double y1) {
  cairo_move_to(cr, x0, y0);
  cairo_line_to(cr, x1, y1);
  cairo_stroke(cr);
}

void wn_axis_draw_x(cairo_t *cr, const wn_axis *a, const wn_plot_axis *what, double top, double bottom, bool grid) {
  double tick[WN_MAX_TICK], last = -INFINITY;
  int n = wn_axis_ticks(a, tick);
  cairo_set_line_width(cr, 0.6);
  for (int i = 0; i < n; i++) {
    char text[24];
    double x = wn_axis_at(a, tick[i]);
    wn_grey(cr, 0.85);
    if (grid) line(cr, x, top, x, bottom);
    wn_grey(cr, 0.2);
    line(cr, x, bottom, x, bottom + 4);
    wn_axis_text(a, tick[i], text);
    double half = wn_text_width(cr, 10, text) / 2;
    // (on a log axis numbers may come close)
    if (x - half < last + 4) continue;
    wn_text(cr, x, bottom + 15, 10, WN_ALIGN_CENTRE, "%s", text);
    last = x + half;
  }
  cairo_set_line_width(cr, 1);
  line(cr, a->from, bottom, a->to, bottom);
  char name[128];
  wn_axis_name(what, name);
  wn_grey(cr, 0.1);
  double size = fmin(12, 12 * fabs(a->to - a->from) / fmax(1, wn_text_width(cr, 12, name)));
  wn_text(cr, (a->from + a->to) / 2, bottom + 32, fmax(size, 7), WN_ALIGN_CENTRE, "%s", name);
}

void wn_axis_draw_y(cairo_t *cr, const wn_axis *a, const wn_plot_axis *what, double left, double right, bool grid) {
  double tick[WN_MAX_TICK], widest = 0;
  int n = wn_axis_ticks(a, tick);
  cairo_set_line_width(cr, 0.6);
  for (int i = 0; i < n; i++) {
    char text[24];
    double y = wn_axis_at(a, tick[i]);
    wn_grey(cr, 0.85);
    if (grid) line(cr, left, y, right, y);
    wn_grey(cr, 0.2);
    line(cr, left - 4, y, left, y);
    wn_axis_text(a, tick[i], text);
    widest = fmax(widest, wn_text_width(cr, 10, text));
    wn_text(cr, left - 7, y + 3.5, 10, WN_ALIGN_RIGHT, "%s", text);
  }
  if (!what) return;
  char name[128];
  wn_axis_name(what, name);
  cairo_save(cr);
  cairo_translate(cr, left - widest - 16, (a->from + a->to) / 2);
  cairo_rotate(cr, -M_PI / 2);
  wn_grey(cr, 0.1);
  // a long name is set smaller rather than cut
  double size = fmin(12, 12 * fabs(a->to - a->from) / fmax(1, wn_text_width(cr, 12, name)));
  wn_text(cr, 0, 0, fmax(size, 7), WN_ALIGN_CENTRE, "%s", name);
  cairo_restore(cr);
}

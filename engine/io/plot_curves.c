// plot_curves.c - one curve per arm in every strip, labelled at its right end instead of by a legend. With one
// individual in an arm its series has the arm's number.

#include "io/plot_page.h"

#include <math.h>

enum { MAX_LABEL = 64 };

static void stroke_curve(const wn_picture *p, int series) {
  wn_colour(p->cr, series);
  wn_dash(p->cr, series);
  cairo_set_line_width(p->cr, 2);
  cairo_stroke(p->cr);
  cairo_set_dash(p->cr, NULL, 0, 0);
}

static void draw_curve(const wn_picture *p, const wn_strip *s, int series) {
  int first, last;
  wn_picture_range(p, &first, &last);
  bool pen_down = false;
  for (int k = first; k <= last; k++) {
    double v = wn_picture_value(p, series, s->output, k);
    // a failed simulation's curve just ends
    if (!isfinite(v)) {
      pen_down = false;
      continue;
    }
    double x = wn_picture_x(p, p->r->time[k]), y = wn_strip_y(s, v);
    if (pen_down)
      cairo_line_to(p->cr, x, y);
    else
      cairo_move_to(p->cr, x, y);
    pen_down = true;
  }
  stroke_curve(p, series);
}

// one day's worth of a curve: least, largest and mean value; false when there is none
static bool day_range(const wn_picture *p, int series, int output, double from, double range[3]) {
  double sum = 0;
  int n = 0;
  range[0] = INFINITY, range[1] = -INFINITY;
  for (int k = 0; k < p->r->n_time; k++) {
    if (p->r->time[k] < from || p->r->time[k] >= from + 24) continue;
    double v = wn_picture_value(p, series, output, k);
    if (!isfinite(v)) continue;
    range[0] = fmin(range[0], v), range[1] = fmax(range[1], v);
    sum += v, n++;
  }
  range[2] = n ? sum / n : NAN;
  return n > 0;
}

// weeks and months: the daily mean, in a band from the day's lowest to its highest value
static void draw_daily(const wn_picture *p, const wn_strip *s, int series) {
  for (int edge = 0; edge < 2; edge++) {
    double range[3];
    // along the lower edge from the left, back along the upper one
    int n = (int)ceil((p->to - p->from) / 24);
    for (int i = 0; i < n; i++) {
      double from = p->from + 24.0 * (edge ? n - 1 - i : i);
      if (!day_range(p, series, s->output, from, range)) continue;
      cairo_line_to(p->cr, wn_picture_x(p, from + 12), wn_strip_y(s, range[edge]));
    }
  }
  cairo_close_path(p->cr);
  wn_colour_light(p->cr, series);
  cairo_fill(p->cr);
  double range[3];
  for (double from = p->from; from < p->to; from += 24)
    if (day_range(p, series, s->output, from, range))
      cairo_line_to(p->cr, wn_picture_x(p, from + 12), wn_strip_y(s, range[2]));
  stroke_curve(p, series);
}

static double end_height(const wn_picture *p, const wn_strip *s, int series) {
  int first, last;
  if (p->n_subject > 1) {
    double middle = wn_picture_people_end(p, s, series);
    return isfinite(middle) ? wn_strip_y(s, middle) : s->bottom;
  }
  wn_picture_range(p, &first, &last);
  while (last > first && !isfinite(wn_picture_value(p, series, s->output, last))) last--;
  double v = wn_picture_value(p, series, s->output, last), range[3];
  if (p->daily && day_range(p, series, s->output, p->r->time[last] - 24, range)) v = range[2];
  return isfinite(v) ? wn_strip_y(s, v) : s->bottom;
}

static void draw_labels(const wn_picture *p, const wn_strip *s) {
  double y[MAX_LABEL];
  const char *text[MAX_LABEL];
  int n = p->n_arm < MAX_LABEL ? p->n_arm : MAX_LABEL;
  for (int i = 0; i < n; i++) y[i] = end_height(p, s, i), text[i] = p->r->scenario->arm[i].label;
  wn_page_labels(p->cr, p->right, y, text, n, s->top + 2, s->bottom);
}

void wn_picture_curves(const wn_picture *p) {
  for (int i = 0; i < p->n_strip; i++) {
    const wn_strip *s = &p->strip[i];
    cairo_save(p->cr);
    cairo_rectangle(p->cr, p->left, s->top - 2, p->right - p->left, s->bottom - s->top + 4);
    cairo_clip(p->cr);
    for (int series = 0; series < p->n_arm; series++) {
      if (p->n_subject > 1)
        wn_picture_people(p, s, series);
      else if (p->daily)
        draw_daily(p, s, series);
      else
        draw_curve(p, s, series);
    }
    cairo_restore(p->cr);
    draw_labels(p, s);
  }
}

// plot_curves.c - one curve per arm in every strip, labelled at its right end instead of by a legend.

#include "io/plot_internal.h"

#include <math.h>

enum { MAX_LABEL = 64 };

typedef struct label {
  int series;
  double y;
} label;

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
  wn_colour(p->cr, series);
  wn_dash(p->cr, series);
  cairo_set_line_width(p->cr, 2);
  cairo_stroke(p->cr);
  cairo_set_dash(p->cr, NULL, 0, 0);
}

static double end_height(const wn_picture *p, const wn_strip *s, int series) {
  int first, last;
  wn_picture_range(p, &first, &last);
  while (last > first && !isfinite(wn_picture_value(p, series, s->output, last))) last--;
  double v = wn_picture_value(p, series, s->output, last);
  return isfinite(v) ? wn_strip_y(s, v) : s->bottom;
}

// sort by height, then push apart so that no two labels overlap and all stay beside their strip
static void spread(label *labels, int n, double top, double bottom, double gap) {
  for (int i = 1; i < n; i++) {
    label moved = labels[i];
    int j = i;
    for (; j > 0 && labels[j - 1].y > moved.y; j--) labels[j] = labels[j - 1];
    labels[j] = moved;
  }
  for (int i = 1; i < n; i++) labels[i].y = fmax(labels[i].y, labels[i - 1].y + gap);
  if (n && labels[n - 1].y > bottom) labels[n - 1].y = bottom;
  for (int i = n - 1; i > 0; i--) labels[i - 1].y = fmin(labels[i - 1].y, labels[i].y - gap);
  for (int i = 0; i < n && labels[i].y < top; i++) labels[i].y = top + i * gap;
}

static void draw_labels(const wn_picture *p, const wn_strip *s) {
  label labels[MAX_LABEL];
  int n = p->r->n_series < MAX_LABEL ? p->r->n_series : MAX_LABEL;
  for (int i = 0; i < n; i++) labels[i] = (label){i, end_height(p, s, i)};
  double gap = fmin(13, (PLOT_STRIP + 8.0) / n);
  spread(labels, n, s->top + 2, s->bottom, gap);
  for (int i = 0; i < n; i++) {
    int series = labels[i].series;
    double end = end_height(p, s, series), y = labels[i].y;
    wn_colour(p->cr, series);
    wn_dash(p->cr, series);
    cairo_set_line_width(p->cr, 1.5);
    cairo_move_to(p->cr, p->right + 2, end);
    cairo_line_to(p->cr, p->right + 12, y);
    cairo_line_to(p->cr, p->right + 26, y);
    cairo_stroke(p->cr);
    cairo_set_dash(p->cr, NULL, 0, 0);
    wn_text(p->cr, p->right + 30, y + 3.5, fmin(10.5, gap * 0.85), WN_ALIGN_LEFT, "%s",
            p->r->scenario->arm[p->r->series[series].arm].label);
  }
}

void wn_picture_curves(const wn_picture *p) {
  for (int i = 0; i < p->n_strip; i++) {
    const wn_strip *s = &p->strip[i];
    cairo_save(p->cr);
    cairo_rectangle(p->cr, p->left, s->top - 2, p->right - p->left, s->bottom - s->top + 4);
    cairo_clip(p->cr);
    for (int series = 0; series < p->r->n_series; series++) draw_curve(p, s, series);
    cairo_restore(p->cr);
    draw_labels(p, s);
  }
}

// plot_windows.c - windows as hatched bars on a lane per arm, with their clock times, and the hours per day beside
// them.

#include "io/plot_internal.h"

#include "base/text.h"

#include <math.h>
#include <stdio.h>

// diagonal lines clipped to the bar; every window leans its own way, so that they differ in grey too
static void hatch(cairo_t *cr, double x, double y, double width, int kind) {
  cairo_save(cr);
  cairo_rectangle(cr, x, y, width, PLOT_BAR);
  cairo_clip(cr);
  double lean = kind % 3 == 0 ? PLOT_BAR : kind % 3 == 1 ? -PLOT_BAR : 0;
  double pitch = kind % 3 == 2 ? 3 : 5;
  cairo_set_line_width(cr, 1.1);
  for (double at = x - PLOT_BAR; at < x + width + PLOT_BAR; at += pitch) {
    cairo_move_to(cr, at, y + PLOT_BAR);
    cairo_line_to(cr, at + lean, y);
  }
  cairo_stroke(cr);
  cairo_restore(cr);
  cairo_set_line_width(cr, 1);
  cairo_rectangle(cr, x, y, width, PLOT_BAR);
  cairo_stroke(cr);
}

// the window's clock times, on white, when the bar or the space behind it has room
static void write_times(const wn_picture *p, const wn_window *w, double x, double width, double y, double free_until) {
  char start[6], end[6], text[48];
  wn_format_clock(w->start, start);
  wn_format_clock(w->end, end);
  double hours = w->end - w->start;
  if (w->open_start && w->open_end)
    snprintf(text, sizeof text, "all the time");
  else if (w->open_start)
    snprintf(text, sizeof text, "until %s", end);
  else if (w->open_end)
    snprintf(text, sizeof text, "from %s on", start);
  else if (hours > 36)
    snprintf(text, sizeof text, "%.3g d", hours / 24);
  else
    snprintf(text, sizeof text, "%s\xe2\x80\x93%s", start, end);
  double need = wn_text_width(p->cr, 8.5, text) + 4;
  double at = need <= width - 6 ? x + (width - need) / 2 : x + width + 2;
  if (at + need > free_until && at > x + width) return;
  wn_grey(p->cr, 1);
  cairo_rectangle(p->cr, at, y, need, PLOT_BAR);
  cairo_fill(p->cr);
  wn_grey(p->cr, 0.1);
  wn_text(p->cr, at + 2, y + PLOT_BAR - 1.2, 8.5, WN_ALIGN_LEFT, "%s", text);
}

static void draw_lane(const wn_picture *p, int series, int window, double y, int kind) {
  const wn_result *r = p->r;
  double y_bar = y + (PLOT_LANE - PLOT_BAR) / 2.0;
  for (int i = 0; i < r->windows.n; i++) {
    const wn_window *w = &r->windows.data[i];
    if (w->series != series || w->window != window || w->end < p->from || w->start > p->to) continue;
    double x = wn_picture_x(p, fmax(w->start, p->from)), end = wn_picture_x(p, fmin(w->end, p->to));
    wn_grey(p->cr, 1);
    cairo_rectangle(p->cr, x, y_bar, end - x, PLOT_BAR);
    cairo_fill(p->cr);
    wn_colour(p->cr, series);
    hatch(p->cr, x, y_bar, end - x, kind);
    double free_until = p->right;
    const wn_window *next = i + 1 < r->windows.n ? w + 1 : NULL;
    if (next && next->series == series && next->window == window && next->start < p->to)
      free_until = wn_picture_x(p, next->start);
    write_times(p, w, x, end - x, y_bar, free_until);
  }
  const wn_metric *hours =
      wn_result_find(r, series, "hours_per_day", r->scenario->window[window].name, r->series[series].n_day);
  wn_colour(p->cr, series);
  if (hours)
    wn_text(p->cr, p->right + 30, y + PLOT_LANE - 3, 9, WN_ALIGN_LEFT, "%.1f h on day %d", hours->value, hours->day);
}

void wn_picture_windows(const wn_picture *p) {
  for (int i = 0; i < p->n_strip; i++) {
    const wn_strip *s = &p->strip[i];
    double y = s->lanes;
    for (int w = 0; w < s->n_window; w++) {
      const wn_window_def *def = &p->r->scenario->window[s->window[w]];
      double height = p->r->n_series * (double)PLOT_LANE;
      wn_grey(p->cr, 0.1);
      wn_text(p->cr, p->left - 6, y + height / 2 + 1, 10, WN_ALIGN_RIGHT, "%s", def->name);
      wn_grey(p->cr, 0.35);
      if (p->r->n_series > 1)
        wn_text(p->cr, p->left - 6, y + height / 2 + 11, 8.5, WN_ALIGN_RIGHT, "%s %.3g", def->above ? "above" : "below",
                def->threshold);
      for (int series = 0; series < p->r->n_series; series++, y += PLOT_LANE) draw_lane(p, series, s->window[w], y, w);
      y += 4;
    }
  }
}

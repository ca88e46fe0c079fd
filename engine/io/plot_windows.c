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

// clock times, or days where a window lasts for days
static void words_of(const wn_picture *p, const wn_window *w, char text[64]) {
  char start[16], end[16];
  bool long_one = p->daily || w->end - w->start > 72;
  if (long_one)
    snprintf(start, sizeof start, "day %d", (int)floor(w->start / 24) + 1);
  else
    wn_format_clock(w->start, start);
  if (long_one)
    snprintf(end, sizeof end, "day %d", (int)floor(w->end / 24) + 1);
  else
    wn_format_clock(w->end, end);
  if (w->open_start && w->open_end)
    snprintf(text, 64, "all the time");
  else if (w->open_start)
    snprintf(text, 64, "until %s", end);
  else if (w->open_end)
    snprintf(text, 64, "from %s on", start);
  else
    snprintf(text, 64, "%s\xe2\x80\x93%s", start, end);
}

// the window's times, on white, when the bar or the space behind it has room
static void write_times(const wn_picture *p, const wn_window *w, double x, double width, double y, double free_until) {
  char text[64];
  words_of(p, w, text);
  double need = wn_text_width(p->cr, 8.5, text) + 4;
  double at = need <= width - 6 ? x + (width - need) / 2 : x + width + 2;
  if (at + need > free_until && at > x + width) return;
  wn_grey(p->cr, 1);
  cairo_rectangle(p->cr, at, y, need, PLOT_BAR);
  cairo_fill(p->cr);
  wn_grey(p->cr, 0.1);
  wn_text(p->cr, at + 2, y + PLOT_BAR - 1.2, 8.5, WN_ALIGN_LEFT, "%s", text);
}

// how long in all, within what is shown: per day when the window comes about daily
static void write_total(const wn_picture *p, int series, int window, double y) {
  double total = 0, days = (p->to - p->from) / 24;
  int n = 0;
  for (int i = 0; i < p->r->windows.n; i++) {
    const wn_window *w = &p->r->windows.data[i];
    double hours = fmin(w->end, p->to) - fmax(w->start, p->from);
    if (w->series != series || w->window != window || !(hours > 0)) continue;
    total += hours, n++;
  }
  wn_colour(p->cr, series);
  double x = p->right + 30, base = y + PLOT_LANE - 3;
  if (n == 0)
    wn_text(p->cr, x, base, 9, WN_ALIGN_LEFT, "none");
  else if (days > 1.5 && ((n > 1 && n > days / 2) || total > 0.99 * 24 * days))
    wn_text(p->cr, x, base, 9, WN_ALIGN_LEFT, "%.1f h a day", total / days);
  else if (total > 72)
    wn_text(p->cr, x, base, 9, WN_ALIGN_LEFT, "%.1f days", total / 24);
  else
    wn_text(p->cr, x, base, 9, WN_ALIGN_LEFT, "%.1f h", total);
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
  write_total(p, series, window, y);
}

void wn_picture_windows(const wn_picture *p) {
  for (int i = 0; i < p->n_strip; i++) {
    const wn_strip *s = &p->strip[i];
    double y = s->lanes;
    for (int w = 0; w < s->n_window; w++) {
      const wn_window_def *def = &p->r->scenario->window[s->window[w]];
      double height = p->n_arm * (double)PLOT_LANE;
      wn_grey(p->cr, 0.1);
      wn_text(p->cr, p->left - 6, y + height / 2 + 1, 10, WN_ALIGN_RIGHT, "%s", def->name);
      wn_grey(p->cr, 0.35);
      if (p->n_arm > 1)
        wn_text(p->cr, p->left - 6, y + height / 2 + 11, 8.5, WN_ALIGN_RIGHT, "%s %.3g", def->above ? "above" : "below",
                def->threshold);
      for (int arm = 0; arm < p->n_arm; arm++, y += PLOT_LANE) {
        if (p->n_subject > 1)
          wn_picture_share(p, arm, s->window[w], y);
        else
          draw_lane(p, arm, s->window[w], y, w);
      }
      y += 4;
    }
  }
}

// plot_axes.c - the clock axis with day numbers, the shaded night, y axes, thresholds and dose marks.

#include "io/plot_internal.h"

#include "base/text.h"
#include "dose/adherence.h"

#include <math.h>
#include <stdio.h>

// hours between labelled clock ticks, and days between labelled days, by how much is shown
typedef struct ticks {
  double hours;  // 0: no clock ticks
  int days;
} ticks;

static ticks choose_ticks(const wn_picture *p) {
  double days = (p->to - p->from) / 24;
  if (days <= 0.5) return (ticks){1, 1};
  if (days <= 1.1) return (ticks){3, 1};
  if (days <= 4.1) return (ticks){6, 1};
  if (days <= 7.1) return (ticks){12, 1};
  if (days <= 15) return (ticks){0, 1};
  return (ticks){0, days <= 90 ? 7 : 28};
}

static void line(cairo_t *cr, double x0, double y0, double x1, double y1) {
  cairo_move_to(cr, x0, y0);
  cairo_line_to(cr, x1, y1);
  cairo_stroke(cr);
}

// too many nights make a grey mush: none beyond three weeks
static void draw_nights(const wn_picture *p) {
  const wn_scenario *s = p->r->scenario;
  double length = s->night_to - s->night_from;
  if (length <= 0) length += 24;
  if (p->to - p->from > 21 * 24) return;
  bool labelled = false;
  for (double day = floor(p->from / 24) - 1; day * 24 < p->to; day++) {
    double a = fmax(day * 24 + s->night_from, p->from), b = fmin(day * 24 + s->night_from + length, p->to);
    if (b <= a) continue;
    double x = wn_picture_x(p, a), width = wn_picture_x(p, b) - x;
    wn_grey(p->cr, 0.93);
    cairo_rectangle(p->cr, x, p->top, width, p->bottom - p->top);
    cairo_fill(p->cr);
    if (labelled || width < 34) continue;
    wn_grey(p->cr, 0.45);
    wn_text(p->cr, x + width / 2, p->top + 9, 9, WN_ALIGN_CENTRE, "night");
    labelled = true;
  }
}

static void draw_time_axis(const wn_picture *p) {
  ticks t = choose_ticks(p);
  cairo_set_line_width(p->cr, 0.7);
  for (double day = floor(p->from / 24); day * 24 <= p->to; day++) {
    bool labelled = (long)day % t.days == 0;
    if (labelled && day * 24 >= p->from) {
      wn_grey(p->cr, 0.72);
      double x = wn_picture_x(p, day * 24);
      line(p->cr, x, p->top, x, p->bottom + 4);
    }
    for (double h = 0; t.hours > 0 && h < 24; h += t.hours) {
      double time = day * 24 + h;
      if (time < p->from || time > p->to) continue;
      char clock[6];
      wn_format_clock(h, clock);
      wn_grey(p->cr, 0.2);
      double x = wn_picture_x(p, time);
      line(p->cr, x, p->bottom, x, p->bottom + 4);
      wn_text(p->cr, x, p->bottom + 15, 10, WN_ALIGN_CENTRE, "%s", clock);
    }
    // the day's name stands in the middle of what is shown of it, or at its tick when days are dense
    double a = fmax(day * 24, p->from), b = fmin(day * 24 + 24, p->to);
    double x = t.hours > 0 ? wn_picture_x(p, (a + b) / 2) : wn_picture_x(p, day * 24);
    double room = wn_picture_x(p, b) - wn_picture_x(p, a);
    if (!labelled || (t.hours > 0 ? room < 36 : day * 24 < p->from)) continue;
    wn_grey(p->cr, 0.1);
    const char *name = t.days > 1 ? "week" : "day";
    int number = t.days > 1 ? (int)(day / 7) + 1 : (int)day + 1;
    wn_text(p->cr, x, p->bottom + (t.hours > 0 ? 29 : 15), 11, WN_ALIGN_CENTRE, "%s %d", name, number);
  }
  wn_grey(p->cr, 0.2);
  cairo_set_line_width(p->cr, 1);
  line(p->cr, p->left, p->bottom, p->right, p->bottom);
}

static void draw_y_axis(const wn_picture *p, const wn_strip *s) {
  const wn_output *o = &p->r->scenario->model->output[s->output];
  cairo_set_line_width(p->cr, 0.6);
  for (double v = s->low; v <= s->high + s->step / 2; v += s->step) {
    double y = wn_strip_y(s, v);
    wn_grey(p->cr, 0.82);
    line(p->cr, p->left, y, p->right, y);
    wn_grey(p->cr, 0.2);
    wn_text(p->cr, p->left - 6, y + 3.5, 10, WN_ALIGN_RIGHT, "%.4g", fabs(v) < s->step * 1e-6 ? 0.0 : v);
  }
  // what it is, in words, above the curves; the output's name runs up the axis
  if (o->meaning) wn_text(p->cr, p->left, s->top - 5, 10.5, WN_ALIGN_LEFT, "%s", o->meaning);
  cairo_save(p->cr);
  cairo_translate(p->cr, 22, (s->top + s->bottom) / 2);
  cairo_rotate(p->cr, -M_PI / 2);
  wn_grey(p->cr, 0.1);
  wn_text(p->cr, 0, 0, 12, WN_ALIGN_CENTRE, "%s", o->name);
  bool pure = o->unit[0] == '\0' || (o->unit[0] == '1' && o->unit[1] == '\0');
  if (!pure) wn_text(p->cr, 0, 14, 10, WN_ALIGN_CENTRE, "%s", o->unit);
  cairo_restore(p->cr);
}

static void draw_thresholds(const wn_picture *p, const wn_strip *s) {
  static const double dots[] = {1, 3};
  for (int i = 0; i < s->n_window; i++) {
    const wn_window_def *w = &p->r->scenario->window[s->window[i]];
    if (w->baseline) continue;
    double y = wn_strip_y(s, w->threshold);
    cairo_set_dash(p->cr, dots, 2, 0);
    cairo_set_line_width(p->cr, 1);
    wn_grey(p->cr, 0.25);
    line(p->cr, p->left, y, p->right, y);
    cairo_set_dash(p->cr, NULL, 0, 0);
  }
}

// times of one arm's doses within the picture; returns how many, at most `room` are stored
static int dose_times(const wn_picture *p, const wn_doses *doses, double *time, int room) {
  int n = 0;
  for (int d = 0; d < doses->n; d++)
    for (int k = 0; k <= doses->data[d].addl; k++) {
      double t = doses->data[d].time + k * doses->data[d].ii;
      if (t < p->from || t > p->to) continue;
      if (n < room) time[n] = t;
      n++;
    }
  return n;
}

// an arm's doses: as one person took them, or as planned for many
static const wn_doses *taken_doses(const wn_picture *p, int arm, wn_doses *taken) {
  const wn_scenario *s = p->r->scenario;
  const wn_doses *planned = &s->arm[arm].doses;
  if (wn_scenario_n_subject(s) > 1 || !wn_doses_have_habits(planned->data, planned->n)) return planned;
  return wn_adherence_doses(planned->data, planned->n, s->seed, 1, s->t_start, s->t_end, taken, NULL) ? planned : taken;
}

// a triangle above the first strip for every dose, in the arm's colour; where they would touch, a tick in the arm's row
static void draw_doses(const wn_picture *p) {
  enum { ROOM = 4096 };
  double time[ROOM];
  for (int i = 0; i < p->n_arm; i++) {
    wn_doses taken = {0};
    int n = dose_times(p, taken_doses(p, i, &taken), time, ROOM);
    WN_ARRAY_FREE(&taken);
    bool dense = n > 40;
    wn_colour(p->cr, i);
    cairo_set_line_width(p->cr, dense ? 0.8 : 1.2);
    for (int k = 0; k < n && k < ROOM; k++) {
      double x = wn_picture_x(p, time[k]), y = p->top - 3;
      if (dense) {
        line(p->cr, x, y - 5 * (i % 2), x, y - 5 * (i % 2) - 4);
        continue;
      }
      cairo_move_to(p->cr, x, y);
      cairo_rel_line_to(p->cr, -4, -7);
      cairo_rel_line_to(p->cr, 8, 0);
      cairo_close_path(p->cr);
      if (i % 2)
        cairo_stroke(p->cr);
      else
        cairo_fill(p->cr);
    }
  }
}

void wn_picture_axes(const wn_picture *p) {
  draw_nights(p);
  draw_time_axis(p);
  for (int i = 0; i < p->n_strip; i++) {
    draw_y_axis(p, &p->strip[i]);
    draw_thresholds(p, &p->strip[i]);
  }
  draw_doses(p);
}

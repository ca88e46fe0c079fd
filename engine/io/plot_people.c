// plot_people.c - arms with several individuals: some are drawn one by one, many as a median in a band from 5 to 95 %;
// a window's lane shows how many are inside at a time. Must not know one arm's individuals from another's.

#include "io/plot_internal.h"
#include "io/spread.h"

#include <math.h>

enum { MAX_POINTS = 1000 };  // more than the page has room for

double wn_picture_day_mean(const wn_picture *p, int series, int output, double from) {
  const wn_result *r = p->r;
  const double *value = wn_result_output(r, series, output);
  int lo = 0, hi = r->n_time, n = 0;
  while (lo < hi) {
    int middle = lo + (hi - lo) / 2;
    if (r->time[middle] < from)
      lo = middle + 1;
    else
      hi = middle;
  }
  double sum = 0;
  for (int k = lo; value && k < r->n_time && r->time[k] < from + 24; k++)
    if (isfinite(value[k])) sum += value[k], n++;
  return n ? sum / n : NAN;
}

// -- the times at which something is drawn: days, or points of the grid, thinned to what can be seen

typedef struct points {
  int n, first, step;
} points;

static points choose_points(const wn_picture *p) {
  if (p->daily) return (points){.n = (int)ceil((p->to - p->from) / 24)};
  int first, last;
  wn_picture_range(p, &first, &last);
  int step = (last - first) / MAX_POINTS + 1;
  return (points){.n = (last - first) / step + 1, .first = first, .step = step};
}

static double point_time(const wn_picture *p, const points *at, int i) {
  return p->daily ? p->from + 24.0 * i + 12 : p->r->time[at->first + i * at->step];
}

static double point_value(const wn_picture *p, const points *at, int series, int output, int i) {
  if (p->daily) return wn_picture_day_mean(p, series, output, p->from + 24.0 * i);
  return wn_picture_value(p, series, output, at->first + i * at->step);
}

// -- bands

static wn_status make_band(const wn_picture *p, int output, int arm, wn_band *band, wn_error *err) {
  points at = choose_points(p);
  double *slab = wn_arena_alloc(p->arena, 4 * (size_t)at.n * sizeof *slab);
  if (!slab) return wn_fail_memory(err);
  *band = (wn_band){0, slab, slab + at.n, slab + 2 * at.n, slab + 3 * at.n};
  for (int i = 0; i < at.n; i++) {
    for (int k = 0; k < p->n_subject; k++) p->scratch[k] = point_value(p, &at, arm * p->n_subject + k, output, i);
    wn_spread spread = wn_spread_of(p->scratch, p->n_subject);
    // where everybody has failed the band ends
    if (spread.n == 0) continue;
    band->time[band->n] = point_time(p, &at, i);
    band->low[band->n] = spread.low, band->mid[band->n] = spread.mid, band->high[band->n] = spread.high;
    band->n++;
  }
  return WN_OK;
}

wn_status wn_picture_bands(const wn_picture *p, wn_strip *s, wn_error *err) {
  s->band = NULL;
  if (p->n_subject <= PLOT_PEOPLE) return WN_OK;
  s->band = wn_arena_alloc(p->arena, (size_t)p->n_arm * sizeof *s->band);
  if (!s->band) return wn_fail_memory(err);
  for (int arm = 0; arm < p->n_arm; arm++) WN_TRY(make_band(p, s->output, arm, &s->band[arm], err));
  return WN_OK;
}

static void draw_band(const wn_picture *p, const wn_strip *s, int arm) {
  const wn_band *b = &s->band[arm];
  for (int i = 0; i < b->n; i++) cairo_line_to(p->cr, wn_picture_x(p, b->time[i]), wn_strip_y(s, b->low[i]));
  for (int i = b->n - 1; i >= 0; i--) cairo_line_to(p->cr, wn_picture_x(p, b->time[i]), wn_strip_y(s, b->high[i]));
  cairo_close_path(p->cr);
  wn_colour_light(p->cr, arm);
  cairo_fill(p->cr);
  for (int i = 0; i < b->n; i++) cairo_line_to(p->cr, wn_picture_x(p, b->time[i]), wn_strip_y(s, b->mid[i]));
  wn_colour(p->cr, arm);
  wn_dash(p->cr, arm);
  cairo_set_line_width(p->cr, 2);
  cairo_stroke(p->cr);
  cairo_set_dash(p->cr, NULL, 0, 0);
}

// -- one by one

static void draw_lines(const wn_picture *p, const wn_strip *s, int arm) {
  points at = choose_points(p);
  wn_colour(p->cr, arm);
  cairo_set_line_width(p->cr, 0.7);
  for (int k = 0; k < p->n_subject; k++) {
    bool pen_down = false;
    for (int i = 0; i < at.n; i++) {
      double v = point_value(p, &at, arm * p->n_subject + k, s->output, i);
      double x = wn_picture_x(p, point_time(p, &at, i));
      // a failed simulation's curve just ends
      if (isfinite(v) && pen_down) cairo_line_to(p->cr, x, wn_strip_y(s, v));
      if (isfinite(v) && !pen_down) cairo_move_to(p->cr, x, wn_strip_y(s, v));
      pen_down = isfinite(v);
    }
    cairo_stroke(p->cr);
  }
}

void wn_picture_people(const wn_picture *p, const wn_strip *s, int arm) {
  if (s->band)
    draw_band(p, s, arm);
  else
    draw_lines(p, s, arm);
}

double wn_picture_people_end(const wn_picture *p, const wn_strip *s, int arm) {
  if (s->band) return s->band[arm].n ? s->band[arm].mid[s->band[arm].n - 1] : NAN;
  points at = choose_points(p);
  double value[PLOT_PEOPLE];
  for (int k = 0; k < p->n_subject; k++) value[k] = point_value(p, &at, arm * p->n_subject + k, s->output, at.n - 1);
  return wn_spread_of(value, p->n_subject).mid;
}

// -- windows

// hours of the shown span that an individual spends in the window; its windows are added to change[0..MAX_POINTS]: how
// many more are inside from that point on
static double add_windows(const wn_picture *p, int series, int window, int *change) {
  int n;
  double hours = 0;
  const wn_window *w = wn_result_windows(p->r, series, &n);
  for (int i = 0; i < n; i++, w++) {
    double from = fmax(w->start, p->from), to = fmin(w->end, p->to);
    if (w->window != window || !(to > from)) continue;
    hours += to - from;
    change[(int)round((from - p->from) / (p->to - p->from) * MAX_POINTS)]++;
    change[(int)round((to - p->from) / (p->to - p->from) * MAX_POINTS)]--;
  }
  return hours;
}

// as high as the share that is inside
static void draw_profile(const wn_picture *p, const int *change, int n, double base) {
  double width = (p->right - p->left) / MAX_POINTS;
  int inside = 0;
  for (int i = 0; i < MAX_POINTS; i++) {
    inside += change[i];
    if (inside == 0) continue;
    int end = i + 1;
    while (end < MAX_POINTS && change[end] == 0) end++;
    double height = PLOT_BAR * (double)inside / n;
    cairo_rectangle(p->cr, p->left + i * width, base - height, (end - i) * width, height);
    i = end - 1;
  }
  cairo_fill(p->cr);
}

void wn_picture_share(const wn_picture *p, int arm, int window, double y) {
  int change[MAX_POINTS + 1] = {0}, good = 0;
  double days = (p->to - p->from) / 24, base = y + PLOT_LANE - 2.0;
  for (int i = 0; i < p->n_subject; i++) {
    int series = arm * p->n_subject + i;
    if (p->r->series[series].status) continue;
    p->scratch[good++] = add_windows(p, series, window, change);
  }
  if (good == 0) return;
  wn_colour(p->cr, arm);
  draw_profile(p, change, good, base);
  cairo_set_line_width(p->cr, 0.4);
  cairo_move_to(p->cr, p->left, base);
  cairo_line_to(p->cr, p->right, base);
  cairo_stroke(p->cr);
  double middle = wn_spread_of(p->scratch, good).mid;
  if (days > 1.5)
    wn_text(p->cr, p->right + 30, base - 1, 9, WN_ALIGN_LEFT, "median %.1f h a day", middle / days);
  else
    wn_text(p->cr, p->right + 30, base - 1, 9, WN_ALIGN_LEFT, "median %.1f h", middle);
}

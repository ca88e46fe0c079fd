// plot_bars.c - what moves a metric: the tornado, Sobol' indices, Morris' effects. Must not know how they were found.

#include "io/plot_page.h"

#include "base/memory.h"

#include <math.h>
#include <stdio.h>

enum { MAX_BAR = 40, ROW = 24, NAME_ROOM = 190, LABEL_ROOM = 100 };

// indices 0..n-1 in falling order of key (not finite: last), at most MAX_BAR of them; returns how many
static int order_of(const double *key, int n, int order[MAX_BAR]) {
  int kept = 0;
  for (int i = 0; i < n; i++) {
    double k = isfinite(key[i]) ? key[i] : -INFINITY;
    int j = kept < MAX_BAR ? kept++ : MAX_BAR;
    for (; j > 0; j--) {
      double other = isfinite(key[order[j - 1]]) ? key[order[j - 1]] : -INFINITY;
      if (other >= k) break;
      if (j < MAX_BAR) order[j] = order[j - 1];
    }
    if (j < MAX_BAR) order[j] = i;
  }
  return kept;
}

static void line(cairo_t *cr, double x0, double y0, double x1, double y1) {
  cairo_move_to(cr, x0, y0);
  cairo_line_to(cr, x1, y1);
  cairo_stroke(cr);
}

static void left_out(int n, int shown, char text[64]) {
  text[0] = '\0';
  if (n > shown) snprintf(text, 64, " %d smaller ones are left out.", n - shown);
}

// name of a row, left of the picture
static void row_name(cairo_t *cr, double x, double y, const char *name) {
  wn_grey(cr, 0.1);
  double size = fmin(11, 11.0 * (NAME_ROOM - 8 - PAGE_MARGIN) / fmax(1, wn_text_width(cr, 11, name)));
  wn_text(cr, x - 8, y + 4, fmax(size, 7), WN_ALIGN_RIGHT, "%s", name);
}

// -- tornado

typedef struct tornado {
  const wn_plot_tornado *plot;
  int n, order[MAX_BAR];
  double bottom;
} tornado;

static void half_bar(cairo_t *cr, double base, double end, double y, int colour) {
  wn_colour(cr, colour);
  cairo_rectangle(cr, fmin(base, end), y - 7, fabs(end - base), 14);
  cairo_fill(cr);
}

// beside the end of a bar; inside the picture's room for labels
static void end_label(cairo_t *cr, double base, double end, double y, const char *text) {
  if (!text) return;
  wn_grey(cr, 0.25);
  bool right = end >= base;
  wn_text(cr, right ? end + 4 : end - 4, y + 3.2, 9, right ? WN_ALIGN_LEFT : WN_ALIGN_RIGHT, "%s", text);
}

static void tornado_row(const tornado *t, cairo_t *cr, const wn_axis *x, int row) {
  const wn_plot_tornado *plot = t->plot;
  int i = t->order[row];
  double y = PAGE_TOP + (row + 0.5) * ROW, base = wn_axis_at(x, plot->base);
  row_name(cr, NAME_ROOM, y, plot->name[i]);
  if (!isfinite(plot->low[i]) || !isfinite(plot->high[i])) {
    wn_grey(cr, 0.5);
    wn_text(cr, base + 6, y + 4, 9, WN_ALIGN_LEFT, "missing");
    return;
  }
  double low = wn_axis_at(x, plot->low[i]), high = wn_axis_at(x, plot->high[i]);
  // where both ends move the metric the same way the longer bar lies below
  bool high_first = fabs(high - base) > fabs(low - base);
  half_bar(cr, base, high_first ? high : low, y, high_first ? 1 : 0);
  half_bar(cr, base, high_first ? low : high, y, high_first ? 0 : 1);
  bool same_side = (low - base) * (high - base) > 0;
  if (!same_side || !high_first) end_label(cr, base, low, y, plot->low_label ? plot->low_label[i] : NULL);
  if (!same_side || high_first) end_label(cr, base, high, y, plot->high_label ? plot->high_label[i] : NULL);
}

static void draw_tornado(const void *context, cairo_t *cr) {
  const tornado *t = context;
  const wn_plot_tornado *plot = t->plot;
  char under[256], rest[64];
  left_out(plot->n_bar, t->n, rest);
  snprintf(under, sizeof under,
           "How far each input alone moves the metric: blue at its low end, orange at its high end.%s", rest);
  wn_page_title(cr, &plot->words, under);
  double low = plot->base, high = plot->base;
  for (int i = 0; i < t->n; i++) {
    double a = plot->low[t->order[i]], b = plot->high[t->order[i]];
    if (isfinite(a) && isfinite(b)) low = fmin(low, fmin(a, b)), high = fmax(high, fmax(a, b));
  }
  wn_axis x = wn_axis_fit(&plot->metric, low, high, 6, false);
  x.from = NAME_ROOM + (plot->low_label ? LABEL_ROOM : 20);
  x.to = PLOT_WIDTH - PAGE_MARGIN - (plot->high_label ? LABEL_ROOM : 20);
  wn_axis_draw_x(cr, &x, &plot->metric, PAGE_TOP, t->bottom, true);
  for (int row = 0; row < t->n; row++) tornado_row(t, cr, &x, row);
  wn_grey(cr, 0.1);
  cairo_set_line_width(cr, 1.2);
  double base = wn_axis_at(&x, plot->base);
  line(cr, base, PAGE_TOP - 4, base, t->bottom);
  char text[24];
  snprintf(text, sizeof text, "%.4g", plot->base);
  if (wn_axis_scale(&plot->metric) == WN_SCALE_CLOCK) wn_axis_text(&x, plot->base, text);
  wn_text(cr, base, PAGE_TOP - 7, 10, WN_ALIGN_CENTRE, "%s", text);
  wn_page_caption(cr, &plot->words, t->bottom + 46, true);
}

wn_status wn_plot_tornado_write(const wn_plot_tornado *plot, const char *path, wn_error *err) {
  WN_TRY(wn_page_check(path, err));
  double *span = wn_alloc(((size_t)plot->n_bar + 1) * sizeof *span);
  if (!span) return wn_fail_memory(err);
  for (int i = 0; i < plot->n_bar; i++) {
    double low = plot->low[i] - plot->base, high = plot->high[i] - plot->base;
    span[i] = fmax(fmax(low, high), 0) - fmin(fmin(low, high), 0);
    if (!isfinite(plot->low[i]) || !isfinite(plot->high[i])) span[i] = NAN;
  }
  tornado t = {.plot = plot};
  t.n = order_of(span, plot->n_bar, t.order);
  t.bottom = PAGE_TOP + t.n * ROW + 4;
  wn_free(span);
  return wn_page_write(path, PLOT_WIDTH, wn_page_height(&plot->words, t.bottom + 46), draw_tornado, &t, err);
}

// -- Sobol' indices

typedef struct indices {
  const wn_plot_indices *plot;
  int n, order[MAX_BAR];
  double bottom;
} indices;

static void interval(cairo_t *cr, const wn_axis *x, double value, double low, double high, double y, int colour) {
  if (!isfinite(value)) return;
  wn_colour(cr, colour);
  double at = wn_axis_at(x, value);
  if (isfinite(low) && isfinite(high)) {
    cairo_set_line_width(cr, 1.4);
    line(cr, wn_axis_at(x, low), y, wn_axis_at(x, high), y);
    line(cr, wn_axis_at(x, low), y - 3, wn_axis_at(x, low), y + 3);
    line(cr, wn_axis_at(x, high), y - 3, wn_axis_at(x, high), y + 3);
  }
  // a filled dot and an open square: told apart in grey, too
  if (colour == 0) {
    cairo_arc(cr, at, y, 4, 0, 2 * M_PI);
    cairo_fill(cr);
    return;
  }
  cairo_rectangle(cr, at - 3.5, y - 3.5, 7, 7);
  wn_grey(cr, 1);
  cairo_fill_preserve(cr);
  wn_colour(cr, colour);
  cairo_set_line_width(cr, 1.6);
  cairo_stroke(cr);
}

static void draw_indices(const void *context, cairo_t *cr) {
  const indices *t = context;
  const wn_plot_indices *plot = t->plot;
  static const wn_plot_axis what = {.name = "share of the metric's variance", .unit = "1"};
  char under[384], rest[64];
  left_out(plot->n_input, t->n, rest);
  snprintf(under, sizeof under,
           "Sobol\xe2\x80\x99 indices of %s with 95 %% intervals. Dots: by the input alone; squares: with its "
           "interactions.%s",
           plot->metric, rest);
  wn_page_title(cr, &plot->words, under);
  double low = 0, high = 1;
  for (int i = 0; i < t->n; i++) {
    int k = t->order[i];
    const double all[] = {plot->first[k],      plot->total[k],     plot->first_low[k],
                          plot->total_high[k], plot->total_low[k], plot->first_high[k]};
    for (size_t j = 0; j < sizeof all / sizeof *all; j++)
      if (isfinite(all[j])) low = fmin(low, all[j]), high = fmax(high, all[j]);
  }
  wn_axis x = wn_axis_fit(&what, low, high, 6, false);
  x.from = NAME_ROOM, x.to = PLOT_WIDTH - PAGE_MARGIN - 20.0;
  wn_axis_draw_x(cr, &x, &what, PAGE_TOP, t->bottom, true);
  cairo_set_line_width(cr, 1.2);
  line(cr, wn_axis_at(&x, 0), PAGE_TOP, wn_axis_at(&x, 0), t->bottom);
  for (int row = 0; row < t->n; row++) {
    int k = t->order[row];
    double y = PAGE_TOP + (row + 0.5) * ROW;
    row_name(cr, NAME_ROOM, y, plot->input[k]);
    interval(cr, &x, plot->first[k], plot->first_low[k], plot->first_high[k], y - 5, 0);
    interval(cr, &x, plot->total[k], plot->total_low[k], plot->total_high[k], y + 5, 1);
  }
  wn_page_caption(cr, &plot->words, t->bottom + 46, true);
}

wn_status wn_plot_indices_write(const wn_plot_indices *plot, const char *path, wn_error *err) {
  WN_TRY(wn_page_check(path, err));
  indices t = {.plot = plot};
  t.n = order_of(plot->total, plot->n_input, t.order);
  t.bottom = PAGE_TOP + t.n * ROW + 4;
  return wn_page_write(path, PLOT_WIDTH, wn_page_height(&plot->words, t.bottom + 46), draw_indices, &t, err);
}

// -- Morris

enum { MORRIS_HEIGHT = 420 };

static void draw_morris(const void *context, cairo_t *cr) {
  const wn_plot_morris *plot = context;
  double most = 0;
  for (int i = 0; i < plot->n_input; i++) {
    if (isfinite(plot->mu_star[i])) most = fmax(most, plot->mu_star[i]);
    if (isfinite(plot->sigma[i])) most = fmax(most, plot->sigma[i]);
  }
  char name[128], under[256];
  // effects are differences: a clock time's are hours
  wn_plot_axis metric = plot->metric;
  if (wn_axis_scale(&metric) == WN_SCALE_CLOCK) metric.unit = "h";
  metric.scale = WN_SCALE_LINEAR;
  wn_axis_name(&metric, name);
  snprintf(under, sizeof under,
           "Elementary effects on %s. Right: important. Above the line: the effect depends on where the inputs are.",
           name);
  wn_page_title(cr, &plot->words, under);
  wn_plot_axis across = {.name = "\xce\xbc*, mean size of the effect", .unit = metric.unit};
  wn_plot_axis up = {.name = "\xcf\x83, its spread", .unit = metric.unit};
  wn_axis x = wn_axis_fit(&across, 0, most, 6, true), y = wn_axis_fit(&up, 0, most, 6, true);
  double bottom = PAGE_TOP + MORRIS_HEIGHT;
  x.from = PLOT_LEFT, x.to = PLOT_WIDTH - PLOT_RIGHT, y.from = bottom, y.to = PAGE_TOP;
  wn_axis_draw_y(cr, &y, &up, x.from, x.to, true);
  wn_axis_draw_x(cr, &x, &across, PAGE_TOP, bottom, true);
  wn_grey(cr, 0.6);
  cairo_set_line_width(cr, 1);
  double equal = fmin(x.high, y.high);
  line(cr, x.from, bottom, wn_axis_at(&x, equal), wn_axis_at(&y, equal));
  for (int i = 0; i < plot->n_input; i++) {
    if (!isfinite(plot->mu_star[i]) || !isfinite(plot->sigma[i])) continue;
    double px = wn_axis_at(&x, plot->mu_star[i]), py = wn_axis_at(&y, plot->sigma[i]);
    wn_colour(cr, 0);
    cairo_arc(cr, px, py, 4, 0, 2 * M_PI);
    cairo_fill(cr);
    // near the origin names would cover each other
    if (plot->mu_star[i] < 0.04 * most && plot->sigma[i] < 0.04 * most) continue;
    wn_grey(cr, 0.1);
    wn_text(cr, px + 7, py - 4, 10, WN_ALIGN_LEFT, "%s", plot->input[i]);
  }
  wn_page_caption(cr, &plot->words, bottom + 46, true);
}

wn_status wn_plot_morris_write(const wn_plot_morris *plot, const char *path, wn_error *err) {
  WN_TRY(wn_page_check(path, err));
  return wn_page_write(path, PLOT_WIDTH, wn_page_height(&plot->words, PAGE_TOP + MORRIS_HEIGHT + 46), draw_morris, plot,
                       err);
}

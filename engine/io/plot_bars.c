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

// what it is, in small letters under the name
static void row_note(cairo_t *cr, double x, double y, const char *note) {
  wn_grey(cr, 0.4);
  double size = fmin(8.5, 8.5 * (NAME_ROOM - 8 - PAGE_MARGIN) / fmax(1, wn_text_width(cr, 8.5, note)));
  wn_text(cr, x - 8, y + 10, fmax(size, 6), WN_ALIGN_RIGHT, "%s", note);
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

enum { MOST_ARMS = 8, ARM_NAME = 26 };

typedef struct indices {
  const wn_plot_indices *plot;
  int n, order[MAX_BAR], n_arm;
  double block, bottom;  // height of an arm's block
} indices;

// what is not drawn of the arms
static void arms_left_out(int n, int shown, char text[64]) {
  text[0] = '\0';
  if (n > shown) snprintf(text, 64, " %d more arms are left out.", n - shown);
}

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

static void arm_name(cairo_t *cr, double x, double y, const char *name) {
  wn_grey(cr, 0.1);
  cairo_select_font_face(cr, "sans-serif", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_BOLD);
  wn_text(cr, x, y, 11, WN_ALIGN_LEFT, "%s", name);
  cairo_select_font_face(cr, "sans-serif", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
}

static void fit_indices(const indices *t, double *low, double *high) {
  const wn_plot_indices *plot = t->plot;
  *low = 0, *high = 1;
  for (int arm = 0; arm < t->n_arm; arm++)
    for (int i = 0; i < t->n; i++) {
      size_t k = (size_t)arm * (size_t)plot->n_input + (size_t)t->order[i];
      const double all[] = {plot->first[k],      plot->total[k],     plot->first_low[k],
                            plot->total_high[k], plot->total_low[k], plot->first_high[k]};
      for (size_t j = 0; j < sizeof all / sizeof *all; j++)
        if (isfinite(all[j])) *low = fmin(*low, all[j]), *high = fmax(*high, all[j]);
    }
}

static void draw_block(const indices *t, cairo_t *cr, const wn_axis *x, int arm) {
  const wn_plot_indices *plot = t->plot;
  double top = PAGE_TOP + arm * t->block + (plot->n_arm > 1 ? ARM_NAME : 0);
  if (plot->n_arm > 1) arm_name(cr, PAGE_MARGIN, top - 8, plot->arm_label[arm]);
  for (int row = 0; row < t->n; row++) {
    size_t k = (size_t)arm * (size_t)plot->n_input + (size_t)t->order[row];
    double y = top + (row + 0.5) * ROW;
    const char *note = plot->input_note ? plot->input_note[t->order[row]] : NULL;
    row_name(cr, NAME_ROOM, note && *note ? y - 3 : y, plot->input[t->order[row]]);
    if (note && *note) row_note(cr, NAME_ROOM, y, note);
    interval(cr, x, plot->first[k], plot->first_low[k], plot->first_high[k], y - 5, 0);
    interval(cr, x, plot->total[k], plot->total_low[k], plot->total_high[k], y + 5, 1);
    if (isfinite(plot->total[k])) continue;
    // (a metric that nothing moves has no variance to share out)
    wn_grey(cr, 0.5);
    wn_text(cr, wn_axis_at(x, 0) + 6, y + 4, 9, WN_ALIGN_LEFT, "%s",
            row ? "missing" : "missing: the metric does not vary, or has no value");
  }
}

static void draw_indices(const void *context, cairo_t *cr) {
  const indices *t = context;
  const wn_plot_indices *plot = t->plot;
  static const wn_plot_axis what = {.name = "share of the metric's variance", .unit = "1"};
  char under[384], rest[64], arms[64];
  left_out(plot->n_input, t->n, rest);
  arms_left_out(plot->n_arm, t->n_arm, arms);
  snprintf(under, sizeof under,
           "Sobol\xe2\x80\x99 indices of %s with 95 %% intervals. Dots: by the input alone; squares: with its "
           "interactions.%s%s",
           plot->metric, rest, arms);
  wn_page_title(cr, &plot->words, under);
  double low, high;
  fit_indices(t, &low, &high);
  wn_axis x = wn_axis_fit(&what, low, high, 6, false);
  x.from = NAME_ROOM, x.to = PLOT_WIDTH - PAGE_MARGIN - 20.0;
  wn_axis_draw_x(cr, &x, &what, PAGE_TOP, t->bottom, true);
  cairo_set_line_width(cr, 1.2);
  line(cr, wn_axis_at(&x, 0), PAGE_TOP, wn_axis_at(&x, 0), t->bottom);
  for (int arm = 0; arm < t->n_arm; arm++) draw_block(t, cr, &x, arm);
  wn_page_caption(cr, &plot->words, t->bottom + 46, true);
}

wn_status wn_plot_indices_write(const wn_plot_indices *plot, const char *path, wn_error *err) {
  WN_TRY(wn_page_check(path, err));
  double *most = wn_alloc_doubles((size_t)plot->n_input + 1);
  if (!most) return wn_fail_memory(err);
  indices t = {.plot = plot, .n_arm = plot->n_arm < MOST_ARMS ? plot->n_arm : MOST_ARMS};
  for (int i = 0; i < plot->n_input; i++) {
    most[i] = NAN;
    for (int arm = 0; arm < t.n_arm; arm++) most[i] = fmax(most[i], plot->total[arm * plot->n_input + i]);
  }
  t.n = order_of(most, plot->n_input, t.order);
  wn_free(most);
  t.block = t.n * ROW + (plot->n_arm > 1 ? ARM_NAME : 0);
  t.bottom = PAGE_TOP + t.n_arm * t.block + 4;
  return wn_page_write(path, PLOT_WIDTH, wn_page_height(&plot->words, t.bottom + 46), draw_indices, &t, err);
}

// -- Morris

enum { MORRIS_HEIGHT = 420, PANEL_HEIGHT = 300, PANEL_GAP = 84 };

typedef struct morris {
  const wn_plot_morris *plot;
  int n_arm, n_across;  // panels, and how many beside each other
  double most, height;  // of the values; of a panel
  bool is_still;        // all effects are 0
  wn_plot_axis across, up;
} morris;

static void draw_effects(const morris *t, cairo_t *cr, int arm, const wn_axis *x, const wn_axis *y) {
  const wn_plot_morris *plot = t->plot;
  for (int i = 0; i < plot->n_input; i++) {
    double mu_star = plot->mu_star[arm * plot->n_input + i], sigma = plot->sigma[arm * plot->n_input + i];
    if (!isfinite(mu_star) || !isfinite(sigma)) continue;
    double px = wn_axis_at(x, mu_star), py = wn_axis_at(y, sigma);
    wn_colour(cr, 0);
    cairo_arc(cr, px, py, 4, 0, 2 * M_PI);
    cairo_fill(cr);
    // near the origin names would cover each other
    if (mu_star <= 0.04 * t->most && sigma <= 0.04 * t->most) continue;
    wn_grey(cr, 0.1);
    bool inside = px + 7 + wn_text_width(cr, 10, plot->input[i]) < PLOT_WIDTH - PAGE_MARGIN;
    wn_text(cr, inside ? px + 7 : px - 7, py - 4, 10, inside ? WN_ALIGN_LEFT : WN_ALIGN_RIGHT, "%s", plot->input[i]);
  }
}

static double morris_top(const morris *t, int row) { return PAGE_TOP + 14 + row * (t->height + PANEL_GAP); }

static void draw_panel(const morris *t, cairo_t *cr, int arm) {
  double room = (PLOT_WIDTH - PAGE_MARGIN - (t->n_across > 1 ? 0.0 : PLOT_RIGHT)) / t->n_across;
  double top = morris_top(t, arm / t->n_across), bottom = top + t->height, left = arm % t->n_across * room;
  wn_axis x = wn_axis_fit(&t->across, 0, t->most, 6, true), y = wn_axis_fit(&t->up, 0, t->most, 6, true);
  x.from = left + PLOT_LEFT, x.to = left + room - (t->n_across > 1 ? 20 : 0), y.from = bottom, y.to = top;
  if (t->plot->n_arm > 1) arm_name(cr, x.from, top - 8, t->plot->arm_label[arm]);
  wn_axis_draw_y(cr, &y, &t->up, x.from, x.to, true);
  wn_axis_draw_x(cr, &x, &t->across, top, bottom, true);
  wn_grey(cr, 0.6);
  cairo_set_line_width(cr, 1);
  double equal = fmin(x.high, y.high);
  line(cr, x.from, bottom, wn_axis_at(&x, equal), wn_axis_at(&y, equal));
  draw_effects(t, cr, arm, &x, &y);
}

static double morris_bottom(const morris *t) {
  return morris_top(t, (t->n_arm + t->n_across - 1) / t->n_across) - PANEL_GAP;
}

static void draw_morris(const void *context, cairo_t *cr) {
  const morris *t = context;
  const wn_plot_morris *plot = t->plot;
  char name[128], under[384], arms[64];
  wn_plot_axis metric = plot->metric;
  metric.unit = t->across.unit;
  wn_axis_name(&metric, name);
  arms_left_out(plot->n_arm, t->n_arm, arms);
  snprintf(
      under, sizeof under,
      "Elementary effects on %s. Right: important. Above the line: the effect depends on where the inputs are.%s%s",
      name, t->is_still ? " No input moves it." : "", arms);
  wn_page_title(cr, &plot->words, under);
  for (int arm = 0; arm < t->n_arm; arm++) draw_panel(t, cr, arm);
  wn_page_caption(cr, &plot->words, morris_bottom(t) + 46, true);
}

wn_status wn_plot_morris_write(const wn_plot_morris *plot, const char *path, wn_error *err) {
  WN_TRY(wn_page_check(path, err));
  morris t = {.plot = plot, .n_arm = plot->n_arm < MOST_ARMS ? plot->n_arm : MOST_ARMS};
  for (int i = 0; i < t.n_arm * plot->n_input; i++) {
    if (isfinite(plot->mu_star[i])) t.most = fmax(t.most, plot->mu_star[i]);
    if (isfinite(plot->sigma[i])) t.most = fmax(t.most, plot->sigma[i]);
  }
  t.is_still = t.most == 0;
  if (t.is_still) t.most = 1;
  // effects are differences: a clock time's are hours
  const char *unit = wn_axis_scale(&plot->metric) == WN_SCALE_CLOCK ? "h" : plot->metric.unit;
  t.across = (wn_plot_axis){.name = "\xce\xbc*, mean size of the effect", .unit = unit};
  t.up = (wn_plot_axis){.name = "\xcf\x83, its spread", .unit = unit};
  t.n_across = t.n_arm > 1 ? 2 : 1;
  t.height = t.n_arm > 1 ? PANEL_HEIGHT : MORRIS_HEIGHT;
  return wn_page_write(path, PLOT_WIDTH, wn_page_height(&plot->words, morris_bottom(&t) + 46), draw_morris, &t, err);
}

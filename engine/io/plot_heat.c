// plot_heat.c - a metric over two inputs as colour, a panel for each arm, with lines of a second metric and hatching
// where a condition is not met. Must not know where the numbers come from.

#include "io/plot_heat.h"

#include "base/memory.h"

#include <math.h>
#include <stdio.h>

enum { MOST = 40, BINS = 24, MAX_ARM = 6, BAR_ROOM = 130, PANEL_GAP = 26, BELOW = 50, ABOVE = 20 };

size_t wn_heat_cell(const wn_heat *h, int arm, int y, int x) {
  return ((size_t)arm * (size_t)h->y.n + (size_t)y) * (size_t)h->x.n + (size_t)x;
}

// -- cells

// cell of a row, or -1
static long cell_of(const wn_heat *h, int row) {
  if (h->x.level[row] < 0 || h->y.level[row] < 0) return -1;
  return (long)wn_heat_cell(h, h->plot->arm[row], h->y.level[row], h->x.level[row]);
}

typedef struct sorted {
  int *start, *order;
  double *scratch;
} sorted;

static void sort_rows(const wn_heat *h, long n_cell, sorted *s) {
  int n = h->plot->n_row;
  for (int i = 0; i < n; i++)
    if (cell_of(h, i) >= 0) s->start[cell_of(h, i) + 1]++;
  for (long g = 0; g < n_cell; g++) s->start[g + 1] += s->start[g];
  for (int i = 0; i < n; i++)
    if (cell_of(h, i) >= 0) s->order[s->start[cell_of(h, i)]++] = i;
  for (long g = n_cell; g > 0; g--) s->start[g] = s->start[g - 1];
  s->start[0] = 0;
}

static double median_of(const double *value, const sorted *s, long cell, int *n_missing) {
  double quantile[5];
  int n = s->start[cell + 1] - s->start[cell], finite;
  for (int i = 0; i < n; i++) s->scratch[i] = value[s->order[s->start[cell] + i]];
  wn_quantiles_of(s->scratch, n, quantile, &finite);
  *n_missing += n - finite;
  return quantile[2];
}

static void fill_cells(wn_heat *h, long n_cell, const sorted *s) {
  const wn_plot_heat *plot = h->plot;
  int ignored = 0;
  h->low = h->contour_low = INFINITY, h->high = h->contour_high = -INFINITY;
  for (long g = 0; g < n_cell; g++) {
    int n = h->n_row[g] = s->start[g + 1] - s->start[g], met = 0;
    h->value[g] = median_of(plot->value, s, g, &h->n_missing);
    h->contour[g] = plot->contour_value ? median_of(plot->contour_value, s, g, &ignored) : NAN;
    for (int i = 0; i < n && plot->feasible; i++) met += plot->feasible[s->order[s->start[g] + i]] != 0;
    h->feasible[g] = n && plot->feasible ? (double)met / n : 1;
    if (isfinite(h->value[g])) h->low = fmin(h->low, h->value[g]), h->high = fmax(h->high, h->value[g]);
    if (!isfinite(h->contour[g])) continue;
    h->contour_low = fmin(h->contour_low, h->contour[g]), h->contour_high = fmax(h->contour_high, h->contour[g]);
  }
}

static wn_status prepare(wn_heat *h, wn_error *err) {
  const wn_plot_heat *plot = h->plot;
  size_t n_row = (size_t)plot->n_row;
  WN_TRY(wn_levels_make(&h->x, plot->x_value, plot->n_row, MOST, BINS, plot->x.scale == WN_SCALE_LOG, err));
  WN_TRY(wn_levels_make(&h->y, plot->y_value, plot->n_row, MOST, BINS, plot->y.scale == WN_SCALE_LOG, err));
  size_t n = (size_t)plot->n_arm * (size_t)h->x.n * (size_t)h->y.n;
  h->value = wn_alloc((n + 1) * sizeof *h->value);
  h->contour = wn_alloc((n + 1) * sizeof *h->contour);
  h->feasible = wn_alloc((n + 1) * sizeof *h->feasible);
  h->n_row = wn_alloc((n + 1) * sizeof *h->n_row);
  sorted s = {wn_alloc((n + 2) * sizeof *s.start), wn_alloc((n_row + 1) * sizeof *s.order),
              wn_alloc((n_row + 1) * sizeof *s.scratch)};
  bool ok = h->value && h->contour && h->feasible && h->n_row && s.start && s.order && s.scratch;
  if (ok) {
    sort_rows(h, (long)n, &s);
    fill_cells(h, (long)n, &s);
  }
  wn_free(s.start);
  wn_free(s.order);
  wn_free(s.scratch);
  return ok ? WN_OK : wn_fail_memory(err);
}

static void lay_out(wn_heat *h) {
  int n = h->plot->n_arm;
  h->n_column = n <= 3 ? n : (n + 1) / 2;
  h->n_line = (n + h->n_column - 1) / h->n_column;
  h->width = (PLOT_WIDTH - PLOT_LEFT - BAR_ROOM - (h->n_column - 1.0) * PANEL_GAP) / h->n_column;
  h->height = fmin(h->width, 400);
}

// -- colours

// viridis at ten points; between them it is close to straight
static void set_colour(cairo_t *cr, double share) {
  static const unsigned viridis[] = {0x440154, 0x482878, 0x3e4a89, 0x31688e, 0x26828e,
                                     0x1f9e89, 0x35b779, 0x6ece58, 0xb5de2b, 0xfde725};
  double at = 9 * fmin(1, fmax(0, share));
  int i = at >= 9 ? 8 : (int)at;
  double rgb[3];
  for (int k = 0; k < 3; k++) {
    int shift = 16 - 8 * k;
    double a = viridis[i] >> shift & 255, b = viridis[i + 1] >> shift & 255;
    rgb[k] = (a + (b - a) * (at - i)) / 255;
  }
  cairo_set_source_rgb(cr, rgb[0], rgb[1], rgb[2]);
}

static wn_axis colour_axis(const wn_heat *h) {
  wn_axis a = wn_axis_fit(&h->plot->metric, h->low, h->high, 6, false);
  a.from = 0, a.to = 1;
  return a;
}

// -- drawing

static void cell_path(const wn_heat *h, cairo_t *cr, const wn_axis *x, const wn_axis *y, int j, int i, double more) {
  double x0 = wn_axis_at(x, h->x.edge[i]), x1 = wn_axis_at(x, h->x.edge[i + 1]);
  double y0 = wn_axis_at(y, h->y.edge[j]), y1 = wn_axis_at(y, h->y.edge[j + 1]);
  cairo_rectangle(cr, x0, y1 - more, x1 - x0 + more, y0 - y1 + more);
}

static void draw_cells(const wn_heat *h, cairo_t *cr, int arm, const wn_axis *x, const wn_axis *y) {
  wn_axis colours = colour_axis(h);
  for (int j = 0; j < h->y.n; j++)
    for (int i = 0; i < h->x.n; i++) {
      size_t cell = wn_heat_cell(h, arm, j, i);
      if (h->n_row[cell] == 0) continue;
      if (isfinite(h->value[cell])) {
        set_colour(cr, wn_axis_at(&colours, h->value[cell]));
        // a little larger, so that no seams are seen between them
        cell_path(h, cr, x, y, j, i, 0.6);
        cairo_fill(cr);
        continue;
      }
      wn_grey(cr, 0.5);
      double cx = wn_axis_at(x, h->x.value[i]), cy = wn_axis_at(y, h->y.value[j]);
      cairo_move_to(cr, cx - 3, cy - 3), cairo_line_to(cr, cx + 3, cy + 3);
      cairo_move_to(cr, cx - 3, cy + 3), cairo_line_to(cr, cx + 3, cy - 3);
      cairo_set_line_width(cr, 1);
      cairo_stroke(cr);
    }
}

// white lines, and thin dark ones beside them: seen on every colour
static void draw_hatching(const wn_heat *h, cairo_t *cr, int arm, const wn_axis *x, const wn_axis *y) {
  bool some = false;
  cairo_save(cr);
  for (int j = 0; j < h->y.n; j++)
    for (int i = 0; i < h->x.n; i++)
      if (isfinite(h->value[wn_heat_cell(h, arm, j, i)]) && h->feasible[wn_heat_cell(h, arm, j, i)] < 0.5) {
        cell_path(h, cr, x, y, j, i, 0);
        some = true;
      }
  if (some) {
    cairo_clip(cr);
    for (int pass = 0; pass < 2; pass++) {
      cairo_set_source_rgba(cr, !pass, !pass, !pass, pass ? 0.5 : 0.75);
      cairo_set_line_width(cr, pass ? 0.6 : 1.6);
      for (double at = x->from - h->height; at < x->to; at += 8) {
        cairo_move_to(cr, at + (pass ? 1.3 : 0), y->from);
        cairo_line_to(cr, at + (pass ? 1.3 : 0) + h->height, y->from - h->height);
      }
      cairo_stroke(cr);
    }
  }
  cairo_new_path(cr);
  cairo_restore(cr);
}

static void draw_best(const wn_heat *h, cairo_t *cr, const wn_axis *x, const wn_axis *y) {
  double at_x = wn_axis_at(x, h->plot->best_x), at_y = wn_axis_at(y, h->plot->best_y);
  for (int pass = 0; pass < 2; pass++) {
    wn_grey(cr, pass ? 0 : 1);
    cairo_set_line_width(cr, pass ? 1.8 : 4.5);
    cairo_new_sub_path(cr);
    cairo_arc(cr, at_x, at_y, 7, 0, 2 * M_PI);
    cairo_stroke(cr);
  }
}

static void draw_panel(const wn_heat *h, cairo_t *cr, int arm) {
  const wn_plot_heat *plot = h->plot;
  int column = arm % h->n_column, across = arm / h->n_column;
  double left = PLOT_LEFT + column * (h->width + PANEL_GAP);
  double top = PAGE_TOP + ABOVE + across * (h->height + BELOW + ABOVE), bottom = top + h->height;
  int ticks = h->n_column > 2 ? 4 : h->n_column > 1 ? 5 : 8;
  wn_axis x = wn_axis_fit(&plot->x, h->x.edge[0], h->x.edge[h->x.n], ticks, false);
  wn_axis y = wn_axis_fit(&plot->y, h->y.edge[0], h->y.edge[h->y.n], 6, false);
  x.from = left, x.to = left + h->width, y.from = bottom, y.to = top;
  cairo_save(cr);
  cairo_rectangle(cr, left, top, h->width, h->height);
  cairo_clip(cr);
  draw_cells(h, cr, arm, &x, &y);
  if (plot->feasible) draw_hatching(h, cr, arm, &x, &y);
  if (plot->contour_value) wn_heat_contours(h, cr, arm, &x, &y);
  if (plot->has_best) draw_best(h, cr, &x, &y);
  cairo_restore(cr);
  wn_grey(cr, 0.2);
  cairo_set_line_width(cr, 0.8);
  cairo_rectangle(cr, left, top, h->width, h->height);
  cairo_stroke(cr);
  wn_axis_draw_x(cr, &x, &plot->x, top, bottom, false);
  if (column == 0) wn_axis_draw_y(cr, &y, &plot->y, left, left, false);
  wn_grey(cr, 0.1);
  if (plot->arm_label) wn_text(cr, left, top - 6, 11, WN_ALIGN_LEFT, "%s", plot->arm_label[arm]);
}

static void draw_bar(const wn_heat *h, cairo_t *cr) {
  double left = PLOT_WIDTH - BAR_ROOM + 22, top = PAGE_TOP + ABOVE, height = h->height;
  for (int i = 0; i < 200; i++) {
    set_colour(cr, (i + 0.5) / 200);
    cairo_rectangle(cr, left, top + height * (1 - (i + 1) / 200.0), 14, height / 200 + 0.6);
    cairo_fill(cr);
  }
  wn_axis a = colour_axis(h);
  a.from = top + height, a.to = top;
  double tick[WN_MAX_TICK], widest = 0;
  int n = wn_axis_ticks(&a, tick);
  wn_grey(cr, 0.2);
  cairo_set_line_width(cr, 0.8);
  for (int i = 0; i < n; i++) {
    char text[24];
    double y = wn_axis_at(&a, tick[i]);
    cairo_move_to(cr, left + 14, y);
    cairo_line_to(cr, left + 18, y);
    cairo_stroke(cr);
    wn_axis_text(&a, tick[i], text);
    wn_text(cr, left + 21, y + 3.5, 10, WN_ALIGN_LEFT, "%s", text);
    widest = fmax(widest, wn_text_width(cr, 10, text));
  }
  char name[128];
  wn_axis_name(&h->plot->metric, name);
  cairo_save(cr);
  cairo_translate(cr, left + 21 + widest + 16, top + height / 2);
  cairo_rotate(cr, -M_PI / 2);
  wn_grey(cr, 0.1);
  wn_text(cr, 0, 0, fmax(7, fmin(12, 12 * height / fmax(1, wn_text_width(cr, 12, name)))), WN_ALIGN_CENTRE, "%s", name);
  cairo_restore(cr);
}

static double bottom_of(const wn_heat *h) {
  return PAGE_TOP + h->n_line * (h->height + BELOW + ABOVE) - (h->plot->n_arm ? 0 : BELOW);
}

static void draw(const void *context, cairo_t *cr) {
  const wn_heat *h = context;
  const wn_plot_heat *plot = h->plot;
  char under[512], lines[160] = "", hatched[160] = "", missing[64] = "", name[128];
  if (plot->contour_value) {
    wn_axis_name(&plot->contour, name);
    snprintf(lines, sizeof lines, " Lines: %s.", name);
  }
  if (plot->feasible) snprintf(hatched, sizeof hatched, " Hatched: not \xe2\x80\x9c%s\xe2\x80\x9d.", plot->condition);
  if (h->n_missing) snprintf(missing, sizeof missing, " %d values are missing.", h->n_missing);
  snprintf(under, sizeof under, "%d simulations.%s%s%s%s%s", plot->n_row,
           plot->n_row > plot->n_arm * h->x.n * h->y.n ? " Colour: the median of a cell." : "", lines, hatched,
           plot->has_best ? " Ring: the best point found." : "", missing);
  wn_page_title(cr, &plot->words, under);
  for (int arm = 0; arm < plot->n_arm && h->x.n && h->y.n; arm++) draw_panel(h, cr, arm);
  draw_bar(h, cr);
  wn_page_caption(cr, &plot->words, bottom_of(h), true);
}

wn_status wn_plot_heat_write(const wn_plot_heat *plot, const char *path, wn_error *err) {
  WN_TRY(wn_page_check(path, err));
  if (plot->n_arm < 1 || plot->n_arm > MAX_ARM)
    return wn_fail(err, WN_ERR_USER, "--plot: expected 1 to %d arms on maps, got %d", MAX_ARM, plot->n_arm);
  wn_heat h = {.plot = plot};
  wn_status status = prepare(&h, err);
  lay_out(&h);
  double height = wn_page_height(&plot->words, bottom_of(&h));
  if (!status) status = wn_page_write(path, PLOT_WIDTH, height, draw, &h, err);
  wn_levels_free(&h.x);
  wn_levels_free(&h.y);
  wn_free(h.value);
  wn_free(h.contour);
  wn_free(h.feasible);
  wn_free(h.n_row);
  return status;
}

// plot_spread.c - metrics against one input: medians in bands of 50 and 90 %, a strip for each metric. Must not know
// where the numbers come from.

#include "io/plot_groups.h"
#include "io/plot_page.h"

#include "base/memory.h"

#include <math.h>
#include <stdio.h>

enum { MOST_X = 60, BINS = 30, MAX_METRIC = 8, MAX_ARM = 64, STRIP = 190, GAP = 34 };

typedef struct picture {
  const wn_plot_spread *plot;
  wn_levels x;
  double *quantile;  // [n_metric][n_arm][n_x][5]
  int n_missing;     // rows with a metric that is not finite, of all metrics
  bool many;         // some group has several rows: bands
  bool binned;
} picture;

static double *quantile_at(const picture *p, int metric, int arm, int level) {
  return p->quantile + (((size_t)metric * (size_t)p->plot->n_arm + (size_t)arm) * (size_t)p->x.n + (size_t)level) * 5;
}

// rows in the order of their groups: start[group] .. start[group + 1]
static void sort_rows(const picture *p, int *start, int *order) {
  const wn_plot_spread *plot = p->plot;
  int n_group = plot->n_arm * p->x.n;
  for (int i = 0; i < plot->n_row; i++)
    if (p->x.level[i] >= 0) start[plot->arm[i] * p->x.n + p->x.level[i] + 1]++;
  for (int g = 0; g < n_group; g++) start[g + 1] += start[g];
  for (int i = 0; i < plot->n_row; i++)
    if (p->x.level[i] >= 0) order[start[plot->arm[i] * p->x.n + p->x.level[i]]++] = i;
  for (int g = n_group; g > 0; g--) start[g] = start[g - 1];
  start[0] = 0;
}

static void summarise(picture *p, const int *start, const int *order, double *scratch) {
  for (int m = 0; m < p->plot->n_metric; m++)
    for (int g = 0; g < p->plot->n_arm * p->x.n; g++) {
      int n = start[g + 1] - start[g], finite;
      for (int i = 0; i < n; i++) scratch[i] = p->plot->value[m][order[start[g] + i]];
      wn_quantiles_of(scratch, n, quantile_at(p, m, g / p->x.n, g % p->x.n), &finite);
      p->n_missing += n - finite;
      p->many |= n > 1;
    }
}

static wn_status prepare(picture *p, wn_error *err) {
  const wn_plot_spread *plot = p->plot;
  bool log_scale = plot->x.scale == WN_SCALE_LOG;
  WN_TRY(wn_levels_make(&p->x, plot->x_value, plot->n_row, MOST_X, BINS, log_scale, err));
  size_t n_group = (size_t)plot->n_arm * (size_t)p->x.n;
  p->quantile = wn_alloc(((size_t)plot->n_metric * n_group + 1) * 5 * sizeof *p->quantile);
  int *start = wn_alloc((n_group + 2) * sizeof *start);
  int *order = wn_alloc(((size_t)plot->n_row + 1) * sizeof *order);
  double *scratch = wn_alloc(((size_t)plot->n_row + 1) * sizeof *scratch);
  bool ok = p->quantile && start && order && scratch;
  if (ok) {
    sort_rows(p, start, order);
    summarise(p, start, order, scratch);
    for (int i = 0; i < plot->n_row && !p->binned; i++)
      p->binned = p->x.level[i] >= 0 && plot->x_value[i] != p->x.value[p->x.level[i]];
  }
  wn_free(start);
  wn_free(order);
  wn_free(scratch);
  return ok ? WN_OK : wn_fail_memory(err);
}

static double strip_top(int metric) { return PAGE_TOP + metric * (STRIP + (double)GAP); }

static wn_axis fit_y(const picture *p, int metric) {
  double low = INFINITY, high = -INFINITY;
  for (int arm = 0; arm < p->plot->n_arm; arm++)
    for (int i = 0; i < p->x.n; i++) {
      const double *q = quantile_at(p, metric, arm, i);
      if (isfinite(q[2])) low = fmin(low, q[0]), high = fmax(high, q[4]);
    }
  const wn_plot_axis *what = &p->plot->metric[metric];
  // from 0 unless that would flatten what there is to see
  if (wn_axis_scale(what) == WN_SCALE_LINEAR && low > 0 && low < 0.7 * high) low = 0;
  wn_axis y = wn_axis_fit(what, low, high, 4, true);
  y.to = strip_top(metric) + 10, y.from = strip_top(metric) + STRIP;
  return y;
}

static void band(const picture *p, cairo_t *cr, const wn_axis *x, const wn_axis *y, int metric, int arm, int low,
                 int high) {
  // parts between groups without values
  for (int from = 0, to; from < p->x.n; from = to + 1) {
    for (to = from; to < p->x.n && isfinite(quantile_at(p, metric, arm, to)[2]);) to++;
    for (int i = from; i < to; i++)
      cairo_line_to(cr, wn_axis_at(x, p->x.value[i]), wn_axis_at(y, quantile_at(p, metric, arm, i)[low]));
    for (int i = to - 1; i >= from; i--)
      cairo_line_to(cr, wn_axis_at(x, p->x.value[i]), wn_axis_at(y, quantile_at(p, metric, arm, i)[high]));
    if (to > from) cairo_close_path(cr);
  }
  wn_colour_light(cr, arm);
  cairo_fill(cr);
}

static void median(const picture *p, cairo_t *cr, const wn_axis *x, const wn_axis *y, int metric, int arm) {
  bool pen_down = false;
  for (int i = 0; i < p->x.n; i++) {
    double v = quantile_at(p, metric, arm, i)[2];
    if (isfinite(v) && pen_down) cairo_line_to(cr, wn_axis_at(x, p->x.value[i]), wn_axis_at(y, v));
    if (isfinite(v) && !pen_down) cairo_move_to(cr, wn_axis_at(x, p->x.value[i]), wn_axis_at(y, v));
    pen_down = isfinite(v);
  }
  wn_colour(cr, arm);
  wn_dash(cr, arm);
  cairo_set_line_width(cr, 2);
  cairo_stroke(cr);
  cairo_set_dash(cr, NULL, 0, 0);
  // the simulated points, where they are few enough to be seen
  for (int i = 0; i < p->x.n && p->x.n <= 25; i++) {
    double v = quantile_at(p, metric, arm, i)[2];
    if (!isfinite(v)) continue;
    cairo_new_sub_path(cr);
    cairo_arc(cr, wn_axis_at(x, p->x.value[i]), wn_axis_at(y, v), 2.6, 0, 2 * M_PI);
  }
  cairo_fill(cr);
}

static void strip(const picture *p, cairo_t *cr, const wn_axis *x, int metric) {
  const wn_plot_spread *plot = p->plot;
  wn_axis y = fit_y(p, metric);
  double end[MAX_ARM];
  wn_axis_draw_y(cr, &y, &plot->metric[metric], x->from, x->to, true);
  const char *note = plot->metric[metric].note;
  if (note && *note) wn_text(cr, x->from, y.to - 7, 10.5, WN_ALIGN_LEFT, "%s", note);
  int n_arm = plot->n_arm < MAX_ARM ? plot->n_arm : MAX_ARM;
  for (int arm = 0; arm < n_arm && p->many; arm++) {
    band(p, cr, x, &y, metric, arm, 0, 4);
    band(p, cr, x, &y, metric, arm, 1, 3);
  }
  for (int arm = 0; arm < n_arm; arm++) {
    median(p, cr, x, &y, metric, arm);
    int last = p->x.n - 1;
    while (last > 0 && !isfinite(quantile_at(p, metric, arm, last)[2])) last--;
    double v = p->x.n ? quantile_at(p, metric, arm, last)[2] : NAN;
    end[arm] = isfinite(v) ? wn_axis_at(&y, v) : NAN;
  }
  wn_page_labels(cr, x->to, end, plot->arm_label, n_arm, y.to + 2, y.from);
}

static void draw(const void *context, cairo_t *cr) {
  const picture *p = context;
  const wn_plot_spread *plot = p->plot;
  char under[256], missing[64] = "";
  if (p->n_missing) snprintf(missing, sizeof missing, " %d values are missing.", p->n_missing);
  snprintf(under, sizeof under, "%d simulations.%s%s%s", plot->n_row,
           p->many ? " Lines: medians; bands hold 50 and 90 % of the simulations." : "",
           p->binned ? " Inputs are grouped in bins." : "", missing);
  wn_page_title(cr, &plot->words, under);
  wn_axis x = wn_axis_fit(&plot->x, p->x.n ? p->x.value[0] : 0, p->x.n ? p->x.value[p->x.n - 1] : 1, 8, false);
  x.from = PLOT_LEFT, x.to = PLOT_WIDTH - PLOT_RIGHT;
  for (int m = 0; m < plot->n_metric; m++) strip(p, cr, &x, m);
  double bottom = strip_top(plot->n_metric - 1) + STRIP;
  wn_axis_draw_x(cr, &x, &plot->x, PAGE_TOP, bottom, false);
  wn_page_caption(cr, &plot->words, bottom + 46, true);
}

wn_status wn_plot_spread_write(const wn_plot_spread *plot, const char *path, wn_error *err) {
  WN_TRY(wn_page_check(path, err));
  if (plot->n_metric < 1 || plot->n_metric > MAX_METRIC)
    return wn_fail(err, WN_ERR_USER, "--plot: expected 1 to %d metrics, got %d", MAX_METRIC, plot->n_metric);
  picture p = {.plot = plot};
  wn_status status = prepare(&p, err);
  double height = wn_page_height(&plot->words, strip_top(plot->n_metric - 1) + STRIP + 46);
  if (!status) status = wn_page_write(path, PLOT_WIDTH, height, draw, &p, err);
  wn_levels_free(&p.x);
  wn_free(p.quantile);
  return status;
}

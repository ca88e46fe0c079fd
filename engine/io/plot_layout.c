// plot_layout.c - where everything goes: the strips, their y axes, the shown span. Draws nothing.

#include "io/plot_internal.h"

#include <math.h>

double wn_picture_x(const wn_picture *p, double time) {
  return p->left + (p->right - p->left) * (time - p->from) / (p->to - p->from);
}

double wn_strip_y(const wn_strip *s, double value) {
  return s->bottom - (s->bottom - s->top) * (value - s->low) / (s->high - s->low);
}

double wn_picture_value(const wn_picture *p, int series, int output, int k) {
  const double *value = wn_result_output(p->r, series, output);
  return value ? value[k] : NAN;
}

void wn_picture_range(const wn_picture *p, int *first, int *last) {
  const wn_result *r = p->r;
  *first = 0, *last = r->n_time - 1;
  while (*first < *last && r->time[*first] < p->from - 1e-9) ++*first;
  while (*last > *first && r->time[*last] > p->to + 1e-9) --*last;
}

// 1, 2 or 5 times a power of ten, so that about `n` ticks cover the span
static double nice_step(double span, int n) {
  double raw = span / n, power = pow(10, floor(log10(raw)));
  double rest = raw / power;
  return power * (rest <= 1 ? 1 : rest <= 2 ? 2 : rest <= 5 ? 5 : 10);
}

// least and largest value that is drawn
static void find_range(const wn_picture *p, const wn_strip *s, double *low, double *high) {
  int first, last;
  wn_picture_range(p, &first, &last);
  for (int arm = 0; s->band && arm < p->n_arm; arm++)
    for (int i = 0; i < s->band[arm].n; i++)
      *low = fmin(*low, s->band[arm].low[i]), *high = fmax(*high, s->band[arm].high[i]);
  for (int i = 0; !s->band && i < p->r->n_series; i++)
    for (int k = first; k <= last; k++) {
      double v = wn_picture_value(p, i, s->output, k);
      if (isfinite(v)) *low = fmin(*low, v), *high = fmax(*high, v);
    }
}

// the y axis holds all values shown and the thresholds, and starts at 0 unless that would flatten the curves
static void fit_axis(const wn_picture *p, wn_strip *s) {
  double low = INFINITY, high = -INFINITY;
  find_range(p, s, &low, &high);
  for (int w = 0; w < s->n_window; w++) {
    const wn_window_def *window = &p->r->scenario->window[s->window[w]];
    if (!window->baseline) low = fmin(low, window->threshold), high = fmax(high, window->threshold);
  }
  if (!(low <= high)) low = 0, high = 1;
  if (low > 0 && low < 0.7 * high) low = 0;
  if (low < 0 && low > -1e-6 * high) low = 0;
  if (!(high - low > 1e-9 * fabs(high))) high = low + (low != 0 ? 0.1 * fabs(low) : 1);
  s->step = nice_step(high - low, 4);
  s->low = floor(low / s->step + 1e-9) * s->step;
  s->high = ceil(high / s->step - 1e-9) * s->step;
}

static wn_status add_strip(wn_picture *p, int output, double *y, wn_error *err) {
  const wn_scenario *scenario = p->r->scenario;
  wn_strip *s = &p->strip[p->n_strip++];
  *s = (wn_strip){.output = output, .top = *y, .bottom = *y + PLOT_STRIP};
  for (int w = 0; w < scenario->n_window; w++)
    if (scenario->window[w].output == output && s->n_window < 8) s->window[s->n_window++] = w;
  s->lanes = s->bottom + 5;
  WN_TRY(wn_picture_bands(p, s, err));
  fit_axis(p, s);
  *y = s->lanes + s->n_window * (p->n_arm * PLOT_LANE + 4.0) + PLOT_GAP;
  return WN_OK;
}

wn_status wn_picture_layout(wn_picture *p, wn_error *err) {
  const wn_scenario *scenario = p->r->scenario;
  p->left = PLOT_LEFT, p->right = PLOT_WIDTH - PLOT_RIGHT;
  p->from = scenario->plot_from, p->to = scenario->plot_to;
  if (!(p->to > p->from)) p->from = scenario->t_start, p->to = scenario->t_end;
  p->top = 72;
  p->daily = p->to - p->from > 21 * 24;
  double y = p->top + 27;
  p->n_strip = 0;
  for (int i = 0; i < scenario->n_watch && p->n_strip < 16; i++) WN_TRY(add_strip(p, scenario->watch[i], &y, err));
  p->bottom = y - PLOT_GAP + 6;
  return WN_OK;
}

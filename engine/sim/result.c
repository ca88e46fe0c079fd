// result.c - the columns of a run: looked up and given back. Invariant: metrics are sorted by series. It must not know
// how a run is made.

#include "sim/result.h"

#include <assert.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

static_assert(offsetof(wn_metric, series) == 0 && offsetof(wn_window, series) == 0, "rows begin with their series");

void wn_result_destroy(wn_result *result) {
  if (!result) return;
  wn_free(result->series);
  wn_free(result->time);
  wn_free(result->value);
  WN_ARRAY_FREE(&result->windows);
  WN_ARRAY_FREE(&result->metrics);
  wn_arena_destroy(result->arena);
  wn_free(result);
}

int wn_result_seconds(const wn_result *result) {
  int n = 0;
  for (int i = 0; i < result->n_series; i++) n += result->series[i].second != NULL;
  return n;
}

void wn_result_seconds_words(const wn_result *result, char words[160]) {
  const int n = wn_result_seconds(result);
  words[0] = 0;
  for (int i = 0; n && i < result->n_series && !*words; i++)
    if (result->series[i].second)
      snprintf(words, 160, "%d of %d simulations solved by %s where %s gave up", n, result->n_series,
               result->series[i].second, result->solver);
}

const double *wn_result_output(const wn_result *result, int series, int output) {
  const wn_scenario *s = result->scenario;
  int column = result->kept == WN_KEEP_ALL ? s->model->n_state + output : -1;
  for (int i = 0; result->kept == WN_KEEP_WATCHED && i < s->n_watch; i++)
    if (s->watch[i] == output) column = i;
  if (column < 0) return NULL;
  size_t row = (size_t)series * (size_t)result->n_column + (size_t)column;
  return result->value + row * (size_t)result->n_time;
}

// first of n rows, sorted by series, whose series is at least `series`; a row begins with its series
static int lower_bound(const void *rows, int n, size_t size, int series) {
  int lo = 0, hi = n;
  while (lo < hi) {
    int middle = lo + (hi - lo) / 2;
    if (*(const int *)((const char *)rows + (size_t)middle * size) < series) {
      lo = middle + 1;
    } else {
      hi = middle;
    }
  }
  return lo;
}

const wn_metric *wn_result_metrics(const wn_result *result, int series, int *n) {
  const wn_metric *all = result->metrics.data;
  int from = lower_bound(all, result->metrics.n, sizeof *all, series);
  *n = lower_bound(all, result->metrics.n, sizeof *all, series + 1) - from;
  return *n > 0 ? all + from : NULL;
}

const wn_window *wn_result_windows(const wn_result *result, int series, int *n) {
  const wn_window *all = result->windows.data;
  int from = lower_bound(all, result->windows.n, sizeof *all, series);
  *n = lower_bound(all, result->windows.n, sizeof *all, series + 1) - from;
  return *n > 0 ? all + from : NULL;
}

const wn_metric *wn_result_find(const wn_result *result, int series, const char *quantity, const char *of, int day) {
  int n;
  const wn_metric *metric = wn_result_metrics(result, series, &n);
  for (int i = 0; i < n; i++, metric++)
    if (metric->day == day && strcmp(metric->quantity, quantity) == 0 && strcmp(metric->of, of) == 0) return metric;
  return NULL;
}

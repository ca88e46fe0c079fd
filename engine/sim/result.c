// result.c - the columns of a run: looked up and given back. Invariant: metrics are sorted by series. It must not know
// how a run is made.

#include "sim/result.h"

#include <string.h>

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

const double *wn_result_output(const wn_result *result, int series, int output) {
  const wn_scenario *s = result->scenario;
  int column = result->kept == WN_KEEP_ALL ? s->model->n_state + output : -1;
  for (int i = 0; result->kept == WN_KEEP_WATCHED && i < s->n_watch; i++)
    if (s->watch[i] == output) column = i;
  if (column < 0) return NULL;
  size_t row = (size_t)series * (size_t)result->n_column + (size_t)column;
  return result->value + row * (size_t)result->n_time;
}

const wn_metric *wn_result_find(const wn_result *result, int series, const char *quantity, const char *of, int day) {
  int lo = 0, hi = result->metrics.n;
  while (lo < hi) {
    int middle = lo + (hi - lo) / 2;
    if (result->metrics.data[middle].series < series) {
      lo = middle + 1;
    } else {
      hi = middle;
    }
  }
  for (; lo < result->metrics.n && result->metrics.data[lo].series == series; lo++) {
    const wn_metric *metric = &result->metrics.data[lo];
    if (metric->day == day && strcmp(metric->quantity, quantity) == 0 && strcmp(metric->of, of) == 0) return metric;
  }
  return NULL;
}

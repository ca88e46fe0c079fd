// indices.c - see indices.h. Invariant: every estimate is a function of sums over base rows, so that bootstrap.c can
// resample them. Must not know where results come from.

#include "sweep/indices.h"

#include "base/memory.h"
#include "sweep/bootstrap.h"
#include "sweep/morris.h"

#include <float.h>
#include <math.h>

enum { LEAST_ROWS = 4, SUMS_PER_INPUT = 3 };

// Sums of a group: how many rows, then (sobol) of f and f^2 over A and B; then three for each input.
enum { ROWS, VALUES, SQUARES, COMMON };

typedef struct wn_tally {
  const double *result;
  wn_sensitivity kind;
  wn_morris morris;
  int n_input, per_row, n_group, n_sum;
  int64_t n_row, n_lost;
  double *sum;    // [n_group][n_sum]
  double *shift;  // [n_input] taken off what is squared, so that little is lost: the mean; for Morris of each input's
                  // effects
  double tiny;    // a variance below this is rounding
} wn_tally;

wn_indices_def wn_indices_of(const wn_design *design) {
  return (wn_indices_def){.kind = wn_design_sensitivity(design),
                          .n_input = wn_design_n_input(design),
                          .n_row = wn_design_n_draw(design),
                          .seed = wn_design_seed(design),
                          .n_level = wn_design_n_level(design)};
}

int wn_indices_n(const wn_indices_def *def) {
  return def->n_input * (def->kind == WN_SENSITIVITY_SOBOL ? 2 : def->kind == WN_SENSITIVITY_MORRIS ? 3 : 0);
}

static int per_row(const wn_indices_def *def) { return def->n_input + (def->kind == WN_SENSITIVITY_SOBOL ? 2 : 1); }

int64_t wn_indices_n_point(const wn_indices_def *def) { return def->n_row * per_row(def); }

// the results of a base row, or NULL when one of them is missing
static const double *row_of(const wn_tally *tally, int64_t row) {
  const double *f = &tally->result[row * tally->per_row];
  for (int i = 0; i < tally->per_row; i++)
    if (!isfinite(f[i])) return NULL;
  return f;
}

static double *group_of(const wn_tally *tally, int64_t row) {
  int64_t group = row * tally->n_group / tally->n_row;
  return &tally->sum[group * tally->n_sum];
}

// -- Sobol' ---------------------------------------------------------------------------------------------------------

static void center_sobol(wn_tally *tally) {
  double sum = 0, largest = 0;
  int64_t n = 0;
  for (int64_t r = 0; r < tally->n_row; r++) {
    const double *f = row_of(tally, r);
    if (!f) continue;
    sum += f[0] + f[1], n += 2;
    largest = fmax(largest, fmax(fabs(f[0]), fabs(f[1])));
  }
  tally->shift[0] = n ? sum / (double)n : 0;
  tally->tiny = pow(8 * DBL_EPSILON * largest, 2);
}

static void add_sobol(const wn_tally *tally, const double *f, double *sum) {
  double a = f[0] - tally->shift[0], b = f[1] - tally->shift[0];
  sum[VALUES] += a + b;
  sum[SQUARES] += a * a + b * b;
  for (int i = 0; i < tally->n_input; i++) {
    double *s = &sum[COMMON + SUMS_PER_INPUT * i], change = f[2 + i] - f[0];
    s[0] += b * change;
    s[1] += change;
    s[2] += change * change;
  }
}

static void estimate_sobol(const void *context, const double *sum, double *out) {
  const wn_tally *tally = context;
  double n = sum[ROWS], mean = sum[VALUES] / (2 * n), variance = sum[SQUARES] / (2 * n) - mean * mean;
  bool known = n >= LEAST_ROWS && variance > tally->tiny;
  for (int i = 0; i < tally->n_input; i++) {
    const double *s = &sum[COMMON + SUMS_PER_INPUT * i];
    out[2 * i] = known ? (s[0] - mean * s[1]) / n / variance : NAN;
    out[2 * i + 1] = known ? s[2] / (2 * n) / variance : NAN;
  }
}

// -- Morris ---------------------------------------------------------------------------------------------------------

// the elementary effects of a trajectory -> effect [n_input]
static void effects_of(const wn_tally *tally, int64_t row, const double *f, double *effect) {
  for (int k = 0; k < tally->n_input; k++) {
    double by;
    int input = wn_morris_move(&tally->morris, row, k, &by);
    effect[input] = (f[k + 1] - f[k]) / by;
  }
}

static void center_morris(wn_tally *tally) {
  double effect[WN_MAX_INPUT];
  int64_t n = 0;
  for (int64_t r = 0; r < tally->n_row; r++) {
    const double *f = row_of(tally, r);
    if (!f) continue;
    effects_of(tally, r, f, effect);
    for (int i = 0; i < tally->n_input; i++) tally->shift[i] += effect[i];
    n++;
  }
  for (int i = 0; i < tally->n_input && n; i++) tally->shift[i] /= (double)n;
}

static void add_morris(const wn_tally *tally, int64_t row, const double *f, double *sum) {
  double effect[WN_MAX_INPUT];
  effects_of(tally, row, f, effect);
  for (int i = 0; i < tally->n_input; i++) {
    double *s = &sum[COMMON + SUMS_PER_INPUT * i], rest = effect[i] - tally->shift[i];
    s[0] += rest;
    s[1] += fabs(effect[i]);
    s[2] += rest * rest;
  }
}

static void estimate_morris(const void *context, const double *sum, double *out) {
  const wn_tally *tally = context;
  double n = sum[ROWS];
  bool known = n >= LEAST_ROWS;
  for (int i = 0; i < tally->n_input; i++) {
    const double *s = &sum[COMMON + SUMS_PER_INPUT * i];
    double mean = s[0] / n, variance = (s[2] - n * mean * mean) / (n - 1);
    out[3 * i] = known ? tally->shift[i] + mean : NAN;
    out[3 * i + 1] = known ? s[1] / n : NAN;
    out[3 * i + 2] = known ? sqrt(fmax(variance, 0)) : NAN;
  }
}

// -- both -----------------------------------------------------------------------------------------------------------

static void tally_rows(wn_tally *tally) {
  bool sobol = tally->kind == WN_SENSITIVITY_SOBOL;
  if (sobol)
    center_sobol(tally);
  else
    center_morris(tally);
  for (int64_t r = 0; r < tally->n_row; r++) {
    const double *f = row_of(tally, r);
    double *sum = group_of(tally, r);
    if (!f) {
      tally->n_lost++;
      continue;
    }
    sum[ROWS]++;
    if (sobol)
      add_sobol(tally, f, sum);
    else
      add_morris(tally, r, f, sum);
  }
}

static wn_status estimate(wn_tally *tally, int n, wn_index *index, wn_error *err) {
  static const char *const names[2][3] = {{"first", "total"}, {"mu", "mu_star", "sigma"}};
  bool sobol = tally->kind == WN_SENSITIVITY_SOBOL;
  int each = n / tally->n_input;
  double *room = wn_alloc((size_t)n * 3 * sizeof *room), *value = room, *low = value + n, *high = low + n;
  if (!room) return wn_fail_memory(err);
  const wn_bootstrap bootstrap = {.n_group = tally->n_group,
                                  .n_sum = tally->n_sum,
                                  .n_out = n,
                                  .sum = tally->sum,
                                  .estimate = sobol ? estimate_sobol : estimate_morris,
                                  .context = tally,
                                  .seed = tally->morris.seed};
  wn_status status = wn_bootstrap_run(&bootstrap, value, low, high, err);
  for (int i = 0; i < n && !status; i++) {
    bool known = isfinite(value[i]);
    index[i] = (wn_index){.input = i / each,
                          .name = names[!sobol][i % each],
                          .value = value[i],
                          .low = known ? low[i] : NAN,
                          .high = known ? high[i] : NAN};
  }
  wn_free(room);
  return status;
}

wn_status wn_indices_compute(const wn_indices_def *def, const double *result, wn_index *index, int64_t *n_lost,
                             wn_error *err) {
  *n_lost = 0;
  int n = wn_indices_n(def);
  if (n == 0) return WN_OK;
  wn_tally tally = {.result = result,
                    .kind = def->kind,
                    .morris = {.seed = def->seed, .n_dim = def->n_input, .n_level = def->n_level},
                    .n_input = def->n_input,
                    .per_row = per_row(def),
                    .n_group = def->n_row < WN_BOOTSTRAP_MAX_GROUP ? (int)def->n_row : WN_BOOTSTRAP_MAX_GROUP,
                    .n_sum = COMMON + SUMS_PER_INPUT * def->n_input,
                    .n_row = def->n_row};
  size_t n_sum = (size_t)tally.n_group * (size_t)tally.n_sum;
  tally.sum = wn_alloc((n_sum + (size_t)tally.n_input) * sizeof *tally.sum);
  if (!tally.sum) return wn_fail_memory(err);
  tally.shift = tally.sum + n_sum;
  tally_rows(&tally);
  *n_lost = tally.n_lost;
  wn_status status = estimate(&tally, n, index, err);
  wn_free(tally.sum);
  return status;
}

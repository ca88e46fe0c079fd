// indices.c - see indices.h. Invariant: every estimate is a function of sums over base rows, so that bootstrap.c can
// resample them. Must not know where results come from.

#include "sweep/indices.h"

#include "base/memory.h"
#include "sweep/bootstrap.h"
#include "sweep/morris.h"

#include <float.h>
#include <math.h>

enum { LEAST_ROWS = 4 };

// Sums of a group, over its rows. Sobol', of results a, b, c at A, B, A with an input from B, less their mean: first
// what all inputs share, then those of each input; what is said of `ab` is that of the control variate, whose mean is
// 0.
enum { ROWS, A, B, AA, BB, AB, AB_AB, AA_AB, BB_AB, SHARED };
enum { C, CC, BC, CHANGE, BC_AB, CC_AB, CHANGE_AB, SOBOL };  // CHANGE: (c - a)^2
// Morris, of each input's effects less their mean
enum { REST, SIZE, REST_REST, MORRIS, SHARED_MORRIS = 1 };

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

static int n_sum_of(const wn_indices_def *def) {
  return def->kind == WN_SENSITIVITY_SOBOL ? SHARED + SOBOL * def->n_input : SHARED_MORRIS + MORRIS * def->n_input;
}

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
  double a = f[0] - tally->shift[0], b = f[1] - tally->shift[0], ab = a * b;
  sum[A] += a, sum[B] += b;
  sum[AA] += a * a, sum[BB] += b * b;
  sum[AB] += ab, sum[AB_AB] += ab * ab;
  sum[AA_AB] += a * a * ab, sum[BB_AB] += b * b * ab;
  for (int i = 0; i < tally->n_input; i++) {
    double *s = &sum[SHARED + SOBOL * i], c = f[2 + i] - tally->shift[0], change = (c - a) * (c - a);
    s[C] += c, s[CC] += c * c;
    s[BC] += b * c, s[BC_AB] += b * c * ab;
    s[CHANGE] += change, s[CHANGE_AB] += change * ab;
    s[CC_AB] += c * c * ab;
  }
}

// the sum of x y less what the sums of x and y make of it, over n rows
static double covariance(double xy, double x, double y, double n) { return xy - x * y / n; }

// A share top / below of the variance, less a multiple of the control variate ab, whose mean is 0: begun with the
// weight that is right for a share of 0, then with the one that makes the share found vary least (to first order).
// top_ab and below_ab: covariances of the two with ab.
static double share(const double *sum, double top, double top_ab, double below, double below_ab, double weight) {
  double n = sum[ROWS], ab = covariance(sum[AB], sum[A], sum[B], n),
         ab_ab = covariance(sum[AB_AB], sum[AB], sum[AB], n);
  double value = (top - weight * ab) / below;
  for (int round = 0; round < 2 && ab_ab > 0; round++) {
    weight = (top_ab - value * below_ab) / ab_ab;
    value = (top - weight * ab) / below;
  }
  return value;
}

static void estimate_sobol(const void *context, const double *sum, double *out) {
  const wn_tally *tally = context;
  double n = sum[ROWS], aa = covariance(sum[AA], sum[A], sum[A], n), bb = covariance(sum[BB], sum[B], sum[B], n);
  bool known = n >= LEAST_ROWS && (aa + bb) / (2 * n) > tally->tiny;
  double aa_ab = covariance(sum[AA_AB], sum[AA], sum[AB], n), bb_ab = covariance(sum[BB_AB], sum[BB], sum[AB], n);
  for (int i = 0; i < tally->n_input; i++) {
    const double *s = &sum[SHARED + SOBOL * i];
    double cc = covariance(s[CC], s[C], s[C], n), cc_ab = covariance(s[CC_AB], s[CC], sum[AB], n);
    double bc = covariance(s[BC], sum[B], s[C], n), bc_ab = covariance(s[BC_AB], s[BC], sum[AB], n);
    double apart = s[C] - sum[A], change = covariance(s[CHANGE], apart, apart, n) / 2;
    double change_ab = covariance(s[CHANGE_AB], s[CHANGE], sum[AB], n) / 2;
    out[2 * i] = known ? share(sum, bc, bc_ab, (bb + cc) / 2, (bb_ab + cc_ab) / 2, 1) : NAN;
    out[2 * i + 1] = known ? share(sum, change, change_ab, (aa + cc) / 2, (aa_ab + cc_ab) / 2, 0) : NAN;
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
    double *s = &sum[SHARED_MORRIS + MORRIS * i], rest = effect[i] - tally->shift[i];
    s[REST] += rest;
    s[SIZE] += fabs(effect[i]);
    s[REST_REST] += rest * rest;
  }
}

static void estimate_morris(const void *context, const double *sum, double *out) {
  const wn_tally *tally = context;
  double n = sum[ROWS];
  bool known = n >= LEAST_ROWS;
  for (int i = 0; i < tally->n_input; i++) {
    const double *s = &sum[SHARED_MORRIS + MORRIS * i];
    double mean = s[REST] / n, variance = covariance(s[REST_REST], s[REST], s[REST], n) / (n - 1);
    out[3 * i] = known ? tally->shift[i] + mean : NAN;
    out[3 * i + 1] = known ? s[SIZE] / n : NAN;
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
                    .n_sum = n_sum_of(def),
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

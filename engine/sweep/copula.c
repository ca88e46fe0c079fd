// copula.c - see copula.h. Invariant: lower lower^T has a diagonal of ones, so every coordinate stays uniform. Must not
// know what distributions the coordinates become.

#include "sweep/copula.h"

#include "base/rng.h"
#include "base/text.h"
#include "model/random.h"
#include "sweep/marginal.h"

#include <math.h>
#include <string.h>

typedef struct wn_pair {
  int a, b;  // dimensions, a < b
  double rho;
} wn_pair;

// the dimension called text[0..length)
static wn_status find_dim(const char *text, size_t length, const char *const *name, int n_dim, int *dim,
                          wn_error *err) {
  char wanted[64];
  while (length && *text == ' ') text++, length--;
  while (length && text[length - 1] == ' ') length--;
  if (length >= sizeof wanted) length = sizeof wanted - 1;
  memcpy(wanted, text, length);
  wanted[length] = '\0';
  for (*dim = 0; *dim < n_dim; ++*dim)
    if (strcmp(name[*dim], wanted) == 0) return WN_OK;
  const char *nearest = wn_nearest(wanted, name, n_dim);
  return wn_fail(err, WN_ERR_USER, "'%s' is not drawn; %s%s", wanted, nearest ? "try " : "give it a --draw first",
                 nearest ? nearest : "");
}

static wn_status read_pair(const char *text, const char *const *name, int n_dim, wn_pair *pair, wn_error *err) {
  const char *comma = strchr(text, ','), *sign = strchr(text, '=');
  if (!comma || !sign || sign < comma) return wn_fail(err, WN_ERR_USER, "expected A,B=CORRELATION like CL,V=0.5");
  WN_TRY(find_dim(text, (size_t)(comma - text), name, n_dim, &pair->a, err));
  WN_TRY(find_dim(comma + 1, (size_t)(sign - comma - 1), name, n_dim, &pair->b, err));
  if (!wn_parse_number(sign + 1, &pair->rho) || !(fabs(pair->rho) <= 1))
    return wn_fail(err, WN_ERR_USER, "expected a correlation from -1 to 1, got '%.40s'", sign + 1);
  if (pair->a == pair->b) return wn_fail(err, WN_ERR_USER, "expected two different inputs");
  if (pair->a > pair->b) {
    int a = pair->a;
    pair->a = pair->b, pair->b = a;
  }
  return WN_OK;
}

// One sweep of Jacobi rotations over a symmetric matrix, gathered in vector [n][n]; returns the largest off-diagonal.
static double rotate(int n, double *matrix, double *vector) {
  double largest = 0;
  for (int p = 0; p < n; p++)
    for (int q = p + 1; q < n; q++) {
      double off = matrix[p * n + q];
      largest = fmax(largest, fabs(off));
      if (fabs(off) < 1e-300) continue;
      double theta = (matrix[q * n + q] - matrix[p * n + p]) / (2 * off);
      double t = copysign(1, theta) / (fabs(theta) + sqrt(theta * theta + 1)), c = 1 / sqrt(t * t + 1), s = t * c;
      for (int k = 0; k < n; k++) {
        double x = matrix[k * n + p], y = matrix[k * n + q];
        matrix[k * n + p] = c * x - s * y, matrix[k * n + q] = s * x + c * y;
      }
      for (int k = 0; k < n; k++) {
        double x = matrix[p * n + k], y = matrix[q * n + k];
        matrix[p * n + k] = c * x - s * y, matrix[q * n + k] = s * x + c * y;
        x = vector[k * n + p], y = vector[k * n + q];
        vector[k * n + p] = c * x - s * y, vector[k * n + q] = s * x + c * y;
      }
    }
  return largest;
}

// say which correlation is most to blame: the pair given that pulls the smallest eigenvalue down most
static wn_status fail_indefinite(const wn_copula *copula, const double *omega, const wn_pair *pair, int n_pair,
                                 const char *const *name, wn_arena *arena, wn_error *err) {
  int n = copula->n, least = 0, worst = 0;
  double *matrix = wn_arena_alloc(arena, (size_t)(2 * n * n) * sizeof *matrix), *vector = matrix + n * n;
  if (!matrix) return wn_fail_memory(err);
  memcpy(matrix, omega, (size_t)(n * n) * sizeof *matrix);
  for (int i = 0; i < n; i++) vector[i * n + i] = 1;
  for (int round = 0; round < 100 && rotate(n, matrix, vector) > 1e-14; round++) continue;
  for (int i = 1; i < n; i++)
    if (matrix[i * n + i] < matrix[least * n + least]) least = i;
  double most = -INFINITY;
  for (int k = 0; k < n_pair; k++) {
    int i = 0, j = 0;
    while (copula->dim[i] != pair[k].a) i++;
    while (copula->dim[j] != pair[k].b) j++;
    double pull = -pair[k].rho * vector[i * n + least] * vector[j * n + least];
    if (pull > most) most = pull, worst = k;
  }
  return wn_fail(err, WN_ERR_USER,
                 "--correlate: these correlations cannot hold together (smallest eigenvalue %.3g, expected 0 or more); "
                 "most of it comes from %s,%s=%g; try it nearer 0, or correlate the others with each other too",
                 matrix[least * n + least], name[pair[worst].a], name[pair[worst].b], pair[worst].rho);
}

// number the dimensions that are in a pair -> place [n_dim], -1 for the others
static wn_status take_members(wn_copula *copula, wn_arena *arena, const wn_pair *pair, int n_pair, int n_dim,
                              int *place, wn_error *err) {
  for (int d = 0; d < n_dim; d++) place[d] = -1;
  for (int k = 0; k < n_pair; k++) place[pair[k].a] = place[pair[k].b] = 0;
  for (int d = 0; d < n_dim; d++)
    if (place[d] == 0) place[d] = copula->n++;
  copula->dim = wn_arena_alloc(arena, (size_t)copula->n * sizeof *copula->dim);
  if (!copula->dim) return wn_fail_memory(err);
  for (int d = 0; d < n_dim; d++)
    if (place[d] >= 0) copula->dim[place[d]] = d;
  return WN_OK;
}

static wn_status factor(wn_copula *copula, wn_arena *arena, const wn_pair *pair, int n_pair, const char *const *name,
                        int n_dim, wn_error *err) {
  int *place = wn_arena_alloc(arena, (size_t)n_dim * sizeof *place);
  if (!place) return wn_fail_memory(err);
  WN_TRY(take_members(copula, arena, pair, n_pair, n_dim, place, err));
  int n = copula->n;
  double *omega = wn_arena_alloc(arena, (size_t)(2 * n * n) * sizeof *omega);
  if (!omega) return wn_fail_memory(err);
  copula->lower = omega + n * n;
  for (int i = 0; i < n; i++) omega[i * n + i] = 1;
  for (int k = 0; k < n_pair; k++) {
    int i = place[pair[k].a], j = place[pair[k].b];
    omega[i * n + j] = omega[j * n + i] = pair[k].rho;
  }
  if (wn_random_factor(n, omega, copula->lower)) return WN_OK;
  return fail_indefinite(copula, omega, pair, n_pair, name, arena, err);
}

wn_status wn_copula_read(wn_copula *copula, wn_arena *arena, const char *const *text, int n_text,
                         const char *const *name, int n_dim, wn_error *err) {
  *copula = (wn_copula){0};
  if (!n_text) return WN_OK;
  wn_pair *pair = wn_arena_alloc(arena, (size_t)n_text * sizeof *pair);
  if (!pair) return wn_fail_memory(err);
  for (int k = 0; k < n_text; k++) {
    wn_status status = read_pair(text[k], name, n_dim, &pair[k], err);
    for (int j = 0; j < k && !status; j++)
      if (pair[j].a == pair[k].a && pair[j].b == pair[k].b)
        status = wn_fail(err, WN_ERR_USER, "%s and %s are correlated twice", name[pair[k].a], name[pair[k].b]);
    if (status) return wn_fail_prefix(err, "--correlate %.80s", text[k]);
  }
  return factor(copula, arena, pair, n_text, name, n_dim, err);
}

void wn_copula_apply(const wn_copula *copula, double *u) {
  int n = copula->n;
  double z[WN_MAX_INPUT];
  for (int i = 0; i < n; i++) z[i] = wn_normal_quantile(u[copula->dim[i]]);
  for (int i = 0; i < n; i++) {
    double score = 0;
    for (int k = 0; k <= i; k++) score += copula->lower[i * n + k] * z[k];
    // the tails that a double cannot tell from 0 and 1 stay inside
    double p = wn_normal_probability(score);
    u[copula->dim[i]] = fmin(fmax(p, 0x1p-53), 1 - 0x1p-53);
  }
}

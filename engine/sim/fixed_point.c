// fixed_point.c - see fixed_point.h. Invariant: nothing is allocated, and nothing is known of models or doses.

#include "sim/fixed_point.h"

#include <math.h>
#include <string.h>

static double scale_to_one(int n, double *matrix) {
  double largest = 0;
  for (int i = 0; i < n * n; i++) largest = fmax(largest, fabs(matrix[i]));
  for (int i = 0; i < n * n && largest > 0; i++) matrix[i] /= largest;
  return largest;
}

static void square(int n, const double *matrix, double *out) {
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) {
      double sum = 0;
      for (int k = 0; k < n; k++) sum += matrix[i * n + k] * matrix[k * n + j];
      out[i * n + j] = sum;
    }
}

// The modulus comes from the growth of powers: |M^(2^(k + 1))| / |M^(2^k)| is its 2^k-th power, whatever the size of
// the first. So many doublings that powers which only grow like a polynomial (what collects) show 1 to ten digits.
double wn_spectral_radius(int n, const double *map, double *power, double *scratch) {
  enum { N_DOUBLING = 34 };
  memcpy(power, map, (size_t)(n * n) * sizeof(double));
  double largest = scale_to_one(n, power);
  if (!(largest > 0)) return 0;
  double log_size = log(largest), growth = 0, times = 0.5;
  for (int k = 0; k < N_DOUBLING; k++) {
    square(n, power, scratch);
    memcpy(power, scratch, (size_t)(n * n) * sizeof(double));
    largest = scale_to_one(n, power);
    if (!(largest > 0)) return 0;
    growth = log_size + log(largest);
    log_size += growth;
    times *= 2;
  }
  return exp(growth / times);
}

static void swap_rows(int n, double *map, double *x, int a, int b) {
  for (int j = 0; j < n; j++) {
    double t = map[a * n + j];
    map[a * n + j] = map[b * n + j], map[b * n + j] = t;
  }
  double t = x[a];
  x[a] = x[b], x[b] = t;
}

bool wn_fixed_point_solve(int n, double *map, double *x) {
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) map[i * n + j] = (i == j) - map[i * n + j];
  for (int k = 0; k < n; k++) {
    int pivot = k;
    for (int i = k + 1; i < n; i++)
      if (fabs(map[i * n + k]) > fabs(map[pivot * n + k])) pivot = i;
    if (!(fabs(map[pivot * n + k]) > 1e-13)) return false;
    if (pivot != k) swap_rows(n, map, x, k, pivot);
    for (int i = k + 1; i < n; i++) {
      double factor = map[i * n + k] / map[k * n + k];
      for (int j = k; j < n && factor != 0; j++) map[i * n + j] -= factor * map[k * n + j];
      x[i] -= factor * x[k];
    }
  }
  for (int i = n - 1; i >= 0; i--) {
    for (int j = i + 1; j < n; j++) x[i] -= map[i * n + j] * x[j];
    x[i] /= map[i * n + i];
  }
  return true;
}

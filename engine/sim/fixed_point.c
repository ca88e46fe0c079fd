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

// the modulus comes from the growth of powers: |M^(2^k)|^(1/2^k)
double wn_spectral_radius(int n, const double *map, double *power, double *scratch) {
  enum { N_DOUBLING = 30 };
  double log_modulus = 0, weight = 1;
  memcpy(power, map, (size_t)(n * n) * sizeof(double));
  for (int doubling = 0; doubling < N_DOUBLING; doubling++, weight /= 2) {
    double largest = scale_to_one(n, power);
    if (!(largest > 0)) return 0;
    log_modulus += log(largest) * weight;
    for (int i = 0; i < n; i++)
      for (int j = 0; j < n; j++) {
        double sum = 0;
        for (int k = 0; k < n; k++) sum += power[i * n + k] * power[k * n + j];
        scratch[i * n + j] = sum;
      }
    memcpy(power, scratch, (size_t)(n * n) * sizeof(double));
  }
  scale_to_one(n, power);
  return exp(log_modulus);
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

// piece.c - the polynomial through the nodes of a piece, and its extremes.
// Invariant: pure functions of its numbers. It must not know where the numbers come from.

#include "sim/piece.h"

#include <math.h>

const double wn_piece_node[WN_N_NODE] = {-1, -WN_PIECE_X1, 0, WN_PIECE_X1, 1};

const double wn_even_node[WN_N_EVEN] = {-1, -0.75, -0.5, -0.25, 0, 0.25, 0.5, 0.75, 1};

// Abramowitz & Stegun 25.4.18
#define COTES(w) ((w) / 14175.0)
const double wn_even_weight[WN_N_EVEN] = {COTES(989),   COTES(5888), COTES(-928), COTES(10496), COTES(-4540),
                                          COTES(10496), COTES(-928), COTES(5888), COTES(989)};

const double wn_even_slope[WN_N_EVEN] = {-761.0 / 280, 8,         -14,     56.0 / 3, -35.0 / 2,
                                         56.0 / 5,     -14.0 / 3, 8.0 / 7, -1.0 / 8};

static wn_poly fit_lobatto(const double f[WN_N_NODE]) {
  // even part from half sums, odd part from half differences of mirrored nodes; 7/3 = 1 / X1^2, 7/4 = 1 / (1 - X1^2)
  double even1 = 0.5 * (f[1] + f[3]) - f[2], even2 = 0.5 * (f[0] + f[4]) - f[2];
  double odd1 = (f[3] - f[1]) * (0.5 / WN_PIECE_X1), odd2 = 0.5 * (f[4] - f[0]);
  wn_poly p = {.degree = 4};
  p.c[0] = f[2];
  p.c[4] = (even2 - even1 * (7.0 / 3)) * 1.75;
  p.c[2] = even2 - p.c[4];
  p.c[3] = (odd2 - odd1) * 1.75;
  p.c[1] = odd2 - p.c[3];
  return p;
}

// The coefficients of the polynomial in y through n values at y[k]: divided differences, multiplied out.
static void fit_in(int n, const double *y, double *f) {
  for (int k = 1; k < n; k++)
    for (int i = n - 1; i >= k; i--) f[i] = (f[i] - f[i - 1]) / (y[i] - y[i - k]);
  for (int k = n - 2; k >= 0; k--)
    for (int i = k; i < n - 1; i++) f[i] -= y[k] * f[i + 1];
}

// even and odd part, each a polynomial in x^2
static wn_poly fit_even(const double f[WN_N_EVEN]) {
  enum { MIDDLE = WN_N_EVEN / 2 };
  static const double y[MIDDLE + 1] = {0, 1.0 / 16, 1.0 / 4, 9.0 / 16, 1};
  double even[MIDDLE + 1], odd[MIDDLE];
  for (int k = 0; k <= MIDDLE; k++) {
    even[k] = 0.5 * (f[MIDDLE + k] + f[MIDDLE - k]);
    if (k > 0) odd[k - 1] = 0.5 * (f[MIDDLE + k] - f[MIDDLE - k]) / wn_even_node[MIDDLE + k];
  }
  fit_in(MIDDLE + 1, y, even);
  fit_in(MIDDLE, y + 1, odd);
  wn_poly p = {.degree = WN_N_EVEN - 1};
  for (int k = 0; k <= MIDDLE; k++) {
    p.c[2 * k] = even[k];
    if (k < MIDDLE) p.c[2 * k + 1] = odd[k];
  }
  return p;
}

wn_poly wn_poly_fit(const double *f, int n) { return n == WN_N_EVEN ? fit_even(f) : fit_lobatto(f); }

double wn_poly_at(const wn_poly *p, double x) {
  double sum = p->c[p->degree];
  for (int k = p->degree - 1; k >= 0; k--) sum = p->c[k] + x * sum;
  return sum;
}

static double slope(const wn_poly *p, double x) {
  double sum = p->degree * p->c[p->degree];
  for (int k = p->degree - 1; k >= 1; k--) sum = k * p->c[k] + x * sum;
  return sum;
}

static double curvature(const wn_poly *p, double x) {
  double sum = p->degree * (p->degree - 1) * p->c[p->degree];
  for (int k = p->degree - 1; k >= 2; k--) sum = k * (k - 1) * p->c[k] + x * sum;
  return sum;
}

// zero of the slope between lo and hi, where it has different signs: Newton inside a shrinking bracket
static double find_extreme(const wn_poly *p, double lo, double hi) {
  bool low_negative = slope(p, lo) < 0;
  double x = 0.5 * (lo + hi);
  for (int i = 0; i < 60 && hi - lo > 1e-14; i++) {
    double s = slope(p, x);
    if (s == 0) break;
    if ((s < 0) == low_negative) {
      lo = x;
    } else {
      hi = x;
    }
    double next = x - s / curvature(p, x);
    if (!(next > lo && next < hi)) next = 0.5 * (lo + hi);
    if (fabs(next - x) < 1e-14) break;
    x = next;
  }
  return x;
}

int wn_poly_extremes(const wn_poly *p, double x[WN_MOST_TURN]) {
  const int parts = 8;
  int n = 0;
  double lo = -1, at_lo = slope(p, -1);
  for (int i = 1; i <= parts && n < p->degree - 1; i++) {
    double hi = -1 + 2.0 * i / parts, at_hi = slope(p, hi);
    if ((at_lo < 0 && at_hi >= 0 && hi < 1) || (at_lo > 0 && at_hi <= 0 && hi < 1) || at_lo * at_hi < 0)
      x[n++] = find_extreme(p, lo, hi);
    lo = hi, at_lo = at_hi;
  }
  return n;
}

bool wn_poly_resolved(const wn_poly *p) {
  double rest = 0;
  for (int k = 3; k <= p->degree; k++) rest += fabs(p->c[k]);
  return rest <= 0.25 * fabs(p->c[2]);
}

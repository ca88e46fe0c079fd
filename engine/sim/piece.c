// piece.c - the polynomial through the nodes of a piece, and its extremes.
// Invariant: pure functions of five numbers. It must not know where the numbers come from.

#include "sim/piece.h"

#include <math.h>

const double wn_piece_node[WN_N_NODE] = {-1, -WN_PIECE_X1, 0, WN_PIECE_X1, 1};

wn_poly wn_poly_fit(const double f[WN_N_NODE]) {
  // even part from half sums, odd part from half differences of mirrored nodes; 7/3 = 1 / X1^2, 7/4 = 1 / (1 - X1^2)
  double even1 = 0.5 * (f[1] + f[3]) - f[2], even2 = 0.5 * (f[0] + f[4]) - f[2];
  double odd1 = (f[3] - f[1]) * (0.5 / WN_PIECE_X1), odd2 = 0.5 * (f[4] - f[0]);
  wn_poly p;
  p.c[0] = f[2];
  p.c[4] = (even2 - even1 * (7.0 / 3)) * 1.75;
  p.c[2] = even2 - p.c[4];
  p.c[3] = (odd2 - odd1) * 1.75;
  p.c[1] = odd2 - p.c[3];
  return p;
}

double wn_poly_at(const wn_poly *p, double x) {
  return p->c[0] + x * (p->c[1] + x * (p->c[2] + x * (p->c[3] + x * p->c[4])));
}

static double slope(const wn_poly *p, double x) {
  return p->c[1] + x * (2 * p->c[2] + x * (3 * p->c[3] + x * (4 * p->c[4])));
}

// zero of the slope between lo and hi, where it has different signs: Newton inside a shrinking bracket
static double find_extreme(const wn_poly *p, double lo, double hi) {
  bool low_negative = slope(p, lo) < 0;
  double x = 0.5 * (lo + hi);
  for (int i = 0; i < 60 && hi - lo > 1e-14; i++) {
    double s = slope(p, x), curvature = 2 * p->c[2] + x * (6 * p->c[3] + x * (12 * p->c[4]));
    if (s == 0) break;
    if ((s < 0) == low_negative) {
      lo = x;
    } else {
      hi = x;
    }
    double next = x - s / curvature;
    if (!(next > lo && next < hi)) next = 0.5 * (lo + hi);
    if (fabs(next - x) < 1e-14) break;
    x = next;
  }
  return x;
}

int wn_poly_extremes(const wn_poly *p, double x[3]) {
  enum { PARTS = 8 };
  int n = 0;
  double lo = -1, at_lo = slope(p, -1);
  for (int i = 1; i <= PARTS && n < 3; i++) {
    double hi = -1 + 2.0 * i / PARTS, at_hi = slope(p, hi);
    if ((at_lo < 0 && at_hi >= 0 && hi < 1) || (at_lo > 0 && at_hi <= 0 && hi < 1) || at_lo * at_hi < 0)
      x[n++] = find_extreme(p, lo, hi);
    lo = hi, at_lo = at_hi;
  }
  return n;
}

bool wn_poly_resolved(const wn_poly *p) { return fabs(p->c[3]) + fabs(p->c[4]) <= 0.25 * fabs(p->c[2]); }

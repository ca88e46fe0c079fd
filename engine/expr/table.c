// table.c - interpolation tables: made and checked once, then read. Invariant: x strictly increasing, every number
// finite, slopes finite. Knows nothing of nodes or graphs.
#include "expr/table.h"

#include "base/memory.h"

#include <math.h>
#include <string.h>

static double piece_slope(const wn_table *t, int i) { return (t->y[i + 1] - t->y[i]) / (t->x[i + 1] - t->x[i]); }

// derivative at an end from the two nearest pieces (width h, slope d): three-point formula, limited to the data's shape
static double end_slope(double h0, double h1, double d0, double d1) {
  double slope = ((2 * h0 + h1) * d0 - h0 * d1) / (h0 + h1);
  if (slope * d0 <= 0) return 0;
  if (d0 * d1 <= 0 && fabs(slope) > 3 * fabs(d0)) return 3 * d0;
  return slope;
}

// derivative at an inner knot: harmonic mean of the two pieces weighted by their widths, 0 at an extremum of the data
static double inner_slope(double h0, double h1, double d0, double d1) {
  if (!((d0 > 0 && d1 > 0) || (d0 < 0 && d1 < 0))) return 0;
  double w0 = 2 * h1 + h0, w1 = h1 + 2 * h0;
  return (w0 + w1) / (w0 / d0 + w1 / d1);
}

static void fill_pchip(wn_table *t) {
  int last = t->n - 1;
  if (t->n == 2) {
    t->slope[0] = t->slope[1] = piece_slope(t, 0);
    return;
  }
  const double *x = t->x;
  for (int i = 1; i < last; i++)
    t->slope[i] = inner_slope(x[i] - x[i - 1], x[i + 1] - x[i], piece_slope(t, i - 1), piece_slope(t, i));
  t->slope[0] = end_slope(x[1] - x[0], x[2] - x[1], piece_slope(t, 0), piece_slope(t, 1));
  t->slope[last] =
      end_slope(x[last] - x[last - 1], x[last - 1] - x[last - 2], piece_slope(t, last - 1), piece_slope(t, last - 2));
}

static bool valid(int n, const double *x, const double *y) {
  if (n < 2) return false;
  for (int i = 0; i < n; i++) {
    if (!isfinite(x[i]) || !isfinite(y[i])) return false;
    if (i && !(x[i] > x[i - 1] && isfinite(x[i] - x[i - 1]))) return false;
  }
  return true;
}

wn_status wn_table_init(wn_table *table, wn_table_kind kind, int n, const double *x, const double *y) {
  *table = (wn_table){.kind = kind, .n = n};
  if (!valid(n, x, y)) return WN_ERR_USER;
  size_t count = (size_t)n;
  table->x = wn_alloc_doubles(3 * count);
  if (!table->x) return WN_ERR_MEMORY;
  table->y = table->x + count;
  table->slope = table->y + count;
  memcpy(table->x, x, count * sizeof *x);
  memcpy(table->y, y, count * sizeof *y);

  if (kind == WN_TABLE_PCHIP) {
    fill_pchip(table);
  } else {
    for (int i = 0; i + 1 < n; i++) table->slope[i] = piece_slope(table, i);
  }

  // numbers so far apart, or knots so close, that a slope overflows
  for (int i = 0; i < n; i++) {
    if (isfinite(table->slope[i]) && (i == 0 || isfinite(piece_slope(table, i - 1)))) continue;
    wn_table_free(table);
    return WN_ERR_USER;
  }
  return WN_OK;
}

void wn_table_free(wn_table *table) {
  wn_free(table->x);
  *table = (wn_table){0};
}

// the piece i with x[i] <= at < x[i+1], for at inside the table
static int find_piece(const wn_table *t, double at) {
  int low = 0, high = t->n - 1;
  while (high - low > 1) {
    int middle = low + (high - low) / 2;
    if (t->x[middle] <= at)
      low = middle;
    else
      high = middle;
  }
  return low;
}

// coefficients of y[i] + s (d + s (c + s b)) on piece i
typedef struct cubic {
  double b, c, d;
} cubic;

static cubic piece_cubic(const wn_table *t, int i) {
  double h = t->x[i + 1] - t->x[i], d = piece_slope(t, i), d0 = t->slope[i], d1 = t->slope[i + 1];
  return (cubic){.b = (d0 - 2 * d + d1) / h / h, .c = (3 * d - 2 * d0 - d1) / h, .d = d0};
}

double wn_table_value(const wn_table *table, double x) {
  int last = table->n - 1;
  if (isnan(x)) return x;
  if (x <= table->x[0]) return table->y[0];
  if (x >= table->x[last]) return table->y[last];
  int i = find_piece(table, x);
  double s = x - table->x[i], y0 = table->y[i], y1 = table->y[i + 1], y;
  if (table->kind == WN_TABLE_PCHIP) {
    cubic p = piece_cubic(table, i);
    y = y0 + s * (p.d + s * (p.c + s * p.b));
  } else {
    y = y0 + s * table->slope[i];
  }

  // rounding must not carry the curve past the knots it lies between
  double low = y0 < y1 ? y0 : y1, high = y0 < y1 ? y1 : y0;
  return y < low ? low : y > high ? high : y;
}

double wn_table_slope(const wn_table *table, double x) {
  int last = table->n - 1;
  if (isnan(x)) return x;
  if (x < table->x[0] || x > table->x[last]) return 0;
  if (x == table->x[last]) return table->slope[last];
  int i = find_piece(table, x);
  if (table->kind == WN_TABLE_LINEAR) return table->slope[i];
  cubic p = piece_cubic(table, i);
  double s = x - table->x[i];
  return p.d + s * (2 * p.c + 3 * s * p.b);
}

// span_ops_body.h - the loops of span_ops.h, included once by each file that compiles them, which names the table with
// WN_SPAN_TABLE. Four doubles at a time by GCC's vector type. Must stay free of anything that could change bits.
#include "sim/span_ops.h"

#include <math.h>

typedef double quad __attribute__((vector_size(32), may_alias));
typedef long long mask __attribute__((vector_size(32), may_alias));

#define GET(row) (*(const quad *)(row))
#define PUT(row) (*(quad *)(row))
#define SELECT(m, a, b) ((quad)(((m) & (mask)(a)) | (~(m) & (mask)(b))))
#define MAGNITUDE(x) ((quad)((mask)(x) & ~(mask)(-(quad){0})))
#define SPREAD(x) ((quad){(x), (x), (x), (x)})

static int reduce(int n, const double *const node[WN_N_NODE], const double *const time[WN_N_NODE], const double *half,
                  const wn_piece_rows *rows) {
  mask any = {0};
  for (int i = 0; i < n; i += 4) {
    quad f[WN_N_NODE], high = SPREAD(-INFINITY), low = SPREAD(INFINITY), high_time = SPREAD(NAN), low_time = high_time;
    mask up = {0}, down = {0};
#pragma GCC unroll 5
    for (int j = 0; j < WN_N_NODE; j++) {
      f[j] = GET(node[j] + i);
      mask higher = f[j] > high, lower = f[j] < low;
      high = SELECT(higher, f[j], high), high_time = SELECT(higher, GET(time[j] + i), high_time);
      low = SELECT(lower, f[j], low), low_time = SELECT(lower, GET(time[j] + i), low_time);
      if (j > 0) up |= f[j] > f[j - 1], down |= f[j] < f[j - 1];
    }
    quad integral = (f[0] + f[4]) * 0.1 + (f[1] + f[3]) * (49.0 / 90) + f[2] * (32.0 / 45);
    // the slopes at both ends, as of wn_poly_fit
    quad even1 = 0.5 * (f[1] + f[3]) - f[2], even2 = 0.5 * (f[0] + f[4]) - f[2];
    quad odd1 = (f[3] - f[1]) * (0.5 / WN_PIECE_X1), odd2 = 0.5 * (f[4] - f[0]);
    quad c4 = (even2 - even1 * (7.0 / 3)) * 1.75, c2 = even2 - c4;
    quad c3 = (odd2 - odd1) * 1.75, c1 = odd2 - c3;
    quad even = 2 * c2 + 4 * c4, odd = c1 + 3 * c3;
    mask turns = (up & down) | ((odd - even) * (odd + even) < 0);
    turns &= high - low > 1e-13 * (MAGNITUDE(high) + MAGNITUDE(low));
    PUT(rows->integral + i) = GET(half + i) * integral;
    PUT(rows->high + i) = high, PUT(rows->high_time + i) = high_time;
    PUT(rows->low + i) = low, PUT(rows->low_time + i) = low_time;
    *(mask *)(rows->turns + i) = turns;
    any |= turns;
  }
  return (any[0] | any[1] | any[2] | any[3]) != 0;
}

static void merge(int n, const long long *member, const wn_piece_rows *rows, const wn_span_rows *span) {
  for (int i = 0; i < n; i += 4) {
    mask in = *(const mask *)(member + i);
    quad high = GET(rows->high + i), low = GET(rows->low + i);
    mask higher = in & (high > GET(span->high + i)), lower = in & (low < GET(span->low + i));
    PUT(span->integral + i) += SELECT(in, GET(rows->integral + i), (quad){0});
    PUT(span->high + i) = SELECT(higher, high, GET(span->high + i));
    PUT(span->high_time + i) = SELECT(higher, GET(rows->high_time + i), GET(span->high_time + i));
    PUT(span->low + i) = SELECT(lower, low, GET(span->low + i));
    PUT(span->low_time + i) = SELECT(lower, GET(rows->low_time + i), GET(span->low_time + i));
  }
}

static void depth(int n, int baseline, double sign, double threshold, const double *value, const double *base,
                  double *out) {
  for (int i = 0; i < n; i += 4) {
    quad v = GET(value + i);
    if (baseline == 1) v -= GET(base + i);
    if (baseline == 2) v /= GET(base + i);
    PUT(out + i) = sign * (v - threshold);
  }
}

const wn_span_ops WN_SPAN_TABLE = {.reduce = reduce, .merge = merge, .depth = depth};

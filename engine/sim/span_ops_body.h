// span_ops_body.h - the loops of span_ops.h, included once by each file that compiles them, which names the table with
// WN_SPAN_TABLE. Four doubles at a time by GCC's vector type. Must stay free of anything that could change bits.
#include "sim/span_ops.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

typedef double quad __attribute__((vector_size(32), may_alias));
typedef long long mask __attribute__((vector_size(32), may_alias));

#define GET(row) (*(const quad *)(row))
#define PUT(row) (*(quad *)(row))
#ifdef __AVX__
// one instruction in place of three
#define SELECT(m, a, b) ((quad)__builtin_ia32_blendvpd256((quad)(b), (quad)(a), (quad)(m)))
#else
#define SELECT(m, a, b) ((quad)(((m) & (mask)(a)) | (~(m) & (mask)(b))))
#endif
#define MAGNITUDE(x) ((quad)((mask)(x) & ~(mask)(-(quad){0})))
#define SPREAD(x) ((quad){(x), (x), (x), (x)})

static inline bool any_of(mask m) { return (m[0] | m[1] | m[2] | m[3]) != 0; }

// what four lanes' values at the nodes say: see wn_piece_rows
typedef struct piece {
  quad integral, high, high_time, low, low_time;
  mask turns;
} piece;

// slopes at both ends of the polynomial through five values, as of wn_poly_fit, up to a factor
static inline __attribute__((always_inline)) void slopes_of_lobatto(const quad *f, quad *first, quad *last) {
  const quad even1 = 0.5 * (f[1] + f[3]) - f[2], even2 = 0.5 * (f[0] + f[4]) - f[2];
  const quad odd1 = (f[3] - f[1]) * (0.5 / WN_PIECE_X1), odd2 = 0.5 * (f[4] - f[0]);
  const quad c4 = (even2 - even1 * (7.0 / 3)) * 1.75, c2 = even2 - c4;
  const quad c3 = (odd2 - odd1) * 1.75, c1 = odd2 - c3;
  const quad even = 2 * c2 + 4 * c4, odd = c1 + 3 * c3;
  *first = odd - even, *last = odd + even;
}

static inline __attribute__((always_inline)) void slopes_of_even(const quad *f, quad *first, quad *last) {
  *first = *last = (quad){0};
#pragma GCC unroll 9
  for (int j = 0; j < WN_N_EVEN; j++)
    *first += wn_even_slope[j] * f[j], *last -= wn_even_slope[j] * f[WN_N_EVEN - 1 - j];
}

static inline __attribute__((always_inline)) void integral_of(int n_node, const quad *f, quad *sum) {
  if (n_node == WN_N_NODE) {
    *sum = (f[0] + f[4]) * 0.1 + (f[1] + f[3]) * (49.0 / 90) + f[2] * (32.0 / 45);
    return;
  }
  *sum = (quad){0};
#pragma GCC unroll 9
  for (int j = 0; j < WN_N_EVEN; j++) *sum += wn_even_weight[j] * f[j];
}

static inline __attribute__((always_inline)) piece reduce_four(int n_node, const quad *f, const quad *t, quad half) {
  quad high = SPREAD(-INFINITY), low = SPREAD(INFINITY), high_time = SPREAD(NAN), low_time = high_time;
  mask up = {0}, down = {0};
#pragma GCC unroll 9
  for (int j = 0; j < n_node; j++) {
    mask higher = f[j] > high, lower = f[j] < low;
    high = SELECT(higher, f[j], high), high_time = SELECT(higher, t[j], high_time);
    low = SELECT(lower, f[j], low), low_time = SELECT(lower, t[j], low_time);
    if (j > 0) up |= f[j] > f[j - 1], down |= f[j] < f[j - 1];
  }
  quad first, last, integral;
  integral_of(n_node, f, &integral);
  if (n_node == WN_N_NODE)
    slopes_of_lobatto(f, &first, &last);
  else
    slopes_of_even(f, &first, &last);
  mask turns = (up & down) | (first * last < 0);
  turns &= high - low > 1e-13 * (MAGNITUDE(high) + MAGNITUDE(low));
  return (piece){half * integral, high, high_time, low, low_time, turns};
}

static inline void put_piece(const piece *p, const wn_piece_rows *rows, int i) {
  PUT(rows->integral + i) = p->integral;
  PUT(rows->high + i) = p->high, PUT(rows->high_time + i) = p->high_time;
  PUT(rows->low + i) = p->low, PUT(rows->low_time + i) = p->low_time;
  *(mask *)(rows->turns + i) = p->turns;
}

static inline __attribute__((always_inline)) int reduce_nodes(int n_node, int n, const double *const *node,
                                                              const double *const *time, const double *half,
                                                              const wn_piece_rows *rows) {
  mask any = {0};
  for (int i = 0; i < n; i += 4) {
    quad f[WN_MOST_NODE], t[WN_MOST_NODE];
#pragma GCC unroll 9
    for (int j = 0; j < n_node; j++) f[j] = GET(node[j] + i), t[j] = GET(time[j] + i);
    const piece p = reduce_four(n_node, f, t, GET(half + i));
    put_piece(&p, rows, i);
    any |= p.turns;
  }
  return any_of(any);
}

static int reduce(int n_node, int n, const double *const *node, const double *const *time, const double *half,
                  const wn_piece_rows *rows) {
  return n_node == WN_N_NODE ? reduce_nodes(WN_N_NODE, n, node, time, half, rows)
                             : reduce_nodes(WN_N_EVEN, n, node, time, half, rows);
}

static inline __attribute__((always_inline)) void merge_four(mask in, const piece *p, const wn_span_rows *span,
                                                             ptrdiff_t i) {
  const mask higher = in & (p->high > GET(span->high + i)), lower = in & (p->low < GET(span->low + i));
  PUT(span->integral + i) += SELECT(in, p->integral, (quad){0});
  PUT(span->high + i) = SELECT(higher, p->high, GET(span->high + i));
  PUT(span->high_time + i) = SELECT(higher, p->high_time, GET(span->high_time + i));
  PUT(span->low + i) = SELECT(lower, p->low, GET(span->low + i));
  PUT(span->low_time + i) = SELECT(lower, p->low_time, GET(span->low_time + i));
}

static void merge(int n, const long long *member, const wn_piece_rows *rows, const wn_span_rows *span) {
  for (int i = 0; i < n; i += 4) {
    const piece p = {.integral = GET(rows->integral + i),
                     .high = GET(rows->high + i),
                     .high_time = GET(rows->high_time + i),
                     .low = GET(rows->low + i),
                     .low_time = GET(rows->low_time + i)};
    merge_four(*(const mask *)(member + i), &p, span, i);
  }
}

static inline __attribute__((always_inline)) int collect_nodes(int n_node, int from, int n_output, int n, int width,
                                                               const double *const *node, const double *const *time,
                                                               const double *half, const wn_span_set *set,
                                                               const wn_piece_rows *rows) {
  const int fours = n / 4, all = n_output * fours;
  for (int at = from; at < all; at++) {
    const int output = at / fours, i = 4 * (at % fours);
    quad f[WN_MOST_NODE], t[WN_MOST_NODE];
#pragma GCC unroll 9
    for (int j = 0; j < n_node; j++) f[j] = GET(node[j] + (ptrdiff_t)output * width + i), t[j] = GET(time[j] + i);
    const piece p = reduce_four(n_node, f, t, GET(half + i));
    mask turning = {0};
    for (int k = 0; k < set->n_span; k++) turning |= p.turns & *(const mask *)(set->member[k] + i);
    if (any_of(turning)) {
      put_piece(&p, rows, i);
      return at;
    }
    for (int k = 0; k < set->n_span; k++)
      merge_four(*(const mask *)(set->member[k] + i), &p, &set->to[k], (ptrdiff_t)output * n + i);
  }
  return all;
}

static int collect(int n_node, int from, int n_output, int n, int width, const double *const *node,
                   const double *const *time, const double *half, const wn_span_set *set, const wn_piece_rows *rows) {
  return n_node == WN_N_NODE ? collect_nodes(WN_N_NODE, from, n_output, n, width, node, time, half, set, rows)
                             : collect_nodes(WN_N_EVEN, from, n_output, n, width, node, time, half, set, rows);
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

const wn_span_ops WN_SPAN_TABLE = {.reduce = reduce, .collect = collect, .merge = merge, .depth = depth};

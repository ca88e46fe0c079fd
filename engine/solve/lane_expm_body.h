// lane_expm_body.h - the loops of lane_expm.h, included once by each file that compiles them, which defines
// WN_EXPM_TABLE and WN_EXPM_NAME. Four lanes at a time by GCC's vector type. Must stay free of anything that could
// change bits: no reassociation, no fused multiply-add (-ffp-contract=off).
//
// A Taylor series of h A / 2^k, doubled k times (scaling and squaring). k is the lane's own: lanes that are done keep
// what they have. Each doubling doubles the relative error of a mode that hardly decays, so all doublings but the last
// few are done in pairs of doubles (Dekker 1971, Numer. Math. 18:224).
#include "solve/lane_expm.h"
#include <limits.h>
#include <math.h>
#include <string.h>

typedef double quad __attribute__((vector_size(32), may_alias));
typedef long long mask __attribute__((vector_size(32), may_alias));

#define GET(block) (*(const quad *)(block))
#define PUT(block) (*(quad *)(block))
#define SPREAD(x) ((quad){(x), (x), (x), (x)})
#define SELECT(m, a, b) ((quad)(((m) & (mask)(a)) | (~(m) & (mask)(b))))
#define MAGNITUDE(x) ((quad)((mask)(x) & ~(mask)(-(quad){0})))

// terms after which the series at norm 1/2 is exact in a double, in a pair; to be so relative to each entry, add the
// steps of the way to it, as its series begins there
enum { N_TERM = 14, N_TERM_PAIR = 20 };

// doublings in plain doubles: what is lost is 2^9 roundings
enum { N_PLAIN = 9 };

// How each lane is doubled, [width] each; numbers of doublings as doubles, to compare in lanes.
typedef struct plan {
  double *step, *n_plain, *n_pair;
  int most_plain, most_pair, least;  // of both kinds
} plan;

static plan make_plan(int width, const double *h, const double *norm, double *scratch) {
  plan p = {.step = scratch, .n_plain = scratch + width, .n_pair = scratch + 2 * width, .least = INT_MAX};
  for (int lane = 0; lane < width; lane++) {
    int n = 0;
    // 2 norm h <= 2^n
    if (frexp(2.0 * norm[lane] * h[lane], &n) == 0.5) n--;
    if (n < 0) n = 0;
    const int n_plain = n < N_PLAIN ? n : N_PLAIN, n_pair = n - n_plain;
    p.step[lane] = ldexp(h[lane], -n);
    p.n_plain[lane] = n_plain, p.n_pair[lane] = n_pair;
    if (n < p.least) p.least = n;
    if (n_plain > p.most_plain) p.most_plain = n_plain;
    if (n_pair > p.most_pair) p.most_pair = n_pair;
  }
  return p;
}

// ---- plain doubles ----

// n_quad x 4 lanes at once, so that indices are fetched once for all of them
static inline __attribute__((always_inline)) void multiply_quads(int n_quad, const wn_reach *r, int width,
                                                                 const double *left, const double *right, double *out) {
  for (int e = 0; e < r->to.n_entry; e++) {
    quad sum[4] = {0};
    for (int k = r->product_start[e]; k < r->product_start[e + 1]; k++) {
      const double *a = left + r->product[k][0] * width, *b = right + r->product[k][1] * width;
#pragma GCC unroll 4
      for (int q = 0; q < n_quad; q++) sum[q] += GET(a + 4 * q) * GET(b + 4 * q);
    }
#pragma GCC unroll 4
    for (int q = 0; q < n_quad; q++) PUT(out + e * width + 4 * q) = sum[q];
  }
}

// out = left right; out is another block than both
static void multiply(const wn_reach *r, int width, const double *left, const double *right, double *out) {
  int lane = 0;
  for (; lane + 16 <= width; lane += 16) multiply_quads(4, r, width, left + lane, right + lane, out + lane);
  for (; lane < width; lane += 4) multiply_quads(1, r, width, left + lane, right + lane, out + lane);
}

static void identity(const wn_reach *r, int width, double *out) {
  for (int e = 0; e < r->to.n_entry; e++)
    for (int lane = 0; lane < width; lane++) out[e * width + lane] = r->is_diagonal[e];
}

static void scale_lanes(const wn_reach *r, int width, const double *scale, double *out) {
  for (int e = 0; e < r->to.n_entry; e++)
    for (int lane = 0; lane < width; lane += 4) PUT(out + e * width + lane) *= GET(scale + lane);
}

// in lanes still to be doubled: x = base + change
static void take(size_t n, int width, int round, const double *count, const double *base, const double *change,
                 double *x) {
  for (size_t i = 0; i < n; i += (size_t)width) {
    for (int lane = 0; lane < width; lane += 4) {
      const size_t at = i + (size_t)lane;
      const mask more = GET(count + lane) > (double)round;
      quad value = GET(change + at);
      if (base) value += GET(base + at);
      PUT(x + at) = SELECT(more, value, GET(x + at));
    }
  }
}

// out = c[0] I + c[1] Z + c[2] Z^2 + c[3] Z^3 + rest
static void add_powers(const wn_reach *r, int width, const double c[4], double *const Z[4], const double *rest,
                       double *out) {
  for (int e = 0; e < r->to.n_entry; e++) {
    for (int lane = 0; lane < width; lane += 4) {
      const int at = e * width + lane;
      const quad sum = c[1] * GET(Z[0] + at) + c[2] * GET(Z[1] + at) + c[3] * GET(Z[2] + at);
      PUT(out + at) = (sum + c[0] * r->is_diagonal[e]) + GET(rest + at);
    }
  }
}

// E and P at the lanes' steps, Z = step A; 5 blocks of scratch. By powers of Z^4 (Paterson and Stockmeyer 1973, SIAM J.
// Comput. 2:60), which halves the products. The series has no differences but those of A itself.
static void series(const wn_reach *r, int width, const plan *p, const double *A, double *E, double *P,
                   double *scratch) {
  const size_t n = (size_t)r->to.n_entry * (size_t)width;
  double *Z[4], *T = scratch + 4 * n;
  for (int i = 0; i < 4; i++) Z[i] = scratch + (size_t)i * n;
  memset(Z[0], 0, n * sizeof(double));
  for (int e = 0; e < r->from.n_entry; e++)
    for (int lane = 0; lane < width; lane++) Z[0][r->place[e] * width + lane] = p->step[lane] * A[e * width + lane];
  multiply(r, width, Z[0], Z[0], Z[1]);
  multiply(r, width, Z[1], Z[0], Z[2]);
  multiply(r, width, Z[1], Z[1], Z[3]);
  // P / step = I + Z/2 + Z^2/3! + ..., and E = I + Z P / step
  memset(T, 0, n * sizeof(double));
  for (int k = (N_TERM + r->longest) / 4; k >= 0; k--) {
    double c[4], factorial = 1.0;
    for (int i = 2; i <= 4 * k; i++) factorial *= i;
    for (int i = 0; i < 4; i++) c[i] = 1.0 / (factorial *= 4 * k + i + 1);
    add_powers(r, width, c, Z, T, P);
    if (k > 0) multiply(r, width, Z[3], P, T);
  }
  multiply(r, width, Z[0], P, E);
  for (int i = 0; i < r->to.n_entry; i++)
    for (int lane = 0; lane < width; lane++) E[i * width + lane] += r->is_diagonal[i];
  scale_lanes(r, width, p->step, P);
}

// rounds of P(2h) = P(h) + E(h) P(h), E(2h) = E(h)^2; 1 block of scratch
static void double_up(const wn_reach *r, int width, const plan *p, int first, int last, double *E, double *P,
                      double *scratch) {
  const size_t n = (size_t)r->to.n_entry * (size_t)width;
  for (int round = first; round <= last; round++) {
    multiply(r, width, E, P, scratch);
    take(n, width, round, p->n_plain, P, scratch, P);
    multiply(r, width, E, E, scratch);
    take(n, width, round, p->n_plain, NULL, scratch, E);
  }
}

// ---- pairs of doubles, hi + lo ----

typedef struct pair {
  quad hi, lo;
} pair;

// a matrix of pairs
typedef struct pairs {
  double *hi, *lo;
} pairs;

static pair get_pair(pairs m, int at) { return (pair){GET(m.hi + at), GET(m.lo + at)}; }

static void put_pair(pairs m, int at, const pair *x) {
  const quad hi = x->hi + x->lo;
  PUT(m.lo + at) = x->lo - (hi - x->hi);
  PUT(m.hi + at) = hi;
}

// a b exactly, of two plain numbers
static pair product(const quad *x, const quad *y) {
  const quad a = *x, b = *y;
  const double SPLIT = 134217729.0;  // 2^27 + 1
  const quad ta = SPLIT * a, tb = SPLIT * b, a1 = ta - (ta - a), b1 = tb - (tb - b), a2 = a - a1, b2 = b - b1;
  const quad hi = a * b;
  return (pair){hi, ((a1 * b1 - hi) + a1 * b2 + a2 * b1) + a2 * b2};
}

static pair plus(const pair *a, const pair *b) {
  const quad hi = a->hi + b->hi, back = hi - a->hi;
  return (pair){hi, ((a->hi - (hi - back)) + (b->hi - back)) + (a->lo + b->lo)};
}

static pair times(const pair *a, const pair *b) {
  pair p = product(&a->hi, &b->hi);
  p.lo += a->hi * b->lo + a->lo * b->hi;
  return p;
}

// 1 / k for small k
static pair reciprocal(int k) {
  const double hi = 1.0 / k, top = (float)hi, rest = (1.0 - top * k) - (hi - top) * k;
  return (pair){SPREAD(hi), SPREAD(rest / k)};
}

static void multiply_pairs(const wn_reach *r, int width, pairs left, pairs right, const pair *scale, double one,
                           pairs out) {
  for (int e = 0; e < r->to.n_entry; e++) {
    const pair diagonal = {SPREAD(one * r->is_diagonal[e]), SPREAD(0.0)};
    for (int lane = 0; lane < width; lane += 4) {
      pair sum = {SPREAD(0.0), SPREAD(0.0)};
      for (int k = r->product_start[e]; k < r->product_start[e + 1]; k++) {
        const pair a = get_pair(left, r->product[k][0] * width + lane);
        const pair b = get_pair(right, r->product[k][1] * width + lane);
        const pair term = times(&a, &b);
        sum = plus(&sum, &term);
      }
      sum = times(scale, &sum);
      sum = plus(&diagonal, &sum);
      put_pair(out, e * width + lane, &sum);
    }
  }
}

// in lanes still to be doubled: x = change, or x + change
static void take_pairs(const wn_reach *r, int width, int round, const double *count, bool adds, pairs change, pairs x) {
  for (int e = 0; e < r->to.n_entry; e++) {
    for (int lane = 0; lane < width; lane += 4) {
      const int at = e * width + lane;
      const mask more = GET(count + lane) > (double)round;
      const pair old = get_pair(x, at);
      pair value = get_pair(change, at);
      if (adds) value = plus(&old, &value);
      value = (pair){SELECT(more, value.hi, old.hi), SELECT(more, value.lo, old.lo)};
      put_pair(x, at, &value);
    }
  }
}

static void series_pairs(const wn_reach *r, int width, const plan *p, const double *A, pairs E, pairs P, pairs Z,
                         pairs T) {
  const size_t size = (size_t)r->to.n_entry * (size_t)width * sizeof(double);
  pair value;
  memset(Z.hi, 0, size), memset(Z.lo, 0, size);
  for (int e = 0; e < r->from.n_entry; e++) {
    for (int lane = 0; lane < width; lane += 4) {
      value = product(&GET(p->step + lane), &GET(A + e * width + lane));
      put_pair(Z, r->place[e] * width + lane, &value);
    }
  }
  identity(r, width, P.hi), memset(P.lo, 0, size);
  for (int k = N_TERM_PAIR + r->longest; k >= 1; k--) {
    value = reciprocal(k + 1);
    multiply_pairs(r, width, Z, P, &value, 1.0, T);
    memcpy(P.hi, T.hi, size), memcpy(P.lo, T.lo, size);
  }
  value = reciprocal(1);
  multiply_pairs(r, width, Z, P, &value, 1.0, E);
  for (int e = 0; e < r->to.n_entry; e++) {
    for (int lane = 0; lane < width; lane += 4) {
      const pair step = {GET(p->step + lane), SPREAD(0.0)};
      value = get_pair(P, e * width + lane);
      value = times(&step, &value);
      put_pair(P, e * width + lane, &value);
    }
  }
}

// E and P of the lanes that need many doublings, before the last few; 8 blocks of scratch
static void begin_in_pairs(const wn_reach *r, int width, const plan *p, const double *A, double *E, double *P,
                           double *scratch) {
  const size_t n = (size_t)r->to.n_entry * (size_t)width;
  pairs m[4];
  for (int i = 0; i < 4; i++) m[i] = (pairs){scratch + (size_t)(2 * i) * n, scratch + (size_t)(2 * i + 1) * n};
  const pair one = reciprocal(1);
  const pairs E2 = m[0], P2 = m[1], Z = m[2], T = m[3];
  series_pairs(r, width, p, A, E2, P2, Z, T);
  for (int round = 0; round < p->most_pair; round++) {
    multiply_pairs(r, width, E2, P2, &one, 0.0, T);
    take_pairs(r, width, round, p->n_pair, true, T, P2);
    multiply_pairs(r, width, E2, E2, &one, 0.0, T);
    take_pairs(r, width, round, p->n_pair, false, T, E2);
  }
  take(n, width, 0, p->n_pair, NULL, E2.hi, E);
  take(n, width, 0, p->n_pair, NULL, P2.hi, P);
}

static void exponential(const wn_reach *reach, int width, const double *h, const double *A, const double *norm,
                        const double *half_E, const double *half_P, double *E, double *P, double *scratch) {
  const size_t n = (size_t)reach->to.n_entry * (size_t)width;
  double *blocks = scratch + 3 * width;
  const plan p = make_plan(width, h, norm, scratch);
  // one more doubling of what was made for half the span, where that is what every lane would come to anyway
  if (half_E && p.least > 0 && !p.most_pair) {
    memcpy(E, half_E, n * sizeof *E);
    memcpy(P, half_P, n * sizeof *P);
    double_up(reach, width, &p, -1, -1, E, P, blocks);
    return;
  }
  series(reach, width, &p, A, E, P, blocks);
  if (p.most_pair) begin_in_pairs(reach, width, &p, A, E, P, blocks);
  double_up(reach, width, &p, 0, p.most_plain - 1, E, P, blocks);
}

// ---- vectors ----

// n_quad x 4 lanes at once, so that indices are fetched once for all of them
static inline __attribute__((always_inline)) void apply_quads(int n_quad, const wn_pattern *pattern, int width,
                                                              const double *scale, const double *M, const double *x,
                                                              const double *base, double *out) {
  for (int i = 0; i < pattern->n; i++) {
    quad sum[4] = {0};
    for (int e = pattern->start[i]; e < pattern->start[i + 1]; e++) {
      const double *m = M + e * width, *v = x + pattern->col[e] * width;
#pragma GCC unroll 4
      for (int q = 0; q < n_quad; q++) sum[q] += GET(m + 4 * q) * GET(v + 4 * q);
    }
#pragma GCC unroll 4
    for (int q = 0; q < n_quad; q++) {
      if (scale) sum[q] *= GET(scale + 4 * q);
      if (base) sum[q] += GET(base + i * width + 4 * q);
      PUT(out + i * width + 4 * q) = sum[q];
    }
  }
}

static void apply(const wn_pattern *pattern, int width, const double *scale, const double *M, const double *x,
                  const double *base, double *out) {
  int lane = 0;
  for (; lane + 16 <= width; lane += 16)
    apply_quads(4, pattern, width, scale ? scale + lane : NULL, M + lane, x + lane, base ? base + lane : NULL,
                out + lane);
  for (; lane < width; lane += 4)
    apply_quads(1, pattern, width, scale ? scale + lane : NULL, M + lane, x + lane, base ? base + lane : NULL,
                out + lane);
}

static void add(size_t n, double c, const double *x, double *out) {
  for (size_t i = 0; i < n; i += 4) PUT(out + i) += c * GET(x + i);
}

// the slope at the first of nine equally spaced points, times their distance; at the last with signs turned round
static const double SLOPE[WN_N_LOOK] = {-761.0 / 280, 8,         -14,     56.0 / 3, -35.0 / 2,
                                        56.0 / 5,     -14.0 / 3, 8.0 / 7, -0.125};

// of four lanes of one state, from the i-th element on
static inline __attribute__((always_inline)) void unresolved_four(size_t i, const double *const y[WN_N_LOOK],
                                                                  const double *h, const double *by_quadrature,
                                                                  const double *size, double by_turn, double by_value,
                                                                  quad *worst) {
  quad v[WN_N_LOOK], largest = GET(size + i);
  mask up = {0}, down = {0};
#pragma GCC unroll 9
  for (int k = 0; k < WN_N_LOOK; k++) {
    v[k] = GET(y[k] + i);
    largest = SELECT(MAGNITUDE(v[k]) > largest, MAGNITUDE(v[k]), largest);
    if (k > 0) up |= v[k] > v[k - 1], down |= v[k] < v[k - 1];
  }
  // a turn beside an end shows in the slope there only
  quad first = {0}, last = {0};
#pragma GCC unroll 9
  for (int k = 0; k < WN_N_LOOK; k++) first += SLOPE[k] * v[k], last -= SLOPE[k] * v[WN_N_LOOK - 1 - k];
  up |= (first > 0.0) | (last > 0.0), down |= (first < 0.0) | (last < 0.0);
  const quad eighth = (v[0] + v[8]) - 8.0 * (v[1] + v[7]) + 28.0 * (v[2] + v[6]) - 56.0 * (v[3] + v[5]) + 70.0 * v[4];
  const quad by_area = MAGNITUDE(eighth) * (GET(h) * GET(by_quadrature + i));
  const quad by = SELECT(up & down, SPREAD(by_turn), SPREAD(by_value));
  const quad value = by * MAGNITUDE(eighth) / largest;
  // (what is 0 throughout is 0 / 0, and not larger)
  const quad ratio = SELECT(value > by_area, value, by_area);
  *worst = SELECT(ratio > *worst, ratio, *worst);
}

static void unresolved(int n_state, int width, const double *const y[WN_N_LOOK], const double *h,
                       const double *by_quadrature, const double *size, double by_turn, double by_value,
                       double *worst) {
  for (int lane = 0; lane < width; lane += 4) {
    quad most = {0.0, 0.0, 0.0, 0.0};
    for (int state = 0; state < n_state; state++)
      unresolved_four((size_t)(state * width + lane), y, h + lane, by_quadrature, size, by_turn, by_value, &most);
    PUT(worst + lane) = most;
  }
}

const wn_expm_ops WN_EXPM_TABLE = {
    .name = WN_EXPM_NAME,
    .exponential = exponential,
    .apply = apply,
    .add = add,
    .unresolved = unresolved,
};

// lane_expm_body.h - the loops of lane_expm.h, included once by each file that compiles them, which defines
// WN_EXPM_TABLE and WN_EXPM_NAME. Four lanes at a time by GCC's vector type. Must stay free of anything that could
// change bits: no reassociation, no fused multiply-add (-ffp-contract=off).
//
// A Taylor series of h A / 2^k, doubled k times (scaling and squaring). k is the lane's own: lanes that are done keep
// what they have. Each doubling doubles the relative error of a mode that hardly decays, so all doublings but the last
// few are done in pairs of doubles (Dekker 1971, Numer. Math. 18:224).
#include "solve/lane_expm.h"
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
enum { N_TERM = 14, N_TERM_PAIR = 24 };

// doublings in plain doubles: what is lost is 2^6 roundings
enum { N_PLAIN = 6 };

// How each lane is doubled, [width] each; numbers of doublings as doubles, to compare in lanes.
typedef struct plan {
  double *step, *n_plain, *n_pair;
  int most_plain, most_pair;
} plan;

static plan make_plan(int width, double h, const double *norm, double *scratch) {
  plan p = {.step = scratch, .n_plain = scratch + width, .n_pair = scratch + 2 * width};
  for (int lane = 0; lane < width; lane++) {
    int n = 0;
    // 2 norm h <= 2^n
    if (frexp(2.0 * norm[lane] * h, &n) == 0.5) n--;
    if (n < 0) n = 0;
    const int n_plain = n < N_PLAIN ? n : N_PLAIN, n_pair = n - n_plain;
    p.step[lane] = ldexp(h, -n);
    p.n_plain[lane] = n_plain, p.n_pair[lane] = n_pair;
    if (n_plain > p.most_plain) p.most_plain = n_plain;
    if (n_pair > p.most_pair) p.most_pair = n_pair;
  }
  return p;
}

// ---- plain doubles ----

// out = one I + scale (left right); out is another block than both
static void multiply(const wn_reach *r, int width, const double *left, const double *right, double scale, double one,
                     double *out) {
  for (int e = 0; e < r->to.n_entry; e++) {
    for (int lane = 0; lane < width; lane += 4) {
      quad sum = {0.0, 0.0, 0.0, 0.0};
      for (int k = r->product_start[e]; k < r->product_start[e + 1]; k++)
        sum += GET(left + r->product[k][0] * width + lane) * GET(right + r->product[k][1] * width + lane);
      PUT(out + e * width + lane) = scale * sum + one * r->is_diagonal[e];
    }
  }
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

// E and P at the lanes' steps; 2 blocks of scratch
static void series(const wn_reach *r, int width, const plan *p, const double *A, double *E, double *P,
                   double *scratch) {
  const size_t n = (size_t)r->to.n_entry * (size_t)width;
  double *Z = scratch, *T = scratch + n;
  memset(Z, 0, n * sizeof *Z);
  for (int e = 0; e < r->from.n_entry; e++)
    for (int lane = 0; lane < width; lane++) Z[r->place[e] * width + lane] = p->step[lane] * A[e * width + lane];
  // P = step (I + Z/2 (I + Z/3 (I + ...))), E = I + Z (I + Z/2 (...)): no difference is taken anywhere
  identity(r, width, P);
  for (int k = N_TERM + r->longest; k >= 1; k--) {
    multiply(r, width, Z, P, 1.0 / (k + 1), 1.0, T);
    memcpy(P, T, n * sizeof *P);
  }
  multiply(r, width, Z, P, 1.0, 1.0, E);
  scale_lanes(r, width, p->step, P);
}

// P(2h) = P(h) + E(h) P(h), E(2h) = E(h)^2; 1 block of scratch
static void double_up(const wn_reach *r, int width, const plan *p, double *E, double *P, double *scratch) {
  const size_t n = (size_t)r->to.n_entry * (size_t)width;
  for (int round = 0; round < p->most_plain; round++) {
    multiply(r, width, E, P, 1.0, 0.0, scratch);
    take(n, width, round, p->n_plain, P, scratch, P);
    multiply(r, width, E, E, 1.0, 0.0, scratch);
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

static void exponential(const wn_reach *reach, int width, double h, const double *A, const double *norm, double *E,
                        double *P, double *scratch) {
  double *blocks = scratch + 3 * width;
  const plan p = make_plan(width, h, norm, scratch);
  series(reach, width, &p, A, E, P, blocks);
  if (p.most_pair) begin_in_pairs(reach, width, &p, A, E, P, blocks);
  double_up(reach, width, &p, E, P, blocks);
}

// ---- vectors ----

static void apply(const wn_pattern *pattern, int width, double scale, const double *M, const double *x,
                  const double *base, double *out) {
  for (int i = 0; i < pattern->n; i++) {
    for (int lane = 0; lane < width; lane += 4) {
      quad sum = {0.0, 0.0, 0.0, 0.0};
      for (int e = pattern->start[i]; e < pattern->start[i + 1]; e++)
        sum += GET(M + e * width + lane) * GET(x + pattern->col[e] * width + lane);
      sum *= scale;
      if (base) sum += GET(base + i * width + lane);
      PUT(out + i * width + lane) = sum;
    }
  }
}

static void add(size_t n, double c, const double *x, double *out) {
  for (size_t i = 0; i < n; i += 4) PUT(out + i) += c * GET(x + i);
}

static double unresolved(size_t n, const double *const y[WN_N_LOOK], double h, const double *by_quadrature,
                         double by_quartic) {
  double worst = 0.0;
  for (size_t i = 0; i < n; i += 4) {
    quad v[WN_N_LOOK], largest = {0.0, 0.0, 0.0, 0.0};
    mask up = {0}, down = {0};
#pragma GCC unroll 9
    for (int k = 0; k < WN_N_LOOK; k++) {
      v[k] = GET(y[k] + i);
      largest = SELECT(MAGNITUDE(v[k]) > largest, MAGNITUDE(v[k]), largest);
      if (k > 0) up |= v[k] > v[k - 1], down |= v[k] < v[k - 1];
    }
    // the eighth difference, and the fifth at both ends
    const quad eighth = (v[0] + v[8]) - 8.0 * (v[1] + v[7]) + 28.0 * (v[2] + v[6]) - 56.0 * (v[3] + v[5]) + 70.0 * v[4];
    const quad first = MAGNITUDE((v[5] - v[0]) + 5.0 * (v[1] - v[4]) + 10.0 * (v[3] - v[2]));
    const quad last = MAGNITUDE((v[8] - v[3]) + 5.0 * (v[4] - v[7]) + 10.0 * (v[6] - v[5]));
    const quad by_area = MAGNITUDE(eighth) * (h * GET(by_quadrature + i));
    const quad by_value = by_quartic * SELECT(first > last, first, last) / largest;
    const quad ratio = SELECT(up & down & (by_value > by_area), by_value, by_area);
    for (int k = 0; k < 4; k++)
      if (ratio[k] > worst) worst = ratio[k];
  }
  return worst;
}

const wn_expm_ops WN_EXPM_TABLE = {
    .name = WN_EXPM_NAME,
    .exponential = exponential,
    .apply = apply,
    .add = add,
    .unresolved = unresolved,
};

// pace_ops_body.h - the loops of pace_ops.h, included once by each file that compiles them, which first defines VECTOR
// (doubles in a vector) and WN_PACE_TABLE. Must stay free of anything that could change bits: no reassociation, no
// fused multiply-add (-ffp-contract=off) but where it is written.
#include "solve/pace_ops.h"
#include <math.h>
#include <stddef.h>
#if VECTOR > 2
#include <immintrin.h>
#endif

typedef double vec __attribute__((vector_size(8 * VECTOR), may_alias));
typedef long long bits __attribute__((vector_size(8 * VECTOR), may_alias));

#define GET(place) (*(const vec *)(place))
#define PUT(place) (*(vec *)(place))
#define SPREAD(x) ((vec){0} + (x))
#define SPREAD_BITS(x) ((bits){0} + (x))
#define SELECT(mask, yes, no) ((vec)(((mask) & (bits)(yes)) | (~(mask) & (bits)(no))))
#define MAGNITUDE(x) ((vec)((bits)(x)&SPREAD_BITS(0x7fffffffffffffff)))
// the larger; not a number if either is
#define LARGER(a, b) SELECT(((a) > (b)) | ((a) != (a)), a, b)

#define INLINE static inline __attribute__((always_inline))

// call BODY(k) with the number of terms known to the compiler
#define WITH_TERMS(n, BODY) \
  switch (n) {              \
  case 1: BODY(1); break;   \
  case 2: BODY(2); break;   \
  case 3: BODY(3); break;   \
  case 4: BODY(4); break;   \
  case 5: BODY(5); break;   \
  case 6: BODY(6); break;   \
  case 7: BODY(7); break;   \
  case 8: BODY(8); break;   \
  default: BODY(0); break;  \
  }

// What is summed, by itself: a store through a vector may change what any pointer leads to, as far as the compiler
// knows, and it would read all of it again at every step of a loop.
typedef struct summed {
  vec c[WN_MOST_TERM];
  const double *x[WN_MOST_TERM];
} summed;

INLINE summed take_terms(const wn_terms *terms) {
  summed own;
#pragma GCC unroll 8
  for (int k = 0; k < WN_MOST_TERM; k++) own.c[k] = SPREAD(terms->c[k]), own.x[k] = terms->x[k];
  return own;
}

INLINE vec sum_terms(const summed *terms, ptrdiff_t at, const int n) {
  vec sum = terms->c[0] * GET(terms->x[0] + at);
#pragma GCC unroll 8
  for (int k = 1; k < n; k++) sum += terms->c[k] * GET(terms->x[k] + at);
  return sum;
}

INLINE void sum_n(ptrdiff_t size, const wn_terms *terms, double *out, const int n) {
  const summed own = take_terms(terms);
  for (ptrdiff_t at = 0; at < size; at += VECTOR) PUT(out + at) = sum_terms(&own, at, n);
}

static void sum(int n, int width, const wn_terms *terms, double *out){
#define BODY(k) sum_n((ptrdiff_t)n *width, terms, out, k)
    WITH_TERMS(terms->n, BODY)
#undef BODY
}

INLINE void add_n(ptrdiff_t size, const double *y, const wn_terms *terms, double *out, const int n) {
  const summed own = take_terms(terms);
  for (ptrdiff_t at = 0; at < size; at += VECTOR) PUT(out + at) = GET(y + at) + sum_terms(&own, at, n);
}

static void add(int n, int width, const double *y, const wn_terms *terms, double *out){
#define BODY(k) add_n((ptrdiff_t)n *width, y, terms, out, k)
    WITH_TERMS(terms->n, BODY)
#undef BODY
}

INLINE void add_scaled_n(int n, int width, const double *y, const double *h, const wn_terms *terms, double *out,
                         const int n_term) {
  const summed own = take_terms(terms);
  const ptrdiff_t end = (ptrdiff_t)n * width;
  for (int lane = 0; lane < width; lane += VECTOR) {
    const vec step = GET(h + lane);
    for (ptrdiff_t at = lane; at < end; at += width) PUT(out + at) = GET(y + at) + step * sum_terms(&own, at, n_term);
  }
}

static void add_scaled(int n, int width, const double *y, const double *h, const wn_terms *terms, double *out){
#define BODY(k) add_scaled_n(n, width, y, h, terms, out, k)
    WITH_TERMS(terms->n, BODY)
#undef BODY
}

INLINE void stage_n(int n, int width, const double *g, const double *f, const double *d, const double *drift,
                    const wn_terms *terms, double *out, const int n_term) {
  const summed own = take_terms(terms);
  const ptrdiff_t end = (ptrdiff_t)n * width;
  for (int lane = 0; lane < width; lane += VECTOR) {
    const vec gain = GET(g + lane), shifted = drift ? GET(d + lane) : gain;
    for (ptrdiff_t at = lane; at < end; at += width) {
      vec slope = GET(f + at);
      if (drift) slope += shifted * GET(drift + at);
      vec sum = gain * slope;
      if (n_term > 0) sum += sum_terms(&own, at, n_term);
      PUT(out + at) = sum;
    }
  }
}

static void stage(int n, int width, const double *g, const double *f, const double *d, const double *drift,
                  const wn_terms *terms, double *out){
#define BODY(k) stage_n(n, width, g, f, d, drift, terms, out, k)
    WITH_TERMS(terms->n, BODY)
#undef BODY
}

INLINE void judge_n(int n, int width, const double *h, const wn_terms *terms, const wn_judge *by, double *worst,
                    const int n_term) {
  const summed own = take_terms(terms);
  for (int lane = 0; lane < width; lane += VECTOR) {
    vec largest = SPREAD(0.0), rtol = SPREAD(by->rtol), share = SPREAD(by->rtol * by->floor);
    for (int i = 0; i < n; i++) {
      ptrdiff_t at = (ptrdiff_t)i * width + lane;
      vec error = MAGNITUDE(sum_terms(&own, at, n_term));
      vec before = MAGNITUDE(GET(by->y + at)), after = MAGNITUDE(GET(by->next + at));
      vec size = LARGER(after, before), least = SPREAD(by->atol), grown = share * GET(by->peak + at);
      least = SELECT(grown > least, grown, least);
      vec ratio = error / (rtol * size + least);
      largest = LARGER(ratio, largest);
    }
    if (h) largest *= GET(h + lane);
    PUT(worst + lane) = largest;
  }
}

static void judge(int n, int width, const double *h, const wn_terms *terms, const wn_judge *by, double *worst) {
#define BODY(k) judge_n(n, width, h, terms, by, worst, k)
  WITH_TERMS(terms->n, BODY)
#undef BODY
}

static void accept(int n, int width, const wn_lane_mask *mask, const double *next, double *y, double *old,
                   double *peak) {
  const ptrdiff_t end = (ptrdiff_t)n * width;
  for (int lane = 0; lane < width; lane += VECTOR) {
    const bits take = *(const bits *)(mask + lane);
    for (ptrdiff_t at = lane; at < end; at += width) {
      vec was = GET(y + at), now = SELECT(take, GET(next + at), was), size = MAGNITUDE(now), most = GET(peak + at);
      PUT(old + at) = was;
      PUT(y + at) = now;
      PUT(peak + at) = SELECT(size > most, size, most);
    }
  }
}

static void choose(int n, int width, const wn_lane_mask *mask, const double *from, double *to) {
  const ptrdiff_t end = (ptrdiff_t)n * width;
  for (int lane = 0; lane < width; lane += VECTOR) {
    const bits chosen = *(const bits *)(mask + lane);
    for (ptrdiff_t at = lane; at < end; at += width) PUT(to + at) = SELECT(chosen, GET(from + at), GET(to + at));
  }
}

// log2 and 2^x to about 1e-4: a step size need not be known better, only be the same everywhere
INLINE vec rough_log2(vec x) {
  bits raw = (bits)x;
  // the exponent as a double: put it into the low bits of 2^52 and take that away
  vec exponent = (vec)((raw >> 52) | SPREAD_BITS(0x4330000000000000)) - (4503599627370496.0 + 1023.0);
  vec m = (vec)((raw & SPREAD_BITS(0x000fffffffffffff)) | SPREAD_BITS(0x3ff0000000000000)) - 1.0;
  // least squares on [0, 1) with the ends held
  return exponent + m * (1.0 + (1.0 - m) * (0.438073 + m * (-0.236693 + m * 0.080307)));
}

INLINE vec rough_exp2(vec x) {
  vec shifted = x + 6755399441055744.0;  // rounds to a whole number, which stands in the low bits
  vec f = x - (shifted - 6755399441055744.0);
  vec power = 1.0 + f * (0.693127 + f * (0.240223 + f * (0.055876 + f * 0.009667)));
  return (vec)((bits)power + ((bits)shifted << 52));
}

INLINE bool any_of(bits mask) {
  long long any = 0;
#pragma GCC unroll 8
  for (int k = 0; k < VECTOR; k++) any |= mask[k];
  return any != 0;
}

#define SMALLER(a, b) SELECT((a) < (b), a, b)

static int plan(int width, const wn_pacing *pacing, const wn_clocks *c) {
  const vec zero = {0};
  int found = 0;
  for (int lane = 0; lane < width; lane += VECTOR) {
    vec time = GET(c->time + lane), end = GET(c->end + lane), rest = end - time, next = GET(c->next_step + lane);
    vec size = MAGNITUDE(time), far = MAGNITUDE(end);
    size = SELECT(size > far, size, far);
    bits goes = rest > 4 * 2.220446049250313e-16 * size;
    vec step = SMALLER(next, SPREAD(pacing->max_step));
    vec half = SELECT(step > 0.5 * rest, 0.5 * rest, step);
    step = SELECT(step >= rest * (1 - 1e-10), rest, half);
    PUT(c->step + lane) = SELECT(goes, step, zero);
    time = SELECT(goes, time, end);
    PUT(c->time + lane) = time;
    PUT(c->before + lane) = time;
    if (any_of(goes)) found = any_of(goes & ~(next > zero)) ? 2 : found ? found : 1;
  }
  return found;
}

static int settle(int width, const wn_pacing *pacing, const wn_clocks *c) {
  const vec zero = {0}, one = zero + 1, least = SPREAD(1e-10), most = SPREAD(1e10);
  int found = 0;
  for (int lane = 0; lane < width; lane += VECTOR) {
    vec err = GET(c->err + lane), step = GET(c->step + lane), time = GET(c->time + lane), end = GET(c->end + lane);
    vec next = GET(c->next_step + lane), n_fail = GET(c->n_fail + lane), n_step = GET(c->n_step + lane);
    bits goes = step > zero, take = goes & (err <= one), fail = goes & ~take, first = *(bits *)(c->is_first + lane);
    vec size = SELECT(err > least, err, least);
    // also where it is not a number
    size = SELECT(size < most, size, most);
    vec log_err = rough_log2(size);
    vec change = 0.9 * rough_exp2(pacing->past * rough_log2(GET(c->past + lane)) - pacing->now * log_err);
    change = SELECT(change > pacing->shrink, change, SPREAD(pacing->shrink));
    change = SMALLER(change, SPREAD(pacing->grow));
    // right after a failure a step does not grow
    change = SELECT(n_fail > zero, SMALLER(change, one), change);
    vec meant = step * change, cut = 0.9 * rough_exp2(-pacing->fail * log_err);
    cut = SELECT(cut > 0.1, cut, SPREAD(0.1));
    // a step that was cut short to meet an end says nothing against the longer one that was meant
    vec longer = SELECT(next > meant, next, meant);
    meant = SELECT((next > step) & (change >= one), longer, meant);
    vec shorter = step * SMALLER(cut, SPREAD(0.9));
    PUT(c->next_step + lane) = SELECT(take, meant, SELECT(fail, shorter, next));
    vec there = SELECT(step == end - time, end, time + step);
    PUT(c->time + lane) = SELECT(take, there, time);
    PUT(c->first_step + lane) = SELECT(take & first, step, GET(c->first_step + lane));
    PUT(c->past + lane) = SELECT(take, SELECT(err > 1e-4, err, SPREAD(1e-4)), GET(c->past + lane));
    PUT(c->n_fail + lane) = SELECT(take, zero, SELECT(fail, n_fail + one, n_fail));
    PUT(c->n_step + lane) = SELECT(take, n_step + one, n_step);
    PUT(c->n_taken + lane) = GET(c->n_taken + lane) + SELECT(take, one, zero);
    PUT(c->n_refused + lane) = GET(c->n_refused + lane) + SELECT(fail, one, zero);
    *(bits *)(c->is_first + lane) = first & ~take;
    *(bits *)(c->take + lane) = take;
    found |= (any_of(take) ? 1 : 0) | (any_of(fail) ? 2 : 0);
  }
  return found;
}

typedef double vec_any __attribute__((vector_size(8 * VECTOR), aligned(8), may_alias));

INLINE void look_n(int n, int width, const wn_clocks *clocks, const double *time, const double *y, const double *y_end,
                   const wn_curve *curve, double *out, const int n_term) {
  const vec zero = {0}, one = zero + 1;
  const double *x[WN_MOST_TERM];
#pragma GCC unroll 8
  for (int k = 0; k < n_term; k++) x[k] = curve->x[k];
  for (int lane = 0; lane < width; lane += VECTOR) {
    vec before = GET(clocks->before + lane), now = GET(clocks->time + lane), t = *(const vec_any *)(time + lane);
    vec length = now - before, part = (t - before) / SELECT(length > zero, length, one);
    const bits at_end = t >= now;
    const bool any_end = any_of(at_end);
    part = SELECT(part > zero, part, zero);
    vec c[WN_MOST_TERM];
#pragma GCC unroll 8
    for (int k = 0; k < n_term; k++) {
      const double *d = curve->c[k];
      c[k] = d[0] + part * (d[1] + part * (d[2] + part * (d[3] + part * d[4])));
      if (curve->is_scaled[k]) c[k] *= length;
    }
    for (int i = 0; i < n; i++) {
      ptrdiff_t at = (ptrdiff_t)i * width + lane;
      vec sum = GET(y + at);
#pragma GCC unroll 8
      for (int k = 0; k < n_term; k++) sum += c[k] * GET(x[k] + at);
      if (any_end) sum = SELECT(at_end, GET(y_end + at), sum);
      *(vec_any *)(out + at) = sum;
    }
  }
}

static void look(int n, int width, const wn_clocks *clocks, const double *time, const double *y, const double *y_end,
                 const wn_curve *curve, double *out){
#define BODY(k) look_n(n, width, clocks, time, y, y_end, curve, out, k)
    WITH_TERMS(curve->n, BODY)
#undef BODY
}

// the entries of a row that stand in the lanes of `at` [VECTOR]
INLINE vec pick(const double *row, int width, bits at) {
#if VECTOR == 8
  // one instruction where the row is in one or two registers: half the time of eight loads
  if (width == 2 * VECTOR) return __builtin_shuffle(GET(row), GET(row + VECTOR), at);
  if (width == VECTOR) return __builtin_shuffle(GET(row), at);
#endif
  (void)width;
  vec picked = {0};
#pragma GCC unroll 8
  for (int k = 0; k < VECTOR; k++) picked[k] = row[at[k]];
  return picked;
}

// n_at, at most VECTOR, pairs; of lane and t those beyond n_at repeat one that is asked for
INLINE void look_at_n(int n, int width, const wn_clocks *clocks, int n_at, bits lane, vec t, const double *y,
                      const double *y_end, const wn_curve *curve, double *const *out, const int n_term) {
  const vec zero = {0}, one = zero + 1;
  vec before = pick(clocks->before, width, lane), now = pick(clocks->time, width, lane);
  vec length = now - before, part = (t - before) / SELECT(length > zero, length, one);
  bits at_end = t >= now;
  bool any_end = any_of(at_end);
  part = SELECT(part > zero, part, zero);
  vec c[WN_MOST_TERM];
  const double *x[WN_MOST_TERM];
#pragma GCC unroll 8
  for (int k = 0; k < n_term; k++) {
    const double *d = curve->c[k];
    c[k] = d[0] + part * (d[1] + part * (d[2] + part * (d[3] + part * d[4])));
    if (curve->is_scaled[k]) c[k] *= length;
    x[k] = curve->x[k];
  }
  for (int i = 0; i < n; i++) {
    ptrdiff_t row = (ptrdiff_t)i * width;
    vec sum = pick(y + row, width, lane);
#pragma GCC unroll 8
    for (int k = 0; k < n_term; k++) sum += c[k] * pick(x[k] + row, width, lane);
    if (any_end) sum = SELECT(at_end, pick(y_end + row, width, lane), sum);
    for (int k = 0; k < n_at; k++) out[k][i] = sum[k];
  }
}

static void look_at(int n, int width, const wn_clocks *clocks, int n_at, const int *lane, const double *time,
                    const double *y, const double *y_end, const wn_curve *curve, double *const *out) {
  for (int from = 0; from < n_at; from += VECTOR) {
    const int here = n_at - from < VECTOR ? n_at - from : VECTOR;
    bits which = {0};
    vec when = {0};
#pragma GCC unroll 8
    for (int k = 0; k < VECTOR; k++) {
      const int at = from + (k < here ? k : 0);
      which[k] = lane[at], when[k] = time[at];
    }
#define BODY(k) look_at_n(n, width, clocks, here, which, when, y, y_end, curve, out + from, k)
    WITH_TERMS(curve->n, BODY)
#undef BODY
  }
}

#include "solve/pace_series_body.h"

static void shift(int width, const double *time, double part, const double *step, double *out) {
  for (int lane = 0; lane < width; lane += VECTOR) PUT(out + lane) = GET(time + lane) + part * GET(step + lane);
}

const wn_pace_ops WN_PACE_TABLE = {.vector = VECTOR,
                                   .sum = sum,
                                   .add = add,
                                   .add_scaled = add_scaled,
                                   .stage = stage,
                                   .judge = judge,
                                   .accept = accept,
                                   .choose = choose,
                                   .plan = plan,
                                   .settle = settle,
                                   .look = look,
                                   .look_at = look_at,
                                   .propose = propose,
                                   .sum_series = sum_series,
                                   .to_series = to_series,
                                   .look_series = look_series,
                                   .look_series_at = look_series_at,
                                   .shift = shift};

// pace_series_body.h - the loops of pace_ops.h over Taylor series, part of pace_ops_body.h. Must stay free of anything
// that could change bits; fused multiply-adds are where they are written, in every set.

// a b + c, rounded once
#if VECTOR == 8
#define FUSED(a, b, c) _mm512_fmadd_pd(a, b, c)
#elif VECTOR == 4
#define FUSED(a, b, c) _mm256_fmadd_pd(a, b, c)
#else
INLINE vec fused(vec a, vec b, vec c) {
  for (int k = 0; k < VECTOR; k++) c[k] = fma(a[k], b[k], c[k]);
  return c;
}
#define FUSED(a, b, c) fused(a, b, c)
#endif

// the first m of a vector into memory
INLINE void put_some(double *out, vec x, int m) {
#if VECTOR == 8
  _mm512_mask_storeu_pd(out, (__mmask8)((1 << m) - 1), x);
#else
  for (int i = 0; i < m; i++) out[i] = x[i];
#endif
}

// call BODY(order) with the order known to the compiler where it is the usual one
#define WITH_ORDER(order, BODY) \
  if ((order) == 10) {          \
    BODY(10);                   \
  } else {                      \
    BODY(order);                \
  }

// what is allowed to a state that is `size` large
INLINE vec tolerance_of(const wn_judge *by, vec size, vec peak) {
  const vec least = SPREAD(by->atol), grown = by->rtol * by->floor * peak;
  return by->rtol * size + SELECT(grown > least, grown, least);
}

// the step at which the largest c / tolerance, of power `order`, becomes 1
INLINE vec reach_of(vec size, int order) {
  const vec least = SPREAD(1e-100);
  return rough_exp2(rough_log2(SELECT(size > least, size, least)) * (-1.0 / order));
}

static bool propose(int n, int width, const wn_series *series, const wn_judge *by, const wn_clocks *clocks,
                    wn_lane_mask *has) {
  const ptrdiff_t block = (ptrdiff_t)n * width;
  const double *last = series->c + (series->order - 1) * block, *before = last - block;
  const vec zero = {0};
  bits lacking = {0};
  for (int lane = 0; lane < width; lane += VECTOR) {
    vec most = zero, most_before = zero;
    for (ptrdiff_t at = lane; at < block; at += width) {
      vec per = 1.0 / tolerance_of(by, MAGNITUDE(GET(by->y + at)), GET(by->peak + at));
      vec ratio = MAGNITUDE(GET(last + at)) * per, ratio_before = MAGNITUDE(GET(before + at)) * per;
      most = LARGER(ratio, most), most_before = LARGER(ratio_before, most_before);
    }
    bits good = (most <= 1e300) & (most_before <= 1e300);
    vec step = reach_of(most, series->order), other = reach_of(most_before, series->order - 1);
    step = 0.99 * SMALLER(step, other);
    vec next = GET(clocks->next_step + lane);
    bits is_refused = (GET(clocks->n_fail + lane) > zero) & (next < step);
    PUT(clocks->next_step + lane) = SELECT(good & ~is_refused, step, next);
    *(bits *)(has + lane) = good;
    lacking |= ~good;
  }
  return !any_of(lacking);
}

// c[0] + x (c[1] + x (...)), `order` coefficients a block apart
INLINE vec horner(const double *c, ptrdiff_t block, vec x, const int order) {
  vec sum = GET(c + (order - 1) * block);
#pragma GCC unroll 16
  for (int k = order - 2; k >= 0; k--) sum = FUSED(x, sum, GET(c + k * block));
  return sum;
}

INLINE void sum_series_of(int n, int width, const wn_series *series, const wn_judge *by, const wn_clocks *clocks,
                          const wn_lane_mask *has, double *next, const int order) {
  const ptrdiff_t block = (ptrdiff_t)n * width;
  const vec zero = {0}, one = zero + 1;
  for (int lane = 0; lane < width; lane += VECTOR) {
    const bits mask = *(const bits *)(has + lane);
    const vec step = GET(clocks->step + lane);
    vec power = step;
    bits good = mask | ~mask;
#pragma GCC unroll 16
    for (int k = 1; k < order; k++) power *= step;
    for (ptrdiff_t at = lane; at < block; at += width) {
      vec y = GET(by->y + at), sum = FUSED(step, horner(series->c + at, block, step, order), y);
      vec before = MAGNITUDE(y), after = MAGNITUDE(sum);
      vec error = MAGNITUDE(GET(series->c + (order - 1) * block + at)) * power;
      good &= error <= tolerance_of(by, LARGER(after, before), GET(by->peak + at));
      PUT(next + at) = SELECT(mask, sum, GET(next + at));
    }
    // (where too large by how much does not matter: the next step follows from the series)
    PUT(clocks->err + lane) = SELECT(mask, SELECT(good, 0.5 * one, 2 * one), GET(clocks->err + lane));
  }
}

static void sum_series(int n, int width, const wn_series *series, const wn_judge *by, const wn_clocks *clocks,
                       const wn_lane_mask *has, double *next) {
#define BODY(k) sum_series_of(n, width, series, by, clocks, has, next, k)
  WITH_ORDER(series->order, BODY)
#undef BODY
}

static void to_series(int n, int width, const wn_curve *curve, const wn_clocks *clocks, const wn_lane_mask *has,
                      const wn_series *series) {
  const ptrdiff_t block = (ptrdiff_t)n * width;
  const vec zero = {0}, one = zero + 1;
  for (int lane = 0; lane < width; lane += VECTOR) {
    const bits mask = *(const bits *)(has + lane);
    const vec step = GET(clocks->step + lane), per = one / SELECT(step > zero, step, one);
    for (ptrdiff_t at = lane; at < block; at += width) {
      vec sum[4] = {zero, zero, zero, zero};
      for (int term = 0; term < curve->n; term++)
        for (int k = 0; k < 4; k++) sum[k] += curve->c[term][k + 1] * GET(curve->x[term] + at);
      vec scale = one;
      for (int k = 0; k < series->order; k++) {
        double *c = series->c + k * block + at;
        const vec term = scale * sum[k & 3];
        PUT(c) = SELECT(mask, GET(c), k < 4 ? term : zero);
        scale *= per;
      }
    }
  }
}

INLINE void look_series_of(int n, int width, const wn_clocks *clocks, const double *time, const double *y,
                           const double *y_end, const wn_series *series, double *out, const int order) {
  const ptrdiff_t block = (ptrdiff_t)n * width;
  const vec zero = {0};
  for (int lane = 0; lane < width; lane += VECTOR) {
    const vec now = GET(clocks->time + lane), t = *(const vec_any *)(time + lane);
    const bits at_end = t >= now;
    vec since = t - GET(clocks->before + lane);
    since = SELECT(since > zero, since, zero);
    for (ptrdiff_t at = lane; at < block; at += width) {
      vec sum = FUSED(since, horner(series->c + at, block, since, order), GET(y + at));
      *(vec_any *)(out + at) = SELECT(at_end, GET(y_end + at), sum);
    }
  }
}

static void look_series(int n, int width, const wn_clocks *clocks, const double *time, const double *y,
                        const double *y_end, const wn_series *series, double *out){
#define BODY(k) look_series_of(n, width, clocks, time, y, y_end, series, out, k)
    WITH_ORDER(series->order, BODY)
#undef BODY
}

// rows become columns, by halves of halves
#if VECTOR == 8
#define HALVES                                                      \
  {                                                                 \
    {{0, 8, 2, 10, 4, 12, 6, 14}, {1, 9, 3, 11, 5, 13, 7, 15}},     \
        {{0, 1, 8, 9, 4, 5, 12, 13}, {2, 3, 10, 11, 6, 7, 14, 15}}, \
        {{0, 1, 2, 3, 8, 9, 10, 11}, {4, 5, 6, 7, 12, 13, 14, 15}}, \
  }
#define NUMBERS \
  { 0, 1, 2, 3, 4, 5, 6, 7 }
#elif VECTOR == 4
#define HALVES \
  { {{0, 4, 2, 6}, {1, 5, 3, 7}}, {{0, 1, 4, 5}, {2, 3, 6, 7}}, }
#define NUMBERS \
  { 0, 1, 2, 3 }
#else
#define HALVES \
  { {{0, 2}, {1, 3}}, }
#define NUMBERS \
  { 0, 1 }
#endif

INLINE void transpose(vec x[VECTOR]) {
  static const bits half[][2] = HALVES;
#pragma GCC unroll 3
  for (int step = 1, k = 0; step < VECTOR; step *= 2, k++) {
#pragma GCC unroll 8
    for (int i = 0; i < VECTOR; i++) {
      if (i & step) continue;
      const vec a = x[i], b = x[i + step];
      x[i] = __builtin_shuffle(a, b, half[k][0]), x[i + step] = __builtin_shuffle(a, b, half[k][1]);
    }
  }
}

// n states of VECTOR lanes from `lane` at their times t -> out [n]; orders are a block apart
INLINE void look_series_in(int n, int width, ptrdiff_t block, const wn_clocks *clocks, int lane, vec t, const double *y,
                           const double *y_end, const double *c, vec *out, const int order) {
  const vec zero = {0};
  const bits at_end = t >= GET(clocks->time + lane);
  vec since = t - GET(clocks->before + lane);
  since = SELECT(since > zero, since, zero);
  for (int i = 0; i < n; i++) {
    const ptrdiff_t at = (ptrdiff_t)i * width + lane;
    vec sum = FUSED(since, horner(c + at, block, since, order), GET(y + at));
    out[i] = SELECT(at_end, GET(y_end + at), sum);
  }
}

// Pairs of lanes side by side that come in order are read together, and what of the vector nobody asked for is thrown
// away: less work than to pick coefficients one by one.
INLINE void look_series_at_of(int n, int width, const wn_clocks *clocks, int n_at, const int *lane, const double *time,
                              const double *y, const double *y_end, const wn_series *series, double *const *out,
                              const int order) {
  for (int from = 0, here; from < n_at; from += here) {
    const int first_lane = lane[from] / VECTOR * VECTOR;
    const bits number = NUMBERS;
    vec when = GET(clocks->time + first_lane);
    here = 0;
    do {
      when = SELECT(number == SPREAD_BITS(lane[from + here] - first_lane), SPREAD(time[from + here]), when);
      here++;
    } while (from + here < n_at && lane[from + here] > lane[from + here - 1] &&
             lane[from + here] < first_lane + VECTOR);
    for (int first = 0; first < n; first += VECTOR) {
      const int m = n - first < VECTOR ? n - first : VECTOR;
      const ptrdiff_t at = (ptrdiff_t)first * width;
      vec found[VECTOR];
      look_series_in(m, width, (ptrdiff_t)n * width, clocks, first_lane, when, y + at, y_end + at, series->c + at,
                     found, order);
      transpose(found);
      for (int k = from; k < from + here; k++) put_some(out[k] + first, found[lane[k] - first_lane], m);
    }
  }
}

static void look_series_at(int n, int width, const wn_clocks *clocks, int n_at, const int *lane, const double *time,
                           const double *y, const double *y_end, const wn_series *series, double *const *out) {
#define BODY(k) look_series_at_of(n, width, clocks, n_at, lane, time, y, y_end, series, out, k)
  WITH_ORDER(series->order, BODY)
#undef BODY
}

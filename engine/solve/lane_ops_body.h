// lane_ops_body.h - the loops of lane_ops.h, included once by each file that compiles them. Four doubles at a time by
// GCC's vector type; the including file's flags decide what machine code that becomes. The includer defines
// WN_LANE_TABLE and WN_LANE_NAME. Must stay free of anything that could change bits: no reassociation, no fused
// multiply-add (-ffp-contract=off).
#include "solve/lane_ops.h"
#include <math.h>

typedef double quad __attribute__((vector_size(32), may_alias));
typedef long long mask __attribute__((vector_size(32), may_alias));

#define GET(block) (*(const quad *)(block))
#define PUT(block) (*(quad *)(block))

// nearly a third of a large model's run: CVODE predicts by adding the columns of its history pairwise, a = b = 1
static void linear_sum(size_t n, double a, const double *x, double b, const double *y, double *z) {
  if (a == 1.0 && b == 1.0) {
#pragma GCC unroll 4
    for (size_t i = 0; i < n; i += 4) PUT(z + i) = GET(x + i) + GET(y + i);
    return;
  }
#pragma GCC unroll 4
  for (size_t i = 0; i < n; i += 4) PUT(z + i) = a * GET(x + i) + b * GET(y + i);
}

static void fill(size_t n, double c, double *z) {
  const quad value = {c, c, c, c};
#pragma GCC unroll 4
  for (size_t i = 0; i < n; i += 4) PUT(z + i) = value;
}

static void scale(size_t n, double c, const double *x, double *z) {
#pragma GCC unroll 4
  for (size_t i = 0; i < n; i += 4) PUT(z + i) = c * GET(x + i);
}

static void product(size_t n, const double *x, const double *y, double *z) {
  for (size_t i = 0; i < n; i += 4) PUT(z + i) = GET(x + i) * GET(y + i);
}

static void quotient(size_t n, const double *x, const double *y, double *z) {
  for (size_t i = 0; i < n; i += 4) PUT(z + i) = GET(x + i) / GET(y + i);
}

// clearing the sign bit keeps a not-a-number one
#define ABSOLUTE(v) \
  ((quad)((mask)(v) & (mask){0x7fffffffffffffff, 0x7fffffffffffffff, 0x7fffffffffffffff, 0x7fffffffffffffff}))

static void absolute(size_t n, const double *x, double *z) {
  for (size_t i = 0; i < n; i += 4) PUT(z + i) = ABSOLUTE(GET(x + i));
}

static void inverse(size_t n, const double *x, double *z) {
  for (size_t i = 0; i < n; i += 4) PUT(z + i) = 1.0 / GET(x + i);
}

static void add_constant(size_t n, const double *x, double b, double *z) {
  for (size_t i = 0; i < n; i += 4) PUT(z + i) = GET(x + i) + b;
}

static void combine(size_t n, int n_vector, const double *c, const double *const *x, double *z) {
  // sixteen at a time, so that fetching c[k] and x[k] costs little
  size_t i = 0;
  for (; i + 16 <= n; i += 16) {
    const double *from = x[0] + i;
    quad p = c[0] * GET(from), q = c[0] * GET(from + 4), r = c[0] * GET(from + 8), s = c[0] * GET(from + 12);
    for (int k = 1; k < n_vector; k++) {
      from = x[k] + i;
      p += c[k] * GET(from), q += c[k] * GET(from + 4), r += c[k] * GET(from + 8), s += c[k] * GET(from + 12);
    }
    PUT(z + i) = p, PUT(z + i + 4) = q, PUT(z + i + 8) = r, PUT(z + i + 12) = s;
  }
  for (; i < n; i += 4) {
    quad p = c[0] * GET(x[0] + i);
    for (int k = 1; k < n_vector; k++) p += c[k] * GET(x[k] + i);
    PUT(z + i) = p;
  }
}

static void scale_add(size_t n, int n_vector, const double *a, const double *x, const double *const *y,
                      double *const *z) {
  size_t i = 0;
  for (; i + 16 <= n; i += 16) {
    const quad p = GET(x + i), q = GET(x + i + 4), r = GET(x + i + 8), s = GET(x + i + 12);
    for (int k = 0; k < n_vector; k++) {
      const double *from = y[k] + i;
      double *to = z[k] + i;
      PUT(to) = a[k] * p + GET(from), PUT(to + 4) = a[k] * q + GET(from + 4);
      PUT(to + 8) = a[k] * r + GET(from + 8), PUT(to + 12) = a[k] * s + GET(from + 12);
    }
  }
  for (; i < n; i += 4) {
    const quad p = GET(x + i);
    for (int k = 0; k < n_vector; k++) PUT(z[k] + i) = a[k] * p + GET(y[k] + i);
  }
}

static void weights(size_t n, double rtol, double atol, const double *y, double *w) {
  for (size_t i = 0; i < n; i += 4) PUT(w + i) = 1.0 / (rtol * ABSOLUTE(GET(y + i)) + atol);
}

static double worst_norm(size_t n_state, size_t width, const double *x, const double *w) {
  double worst = 0.0;
  for (size_t lane = 0; lane < width; lane += 4) {
    quad sum = {0.0, 0.0, 0.0, 0.0};
    for (size_t i = lane; i < n_state * width; i += width) {
      const quad scaled = GET(x + i) * GET(w + i);
      sum += scaled * scaled;
    }
    // a plain max() would drop a not-a-number: the negated comparison catches it
    for (int k = 0; k < 4; k++) {
      if (!(sum[k] < WN_LANE_HUGE * WN_LANE_HUGE)) return WN_LANE_HUGE;
      if (sum[k] > worst) worst = sum[k];
    }
  }
  return sqrt(worst / (double)n_state);
}

static double max_norm(size_t n, const double *x) {
  double largest = 0.0;
  for (size_t i = 0; i < n; i++) {
    const double size = fabs(x[i]);
    if (!(size < WN_LANE_HUGE)) return WN_LANE_HUGE;
    if (size > largest) largest = size;
  }
  return largest;
}

const wn_lane_ops WN_LANE_TABLE = {
    .name = WN_LANE_NAME,
    .linear_sum = linear_sum,
    .fill = fill,
    .scale = scale,
    .product = product,
    .quotient = quotient,
    .absolute = absolute,
    .inverse = inverse,
    .add_constant = add_constant,
    .combine = combine,
    .scale_add = scale_add,
    .weights = weights,
    .worst_norm = worst_norm,
    .max_norm = max_norm,
};

// marginal.c - see marginal.h. Invariant: a value lies inside its distribution's support, for every u. Knows no names
// and no texts.

#include "sweep/marginal.h"

#include "base/rng.h"

#include <math.h>

double wn_normal_probability(double z) { return 0.5 * erfc(-z * 0.70710678118654752440); }

double wn_marginal_wrap(double hours) {
  double wrapped = fmod(hours, 24);
  if (wrapped < 0) wrapped += 24;
  return wrapped < 24 ? wrapped : 0;
}

void wn_marginal_lognormal(wn_marginal *marginal, double mean, double cv) {
  double variance = log1p(cv * cv);
  marginal->kind = WN_MARGINAL_LOGNORMAL;
  marginal->a = log(mean) - variance / 2;
  marginal->b = sqrt(variance);
}

static double score(const wn_marginal *marginal, double value) {
  double x = marginal->kind == WN_MARGINAL_NORMAL ? value : value > 0 ? log(value) : -INFINITY;
  return (x - marginal->a) / marginal->b;
}

bool wn_marginal_cut(wn_marginal *marginal, double low, double high) {
  marginal->is_cut = true;
  marginal->low = low, marginal->high = high;
  marginal->p_low = wn_normal_probability(score(marginal, low));
  marginal->p_high = wn_normal_probability(score(marginal, high));
  return marginal->p_high - marginal->p_low > 1e-12;
}

static double clamp(double x, double low, double high) { return x < low ? low : x > high ? high : x; }

static double triangular(const wn_marginal *m, double u) {
  double width = m->b - m->a, left = (m->mode - m->a) / width;
  if (u < left) return m->a + sqrt(u * width * (m->mode - m->a));
  return m->b - sqrt((1 - u) * width * (m->b - m->mode));
}

static double normal(const wn_marginal *m, double u) {
  if (m->is_cut) u = clamp(m->p_low + u * (m->p_high - m->p_low), 0x1p-1022, 1 - 0x1p-53);
  double x = m->a + m->b * wn_normal_quantile(u);
  if (m->kind == WN_MARGINAL_LOGNORMAL) x = exp(x);
  return m->is_cut ? clamp(x, m->low, m->high) : x;
}

static double quantile(const wn_marginal *m, double u) {
  switch (m->kind) {
  case WN_MARGINAL_LEVELS: {
    int i = (int)(u * m->n_level);
    return m->level[i < m->n_level ? i : m->n_level - 1];
  }
  case WN_MARGINAL_UNIFORM: return clamp(m->a + u * (m->b - m->a), m->a, m->b);
  case WN_MARGINAL_LOGUNIFORM: return clamp(m->a * exp(u * log(m->b / m->a)), m->a, m->b);
  case WN_MARGINAL_TRIANGULAR: return clamp(triangular(m, u), m->a, m->b);
  default: return normal(m, u);
  }
}

double wn_marginal_quantile(const wn_marginal *marginal, double u) {
  double value = quantile(marginal, u);
  return marginal->is_clock ? wn_marginal_wrap(value) : value;
}

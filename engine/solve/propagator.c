// propagator.c - see propagator.h. Invariant: what is kept belongs to the A that is set. No difference of nearly equal
// numbers is taken: y = E x + P b, never x + P (A x + b) over a long span. Must not know steps or events.
#include "solve/propagator.h"
#include "base/memory.h"
#include <math.h>
#include <string.h>

static void carve(double *slab, size_t *at, double **block, size_t count) {
  *block = slab ? slab + *at : NULL;
  *at += (count + 7) / 8 * 8;
}

static size_t lay_out(wn_propagator *p, double *slab) {
  const size_t width = (size_t)p->width, vector = (size_t)p->n_state * width;
  const size_t matrix = (size_t)p->reach.to.n_entry * width;
  size_t at = 0;
  carve(slab, &at, &p->A, (size_t)p->reach.from.n_entry * width);
  carve(slab, &at, &p->b, vector);
  carve(slab, &at, &p->norm, width);
  carve(slab, &at, &p->term[0], vector);
  carve(slab, &at, &p->term[1], vector);
  carve(slab, &at, &p->scratch, wn_lane_expm_scratch(&p->reach, p->width));
  for (int i = 0; i < p->n_kept; i++) {
    carve(slab, &at, &p->kept[i].E, matrix);
    carve(slab, &at, &p->kept[i].P, matrix);
  }
  return at;
}

bool wn_propagator_init(wn_propagator *p, const wn_shared_system *system) {
  // about what a core's cache holds, but the few that a step needs in any case
  enum { CACHE = 1 << 21, FEW = 12 };
  *p = (wn_propagator){.ops = wn_expm_ops_get(), .n_state = system->n_state, .width = system->width};
  if (!wn_reach_init(&p->reach, system->n_state, system->n_nz, system->row, system->col)) return false;
  const size_t n_kept = CACHE / (2 * sizeof(double) * (size_t)p->reach.to.n_entry * (size_t)p->width);
  p->n_kept = n_kept < FEW ? FEW : n_kept > WN_MOST_KEPT ? WN_MOST_KEPT : (int)n_kept;
  p->slab = wn_alloc_doubles(lay_out(p, NULL));
  if (p->slab) lay_out(p, p->slab);
  return p->slab != NULL;
}

void wn_propagator_free(wn_propagator *p) {
  wn_reach_free(&p->reach);
  wn_free(p->slab);
  *p = (wn_propagator){0};
}

bool wn_propagator_set(wn_propagator *p, const double *values, const double *b) {
  const size_t width = (size_t)p->width, n = (size_t)p->n_state * width;
  memcpy(p->b, b, n * sizeof *b);
  p->is_forced = false;
  for (size_t i = 0; i < n && !p->is_forced; i++) p->is_forced = b[i] != 0.0;
  bool changed = !p->is_set;
  for (int k = 0; k < p->reach.from.n_entry; k++) {
    double *a = p->A + (size_t)p->reach.order[k] * width;
    const double *value = values + (size_t)k * width;
    if (memcmp(a, value, width * sizeof *a) == 0) continue;
    memcpy(a, value, width * sizeof *a);
    changed = true;
  }
  p->is_set = true;
  if (!changed) return false;
  for (int i = 0; i < p->n_kept; i++) p->kept[i].h = 0.0;
  p->n_seen = 0;
  wn_lane_norm(&p->reach.from, p->width, p->A, p->norm, p->scratch);
  p->fastest = 0.0;
  for (size_t lane = 0; lane < width; lane++) p->fastest = fmax(p->fastest, p->norm[lane]);
  return true;
}

// The exponential of a span within a hair of h, or NULL. Spans come in the same order again and again: first look at
// what came next last time, which finds nearly all of them.
static wn_kept *find_kept(wn_propagator *p, double h, double hair) {
  wn_kept *likely = &p->kept[p->kept[p->last].next];
  if (fabs(likely->h - h) <= hair && likely->h > 0.0) return likely;
  for (int i = 0; i < p->n_kept; i++)
    if (fabs(p->kept[i].h - h) <= hair && p->kept[i].h > 0.0) return &p->kept[i];
  return NULL;
}

// in place of the one not asked for the longest
static wn_kept *make_kept(wn_propagator *p, double h) {
  const wn_kept *half = find_kept(p, 0.5 * h, 0.0);
  wn_kept *kept = half == p->kept ? p->kept + 1 : p->kept;
  for (int i = 0; i < p->n_kept; i++)
    if (&p->kept[i] != half && p->kept[i].used < kept->used) kept = &p->kept[i];
  p->ops->exponential(&p->reach, p->width, h, p->A, p->norm, half ? half->E : NULL, half ? half->P : NULL, kept->E,
                      kept->P, p->scratch);
  p->n_exponential++;
  kept->h = h;
  return kept;
}

const wn_kept *wn_propagator_exponential(wn_propagator *p, double h) {
  wn_kept *kept = find_kept(p, h, 0.0);
  if (!kept) kept = make_kept(p, h);
  kept->used = ++p->clock;
  p->last = p->kept[p->last].next = (int)(kept - p->kept);
  return kept;
}

static void jump(wn_propagator *p, const wn_kept *kept, const double *x, double *out) {
  if (p->is_forced) p->ops->apply(&p->reach.to, p->width, 1.0, kept->P, p->b, NULL, out);
  p->ops->apply(&p->reach.to, p->width, 1.0, kept->E, x, p->is_forced ? out : NULL, out);
}

void wn_propagator_jump(wn_propagator *p, double h, const double *x, double *out) {
  jump(p, wn_propagator_exponential(p, h), x, out);
}

// terms of a Taylor series at norm z <= 1/2 until the rest is below rounding, also of states that are reached late
static int count_terms(const wn_propagator *p, double z) {
  int n = 1;
  for (double rest = z; rest > 1e-18; rest *= z / n) n++;
  return n + p->reach.longest;
}

// out = out + h (A out + b) + h^2/2 A (A out + b) + ...
static void series(wn_propagator *p, double h, double *out) {
  const size_t n = (size_t)p->n_state * (size_t)p->width;
  const int n_term = count_terms(p, fabs(h) * p->fastest);
  p->ops->apply(&p->reach.from, p->width, h, p->A, out, NULL, p->term[0]);
  if (p->is_forced) p->ops->add(n, h, p->b, p->term[0]);
  p->ops->add(n, 1.0, p->term[0], out);
  for (int k = 2; k <= n_term; k++) {
    p->ops->apply(&p->reach.from, p->width, h / k, p->A, p->term[k & 1], NULL, p->term[1 - (k & 1)]);
    p->ops->add(n, 1.0, p->term[1 - (k & 1)], out);
  }
}

double wn_power_of_two(double h) {
  int exponent = 0;
  frexp(h, &exponent);
  return ldexp(1.0, exponent - 1);
}

// The span of a kept exponential within a hair of h; or h itself where it came before; or 0.
static double find_span(wn_propagator *p, double h, double hair) {
  const wn_kept *kept = find_kept(p, h, hair);
  if (kept) return kept->h;
  const int n = p->n_seen < WN_N_SEEN ? p->n_seen : WN_N_SEEN;
  for (int i = 0; i < n; i++)
    if (fabs(p->seen[i] - h) <= hair) return h;
  p->seen[p->n_seen++ % WN_N_SEEN] = h;
  return 0.0;
}

double wn_propagator_walk(wn_propagator *p, double h, double hair, const double *x, double *out) {
  // of a span already walked: what is left changes no digit, nor does it of an input's share
  static const double NOTHING = 1e-14;
  const size_t size = (size_t)p->n_state * (size_t)p->width * sizeof(double);
  double part = h > 0.0 ? find_span(p, h, hair) : 0.0, walked = 0.0;
  while (part > 0.0 || h * p->fastest > 0.5) {
    if (!(part > 0.0)) part = wn_power_of_two(h);
    if (x == out) x = memcpy(p->term[0], out, size);
    wn_propagator_jump(p, part, x, out);
    x = out;
    h -= part;
    walked += part;
    part = 0.0;
  }
  if (x != out) memcpy(out, x, size);
  if (!(fabs(h) > NOTHING * walked || fabs(h) * p->fastest > NOTHING)) return walked;
  series(p, h, out);
  return walked + h;
}

// How many of the times s[0], s[1], ... lie on a lattice, and its span. They may miss it by `hair`.
static int find_lattice(int n, const double *s, double hair, double *span) {
  if (n < 2 || !(s[1] - s[0] > hair)) return 1;
  int last = 1;
  while (last + 1 < n && fabs((s[last + 1] - s[last]) - (s[1] - s[0])) <= hair) last++;
  *span = (s[last] - s[0]) / last;
  return last + 1;
}

// the span of a kept exponential that leads to the same times as h does in n steps; or h
static double find_equal(wn_propagator *p, double h, double hair, int n) {
  const wn_kept *kept = find_kept(p, h, hair / n);
  return kept ? kept->h : h;
}

// n points, each `span` after the one before; the first after x
static void march_evenly(wn_propagator *p, double span, const double *x, int n, double *out) {
  const wn_kept *kept = wn_propagator_exponential(p, span);
  const size_t size = (size_t)p->n_state * (size_t)p->width;
  const double *base = p->is_forced ? p->term[0] : NULL;
  if (base) p->ops->apply(&p->reach.to, p->width, 1.0, kept->P, p->b, NULL, p->term[0]);
  for (int k = 0; k < n; k++, x = out, out += size) p->ops->apply(&p->reach.to, p->width, 1.0, kept->E, x, base, out);
}

void wn_propagator_march(wn_propagator *p, double from, const double *x, int n, const double *s, double *out) {
  enum { FEW = 3 };  // times on a lattice, from which on it is worth an exponential
  const size_t size = (size_t)p->n_state * (size_t)p->width;
  const double hair = n > 0 ? WN_HAIR(fmax(fabs(from), fabs(s[n - 1]))) : 0.0;
  double at = 0.0;  // since `from`
  for (int k = 0; k < n;) {
    double span = 0.0;
    const int count = find_lattice(n - k, s + k, 2.0 * hair, &span);
    if (count >= FEW) {
      span = find_equal(p, span, hair, count);
      wn_propagator_exponential(p, span);
    }
    at += wn_propagator_walk(p, fmax(s[k] - from - at, 0.0), hair, x, out);
    x = out, out += size, k++;
    // time is counted from where the lattice begins, or roundings of sums would add up
    int even = 0;
    while (count >= FEW && even + 1 < count && fabs(s[k + even] - from - (at + (even + 1) * span)) <= 2.0 * hair)
      even++;
    if (even == 0) continue;
    march_evenly(p, span, x, even, out);
    at += even * span;
    k += even, out += (size_t)even * size, x = out - size;
  }
}

// propagator.c - see propagator.h. Invariant: what is kept of a lane belongs to the A that is set. No difference of
// nearly equal numbers is taken: y = E x + P b, never x + P (A x + b) over a long span. Must not know steps or events.
#include "solve/propagator.h"
#include "base/memory.h"
#include <math.h>
#include <string.h>

static void carve(double *slab, size_t *at, double **block, size_t count) {
  *block = slab ? slab + *at : NULL;
  *at += (count + 7) / 8 * 8;
}

// exponentials of up to half the lanes are made packed: A, norm, h, E and P
static size_t few_size(const wn_propagator *p) {
  return ((size_t)p->reach.from.n_entry + 2 * (size_t)p->reach.to.n_entry + 2) * (size_t)p->width;
}

static size_t lay_out(wn_propagator *p, double *slab) {
  const size_t width = (size_t)p->width, vector = (size_t)p->n_state * width;
  const size_t matrix = (size_t)p->reach.to.n_entry * width;
  size_t at = 0;
  carve(slab, &at, &p->A, (size_t)p->reach.from.n_entry * width);
  carve(slab, &at, &p->b, vector);
  double **row[] = {&p->norm, &p->part, &p->rest, &p->half, &p->span, &p->hair};
  for (size_t i = 0; i < sizeof row / sizeof *row; i++) carve(slab, &at, row[i], width);
  carve(slab, &at, &p->term[0], vector);
  carve(slab, &at, &p->term[1], vector);
  carve(slab, &at, &p->scratch, wn_lane_expm_scratch(&p->reach, p->width));
  carve(slab, &at, &p->few, few_size(p));
  for (int i = 0; i < p->n_kept; i++) {
    carve(slab, &at, &p->kept[i].h, width);
    carve(slab, &at, &p->kept[i].E, matrix);
    carve(slab, &at, &p->kept[i].P, matrix);
  }
  return at;
}

bool wn_propagator_init(wn_propagator *p, const wn_system *system) {
  // about what a core's cache holds, but the few that a step needs in any case
  enum { CACHE = 1 << 21, FEW = 12 };
  *p = (wn_propagator){.ops = wn_expm_ops_get(), .n_state = system->n_state, .width = system->width};
  if (!wn_reach_init(&p->reach, system->n_state, system->n_nz, system->row, system->col)) return false;
  const size_t n_kept = CACHE / (2 * sizeof(double) * (size_t)p->reach.to.n_entry * (size_t)p->width);
  p->n_kept = n_kept < FEW ? FEW : n_kept > WN_MOST_KEPT ? WN_MOST_KEPT : (int)n_kept;
  const size_t width = (size_t)p->width;
  p->jumps = (wn_spans){wn_alloc(width * sizeof(wn_known)), true};
  p->looks = (wn_spans){wn_alloc(width * sizeof(wn_known)), true};
  p->lane = wn_alloc(2 * width * sizeof *p->lane);
  p->count = p->lane ? p->lane + width : NULL;
  p->at_once = wn_alloc(width * sizeof *p->at_once);
  p->slab = wn_alloc_doubles(lay_out(p, NULL));
  if (p->slab) lay_out(p, p->slab);
  return p->slab && p->jumps.known && p->looks.known && p->lane && p->at_once;
}

void wn_propagator_free(wn_propagator *p) {
  wn_reach_free(&p->reach);
  wn_free(p->slab);
  wn_free(p->jumps.known);
  wn_free(p->looks.known);
  wn_free(p->lane);
  wn_free(p->at_once);
  *p = (wn_propagator){0};
}

void wn_propagator_set(wn_propagator *p, const bool *which, const double *values, const double *b, bool *changed) {
  const size_t width = (size_t)p->width, n = (size_t)p->n_state * width;
  p->is_forced = false;
  for (size_t i = 0, lane = 0; i < n; i++, lane = lane + 1 < width ? lane + 1 : 0) {
    if (which[lane]) p->b[i] = b[i];
    p->is_forced |= p->b[i] != 0.0;
  }
  memset(changed, 0, width * sizeof *changed);
  for (int k = 0; k < p->reach.from.n_entry; k++) {
    double *a = p->A + (size_t)p->reach.order[k] * width;
    const double *value = values + (size_t)k * width;
    for (size_t lane = 0; lane < width; lane++) {
      if (!which[lane] || memcmp(&a[lane], &value[lane], sizeof *a) == 0) continue;
      a[lane] = value[lane];
      changed[lane] = true;
    }
  }
  bool all = true;
  for (size_t lane = 0; lane < width; lane++) {
    all &= changed[lane];
    if (!changed[lane]) continue;
    for (int i = 0; i < p->n_filled; i++) p->kept[i].h[lane] = 0.0;
    p->norm[lane] = wn_lane_norm(&p->reach.from, p->width, (int)lane, p->A, p->scratch);
  }
  if (all) p->n_filled = p->last = 0;
}

// ---- exponentials ----

static bool holds(const wn_kept *kept, int width, const double *h) {
  int missing = 0;
  for (int lane = 0; lane < width; lane++) missing |= (h[lane] != 0.0) & (kept->h[lane] != h[lane]);
  return !missing;
}

// How many lanes of what is kept fit beside h, -1 where an asked one holds another span. Lanes that are not asked count
// where they hold the same span as one that is, so that lanes come together again.
static int count_fitting(const wn_kept *kept, int width, const double *h, double some) {
  int n = 0;
  for (int lane = 0; lane < width; lane++) {
    if (h[lane] != 0.0 && kept->h[lane] != h[lane] && kept->h[lane] != 0.0) return -1;
    n += kept->h[lane] == (h[lane] != 0.0 ? h[lane] : some);
  }
  return n;
}

// where to put h: beside lanes that hold it already, else in place of what was not asked for the longest
static wn_kept *find_place(wn_propagator *p, const double *h) {
  wn_kept *oldest = p->n_filled < p->n_kept ? &p->kept[p->n_filled] : p->kept, *best = NULL;
  double some = 0.0;
  int most = 0;
  for (int lane = 0; lane < p->width; lane++) some = h[lane] > some ? h[lane] : some;
  for (int i = 0; i < p->n_filled; i++) {
    const int n = count_fitting(&p->kept[i], p->width, h, some);
    if (n > most) most = n, best = &p->kept[i];
    if (p->n_filled == p->n_kept && p->kept[i].used < oldest->used) oldest = &p->kept[i];
  }
  if (!best && p->n_filled < p->n_kept) p->n_filled++;
  return best ? best : oldest;
}

static void copy_lane(const wn_propagator *p, const wn_kept *from, wn_kept *to, int lane) {
  for (int e = lane; e < p->reach.to.n_entry * p->width; e += p->width) to->E[e] = from->E[e], to->P[e] = from->P[e];
}

// lanes that have it elsewhere are copied; the numbers of the others -> lane, how many there are is returned
static int collect_missing(wn_propagator *p, const double *h, wn_kept *to, int *lane) {
  int n = 0;
  for (int k = 0; k < p->width; k++) {
    if (h[k] == 0.0 || to->h[k] == h[k]) continue;
    const wn_kept *from = NULL;
    for (int i = 0; i < p->n_filled && !from; i++)
      if (p->kept[i].h[k] == h[k]) from = &p->kept[i];
    if (from)
      copy_lane(p, from, to, k);
    else
      lane[n++] = k;
    to->h[k] = h[k];
  }
  return n;
}

static void gather(int n_row, int width, const double *from, int n, int n_pad, const int *lane, double *to) {
  for (int i = 0; i < n_row; i++)
    for (int k = 0; k < n_pad; k++) to[i * n_pad + k] = from[i * width + lane[k < n ? k : n - 1]];
}

static void scatter(int n_row, int width, const double *from, int n, int n_pad, const int *lane, double *to) {
  for (int i = 0; i < n_row; i++)
    for (int k = 0; k < n; k++) to[i * width + lane[k]] = from[i * n_pad + k];
}

// of a few lanes, packed
static void make_few(wn_propagator *p, const double *h, wn_kept *kept, int n, const int *lane) {
  const int pad = (n + 3) / 4 * 4, n_from = p->reach.from.n_entry, n_to = p->reach.to.n_entry;
  double *A = p->few, *norm = A + n_from * pad, *span = norm + pad, *E = span + pad, *P = E + n_to * pad;
  gather(n_from, p->width, p->A, n, pad, lane, A);
  gather(1, p->width, p->norm, n, pad, lane, norm);
  gather(1, p->width, h, n, pad, lane, span);
  p->ops->exponential(&p->reach, pad, span, A, norm, NULL, NULL, E, P, p->scratch);
  scatter(n_to, p->width, E, n, pad, lane, kept->E);
  scatter(n_to, p->width, P, n, pad, lane, kept->P);
}

// of all lanes: from half the span where that is there
static void make_all(wn_propagator *p, const double *h, wn_kept *kept) {
  const wn_kept *half = NULL;
  for (int lane = 0; lane < p->width; lane++) p->half[lane] = 0.5 * h[lane];
  for (int i = 0; i < p->n_filled && !half; i++)
    if (&p->kept[i] != kept && holds(&p->kept[i], p->width, p->half)) half = &p->kept[i];
  p->ops->exponential(&p->reach, p->width, h, p->A, p->norm, half ? half->E : NULL, half ? half->P : NULL, kept->E,
                      kept->P, p->scratch);
}

static wn_kept *make_kept(wn_propagator *p, const double *h) {
  wn_kept *kept = find_place(p, h);
  const int n = collect_missing(p, h, kept, p->lane);
  if (n == 0) return kept;
  if (n == p->width)
    make_all(p, h, kept);
  else
    make_few(p, h, kept, n, p->lane);
  p->n_exponential++;
  return kept;
}

// Spans come in the same order again and again: first look at what came next last time, which finds nearly all of them.
static wn_kept *find_kept(wn_propagator *p, const double *h) {
  wn_kept *likely = &p->kept[p->kept[p->last].next];
  if (holds(likely, p->width, h)) return likely;
  for (int i = 0; i < p->n_filled; i++)
    if (holds(&p->kept[i], p->width, h)) return &p->kept[i];
  return NULL;
}

const wn_kept *wn_propagator_exponential(wn_propagator *p, const double *h) {
  wn_kept *kept = find_kept(p, h);
  if (!kept) kept = make_kept(p, h);
  kept->used = ++p->clock;
  p->last = p->kept[p->last].next = (int)(kept - p->kept);
  return kept;
}

void wn_propagator_jump(wn_propagator *p, const double *h, const double *x, double *out) {
  const wn_kept *kept = wn_propagator_exponential(p, h);
  const wn_pattern *pattern = &p->reach.to;
  if (p->is_forced) p->ops->apply(pattern, p->width, NULL, kept->P, p->b, NULL, out);
  p->ops->apply(pattern, p->width, NULL, kept->E, x, p->is_forced ? out : NULL, out);
  for (int lane = 0; lane < p->width; lane++)
    for (int i = lane; h[lane] == 0.0 && i < p->n_state * p->width; i += p->width) out[i] = x[i];
}

// ---- known spans ----

// in step, only the first lane's are kept up
static void leave_step(wn_spans *spans, int width) {
  for (int lane = 1; spans->in_step && lane < width; lane++) spans->known[lane] = spans->known[0];
  spans->in_step = false;
}

static void forget(wn_spans *spans, int width, const bool *which) {
  bool all = true;
  for (int lane = 0; lane < width; lane++) all &= which[lane];
  if (!all) leave_step(spans, width);
  for (int lane = 0; lane < width; lane++)
    if (which[lane]) spans->known[lane].n = spans->known[lane].last = 0;
  if (all) spans->in_step = true;
}

void wn_propagator_forget(wn_propagator *p, const bool *which) {
  forget(&p->jumps, p->width, which);
  forget(&p->looks, p->width, which);
}

int wn_propagator_n_span(const wn_propagator *p, int lane) {
  return p->jumps.known[p->jumps.in_step ? 0 : lane].n + p->looks.known[p->looks.in_step ? 0 : lane].n;
}

// times that miss a span by this many hairs mean it
static const double NEAR = 4.0;

// the known span that is meant by h, or -1
static int find_known(const wn_known *known, double h, double hair) {
  const int n = known->n < WN_N_KNOWN ? known->n : WN_N_KNOWN;
  if (n == 0) return -1;
  const int likely = known->next[known->last];
  if (fabs(known->span[likely] - h) <= NEAR * hair) return likely;
  for (int i = 0; i < n; i++)
    if (fabs(known->span[i] - h) <= NEAR * hair) return i;
  return -1;
}

static double recall(wn_known *known, int found) {
  known->last = known->next[known->last] = found;
  return known->span[found];
}

static void learn(wn_known *known, double h) {
  const int at = known->n++ % WN_N_KNOWN;
  known->span[at] = h;
  known->next[at] = known->next[known->last] = at;
  known->last = at;
}

// ---- any span ----

// terms of a Taylor series at norm z <= 1/2 until the rest is below rounding, also of states that are reached late
static int count_terms(const wn_propagator *p, double z) {
  int n = 1;
  for (double rest = z; rest > 1e-18; rest *= z / n) n++;
  return n + p->reach.longest;
}

// out = out + h (A out + b) + h^2/2 A (A out + b) + ..., h [width]
static void series(wn_propagator *p, const double *h, double *out) {
  const int width = p->width;
  const size_t n = (size_t)p->n_state * (size_t)width;
  int most = 1;
  for (int lane = 0; lane < width; lane++) {
    p->count[lane] = h[lane] != 0.0 ? count_terms(p, fabs(h[lane]) * p->norm[lane]) : 0;
    most = p->count[lane] > most ? p->count[lane] : most;
  }
  p->ops->apply(&p->reach.from, width, h, p->A, out, NULL, p->term[0]);
  for (size_t i = 0; p->is_forced && i < n; i += (size_t)width)
    for (int lane = 0; lane < width; lane++) p->term[0][i + (size_t)lane] += h[lane] * p->b[i + (size_t)lane];
  p->ops->add(n, 1.0, p->term[0], out);
  for (int k = 2; k <= most; k++) {
    for (int lane = 0; lane < width; lane++) p->part[lane] = k <= p->count[lane] ? h[lane] / k : 0.0;
    p->ops->apply(&p->reach.from, width, p->part, p->A, p->term[k & 1], NULL, p->term[1 - (k & 1)]);
    p->ops->add(n, 1.0, p->term[1 - (k & 1)], out);
  }
}

double wn_power_of_two(double h) {
  int exponent = 0;
  frexp(h, &exponent);
  return ldexp(1.0, exponent - 1);
}

// A span that is known -> part, and what it misses -> rest; else all of it -> rest, and the lane knows it from now on.
// Within `rounding` nothing is missed.
static void plan_lane(wn_known *known, double h, double hair, double rounding, bool at_once, double *part,
                      double *rest) {
  const int found = h > 0.0 ? find_known(known, h, hair) : -1;
  *part = found >= 0 ? recall(known, found) : at_once ? h : 0.0;
  if (found < 0 && h > 0.0) learn(known, h);
  *rest = *part > 0.0 && fabs(h - *part) <= rounding ? 0.0 : h - *part;
}

static bool is_even(const double *row, int width) {
  int differ = 0;
  for (int lane = 1; lane < width; lane++) differ |= row[lane] != row[0];
  return !differ;
}

static void plan(wn_propagator *p, wn_spans *spans, double *h, const double *hair, const bool *at_once) {
  bool same = spans->in_step && is_even(h, p->width) && is_even(hair, p->width);
  for (int lane = 1; same && at_once && lane < p->width; lane++) same = at_once[lane] == at_once[0];
  if (!same) leave_step(spans, p->width);
  for (int lane = 0; lane < p->width; lane++) {
    if (same && lane > 0)
      p->part[lane] = p->part[0], p->rest[lane] = p->rest[0];
    else
      plan_lane(&spans->known[lane], h[lane], hair[lane], at_once ? hair[lane] : 0.0, at_once && at_once[lane],
                &p->part[lane], &p->rest[lane]);
  }
  // (h itself where all of it is walked)
  for (int lane = 0; lane < p->width; lane++)
    if (p->rest[lane] == 0.0 && p->part[lane] > 0.0) h[lane] = p->part[lane];
}

static bool any_above_zero(const double *row, int width) {
  int any = 0;
  for (int lane = 0; lane < width; lane++) any |= row[lane] > 0.0;
  return any;
}

// the next parts of lanes that are too far from where they go for a series
static bool next_parts(wn_propagator *p) {
  for (int lane = 0; lane < p->width; lane++) {
    const bool is_far = p->rest[lane] * p->norm[lane] > 0.5;
    p->part[lane] = is_far ? wn_power_of_two(p->rest[lane]) : 0.0;
    p->rest[lane] -= p->part[lane];
  }
  return any_above_zero(p->part, p->width);
}

void wn_propagator_move(wn_propagator *p, wn_spans *spans, double *h, const double *hair, const bool *at_once,
                        const double *x, double *out) {
  // of a span already walked: what is left changes no digit, nor does it of an input's share
  static const double NOTHING = 1e-14;
  const size_t size = (size_t)p->n_state * (size_t)p->width * sizeof(double);
  plan(p, spans, h, hair, at_once);
  for (bool any = any_above_zero(p->part, p->width) || next_parts(p); any; any = next_parts(p)) {
    if (x == out) x = memcpy(p->term[0], out, size);
    wn_propagator_jump(p, p->part, x, out);
    x = out;
  }
  if (x != out) memcpy(out, x, size);
  bool any = false;
  for (int lane = 0; lane < p->width; lane++) {
    const double left = fabs(p->rest[lane]), walked = h[lane] - p->rest[lane];
    if (!(left > NOTHING * walked || left * p->norm[lane] > NOTHING)) p->rest[lane] = 0.0;
    any |= p->rest[lane] != 0.0;
  }
  if (any) series(p, p->rest, out);
}

// ---- many times ----

// lanes that are in step, as long as they know the spans; how many times that is
static int march_together(wn_propagator *p, double from, double *at, const double *x, int n, const double *time,
                          double *out) {
  const size_t size = (size_t)p->n_state * (size_t)p->width;
  wn_known *known = &p->looks.known[0];
  const wn_kept *kept = NULL;
  const double *base = NULL;
  double now = at[0], last = 0.0;
  int k = 0;
  for (; k < n; k++, x = out, out += size) {
    const double h = time[k] - from - now, hair = wn_hair(from, time[k]);
    const int found = h > 0.0 ? find_known(known, h, hair) : -1;
    if (found < 0 || fabs(h - known->span[found]) > hair) break;
    const double span = recall(known, found);
    now += span;
    if (span != last) {
      for (int lane = 0; lane < p->width; lane++) p->part[lane] = span;
      kept = wn_propagator_exponential(p, p->part);
      if (p->is_forced) p->ops->apply(&p->reach.to, p->width, NULL, kept->P, p->b, NULL, p->term[0]);
      base = p->is_forced ? p->term[0] : NULL;
      last = span;
    }
    p->ops->apply(&p->reach.to, p->width, NULL, kept->E, x, base, out);
  }
  for (int lane = 0; lane < p->width; lane++) at[lane] = now;
  return k;
}

// to the next time, each lane by its own span; a span that comes again at once is worth an exponential
static void march_apart(wn_propagator *p, const double *from, double *at, const double *x, int n, const double *time,
                        bool is_shared, double *out) {
  for (int lane = 0; lane < p->width; lane++) {
    const double now = time[is_shared ? 0 : lane], hair = wn_hair(from[lane], now);
    const double h = fmax(now - from[lane] - at[lane], 0.0);
    const double next = n > 1 ? time[is_shared ? 1 : p->width + lane] - now : 0.0;
    p->span[lane] = h, p->hair[lane] = hair, p->at_once[lane] = n > 1 && fabs(next - h) <= NEAR * hair;
  }
  wn_propagator_move(p, &p->looks, p->span, p->hair, p->at_once, x, out);
  for (int lane = 0; lane < p->width; lane++) at[lane] += p->span[lane];
}

void wn_propagator_march(wn_propagator *p, const double *from, double *at, const double *x, int n, const double *time,
                         bool is_shared, double *out) {
  const size_t size = (size_t)p->n_state * (size_t)p->width;
  const bool together = is_shared && is_even(from, p->width) && is_even(at, p->width);
  for (int k = 0, done; k < n; k += done, out += (size_t)done * size, x = out - size) {
    const double *next = time + (is_shared ? k : k * p->width);
    done = together && p->looks.in_step ? march_together(p, from[0], at, x, n - k, next, out) : 0;
    if (done > 0) continue;
    march_apart(p, from, at, x, n - k, next, is_shared, out);
    done = 1;
  }
}

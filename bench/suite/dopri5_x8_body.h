// dopri5_x8_body.h - steps of lanes, and the equations of W1 to W3 in vectors: included once for each kind of
// processor with WN_X8_TABLE the name of its table. The pair, its dense output and the step controller are those of
// dopri5.c; the first step after a dose is that of the dose before, so that it is looked for once a subject.
// Invariant: lanes' results do not depend on their neighbours.
#include "dopri5_x8.h"
#include "equations_w.h"
#include <math.h>
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define INLINE static inline __attribute__((always_inline))
#define TWO_PI 6.283185307179586476925

// as wide as the processor's own
#if defined(__AVX512F__) && defined(__AVX512DQ__)
#define WIDTH 8
#elif defined(__AVX2__)
#define WIDTH 4
#else
#define WIDTH 2
#endif
typedef double vec __attribute__((vector_size(8 * WIDTH)));
typedef long mask __attribute__((vector_size(8 * WIDTH)));  // 0 or -1 a lane

enum { LANES = WIDTH, MAX_N = 9, MAX_STEPS = 10000000 };
static const double LOG_FLOOR = -9.210340371976182;  // ln 1e-4, the least that the controller remembers of an error

// -- elementary functions: the C library's vectors where they are -----

#if defined(__AVX512F__) && defined(__AVX512DQ__)
vec _ZGVeN8v_exp(vec), _ZGVeN8v_log(vec), _ZGVeN8v_cos(vec), _ZGVeN8vv_pow(vec, vec);
INLINE void exp_of(vec *x) { *x = _ZGVeN8v_exp(*x); }
INLINE void log_of(vec *x) { *x = _ZGVeN8v_log(*x); }
INLINE void cos_of(vec *x) { *x = _ZGVeN8v_cos(*x); }
INLINE void pow_of(vec *x, const vec *y) { *x = _ZGVeN8vv_pow(*x, *y); }
#elif defined(__AVX2__)
vec _ZGVdN4v_exp(vec), _ZGVdN4v_log(vec), _ZGVdN4v_cos(vec), _ZGVdN4vv_pow(vec, vec);
INLINE void exp_of(vec *x) { *x = _ZGVdN4v_exp(*x); }
INLINE void log_of(vec *x) { *x = _ZGVdN4v_log(*x); }
INLINE void cos_of(vec *x) { *x = _ZGVdN4v_cos(*x); }
INLINE void pow_of(vec *x, const vec *y) { *x = _ZGVdN4vv_pow(*x, *y); }
#else
#define BY_LANES(name, call)                                 \
  INLINE void name(vec *x) {                                 \
    for (int i = 0; i < LANES; i++) (*x)[i] = call((*x)[i]); \
  }
BY_LANES(exp_of, exp)
BY_LANES(log_of, log)
BY_LANES(cos_of, cos)
INLINE void pow_of(vec *x, const vec *y) {
  for (int i = 0; i < LANES; i++) (*x)[i] = pow((*x)[i], (*y)[i]);
}
#endif

INLINE vec choose(mask m, vec a, vec b) { return (vec)(((mask)a & m) | ((mask)b & ~m)); }
INLINE vec least(vec a, vec b) { return choose(a < b, a, b); }
INLINE vec most(vec a, vec b) { return choose(a > b, a, b); }
INLINE vec size_of(vec a) { return (vec)((mask)a & 0x7fffffffffffffff); }

INLINE unsigned bits_of(mask m) {
#if defined(__AVX512F__) && defined(__AVX512DQ__)
  return _cvtmask8_u32(_mm512_movepi64_mask((__m512i)m));
#elif defined(__AVX2__)
  return (unsigned)_mm256_movemask_pd((__m256d)m);
#else
  unsigned bits = 0;
  for (int i = 0; i < LANES; i++) bits |= (unsigned)(m[i] & 1) << i;
  return bits;
#endif
}

// x^y; that of 1.5, which everybody has, by a root
INLINE void power_of(vec *x, const vec *y) {
  vec root;
  if (bits_of(*y != 1.5)) {
    pow_of(x, y);
    return;
  }
  for (int i = 0; i < LANES; i++) root[i] = sqrt((*x)[i]);
  *x *= root;
}

// -- equations --------------------------------------------------------------------------------------------------------

typedef void rhs_x8(vec t, const vec *rate, const vec *y, vec *dy);

INLINE void w1_rhs(vec t, const vec *rate, const vec *y, vec *dy) {
  typedef WN_BENCH_W1_RATES(vec) rates;
  (void)t;
  const rates *k = (const rates *)rate;
  const vec absorbed = k->ka * y[0], there = k->k12 * y[1], back = k->k21 * y[2];
  dy[0] = -absorbed;
  dy[1] = absorbed - k->k10 * y[1] - there + back;
  dy[2] = there - back;
}

INLINE void w2_rhs(vec t, const vec *rate, const vec *y, vec *dy) {
  typedef WN_BENCH_W2_RATES(vec) rates;
  (void)t;
  const rates *k = (const rates *)rate;
  const vec bind = k->kon * y[1] * y[2], net = k->koff * y[3] - bind;
  dy[0] = -k->ka * y[0];
  dy[1] = k->kafv * y[0] - k->keo * y[1] + k->ktpv * y[4] + net;
  dy[2] = k->ksyn - k->kdeg * y[2] + net;
  dy[3] = bind - k->kintoff * y[3];
  dy[4] = k->kptv * y[1] - k->ktp * y[4];
}

INLINE void w3_rhs(vec t, const vec *rate, const vec *y, vec *dy) {
  typedef WN_BENCH_W3_RATES(vec) rates;
  const rates *k = (const rates *)rate;
  const vec be = y[6] * k->inv_ke, blk = y[4] * k->inv_ki + y[5] * k->inv_kim, den = 1 + be + blk;
  // S is made / den; one division for 1 / den, S0 / S and S / (S50 + S)
  const vec made = y[7] * be, half = k->s50 * den + made, by_all = 1 / (den * made * half);
  const vec inv_den = by_all * made * half, effect = by_all * den * made * made;
  vec clock = TWO_PI / 24 * (t - k->tpk), drive = k->s0 * den * den * half * by_all;
  cos_of(&clock);
  power_of(&drive, &k->gam);
  dy[0] = -k->ka * y[0];
  dy[1] = k->fbka * y[0] - (k->k10 + k->k12) * y[1] + k->k21 * y[2];
  dy[2] = k->k12 * y[1] - k->k21 * y[2];
  dy[3] = k->fmka * y[0] + k->fmk10 * y[1] - k->kel_m * y[3];
  dy[4] = k->ke0v * y[1] - k->ke0 * y[4];
  dy[5] = k->ke0vm * y[3] - k->ke0m * y[5];
  dy[6] = k->koee0 * (1 + k->amp * clock) * drive - k->koe * y[6];
  dy[7] = k->kor * (1 + k->upmax * blk * inv_den - y[7]);
  dy[8] = k->koi * (1 - k->imax * effect - y[8]);
}

// -- a step -----------------------------------------------------------------------------------------------------------

typedef struct stepper {
  vec y[MAX_N], next[MAX_N], k[7][MAX_N], rate[WN_BENCH_MAX_RATE];
  vec t, stop, next_row, h, last_log,
      first;  // last_log: ln of the last step's error; first: the first step after a dose
  mask was_rejected, is_first;
  wn_bench_x8_walk walk;
  double rtol, atol;
} stepper;

INLINE vec weight(const stepper *s, int i, const vec *y, const vec *z) {
  return s->atol + s->rtol * most(size_of(y[i]), size_of(z[i]));
}

// the square of the error norm; a division for two states
INLINE vec norm(const stepper *s, const int n, const vec *x, const vec *y, const vec *z) {
  vec sum = {0};
  for (int i = 0; i + 1 < n; i += 2) {
    const vec w = weight(s, i, y, z), v = weight(s, i + 1, y, z), both = w * v, a = x[i] * v, b = x[i + 1] * w;
    sum += (a * a + b * b) / (both * both);
  }
  if (n % 2) {
    const vec part = x[n - 1] / weight(s, n - 1, y, z);
    sum += part * part;
  }
  return sum * (1.0 / n);
}

// the six stages; next is the new solution, and its derivative the last stage
INLINE void stages(stepper *s, const int n, rhs_x8 *rhs, vec h) {
  const vec t = s->t, *y = s->y, *rate = s->rate;
  vec(*k)[MAX_N] = s->k, z[MAX_N];
  for (int i = 0; i < n; i++) z[i] = y[i] + h * (0.2 * k[0][i]);
  rhs(t + 0.2 * h, rate, z, k[1]);
  for (int i = 0; i < n; i++) z[i] = y[i] + h * (3.0 / 40 * k[0][i] + 9.0 / 40 * k[1][i]);
  rhs(t + 0.3 * h, rate, z, k[2]);
  for (int i = 0; i < n; i++) z[i] = y[i] + h * (44.0 / 45 * k[0][i] - 56.0 / 15 * k[1][i] + 32.0 / 9 * k[2][i]);
  rhs(t + 0.8 * h, rate, z, k[3]);
  for (int i = 0; i < n; i++)
    z[i] = y[i] +
           h * (19372.0 / 6561 * k[0][i] - 25360.0 / 2187 * k[1][i] + 64448.0 / 6561 * k[2][i] - 212.0 / 729 * k[3][i]);
  rhs(t + 8.0 / 9 * h, rate, z, k[4]);
  for (int i = 0; i < n; i++)
    z[i] = y[i] + h * (9017.0 / 3168 * k[0][i] - 355.0 / 33 * k[1][i] + 46732.0 / 5247 * k[2][i] +
                       49.0 / 176 * k[3][i] - 5103.0 / 18656 * k[4][i]);
  rhs(t + h, rate, z, k[5]);
  for (int i = 0; i < n; i++)
    s->next[i] = y[i] + h * (35.0 / 384 * k[0][i] + 500.0 / 1113 * k[2][i] + 125.0 / 192 * k[3][i] -
                             2187.0 / 6784 * k[4][i] + 11.0 / 84 * k[5][i]);
  rhs(t + h, rate, s->next, k[6]);
}

INLINE vec error_of(const stepper *s, const int n, vec h) {
  vec e[MAX_N];
  const vec(*k)[MAX_N] = s->k;
  for (int i = 0; i < n; i++)
    e[i] = h * (71.0 / 57600 * k[0][i] - 71.0 / 16695 * k[2][i] + 71.0 / 1920 * k[3][i] - 17253.0 / 339200 * k[4][i] +
                22.0 / 525 * k[5][i] - 1.0 / 40 * k[6][i]);
  return norm(s, n, e, s->y, s->next);
}

// lanes whose next output is inside the step
INLINE mask have_output(const stepper *s, mask moved, vec end, vec *due) {
  *due = s->next_row * s->walk.job->c->every;
  return moved & (*due <= end) & (*due < s->stop);
}

INLINE void write_inside(stepper *s, const int n, mask moved, vec h) {
  const vec(*k)[MAX_N] = s->k, end = s->t + h;
  vec rise[MAX_N], bend[MAX_N], third[MAX_N], fourth[MAX_N], due;
  mask here = have_output(s, moved, end, &due);
  if (!bits_of(here)) return;
  for (int i = 0; i < n; i++) {
    rise[i] = s->next[i] - s->y[i], bend[i] = h * k[0][i] - rise[i], third[i] = rise[i] - h * k[6][i] - bend[i];
    fourth[i] = h * (-12715105075.0 / 11282082432.0 * k[0][i] + 87487479700.0 / 32700410799.0 * k[2][i] -
                     10690763975.0 / 1880347072.0 * k[3][i] + 701980252875.0 / 199316789632.0 * k[4][i] -
                     1453857185.0 / 822651844.0 * k[5][i] + 69997945.0 / 29380423.0 * k[6][i]);
  }
  const vec inverse = 1 / h;
  for (unsigned lanes; (lanes = bits_of(here));) {
    const vec x = (due - s->t) * inverse, u = 1 - x;
    vec z[MAX_N];
    for (int i = 0; i < n; i++) z[i] = s->y[i] + x * (rise[i] + u * (bend[i] + x * (third[i] + u * fourth[i])));
    for (; lanes; lanes &= lanes - 1) wn_bench_x8_write(&s->walk, n, __builtin_ctz(lanes), (const double *)z);
    s->next_row += choose(here, (vec){0} + 1, (vec){0});
    here = have_output(s, moved, end, &due);
  }
}

// -- starts -----------------------------------------------------------------------------------------------------------

// first steps from the sizes of the solutions, their derivatives and their second derivatives
INLINE vec first_steps(stepper *s, const int n, rhs_x8 *rhs) {
  vec moved[MAX_N], turn[MAX_N];
  const vec length = s->stop - s->t, size = norm(s, n, s->y, s->y, s->y), slope = norm(s, n, s->k[0], s->y, s->y);
  vec h, worst;
  for (int i = 0; i < LANES; i++) h[i] = size[i] < 1e-10 || slope[i] < 1e-10 ? 1e-6 : 0.01 * sqrt(size[i] / slope[i]);
  h = least(h, length);
  for (int i = 0; i < n; i++) moved[i] = s->y[i] + h * s->k[0][i];
  rhs(s->t + h, s->rate, moved, s->k[1]);
  for (int i = 0; i < n; i++) turn[i] = (s->k[1][i] - s->k[0][i]) / h;
  worst = most(norm(s, n, turn, s->y, s->y), slope);
  for (int i = 0; i < LANES; i++)
    h[i] = fmin(100 * h[i], worst[i] <= 1e-30 ? fmax(1e-6, h[i] * 1e-3) : pow(0.01 / sqrt(worst[i]), 0.2));
  return least(h, length);
}

// lanes that were given a dose or a subject: derivatives and steps anew
INLINE void start(stepper *s, const int n, rhs_x8 *rhs, mask started) {
  vec slope[MAX_N];
  mask is_new;
  bool any = false;
  rhs(s->t, s->rate, s->y, slope);
  for (int i = 0; i < n; i++) s->k[0][i] = choose(started, slope[i], s->k[0][i]);
  for (int i = 0; i < LANES; i++) {
    is_new[i] = -(long)s->walk.is_new[i];
    any |= s->walk.is_new[i];
    s->walk.is_new[i] = false;
  }
  if (any) s->first = choose(is_new, first_steps(s, n, rhs), s->first);
  s->h = choose(started, s->first, s->h);
  s->last_log = choose(started, (vec){0} + LOG_FLOOR, s->last_log);
  s->was_rejected &= ~started;
  s->is_first |= started;
}

// -- subject after subject --------------------------------------------------------------------------------------------

// where the lanes whose step was right are now, and everybody's next step
INLINE void settle(stepper *s, const int n, mask accepted, mask is_last, vec h, vec error2) {
  vec log_error = most(error2, (vec){0} + 1e-30);
  log_of(&log_error);
  log_error *= 0.5;
  vec shrink = 0.17 * log_error - choose(accepted, 0.04 * s->last_log, (vec){0});
  exp_of(&shrink);
  shrink = least(shrink * (1 / 0.9), (vec){0} + 5);
  shrink = choose(accepted, most(shrink, (vec){0} + 0.1), shrink);
  shrink = choose(error2 == error2, shrink, (vec){0} + 5);
  const vec next = h / shrink;
  s->h = choose(accepted & s->was_rejected, least(h, next), next);
  s->first = choose(accepted & s->is_first, s->h, s->first);
  s->last_log = choose(accepted, most(log_error, (vec){0} + LOG_FLOOR), s->last_log);
  s->was_rejected = ~accepted;
  s->is_first &= ~accepted;
  s->t = choose(accepted, choose(is_last, s->stop, s->t + h), s->t);
  for (int i = 0; i < n; i++) {
    s->y[i] = choose(accepted, s->next[i], s->y[i]);
    s->k[0][i] = choose(accepted, s->k[6][i], s->k[0][i]);
  }
}

INLINE void count(wn_bench_job *job, mask steps, mask tries, int width) {
  for (int i = 0; i < width; i++) {
    job->cost.n_step += steps[i];
    job->cost.n_fail += tries[i] - steps[i];
    job->cost.n_rhs += 6 * tries[i];
  }
  job->cost.n_rhs += job->cost.n_restart + job->n_subject;
}

INLINE wn_status run(const int n, rhs_x8 *rhs, wn_bench_job *job, wn_error *err) {
  stepper s;
  mask steps = {0}, tries = {0};
  memset(&s, 0, sizeof s);
  s.rtol = job->rtol, s.atol = job->atol;
  s.walk = (wn_bench_x8_walk){.job = job,
                              .width = LANES,
                              .time = (double *)&s.t,
                              .stop = (double *)&s.stop,
                              .next = (double *)&s.next_row,
                              .rate = (double *)s.rate,
                              .state = (double *)s.y};
  wn_bench_x8_begin(&s.walk);
  start(&s, n, rhs, ~(mask){0});
  for (long step = 0; s.walk.n_running > 0; step++) {
    const mask is_last = s.t + 1.01 * s.h >= s.stop;
    const vec h = choose(is_last, s.stop - s.t, s.h);
    const mask is_running = s.stop < (vec){0} + HUGE_VAL;
    stages(&s, n, rhs, h);
    const vec error2 = error_of(&s, n, h);
    const mask accepted = error2 <= 1;
    tries -= is_running, steps -= accepted & is_running;
    write_inside(&s, n, accepted, h);
    settle(&s, n, accepted, is_last, h, error2);
    const mask arrived = accepted & is_last;
    const unsigned lanes = bits_of(arrived);
    if (step > (long)MAX_STEPS * job->n_subject)
      return wn_fail(err, WN_ERR_RUN, "dopri5 vec: more than %d steps a subject", MAX_STEPS);
    if (!lanes) continue;
    wn_bench_x8_arrive(&s.walk, lanes);
    start(&s, n, rhs, arrived);
  }
  count(job, steps, tries, LANES);
  return WN_OK;
}

static wn_status run_w1(wn_bench_job *job, wn_error *err) { return run(3, w1_rhs, job, err); }

static wn_status run_w2(wn_bench_job *job, wn_error *err) { return run(5, w2_rhs, job, err); }

static wn_status run_w3(wn_bench_job *job, wn_error *err) { return run(9, w3_rhs, job, err); }

const wn_bench_x8_table WN_X8_TABLE = {LANES, {run_w1, run_w2, run_w3}};

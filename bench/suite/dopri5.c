// dopri5.c - Dormand and Prince's pair with its own dense output, as one writes it for one subject at a time: Hairer,
// Norsett, Wanner, Solving Ordinary Differential Equations I, 2nd ed., sections II.4-II.6, with the stabilised step
// controller. Also the reference, at 1e-12. Must not know the equations.
#include "by_hand.h"
#include <float.h>
#include <math.h>

typedef struct stepper {
  wn_bench_cost *cost;
  double k[7][WN_BENCH_MAX_STATE];
  double last_error;
} stepper;

enum { MAX_STEPS = 10000000 };

static void derive(stepper *s, const wn_bench_walk *walk, double t, const double *y, double *dy) {
  s->cost->n_rhs++;
  wn_bench_part = WN_PART_RHS;
  walk->job->c->rhs(t, walk->rate, y, dy);
  wn_bench_part = WN_PART_SOLVER;
}

static double norm(const wn_bench_job *job, const double *x, const double *y, const double *z) {
  double sum = 0;
  for (int i = 0; i < job->c->n_state; i++) {
    const double part = x[i] / (job->atol + job->rtol * fmax(fabs(y[i]), fabs(z[i])));
    sum += part * part;
  }
  return sqrt(sum / job->c->n_state);
}

// a first step from the sizes of the solution, its derivative and its second derivative
static double first_step(stepper *s, const wn_bench_walk *walk, double t, double length) {
  const wn_bench_job *job = walk->job;
  const double *y = walk->y;
  double moved[WN_BENCH_MAX_STATE], turn[WN_BENCH_MAX_STATE];
  const double size = norm(job, y, y, y), slope = norm(job, s->k[0], y, y);
  double h = size < 1e-5 || slope < 1e-5 ? 1e-6 : 0.01 * size / slope;
  h = fmin(h, length);
  for (int i = 0; i < job->c->n_state; i++) moved[i] = y[i] + h * s->k[0][i];
  derive(s, walk, t + h, moved, s->k[1]);
  for (int i = 0; i < job->c->n_state; i++) turn[i] = (s->k[1][i] - s->k[0][i]) / h;
  const double most = fmax(norm(job, turn, y, y), slope);
  return fmin(fmin(100 * h, most <= 1e-15 ? fmax(1e-6, h * 1e-3) : pow(0.01 / most, 0.2)), length);
}

// the six stages; y1 is the new solution, and its derivative the last stage
static void stages(stepper *s, const wn_bench_walk *walk, double t, double h, double *y1) {
  const int n = walk->job->c->n_state;
  const double *y = walk->y;
  double(*k)[WN_BENCH_MAX_STATE] = s->k, z[WN_BENCH_MAX_STATE];
  for (int i = 0; i < n; i++) z[i] = y[i] + h * (0.2 * k[0][i]);
  derive(s, walk, t + 0.2 * h, z, k[1]);
  for (int i = 0; i < n; i++) z[i] = y[i] + h * (3.0 / 40 * k[0][i] + 9.0 / 40 * k[1][i]);
  derive(s, walk, t + 0.3 * h, z, k[2]);
  for (int i = 0; i < n; i++) z[i] = y[i] + h * (44.0 / 45 * k[0][i] - 56.0 / 15 * k[1][i] + 32.0 / 9 * k[2][i]);
  derive(s, walk, t + 0.8 * h, z, k[3]);
  for (int i = 0; i < n; i++)
    z[i] = y[i] +
           h * (19372.0 / 6561 * k[0][i] - 25360.0 / 2187 * k[1][i] + 64448.0 / 6561 * k[2][i] - 212.0 / 729 * k[3][i]);
  derive(s, walk, t + 8.0 / 9 * h, z, k[4]);
  for (int i = 0; i < n; i++)
    z[i] = y[i] + h * (9017.0 / 3168 * k[0][i] - 355.0 / 33 * k[1][i] + 46732.0 / 5247 * k[2][i] +
                       49.0 / 176 * k[3][i] - 5103.0 / 18656 * k[4][i]);
  derive(s, walk, t + h, z, k[5]);
  for (int i = 0; i < n; i++)
    y1[i] = y[i] + h * (35.0 / 384 * k[0][i] + 500.0 / 1113 * k[2][i] + 125.0 / 192 * k[3][i] -
                        2187.0 / 6784 * k[4][i] + 11.0 / 84 * k[5][i]);
  derive(s, walk, t + h, y1, k[6]);
}

static double error_of(const stepper *s, const wn_bench_walk *walk, double h, const double *y1) {
  double e[WN_BENCH_MAX_STATE];
  const double(*k)[WN_BENCH_MAX_STATE] = s->k;
  for (int i = 0; i < walk->job->c->n_state; i++)
    e[i] = h * (71.0 / 57600 * k[0][i] - 71.0 / 16695 * k[2][i] + 71.0 / 1920 * k[3][i] - 17253.0 / 339200 * k[4][i] +
                22.0 / 525 * k[5][i] - 1.0 / 40 * k[6][i]);
  return norm(walk->job, e, walk->y, y1);
}

// outputs inside a step that was accepted
static void write_inside(const stepper *s, wn_bench_walk *walk, double t, double h, double to, const double *y1) {
  const int n = walk->job->c->n_state;
  const double(*k)[WN_BENCH_MAX_STATE] = s->k;
  double at;
  while ((at = wn_bench_walk_next(walk)) <= t + h && at < to) {
    double z[WN_BENCH_MAX_STATE];
    const double x = (at - t) / h, u = 1 - x;
    for (int i = 0; i < n; i++) {
      const double rise = y1[i] - walk->y[i], bend = h * k[0][i] - rise;
      const double fourth = h * (-12715105075.0 / 11282082432.0 * k[0][i] + 87487479700.0 / 32700410799.0 * k[2][i] -
                                 10690763975.0 / 1880347072.0 * k[3][i] + 701980252875.0 / 199316789632.0 * k[4][i] -
                                 1453857185.0 / 822651844.0 * k[5][i] + 69997945.0 / 29380423.0 * k[6][i]);
      z[i] = walk->y[i] + x * (rise + u * (bend + x * (rise - h * k[6][i] - bend + u * fourth)));
    }
    wn_bench_walk_write(walk, z);
  }
}

static wn_status leg(void *self, wn_bench_walk *walk, double from, double to, wn_error *err) {
  stepper *s = self;
  const int n = walk->job->c->n_state;
  double t = from, y1[WN_BENCH_MAX_STATE];
  s->cost->n_restart++;
  derive(s, walk, t, walk->y, s->k[0]);
  double h = first_step(s, walk, t, to - from);
  s->last_error = 1e-4;
  bool was_rejected = false;
  for (int step = 0; step < MAX_STEPS; step++) {
    const bool is_last = t + 1.01 * h >= to;
    if (is_last) h = to - t;
    stages(s, walk, t, h, y1);
    const double error = error_of(s, walk, h, y1);
    double shrink = pow(error, 0.2 - 0.04 * 0.75);
    if (!(error <= 1)) {
      h /= isfinite(shrink) ? fmin(5, shrink / 0.9) : 5;
      s->cost->n_fail++;
      was_rejected = true;
      continue;
    }
    s->cost->n_step++;
    write_inside(s, walk, t, h, to, y1);
    for (int i = 0; i < n; i++) {
      walk->y[i] = y1[i];
      s->k[0][i] = s->k[6][i];
    }
    if (is_last) return WN_OK;
    t += h;
    shrink = fmax(0.1, fmin(5, shrink / pow(s->last_error, 0.04) / 0.9));
    h = was_rejected ? fmin(h, h / shrink) : h / shrink;
    s->last_error = fmax(error, 1e-4);
    was_rejected = false;
  }
  return wn_fail(err, WN_ERR_RUN, "dopri5: more than %d steps at t = %g h", MAX_STEPS, t);
}

wn_status wn_bench_dopri5(wn_bench_job *job, wn_error *err) {
  stepper s = {.cost = &job->cost};
  return wn_bench_walk_all(job, leg, &s, err);
}

// steady.c - see steady.h. One batch carries the point itself and n_state copies moved along each state: their
// differences after a period are the columns of the map's derivative. All share the solver's steps, so that the
// differences are far more accurate than the solutions (internal differentiation, Bock 1981).
// Invariant: the answer does not depend on the caller's other lanes. Must not know of records or data sets.

#include "sim/steady.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { MAX_NEWTON = 40, MAX_CYCLES = 1000 };

// a period of the equations' own clock, h
static const double DAY = 24;
static const double SAME_TIME = 1e-9;

typedef struct search {
  const wn_steady *steady;
  const wn_model *model;
  wn_lanes lanes;  // lane 0: the point; lane 1 + i: moved along state i
  wn_solver *solver;
  int n, width;
  int n_cycle;                   // intervals in a period
  double interval;               // h
  double start;                  // time of the first implied dose of the period
  double *point, *image, *step;  // [n]
  double *moved;                 // [n] how far lane 1 + i was moved
  double *map;                   // [n][n] derivative of the map, then scratch of the elimination
  double *slab;
} search;

static bool follows_clock(const wn_model *model) {
  for (int i = 0; i < model->n_state; i++)
    if (wn_graph_depends(model->graph, model->state[i].derivative) & (1u << WN_OP_TIME)) return true;
  return false;
}

// intervals until the doses meet the same clock again
static wn_status choose_period(search *s, double time, wn_error *err) {
  const wn_steady *steady = s->steady;
  s->n_cycle = 1;
  s->interval = steady->constant ? DAY : steady->period;
  if (!steady->constant && follows_clock(s->model)) {
    while (s->n_cycle <= MAX_CYCLES) {
      double days = s->n_cycle * s->interval / DAY;
      if (fabs(days - round(days)) < SAME_TIME) break;
      s->n_cycle++;
    }
    if (s->n_cycle > MAX_CYCLES)
      return wn_fail(err, WN_ERR_RUN,
                     "no steady state: the equations follow the clock, and doses every %g h never meet the same hours "
                     "again; try an interval that divides a day",
                     s->interval);
  }
  // the period ends where the next dose would be given, `phase` after the last
  double since = steady->constant ? 0 : steady->phase;
  s->start = time - since + (steady->constant ? 0 : steady->period) - s->n_cycle * s->interval;
  return WN_OK;
}

static void copy_lane(search *s, const wn_lanes *from, int lane) {
  const wn_model *m = s->model;
  for (int to = 0; to < s->width; to++) {
    for (int i = 0; i < m->n_param; i++) s->lanes.param[i * s->width + to] = from->param[i * from->width + lane];
    for (int i = 0; i < m->n_covariate_all; i++)
      s->lanes.covariate[i * s->width + to] = from->covariate[i * from->width + lane];
  }
  wn_lanes_bind(&s->lanes);
  wn_lanes_start(&s->lanes, s->start);
  for (int i = 0; i < m->n_state; i++) {
    s->point[i] = from->state[i * from->width + lane];
    if (from->open[i * from->width + lane] != 0) continue;
    s->point[i] = 0;
    for (int to = 0; to < s->width; to++) wn_lanes_set_open(&s->lanes, i, to, false);
  }
}

static wn_status begin(search *s, const wn_lanes *lanes, int lane, const wn_solver_def *def, wn_error *err) {
  s->n = s->model->n_state;
  s->width = (s->n + 1 + WN_LANES - 1) / WN_LANES * WN_LANES;
  size_t n = (size_t)s->n;
  WN_TRY(wn_lanes_init(&s->lanes, s->model, s->width, err));
  s->slab = wn_alloc_doubles(4 * n + n * n);
  if (!s->slab) return wn_fail_memory(err);
  s->point = s->slab, s->image = s->point + n, s->step = s->image + n, s->moved = s->step + n, s->map = s->moved + n;
  copy_lane(s, lanes, lane);
  wn_system system = wn_lanes_system(&s->lanes);
  wn_solver_def tight = *def;
  tight.rtol = fmin(tight.rtol, 1e-9), tight.atol = fmin(tight.atol, 1e-12);
  return wn_solver_create(&system, &tight, &s->solver, err);
}

static void finish(search *s) {
  wn_solver_destroy(s->solver);
  wn_lanes_free(&s->lanes);
  wn_free(s->slab);
}

static wn_status advance(search *s, double from, double to, wn_error *err) {
  if (to - from < SAME_TIME) return WN_OK;
  WN_TRY(wn_solver_restart(s->solver, from, s->lanes.state, err));
  for (double now = from; now < to;) WN_TRY(wn_solver_step(s->solver, to, &now, err));
  memcpy(s->lanes.state, wn_solver_state(s->solver), (size_t)(s->n * s->width) * sizeof(double));
  return WN_OK;
}

static void set_rates(search *s, double running) {
  const wn_steady *steady = s->steady;
  for (int k = 0; k < steady->n_target; k++)
    for (int lane = 0; lane < s->width; lane++) {
      // a target may stand twice
      double total = 0;
      for (int j = 0; j < steady->n_target; j++)
        if (steady->target[j] == steady->target[k]) total += running * steady->amount[j];
      wn_lanes_set_rate(&s->lanes, steady->target[k], lane, total);
    }
}

// `span` hours (at most an interval) from an implied dose at `from`; infusions longer than the interval overlap
static wn_status run_dose(search *s, double from, double span, wn_error *err) {
  const wn_steady *steady = s->steady;
  if (steady->constant) {
    set_rates(s, 1);
    return advance(s, from, from + span, err);
  }
  if (!(steady->duration > 0)) {
    for (int k = 0; k < steady->n_target; k++)
      for (int lane = 0; lane < s->width; lane++)
        s->lanes.state[steady->target[k] * s->width + lane] +=
            steady->amount[k] * s->lanes.open[steady->target[k] * s->width + lane];
    return advance(s, from, from + span, err);
  }
  double older = floor(steady->duration / s->interval * (1 + DBL_EPSILON * 8));
  double rest = fmax(steady->duration - older * s->interval, 0);
  set_rates(s, older + 1);
  WN_TRY(advance(s, from, from + fmin(rest, span), err));
  set_rates(s, older);
  if (span > rest) WN_TRY(advance(s, from + rest, from + span, err));
  set_rates(s, 0);
  return WN_OK;
}

// put the point into lane 0 and its moved copies into the others
static void spread(search *s) {
  double largest = 0;
  for (int i = 0; i < s->n; i++) largest = fmax(largest, fabs(s->point[i]));
  for (int i = 0; i < s->n; i++) {
    // a linear map is the same everywhere: large moves lose nothing
    double size = s->model->is_linear ? 1 : 1e-6 * fmax(fabs(s->point[i]), 1e-3 * largest + 1e-6);
    double there = s->point[i] + size;
    s->moved[i] = there - s->point[i];
    for (int lane = 0; lane < s->width; lane++) s->lanes.state[i * s->width + lane] = s->point[i];
    s->lanes.state[i * s->width + 1 + i] = there;
  }
}

// the image of the point after a period, and the derivative of the map
static wn_status apply_map(search *s, wn_error *err) {
  spread(s);
  for (int cycle = 0; cycle < s->n_cycle; cycle++)
    WN_TRY(run_dose(s, s->start + cycle * s->interval, s->interval, err));
  for (int i = 0; i < s->n; i++) {
    const double *row = s->lanes.state + i * s->width;
    s->image[i] = row[0];
    for (int k = 0; k < s->n; k++) s->map[i * s->n + k] = (row[1 + k] - row[0]) / s->moved[k];
  }
  return WN_OK;
}

// Largest modulus of an eigenvalue, from the growth of powers: |M^(2^k)|^(1/2^k). `power` and `square` are [n][n].
static double spectral_radius(int n, const double *map, double *power, double *square) {
  double log_scale = 0, weight = 1;
  memcpy(power, map, (size_t)(n * n) * sizeof(double));
  for (int doubling = 0; doubling < 24; doubling++) {
    double largest = 0;
    for (int i = 0; i < n * n; i++) largest = fmax(largest, fabs(power[i]));
    if (!(largest > 1e-290)) return exp(log_scale) * (largest > 0 ? 1 : 0);
    for (int i = 0; i < n * n; i++) power[i] /= largest;
    log_scale += log(largest) * weight;
    weight /= 2;
    for (int i = 0; i < n; i++)
      for (int j = 0; j < n; j++) {
        double sum = 0;
        for (int k = 0; k < n; k++) sum += power[i * n + k] * power[k * n + j];
        square[i * n + j] = sum;
      }
    memcpy(power, square, (size_t)(n * n) * sizeof(double));
  }
  return exp(log_scale);
}

// Solve (I - M) x = b by elimination with row pivoting, overwriting map and x = b. False when singular.
static bool solve_fixed_point(int n, double *map, double *x) {
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) map[i * n + j] = (i == j) - map[i * n + j];
  for (int k = 0; k < n; k++) {
    int pivot = k;
    for (int i = k + 1; i < n; i++)
      if (fabs(map[i * n + k]) > fabs(map[pivot * n + k])) pivot = i;
    if (!(fabs(map[pivot * n + k]) > 1e-13)) return false;
    for (int j = 0; j < n && pivot != k; j++) {
      double t = map[k * n + j];
      map[k * n + j] = map[pivot * n + j], map[pivot * n + j] = t;
    }
    double t = x[k];
    x[k] = x[pivot], x[pivot] = t;
    for (int i = k + 1; i < n; i++) {
      double factor = map[i * n + k] / map[k * n + k];
      for (int j = k; j < n && factor != 0; j++) map[i * n + j] -= factor * map[k * n + j];
      x[i] -= factor * x[k];
    }
  }
  for (int i = n - 1; i >= 0; i--) {
    for (int j = i + 1; j < n; j++) x[i] -= map[i * n + j] * x[j];
    x[i] /= map[i * n + i];
  }
  return true;
}

static double residual_of(const search *s) {
  double largest = 0, worst = 0;
  for (int i = 0; i < s->n; i++) largest = fmax(largest, fabs(s->image[i]));
  for (int i = 0; i < s->n; i++) {
    double scale = fmax(fabs(s->image[i]), 1e-6 * largest);
    if (scale > 0) worst = fmax(worst, fabs(s->image[i] - s->point[i]) / scale);
  }
  return worst;
}

// what a deviation does over a period decides whether there is a steady state at all
static wn_status judge(search *s, double *scratch, wn_steady_report *report, wn_error *err) {
  report->multiplier = spectral_radius(s->n, s->map, scratch, scratch + s->n * s->n);
  report->period = s->n_cycle * s->interval;
  double lambda = report->multiplier;
  if (lambda >= 1 - 1e-10)
    return wn_fail(err, WN_ERR_RUN,
                   "no steady state: what is there now does not die out (a deviation is multiplied by %.6g over %g h)",
                   lambda, report->period);
  report->hours_to_95 = lambda > 1e-12 ? report->period * log(0.05) / log(lambda) : 0;
  return WN_OK;
}

static wn_status newton(search *s, double tolerance, double *scratch, wn_steady_report *report, wn_error *err) {
  double last = INFINITY;
  for (int k = 1; k <= MAX_NEWTON; k++) {
    wn_status status = apply_map(s, err);
    if (status == WN_ERR_RUN) return wn_fail_prefix(err, "no steady state found");
    if (status) return status;
    report->n_iteration = k;
    report->residual = residual_of(s);
    if (!isfinite(report->residual)) break;
    // converged, or as near as the solver's own error lets it come
    if (report->residual <= tolerance || (report->residual <= 1e3 * tolerance && report->residual >= last / 2))
      return judge(s, scratch, report, err);
    last = report->residual;
    for (int i = 0; i < s->n; i++) s->step[i] = s->image[i] - s->point[i];
    if (!solve_fixed_point(s->n, s->map, s->step))
      return wn_fail(err, WN_ERR_RUN,
                     "no steady state: something is neither eliminated nor limited, so it accumulates");
    for (int i = 0; i < s->n; i++) s->point[i] += s->step[i];
  }
  return wn_fail(
      err, WN_ERR_RUN,
      "no steady state found: after %d steps of Newton's method the states still change by %.3g of their size "
      "over %g h; more may be given than can be eliminated",
      report->n_iteration, report->residual, s->n_cycle * s->interval);
}

// a linear map needs one step, and a second application to know the residual
static wn_status linear(search *s, double *scratch, wn_steady_report *report, wn_error *err) {
  memset(s->point, 0, (size_t)s->n * sizeof(double));
  WN_TRY(apply_map(s, err));
  WN_TRY(judge(s, scratch, report, err));
  memcpy(s->step, s->image, (size_t)s->n * sizeof(double));
  if (!solve_fixed_point(s->n, s->map, s->step))
    return wn_fail(err, WN_ERR_RUN, "no steady state: something is not eliminated, so it accumulates");
  memcpy(s->point, s->step, (size_t)s->n * sizeof(double));
  report->n_iteration = 1;
  return WN_OK;
}

// from the fixed point (just before a dose) to the phase at which the record stands
static wn_status move_to_phase(search *s, double *state, wn_error *err) {
  double phase = s->steady->constant ? s->interval : s->steady->phase;
  if (phase < s->interval - SAME_TIME) {
    spread(s);
    WN_TRY(run_dose(s, s->start, phase, err));
    for (int i = 0; i < s->n; i++) s->point[i] = s->lanes.state[i * s->width];
  }
  memcpy(state, s->point, (size_t)s->n * sizeof(double));
  return WN_OK;
}

wn_status wn_steady_solve(const wn_lanes *lanes, int lane, const wn_steady *steady, double time,
                          const wn_solver_def *solver, double *state, wn_steady_report *report, wn_error *err) {
  search s = {.steady = steady, .model = lanes->model};
  *report = (wn_steady_report){0};
  WN_TRY(choose_period(&s, time, err));
  wn_status status = begin(&s, lanes, lane, solver, err);
  double *scratch = status ? NULL : wn_alloc_doubles(2 * (size_t)s.n * (size_t)s.n);
  if (!status && !scratch) status = wn_fail_memory(err);
  if (!status && s.model->is_linear)
    status = linear(&s, scratch, report, err);
  else if (!status)
    status = newton(&s, fmax(10 * fmin(solver->rtol, 1e-9), 1e-10), scratch, report, err);
  if (!status) status = move_to_phase(&s, state, err);
  wn_free(scratch);
  finish(&s);
  return status;
}

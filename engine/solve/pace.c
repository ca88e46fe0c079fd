// pace.c - see pace.h. Invariant: nothing a lane computes reads another lane, except those of its own group, whose
// clocks are the same; a lane that stands keeps its state bit for bit. Must not know which method computes an attempt.
#include "solve/pace.h"
#include "base/memory.h"
#include <float.h>
#include <math.h>
#include <string.h>

// attempts of one step that may fail before the lane is given up
enum { MAX_FAIL = 60, N_ROW = 11, N_COEFFICIENT = 12, N_MASK = 3, N_BLOCK = 5 };

// a first step by which the fastest state changes by this share of itself
static const double FIRST_CHANGE = 0.01;

static double *cut(double **at, size_t n) {
  double *here = *at;
  *at += (n + 7) / 8 * 8;
  return here;
}

static void lay_out(wn_pace *p) {
  const size_t width = (size_t)p->width, block = (size_t)p->n_state * width;
  double *at = p->slab;
  double **row[N_ROW] = {&p->time, &p->end,  &p->before, &p->step,       &p->next_step, &p->first_step,
                         &p->err,  &p->past, &p->change, &p->stage_time, &p->own_err};
  for (int k = 0; k < N_ROW; k++) *row[k] = cut(&at, width);
  p->coefficient = cut(&at, N_COEFFICIENT * width);
  wn_lane_mask **mask[N_MASK] = {&p->take, &p->fresh, &p->any};
  for (int k = 0; k < N_MASK; k++) *mask[k] = (wn_lane_mask *)(void *)cut(&at, width);
  double **own[N_BLOCK] = {&p->y, &p->old, &p->next, &p->peak, &p->slope};
  for (int k = 0; k < N_BLOCK; k++) *own[k] = cut(&at, block);
  p->block = at;
}

static wn_status allocate(wn_pace *p, size_t n_extra, wn_error *err) {
  const size_t width = (size_t)p->width, row = (width + 7) / 8 * 8;
  const size_t block = ((size_t)p->n_state * width + 7) / 8 * 8;
  p->slab = wn_alloc_doubles((N_ROW + N_MASK) * row + (N_COEFFICIENT * width + 7) / 8 * 8 +
                             (size_t)(N_BLOCK + p->method->n_block) * block + n_extra);
  p->n_fail = wn_alloc(width * sizeof(int));
  p->n_step = wn_alloc(width * sizeof(int));
  p->is_first = wn_alloc(width * sizeof(bool));
  if (!p->slab || !p->n_fail || !p->n_step || !p->is_first) return wn_fail_memory(err);
  lay_out(p);
  p->extra = wn_pace_block(p, p->method->n_block);
  return WN_OK;
}

wn_status wn_pace_create(const wn_method *method, const wn_system *system, const wn_solver_def *def, size_t n_extra,
                         wn_pace **pace, wn_error *err) {
  wn_pace *p = wn_alloc(sizeof *p);
  *pace = p;
  if (!p) return wn_fail_memory(err);
  *p = (wn_pace){.method = method,
                 .system = *system,
                 .def = *def,
                 .ops = wn_pace_ops_get(system->width),
                 .n_state = system->n_state,
                 .width = system->width,
                 .worst_state = -1,
                 .worst_lane = -1};
  WN_TRY(allocate(p, n_extra, err));
  // proportional and integral control (Gustafsson 1991): smooth steps, few of them refused
  p->pacing = (wn_pacing){.now = 0.7 / method->order,
                          .past = 0.4 / method->order,
                          .shrink = 0.2,
                          .grow = method->most_grow,
                          .max_step = def->max_step > 0 ? def->max_step : HUGE_VAL};
  p->judge = (wn_judge){.rtol = method->safety * def->rtol,
                        .atol = method->safety * def->atol,
                        .floor = def->floor,
                        .y = p->y,
                        .next = p->next,
                        .peak = p->peak};
  return WN_OK;
}

void wn_pace_destroy(void *self) {
  wn_pace *p = self;
  if (!p) return;
  wn_free(p->slab);
  wn_free(p->n_fail);
  wn_free(p->n_step);
  wn_free(p->is_first);
  wn_free(p);
}

double *wn_pace_block(const wn_pace *pace, int k) {
  return pace->block + (size_t)k * (((size_t)pace->n_state * (size_t)pace->width + 7) / 8 * 8);
}

void wn_pace_rhs(wn_pace *pace, double part, const double *y, double *slope) {
  for (int lane = 0; lane < pace->width; lane++) pace->stage_time[lane] = pace->time[lane] + part * pace->step[lane];
  pace->system.rhs(pace->system.context, pace->stage_time, y, slope);
  pace->stats.n_rhs++;
}

// -- beginnings
// --------------------------------------------------------------------------------------------------------

static void begin_lane(wn_pace *p, int lane, double from, const double *y) {
  p->time[lane] = p->before[lane] = from;
  p->fresh[lane] = -1;
  p->n_fail[lane] = p->n_step[lane] = 0;
  p->is_first[lane] = true;
  p->past[lane] = 1;
  p->next_step[lane] = p->first_step[lane];
  for (int i = lane; i < p->n_state * p->width; i += p->width) {
    p->y[i] = p->old[i] = y[i];
    if (p->def.rtol * fabs(y[i]) + p->def.atol < DBL_EPSILON * fabs(y[i])) p->rounded = i;
    p->peak[i] = fmax(p->peak[i], fabs(y[i]));
  }
}

void wn_pace_begin(void *self, const bool *which, const double *from, const double *to, const double *y) {
  wn_pace *p = self;
  if (from) {
    p->stats.n_restart++;
    p->worst_state = p->worst_lane = p->rounded = -1;
  }
  for (int lane = 0; lane < p->width; lane++) {
    if (which && !which[lane]) continue;
    if (from) begin_lane(p, lane, from[lane], y);
    p->end[lane] = to[lane];
  }
}

// the first step of a lane that has none to go by: from how fast its states change against their tolerances
static double guess_step(const wn_pace *p, int lane) {
  double size = 0, speed = 0;
  for (int i = lane; i < p->n_state * p->width; i += p->width) {
    const double tolerance = p->def.rtol * fabs(p->y[i]) + p->def.atol;
    size = fmax(size, fabs(p->y[i]) / tolerance);
    speed = fmax(speed, fabs(p->slope[i]) / tolerance);
  }
  const double step = size > 1e-5 && speed > 1e-5 ? FIRST_CHANGE * size / speed : 1e-6;
  return isfinite(step) && step > 0 ? step : 1e-6;
}

void wn_pace_freshen(wn_pace *pace) {
  bool any = false;
  for (int lane = 0; lane < pace->width; lane++) any |= pace->fresh[lane] != 0;
  if (!any) return;
  wn_pace_rhs(pace, 0, pace->y, pace->next);
  pace->ops->choose(pace->n_state, pace->width, pace->fresh, pace->next, pace->slope);
  memset(pace->fresh, 0, (size_t)pace->width * sizeof *pace->fresh);
}

// -- one attempt
// -------------------------------------------------------------------------------------------------------

// the step of a lane that goes on: two equal ones rather than a long and a tiny one to the end
static double fit(double step, double rest) {
  if (step >= rest * (1 - 1e-10)) return rest;
  return step > rest / 2 ? rest / 2 : step;
}

// lanes of a group agree on the smallest, or the largest, of their values
static void join_groups(wn_pace *p, double *row, bool largest) {
  const int *group = p->system.group;
  double *value = p->stage_time;
  if (!group) return;
  for (int lane = 0; lane < p->width; lane++) value[lane] = largest ? -HUGE_VAL : HUGE_VAL;
  for (int lane = 0; lane < p->width; lane++) {
    double *of = &value[group[lane]];
    // one that is not a number is the largest
    if (largest ? !(row[lane] <= *of) : row[lane] < *of) *of = isnan(*of) ? *of : row[lane];
  }
  for (int lane = 0; lane < p->width; lane++) row[lane] = value[group[lane]];
}

static bool choose_steps(wn_pace *p) {
  bool any = false;
  for (int lane = 0; lane < p->width; lane++) {
    const double rest = p->end[lane] - p->time[lane];
    p->before[lane] = p->time[lane];
    p->step[lane] = 0;
    // a gap of a few roundings is no interval to integrate over
    if (rest <= 4 * DBL_EPSILON * fmax(fabs(p->time[lane]), fabs(p->end[lane]))) {
      p->time[lane] = p->before[lane] = p->end[lane];
      continue;
    }
    any = true;
    if (!(p->next_step[lane] > 0)) p->next_step[lane] = guess_step(p, lane);
    p->step[lane] = fit(fmin(p->next_step[lane], p->pacing.max_step), rest);
  }
  if (any) join_groups(p, p->step, false);
  return any;
}

// move the lanes whose error is within tolerance
static void accept(wn_pace *p) {
  bool any = false;
  for (int lane = 0; lane < p->width; lane++) {
    const double step = p->step[lane];
    p->take[lane] = step > 0 && p->err[lane] <= 1 ? -1 : 0;
    if (!p->take[lane]) continue;
    any = true;
    const double there = p->time[lane] + step;
    p->time[lane] = step == p->end[lane] - p->time[lane] ? p->end[lane] : there;
    if (p->is_first[lane]) p->first_step[lane] = step;
    p->is_first[lane] = false;
    p->n_step[lane]++;
    const double change = p->n_fail[lane] ? fmin(p->change[lane], 1) : p->change[lane];
    // a step that was cut short to meet an end says nothing against the longer one that was meant
    const double meant = step * change;
    p->next_step[lane] = p->next_step[lane] > step && change >= 1 ? fmax(meant, p->next_step[lane]) : meant;
    p->past[lane] = fmax(p->err[lane], 1e-4);
    p->n_fail[lane] = 0;
  }
  p->stats.n_step += any;
  p->ops->accept(p->n_state, p->width, p->take, p->next, p->y, p->old, p->peak);
}

// shorten the steps of those that failed; returns the first lane that is given up, or -1
static int refuse(wn_pace *p) {
  int lost = -1;
  for (int lane = 0; lane < p->width; lane++) {
    const double step = p->step[lane];
    if (!(step > 0) || p->take[lane]) continue;
    const double by = isfinite(p->err[lane]) ? fmax(0.1, 0.9 * pow(p->err[lane], -1 / p->method->order)) : 0.1;
    p->next_step[lane] = step * fmin(by, 0.9);
    p->n_fail[lane]++;
    p->stats.n_error_fail++;
    const bool stuck = p->next_step[lane] <= 8 * DBL_EPSILON * fabs(p->time[lane]);
    if (lost < 0 && (stuck || p->n_fail[lane] > MAX_FAIL)) lost = lane;
  }
  return lost;
}

// -- failures in words
// -------------------------------------------------------------------------------------------------

// the state of a lane with the largest error; one that is not finite comes first
static void find_worst(wn_pace *p, int lane) {
  double worst = -1;
  p->worst_lane = lane;
  for (int state = 0; state < p->n_state; state++) {
    const int at = state * p->width + lane;
    double error = 0;
    for (int k = 0; k < p->error.n; k++) error += p->error.c[k] * p->error.x[k][at];
    double ratio = fabs(error) / (p->judge.rtol * fabs(p->y[at]) + p->judge.atol);
    if (!isfinite(ratio) || !isfinite(p->slope[at])) ratio = HUGE_VAL;
    if (ratio > worst) worst = ratio, p->worst_state = state;
  }
}

// of lanes that share their steps, the one with the largest error; one that is not finite comes first
static int find_culprit(const wn_pace *p, int lane) {
  const int *group = p->system.group;
  int worst = lane;
  for (int other = 0; group && other < p->width; other++)
    if (group[other] == group[lane] && isfinite(p->own_err[worst]) && !(p->own_err[other] <= p->own_err[worst]))
      worst = other;
  return worst;
}

// some state changes by a part of itself within the resolution of time: it has grown beyond all bounds
static bool runs_away(const wn_pace *p, int lane) {
  const double resolution = 64 * DBL_EPSILON * fabs(p->time[lane]);
  for (int i = lane; i < p->n_state * p->width; i += p->width)
    if (fabs(p->slope[i]) * resolution > 0.01 * fabs(p->y[i]) && p->y[i] != 0) return true;
  return false;
}

static wn_status give_up(wn_pace *p, int lane, wn_error *err) {
  const char *name = p->method->name;
  const double time = p->time[lane];
  lane = find_culprit(p, lane);
  find_worst(p, lane);
  if (!isfinite(p->err[lane]) && !runs_away(p, lane))
    return wn_fail(err, WN_ERR_RUN, "%s: the equations are not finite at t = %.6g h", name, time);
  return wn_fail(err, WN_ERR_RUN,
                 "%s: step size became too small at t = %.6g h: the solution may jump or grow without bound there",
                 name, time);
}

static wn_status check_count(wn_pace *p, wn_error *err) {
  for (int lane = 0; lane < p->width; lane++) {
    if (!(p->step[lane] > 0) || p->n_step[lane] < p->def.max_steps) continue;
    p->worst_lane = lane;
    return wn_fail(err, WN_ERR_RUN,
                   "%s: max_steps = %ld reached at t = %.6g h; try a larger rtol, or solver rosenbrock if this is not "
                   "it",
                   p->method->name, p->def.max_steps, p->time[lane]);
  }
  return WN_OK;
}

// a tolerance that is less than the rounding of a state
static wn_status check_tolerance(wn_pace *p, wn_error *err) {
  if (p->rounded < 0) return WN_OK;
  p->worst_state = p->rounded / p->width, p->worst_lane = p->rounded % p->width;
  return wn_fail(err, WN_ERR_RUN,
                 "%s: rtol %g with atol %g cannot be met in double precision at t = %.6g h; try rtol 1e-12 or more",
                 p->method->name, p->def.rtol, p->def.atol, p->time[p->worst_lane]);
}

wn_status wn_pace_advance(void *self, wn_error *err) {
  wn_pace *p = self;
  WN_TRY(check_tolerance(p, err));
  p->is_ready = false;
  wn_pace_freshen(p);
  if (!choose_steps(p)) return WN_OK;
  WN_TRY(check_count(p, err));
  p->method->attempt(p);
  memcpy(p->own_err, p->err, (size_t)p->width * sizeof(double));
  join_groups(p, p->err, true);
  p->ops->pace(p->width, &p->pacing, p->err, p->past, p->change);
  join_groups(p, p->change, false);
  accept(p);
  const int lost = refuse(p);
  return lost < 0 ? WN_OK : give_up(p, lost, err);
}

int wn_pace_worst(void *self, int *state, int *lane) {
  const wn_pace *p = self;
  *state = p->worst_state;
  *lane = p->worst_lane;
  return p->worst_state >= 0;
}

const double *wn_pace_state(void *self) { return ((wn_pace *)self)->y; }
const double *wn_pace_times(void *self) { return ((wn_pace *)self)->time; }
const double *wn_pace_previously(void *self) { return ((wn_pace *)self)->before; }
void wn_pace_stats(void *self, wn_solver_stats *stats) { *stats = ((wn_pace *)self)->stats; }

void wn_pace_part(const wn_pace *pace, const double *time, double *theta) {
  for (int lane = 0; lane < pace->width; lane++) {
    const double from = pace->before[lane], length = pace->time[lane] - from;
    const double part = length > 0 ? (time[lane] - from) / length : 1;
    theta[lane] = time[lane] >= pace->time[lane] ? 1 : fmin(fmax(part, 0), 1);
  }
}

void wn_pace_hold_ends(const wn_pace *pace, const double *theta, double *y) {
  bool any = false;
  for (int lane = 0; lane < pace->width; lane++) {
    pace->any[lane] = theta[lane] >= 1 ? -1 : 0;
    any |= theta[lane] >= 1;
  }
  if (any) pace->ops->choose(pace->n_state, pace->width, pace->any, pace->y, y);
}

// pace.c - see pace.h. Invariant: nothing a lane computes reads another lane, except those of its own group, whose
// clocks are the same; a lane that stands keeps its state bit for bit. Must not know which method computes an attempt.
#include "solve/pace.h"
#include "base/memory.h"
#include <float.h>
#include <math.h>
#include <string.h>

// attempts of one step that may fail before the lane is given up
enum { MAX_FAIL = 60, N_ROW = 17, N_MASK = 3, N_BLOCK = 5 };

// a first step by which the fastest state changes by this share of itself
static const double FIRST_CHANGE = 0.01;

static double *cut(double **at, size_t n) {
  double *here = *at;
  *at += (n + 7) / 8 * 8;
  return here;
}

static void lay_out(wn_pace *p) {
  const size_t width = (size_t)p->width, block = (size_t)p->n_state * width;
  wn_clocks *c = &p->at;
  double *at = p->slab;
  double **row[N_ROW] = {&c->time,    &c->end,     &c->before,     &c->step,   &c->next_step, &c->first_step,
                         &c->err,     &c->past,    &c->n_fail,     &c->n_step, &c->n_taken,   &c->n_refused,
                         &p->n_begun, &p->own_err, &p->stage_time, &p->row[0], &p->row[1]};
  for (int k = 0; k < N_ROW; k++) *row[k] = cut(&at, width);
  wn_lane_mask **mask[N_MASK] = {&c->take, &c->fresh, &c->is_first};
  for (int k = 0; k < N_MASK; k++) *mask[k] = (wn_lane_mask *)(void *)cut(&at, width);
  double **own[N_BLOCK] = {&p->y, &p->old, &p->next, &p->peak, &p->slope};
  for (int k = 0; k < N_BLOCK; k++) *own[k] = cut(&at, block);
  p->block = at;
}

static wn_status allocate(wn_pace *p, size_t n_extra, wn_error *err) {
  const size_t row = ((size_t)p->width + 7) / 8 * 8;
  const size_t block = ((size_t)p->n_state * (size_t)p->width + 7) / 8 * 8;
  p->slab = wn_alloc_doubles((N_ROW + N_MASK) * row + (size_t)(N_BLOCK + p->method->n_block) * block + n_extra);
  if (!p->slab) return wn_fail_memory(err);
  lay_out(p);
  p->extra = wn_pace_block(p, p->method->n_block);
  return WN_OK;
}

wn_status wn_pace_create(const wn_method *method, const wn_system *system, const wn_solver_def *def, size_t n_extra,
                         void **self, wn_error *err) {
  wn_pace *p = wn_alloc(sizeof *p);
  if (!p) return wn_fail_memory(err);
  *p = (wn_pace){.method = method,
                 .system = *system,
                 .def = *def,
                 .ops = wn_pace_ops_get(system->width),
                 .n_state = system->n_state,
                 .width = system->width,
                 .worst_state = -1,
                 .worst_lane = -1};
  if (allocate(p, n_extra, err)) {
    wn_free(p);
    return err ? err->status : WN_ERR_MEMORY;
  }
  // proportional and integral control (Gustafsson 1991; the weights of Hairer and Wanner's codes): smooth steps, few of
  // them refused. More weight on the past leaves errors a sixth of what is allowed and takes a fifth more steps
  p->pacing = (wn_pacing){.now = 0.85 / method->order,
                          .past = 0.2 / method->order,
                          .fail = 1 / method->order,
                          .shrink = 0.2,
                          .grow = method->most_grow,
                          .max_step = def->max_step > 0 ? def->max_step : HUGE_VAL};
  p->judge = (wn_judge){.rtol = method->safety * def->rtol,
                        .atol = method->safety * def->atol,
                        .floor = def->floor,
                        .y = p->y,
                        .next = p->next,
                        .peak = p->peak};
  method->prepare(p);
  *self = p;
  return WN_OK;
}

void wn_pace_destroy(void *self) {
  wn_pace *p = self;
  if (!p) return;
  wn_free(p->slab);
  wn_free(p);
}

double *wn_pace_block(const wn_pace *pace, int k) {
  return pace->block + (size_t)k * (((size_t)pace->n_state * (size_t)pace->width + 7) / 8 * 8);
}

void wn_pace_rhs(wn_pace *pace, double part, const double *y, double *slope) {
  pace->ops->shift(pace->width, pace->at.time, part, pace->at.step, pace->stage_time);
  pace->system.rhs(pace->system.context, pace->stage_time, y, slope);
  pace->stats.n_rhs++;
}

// -- beginnings ---------------------------------------------------------------------------------------------------

static void begin_lane(wn_pace *p, int lane, double from, const double *y) {
  wn_clocks *c = &p->at;
  c->time[lane] = c->before[lane] = from;
  c->fresh[lane] = c->is_first[lane] = -1;
  c->take[lane] = 0;
  c->n_fail[lane] = c->n_step[lane] = 0;
  p->n_begun[lane]++;
  c->past[lane] = 1;
  c->next_step[lane] = c->first_step[lane];
  p->any_fresh = true;
  for (int i = lane; i < p->n_state * p->width; i += p->width) {
    p->y[i] = p->old[i] = y[i];
    if (p->def.rtol * fabs(y[i]) + p->def.atol < DBL_EPSILON * fabs(y[i])) p->rounded = i;
    p->peak[i] = fmax(p->peak[i], fabs(y[i]));
  }
}

void wn_pace_renew(void *self, const bool *which) {
  wn_pace *p = self;
  for (int lane = 0; lane < p->width; lane++) {
    if (!which[lane]) continue;
    p->at.first_step[lane] = p->at.n_taken[lane] = p->at.n_refused[lane] = p->n_begun[lane] = 0;
    for (int i = lane; i < p->n_state * p->width; i += p->width) p->peak[i] = 0;
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
    p->at.end[lane] = to[lane];
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

// derivatives at (time, y) of lanes that are fresh
static void freshen(wn_pace *pace) {
  if (!pace->any_fresh) return;
  wn_pace_rhs(pace, 0, pace->y, pace->next);
  pace->ops->choose(pace->n_state, pace->width, pace->at.fresh, pace->next, pace->slope);
  memset(pace->at.fresh, 0, (size_t)pace->width * sizeof *pace->at.fresh);
  pace->any_fresh = false;
}

// -- one attempt --------------------------------------------------------------------------------------------------

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
  int found = p->ops->plan(p->width, &p->pacing, &p->at);
  for (int lane = 0; found == 2 && lane < p->width; lane++)
    if (!(p->at.next_step[lane] > 0)) p->at.next_step[lane] = guess_step(p, lane);
  if (found == 2) found = p->ops->plan(p->width, &p->pacing, &p->at);
  if (found) join_groups(p, p->at.step, false);
  return found;
}

// the first lane that is given up after a failed attempt, or -1
static int find_lost(const wn_pace *p) {
  const wn_clocks *c = &p->at;
  for (int lane = 0; lane < p->width; lane++) {
    if (!(c->step[lane] > 0) || c->take[lane]) continue;
    if (c->n_fail[lane] > MAX_FAIL || c->next_step[lane] <= 8 * DBL_EPSILON * fabs(c->time[lane])) return lane;
  }
  return -1;
}

// -- failures in words --------------------------------------------------------------------------------------------

// the state of a lane with the largest error; one that is not finite comes first
static void find_worst(wn_pace *p, int lane) {
  double worst = -1;
  p->worst_lane = lane;
  for (int state = 0; state < p->n_state; state++) {
    const int at = state * p->width + lane;
    // the last coefficient is in proportion to the error
    double error = p->all_series ? p->series.c[(p->series.order - 1) * p->n_state * p->width + at] : 0;
    for (int k = 0; !p->all_series && k < p->error.n; k++) error += p->error.c[k] * p->error.x[k][at];
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
  const double resolution = 64 * DBL_EPSILON * fabs(p->at.time[lane]);
  for (int i = lane; i < p->n_state * p->width; i += p->width)
    if (fabs(p->slope[i]) * resolution > 0.01 * fabs(p->y[i]) && p->y[i] != 0) return true;
  return false;
}

static wn_status give_up(wn_pace *p, int lane, wn_error *err) {
  const char *name = p->method->name;
  const double time = p->at.time[lane];
  lane = find_culprit(p, lane);
  find_worst(p, lane);
  if (!isfinite(p->at.err[lane]) && !runs_away(p, lane))
    return wn_fail(err, WN_ERR_RUN, "%s: the equations are not finite at t = %.6g h", name, time);
  return wn_fail(err, WN_ERR_RUN,
                 "%s: step size became too small at t = %.6g h: the solution may jump or grow without bound there",
                 name, time);
}

static wn_status check_count(wn_pace *p, wn_error *err) {
  for (int lane = 0; lane < p->width; lane++) {
    if (!(p->at.step[lane] > 0) || p->at.n_step[lane] < (double)p->def.max_steps) continue;
    p->worst_lane = lane;
    return wn_fail(err, WN_ERR_RUN,
                   "%s: max_steps = %ld reached at t = %.6g h; try a larger rtol, or solver rosenbrock if this is not "
                   "it",
                   p->method->name, p->def.max_steps, p->at.time[lane]);
  }
  return WN_OK;
}

// a tolerance that is less than the rounding of a state
static wn_status check_tolerance(wn_pace *p, wn_error *err) {
  if (p->rounded < 0) return WN_OK;
  p->worst_state = p->rounded / p->width, p->worst_lane = p->rounded % p->width;
  return wn_fail(err, WN_ERR_RUN,
                 "%s: rtol %g with atol %g cannot be met in double precision at t = %.6g h; try rtol 1e-12 or more",
                 p->method->name, p->def.rtol, p->def.atol, p->at.time[p->worst_lane]);
}

wn_status wn_pace_advance(void *self, wn_error *err) {
  wn_pace *p = self;
  WN_TRY(check_tolerance(p, err));
  p->is_ready = false;
  if (p->method->propose)
    p->method->propose(p);
  else
    freshen(p);
  if (!choose_steps(p)) return WN_OK;
  WN_TRY(check_count(p, err));
  p->method->attempt(p);
  memcpy(p->own_err, p->at.err, (size_t)p->width * sizeof(double));
  join_groups(p, p->at.err, true);
  const int found = p->ops->settle(p->width, &p->pacing, &p->at);
  p->stats.n_step += found & 1;
  p->ops->accept(p->n_state, p->width, p->at.take, p->next, p->y, p->old, p->peak);
  if (p->method->is_forgetful) {
    // the slope at the end of a step is not one of the stages
    for (int lane = 0; lane < p->width; lane++) p->at.fresh[lane] |= p->at.take[lane];
    p->any_fresh |= found & 1;
  }
  if (!(found & 2)) return WN_OK;
  p->stats.n_error_fail++;
  const int lost = find_lost(p);
  return lost < 0 ? WN_OK : give_up(p, lost, err);
}

static void make_ready(wn_pace *p) {
  if (!p->is_ready && p->method->ready) p->method->ready(p);
  p->is_ready = true;
}

void wn_pace_look(void *self, const double *time, double *y) {
  wn_pace *p = self;
  make_ready(p);
  if (p->series.order) {
    p->ops->look_series(p->n_state, p->width, &p->at, time, p->old, p->y, &p->series, y);
    return;
  }
  p->ops->look(p->n_state, p->width, &p->at, time, p->old, p->y, &p->curve, y);
}

void wn_pace_look_at(void *self, int n, const int *lane, const double *time, double *const *y) {
  wn_pace *p = self;
  make_ready(p);
  if (p->series.order) {
    p->ops->look_series_at(p->n_state, p->width, &p->at, n, lane, time, p->old, p->y, &p->series, y);
    return;
  }
  p->ops->look_at(p->n_state, p->width, &p->at, n, lane, time, p->old, p->y, &p->curve, y);
}

int wn_pace_worst(void *self, int *state, int *lane) {
  const wn_pace *p = self;
  *state = p->worst_state;
  *lane = p->worst_lane;
  return p->worst_state >= 0;
}

const double *wn_pace_state(void *self) { return ((wn_pace *)self)->y; }
const double *wn_pace_times(void *self) { return ((wn_pace *)self)->at.time; }
const double *wn_pace_previously(void *self) { return ((wn_pace *)self)->at.before; }
void wn_pace_stats(void *self, wn_solver_stats *stats) { *stats = ((wn_pace *)self)->stats; }

void wn_pace_lane_stats(void *self, int lane, wn_solver_stats *stats) {
  const wn_pace *p = self;
  const long taken = (long)p->at.n_taken[lane], refused = (long)p->at.n_refused[lane], begun = (long)p->n_begun[lane];
  const long tried = taken + refused, solved = p->method->is_implicit ? tried : 0;
  // the slope where a step begins is asked for at a beginning, or after every step by a method that forgets it
  const long slopes = p->method->is_forgetful ? taken : begun;
  *stats = (wn_solver_stats){.n_step = taken,
                             .n_rhs = tried * p->method->n_rhs + slopes,
                             .n_jacobian = solved,
                             .n_factor = solved,
                             .n_error_fail = refused,
                             .n_restart = begun};
}

// serial.c - see serial.h. Invariant: nothing a lane computes reads another lane, so its bits are those it has alone.
// The callbacks of the system work on blocks of lanes; of what they give, only the column of the lane that asked is
// read. Must not know which method integrates.
#include "solve/sundials/serial.h"
#include "base/memory.h"
#include <float.h>
#include <math.h>
#include <string.h>

// a few steps below rounding are normal where something switches on; SUNDIALS would take any number of them
enum { MAX_STUCK = 20 };

static size_t whole(size_t n) { return (n + 7) / 8 * 8; }

static wn_status allocate(wn_serial *s, wn_error *err) {
  const size_t width = (size_t)s->system.width, block = (size_t)s->system.n_state * width;
  const size_t n_value = s->system.jacobian ? (size_t)s->system.n_nz * width : 0;
  s->lane = wn_alloc((size_t)s->n_lane * sizeof *s->lane);
  s->slab = wn_alloc_doubles(3 * whole(width) + 4 * whole(block) + n_value);
  if (!s->lane || !s->slab) return wn_fail_memory(err);
  double *at = s->slab;
  double **row[3] = {&s->time, &s->before, &s->stage_time};
  for (int k = 0; k < 3; k++, at += whole(width)) *row[k] = at;
  double **part[4] = {&s->state, &s->trial, &s->slope, &s->peak};
  for (int k = 0; k < 4; k++, at += whole(block)) *part[k] = at;
  s->values = at;
  return WN_OK;
}

static wn_status make_lane(wn_serial *s, int index, wn_error *err) {
  wn_serial_lane *l = &s->lane[index];
  const int *group = s->system.group;
  *l = (wn_serial_lane){.all = s, .lane = index, .lead = index, .bad_state = -1};
  for (int other = index - 1; group && other >= 0; other--)
    if (group[other] == group[index]) l->lead = other;
  l->y = wn_vector_create(s->system.n_state, s->context);
  return l->y && s->method->create(l) ? WN_OK : wn_fail_memory(err);
}

static wn_status make(wn_serial *s, wn_error *err) {
  WN_TRY(allocate(s, err));
  if (!wn_context_create(&s->context, &s->message)) return wn_fail_memory(err);
  s->error = wn_vector_create(s->system.n_state, s->context);
  s->weight = wn_vector_create(s->system.n_state, s->context);
  if (!s->error || !s->weight) return wn_fail_memory(err);
  for (int lane = 0; lane < s->n_lane; lane++) WN_TRY(make_lane(s, lane, err));
  return WN_OK;
}

wn_status wn_serial_create(const wn_serial_method *method, const wn_system *system, const wn_solver_def *def,
                           void **self, wn_error *err) {
  wn_serial *s = wn_alloc(sizeof *s);
  if (!s) return wn_fail_memory(err);
  *s = (wn_serial){.method = method, .system = *system, .def = *def, .worst_state = -1, .worst_lane = -1};
  s->n_lane = system->n_lane > 0 ? system->n_lane : system->width;
  const wn_status status = make(s, err);
  if (status) {
    wn_serial_destroy(s);
    return status;
  }
  *self = s;
  return WN_OK;
}

void wn_serial_destroy(void *self) {
  wn_serial *s = self;
  for (int k = 0; s->lane && k < s->n_lane; k++) {
    if (!s->lane[k].all) continue;
    s->method->destroy(&s->lane[k]);
    if (s->lane[k].y) N_VDestroy(s->lane[k].y);
  }
  if (s->error) N_VDestroy(s->error);
  if (s->weight) N_VDestroy(s->weight);
  if (s->context) SUNContext_Free(&s->context);
  wn_free(s->lane);
  wn_free(s->slab);
  wn_free(s);
}

// -- evaluations of one lane --------------------------------------------------------------------------------------

static void put(wn_serial_lane *l, double time, const double *y) {
  wn_serial *s = l->all;
  s->stage_time[l->lane] = time;
  for (int i = 0; i < s->system.n_state; i++) s->trial[i * s->system.width + l->lane] = y[i];
}

int wn_serial_rhs(wn_serial_lane *lane, double time, const double *y, double *dy) {
  wn_serial *s = lane->all;
  put(lane, time, y);
  s->stats.n_rhs++;
  lane->stats.n_rhs++;
  s->system.rhs(s->system.context, s->stage_time, s->trial, s->slope);
  int bad = -1;
  for (int i = s->system.n_state - 1; i >= 0; i--) {
    dy[i] = s->slope[i * s->system.width + lane->lane];
    if (!isfinite(dy[i])) bad = i;
  }
  if (bad < 0) return 0;
  lane->bad_rhs = lane->stats.n_rhs;
  lane->bad_state = bad;
  return 1;
}

int wn_serial_jacobian(wn_serial_lane *lane, double time, const double *y, int copies, double *values) {
  wn_serial *s = lane->all;
  const int width = s->system.width;
  put(lane, time, y);
  s->stats.n_jacobian++;
  lane->stats.n_jacobian++;
  // one that fails leaves no value
  for (int k = 0; k < s->system.n_nz; k++) s->values[k * width + lane->lane] = NAN;
  s->system.jacobian(s->system.context, s->stage_time, s->trial, s->values);
  bool is_finite = true;
  for (int k = 0; k < s->system.n_nz; k++) {
    const double value = s->values[k * width + lane->lane];
    is_finite &= isfinite(value) != 0;
    for (int copy = 0; copy < copies; copy++) values[k * copies + copy] = value;
  }
  return !is_finite;
}

// what an error of 1 tolerance is, with the floor under it that own clocks have
int wn_serial_weights(N_Vector y, N_Vector weight, void *data) {
  const wn_serial_lane *l = data;
  const wn_serial *s = l->all;
  const double rtol = s->method->safety * s->def.rtol, atol = s->method->safety * s->def.atol;
  const double *value = wn_vector_data(y);
  double *w = wn_vector_data(weight);
  for (int i = 0; i < s->system.n_state; i++) {
    const double least = s->def.floor * s->peak[i * s->system.width + l->lane];
    w[i] = 1 / (rtol * fmax(fabs(value[i]), least) + atol);
  }
  return 0;
}

// -- beginnings ---------------------------------------------------------------------------------------------------

// add what SUNDIALS counted since the beginning and was not collected yet
static void count(const wn_serial_lane *l, wn_solver_stats *stats) {
  if (!l->is_collected) l->all->method->count(l, stats);
}

// what SUNDIALS counted, before it forgets
static void collect(wn_serial_lane *l) {
  wn_solver_stats counted = {0};
  count(l, &counted);
  l->is_collected = true;
  l->stats.n_error_fail += counted.n_error_fail, l->all->stats.n_error_fail += counted.n_error_fail;
  l->stats.n_newton_fail += counted.n_newton_fail, l->all->stats.n_newton_fail += counted.n_newton_fail;
}

static void raise_peaks(wn_serial_lane *l) {
  const wn_serial *s = l->all;
  const double *y = wn_vector_data(l->y);
  for (int i = 0; i < s->system.n_state; i++) {
    double *peak = &s->peak[i * s->system.width + l->lane];
    *peak = fmax(*peak, fabs(y[i]));
  }
}

static void begin_lane(wn_serial_lane *l, double from, const double *y) {
  wn_serial *s = l->all;
  collect(l);
  for (int i = 0; i < s->system.n_state; i++) wn_vector_data(l->y)[i] = y[i * s->system.width + l->lane];
  put(l, from, wn_vector_data(l->y));
  raise_peaks(l);
  l->now = l->start = from;
  l->moved = false;
  l->n_step = 0;
  l->n_stuck = 0;
  l->bad_rhs = 0;
  l->bad_state = -1;
  l->stats.n_restart++;
  l->is_bad = s->method->begin(l) != 0;
  l->is_collected = false;
}

void wn_serial_begin(void *self, const bool *which, const double *from, const double *to, const double *y) {
  wn_serial *s = self;
  const int width = s->system.width;
  if (from) {
    s->stats.n_restart++;
    s->worst_state = s->worst_lane = -1;
  }
  for (int lane = 0; lane < width; lane++) {
    if (which && !which[lane]) continue;
    if (from) {
      s->time[lane] = s->before[lane] = s->stage_time[lane] = from[lane];
      for (int i = lane; i < s->system.n_state * width; i += width) s->state[i] = s->trial[i] = y[i];
    }
    if (lane >= s->n_lane) continue;
    if (from) begin_lane(&s->lane[lane], from[lane], y);
    s->lane[lane].end = to[lane];
  }
}

void wn_serial_renew(void *self, const bool *which) {
  wn_serial *s = self;
  for (int lane = 0; lane < s->n_lane; lane++) {
    if (!which[lane]) continue;
    collect(&s->lane[lane]);
    s->lane[lane].stats = (wn_solver_stats){0};
    for (int i = lane; i < s->system.n_state * s->system.width; i += s->system.width) s->peak[i] = 0;
  }
}

// -- failures in words --------------------------------------------------------------------------------------------

// the state with the largest size against its tolerance; one that is not finite beats all
static int find_worst(const wn_serial *s, N_Vector value) {
  const double *v = wn_vector_data(value), *weight = wn_vector_data(s->weight);
  double worst = -1;
  int state = -1;
  for (int i = 0; i < s->system.n_state; i++) {
    double ratio = fabs(v[i] * weight[i]);
    if (!isfinite(ratio)) ratio = HUGE_VAL;
    if (ratio > worst) worst = ratio, state = i;
  }
  return state;
}

static wn_status say(const wn_serial_lane *l, wn_failure failure, wn_error *err) {
  const wn_serial *s = l->all;
  const char *name = s->method->name;
  // which state it is, wn_solver_worst tells: names are the caller's
  switch (failure) {
  case WN_FAILURE_MEMORY: return wn_fail_memory(err);
  case WN_FAILURE_STEP:
    return wn_fail(err, WN_ERR_RUN,
                   "%s: step size became too small at t = %.6g h: the solution may jump or grow without bound there",
                   name, l->now);
  case WN_FAILURE_NEWTON:
    return wn_fail(err, WN_ERR_RUN, "%s: Newton's iteration failed at every step size tried at t = %.6g h", name,
                   l->now);
  case WN_FAILURE_FINITE:
    return wn_fail(err, WN_ERR_RUN, "%s: the equations are not finite at t = %.6g h", name, l->now);
  case WN_FAILURE_ACCURACY:
    return wn_fail(err, WN_ERR_RUN,
                   "%s: rtol %g with atol %g cannot be met in double precision at t = %.6g h; try rtol 1e-12 or more",
                   name, s->def.rtol, s->def.atol, l->now);
  default: return wn_fail(err, WN_ERR_RUN, "%s: stopped at t = %.6g h: %s", name, l->now, s->message.text);
  }
}

static wn_status give_up(wn_serial_lane *l, wn_failure failure, wn_error *err) {
  // steps that shrink because an evaluation keeps failing a little ahead are not about accuracy
  enum { RECENT = 100 };
  wn_serial *s = l->all;
  const bool is_bad = l->bad_rhs && l->stats.n_rhs - l->bad_rhs <= RECENT;
  if (is_bad && (failure == WN_FAILURE_STEP || failure == WN_FAILURE_NEWTON)) failure = WN_FAILURE_FINITE;
  s->worst_lane = l->lane;
  if (failure == WN_FAILURE_FINITE) {
    s->worst_state = l->bad_state;
  } else {
    s->method->errors(l);
    // a tolerance below rounding is so for the largest value, whatever its error
    s->worst_state = find_worst(s, failure == WN_FAILURE_ACCURACY ? l->y : s->error);
  }
  return say(l, failure, err);
}

// -- the way ------------------------------------------------------------------------------------------------------

static wn_status step(wn_serial_lane *l, wn_error *err) {
  wn_serial *s = l->all;
  if (l->is_bad) return give_up(l, WN_FAILURE_OTHER, err);
  if (l->n_step >= s->def.max_steps) {
    s->worst_lane = l->lane;
    return wn_fail(err, WN_ERR_RUN,
                   "%s: max_steps = %ld reached at t = %.6g h; try a larger rtol, or solver rosenbrock if this is not "
                   "it",
                   s->method->name, s->def.max_steps, l->now);
  }
  // a gap of a few roundings is no interval to integrate over, and the stop time must not be where the solver is
  if (l->end - l->now <= 4 * DBL_EPSILON * fmax(fabs(l->now), fabs(l->end))) {
    l->start = l->now = l->end;
    l->moved = false;
    return WN_OK;
  }
  double now = l->now;
  const int flag = s->method->step(l, &now);
  if (flag < 0) return give_up(l, s->method->failure(flag), err);
  l->n_stuck = now > l->now ? 0 : l->n_stuck + 1;
  l->start = l->now;
  l->now = now;
  l->moved |= now > l->start;
  l->n_step++;
  l->stats.n_step++;
  raise_peaks(l);
  return l->n_stuck <= MAX_STUCK ? WN_OK : give_up(l, WN_FAILURE_STEP, err);
}

static void dense(wn_serial_lane *l, double time, double *y) {
  if (l->moved && time < l->now) {
    l->all->method->dense(l, fmax(time, l->start), y);
  } else {
    memcpy(y, wn_vector_data(l->y), (size_t)l->all->system.n_state * sizeof(double));
  }
}

// where the lane of a group that is furthest behind is
static double group_time(const wn_serial *s, int lead) {
  double time = s->lane[lead].now;
  for (int k = lead + 1; k < s->n_lane; k++)
    if (s->lane[k].lead == lead) time = fmin(time, s->lane[k].now);
  return time;
}

// what the caller sees of a lane at the time of its group
static void show(wn_serial *s, int lane, double time) {
  double *y = wn_vector_data(s->error);
  dense(&s->lane[lane], time, y);
  s->time[lane] = time;
  for (int i = 0; i < s->system.n_state; i++) s->state[i * s->system.width + lane] = y[i];
}

static wn_status advance_group(wn_serial *s, int lead, bool *any, wn_error *err) {
  const double from = s->time[lead];
  double now = from;
  for (int k = lead; k < s->n_lane; k++)
    if (s->lane[k].lead == lead) s->before[k] = from;
  if (!(from < s->lane[lead].end)) return WN_OK;
  while (now == from) {
    for (int k = lead; k < s->n_lane; k++)
      if (s->lane[k].lead == lead && s->lane[k].now == from) WN_TRY(step(&s->lane[k], err));
    now = group_time(s, lead);
  }
  for (int k = lead; k < s->n_lane; k++)
    if (s->lane[k].lead == lead) show(s, k, now);
  *any = true;
  return WN_OK;
}

wn_status wn_serial_advance(void *self, wn_error *err) {
  wn_serial *s = self;
  const int width = s->system.width, last = s->n_lane - 1;
  bool any = false;
  for (int lane = 0; lane < s->n_lane; lane++)
    if (s->lane[lane].lead == lane) WN_TRY(advance_group(s, lane, &any, err));
  s->stats.n_step += any;
  for (int lane = s->n_lane; lane < width; lane++) {
    s->time[lane] = s->time[last], s->before[lane] = s->before[last];
    for (int i = 0; i < s->system.n_state * width; i += width) s->state[i + lane] = s->state[i + last];
  }
  return WN_OK;
}

void wn_serial_look_at(void *self, int n, const int *lane, const double *time, double *const *y) {
  wn_serial *s = self;
  for (int k = 0; k < n; k++) {
    const int at = lane[k] < s->n_lane ? lane[k] : s->n_lane - 1;
    if (time[k] >= s->time[at] || s->before[at] == s->time[at]) {
      for (int i = 0; i < s->system.n_state; i++) y[k][i] = s->state[i * s->system.width + at];
    } else {
      dense(&s->lane[at], fmax(time[k], s->before[at]), y[k]);
    }
  }
}

void wn_serial_look(void *self, const double *time, double *y) {
  wn_serial *s = self;
  double *one = wn_vector_data(s->weight);
  for (int lane = 0; lane < s->system.width; lane++) {
    wn_serial_look_at(s, 1, &lane, &time[lane], &one);
    for (int i = 0; i < s->system.n_state; i++) y[i * s->system.width + lane] = one[i];
  }
}

int wn_serial_worst(void *self, int *state, int *lane) {
  const wn_serial *s = self;
  *state = s->worst_state;
  *lane = s->worst_lane;
  return s->worst_state >= 0;
}

const double *wn_serial_state(void *self) { return ((wn_serial *)self)->state; }
const double *wn_serial_times(void *self) { return ((wn_serial *)self)->time; }
const double *wn_serial_previously(void *self) { return ((wn_serial *)self)->before; }

void wn_serial_stats(void *self, wn_solver_stats *stats) {
  const wn_serial *s = self;
  *stats = s->stats;
  stats->n_factor = 0;
  for (int lane = 0; lane < s->n_lane; lane++) {
    count(&s->lane[lane], stats);
    stats->n_factor += s->lane[lane].stats.n_factor;
  }
}

void wn_serial_lane_stats(void *self, int lane, wn_solver_stats *stats) {
  const wn_serial *s = self;
  const wn_serial_lane *l = &s->lane[lane < s->n_lane ? lane : s->n_lane - 1];
  *stats = l->stats;
  count(l, stats);
}

// lanes.c - see lanes.h. Invariant: nothing a lane computes reads another lane. It must not know of subjects, schedules
// or observations.

#include "sim/lanes.h"
#include "expr/series.h"

#include "sim/day.h"
#include <math.h>
#include <string.h>

// cut `count` doubles from the slab on a 64-byte border; a NULL slab only counts
static void carve(double *slab, size_t *at, double **block, size_t count) {
  *block = slab ? slab + *at : NULL;
  *at += (count + 7) / 8 * 8;
}

static size_t lay_out(wn_lanes *l, double *slab) {
  const wn_model *m = l->model;
  size_t at = 0, width = (size_t)l->width, n_state = (size_t)m->n_state * width;
  carve(slab, &at, &l->one_time, width);
  carve(slab, &at, &l->param, (size_t)m->n_param * width);
  carve(slab, &at, &l->covariate, (size_t)m->n_covariate_all * width);
  carve(slab, &at, &l->state, n_state);
  carve(slab, &at, &l->moved, 2 * n_state);
  l->rate = slab ? l->moved + n_state : NULL;
  carve(slab, &at, &l->open, n_state);
  carve(slab, &at, &l->slope, n_state);
  carve(slab, &at, &l->rhs_work, wn_program_workspace(m->rhs, l->width));
  carve(slab, &at, &l->series_work, m->series ? wn_program_workspace(m->series, l->width) : 0);
  carve(slab, &at, &l->drift_work, m->drift ? wn_program_workspace(m->drift, l->width) : 0);
  carve(slab, &at, &l->jacobian_work, wn_program_workspace(m->jacobian, l->width));
  carve(slab, &at, &l->output_work, wn_program_workspace(m->outputs, l->width));
  carve(slab, &at, &l->initial_work, wn_program_workspace(m->initial, l->width));
  return at;
}

wn_status wn_lanes_init(wn_lanes *lanes, const wn_model *model, int width, wn_error *err) {
  *lanes = (wn_lanes){.model = model, .width = width};
  lanes->slab = wn_alloc_doubles(lay_out(lanes, NULL));
  if (!lanes->slab) return wn_fail_memory(err);
  lay_out(lanes, lanes->slab);
  for (int k = 0; k < model->n_covariate; k++)
    for (int lane = 0; lane < width; lane++) lanes->covariate[k * width + lane] = model->covariate[k].value;
  for (int i = 0; i < model->n_state * width; i++) lanes->open[i] = 1;
  return WN_OK;
}

void wn_lanes_free(wn_lanes *lanes) {
  wn_free(lanes->slab);
  *lanes = (wn_lanes){0};
}

void wn_lanes_bind(wn_lanes *lanes) {
  const wn_model *m = lanes->model;
  wn_program_bind(m->rhs, lanes->width, lanes->param, lanes->covariate, lanes->rhs_work);
  if (m->series) wn_program_bind(m->series, lanes->width, lanes->param, lanes->covariate, lanes->series_work);
  if (m->drift) wn_program_bind(m->drift, lanes->width, lanes->param, lanes->covariate, lanes->drift_work);
  wn_program_bind(m->jacobian, lanes->width, lanes->param, lanes->covariate, lanes->jacobian_work);
  wn_program_bind(m->outputs, lanes->width, lanes->param, lanes->covariate, lanes->output_work);
  wn_program_bind(m->initial, lanes->width, lanes->param, lanes->covariate, lanes->initial_work);
}

const double *wn_lanes_at(wn_lanes *lanes, double time) {
  for (int lane = 0; lane < lanes->width; lane++) lanes->one_time[lane] = time;
  return lanes->one_time;
}

static void evaluate(const wn_lanes *l, const wn_program *program, const double *time, const double *y, double *work,
                     double *out) {
  (l->is_interpreted ? wn_program_interpret : wn_program_eval)(program, l->width, time, y, work, out);
}

// initial values into `slope`; the program reads no states, so any block stands in for them
static void eval_initial(wn_lanes *l, double time) {
  wn_program_eval(l->model->initial, l->width, wn_lanes_at(l, time), l->state, l->initial_work, l->slope);
}

void wn_lanes_start(wn_lanes *lanes, double time) {
  size_t n = (size_t)lanes->model->n_state * (size_t)lanes->width;
  eval_initial(lanes, time);
  memcpy(lanes->state, lanes->slope, n * sizeof(double));
  memset(lanes->rate, 0, n * sizeof(double));
  for (size_t i = 0; i < n; i++) lanes->open[i] = 1;
  lanes->n_running = lanes->n_off = 0;
}

// a lane to the initial values in `slope`
static void restart(wn_lanes *lanes, int lane) {
  for (int state = 0; state < lanes->model->n_state; state++) {
    wn_lanes_set_rate(lanes, state, lane, 0);
    wn_lanes_set_open(lanes, state, lane, true);
    lanes->state[state * lanes->width + lane] = lanes->slope[state * lanes->width + lane];
  }
}

void wn_lanes_start_one(wn_lanes *lanes, double time, int lane) {
  eval_initial(lanes, time);
  restart(lanes, lane);
}

void wn_lanes_start_some(wn_lanes *lanes, double time, const bool *which) {
  eval_initial(lanes, time);
  for (int lane = 0; lane < lanes->width; lane++)
    if (which[lane]) restart(lanes, lane);
}

void wn_lanes_set_rate(wn_lanes *lanes, int state, int lane, double rate) {
  double *at = &lanes->rate[state * lanes->width + lane];
  lanes->n_running += (rate != 0) - (*at != 0);
  *at = rate;
}

void wn_lanes_set_open(wn_lanes *lanes, int state, int lane, bool open) {
  double *at = &lanes->open[state * lanes->width + lane];
  lanes->n_off += (*at != 0) - open;
  *at = open;
}

// 0 when every number of the block is finite: x * 0 is 0 only then. n is a multiple of WN_LANES
static int any_not_finite(const double *block, int n) {
  double sum[WN_LANES] = {0};
  for (int i = 0; i < n; i += WN_LANES)
    for (int k = 0; k < WN_LANES; k++) sum[k] += block[i + k] * 0.0;
  return !(sum[0] + sum[1] + sum[2] + sum[3] == 0);
}

static int rhs(void *context, const double *time, const double *y, double *dy) {
  wn_lanes *l = context;
  evaluate(l, l->model->rhs, time, y, l->rhs_work, dy);
  int n = l->model->n_state * l->width;
  if (l->n_running > 0)
    for (int i = 0; i < n; i++) dy[i] += l->rate[i];
  if (l->n_off > 0)
    for (int i = 0; i < n; i++) dy[i] *= l->open[i];
  return !l->is_trusted && any_not_finite(dy, n);
}

// (with a compartment off the equations are not those of the program)
static int series(void *context, const double *time, const double *y, double *coefficients) {
  wn_lanes *l = context;
  if (l->n_off > 0) return 1;
  memcpy(l->moved, y, (size_t)l->model->n_state * (size_t)l->width * sizeof(double));
  wn_program_eval(l->model->series, l->width, time, l->moved, l->series_work, coefficients);
  return 0;
}

static int drift(void *context, const double *time, const double *y, double *slope) {
  wn_lanes *l = context;
  int n = l->model->n_state * l->width;
  evaluate(l, l->model->drift, time, y, l->drift_work, slope);
  if (l->n_off > 0)
    for (int i = 0; i < n; i++) slope[i] *= l->open[i];
  return !l->is_trusted && any_not_finite(slope, n);
}

static int jacobian(void *context, const double *time, const double *y, double *values) {
  wn_lanes *l = context;
  const wn_model *m = l->model;
  evaluate(l, m->jacobian, time, y, l->jacobian_work, values);
  for (int k = 0; k < m->n_nz && l->n_off > 0; k++)
    for (int lane = 0; lane < l->width; lane++) values[k * l->width + lane] *= l->open[m->row[k] * l->width + lane];
  return !l->is_trusted && any_not_finite(values, m->n_nz * l->width);
}

int wn_lanes_slope(wn_lanes *lanes, const double *time) {
  rhs(lanes, time, lanes->state, lanes->slope);
  return any_not_finite(lanes->slope, lanes->model->n_state * lanes->width);
}

// first entry of a block that is not finite in a lane of `which`, or -1
static int find_not_finite(const wn_lanes *l, const bool *which, const double *block, double *value, int *lane) {
  for (int state = 0; state < l->model->n_state; state++) {
    for (*lane = 0; *lane < l->width; ++*lane) {
      if (which && !which[*lane]) continue;
      *value = block[state * l->width + *lane];
      if (!isfinite(*value)) return state;
    }
  }
  return -1;
}

wn_status wn_lanes_check_state(const wn_lanes *lanes, const bool *which, wn_error *err) {
  double value;
  int lane, state = find_not_finite(lanes, which, lanes->state, &value, &lane);
  if (state < 0) return WN_OK;
  return wn_fail(err, WN_ERR_RUN, "%s is not finite at the start (%g); check its initial value for a division by zero",
                 lanes->model->state[state].name, value);
}

wn_status wn_lanes_check_slope(wn_lanes *lanes, const bool *which, const double *time, const double *first,
                               wn_error *err) {
  if (!wn_lanes_slope(lanes, time)) return WN_OK;
  double value;
  int lane, state = find_not_finite(lanes, which, lanes->slope, &value, &lane);
  if (state < 0) return WN_OK;
  const char *name = lanes->model->state[state].name;
  if (time[lane] <= first[lane])
    return wn_fail(err, WN_ERR_RUN, "derivative of %s is not finite at the start (%g); check for a division by zero",
                   name, value);
  char when[64];
  wn_day_words(time[lane], when);
  return wn_fail(err, WN_ERR_RUN,
                 "derivative of %s is not finite after the dose at %s (%g); check for a division by zero", name, when,
                 value);
}

void wn_lanes_outputs(wn_lanes *lanes, const double *time, const double *state, double *out) {
  evaluate(lanes, lanes->model->outputs, time, state, lanes->output_work, out);
}

wn_system wn_lanes_system(wn_lanes *lanes) {
  const wn_model *m = lanes->model;
  return (wn_system){.n_state = m->n_state,
                     .width = lanes->width,
                     .rhs = rhs,
                     .jacobian = jacobian,
                     .drift = m->drift ? drift : NULL,
                     .series = m->series ? series : NULL,
                     .order = m->series ? WN_SERIES_ORDER : 0,
                     .n_nz = m->n_nz,
                     .row = m->row,
                     .col = m->col,
                     .lu = m->lu,
                     .is_linear = m->is_linear,
                     .context = lanes};
}

// local_lanes.c - one subject, with doses and without, and the derivatives of everything by the chosen parameters.
// Invariant: derivatives are by q, so every one by a parameter is multiplied by dp/dq. It must not know of events.

#include "sim/local_run.h"

#include "sim/routes.h"

#include <math.h>
#include <string.h>

enum { W = WN_LOCAL_WIDTH };

// the lanes of one quantity; blocks are aligned for it
typedef double quad __attribute__((vector_size(W * sizeof(double)), may_alias));

int wn_local_n_sens(const wn_motion *motion) { return motion->n_param + 1; }

static void carve(double *slab, size_t *at, double **block, size_t count) {
  *block = slab ? slab + *at : NULL;
  *at += (count + 7) / 8 * 8;
}

static size_t of_tangent(const wn_tangent *t) { return (size_t)(t->n_value + t->n_entry) * W; }

static size_t lay_out(wn_local_lanes *l, double *slab) {
  const wn_model *m = l->model;
  const wn_motion *d = l->motion;
  size_t at = 0, n_sens = (size_t)l->n_sens, n_state = (size_t)m->n_state, n_route = (size_t)wn_routes_n(m);
  carve(slab, &at, &l->time, W);
  carve(slab, &at, &l->param, (size_t)m->n_param * W);
  carve(slab, &at, &l->covariate, (size_t)(m->n_covariate_all + m->n_state) * W);
  carve(slab, &at, &l->rate, l->block);
  carve(slab, &at, &l->state, (1 + n_sens) * l->block);
  carve(slab, &at, &l->dense, (1 + n_sens) * l->block);
  if (slab) l->s = l->state + l->block, l->dense_s = l->dense + l->block;
  carve(slab, &at, &l->slope, l->block);
  carve(slab, &at, &l->jacobian, (size_t)m->n_nz * W);
  carve(slab, &at, &l->rhs_by, of_tangent(&d->rhs));
  carve(slab, &at, &l->output_by, of_tangent(&d->outputs));
  carve(slab, &at, &l->speed_by, of_tangent(&d->speed));
  carve(slab, &at, &l->route_by, of_tangent(&d->routes) + of_tangent(&d->initial));
  carve(slab, &at, &l->rhs_work, wn_program_workspace(m->rhs, W));
  carve(slab, &at, &l->jacobian_work, wn_program_workspace(m->jacobian, W));
  carve(slab, &at, &l->initial_work, wn_program_workspace(d->initial.program, W));
  carve(slab, &at, &l->rhs_by_work, wn_program_workspace(d->rhs.program, W));
  carve(slab, &at, &l->output_by_work, wn_program_workspace(d->outputs.program, W));
  carve(slab, &at, &l->speed_by_work, wn_program_workspace(d->speed.program, W));
  carve(slab, &at, &l->route_by_work, wn_program_workspace(d->routes.program, W));
  carve(slab, &at, &l->scale, n_sens);
  carve(slab, &at, &l->rate_by, n_sens * n_state);
  carve(slab, &at, &l->route, n_route);
  carve(slab, &at, &l->route_move, n_route * n_sens);
  return at;
}

static void set_time(wn_local_lanes *l, double time) {
  for (int lane = 0; lane < W; lane++) l->time[lane] = time;
}

// initial values and what doses become, with their derivatives; the programs read no states
static void start(wn_local_lanes *l, double t_start) {
  const wn_tangent *initial = &l->motion->initial, *routes = &l->motion->routes;
  set_time(l, t_start);
  wn_program_eval(initial->program, W, l->time, l->dense, l->initial_work, l->route_by);
  memcpy(l->state, l->route_by, l->block * sizeof(double));
  for (int e = 0; e < initial->n_entry; e++) {
    if (initial->by[e] != WN_OP_PARAM) continue;
    const double *entry = l->route_by + (initial->n_value + e) * W;
    double *s = l->s + (size_t)initial->index[e] * l->block + initial->value[e] * W;
    for (int lane = 0; lane < W; lane++) s[lane] = entry[lane] * l->scale[initial->index[e]];
  }
  wn_program_eval(routes->program, W, l->time, l->dense, l->route_by_work, l->route_by);
  for (int i = 0; i < routes->n_value; i++) l->route[i] = l->route_by[i * W];
  for (int e = 0; e < routes->n_entry; e++) {
    int k = routes->index[e];
    if (routes->by[e] != WN_OP_PARAM) continue;
    l->route_move[routes->value[e] * l->n_sens + k] = l->route_by[(routes->n_value + e) * W] * l->scale[k];
  }
}

wn_status wn_local_lanes_init(wn_local_lanes *lanes, const wn_motion *motion, const wn_model *model,
                              const double *param, double t_start, wn_error *err) {
  *lanes = (wn_local_lanes){.model = model, .motion = motion, .n_sens = wn_local_n_sens(motion)};
  lanes->block = (size_t)model->n_state * W;
  lanes->slab = wn_alloc_doubles(lay_out(lanes, NULL));
  if (!lanes->slab) return wn_fail_memory(err);
  lay_out(lanes, lanes->slab);
  for (int i = 0; i < model->n_param * W; i++) lanes->param[i] = param[i / W];
  for (int i = 0; i < model->n_covariate * W; i++) lanes->covariate[i] = model->covariate[i / W].value;
  for (int k = 0; k < motion->n_param; k++) {
    double value = param[motion->param[k]];
    lanes->scale[k] = value != 0 ? value : 1;
  }
  lanes->scale[motion->n_param] = 1;
  wn_program_bind(model->rhs, W, lanes->param, lanes->covariate, lanes->rhs_work);
  wn_program_bind(model->jacobian, W, lanes->param, lanes->covariate, lanes->jacobian_work);
  wn_program_bind(motion->initial.program, W, lanes->param, lanes->covariate, lanes->initial_work);
  wn_program_bind(motion->rhs.program, W, lanes->param, lanes->covariate, lanes->rhs_by_work);
  wn_program_bind(motion->outputs.program, W, lanes->param, lanes->covariate, lanes->output_by_work);
  wn_program_bind(motion->routes.program, W, lanes->param, lanes->covariate, lanes->route_by_work);
  wn_local_lanes_bind(lanes);
  start(lanes, t_start);
  return WN_OK;
}

void wn_local_lanes_free(wn_local_lanes *lanes) {
  wn_free(lanes->slab);
  *lanes = (wn_local_lanes){0};
}

void wn_local_lanes_bind(wn_local_lanes *lanes) {
  memcpy(lanes->covariate + lanes->model->n_covariate_all * W, lanes->rate, lanes->block * sizeof(double));
  wn_program_bind(lanes->motion->speed.program, W, lanes->param, lanes->covariate, lanes->speed_by_work);
}

// 0 when every number of the block is finite: x * 0 is 0 only then
static int any_not_finite(const double *block, size_t n) {
  quad sum = {0};
  for (size_t i = 0; i < n / W; i++) sum += ((const quad *)block)[i] * 0.0;
  return !(sum[0] + sum[1] + sum[2] + sum[3] == 0);
}

int wn_local_rhs(void *context, double time, const double *y, double *dy) {
  wn_local_lanes *l = context;
  set_time(l, time);
  wn_program_eval(l->model->rhs, W, l->time, y, l->rhs_work, dy);
  for (size_t i = 0; i < l->block; i++) dy[i] += l->rate[i];
  return any_not_finite(dy, l->block);
}

int wn_local_jacobian(void *context, double time, const double *y, double *values) {
  wn_local_lanes *l = context;
  set_time(l, time);
  wn_program_eval(l->model->jacobian, W, l->time, y, l->jacobian_work, values);
  return any_not_finite(values, (size_t)l->model->n_nz * W);
}

int wn_local_move(void *context, double time, const double *y, const double *const *s, double *const *ds) {
  wn_local_lanes *l = context;
  const wn_model *m = l->model;
  const wn_tangent *rhs = &l->motion->rhs;
  if (wn_local_jacobian(l, time, y, l->jacobian)) return 1;
  wn_program_eval(rhs->program, W, l->time, y, l->rhs_by_work, l->rhs_by);
  for (int k = 0; k < l->n_sens; k++) {
    memset(ds[k], 0, l->block * sizeof(double));
    for (int i = 0; i < m->n_state; i++) ds[k][i * W + WN_LOCAL_TAKEN] = l->rate_by[k * m->n_state + i];
    const quad *from = (const quad *)s[k], *jacobian = (const quad *)l->jacobian;
    quad *to = (quad *)ds[k];
    for (int e = 0; e < m->n_nz; e++) to[m->row[e]] += jacobian[e] * from[m->col[e]];
  }
  for (int e = 0; e < rhs->n_entry; e++) {
    int k = rhs->index[e];
    if (rhs->by[e] != WN_OP_PARAM) continue;
    for (int lane = 0; lane < W; lane++)
      ds[k][rhs->value[e] * W + lane] += l->rhs_by[(rhs->n_value + e) * W + lane] * l->scale[k];
  }
  for (int k = 0; k < l->n_sens; k++)
    if (any_not_finite(ds[k], l->block)) return 1;
  return 0;
}

// sum over a value's entries: by parameters, and by states and inputs through how these move -> by [n_sens]
static void follow(const wn_local_lanes *l, const wn_tangent *t, const double *out, const double *s, int value,
                   int lane, double *by) {
  for (int k = 0; k < l->n_sens; k++) by[k] = 0;
  for (int e = 0; e < t->n_entry; e++) {
    if (t->value[e] != value) continue;
    double entry = out[(t->n_value + e) * W + lane];
    int at = t->index[e];
    if (t->by[e] == WN_OP_PARAM) by[at] += entry * l->scale[at];
    if (entry == 0) continue;
    for (int k = 0; k < l->n_sens && t->by[e] == WN_OP_STATE; k++)
      by[k] += entry * s[(size_t)k * l->block + (size_t)(at * W + lane)];
    for (int k = 0; k < l->n_sens && t->by[e] == WN_OP_COVARIATE && lane == WN_LOCAL_TAKEN; k++)
      by[k] += entry * l->rate_by[k * l->model->n_state + at];
  }
}

void wn_local_look(wn_local_lanes *l, double time, const double *y, const double *s, int output, int lane,
                   wn_local_point *point) {
  const wn_tangent *outputs = &l->motion->outputs, *speed = &l->motion->speed;
  wn_local_rhs(l, time, y, l->slope);
  wn_program_eval(outputs->program, W, l->time, y, l->output_by_work, l->output_by);
  wn_program_eval(speed->program, W, l->time, y, l->speed_by_work, l->speed_by);
  point->value = l->output_by[output * W + lane];
  point->speed = l->speed_by[output * W + lane];
  point->acceleration = 0;
  for (int e = 0; e < speed->n_entry; e++) {
    if (speed->value[e] != output) continue;
    double entry = l->speed_by[(speed->n_value + e) * W + lane];
    if (speed->by[e] == WN_OP_STATE) point->acceleration += entry * l->slope[speed->index[e] * W + lane];
    if (speed->by[e] == WN_OP_TIME) point->acceleration += entry;
  }
  follow(l, outputs, l->output_by, s, output, lane, point->by);
  follow(l, speed, l->speed_by, s, output, lane, point->speed_by);
}

void wn_local_outputs(wn_local_lanes *l, double time, const double *y, const double *s, double *value, double *by) {
  const wn_tangent *outputs = &l->motion->outputs;
  set_time(l, time);
  wn_program_eval(outputs->program, W, l->time, y, l->output_by_work, l->output_by);
  for (int k = 0; k < outputs->n_value; k++) {
    value[k] = l->output_by[k * W + WN_LOCAL_TAKEN];
    follow(l, outputs, l->output_by, s, k, WN_LOCAL_TAKEN, by + k * l->n_sens);
  }
}

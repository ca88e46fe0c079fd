// twin.c - holds a case's equations by hand against its Lua twin, so that all rows integrate the same thing. Invariant:
// every state is moved off 0, so that terms of states the case does not use are compared, too.
#include "base/memory.h"
#include "base/rng.h"
#include "rows.h"
#include "sim/lanes.h"
#include <math.h>
#include <string.h>

typedef struct twin {
  const wn_bench_case *c;
  const wn_model *model;
  wn_lanes lanes;
  double rate[WN_BENCH_MAX_RATE];
  double *values;  // [n_nz][WN_LANES] of the engine
  double *dense;   // [n_state * n_state] by hand
  double worst;
} twin;

// relative to what the sum of the terms may have cancelled
static void compare(twin *w, double a, double b, double size) {
  const double difference = fabs(a - b) / fmax(fmax(fabs(a), fabs(b)), size);
  if (!(difference <= w->worst) && a != b) w->worst = isnan(difference) ? HUGE_VAL : difference;
}

static double moved(const double *y, int point, int i) {
  const wn_rng_key key = {.seed = 11, .subject = (uint32_t)point, .index = (uint32_t)i};
  const double u = wn_rng_uniform(key);
  return y[i] * (0.7 + 0.6 * u) + 0.02 * u;
}

static wn_status compare_at(twin *w, const double *y, int point, wn_error *err) {
  const wn_bench_case *c = w->c;
  const wn_model *m = w->model;
  const double t = 0.37 + 3.1 * point;
  double at[WN_BENCH_MAX_STATE], dy[WN_BENCH_MAX_STATE], step = 0;
  for (int i = 0; i < c->n_state; i++) {
    at[i] = moved(y, point, i);
    for (int lane = 0; lane < WN_LANES; lane++) w->lanes.state[i * WN_LANES + lane] = at[i];
  }
  c->rhs(t, w->rate, at, dy);
  memset(w->dense, 0, (size_t)(c->n_state * c->n_state) * sizeof(double));
  c->jacobian(t, w->rate, at, w->dense);
  const wn_system system = wn_lanes_system(&w->lanes);
  if (wn_lanes_slope(&w->lanes, wn_lanes_at(&w->lanes, t)) ||
      system.jacobian(system.context, wn_lanes_at(&w->lanes, t), w->lanes.state, w->values))
    return wn_fail(err, WN_ERR_RUN, "%s: the model is not finite at a point of comparison", c->name);
  // what the terms of each derivative are like: |J| |y|
  for (int i = 0; i < c->n_state; i++) {
    step = 0;
    for (int j = 0; j < c->n_state; j++) step += fabs(w->dense[j * c->n_state + i] * at[j]);
    compare(w, dy[i], w->lanes.slope[i * WN_LANES], step);
  }
  for (int k = 0; k < m->n_nz; k++) {
    double *entry = &w->dense[m->col[k] * c->n_state + m->row[k]];
    compare(w, *entry, w->values[k * WN_LANES], 1e-9);
    *entry = 0;
  }
  for (int i = 0; i < c->n_state * c->n_state; i++)
    if (w->dense[i] != 0)
      return wn_fail(err, WN_ERR_RUN, "%s: d %s / d %s by hand is no entry of the model's Jacobian", c->name,
                     c->state[i % c->n_state], c->state[i / c->n_state]);
  return WN_OK;
}

static wn_status compare_all(twin *w, const double *states, int n, wn_error *err) {
  const wn_bench_case *c = w->c;
  double param[WN_BENCH_MAX_PARAM], y[WN_BENCH_MAX_STATE];
  double *all = wn_alloc_doubles((size_t)w->model->n_param);
  if (!all) return wn_fail_memory(err);
  wn_model_defaults(w->model, -1, all);
  wn_bench_subject(c, 1, param);
  wn_status status = WN_OK;
  for (int i = 0; i < c->n_param && !status; i++) {
    int index;
    status = wn_model_require_param(w->model, c->param[i].name, &index, err);
    if (status) break;
    compare(w, all[index], c->param[i].typical, 0);
    all[index] = param[i];
  }
  for (int i = 0; i < w->model->n_param; i++)
    for (int lane = 0; lane < WN_LANES; lane++) w->lanes.param[i * WN_LANES + lane] = all[i];
  wn_free(all);
  wn_lanes_bind(&w->lanes);
  wn_lanes_start(&w->lanes, 0);
  c->prepare(param, w->rate);
  c->initial(w->rate, y);
  for (int i = 0; i < c->n_state; i++) compare(w, y[i], w->lanes.state[i * WN_LANES], 1e-12);
  for (int k = 0; k < n && !status; k++) status = compare_at(w, states + (size_t)k * (size_t)c->n_state, k, err);
  return status;
}

wn_status wn_bench_same_equations(const wn_bench_case *c, const wn_model *model, const double *states, int n,
                                  double *difference, wn_error *err) {
  if (model->n_state != c->n_state)
    return wn_fail(err, WN_ERR_RUN, "%s: the model has %d states, the case %d", c->name, model->n_state, c->n_state);
  for (int i = 0; i < c->n_state; i++)
    if (strcmp(model->state[i].name, c->state[i]) != 0)
      return wn_fail(err, WN_ERR_RUN, "%s: state %d is %s in the model, %s in the case", c->name, i,
                     model->state[i].name, c->state[i]);
  twin w = {.c = c, .model = model};
  WN_TRY(wn_lanes_init(&w.lanes, model, WN_LANES, err));
  w.values = wn_alloc_doubles((size_t)model->n_nz * WN_LANES);
  w.dense = wn_alloc_doubles((size_t)(c->n_state * c->n_state));
  wn_status status = w.values && w.dense ? compare_all(&w, states, n, err) : wn_fail_memory(err);
  wn_free(w.values);
  wn_free(w.dense);
  wn_lanes_free(&w.lanes);
  *difference = w.worst;
  return status;
}

// batch.c - the lanes of one batch and the callbacks of its solver. Invariant: a lane is touched only by its own
// subject's parameters and actions; padded lanes repeat the last lane. It must not know of steps, windows or metrics.

#include "sim/batch.h"

#include "sim/day.h"
#include <math.h>
#include <string.h>

int wn_batch_width(int n_subject, bool baseline) {
  int lanes = baseline ? 2 * n_subject : n_subject;
  return (lanes + WN_LANES - 1) / WN_LANES * WN_LANES;
}

// cut `count` doubles from the slab on a 64-byte border; a NULL slab only counts
static void carve(double *slab, size_t *at, double **block, size_t count) {
  *block = slab ? slab + *at : NULL;
  *at += (count + 7) / 8 * 8;
}

static size_t lay_out(wn_batch *b, double *slab) {
  size_t at = 0, width = (size_t)b->width, n_state = (size_t)b->model->n_state * width;
  carve(slab, &at, &b->time, width);
  carve(slab, &at, &b->state, n_state);
  carve(slab, &at, &b->rate, n_state);
  carve(slab, &at, &b->slope, n_state);
  carve(slab, &at, &b->rhs_work, wn_program_workspace(b->model->rhs, b->width));
  carve(slab, &at, &b->jacobian_work, wn_program_workspace(b->model->jacobian, b->width));
  carve(slab, &at, &b->output_work, wn_program_workspace(b->model->outputs, b->width));
  return at;
}

// the subject whose parameters a lane carries
static const wn_subject *lane_subject(const wn_batch *b, int lane) {
  if (lane >= b->n_lane) lane = b->n_lane - 1;
  return b->subject[lane % b->n_subject];
}

// states at t_start, before any dose
static wn_status eval_initial(wn_batch *b, const double *param, wn_error *err) {
  const wn_program *initial = b->model->initial;
  double *work = wn_alloc_doubles(wn_program_workspace(initial, b->width));
  if (!work) return wn_fail_memory(err);
  for (int lane = 0; lane < b->width; lane++) b->time[lane] = b->scenario->t_start;
  // the program reads no states: the zeroed rate block stands in for them
  wn_program_bind(initial, b->width, param, NULL, work);
  wn_program_eval(initial, b->width, b->time, b->rate, work, b->state);
  wn_free(work);
  return WN_OK;
}

// parameters into lanes, and everything that depends on them only
static wn_status bind_parameters(wn_batch *b, wn_error *err) {
  const wn_model *model = b->model;
  double *param = wn_alloc_doubles((size_t)model->n_param * (size_t)b->width);
  if (!param) return wn_fail_memory(err);
  for (int lane = 0; lane < b->width; lane++) {
    const double *value = lane_subject(b, lane)->arm->param;
    for (int i = 0; i < model->n_param; i++) param[i * b->width + lane] = value[i];
  }
  wn_program_bind(model->rhs, b->width, param, NULL, b->rhs_work);
  wn_program_bind(model->jacobian, b->width, param, NULL, b->jacobian_work);
  wn_program_bind(model->outputs, b->width, param, NULL, b->output_work);
  wn_status status = eval_initial(b, param, err);
  wn_free(param);
  return status;
}

wn_status wn_batch_init(wn_batch *batch, const wn_scenario *scenario, const wn_subject *subjects, const int *order,
                        int n, bool baseline, wn_error *err) {
  *batch = (wn_batch){.scenario = scenario, .model = scenario->model, .n_subject = n};
  batch->n_lane = baseline ? 2 * n : n;
  batch->width = wn_batch_width(n, baseline);
  batch->subject = wn_alloc((size_t)n * sizeof(wn_subject *));
  batch->cursor = wn_alloc((size_t)n * sizeof(int));
  batch->running = wn_alloc((size_t)batch->model->n_state * (size_t)batch->width * sizeof(int));
  batch->slab = wn_alloc_doubles(lay_out(batch, NULL));
  wn_status status = WN_OK;
  if (!batch->subject || !batch->cursor || !batch->running || !batch->slab) {
    status = wn_fail_memory(err);
  } else {
    lay_out(batch, batch->slab);
    for (int i = 0; i < n; i++) batch->subject[i] = &subjects[order[i]];
    status = bind_parameters(batch, err);
  }
  if (status) wn_batch_free(batch);
  return status;
}

void wn_batch_free(wn_batch *batch) {
  wn_free(batch->subject);
  wn_free(batch->cursor);
  wn_free(batch->running);
  wn_free(batch->slab);
  *batch = (wn_batch){0};
}

// first entry of a block that is not finite in a real lane, or -1
static int find_not_finite(const wn_batch *b, const double *block, double *value) {
  for (int state = 0; state < b->model->n_state; state++) {
    for (int lane = 0; lane < b->n_lane; lane++) {
      *value = block[state * b->width + lane];
      if (!isfinite(*value)) return state;
    }
  }
  return -1;
}

wn_status wn_batch_start(wn_batch *batch, wn_error *err) {
  double value;
  int state = find_not_finite(batch, batch->state, &value);
  if (state < 0) return WN_OK;
  return wn_fail(err, WN_ERR_RUN, "%s is not finite at the start (%g); check its initial value for a division by zero",
                 batch->model->state[state].name, value);
}

// 0 when every number of the block is finite: x * 0 is 0 only then. n is a multiple of WN_LANES
static int any_not_finite(const double *block, int n) {
  double sum[WN_LANES] = {0};
  for (int i = 0; i < n; i += WN_LANES)
    for (int k = 0; k < WN_LANES; k++) sum[k] += block[i + k] * 0.0;
  return !(sum[0] + sum[1] + sum[2] + sum[3] == 0);
}

static void set_time(wn_batch *b, double time) {
  for (int lane = 0; lane < b->width; lane++) b->time[lane] = time;
}

static int rhs(void *context, double s, const double *y, double *dy) {
  wn_batch *b = context;
  set_time(b, s);
  wn_program_eval(b->model->rhs, b->width, b->time, y, b->rhs_work, dy);
  int n = b->model->n_state * b->width;
  if (b->n_running > 0) {
    for (int i = 0; i < n; i++) dy[i] += b->rate[i];
  }
  return any_not_finite(dy, n);
}

static int jacobian(void *context, double s, const double *y, double *values) {
  wn_batch *b = context;
  set_time(b, s);
  wn_program_eval(b->model->jacobian, b->width, b->time, y, b->jacobian_work, values);
  return any_not_finite(values, b->model->n_nz * b->width);
}

wn_status wn_batch_check(wn_batch *batch, double time, wn_error *err) {
  if (!rhs(batch, time, batch->state, batch->slope)) return WN_OK;
  double value;
  int state = find_not_finite(batch, batch->slope, &value);
  char when[64];
  wn_day_words(time, when);
  if (state < 0) return WN_OK;
  if (time <= batch->scenario->t_start)
    return wn_fail(err, WN_ERR_RUN, "derivative of %s is not finite at the start (%g); check for a division by zero",
                   batch->model->state[state].name, value);
  return wn_fail(err, WN_ERR_RUN,
                 "derivative of %s is not finite after the dose at %s (%g); check for a division by zero",
                 batch->model->state[state].name, when, value);
}

static void apply_action(wn_batch *b, const wn_action *action, int lane) {
  int at = action->state * b->width + lane;
  if (action->kind == WN_ACT_BOLUS) {
    b->state[at] += action->amount;
    return;
  }
  b->rate[at] += action->amount;
  int change = action->amount > 0 ? 1 : action->amount < 0 ? -1 : 0;
  b->running[at] += change;
  b->n_running += change;
  // sums of starts and ends leave rounding behind; no running infusion means exactly none
  if (b->running[at] == 0) b->rate[at] = 0;
}

void wn_batch_apply(wn_batch *batch, double time) {
  for (int lane = 0; lane < batch->n_subject; lane++) {
    const wn_schedule *schedule = &batch->subject[lane]->schedule;
    for (; batch->cursor[lane] < schedule->n_action; batch->cursor[lane]++) {
      const wn_action *action = &schedule->action[batch->cursor[lane]];
      if (action->time > time) break;
      apply_action(batch, action, lane);
      // without a baseline the padded lanes repeat the last subject, doses included
      if (lane == batch->n_lane - 1)
        for (int pad = batch->n_lane; pad < batch->width; pad++) apply_action(batch, action, pad);
    }
  }
}

void wn_batch_outputs(wn_batch *batch, double time, const double *state, double *out) {
  set_time(batch, time);
  wn_program_eval(batch->model->outputs, batch->width, batch->time, state, batch->output_work, out);
}

wn_system wn_batch_system(wn_batch *batch) {
  const wn_model *model = batch->model;
  return (wn_system){.n_state = model->n_state,
                     .width = batch->width,
                     .rhs = rhs,
                     .jacobian = jacobian,
                     .n_nz = model->n_nz,
                     .row = model->row,
                     .col = model->col,
                     .lu = model->lu,
                     .context = batch};
}

// local_run.c - what is met and looked at. At an action that moves with a parameter by dt the solution before it is
// followed a little longer and the one after it begins a little later: the sensitivities jump by the difference of the
// slopes times dt (Rozenwasser 1967; Galan, Feehery & Barton, Appl. Numer. Math. 31, 1999). It must not know what a
// metric is.

#include "sim/local_run.h"

#include "sim/loop.h"
#include "sim/piece.h"
#include "solve/sensitivity.h"

#include <math.h>
#include <string.h>

enum { W = WN_LOCAL_WIDTH };

// a probe this near (h) to an action is at it; clock times carry some rounding
static const double AT_EVENT = 1e-7;

typedef struct runner {
  wn_local_task *task;
  wn_local_lanes lanes;
  wn_loop loop;
  int place[W];    // all of the one subject
  wn_doses doses;  // of the subject
  int cursor, next_probe;
  double *slab;
  double *time_by, *amount_by, *event_by;  // [n_sens]
  double *before, *value, *sum, *by;       // [n_state][W], [n_output] twice with sum, [n_output][n_sens] twice
} runner;

wn_status wn_local_task_rows(wn_local_task *task, wn_error *err) {
  enum { ROWS = 1 + 2 * WN_LOCAL_N_LANE * 2 };
  size_t n = (size_t)wn_local_n_sens(task->motion);
  task->slab = wn_alloc_doubles(n * ((size_t)task->n_probe * ROWS + (size_t)task->n_integral) + 1);
  if (!task->slab) return wn_fail_memory(err);
  double *at = task->slab;
  for (int i = 0; i < task->n_probe; i++) {
    wn_local_probe *p = &task->probe[i];
    p->event_by = at, at += n;
    for (int lane = 0; lane < WN_LOCAL_N_LANE; lane++) {
      p->before[lane].by = at, p->before[lane].speed_by = at + n, at += 2 * n;
      p->after[lane].by = at, p->after[lane].speed_by = at + n, at += 2 * n;
    }
  }
  for (int i = 0; i < task->n_integral; i++) task->integral[i].by = at, at += n;
  return WN_OK;
}

static void look_at(runner *r, wn_local_probe *probe, const double *y, const double *s, bool before, bool after) {
  for (int lane = 0; lane < WN_LOCAL_N_LANE; lane++) {
    if (before) wn_local_look(&r->lanes, probe->time, y, s, probe->output, lane, &probe->before[lane]);
    if (after) wn_local_look(&r->lanes, probe->time, y, s, probe->output, lane, &probe->after[lane]);
  }
}

// ---- between events

// states and sensitivities at a time within the last step -> lanes.dense
static void look_within_step(runner *r, double time) {
  double at[W];
  for (int lane = 0; lane < W; lane++) at[lane] = time;
  wn_solver_look(r->loop.solver, at, r->lanes.dense);
}

static bool covers(const wn_local_integral *i, double a, double b) {
  return i->from <= a + WN_SAME_TIME && i->to >= b - WN_SAME_TIME;
}

// a stretch of a step inside which no integral begins or ends
static void add_piece(runner *r, double a, double b) {
  static const double weight[WN_N_NODE] = {0.1, 49.0 / 90, 32.0 / 45, 49.0 / 90, 0.1};
  const wn_local_task *task = r->task;
  int n_output = task->motion->n_output, n_sens = r->lanes.n_sens;
  bool any = false;
  for (int i = 0; i < task->n_integral; i++) any |= covers(&task->integral[i], a, b);
  if (!any) return;
  double *total = r->by + n_output * n_sens;
  memset(total, 0, (size_t)(n_output * n_sens) * sizeof(double));
  for (int j = 0; j < WN_N_NODE; j++) {
    double time = 0.5 * (a + b) + 0.5 * (b - a) * wn_piece_node[j];
    look_within_step(r, time);
    wn_local_outputs(&r->lanes, time, r->lanes.dense, r->lanes.dense_s, r->value, r->by);
    for (int k = 0; k < n_output * n_sens; k++) total[k] += 0.5 * (b - a) * weight[j] * r->by[k];
  }
  for (int i = 0; i < task->n_integral; i++) {
    wn_local_integral *integral = &task->integral[i];
    if (!covers(integral, a, b)) continue;
    for (int k = 0; k < n_sens; k++) integral->by[k] += total[integral->output * n_sens + k];
  }
}

static void add_step(runner *r, double a, double b) {
  const wn_local_task *task = r->task;
  while (a < b) {
    double cut = b;
    for (int i = 0; i < task->n_integral; i++) {
      double edge[2] = {task->integral[i].from, task->integral[i].to};
      for (int k = 0; k < 2; k++)
        if (edge[k] > a + WN_SAME_TIME && edge[k] < cut - WN_SAME_TIME) cut = edge[k];
    }
    add_piece(r, a, cut);
    a = cut;
  }
}

static void look_within(runner *r, double now, double event) {
  wn_local_task *task = r->task;
  for (; r->next_probe < task->n_probe; r->next_probe++) {
    wn_local_probe *probe = &task->probe[r->next_probe];
    if (probe->time > now || probe->time > event - AT_EVENT) return;
    look_within_step(r, probe->time);
    look_at(r, probe, r->lanes.dense, r->lanes.dense_s, true, true);
  }
}

static wn_status look(void *self, wn_error *err) {
  (void)err;
  runner *r = self;
  const double before = wn_solver_previously(r->loop.solver)[0], now = wn_solver_times(r->loop.solver)[0];
  if (now > before) add_step(r, before, now);
  look_within(r, now, r->loop.stop[0]);
  return WN_OK;
}

// ---- at an event

// one action: the states and inputs it changes, and the jumps where it moves
static void apply(runner *r, int index, double time) {
  wn_local_lanes *l = &r->lanes;
  const wn_action *action = &r->task->subject->schedule.action[index];
  int n_state = l->model->n_state, n_output = r->task->motion->n_output;
  bool is_new = wn_local_action(l, &r->task->subject->schedule, r->doses.data, index, r->time_by, r->amount_by),
       moves = false;
  for (int k = 0; k < l->n_sens; k++) {
    moves |= r->time_by[k] != 0;
    if (r->time_by[k] != 0) r->event_by[k] = r->time_by[k];
  }
  if (moves) {
    wn_local_rhs(l, time, l->state, r->before);
    wn_local_outputs(l, time, l->state, l->s, r->value, r->by);
  }
  int at = action->state * W + WN_LOCAL_TAKEN;
  if (action->kind == WN_ACT_BOLUS) l->state[at] += action->amount;
  if (action->kind == WN_ACT_RATE) l->rate[at] = action->amount;
  for (int k = 0; k < l->n_sens && is_new; k++) {
    if (action->kind == WN_ACT_BOLUS) l->s[(size_t)k * l->block + (size_t)at] += r->amount_by[k];
    if (action->kind == WN_ACT_RATE) l->rate_by[k * n_state + action->state] += r->amount_by[k];
  }
  if (!moves) return;
  wn_local_rhs(l, time, l->state, l->slope);
  for (int k = 0; k < l->n_sens; k++)
    for (int i = 0; i < n_state; i++) {
      int lane = i * W + WN_LOCAL_TAKEN;
      l->s[(size_t)k * l->block + (size_t)lane] += (r->before[lane] - l->slope[lane]) * r->time_by[k];
    }
  // an output that jumps moves its integral
  wn_local_outputs(l, time, l->state, l->s, r->sum, r->by);
  for (int i = 0; i < r->task->n_integral; i++) {
    wn_local_integral *integral = &r->task->integral[i];
    if (!(integral->from < time - WN_SAME_TIME && time <= integral->to + WN_SAME_TIME)) continue;
    double jump = r->value[integral->output] - r->sum[integral->output];
    for (int k = 0; k < l->n_sens && integral->output < n_output; k++) integral->by[k] += jump * r->time_by[k];
  }
}

static bool visit(runner *r, double time) {
  wn_local_task *task = r->task;
  wn_local_lanes *l = &r->lanes;
  const wn_schedule *schedule = &task->subject->schedule;
  int first = r->next_probe, last = first;
  while (last < task->n_probe && task->probe[last].time <= time + AT_EVENT) last++;
  for (int i = first; i < last; i++) look_at(r, &task->probe[i], l->state, l->s, true, false);
  memset(r->event_by, 0, (size_t)l->n_sens * sizeof(double));
  bool acts = false;
  for (; r->cursor < schedule->n_action && schedule->action[r->cursor].time <= time + WN_SAME_TIME; r->cursor++) {
    apply(r, r->cursor, time);
    acts = true;
  }
  if (acts) wn_local_lanes_bind(l);
  for (int i = first; i < last; i++) {
    wn_local_probe *probe = &task->probe[i];
    look_at(r, probe, l->state, l->s, false, true);
    probe->at_event = acts;
    memcpy(probe->event_by, r->event_by, (size_t)l->n_sens * sizeof(double));
  }
  r->next_probe = last;
  return wn_local_rhs(l, time, l->state, l->slope) == 0;
}

static wn_status meet(void *self, const bool *which, wn_error *err) {
  (void)which;
  runner *r = self;
  const wn_schedule *schedule = &r->task->subject->schedule;
  const double time = r->loop.now[0], t_end = r->task->scenario->t_end;
  if (!visit(r, time)) return wn_fail(err, WN_ERR_RUN, "the equations are not finite at t = %.6g h", time);
  double next = r->cursor < schedule->n_action ? schedule->action[r->cursor].time : t_end;
  if (!(next < t_end - WN_SAME_TIME)) next = t_end;
  for (int lane = 0; lane < W; lane++) r->loop.stop[lane] = next, r->loop.is_last[lane] = next >= t_end;
  return WN_OK;
}

// nothing acts at the end of a run
static wn_status finish(void *self, int place, wn_error *err) {
  (void)place, (void)err;
  runner *r = self;
  r->cursor = r->task->subject->schedule.n_action;
  visit(r, r->task->scenario->t_end);
  return WN_OK;
}

static wn_status allocate(runner *r, wn_error *err) {
  size_t n_sens = (size_t)r->lanes.n_sens, n_output = (size_t)r->task->motion->n_output;
  r->slab = wn_alloc_doubles(3 * n_sens + r->lanes.block + 2 * n_output + 2 * n_output * n_sens);
  if (!r->slab) return wn_fail_memory(err);
  // the block comes first, where it is aligned
  r->before = r->slab, r->time_by = r->before + r->lanes.block;
  r->amount_by = r->time_by + n_sens, r->event_by = r->amount_by + n_sens, r->value = r->event_by + n_sens;
  r->sum = r->value + n_output, r->by = r->sum + n_output;
  return WN_OK;
}

static wn_status runner_init(runner *r, wn_local_task *task, wn_error *err) {
  static const wn_loop_client client = {NULL, NULL, meet, look, finish};
  const wn_model *model = task->scenario->model;
  *r = (runner){.task = task};
  WN_TRY(wn_local_lanes_init(&r->lanes, task->motion, model, task->subject->param, task->scenario->t_start, err));
  WN_TRY(wn_subject_doses(task->scenario, task->subject, &r->doses, err));
  WN_TRY(allocate(r, err));
  r->loop = (wn_loop){.client = &client,
                      .self = r,
                      .state = r->lanes.state,
                      .place = r->place,
                      .n_state = (1 + r->lanes.n_sens) * model->n_state,
                      .width = W,
                      .n_place = 1};
  WN_TRY(wn_loop_init(&r->loop, err));
  for (int lane = 0; lane < W; lane++) r->loop.now[lane] = task->scenario->t_start;
  wn_sensitivity_system system = {.n_state = model->n_state,
                                  .width = W,
                                  .n_sens = r->lanes.n_sens,
                                  .n_nz = model->n_nz,
                                  .rhs = wn_local_rhs,
                                  .jacobian = wn_local_jacobian,
                                  .move = wn_local_move,
                                  .lu = model->lu,
                                  .context = &r->lanes};
  return wn_sensitivity_create(&system, task->rtol, task->atol, &r->loop.solver, err);
}

wn_status wn_local_run(wn_local_task *task, wn_error *err) {
  runner r;
  wn_status status = runner_init(&r, task, err);
  if (!status) status = wn_loop_run(&r.loop, err);
  wn_solver_destroy(r.loop.solver);
  wn_loop_free(&r.loop);
  WN_ARRAY_FREE(&r.doses);
  wn_free(r.slab);
  wn_local_lanes_free(&r.lanes);
  return status;
}

// steady_run.c - see steady_run.h. Invariant: a lane's doses depend on the steady state asked for only. It must not
// know what the lanes are compared for.

#include "sim/steady_run.h"

#include <float.h>
#include <math.h>

static bool is_dosed(const wn_steady_run *r, int lane) { return lane == 0 || !r->only_first; }

static void set_rates(wn_steady_run *r, double running) {
  const wn_steady *steady = r->steady;
  for (int k = 0; k < steady->n_target; k++) {
    // a target may stand twice
    double total = 0;
    for (int j = 0; j < steady->n_target; j++)
      if (steady->target[j] == steady->target[k]) total += running * steady->amount[j];
    for (int lane = 0; lane < r->lanes.width; lane++)
      if (is_dosed(r, lane)) wn_lanes_set_rate(&r->lanes, steady->target[k], lane, total);
  }
}

static void give_bolus(wn_steady_run *r) {
  const wn_steady *steady = r->steady;
  for (int k = 0; k < steady->n_target; k++)
    for (int lane = 0; lane < r->lanes.width; lane++) {
      const int at = steady->target[k] * r->lanes.width + lane;
      if (is_dosed(r, lane)) r->lanes.state[at] += steady->amount[k] * r->lanes.open[at];
    }
}

static void note_sizes(wn_steady_run *r, const double *state) {
  for (int i = 0; i < r->lanes.model->n_state; i++) r->size[i] = fmax(r->size[i], fabs(state[i * r->lanes.width]));
}

// older doses that are infused all through an interval; and for how long the youngest is infused, too -> *rest
static double count_older(const wn_steady_run *r, double *rest) {
  const wn_steady *steady = r->steady;
  *rest = 0;
  if (steady->constant) return 1;
  if (!(steady->duration > 0)) return 0;
  const double interval = r->period.interval, older = floor(steady->duration / interval * (1 + DBL_EPSILON * 8));
  *rest = steady->duration - older * interval;
  if (*rest < WN_SAME_TIME) *rest = 0;
  return older;
}

// an implied dose, or the end of an infusion
static wn_status meet(void *self, const bool *which, wn_error *err) {
  (void)which, (void)err;
  wn_steady_run *r = self;
  wn_loop *loop = &r->loop;
  const double dose = r->period.start + r->cycle * r->period.interval;
  const double span = r->cycle + 1 < r->n_cycle ? r->period.interval : r->last_span;
  double rest;
  const double older = count_older(r, &rest);
  const bool has_tail = !r->is_tail && rest > 0 && rest < span - WN_SAME_TIME;
  if (r->steady->constant || r->steady->duration > 0)
    set_rates(r, older + (!r->is_tail && rest > 0));
  else
    give_bolus(r);
  if (!has_tail) r->cycle++;
  r->is_tail = has_tail;
  note_sizes(r, r->lanes.state);
  for (int lane = 0; lane < loop->width; lane++) {
    loop->stop[lane] = dose + (has_tail ? rest : span);
    loop->is_last[lane] = r->cycle == r->n_cycle;
  }
  return WN_OK;
}

static wn_status look(void *self, wn_error *err) {
  (void)err;
  wn_steady_run *r = self;
  note_sizes(r, wn_solver_state(r->loop.solver));
  return WN_OK;
}

wn_status wn_steady_run_init(wn_steady_run *run, const wn_model *model, const wn_steady *steady, int width,
                             wn_error *err) {
  static const wn_loop_client client = {NULL, NULL, meet, look, NULL};
  *run = (wn_steady_run){.steady = steady, .only_first = model->is_linear};
  WN_TRY(wn_lanes_init(&run->lanes, model, width, err));
  run->place = wn_alloc((size_t)width * sizeof *run->place);
  run->size = wn_alloc_doubles((size_t)model->n_state);
  if (!run->place || !run->size) return wn_fail_memory(err);
  run->loop = (wn_loop){.client = &client,
                        .self = run,
                        .lanes = &run->lanes,
                        .state = run->lanes.state,
                        .place = run->place,
                        .n_state = model->n_state,
                        .width = width,
                        .n_place = 1};
  return wn_loop_init(&run->loop, err);
}

wn_status wn_steady_run_solver(wn_steady_run *run, const wn_solver_def *def, int n_lane, wn_error *err) {
  wn_system system = wn_lanes_system(&run->lanes);
  // all lanes in one group
  system.group = run->place;
  system.n_lane = n_lane;
  run->lanes.is_trusted = true;
  return wn_solver_create(&system, def, &run->loop.solver, err);
}

void wn_steady_run_free(wn_steady_run *run) {
  wn_solver_destroy(run->loop.solver);
  wn_loop_free(&run->loop);
  wn_lanes_free(&run->lanes);
  wn_free(run->place);
  wn_free(run->size);
}

wn_status wn_steady_run_go(wn_steady_run *run, int n_cycle, double last_span, wn_error *err) {
  run->n_cycle = n_cycle, run->last_span = last_span;
  run->cycle = 0;
  run->is_tail = false;
  for (int lane = 0; lane < run->lanes.width; lane++) run->loop.now[lane] = run->period.start;
  return wn_loop_run(&run->loop, err);
}

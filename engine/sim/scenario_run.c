// scenario_run.c - see scenario_run.h. Invariant: what is written of a subject depends on that subject alone. It must
// not know what an observation is for.

#include "sim/scenario_run.h"

#include "sim/loop.h"
#include "sim/metrics.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

// Errors below this share of rtol times a state's largest value count for nothing: what is a millionth of its peak, at
// rtol 1e-6 known to a thousandth of itself, matters to no window.
static const double FLOOR = 1e-3;

bool wn_scenario_needs_baseline(const wn_scenario *scenario) {
  for (int w = 0; w < scenario->n_window; w++)
    if (scenario->window[w].baseline) return true;
  return false;
}

// a batch on its way
typedef struct course {
  const wn_result *result;
  wn_batch *batch;
  wn_observer *observer;
  wn_loop loop;
  bool is_begun;
} course;

static void seat(void *self, int place, int subject) {
  course *c = self;
  wn_batch_seat(c->batch, place, subject);
  wn_observer_seat(c->observer, place);
}

// to t_start, before any dose
static wn_status start(void *self, const bool *which, wn_error *err) {
  course *c = self;
  wn_batch *b = c->batch;
  for (int lane = 0; lane < b->width; lane++)
    if (which[lane]) c->loop.now[lane] = b->scenario->t_start;
  // those who are there from the beginning were brought there with the batch
  if (c->is_begun) wn_batch_begin(b, which);
  c->is_begun = true;
  WN_TRY(wn_lanes_check_state(&b->lanes, which, err));
  wn_observe_start(c->observer, which);
  return WN_OK;
}

// doses, and where each lane goes next
static wn_status meet(void *self, const bool *which, wn_error *err) {
  course *c = self;
  wn_batch *b = c->batch;
  wn_loop *loop = &c->loop;
  for (int subject = 0; subject < b->n_subject; subject++)
    if (which[subject]) wn_batch_apply(b, subject, loop->now[subject]);
  for (int lane = 0; lane < b->width; lane++) {
    if (!which[lane]) continue;
    loop->stop[lane] = wn_batch_next(b, b->place[lane], loop->now[lane]);
    loop->is_last[lane] = loop->stop[lane] >= wn_batch_end(b, lane);
  }
  return wn_observe_event(c->observer, loop->now, which, err);
}

static wn_status look(void *self, wn_error *err) {
  course *c = self;
  return wn_observe_step(c->observer, c->loop.stop, err);
}

static wn_status finish(void *self, int place, wn_error *err) {
  course *c = self;
  const int series = c->batch->subject[place]->series;
  WN_TRY(wn_observe_end(c->observer, place, err));
  wn_solver_lane_stats(c->loop.solver, place, &c->result->series[series].stats);
  return wn_metrics_make(c->observer, place, false, err);
}

static wn_status make_solver(course *c, const wn_solver_def *def, wn_error *err) {
  wn_batch *b = c->batch;
  wn_system system = wn_lanes_system(&b->lanes);
  wn_solver_def own = *def;
  b->lanes.is_trusted = true;
  own.floor = FLOOR;
  system.group = b->n_lane > b->n_subject ? b->group : NULL;
  system.n_lane = b->n_lane;
  WN_TRY(wn_solver_create(&system, &own, &c->loop.solver, err));
  c->observer->solver = c->loop.solver;
  return WN_OK;
}

static wn_status run(course *c, wn_queue *queue, const wn_solver_def *def, wn_error *err) {
  static const wn_loop_client client = {seat, start, meet, look, finish};
  wn_batch *b = c->batch;
  c->loop = (wn_loop){.client = &client,
                      .self = c,
                      .queue = queue,
                      .lanes = &b->lanes,
                      .checks_start = true,
                      .state = b->state,
                      .place = b->place,
                      .n_state = b->model->n_state,
                      .width = b->width,
                      .n_place = b->n_subject};
  WN_TRY(wn_loop_init(&c->loop, err));
  WN_TRY(make_solver(c, def, err));
  return wn_loop_run(&c->loop, err);
}

// a single subject's failure is its own, and kept; of several, they are run again one by one
static wn_status fail_alone(course *c, wn_error *err) {
  wn_observe_failure(c->observer, 0);
  if (c->loop.solver) wn_solver_lane_stats(c->loop.solver, 0, &c->result->series[c->batch->subject[0]->series].stats);
  return wn_metrics_make(c->observer, 0, true, err);
}

static wn_status run_batch(course *c, wn_queue *queue, const wn_solver_def *def, wn_tally *tally, int *left,
                           wn_error *err) {
  wn_batch *b = c->batch;
  wn_observer observer;
  WN_TRY(wn_observer_init(&observer, b, c->result, tally, def->rtol, err));
  c->observer = &observer;
  // (one that was refused comes alone)
  const char *refused = b->subject[0]->refused;
  wn_status status = refused ? wn_fail(err, WN_ERR_RUN, "%s", refused) : run(c, queue, def, err);
  for (int place = 0; status == WN_ERR_RUN && place < b->n_subject; place++)
    left[place] = c->loop.flags && c->loop.is_done[place] ? -1 : (int)(b->subject[place] - b->subjects);
  if (status == WN_ERR_RUN && b->n_subject == 1) {
    wn_error memory;
    if (fail_alone(c, &memory)) status = wn_fail_memory(err);
  }
  wn_solver_destroy(c->loop.solver);
  wn_observer_free(&observer);
  wn_loop_free(&c->loop);
  return status;
}

wn_status wn_scenario_run(const wn_result *result, const wn_subject *subjects, wn_queue *queue, int n_place,
                          const wn_solver_def *def, wn_tally *tally, int *left, wn_error *err) {
  wn_batch batch;
  const wn_scenario *scenario = result->scenario;
  const int n = wn_queue_take_some(queue, n_place, left);
  if (n == 0) return WN_OK;
  WN_TRY(wn_batch_init(&batch, scenario, subjects, left, n, wn_scenario_needs_baseline(scenario), err));
  course c = {.result = result, .batch = &batch};
  const wn_status status = run_batch(&c, queue, def, tally, left, err);
  wn_batch_free(&batch);
  return status;
}

static int compare_doubles(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

// median of the spans between events (from the start, to the end), or NaN when out of memory
static double median_span(const wn_scenario *scenario, const wn_schedule *schedule) {
  double *span = wn_alloc_doubles((size_t)schedule->n_action + 1);
  if (!span) return NAN;
  int n = 0;
  double last = scenario->t_start;
  for (int i = 0; i <= schedule->n_action; i++) {
    double time = i < schedule->n_action ? schedule->action[i].time : scenario->t_end;
    if (time <= last + WN_SAME_TIME) continue;
    span[n++] = time - last;
    last = time;
  }
  qsort(span, (size_t)n, sizeof *span, compare_doubles);
  double median = n ? span[n / 2] : scenario->t_end - scenario->t_start;
  wn_free(span);
  return median;
}

wn_status wn_scenario_choose(const wn_scenario *scenario, const wn_subject *subjects, const char **name,
                             char reason[160], wn_error *err) {
  wn_batch batch;
  const int order[1] = {0};
  double span = median_span(scenario, &subjects[0].schedule);
  if (isnan(span)) return wn_fail_memory(err);
  WN_TRY(wn_batch_init(&batch, scenario, subjects, order, 1, false, err));
  wn_batch_apply(&batch, 0, scenario->t_start);
  wn_error start;
  const double *time = wn_lanes_at(&batch.lanes, scenario->t_start);
  if (wn_lanes_check_state(&batch.lanes, NULL, &start) ||
      wn_lanes_check_slope(&batch.lanes, NULL, time, time, &start)) {
    // the run of this subject will say what is wrong
    *name = "rosenbrock";
    snprintf(reason, 160, "the start of the first subject is not finite");
  } else {
    wn_system system = wn_lanes_system(&batch.lanes);
    *name = wn_solver_choose(&system, time, batch.state, span, reason);
  }
  wn_batch_free(&batch);
  return WN_OK;
}

// loop.c - advance, apply, observe, each lane on its own clock; a subject that is done leaves its place to another.
// Invariant: the solver never steps across an event of a lane, and between two events nothing is allocated or locked.
// It must not know what an observation is for.

#include "sim/loop.h"

#include "base/pool.h"
#include "sim/day.h"
#include "sim/metrics.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Errors below this share of rtol times a state's largest value count for nothing: what is a millionth of its peak, at
// rtol 1e-6 known to a thousandth of itself, matters to no window.
static const double FLOOR = 1e-3;

bool wn_loop_needs_baseline(const wn_scenario *scenario) {
  for (int w = 0; w < scenario->n_window; w++)
    if (scenario->window[w].baseline) return true;
  return false;
}

// a batch on its way
typedef struct course {
  const wn_result *result;
  wn_batch *batch;
  wn_observer *observer;
  wn_solver *solver;
  wn_queue *queue;     // who takes the places of those that are done; integrators with own clocks only
  double *now, *stop;  // [width] where lanes are, and their next events or ends
  bool *arrived;       // [width] lanes that stand at an event
  bool *is_new;        // [width] lanes whose subjects have just taken their places
  bool *is_done;       // [n_subject] places whose subjects are done, and for which nobody was left
  int n_running;       // lanes that are not at the end
} course;

// say when a solver failed, and in which state as far as it can tell
static wn_status explain(course *c, wn_error *err) {
  const wn_batch *b = c->batch;
  int state = -1, lane = -1;
  bool known = wn_solver_worst(c->solver, &state, &lane);
  const double *time = wn_solver_times(c->solver);
  if (lane < 0 || lane >= b->width) lane = 0;
  double now = time[lane];
  // no step was possible after a dose: the equations themselves may tell why
  if (now == c->observer->event_time[lane]) {
    wn_error why;
    memcpy(b->state, wn_solver_state(c->solver), (size_t)(b->model->n_state * b->width) * sizeof(double));
    if (wn_batch_check(c->batch, NULL, time, &why)) {
      if (err) *err = why;
      return WN_ERR_RUN;
    }
  }
  char when[64], where[128] = "";
  wn_day_words(now, when);
  if (known && state >= 0 && state < b->model->n_state)
    snprintf(where, sizeof where, ", in %s", b->model->state[state].name);
  return wn_fail_prefix(err, "at %s%s", when, where);
}

// the states of lanes that arrived, from the solver's into the batch's
static void take_states(course *c) {
  const wn_batch *b = c->batch;
  const double *state = wn_solver_state(c->solver);
  for (int i = 0; i < b->model->n_state; i++)
    for (int lane = 0; lane < b->width; lane++)
      if (c->arrived[lane]) b->state[i * b->width + lane] = state[i * b->width + lane];
}

// doses of the lanes that arrived, where each goes next, and the solver sent there
static wn_status depart(course *c, wn_error *err) {
  wn_batch *b = c->batch;
  for (int subject = 0; subject < b->n_subject; subject++)
    if (c->arrived[subject] && c->now[subject] < wn_batch_end(b, subject)) wn_batch_apply(b, subject, c->now[subject]);
  c->n_running = 0;
  for (int lane = 0; lane < b->width; lane++) {
    if (c->arrived[lane]) c->stop[lane] = wn_batch_next(b, wn_batch_subject_of(b, lane), c->now[lane]);
    c->n_running += c->now[lane] < wn_batch_end(b, lane);
  }
  WN_TRY(wn_observe_event(c->observer, c->now, c->arrived, err));
  if (c->n_running == 0) return WN_OK;
  return wn_solver_begin(c->solver, c->arrived, c->now, c->stop, b->state, err);
}

// lanes at their stops; an integrator with one clock brings them all there at once
static bool find_arrived(course *c) {
  const wn_batch *b = c->batch;
  const double *time = wn_solver_times(c->solver);
  bool any = false, all = true;
  for (int lane = 0; lane < b->width; lane++) {
    bool there = time[lane] >= c->stop[lane];
    // a lane that stood at the end before stays there
    c->arrived[lane] = there && (c->now[lane] < time[lane] || time[lane] < wn_batch_end(b, lane));
    c->now[lane] = time[lane];
    any |= c->arrived[lane];
    all &= there;
  }
  if (wn_solver_has_own_clocks(c->solver) || !all) return any && wn_solver_has_own_clocks(c->solver);
  for (int lane = 0; lane < b->width; lane++) c->arrived[lane] = true;
  return true;
}

// -- who sits where -------------------------------------------------------------------------------------------------

// a subject at its end
static wn_status finish(course *c, int place, wn_error *err) {
  const int series = c->batch->subject[place]->series;
  c->is_done[place] = true;
  WN_TRY(wn_observe_end(c->observer, place, err));
  wn_solver_lane_stats(c->solver, place, &c->result->series[series].stats);
  return wn_metrics_make(c->observer, place, false, err);
}

static bool take_place(course *c, int place) {
  wn_batch *b = c->batch;
  const int subject = c->queue ? wn_queue_take(c->queue) : -1;
  if (subject < 0) return false;
  wn_batch_seat(b, place, subject);
  wn_observer_seat(c->observer, place);
  c->is_done[place] = false;
  for (int lane = place; lane < b->width; lane++)
    if (wn_batch_subject_of(b, lane) == place)
      c->is_new[lane] = c->arrived[lane] = true, c->now[lane] = b->scenario->t_start;
  return true;
}

// lanes with is_new are at the start, before their doses
static wn_status start(course *c, wn_error *err) {
  WN_TRY(wn_batch_start(c->batch, c->is_new, err));
  wn_observe_start(c->observer, c->is_new);
  return WN_OK;
}

// Subjects at their ends are done; others take their places, at the start. Whether some did -> *any.
static wn_status change_places(course *c, bool *any, wn_error *err) {
  wn_batch *b = c->batch;
  *any = false;
  memset(c->is_new, 0, (size_t)b->width * sizeof *c->is_new);
  for (int place = 0; place < b->n_subject; place++) {
    if (c->is_done[place] || !c->arrived[place] || c->now[place] < wn_batch_end(b, place)) continue;
    WN_TRY(finish(c, place, err));
    *any |= take_place(c, place);
  }
  if (!*any) return WN_OK;
  wn_batch_begin(b, c->is_new);
  wn_solver_renew(c->solver, c->is_new);
  return start(c, err);
}

// -- the way --------------------------------------------------------------------------------------------------------

// lanes that arrived: who is done leaves, others go on after their doses
static wn_status pass_event(course *c, wn_error *err) {
  bool any;
  take_states(c);
  WN_TRY(change_places(c, &any, err));
  WN_TRY(depart(c, err));
  return any ? wn_batch_check(c->batch, c->is_new, c->now, err) : WN_OK;
}

static wn_status run_lanes(course *c, wn_error *err) {
  wn_batch *b = c->batch;
  for (int lane = 0; lane < b->width; lane++) {
    c->now[lane] = c->stop[lane] = b->scenario->t_start;
    c->arrived[lane] = c->is_new[lane] = true;
  }
  WN_TRY(start(c, err));
  WN_TRY(depart(c, err));
  WN_TRY(wn_batch_check(b, NULL, c->now, err));
  while (c->n_running > 0) {
    if (wn_interrupt_get()) return wn_fail(err, WN_ERR_INTERRUPT, "interrupted");
    wn_status status = wn_solver_advance(c->solver, err);
    if (status == WN_ERR_RUN) return explain(c, err);
    WN_TRY(status);
    WN_TRY(wn_observe_step(c->observer, c->stop, err));
    if (!find_arrived(c)) continue;
    status = pass_event(c, err);
    if (status == WN_ERR_RUN) return explain(c, err);
    WN_TRY(status);
  }
  return WN_OK;
}

static wn_status make_solver(course *c, const wn_solver_def *def, wn_error *err) {
  wn_batch *b = c->batch;
  wn_system system = wn_lanes_system(&b->lanes);
  wn_solver_def own = *def;
  b->lanes.is_trusted = wn_solver_is_paced(def->name);
  own.own_clocks = true;
  own.floor = FLOOR;
  system.group = b->n_lane > b->n_subject ? b->group : NULL;
  system.n_lane = b->n_lane;
  WN_TRY(wn_solver_create(&system, &own, &c->solver, err));
  c->observer->solver = c->solver;
  return WN_OK;
}

static wn_status run(course *c, const wn_solver_def *def, wn_error *err) {
  const size_t width = (size_t)c->batch->width;
  c->now = wn_alloc_doubles(2 * width);
  c->arrived = wn_alloc(3 * width * sizeof *c->arrived);
  wn_status status = c->now && c->arrived ? WN_OK : wn_fail_memory(err);
  if (!status) {
    c->stop = c->now + width, c->is_new = c->arrived + width, c->is_done = c->is_new + width;
    status = make_solver(c, def, err);
  }
  if (!status) status = run_lanes(c, err);
  return status;
}

// a single subject's failure is its own, and kept; of several, they are run again one by one
static wn_status fail_alone(course *c, wn_error *err) {
  wn_observe_failure(c->observer, 0);
  if (c->solver) wn_solver_lane_stats(c->solver, 0, &c->result->series[c->batch->subject[0]->series].stats);
  return wn_metrics_make(c->observer, 0, true, err);
}

static wn_status run_batch(course *c, const wn_solver_def *def, wn_tally *tally, int *left, wn_error *err) {
  wn_batch *b = c->batch;
  wn_observer observer;
  WN_TRY(wn_observer_init(&observer, b, c->result, tally, def->rtol, err));
  c->observer = &observer;
  // (one that was refused comes alone)
  const char *refused = b->subject[0]->refused;
  wn_status status = refused ? wn_fail(err, WN_ERR_RUN, "%s", refused) : run(c, def, err);
  for (int place = 0; status == WN_ERR_RUN && place < b->n_subject; place++)
    left[place] = c->is_done && c->is_done[place] ? -1 : (int)(b->subject[place] - b->subjects);
  if (status == WN_ERR_RUN && b->n_subject == 1) {
    wn_error memory;
    if (fail_alone(c, &memory)) status = wn_fail_memory(err);
  }
  wn_solver_destroy(c->solver);
  wn_observer_free(&observer);
  wn_free(c->now);
  wn_free(c->arrived);
  return status;
}

wn_status wn_loop_run(const wn_result *result, const wn_subject *subjects, wn_queue *queue, int n_place,
                      const wn_solver_def *def, wn_tally *tally, int *left, wn_error *err) {
  wn_batch batch;
  const wn_scenario *scenario = result->scenario;
  int n = 0;
  for (int place = 0; place < n_place; place++) left[place] = -1;
  for (int subject; n < n_place && (subject = wn_queue_take(queue)) >= 0;) left[n++] = subject;
  if (n == 0) return WN_OK;
  WN_TRY(wn_batch_init(&batch, scenario, subjects, left, n, wn_loop_needs_baseline(scenario), err));
  course c = {.result = result, .batch = &batch, .queue = wn_solver_is_paced(def->name) ? queue : NULL};
  const wn_status status = run_batch(&c, def, tally, left, err);
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

wn_status wn_loop_choose(const wn_scenario *scenario, const wn_subject *subjects, const char **name, char reason[160],
                         wn_error *err) {
  wn_batch batch;
  const int order[1] = {0};
  double span = median_span(scenario, &subjects[0].schedule);
  if (isnan(span)) return wn_fail_memory(err);
  WN_TRY(wn_batch_init(&batch, scenario, subjects, order, 1, false, err));
  wn_batch_apply(&batch, 0, scenario->t_start);
  wn_error start;
  const double *time = wn_lanes_at(&batch.lanes, scenario->t_start);
  if (wn_batch_start(&batch, NULL, &start) || wn_batch_check(&batch, NULL, time, &start)) {
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

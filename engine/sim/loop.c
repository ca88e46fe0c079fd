// loop.c - advance, apply, observe. Invariant: the solver never steps across an event, and between two events nothing
// is allocated or locked. It must not know what an observation is for.

#include "sim/loop.h"

#include "base/pool.h"
#include "sim/day.h"
#include "sim/metrics.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// two events this near to each other (h) are one: sums like 22 + 24 k are not exact
static const double SAME_TIME = 1e-9;

bool wn_loop_needs_baseline(const wn_scenario *scenario) {
  for (int w = 0; w < scenario->n_window; w++)
    if (scenario->window[w].baseline) return true;
  return false;
}

// the first event after `time`, or t_end
static double next_event(const wn_batch *b, double time) {
  const wn_schedule *schedule = &b->subject[0]->schedule;
  for (int i = b->cursor[0]; i < schedule->n_action; i++) {
    if (schedule->action[i].time > time + SAME_TIME) return fmin(schedule->action[i].time, b->scenario->t_end);
  }
  return b->scenario->t_end;
}

// say when a solver failed, and in which state as far as it can tell
static wn_status explain(wn_batch *b, wn_solver *solver, double time, wn_error *err) {
  int state = -1, lane = -1;
  char when[64], where[128] = "";
  wn_day_words(time, when);
  if (wn_solver_worst(solver, &state, &lane) && state >= 0 && state < b->model->n_state)
    snprintf(where, sizeof where, ", in %s", b->model->state[state].name);
  return wn_fail_prefix(err, "at %s%s", when, where);
}

// steps from one event to the next
static wn_status advance(wn_observer *o, double from, double to, wn_error *err) {
  wn_batch *b = o->batch;
  wn_status status = wn_solver_restart(o->solver, from, b->state, err);
  double now = from;
  while (!status && now < to) {
    if (wn_interrupt_get()) return wn_fail(err, WN_ERR_INTERRUPT, "interrupted");
    double next;
    status = wn_solver_step(o->solver, to, &next, err);
    if (status) break;
    status = wn_observe_step(o, now, next, next >= to, err);
    now = next;
  }
  if (status == WN_ERR_RUN) return explain(b, o->solver, now, err);
  if (!status) memcpy(b->state, wn_solver_state(o->solver), (size_t)(b->model->n_state * b->width) * sizeof(double));
  return status;
}

static wn_status run_events(wn_observer *o, wn_error *err) {
  wn_batch *b = o->batch;
  double time = b->scenario->t_start, t_end = b->scenario->t_end;
  WN_TRY(wn_batch_start(b, err));
  wn_observe_start(o);
  while (time < t_end - SAME_TIME) {
    wn_batch_apply(b, time + SAME_TIME);
    WN_TRY(wn_batch_check(b, time, err));
    WN_TRY(wn_observe_event(o, time, err));
    double next = next_event(b, time);
    // an event so near the end that no time is left for it
    if (next > t_end - SAME_TIME) next = t_end;
    WN_TRY(advance(o, time, next, err));
    time = next;
  }
  return wn_observe_end(o, err);
}

wn_status wn_loop_run(const wn_result *result, const wn_subject *subjects, const int *order, int n,
                      const wn_solver_def *def, wn_tally *tally, wn_error *err) {
  wn_batch batch;
  wn_observer observer;
  const wn_scenario *scenario = result->scenario;
  WN_TRY(wn_batch_init(&batch, scenario, subjects, order, n, wn_loop_needs_baseline(scenario), err));
  wn_status status = wn_observer_init(&observer, &batch, result, tally, def->rtol, err);
  if (!status) {
    wn_system system = wn_lanes_system(&batch.lanes);
    status = wn_solver_create(&system, def, &observer.solver, err);
    if (!status) status = run_events(&observer, err);
    if (status == WN_ERR_RUN) wn_observe_failure(&observer);
    wn_solver_stats stats = {0};
    if (observer.solver) wn_solver_stats_get(observer.solver, &stats);
    for (int i = 0; i < n; i++) result->series[order[i]].stats = stats;
    wn_solver_destroy(observer.solver);
    // a failed batch of several is run again, so its metrics are not needed
    if (!status || (status == WN_ERR_RUN && n == 1)) {
      wn_status wrote = wn_metrics_make(&observer, result, status == WN_ERR_RUN, err);
      if (wrote) status = wrote;
    }
    wn_observer_free(&observer);
  }
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
    if (time <= last + SAME_TIME) continue;
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
  wn_batch_apply(&batch, scenario->t_start + SAME_TIME);
  wn_error start;
  if (wn_batch_start(&batch, &start) || wn_batch_check(&batch, scenario->t_start, &start)) {
    // the run of this subject will say what is wrong
    *name = "bdf";
    snprintf(reason, 160, "the start of the first subject is not finite");
  } else {
    wn_system system = wn_lanes_system(&batch.lanes);
    *name = wn_solver_choose(&system, scenario->t_start, batch.state, span, reason);
  }
  wn_batch_free(&batch);
  return WN_OK;
}

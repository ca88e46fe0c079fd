// loop.c - see loop.h. Invariant: the solver never steps across an event of a lane, and between two events nothing is
// allocated or locked. It must not know what an event or an observation is.

#include "sim/loop.h"

#include "base/pool.h"
#include "sim/day.h"
#include <stdio.h>
#include <string.h>

wn_status wn_loop_init(wn_loop *loop, wn_error *err) {
  const size_t width = (size_t)loop->width;
  loop->slab = wn_alloc_doubles(4 * width);
  loop->flags = wn_alloc(5 * width * sizeof *loop->flags);
  if (!loop->slab || !loop->flags) return wn_fail_memory(err);
  loop->now = loop->slab, loop->stop = loop->now + width;
  loop->first = loop->stop + width, loop->began = loop->first + width;
  loop->is_last = loop->flags, loop->is_moving = loop->is_last + width, loop->arrived = loop->is_moving + width;
  loop->is_new = loop->arrived + width, loop->is_done = loop->is_new + width;
  return WN_OK;
}

void wn_loop_free(wn_loop *loop) {
  wn_free(loop->slab);
  wn_free(loop->flags);
}

// -- failures -------------------------------------------------------------------------------------------------------

// no step was possible after an event: the equations themselves may tell why
static bool find_reason(wn_loop *loop, int lane, double time, wn_error *err) {
  wn_error why;
  if (!loop->lanes || time != loop->began[lane]) return false;
  memcpy(loop->state, wn_solver_state(loop->solver), (size_t)(loop->n_state * loop->width) * sizeof(double));
  if (!wn_lanes_check_slope(loop->lanes, NULL, wn_solver_times(loop->solver), loop->first, &why)) return false;
  if (err) *err = why;
  return true;
}

// say when a solver failed, and in which state as far as it can tell
static wn_status explain(wn_loop *loop, wn_error *err) {
  int state = -1, lane = -1;
  const bool known = wn_solver_worst(loop->solver, &state, &lane);
  if (lane < 0 || lane >= loop->width) lane = 0;
  const double time = wn_solver_times(loop->solver)[lane];
  if (find_reason(loop, lane, time, err)) return WN_ERR_RUN;
  char when[64], where[128] = "";
  wn_day_words(time, when);
  if (known && loop->lanes && state >= 0 && state < loop->n_state)
    snprintf(where, sizeof where, ", in %s", loop->lanes->model->state[state].name);
  return wn_fail_prefix(err, "at %s%s", when, where);
}

// -- who sits where -------------------------------------------------------------------------------------------------

static bool take_place(wn_loop *loop, int place) {
  const int who = loop->queue ? wn_queue_take(loop->queue) : -1;
  if (who < 0) return false;
  loop->client->seat(loop->self, place, who);
  for (int lane = 0; lane < loop->width; lane++)
    if (loop->place[lane] == place) loop->is_new[lane] = true;
  return true;
}

// lanes with is_new are at their starts
static wn_status start(wn_loop *loop, wn_error *err) {
  if (loop->client->start) WN_TRY(loop->client->start(loop->self, loop->is_new, err));
  for (int lane = 0; lane < loop->width; lane++) {
    if (!loop->is_new[lane]) continue;
    loop->first[lane] = loop->now[lane];
    loop->arrived[lane] = true;
  }
  return WN_OK;
}

// Those at their last stops are done; others take their places, at the start. Whether some did -> *any.
static wn_status change_places(wn_loop *loop, bool *any, wn_error *err) {
  *any = false;
  memset(loop->is_new, 0, (size_t)loop->width * sizeof *loop->is_new);
  for (int place = 0; place < loop->n_place; place++) {
    if (loop->is_done[place] || !loop->arrived[place] || !loop->is_last[place]) continue;
    if (loop->client->finish) WN_TRY(loop->client->finish(loop->self, place, err));
    loop->is_done[place] = !take_place(loop, place);
    *any |= !loop->is_done[place];
  }
  for (int lane = 0; lane < loop->width; lane++) loop->arrived[lane] &= !loop->is_last[lane] || loop->is_new[lane];
  if (!*any) return WN_OK;
  wn_solver_renew(loop->solver, loop->is_new);
  return start(loop, err);
}

// -- the way --------------------------------------------------------------------------------------------------------

// lanes at their stops
static bool find_arrived(wn_loop *loop) {
  const double *time = wn_solver_times(loop->solver);
  bool any = false;
  for (int lane = 0; lane < loop->width; lane++) {
    loop->arrived[lane] = loop->is_moving[lane] && time[lane] >= loop->stop[lane];
    loop->now[lane] = time[lane];
    any |= loop->arrived[lane];
  }
  return any;
}

// the states of lanes that arrived, from the solver's to where their events change them
static void take_states(wn_loop *loop) {
  const double *state = wn_solver_state(loop->solver);
  for (int i = 0; i < loop->n_state; i++)
    for (int lane = 0; lane < loop->width; lane++)
      if (loop->arrived[lane]) loop->state[i * loop->width + lane] = state[i * loop->width + lane];
}

// lanes that met their events leave; whether some are still on their ways -> *any
static wn_status leave(wn_loop *loop, bool *any, wn_error *err) {
  *any = false;
  for (int lane = 0; lane < loop->width; lane++) {
    if (loop->arrived[lane]) loop->began[lane] = loop->now[lane], loop->is_moving[lane] = true;
    *any |= loop->is_moving[lane];
  }
  if (!*any) return WN_OK;
  const wn_status status = wn_solver_begin(loop->solver, loop->arrived, loop->now, loop->stop, loop->state, err);
  if (status != WN_ERR_RUN) return status;
  int lane = 0;
  while (!loop->arrived[lane]) lane++;
  char when[64];
  wn_day_words(loop->now[lane], when);
  return wn_fail_prefix(err, "at %s", when);
}

static wn_status check_new(wn_loop *loop, wn_error *err) {
  if (!loop->checks_start) return WN_OK;
  return wn_lanes_check_slope(loop->lanes, loop->is_new, loop->now, loop->first, err);
}

static bool any_of(const bool *which, int n) { return memchr(which, true, (size_t)n) != NULL; }

// lanes that arrived: who is done goes, others go on
static wn_status pass_events(wn_loop *loop, bool *any, wn_error *err) {
  bool changed;
  take_states(loop);
  for (int lane = 0; lane < loop->width; lane++) loop->is_moving[lane] &= !loop->arrived[lane];
  WN_TRY(change_places(loop, &changed, err));
  if (any_of(loop->arrived, loop->width)) WN_TRY(loop->client->meet(loop->self, loop->arrived, err));
  WN_TRY(leave(loop, any, err));
  return changed ? check_new(loop, err) : WN_OK;
}

static wn_status begin(wn_loop *loop, bool *any, wn_error *err) {
  for (int lane = 0; lane < loop->width; lane++) loop->is_new[lane] = true, loop->is_moving[lane] = false;
  memset(loop->is_done, 0, (size_t)loop->n_place * sizeof *loop->is_done);
  WN_TRY(start(loop, err));
  WN_TRY(loop->client->meet(loop->self, loop->arrived, err));
  WN_TRY(leave(loop, any, err));
  return check_new(loop, err);
}

wn_status wn_loop_run(wn_loop *loop, wn_error *err) {
  bool any;
  WN_TRY(begin(loop, &any, err));
  while (any) {
    if (wn_interrupt_get()) return wn_fail(err, WN_ERR_INTERRUPT, "interrupted");
    const wn_status status = wn_solver_advance(loop->solver, err);
    if (status == WN_ERR_RUN) return explain(loop, err);
    WN_TRY(status);
    WN_TRY(loop->client->look(loop->self, err));
    if (!find_arrived(loop)) continue;
    WN_TRY(pass_events(loop, &any, err));
  }
  return WN_OK;
}

// Evaluations of the equations an hour of a lane takes, about: W3 at 1e-6 takes 44 by rk, 27 by rosenbrock, 21 by bdf.
static double evals_per_hour(const char *solver) {
  return strcmp(solver, "rk") == 0 || strcmp(solver, "explicit") == 0 ? 44 : 25;
}

void wn_loop_native(const wn_model *model, const char *solver, int width, double hours) {
  // exact solutions do without
  if (strcmp(solver, "exact") == 0) return;
  wn_model_native(model, width, evals_per_hour(solver) * hours);
  // (a step of some hours has one series)
  if (strcmp(solver, "taylor") == 0) wn_model_native_series(model, width, hours);
}

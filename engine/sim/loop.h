// loop.h - the one event loop: lanes on clocks of their own are advanced to their next events, meet them and go on;
// whoever is at the end leaves the place to the next that waits. What events are, and who looks on, is the client's
// business: subjects of a scenario (scenario_run.h), individuals of a data set (timeline_run.h), steady states
// (steady_run.h), a subject with its sensitivities (local_run.h).
//
// A place is somebody's: the lane of its number and those that keep the same time beside it. Blocks are
// [quantity][width].
#ifndef WN_SIM_LOOP_H
#define WN_SIM_LOOP_H

#include "sim/lanes.h"
#include "sim/queue.h"

// What a kind of simulation does in the loop. `self` is the client; `which` [width] names lanes, whole places at a
// time. WN_ERR_RUN: of a lane that failed.
typedef struct wn_loop_client {
  // Somebody else takes a place. NULL where nobody waits.
  void (*seat)(void *self, int place, int who);
  // Lanes whose places were taken -> loop->now and loop->state, before anything happens. NULL: they are there.
  wn_status (*start)(void *self, const bool *which, wn_error *err);
  // Lanes that stand at loop->now with loop->state: what happens to them there -> loop->state, and where they go ->
  // loop->stop, is_last. A clock that is set is loop->now.
  wn_status (*meet)(void *self, const bool *which, wn_error *err);
  // The solver has advanced: read off what lies within the lanes' steps. loop->now is still where they stood last.
  wn_status (*look)(void *self, wn_error *err);
  // A place has come to its last stop, with loop->state. NULL: nothing to do.
  wn_status (*finish)(void *self, int place, wn_error *err);
} wn_loop_client;

typedef struct wn_loop {
  // set by the client, borrowed
  const wn_loop_client *client;
  void *self;
  wn_solver *solver;
  wn_queue *queue;    // who waits; NULL: nobody
  wn_lanes *lanes;    // to say which state failed and why; NULL: not known
  bool checks_start;  // derivatives where ways begin are to be finite
  double *state;      // [n_state][width]
  const int *place;   // [width] whose each lane is
  int n_state, width, n_place;
  // the loop's own
  double *slab;
  double *now, *stop;     // [width] where lanes are, and where they go
  double *first, *began;  // [width] where their ways began, and where they left their last events
  bool *flags;
  bool *is_last;    // [width] nothing comes after the stop
  bool *is_moving;  // [width] on their ways
  bool *arrived;    // [width] at their stops
  bool *is_new;     // [width] their places have just been taken
  bool *is_done;    // [n_place] at the end, and nobody was left
} wn_loop;

wn_status wn_loop_init(wn_loop *loop, wn_error *err);  // once client, width and n_place are set
void wn_loop_free(wn_loop *loop);

// Everybody from start to end: those whose places are taken first, then the queue. It may be called again. Errors: the
// client's; WN_ERR_RUN says when, in which state and, as far as it can be told, why; WN_ERR_INTERRUPT.
wn_status wn_loop_run(wn_loop *loop, wn_error *err);

// Machine code of the model for batches of `width` lanes, if solving `hours` of lanes, on one thread, repays it.
void wn_loop_native(const wn_model *model, const char *solver, int width, double hours);

#endif

// shared_clock.h - lanes that are all of one group, and so keep the same time: begun, advanced and looked at with one
// time for all.
#ifndef WN_TESTS_SOLVE_SHARED_CLOCK_H
#define WN_TESTS_SOLVE_SHARED_CLOCK_H

#include "solve/solver.h"

#include <float.h>
#include <math.h>

enum { SHARED_MOST = 64 };  // lanes

static const int shared_group[SHARED_MOST];

static inline const double *shared_times(double s) {
  static double time[SHARED_MOST];
  for (int lane = 0; lane < SHARED_MOST; lane++) time[lane] = s;
  return time;
}

static inline wn_status shared_create(const wn_system *system, const wn_solver_def *def, wn_solver **solver,
                                      wn_error *err) {
  wn_system together = *system;
  together.group = shared_group;
  return wn_solver_create(&together, def, solver, err);
}

static inline wn_status shared_begin(wn_solver *solver, double s, const double *y, wn_error *err) {
  return wn_solver_begin(solver, NULL, shared_times(s), shared_times(s), y, err);
}

// one step, of which attempts may fail, never past s_stop -> *s_now
static inline wn_status shared_step(wn_solver *solver, double s_stop, double *s_now, wn_error *err) {
  const double *time = wn_solver_times(solver);
  const double from = *s_now = time[0];
  if (s_stop - from <= 4 * DBL_EPSILON * fmax(fabs(from), fabs(s_stop))) {
    *s_now = s_stop;
    return WN_OK;
  }
  wn_status status = wn_solver_begin(solver, NULL, NULL, shared_times(s_stop), NULL, err);
  while (!status && time[0] == from) status = wn_solver_advance(solver, err);
  *s_now = time[0];
  return status;
}

static inline void shared_look(wn_solver *solver, double s, double *y) { wn_solver_look(solver, shared_times(s), y); }

// at n ascending times, y [n][size]: within the last step at once where the solver knows how
static inline void shared_look_many(wn_solver *solver, int n, const double *s, int size, double *y) {
  int first = 0, last = n;
  while (first < n && s[first] <= wn_solver_previously(solver)[0]) first++;
  while (last > first && s[last - 1] >= wn_solver_times(solver)[0]) last--;
  if (first < last && !wn_solver_ahead(solver, last - first, s + first, true, y + first * size)) first = last;
  for (int k = 0; k < n; k++)
    if (k < first || k >= last) shared_look(solver, s[k], y + k * size);
}

static inline double shared_previous(const wn_solver *solver) { return wn_solver_previously(solver)[0]; }

#endif

// taylor.c - the Taylor series of the solution, of one order, each lane with its own step: coefficients first, from
// which follows how far they reach, so that hardly a step is refused and a dose costs nothing. Where a lane has no
// series - a power at 0, a compartment that is off, equations with kinks - it takes steps of rk, whose dense output is
// a series as well. Must not know what an event is: lanes are only begun anew.
//
// Step: the last two terms within tolerance, as A. Jorba, M. Zou 2005, A software package for the numerical integration
// of ODEs by means of high-order Taylor methods, Experiment. Math. 14:99, section 3.2.
#include "base/memory.h"
#include "solve/pace.h"
#include <string.h>

// behind the coefficients: lanes that have a series
static wn_lane_mask *has_series(const wn_pace *p) {
  return (wn_lane_mask *)(void *)(p->extra + (p->series.order * p->n_state * p->width + 7) / 8 * 8);
}

// without a series of its own the order is that of rk's dense output
static int order_of(const wn_system *system) { return system->series ? system->order : 4; }

static void prepare(wn_pace *p) {
  p->series = (wn_series){.order = order_of(&p->system), .c = p->extra};
  // the first coefficients are the slopes
  p->slope = p->series.c;
  wn_rk_prepare(p);
}

// whether all lanes have one
static bool find_series(wn_pace *p) {
  const wn_system *system = &p->system;
  p->stats.n_rhs++;
  if (!system->series || system->series(system->context, p->at.time, p->y, p->series.c)) {
    system->rhs(system->context, p->at.time, p->y, p->slope);
    memset(has_series(p), 0, (size_t)p->width * sizeof(wn_lane_mask));
    return false;
  }
  return p->ops->propose(p->n_state, p->width, &p->series, &p->judge, &p->at, has_series(p));
}

static void propose(wn_pace *p) { p->all_series = find_series(p); }

static void attempt(wn_pace *p) {
  const int n = p->n_state, width = p->width;
  if (!p->all_series) {
    wn_rk_attempt(p);
    p->ops->to_series(n, width, &p->curve, &p->at, has_series(p), &p->series);
  }
  p->ops->sum_series(n, width, &p->series, &p->judge, &p->at, has_series(p), p->next);
}

static const wn_method METHOD = {.name = "taylor",
                                 .order = 5,  // of rk's steps: the others follow from the series
                                 .safety = 0.1,
                                 .most_grow = 5,
                                 .prepare = prepare,
                                 .propose = propose,
                                 .attempt = attempt,
                                 .n_rhs = 1,
                                 .n_block = WN_RK_BLOCKS};

static wn_status create(const wn_system *system, const wn_solver_def *def, void **self, wn_error *err) {
  const size_t n = (size_t)order_of(system) * (size_t)system->n_state * (size_t)system->width;
  return wn_pace_create(&METHOD, system, def, (n + 7) / 8 * 8 + (size_t)system->width, self, err);
}

const wn_integrator wn_taylor = WN_PACED(create);

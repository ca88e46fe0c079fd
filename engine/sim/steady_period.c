// steady_period.c - see steady_period.h. Invariant: a day is the only period that equations may have by themselves;
// this is tried out, not assumed. Must not know solvers.

#include "sim/steady_period.h"

#include <math.h>
#include <string.h>

enum { MAX_CYCLES = 1000 };

// a period of the equations' own clock, h
static const double DAY = 24;

// where the equations are tried: initial values, and others at which everything is there; one a lane
static void fill_lanes(wn_lanes *lanes, double time) {
  wn_lanes_start(lanes, time);
  for (int i = 0; i < lanes->model->n_state; i++)
    for (int lane = 1; lane < lanes->width; lane++) {
      double *state = &lanes->state[i * lanes->width + lane];
      *state = *state * (1 + 0.1 * lane) + 0.3 * lane + 0.01 * i;
    }
}

// do the equations say the same `shift` hours later, all through a day?
static bool say_same(wn_lanes *lanes, double time, double shift, double *kept) {
  size_t n = (size_t)lanes->model->n_state * (size_t)lanes->width;
  wn_lanes_slope(lanes, wn_lanes_at(lanes, time));
  memcpy(kept, lanes->slope, n * sizeof(double));
  wn_lanes_slope(lanes, wn_lanes_at(lanes, time + shift));
  for (size_t i = 0; i < n; i++) {
    double a = kept[i], b = lanes->slope[i];
    if (!(fabs(a - b) <= 1e-7 * fmax(fabs(a), fabs(b))) && isfinite(a) && isfinite(b)) return false;
  }
  return true;
}

static bool repeats(wn_lanes *lanes, double from, double shift, double *kept) {
  enum { N_LOOK = 96 };
  bool same = true;
  for (int i = 0; i < N_LOOK && same; i++) same = say_same(lanes, from + (i + 0.37) * DAY / N_LOOK, shift, kept);
  return same;
}

// a linear covariate that stands still reads the time in vain
static bool follows_clock(wn_lanes *lanes, double time, double *kept) {
  const wn_model *m = lanes->model;
  if (m->n_covariate_all == m->n_covariate) return true;
  return !repeats(lanes, time, 7.31, kept) || !repeats(lanes, time, 10.77, kept);
}

// *clock: whether the equations follow the hour of the day; they may follow no other time
static wn_status read_clock(wn_lanes *lanes, double time, bool *clock, wn_error *err) {
  *clock = false;
  if (!wn_model_reads_time(lanes->model)) return WN_OK;
  double *kept = wn_alloc_doubles((size_t)lanes->model->n_state * (size_t)lanes->width);
  if (!kept) return wn_fail_memory(err);
  fill_lanes(lanes, time);
  *clock = follows_clock(lanes, time, kept);
  bool daily = !*clock || (repeats(lanes, time - DAY, DAY, kept) && repeats(lanes, time - DAY, -10 * DAY, kept));
  wn_free(kept);
  if (daily) return WN_OK;
  return wn_fail(
      err, WN_ERR_RUN,
      "no steady state: the equations follow the time since the start, not only the hour of the day, so that "
      "no day is like the one before; try clock in place of t, or the doses one by one (ADDL)");
}

wn_status wn_period_choose(wn_lanes *lanes, const wn_steady *steady, double time, wn_period *period, wn_error *err) {
  period->n_cycle = 1;
  period->interval = steady->constant ? DAY : steady->period;
  bool clock;
  WN_TRY(read_clock(lanes, time, &clock, err));
  while (clock && period->n_cycle <= MAX_CYCLES) {
    double days = period->n_cycle * period->interval / DAY;
    if (fabs(days - round(days)) < WN_SAME_TIME) break;
    period->n_cycle++;
  }
  if (period->n_cycle > MAX_CYCLES)
    return wn_fail(err, WN_ERR_RUN,
                   "no steady state: the equations follow the clock, and doses every %.15g h do not meet the same hour "
                   "again within %d doses; try an II that divides a day",
                   period->interval, MAX_CYCLES);
  double end = steady->constant ? time : time + steady->period - steady->phase;
  period->start = end - period->n_cycle * period->interval;
  return WN_OK;
}

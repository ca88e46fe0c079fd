// by_hand.c - see by_hand.h. Must not know who integrates.
#include "by_hand.h"
#include <math.h>
#include <string.h>

double wn_bench_walk_next(const wn_bench_walk *walk) {
  const wn_bench_case *c = walk->job->c;
  return walk->next < c->n_time ? wn_bench_time(c, walk->next) : HUGE_VAL;
}

void wn_bench_walk_write(wn_bench_walk *walk, const double *y) {
  const int n = walk->job->c->n_state;
  memcpy(walk->row, y, (size_t)n * sizeof *y);
  walk->row += n;
  walk->next++;
}

static wn_status walk_one(wn_bench_walk *walk, wn_bench_leg *leg, void *self, wn_error *err) {
  const wn_bench_case *c = walk->job->c;
  const double end = wn_bench_time(c, c->n_time - 1);
  double from = 0;
  c->initial(walk->rate, walk->y);
  for (int dose = 0; dose <= c->n_dose; dose++) {
    const double to = dose < c->n_dose ? wn_bench_dose_time(c, dose) : end;
    if (wn_bench_walk_next(walk) == from && to > from) wn_bench_walk_write(walk, walk->y);
    if (to > from) WN_TRY(leg(self, walk, from, to, err));
    from = to;
    if (dose < c->n_dose) walk->y[c->dose_state] += c->dose_amount;
  }
  wn_bench_walk_write(walk, walk->y);
  return WN_OK;
}

wn_status wn_bench_walk_all(const wn_bench_job *job, wn_bench_leg *leg, void *self, wn_error *err) {
  const wn_bench_case *c = job->c;
  double rate[WN_BENCH_MAX_RATE];
  for (int subject = 0; subject < job->n_subject; subject++) {
    c->prepare(job->param + (size_t)subject * (size_t)c->n_param, rate);
    wn_bench_walk walk = {.job = job, .rate = rate, .row = job->block + wn_bench_size(c, subject, 1)};
    WN_TRY(walk_one(&walk, leg, self, err));
    if (walk.next != c->n_time)
      return wn_fail(err, WN_ERR_RUN, "%s: %d of %d outputs written", c->name, walk.next, c->n_time);
  }
  return WN_OK;
}

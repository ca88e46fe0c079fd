// dopri5_x8.c - see dopri5_x8.h: the loops for any processor, the choice among them, and what a lane does at a dose or
// at its subject's end. Must not know the equations.
#include "dopri5_x8.h"
#include <math.h>
#include <string.h>

#define WN_X8_TABLE wn_bench_x8_portable
#include "dopri5_x8_body.h"

static int index_of(const wn_bench_case *c) {
  static const char *const name[] = {"W1", "W2", "W3"};
  for (int i = 0; i < 3; i++)
    if (strcmp(c->name, name[i]) == 0) return i;
  return -1;
}

bool wn_bench_has_x8(const wn_bench_case *c) { return index_of(c) >= 0; }

static const wn_bench_x8_table *table(void) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq")) return &wn_bench_x8_avx512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return &wn_bench_x8_avx2;
#endif
  return &wn_bench_x8_portable;
}

int wn_bench_x8_width(void) { return table()->width; }

wn_status wn_bench_dopri5_x8(wn_bench_job *job, wn_error *err) { return table()->run[index_of(job->c)](job, err); }

// a lane for which no subject is left repeats its last, and nobody looks
static void take(wn_bench_x8_walk *walk, int lane) {
  wn_bench_job *job = walk->job;
  const wn_bench_case *c = job->c;
  double rate[WN_BENCH_MAX_RATE] = {0}, y[WN_BENCH_MAX_STATE];
  const bool is_left = walk->subject < job->n_subject;
  const int subject = is_left ? walk->subject++ : job->n_subject - 1;
  c->prepare(job->param + (size_t)subject * (size_t)c->n_param, rate);
  c->initial(rate, y);
  for (int i = 0; i < WN_BENCH_MAX_RATE; i++) walk->rate[i * walk->width + lane] = rate[i];
  for (int i = 0; i < c->n_state; i++) walk->state[i * walk->width + lane] = y[i];
  walk->n_running += is_left;
  walk->is_new[lane] = true;
  walk->time[lane] = 0;
  walk->stop[lane] = is_left ? 0 : HUGE_VAL;
  walk->next[lane] = is_left ? 0 : HUGE_VAL;
  walk->lane[lane].dose = 0;
  walk->lane[lane].row = job->block + wn_bench_size(c, subject, 1);
}

// outputs at a dose are those after it
static void pass_dose(wn_bench_x8_walk *walk, int lane) {
  const wn_bench_case *c = walk->job->c;
  int *dose = &walk->lane[lane].dose;
  const double now = walk->time[lane];
  // before its first dose a subject rests: steps say nothing about those after it
  walk->is_new[lane] |= *dose == 0 && now >= c->dose_first;
  while (*dose < c->n_dose && wn_bench_dose_time(c, *dose) <= now) {
    walk->state[c->dose_state * walk->width + lane] += c->dose_amount;
    ++*dose;
  }
  walk->stop[lane] = *dose < c->n_dose ? wn_bench_dose_time(c, *dose) : wn_bench_time(c, c->n_time - 1);
  if (walk->next[lane] * c->every > now) return;
  wn_bench_x8_write(walk, c->n_state, lane, walk->state);
  walk->next[lane]++;
}

void wn_bench_x8_arrive(wn_bench_x8_walk *walk, unsigned lanes) {
  const wn_bench_case *c = walk->job->c;
  const double end = wn_bench_time(c, c->n_time - 1);
  for (; lanes; lanes &= lanes - 1) {
    const int lane = __builtin_ctz(lanes);
    walk->job->cost.n_restart++;
    if (walk->time[lane] >= end) {
      wn_bench_x8_write(walk, c->n_state, lane, walk->state);
      walk->n_running--;
      take(walk, lane);
    }
    if (walk->stop[lane] < HUGE_VAL) pass_dose(walk, lane);
  }
}

void wn_bench_x8_begin(wn_bench_x8_walk *walk) {
  for (int lane = 0; lane < walk->width; lane++) {
    take(walk, lane);
    if (walk->stop[lane] < HUGE_VAL) pass_dose(walk, lane);
  }
}

// own_clocks.c - a batch in which every lane has its own clock: doses and outputs come to each lane when it is there.
// Must not know what the equations say.
#include "base/memory.h"
#include "worker.h"
#include <math.h>

wn_status wn_bench_clocks_init(wn_bench_worker *w, const wn_bench_job *job) {
  const size_t width = (size_t)job->width;
  w->now = wn_alloc_doubles(4 * width);
  w->next = wn_alloc(width * sizeof(int));
  w->dose = wn_alloc(width * sizeof(int));
  w->there = wn_alloc(width * sizeof(bool));
  w->tried = wn_alloc(width * sizeof(long));
  w->row = wn_alloc_doubles((size_t)job->model->n_state * width);
  if (!w->now || !w->next || !w->dose || !w->there || !w->tried || !w->row) return wn_fail_memory(&w->err);
  w->stop = w->now + width, w->at = w->stop + width, w->due = w->at + width;
  return WN_OK;
}

void wn_bench_clocks_free(wn_bench_worker *w) {
  wn_free(w->now);
  wn_free(w->next);
  wn_free(w->dose);
  wn_free(w->there);
  wn_free(w->tried);
  wn_free(w->row);
}

// one lane's column of a block into its place in the results
static void keep(wn_bench_worker *w, const wn_bench_job *job, double *block, int lane, const double *from) {
  const size_t width = (size_t)job->width, n = (size_t)job->c->n_state;
  double *to = block + (size_t)w->next[lane]++ * n * width + (size_t)lane;
  for (size_t i = 0; i < n; i++) to[i * width] = from[i * width + (size_t)lane];
  w->due[lane] = w->next[lane] < job->c->n_time ? wn_bench_time(job->c, w->next[lane]) : HUGE_VAL;
}

// outputs inside the lanes' last steps; those at a dose wait for it
static void keep_outputs(wn_bench_worker *w, const wn_bench_job *job, double *block) {
  const double *before = wn_solver_previously(w->solver), *now = wn_solver_times(w->solver);
  for (;;) {
    bool any = false;
    for (int lane = 0; lane < job->width; lane++) {
      const double time = w->due[lane];
      const bool due = time <= now[lane] && now[lane] > before[lane] && time < w->stop[lane];
      w->at[lane] = due ? time : now[lane];
      w->there[lane] = due;
      any |= due;
    }
    if (!any) return;
    wn_solver_look(w->solver, w->at, w->row);
    for (int lane = 0; lane < job->width; lane++)
      if (w->there[lane]) keep(w, job, block, lane, w->row);
  }
}

// doses of the lanes that are there, and outputs at the same time; how many lanes go on
static int depart(wn_bench_worker *w, const wn_bench_job *job, double *block) {
  const wn_bench_case *c = job->c;
  const double end = wn_bench_time(c, c->n_time - 1);
  int n_running = 0;
  for (int lane = 0; lane < job->width; lane++) {
    n_running += w->now[lane] < end;
    if (!w->there[lane]) continue;
    while (w->dose[lane] < c->n_dose && wn_bench_dose_time(c, w->dose[lane]) <= w->now[lane])
      w->lanes.state[c->dose_state * job->width + lane] += c->dose_amount, w->dose[lane]++;
    w->stop[lane] = w->dose[lane] < c->n_dose ? wn_bench_dose_time(c, w->dose[lane]) : end;
    if (w->next[lane] < c->n_time && wn_bench_time(c, w->next[lane]) <= w->now[lane])
      keep(w, job, block, lane, w->lanes.state);
  }
  return n_running;
}

// lanes at their doses, or ends, and their states
static bool arrive(wn_bench_worker *w, const wn_bench_job *job) {
  const double *time = wn_solver_times(w->solver), *state = wn_solver_state(w->solver);
  const double end = wn_bench_time(job->c, job->c->n_time - 1);
  bool any = false, all = true;
  for (int lane = 0; lane < job->width; lane++) {
    const bool there = time[lane] >= w->stop[lane];
    w->there[lane] = there && (w->now[lane] < time[lane] || time[lane] < end);
    w->now[lane] = time[lane];
    any |= w->there[lane], all &= there;
  }
  if (!any || (!all && !wn_solver_has_own_clocks(w->solver))) return false;
  for (int i = 0; i < job->c->n_state; i++)
    for (int lane = 0; lane < job->width; lane++)
      if (w->there[lane]) w->lanes.state[i * job->width + lane] = state[i * job->width + lane];
  return true;
}

// what lanes did at the last call: a lane at its end stood, one that has not moved was refused its step
static void count_lanes(wn_bench_worker *w, int width) {
  const double *before = wn_solver_previously(w->solver), *now = wn_solver_times(w->solver);
  for (int lane = 0; lane < width; lane++) {
    const bool stood = before[lane] >= w->stop[lane], taken = now[lane] > before[lane];
    w->cost.n_stood += stood, w->cost.n_taken += taken, w->cost.n_refused += !stood && !taken;
    w->tried[lane] += !stood;
  }
}

static void count_slowest(wn_bench_worker *w, int width) {
  long most = 0;
  for (int lane = 0; lane < width; lane++) most = w->tried[lane] > most ? w->tried[lane] : most;
  w->cost.n_slowest += most;
}

wn_status wn_bench_clocks_run(wn_bench_worker *w, const wn_bench_job *job, double *block) {
  for (int lane = 0; lane < job->width; lane++)
    w->now[lane] = w->due[lane] = 0, w->next[lane] = w->dose[lane] = 0, w->there[lane] = true, w->tried[lane] = 0;
  bool arrived = true;
  for (int n_running = 1; n_running > 0;) {
    if (arrived) {
      wn_bench_part = WN_PART_RESTART;
      n_running = depart(w, job, block);
      if (n_running == 0) break;
      WN_TRY(wn_solver_begin(w->solver, w->there, w->now, w->stop, w->lanes.state, &w->err));
    }
    wn_bench_part = WN_PART_SOLVER;
    WN_TRY(wn_solver_advance(w->solver, &w->err));
    wn_bench_part = WN_PART_OUTPUT;
    count_lanes(w, job->width);
    keep_outputs(w, job, block);
    arrived = arrive(w, job);
    wn_bench_part = WN_PART_SOLVER;
  }
  count_slowest(w, job->width);
  for (int lane = 0; lane < job->width; lane++)
    if (w->next[lane] != job->c->n_time)
      return wn_fail(&w->err, WN_ERR_RUN, "%s: %d outputs", job->c->name, w->next[lane]);
  return WN_OK;
}

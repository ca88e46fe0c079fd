// own_clocks.c - subjects in lanes of which every one has its own clock: doses and outputs come to each lane when it is
// there, and a lane whose subject is done takes the next. A subject's outputs are written one after another, as rows by
// hand write theirs. Must not know what the equations say.
#include "base/memory.h"
#include "worker.h"
#include <math.h>

enum { PAIRS = 4 };  // outputs a lane that are asked for together

// a lane's subject and where it has got to
typedef struct place {
  int subject;  // -1: none is left
  int next, dose;
  double *row;  // where its next output goes
} place;

struct wn_bench_seats {
  wn_bench_worker *w;
  const wn_bench_job *job;
  place *seat;               // [width]
  double *now, *stop, *due;  // [width] where lanes are, and go; times of their next outputs
  bool *there, *is_new;
  // pairs of a lane and a time, and where the states there go; one more than are asked for
  int *lane;
  double *at, **to;
};

wn_status wn_bench_seats_create(wn_bench_worker *w, const wn_bench_job *job) {
  const size_t width = (size_t)job->width;
  wn_bench_seats *s = w->seats = wn_alloc(sizeof *s);
  if (!s) return wn_fail_memory(&w->err);
  *s = (wn_bench_seats){.w = w, .job = job};
  s->seat = wn_alloc(width * sizeof *s->seat);
  s->now = wn_alloc_doubles(3 * width);
  s->stop = s->now + width, s->due = s->stop + width;
  s->there = wn_alloc(width * sizeof(bool));
  s->is_new = wn_alloc(width * sizeof(bool));
  s->lane = wn_alloc((PAIRS * width + 1) * sizeof(int));
  s->at = wn_alloc_doubles(PAIRS * width + 1);
  s->to = wn_alloc((PAIRS * width + 1) * sizeof(double *));
  const bool is_whole = s->seat && s->now && s->there && s->is_new && s->lane && s->at && s->to;
  return is_whole ? WN_OK : wn_fail_memory(&w->err);
}

void wn_bench_seats_destroy(wn_bench_worker *w) {
  wn_bench_seats *s = w->seats;
  if (!s) return;
  wn_free(s->seat);
  wn_free(s->now);
  wn_free(s->there);
  wn_free(s->is_new);
  wn_free(s->lane);
  wn_free(s->at);
  wn_free(s->to);
  wn_free(s);
  w->seats = NULL;
}

static double end_of(const wn_bench_job *job) { return wn_bench_time(job->c, job->c->n_time - 1); }

// -- outputs ----------------------------------------------------------------------------------------------------------

// to the place and the time of a lane's next output
static void advance_row(wn_bench_seats *s, int lane) {
  const wn_bench_case *c = s->job->c;
  place *seat = &s->seat[lane];
  seat->row += c->n_state;
  s->due[lane] = ++seat->next < c->n_time ? seat->next * c->every : HUGE_VAL;
}

static void keep(wn_bench_seats *s, int lane, const double *state) {
  for (int i = 0; i < s->job->c->n_state; i++) s->seat[lane].row[i] = state[i * s->job->width + lane];
  advance_row(s, lane);
}

// one more pair, of a lane's next output, if that is within what the lane did. No branch: it cannot be foretold
static int add_pair(wn_bench_seats *s, int n, int lane, double now) {
  const double due = s->due[lane];
  s->lane[n] = lane, s->at[n] = due, s->to[n] = s->seat[lane].row;
  return n + (int)((due <= now) & (due < s->stop[lane]));
}

// outputs inside the lanes' last steps; those at a dose wait for it
static void keep_outputs(wn_bench_seats *s) {
  const double *now = wn_solver_times(s->w->solver);
  const int most = PAIRS * s->job->width;
  int n;
  do {
    n = 0;
    for (int lane = 0; lane < s->job->width; lane++) n = add_pair(s, n, lane, now[lane]);
    // a lane that has one may have another
    for (int k = 0; k < n; k++) {
      const int lane = s->lane[k];
      advance_row(s, lane);
      if (n < most) n = add_pair(s, n, lane, now[lane]);
    }
    wn_solver_look_at(s->w->solver, n, s->lane, s->at, s->to);
  } while (n == most);
}

// -- seats ------------------------------------------------------------------------------------------------------------

// the next subject into a lane; a lane for which none is left stays where it is
static void take_seat(wn_bench_seats *s, int lane, bool is_first) {
  const wn_bench_case *c = s->job->c;
  place *seat = &s->seat[lane];
  const int subject = wn_bench_next_subject(s->w);
  if (subject < 0) {
    // one that never had a subject repeats the first
    if (is_first) wn_bench_fill(s->w, lane, 0);
    *seat = (place){.subject = -1};
    s->due[lane] = HUGE_VAL;
    return;
  }
  *seat = (place){.subject = subject, .row = s->job->block + wn_bench_size(c, subject, 1)};
  wn_bench_fill(s->w, lane, subject);
  s->now[lane] = s->due[lane] = 0;
  s->is_new[lane] = true;
}

// a subject's last output, and what its lane did
static void end_subject(wn_bench_seats *s, int lane) {
  const place *seat = &s->seat[lane];
  wn_bench_cost *cost = &s->w->cost;
  wn_solver_stats stats;
  if (seat->subject < 0) return;
  keep(s, lane, s->w->lanes.state);
  wn_solver_lane_stats(s->w->solver, lane, &stats);
  const long tried = stats.n_step + stats.n_error_fail;
  if (tried > cost->n_slowest) cost->n_slowest = tried;
  cost->n_taken += stats.n_step, cost->n_refused += stats.n_error_fail, cost->n_stood -= tried;
  if (seat->next != s->job->c->n_time && !s->w->status)
    s->w->status = wn_fail(&s->w->err, WN_ERR_RUN, "%s: %d outputs", s->job->c->name, seat->next);
}

// lanes whose subjects are done take others, at their beginnings
static void change_seats(wn_bench_seats *s, bool is_first) {
  wn_lanes *lanes = &s->w->lanes;
  bool any = false;
  for (int lane = 0; lane < s->job->width; lane++) {
    s->is_new[lane] = false;
    if (!s->there[lane] || s->now[lane] < end_of(s->job)) continue;
    if (!is_first) end_subject(s, lane);
    take_seat(s, lane, is_first);
    any |= s->is_new[lane];
  }
  if (!any) return;
  wn_lanes_bind(lanes);
  if (is_first)
    wn_lanes_start(lanes, 0);
  else
    wn_lanes_start_some(lanes, 0, s->is_new);
  wn_solver_renew(s->w->solver, s->is_new);
}

// doses of the lanes that are there, and outputs at the same time; how many lanes go on
static int depart(wn_bench_seats *s) {
  const wn_bench_job *job = s->job;
  const wn_bench_case *c = job->c;
  const double end = end_of(job);
  double *state = s->w->lanes.state;
  int n_running = 0;
  for (int lane = 0; lane < job->width; lane++) {
    place *seat = &s->seat[lane];
    n_running += seat->subject >= 0 && s->now[lane] < end;
    if (!s->there[lane] || seat->subject < 0) continue;
    while (seat->dose < c->n_dose && wn_bench_dose_time(c, seat->dose) <= s->now[lane])
      state[c->dose_state * job->width + lane] += c->dose_amount, seat->dose++;
    s->stop[lane] = seat->dose < c->n_dose ? wn_bench_dose_time(c, seat->dose) : end;
    if (s->due[lane] <= s->now[lane]) keep(s, lane, state);
  }
  return n_running;
}

// lanes at their doses, or ends, and their states
static bool arrive(wn_bench_seats *s) {
  const int width = s->job->width;
  const double *time = wn_solver_times(s->w->solver), *from = wn_solver_state(s->w->solver);
  double *state = s->w->lanes.state;
  bool any = false;
  for (int lane = 0; lane < width; lane++) {
    s->there[lane] = time[lane] >= s->stop[lane] && s->now[lane] < time[lane];
    s->now[lane] = time[lane];
    any |= s->there[lane];
  }
  for (int i = 0; any && i < s->job->c->n_state; i++)
    for (int lane = 0; lane < width; lane++)
      if (s->there[lane]) state[i * width + lane] = from[i * width + lane];
  return any;
}

wn_status wn_bench_seats_run(wn_bench_worker *w) {
  wn_bench_seats *s = w->seats;
  const int width = s->job->width;
  for (int lane = 0; lane < width; lane++) {
    s->seat[lane] = (place){.subject = -1};
    s->now[lane] = s->stop[lane] = end_of(s->job), s->there[lane] = true;
  }
  bool is_first = true;
  for (bool arrived = true;; is_first = false) {
    if (arrived) {
      wn_bench_part = WN_PART_SETUP;
      change_seats(s, is_first);
      wn_bench_part = WN_PART_RESTART;
      if (depart(s) == 0) break;
      WN_TRY(wn_solver_begin(w->solver, is_first ? NULL : s->there, s->now, s->stop, w->lanes.state, &w->err));
    }
    wn_bench_part = WN_PART_SOLVER;
    WN_TRY(wn_solver_advance(w->solver, &w->err));
    wn_bench_part = WN_PART_OUTPUT;
    w->cost.n_stood += width;
    keep_outputs(s);
    arrived = arrive(s);
  }
  return w->status;
}

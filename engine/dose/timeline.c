// timeline.c - the walk over one individual's records that decides what effectively happens and when. Invariants: the
// records in force, pending doses and running infusions are those PREDPP would have at that point; every decision
// leaves an action, also the cancelled ones, so that explain can tell. Solves nothing.

#include "dose/pending.h"
#include "dose/records.h"

#include <float.h>
#include <math.h>
#include <string.h>

// beside those that every record has
enum { MAX_ACTION = 1000000, PER_RECORD = 8 };

// an infusion that runs; amounts in the route's unit with F applied
typedef struct infusion {
  int record, repeat;
  int source;     // row of the covariates that set scale
  bool modelled;  // RATE -1: its rate follows the covariates
  double rate, left, since;
} infusion;

typedef struct walk {
  const wn_timeline_def *def;
  wn_timeline *out;
  wn_pending_heap pending;
  WN_ARRAY(infusion) running;  // ended ones have left < 0
  double now;
  int in_force;       // row of the covariates that act (WN_ROW_...)
  bool any_off;       // compartments have been switched off
  wn_action nowhere;  // takes what cannot be kept
  int bad;            // record that went wrong
  wn_status status;
  wn_error *err;
} walk;

static const wn_record *record_at(const walk *w, int i) { return &w->def->record[i]; }

static const wn_route *route_of(const walk *w, int i) { return &w->def->model->route[record_at(w, i)->route]; }

static const double *values_of(const walk *w, int route_record, int row) {
  const double *value = w->def->route_value(w->def->context, row);
  return value + w->def->model->route_at[record_at(w, route_record)->route];
}

static void out_of_memory(walk *w) {
  if (!w->status) w->status = wn_fail_memory(w->err);
}

static wn_action *push(walk *w, wn_action_kind kind, int record, int repeat) {
  wn_action action = {
      .time = w->now, .kind = kind, .state = -1, .record = record, .repeat = repeat, .index = -1, .by = -1};
  bool many = w->out->action.n >= MAX_ACTION && w->out->action.n / PER_RECORD > w->def->n_record;
  if (many && !w->status) {
    w->bad = record;
    w->status =
        wn_fail(w->err, WN_ERR_USER, "more than %d actions for one individual; try fewer additional doses", MAX_ACTION);
  }
  if (w->status) return &w->nowhere;
  if (!WN_PUSH(&w->out->action, action)) {
    out_of_memory(w);
    return &w->nowhere;
  }
  return &w->out->action.data[w->out->action.n - 1];
}

// the total of all running infusions into a state, summed in the order in which they began
static void push_rate(walk *w, int state, const infusion *cause, const char *why) {
  double total = 0;
  for (int i = 0; i < w->running.n; i++) {
    const infusion *f = &w->running.data[i];
    if (f->left < 0) continue;
    const wn_route *route = route_of(w, f->record);
    const double *value = values_of(w, f->record, f->source);
    for (int k = 0; k < route->n_target; k++)
      if (route->target[k] == state) total += f->rate * value[WN_ROUTE_SCALE + k];
  }
  wn_action *action = push(w, WN_ACT_RATE, cause->record, cause->repeat);
  action->state = state, action->amount = total, action->index = cause->source, action->why = why;
}

static void push_rates(walk *w, const infusion *cause, const char *why) {
  const wn_route *route = route_of(w, cause->record);
  for (int k = 0; k < route->n_target; k++) push_rate(w, route->target[k], cause, why);
}

static void schedule_end(walk *w, int index) {
  const infusion *f = &w->running.data[index];
  wn_pending p = {.time = w->now + f->left / f->rate,
                  .what = WN_PENDING_END,
                  .record = f->record,
                  .repeat = f->repeat,
                  .infusion = index};
  if (!wn_pending_push(&w->pending, p)) out_of_memory(w);
}

// a dose into a compartment that is off turns it on
static void push_on(walk *w, int record, int repeat) {
  const wn_route *route = route_of(w, record);
  for (int k = 0; k < route->n_target && w->any_off; k++) push(w, WN_ACT_ON, record, repeat)->state = route->target[k];
}

static void start_infusion(walk *w, infusion f, const char *why) {
  push_on(w, f.record, f.repeat);
  // nothing to infuse: F or the amount is 0
  if (!(f.left > 0)) return;
  f.since = w->now;
  // rows of ended infusions are used again, so that a long train of doses stays short
  int index = 0;
  while (index < w->running.n && w->running.data[index].left >= 0) index++;
  if (index == w->running.n && !WN_PUSH(&w->running, f)) {
    out_of_memory(w);
    return;
  }
  w->running.data[index] = f;
  push_rates(w, &f, why);
  schedule_end(w, index);
}

// a modelled rate or duration must be above 0 where it is used
static bool check_modelled(walk *w, int record, double value, const char *what) {
  if (value > 0 && isfinite(value)) return true;
  if (!w->status) {
    w->bad = record;
    w->status = wn_fail(w->err, WN_ERR_USER, "%s of %s: expected a value above 0, got %g", what,
                        route_of(w, record)->name, value);
  }
  return false;
}

// how fast a dose of amount `a` (F applied) is infused; 0: it is a bolus
static double infusion_rate(walk *w, int record, const double *value, double a) {
  const wn_record *r = record_at(w, record);
  if (r->rate > 0) return r->rate;
  if (r->rate == WN_RATE_MODELLED)
    return check_modelled(w, record, value[WN_ROUTE_RATE], "modelled rate") ? value[WN_ROUTE_RATE] : 0;
  if (r->rate == WN_DURATION_MODELLED)
    return check_modelled(w, record, value[WN_ROUTE_DURATION], "modelled duration") ? a / value[WN_ROUTE_DURATION] : 0;
  return r->dur > 0 ? a / r->dur : 0;
}

static bool is_infusion(const wn_record *r) { return r->rate != 0 || r->dur > 0; }

// An infusion so short that its end could not be told from its beginning, or only roughly, is given at once: no dose is
// lost to rounding.
static bool is_instant(const walk *w, double a, double rate) {
  return a > 0 && rate > 0 && a / rate <= fmax(WN_SAME_TIME, 1e6 * DBL_EPSILON * fabs(w->now));
}

static bool check_entry(walk *w, int record, const double *value) {
  const char *name = route_of(w, record)->name;
  if (w->status) return false;
  w->bad = record;
  if (!(value[WN_ROUTE_F] >= 0) || isinf(value[WN_ROUTE_F]))
    w->status = wn_fail(w->err, WN_ERR_USER, "F of %s: expected 0 or more, got %g", name, value[WN_ROUTE_F]);
  else if (!(value[WN_ROUTE_LAG] >= 0) || isinf(value[WN_ROUTE_LAG]))
    w->status = wn_fail(w->err, WN_ERR_USER, "lag of %s: expected 0 h or more, got %g h", name, value[WN_ROUTE_LAG]);
  return !w->status;
}

// a dose arrives in its compartment(s) now
static void enter(walk *w, int record, int repeat) {
  const wn_record *r = record_at(w, record);
  const wn_route *route = route_of(w, record);
  bool late = w->def->callfl == -1;
  int source = late ? w->in_force : WN_ROW_AT(record);
  const double *value = values_of(w, record, source);
  if (!check_entry(w, record, value)) return;
  double a = value[WN_ROUTE_F] * r->amt;
  // a modelled rate is always that of the covariates in force
  const bool modelled = r->rate == WN_RATE_MODELLED;
  const double rate =
      is_infusion(r) ? infusion_rate(w, record, modelled ? values_of(w, record, w->in_force) : value, a) : 0;
  if (is_infusion(r) && !is_instant(w, a, rate)) {
    const infusion f = {
        .record = record, .repeat = repeat, .source = source, .modelled = modelled, .rate = rate, .left = a};
    start_infusion(w, f, WN_INFUSION_BEGINS);
    return;
  }
  for (int k = 0; k < route->n_target; k++) {
    double amount = a * value[WN_ROUTE_SCALE + k];
    wn_action *action = push(w, WN_ACT_BOLUS, record, repeat);
    action->state = route->target[k], action->amount = amount, action->index = source;
  }
}

// Repetition `repeat` of a dose record whose own dose enters at `begin` (below 0: one before it, of a steady state);
// the next follows when it has entered.
static void plan_entry(walk *w, int record, int repeat, double begin) {
  const wn_record *r = record_at(w, record);
  if (repeat > r->addl) return;
  wn_pending p = {.time = begin + (repeat ? repeat * r->ii : 0),
                  .begin = begin,
                  .what = WN_PENDING_ENTER,
                  .record = record,
                  .repeat = repeat};
  if (!wn_pending_push(&w->pending, p)) out_of_memory(w);
}

static void run_pending(walk *w, wn_pending p) {
  if (p.time > w->now) w->now = p.time;
  if (p.what == WN_PENDING_ENTER) {
    enter(w, p.record, p.repeat);
    plan_entry(w, p.record, p.repeat + 1, p.begin);
    return;
  }
  infusion *f = &w->running.data[p.infusion];
  f->left = -1;
  push_rates(w, f, WN_INFUSION_ENDS);
}

// everything that happens up to and at time t, without a row of its own
static void advance(walk *w, double t) {
  wn_pending p;
  while (!w->status && wn_pending_first(&w->pending, &p) && p.time <= t + WN_SAME_TIME) {
    wn_pending_pop(&w->pending);
    if (p.time > t) p.time = t;
    run_pending(w, p);
  }
  w->now = t;
}

// a running modelled rate follows the covariates: what is left is infused at the new rate
static void follow_rate(walk *w, int index) {
  infusion *f = &w->running.data[index];
  double rate = values_of(w, f->record, w->in_force)[WN_ROUTE_RATE];
  if (rate == f->rate || !check_modelled(w, f->record, rate, "modelled rate")) return;
  f->left -= f->rate * (w->now - f->since);
  if (f->left < 0) f->left = 0;
  f->rate = rate, f->since = w->now;
  wn_pending_drop_end(&w->pending, index);
  push_rates(w, f, "modelled rate follows the covariates");
  schedule_end(w, index);
}

static void set_covariates(walk *w, int record, int row) {
  push(w, WN_ACT_COVARIATES, record, 0)->index = row;
  w->in_force = row;
  for (int i = 0; i < w->running.n && !w->status; i++)
    if (w->running.data[i].left >= 0 && w->running.data[i].modelled) follow_rate(w, i);
}

// does a dose record go into this state (-1: any)?
static bool goes_into(const walk *w, int record, int state) {
  const wn_route *route = route_of(w, record);
  for (int k = 0; k < route->n_target; k++)
    if (state < 0 || route->target[k] == state) return true;
  return false;
}

// one of them: an infusion that runs stops, a dose to come does not
static void cancel_one(walk *w, wn_pending p, int by, int state, const char *why) {
  bool runs = p.what == WN_PENDING_END;
  wn_action *action = push(w, runs ? WN_ACT_RATE : WN_ACT_BOLUS, p.record, p.repeat);
  action->time = p.time, action->why = why, action->by = by;
  if (!runs) return;
  infusion *f = &w->running.data[p.infusion];
  action->index = f->source;
  f->left = -1;
  // a reset, a steady state or an empty compartment ends inputs by itself, but the dose may enter others, too
  const wn_route *route = route_of(w, p.record);
  for (int k = 0; k < route->n_target && state >= 0; k++)
    if (route->target[k] != state) push_rate(w, route->target[k], f, WN_INFUSION_ENDS);
}

// pending doses and running infusions into a state (-1: all) end here, in order of time; explain hears of it
static void cancel(walk *w, int by, int state, const char *why) {
  wn_pending_heap kept = {0};
  wn_pending p;
  while (wn_pending_first(&w->pending, &p)) {
    wn_pending_pop(&w->pending);
    if (goes_into(w, p.record, state))
      cancel_one(w, p, by, state, why);
    else if (!wn_pending_push(&kept, p))
      out_of_memory(w);
  }
  wn_pending_free(&w->pending);
  w->pending = kept;
}

// Implied infusions that still run at the time of a steady-state record; the youngest began II - lag ago, `n` intervals
// and one before the record's own.
static void continue_infusions(walk *w, int record, double rate, double duration, double lag, int n) {
  const wn_record *r = record_at(w, record);
  for (int j = 1; lag - j * r->ii + duration > WN_SAME_TIME * (1 + duration); j++) {
    const infusion f = {.record = record,
                        .repeat = -j - n,
                        .source = WN_ROW_AT(record),
                        .modelled = r->rate == WN_RATE_MODELLED,
                        .rate = rate,
                        .left = rate * (lag - j * r->ii + duration)};
    start_infusion(w, f, WN_INFUSION_GOES_ON);
  }
}

// The steady state itself; returns the lag before the record's own dose, or -1 when there is none. Doses of the train
// that are on their way at the record's time, given before it with a lag of II or more -> *n_coming.
static double push_steady(walk *w, int record, int *n_coming) {
  const wn_record *r = record_at(w, record);
  const wn_route *route = route_of(w, record);
  const double *value = values_of(w, record, WN_ROW_AT(record));
  if (!check_entry(w, record, value)) return -1;
  wn_steady s = {.record = record, .add = r->ss == 2, .warm = r->ss == 3, .period = r->ii, .n_target = route->n_target};
  bool constant = r->amt == 0;
  double a = value[WN_ROUTE_F] * r->amt, lag = value[WN_ROUTE_LAG];
  double rate = constant && r->rate == 0 ? 0 : is_infusion(r) ? infusion_rate(w, record, value, a) : 0;
  if (w->status) return -1;
  // a shift by whole intervals does not change a steady state
  const double shift = r->ii > 0 ? fmod(lag, r->ii) : lag;
  const double coming = r->ii > 0 ? round((lag - shift) / r->ii) : 0;
  if (coming > MAX_ACTION) {
    w->bad = record;
    w->status = wn_fail(w->err, WN_ERR_USER, "lag of %s: a lag of %g h, II %g h: more than %d doses are on their way",
                        route->name, lag, r->ii, MAX_ACTION);
    return -1;
  }
  s.n_coming = *n_coming = (int)coming;
  s.constant = constant;
  s.duration = is_infusion(r) && !constant && rate > 0 && !is_instant(w, a, rate) ? a / rate : 0;
  s.phase = r->ii - shift;
  for (int k = 0; k < route->n_target; k++) {
    s.target[k] = route->target[k];
    s.amount[k] = (constant || s.duration > 0 ? rate : a) * value[WN_ROUTE_SCALE + k];
  }
  push_on(w, record, 0);
  push(w, WN_ACT_STEADY, record, 0)->index = w->out->steady.n;
  if (!w->status && !WN_PUSH(&w->out->steady, s)) out_of_memory(w);
  if (constant) return -1;
  if (s.duration > 0) continue_infusions(w, record, rate, s.duration, shift, *n_coming);
  return lag;
}

static void dose(walk *w, int record) {
  const wn_record *r = record_at(w, record);
  double lag;
  int n_coming = 0;
  if (r->ss) {
    if (r->ss != 2) cancel(w, record, -1, "steady state");
    lag = push_steady(w, record, &n_coming);
    if (lag < 0) return;
  } else {
    const double *value = values_of(w, record, WN_ROW_AT(record));
    if (!check_entry(w, record, value)) return;
    lag = value[WN_ROUTE_LAG];
  }
  double time = w->now + lag;
  plan_entry(w, record, -n_coming, time);
  // what enters at once is there before the record is predicted
  advance(w, w->now);
}

static void reset(walk *w, int record) {
  cancel(w, record, -1, "reset");
  w->running.n = 0;
  w->any_off = false;
  w->now = record_at(w, record)->time;
  push(w, WN_ACT_CLOCK, record, 0);
  push(w, WN_ACT_RESET, record, 0);
}

static void switch_compartment(walk *w, int record) {
  const wn_record *r = record_at(w, record);
  if (r->state < 0) return;
  if (r->off) cancel(w, record, r->state, "its compartment is switched off");
  w->any_off |= r->off;
  push(w, r->off ? WN_ACT_OFF : WN_ACT_ON, record, 0)->state = r->state;
}

static void act(walk *w, int record) {
  const wn_record *r = record_at(w, record);
  if (r->evid == 2) switch_compartment(w, record);
  if (r->evid == 3 || r->evid == 4) reset(w, record);
  if (r->evid == 1 || r->evid == 4) dose(w, record);
  push(w, WN_ACT_OBSERVE, record, 0);
}

// one record: what happens until its time, with whose covariates, and then the record itself
static void visit(walk *w, int record, bool first) {
  const wn_record *r = record_at(w, record);
  bool backward = w->def->dialect != WN_DIALECT_RXODE2;
  bool jumps_back = r->time < w->now;
  if (first) {
    w->now = r->time;
    push(w, WN_ACT_CLOCK, record, 0);
    set_covariates(w, record, WN_ROW_AT(record));
    push(w, WN_ACT_RESET, record, 0);
  } else {
    if (backward || w->def->both_rows) set_covariates(w, record, WN_ROW_TO(record));
    if (!jumps_back) advance(w, r->time);
    if (!backward || w->def->both_rows) set_covariates(w, record, WN_ROW_AT(record));
  }
  act(w, record);
}

// rxode2 puts doses before observations of the same time; the others keep the order of the data
static void order_records(const wn_timeline_def *def, int *order) {
  for (int i = 0; i < def->n_record; i++) order[i] = i;
  if (def->dialect != WN_DIALECT_RXODE2) return;
  for (int i = 1; i < def->n_record; i++) {
    int moved = order[i], j = i;
    const wn_record *r = &def->record[moved];
    if (r->evid != 1) continue;
    for (; j > 0; j--) {
      const wn_record *before = &def->record[order[j - 1]];
      if (before->time != r->time || before->evid != 0) break;
      order[j] = order[j - 1];
    }
    order[j] = moved;
  }
}

int wn_dialect_find(const char *name) {
  static const char *const names[] = {
      [WN_DIALECT_NONMEM] = "nonmem", [WN_DIALECT_MRGSOLVE] = "mrgsolve", [WN_DIALECT_RXODE2] = "rxode2"};
  for (int i = 0; i < 3; i++)
    if (strcmp(names[i], name) == 0) return i;
  return -1;
}

wn_status wn_timeline_make(const wn_timeline_def *def, wn_timeline *timeline, wn_error *err) {
  *timeline = (wn_timeline){0};
  walk w = {.def = def, .out = timeline, .err = err};
  int *order = wn_alloc((size_t)def->n_record * sizeof *order);
  if (!order) return wn_fail_memory(err);
  order_records(def, order);
  for (int i = 0; i < def->n_record && !w.status; i++) visit(&w, order[i], i == 0);
  // what is still to come after the last record never happens
  wn_free(order);
  wn_pending_free(&w.pending);
  WN_ARRAY_FREE(&w.running);
  if (def->bad) *def->bad = w.bad;
  if (w.status) wn_timeline_free(timeline);
  return w.status;
}

void wn_timeline_free(wn_timeline *timeline) {
  WN_ARRAY_FREE(&timeline->action);
  WN_ARRAY_FREE(&timeline->steady);
}

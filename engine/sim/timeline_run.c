// timeline_run.c - see timeline_run.h. Invariant: a lane goes on without a new beginning until something jumps, and
// what is observed on the way is read off dense output; nothing an individual gets depends on its neighbours.

#include "sim/timeline_run.h"

#include "sim/day.h"
#include "sim/loop.h"
#include "sim/population.h"
#include <math.h>
#include <string.h>

// lanes that are looked at one by one, not all together
enum { FEW = 2 };

typedef struct course {
  const wn_cohort *cohort;
  const wn_model *model;
  wn_lanes lanes;
  wn_loop loop;
  int n_place;
  wn_person **person;  // [n_place] who sits where
  int *number;         // [n_place] the next action; the one that ends the present stretch; [width] whose each lane is
  int *cursor, *jump, *place;
  bool *due;                // [n_place] has a record to predict
  bool is_bound;            // what depends on the lanes' parameters and covariates was computed
  double *slab;             // owns the blocks below
  double *at;               // [width] times that are looked at
  double *dense, *output;   // [n_state][width], [n_output][width] there
  double *pair, **pair_at;  // [FEW][n_state]
  double *steady;           // [n_state]
} course;

int wn_timeline_width(int n) { return (n + WN_LANES - 1) / WN_LANES * WN_LANES; }

// lanes of a place, one after another: the last place's fill up the batch
static int next_lane(const course *c, int lane) { return lane < c->n_place - 1 ? c->lanes.width : lane + 1; }

static const wn_action *action_of(const course *c, int place, int i) {
  return &c->person[place]->timeline.action.data[i];
}

static int n_action_of(const course *c, int place) { return c->person[place]->timeline.action.n; }

// -- parameters and covariates --------------------------------------------------------------------------------------

// would those of a row change nothing?
static bool same_inputs(const course *c, int place, int row) {
  const wn_person *p = c->person[place];
  const wn_model *m = c->model;
  const double *covariate = wn_person_covariate(p, row), *param = wn_person_param(p, row / 2);
  for (int k = 0; k < m->n_covariate_all; k++)
    if (c->lanes.covariate[k * c->lanes.width + place] != covariate[k]) return false;
  for (int k = 0; p->param_varies && k < m->n_param; k++)
    if (c->lanes.param[k * c->lanes.width + place] != param[k]) return false;
  return true;
}

static void set_inputs(course *c, int place, int row) {
  const wn_person *p = c->person[place];
  const wn_model *m = c->model;
  const double *covariate = wn_person_covariate(p, row), *param = wn_person_param(p, row / 2);
  const int width = c->lanes.width;
  for (int lane = place; lane < width; lane = next_lane(c, lane)) {
    for (int k = 0; k < m->n_param; k++) c->lanes.param[k * width + lane] = param[k];
    for (int k = 0; k < m->n_covariate_all; k++) c->lanes.covariate[k * width + lane] = covariate[k];
  }
  c->is_bound = false;
}

static void bind(course *c) {
  if (!c->is_bound) wn_lanes_bind(&c->lanes);
  c->is_bound = true;
}

// -- records --------------------------------------------------------------------------------------------------------

// the record at a place's cursor, from states and outputs of all lanes
static void predict(course *c, int place, const double *state, const double *output) {
  const wn_cohort *all = c->cohort;
  const wn_model *m = c->model, *full = all->def->data->model;
  wn_person *p = c->person[place];
  const int record = action_of(c, place, c->cursor[place]++)->record, row = p->first + record, width = c->lanes.width;
  const bool noisy = all->def->residual && all->def->data->record[row].evid == 0;
  double *to = all->value + (size_t)row * (size_t)all->n_column;
  // states that are left out stay 0
  memset(to, 0, (size_t)full->n_state * sizeof *to);
  for (int k = 0; k < m->n_state; k++) to[wn_model_full_state(m, k)] = state[k * width + place];
  to += full->n_state;
  for (int k = 0; k < m->n_output; k++) {
    const double value = output[k * width + place];
    *to++ =
        noisy ? wn_population_observe(full, all->def->seed, wn_person_number(p, all->def), k, record, value) : value;
  }
  p->n_reached = record + 1;
}

// the next record of every place that has one within its step -> at; how many have
static int find_due(course *c) {
  const double *now = wn_solver_times(c->loop.solver);
  int n = 0;
  for (int lane = 0; lane < c->lanes.width; lane++) c->at[lane] = now[lane];
  for (int place = 0; place < c->n_place; place++) {
    int *i = &c->cursor[place];
    c->due[place] = false;
    if (!c->loop.is_moving[place]) continue;
    while (*i < c->jump[place] && action_of(c, place, *i)->kind != WN_ACT_OBSERVE) ++*i;
    c->due[place] = *i < c->jump[place] && action_of(c, place, *i)->time <= now[place];
    if (!c->due[place]) continue;
    c->at[place] = action_of(c, place, *i)->time;
    n++;
  }
  return n;
}

// states at `at`; of few places only theirs
static void look_at(course *c, int n_due) {
  const int n = c->model->n_state, width = c->lanes.width;
  int lane[FEW], k = 0;
  double time[FEW];
  if (n_due > FEW) {
    wn_solver_look(c->loop.solver, c->at, c->dense);
    return;
  }
  for (int place = 0; place < c->n_place; place++)
    if (c->due[place]) lane[k] = place, time[k++] = c->at[place];
  wn_solver_look_at(c->loop.solver, k, lane, time, c->pair_at);
  while (k-- > 0)
    for (int i = 0; i < n; i++) c->dense[i * width + lane[k]] = c->pair[k * n + i];
}

static wn_status look(void *self, wn_error *err) {
  (void)err;
  course *c = self;
  for (int n; (n = find_due(c)) > 0;) {
    look_at(c, n);
    wn_lanes_outputs(&c->lanes, c->at, c->dense, c->output);
    for (int place = 0; place < c->n_place; place++)
      if (c->due[place]) predict(c, place, c->dense, c->output);
  }
  return WN_OK;
}

// -- what happens ---------------------------------------------------------------------------------------------------

static wn_status bring_steady(course *c, int place, const wn_action *action, wn_error *err) {
  wn_person *p = c->person[place];
  const wn_steady *steady = &p->timeline.steady.data[action->index];
  wn_steady_note note = {.row = p->first + action->record, .adds = steady->add && !c->model->is_linear};
  bind(c);
  const wn_status status =
      wn_steady_solve(&c->lanes, place, steady, action->time, &c->cohort->solver, c->steady, &note.report, err);
  if (status == WN_ERR_RUN) {
    char when[64];
    wn_day_words(c->loop.now[place], when);
    return wn_fail_prefix(err, "at %s", when);
  }
  WN_TRY(status);
  if (!WN_PUSH(&p->steady, note)) return wn_fail_memory(err);
  for (int lane = place; lane < c->lanes.width; lane = next_lane(c, lane))
    for (int k = 0; k < c->model->n_state; k++) {
      double *to = &c->lanes.state[k * c->lanes.width + lane];
      *to = steady->add ? *to + c->steady[k] : c->steady[k];
      if (!steady->add) wn_lanes_set_rate(&c->lanes, k, lane, 0);
    }
  return WN_OK;
}

static void apply_to_lane(course *c, const wn_action *action, int lane) {
  // a compartment that is left out stays empty, switched off or on
  if (action->state < 0) return;
  double *state = &c->lanes.state[action->state * c->lanes.width + lane];
  const bool opens =
      action->kind == WN_ACT_ON || action->kind == WN_ACT_BOLUS || (action->kind == WN_ACT_RATE && action->amount > 0);
  if (opens) wn_lanes_set_open(&c->lanes, action->state, lane, true);
  if (action->kind == WN_ACT_BOLUS) *state += action->amount;
  if (action->kind == WN_ACT_RATE) wn_lanes_set_rate(&c->lanes, action->state, lane, action->amount);
  if (action->kind != WN_ACT_OFF) return;
  wn_lanes_set_open(&c->lanes, action->state, lane, false);
  wn_lanes_set_rate(&c->lanes, action->state, lane, 0);
  *state = 0;
}

static wn_status apply(course *c, int place, const wn_action *action, wn_error *err) {
  if (action->kind == WN_ACT_STEADY) return bring_steady(c, place, action, err);
  if (action->kind == WN_ACT_COVARIATES && !same_inputs(c, place, action->index)) set_inputs(c, place, action->index);
  if (action->kind == WN_ACT_RESET) bind(c);
  for (int lane = place; lane < c->lanes.width; lane = next_lane(c, lane)) {
    if (action->kind == WN_ACT_CLOCK) c->loop.now[lane] = action->time;
    if (action->kind == WN_ACT_RESET) wn_lanes_start_one(&c->lanes, action->time, lane);
    apply_to_lane(c, action, lane);
  }
  return WN_OK;
}

// Everything that happens to a place where it stands, up to the next record to predict (-> due) or to what lies ahead.
static wn_status follow(course *c, int place, wn_error *err) {
  c->due[place] = false;
  for (int *i = &c->cursor[place]; *i < n_action_of(c, place); ++*i) {
    const wn_action *action = action_of(c, place, *i);
    if (action->by >= 0) continue;
    const bool is_ahead = action->time > c->loop.now[place] + WN_SAME_TIME && action->kind != WN_ACT_CLOCK;
    c->due[place] = !is_ahead && action->kind == WN_ACT_OBSERVE;
    if (is_ahead || c->due[place]) return WN_OK;
    WN_TRY(apply(c, place, action, err));
  }
  return WN_OK;
}

// would this action make the solver begin anew? Covariates that stay the same, and observations, do not
static bool is_soft(const course *c, int place, const wn_action *action) {
  if (action->kind == WN_ACT_OBSERVE || action->by >= 0) return true;
  return action->kind == WN_ACT_COVARIATES && same_inputs(c, place, action->index);
}

// how far a place may go without meeting a jump
static void set_stop(course *c, int place) {
  wn_loop *loop = &c->loop;
  double stop = loop->now[place];
  int i = c->cursor[place];
  bool is_soft_one = true;
  for (; i < n_action_of(c, place); i++) {
    const wn_action *action = action_of(c, place, i);
    is_soft_one = is_soft(c, place, action);
    // a clock that is set leads nowhere
    if (action->by < 0 && action->kind != WN_ACT_CLOCK) stop = fmax(stop, action->time);
    if (!is_soft_one) break;
  }
  c->jump[place] = i;
  for (int lane = place; lane < c->lanes.width; lane = next_lane(c, lane))
    loop->stop[lane] = stop, loop->is_last[lane] = is_soft_one;
}

static wn_status meet(void *self, const bool *which, wn_error *err) {
  course *c = self;
  for (bool any = true; any;) {
    any = false;
    for (int place = 0; place < c->n_place; place++) {
      c->due[place] = false;
      if (which[place]) WN_TRY(follow(c, place, err));
      any |= c->due[place];
    }
    bind(c);
    if (any) wn_lanes_outputs(&c->lanes, c->loop.now, c->lanes.state, c->output);
    for (int place = 0; place < c->n_place; place++)
      if (c->due[place]) predict(c, place, c->lanes.state, c->output);
  }
  for (int place = 0; place < c->n_place; place++)
    if (which[place]) set_stop(c, place);
  return WN_OK;
}

static void seat(void *self, int place, int who) {
  course *c = self;
  wn_person *p = &c->cohort->person[who];
  c->person[place] = p;
  c->cursor[place] = 0;
  p->n_reached = p->steady.n = 0;
  set_inputs(c, place, WN_ROW_AT(0));
}

// the first action of a timeline sets its clock; the states are finite whatever stood there before
static wn_status start(void *self, const bool *which, wn_error *err) {
  (void)err;
  course *c = self;
  bind(c);
  for (int lane = 0; lane < c->lanes.width; lane++)
    if (which[lane]) c->loop.now[lane] = action_of(c, c->place[lane], 0)->time;
  return WN_OK;
}

// -- a batch --------------------------------------------------------------------------------------------------------

static wn_status allocate(course *c, wn_error *err) {
  const size_t n_place = (size_t)c->n_place, width = (size_t)wn_timeline_width(c->n_place);
  const size_t n_state = (size_t)c->model->n_state, n_output = (size_t)c->model->n_output;
  WN_TRY(wn_lanes_init(&c->lanes, c->model, (int)width, err));
  c->person = wn_alloc(n_place * sizeof *c->person);
  c->number = wn_alloc((2 * n_place + width) * sizeof *c->number);
  c->due = wn_alloc(n_place * sizeof *c->due);
  c->slab = wn_alloc_doubles(2 * width + (n_state + n_output) * 2 * width + (FEW + 1) * n_state);
  c->pair_at = wn_alloc(FEW * sizeof *c->pair_at);
  if (!c->person || !c->number || !c->due || !c->slab || !c->pair_at) return wn_fail_memory(err);
  c->cursor = c->number, c->jump = c->cursor + n_place, c->place = c->jump + n_place;
  // blocks of whole cache lines, so that all are aligned
  const size_t line = (width + 7) / 8 * 8;
  c->at = c->slab, c->dense = c->at + line, c->output = c->dense + n_state * line;
  c->pair = c->output + n_output * line, c->steady = c->pair + FEW * n_state;
  for (int k = 0; k < FEW; k++) c->pair_at[k] = c->pair + (size_t)k * n_state;
  for (int lane = 0; lane < (int)width; lane++) c->place[lane] = lane < c->n_place ? lane : c->n_place - 1;
  return WN_OK;
}

static wn_status run(course *c, wn_queue *queue, const int *who, wn_error *err) {
  static const wn_loop_client client = {seat, start, meet, look, NULL};
  const wn_solver_def *def = &c->cohort->solver;
  WN_TRY(allocate(c, err));
  c->loop = (wn_loop){.client = &client,
                      .self = c,
                      .queue = queue,
                      .lanes = &c->lanes,
                      .state = c->lanes.state,
                      .place = c->place,
                      .n_state = c->model->n_state,
                      .width = c->lanes.width,
                      .n_place = c->n_place};
  WN_TRY(wn_loop_init(&c->loop, err));
  for (int place = 0; place < c->n_place; place++) seat(c, place, who[place]);
  wn_system system = wn_lanes_system(&c->lanes);
  system.n_lane = c->n_place;
  c->lanes.is_trusted = true;
  WN_TRY(wn_solver_create(&system, def, &c->loop.solver, err));
  return wn_loop_run(&c->loop, err);
}

wn_status wn_timeline_run(const wn_cohort *cohort, wn_queue *queue, int n_place, int *left, wn_error *err) {
  course c = {.cohort = cohort, .model = cohort->model};
  c.n_place = wn_queue_take_some(queue, n_place, left);
  if (c.n_place == 0) return WN_OK;
  const wn_status status = run(&c, queue, left, err);
  for (int place = 0; status == WN_ERR_RUN && place < c.n_place; place++)
    left[place] = c.loop.is_done[place] ? -1 : c.person[place]->index;
  wn_solver_destroy(c.loop.solver);
  wn_loop_free(&c.loop);
  wn_lanes_free(&c.lanes);
  wn_free(c.person);
  wn_free(c.number);
  wn_free(c.due);
  wn_free(c.slab);
  wn_free(c.pair_at);
  return status;
}

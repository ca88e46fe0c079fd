// verify.c - see verify.h. Invariant: what is checked, and what comes of it, is a function of the scenario and the
// definition alone, but for `seconds`. It must not know who asks, nor what is written.

#include "sim/verify.h"

#include "base/pool.h"
#include "base/rng.h"
#include "sim/batch.h"
#include "solve/solver.h"
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

// the tolerances CVODE gets, as a share of the run's; and the least relative one that double precision can do with
static const double TIGHTER = 0.01, LEAST_RTOL = 1e-12;

// how much more than what the promised errors make of an output, in three ways of adding up, is too much
static const double MARGIN = 3;

// what is counted as work, ns: a step, an instruction for four lanes
static const double STEP_WORK = 2300, INSTRUCTION_WORK = 1.2;

bool wn_verify_takes(uint64_t seed, int64_t index, double share) {
  if (share <= 0) return false;
  if (index == 0 || share >= 1) return true;
  return wn_rng_uniform((wn_rng_key){.seed = seed,
                                     .subject = (uint32_t)index,
                                     .occasion = (uint32_t)(index >> 32),
                                     .name = wn_rng_name("verify")}) < share;
}

bool wn_verify_compare(double value, double other, double size, double rtol, double atol, double *apart) {
  const double gap = fabs(value - other);
  *apart = 0;
  if (gap == 0 || isnan(value)) return false;
  *apart = isfinite(gap) && size > 0 ? gap / size : HUGE_VAL;
  // what is less than the absolute tolerance was never asked for
  if (gap <= atol) *apart = 0;
  return !(gap <= 100 * (rtol * size + atol));
}

// -- one simulation -------------------------------------------------------------------------------------------------

typedef struct check {
  const wn_scenario *scenario;  // a simulation each arm
  const wn_subject *subjects;
  const wn_result *result;  // [series] of those simulations, or of all
  const int *series;        // [n_arm] which of the result's
  const int64_t *index;     // [n_arm] which of all
  wn_solver_def solver;     // CVODE's
  double rtol, atol;        // of the run
  double work, deadline;    // of each; 0: none
} check;

// a simulation on its way
typedef struct follower {
  const check *c;
  int at;
  wn_verification *verdict;
  wn_batch batch;
  wn_solver *solver;
  double *row, *from, *to;     // [width]
  double *y, *largest;         // [n_state]
  double *block, *out, *peak;  // [n_state][width], [n_output][width], [n_output]
  int next;                    // output time
  double done;                 // compared so far
  bool is_beyond;
} follower;

static double now_seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static const double *column_of(const follower *f, int output) {
  return wn_result_output(f->c->result, f->c->series[f->at], output);
}

// The state y in the first lane, and in the others with errors of ten tolerances of the largest values so far, which is
// what methods promise: up and down by turns.
static void fill_block(follower *f, const double *y) {
  const check *c = f->c;
  for (int i = 0; i < f->batch.model->n_state; i++) {
    f->largest[i] = fmax(f->largest[i], fabs(y[i]));
    const double error = 10 * (c->rtol * f->largest[i] + c->atol);
    double *to = &f->block[i * WN_LANES];
    to[0] = y[i], to[1] = y[i] + error, to[2] = y[i] + (i % 2 ? error : -error), to[3] = y[i] - error;
  }
}

// what the errors of the states make of an output
static double spread_of(const double *out) {
  double most = 0;
  for (int lane = 1; lane < WN_LANES; lane++) most = fmax(most, fabs(out[lane] - out[0]));
  return most;
}

// every output at the next output time, from the state y there
static void compare(follower *f, const double *y) {
  const check *c = f->c;
  const wn_model *m = c->scenario->model;
  wn_verification *v = f->verdict;
  const double time = c->result->time[f->next];
  fill_block(f, y);
  wn_lanes_outputs(&f->batch.lanes, wn_lanes_at(&f->batch.lanes, time), f->block, f->out);
  for (int k = 0; k < m->n_output; k++) {
    double apart;
    const double value = column_of(f, k)[f->next], *out = &f->out[k * WN_LANES], spread = spread_of(out);
    const double terms = spread / (10 * fmax(c->rtol, LEAST_RTOL));
    const double size = fmax(fabs(value), 1e-3 * fmax(f->peak[k], terms));
    if (wn_verify_compare(value, out[0], size, c->rtol, c->atol, &apart))
      f->is_beyond |= !(fabs(value - out[0]) <= MARGIN * spread);
    if (!(apart > v->worst)) continue;
    v->worst = apart, v->time = time;
    snprintf(v->output, sizeof v->output, "%s", m->output[k].name);
  }
  f->done = time;
  f->next++;
}

// output times within what the solver went through; one at an event waits until the event is over
static void compare_within(follower *f, double now, double stop) {
  const wn_result *r = f->c->result;
  const int lane = 0;
  while (f->next < r->n_time && r->time[f->next] <= now && r->time[f->next] < stop - WN_SAME_TIME) {
    wn_solver_look_at(f->solver, 1, &lane, &r->time[f->next], &f->y);
    compare(f, f->y);
  }
}

static void compare_at(follower *f, double time) {
  const wn_result *r = f->c->result;
  const wn_batch *b = &f->batch;
  while (f->next < r->n_time && r->time[f->next] <= time + WN_SAME_TIME) {
    for (int i = 0; i < b->model->n_state; i++) f->y[i] = b->state[i * b->width];
    compare(f, f->y);
  }
}

// has it cost what it may?
static bool is_spent(const follower *f) {
  const wn_model *m = f->batch.model;
  wn_solver_stats s;
  if (f->c->deadline > 0 && now_seconds() > f->c->deadline) return true;
  if (!(f->c->work > 0)) return false;
  wn_solver_lane_stats(f->solver, 0, &s);
  const double n = (double)s.n_rhs * wn_program_n_instruction(m->rhs) +
                   (double)s.n_jacobian * wn_program_n_instruction(m->jacobian) +
                   (double)(s.n_factor + s.n_rhs) * wn_lu_n_instruction(m->lu);
  return STEP_WORK * (double)s.n_step + INSTRUCTION_WORK * n > f->c->work;
}

static wn_status go_to(follower *f, double from, double to, bool *spent, wn_error *err) {
  wn_batch *b = &f->batch;
  for (int lane = 0; lane < b->width; lane++) f->from[lane] = from, f->to[lane] = to;
  WN_TRY(wn_solver_begin(f->solver, NULL, f->from, f->to, b->state, err));
  for (double now = from; now < to;) {
    if (wn_interrupt_get()) return wn_fail(err, WN_ERR_INTERRUPT, "interrupted");
    if ((*spent = is_spent(f))) return WN_OK;
    WN_TRY(wn_solver_advance(f->solver, err));
    now = wn_solver_times(f->solver)[0];
    compare_within(f, now, to);
  }
  memcpy(b->state, wn_solver_state(f->solver), (size_t)(b->model->n_state * b->width) * sizeof(double));
  return WN_OK;
}

static wn_status follow(follower *f, wn_error *err) {
  wn_batch *b = &f->batch;
  bool spent = false;
  double time = f->c->scenario->t_start;
  const double end = wn_batch_end(b, 0);
  wn_batch_apply(b, 0, time);
  compare_at(f, time);
  while (time < end && !spent) {
    const double stop = wn_batch_next(b, 0, time);
    WN_TRY(go_to(f, time, stop, &spent, err));
    if (spent) break;
    time = stop;
    if (time < end) wn_batch_apply(b, 0, time);
    compare_at(f, time);
  }
  return WN_OK;
}

static wn_status follower_init(follower *f, wn_error *err) {
  const check *c = f->c;
  const wn_model *m = c->scenario->model;
  WN_TRY(wn_batch_init(&f->batch, c->scenario, c->subjects, &f->at, 1, false, err));
  const size_t width = (size_t)f->batch.width, n_state = (size_t)m->n_state, n_output = (size_t)m->n_output;
  f->row = wn_alloc_doubles(2 * width + n_state * (width + 2) + n_output * (width + 1) + 32);
  if (!f->row) return wn_fail_memory(err);
  // blocks first, where they are aligned
  f->block = f->row, f->out = f->block + (n_state * width + 7) / 8 * 8;
  f->from = f->out + (n_output * width + 7) / 8 * 8, f->to = f->from + width;
  f->y = f->to + width, f->largest = f->y + n_state, f->peak = f->largest + n_state;
  for (int k = 0; k < m->n_output; k++)
    for (int i = 0; i < c->result->n_time; i++) f->peak[k] = fmax(f->peak[k], fabs(column_of(f, k)[i]));
  f->batch.lanes.is_trusted = f->batch.lanes.is_interpreted = true;
  wn_system system = wn_lanes_system(&f->batch.lanes);
  system.n_lane = 1;
  return wn_solver_create(&system, &c->solver, &f->solver, err);
}

static wn_status check_one(void *context, int worker, int at, wn_verification *v, wn_error *err) {
  (void)worker;
  const check *c = context;
  follower f = {.c = c, .at = at, .verdict = v};
  const wn_arm *arm = &c->scenario->arm[at];
  *v = (wn_verification){.n_all = 1, .n_checked = 1, .index = c->index[at]};
  snprintf(v->name, sizeof v->name, "%s", arm->name ? arm->name : "");
  if (c->subjects[at].refused || c->result->series[c->series[at]].status) {
    v->n_checked = 0, v->n_lost = 1;
    return WN_OK;
  }
  f.done = c->scenario->t_start;
  wn_status status = follower_init(&f, err);
  if (!status) status = follow(&f, err);
  v->n_beyond = f.is_beyond;
  v->n_lost = status == WN_ERR_RUN;
  v->done = f.done - c->scenario->t_start;
  v->whole = c->result->time[c->result->n_time - 1] - c->scenario->t_start;
  wn_solver_destroy(f.solver);
  wn_free(f.row);
  wn_batch_free(&f.batch);
  return status == WN_ERR_RUN ? WN_OK : status;
}

// -- the sample -----------------------------------------------------------------------------------------------------

// those chosen as arms of a scenario of their own
typedef struct sample {
  wn_scenario scenario;
  wn_arm *arm;
  int *series;     // in `scenario`'s result, one each arm; or in the whole run's
  int64_t *index;  // of the whole run
  int n;
} sample;

static wn_status choose(const wn_scenario *scenario, const wn_subject *subjects, double share, sample *s,
                        wn_error *err) {
  const int n = wn_scenario_n_series(scenario);
  s->arm = wn_alloc(((size_t)n + 1) * sizeof *s->arm);
  s->series = wn_alloc(((size_t)n + 1) * sizeof *s->series);
  s->index = wn_alloc(((size_t)n + 1) * sizeof *s->index);
  if (!s->arm || !s->series || !s->index) return wn_fail_memory(err);
  for (int i = 0; i < n; i++) {
    if (subjects[i].refused || !wn_verify_takes(scenario->seed, i, share)) continue;
    wn_arm *arm = &s->arm[s->n];
    *arm = *subjects[i].arm;
    // (read only: whoever made the parameters keeps them)
    arm->param = (double *)subjects[i].param;
    arm->person = subjects[i].number;
    s->index[s->n] = s->series[s->n] = i;
    s->n++;
  }
  s->scenario = *scenario;
  s->scenario.arm = s->arm, s->scenario.n_arm = s->n, s->scenario.n_subject = 1;
  return WN_OK;
}

wn_solver_def wn_verify_solver(const wn_solver_def *of) {
  wn_solver_def def = wn_solver_default();
  def.name = "bdf", def.max_step = of->max_step;
  def.rtol = fmax(TIGHTER * of->rtol, LEAST_RTOL), def.atol = TIGHTER * of->atol;
  return def;
}

// trajectories of those chosen, where the run kept none
static wn_status simulate_again(sample *s, const wn_run_def *run, wn_result **again, wn_error *err) {
  wn_run_def def = *run;
  def.keep_trajectories = WN_KEEP_ALL, def.brief = true;
  for (int i = 0; i < s->n; i++) {
    s->series[i] = i;
    if (s->arm[i].t_end > 0 && s->arm[i].t_end < s->scenario.t_end) s->arm[i].t_end = 0;
  }
  return wn_simulate(&s->scenario, &def, again, err);
}

static wn_status check_sample(sample *s, const wn_run_def *run, const wn_result *result, const wn_verify_def *def,
                              wn_verification *verdict, wn_error *err) {
  wn_result *again = NULL;
  wn_subject *subjects = NULL;
  if (!result || result->kept != WN_KEEP_ALL) WN_TRY(simulate_again(s, run, &again, err));
  wn_status status = wn_subjects_create(&s->scenario, &subjects, err);
  check c = {.scenario = &s->scenario,
             .subjects = subjects,
             .result = again ? again : result,
             .series = s->series,
             .index = s->index,
             .solver = wn_verify_solver(&run->solver),
             .rtol = run->solver.rtol,
             .atol = run->solver.atol,
             .work = def->work / s->n,
             .deadline = def->seconds > 0 ? now_seconds() + def->seconds : 0};
  if (!status) status = wn_verify_each(s->n, def->n_thread, check_one, &c, verdict, err);
  if (subjects) wn_subjects_destroy(subjects, wn_scenario_n_series(&s->scenario));
  wn_result_destroy(again);
  return status;
}

wn_status wn_verify(const wn_scenario *scenario, const wn_run_def *run, const wn_result *result,
                    const wn_verify_def *def, wn_verification *verdict, wn_error *err) {
  wn_subject *subjects = NULL;
  sample s = {0};
  *verdict = (wn_verification){0};
  if (def->share <= 0 || scenario->model->n_output == 0) return WN_OK;
  WN_TRY(wn_subjects_create(scenario, &subjects, err));
  wn_status status = choose(scenario, subjects, def->share, &s, err);
  if (!status && s.n > 0) status = check_sample(&s, run, result, def, verdict, err);
  verdict->n_all = wn_scenario_n_series(scenario);
  wn_free(s.arm);
  wn_free(s.series);
  wn_free(s.index);
  wn_subjects_destroy(subjects, wn_scenario_n_series(scenario));
  return status;
}

// -- verdicts -------------------------------------------------------------------------------------------------------

static void add(wn_verification *all, const wn_verification *one) {
  const bool is_worse =
      one->worst > all->worst || (one->worst == all->worst && all->n_checked && one->index < all->index);
  if (one->n_checked && (!all->n_checked || one->done * all->whole < all->done * one->whole))
    all->done = one->done, all->whole = one->whole;
  if (one->n_checked && (is_worse || !all->n_checked)) {
    all->worst = one->worst, all->index = one->index, all->time = one->time;
    memcpy(all->output, one->output, sizeof all->output);
    memcpy(all->name, one->name, sizeof all->name);
  }
  all->n_all += one->n_all, all->n_checked += one->n_checked;
  all->n_beyond += one->n_beyond, all->n_lost += one->n_lost;
}

typedef struct many {
  wn_verify_one *one;
  void *context;
  wn_verification *verdict;  // [n] each
  wn_status *status;
  wn_error *error;
} many;

static void task(void *context, int worker, int at) {
  const many *m = context;
  m->status[at] = m->one(m->context, worker, at, &m->verdict[at], &m->error[at]);
}

wn_status wn_verify_each(int n, int n_thread, wn_verify_one *one, void *context, wn_verification *all, wn_error *err) {
  many m = {.one = one, .context = context};
  m.verdict = wn_alloc((size_t)n * sizeof *m.verdict);
  m.status = wn_alloc((size_t)n * sizeof *m.status);
  m.error = wn_alloc((size_t)n * sizeof *m.error);
  wn_status status = m.verdict && m.status && m.error ? WN_OK : wn_fail_memory(err);
  if (!status) wn_pool_run(n_thread > 0 ? n_thread : wn_pool_cores(), n, task, &m);
  for (int i = 0; i < n && !status; i++) {
    status = m.status[i];
    if (status && err) *err = m.error[i];
    add(all, &m.verdict[i]);
  }
  wn_free(m.verdict);
  wn_free(m.status);
  wn_free(m.error);
  return status;
}

void wn_verification_words(const wn_verification *v, char words[200]) {
  words[0] = 0;
  if (v->n_checked == 0) return;
  char digits[48], part[48] = "";
  const double n = -log10(v->worst);
  if (n >= 15) {
    snprintf(digits, sizeof digits, "to 15 digits or more");
  } else {
    snprintf(digits, sizeof digits, "to %.1f digits", floor(fmax(n, 0) * 10) / 10);
  }
  if (v->done < v->whole) {
    const bool is_days = v->whole >= 48;
    snprintf(part, sizeof part, ", first %.3g of %.3g %s", v->done / (is_days ? 24 : 1), v->whole / (is_days ? 24 : 1),
             is_days ? "days" : "h");
  }
  snprintf(words, 200, "CVODE agrees %s (%lld of %lld simulations%s)", digits, (long long)v->n_checked,
           (long long)v->n_all, part);
}

void wn_verification_warning(const wn_verification *v, char words[320]) {
  words[0] = 0;
  if (v->n_beyond == 0) return;
  snprintf(words, 320,
           "%lld of %lld simulations that were checked differ from CVODE's by more than the tolerances allow, at most "
           "by %.2g of the value (%s at t = %.6g h%s%s); try a smaller --rtol",
           (long long)v->n_beyond, (long long)v->n_checked, v->worst, v->output, v->time, *v->name ? ", " : "",
           v->name);
}

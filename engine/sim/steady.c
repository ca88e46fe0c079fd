// steady.c - see steady.h. One batch carries the point itself and n_state copies moved along each state: their
// differences after a period are the columns of the map's derivative. All share the solver's steps, so that the
// differences are far more accurate than the solutions (internal differentiation, Bock 1981).
// Invariant: the answer does not depend on the caller's other lanes. Must not know of records or data sets.

#include "sim/steady.h"

#include "sim/fixed_point.h"
#include "sim/steady_run.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MAX_NEWTON = 60, MAX_HALVING = 8, N_WARM_UP = 2 };

enum { N_RUN = 6 };  // over a period until Newton's method is there, usually

// a multiplier this near to 1 is not told from 1: what is there does not die out
static const double NOTHING_LOST = 1e-9;

typedef struct search {
  const wn_steady *steady;
  const wn_model *model;
  wn_steady_run run;  // lane 0: the point; lane 1 + i: moved along state i; lane 1 + n: nothing, of a linear model
  int n, width;
  bool is_alone;                 // only the point is run
  double tolerance, atol;        // of the residual; of the solver
  double floor;                  // below it a state is as good as nothing to the solver: atol / rtol
  double *point, *image, *step;  // [n]
  double *moved;                 // [n] how far lane 1 + i was moved
  double *usual;                 // [n] how large each state was in the first periods
  double *map;                   // [n][n] derivative of the map
  double *power, *scratch;       // [n][n]
  double *slab;
  bool *held;  // [n] compartments that are off, and states that nothing moves
} search;

static wn_status allocate(search *s, wn_error *err) {
  size_t n = (size_t)s->n;
  s->slab = wn_alloc_doubles(5 * n + 3 * n * n);
  s->held = wn_alloc(n * sizeof *s->held);
  if (!s->slab || !s->held) return wn_fail_memory(err);
  double *at = s->slab, **vector[] = {&s->point, &s->image, &s->step, &s->moved, &s->usual};
  double **matrix[] = {&s->map, &s->power, &s->scratch};
  for (int i = 0; i < 5; i++, at += n) *vector[i] = at;
  for (int i = 0; i < 3; i++, at += n * n) *matrix[i] = at;
  return WN_OK;
}

// a state whose equation is 0 and that gets no dose keeps its value
static bool is_still(const search *s, int state) {
  for (int k = 0; k < s->steady->n_target; k++)
    if (s->steady->target[k] == state) return false;
  wn_node_info derivative = wn_graph_info(s->model->graph, s->model->state[state].derivative);
  return derivative.op == WN_OP_CONST && derivative.value == 0;
}

// parameters and covariates of the caller's lane everywhere
static void copy_inputs(search *s, const wn_lanes *from, int lane) {
  const wn_model *m = s->model;
  for (int to = 0; to < s->width; to++) {
    for (int i = 0; i < m->n_param; i++) s->run.lanes.param[i * s->width + to] = from->param[i * from->width + lane];
    for (int i = 0; i < m->n_covariate_all; i++)
      s->run.lanes.covariate[i * s->width + to] = from->covariate[i * from->width + lane];
  }
  wn_lanes_bind(&s->run.lanes);
}

static bool is_off(const wn_lanes *lanes, int state, int lane) { return lanes->open[state * lanes->width + lane] == 0; }

// where the model begins; the caller's compartments that are off are off
static void copy_switches(search *s, const wn_lanes *from, int lane) {
  wn_lanes_start(&s->run.lanes, s->run.period.start);
  for (int i = 0; i < s->n; i++)
    for (int to = 0; is_off(from, i, lane) && to < s->width; to++) wn_lanes_set_open(&s->run.lanes, i, to, false);
}

// the point is where the model begins, or what the caller's lane holds
static void guess_point(search *s, const wn_lanes *from, int lane) {
  for (int i = 0; i < s->n; i++) {
    s->held[i] = is_off(from, i, lane) || is_still(s, i);
    s->point[i] = s->run.lanes.state[i * s->width];
    if (s->steady->warm || s->held[i]) s->point[i] = from->state[i * from->width + lane];
  }
}

// An integrator that takes lanes one after the other would take n times as long for the derivative of the map, and
// with steps of each lane's own get less of it: another one searches, and this one has the last word (finish_alone).
static bool searches_by_another(const search *s, const wn_solver_def *def) {
  return !s->model->is_linear && wn_solver_is_serial(def->name);
}

// linear models are propagated exactly whatever solver follows; others to more digits than the run has
static wn_status create_solver(search *s, const wn_solver_def *def, wn_error *err) {
  wn_solver_def tight = *def;
  tight.rtol = fmin(tight.rtol, 1e-9), tight.atol = fmin(tight.atol, 1e-12);
  s->tolerance = fmax(10 * tight.rtol, 1e-10);
  s->atol = tight.atol;
  s->floor = tight.atol / tight.rtol;
  const int n_lane = s->is_alone ? 1 : s->width;
  if (!s->is_alone && searches_by_another(s, def)) tight.name = "rosenbrock";
  if (s->model->is_linear) {
    tight.name = "exact";
    wn_status status = wn_steady_run_solver(&s->run, &tight, n_lane, err);
    if (status != WN_ERR_USER) return status;
    tight.name = def->name;
  }
  return wn_steady_run_solver(&s->run, &tight, n_lane, err);
}

static wn_status begin(search *s, const wn_lanes *lanes, int lane, double time, const wn_solver_def *def,
                       wn_error *err) {
  s->n = s->model->n_state;
  // machine code takes lanes by eight where it can
  const int pad = s->n + 2 > WN_LANES ? 2 * WN_LANES : WN_LANES;
  s->width = (s->n + 2 + pad - 1) / pad * pad;
  WN_TRY(wn_steady_run_init(&s->run, s->model, s->steady, s->width, err));
  WN_TRY(allocate(s, err));
  copy_inputs(s, lanes, lane);
  WN_TRY(wn_period_choose(&s->run.lanes, s->steady, time, &s->run.period, err));
  copy_switches(s, lanes, lane);
  guess_point(s, lanes, lane);
  wn_loop_native(s->model, def->name, s->width, N_RUN * s->width * s->run.period.n_cycle * s->run.period.interval);
  return create_solver(s, def, err);
}

static void finish(search *s) {
  wn_steady_run_free(&s->run);
  wn_free(s->slab);
  wn_free(s->held);
}

// -- the map over a period --------------------------------------------------------------------------------------------

// the point into lane 0, and its moved copies into the others
static void spread(search *s) {
  bool linear = s->model->is_linear;
  for (int i = 0; i < s->n; i++) {
    for (int lane = 0; lane < s->width; lane++)
      s->run.lanes.state[i * s->width + lane] = linear && lane > 0 && !s->held[i] ? 0 : s->point[i];
    double from = linear ? 0 : s->point[i], there = from + (linear ? 1 : 1e-6 * fmax(s->run.size[i], 1e-12));
    s->moved[i] = there - from;
    if (!s->held[i] && !s->is_alone) s->run.lanes.state[i * s->width + 1 + i] = there;
  }
}

// the image of the point after a period, and the derivative of the map
static wn_status apply_map(search *s, wn_error *err) {
  int n = s->n, base = s->model->is_linear ? 1 + n : 0;
  spread(s);
  WN_TRY(wn_steady_run_go(&s->run, s->run.period.n_cycle, s->run.period.interval, err));
  for (int i = 0; i < n; i++) {
    const double *row = s->run.lanes.state + i * s->width;
    s->image[i] = row[0];
    for (int k = 0; k < n && !s->is_alone; k++)
      s->map[i * n + k] = s->held[i] || s->held[k] ? 0 : (row[1 + k] - row[base]) / s->moved[k];
  }
  return WN_OK;
}

// what a change of a state is measured against: its own value, a share of the largest it has been, or what the solver
// does not resolve
static double scale_of(const search *s, int i) {
  return fmax(fabs(s->image[i]), 1e-3 * s->run.size[i]) + 10 * s->atol / s->tolerance;
}

static double relative(const search *s, const double *change) {
  double worst = 0;
  for (int i = 0; i < s->n; i++) {
    double share = fabs(change[i]) / scale_of(s, i);
    if (!(share <= worst)) worst = share;
  }
  return isnan(worst) ? INFINITY : worst;
}

// what changes in a period -> step
static double residual_of(search *s) {
  for (int i = 0; i < s->n; i++) s->step[i] = s->image[i] - s->point[i];
  return relative(s, s->step);
}

// -- whether there is a steady state, and if not, why -----------------------------------------------------------------

// which states act on which, also by conditions that have no derivative: acts[to][from], then through others, too
static void find_influence(const search *s, unsigned char *acts) {
  const wn_model *m = s->model;
  int n = s->n;
  for (int i = 0; i < n; i++)
    if (!s->held[i]) wn_graph_leaves(m->graph, m->state[i].derivative, WN_OP_STATE, acts + i * n, n);
  for (int k = 0; k < n; k++)
    for (int i = 0; i < n; i++)
      for (int j = 0; j < n; j++) acts[i * n + j] |= acts[i * n + k] & acts[k * n + j];
}

// append a name to a list of words that is cut short when it gets long
static void add_name(char *names, size_t size, const char *name) {
  size_t at = strlen(names);
  if (at + strlen(name) + 8 < size) snprintf(names + at, size - at, "%s%s", at ? ", " : "", name);
}

static wn_status fail_accumulates(const char *names, wn_error *err) {
  return wn_fail(err, WN_ERR_RUN,
                 "no steady state: nothing takes away what has come to %s, so there is more after every dose; try the "
                 "doses one by one (ADDL), or a model without it",
                 names);
}

// States that do not act on themselves, like an area under a curve, only collect: they have no steady state.
static wn_status refuse_collectors(search *s, wn_error *err) {
  unsigned char *acts = wn_alloc((size_t)s->n * (size_t)s->n);
  if (!acts) return wn_fail_memory(err);
  find_influence(s, acts);
  char names[120] = "";
  for (int i = 0; i < s->n; i++)
    if (!s->held[i] && !acts[i * s->n + i]) add_name(names, sizeof names, s->model->state[i].name);
  wn_free(acts);
  return *names ? fail_accumulates(names, err) : WN_OK;
}

// `power` shows which states keep a deviation for ever
static void name_lasting(const search *s, char *names, size_t size) {
  *names = '\0';
  for (int i = 0; i < s->n; i++) {
    double largest = 0;
    for (int k = 0; k < s->n; k++) largest = fmax(largest, fabs(s->power[i * s->n + k]));
    if (largest > 1e-9) add_name(names, size, s->model->state[i].name);
  }
}

// what a deviation does over a period decides whether there is a steady state at all
static wn_status judge(search *s, wn_steady_report *report, wn_error *err) {
  double lambda = wn_spectral_radius(s->n, s->map, s->power, s->scratch);
  report->multiplier = lambda;
  report->period = s->run.period.n_cycle * s->run.period.interval;
  report->hours_to_95 = lambda > 1e-12 ? report->period * log(0.05) / log(lambda) : 0;
  if (lambda < 1 - NOTHING_LOST) return WN_OK;
  char names[120];
  name_lasting(s, names, sizeof names);
  if (lambda < 1 + NOTHING_LOST) return fail_accumulates(names, err);
  return wn_fail(err, WN_ERR_RUN,
                 "no steady state: what is there does not die out but grows (a deviation of %s is multiplied by %.6g "
                 "over %g h)",
                 names, lambda, report->period);
}

// Newton's method came to nothing: more is given than can be eliminated, or the model swings by itself. `stuck`: at the
// point a little more of a state makes no difference to what is lost, and then fewer steps away from it show the
// former.
static wn_status fail_search(search *s, const wn_steady_report *report, bool stuck, wn_error *err) {
  double hours = s->run.period.n_cycle * s->run.period.interval, most = 0, worst = -1;
  int grows = 0, changes = 0;
  for (int i = 0; i < s->n; i++) {
    double growth = fabs(s->point[i]) / fmax(s->usual[i], 1e-300);
    double change = fabs(s->image[i] - s->point[i]) / scale_of(s, i);
    if (growth > most) most = growth, grows = i;
    if (!(change <= worst)) worst = change, changes = i;
  }
  const wn_state *state = s->model->state;
  if (most > (stuck ? 10 : 1e3))
    return wn_fail(err, WN_ERR_RUN,
                   "no steady state: %s would have to be above %.2g %s; more is given in %g h than can be eliminated",
                   state[grows].name, fabs(s->point[grows]), state[grows].unit, hours);
  return wn_fail(
      err, WN_ERR_RUN,
      "no steady state found: after %d steps of Newton's method %s still changes by %.3g of its size in %g h; "
      "more may be given than can be eliminated, or the model may swing by itself",
      report->n_iteration, state[changes].name, worst, hours);
}

// -- Newton's method --------------------------------------------------------------------------------------------------

// the point moved by a share of the step; amounts that were never below 0 do not fall below
static void take_step(search *s, const double *from, double share) {
  for (int i = 0; i < s->n; i++) {
    double there = from[i] + share * s->step[i];
    bool positive = from[i] >= 0 && s->image[i] >= 0;
    s->point[i] = there < 0 && positive ? 0.1 * fmin(from[i], s->image[i]) : there;
  }
}

static bool is_finite(const search *s) {
  for (int i = 0; i < s->n; i++)
    if (!isfinite(s->image[i])) return false;
  return true;
}

// the map at the new point; where it cannot be computed, the step was too long
static wn_status try_step(search *s, double *from, double *image, wn_error *err) {
  memcpy(from, s->point, (size_t)s->n * sizeof(double));
  memcpy(image, s->image, (size_t)s->n * sizeof(double));
  wn_status status = WN_OK;
  double share = 1;
  for (int halving = 0; halving <= MAX_HALVING; halving++, share /= 4) {
    take_step(s, from, share);
    status = apply_map(s, err);
    if (status != WN_ERR_RUN && !(status == WN_OK && !is_finite(s))) return status;
    memcpy(s->image, image, (size_t)s->n * sizeof(double));
  }
  return status;
}

// a first guess is better after a few periods, and the sizes of the states are known
static wn_status warm_up(search *s, wn_error *err) {
  for (int i = 0; i < N_WARM_UP; i++) {
    WN_TRY(apply_map(s, err));
    memcpy(s->point, s->image, (size_t)s->n * sizeof(double));
  }
  WN_TRY(apply_map(s, err));
  memcpy(s->usual, s->run.size, (size_t)s->n * sizeof(double));
  return WN_OK;
}

// (I - M) step = step, leaving M
static bool solve_step(search *s) {
  memcpy(s->power, s->map, (size_t)(s->n * s->n) * sizeof(double));
  return wn_fixed_point_solve(s->n, s->power, s->step);
}

// near enough, or as near as the solver's own error lets it come
static bool is_there(const search *s, const wn_steady_report *report, double last) {
  if (report->residual > 1e3 * s->tolerance) return false;
  return report->error <= 1e-9 || (report->error <= 1e-3 && report->error >= last / 2);
}

// It is the step that must become small: where almost nothing is lost in a period, little changes far from the answer.
static wn_status newton(search *s, wn_steady_report *report, wn_error *err) {
  WN_TRY(refuse_collectors(s, err));
  wn_status status = warm_up(s, err);
  for (double last = INFINITY; !status; last = report->error) {
    report->residual = residual_of(s);
    if (!isfinite(report->residual) || report->n_iteration == MAX_NEWTON) return fail_search(s, report, false, err);
    if (!solve_step(s)) return fail_search(s, report, true, err);
    report->error = relative(s, s->step);
    report->n_iteration++;
    if (is_there(s, report, last)) {
      for (int i = 0; i < s->n; i++) s->point[i] += s->step[i];
      return judge(s, report, err);
    }
    status = try_step(s, s->power, s->scratch, err);
  }
  return status == WN_ERR_RUN ? wn_fail_prefix(err, "no steady state found") : status;
}

// near the fixed point of another integrator's map: with its derivative two or three runs of the point do
static wn_status finish_alone(search *s, const wn_lanes *lanes, int lane, const wn_solver_def *def,
                              wn_steady_report *report, wn_error *err) {
  const wn_period period = s->run.period;
  wn_steady_run_free(&s->run);
  s->is_alone = true;
  s->width = WN_LANES;
  WN_TRY(wn_steady_run_init(&s->run, s->model, s->steady, s->width, err));
  s->run.period = period;
  copy_inputs(s, lanes, lane);
  copy_switches(s, lanes, lane);
  WN_TRY(create_solver(s, def, err));
  for (double last = INFINITY;; last = report->error) {
    const wn_status status = apply_map(s, err);
    if (status) return status == WN_ERR_RUN ? wn_fail_prefix(err, "no steady state found") : status;
    report->residual = residual_of(s);
    if (!isfinite(report->residual) || !solve_step(s)) return fail_search(s, report, false, err);
    report->error = relative(s, s->step);
    report->n_iteration++;
    for (int i = 0; i < s->n; i++) s->point[i] += s->step[i];
    if (report->error > 1e-9 && report->error < last / 2) continue;
    return report->error <= 1e-3 ? WN_OK : fail_search(s, report, false, err);
  }
}

// a linear map needs one step; applied once more it shows the residual
static wn_status linear(search *s, wn_steady_report *report, wn_error *err) {
  for (int i = 0; i < s->n; i++) s->point[i] = s->held[i] ? s->point[i] : 0;
  WN_TRY(apply_map(s, err));
  WN_TRY(judge(s, report, err));
  memcpy(s->step, s->image, (size_t)s->n * sizeof(double));
  if (!solve_step(s)) return fail_search(s, report, true, err);
  memcpy(s->point, s->step, (size_t)s->n * sizeof(double));
  WN_TRY(apply_map(s, err));
  report->n_iteration = 1;
  report->residual = residual_of(s);
  report->error = report->residual / (1 - report->multiplier);
  return WN_OK;
}

// from the fixed point (just before a dose) to the phase at which the record stands
static wn_status move_to_phase(search *s, double *state, wn_error *err) {
  const wn_period *p = &s->run.period;
  double phase = s->steady->constant ? p->interval : s->steady->phase;
  if (phase < p->interval - WN_SAME_TIME) {
    spread(s);
    WN_TRY(wn_steady_run_go(&s->run, p->n_cycle, phase, err));
    for (int i = 0; i < s->n; i++) s->point[i] = s->run.lanes.state[i * s->width];
  }
  memcpy(state, s->point, (size_t)s->n * sizeof(double));
  return WN_OK;
}

static wn_status solve(const wn_lanes *lanes, int lane, const wn_steady *steady, double time,
                       const wn_solver_def *solver, double *state, wn_steady_report *report, wn_error *err) {
  search s = {.steady = steady, .model = lanes->model};
  *report = (wn_steady_report){0};
  wn_status status = begin(&s, lanes, lane, time, solver, err);
  if (!status) status = s.model->is_linear ? linear(&s, report, err) : newton(&s, report, err);
  if (!status && searches_by_another(&s, solver)) status = finish_alone(&s, lanes, lane, solver, report, err);
  if (!status) status = move_to_phase(&s, state, err);
  finish(&s);
  return status;
}

// what the doses add to the steady state that is there without them
static wn_status subtract_drug_free(const wn_lanes *lanes, int lane, const wn_steady *steady, double time,
                                    const wn_solver_def *solver, double *state, wn_error *err) {
  int n = lanes->model->n_state;
  wn_steady none = *steady;
  wn_steady_report report;
  for (int k = 0; k < none.n_target; k++) none.amount[k] = 0;
  double *without = wn_alloc_doubles((size_t)n);
  if (!without) return wn_fail_memory(err);
  wn_status status = solve(lanes, lane, &none, time, solver, without, &report, err);
  for (int i = 0; i < n && !status; i++) state[i] -= without[i];
  wn_free(without);
  return status;
}

wn_status wn_steady_solve(const wn_lanes *lanes, int lane, const wn_steady *steady, double time,
                          const wn_solver_def *solver, double *state, wn_steady_report *report, wn_error *err) {
  WN_TRY(solve(lanes, lane, steady, time, solver, state, report, err));
  return steady->add ? subtract_drug_free(lanes, lane, steady, time, solver, state, err) : WN_OK;
}

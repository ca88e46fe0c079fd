// conform_balance.c - mass balance of a linear model: what was given is what is left and what has left. What leaves is
// a share of each state, the column sums of A, integrated over the run by Gauss' formula. Invariant: of the engine's
// equations only the matrix is used; integrals are made here.

#include "conform.h"

#include "base/memory.h"

#include <math.h>
#include <string.h>

enum { N_GAUSS = 8, N_PIECE = 16 };

// quadrature over pieces that halve towards a dose
static const double QUADRATURE = 1e-10;

// nodes and weights on [-1, 1] (Abramowitz & Stegun, table 25.4)
static const double node[N_GAUSS / 2] = {0.183434642495649805, 0.525532409916328986, 0.796666477413626740,
                                         0.960289856497536232};
static const double weight[N_GAUSS / 2] = {0.362683783378361983, 0.313706645877887287, 0.222381034453374471,
                                           0.101228536290376259};

static const char what[] = "given = left + eliminated";

typedef struct balance {
  wn_conform *c;
  const wn_trial *trial;
  bool *counts;          // [n_state] states that hold the drug
  double *share;         // [n_state] how much of a state's amount enters the counted ones, per h; negative: leaves
  double made;           // what the counted states receive from elsewhere, per h
  wn_timeline timeline;  // of the trial's doses
  double *border;        // [n_border] times between which nothing jumps
  int n_border;
} balance;

// the states of the first dose's unit that it reaches
static void choose_states(balance *b, const wn_record *dose) {
  const wn_model *m = b->trial->model;
  const wn_route *route = &m->route[dose->route];
  const char *unit = m->state[route->target[0]].unit;
  for (int k = 0; k < route->n_target; k++) b->counts[route->target[k]] = true;
  for (int pass = 0; pass < m->n_state; pass++)
    for (int k = 0; k < m->n_nz; k++)
      if (b->counts[m->col[k]] && strcmp(m->state[m->row[k]].unit, unit) == 0) b->counts[m->row[k]] = true;
}

// column sums of A over the counted states, and the sum of b, from the model's programs
static wn_status read_matrix(balance *b, wn_error *err) {
  const wn_model *m = b->trial->model;
  wn_lanes lanes;
  WN_TRY(wn_lanes_init(&lanes, m, WN_LANES, err));
  double *values = wn_alloc_doubles((size_t)m->n_nz * WN_LANES + 1);
  if (!values) {
    wn_lanes_free(&lanes);
    return wn_fail_memory(err);
  }
  for (int i = 0; i < m->n_param; i++)
    for (int lane = 0; lane < WN_LANES; lane++) lanes.param[i * WN_LANES + lane] = b->trial->param[i];
  wn_lanes_bind(&lanes);
  wn_system system = wn_lanes_system(&lanes);
  // all states are 0 still: the slope is b
  system.jacobian(system.context, wn_lanes_at(&lanes, b->trial->start), lanes.state, values);
  for (int k = 0; k < m->n_nz; k++)
    if (b->counts[m->row[k]]) b->share[m->col[k]] += values[k * WN_LANES];
  wn_lanes_slope(&lanes, wn_lanes_at(&lanes, b->trial->start));
  for (int i = 0; i < m->n_state; i++)
    if (b->counts[i]) b->made += lanes.slope[i * WN_LANES];
  wn_free(values);
  wn_lanes_free(&lanes);
  return WN_OK;
}

// the trial's start and end, and every dosing action between them
static wn_status find_borders(balance *b, wn_error *err) {
  wn_sheet sheet;
  wn_sheet_open(&sheet, b->trial);
  wn_sheet_observe(&sheet, b->trial->start);
  wn_sheet_doses(&sheet, 1, 0);
  wn_sheet_observe(&sheet, b->trial->end);
  wn_status status = wn_sheet_close(&sheet, err);
  wn_records_def def = {.data = sheet.data, .param = b->trial->param, .solver = wn_solver_default()};
  if (!status) status = wn_records_timeline(&def, 0, &b->timeline, err);
  wn_sheet_free(&sheet);
  if (status) return status;
  b->border = wn_arena_alloc(b->c->arena, ((size_t)b->timeline.action.n + 2) * sizeof(double));
  if (!b->border) return wn_fail_memory(err);
  b->border[b->n_border++] = b->trial->start;
  for (int i = 0; i < b->timeline.action.n; i++) {
    double time = b->timeline.action.data[i].time;
    if (time > b->border[b->n_border - 1] + 1e-6 && time < b->trial->end - 1e-6) b->border[b->n_border++] = time;
  }
  b->border[b->n_border++] = b->trial->end;
  return WN_OK;
}

// piece i of [from, to]: they double in length; the first is as long as the second
static void piece(double from, double to, int i, double *a, double *b) {
  *a = i == 0 ? from : from + (to - from) * ldexp(1, i - N_PIECE);
  *b = from + (to - from) * ldexp(1, i + 1 - N_PIECE);
}

static double node_at(int i) { return i < N_GAUSS / 2 ? -node[N_GAUSS / 2 - 1 - i] : node[i - N_GAUSS / 2]; }

static double weight_at(int i) { return weight[i < N_GAUSS / 2 ? N_GAUSS / 2 - 1 - i : i - N_GAUSS / 2]; }

// observations at the nodes of every piece, and at its end where no dose is
static bool has_end(const balance *b, int stretch, int i) { return i < N_PIECE - 1 || stretch == b->n_border - 2; }

static void observe_nodes(const balance *b, wn_sheet *sheet) {
  for (int k = 0; k + 1 < b->n_border; k++)
    for (int i = 0; i < N_PIECE; i++) {
      double from, to;
      piece(b->border[k], b->border[k + 1], i, &from, &to);
      for (int g = 0; g < N_GAUSS; g++) wn_sheet_observe(sheet, (from + to) / 2 + node_at(g) * (to - from) / 2);
      if (has_end(b, k, i)) wn_sheet_observe(sheet, to);
    }
}

// what was given into the counted states until `time`
static double given_until(const balance *b, double time) {
  double total = 0;
  for (int i = 0; i < b->timeline.action.n; i++) {
    const wn_action *a = &b->timeline.action.data[i];
    if (a->by >= 0 || a->time > time || a->state < 0 || !b->counts[a->state]) continue;
    if (a->kind == WN_ACT_BOLUS) total += a->amount;
    if (a->kind != WN_ACT_RATE) continue;
    // the rate of this state holds until its next one
    double until = time;
    for (int k = b->timeline.action.n - 1; k > i; k--) {
      const wn_action *next = &b->timeline.action.data[k];
      if (next->kind == WN_ACT_RATE && next->by < 0 && next->state == a->state) until = fmin(until, next->time);
    }
    total += a->amount * (until - a->time);
  }
  return total;
}

// the sums of an observation: what is left, and how fast it enters (negative: leaves)
static void weigh(const balance *b, const double *row, double *left, double *entering) {
  *left = 0, *entering = b->made;
  for (int i = 0; i < b->trial->model->n_state; i++) {
    if (b->counts[i]) *left += row[i];
    *entering += b->share[i] * row[i];
  }
}

static wn_status judge(balance *b, const wn_answer *answer, wn_error *err) {
  wn_curve curve;
  double left, entering, base, entered = 0, worst = 0, worst_time = b->trial->start;
  WN_TRY(wn_curve_take(b->c, answer, 0, &curve, err));
  weigh(b, curve.value, &base, &entering);
  const double *row = curve.value + curve.n_column;
  for (int k = 0; k + 1 < b->n_border; k++)
    for (int i = 0; i < N_PIECE; i++) {
      double from, to;
      piece(b->border[k], b->border[k + 1], i, &from, &to);
      for (int g = 0; g < N_GAUSS; g++, row += curve.n_column) {
        weigh(b, row, &left, &entering);
        entered += entering * weight_at(g) * (to - from) / 2;
      }
      if (!has_end(b, k, i)) continue;
      weigh(b, row, &left, &entering);
      row += curve.n_column;
      double given = base + given_until(b, to), error = fabs(given + entered - left) / fmax(fabs(given), fabs(left));
      if (error > worst) worst = error, worst_time = to;
    }
  wn_means means = wn_means_of(b->c, answer->solver);
  double bound = wn_bound_of(&means).relative + QUADRATURE;
  wn_agreement agreement = {
      .any = true, .digits = wn_digits(worst), .promised = wn_digits(bound), .short_of = !(worst <= bound)};
  snprintf(agreement.note, sizeof agreement.note, "%s: at %.5g h", b->trial->name, worst_time);
  return wn_conform_found(b->c, b->trial, what, answer->solver, &agreement, err);
}

static wn_status weigh_all(balance *b, const wn_record *dose, wn_error *err) {
  wn_sheet sheet;
  wn_answer answer = {0};
  wn_means means = wn_means_of(b->c, "auto");
  choose_states(b, dose);
  WN_TRY(read_matrix(b, err));
  WN_TRY(find_borders(b, err));
  wn_sheet_open(&sheet, b->trial);
  // before the doses of that time
  wn_sheet_observe(&sheet, b->trial->start);
  wn_sheet_doses(&sheet, 1, 0);
  observe_nodes(b, &sheet);
  wn_status status = wn_sheet_close(&sheet, err);
  if (!status) status = wn_sheet_run(sheet.data, b->trial->param, &means, &answer, err);
  if (!status && !answer.value)
    status = wn_conform_note(b->c, b->trial, what, "auto", WN_VERDICT_SHORT, answer.reason, err);
  else if (!status)
    status = judge(b, &answer, err);
  wn_answer_free(&answer);
  wn_sheet_free(&sheet);
  return status;
}

wn_status wn_conform_balance(wn_conform *c, const wn_trial *trial, wn_error *err) {
  wn_record dose;
  size_t n = (size_t)trial->model->n_state;
  bool dosed = wn_trial_dose(trial, &dose);
  c->part = "laws";
  // the laws of linear models come together
  if (!dosed || !trial->model->is_linear)
    return wn_conform_note(c, trial, "superposition, dose linearity, mass balance", "auto", WN_VERDICT_SKIPPED,
                           dosed ? "the model is not linear" : "nothing is given", err);
  balance b = {.c = c, .trial = trial};
  b.counts = wn_arena_alloc(c->arena, n * sizeof *b.counts);
  b.share = wn_arena_alloc(c->arena, n * sizeof *b.share);
  wn_status status = b.counts && b.share ? weigh_all(&b, &dose, err) : wn_fail_memory(err);
  wn_timeline_free(&b.timeline);
  return status;
}

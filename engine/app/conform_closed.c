// conform_closed.c - one, two and three compartments against formulas: sums of exponentials whose rates are the roots
// of the characteristic polynomial (Gibaldi & Perrier, Pharmacokinetics, 1982, chapters 1-3 and appendix B). Invariant:
// nothing here comes from the engine but the parameters; even the doses are written down twice.

#include "conform.h"

#include <math.h>
#include <string.h>

enum { MAX_TERM = 4, N_TIME = 60 };

// An amount in the body after a unit dose at time 0: sum of c exp(-rate t).
typedef struct terms {
  int n;
  double c[MAX_TERM], rate[MAX_TERM];
} terms;

// The numbers of pk1, pk2 or pk3; n compartments.
typedef struct body {
  int n;
  double k10, k12, k21, k13, k31, V, KA, F1, LAG;
} body;

static double value_of(const wn_trial *t, const char *name) {
  int i = wn_model_find_param(t->model, name);
  return i < 0 ? NAN : t->param[i];
}

bool wn_conform_has_closed(const wn_trial *trial) {
  const char *name = trial->name;
  return strcmp(name, "pk1") == 0 || strcmp(name, "pk2") == 0 || strcmp(name, "pk3") == 0;
}

static body read_body(const wn_trial *t) {
  double V = value_of(t, "V");
  body b = {.n = t->name[2] - '0',
            .k10 = value_of(t, "CL") / V,
            .V = V,
            .KA = value_of(t, "KA"),
            .F1 = value_of(t, "F1"),
            .LAG = value_of(t, "LAG")};
  if (b.n > 1) b.k12 = value_of(t, "Q") / V, b.k21 = value_of(t, "Q") / value_of(t, "V2");
  if (b.n > 2) b.k13 = value_of(t, "Q3") / V, b.k31 = value_of(t, "Q3") / value_of(t, "V3");
  return b;
}

// the three positive roots of x^3 - a2 x^2 + a1 x - a0, by Viete's formula and a few steps of Newton's method
static void cubic_roots(double a2, double a1, double a0, double root[3]) {
  double p = a1 - a2 * a2 / 3, q = a2 * a1 / 3 - 2 * a2 * a2 * a2 / 27 - a0;
  double radius = 2 * sqrt(-p / 3), angle = acos(fmax(-1, fmin(1, 3 * q / (p * radius)))) / 3;
  for (int i = 0; i < 3; i++) {
    double x = radius * cos(angle - i * 2 * acos(-1) / 3) + a2 / 3;
    for (int k = 0; k < 4; k++) x -= (((x - a2) * x + a1) * x - a0) / ((3 * x - 2 * a2) * x + a1);
    root[i] = x;
  }
}

static void find_rates(const body *b, double rate[3]) {
  double sum = b->k10 + b->k12 + b->k21;
  if (b->n == 1) rate[0] = b->k10;
  if (b->n == 2) {
    rate[0] = (sum + sqrt(sum * sum - 4 * b->k10 * b->k21)) / 2;
    rate[1] = b->k10 * b->k21 / rate[0];
  }
  if (b->n == 3)
    cubic_roots(sum + b->k13 + b->k31,
                b->k10 * b->k21 + b->k10 * b->k31 + b->k21 * b->k31 + b->k21 * b->k13 + b->k12 * b->k31,
                b->k10 * b->k21 * b->k31, rate);
}

// amount in the centre after a unit injection there
static terms injected(const body *b) {
  terms t = {.n = b->n};
  find_rates(b, t.rate);
  for (int i = 0; i < b->n; i++) {
    double x = t.rate[i];
    t.c[i] = (b->n > 1 ? b->k21 - x : 1) * (b->n > 2 ? b->k31 - x : 1);
    for (int j = 0; j < b->n; j++)
      if (j != i) t.c[i] /= t.rate[j] - x;
  }
  return t;
}

// the same after a unit dose into the gut that is absorbed completely
static terms swallowed(const body *b) {
  terms t = injected(b);
  t.c[t.n] = 0, t.rate[t.n] = b->KA;
  for (int i = 0; i < t.n; i++) {
    t.c[i] *= b->KA / (b->KA - t.rate[i]);
    t.c[t.n] -= t.c[i];
  }
  t.n++;
  return t;
}

// A situation: a dose of `amount` into GUT or CENT, infused over `hours` (0: at once), n times every `interval` hours
// from time 0 on, or since ever as well; `constant`: an infusion since ever that stops at 0.
typedef struct situation {
  const char *what;
  bool oral, steady, constant;
  double hours, interval;
  int n;
} situation;

static const double AMOUNT = 100, END = 72;

static const situation situations[] = {
    {.what = "injection", .n = 1},
    {.what = "infusion", .n = 1, .hours = 2.5},
    {.what = "tablet with lag", .n = 1, .oral = true},
    {.what = "injections every 8 h", .n = 6, .interval = 8},
    {.what = "infusions every 8 h", .n = 6, .interval = 8, .hours = 2.5},
    {.what = "tablets every 8 h", .n = 6, .interval = 8, .oral = true},
    {.what = "injections, steady state", .n = 1, .interval = 12, .steady = true},
    {.what = "infusions, steady state", .n = 1, .interval = 12, .hours = 2.5, .steady = true},
    {.what = "overlapping infusions, steady state", .n = 1, .interval = 12, .hours = 30, .steady = true},
    {.what = "tablets with lag, steady state", .n = 1, .interval = 12, .oral = true, .steady = true},
    {.what = "infusion since ever, stopped", .n = 1, .hours = 10, .constant = true},
};
enum { N_SITUATION = sizeof situations / sizeof *situations };

// the share of one exponential, `t` hours after a unit dose given over `hours`
static double share(double rate, double hours, double t) {
  if (t < 0) return 0;
  if (hours <= 0) return exp(-rate * t);
  double running = fmin(t, hours);
  return exp(-rate * (t - running)) * -expm1(-rate * running) / (rate * hours);
}

// the same, summed over all doses at t, t + interval, t + 2 interval, ... ago
static double share_since_ever(double rate, double hours, double interval, double t) {
  double sum = 0;
  // those that still run, one by one; then a geometric series
  while (t < hours) sum += share(rate, hours, t), t += interval;
  return sum + share(rate, hours, t) / -expm1(-rate * interval);
}

static double amount_at(const situation *s, const body *b, const terms *unit, double t) {
  double sum = 0, since = t - (s->oral ? b->LAG : 0);
  for (int i = 0; i < unit->n; i++) {
    double rate = unit->rate[i], total = 0;
    if (s->constant)
      total = exp(-rate * t) / (rate * s->hours);
    else if (s->steady && since < 0)
      total = share_since_ever(rate, s->hours, s->interval, since + s->interval);
    else if (s->steady)
      total = share_since_ever(rate, s->hours, s->interval, since);
    for (int k = 0; k < s->n && !s->steady && !s->constant; k++)
      total += share(rate, s->hours, since - k * s->interval);
    sum += unit->c[i] * total;
  }
  return sum * AMOUNT * (s->oral ? b->F1 : 1);
}

static double time_at(int i) { return END * pow((i + 1.0) / N_TIME, 2.5) + 0.001; }

static wn_status make_sheet(wn_sheet *sheet, const wn_trial *trial, const situation *s, wn_error *err) {
  wn_sheet_open(sheet, trial);
  wn_record dose = {.evid = 1,
                    .route = wn_model_find_route(trial->model, s->oral ? "GUT" : "CENT"),
                    .state = -1,
                    .amt = s->constant ? 0 : AMOUNT,
                    .rate = s->hours > 0 ? AMOUNT / s->hours : 0,
                    .ii = s->interval,
                    .addl = s->n - 1,
                    .ss = s->steady || s->constant};
  wn_sheet_add(sheet, dose);
  for (int i = 0; i < N_TIME; i++) wn_sheet_observe(sheet, time_at(i));
  return wn_sheet_close(sheet, err);
}

// the formula's concentrations in place of the run's
static void apply_formula(const wn_trial *trial, const situation *s, const body *b, wn_curve *curve) {
  terms unit = s->oral ? swallowed(b) : injected(b);
  int column = trial->model->n_state + wn_model_find_output(trial->model, "C");
  for (int i = 0; i < curve->n; i++)
    curve->value[i * curve->n_column + column] = amount_at(s, b, &unit, curve->time[i]) / b->V;
}

// a sum of exponentials has no terms for two equal rates, and few digits for two that are nearly so
static bool rates_coincide(const situation *s, const body *b) {
  terms t = injected(b);
  for (int i = 0; i < t.n; i++) {
    if (s->oral && fabs(t.rate[i] - b->KA) < 1e-3 * b->KA) return true;
    for (int j = 0; j < i; j++)
      if (!(fabs(t.rate[i] - t.rate[j]) > 1e-3 * t.rate[j])) return true;
  }
  return false;
}

static wn_status judge(wn_conform *c, const wn_trial *trial, const situation *s, const wn_means *means,
                       const wn_answer *answer, wn_agreement *agreement, wn_error *err) {
  wn_curve got, formula;
  body b = read_body(trial);
  if (!answer->value) return wn_conform_note(c, trial, s->what, means->solver, WN_VERDICT_SHORT, answer->reason, err);
  if (rates_coincide(s, &b))
    return wn_conform_note(c, trial, s->what, means->solver, WN_VERDICT_SKIPPED, "two rates are nearly the same", err);
  WN_TRY(wn_curve_take(c, answer, 0, &got, err));
  WN_TRY(wn_curve_take(c, answer, 0, &formula, err));
  apply_formula(trial, s, &b, &formula);
  return wn_agree(agreement, trial, &got, &formula, WN_PART_OUTPUTS, wn_bound_of(means), err);
}

static wn_status try_one(wn_conform *c, const wn_trial *trial, const situation *s, const wn_means *means,
                         wn_agreement *agreement, wn_error *err) {
  wn_sheet sheet;
  wn_answer answer = {0};
  wn_status status = make_sheet(&sheet, trial, s, err);
  if (!status) status = wn_sheet_run(sheet.data, trial->param, means, &answer, err);
  if (!status) status = judge(c, trial, s, means, &answer, agreement, err);
  wn_answer_free(&answer);
  wn_sheet_free(&sheet);
  return status;
}

wn_status wn_conform_closed(wn_conform *c, const wn_trial *trials, int n_trial, wn_error *err) {
  static const char *const solvers[] = {"exact", "rosenbrock", "taylor", "rk", "bdf", "explicit"};
  c->part = "closed forms";
  char names[64] = "";
  for (int t = 0; t < n_trial; t++)
    snprintf(names + strlen(names), sizeof names - strlen(names), "%s%.16s", t ? " " : "", trials[t].name);
  wn_trial all = {.name = wn_arena_strdup(c->arena, names)};
  if (!all.name) return wn_fail_memory(err);
  for (int i = 0; i < N_SITUATION; i++)
    for (size_t k = 0; k < sizeof solvers / sizeof *solvers; k++) {
      wn_means means = wn_means_of(c, solvers[k]);
      wn_agreement agreement = {0};
      for (int t = 0; t < n_trial; t++) WN_TRY(try_one(c, &trials[t], &situations[i], &means, &agreement, err));
      if (agreement.any) WN_TRY(wn_conform_found(c, &all, situations[i].what, solvers[k], &agreement, err));
    }
  return WN_OK;
}

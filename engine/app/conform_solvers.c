// conform_solvers.c - solver against solver, at one tolerance after the other: errors stay within the solver's promise,
// or shrink tenfold for a tolerance of a hundredth. Invariant: what a solver is held against
// was made by another one wherever another one can run the model; the row says which.

#include "conform.h"

#include <math.h>
#include <string.h>

enum { N_LADDER = 3, N_LOOK = 60 };

static const double STEP = 1e-2;  // of the ladder of tolerances
static const double TIGHTEST = 1e-12;

// What a step of the ladder gains at least, digits, where a model amplifies errors beyond the promise of its solver.
static const double GAIN = 1;

typedef struct contest {
  wn_conform *c;
  const wn_trial *trial;
  wn_sheet sheet;
  double rtol[N_LADDER];
  int n_rtol;
  double before;  // digits of the step before on the ladder; NaN: none
} contest;

// what a solver is held against
typedef struct reference {
  wn_means means;
  wn_curve curve;  // n 0: there is none
  char reason[256];
} reference;

static wn_means means_at(const contest *k, const char *solver, double rtol) {
  wn_means means = wn_means_of(k->c, solver);
  means.atol *= rtol / means.rtol;
  means.rtol = rtol;
  return means;
}

static wn_status run(contest *k, const wn_means *means, wn_curve *curve, char reason[256], wn_error *err) {
  wn_answer answer;
  *curve = (wn_curve){0};
  WN_TRY(wn_sheet_run(k->sheet.data, k->trial->param, means, &answer, err));
  memcpy(reason, answer.reason, 256);
  wn_status status = answer.value ? wn_curve_take(k->c, &answer, 0, curve, err) : WN_OK;
  wn_answer_free(&answer);
  return status;
}

// at the tightest tolerance at which this solver gets through; equations that jump may not allow the tightest of all
static wn_status make_reference(contest *k, const char *solver, reference *r, wn_error *err) {
  *r = (reference){0};
  for (int i = k->n_rtol; i >= 0 && r->curve.n == 0; i--) {
    r->means = means_at(k, solver, i < k->n_rtol ? k->rtol[i] : fmax(k->rtol[i - 1] * STEP, TIGHTEST));
    WN_TRY(run(k, &r->means, &r->curve, r->reason, err));
  }
  return WN_OK;
}

// "rtol 1e-6", or "exact"
static void name_means(const wn_means *means, char words[32]) {
  char number[16];
  snprintf(number, sizeof number, "%.3g", means->rtol);
  char *zero = strstr(number, "e-0");
  if (zero) memmove(zero + 2, zero + 3, strlen(zero + 3) + 1);
  if (strcmp(means->solver, "exact") == 0)
    snprintf(words, 32, "exact");
  else
    snprintf(words, 32, "rtol %s", number);
}

static const char *words_for(const contest *k, const wn_means *own, const wn_means *other) {
  char mine[32], theirs[32];
  name_means(own, mine);
  name_means(other, theirs);
  bool exact = strcmp(other->solver, "exact") == 0;
  return wn_arena_printf(k->c->arena, "%s against %s%s%s", mine, other->solver, exact ? "" : ", ", exact ? "" : theirs);
}

// one run against a reference. Runge-Kutta may give up where a model is stiff, the others below the tolerance asked for
static wn_status hold_against(contest *k, const wn_means *means, const reference *r, wn_error *err) {
  wn_curve curve;
  wn_agreement agreement = {0};
  char reason[256];
  const char *what = words_for(k, means, &r->means);
  if (!what) return wn_fail_memory(err);
  WN_TRY(run(k, means, &curve, reason, err));
  bool is_implicit = strcmp(means->solver, "bdf") == 0 || strcmp(means->solver, "rosenbrock") == 0;
  bool must = is_implicit && means->rtol >= k->c->rtol;
  if (curve.n == 0)
    return wn_conform_note(k->c, k->trial, what, means->solver, must ? WN_VERDICT_SHORT : WN_VERDICT_SKIPPED, reason,
                           err);
  wn_bound bound = wn_bound_sum(wn_bound_of(means), wn_bound_of(&r->means));
  WN_TRY(wn_agree(&agreement, k->trial, &curve, &r->curve, WN_PART_ALL, bound, err));
  if (agreement.short_of && agreement.digits >= k->before + GAIN)
    agreement.short_of = false, agreement.promised = k->before + GAIN;
  k->before = agreement.any ? agreement.digits : NAN;
  return wn_conform_found(k->c, k->trial, what, means->solver, &agreement, err);
}

static wn_status climb(contest *k, const char *solver, const reference *r, wn_error *err) {
  k->before = NAN;
  for (int i = 0; i < k->n_rtol; i++) {
    wn_means means = means_at(k, solver, k->rtol[i]);
    WN_TRY(hold_against(k, &means, r, err));
  }
  return WN_OK;
}

// every solver against the reference; SUNDIALS' against what is not its own
static wn_status climb_all(contest *k, const reference *of_bdf, const reference *of_explicit, wn_error *err) {
  WN_TRY(climb(k, "bdf", of_bdf, err));
  WN_TRY(climb(k, "explicit", of_explicit, err));
  WN_TRY(climb(k, "rosenbrock", of_explicit, err));
  WN_TRY(climb(k, "taylor", of_explicit, err));
  return climb(k, "rk", of_explicit, err);
}

static wn_status compete(contest *k, wn_error *err) {
  reference bdf, explicit, exact;
  WN_TRY(make_reference(k, "bdf", &bdf, err));
  if (bdf.curve.n == 0)
    return wn_conform_note(k->c, k->trial, "solver against solver", "bdf", WN_VERDICT_SHORT, bdf.reason, err);
  if (k->trial->model->is_linear) {
    WN_TRY(make_reference(k, "exact", &exact, err));
    if (exact.curve.n > 0) {
      WN_TRY(hold_against(k, &exact.means, &bdf, err));
      return climb_all(k, &exact, &exact, err);
    }
    WN_TRY(wn_conform_note(k->c, k->trial, "exact", "exact", WN_VERDICT_SKIPPED, exact.reason, err));
  }
  WN_TRY(make_reference(k, "explicit", &explicit, err));
  return climb_all(k, explicit.curve.n > 0 ? &explicit : &bdf, &bdf, err);
}

wn_status wn_conform_solvers(wn_conform *c, const wn_trial *trial, wn_error *err) {
  contest k = {.c = c, .trial = trial, .before = NAN};
  c->part = "solvers";
  for (double rtol = c->rtol; k.n_rtol < N_LADDER && rtol >= TIGHTEST; rtol *= STEP) k.rtol[k.n_rtol++] = rtol;
  wn_sheet_open(&k.sheet, trial);
  wn_sheet_doses(&k.sheet, 1, 0);
  wn_sheet_observe_all(&k.sheet, N_LOOK);
  wn_status status = wn_sheet_close(&k.sheet, err);
  if (!status) status = compete(&k, err);
  wn_sheet_free(&k.sheet);
  return status;
}

// conform_solvers.c - solver against solver, at one tolerance after the other. Invariant: what a solver is held against
// was made by another one wherever another one can run the model; the row says which.

#include "conform.h"

#include <math.h>
#include <string.h>

enum { N_LADDER = 3, N_LOOK = 60 };

static const double STEP = 1e-2;  // of the ladder of tolerances
static const double TIGHTEST = 1e-12;

typedef struct contest {
  wn_conform *c;
  const wn_trial *trial;
  wn_sheet sheet;
  double rtol[N_LADDER];
  int n_rtol;
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

static wn_status make_reference(contest *k, const char *solver, reference *r, wn_error *err) {
  r->means = means_at(k, solver, fmax(k->rtol[k->n_rtol - 1] * STEP, TIGHTEST));
  return run(k, &r->means, &r->curve, r->reason, err);
}

// one run against a reference; explicit may give up where a model is stiff, the others may not
static wn_status hold_against(contest *k, const wn_means *means, const reference *r, wn_error *err) {
  wn_curve curve;
  wn_agreement agreement = {0};
  char reason[256];
  bool exact = strcmp(means->solver, "exact") == 0, other_exact = strcmp(r->means.solver, "exact") == 0;
  const char *own = exact ? "exact" : wn_arena_printf(k->c->arena, "rtol %.0e", means->rtol);
  const char *what = own ? wn_arena_printf(k->c->arena, other_exact ? "%s against %s" : "%s against %s at %.0e", own,
                                           r->means.solver, r->means.rtol)
                         : NULL;
  if (!what) return wn_fail_memory(err);
  WN_TRY(run(k, means, &curve, reason, err));
  if (curve.n == 0)
    return wn_conform_note(k->c, k->trial, what, means->solver,
                           strcmp(means->solver, "bdf") == 0 ? WN_VERDICT_SHORT : WN_VERDICT_SKIPPED, reason, err);
  wn_bound bound = wn_bound_sum(wn_bound_of(means), wn_bound_of(&r->means));
  wn_agree(&agreement, k->trial, &curve, &r->curve, WN_PART_ALL, bound);
  return wn_conform_found(k->c, k->trial, what, means->solver, &agreement, err);
}

static wn_status climb(contest *k, const char *solver, const reference *r, wn_error *err) {
  for (int i = 0; i < k->n_rtol; i++) {
    wn_means means = means_at(k, solver, k->rtol[i]);
    WN_TRY(hold_against(k, &means, r, err));
  }
  return WN_OK;
}

static wn_status compete(contest *k, wn_error *err) {
  reference bdf, explicit, exact = {0};
  WN_TRY(make_reference(k, "bdf", &bdf, err));
  if (bdf.curve.n == 0)
    return wn_conform_note(k->c, k->trial, "solver against solver", "bdf", WN_VERDICT_SHORT, bdf.reason, err);
  if (k->trial->model->is_linear) {
    WN_TRY(make_reference(k, "exact", &exact, err));
    if (exact.curve.n > 0) {
      WN_TRY(hold_against(k, &exact.means, &bdf, err));
      WN_TRY(climb(k, "bdf", &exact, err));
      return climb(k, "explicit", &exact, err);
    }
    WN_TRY(wn_conform_note(k->c, k->trial, "exact", "exact", WN_VERDICT_SKIPPED, exact.reason, err));
  }
  WN_TRY(make_reference(k, "explicit", &explicit, err));
  WN_TRY(climb(k, "bdf", explicit.curve.n > 0 ? &explicit : &bdf, err));
  return climb(k, "explicit", &bdf, err);
}

wn_status wn_conform_solvers(wn_conform *c, const wn_trial *trial, wn_error *err) {
  contest k = {.c = c, .trial = trial};
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

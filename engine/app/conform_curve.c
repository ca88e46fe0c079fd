// conform_curve.c - curves taken from answers, the bounds solvers promise, and findings made of agreements. Invariant:
// a bound depends on the solver and its tolerances alone.

#include "conform.h"

#include <math.h>
#include <string.h>

// What exact propagation promises: rounding, and what of it repeated doses and differences let grow.
static const double ROUNDING = 1e-11;

// Runs stay within this many tolerances of the truth. The most that any textbook model was seen to lose is 35.
static const double KEPT = 100;

static const double MOST_DIGITS = 16;

double wn_digits(double error) { return fmin(MOST_DIGITS, fmax(0, -log10(error))); }

wn_bound wn_bound_of(const wn_means *means) {
  if (strcmp(means->solver, "exact") == 0) return (wn_bound){.relative = ROUNDING};
  return (wn_bound){.relative = KEPT * means->rtol + ROUNDING, .absolute = KEPT * means->atol};
}

wn_bound wn_bound_sum(wn_bound a, wn_bound b) {
  return (wn_bound){.relative = a.relative + b.relative, .absolute = a.absolute + b.absolute};
}

wn_status wn_curve_take(wn_conform *c, const wn_answer *answer, int individual, wn_curve *curve, wn_error *err) {
  const wn_dataset *data = answer->data;
  int first = data->first[individual], end = data->first[individual + 1];
  *curve = (wn_curve){.n_column = answer->n_column};
  double *time = wn_arena_alloc(c->arena, (size_t)(end - first + 1) * sizeof *time);
  curve->value = wn_arena_alloc(c->arena, ((size_t)(end - first) * (size_t)curve->n_column + 1) * sizeof(double));
  if (!time || !curve->value) return wn_fail_memory(err);
  for (int row = first; row < end; row++) {
    if (data->record[row].evid != 0) continue;
    const double *from = answer->value + (size_t)row * (size_t)curve->n_column;
    double *to = curve->value + (size_t)curve->n * (size_t)curve->n_column;
    for (int k = 0; k < curve->n_column; k++) to[k] = from[k];
    time[curve->n++] = data->record[row].time;
  }
  curve->time = time;
  return WN_OK;
}

wn_status wn_conform_found(wn_conform *c, const wn_trial *trial, const char *what, const char *solver,
                           const wn_agreement *agreement, wn_error *err) {
  if (!agreement->any)
    return wn_conform_note(c, trial, what, solver, WN_VERDICT_SKIPPED, "every value is 0, or below --atol", err);
  // the model has a column of its own
  const char *note = agreement->note;
  size_t n = strlen(trial->name);
  if (strncmp(note, trial->name, n) == 0 && strncmp(note + n, ": ", 2) == 0) note += n + 2;
  wn_verdict verdict = agreement->short_of ? WN_VERDICT_SHORT : WN_VERDICT_HOLDS;
  WN_TRY(wn_conform_note(c, trial, what, solver, verdict, note, err));
  wn_finding *f = &c->findings.data[c->findings.n - 1];
  f->digits = agreement->digits, f->promised = agreement->promised;
  return WN_OK;
}

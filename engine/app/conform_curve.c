// conform_curve.c - curves, and how many digits two of them share. Invariant: every column is measured against its own
// values and its own bound; a row of the report holds only if every one of its columns does.

#include "conform.h"

#include <math.h>
#include <string.h>

// A value far below its column's peak counts as this share of the peak.
static const double FLOOR = 1e-3;

// What exact propagation promises: rounding, and what of it repeated doses and differences let grow.
static const double ROUNDING = 1e-11;

// Runs end within this many tolerances of the truth.
static const double KEPT = 10;

static const double MOST_DIGITS = 16;

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
  curve->time = wn_arena_alloc(c->arena, (size_t)(end - first + 1) * sizeof(double));
  curve->value = wn_arena_alloc(c->arena, ((size_t)(end - first) * (size_t)curve->n_column + 1) * sizeof(double));
  if (!curve->time || !curve->value) return wn_fail_memory(err);
  for (int row = first; row < end; row++) {
    if (data->record[row].evid != 0) continue;
    const double *from = answer->value + (size_t)row * (size_t)curve->n_column;
    double *to = curve->value + (size_t)curve->n * (size_t)curve->n_column;
    for (int k = 0; k < curve->n_column; k++) to[k] = from[k];
    curve->time[curve->n++] = data->record[row].time;
  }
  return WN_OK;
}

static double at(const wn_curve *curve, int i, int column) {
  return curve->value[(size_t)i * (size_t)curve->n_column + (size_t)column];
}

static double peak_of(const wn_curve *a, const wn_curve *b, int column) {
  double peak = 0;
  for (int i = 0; i < a->n; i++) peak = fmax(peak, fmax(fabs(at(a, i, column)), fabs(at(b, i, column))));
  return peak;
}

// the largest error of a column relative to its values, and where
static double worst_of(const wn_curve *a, const wn_curve *b, int column, double peak, int *where) {
  double worst = 0;
  *where = 0;
  for (int i = 0; i < a->n; i++) {
    double x = at(a, i, column), y = at(b, i, column);
    if (x == y || (isnan(x) && isnan(y))) continue;
    double error = fabs(x - y) / fmax(fmax(fabs(x), fabs(y)), FLOOR * peak);
    if (!(error <= worst)) worst = isnan(error) ? INFINITY : error, *where = i;
  }
  return worst;
}

double wn_digits(double error) { return fmin(MOST_DIGITS, fmax(0, -log10(error))); }

static const char *column_name(const wn_model *m, int column) {
  return column < m->n_state ? m->state[column].name : m->output[column - m->n_state].name;
}

void wn_agree(wn_agreement *agreement, const wn_trial *trial, const wn_curve *a, const wn_curve *b, wn_part part,
              wn_bound bound) {
  const wn_model *m = trial->model;
  int from = part == WN_PART_OUTPUTS ? m->n_state : 0, to = part == WN_PART_STATES ? m->n_state : a->n_column;
  for (int column = from; column < to; column++) {
    int where;
    double peak = peak_of(a, b, column);
    if (!(peak > 0)) continue;
    double error = worst_of(a, b, column, peak, &where);
    // a state's absolute tolerance is a share of its values; an output has none of its own
    double allowed = bound.relative + (column < m->n_state ? bound.absolute / (FLOOR * peak) : 0);
    double digits = wn_digits(error), promised = wn_digits(allowed);
    bool is_short = error > allowed;
    bool nearer = !agreement->any || digits - promised < agreement->digits - agreement->promised;
    agreement->short_of |= is_short;
    agreement->any = true;
    if (!nearer) continue;
    agreement->digits = digits, agreement->promised = promised;
    snprintf(agreement->note, sizeof agreement->note, "%s: %s at %.5g h", trial->name, column_name(m, column),
             a->time[where]);
  }
}

wn_status wn_conform_found(wn_conform *c, const wn_trial *trial, const char *what, const char *solver,
                           const wn_agreement *agreement, wn_error *err) {
  if (!agreement->any) return wn_conform_note(c, trial, what, solver, WN_VERDICT_SKIPPED, "every value is 0", err);
  WN_TRY(wn_conform_note(c, trial, what, solver, agreement->short_of ? WN_VERDICT_SHORT : WN_VERDICT_HOLDS,
                         agreement->note, err));
  wn_finding *f = &c->findings.data[c->findings.n - 1];
  f->digits = agreement->digits, f->promised = agreement->promised;
  return WN_OK;
}

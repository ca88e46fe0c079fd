// conform_steady.c - the steady state that a record asks for (SS 1) against the long train of doses that leads there.
// Invariant: the train is as long as it takes for what is left of its beginning to be below the digits promised.

#include "conform.h"

#include <math.h>

enum { N_LOOK = 20, MOST_DOSES = 1000 };

static const double DAY = 24;

// 95 % of the way is 3 time constants; the train is 10 times that, and begins with 1e-13 of itself
static const double TIMES_95 = 10;

// What a steady state found by Newton's method still changes in a period, relative.
static const double RESIDUAL = 1e-8;

static const char what[] = "steady state = a long train of doses";

static void observe_period(wn_sheet *sheet, double from, double ii) {
  for (int i = 0; i < N_LOOK; i++) wn_sheet_observe(sheet, from + ii * (i + 0.37) / N_LOOK);
}

static wn_status run_one(const wn_trial *trial, wn_record dose, double from, const wn_means *means, wn_sheet *sheet,
                         wn_answer *answer, wn_error *err) {
  wn_sheet_open(sheet, trial);
  wn_sheet_add(sheet, dose);
  observe_period(sheet, from, dose.ii);
  WN_TRY(wn_sheet_close(sheet, err));
  return wn_sheet_run(sheet->data, trial->param, means, answer, err);
}

// how often the model's doses come: as the trial's first repeated dose, else daily
static double interval_of(const wn_trial *trial) {
  for (int i = 0; i < trial->doses->n; i++)
    if (trial->doses->data[i].addl > 0 && trial->doses->data[i].ii > 0) return trial->doses->data[i].ii;
  return DAY;
}

static wn_status judge(wn_conform *c, const wn_trial *trial, const wn_means *means, const wn_answer *steady,
                       const wn_answer *train, double memory, wn_error *err) {
  wn_curve a, b;
  wn_agreement agreement = {0};
  wn_bound bound = wn_bound_sum(wn_bound_of(means), wn_bound_of(means));
  // a state that still changes in a period is as far off as it moves in the `memory` periods to come
  if (!trial->model->is_linear) bound.relative += RESIDUAL * (1 + memory);
  WN_TRY(wn_curve_take(c, steady, 0, &a, err));
  WN_TRY(wn_curve_take(c, train, 0, &b, err));
  WN_TRY(wn_agree(&agreement, trial, &a, &b, WN_PART_ALL, bound, err));
  return wn_conform_found(c, trial, what, means->solver, &agreement, err);
}

static wn_status ride_train(wn_conform *c, const wn_trial *trial, wn_record dose, const wn_answer *steady,
                            wn_error *err) {
  double from = dose.time, days = steady->hours_to_95 / DAY;
  double n = ceil(TIMES_95 * steady->hours_to_95 / dose.ii) + 1;
  if (!(n <= MOST_DOSES)) {
    const char *words = wn_arena_printf(c->arena, "95 %% takes %.3g days, and a train %.0f doses", days, n);
    return words ? wn_conform_note(c, trial, what, steady->solver, WN_VERDICT_SKIPPED, words, err)
                 : wn_fail_memory(err);
  }
  wn_sheet sheet;
  wn_answer train = {0};
  wn_means means = wn_means_of(c, steady->solver);
  dose.ss = 0, dose.addl = (int)n, dose.time -= n * dose.ii;
  wn_status status = run_one(trial, dose, from, &means, &sheet, &train, err);
  if (!status && !train.value)
    status = wn_conform_note(c, trial, what, means.solver, WN_VERDICT_SHORT, train.reason, err);
  else if (!status)
    status = judge(c, trial, &means, steady, &train, steady->hours_to_95 / dose.ii / 3, err);
  wn_answer_free(&train);
  wn_sheet_free(&sheet);
  return status;
}

wn_status wn_conform_steady(wn_conform *c, const wn_trial *trial, wn_error *err) {
  wn_record dose;
  wn_sheet sheet;
  wn_answer steady = {0};
  wn_means means = wn_means_of(c, "auto");
  c->part = "laws";
  if (!wn_trial_dose(trial, &dose))
    return wn_conform_note(c, trial, what, "auto", WN_VERDICT_SKIPPED, "nothing is given", err);
  dose.ss = 1, dose.ii = interval_of(trial);
  wn_status status = run_one(trial, dose, dose.time, &means, &sheet, &steady, err);
  if (!status && !steady.value)
    status = wn_conform_note(c, trial, what, "auto", WN_VERDICT_SKIPPED, steady.reason, err);
  else if (!status)
    status = ride_train(c, trial, dose, &steady, err);
  wn_answer_free(&steady);
  wn_sheet_free(&sheet);
  return status;
}

// conform_pairs.c - event tables against event tables. The bundled ones (models/conform/*.csv) hold individuals in
// pairs, a situation and the same put differently; for any model, a few are made up from its own doses. Invariant: both
// tables of a pair are observed at the same times, or as often.

#include "conform.h"

#include "io/io.h"

#include <string.h>

static wn_status note_pair(wn_conform *c, const wn_trial *trial, const wn_answer *answer, int pair,
                           wn_agreement *agreement, wn_error *err) {
  wn_curve given, other;
  wn_means means = wn_means_of(c, answer->solver);
  wn_bound bound = wn_bound_sum(wn_bound_of(&means), wn_bound_of(&means));
  WN_TRY(wn_curve_take(c, answer, pair, &given, err));
  WN_TRY(wn_curve_take(c, answer, pair + 1, &other, err));
  if (given.n != other.n)
    return wn_fail(err, WN_ERR_USER, "%s: %s: expected as many observations as before it (%d), got %d",
                   answer->data->path, answer->data->id[pair + 1], given.n, other.n);
  return wn_agree(agreement, trial, &given, &other, WN_PART_OUTPUTS, bound, err);
}

// every situation of a file by one solver: a row each, or one for all
static wn_status run_file(wn_conform *c, const wn_trial *trial, const wn_dataset *data, const char *name,
                          const char *solver, bool each, wn_error *err) {
  wn_answer answer;
  wn_agreement all = {0};
  wn_means means = wn_means_of(c, solver);
  WN_TRY(wn_sheet_run(data, trial->param, &means, &answer, err));
  const char *words = wn_arena_printf(c->arena, "all %d of %s", data->n_subject / 2, name);
  wn_status status = words ? WN_OK : wn_fail_memory(err);
  if (!status && !answer.value) status = wn_conform_note(c, trial, words, solver, WN_VERDICT_SHORT, answer.reason, err);
  for (int pair = 0; !status && answer.value && pair + 1 < data->n_subject; pair += 2) {
    wn_agreement one = {0};
    status = note_pair(c, trial, &answer, pair, each ? &one : &all, err);
    if (status || !each) continue;
    const char *what = wn_arena_printf(c->arena, "%s %s", data->id[pair], data->id[pair + 1]);
    status = what ? wn_conform_found(c, trial, what, solver, &one, err) : wn_fail_memory(err);
  }
  if (!status && answer.value && !each) status = wn_conform_found(c, trial, words, solver, &all, err);
  wn_answer_free(&answer);
  return status;
}

static wn_status replay(wn_conform *c, const wn_trial *trial, const char *folder, const char *name, wn_error *err) {
  char path[4300];
  wn_dataset *data;
  snprintf(path, sizeof path, "%s/%s", folder, name);
  WN_TRY(wn_dataset_read(path, trial->model, &data, err));
  wn_status status = run_file(c, trial, data, name, "exact", true, err);
  if (!status) status = run_file(c, trial, data, name, "bdf", false, err);
  if (!status) status = run_file(c, trial, data, name, "explicit", false, err);
  wn_dataset_destroy(data);
  return status;
}

wn_status wn_conform_pairs(wn_conform *c, wn_error *err) {
  static const char *const files[] = {"doses.csv", "infusions.csv", "steady.csv", "resets.csv", "covariates.csv"};
  char data[4096], folder[4200], model[4300];
  wn_study *study;
  wn_study_def def = wn_study_default();
  c->part = "dose records";
  WN_TRY(wn_data_dir(data, err));
  snprintf(folder, sizeof folder, "%s/models/conform", data);
  snprintf(model, sizeof model, "%s/records.lua", folder);
  WN_TRY(wn_study_open(data, model, &study, err));
  wn_status status = wn_study_plan(study, &def, err);
  if (!status) {
    wn_trial trial = {.model = study->scenario->model, .name = "records", .param = study->scenario->arm[0].param};
    for (int i = 0; i < 5 && !status; i++) status = replay(c, &trial, folder, files[i], err);
  }
  wn_study_close(study);
  return status;
}

// -- for any model ----------------------------------------------------------------------------------------------------

// Two tables as two individuals of one sheet.
typedef struct any_pair {
  const char *what;
  void (*make)(wn_sheet *sheet, wn_record dose);
} any_pair;

enum { N_LOOK = 40 };

// a series, and each of its doses
static void make_series(wn_sheet *sheet, wn_record dose) {
  wn_record series = dose;
  series.ii = 7, series.addl = 3;
  wn_sheet_add(sheet, series);
  wn_sheet_observe_all(sheet, N_LOOK);
  wn_sheet_person(sheet);
  for (int i = 0; i < 4; i++) {
    wn_record one = dose;
    one.time += 7 * i;
    wn_sheet_add(sheet, one);
  }
  wn_sheet_observe_all(sheet, N_LOOK);
}

// an infusion, and two of half the amount side by side
static void make_infusions(wn_sheet *sheet, wn_record dose) {
  wn_record whole = dose;
  whole.dur = 3;
  wn_sheet_add(sheet, whole);
  wn_sheet_observe_all(sheet, N_LOOK);
  wn_sheet_person(sheet);
  whole.amt /= 2;
  wn_sheet_add(sheet, whole);
  wn_sheet_add(sheet, whole);
  wn_sheet_observe_all(sheet, N_LOOK);
}

// a series and an infusion cut short by a reset with a dose, and that dose alone
static void make_reset(wn_sheet *sheet, wn_record dose) {
  wn_record before = dose, reset = dose;
  before.ii = 5, before.addl = 20;
  wn_sheet_add(sheet, before);
  reset.evid = 4, reset.time += 24;
  wn_sheet_add(sheet, reset);
  for (int i = 0; i < N_LOOK; i++) wn_sheet_observe(sheet, reset.time + 0.37 + 1.1 * i);
  wn_sheet_person(sheet);
  wn_sheet_add(sheet, reset);
  for (int i = 0; i < N_LOOK; i++) wn_sheet_observe(sheet, reset.time + 0.37 + 1.1 * i);
}

static wn_status try_pair(wn_conform *c, const wn_trial *trial, const any_pair *pair, wn_record dose, wn_error *err) {
  wn_sheet sheet;
  wn_answer answer = {0};
  wn_agreement agreement = {0};
  wn_means means = wn_means_of(c, "auto");
  wn_sheet_open(&sheet, trial);
  pair->make(&sheet, dose);
  wn_status status = wn_sheet_close(&sheet, err);
  if (!status) status = wn_sheet_run(sheet.data, trial->param, &means, &answer, err);
  if (!status && !answer.value)
    status = wn_conform_note(c, trial, pair->what, "auto", WN_VERDICT_SHORT, answer.reason, err);
  else if (!status)
    status = note_pair(c, trial, &answer, 0, &agreement, err);
  if (!status && answer.value) status = wn_conform_found(c, trial, pair->what, answer.solver, &agreement, err);
  wn_answer_free(&answer);
  wn_sheet_free(&sheet);
  return status;
}

wn_status wn_conform_events(wn_conform *c, const wn_trial *trial, wn_error *err) {
  static const any_pair pairs[] = {{"additional doses = single doses", make_series},
                                   {"infusion = two of half the amount", make_infusions},
                                   {"reset and dose = a new individual", make_reset}};
  wn_record dose;
  c->part = "dose records";
  if (!wn_trial_dose(trial, &dose))
    return wn_conform_note(c, trial, "dose records", "auto", WN_VERDICT_SKIPPED, "nothing is given", err);
  for (int i = 0; i < 3; i++) WN_TRY(try_pair(c, trial, &pairs[i], dose, err));
  return WN_OK;
}

// conform_scenario.c - the two ways a regimen can run: as a scenario (batches of arms, an output grid) and as a data
// set (timelines of records). Invariant: both are asked for the same times.

#include "conform.h"

#include "sim/simulate.h"

#include <math.h>

enum { N_STEP = 48 };

static const char what[] = "as a scenario = as a data set";

static wn_scenario scenario_of(const wn_trial *t, wn_arm *arm) {
  *arm = (wn_arm){.label = t->name, .name = t->name, .param = t->param, .day_start = NAN};
  if (t->doses) arm->doses = *t->doses;
  return (wn_scenario){.model = t->model,
                       .name = t->name,
                       .title = t->name,
                       .caption = "",
                       .path = t->name,
                       .n_arm = 1,
                       .arm = arm,
                       .t_start = t->start,
                       .t_end = t->end,
                       .every = (t->end - t->start) / N_STEP,
                       .night_from = 23,
                       .night_to = 7};
}

// the only series of a result as a curve
static wn_status take(wn_conform *c, const wn_result *r, wn_curve *curve, wn_error *err) {
  *curve = (wn_curve){.n = r->n_time, .n_column = r->n_column, .time = r->time};
  curve->value = wn_arena_alloc(c->arena, (size_t)r->n_time * (size_t)r->n_column * sizeof(double));
  if (!curve->value) return wn_fail_memory(err);
  for (int column = 0; column < r->n_column; column++)
    for (int i = 0; i < r->n_time; i++) curve->value[i * r->n_column + column] = r->value[column * r->n_time + i];
  return WN_OK;
}

static wn_status judge(wn_conform *c, const wn_trial *trial, const wn_result *r, wn_error *err) {
  wn_sheet sheet;
  wn_answer answer = {0};
  wn_curve as_scenario, as_data;
  wn_agreement agreement = {0};
  wn_means means = wn_means_of(c, r->solver);
  wn_sheet_open(&sheet, trial);
  wn_sheet_doses(&sheet, 1, 0);
  for (int i = 0; i < r->n_time; i++) wn_sheet_observe(&sheet, r->time[i]);
  wn_status status = wn_sheet_close(&sheet, err);
  if (!status) status = wn_sheet_run(sheet.data, trial->param, &means, &answer, err);
  if (!status && !answer.value)
    status = wn_conform_note(c, trial, what, r->solver, WN_VERDICT_SHORT, answer.reason, err);
  else if (!status && !(status = take(c, r, &as_scenario, err)) &&
           !(status = wn_curve_take(c, &answer, 0, &as_data, err))) {
    wn_bound bound = wn_bound_sum(wn_bound_of(&means), wn_bound_of(&means));
    status = wn_agree(&agreement, trial, &as_scenario, &as_data, WN_PART_ALL, bound, err);
    if (!status) status = wn_conform_found(c, trial, what, r->solver, &agreement, err);
  }
  wn_answer_free(&answer);
  wn_sheet_free(&sheet);
  return status;
}

wn_status wn_conform_scenario(wn_conform *c, const wn_trial *trial, wn_error *err) {
  wn_arm arm;
  wn_scenario scenario = scenario_of(trial, &arm);
  wn_run_def def = wn_run_default();
  wn_result *result = NULL;
  wn_error words = {0};
  def.solver.rtol = c->rtol, def.solver.atol = c->atol;
  def.n_thread = 1;
  c->part = "laws";
  wn_status status = wn_simulate(&scenario, &def, &result, &words);
  if (status == WN_ERR_USER)
    status = wn_conform_note(c, trial, what, "auto", WN_VERDICT_SKIPPED, words.message, err);
  else if (status)
    status = wn_fail(err, status, "%s", words.message);
  else if (result->series[0].status)
    status = wn_conform_note(c, trial, what, result->solver, WN_VERDICT_SHORT, result->series[0].message, err);
  else
    status = judge(c, trial, result, err);
  wn_result_destroy(result);
  return status;
}

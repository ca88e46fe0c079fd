// conform_sheet.c - event tables built in memory, and runs of them. Invariant: an individual's records stand in order
// of time. A run that fails is an answer, with the reason; it is not an error.

#include "conform.h"

#include <math.h>
#include <string.h>

// more than any regimen here needs; a method that takes longer is not the one for the model
enum { MAX_STEPS = 50000 };

void wn_sheet_open(wn_sheet *sheet, const wn_trial *trial) {
  *sheet = (wn_sheet){.trial = trial};
  wn_sheet_person(sheet);
}

void wn_sheet_person(wn_sheet *sheet) {
  if (!WN_PUSH(&sheet->first, sheet->records.n)) sheet->failed = true;
}

void wn_sheet_add(wn_sheet *sheet, wn_record record) {
  if (sheet->failed || !WN_PUSH(&sheet->records, record)) {
    sheet->failed = true;
    return;
  }
  int first = sheet->first.data[sheet->first.n - 1], at = sheet->records.n - 1;
  wn_record *records = sheet->records.data;
  while (at > first && records[at - 1].time > record.time) records[at] = records[at - 1], at--;
  records[at] = record;
}

void wn_sheet_observe(wn_sheet *sheet, double time) {
  wn_sheet_add(sheet, (wn_record){.time = time, .route = -1, .state = -1});
}

// a dose of a regimen as a record; both share the durations of infusions
static wn_record record_of(const wn_dose *dose, double factor, double shift) {
  return (wn_record){.time = dose->time + shift,
                     .evid = 1,
                     .route = dose->route,
                     .state = -1,
                     .amt = factor * dose->amount,
                     .rate = factor * dose->rate,
                     .dur = dose->rate > 0 ? 0 : dose->duration,
                     .ii = dose->addl > 0 ? dose->ii : 0,
                     .addl = dose->addl};
}

bool wn_trial_dose(const wn_trial *trial, wn_record *dose) {
  for (int i = 0; trial->doses && i < trial->doses->n; i++) {
    const wn_dose *d = &trial->doses->data[i];
    if (!(d->amount > 0)) continue;
    *dose = (wn_record){.time = d->time, .evid = 1, .route = d->route, .state = -1, .amt = d->amount};
    return true;
  }
  return false;
}

void wn_sheet_doses(wn_sheet *sheet, double factor, double shift) {
  const wn_trial *t = sheet->trial;
  for (int i = 0; t->doses && i < t->doses->n; i++)
    if (t->doses->data[i].amount > 0 && t->doses->data[i].time + shift < t->end)
      wn_sheet_add(sheet, record_of(&t->doses->data[i], factor, shift));
}

void wn_sheet_observe_all(wn_sheet *sheet, int n) {
  double span = sheet->trial->end - sheet->trial->start;
  // the golden ratio's multiples fall everywhere, and on no hour
  for (int i = 0; i < n; i++)
    wn_sheet_observe(sheet, sheet->trial->start + span * (i + 0.25 + 0.5 * fmod(0.6180339887498949 * (i + 1), 1)) / n);
}

static wn_status fill(wn_sheet *sheet, wn_error *err) {
  wn_dataset *data = sheet->data;
  const wn_model *m = sheet->trial->model;
  data->path = "conform";
  data->record = sheet->records.data;
  data->n_row = sheet->records.n;
  data->first = sheet->first.data;
  data->n_subject = sheet->first.n - 1;
  const char **id = wn_arena_alloc(data->arena, (size_t)data->n_subject * sizeof *id);
  data->covariate = wn_arena_alloc(data->arena, ((size_t)data->n_row * (size_t)m->n_covariate + 1) * sizeof(double));
  if (!id || !data->covariate) return wn_fail_memory(err);
  data->id = id;
  for (int i = 0; i < data->n_subject; i++)
    if (!(id[i] = wn_arena_printf(data->arena, "%d", i + 1))) return wn_fail_memory(err);
  for (int row = 0; row < data->n_row; row++) {
    data->record[row].row = row;
    for (int k = 0; k < m->n_covariate; k++) data->covariate[row * m->n_covariate + k] = m->covariate[k].value;
  }
  for (int i = 0; i < data->n_subject; i++) {
    int bad, n = data->first[i + 1] - data->first[i];
    WN_TRY(wn_records_check(m, data->record + data->first[i], n, &bad, err));
  }
  return WN_OK;
}

wn_status wn_sheet_close(wn_sheet *sheet, wn_error *err) {
  wn_sheet_person(sheet);
  if (!sheet->failed) sheet->data = wn_dataset_create(sheet->trial->model);
  if (!sheet->data) return wn_fail_memory(err);
  return fill(sheet, err);
}

void wn_sheet_free(wn_sheet *sheet) {
  wn_dataset_destroy(sheet->data);
  WN_ARRAY_FREE(&sheet->records);
  WN_ARRAY_FREE(&sheet->first);
}

wn_means wn_means_of(const wn_conform *c, const char *solver) {
  return (wn_means){.solver = solver, .rtol = c->rtol, .atol = c->atol, .n_thread = 1};
}

// the first individual that failed speaks for the run
static void take_result(const wn_records_result *r, wn_answer *answer) {
  for (int i = 0; i < r->n_individual && !answer->reason[0]; i++)
    if (r->individual[i].status) memcpy(answer->reason, r->individual[i].message, sizeof answer->reason);
  for (int i = 0; i < r->steady.n; i++)
    answer->hours_to_95 = fmax(answer->hours_to_95, r->steady.data[i].report.hours_to_95);
  memcpy(answer->solver, r->solver, sizeof answer->solver);
}

wn_status wn_sheet_run(const wn_dataset *data, const double *param, const wn_means *means, wn_answer *answer,
                       wn_error *err) {
  wn_records_result result;
  wn_error words = {0};
  wn_records_def def = {.data = data,
                        .param = param,
                        .solver = wn_solver_default(),
                        .n_thread = means->n_thread,
                        .draw = means->draw,
                        .seed = 1};
  def.solver.name = means->solver;
  def.solver.rtol = means->rtol, def.solver.atol = means->atol;
  def.solver.max_steps = MAX_STEPS;
  *answer = (wn_answer){.data = data, .n_column = data->model->n_state + data->model->n_output};
  wn_status status = wn_records_run(&def, &result, &words);
  if (status == WN_ERR_USER || status == WN_ERR_RUN) {
    snprintf(answer->reason, sizeof answer->reason, "%.255s", words.message);
    return WN_OK;
  }
  if (status) return wn_fail(err, status, "%s", words.message);
  take_result(&result, answer);
  if (!answer->reason[0]) answer->value = result.value, result.value = NULL;
  wn_records_result_free(&result);
  return WN_OK;
}

void wn_answer_free(wn_answer *answer) {
  wn_free(answer->value);
  answer->value = NULL;
}

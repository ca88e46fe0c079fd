// data.c - run and explain with --data: a data set instead of a scenario. Invariant: the whole file is read and checked
// before anything runs, and the output has one row per record.

#include "app.h"

#include "base/text.h"
#include "io/io.h"
#include "sim/day.h"
#include "sim/records.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// What a command with --data works on.
typedef struct job {
  wn_request request;
  wn_study *study;
  wn_dataset *data;
  wn_records_def def;
} job;

// options that say something about arms, times and pictures say nothing about a data set
static wn_status refuse_others(const wn_args *args, wn_error *err) {
  static const char *const others[] = {"dose", "until", "every", "summary", "plot", "json", "watch", "n", NULL};
  for (int k = 0; others[k]; k++)
    if (wn_args_has(args, others[k]))
      return wn_fail(err, WN_ERR_USER,
                     "--%s does not go with --data: the records say when and what; try --out FILE.csv", others[k]);
  return WN_OK;
}

static wn_status read_dialect(const wn_args *args, wn_records_def *def, wn_error *err) {
  static const char *const names[] = {"nonmem", "mrgsolve", "rxode2"};
  const char *text = wn_args_value(args, "dialect");
  int dialect = text ? wn_dialect_find(text) : WN_DIALECT_NONMEM;
  if (dialect < 0) {
    const char *nearest = wn_nearest(text, names, 3);
    return wn_fail(err, WN_ERR_USER, "--dialect: expected nonmem, mrgsolve or rxode2, got \"%.60s\"%s%s", text,
                   nearest ? "; try " : "", nearest ? nearest : "");
  }
  def->dialect = (wn_dialect)dialect;
  return WN_OK;
}

static wn_status read_seed(const wn_args *args, wn_records_def *def, wn_error *err) {
  const char *text = wn_args_value(args, "seed");
  if (!text) {
    if (wn_args_has(args, "residual"))
      return wn_fail(err, WN_ERR_USER, "--residual: needs --seed, the number draws depend on");
    return WN_OK;
  }
  double seed;
  if (!wn_parse_number(text, &seed) || seed < 0 || seed > 9e15 || seed != floor(seed))
    return wn_fail(err, WN_ERR_USER, "--seed: expected a whole number from 0 on, got \"%.60s\"", text);
  def->seed = (uint64_t)seed;
  def->draw = true;
  def->residual = wn_args_has(args, "residual");
  return WN_OK;
}

static wn_status read_callfl(const wn_args *args, wn_records_def *def, wn_error *err) {
  const char *text = wn_args_value(args, "callfl");
  if (!text) return WN_OK;
  if (strcmp(text, "-1") != 0 && strcmp(text, "-2") != 0)
    return wn_fail(err, WN_ERR_USER, "--callfl: expected -1 or -2, got \"%.60s\"", text);
  def->callfl = -1;
  return WN_OK;
}

static wn_status open_job(const wn_args *args, job *j, wn_error *err) {
  *j = (job){0};
  WN_TRY(refuse_others(args, err));
  WN_TRY(wn_request_read(args, &j->request, err));
  WN_TRY(read_dialect(args, &j->def, err));
  WN_TRY(read_callfl(args, &j->def, err));
  WN_TRY(read_seed(args, &j->def, err));
  WN_TRY(wn_app_plan(args, &j->request, &j->study, err));
  if (wn_script_is_scenario(j->study->script))
    return wn_fail(err, WN_ERR_USER, "--data: %s is a scenario, which has doses of its own; try its model %s",
                   args->operand, wn_script_model(j->study->script)->name);
  const wn_model *model = wn_script_model(j->study->script);
  WN_TRY(wn_dataset_read(wn_args_value(args, "data"), model, &j->data, err));
  j->def.data = j->data;
  j->def.param = j->study->scenario->arm[0].param;
  j->def.solver = j->study->run.solver;
  j->def.n_thread = j->request.def.n_thread;
  return WN_OK;
}

static void close_job(job *j) {
  wn_dataset_destroy(j->data);
  if (j->study) wn_study_close(j->study);
}

// what a researcher must know before using the numbers
static int say_notes(const job *j, const wn_records_result *r) {
  int status = WN_EXIT_OK;
  for (int i = 0; i < r->n_individual; i++) {
    const wn_individual *individual = &r->individual[i];
    if (!individual->status) continue;
    int row = individual->row < j->data->n_row ? individual->row : j->data->n_row - 1;
    wn_app_say("%s:%d: ID %s: %s", j->data->path, j->data->line[row], j->data->id[i], individual->message);
    status = WN_EXIT_RUN;
  }
  for (int i = 0; i < r->steady.n; i++)
    if (r->steady.data[i].adds)
      wn_app_say("%s:%d: SS 2 adds a steady state to what is there; this model is not linear, so the sum is not one",
                 j->data->path, j->data->line[r->steady.data[i].row]);
  return status;
}

static wn_status write_records(const wn_args *args, const job *j, const wn_records_result *r, wn_error *err) {
  char *line = wn_request_line(args);
  if (!line) return wn_fail_memory(err);
  const char *out = wn_args_value(args, "out");
  wn_status status = out ? wn_write_records_csv(j->data, r->value, out, line, err)
                         : wn_write_records_stream(j->data, r->value, stdout, line, err);
  wn_free(line);
  return status;
}

int wn_app_run_data(const wn_args *args) {
  wn_error err = {0};
  job *j = wn_alloc(sizeof *j);
  wn_records_result r = {0};
  if (!j) return wn_fail_memory(&err), wn_app_fail(&err);
  int status = WN_EXIT_OK;
  if (open_job(args, j, &err) || wn_records_run(&j->def, &r, &err))
    status = wn_app_fail(&err);
  else {
    status = say_notes(j, &r);
    // main says what is wrong with standard output
    if (write_records(args, j, &r, &err) && !ferror(stdout)) status = wn_app_fail(&err);
  }
  wn_records_result_free(&r);
  close_job(j);
  wn_free(j);
  return status;
}

// one action in words
static void add_action(wn_columns *c, const job *j, int first, const wn_action *a) {
  const wn_model *m = j->data->model;
  const wn_record *record = &j->data->record[first + a->record];
  const char *state = a->state >= 0 ? m->state[a->state].name : "";
  const char *unit = a->state >= 0 ? m->state[a->state].unit : "", *what = "";
  switch (a->kind) {
  case WN_ACT_BOLUS: what = wn_columns_text(c, "%.6g %s into %s", a->amount, unit, state); break;
  case WN_ACT_RATE: what = wn_columns_text(c, "%s: %s receives %.6g %s/h", a->why, state, a->amount, unit); break;
  case WN_ACT_RESET: what = "all states to their initial values"; break;
  case WN_ACT_OFF: what = wn_columns_text(c, "%s is switched off and emptied", state); break;
  case WN_ACT_ON: what = wn_columns_text(c, "%s is switched on", state); break;
  case WN_ACT_STEADY: what = record->ss == 2 ? "its steady state is added" : "steady state"; break;
  default: return;
  }
  if (a->by >= 0) what = wn_columns_text(c, "%s %d", a->why, j->data->line[first + a->by]);
  const char *why = wn_columns_text(c, "record %d", j->data->line[first + a->record]);
  if (a->repeat > 0)
    why = wn_columns_text(c, "ADDL %d of %d of record %d", a->repeat, record->addl, j->data->line[first + a->record]);
  if (a->repeat < 0)
    why = wn_columns_text(c, "begun %d intervals before record %d", -a->repeat, j->data->line[first + a->record]);
  double entered = record->time + (a->repeat > 0 ? a->repeat * record->ii : 0);
  if (a->kind == WN_ACT_BOLUS && a->time > entered + 1e-9)
    why = wn_columns_text(c, "%s, lag %.6g h", why, a->time - entered);
  char clock[6];
  wn_format_clock(a->time, clock);
  wn_columns_add(c, wn_columns_text(c, "%.6g h", a->time), wn_columns_text(c, "day %d %s", wn_day_of(a->time), clock),
                 what, why);
}

static void print_steady(const job *j, const wn_records_result *r, int first, int end) {
  for (int i = 0; i < r->steady.n; i++) {
    const wn_steady_note *note = &r->steady.data[i];
    if (note->row < first || note->row >= end) continue;
    printf("  record %d: steady state to %.1g; 95 %% of it are reached after %.3g days\n", j->data->line[note->row],
           note->report.residual, note->report.hours_to_95 / 24);
  }
}

static wn_status explain_individual(const job *j, const wn_records_result *r, int i, wn_error *err) {
  wn_timeline timeline;
  WN_TRY(wn_records_timeline(&j->def, i, &timeline, err));
  int first = j->data->first[i];
  printf("ID %s\n", j->data->id[i]);
  wn_columns c;
  wn_columns_init(&c, 4, 2, "r...");
  for (int k = 0; k < timeline.action.n; k++) add_action(&c, j, first, &timeline.action.data[k]);
  wn_columns_print(&c, stdout, wn_app_columns());
  print_steady(j, r, first, j->data->first[i + 1]);
  wn_timeline_free(&timeline);
  return WN_OK;
}

// rows whose order at one time the tools see differently
static void print_ties(const job *j) {
  const wn_dataset *d = j->data;
  for (int i = 0; i < d->n_subject; i++)
    for (int row = d->first[i] + 1; row < d->first[i + 1]; row++) {
      const wn_record *before = &d->record[row - 1], *now = &d->record[row];
      bool tie = before->time == now->time && before->evid == 0 && now->evid == 1;
      if (tie)
        printf("  records %d and %d: an observation and a dose at %.6g h: before the dose in NONMEM and mrgsolve, "
               "after it "
               "in rxode2\n",
               d->line[row - 1], d->line[row], now->time);
    }
}

int wn_app_explain_data(const wn_args *args) {
  wn_error err = {0};
  job *j = wn_alloc(sizeof *j);
  wn_records_result r = {0};
  if (!j) return wn_fail_memory(&err), wn_app_fail(&err);
  int status = WN_EXIT_OK;
  if (open_job(args, j, &err) || wn_records_run(&j->def, &r, &err)) status = wn_app_fail(&err);
  for (int i = 0; !status && i < j->data->n_subject; i++)
    if (explain_individual(j, &r, i, &err)) status = wn_app_fail(&err);
  if (!status) {
    print_ties(j);
    printf("F and durations of doses that enter later are those of %s.\n",
           j->def.callfl == -1 ? "the record in force when they enter (--callfl -1)" : "their own record");
    status = say_notes(j, &r);
  }
  wn_records_result_free(&r);
  close_job(j);
  wn_free(j);
  return status;
}

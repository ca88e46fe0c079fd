// data.c - run with --data: a data set instead of a scenario. Invariant: the whole file is read and checked
// before anything runs, and the output has one row per record.

#include "data.h"

#include "base/text.h"
#include "io/io.h"
#include "io/netcdf.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

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

static bool is_netcdf(const char *path) {
  const char *dot = strrchr(path, '.');
  return dot && strcmp(dot, ".nc") == 0;
}

wn_status wn_job_open(const wn_args *args, wn_job *j, wn_error *err) {
  *j = (wn_job){0};
  WN_TRY(refuse_others(args, err));
  const char *out = wn_args_value(args, "out");
  if (out && is_netcdf(out)) WN_TRY(wn_netcdf_check(out, err));
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

void wn_job_close(wn_job *j) {
  wn_dataset_destroy(j->data);
  if (j->study) wn_study_close(j->study);
}

// the first individuals that failed, and how many more did
static int say_failures(const wn_job *j, const wn_records_result *r) {
  enum { MANY = 20 };
  int n = 0;
  for (int i = 0; i < r->n_individual; i++) {
    const wn_individual *individual = &r->individual[i];
    if (!individual->status || n++ >= MANY) continue;
    int row = individual->row < j->data->n_row ? individual->row : j->data->n_row - 1;
    wn_app_say("%s:%d: ID %s: %s", j->data->path, j->data->line[row], j->data->id[i], individual->message);
  }
  if (n > MANY) wn_app_say("... and %d more individuals", n - MANY);
  return n;
}

// a reset takes all compartments, whatever its CMT says
static void say_resets(const wn_job *j) {
  int n = 0, first = 0;
  for (int i = j->data->n_row - 1; i >= 0; i--)
    if (j->data->record[i].evid == 3 && j->data->record[i].state >= 0) first = i, n++;
  char more[64] = "";
  if (n > 1) snprintf(more, sizeof more, " (and %d more records)", n - 1);
  if (n)
    wn_app_say(
        "%s:%d%s: CMT of EVID 3 is not read: a reset takes all compartments; EVID 2 with CMT -%d switches one off",
        j->data->path, j->data->line[first], more, j->data->record[first].state + 1);
}

int wn_job_say(const wn_job *j, const wn_records_result *r) {
  say_resets(j);
  int n_failed = say_failures(j, r), n_sum = 0, row = 0;
  for (int i = r->steady.n - 1; i >= 0; i--)
    if (r->steady.data[i].adds) row = r->steady.data[i].row, n_sum++;
  char more[64] = "";
  if (n_sum > 1) snprintf(more, sizeof more, " (and %d more records)", n_sum - 1);
  if (n_sum)
    wn_app_say("%s:%d%s: SS 2 adds a steady state to what is there; this model is not linear, so the sum is not one",
               j->data->path, j->data->line[row], more);
  return n_failed ? WN_EXIT_RUN : WN_EXIT_OK;
}

static wn_status write_netcdf(const wn_job *j, const wn_records_result *r, const char *path, const char *command,
                              wn_error *err) {
  wn_arena *arena = wn_arena_create();
  wn_origin origin;
  if (!arena) return wn_fail_memory(err);
  wn_status status = wn_study_origin(j->study, command, arena, &origin, err);
  if (!status) status = wn_write_records_netcdf(j->data, r->value, path, &origin, err);
  wn_arena_destroy(arena);
  return status;
}

static wn_status write_records(const wn_args *args, const wn_job *j, const wn_records_result *r, wn_error *err) {
  char *line = wn_request_line(args);
  if (!line) return wn_fail_memory(err);
  const char *out = wn_args_value(args, "out");
  wn_status status = out && is_netcdf(out) ? write_netcdf(j, r, out, line, err)
                     : out                 ? wn_write_records_csv(j->data, r->value, out, line, err)
                                           : wn_write_records_stream(j->data, r->value, stdout, line, err);
  wn_free(line);
  return status;
}

int wn_app_run_data(const wn_args *args) {
  wn_error err = {0};
  wn_job *j = wn_alloc(sizeof *j);
  wn_records_result r = {0};
  if (!j) return wn_fail_memory(&err), wn_app_fail(&err);
  int status = WN_EXIT_OK;
  if (wn_job_open(args, j, &err) || wn_records_run(&j->def, &r, &err))
    status = wn_app_fail(&err);
  else {
    status = wn_job_say(j, &r);
    // main says what is wrong with standard output
    if (write_records(args, j, &r, &err) && !ferror(stdout)) status = wn_app_fail(&err);
  }
  wn_records_result_free(&r);
  wn_job_close(j);
  wn_free(j);
  return status;
}

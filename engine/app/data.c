// data.c - run with --data: a data set instead of a scenario, read, run and written in parts of whole individuals, so
// that memory does not grow with the file. Invariants: a mistake anywhere in the file leaves no output; the output has
// one row per record; its bytes do not depend on how the file is cut into parts.

#include "data.h"
#include "sim/verify_records.h"

#include "base/text.h"
#include "io/io.h"
#include "io/netcdf.h"
#include "sim/verify_records.h"

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

wn_status wn_job_open(const wn_args *args, wn_job *j, wn_error *err) {
  *j = (wn_job){0};
  WN_TRY(refuse_others(args, err));
  const char *out = wn_args_value(args, "out");
  if (out && wn_path_ends(out, ".nc")) WN_TRY(wn_netcdf_check(out, err));
  WN_TRY(wn_request_read(args, &j->request, err));
  WN_TRY(read_dialect(args, &j->def, err));
  WN_TRY(read_callfl(args, &j->def, err));
  WN_TRY(read_seed(args, &j->def, err));
  WN_TRY(wn_app_plan(args, &j->request, &j->study, err));
  if (wn_script_is_scenario(j->study->script))
    return wn_fail(err, WN_ERR_USER, "--data: %s is a scenario, which has doses of its own; try its model %s",
                   args->operand, wn_script_model(j->study->script)->name);
  const wn_model *model = wn_script_model(j->study->script);
  WN_TRY(wn_dataset_open(wn_args_value(args, "data"), model, &j->reader, err));
  j->def.param = j->study->scenario->arm[0].param;
  j->def.solver = j->study->run.solver;
  j->def.n_thread = j->request.def.n_thread;
  // one in a thousand, and the first
  WN_TRY(wn_app_verify_def(args, 0.001, &j->verify, err));
  j->verify.n_thread = j->def.n_thread;
  return WN_OK;
}

void wn_job_close(wn_job *j) {
  wn_dataset_close(j->reader);
  wn_dataset_destroy(j->data);
  if (j->study) wn_study_close(j->study);
  for (int i = 0; i < j->notes.failures.n; i++) wn_free(j->notes.failures.data[i]);
  WN_ARRAY_FREE(&j->notes.failures);
}

wn_status wn_job_next(wn_job *j, size_t size, wn_error *err) {
  wn_dataset_destroy(j->data);
  j->data = NULL;
  wn_status status = wn_dataset_next(j->reader, size, &j->data, err);
  j->def.data = j->data;
  return status;
}

// -- what is to be said -----------------------------------------------------------------------------------------------

// the first individuals that failed, and how many there are
static wn_status note_failures(wn_job *j, const wn_records_result *r, wn_error *err) {
  enum { MANY = 20, SIZE = 1024 };
  for (int i = 0; i < r->n_individual; i++) {
    const wn_individual *individual = &r->individual[i];
    j->notes.n_second += individual->second != NULL;
    if (!individual->status || j->notes.n_failed++ >= MANY) continue;
    int row = individual->row < j->data->n_row ? individual->row : j->data->n_row - 1;
    char line[SIZE];
    snprintf(line, SIZE, "%s:%d: ID %s: %s", j->data->path, j->data->line[row], j->data->id[i], individual->message);
    char *copy = wn_strdup(line);
    if (!copy || !WN_PUSH(&j->notes.failures, copy)) {
      wn_free(copy);
      return wn_fail_memory(err);
    }
  }
  return WN_OK;
}

wn_status wn_job_note(wn_job *j, const wn_records_result *r, wn_error *err) {
  wn_job_notes *n = &j->notes;
  for (int i = 0; i < j->data->n_row; i++) {
    const wn_record *record = &j->data->record[i];
    if (record->evid == 3 && record->state >= 0 && n->n_reset++ == 0)
      n->reset_line = j->data->line[i], n->reset_state = record->state;
  }
  for (int i = 0; i < r->steady.n; i++)
    if (r->steady.data[i].adds && n->n_sum++ == 0) n->sum_line = j->data->line[r->steady.data[i].row];
  WN_TRY(note_failures(j, r, err));
  return wn_verify_records(&j->def, r, &j->verify, &j->verdict, err);
}

// " (and 3 more records)" where there is more than one
static const char *more_words(int n, char more[64]) {
  *more = '\0';
  if (n > 1) snprintf(more, 64, " (and %d more records)", n - 1);
  return more;
}

int wn_job_say(const wn_job *j) {
  const wn_job_notes *n = &j->notes;
  const char *path = wn_dataset_path(j->reader);
  char more[64];
  // a reset takes all compartments, whatever its CMT says
  if (n->n_reset)
    wn_app_say(
        "%s:%d%s: CMT of EVID 3 is not read: a reset takes all compartments; EVID 2 with CMT -%d switches one off",
        path, n->reset_line, more_words(n->n_reset, more), n->reset_state + 1);
  for (int i = 0; i < n->failures.n; i++) wn_app_say("%s", n->failures.data[i]);
  if (n->n_second)
    wn_app_say("%d of %lld individuals solved by %s where %s gave up", n->n_second, (long long)j->verdict.n_all,
               wn_solver_second(j->def.solver.name), j->def.solver.name);
  wn_app_say_verification(&j->verdict);
  if (n->n_failed > n->failures.n) wn_app_say("... and %d more individuals", n->n_failed - n->failures.n);
  if (n->n_sum)
    wn_app_say("%s:%d%s: SS 2 adds a steady state to what is there; this model is not linear, so the sum is not one",
               path, n->sum_line, more_words(n->n_sum, more));
  return n->n_failed ? WN_EXIT_RUN : WN_EXIT_OK;
}

// -- NetCDF, which must know all of a column before it begins ---------------------------------------------------------

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

static wn_status run_netcdf(wn_job *j, const char *path, const char *command, int *exit_status, wn_error *err) {
  wn_records_result r = {0};
  WN_TRY(wn_job_next(j, SIZE_MAX, err));
  WN_TRY(wn_records_run(&j->def, &r, err));
  wn_status status = wn_job_note(j, &r, err);
  if (!status) *exit_status = wn_job_say(j);
  if (!status) status = write_netcdf(j, &r, path, command, err);
  wn_records_result_free(&r);
  return status;
}

// -- CSV, part after part ---------------------------------------------------------------------------------------------

// Characters of a part: some ten thousand records, which hundreds of lanes share.
enum { PART = 1 << 21 };

// what the first individual made auto choose is for all
static void keep_solver(wn_job *j, const wn_records_result *r) {
  for (int i = 0; wn_solver_types[i].name; i++)
    if (strcmp(wn_solver_types[i].name, r->solver) == 0) j->def.solver.name = wn_solver_types[i].name;
}

static wn_status run_part(wn_job *j, wn_outfile *file, wn_error *err) {
  wn_records_result r = {0};
  WN_TRY(wn_records_run(&j->def, &r, err));
  keep_solver(j, &r);
  wn_status status = wn_job_note(j, &r, err);
  if (!status) status = wn_put_records(file, j->data, r.value, j->def.n_thread, err);
  wn_records_result_free(&r);
  return status;
}

// (what is wrong with the stream is for whoever ends it; there is no use in going on after that)
static wn_status run_parts(wn_job *j, wn_outfile *file, const char *command, wn_error *err) {
  // the file may still have a mistake: nothing is to be seen of it then
  if (!wn_dataset_at_end(j->reader)) WN_TRY(wn_outfile_hold(file, err));
  WN_TRY(wn_put_records_head(file, j->data, command, err));
  while (j->data && !ferror(file->stream)) {
    WN_TRY(run_part(j, file, err));
    WN_TRY(wn_job_next(j, PART, err));
  }
  return WN_OK;
}

static wn_status run_csv(wn_job *j, const char *path, const char *command, int *exit_status, wn_error *err) {
  wn_outfile file = {.stream = stdout};
  WN_TRY(wn_job_next(j, PART, err));
  if (path) WN_TRY(wn_outfile_open(&file, path, err));
  wn_status status = run_parts(j, &file, command, err);
  if (status) {
    wn_outfile_abandon(&file);
    return status;
  }
  *exit_status = wn_job_say(j);
  return path ? wn_outfile_commit(&file, err) : wn_outfile_release(&file, err);
}

// main says what is wrong with standard output
static int run_data(const wn_args *args, wn_job *j) {
  wn_error err = {0};
  int exit_status = WN_EXIT_OK;
  if (wn_job_open(args, j, &err)) return wn_app_fail(&err);
  char *line = wn_request_line(args);
  if (!line) return wn_fail_memory(&err), wn_app_fail(&err);
  const char *out = wn_args_value(args, "out");
  wn_status status = out && wn_path_ends(out, ".nc") ? run_netcdf(j, out, line, &exit_status, &err)
                                                     : run_csv(j, out, line, &exit_status, &err);
  wn_free(line);
  return status ? wn_app_fail(&err) : exit_status;
}

int wn_app_run_data(const wn_args *args) {
  wn_error err = {0};
  wn_job *j = wn_alloc(sizeof *j);
  if (!j) return wn_fail_memory(&err), wn_app_fail(&err);
  int status = run_data(args, j);
  wn_job_close(j);
  wn_free(j);
  return status;
}

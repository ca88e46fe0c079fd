// wane.c - the public interface over the rooms: loading, running, reading results. Invariant: a result belongs to the
// plan it was made from, and both to the study. Planning is in study.c.

#include "study.h"

#include "base/pool.h"
#include "expr/native.h"
#include "expr/program.h"
#include "io/io.h"
#include "io/netcdf.h"
#include "script/version.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char *wn_version(void) { return WANE_VERSION; }
const char *wn_version_solver(void) { return wn_solver_library(); }
const char *wn_version_lua(void) { return wn_script_library(); }
const char *wn_version_kernels(void) { return wn_program_kernels(); }
const char *wn_version_native(void) { return wn_native_name(); }

void wn_interrupt(int on) { wn_interrupt_set(on != 0); }

static bool is_directory(const char *path) {
  struct stat info;
  return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

// <directory of the program>/WANE_DATA_DIR, as cmake --install lays it out
static bool beside_program(char path[4096]) {
  char program[3072];
  ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
  if (length <= 0) return false;
  program[length] = '\0';
  char *slash = strrchr(program, '/');
  if (!slash) return false;
  *slash = '\0';
  snprintf(path, 4096, "%s/%s", program, WANE_DATA_DIR);
  return is_directory(path);
}

wn_status wn_data_dir(char path[4096], wn_error *err) {
  const char *chosen = getenv("WANE_DATA");
  if (chosen && *chosen) {
    snprintf(path, 4096, "%.4000s", chosen);
    if (is_directory(path)) return WN_OK;
    return wn_fail(err, WN_ERR_USER, "WANE_DATA: expected the directory that holds models and plugins, got \"%.200s\"",
                   chosen);
  }
  if (beside_program(path)) return WN_OK;
  snprintf(path, 4096, "%.4000s", WANE_SOURCE_DIR);
  if (is_directory(path)) return WN_OK;
  return wn_fail(err, WN_ERR_USER, "models and plugins are not where they were installed; set WANE_DATA");
}

wn_status wn_study_open(const char *data_dir, const char *file, wn_study **study, wn_error *err) {
  char found[4096];
  *study = NULL;
  if (!data_dir) {
    WN_TRY(wn_data_dir(found, err));
    data_dir = found;
  }
  wn_study *s = wn_alloc(sizeof *s);
  if (!s) return wn_fail_memory(err);
  wn_script_env env = {data_dir};
  wn_status status = wn_script_load(&env, file, &s->script, err);
  if (status) {
    wn_free(s);
    return status;
  }
  s->run = wn_run_default();
  *study = s;
  return WN_OK;
}

void wn_study_close(wn_study *study) {
  if (!study) return;
  wn_result_destroy(study->result);
  wn_scenario_destroy(study->scenario);
  wn_planner_destroy(study->planner);
  wn_script_destroy(study->script);
  wn_free(study);
}

const char *wn_study_title(const wn_study *study) {
  return study->scenario ? study->scenario->title : wn_script_title(study->script);
}

const char *wn_study_caption(const wn_study *study) {
  const char *own = study->scenario ? study->scenario->caption : NULL;
  return own && *own ? own : wn_script_model(study->script)->caption;
}

int wn_study_is_scenario(const wn_study *study) { return wn_script_is_scenario(study->script); }

int wn_study_n_option(const wn_study *study) {
  const wn_option *options;
  return wn_script_options(study->script, &options);
}

int wn_study_n_parameter(const wn_study *study) { return wn_script_model(study->script)->n_param; }

static wn_status no_such(const char *what, int index, int n, wn_error *err) {
  return wn_fail(err, WN_ERR_USER, "%s: expected 0 to %d, got %d", what, n - 1, index);
}

wn_status wn_study_option(const wn_study *study, int index, wn_choice *choice, wn_error *err) {
  const wn_option *options;
  int n = wn_script_options(study->script, &options);
  if (index < 0 || index >= n) return no_such("index of an option", index, n, err);
  const wn_option *o = &options[index];
  *choice = (wn_choice){
      .name = o->name, .unit = o->unit, .meaning = o->meaning, .value = o->value, .low = -INFINITY, .high = INFINITY};
  return WN_OK;
}

wn_status wn_study_parameter(const wn_study *study, int index, wn_choice *choice, wn_error *err) {
  const wn_model *m = wn_script_model(study->script);
  if (index < 0 || index >= m->n_param) return no_such("index of a parameter", index, m->n_param, err);
  const wn_parameter *p = &m->param[index];
  *choice = (wn_choice){.name = p->name,
                        .unit = p->unit,
                        .meaning = p->meaning,
                        .badge = wn_badge_name(p->badge),
                        .source = p->source,
                        .value = p->value,
                        .low = p->limits.has_low ? p->limits.low : -INFINITY,
                        .high = p->limits.has_high ? p->limits.high : INFINITY,
                        .open_low = p->limits.open_low,
                        .open_high = p->limits.open_high};
  return WN_OK;
}

wn_status wn_study_run(wn_study *study, wn_error *err) {
  if (!study->scenario) return wn_fail(err, WN_ERR_USER, "nothing is planned yet; call wn_study_plan before");
  wn_result_destroy(study->result);
  study->result = NULL;
  return wn_simulate(study->scenario, &study->run, &study->result, err);
}

// -- results ----------------------------------------------------------------------------------------------------------

int wn_study_n_arm(const wn_study *study) { return study->scenario ? study->scenario->n_arm : 0; }

static const wn_arm *arm_at(const wn_study *study, int arm) {
  return arm >= 0 && arm < wn_study_n_arm(study) ? &study->scenario->arm[arm] : NULL;
}

const char *wn_study_arm_name(const wn_study *study, int arm) {
  const wn_arm *a = arm_at(study, arm);
  return a ? a->name : NULL;
}

const char *wn_study_arm_label(const wn_study *study, int arm) {
  const wn_arm *a = arm_at(study, arm);
  return a ? a->label : NULL;
}

int wn_study_n_subject(const wn_study *study) { return study->scenario ? wn_scenario_n_subject(study->scenario) : 0; }

// index of an individual's series; -1 before a run
static int find_series(const wn_study *study, int arm, int subject) {
  int n = wn_study_n_subject(study);
  bool found = study->result && arm_at(study, arm) && subject >= 1 && subject <= n;
  return found ? arm * n + subject - 1 : -1;
}

wn_status wn_study_subject_status(const wn_study *study, int arm, int subject, wn_error *err) {
  int i = find_series(study, arm, subject);
  if (i < 0) return wn_fail(err, WN_ERR_USER, "arm %d, individual %d: no result", arm, subject);
  const wn_series *series = &study->result->series[i];
  return series->status ? wn_fail(err, series->status, "%s", series->message) : WN_OK;
}

wn_status wn_study_arm_status(const wn_study *study, int arm, wn_error *err) {
  int n = wn_study_n_subject(study), failed = 0, first = 0;
  if (find_series(study, arm, 1) < 0) return wn_fail(err, WN_ERR_USER, "arm %d: no result", arm);
  for (int i = n; i >= 1; i--)
    if (wn_study_subject_status(study, arm, i, NULL)) failed++, first = i;
  if (!failed) return WN_OK;
  wn_status status = wn_study_subject_status(study, arm, first, err);
  if (n > 1) wn_fail_prefix(err, "%d of %d individuals failed; individual %d", failed, n, first);
  return status;
}

int wn_study_n_time(const wn_study *study) { return study->result ? study->result->n_time : 0; }

const double *wn_study_time(const wn_study *study) { return study->result ? study->result->time : NULL; }

int wn_study_n_column(const wn_study *study) {
  const wn_model *m = wn_script_model(study->script);
  return m->n_state + m->n_output;
}

const char *wn_study_column_name(const wn_study *study, int column) {
  const wn_model *m = wn_script_model(study->script);
  if (column < 0 || column >= m->n_state + m->n_output) return NULL;
  return column < m->n_state ? m->state[column].name : m->output[column - m->n_state].name;
}

const char *wn_study_column_unit(const wn_study *study, int column) {
  const wn_model *m = wn_script_model(study->script);
  if (column < 0 || column >= m->n_state + m->n_output) return NULL;
  return column < m->n_state ? m->state[column].unit : m->output[column - m->n_state].unit;
}

const double *wn_study_subject_column(const wn_study *study, int arm, int subject, const char *name) {
  int series = find_series(study, arm, subject);
  if (series < 0) return NULL;
  const wn_result *r = study->result;
  // an output hides a state of the same name, as it does everywhere
  int output = wn_model_find_output(r->scenario->model, name), state = wn_model_find_state(r->scenario->model, name);
  if (output >= 0) return wn_result_output(r, series, output);
  if (state < 0 || r->kept != WN_KEEP_ALL) return NULL;
  return r->value + ((size_t)series * (size_t)r->n_column + (size_t)state) * (size_t)r->n_time;
}

const double *wn_study_column(const wn_study *study, int arm, const char *name) {
  return wn_study_subject_column(study, arm, 1, name);
}

int wn_study_n_summary(const wn_study *study) { return study->result ? study->result->metrics.n : 0; }

wn_status wn_study_summary(const wn_study *study, int index, wn_summary_row *row, wn_error *err) {
  int n = wn_study_n_summary(study);
  if (index < 0 || index >= n) return no_such("row of the summary", index, n, err);
  const wn_metric *m = &study->result->metrics.data[index];
  *row = (wn_summary_row){.arm = study->result->series[m->series].arm,
                          .quantity = m->quantity,
                          .of = m->of,
                          .unit = m->unit,
                          .value = m->value,
                          .clock = m->clock,
                          .day = m->day,
                          .subject = study->result->series[m->series].subject};
  return WN_OK;
}

int wn_study_n_window(const wn_study *study) { return study->result ? study->result->windows.n : 0; }

wn_status wn_study_window(const wn_study *study, int index, wn_window_row *row, wn_error *err) {
  int n = wn_study_n_window(study);
  if (index < 0 || index >= n) return no_such("window", index, n, err);
  const wn_window *w = &study->result->windows.data[index];
  *row = (wn_window_row){.arm = study->result->series[w->series].arm,
                         .window = study->scenario->window[w->window].name,
                         .start = w->start,
                         .end = w->end,
                         .open_start = w->open_start,
                         .open_end = w->open_end,
                         .peak = w->peak,
                         .peak_time = w->peak_time,
                         .subject = study->result->series[w->series].subject};
  return WN_OK;
}

// -- files ------------------------------------------------------------------------------------------------------------

wn_status wn_write_check(wn_write_kind kind, const char *path, wn_error *err) {
  static const char *const endings[][4] = {
      {".csv", ".csv.gz", ".nc"}, {".csv", ".csv.gz", ".json"}, {".svg", ".png", ".pdf"}};
  static const char *const words[] = {".csv, .csv.gz or .nc", ".csv, .csv.gz or .json", ".svg, .png or .pdf"};
  for (int i = 0; i < 4 && endings[kind][i]; i++)
    if (wn_path_ends(path, endings[kind][i])) return wn_path_ends(path, ".nc") ? wn_netcdf_check(path, err) : WN_OK;
  return wn_fail(err, WN_ERR_USER, "expected a file ending in %s, got \"%s\"", words[kind], path);
}

wn_status wn_study_origin(const wn_study *study, const char *command, wn_arena *arena, wn_origin *origin,
                          wn_error *err) {
  const char *name, *text;
  int n = 0;
  while (wn_script_text(study->script, n, &name, &text)) n++;
  const char **list = wn_arena_alloc(arena, 2 * ((size_t)n + 1) * sizeof *list);
  if (!list) return wn_fail_memory(err);
  for (int i = 0; wn_script_text(study->script, i, &name, &text); i++) list[i] = name, list[n + i] = text;
  const wn_solver_def *solver = &study->run.solver;
  *origin = (wn_origin){command, solver->rtol, solver->atol, n, list, list + n};
  return WN_OK;
}

static wn_status write_netcdf(const wn_study *study, const char *path, const char *command, wn_error *err) {
  wn_arena *arena = wn_arena_create();
  wn_origin origin;
  if (!arena) return wn_fail_memory(err);
  wn_status status = wn_study_origin(study, command, arena, &origin, err);
  if (!status) status = wn_write_trajectories_netcdf(study->result, path, &origin, err);
  wn_arena_destroy(arena);
  return status;
}

wn_status wn_study_write(const wn_study *study, wn_write_kind kind, const char *path, const char *command,
                         wn_error *err) {
  if (!study->result) return wn_fail(err, WN_ERR_USER, "%s: there is no result yet; call wn_study_run before", path);
  WN_TRY(wn_write_check(kind, path, err));
  wn_keep kept = study->result->kept;
  if ((kind == WN_WRITE_TRAJECTORIES && kept != WN_KEEP_ALL) || (kind == WN_WRITE_PLOT && kept == WN_KEEP_NONE))
    return wn_fail(err, WN_ERR_USER, "%s: the run was asked not to keep its curves; try keep = WN_KEEP_ALL", path);
  if (kind == WN_WRITE_PLOT) return wn_study_plot(study, path, err);
  if (kind == WN_WRITE_SUMMARY) return wn_write_summary(study->result, path, study->run.n_thread, err);
  if (!command) command = "libwane";
  if (wn_path_ends(path, ".nc")) return write_netcdf(study, path, command, err);
  return wn_write_trajectories_csv(study->result, path, command, study->run.n_thread, err);
}

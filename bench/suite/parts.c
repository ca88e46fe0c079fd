// parts.c - what a person waits for: a model loaded, a scenario planned, the program's own run with a picture, and the
// bundled scenarios. Fastest of several, one thread. A scenario's answer is held against bdf at a thousandth of the
// tolerance, which shares neither integrator nor clocks with it.
#include "parts.h"
#include "study.h"
#include <dirent.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { N_ROUND = 15 };

// -- loading ----------------------------------------------------------------------------------------------------------

static wn_bench_line line_of(const char *part, const char *row, double seconds) {
  wn_bench_line line = {.n_thread = 1, .best = 1 / seconds, .median = NAN, .error = NAN, .taken = NAN, .mb = NAN};
  snprintf(line.case_name, sizeof line.case_name, "%s", part);
  snprintf(line.row, sizeof line.row, "%s", row);
  return line;
}

wn_status wn_bench_load_case(const wn_bench_settings *settings, const wn_bench_case *c, wn_script **script,
                             wn_error *err) {
  char file[PATH_MAX];
  const wn_script_env env = {.data_dir = settings->data};
  snprintf(file, sizeof file, "%.4000s/%s", settings->data, c->model);
  return wn_script_load(&env, file, script, err);
}

// loaded models must say what the equations by hand say
static wn_status load_model(const wn_bench_settings *settings, wn_bench_report *report, wn_error *err) {
  const wn_bench_case *c = wn_bench_case_find("naltrexone");
  double best = HUGE_VAL, difference = HUGE_VAL;
  for (int i = 0; i < N_ROUND; i++) {
    wn_script *script = NULL;
    const double start = wn_bench_cpu();
    WN_TRY(wn_bench_load_case(settings, c, &script, err));
    best = fmin(best, wn_bench_cpu() - start);
    double param[WN_BENCH_MAX_PARAM], rate[WN_BENCH_MAX_RATE], y[WN_BENCH_MAX_STATE];
    wn_bench_subject(c, 0, param);
    c->prepare(param, rate);
    c->initial(rate, y);
    const wn_status status = wn_bench_same_equations(c, wn_script_model(script), y, 1, &difference, err);
    wn_script_destroy(script);
    if (status) return status;
  }
  if (wn_bench_is_spoilt(settings, "loading")) difference += 1;
  wn_bench_line line = line_of("loading", "load naltrexone", best);
  line.error = difference;
  return wn_bench_report_part(report, &line, difference < 1e-11,
                              "traced, differentiated, lowered; equations and Jacobian as by hand")
             ? WN_OK
             : wn_fail_memory(err);
}

static wn_status plan_scenario(const wn_bench_settings *settings, wn_bench_report *report, wn_error *err) {
  double open = HUGE_VAL, plan = HUGE_VAL;
  int n_arm = 0;
  wn_study_def def = wn_study_default();
  def.n_thread = 1;
  for (int i = 0; i < N_ROUND; i++) {
    wn_study *study = NULL;
    double start = wn_bench_cpu();
    WN_TRY(wn_study_open(settings->data, "standard_vs_low", &study, err));
    open = fmin(open, wn_bench_cpu() - start);
    start = wn_bench_cpu();
    const wn_status status = wn_study_plan(study, &def, err);
    plan = fmin(plan, wn_bench_cpu() - start);
    n_arm = wn_study_n_arm(study);
    wn_study_close(study);
    if (status) return status;
  }
  const wn_bench_line opened = line_of("loading", "open standard_vs_low", open);
  const wn_bench_line planned = line_of("loading", "plan standard_vs_low", plan);
  return wn_bench_report_part(report, &opened, n_arm == 2, "two arms") &&
                 wn_bench_report_part(report, &planned, n_arm == 2, "two arms")
             ? WN_OK
             : wn_fail_memory(err);
}

static int option_of(const wn_study *study, const char *name) {
  const wn_option *option;
  const int n = wn_script_options(study->script, &option);
  for (int i = 0; i < n; i++)
    if (strcmp(option[i].name, name) == 0) return i;
  return -1;
}

// how many of the points have the dose they ask for
static wn_status plan_each(wn_study *study, const wn_study_def *def, int n, int *n_right, wn_error *err) {
  const int option = option_of(study, "low_dose");
  for (int i = 0; i < n; i++) {
    const double dose = 1 + 9.0 * i / n;
    wn_scenario *scenario;
    WN_TRY(wn_study_plan_at(study, def, &option, &dose, 1, &scenario, err));
    *n_right += scenario->n_arm == 2 && scenario->arm[0].doses.data[0].amount == dose;
    wn_scenario_destroy(scenario);
  }
  return WN_OK;
}

// what a sweep over an option does for every point but simulate it
static wn_status plan_points(const wn_bench_settings *settings, wn_bench_report *report, wn_error *err) {
  const int n = settings->is_quick ? 100 : 1000;
  wn_study *study = NULL;
  wn_study_def def = wn_study_default();
  int n_right = 0;
  double best = HUGE_VAL;
  def.n_thread = def.n = 1, def.brief = 1, def.keep = WN_KEEP_NONE;
  WN_TRY(wn_study_open(settings->data, "standard_vs_low", &study, err));
  wn_status status = wn_study_prepare(study, &def, err);
  for (int i = 0; i < N_ROUND && !status; i++) {
    const double start = wn_bench_cpu();
    status = plan_each(study, &def, n, &n_right, err);
    best = fmin(best, wn_bench_cpu() - start);
  }
  wn_study_close(study);
  if (status) return status;
  const wn_bench_line line = line_of("loading", "plan a point of a sweep", best / n);
  return wn_bench_report_part(report, &line, n_right == n * N_ROUND, "each with the low dose it asks for")
             ? WN_OK
             : wn_fail_memory(err);
}

// the program beside this one; false: it is not there
static bool find_wane(char path[PATH_MAX]) {
  const ssize_t length = readlink("/proc/self/exe", path, PATH_MAX - 8);
  if (length <= 0) return false;
  path[length] = '\0';
  char *slash = strrchr(path, '/');
  if (!slash) return false;
  strcpy(slash, "/wane");
  return access(path, X_OK) == 0;
}

// exit status as wait() has it, and the processor time it took
static int run_program(const char *program, const char *picture, double *seconds) {
  struct rusage usage;
  const pid_t child = fork();
  int status = -1;
  if (child == 0) {
    if (!freopen("/dev/null", "w", stdout)) _exit(127);
    execl(program, "wane", "run", "standard_vs_low", "--plot", picture, "--threads", "1", (char *)NULL);
    _exit(127);
  }
  if (child < 0 || wait4(child, &status, 0, &usage) < 0) return -1;
  *seconds = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
             1e-6 * (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
  return status;
}

// a picture is there and whole
static bool is_picture(const char *path) {
  char end[16] = "";
  FILE *file = fopen(path, "r");
  if (!file) return false;
  if (!fseek(file, -8, SEEK_END)) end[fread(end, 1, sizeof end - 1, file)] = '\0';
  fclose(file);
  return strstr(end, "</svg>") != NULL;
}

// all of `wane run`: start, load, simulate, table, picture
static wn_status run_wane(const wn_bench_settings *settings, wn_bench_report *report, wn_error *err) {
  char program[PATH_MAX], picture[PATH_MAX];
  char how[96];
  double best = HUGE_VAL, clock = HUGE_VAL, seconds = HUGE_VAL;
  bool is_right = true;
  if (!find_wane(program)) return WN_OK;
  snprintf(picture, sizeof picture, "%.4000s/standard_vs_low.svg", settings->cache);
  setenv("WANE_DATA", settings->data, 1);
  for (int i = 0; i < (settings->is_quick ? 3 : N_ROUND) && is_right; i++) {
    unlink(picture);
    fflush(stdout);
    const double start = wn_bench_clock();
    const int status = run_program(program, picture, &seconds);
    clock = fmin(clock, wn_bench_clock() - start), best = fmin(best, seconds);
    is_right = status == 0 && is_picture(picture);
  }
  unlink(picture);
  snprintf(how, sizeof how, "%.1f ms by the clock; exit status 0, a whole picture", 1e3 * clock);
  const wn_bench_line line = line_of("loading", "wane run standard_vs_low --plot", best);
  return wn_bench_report_part(report, &line, is_right, how) ? WN_OK : wn_fail_memory(err);
}

wn_status wn_bench_loading(const wn_bench_settings *settings, wn_bench_report *report, wn_error *err) {
  printf("\nloading\n");
  WN_TRY(load_model(settings, report, err));
  WN_TRY(plan_scenario(settings, report, err));
  WN_TRY(plan_points(settings, report, err));
  return run_wane(settings, report, err);
}

// -- scenarios --------------------------------------------------------------------------------------------------------

static wn_status simulate(wn_study *study, const char *solver, double rtol, double atol, wn_error *err) {
  wn_study_def def = wn_study_default();
  def.n_thread = 1;
  def.solver = solver, def.rtol = rtol, def.atol = atol;
  WN_TRY(wn_study_plan(study, &def, err));
  WN_TRY(wn_study_run(study, err));
  const wn_result *result = study->result;
  for (int i = 0; i < result->n_series; i++)
    if (result->series[i].status) return wn_fail(err, WN_ERR_RUN, "%s", result->series[i].message);
  return WN_OK;
}

// the largest difference of two runs, relative to each column's peak over all series; infinite if one is not a number
static double difference_of(const wn_result *a, const wn_result *b) {
  double worst = 0;
  if (a->n_series != b->n_series || a->n_column != b->n_column || a->n_time != b->n_time) return HUGE_VAL;
  const size_t n_time = (size_t)a->n_time, n_column = (size_t)a->n_column;
  for (size_t column = 0; column < n_column; column++) {
    double peak = 0, off = 0;
    for (size_t series = 0; series < (size_t)a->n_series; series++)
      for (size_t k = 0; k < n_time; k++) {
        const size_t at = (series * n_column + column) * n_time + k;
        if (isnan(a->value[at]) && isnan(b->value[at])) continue;
        const double here = fabs(a->value[at] - b->value[at]);
        peak = fmax(peak, fabs(b->value[at]));
        off = here <= off ? off : isnan(here) ? HUGE_VAL : here;
      }
    if (off > 0) worst = fmax(worst, off / peak);
  }
  return worst;
}

// the fastest of several runs, after which the result of the last is there
static wn_status time_runs(const wn_bench_settings *settings, wn_study *study, double *best, wn_error *err) {
  *best = HUGE_VAL;
  const double begun = wn_bench_clock();
  for (int i = 0; i < N_ROUND && (i < 2 || wn_bench_clock() - begun < settings->seconds); i++) {
    wn_study_def def = wn_study_default();
    def.n_thread = 1;
    WN_TRY(wn_study_plan(study, &def, err));
    const double start = wn_bench_cpu();
    WN_TRY(wn_study_run(study, err));
    *best = fmin(*best, wn_bench_cpu() - start);
  }
  return WN_OK;
}

static wn_status compare(const wn_bench_settings *settings, const char *name, wn_study *study, wn_study *check,
                         wn_bench_line *line, char how[160], wn_error *err) {
  double best;
  WN_TRY(time_runs(settings, study, &best, err));
  WN_TRY(simulate(check, "bdf", 1e-9, 1e-12, err));
  wn_result *result = study->result;
  if (wn_bench_is_spoilt(settings, name)) result->value[0] += 1e6;
  *line = line_of("scenarios", name, best);
  line->rtol = 1e-6, line->atol = 1e-9, line->error = difference_of(result, check->result);
  snprintf(how, 160, "%d series by %s", result->n_series, result->solver);
  return WN_OK;
}

static wn_status run_scenario(const wn_bench_settings *settings, const char *name, wn_bench_report *report,
                              wn_error *err) {
  wn_study *study = NULL, *check = NULL;
  wn_bench_line line;
  char how[160];
  wn_status status = wn_study_open(settings->data, name, &study, err);
  if (!status) status = wn_study_open(settings->data, name, &check, err);
  if (!status) status = compare(settings, name, study, check, &line, how, err);
  if (!status && !wn_bench_report_part(report, &line, line.error < 1e-3, how)) status = wn_fail_memory(err);
  wn_study_close(study);
  wn_study_close(check);
  return status;
}

static int is_plugin(const struct dirent *entry) {
  const size_t length = strlen(entry->d_name);
  return entry->d_name[0] != '.' && length > 4 && strcmp(entry->d_name + length - 4, ".lua") == 0;
}

// One that fails is shown as such and does not end the others.
wn_status wn_bench_scenarios(const wn_bench_settings *settings, wn_bench_report *report, wn_error *err) {
  char folder[PATH_MAX];
  struct dirent **entry = NULL;
  printf("\nscenarios as bundled, all outputs, windows and metrics; against bdf at 1e-9, relative to each peak\n");
  snprintf(folder, sizeof folder, "%.4000s/plugins", settings->data);
  const int n = settings->is_quick ? 0 : scandir(folder, &entry, is_plugin, alphasort);
  if (n < 0) return wn_fail(err, WN_ERR_IO, "%s: cannot be read", folder);
  if (settings->is_quick) return run_scenario(settings, "standard_vs_low", report, err);
  for (int i = 0; i < n; i++) {
    char name[64];
    wn_error why = {0};
    snprintf(name, sizeof name, "%.*s", (int)strlen(entry[i]->d_name) - 4, entry[i]->d_name);
    if (run_scenario(settings, name, report, &why)) {
      printf("  %-36s FAILED: %s\n", name, why.message);
      report->n_wrong++, report->n_checked++;
    }
    free(entry[i]);
  }
  free(entry);
  return WN_OK;
}

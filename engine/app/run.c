// run.c - wane run: simulate a scenario or a model with doses, write what was asked for, show the table. Invariant:
// what cannot be written is refused before the simulation, as far as can be known then.

#include "app.h"

#include "base/pool.h"
#include "io/io.h"

#include <string.h>
#include <unistd.h>

static const wn_flag flags[] = {
    {"set", "NAME=VALUE", "a model parameter or scenario option, VALUE with or without unit", true},
    {"hypothesis", "NAME", "one of the model's named parameter sets", false},
    {"dose", "TEXT", "a regimen for a bare model: \"4.5 mg into GUT at 22:00 every 24h for 28d\"", true},
    {"data", "RECORDS.csv", "NONMEM-style dose records, may be .gz; one output row per record", false},
    {"dialect", "NAME", "nonmem, mrgsolve or rxode2: whose tie and covariate rules --data follows; default nonmem",
     false},
    {"callfl", "-1", "F and duration of late doses are those of the record in force, as in NONMEM with CALLFL -1 or -2",
     false},
    {"n", "N", "individuals in every arm, the same people, as the model says they differ; default the typical one",
     false},
    {"seed", "S", "which people --n draws, default 1; with --data, draw its individuals, which are typical without it",
     false},
    {"residual", NULL, "with --data and --seed: observations carry the model's residual error", false},
    {"until", "TIME", "how far; default the scenario's own, or the last dose + 24 h", false},
    {"every", "STEP", "the spacing of the trajectories' rows", false},
    {"solver", "NAME", "auto, exact, taylor, rk, rosenbrock, bdf or explicit; default auto", false},
    {"rtol", "X", "relative tolerance; default 1e-6", false},
    {"atol", "X", "absolute tolerance in each state's unit; default 1e-9", false},
    {"threads", "N", "default all cores; the results are the same for any number", false},
    {"verify", "SHARE",
     "of the simulations, all, off or a share like 0.01, to the end against CVODE; default what 40 ms of work allow",
     false},
    {"out", "FILE", "the trajectories: arm, subject, time, clock, states, outputs; .csv, .csv.gz, or .nc for NetCDF",
     false},
    {"summary", "FILE", "metrics and windows, one row each; .csv, .csv.gz or .json", false},
    {"plot", "FILE", "the picture; .svg, .png or .pdf", true},
    {"sensitivity", "local", "how much every metric and window edge moves when a parameter moves a little", false},
    {"with", "NAME,...", "by which parameters; default all that the results depend on", false},
    {"top", "N", "of how many parameters the table tells, default 5; --out FILE.csv has all", false},
    {"show", "METRIC", "with --sensitivity local --plot: what the bars are about, like hours_per_day.blockade", false},
    {"json", NULL, "the summary as JSON on standard output instead of the table", false},
    {"quiet", NULL, "no table", false},
    {"watch", NULL, "run again whenever the Lua file, its model or its parts are saved", false},
    {0},
};

// One file to write.
typedef struct target {
  wn_write_kind kind;
  const char *option, *path;
} target;

typedef struct targets {
  target list[WN_MAX_GIVEN];
  int n;
} targets;

static wn_status add_target(targets *all, wn_write_kind kind, const char *option, const char *path, wn_error *err) {
  if (wn_write_check(kind, path, err)) return wn_fail_prefix(err, "--%s", option);
  for (int i = 0; i < all->n; i++)
    if (strcmp(all->list[i].path, path) == 0)
      return wn_fail(err, WN_ERR_USER, "--%s: %s is already written by --%s", option, path, all->list[i].option);
  all->list[all->n++] = (target){kind, option, path};
  return WN_OK;
}

static wn_status read_targets(const wn_args *args, targets *all, wn_error *err) {
  static const char *const options[] = {"out", "summary", "plot"};
  static const wn_write_kind kinds[] = {WN_WRITE_TRAJECTORIES, WN_WRITE_SUMMARY, WN_WRITE_PLOT};
  all->n = 0;
  for (int k = 0; k < 3; k++)
    for (int i = 0; i < args->n; i++)
      if (strcmp(args->given[i].flag->name, options[k]) == 0)
        WN_TRY(add_target(all, kinds[k], options[k], args->given[i].value, err));
  for (int i = 0; i < all->n; i++) WN_TRY(wn_app_check_place(all->list[i].path, err));
  return WN_OK;
}

// every file that can be written is; the first that cannot decides the exit status
static int write_targets(const wn_args *args, const wn_study *study, const targets *all) {
  int status = WN_EXIT_OK;
  wn_error err = {0};
  char *line = wn_request_line(args);
  if (!line) return wn_fail_memory(&err), wn_app_fail(&err);
  for (int i = 0; i < all->n; i++) {
    if (wn_interrupt_get()) {
      wn_fail(&err, WN_ERR_INTERRUPT, "interrupted");
      status = wn_app_fail(&err);
      break;
    }
    if (!wn_study_write(study, all->list[i].kind, all->list[i].path, line, &err)) continue;
    int failed = wn_app_fail(&err);
    if (!status) status = failed;
  }
  wn_free(line);
  return status;
}

static int show(const wn_args *args, const wn_study *study) {
  wn_error err = {0};
  if (wn_args_has(args, "quiet")) return WN_EXIT_OK;
  wn_status status = wn_args_has(args, "json") ? wn_write_json(study->result, stdout, &err)
                                               : wn_write_table(study->result, stdout, wn_app_columns(), &err);
  // main says what is wrong with standard output
  if (!status || ferror(stdout)) return WN_EXIT_OK;
  return wn_app_fail(&err);
}

static int say_failures(const wn_study *study) {
  int status = WN_EXIT_OK;
  char second[160];
  wn_result_seconds_words(study->result, second);
  if (*second) wn_app_say("%s", second);
  for (int i = 0; i < wn_study_n_arm(study); i++) {
    wn_error err = {0};
    if (!wn_study_arm_status(study, i, &err)) continue;
    wn_app_say("arm %s: %s", wn_study_arm_name(study, i), err.message);
    status = WN_EXIT_RUN;
  }
  return status;
}

// of many individuals only what is asked for is kept; of one everything is, for it is little
static void choose_kept(const wn_args *args, wn_study_def *def) {
  if (def->n == 1) return;
  def->keep = wn_args_has(args, "out") ? WN_KEEP_ALL : wn_args_has(args, "plot") ? WN_KEEP_WATCHED : WN_KEEP_NONE;
  def->brief = !wn_args_has(args, "summary") && !wn_args_has(args, "json");
}

static int simulate(const wn_args *args, const wn_request *request, const targets *all, const wn_verify_def *verify) {
  wn_error err = {0};
  wn_study *study;
  if (wn_app_plan(args, request, &study, &err)) return wn_app_fail(&err);
  int status;
  // what is piped is the same every time, as files are
  const bool to_files = all->n > 0 || !isatty(STDOUT_FILENO);
  if (wn_app_check_doses(args, study, &err) || wn_study_run(study, &err) ||
      wn_app_verify_study(study, verify, to_files, &err)) {
    status = wn_app_fail(&err);
  } else {
    status = write_targets(args, study, all);
    int shown = status == WN_EXIT_INTERRUPT ? status : show(args, study);
    int failed = say_failures(study);
    if (!status) status = shown ? shown : failed;
  }
  wn_study_close(study);
  return status;
}

static int run_once(const wn_args *args) {
  wn_error err = {0};
  wn_request *request = wn_alloc(sizeof *request);
  targets *all = wn_alloc(sizeof *all);
  wn_verify_def verify;
  int status;
  if (!request || !all)
    wn_fail_memory(&err), status = wn_app_fail(&err);
  else if (wn_request_read(args, request, &err) || read_targets(args, all, &err) ||
           wn_app_verify_def(args, 1, &verify, &err))
    status = wn_app_fail(&err);
  else {
    choose_kept(args, &request->def);
    // of many people a few say as much
    if (!wn_args_has(args, "verify") && request->def.n > 1) verify.share = 1.0 / request->def.n;
    status = simulate(args, request, all, &verify);
  }
  wn_free(request);
  wn_free(all);
  return status;
}

static int run(const wn_args *args) {
  if (wn_args_has(args, "json") && wn_args_has(args, "quiet")) {
    wn_app_say("run: --json and --quiet contradict each other");
    return WN_EXIT_USER;
  }
  const char *sensitivity = wn_args_value(args, "sensitivity");
  if (sensitivity && strcmp(sensitivity, "local") == 0) return wn_app_local(args);
  if (sensitivity) {
    wn_app_say("run: --sensitivity: expected local, got \"%.40s\"; of the global ones wane sweep tells", sensitivity);
    return WN_EXIT_USER;
  }
  if (wn_args_has(args, "with") || wn_args_has(args, "top") || wn_args_has(args, "show")) {
    wn_app_say("run: --with, --top and --show say what --sensitivity local shows; add it");
    return WN_EXIT_USER;
  }
  if (wn_args_has(args, "data")) return wn_app_run_data(args);
  if (wn_args_has(args, "residual")) {
    wn_app_say("run: --residual: only the observations of a data set carry residual errors; add --data FILE.csv");
    return WN_EXIT_USER;
  }
  return wn_args_has(args, "watch") ? wn_app_watch(args, run_once) : run_once(args);
}

const wn_command wn_command_run = {
    .name = "run",
    .operand = "FILE",
    .summary = "simulate a scenario plugin, or a model with doses; show the arms side by side",
    .text = "Simulate a scenario plugin, or a model with doses. Shows a table of the arms side by side.\n\n"
            "  wane run standard_vs_low --plot arms.svg --summary arms.csv\n"
            "  wane run standard_vs_low --set low_dose=3 --hypothesis H2\n"
            "  wane run standard_vs_low --n 200 --plot people.svg\n"
            "  wane run pk1 --dose \"100 mg into GUT at 08:00 every 12h for 3d\" --set CL=2 --out pk1.csv",
    .flags = flags,
    .run = run,
};

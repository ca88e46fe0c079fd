// sweep.c - wane sweep: many simulations of one scenario, in shards that survive whatever ends the process. Invariant:
// what can be refused is refused before the first simulation; what was done is never lost.

#include "app.h"

#include "base/pool.h"
#include "progress.h"
#include "sweep/file.h"
#include "sweeping.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const wn_flag flags[] = {
    {"vary", "NAME=LO:HI:N", "N even steps; =a,b,c a list; =log:LO:HI:N; =22:00:02:00:9 clock times", true},
    {"draw", "NAME~DISTRIBUTION", "a random input: ~lognormal(MEAN,CV), ~normal(MEAN,SD), ~uniform(LO,HI)", true},
    {"correlate", "A,B=R", "the correlation of two drawn inputs", true},
    {"sample", "NAME", "grid, random, lhs or sobol; default grid when only --vary is given, else sobol", false},
    {"sensitivity", "NAME",
     "sobol (--n base rows) or morris (--n trajectories): indices of every metric and input; local: derivatives",
     false},
    {"with", "NAME,...", "with --sensitivity local: by which parameters; default all that matter", false},
    {"top", "N", "with --sensitivity local: of how many parameters the table tells, default 5", false},
    {"n", "N", "number of draws, default 1024; every cell of the grid has the same", false},
    {"seed", "S", "of the draws and the individuals; default 1", false},
    {"individuals", "M",
     "people at every point, the same everywhere, as the model says they differ; default the typical one", false},
    {"keep", "WHAT", "summary: metrics of every run (default); quantiles: also of the curves; all: also the curves",
     false},
    {"set", "NAME=VALUE", "a model parameter or scenario option, VALUE with or without unit", true},
    {"hypothesis", "NAME", "one of the model's named parameter sets", false},
    {"dose", "TEXT", "a regimen for a bare model: \"4.5 mg into GUT at 22:00 every 24h for 28d\"", true},
    {"until", "TIME", "how far; default the scenario's own, or the last dose + 24 h", false},
    {"every", "STEP", "the spacing of kept curves", false},
    {"solver", "NAME", "auto, exact, taylor, rk, rosenbrock, bdf or explicit; default auto, decided at the first point",
     false},
    {"rtol", "X", "relative tolerance; default 1e-6", false},
    {"atol", "X", "absolute tolerance in each state's unit; default 1e-9", false},
    {"threads", "N", "default all cores; the results are the same for any number", false},
    {"verify", "SHARE", "of the points, all, off or a share like 0.01, against CVODE; default 0.0002, at most 200",
     false},
    {"resume", NULL, "go on with what an interrupted sweep left in FILE.sweep", false},
    {"shard", "I/N", "only the I-th of N shares of the work; `wane merge` puts them together", false},
    {"out", "FILE", "one row per point, individual and arm: .csv, .csv.gz, or .nc for NetCDF; default standard output",
     false},
    {"plot", "FILE", "metrics against what is varied, or the map of a scenario's goal; .svg, .png or .pdf", false},
    {"show", "METRIC,...",
     "which metrics the picture shows; on a map the second one as lines; with --keep quantiles which curves", false},
    {"quiet", NULL, "no progress", false},
    {0},
};

// what the options ask for
typedef struct request {
  wn_request study;
  wn_sweeping_def def;
  const char *vary[WN_MAX_GIVEN], *draw[WN_MAX_GIVEN], *correlate[WN_MAX_GIVEN];
  char *line;
  const char *plot, *show;
  wn_ranks *ranks;  // NULL: alone
  wn_verify_def verify;
  wn_verification verification;
  wn_progress_line progress;
} request;

// -- options --------------------------------------------------------------------------------------------------------

// a whole number in [from, to]
static wn_status read_whole(const wn_args *args, const char *name, const char *expected, double from, double to,
                            double *value, wn_error *err) {
  WN_TRY(wn_app_number(args, name, expected, value, err));
  if (!wn_args_has(args, name) || (*value >= from && *value <= to && *value == floor(*value))) return WN_OK;
  return wn_fail(err, WN_ERR_USER, "--%s: expected %s, got \"%.60s\"", name, expected, wn_args_value(args, name));
}

static wn_status read_part(const wn_args *args, wn_sweeping_def *def, wn_error *err) {
  const char *text = wn_args_value(args, "shard");
  if (!text) return WN_OK;
  int part = 0, n = 0, length = 0;
  bool read = sscanf(text, "%d/%d%n", &part, &n, &length) == 2 && text[length] == '\0';
  if (!read || n < 1 || part < 1 || part > n)
    return wn_fail(err, WN_ERR_USER, "--shard: expected I/N with I from 1 to N, like 3/16, got \"%.60s\"", text);
  def->part = part - 1, def->n_part = n;
  return WN_OK;
}

static wn_status read_keep(const wn_args *args, wn_sweeping_def *def, wn_error *err) {
  const char *text = wn_args_value(args, "keep");
  int keep = text ? wn_sweep_keep_find(text) : WN_SWEEP_SUMMARY;
  if (keep < 0) return wn_fail(err, WN_ERR_USER, "--keep: expected summary, quantiles or all, got \"%.60s\"", text);
  def->keep = (wn_sweep_keep)keep;
  return WN_OK;
}

// the result must be an ordinary file, for its shards stand in a folder beside it
static wn_status read_out(const wn_args *args, wn_sweeping_def *def, wn_error *err) {
  struct stat info;
  def->out = wn_args_value(args, "out");
  def->resume = wn_args_has(args, "resume");
  if (!def->out) {
    const char *needs = def->resume               ? "resume"
                        : def->n_part > 1         ? "shard"
                        : def->keep               ? "keep"
                        : def->design.sensitivity ? "sensitivity"
                                                  : NULL;
    if (def->ranks) return wn_fail(err, WN_ERR_USER, "sweep: several ranks meet in a file's folder: needs --out FILE");
    return needs ? wn_fail(err, WN_ERR_USER, "--%s: needs --out FILE", needs) : WN_OK;
  }
  if (wn_sweep_write_check(def->out, err)) return wn_fail_prefix(err, "--out");
  if (stat(def->out, &info) == 0 && !S_ISREG(info.st_mode))
    return wn_fail(err, WN_ERR_IO, "%s: cannot write: %s", def->out,
                   S_ISDIR(info.st_mode) ? strerror(EISDIR) : "not an ordinary file");
  return wn_app_check_place(def->out, err);
}

static wn_status check_asked(const wn_args *args, wn_error *err) {
  if (wn_args_has(args, "vary") || wn_args_has(args, "draw") || wn_args_has(args, "individuals")) return WN_OK;
  return wn_fail(err, WN_ERR_USER, "sweep: expected what differs: --vary, --draw or --individuals");
}

static wn_status read_plot(const wn_args *args, request *r, wn_error *err) {
  r->plot = wn_args_value(args, "plot"), r->show = wn_args_value(args, "show");
  if (r->show && !r->plot) return wn_fail(err, WN_ERR_USER, "--show: needs --plot FILE.svg");
  if (!r->plot) return WN_OK;
  if (r->def.n_part > 1)
    return wn_fail(err, WN_ERR_USER, "--plot: a share is not the whole; `wane merge` takes --plot");
  if (wn_write_check(WN_WRITE_PLOT, r->plot, err)) return wn_fail_prefix(err, "--plot");
  return wn_app_check_place(r->plot, err);
}

static wn_status read_request(const wn_args *args, request *r, wn_error *err) {
  WN_TRY(check_asked(args, err));
  r->def = wn_sweeping_default();
  r->def.ranks = r->ranks;
  wn_design_def *design = &r->def.design;
  WN_TRY(wn_request_read(args, &r->study, err));
  r->def.study = r->study.def;
  double n = 0, seed = 1, people = 0;
  WN_TRY(read_whole(args, "n", "a whole number of draws from 1 to 1e12", 1, 1e12, &n, err));
  WN_TRY(read_whole(args, "seed", "a whole number from 0 on", 0, 9e15, &seed, err));
  WN_TRY(read_whole(args, "individuals", "a whole number from 1 to 1000000", 1, 1e6, &people, err));
  design->vary = r->vary, design->n_vary = wn_args_values(args, "vary", r->vary);
  design->draw = r->draw, design->n_draw = wn_args_values(args, "draw", r->draw);
  design->correlate = r->correlate, design->n_correlate = wn_args_values(args, "correlate", r->correlate);
  design->sample = wn_args_value(args, "sample");
  design->sensitivity = wn_args_value(args, "sensitivity");
  design->n = (int64_t)n, design->seed = (uint64_t)seed;
  r->def.n_person = (int)people;
  WN_TRY(read_part(args, &r->def, err));
  WN_TRY(read_keep(args, &r->def, err));
  WN_TRY(read_out(args, &r->def, err));
  WN_TRY(read_plot(args, r, err));
  WN_TRY(wn_app_verify_def(args, 0.0002, &r->verify, err));
  r->def.command = r->line = wn_request_line(args);
  if (!r->line) return wn_fail_memory(err);
  r->def.progress = wn_progress_show, r->def.progress_context = &r->progress;
  return WN_OK;
}

// -- Ctrl-C ---------------------------------------------------------------------------------------------------------

// the first time shards under way are finished, the second time nothing is
static void on_signal(int number) {
  static const char words[] = "\nwane: finishing what is under way; again to stop at once\n";
  (void)number;
  if (wn_stop_get()) {
    wn_interrupt_set(true);
  } else {
    wn_stop_set(true);
    if (isatty(STDERR_FILENO) && write(STDERR_FILENO, words, sizeof words - 1) < 0) return;
  }
}

static void catch_signals(void) {
  struct sigaction action = {.sa_handler = on_signal};
  sigaction(SIGINT, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
}

// -- words ----------------------------------------------------------------------------------------------------------

// the command again, as a shell takes it
static void print_command(const wn_args *args, FILE *stream) {
  fprintf(stream, "wane %s %s", args->command->name, args->operand);
  for (int i = 0; i < args->n; i++) {
    const char *value = args->given[i].value;
    fprintf(stream, " --%s", args->given[i].flag->name);
    if (!value) continue;
    bool plain = value[strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=,+%")] == 0;
    fprintf(stream, plain ? " %s" : " '%s'", value);
  }
  if (!wn_args_has(args, "resume")) fputs(" --resume", stream);
}

static int say_stopped(const wn_args *args, const request *r, const wn_sweep *sweep) {
  wn_sweep_progress p = wn_sweep_state(sweep);
  if (!r->def.out) {
    wn_app_say("interrupted");
    return WN_EXIT_INTERRUPT;
  }
  fprintf(stderr, "wane: interrupted after %d of %d shards; go on with: ", p.n_done, p.n_shard);
  print_command(args, stderr);
  fputc('\n', stderr);
  return WN_EXIT_INTERRUPT;
}

// where the indices are
static void say_indices(const request *r) {
  if (!r->def.design.sensitivity || r->def.n_part > 1) return;
  char *path = wn_sweep_beside(r->def.out, "indices");
  if (path) wn_app_say("sensitivity indices of every metric -> %s", path);
  wn_free(path);
}

static int say_done(const wn_args *args, request *r, const wn_sweeping *sweeping) {
  wn_sweep_progress p = wn_sweep_state(wn_sweeping_sweep(sweeping));
  const wn_manifest *m = wn_sweep_manifest(wn_sweeping_sweep(sweeping));
  char took[32];
  double elapsed = wn_progress_elapsed(&r->progress);
  wn_progress_duration(elapsed, took);
  if (!wn_args_has(args, "quiet")) {
    char words[200];
    wn_verification_words(&r->verification, words);
    wn_app_say("%lld points, %lld simulations in %s (%.0f/s)%s%s%s%s", (long long)m->n_point, (long long)p.n_run, took,
               elapsed > 0 ? (double)p.n_run / elapsed : 0, r->def.out ? " -> " : "", r->def.out ? r->def.out : "",
               *words ? "; " : "", words);
    say_indices(r);
    if (r->def.n_part > 1)
      wn_app_say("share %d of %d is in %s; `wane merge %s` puts the shares together", r->def.part + 1, r->def.n_part,
                 wn_sweeping_folder(sweeping), wn_sweeping_folder(sweeping));
  }
  if (p.n_second)
    wn_app_say("%lld simulations solved by %s where %s gave up", (long long)p.n_second,
               wn_solver_second(wn_sweep_solver(wn_sweeping_sweep(sweeping))),
               wn_sweep_solver(wn_sweeping_sweep(sweeping)));
  wn_app_say_verification(&r->verification);
  if (p.n_failed == 0) return WN_EXIT_OK;
  wn_app_say("%lld of %lld simulations failed; their rows say why", (long long)p.n_failed,
             (long long)(p.n_run + p.n_kept));
  return WN_EXIT_RUN;
}

// -- the command ----------------------------------------------------------------------------------------------------

static wn_status write_result(const request *r, const wn_sweeping *sweeping, wn_error *err) {
  wn_shards *shards;
  int n_thread = r->def.study.n_thread > 0 ? r->def.study.n_thread : wn_pool_cores();
  if (r->def.n_part > 1) return WN_OK;
  WN_TRY(wn_shards_of(wn_sweeping_sweep(sweeping), &shards, err));
  wn_status status = r->def.out ? wn_sweep_write(shards, r->def.out, n_thread, err)
                                : wn_sweep_write_stream(shards, stdout, n_thread, err);
  if (!status && r->plot) status = wn_sweep_plot(shards, r->plot, r->show, err);
  int n_shard = wn_shards_manifest(shards)->n_shard;
  wn_shards_close(shards);
  if (!status && r->def.out) status = wn_sweep_folder_remove(wn_sweeping_folder(sweeping), n_shard, err);
  return status;
}

// a sample of the points, once all are there
static wn_status verify(const wn_args *args, request *r, const wn_sweep *sweep, wn_error *err) {
  enum { MOST = 200 };
  const wn_sweep_progress p = wn_sweep_state(sweep);
  if (r->def.n_part > 1) return WN_OK;
  if (!wn_args_has(args, "verify") && p.n_case > 0 && r->verify.share * (double)p.n_case > MOST)
    r->verify.share = MOST / (double)p.n_case;
  wn_progress_words(&r->progress, "checking a sample with CVODE");
  return wn_sweep_verify(sweep, &r->verify, &r->verification, err);
}

static int finish(const wn_args *args, request *r, const wn_sweeping *sweeping, wn_status status, wn_error *err) {
  wn_progress_clear(&r->progress);
  // rank 0 speaks and writes for all; another one only of what befell it alone
  if (r->ranks && r->ranks->rank > 0) {
    if (status == WN_ERR_IO || status == WN_ERR_MEMORY) return wn_app_fail(err);
    return status == WN_ERR_INTERRUPT ? WN_EXIT_INTERRUPT : WN_EXIT_OK;
  }
  if (!status && r->def.out && r->def.n_part == 1) wn_progress_words(&r->progress, "writing the result");
  if (!status) status = write_result(r, sweeping, err);
  if (!status) status = verify(args, r, wn_sweeping_sweep(sweeping), err);
  wn_progress_clear(&r->progress);
  if (status == WN_ERR_INTERRUPT) return say_stopped(args, r, wn_sweeping_sweep(sweeping));
  if (!status) return say_done(args, r, sweeping);
  int failed = wn_app_fail(err);
  if (status == WN_ERR_IO && r->def.out)
    wn_app_say("what is done is kept in %s; --resume goes on with it", wn_sweeping_folder(sweeping));
  return failed;
}

// of many ranks only one has words
static int fail_open(const wn_error *err) {
  if (*err->message) return wn_app_fail(err);
  return err->status == WN_ERR_USER ? WN_EXIT_USER : WN_EXIT_RUN;
}

void wn_app_advise(const wn_sweeping *sweeping) {
  char words[WN_MAX_ADVICE][512];
  int n = wn_sweeping_advice(sweeping, words);
  for (int i = 0; i < n; i++) wn_app_say("%s", words[i]);
}

static int sweep(const wn_args *args, request *r, wn_error *err) {
  wn_sweeping *sweeping;
  if (wn_sweeping_open(NULL, args->operand, &r->def, &sweeping, err)) return fail_open(err);
  if (r->plot && wn_sweep_plot_check(wn_sweep_manifest(wn_sweeping_sweep(sweeping)), r->plot, r->show, err)) {
    // one rank has words; a folder that holds nothing yet need not stay
    bool first = !r->ranks || r->ranks->rank == 0;
    if (!first) *err->message = '\0';
    if (first && r->def.out && wn_sweep_state(wn_sweeping_sweep(sweeping)).n_done == 0)
      wn_sweep_folder_remove(wn_sweeping_folder(sweeping), 0, NULL);
    wn_sweeping_close(sweeping);
    return fail_open(err);
  }
  bool quiet = wn_args_has(args, "quiet") || (r->ranks && r->ranks->rank > 0);
  if (!quiet) wn_app_advise(sweeping);
  wn_progress_begin(&r->progress, quiet, r->def.n_person > 0 ? "individuals" : "points");
  wn_status status = wn_sweep_run(wn_sweeping_sweep(sweeping), err);
  int exit_status = finish(args, r, sweeping, status, err);
  wn_sweeping_close(sweeping);
  return exit_status;
}

static int run(const wn_args *args) {
  wn_error err = {0};
  int answered;
  const char *sensitivity = wn_args_value(args, "sensitivity");
  if (sensitivity && strcmp(sensitivity, "local") == 0) return wn_app_local(args);
  // without a question of the user's, a scenario may bring its own
  bool asks = wn_args_has(args, "vary") || wn_args_has(args, "shard") || sensitivity;
  catch_signals();
  if (!asks && wn_app_find(args, &answered)) return answered;
  request *r = wn_alloc(sizeof *r);
  if (!r) return wn_fail_memory(&err), wn_app_fail(&err);
  int status;
  if (wn_ranks_open(&r->ranks, &err)) {
    status = wn_app_fail(&err);
  } else if (read_request(args, r, &err)) {
    wn_ranks_agree(r->ranks, err.status, &err);
    status = fail_open(&err);
  } else {
    status = sweep(args, r, &err);
  }
  wn_ranks_close(r->ranks);
  wn_free(r->line);
  wn_free(r);
  return status;
}

const wn_command wn_command_sweep = {
    .name = "sweep",
    .operand = "FILE",
    .summary = "simulate a scenario at many points: grids, random inputs, individuals",
    .text =
        "Simulate a scenario at many points: grids of options and parameters, random inputs, individuals. One row per\n"
        "point, individual and arm; interrupted at any moment, --resume goes on, and the result is the same bits.\n\n"
        "  wane sweep standard_vs_low --vary low_dose=1:6:11 --vary at=20:00:02:00:13 --out doses.csv\n"
        "  wane sweep standard_vs_low --set days=7 --draw \"CL~lognormal(140,0.3)\" --n 1024 --out uncertain.csv\n"
        "  wane sweep standard_vs_low --vary low_dose=1,3,4.5 --individuals 100 --keep quantiles --out people.csv",
    .flags = flags,
    .run = run,
};

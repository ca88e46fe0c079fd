/* wane.h - the public C interface of wane: load a Lua model or scenario, run it, read its results, write files.
 *
 *   wn_error err;
 *   wn_study *study;
 *   wn_study_def def = wn_study_default();
 *   const char *set[] = { "low_dose=3" };
 *   def.set = set, def.n_set = 1;
 *   if (wn_study_open(NULL, "standard_vs_low", &study, &err)) return fputs(err.message, stderr), 1;
 *   if (wn_study_plan(study, &def, &err) || wn_study_run(study, &err)) fputs(err.message, stderr);
 *   else {
 *     const double *hours = wn_study_time(study), *ntx = wn_study_column(study, 0, "ntx");
 *     FILE *text = fopen("ntx.txt", "w");
 *     for (int k = 0; text && k < wn_study_n_time(study); k++) fprintf(text, "%g %g\n", hours[k], ntx[k]);
 *     if (text) fclose(text);
 *     if (wn_study_write(study, WN_WRITE_PLOT, "arms.svg", NULL, &err)) fputs(err.message, stderr);
 *   }
 *   wn_study_close(study);
 *
 * Every function that can fail returns a wn_status and, unless it is WN_OK, leaves one line of words in the wn_error
 * (which may be NULL). Strings and arrays that come back are borrowed: they live until the study is closed, planned
 * again or, for results, run again. Strings passed in need to live for the call only. One study belongs to one thread
 * at a time; the runs inside use as many threads as asked for. Times are hours since midnight of the first day. Nothing
 * here prints, exits or aborts. Simulations for teaching and research; not medical advice. */
#ifndef WANE_H
#define WANE_H

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define WN_API __attribute__((visibility("default")))
#else
#define WN_API
#endif

/* (the engine's own base/error.h has the same two types) */
#ifndef WN_BASE_ERROR_H
typedef enum wn_status {
  WN_OK = 0,
  WN_ERR_USER,      /* a mistake in a file, a setting or an argument */
  WN_ERR_RUN,       /* a simulation failed: solver, tolerance, not finite */
  WN_ERR_IO,        /* a file could not be read or written */
  WN_ERR_MEMORY,    /* out of memory */
  WN_ERR_INTERRUPT, /* wn_interrupt(1) was called */
} wn_status;

typedef struct wn_error {
  wn_status status;
  char message[1024]; /* one line: "naltrexone.lua:14: lag of GUT: expected time, got 1/h" */
} wn_error;
#endif

typedef struct wn_study wn_study; /* a loaded file, what is asked of it, and its results */

/* "0.1.0"; "SUNDIALS 6.4.1, ..."; "Lua 5.4.4"; "avx2" or "portable". */
WN_API const char *wn_version(void);
WN_API const char *wn_version_solver(void);
WN_API const char *wn_version_lua(void);
WN_API const char *wn_version_kernels(void);

/* What makes machine code for most models, then for large ones: "quick, 8 lanes; LLVM 14.0.6, 8 lanes"; or "none: " and
 * why. */
WN_API const char *wn_version_native(void);

/* Where bundled models and plugins are: WANE_DATA in the environment, else beside the running program as installed,
 * else the source tree. Writes at most 4096 bytes. */
WN_API wn_status wn_data_dir(char path[4096], wn_error *err);

/* May be called from a signal handler: a run under way stops with WN_ERR_INTERRUPT. 0 before running again. */
WN_API void wn_interrupt(int on);

/* -- load and plan ---------------------------------------------------------------------------------------------- */

/* Load a model or a scenario: a path, or the bare name of a bundled one. data_dir NULL: wn_data_dir. The model is
 * compiled and its equations replayed against it. */
WN_API wn_status wn_study_open(const char *data_dir, const char *file, wn_study **study, wn_error *err);
WN_API void wn_study_close(wn_study *study); /* NULL is fine */

WN_API const char *wn_study_title(const wn_study *study);
WN_API const char *wn_study_caption(const wn_study *study); /* what is known and what is assumed; show it */
WN_API int wn_study_is_scenario(const wn_study *study);     /* else a bare model */

/* A number the user may choose: a scenario's option or a model's parameter. */
typedef struct wn_choice {
  const char *name, *unit, *meaning; /* unit "clock": a clock time, value in hours */
  const char *badge, *source;        /* parameters: "measured", "fitted" or "assumed", and where from; else NULL */
  double value;                      /* the default */
  double low, high;        /* where a parameter's values make sense, else -/+infinity; what is set outside is */
  int open_low, open_high; /* WN_ERR_USER. 1: the limit itself is outside */
} wn_choice;
WN_API int wn_study_n_option(const wn_study *study);
WN_API int wn_study_n_parameter(const wn_study *study);
WN_API wn_status wn_study_option(const wn_study *study, int index, wn_choice *choice, wn_error *err);
WN_API wn_status wn_study_parameter(const wn_study *study, int index, wn_choice *choice, wn_error *err);

/* Which curves a run keeps in memory. */
#ifndef WN_SIM_RESULT_H
enum { WN_KEEP_NONE, WN_KEEP_ALL, WN_KEEP_WATCHED /* of the outputs that are watched */ };
#endif

/* What is asked of a study. */
typedef struct wn_study_def {
  const char *const *set; /* "NAME=VALUE" of options and parameters; default none */
  int n_set;
  const char *hypothesis;  /* NULL: the model's first */
  const char *const *dose; /* a bare model's doses, "4.5 mg into GUT at 22:00 every 24h for 28d"; default none */
  int n_dose;
  double until, every; /* h; 0: the scenario's own, or until the last dose + 24 h */
  const char *solver;  /* "auto" (default), "exact", "taylor", "rk", "rosenbrock", "bdf", "explicit" */
  double rtol, atol;   /* 1e-6; 1e-9 in each state's unit */
  int n_thread;        /* 0: all cores. The results do not depend on it */
  int n;               /* individuals of each arm, drawn by the model's random effects; 1 (default): the typical one */
  unsigned long long seed; /* of the draws; default 1. Individual k is the same person in every arm */
  int keep;                /* WN_KEEP_ALL (default), _WATCHED or _NONE: many individuals need much memory */
  int brief;               /* 1: of the summary only what the table of the arms shows; default 0 */
} wn_study_def;
WN_API wn_study_def wn_study_default(void);

/* Make the arms: their doses, their parameters, what is watched. Forgets earlier results. WN_ERR_USER also when several
 * individuals are asked for and neither the model says how they differ nor the regimens how people take them. */
WN_API wn_status wn_study_plan(wn_study *study, const wn_study_def *def, wn_error *err);

/* Simulate what was planned. WN_OK even if an arm failed: wn_study_arm_status says which and why. */
WN_API wn_status wn_study_run(wn_study *study, wn_error *err);

/* -- results ---------------------------------------------------------------------------------------------------- */

WN_API int wn_study_n_arm(const wn_study *study);
WN_API const char *wn_study_arm_name(const wn_study *study, int arm);  /* short, as in files; NULL: no such arm */
WN_API const char *wn_study_arm_label(const wn_study *study, int arm); /* for people */

WN_API int wn_study_n_subject(const wn_study *study); /* individuals of each arm, counted from 1 below */

/* WN_OK, or WN_ERR_RUN with the reason: values after the failure are not-a-number. Of an arm with several individuals:
 * how many of them failed, and the first one's reason. */
WN_API wn_status wn_study_arm_status(const wn_study *study, int arm, wn_error *err);
WN_API wn_status wn_study_subject_status(const wn_study *study, int arm, int subject, wn_error *err);

/* Columns are the states, then the outputs; each is an array of wn_study_n_time values. */
WN_API int wn_study_n_time(const wn_study *study); /* 0 before a run */
WN_API const double *wn_study_time(const wn_study *study);
WN_API int wn_study_n_column(const wn_study *study);
WN_API const char *wn_study_column_name(const wn_study *study, int column);
WN_API const char *wn_study_column_unit(const wn_study *study, int column);
WN_API const double *wn_study_column(const wn_study *study, int arm,
                                     const char *name); /* NULL: none kept of that name */
WN_API const double *wn_study_subject_column(const wn_study *study, int arm, int subject, const char *name);

/* One number about an arm, as in the summary. */
typedef struct wn_summary_row {
  int arm;
  const char *quantity, *of, *unit; /* "cmax" of "ntx", "hours_per_day" of "blockade" */
  double value;
  double clock; /* h in [0, 24), or not-a-number */
  int day;      /* 0: the whole run; else the dosing day, or for a window's edges the calendar day */
  int subject;  /* from 1 */
} wn_summary_row;
WN_API int wn_study_n_summary(const wn_study *study);
WN_API wn_status wn_study_summary(const wn_study *study, int index, wn_summary_row *row, wn_error *err);

/* One span of time during which an output was above or below its window's threshold. */
typedef struct wn_window_row {
  int arm;
  const char *window;
  double start, end;        /* h */
  int open_start, open_end; /* it was open when the run began, or ended */
  double peak, peak_time;   /* of the output inside: highest above, lowest below */
  int subject;              /* from 1 */
} wn_window_row;
WN_API int wn_study_n_window(const wn_study *study);
WN_API wn_status wn_study_window(const wn_study *study, int index, wn_window_row *row, wn_error *err);

/* -- sweeps ----------------------------------------------------------------------------------------------------- */

/* What differs from run to run, in the words of `wane sweep` (docs/sampling.md). */
typedef struct wn_sweep_wish {
  const char *const *vary; /* "low_dose=1:6:11", "CL=2,3": a grid of every combination, the last one fastest */
  int n_vary;
  const char *const *draw; /* "CL~lognormal(140,30%)": n draws in every cell of the grid, the same in each */
  int n_draw;
  const char *const *correlate; /* "CL,V=0.5" */
  int n_correlate;
  const char *sample;        /* "grid", "random", "lhs", "sobol"; NULL: grid when only vary is given, else sobol */
  long long n;               /* draws; 0: 1024 where something is drawn */
  unsigned long long seed;   /* of draws and individuals; default 1 */
  int n_person;              /* individuals at every point, the same at all; 0 (default): the typical one */
  const char *const *metric; /* "cmax.ntx", "hours_per_day.blockade": which are kept */
  int n_metric;              /* 0: all */
} wn_sweep_wish;
WN_API wn_sweep_wish wn_sweep_wish_default(void);

/* The rows of a sweep, in memory: one for every point, individual and arm,
 *   row = (point * individuals + individual) * wn_sweep_rows_n_arm + arm,    all counted from 0.
 * Columns are the inputs, then the metrics, each an array of wn_sweep_rows_n numbers; what a run does not have (the end
 * of a window that did not open, or what comes after a failure) is not-a-number. What comes back is borrowed until the
 * rows are destroyed; nothing of what was passed in is. The same bits as `wane sweep` writes, for any number of
 * threads. */
typedef struct wn_sweep_rows wn_sweep_rows;

/* Plan and run a sweep of a model or scenario. `study`: settings, doses, span, solver, threads as for wn_study_plan;
 * its n, seed, keep and brief are not read. WN_OK even if rows failed. WN_ERR_USER: a mistake in what is asked for, a
 * model without doses in which nothing would happen, or more than 2 GB of numbers; WN_ERR_RUN: the first point failed;
 * WN_ERR_INTERRUPT: wn_interrupt(1); WN_ERR_MEMORY. */
WN_API wn_status wn_sweep_rows_create(const char *data_dir, const char *file, const wn_study_def *study,
                                      const wn_sweep_wish *wish, wn_sweep_rows **rows, wn_error *err);
WN_API void wn_sweep_rows_destroy(wn_sweep_rows *rows); /* NULL is fine */

WN_API long long wn_sweep_rows_n(const wn_sweep_rows *rows);
WN_API long long wn_sweep_rows_n_point(const wn_sweep_rows *rows);
WN_API long long wn_sweep_rows_n_failed(const wn_sweep_rows *rows);
WN_API int wn_sweep_rows_n_arm(const wn_sweep_rows *rows);
WN_API const char *wn_sweep_rows_arm(const wn_sweep_rows *rows, int arm); /* NULL: no such arm */

WN_API int wn_sweep_rows_n_input(const wn_sweep_rows *rows); /* the first columns */
WN_API int wn_sweep_rows_n_column(const wn_sweep_rows *rows);
WN_API const char *wn_sweep_rows_column_name(const wn_sweep_rows *rows, int column);    /* NULL: no such column */
WN_API const char *wn_sweep_rows_column_unit(const wn_sweep_rows *rows, int column);    /* "clock": h in [0, 24) */
WN_API const double *wn_sweep_rows_column(const wn_sweep_rows *rows, const char *name); /* NULL: none of that name */

/* WN_OK, or WN_ERR_RUN with what failed; WN_ERR_USER: no such row. */
WN_API wn_status wn_sweep_rows_status(const wn_sweep_rows *rows, long long row, wn_error *err);

/* -- files ------------------------------------------------------------------------------------------------------ */

typedef enum wn_write_kind {
  WN_WRITE_TRAJECTORIES, /* .csv, .csv.gz, or .nc (NetCDF-4, where this wane has it) */
  WN_WRITE_SUMMARY,      /* .csv, .csv.gz or .json */
  WN_WRITE_PLOT,         /* .svg, .png or .pdf; up to a week of one individual on a finer grid than rows are written on,
                            for which it is simulated again, unless wn_study_def.every chose one */
} wn_write_kind;

/* WN_ERR_USER if a file of this kind cannot end like `path`. For checking before a long run. */
WN_API wn_status wn_write_check(wn_write_kind kind, const char *path, wn_error *err);

/* Write the whole file or none. `command` (may be NULL) is noted in the head of trajectories. */
WN_API wn_status wn_study_write(const wn_study *study, wn_write_kind kind, const char *path, const char *command,
                                wn_error *err);

#ifdef __cplusplus
}
#endif

#endif

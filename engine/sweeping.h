// sweeping.h - a sweep of a file: settings and a design become a wn_sweep whose points are planned by Lua, and its
// shards become files. Stands between the rooms and the program, like study.h.
#ifndef WN_SWEEPING_H
#define WN_SWEEPING_H

#include "study.h"
#include "sweep/sweep.h"
#include <stdio.h>

typedef struct wn_sweeping_def {
  wn_study_def study;    // settings, doses, span, solver; n_thread: workers. n, keep and brief are ignored
  wn_design_def design;  // its seed is also the individuals'
  int n_person;          // individuals of each point; 0: the typical one
  wn_sweep_keep keep;
  const char *command;  // for the top of the result
  const char *out;      // the result; shards are kept in "<out>.sweep". NULL: in memory
  bool resume;
  wn_ranks *ranks;  // NULL: alone
  int part, n_part;
  void (*progress)(void *context, const wn_sweep_progress *progress);
  void *progress_context;
} wn_sweeping_def;
wn_sweeping_def wn_sweeping_default(void);

typedef struct wn_sweeping wn_sweeping;

// Load, plan and run the first point, open the folder. def and what it points to is borrowed until the end.
wn_status wn_sweeping_open(const char *data_dir, const char *file, const wn_sweeping_def *def, wn_sweeping **sweeping,
                           wn_error *err);
void wn_sweeping_close(wn_sweeping *sweeping);  // NULL is fine
wn_sweep *wn_sweeping_sweep(const wn_sweeping *sweeping);
const wn_design *wn_sweeping_design(const wn_sweeping *sweeping);

// What the user may want to know before it runs, one line after the other: that there are no doses, how many points
// serve better, how many will fail. Written to words [WN_MAX_ADVICE][512]; returns how many. Takes at most half a
// second.
enum { WN_MAX_ADVICE = 3 };
int wn_sweeping_advice(const wn_sweeping *sweeping, char words[WN_MAX_ADVICE][512]);
const char *wn_sweeping_folder(const wn_sweeping *sweeping);  // NULL: in memory

// -- files of a finished sweep (sweep_write.c, sweep_csv.c) ----------------------------------------------------------

// WN_ERR_USER if results cannot go into a file that ends like this.
wn_status wn_sweep_write_check(const char *path, wn_error *err);

// Rows of all shards into `path`, in order, in constant memory, formatted by n_thread threads; with curves also
// wn_sweep_beside(path, "quantiles") or (.., "trajectories"), with sensitivity (.., "indices"). Nothing half-written.
// What is missing is WN_ERR_IO.
wn_status wn_sweep_write(const wn_shards *shards, const char *path, int n_thread, wn_error *err);

// All of it as one NetCDF-4 file, curves and quantiles inside (sweep_netcdf.c; wn_sweep_write does so for x.nc).
wn_status wn_sweep_write_netcdf(const wn_shards *shards, const char *path, wn_error *err);

// The rows alone to a stream whose errors are the caller's to notice.
wn_status wn_sweep_write_stream(const wn_shards *shards, FILE *stream, int n_thread, wn_error *err);

// A picture of the metrics `show` ("hours_per_day.blockade,peak.rebound"; NULL: wane's choice): against the one input
// that is varied, or the first that is drawn, with what the draws and individuals spread; a map over the first two
// inputs that are varied, its second metric as lines; of a sweep for sensitivity, one metric's indices in every arm; of
// one that kept quantiles of curves, these curves (`show` names them), unless `show` names metrics. Columns of at most
// five million simulations are held in memory. The check says before a sweep runs what can be said then. Errors:
// WN_ERR_USER "--show: unknown metric ..."; WN_ERR_IO, WN_ERR_MEMORY.
wn_status wn_sweep_plot_check(const wn_manifest *manifest, const char *path, const char *show, wn_error *err);
wn_status wn_sweep_plot(const wn_shards *shards, const char *path, const char *show, wn_error *err);

// "hours_per_day", "blockade" -> "hours per day of blockade".
void wn_sweep_metric_words(const char *quantity, const char *of, char text[96]);

// "x.csv" or "x.nc", "quantiles" -> "x-quantiles.csv"; "x.csv.gz" -> "x-quantiles.csv.gz". Allocated.
char *wn_sweep_beside(const char *path, const char *what);

#endif

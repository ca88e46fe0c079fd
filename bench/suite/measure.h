// measure.h - how long a row takes and how far off it is.
#ifndef WN_BENCH_MEASURE_H
#define WN_BENCH_MEASURE_H

#include "rows.h"

typedef enum wn_bench_kind { WN_BENCH_BY_HAND, WN_BENCH_LANES, WN_BENCH_SIMULATE } wn_bench_kind;

// One way to integrate. `solver` is the engine's; `by_hand` the other rows' function.
typedef struct wn_bench_method {
  wn_bench_kind kind;
  const char *name, *solver;
  wn_status (*by_hand)(wn_bench_job *job, wn_error *err);
  int width;  // lanes by hand; 0: the engine's, as asked for
} wn_bench_method;

// A case made ready: its model, population and reference.
typedef struct wn_bench_setup {
  const wn_bench_case *c;
  const wn_model *model;
  double *param;      // [WN_BENCH_N_SUBJECT][n_param]
  int n_checked;      // subjects of the reference
  double *reference;  // see reference.h
} wn_bench_setup;

typedef struct wn_bench_settings {
  const char *data;   // the directory that holds models, plugins and bench
  const char *cache;  // the directory where references and plots go
  bool is_quick;
  int n_checked;      // subjects whose error is measured
  double seconds;     // of one pass, about
  int repeat;         // passes
  const char *spoil;  // rows and parts whose name contains it get one wrong number, to see that it is found; NULL
} wn_bench_settings;

// One row of the table, per core and subject.
typedef struct wn_bench_result {
  const wn_bench_setup *setup;
  const wn_bench_method *method;
  int width, n_thread, n_subject;
  double rtol, atol;
  double best, median;  // subjects/s: the fastest pass and the one in the middle; by processor time on one thread, by
                        // the clock on several
  double error;         // wn_bench_error of the first subjects
  int worst_state;
  double worst_time;
  double step, rhs, jacobian, factor, fail;  // per subject: a batch's, counted once for each of its lanes
  bool is_right;                             // the error is what such a tolerance may leave
  double taken, refused, stood;              // shares of lanes' steps, where lanes have own clocks; else NaN
  double slowest;                            // steps the slowest subject tried, over the mean
  const char *chosen;                        // the solver wn_simulate took; else NULL
} wn_bench_result;

// Lanes that lie side by side in the block of results: those of batches on one clock. Others write subject by subject.
int wn_bench_block_width(const wn_bench_method *method, int width);

// Fills in everything behind atol.
wn_status wn_bench_measure(const wn_bench_settings *settings, wn_bench_result *result, wn_error *err);

// How fast a row is beside another, passes of the same subjects taken in turn and the fastest of each compared.
wn_status wn_bench_measure_beside(const wn_bench_settings *settings, const wn_bench_result *row,
                                  const wn_bench_result *other, double *ratio, wn_error *err);

// Run a method on a job: n_subject, block and tolerances as they stand there.
wn_status wn_bench_run(const wn_bench_method *method, wn_bench_job *job, wn_error *err);

// Does the settings' `spoil` mean this name?
bool wn_bench_is_spoilt(const wn_bench_settings *settings, const char *name);

// Seconds of processor time of this process, and of the clock.
double wn_bench_cpu(void);
double wn_bench_clock(void);

#endif

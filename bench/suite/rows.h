// rows.h - what a row of the table is: one way to integrate one case for n subjects with every output kept.
#ifndef WN_BENCH_ROWS_H
#define WN_BENCH_ROWS_H

#include "base/error.h"
#include "cases.h"
#include "model/model.h"

typedef struct wn_bench_cost {
  long n_step, n_rhs, n_jacobian, n_factor, n_fail, n_restart;  // summed over batches, a batch counting once
  // of solvers whose lanes have own clocks: what lanes did at every call; and what the slowest subject tried
  long n_taken, n_refused, n_stood, n_slowest;
} wn_bench_cost;

typedef struct wn_bench_job {
  const wn_bench_case *c;
  const wn_model *model;  // the Lua twin, loaded; only the engine's rows look at it
  const double *param;    // [n_subject][n_param] of the case's list
  int n_subject, width;   // width 1 for most rows written by hand
  int n_thread;           // only the engine's rows have more than one
  double rtol, atol;
  double *block;  // [n_batch][n_time][n_state][wn_bench_block_width]; NULL for wn_simulate: its own result is enough
  int n_copied;   // subjects of wn_simulate's result that are copied into the block; 0: all
  wn_bench_cost cost;
  const char *chosen;  // the solver wn_simulate took
} wn_bench_job;

// By hand in C, one subject after another (handwritten.c, dopri5.c; in vectors: dopri5_x8.h).
wn_status wn_bench_cvode_bdf(wn_bench_job *job, wn_error *err);
wn_status wn_bench_cvode_adams(wn_bench_job *job, wn_error *err);
wn_status wn_bench_dopri5(wn_bench_job *job, wn_error *err);

// The engine's lanes and solvers without windows and metrics (wane_rows.c); and all of wn_simulate, one arm a subject,
// states and outputs kept, with every metric made. job->width is the number of lanes.
wn_status wn_bench_lanes(const char *solver, wn_bench_job *job, wn_error *err);

// Does each lane take subject after subject, and write a subject's outputs one after another? Else a batch at a time.
bool wn_bench_has_seats(const char *solver);

enum { WN_BENCH_MOST_LANE = 256 };  // in a batch
wn_status wn_bench_simulate(const char *solver, wn_bench_job *job, wn_error *err);

// Do the case's equations by hand say what its Lua twin says? Derivatives, entries of the Jacobian and initial values
// are compared around states[n][n_state], moved a little so that no state is 0. -> largest relative difference.
wn_status wn_bench_same_equations(const wn_bench_case *c, const wn_model *model, const double *states, int n,
                                  double *difference, wn_error *err);

// What a run is doing right now: set by wrappers around its parts, read by the profile's timer.
typedef enum wn_bench_what {
  WN_PART_SOLVER,  // the stepper itself (SUNDIALS), and what no other part claims
  WN_PART_RHS,
  WN_PART_JACOBIAN,
  WN_PART_FACTOR,
  WN_PART_SOLVE,
  WN_PART_VECTOR,  // of the engine's lanes; those of rows by hand are the stepper's
  WN_PART_OUTPUT,  // dense output, its vector operations included
  WN_PART_RESTART,
  WN_PART_SETUP,  // parameters, doses
  WN_N_PART
} wn_bench_what;
extern volatile int wn_bench_part;
extern bool wn_bench_watch_vectors;  // vector operations get wrappers too; set before solvers are made

#endif

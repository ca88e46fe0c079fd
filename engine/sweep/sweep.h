// sweep.h - many simulations of one scenario: every point of a design, every individual, every arm. Work is cut into
// shards, fixed runs of consecutive cases (a point's individual); a shard is a pure function of the sweep's facts and
// its number, whoever works it out: so the rows have the same bits for any number of threads, processes and
// interruptions. Knows no Lua (scenarios come from a function of the caller's) and no file formats for people.
#ifndef WN_SWEEP_SWEEP_H
#define WN_SWEEP_SWEEP_H

#include "sim/verify.h"
#include "sweep/design.h"
#include "sweep/manifest.h"
#include "sweep/ranks.h"
#include "sweep/shard.h"
#include "sweep/sketch.h"

// Plan the scenario at the values [n_input] of a point: only those that are not parameters matter. Called by several
// workers at once, each with its own number (0 ... n_thread - 1). The scenario is the sweep's to destroy.
typedef wn_status wn_sweep_plan(void *context, int worker, const double *value, wn_scenario **scenario, wn_error *err);

typedef struct wn_sweep_progress {
  int n_shard, n_done;              // of this process' share; done: also those found done
  int64_t n_case, n_case_done;      // the same in cases
  int64_t n_run, n_failed, n_kept;  // simulations run now, of them failed; simulations found done
  int64_t n_second;                 // of those run now, done by another solver where the run's gave up
} wn_sweep_progress;

typedef struct wn_sweep_def {
  const wn_design *design;     // borrowed
  const int *param;            // [n_input] the model's parameter, or -1: the plan takes it
  const char *const *meaning;  // [n_input] in words, for pictures; NULL: none
  wn_sweep_plan *plan;
  void *context;
  int n_person;    // individuals of each point by the scenario's seed; 0 (default): the typical one
  wn_run_def run;  // solver; n_thread: workers; the rest is ignored
  wn_sweep_keep keep;
  const wn_sweep_fact *fact;  // all else that decides the numbers; the sweep adds its own
  int n_fact;
  const char *const *head;  // lines for the top of the result
  int n_head;
  const char *folder;  // where shards are kept; NULL: in memory
  bool resume;         // a folder that is there is gone on with; else it is refused
  wn_ranks *ranks;     // NULL: alone. Else all ranks open, run and close the same sweep
  int part, n_part;    // of the shards only those with number % n_part == part; default 0 of 1
  void (*progress)(void *context, const wn_sweep_progress *progress);  // after shards, by one worker at a time; or NULL
  void *progress_context;
} wn_sweep_def;
wn_sweep_def wn_sweep_default(void);

typedef struct wn_sweep wn_sweep;

// Plan and simulate the first point (its mistakes are the user's), decide columns and shards, open the folder and look
// at what is there. Everything in def is borrowed until the sweep is closed, strings and facts included.
wn_status wn_sweep_open(const wn_sweep_def *def, wn_sweep **sweep, wn_error *err);
void wn_sweep_close(wn_sweep *sweep);  // NULL is fine; the folder stays

// What can be known of the cases before they run: those whose parameters are outside their limits will fail.
typedef struct wn_sweep_outlook {
  int64_t n_case, n_seen, n_outside;  // n_outside of the first n_seen cases: all, or as many as take no time
  int64_t point;                      // of the first of them, from 1
  int person;                         // likewise; 0: the typical one
  char words[256];                    // why: "CL (clearance): expected above 0 L/h, got -3; pk1.lua:9 says so"
} wn_sweep_outlook;
wn_status wn_sweep_look_ahead(const wn_sweep *sweep, wn_sweep_outlook *outlook, wn_error *err);

// Work out what is missing of this process' share. WN_ERR_INTERRUPT when asked to stop (wn_stop_set): the shards under
// way are finished, all that is done is on disk.
wn_status wn_sweep_run(wn_sweep *sweep, wn_error *err);

// Check a sample of the cases by CVODE, drawn by the seed and their number: the same for any threads, shares and
// interruptions. Of `def` the share and the work of each case are asked. After wn_sweep_run.
wn_status wn_sweep_verify(const wn_sweep *sweep, const wn_verify_def *def, wn_verification *verification,
                          wn_error *err);

wn_sweep_progress wn_sweep_state(const wn_sweep *sweep);
const wn_manifest *wn_sweep_manifest(const wn_sweep *sweep);
const char *wn_sweep_solver(const wn_sweep *sweep);  // what "auto" became, at the first point

// -- results, read from where shards are kept ------------------------------------------------------------------------

// Shards of a sweep, wherever they came from. Opened from a sweep, or from one or several folders of the same sweep.
typedef struct wn_shards wn_shards;
wn_status wn_shards_of(const wn_sweep *sweep, wn_shards **shards, wn_error *err);
wn_status wn_shards_open(const char *const *folder, int n_folder, wn_shards **shards, wn_error *err);
void wn_shards_close(wn_shards *shards);

const wn_manifest *wn_shards_manifest(const wn_shards *shards);

// How many are not there or not whole; *first is the first of them.
int wn_shards_missing(const wn_shards *shards, int *first);

// One shard, whole. WN_ERR_IO: not there, cut or changed. May be called by several threads.
wn_status wn_shards_read(const wn_shards *shards, int index, wn_shard **shard, wn_error *err);

#endif

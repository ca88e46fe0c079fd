// impl.h - what the files behind sweep.h share. Private to sweep/.
#ifndef WN_SWEEP_IMPL_H
#define WN_SWEEP_IMPL_H

#include "sweep/sweep.h"

#include <stdatomic.h>

// A shard in memory, where there is no folder.
typedef struct wn_blob {
  unsigned char *bytes;
  size_t size;
} wn_blob;

typedef struct wn_worker wn_worker;  // compute.c: what one worker keeps from shard to shard

struct wn_sweep {
  wn_sweep_def def;
  int n_input;
  bool replans;  // some input is not a parameter
  wn_run_def run;
  char solver[16];
  double *first;          // [n_input] inputs of the first point
  wn_scenario *scenario;  // planned at them: what every other plan must look like
  wn_manifest manifest;
  WN_ARRAY(wn_sweep_fact) facts;
  wn_arena *arena;
  char *folder;         // NULL: in memory
  wn_blob *blob;        // [n_shard] in memory
  unsigned char *done;  // [n_shard] found or made
  int *todo;            // shards this process has to make
  int n_todo;
  wn_worker *worker;  // [n_worker]
  int n_worker;
  atomic_int n_done;
  _Atomic int64_t n_case_done, n_run, n_failed, n_second;
  int64_t n_case, n_kept;
  int n_mine;                        // shards of this process' share
  int64_t shared[WN_RANKS_COUNTER];  // at rank 0: what all ranks have done by now (counters 1 to 3)
  atomic_flag reporting;
};

int64_t wn_sweep_shard_first(const wn_manifest *manifest, int shard);  // first case
int wn_sweep_shard_cases(const wn_manifest *manifest, int shard);

// compute.c: one shard from nothing. Depends on the sweep and the number only.
wn_status wn_sweep_compute(const wn_sweep *sweep, int worker, int index, wn_shard **shard, wn_error *err);
// One case, checked by CVODE instead (sim/verify.h).
wn_status wn_sweep_verify_case(const wn_sweep *sweep, int worker, int64_t index, double work,
                               wn_verification *verification, wn_error *err);
wn_status wn_sweep_workers_create(wn_sweep *sweep, int n_worker, wn_error *err);
void wn_sweep_workers_destroy(wn_sweep *sweep);

// The parameters [n_param] of a case: inputs [n_input] over the plan's, then individual `person` drawn around them (0:
// the typical one). Limits are not looked at.
wn_status wn_sweep_param(const wn_sweep *sweep, const double *input, int person, const double *plan, double *param,
                         wn_error *err);

// The first point: planned, simulated, its failure told as a mistake of the user where it is one. -> scenario, result.
wn_status wn_sweep_probe(wn_sweep *sweep, wn_result **result, wn_error *err);

#endif

// sweep.c - a sweep from definition to shards that are all there. Invariant: a shard is marked done only when it is
// whole where it is kept. It must not know how a shard is computed.

#include "sweep/impl.h"

#include "base/pool.h"
#include "sweep/file.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

wn_sweep_def wn_sweep_default(void) { return (wn_sweep_def){.run = wn_run_default(), .n_part = 1}; }

int64_t wn_sweep_shard_first(const wn_manifest *manifest, int shard) { return (int64_t)shard * manifest->shard_cases; }

int wn_sweep_shard_cases(const wn_manifest *manifest, int shard) {
  int64_t left = manifest->n_case - wn_sweep_shard_first(manifest, shard);
  return (int)(left < manifest->shard_cases ? left : manifest->shard_cases);
}

// -- definition -----------------------------------------------------------------------------------------------------

// How many cases are a shard: about a second of work by the length of the run, never more memory than 16 MB of curves,
// and at least 64 shards where that leaves each some full batches of lanes. Of the definition alone, so that every
// process cuts alike.
static wn_status cut(wn_sweep *sweep, wn_error *err) {
  wn_manifest *m = &sweep->manifest;
  const wn_sweep_table *t = m->table;
  m->n_point = wn_design_n_point(sweep->def.design);
  m->n_case = m->n_point * wn_sweep_table_cases(t);
  double days = (t->t_end - t->t_start) / 24, runs = fmin(fmax(16384 / days, 256), 8192);
  int64_t curves = wn_sweep_table_curves(t);
  if (curves > 0) runs = fmax(fmin(runs, (double)(1 << 21) / (double)curves), 16);
  runs = fmin(runs, fmax((double)m->n_case * t->n_arm / 64, 32));
  double cases = floor(runs / t->n_arm);
  // whole batches
  m->shard_cases = cases >= 16 ? (int)(16 * floor(cases / 16)) : cases >= 1 ? (int)cases : 1;
  double n = ceil((double)m->n_case / m->shard_cases);
  if (n > 1e8) return wn_fail(err, WN_ERR_USER, "%lld points are more than a sweep can hold", (long long)m->n_point);
  m->n_shard = (int)n;
  return WN_OK;
}

static wn_status add_inputs(wn_sweep *sweep, wn_error *err) {
  wn_sweep_table *t = sweep->manifest.table;
  t->n_input = sweep->n_input;
  t->n_person = sweep->def.n_person;
  t->input = wn_arena_alloc(t->arena, ((size_t)t->n_input + 1) * sizeof *t->input);
  if (!t->input) return wn_fail_memory(err);
  for (int i = 0; i < t->n_input; i++) {
    const wn_design_input *input = wn_design_input_at(sweep->def.design, i);
    const char *meaning = sweep->def.meaning ? sweep->def.meaning[i] : NULL;
    t->input[i] = (wn_sweep_field){.name = input->name, .unit = input->unit, .meaning = meaning};
  }
  return WN_OK;
}

// the caller's facts, then what the sweep itself knows
static wn_status add_facts(wn_sweep *sweep, wn_error *err) {
  for (int i = 0; i < sweep->def.n_fact; i++)
    if (!WN_PUSH(&sweep->facts, sweep->def.fact[i])) return wn_fail_memory(err);
  wn_arena *a = sweep->arena;
  const wn_sweep_fact own[] = {
      {"--individuals", wn_arena_printf(a, "%d", sweep->def.n_person), false},
      {"--keep", wn_sweep_keep_name(sweep->def.keep), false},
      {"solver at the first point", sweep->solver, false},
      {"--rtol", wn_arena_printf(a, "%.17g", sweep->def.run.solver.rtol), false},
      {"--atol", wn_arena_printf(a, "%.17g", sweep->def.run.solver.atol), false},
  };
  for (size_t i = 0; i < sizeof own / sizeof *own; i++)
    if (!own[i].text || !WN_PUSH(&sweep->facts, own[i])) return wn_fail_memory(err);
  sweep->manifest.fact = sweep->facts.data, sweep->manifest.n_fact = sweep->facts.n;
  sweep->manifest.head = sweep->def.head, sweep->manifest.n_head = sweep->def.n_head;
  return WN_OK;
}

static wn_status define(wn_sweep *sweep, wn_error *err) {
  const wn_sweep_def *def = &sweep->def;
  if (def->n_person < 0) return wn_fail(err, WN_ERR_USER, "individuals: expected 0 or more, got %d", def->n_person);
  sweep->run = def->run;
  sweep->run.n_thread = 1, sweep->run.keep_trajectories = WN_KEEP_NONE, sweep->run.brief = true;
  wn_result *result = NULL;
  WN_TRY(wn_sweep_probe(sweep, &result, err));
  if (def->n_person > 0 && sweep->scenario->model->n_random == 0 && !wn_scenario_has_habits(sweep->scenario)) {
    wn_result_destroy(result);
    return wn_fail(err, WN_ERR_USER,
                   "individuals: model %s does not say how they differ; expected individual = { ... } in the model",
                   sweep->scenario->model->name);
  }
  snprintf(sweep->solver, sizeof sweep->solver, "%s", result->solver);
  sweep->run.solver.name = sweep->solver;
  if (def->keep != WN_SWEEP_SUMMARY) sweep->run.keep_trajectories = WN_KEEP_WATCHED;
  wn_status status = wn_sweep_table_fill(sweep->manifest.table, result, def->keep, err);
  wn_result_destroy(result);
  if (!status) status = add_inputs(sweep, err);
  if (!status) status = add_facts(sweep, err);
  if (!status) status = cut(sweep, err);
  if (!status) sweep->manifest.identity = wn_manifest_identity(&sweep->manifest);
  return status;
}

// -- where shards are kept ------------------------------------------------------------------------------------------

// the folder's own manifest decides: it must be this sweep's
static wn_status agree(wn_sweep *sweep, const char *path, wn_error *err) {
  wn_manifest began;
  WN_TRY(wn_manifest_read(path, &began, err));
  wn_status status = wn_manifest_compare(&began, &sweep->manifest, err);
  if (status == WN_ERR_USER) wn_fail_prefix(err, "%s cannot be gone on with", sweep->folder);
  wn_manifest_free(&began);
  return status;
}

// with ranks, rank 0 makes the folder and the others meet it there
static bool leads(const wn_sweep *sweep) { return !sweep->def.ranks || sweep->def.ranks->rank == 0; }

static wn_status open_folder(wn_sweep *sweep, wn_error *err) {
  // the shares of one sweep meet in its folder, so there it may be there before us
  bool joins = sweep->def.resume || sweep->def.n_part > 1 || !leads(sweep);
  if (!joins && wn_sweep_folder_exists(sweep->folder))
    return wn_fail(err, WN_ERR_USER, "%s holds a sweep that was not finished; go on with it by --resume, or remove it",
                   sweep->folder);
  WN_TRY(wn_sweep_folder_create(sweep->folder, err));
  char *path = wn_sweep_manifest_path(sweep->folder);
  if (!path) return wn_fail_memory(err);
  wn_status status = wn_manifest_write(&sweep->manifest, path, err);
  if (!status) status = agree(sweep, path, err);
  wn_free(path);
  return status;
}

// a shard that is there and whole; one that is not will be made again
static bool is_there(const wn_sweep *sweep, int shard, int *n_failed) {
  char *path = wn_sweep_shard_path(sweep->folder, shard);
  unsigned char *bytes = NULL;
  size_t size;
  bool whole = path && !wn_sweep_file_read(path, &bytes, &size, NULL) &&
               wn_shard_check(bytes, size, sweep->manifest.identity, shard, n_failed);
  wn_free(bytes);
  wn_free(path);
  return whole;
}

static wn_status look_around(wn_sweep *sweep, wn_error *err) {
  const wn_manifest *m = &sweep->manifest;
  sweep->done = wn_alloc((size_t)m->n_shard);
  sweep->todo = wn_alloc((size_t)m->n_shard * sizeof *sweep->todo);
  if (!sweep->folder) sweep->blob = wn_alloc((size_t)m->n_shard * sizeof *sweep->blob);
  if (!sweep->done || !sweep->todo || (!sweep->folder && !sweep->blob)) return wn_fail_memory(err);
  for (int shard = 0; shard < m->n_shard && sweep->folder && leads(sweep); shard++) {
    int n_failed = 0;
    if (shard % sweep->def.n_part != sweep->def.part || !is_there(sweep, shard, &n_failed)) continue;
    sweep->done[shard] = 1;
    sweep->n_failed += n_failed;
  }
  return WN_OK;
}

// what is done and what is left of this process' share
static void list_todo(wn_sweep *sweep) {
  const wn_manifest *m = &sweep->manifest;
  for (int shard = 0; shard < m->n_shard; shard++) {
    if (shard % sweep->def.n_part != sweep->def.part) continue;
    int cases = wn_sweep_shard_cases(m, shard);
    sweep->n_mine++;
    sweep->n_case += cases;
    if (sweep->done[shard]) {
      sweep->n_done++;
      sweep->n_case_done += cases;
      sweep->n_kept += (int64_t)cases * m->table->n_arm;
    } else {
      sweep->todo[sweep->n_todo++] = shard;
    }
  }
}

// a rank on another machine must see what rank 0 has made
static wn_status join_folder(wn_sweep *sweep, wn_error *err) {
  if (wn_sweep_folder_exists(sweep->folder)) return open_folder(sweep, err);
  return wn_fail(err, WN_ERR_USER, "rank %d does not see %s; ranks meet on a file system that all of them share",
                 sweep->def.ranks->rank, sweep->folder);
}

// rank 0 makes the folder and looks at what is there; then the others join
static wn_status keep_place(wn_sweep *sweep, wn_error *err) {
  wn_ranks *ranks = sweep->def.ranks;
  wn_status status = leads(sweep) && sweep->folder ? open_folder(sweep, err) : WN_OK;
  if (!status) status = look_around(sweep, err);
  WN_TRY(wn_ranks_agree(ranks, status, err));
  status = leads(sweep) ? WN_OK : join_folder(sweep, err);
  WN_TRY(wn_ranks_agree(ranks, status, err));
  if (ranks) WN_TRY(wn_ranks_check(ranks->mpi->broadcast(sweep->done, sweep->manifest.n_shard), err));
  list_todo(sweep);
  return WN_OK;
}

static wn_status prepare(wn_sweep *sweep, wn_error *err) {
  const wn_sweep_def *def = &sweep->def;
  sweep->n_input = wn_design_n_input(def->design);
  for (int i = 0; i < sweep->n_input; i++) sweep->replans = sweep->replans || def->param[i] < 0;
  sweep->arena = wn_arena_create();
  sweep->manifest.table = wn_sweep_table_create();
  sweep->first = wn_alloc_doubles((size_t)sweep->n_input);
  if (!sweep->arena || !sweep->manifest.table || !sweep->first) return wn_fail_memory(err);
  if (def->folder && !(sweep->folder = wn_strdup(def->folder))) return wn_fail_memory(err);
  return define(sweep, err);
}

static wn_status open_sweep(wn_sweep *sweep, wn_error *err) {
  WN_TRY(wn_ranks_agree(sweep->def.ranks, prepare(sweep, err), err));
  return keep_place(sweep, err);
}

wn_status wn_sweep_open(const wn_sweep_def *def, wn_sweep **sweep, wn_error *err) {
  *sweep = NULL;
  wn_sweep *s = wn_alloc(sizeof *s);
  if (!s) return wn_fail_memory(err);
  s->def = *def;
  assert(def->n_part >= 1 && def->part >= 0 && def->part < def->n_part);
  wn_status status = open_sweep(s, err);
  if (status)
    wn_sweep_close(s);
  else
    *sweep = s;
  return status;
}

void wn_sweep_close(wn_sweep *sweep) {
  if (!sweep) return;
  wn_sweep_workers_destroy(sweep);
  for (int i = 0; sweep->blob && i < sweep->manifest.n_shard; i++) wn_free(sweep->blob[i].bytes);
  wn_free(sweep->blob);
  wn_free(sweep->done);
  wn_free(sweep->todo);
  wn_scenario_destroy(sweep->scenario);
  wn_sweep_table_destroy(sweep->manifest.table);
  WN_ARRAY_FREE(&sweep->facts);
  wn_arena_destroy(sweep->arena);
  wn_free(sweep->first);
  wn_free(sweep->folder);
  wn_free(sweep);
}

// -- running --------------------------------------------------------------------------------------------------------

wn_sweep_progress wn_sweep_state(const wn_sweep *sweep) {
  const int64_t *shared = sweep->shared;
  return (wn_sweep_progress){.n_shard = sweep->n_mine,
                             .n_done = sweep->n_done,
                             .n_case = sweep->n_case,
                             .n_case_done = sweep->n_case_done + shared[1],
                             .n_run = sweep->n_run + shared[2],
                             .n_failed = sweep->n_failed + shared[3],
                             .n_kept = sweep->n_kept,
                             .n_second = sweep->n_second};
}

const wn_manifest *wn_sweep_manifest(const wn_sweep *sweep) { return &sweep->manifest; }
const char *wn_sweep_solver(const wn_sweep *sweep) { return sweep->solver; }

static wn_status keep(wn_sweep *sweep, const wn_shard *shard, wn_error *err) {
  unsigned char *bytes;
  size_t size;
  WN_TRY(wn_shard_encode(shard, sweep->manifest.table, sweep->manifest.identity, &bytes, &size, err));
  if (!sweep->folder) {
    sweep->blob[shard->index] = (wn_blob){bytes, size};
    return WN_OK;
  }
  char *path = wn_sweep_shard_path(sweep->folder, shard->index);
  wn_status status = path ? wn_sweep_shard_folder_create(sweep->folder, shard->index, err) : wn_fail_memory(err);
  if (!status) status = wn_sweep_file_write(path, bytes, size, true, err);
  wn_free(path);
  wn_free(bytes);
  return status;
}

static wn_status make(wn_sweep *sweep, int worker, int index, wn_error *err) {
  wn_shard *shard;
  WN_TRY(wn_sweep_compute(sweep, worker, index, &shard, err));
  wn_status status = keep(sweep, shard, err);
  if (!status) {
    sweep->done[index] = 1;
    sweep->n_run += shard->n_row;
    sweep->n_failed += shard->n_failed;
    sweep->n_second += shard->n_second;
    sweep->n_case_done += shard->n_case;
    sweep->n_done++;
  }
  wn_shard_destroy(shard);
  return status;
}

// progress is told by whoever comes while nobody else tells it
static void report(wn_sweep *sweep) {
  if (!sweep->def.progress || atomic_flag_test_and_set(&sweep->reporting)) return;
  wn_sweep_progress now = wn_sweep_state(sweep);
  sweep->def.progress(sweep->def.progress_context, &now);
  atomic_flag_clear(&sweep->reporting);
}

// what the workers of one run share
typedef struct run {
  wn_sweep *sweep;
  const int *todo;
  wn_error *error;       // [n_worker]
  wn_status *status;     // [n_worker]
  atomic_bool hopeless;  // a full disk does not get better: the others stop after what is under way
} run;

static void task(void *context, int worker, int index) {
  run *r = context;
  if (r->status[worker] || wn_stop_get() || atomic_load(&r->hopeless)) return;
  r->status[worker] = make(r->sweep, worker, r->todo[index], &r->error[worker]);
  if (r->status[worker]) atomic_store(&r->hopeless, true);
  report(r->sweep);
}

static wn_status run_list(wn_sweep *sweep, const int *todo, int n, wn_error *err) {
  run r = {.sweep = sweep,
           .todo = todo,
           .error = wn_alloc((size_t)sweep->n_worker * sizeof *r.error),
           .status = wn_alloc((size_t)sweep->n_worker * sizeof *r.status)};
  wn_status status = r.error && r.status ? WN_OK : wn_fail_memory(err);
  if (!status) wn_pool_run(sweep->n_worker, n, task, &r);
  // what is wrong counts more than that somebody wants to stop
  for (int i = 0; i < sweep->n_worker && !status; i++) {
    if (r.status[i] == WN_OK || r.status[i] == WN_ERR_INTERRUPT) continue;
    status = r.status[i];
    if (err) *err = r.error[i];
  }
  wn_free(r.error);
  wn_free(r.status);
  return status;
}

// -- several processes ----------------------------------------------------------------------------------------------

// What this rank has done since it last told the others. Rank 0 keeps what all have done beside its own counts.
static wn_status tell(wn_sweep *sweep, int64_t told[WN_RANKS_COUNTER], wn_error *err) {
  const wn_ranks *ranks = sweep->def.ranks;
  int64_t now[WN_RANKS_COUNTER] = {0, sweep->n_case_done, sweep->n_run, sweep->n_failed}, news[WN_RANKS_COUNTER];
  for (int i = 0; i < WN_RANKS_COUNTER; i++) news[i] = now[i] - told[i], told[i] = now[i];
  if (ranks->rank > 0) return wn_ranks_check(ranks->mpi->add(news), err);
  int64_t others[WN_RANKS_COUNTER];
  WN_TRY(wn_ranks_check(ranks->mpi->read(others), err));
  for (int i = 1; i < WN_RANKS_COUNTER; i++) sweep->shared[i] = others[i];
  return WN_OK;
}

// take blocks of shards from the common counter until there are none; the next one is asked for while this one is made
static wn_status take_turns(wn_sweep *sweep, wn_error *err) {
  const wn_ranks_table *mpi = sweep->def.ranks->mpi;
  int64_t told[WN_RANKS_COUNTER] = {0, sweep->n_case_done, sweep->n_run, sweep->n_failed}, first;
  int count = sweep->n_worker;
  wn_status status = WN_OK;
  WN_TRY(wn_ranks_check(mpi->ask(count), err));
  for (;;) {
    WN_TRY(wn_ranks_check(mpi->answer(&first), err));
    if (first >= sweep->n_todo || status || wn_stop_get()) return status;
    WN_TRY(wn_ranks_check(mpi->ask(count), err));
    int n = sweep->n_todo - first < count ? (int)(sweep->n_todo - first) : count;
    status = run_list(sweep, sweep->todo + first, n, err);
    WN_TRY(tell(sweep, told, err));
    report(sweep);
  }
}

// Only together is it known whether all is done. Counts of all end up with rank 0.
static wn_status run_ranks(wn_sweep *sweep, wn_error *err) {
  const wn_ranks *ranks = sweep->def.ranks;
  wn_status status = take_turns(sweep, err);
  int64_t found = sweep->n_done - (sweep->n_mine - sweep->n_todo);
  int64_t all[2] = {found, status != WN_OK};
  WN_TRY(wn_ranks_check(ranks->mpi->sum(all, 2), err));
  int64_t told[WN_RANKS_COUNTER] = {0, sweep->n_case_done, sweep->n_run, sweep->n_failed};
  if (ranks->rank == 0) WN_TRY(tell(sweep, told, err));
  if (ranks->rank == 0) sweep->n_done += (int)(all[0] - found);
  if (status) return status;
  if (all[1]) return wn_fail(err, WN_ERR_RUN, "%lld of %d ranks failed", (long long)all[1], ranks->n_rank);
  return all[0] == sweep->n_todo ? WN_OK : wn_fail(err, WN_ERR_INTERRUPT, "interrupted");
}

wn_status wn_sweep_run(wn_sweep *sweep, wn_error *err) {
  int n_thread = sweep->def.run.n_thread > 0 ? sweep->def.run.n_thread : wn_pool_cores();
  if (n_thread > sweep->n_todo) n_thread = sweep->n_todo;
  if (n_thread < 1) n_thread = 1;
  if (!sweep->worker) WN_TRY(wn_sweep_workers_create(sweep, n_thread, err));
  if (sweep->def.ranks) return run_ranks(sweep, err);
  WN_TRY(run_list(sweep, sweep->todo, sweep->n_todo, err));
  if (sweep->n_done == sweep->n_mine) return WN_OK;
  return wn_fail(err, WN_ERR_INTERRUPT, "interrupted");
}

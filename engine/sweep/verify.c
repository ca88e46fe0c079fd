// verify.c - a sample of a sweep's cases, simulated again by CVODE. Invariant: the sample and what comes of it depend
// on the sweep's facts alone. It must not know how a case is planned, nor where shards are kept.

#include "base/pool.h"
#include "sweep/impl.h"

// What the workers share.
typedef struct job {
  const wn_sweep *sweep;
  const int64_t *chosen;
  double work;
  wn_verification *found;
  wn_status *status;
  wn_error *error;
} job;

static void task(void *context, int worker, int at) {
  const job *j = context;
  j->status[at] = wn_sweep_verify_case(j->sweep, worker, j->chosen[at], j->work, &j->found[at], &j->error[at]);
}

static wn_status check(job *j, int n, wn_verification *all, wn_error *err) {
  const int64_t n_arm = j->sweep->manifest.table->n_arm;
  j->found = wn_alloc((size_t)n * sizeof *j->found);
  j->status = wn_alloc((size_t)n * sizeof *j->status);
  j->error = wn_alloc((size_t)n * sizeof *j->error);
  wn_status status = j->found && j->status && j->error ? WN_OK : wn_fail_memory(err);
  if (!status) wn_pool_run(j->sweep->n_worker, n, task, j);
  for (int i = 0; i < n && !status; i++) {
    status = j->status[i];
    if (status && err) *err = j->error[i];
    wn_verification_add(all, &j->found[i], j->chosen[i] * n_arm);
  }
  wn_free(j->found);
  wn_free(j->status);
  wn_free(j->error);
  return status;
}

wn_status wn_sweep_verify(const wn_sweep *sweep, const wn_verify_def *def, wn_verification *verification,
                          wn_error *err) {
  const wn_manifest *m = &sweep->manifest;
  const int64_t n_case = m->n_point * wn_sweep_table_cases(m->table);
  const uint64_t seed = sweep->scenario->seed;
  WN_ARRAY(int64_t) chosen = {0};
  wn_status status = WN_OK;
  *verification = (wn_verification){0};
  // (without workers nothing had to be made: all was found done)
  for (int64_t i = 0; def->share > 0 && sweep->n_worker > 0 && i < n_case && !status; i++)
    if (wn_verify_takes(seed, i, def->share) && !WN_PUSH(&chosen, i)) status = wn_fail_memory(err);
  job j = {.sweep = sweep, .chosen = chosen.data, .work = def->work};
  if (!status && chosen.n) status = check(&j, chosen.n, verification, err);
  verification->n_all = n_case * m->table->n_arm;
  WN_ARRAY_FREE(&chosen);
  return status;
}

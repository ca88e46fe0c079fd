// verify.c - a sample of a sweep's cases, simulated again by CVODE. Invariant: the sample and what comes of it depend
// on the sweep's facts alone. It must not know how a case is planned, nor where shards are kept.

#include "sweep/impl.h"

// What the workers share.
typedef struct job {
  const wn_sweep *sweep;
  const int64_t *chosen;
  double work;
} job;

// one case, whose simulations are numbered on from those of the cases before it
static wn_status check(void *context, int worker, int at, wn_verification *verdict, wn_error *err) {
  const job *j = context;
  const wn_status status = wn_sweep_verify_case(j->sweep, worker, j->chosen[at], j->work, verdict, err);
  verdict->index += j->chosen[at] * j->sweep->manifest.table->n_arm;
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
  if (!status && chosen.n) status = wn_verify_each(chosen.n, sweep->n_worker, check, &j, verification, err);
  verification->n_all = n_case * m->table->n_arm;
  WN_ARRAY_FREE(&chosen);
  return status;
}

// ranks.c - see ranks.h. Invariant: without a launcher nothing is loaded. It must not know what is shared out.

#include "sweep/ranks.h"

#include "base/memory.h"
#include "base/module.h"

#include <stdlib.h>
#include <string.h>

// what launchers leave in the environment of the processes they start
static bool launched(bool *surely_alone) {
  static const char *const sizes[] = {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE"};
  *surely_alone = false;
  for (int i = 0; i < 2; i++) {
    const char *size = getenv(sizes[i]);
    if (!size) continue;
    *surely_alone = strcmp(size, "1") == 0;
    return true;
  }
  return getenv("PMIX_RANK") || getenv("PMI_RANK");
}

wn_status wn_ranks_open(wn_ranks **ranks, wn_error *err) {
  bool alone;
  *ranks = NULL;
  if (!launched(&alone) || alone) return WN_OK;
  wn_ranks *r = wn_alloc(sizeof *r);
  if (!r) return wn_fail_memory(err);
  const void *table;
  wn_status status = wn_module_open("mpi", &table, err);
  if (status) {
    wn_free(r);
    wn_fail_prefix(err, "started by mpirun, but this wane has no MPI (Debian: libopenmpi-dev); try --shard I/N");
    return err ? (err->status = WN_ERR_USER) : status;
  }
  r->mpi = table;
  status = wn_ranks_check(r->mpi->open(&r->rank, &r->n_rank), err);
  if (status || r->n_rank == 1) {
    if (!status) r->mpi->close();
    wn_free(r);
    return status;
  }
  *ranks = r;
  return WN_OK;
}

void wn_ranks_close(wn_ranks *ranks) {
  if (!ranks) return;
  ranks->mpi->close();
  wn_free(ranks);
}

wn_status wn_ranks_check(int status, wn_error *err) {
  return status ? wn_fail(err, WN_ERR_RUN, "MPI: a call failed with status %d", status) : WN_OK;
}

wn_status wn_ranks_agree(const wn_ranks *ranks, wn_status status, wn_error *err) {
  if (!ranks) return status;
  int64_t n_failed = status != WN_OK;
  WN_TRY(wn_ranks_check(ranks->mpi->sum(&n_failed, 1), err));
  if (n_failed == 0) return WN_OK;
  bool told = ranks->rank > 0 && (!status || n_failed == ranks->n_rank);
  if (!status) {
    status = WN_ERR_RUN;
    wn_fail(err, status, "%lld of %d ranks cannot begin", (long long)n_failed, ranks->n_rank);
  }
  if (told && err) err->message[0] = '\0';
  return status;
}

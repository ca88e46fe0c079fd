// ranks.h - the other processes of `mpirun wane sweep`. MPI itself is a module that is loaded only where a launcher has
// started several processes. They meet in a folder on a file system that all of them see.
#ifndef WN_SWEEP_RANKS_H
#define WN_SWEEP_RANKS_H

#include "base/error.h"
#include "sweep/ranks_table.h"
#include <stdbool.h>

typedef struct wn_ranks {
  const wn_ranks_table *mpi;
  int rank, n_rank;
} wn_ranks;

// Whether a launcher has started this process as one of several; then the ranks, else *ranks is NULL. WN_ERR_USER where
// this wane has no MPI: going on alone, every process would do the same work. Freed by wn_ranks_close.
wn_status wn_ranks_open(wn_ranks **ranks, wn_error *err);
void wn_ranks_close(wn_ranks *ranks);  // NULL is fine; waits for the others

// All ranks say how they fared: WN_OK when all went well; else the rank's own status, or WN_ERR_RUN where only others
// failed. When all failed, rank 0 has the words; those of the others are empty. By all ranks; without ranks, the
// status.
wn_status wn_ranks_agree(const wn_ranks *ranks, wn_status status, wn_error *err);

// WN_ERR_RUN with words when an MPI call failed.
wn_status wn_ranks_check(int status, wn_error *err);

#endif

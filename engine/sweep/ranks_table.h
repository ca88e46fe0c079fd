// ranks_table.h - what the module libwane-mpi.so (engine/modules/mpi.c) offers, in plain C types, so that nothing else
// sees MPI's header. Statuses are MPI's: 0 is success. All calls come from one thread of each process.
#ifndef WN_SWEEP_RANKS_TABLE_H
#define WN_SWEEP_RANKS_TABLE_H

#include <stdint.h>

enum { WN_RANKS_COUNTER = 4 };  // whole numbers that all ranks share; they begin at 0

typedef struct wn_ranks_table {
  int (*open)(int *rank, int *n_rank);  // by all ranks
  int (*close)(void);                   // by all ranks
  void (*abort)(int exit_status);       // ends the processes of all ranks

  // Add `count` to counter 0 and ask for what it was before: begun by `ask`, waited for by `answer`, so that the time
  // the question takes is spent working. One question at a time.
  int (*ask)(int64_t count);
  int (*answer)(int64_t *before);

  int (*add)(const int64_t value[WN_RANKS_COUNTER]);  // to all counters
  int (*read)(int64_t value[WN_RANKS_COUNTER]);

  int (*broadcast)(void *bytes, int64_t size);  // from rank 0, by all ranks
  int (*sum)(int64_t *value, int n);            // of all ranks, to all; by all ranks
} wn_ranks_table;

#endif

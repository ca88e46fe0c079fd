// mpi.c - the module libwane-mpi.so: several processes share out a sweep. Work is taken from a counter in the memory of
// rank 0 (one-sided, MPI 3), so that whoever is free takes the next; no rank waits for another in between. Must not
// know what the work is.

#include "base/module.h"
#include "sweep/ranks_table.h"

#include <mpi.h>

// the window in rank 0's memory, and the question under way
static MPI_Win window;
static int64_t *counters;
static MPI_Request asked;
static int64_t ask_count, ask_before;

static int open_ranks(int *rank, int *n_rank) {
  int provided, status = MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided);
  if (status) return status;
  MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
  if ((status = MPI_Comm_rank(MPI_COMM_WORLD, rank))) return status;
  if ((status = MPI_Comm_size(MPI_COMM_WORLD, n_rank))) return status;
  MPI_Aint size = *rank == 0 ? WN_RANKS_COUNTER * (MPI_Aint)sizeof *counters : 0;
  status = MPI_Win_allocate(size, sizeof *counters, MPI_INFO_NULL, MPI_COMM_WORLD, &counters, &window);
  if (status) return status;
  for (int i = 0; *rank == 0 && i < WN_RANKS_COUNTER; i++) counters[i] = 0;
  if ((status = MPI_Win_lock_all(0, window))) return status;
  if ((status = MPI_Win_sync(window))) return status;
  return MPI_Barrier(MPI_COMM_WORLD);
}

static int close_ranks(void) {
  int status = MPI_Win_unlock_all(window);
  if (!status) status = MPI_Win_free(&window);
  return status ? status : MPI_Finalize();
}

static void abort_ranks(int exit_status) { MPI_Abort(MPI_COMM_WORLD, exit_status); }

static int ask(int64_t count) {
  ask_count = count;
  return MPI_Rget_accumulate(&ask_count, 1, MPI_INT64_T, &ask_before, 1, MPI_INT64_T, 0, 0, 1, MPI_INT64_T, MPI_SUM,
                             window, &asked);
}

static int answer(int64_t *before) {
  int status = MPI_Wait(&asked, MPI_STATUS_IGNORE);
  *before = ask_before;
  return status;
}

static int add(const int64_t value[WN_RANKS_COUNTER]) {
  int status =
      MPI_Accumulate(value, WN_RANKS_COUNTER, MPI_INT64_T, 0, 0, WN_RANKS_COUNTER, MPI_INT64_T, MPI_SUM, window);
  return status ? status : MPI_Win_flush_local(0, window);
}

static int read_counters(int64_t value[WN_RANKS_COUNTER]) {
  int64_t nothing[WN_RANKS_COUNTER] = {0};
  int status = MPI_Get_accumulate(nothing, WN_RANKS_COUNTER, MPI_INT64_T, value, WN_RANKS_COUNTER, MPI_INT64_T, 0, 0,
                                  WN_RANKS_COUNTER, MPI_INT64_T, MPI_NO_OP, window);
  return status ? status : MPI_Win_flush(0, window);
}

static int broadcast(void *bytes, int64_t size) {
  enum { PIECE = 1 << 28 };
  for (char *at = bytes; size > 0; at += PIECE, size -= PIECE) {
    int status = MPI_Bcast(at, (int)(size < PIECE ? size : PIECE), MPI_BYTE, 0, MPI_COMM_WORLD);
    if (status) return status;
  }
  return 0;
}

static int sum(int64_t *value, int n) {
  return MPI_Allreduce(MPI_IN_PLACE, value, n, MPI_INT64_T, MPI_SUM, MPI_COMM_WORLD);
}

static const wn_ranks_table table = {.open = open_ranks,
                                     .close = close_ranks,
                                     .abort = abort_ranks,
                                     .ask = ask,
                                     .answer = answer,
                                     .add = add,
                                     .read = read_counters,
                                     .broadcast = broadcast,
                                     .sum = sum};

extern const wn_module wn_module_mpi;
WN_MODULE_EXPORT const wn_module wn_module_mpi = {WANE_VERSION, &table};

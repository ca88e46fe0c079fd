// pool.h - the only room with threads: run independent tasks on n threads. Which thread takes which task is not
// defined, so a task must depend on nothing but its index.
#ifndef WN_BASE_POOL_H
#define WN_BASE_POOL_H

#include <stdbool.h>

// Number of cores this process may use, at least 1.
int wn_pool_cores(void);

// Call task(context, worker, index) for index 0..n_task-1 on n_thread threads (worker < n_thread names the thread, for
// per-worker storage). n_thread <= 1 runs in the caller. Returns when all are done.
typedef void wn_task(void *context, int worker, int index);
void wn_pool_run(int n_thread, int n_task, wn_task *task, void *context);

// Held while a library that is not thread-safe works: one caller at a time in the whole process, for each of them.
typedef enum wn_library { WN_LIBRARY_NETCDF, WN_LIBRARY_UDUNITS, WN_N_LIBRARY } wn_library;
void wn_pool_lock(wn_library library);
void wn_pool_unlock(wn_library library);

// The interrupt flag (async-signal-safe): set by app's SIGINT handler, polled by sim between steps.
void wn_interrupt_set(bool value);
bool wn_interrupt_get(void);

// A softer wish (async-signal-safe): finish what is under way and begin nothing new; polled between shards of a sweep.
void wn_stop_set(bool value);
bool wn_stop_get(void);

#endif

// pool.c - the only room with threads. Invariant: every index is run exactly once, and nothing runs after the return.

#include "base/pool.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

enum { MAX_THREAD = 256 };

static atomic_bool interrupted, stopping;

void wn_interrupt_set(bool value) { atomic_store(&interrupted, value); }

bool wn_interrupt_get(void) { return atomic_load_explicit(&interrupted, memory_order_relaxed); }

static pthread_mutex_t libraries[WN_N_LIBRARY] = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER};

void wn_pool_lock(wn_library library) { pthread_mutex_lock(&libraries[library]); }

void wn_pool_unlock(wn_library library) { pthread_mutex_unlock(&libraries[library]); }

int wn_pool_cores(void) {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set)) return 1;
  int n = CPU_COUNT(&set);
  return n < 1 ? 1 : n;
}

void wn_stop_set(bool value) { atomic_store(&stopping, value); }

bool wn_stop_get(void) { return atomic_load_explicit(&stopping, memory_order_relaxed) || wn_interrupt_get(); }

typedef struct job {
  wn_task *task;
  void *context;
  int n_task;
  atomic_int next;
} job;

typedef struct worker {
  job *job;
  int id;
  pthread_t thread;
} worker;

// take the next index until there are none
static void *work(void *argument) {
  worker *self = argument;
  job *j = self->job;
  for (int i; (i = atomic_fetch_add(&j->next, 1)) < j->n_task;) j->task(j->context, self->id, i);
  return NULL;
}

void wn_pool_run(int n_thread, int n_task, wn_task *task, void *context) {
  if (n_thread > n_task) n_thread = n_task;
  if (n_thread > MAX_THREAD) n_thread = MAX_THREAD;
  job j = {.task = task, .context = context, .n_task = n_task};
  worker workers[MAX_THREAD];
  // the caller is worker 0; a thread that cannot be started leaves its share to the others
  int started = 1;
  for (int i = 1; i < n_thread; i++) {
    workers[started] = (worker){.job = &j, .id = started};
    if (pthread_create(&workers[started].thread, NULL, work, &workers[started]) == 0) started++;
  }
  workers[0] = (worker){.job = &j, .id = 0};
  work(&workers[0]);
  for (int i = 1; i < started; i++) pthread_join(workers[i].thread, NULL);
}

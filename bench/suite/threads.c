// threads.c - how much two, four, .. threads bring, and that they change no bit. Beside them as many processes, which
// share nothing but the machine: more than they bring no threads can. One thread, several, and processes take turns, by
// the clock, so that whatever else the machine does falls on all.
#include "base/pool.h"
#include "parts.h"
#include "reference.h"
#include "script/script.h"
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WIDTH = 16, N_ROUND = 5, N_SUBJECT = 640 };

typedef enum way { ONE, THREADS, PROCESSES, N_WAY } way;

typedef struct bed {
  const wn_bench_settings *settings;
  wn_bench_job job;
  const char *solver;
  int n_worker;
  double *block[N_WAY];  // that of the processes they share
  double best[N_WAY];    // s
} bed;

// A worker's share of the subjects, in a process of its own; its exit status. Memory is touched before it says on one
// pipe that it is ready; it begins when the other one is closed.
static int run_share(const bed *b, int worker, int ready, int go) {
  wn_bench_job job = b->job;
  wn_error err;
  char nothing = 0;
  const int first = worker * job.n_subject / b->n_worker, end = (worker + 1) * job.n_subject / b->n_worker;
  job.n_thread = 1, job.n_subject = end - first;
  job.param += (size_t)first * (size_t)job.c->n_param;
  job.block = b->block[PROCESSES] + wn_bench_size(job.c, first, 1);
  memset(job.block, 0, wn_bench_size(job.c, job.n_subject, 1) * sizeof(double));
  if (write(ready, &nothing, 1) != 1 || read(go, &nothing, 1) < 0) return 1;
  return wn_bench_lanes(b->solver, &job, &err) != WN_OK;
}

static bool await(int pipe, int n) {
  char byte;
  for (int i = 0; i < n; i++)
    if (read(pipe, &byte, 1) != 1) return false;
  return true;
}

// seconds from the moment when all are ready until the last is done
static wn_status run_processes(const bed *b, double *seconds, wn_error *err) {
  int ready[2], go[2], n_begun = 0, n_failed = 0;
  if (pipe(ready)) return wn_fail(err, WN_ERR_IO, "threads: no pipe");
  if (pipe(go)) return wn_fail(err, WN_ERR_IO, "threads: no pipe");
  fflush(stdout);
  for (; n_begun < b->n_worker; n_begun++) {
    const pid_t child = fork();
    if (child < 0) break;
    if (child == 0) {
      close(go[1]);
      _exit(run_share(b, n_begun, ready[1], go[0]));
    }
  }
  close(ready[1]);
  const bool are_ready = await(ready[0], n_begun);
  const double start = wn_bench_clock();
  close(go[1]);
  for (int status, i = 0; i < n_begun; i++) n_failed += wait(&status) < 0 || status != 0;
  *seconds = wn_bench_clock() - start;
  close(ready[0]);
  close(go[0]);
  return !are_ready || n_begun < b->n_worker || n_failed ? wn_fail(err, WN_ERR_RUN, "threads: a process failed")
                                                         : WN_OK;
}

static wn_status run(bed *b, way how, wn_error *err) {
  wn_bench_job job = b->job;
  double seconds = HUGE_VAL;
  job.block = b->block[how], job.n_thread = how == THREADS ? b->n_worker : 1;
  if (how == PROCESSES) {
    WN_TRY(run_processes(b, &seconds, err));
  } else {
    const double start = wn_bench_clock();
    WN_TRY(wn_bench_lanes(b->solver, &job, err));
    seconds = wn_bench_clock() - start;
  }
  b->best[how] = fmin(b->best[how], seconds);
  return WN_OK;
}

static wn_status report_threads(const bed *b, wn_bench_report *report, wn_error *err) {
  char how[120];
  wn_bench_line line = {.n_thread = b->n_worker,
                        .width = WIDTH,
                        .rtol = b->job.rtol,
                        .atol = b->job.atol,
                        .best = b->job.n_subject / b->best[THREADS],
                        .median = NAN,
                        .taken = NAN,
                        .mb = NAN};
  const size_t size = wn_bench_size(b->job.c, b->job.n_subject, 1) * sizeof(double);
  if (wn_bench_is_spoilt(b->settings, "threads")) b->block[THREADS][7] += 1;
  const bool is_same =
      !memcmp(b->block[ONE], b->block[THREADS], size) && !memcmp(b->block[ONE], b->block[PROCESSES], size);
  line.error = is_same ? 0 : HUGE_VAL;
  snprintf(line.case_name, sizeof line.case_name, "threads");
  snprintf(line.row, sizeof line.row, "%s %s", b->job.c->name, b->solver);
  snprintf(how, sizeof how, "%.2f x one thread on %d cores; %d processes %.2f x; same bits",
           b->best[ONE] / b->best[THREADS], wn_pool_cores(), b->n_worker, b->best[ONE] / b->best[PROCESSES]);
  return wn_bench_report_part(report, &line, is_same, how) ? WN_OK : wn_fail_memory(err);
}

static wn_status measure(bed *b, wn_bench_report *report, wn_error *err) {
  const size_t size = wn_bench_size(b->job.c, b->job.n_subject, 1);
  wn_status status = WN_OK;
  for (int i = 0; i < N_WAY; i++) b->best[i] = HUGE_VAL;
  b->block[ONE] = wn_alloc_doubles(size), b->block[THREADS] = wn_alloc_doubles(size);
  double *shared = mmap(NULL, size * sizeof(double), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  b->block[PROCESSES] = shared;
  if (!b->block[ONE] || !b->block[THREADS] || shared == MAP_FAILED) status = wn_fail_memory(err);
  for (int i = 0; i < (b->settings->is_quick ? 1 : N_ROUND) && !status; i++)
    for (way how = ONE; how < N_WAY && !status; how++) status = run(b, how, err);
  if (!status) status = report_threads(b, report, err);
  if (shared != MAP_FAILED) munmap(shared, size * sizeof(double));
  wn_free(b->block[ONE]);
  wn_free(b->block[THREADS]);
  return status;
}

static wn_status measure_case(const wn_bench_settings *settings, const char *name, const char *solver,
                              wn_bench_report *report, wn_error *err) {
  wn_script *script = NULL;
  const wn_bench_case *c = wn_bench_case_find(name);
  const int n = settings->is_quick ? 4 * WIDTH : N_SUBJECT;
  WN_TRY(wn_bench_load_case(settings, c, &script, err));
  double *param = wn_bench_population(c, n);
  bed b = {.settings = settings,
           .solver = solver,
           .n_worker = wn_pool_cores() > 1 ? wn_pool_cores() : 2,
           .job = {.c = c,
                   .model = wn_script_model(script),
                   .param = param,
                   .n_subject = n,
                   .width = WIDTH,
                   .rtol = 1e-6,
                   .atol = 1e-9}};
  const wn_status status = param ? measure(&b, report, err) : wn_fail_memory(err);
  wn_free(param);
  wn_script_destroy(script);
  return status;
}

wn_status wn_bench_threads(const wn_bench_settings *settings, wn_bench_report *report, wn_error *err) {
  printf("\nthreads\n");
  WN_TRY(measure_case(settings, "W2", "rosenbrock", report, err));
  return measure_case(settings, "W3", "rk", report, err);
}

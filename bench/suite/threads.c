// threads.c - how much two, four, .. threads bring, and that they change no bit. One thread and several take turns, by
// the clock, so that whatever else the machine does falls on both.
#include "base/pool.h"
#include "parts.h"
#include "reference.h"
#include "script/script.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { WIDTH = 16, N_ROUND = 5, N_SUBJECT = 320 };

typedef struct bed {
  const wn_bench_settings *settings;
  wn_bench_job job;
  const char *solver;
  double *block[2];  // of one thread, of several
  double best[2];    // s
} bed;

static wn_status run(bed *b, int which, int n_thread, wn_error *err) {
  wn_bench_job job = b->job;
  job.block = b->block[which], job.n_thread = n_thread;
  const double start = wn_bench_clock();
  WN_TRY(wn_bench_lanes(b->solver, &job, err));
  b->best[which] = fmin(b->best[which], wn_bench_clock() - start);
  return WN_OK;
}

static wn_status report_threads(const bed *b, int n_thread, wn_bench_report *report, wn_error *err) {
  char how[96];
  wn_bench_line line = {.n_thread = n_thread,
                        .width = WIDTH,
                        .rtol = b->job.rtol,
                        .atol = b->job.atol,
                        .best = b->job.n_subject / b->best[1],
                        .median = NAN,
                        .taken = NAN,
                        .mb = NAN};
  const size_t size = wn_bench_size(b->job.c, b->job.n_subject, WIDTH) * sizeof(double);
  if (wn_bench_is_spoilt(b->settings, "threads")) b->block[1][7] += 1;
  const bool is_same = memcmp(b->block[0], b->block[1], size) == 0;
  line.error = is_same ? 0 : HUGE_VAL;
  snprintf(line.case_name, sizeof line.case_name, "threads");
  snprintf(line.row, sizeof line.row, "%s %s", b->job.c->name, b->solver);
  snprintf(how, sizeof how, "%.2f x one thread on %d cores; same bits", b->best[0] / b->best[1], wn_pool_cores());
  return wn_bench_report_part(report, &line, is_same, how) ? WN_OK : wn_fail_memory(err);
}

static wn_status measure(bed *b, wn_bench_report *report, wn_error *err) {
  const int n_thread = wn_pool_cores() > 1 ? wn_pool_cores() : 2;
  const size_t size = wn_bench_size(b->job.c, b->job.n_subject, WIDTH);
  wn_status status = WN_OK;
  for (int i = 0; i < 2; i++) b->block[i] = wn_alloc_doubles(size), b->best[i] = HUGE_VAL;
  if (!b->block[0] || !b->block[1]) status = wn_fail_memory(err);
  for (int i = 0; i < (b->settings->is_quick ? 1 : N_ROUND) && !status; i++) {
    status = run(b, 0, 1, err);
    if (!status) status = run(b, 1, n_thread, err);
  }
  if (!status) status = report_threads(b, n_thread, report, err);
  wn_free(b->block[0]);
  wn_free(b->block[1]);
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

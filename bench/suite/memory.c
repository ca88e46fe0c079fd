// memory.c - the most memory a run of 10^4 subjects takes with all its outputs kept. The run has a process of its own,
// since what a process once took it does not give back to the count. Invariant: the count is read before anything is
// allocated to check the answer.
#include "parts.h"
#include "reference.h"
#include "script/script.h"
#include <math.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { N_SUBJECT = 10000, N_COMPARED = 8 };

typedef struct finding {
  wn_status status;
  wn_error err;
  double seconds, mb, least_mb, error;
} finding;

static wn_status simulate(const wn_bench_case *c, const wn_model *model, const double *param, double *block,
                          finding *found) {
  wn_bench_job job = {.c = c,
                      .model = model,
                      .param = param,
                      .n_subject = N_SUBJECT,
                      .width = 16,
                      .n_thread = 1,
                      .rtol = 1e-8,
                      .atol = 1e-8,
                      .block = block,
                      .n_copied = N_COMPARED};
  struct rusage usage;
  const double start = wn_bench_cpu();
  WN_TRY(wn_bench_simulate("auto", &job, &found->err));
  found->seconds = wn_bench_cpu() - start;
  getrusage(RUSAGE_SELF, &usage);
  found->mb = (double)usage.ru_maxrss * 1024 / 1e6;
  // states and outputs that any program would hold
  found->least_mb = 8e-6 * N_SUBJECT * c->n_time * (c->n_state + model->n_output);
  return WN_OK;
}

static wn_status measure(const wn_bench_settings *settings, finding *found) {
  const wn_bench_case *c = wn_bench_case_find("W1");
  wn_script *script = NULL;
  double *reference = NULL, time;
  int state;
  WN_TRY(wn_bench_load_case(settings, c, &script, &found->err));
  double *param = wn_bench_population(c, N_SUBJECT), *block = wn_alloc_doubles(wn_bench_size(c, N_COMPARED, 1));
  wn_status status = param && block ? WN_OK : wn_fail_memory(&found->err);
  if (!status) status = simulate(c, wn_script_model(script), param, block, found);
  if (!status) status = wn_bench_reference(c, N_COMPARED, settings->cache, &reference, &found->err);
  if (!status && wn_bench_is_spoilt(settings, "memory")) block[11] += 1;
  if (!status) found->error = wn_bench_error(c, N_COMPARED, block, 1, reference, &state, &time);
  wn_free(reference);
  wn_free(param);
  wn_free(block);
  wn_script_destroy(script);
  return status;
}

wn_status wn_bench_memory_begin(const wn_bench_settings *settings, wn_bench_memory *memory, wn_error *err) {
  int end[2];
  memory->from = -1;
  if (pipe(end)) return wn_fail(err, WN_ERR_RUN, "memory: no pipe");
  fflush(stdout);
  const pid_t child = fork();
  if (child < 0) return wn_fail(err, WN_ERR_RUN, "memory: no process");
  if (child == 0) {
    finding found = {0};
    found.status = measure(settings, &found);
    const bool is_written = write(end[1], &found, sizeof found) == (ssize_t)sizeof found;
    _exit(is_written ? 0 : 1);
  }
  close(end[1]);
  memory->from = end[0];
  // nothing else is measured meanwhile
  waitpid(child, NULL, 0);
  return WN_OK;
}

wn_status wn_bench_memory_end(wn_bench_memory *memory, wn_bench_report *report, wn_error *err) {
  finding found;
  const bool is_read = read(memory->from, &found, sizeof found) == (ssize_t)sizeof found;
  close(memory->from);
  printf("\nmemory\n");
  if (!is_read) return wn_fail(err, WN_ERR_RUN, "memory: the run ended without a result");
  if (found.status) return *err = found.err, found.status;
  char how[160];
  wn_bench_line line = {.n_thread = 1,
                        .width = 16,
                        .rtol = 1e-8,
                        .atol = 1e-8,
                        .best = N_SUBJECT / found.seconds,
                        .median = NAN,
                        .taken = NAN,
                        .error = found.error,
                        .mb = found.mb,
                        .case_name = "memory",
                        .row = "W1 10000 subjects"};
  snprintf(how, sizeof how, "most: %.0f MB, of which %.0f are the results", found.mb, found.least_mb);
  return wn_bench_report_part(report, &line, found.error < 1e-6, how) ? WN_OK : wn_fail_memory(err);
}

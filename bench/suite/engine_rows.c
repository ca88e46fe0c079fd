// engine_rows.c - what a person waits for: a model loaded, a scenario planned and run, and the memory it takes. Fastest
// of several, by processor time of the process on one thread.
#include "report.h"
#include "wane.h"
#include <math.h>
#include <stdio.h>
#include <sys/resource.h>

enum { N_ROUND = 15 };

static wn_status load(wn_study **study, const char *file, double *best, wn_error *err) {
  const double start = wn_bench_cpu();
  WN_TRY(wn_study_open(WANE_SOURCE_DIR, file, study, err));
  *best = fmin(*best, wn_bench_cpu() - start);
  return WN_OK;
}

static wn_status plan_and_run(wn_study *study, double *plan, double *run, wn_error *err) {
  wn_study_def def = wn_study_default();
  def.n_thread = 1;
  double start = wn_bench_cpu();
  WN_TRY(wn_study_plan(study, &def, err));
  *plan = fmin(*plan, wn_bench_cpu() - start);
  start = wn_bench_cpu();
  WN_TRY(wn_study_run(study, err));
  *run = fmin(*run, wn_bench_cpu() - start);
  return WN_OK;
}

wn_status wn_bench_report_engine(wn_error *err) {
  double model = HUGE_VAL, open = HUGE_VAL, plan = HUGE_VAL, run = HUGE_VAL;
  for (int i = 0; i < N_ROUND; i++) {
    wn_study *study = NULL;
    wn_status status = load(&study, "naltrexone", &model, err);
    wn_study_close(study);
    if (status) return status;
    study = NULL;
    status = load(&study, "standard_vs_low", &open, err);
    if (!status) status = plan_and_run(study, &plan, &run, err);
    wn_study_close(study);
    if (status) return status;
  }
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  printf("\nthe engine\n%-44s %8.2f ms\n%-44s %8.2f ms\n%-44s %8.2f ms\n%-44s %8.2f ms\n%-44s %8.1f MB\n",
         "load, trace, differentiate, lower naltrexone", 1e3 * model, "open standard_vs_low", 1e3 * open,
         "plan standard_vs_low", 1e3 * plan, "run standard_vs_low, two arms, 28 days", 1e3 * run,
         "most memory of all rows run", (double)usage.ru_maxrss / 1024);
  return WN_OK;
}

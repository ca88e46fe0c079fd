// second.h - the rows by hand once more, over a second SUNDIALS: what the module bench_system holds (system/module.c).
#ifndef WN_BENCH_SECOND_H
#define WN_BENCH_SECOND_H

#include "rows.h"

typedef struct wn_bench_second {
  wn_status (*bdf)(wn_bench_job *job, wn_error *err);
  wn_status (*adams)(wn_bench_job *job, wn_error *err);
} wn_bench_second;

#endif

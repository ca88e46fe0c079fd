// parts.h - what is measured beside the cases: loading, the bundled scenarios, threads, memory. Each row checks its
// answer. Errors are those of the run itself; a wrong answer is a row of the report.
#ifndef WN_BENCH_PARTS_H
#define WN_BENCH_PARTS_H

#include "report.h"

wn_status wn_bench_loading(const wn_bench_settings *settings, wn_bench_report *report, wn_error *err);
wn_status wn_bench_scenarios(const wn_bench_settings *settings, wn_bench_report *report, wn_error *err);
wn_status wn_bench_threads(const wn_bench_settings *settings, wn_bench_report *report, wn_error *err);

// 10^4 subjects of W1 with all outputs, in a process of its own that is begun first, while this one is small.
typedef struct wn_bench_memory {
  int from;  // reading end of a pipe; -1: not begun
} wn_bench_memory;
wn_status wn_bench_memory_begin(const wn_bench_settings *settings, wn_bench_memory *memory, wn_error *err);
wn_status wn_bench_memory_end(wn_bench_memory *memory, wn_bench_report *report, wn_error *err);

// The model of a case, with the script that owns it; wn_script_destroy.
typedef struct wn_script wn_script;
wn_status wn_bench_load_case(const wn_bench_settings *settings, const wn_bench_case *c, wn_script **script,
                             wn_error *err);

#endif

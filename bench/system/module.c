// module.c - the rows by hand over another SUNDIALS than the engine's: a module, so that both can be in one process.
// Holds its own copy of the code by hand; must not know the engine.
#include "base/module.h"
#include "rows.h"
#include "second.h"

// what the copy of the code by hand says it is doing is of no use here
volatile int wn_bench_part = WN_PART_SOLVER;

static const wn_bench_second table = {.bdf = wn_bench_cvode_bdf, .adams = wn_bench_cvode_adams};

WN_MODULE_EXPORT const wn_module wn_module_bench_system = {WANE_VERSION, &table};

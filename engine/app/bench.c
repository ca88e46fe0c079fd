// bench.c - wane bench: hands over to wane-bench, which stands beside this program: the suite brings code of its own,
// SUNDIALS' stock vectors among it, that the program does not need. Must not know what is measured.

#include "app.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const wn_flag flags[] = {
    {"quick", NULL, "one tolerance, short passes, few subjects checked: under half a minute", false},
    {"parts", "LIST", "of cases, loading, scenarios, threads, memory; default all", false},
    {"cases", "LIST", "of W1, W2, W3, naltrexone; default all", false},
    {"rows", "LIST", "only rows whose name contains one of these: rk,cvode", false},
    {"width", "LIST", "lanes of a batch; default 16", false},
    {"threads", "N", "threads of the engine's rows; default 1", false},
    {"curve", NULL, "work and precision: tolerances 1e-3 to 1e-10, and who is ahead at equal error", false},
    {"profile", NULL, "where the time goes, and what the machine could do at best", false},
    {"csv", "FILE.csv", "write the rows there too, for bench/compare", false},
    {"peers", "FILE.csv", "rows of other programs, as bench/peers writes them, into the table; may be repeated", true},
    {"population", "FOLDER", "write what bench/peers needs into FOLDER, and measure nothing", false},
    {"seconds", "X", "length of a timed pass; default 0.2", false},
    {"repeat", "N", "passes, of which the fastest counts; default 7", false},
    {"cache", "FOLDER", "where reference solutions are kept; default bench-cache", false},
    {"spoil", "TEXT", "make the answer of such rows wrong, to see that it is found", false},
    {"count", NULL, "a single pass over one batch of each row, untimed: for callgrind", false},
    {0},
};

enum { MOST_ARGUMENT = 2 * WN_MAX_GIVEN + 2, MOST_NAME = 32 };

// the file beside this program
static bool find(char path[PATH_MAX]) {
  ssize_t length = readlink("/proc/self/exe", path, PATH_MAX - 16);
  if (length <= 0) return false;
  path[length] = '\0';
  char *slash = strrchr(path, '/');
  if (!slash) return false;
  strcpy(slash, "/wane-bench");
  return access(path, X_OK) == 0;
}

static wn_status hand_over(const wn_args *args, wn_error *err) {
  char path[PATH_MAX], *argument[MOST_ARGUMENT] = {NULL}, name[MOST_NAME];
  int n = 0;
  if (!find(path))
    return wn_fail(err, WN_ERR_IO,
                   "bench: wane-bench is not beside this program; in the source: cmake --build --preset release");
  wn_arena *arena = wn_arena_create();
  bool ok = arena != NULL;
  argument[n++] = path;
  for (int i = 0; i < args->n && ok; i++) {
    snprintf(name, sizeof name, "--%s", args->given[i].flag->name);
    ok = (argument[n++] = wn_arena_strdup(arena, name)) != NULL;
    if (ok && args->given[i].value) ok = (argument[n++] = wn_arena_strdup(arena, args->given[i].value)) != NULL;
  }
  if (ok) execv(path, argument);
  if (arena) wn_arena_destroy(arena);
  return ok ? wn_fail(err, WN_ERR_IO, "bench: %.300s does not start", path) : wn_fail_memory(err);
}

static int run(const wn_args *args) {
  wn_error err = {0};
  return hand_over(args, &err), wn_app_fail(&err);
}

const wn_command wn_command_bench = {
    .name = "bench",
    .operand = NULL,
    .summary = "the benchmarks, beside the same equations by hand in C; every answer is checked",
    .text =
        "Measure the solvers on four cases beside CVODE and Dormand-Prince written by hand for the same equations,\n"
        "then loading, the bundled scenarios, threads and memory. Every row checks its answer; a wrong one ends with\n"
        "status 1. Takes some minutes; --quick less. docs/benchmarks.md says how to read it.",
    .flags = flags,
    .run = run,
};

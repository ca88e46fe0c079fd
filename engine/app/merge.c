// merge.c - wane merge: shares of a sweep, worked out by several processes, become one file. Invariant: the file has
// the bits it would have from one process; it is written only when every shard is there and whole.

#include "app.h"

#include "base/pool.h"
#include "sweep/file.h"
#include "sweeping.h"

#include <string.h>

static const wn_flag flags[] = {
    {"out", "FILE", "the result, .csv, .csv.gz or .nc; default the first folder's name without .sweep", false},
    {"plot", "FILE", "a picture, as wane sweep --plot; .svg, .png or .pdf", false},
    {"show", "METRIC,...", "which metrics the picture shows", false},
    {"remove", NULL, "remove the folders when the result is written", false},
    {"threads", "N", "default all cores", false},
    {0},
};

// "x.csv" means "x.csv.sweep" where that is there
static char *folder_of(const char *name) {
  size_t size = strlen(name) + 8;
  char *path = wn_alloc(size);
  if (!path) return NULL;
  snprintf(path, size, "%s.sweep", name);
  if (!wn_sweep_folder_exists(path)) snprintf(path, size, "%s", name);
  // a trailing slash, as a shell completes it
  for (size_t n = strlen(path); n > 1 && path[n - 1] == '/'; n--) path[n - 1] = '\0';
  return path;
}

// what is written: --out, or the folder's name without its ending
static wn_status target_of(const wn_args *args, char *folder, char **target, wn_error *err) {
  const char *given = wn_args_value(args, "out");
  size_t n = strlen(folder);
  if (!given && (n < 7 || strcmp(folder + n - 6, ".sweep") != 0))
    return wn_fail(err, WN_ERR_USER, "merge: %s does not end in .sweep; say where the result goes by --out", folder);
  *target = wn_strdup(given ? given : folder);
  if (!*target) return wn_fail_memory(err);
  if (!given) (*target)[n - 6] = '\0';
  if (wn_sweep_write_check(*target, err)) return wn_fail_prefix(err, "--out");
  return wn_app_check_place(*target, err);
}

static wn_status check_whole(const wn_shards *shards, wn_error *err) {
  int first, n = wn_shards_missing(shards, &first), all = wn_shards_manifest(shards)->n_shard;
  if (n == 0) return WN_OK;
  return wn_fail(err, WN_ERR_USER,
                 "merge: %d of %d shards are missing or damaged, the first is number %d; run the shares that were to "
                 "make them again with --resume",
                 n, all, first);
}

static wn_status merge(const wn_args *args, char **folder, int n_folder, char **target, wn_error *err) {
  double threads = 0;
  WN_TRY(wn_app_number(args, "threads", "a whole number from 1 to 4096", &threads, err));
  int n_thread = threads >= 1 && threads <= 4096 ? (int)threads : wn_pool_cores();
  const char *plot = wn_args_value(args, "plot");
  wn_shards *shards;
  WN_TRY(wn_shards_open((const char *const *)folder, n_folder, &shards, err));
  wn_status status = target_of(args, folder[0], target, err);
  if (!status && plot) status = wn_sweep_plot_check(wn_shards_manifest(shards), plot, wn_args_value(args, "show"), err);
  if (!status) status = check_whole(shards, err);
  if (!status) status = wn_sweep_write(shards, *target, n_thread, err);
  if (!status && plot) status = wn_sweep_plot(shards, plot, wn_args_value(args, "show"), err);
  int n_shard = wn_shards_manifest(shards)->n_shard;
  for (int i = 0; !status && wn_args_has(args, "remove") && i < n_folder; i++)
    status = wn_sweep_folder_remove(folder[i], n_shard, err);
  wn_shards_close(shards);
  return status;
}

static int run(const wn_args *args) {
  wn_error err = {0};
  char **folder = wn_alloc((size_t)args->n_operand * sizeof *folder), *target = NULL;
  wn_status status = folder ? WN_OK : wn_fail_memory(&err);
  for (int i = 0; !status && i < args->n_operand; i++) {
    folder[i] = folder_of(args->operands[i]);
    if (!folder[i]) status = wn_fail_memory(&err);
  }
  if (!status) status = merge(args, folder, args->n_operand, &target, &err);
  for (int i = 0; folder && i < args->n_operand; i++) wn_free(folder[i]);
  wn_free(folder);
  wn_free(target);
  return status ? wn_app_fail(&err) : WN_EXIT_OK;
}

const wn_command wn_command_merge = {
    .name = "merge",
    .operand = "FOLDER...",
    .summary = "put the shares of a sweep (wane sweep --shard) together",
    .text =
        "Put the shares of a sweep, run with --shard I/N into one folder or several, together into one file: the same\n"
        "bits as from one process.\n\n"
        "  wane merge doses.csv.sweep\n"
        "  wane merge a/doses.csv.sweep b/doses.csv.sweep --out doses.csv",
    .flags = flags,
    .run = run,
};

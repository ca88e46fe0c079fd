// watch.c - run again whenever a Lua file is saved. Invariant: an error is shown and the watch goes on; only Ctrl-C
// ends it. The folders in which a file, its model and its parts can lie are looked at a few times a second.

#include "app.h"

#include "base/pool.h"

#include <dirent.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

enum { WATCH_MS = 250 };

// a number that changes when a Lua file of the folder is saved, added or removed
static unsigned long stamp_folder(const char *folder) {
  unsigned long stamp = 0;
  DIR *directory = opendir(folder);
  if (!directory) return 0;
  for (struct dirent *entry; (entry = readdir(directory));) {
    size_t length = strlen(entry->d_name);
    char path[8192];
    struct stat info;
    if (length < 5 || strcmp(entry->d_name + length - 4, ".lua") != 0) continue;
    snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
    if (stat(path, &info) != 0) continue;
    // a sum, so that the order of the directory does not matter
    unsigned long one = (unsigned long)info.st_mtim.tv_sec * 1000003ul + (unsigned long)info.st_mtim.tv_nsec;
    stamp += (one ^ (unsigned long)info.st_ino * 2654435761ul) * 31 + (unsigned long)info.st_size;
  }
  closedir(directory);
  return stamp;
}

static unsigned long stamp_with_parts(const char *folder) {
  char parts[4200];
  snprintf(parts, sizeof parts, "%.4096s/parts", folder);
  return stamp_folder(folder) + 7 * stamp_folder(parts);
}

static unsigned long stamp_all(const char *file) {
  char folder[4096] = ".", data[4096], bundled[4200];
  const char *slash = strrchr(file, '/');
  if (slash) snprintf(folder, sizeof folder, "%.*s", slash == file ? 1 : (int)(slash - file), file);
  unsigned long stamp = stamp_with_parts(folder);
  if (wn_data_dir(data, NULL)) return stamp;
  snprintf(bundled, sizeof bundled, "%s/models", data);
  stamp += 3 * stamp_with_parts(bundled);
  snprintf(bundled, sizeof bundled, "%s/plugins", data);
  return stamp + 5 * stamp_folder(bundled);
}

static void wait_a_little(void) {
  struct timespec pause = {0, WATCH_MS * 1000000L};
  nanosleep(&pause, NULL);
}

int wn_app_watch(const wn_args *args, int (*run)(const wn_args *args)) {
  while (!wn_interrupt_get()) {
    unsigned long before = stamp_all(args->operand);
    if (run(args) == WN_EXIT_INTERRUPT) return WN_EXIT_INTERRUPT;
    fflush(stdout);
    wn_app_say("watching %s; Ctrl-C ends", args->operand);
    unsigned long now = before;
    while (!wn_interrupt_get() && now == before) wait_a_little(), now = stamp_all(args->operand);
    // an editor may take more than one step to save
    for (unsigned long last = before; !wn_interrupt_get() && now != last;) {
      last = now;
      wait_a_little();
      now = stamp_all(args->operand);
    }
  }
  wn_app_say("interrupted");
  return WN_EXIT_INTERRUPT;
}

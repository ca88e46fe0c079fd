// module.c - shared modules by name: where they are, dlopen, and whether they fit. Invariant: the only file that loads
// code at run time; a module of another version is refused. Must not know what a module does.

#include "base/module.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef WANE_MODULE_DIR  // relative to the directory of the program
#define WANE_MODULE_DIR "../lib/wane"
#endif
#ifndef WANE_MODULE_BUILD_DIR
#define WANE_MODULE_BUILD_DIR ""
#endif

// folder "/" below "/libwane-" name ".so", when there is such a file; `folder` may be a file, whose directory counts
static bool try_path(char path[PATH_MAX], const char *folder, int length, const char *below, const char *name) {
  int n = snprintf(path, PATH_MAX, "%.*s%s%s/libwane-%s.so", length, folder, *below ? "/" : "", below, name);
  return n > 0 && n < PATH_MAX && access(path, R_OK) == 0;
}

static bool beside(char path[PATH_MAX], const char *file, const char *below, const char *name) {
  const char *slash = strrchr(file, '/');
  return slash && try_path(path, file, (int)(slash - file), below, name);
}

static bool find(char path[PATH_MAX], const char *name) {
  const char *chosen = getenv("WANE_MODULES");
  if (chosen && *chosen) return try_path(path, chosen, (int)strlen(chosen), "", name);
  // the program, then the library this code is in
  char program[PATH_MAX];
  ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
  if (length > 0) {
    program[length] = '\0';
    if (beside(path, program, WANE_MODULE_DIR, name)) return true;
  }
  Dl_info about;
  static const char here = 0;
  if (dladdr(&here, &about) && about.dli_fname && beside(path, about.dli_fname, "wane", name)) return true;
  const char *build = WANE_MODULE_BUILD_DIR;
  return *build && try_path(path, build, (int)strlen(build), "", name);
}

wn_status wn_module_open(const char *name, const void **table, wn_error *err) {
  *table = NULL;
  char path[PATH_MAX], symbol[64];
  if (!find(path, name)) return wn_fail(err, WN_ERR_IO, "module libwane-%s.so is not there", name);
  void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!handle) {
    const char *why = dlerror();
    return wn_fail(err, WN_ERR_IO, "module libwane-%s.so does not load: %.300s", name, why ? why : "no reason given");
  }
  snprintf(symbol, sizeof symbol, "wn_module_%s", name);
  const wn_module *module = dlsym(handle, symbol);
  if (module && strcmp(module->version, WANE_VERSION) == 0) {
    *table = module->table;
    return WN_OK;
  }
  const char *version = module ? module->version : "none";
  wn_fail(err, WN_ERR_IO, "%.300s: expected a module of wane %s, got %.40s; try installing wane again", path,
          WANE_VERSION, version);
  dlclose(handle);
  return WN_ERR_IO;
}

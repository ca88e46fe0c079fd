// module.h - parts of wane that stand on large libraries sit in shared modules of their own, libwane-<name>.so, loaded
// when first needed: a program that never writes NetCDF never loads the libraries for it, and one installed without
// them runs all the same. What a module does behind its table is its own business; whoever asks for it owns the table's
// type (io/netcdf_table.h) and keeps its uses apart where the libraries behind are not thread-safe.
#ifndef WN_BASE_MODULE_H
#define WN_BASE_MODULE_H

#include "base/error.h"

// What a module exports, as `wn_module_<name>`: plain data and functions, no callbacks into the engine.
typedef struct wn_module {
  const char *version;  // WANE_VERSION it was built with
  const void *table;    // a struct of functions
} wn_module;

// Put before the definition of a module's one exported variable.
#define WN_MODULE_EXPORT __attribute__((visibility("default")))

// Load libwane-<name>.so (once; it stays loaded until the process ends) and return its table. Looked for in the
// directory WANE_MODULES of the environment, if that is set, and nowhere else; otherwise where it is installed relative
// to the program and to the library, then in the build tree. Errors: WN_ERR_IO "module netcdf is not there", does not
// load, or belongs to another version.
wn_status wn_module_open(const char *name, const void **table, wn_error *err);

#endif

// netcdf_build.h - a NetCDF definition put together piece by piece, and what all of wane's files say of themselves.
// Everything is allocated from one arena; a failed allocation is remembered, so that only the end has to ask.
#ifndef WN_IO_NETCDF_BUILD_H
#define WN_IO_NETCDF_BUILD_H

#include "base/memory.h"
#include "io/io.h"
#include "io/netcdf.h"

typedef struct wn_netcdf_build {
  wn_arena *arena;  // NULL: out of memory
  bool failed;
  WN_ARRAY(wn_netcdf_dimension) dimensions;
  WN_ARRAY(wn_netcdf_variable) variables;
  WN_ARRAY(wn_netcdf_attribute) attributes;  // of the file
} wn_netcdf_build;

void wn_netcdf_build_init(wn_netcdf_build *build);
void wn_netcdf_build_free(wn_netcdf_build *build);

// Each returns an index. Names are made ones that files can have; one that is taken gets "wane_" before it. Strings are
// copied. Out of memory: 0, and build->failed.
int wn_netcdf_build_dimension(wn_netcdf_build *build, const char *name, int64_t length);
int wn_netcdf_build_variable(wn_netcdf_build *build, const char *name, wn_netcdf_type type, const char *unit,
                             const char *long_name, int n_dim, ...);  // n_dim indices of dimensions
int wn_netcdf_build_text(wn_netcdf_build *build, const char *name, int width, const char *long_name, int n_dim, ...);

// variable -1: of the file
void wn_netcdf_build_note(wn_netcdf_build *build, int variable, const char *name, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void wn_netcdf_build_number(wn_netcdf_build *build, int variable, const char *name, double value);
void wn_netcdf_build_flags(wn_netcdf_build *build, int variable, const char *meanings);  // 0, 1, ...

// What every file says: title, Conventions, source, comment, history, the texts it rests on with a hash of them all.
void wn_netcdf_build_origin(wn_netcdf_build *build, const char *title, const char *caption, const wn_origin *origin);

// The definition, which lives as long as the build; WN_ERR_MEMORY if anything before has failed.
wn_status wn_netcdf_build_finish(wn_netcdf_build *build, wn_netcdf_def *def, wn_error *err);

#endif

// netcdf_table.h - what the module libwane-netcdf.so (engine/modules/netcdf.c) offers: netCDF's own calls in plain C
// types, so that nothing else sees its header. Statuses are netCDF's: 0 is success, words() explains the others. The
// library behind is not thread-safe: one call at a time in the whole process. After a call that wrote has failed the
// file must be left alone: closing it may crash.
#ifndef WN_IO_NETCDF_TABLE_H
#define WN_IO_NETCDF_TABLE_H

#include <stddef.h>

// What a variable holds.
typedef enum wn_netcdf_type {
  WN_NETCDF_DOUBLE,
  WN_NETCDF_INT,
  WN_NETCDF_INT64,
  WN_NETCDF_BYTE,
  WN_NETCDF_CHAR
} wn_netcdf_type;

typedef struct wn_netcdf_table {
  const char *(*version)(void);
  const char *(*words)(int status);
  // Make a NetCDF-4 file at `path`, over what is there.
  int (*create)(const char *path, int *file);
  int (*close)(int file);
  int (*dimension)(int file, const char *name, size_t length, int *dimension);
  // chunk[n_dim]: lengths of a chunk; NULL: one block. deflate 0 to 9, with shuffling where it is above 0. The fill
  // value of doubles is NaN, of other types there is none. The cache holds one chunk: write in the order of the file.
  int (*variable)(int file, const char *name, wn_netcdf_type type, int n_dim, const int *dimension, const size_t *chunk,
                  int deflate, int *variable);
  // variable -1: of the file
  int (*text)(int file, int variable, const char *name, const char *text);
  int (*number)(int file, int variable, const char *name, wn_netcdf_type type, int n, const double *value);
  int (*end_define)(int file);
  int (*put_double)(int file, int variable, const size_t *start, const size_t *count, const double *value);
  int (*put_int)(int file, int variable, const size_t *start, const size_t *count, const int *value);
  int (*put_char)(int file, int variable, const size_t *start, const size_t *count, const char *value);
} wn_netcdf_table;

#endif

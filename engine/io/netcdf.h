// netcdf.h - NetCDF-4 files, piece by piece: say what is in the file, put slabs of values, commit. Written to a
// temporary name and renamed; nothing half-written is ever seen, and a full disk is one line. The same calls give the
// same bytes. Files may be written by several threads, each by one at a time; the library behind does one thing after
// the other.
//
// Memory: one chunk of at most 64 kB per variable, however long the file is. Slabs that follow each other in the order
// of the file are cheapest.
#ifndef WN_IO_NETCDF_H
#define WN_IO_NETCDF_H

#include "base/error.h"
#include "io/netcdf_table.h"
#include <stdint.h>

enum { WN_NETCDF_MAX_DIM = 6 };

typedef struct wn_netcdf_dimension {
  const char *name;
  int64_t length;  // from 1
} wn_netcdf_dimension;

// A text attribute, or n numbers of `type` when text is NULL.
typedef struct wn_netcdf_attribute {
  const char *name, *text;
  wn_netcdf_type type;
  int n;
  const double *number;
} wn_netcdf_attribute;

// Names: letters, digits, underscores. A name with dots or other signs is changed by wn_netcdf_name first.
typedef struct wn_netcdf_variable {
  const char *name;
  wn_netcdf_type type;
  int n_dim;
  int dim[WN_NETCDF_MAX_DIM];  // indices into def->dimension, slowest first
  int width;                   // WN_NETCDF_CHAR: bytes of the longest text; a last dimension of this length is added
  const char *unit;            // wane's spelling ("nM", "ng*h/mL", "1" or "", "clock"); NULL: no units attribute
  const char *long_name;       // NULL: none
  int n_attribute;
  const wn_netcdf_attribute *attribute;
  int deflate;  // 0: not compressed; 1, with shuffling, is what pays
} wn_netcdf_variable;

typedef struct wn_netcdf_def {
  int n_dimension, n_variable, n_attribute;
  const wn_netcdf_dimension *dimension;
  const wn_netcdf_variable *variable;
  const wn_netcdf_attribute *attribute;  // of the whole file
} wn_netcdf_def;

typedef struct wn_netcdf wn_netcdf;

// Start a file; the definition is borrowed until commit or abandon. Errors: WN_ERR_USER where this wane has no NetCDF
// (its module is missing) or path is no ordinary file; WN_ERR_IO with file and reason; WN_ERR_MEMORY.
wn_status wn_netcdf_create(const char *path, const wn_netcdf_def *def, wn_netcdf **file, wn_error *err);

// Values of a slab, start[n_dim] and count[n_dim], last dimension fastest. Not finite doubles become NaN, which is the
// fill value: what is never put reads as missing. Doubles and integers go into any numeric variable that can hold them.
wn_status wn_netcdf_put(wn_netcdf *file, int variable, const int64_t *start, const int64_t *count, const double *value,
                        wn_error *err);
wn_status wn_netcdf_put_int(wn_netcdf *file, int variable, const int64_t *start, const int64_t *count, const int *value,
                            wn_error *err);
// Texts of a slab (without the added dimension); longer ones are cut at `width` bytes.
wn_status wn_netcdf_put_text(wn_netcdf *file, int variable, const int64_t *start, const int64_t *count,
                             const char *const *text, wn_error *err);

// Close, flush to the disk, rename. Frees the file in any case.
wn_status wn_netcdf_commit(wn_netcdf *file, wn_error *err);
void wn_netcdf_abandon(wn_netcdf *file);  // NULL is fine

// WN_OK, or why this wane cannot write NetCDF and what to try. Loads the module; for checking before a long run.
wn_status wn_netcdf_check(const char *path, wn_error *err);
const char *wn_netcdf_library(void);  // "netCDF 4.9.0", or "none"

// A name as files can have it: signs other than letters, digits and _ become _; in front of a digit _ is put. size > 1.
void wn_netcdf_name(const char *name, char *out, int size);

// A unit as udunits reads it, which CF asks for: "nM" -> "nmol/L", "" -> "1", "clock" -> "h", "wk" -> "week". What it
// does not know (IU, cells, copies) is left. out holds size bytes.
void wn_netcdf_unit(const char *unit, char *out, int size);

#endif

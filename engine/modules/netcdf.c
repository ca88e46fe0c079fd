// netcdf.c - the module libwane-netcdf.so: netCDF's calls behind a table of plain functions. Invariant: no state but
// the library's own. Must not know what is written.

#include "base/module.h"
#include "io/netcdf_table.h"

#include <hdf5.h>
#include <math.h>
#include <netcdf.h>
#include <string.h>

static const nc_type types[] = {[WN_NETCDF_DOUBLE] = NC_DOUBLE,
                                [WN_NETCDF_INT] = NC_INT,
                                [WN_NETCDF_INT64] = NC_INT64,
                                [WN_NETCDF_BYTE] = NC_BYTE,
                                [WN_NETCDF_CHAR] = NC_CHAR};
static const size_t sizes[] = {
    [WN_NETCDF_DOUBLE] = 8, [WN_NETCDF_INT] = 4, [WN_NETCDF_INT64] = 8, [WN_NETCDF_BYTE] = 1, [WN_NETCDF_CHAR] = 1};

static const char *version(void) { return nc_inq_libvers(); }

static const char *words(int status) { return nc_strerror(status); }

static int create(const char *path, int *file) {
  // HDF5 would try at exit to write what a full disk has refused, and may crash; whole files are closed long before
  H5dont_atexit();
  int status = nc_create(path, NC_NETCDF4 | NC_CLOBBER, file);
  int old;
  // what is not written is missing only where we say so; doubles get a fill value of their own
  return status ? status : nc_set_fill(*file, NC_FILL, &old);
}

static int dimension(int file, const char *name, size_t length, int *id) { return nc_def_dim(file, name, length, id); }

static int lay_out(int file, int id, wn_netcdf_type type, int n_dim, const size_t *chunk, int deflate) {
  if (!chunk || n_dim == 0) return n_dim ? nc_def_var_chunking(file, id, NC_CONTIGUOUS, NULL) : NC_NOERR;
  int status = nc_def_var_chunking(file, id, NC_CHUNKED, chunk);
  size_t size = sizes[type];
  for (int i = 0; i < n_dim; i++) size *= chunk[i];
  if (!status) status = nc_set_var_chunk_cache(file, id, size, 1, 1);
  if (!status && deflate > 0) status = nc_def_var_deflate(file, id, type != WN_NETCDF_CHAR, 1, deflate);
  return status;
}

static int variable(int file, const char *name, wn_netcdf_type type, int n_dim, const int *dim, const size_t *chunk,
                    int deflate, int *id) {
  int status = nc_def_var(file, name, types[type], n_dim, dim, id);
  if (!status) status = lay_out(file, *id, type, n_dim, chunk, deflate);
  double missing = NAN;
  if (!status && type == WN_NETCDF_DOUBLE && n_dim > 0) status = nc_def_var_fill(file, *id, NC_FILL, &missing);
  return status;
}

static int text(int file, int id, const char *name, const char *value) {
  return nc_put_att_text(file, id < 0 ? NC_GLOBAL : id, name, strlen(value), value);
}

static int number(int file, int id, const char *name, wn_netcdf_type type, int n, const double *value) {
  return nc_put_att_double(file, id < 0 ? NC_GLOBAL : id, name, types[type], (size_t)n, value);
}

static int put_double(int file, int id, const size_t *start, const size_t *count, const double *value) {
  return nc_put_vara_double(file, id, start, count, value);
}

static int put_int(int file, int id, const size_t *start, const size_t *count, const int *value) {
  return nc_put_vara_int(file, id, start, count, value);
}

static int put_char(int file, int id, const size_t *start, const size_t *count, const char *value) {
  return nc_put_vara_text(file, id, start, count, value);
}

static const wn_netcdf_table table = {.version = version,
                                      .words = words,
                                      .create = create,
                                      .close = nc_close,
                                      .dimension = dimension,
                                      .variable = variable,
                                      .text = text,
                                      .number = number,
                                      .end_define = nc_enddef,
                                      .put_double = put_double,
                                      .put_int = put_int,
                                      .put_char = put_char};

extern const wn_module wn_module_netcdf;
WN_MODULE_EXPORT const wn_module wn_module_netcdf = {WANE_VERSION, &table};

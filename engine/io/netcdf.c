// netcdf.c - NetCDF-4 files through the module that holds the library. Invariant: the target's name is touched only by
// the rename in commit; the library does one thing at a time. Must not know what is written.

#include "io/netcdf.h"

#include "base/memory.h"
#include "base/module.h"
#include "base/pool.h"
#include "io/io.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

// bytes of a chunk at most, and of a variable below which cutting and compressing costs more than it saves
enum { CHUNK = 1 << 16, SMALL = 4096, MANY = 4096, MEGABYTE = 1 << 20 };

struct wn_netcdf {
  const wn_netcdf_table *library;
  const wn_netcdf_def *def;
  wn_outfile file;
  int id;
  bool is_open, is_broken;
  int *variable;     // [n_variable] the library's numbers
  int64_t reserved;  // bytes of the disk that are ours
  double buffer[MANY];
};

// -- the module

static wn_status load(const char *path, const wn_netcdf_table **library, wn_error *err) {
  const void *table;
  wn_error why;
  wn_pool_lock(WN_LIBRARY_NETCDF);
  wn_status status = wn_module_open("netcdf", &table, &why);
  wn_pool_unlock(WN_LIBRARY_NETCDF);
  *library = table;
  if (!status) return WN_OK;
  return wn_fail(
      err, WN_ERR_USER,
      "%.300s: this wane cannot write NetCDF: %s; try .csv, or build it where netCDF is (Debian: libnetcdf-dev)", path,
      why.message);
}

wn_status wn_netcdf_check(const char *path, wn_error *err) {
  const wn_netcdf_table *library;
  return load(path, &library, err);
}

const char *wn_netcdf_library(void) {
  const wn_netcdf_table *library;
  return load("", &library, NULL) ? "none" : library->version();
}

// -- definition

static size_t size_of(wn_netcdf_type type) {
  return type == WN_NETCDF_DOUBLE || type == WN_NETCDF_INT64 ? 8 : type == WN_NETCDF_INT ? 4 : 1;
}

// as many of the last dimensions as fit a chunk go in whole, the one that does not is cut, before it one at a time
static bool choose_chunk(const wn_netcdf_variable *v, int n, const size_t *length, size_t *chunk) {
  double whole = (double)size_of(v->type);
  size_t room = CHUNK / size_of(v->type);
  for (int i = n - 1; i >= 0; i--) {
    whole *= (double)length[i];
    chunk[i] = length[i] < room ? length[i] : room;
    room = chunk[i] < length[i] ? 1 : room / chunk[i];
    if (room < 1) room = 1;
  }
  return whole > SMALL;
}

static int define_attributes(const wn_netcdf *f, int id, int n, const wn_netcdf_attribute *list) {
  int failed = 0;
  for (int i = 0; i < n && !failed; i++) {
    const wn_netcdf_attribute *a = &list[i];
    failed = a->text ? f->library->text(f->id, id, a->name, a->text)
                     : f->library->number(f->id, id, a->name, a->type, a->n, a->number);
  }
  return failed;
}

static int define_text_dimension(const wn_netcdf *f, const wn_netcdf_variable *v, int *id) {
  char name[256];
  snprintf(name, sizeof name, "%.200s_strlen", v->name);
  return f->library->dimension(f->id, name, (size_t)v->width, id);
}

static int define_variable(wn_netcdf *f, int index, const int *dimension) {
  const wn_netcdf_variable *v = &f->def->variable[index];
  int dim[WN_NETCDF_MAX_DIM + 1], n = v->n_dim, failed = 0;
  size_t length[WN_NETCDF_MAX_DIM + 1], chunk[WN_NETCDF_MAX_DIM + 1];
  for (int i = 0; i < n; i++) {
    dim[i] = dimension[v->dim[i]];
    length[i] = (size_t)f->def->dimension[v->dim[i]].length;
  }
  if (v->type == WN_NETCDF_CHAR) {
    failed = define_text_dimension(f, v, &dim[n]);
    length[n++] = (size_t)v->width;
  }
  bool cut = choose_chunk(v, n, length, chunk);
  int *id = &f->variable[index];
  if (!failed) failed = f->library->variable(f->id, v->name, v->type, n, dim, cut ? chunk : NULL, v->deflate, id);
  char unit[128];
  if (v->unit) wn_netcdf_unit(v->unit, unit, sizeof unit);
  if (!failed && v->unit) failed = f->library->text(f->id, *id, "units", unit);
  if (!failed && v->long_name) failed = f->library->text(f->id, *id, "long_name", v->long_name);
  // readers then make text of it by themselves
  if (!failed && v->type == WN_NETCDF_CHAR) failed = f->library->text(f->id, *id, "_Encoding", "utf-8");
  return failed ? failed : define_attributes(f, *id, v->n_attribute, v->attribute);
}

static int define(wn_netcdf *f, int *dimension) {
  const wn_netcdf_def *def = f->def;
  int failed = f->library->create(f->file.temporary, &f->id);
  f->is_open = !failed;
  for (int i = 0; i < def->n_dimension && !failed; i++)
    failed = f->library->dimension(f->id, def->dimension[i].name, (size_t)def->dimension[i].length, &dimension[i]);
  for (int i = 0; i < def->n_variable && !failed; i++) failed = define_variable(f, i, dimension);
  if (!failed) failed = define_attributes(f, -1, def->n_attribute, def->attribute);
  return failed ? failed : f->library->end_define(f->id);
}

// -- life

static void forget(wn_netcdf *file) {
  wn_free(file->variable);
  wn_free(file);
}

// the library's status as one line; after that it may not touch the file again
static wn_status explain(wn_netcdf *file, int failed, wn_error *err) {
  file->is_broken = true;
  return wn_fail(err, WN_ERR_IO, "%s: cannot write: %s", file->file.path,
                 wn_outfile_why(&file->file, file->library->words(failed)));
}

// HDF5 may crash after a write that failed, so that the disk is asked first: room for these bytes, for the chunks that
// are still in memory and for the tables of the file. commit gives back what was too much.
static wn_status reserve(wn_netcdf *f, size_t bytes, wn_error *err) {
  struct stat about;
  if (fstat(fileno(f->file.stream), &about)) return wn_outfile_refuse(&f->file, errno, err);
  int64_t margin = MEGABYTE + about.st_size / 64 + (int64_t)f->def->n_variable * CHUNK;
  int64_t need = about.st_size + (int64_t)bytes + margin;
  if (need <= f->reserved) return WN_OK;
  need += MEGABYTE;
  // (a limit on the size of files does not count for what is only reserved)
  struct rlimit limit;
  if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && (rlim_t)need > limit.rlim_cur)
    return wn_outfile_refuse(&f->file, EFBIG, err);
  int failed = fallocate(fileno(f->file.stream), FALLOC_FL_KEEP_SIZE, 0, need) ? errno : 0;
  if (failed == ENOSPC || failed == EFBIG || failed == EDQUOT || failed == EIO)
    return wn_outfile_refuse(&f->file, failed, err);
  // a file system that cannot reserve has to be trusted
  f->reserved = need;
  return WN_OK;
}

static wn_status start(wn_netcdf *f, wn_error *err) {
  WN_TRY(reserve(f, 0, err));
  int *dimension = wn_alloc(((size_t)f->def->n_dimension + 1) * sizeof *dimension);
  if (!dimension) return wn_fail_memory(err);
  wn_pool_lock(WN_LIBRARY_NETCDF);
  int failed = define(f, dimension);
  wn_pool_unlock(WN_LIBRARY_NETCDF);
  wn_free(dimension);
  return failed ? explain(f, failed, err) : WN_OK;
}

wn_status wn_netcdf_create(const char *path, const wn_netcdf_def *def, wn_netcdf **file, wn_error *err) {
  *file = NULL;
  const wn_netcdf_table *library;
  WN_TRY(load(path, &library, err));
  wn_netcdf *f = wn_alloc(sizeof *f);
  if (!f) return wn_fail_memory(err);
  f->library = library, f->def = def;
  f->variable = wn_alloc(((size_t)def->n_variable + 1) * sizeof *f->variable);
  wn_status status = f->variable ? wn_outfile_open(&f->file, path, err) : wn_fail_memory(err);
  if (!status && !f->file.temporary)
    status = wn_fail(err, WN_ERR_USER, "%.300s: a NetCDF file is not written from front to back; try an ordinary file",
                     path);
  if (!status) status = start(f, err);
  if (status)
    wn_netcdf_abandon(f);
  else
    *file = f;
  return status;
}

void wn_netcdf_abandon(wn_netcdf *file) {
  if (!file) return;
  wn_pool_lock(WN_LIBRARY_NETCDF);
  if (file->is_open && !file->is_broken) file->library->close(file->id);
  wn_pool_unlock(WN_LIBRARY_NETCDF);
  wn_outfile_abandon(&file->file);
  forget(file);
}

static wn_status give_back(wn_netcdf *f, wn_error *err) {
  struct stat about;
  int descriptor = fileno(f->file.stream);
  bool ok = fstat(descriptor, &about) == 0 && ftruncate(descriptor, about.st_size) == 0;
  return ok ? WN_OK : wn_outfile_refuse(&f->file, errno, err);
}

wn_status wn_netcdf_commit(wn_netcdf *file, wn_error *err) {
  wn_pool_lock(WN_LIBRARY_NETCDF);
  int failed = file->library->close(file->id);
  wn_pool_unlock(WN_LIBRARY_NETCDF);
  file->is_open = false;
  wn_status status = failed ? explain(file, failed, err) : give_back(file, err);
  if (!status) status = wn_outfile_commit(&file->file, err);
  wn_outfile_abandon(&file->file);
  forget(file);
  return status;
}

// -- slabs

static size_t widen(const wn_netcdf *f, int variable, const int64_t *from, size_t *to) {
  size_t product = 1;
  for (int i = 0; i < f->def->variable[variable].n_dim; i++) product *= to[i] = (size_t)from[i];
  return product;
}

static bool is_clean(const double *value, size_t n) {
  bool clean = true;
  for (size_t i = 0; i < n; i++) clean &= isfinite(value[i]) || isnan(value[i]);
  return clean;
}

wn_status wn_netcdf_put(wn_netcdf *file, int variable, const int64_t *start, const int64_t *count, const double *value,
                        wn_error *err) {
  size_t from[WN_NETCDF_MAX_DIM + 1], size[WN_NETCDF_MAX_DIM + 1];
  widen(file, variable, start, from);
  size_t n = widen(file, variable, count, size);
  WN_TRY(reserve(file, n * sizeof *value, err));
  double *clean = NULL;
  if (!is_clean(value, n)) {
    clean = n <= MANY ? file->buffer : wn_alloc(n * sizeof *clean);
    if (!clean) return wn_fail_memory(err);
    for (size_t i = 0; i < n; i++) clean[i] = isfinite(value[i]) ? value[i] : NAN;
  }
  wn_pool_lock(WN_LIBRARY_NETCDF);
  int failed = file->library->put_double(file->id, file->variable[variable], from, size, clean ? clean : value);
  wn_pool_unlock(WN_LIBRARY_NETCDF);
  if (clean != file->buffer) wn_free(clean);
  return failed ? explain(file, failed, err) : WN_OK;
}

wn_status wn_netcdf_put_int(wn_netcdf *file, int variable, const int64_t *start, const int64_t *count, const int *value,
                            wn_error *err) {
  size_t from[WN_NETCDF_MAX_DIM + 1], size[WN_NETCDF_MAX_DIM + 1];
  widen(file, variable, start, from);
  WN_TRY(reserve(file, widen(file, variable, count, size) * sizeof *value, err));
  wn_pool_lock(WN_LIBRARY_NETCDF);
  int failed = file->library->put_int(file->id, file->variable[variable], from, size, value);
  wn_pool_unlock(WN_LIBRARY_NETCDF);
  return failed ? explain(file, failed, err) : WN_OK;
}

// at most `width` bytes, and no half sign at the end
static void copy_text(char *to, const char *text, size_t width) {
  size_t n = strlen(text);
  if (n > width) {
    n = width;
    while (n && ((unsigned char)text[n] & 0xc0) == 0x80) n--;
  }
  memcpy(to, text, n);
}

wn_status wn_netcdf_put_text(wn_netcdf *file, int variable, const int64_t *start, const int64_t *count,
                             const char *const *text, wn_error *err) {
  const wn_netcdf_variable *v = &file->def->variable[variable];
  size_t from[WN_NETCDF_MAX_DIM + 1], size[WN_NETCDF_MAX_DIM + 1], width = (size_t)v->width;
  widen(file, variable, start, from);
  size_t n = widen(file, variable, count, size);
  from[v->n_dim] = 0, size[v->n_dim] = width;
  WN_TRY(reserve(file, n * width, err));
  char *block = wn_alloc(n * width + 1);
  if (!block) return wn_fail_memory(err);
  for (size_t i = 0; i < n; i++) copy_text(block + i * width, text[i], width);
  wn_pool_lock(WN_LIBRARY_NETCDF);
  int failed = file->library->put_char(file->id, file->variable[variable], from, size, block);
  wn_pool_unlock(WN_LIBRARY_NETCDF);
  wn_free(block);
  return failed ? explain(file, failed, err) : WN_OK;
}

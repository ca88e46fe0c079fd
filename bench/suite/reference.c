// reference.c - see reference.h. Invariant: a file is used only if its key, made of everything the solution depends on,
// is that of the case. Must not know the engine's solvers: the reference is the hand-written dopri5 at a tight
// tolerance.
#include "reference.h"
#include "base/memory.h"
#include <stdint.h>
#include <stdio.h>
#include <string.h>

// raise when equations, integrator or tolerance change
enum { VERSION = 1 };
static const double RTOL = 1e-12, ATOL = 1e-14;

static uint64_t hash(uint64_t h, const void *data, size_t size) {
  const unsigned char *byte = data;
  for (size_t i = 0; i < size; i++) h = (h ^ byte[i]) * 0x100000001b3u;
  return h;
}

static uint64_t key_of(const wn_bench_case *c, int n, const double *param) {
  const double number[] = {VERSION,        RTOL,          ATOL,     c->n_state,    c->dose_state, c->n_dose,
                           c->dose_amount, c->dose_first, c->every, c->dose_every, c->n_time};
  uint64_t h = hash(0xcbf29ce484222325u, c->name, strlen(c->name));
  h = hash(h, number, sizeof number);
  return hash(h, param, (size_t)c->n_param * (size_t)n * sizeof *param);
}

double *wn_bench_population(const wn_bench_case *c, int n) {
  double *param = wn_alloc_doubles((size_t)n * (size_t)c->n_param);
  for (int i = 0; i < n && param; i++) wn_bench_subject(c, i, param + (size_t)i * (size_t)c->n_param);
  return param;
}

static bool read_file(const char *path, uint64_t key, double *block, size_t n) {
  uint64_t found = 0;
  FILE *file = fopen(path, "rb");
  if (!file) return false;
  const bool is_good =
      fread(&found, sizeof found, 1, file) == 1 && found == key && fread(block, sizeof *block, n, file) == n;
  fclose(file);
  return is_good;
}

// written beside and moved into place, so that a broken run leaves no half file
static wn_status write_file(const char *path, uint64_t key, const double *block, size_t n, wn_error *err) {
  char part[4200];
  snprintf(part, sizeof part, "%s.part", path);
  FILE *file = fopen(part, "wb");
  if (!file) return wn_fail(err, WN_ERR_IO, "%s: cannot be written", part);
  bool is_good = fwrite(&key, sizeof key, 1, file) == 1 && fwrite(block, sizeof *block, n, file) == n;
  is_good = fclose(file) == 0 && is_good && rename(part, path) == 0;
  return is_good ? WN_OK : wn_fail(err, WN_ERR_IO, "%s: cannot be written", path);
}

static wn_status make(const wn_bench_case *c, int n, const char *path, const double *param, double *block, size_t size,
                      wn_error *err) {
  const uint64_t key = key_of(c, n, param);
  if (read_file(path, key, block, size)) return WN_OK;
  fprintf(stderr, "%s: integrating the reference of %d subjects at %g, once\n", c->name, n, RTOL);
  wn_bench_job job = {.c = c, .param = param, .n_subject = n, .width = 1, .rtol = RTOL, .atol = ATOL, .block = block};
  WN_TRY(wn_bench_dopri5(&job, err));
  return write_file(path, key, block, size, err);
}

wn_status wn_bench_reference(const wn_bench_case *c, int n, const char *directory, double **block, wn_error *err) {
  const size_t size = wn_bench_size(c, n, 1);
  char path[4096];
  snprintf(path, sizeof path, "%s/reference-%s-%d.bin", directory, c->name, n);
  double *param = wn_bench_population(c, n);
  *block = wn_alloc_doubles(size);
  wn_status status = param && *block ? make(c, n, path, param, *block, size, err) : wn_fail_memory(err);
  wn_free(param);
  if (!status) return WN_OK;
  wn_free(*block);
  *block = NULL;
  return status;
}

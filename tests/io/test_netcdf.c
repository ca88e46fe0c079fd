// test_netcdf.c - what is put into a NetCDF file comes out of it (read with the library itself, elsewhere with Python
// and R); names and units; nothing half-written; the same calls, the same bytes. Without the module the test is
// skipped.

#include "io/netcdf.h"

#include "base/memory.h"

#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { N_POINT = 30000, N_ARM = 2 };

static const wn_netcdf_dimension dimensions[] = {{"point", N_POINT}, {"arm", N_ARM}};
static const double flags[] = {0, 1};
static const wn_netcdf_attribute status_attributes[] = {
    {.name = "flag_values", .type = WN_NETCDF_BYTE, .n = 2, .number = flags},
    {.name = "flag_meanings", .text = "done failed"}};
static const wn_netcdf_variable variables[] = {
    {.name = "arm", .type = WN_NETCDF_CHAR, .n_dim = 1, .dim = {1}, .width = 5},
    {.name = "cmax_C",
     .type = WN_NETCDF_DOUBLE,
     .n_dim = 2,
     .dim = {0, 1},
     .unit = "nM",
     .long_name = "peak of C",
     .deflate = 4},
    {.name = "status",
     .type = WN_NETCDF_BYTE,
     .n_dim = 2,
     .dim = {0, 1},
     .n_attribute = 2,
     .attribute = status_attributes,
     .deflate = 4},
    {.name = "seed", .type = WN_NETCDF_INT64}};
static const wn_netcdf_attribute attributes[] = {{.name = "Conventions", .text = "CF-1.10"}};
static const wn_netcdf_def def = {2, 4, 1, dimensions, variables, attributes};

static double value[N_POINT * N_ARM];

// in slabs of `step` points
static wn_status fill(wn_netcdf *file, int64_t step, wn_error *err) {
  static int status[N_POINT * N_ARM];
  static const char *const names[] = {"low", "h\xc3\xb6her als"};
  const int64_t zero[2] = {0, 0}, arms[1] = {N_ARM};
  double seed = 9007199254740991;
  WN_TRY(wn_netcdf_put_text(file, 0, zero, arms, names, err));
  WN_TRY(wn_netcdf_put(file, 3, zero, arms, &seed, err));
  for (int64_t from = 0; from < N_POINT; from += step) {
    int64_t n = from + step < N_POINT ? step : N_POINT - from;
    int64_t start[2] = {from, 0}, count[2] = {n, N_ARM};
    WN_TRY(wn_netcdf_put(file, 1, start, count, value + from * N_ARM, err));
    WN_TRY(wn_netcdf_put_int(file, 2, start, count, status, err));
  }
  return WN_OK;
}

static wn_status write_file(const char *path, int64_t step, wn_error *err) {
  wn_netcdf *file;
  WN_TRY(wn_netcdf_create(path, &def, &file, err));
  wn_status status = fill(file, step, err);
  if (!status) return wn_netcdf_commit(file, err);
  wn_netcdf_abandon(file);
  return status;
}

static char *slurp(const char *path, size_t *size) {
  FILE *in = fopen(path, "rb");
  assert_non_null(in);
  char *text = calloc(1, 1 << 22);
  *size = fread(text, 1, 1 << 22, in);
  fclose(in);
  return text;
}

static int prepare(void **state) {
  (void)state;
  unlink("memory.nc");
  unlink("broken.nc");
  for (int i = 0; i < N_POINT * N_ARM; i++) value[i] = i % 97 == 0 ? INFINITY : i % 89 == 0 ? NAN : sin(i);
  return 0;
}

static bool is_absent(void) { return wn_netcdf_check("x.nc", NULL) != WN_OK; }

static void test_same_bytes(void **state) {
  (void)state;
  if (is_absent()) skip();
  wn_error err = {0};
  assert_int_equal(write_file("a.nc", 1000, &err), WN_OK);
  sleep(1);
  assert_int_equal(write_file("b.nc", 1000, &err), WN_OK);
  size_t n[3];
  char *a = slurp("a.nc", &n[0]), *b = slurp("b.nc", &n[1]);
  assert_true(n[0] > 100000 && n[0] < N_POINT * N_ARM * 9);
  assert_int_equal(n[0], n[1]);
  assert_memory_equal(a, b, n[0]);
  free(a), free(b);
}

static void expect_words(wn_status status, wn_status expected, const wn_error *err, const char *words) {
  assert_int_equal(status, expected);
  if (!strstr(err->message, words)) fail_msg("expected \"%s\" in \"%s\"", words, err->message);
  assert_null(strchr(err->message, '\n'));
}

static void test_places(void **state) {
  (void)state;
  wn_error err = {0};
  if (is_absent()) skip();
  expect_words(write_file("absent/a.nc", 1000, &err), WN_ERR_IO, &err, "No such file");
  expect_words(write_file("/dev/null", 1000, &err), WN_ERR_USER, &err, "ordinary file");
  // an older file stays when a newer one cannot be written whole
  FILE *old = fopen("old.nc", "w");
  assert_non_null(old);
  fputs("older", old);
  fclose(old);
  struct rlimit before, small = {30000, 30000};
  getrlimit(RLIMIT_FSIZE, &before);
  small.rlim_max = before.rlim_max;
  signal(SIGXFSZ, SIG_IGN);
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
  wn_status status = write_file("old.nc", 1000, &err);
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
  expect_words(status, WN_ERR_IO, &err, "old.nc: cannot write: ");
  size_t size;
  char *text = slurp("old.nc", &size);
  assert_string_equal(text, "older");
  free(text);
  expect_words(status, WN_ERR_IO, &err, "File too large");
  // and the library is as good as new
  assert_int_equal(write_file("old.nc", 1000, &err), WN_OK);
}

// a disk that breaks its promise: what was reserved cannot be written after all
static void test_broken_disk(void **state) {
  (void)state;
  if (is_absent()) skip();
  wn_error err = {0};
  wn_netcdf *file;
  assert_int_equal(wn_netcdf_create("broken.nc", &def, &file, &err), WN_OK);
  struct rlimit before, small = {30000, 30000};
  getrlimit(RLIMIT_FSIZE, &before);
  small.rlim_max = before.rlim_max;
  signal(SIGXFSZ, SIG_IGN);
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
  wn_status status = fill(file, 1000, &err);
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
  expect_words(status, WN_ERR_IO, &err, "broken.nc: cannot write: ");
  wn_netcdf_abandon(file);
  assert_int_equal(access("broken.nc", F_OK), -1);
  assert_int_equal(write_file("broken.nc", 1000, &err), WN_OK);
}

static void test_no_module(void **state) {
  (void)state;
  wn_error err = {0};
  setenv("WANE_MODULES", ".", 1);
  expect_words(wn_netcdf_check("x.nc", &err), WN_ERR_USER, &err, "x.nc: this wane cannot write NetCDF");
  assert_string_equal(wn_netcdf_library(), "none");
  unsetenv("WANE_MODULES");
}

static void test_out_of_memory(void **state) {
  (void)state;
  if (is_absent()) skip();
  wn_error err = {0};
  wn_status status = WN_ERR_MEMORY;
  for (long n = 0; status; n++) {
    assert_true(n < 1000);
    wn_alloc_fail_after(n);
    status = write_file("memory.nc", N_POINT, &err);
    wn_alloc_fail_after(-1);
    if (status) assert_int_equal(status, WN_ERR_MEMORY);
    assert_int_equal(access("memory.nc", F_OK) == 0, status == WN_OK);
  }
}

static void test_words(void **state) {
  (void)state;
  static const char *const units[][2] = {{"", "1"},
                                         {"1", "1"},
                                         {"%", "percent"},
                                         {"clock", "h"},
                                         {"nM", "nmol/L"},
                                         {"M", "mol/L"},
                                         {"ng*h/mL", "ng*h/mL"},
                                         {"1/(nM*h)", "1/((nmol/L)*h)"},
                                         {"nM^2", "(nmol/L)^2"},
                                         {"mg/wk", "mg/week"},
                                         {"wk", "week"},
                                         {"MBq", "MBq"},
                                         {"mm", "mm"}};
  for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
    char text[64];
    wn_netcdf_unit(units[i][0], text, sizeof text);
    assert_string_equal(text, units[i][1]);
  }
  char name[12];
  wn_netcdf_name("peak.C", name, sizeof name);
  assert_string_equal(name, "peak_C");
  wn_netcdf_name("5HT", name, sizeof name);
  assert_string_equal(name, "_5HT");
  wn_netcdf_name("\xce\xbc-opioid receptors", name, sizeof name);
  assert_string_equal(name, "__opioid_re");
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_same_bytes),    cmocka_unit_test(test_places),
                                     cmocka_unit_test(test_broken_disk),   cmocka_unit_test(test_no_module),
                                     cmocka_unit_test(test_out_of_memory), cmocka_unit_test(test_words)};
  return cmocka_run_group_tests(tests, prepare, NULL);
}

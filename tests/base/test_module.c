// test_module.c - a module is found where it is said to be, or in the build tree; one that is missing, broken, nameless
// or of another version is refused in one line.

#include "base/module.h"
#include "io/netcdf_table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

// a module whose source is one line
static void compile(const char *name, const char *text) {
  char source[64], command[256];
  snprintf(source, sizeof source, "%s.c", name);
  FILE *out = fopen(source, "w");
  assert_non_null(out);
  fputs(text, out);
  fclose(out);
  snprintf(command, sizeof command, "cc -shared -fPIC %s.c -o mine/libwane-%s.so", name, name);
  assert_int_equal(system(command), 0);
}

static void expect_refused(const char *name, const char *words) {
  const void *table = name;
  wn_error err = {0};
  assert_int_equal(wn_module_open(name, &table, &err), WN_ERR_IO);
  assert_null(table);
  assert_non_null(strstr(err.message, words));
  assert_null(strchr(err.message, '\n'));
}

static void test_fits(void **state) {
  (void)state;
  mkdir("mine", 0777);
  setenv("WANE_MODULES", "mine", 1);
  compile("good",
          "struct { const char *version; const void *table; } wn_module_good = {\"" WANE_VERSION "\", \"inside\"};\n");
  compile("stale", "struct { const char *version; const void *table; } wn_module_stale = {\"0.0.1\", \"inside\"};\n");
  compile("nameless", "int nothing;\n");
  const void *table;
  wn_error err = {0};
  assert_int_equal(wn_module_open("good", &table, &err), WN_OK);
  assert_string_equal(table, "inside");
  expect_refused("stale", "got 0.0.1");
  expect_refused("nameless", "got none");
}

static void test_missing_and_broken(void **state) {
  (void)state;
  mkdir("mine", 0777);
  setenv("WANE_MODULES", "mine", 1);
  expect_refused("absent", "libwane-absent.so is not there");
  // the directory that was named is the only one looked into
  expect_refused("netcdf", "is not there");
  FILE *out = fopen("mine/libwane-text.so", "w");
  assert_non_null(out);
  fputs("not a library\n", out);
  fclose(out);
  expect_refused("text", "does not load");
}

static void test_build_tree(void **state) {
  (void)state;
  unsetenv("WANE_MODULES");
  const void *table;
  wn_error err = {0};
  // a build without the library has no module
  if (wn_module_open("netcdf", &table, &err)) {
    assert_non_null(strstr(err.message, "is not there"));
    skip();
  }
  const wn_netcdf_table *netcdf = table;
  assert_non_null(strchr(netcdf->version(), '.'));
  const void *again;
  assert_int_equal(wn_module_open("netcdf", &again, &err), WN_OK);
  assert_ptr_equal(again, table);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_fits), cmocka_unit_test(test_missing_and_broken),
                                     cmocka_unit_test(test_build_tree)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}

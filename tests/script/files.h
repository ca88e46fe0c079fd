// files.h - what the tests of scenarios, plans and validation share: files in the working directory, a small model
// whose values are known exactly, and the Lua blocks of the manual.
#ifndef WN_TEST_SCRIPT_FILES_H
#define WN_TEST_SCRIPT_FILES_H

#include "script/script.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

// One compartment; C = A / V, A falls with CL / V. A tablet enters through GUT with rate KA.
static const char toy_model[] =
    "return wane.model {\n"
    "  name = 'toy', title = 'A toy', caption = 'Numbers of no drug.',\n"
    "  parameters = {\n"
    "    { 'CL', 2, 'L/h', 'clearance', 'assumed', 'example' },\n"
    "    { 'V', 10, 'L', 'volume', 'assumed', 'example' },\n"
    "    { 'KA', 1.5, '1/h', 'absorption', 'assumed', 'example' },\n"
    "  },\n"
    "  states = { { 'GUT', 'mg', 'in the gut' }, { 'A', 'mg', 'in the body' } },\n"
    "  doses = { { 'GUT', 'mg', 'tablet', into = 'GUT' }, { 'IV', 'mg', 'injection', into = 'A' } },\n"
    "  equations = function()\n"
    "    C = A / V\n"
    "    late = CL / V * t\n"
    "    d.GUT = -KA * GUT\n"
    "    d.A = KA * GUT - CL * C\n"
    "  end,\n"
    "  outputs = { { 'C', 'mg/L', 'concentration' }, { 'late', '1', 'time in units of the rate' } },\n"
    "  windows = { { 'effective', of = 'C', above = 2, meaning = 'above 2 mg/L' } },\n"
    "  hypotheses = {\n"
    "    { 'H1', 'as it is', set = {}, source = 'example' },\n"
    "    { 'H2', 'slow', set = { CL = 1, KA = 0.5 }, source = 'example' },\n"
    "  },\n"
    "}\n";

static inline void write_file(const char *path, const char *text) {
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
  assert_int_equal(fclose(file), 0);
}

// The whole text of a file of the project; freed by the caller.
static inline char *project_file(const char *path) {
  char full[4096];
  snprintf(full, sizeof full, "%s/../%s", WANE_TEST_DIR, path);
  FILE *file = fopen(full, "r");
  assert_non_null(file);
  char *text = calloc(1, 1 << 20);
  assert_true(fread(text, 1, (1 << 20) - 1, file) > 0);
  fclose(file);
  return text;
}

// The first ```lua block of a page of the manual goes into a file.
static inline void write_lua_block(const char *page, const char *path) {
  char *text = project_file(page);
  char *begin = strstr(text, "```lua\n");
  assert_non_null(begin);
  begin += strlen("```lua\n");
  char *end = strstr(begin, "```");
  assert_non_null(end);
  *end = 0;
  write_file(path, begin);
  free(text);
}

static const wn_script_env test_env = {.data_dir = WANE_TEST_DIR "/.."};

#endif

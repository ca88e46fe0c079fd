// Sweeps on threads: the same bits for any number, with scripts that plan side by side; memory that runs out anywhere
// is one clean error; a wish to stop leaves what is done.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka wants the four above first
#include <cmocka.h>

#include "base/pool.h"
#include "sweeping.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char scenario[] =
    "return wane.scenario { name = 'toy', model = 'pk1', options = {\n"
    "  { 'dose', 100, 'mg', 'the dose' }, { 'at', '08:00', 'clock', 'when' } },\n"
    "  arms = function(o) return {\n"
    "    { name = 'once', regimen = daily{ dose = o.dose, into = 'GUT', at = o.at, days = 2 } },\n"
    "    { name = 'half', regimen = daily{ dose = o.dose / 2, into = 'GUT', at = o.at, days = 2 } } } end,\n"
    "  duration = function(o) return 48 + o.at end, every = '2h' }\n";

static const char *const vary[] = {"dose=50:150:6", "at=08:00,09:30"};
static const char *const draw[] = {"CL~lognormal(5,0.3)"};

static wn_sweeping_def make_def(int n_thread, wn_sweep_keep keep) {
  wn_sweeping_def def = wn_sweeping_default();
  def.study.n_thread = n_thread;
  def.design.vary = vary, def.design.n_vary = 2;
  def.design.draw = draw, def.design.n_draw = 1;
  def.design.n = 16;
  def.keep = keep;
  return def;
}

static char *rows_of(const wn_sweeping *s, size_t *size) {
  wn_shards *shards;
  char *text;
  assert_int_equal(wn_shards_of(wn_sweeping_sweep(s), &shards, NULL), WN_OK);
  FILE *stream = open_memstream(&text, size);
  assert_int_equal(wn_sweep_write_stream(shards, stream, 2, NULL), WN_OK);
  fclose(stream);
  wn_shards_close(shards);
  return text;
}

static void write_scenario(void) {
  FILE *file = fopen("toy.lua", "w");
  assert_non_null(file);
  fputs(scenario, file);
  fclose(file);
}

static void test_bits(void **unused) {
  (void)unused;
  static const int threads[] = {1, 2, 8};
  char *first = NULL;
  size_t first_size = 0;
  for (int i = 0; i < 3; i++) {
    wn_sweeping_def def = make_def(threads[i], i == 1 ? WN_SWEEP_QUANTILES : WN_SWEEP_SUMMARY);
    wn_sweeping *s;
    wn_error err = {0};
    if (wn_sweeping_open(WANE_TEST_DIR "/..", "./toy.lua", &def, &s, &err)) fail_msg("%s", err.message);
    assert_int_equal(wn_sweep_run(wn_sweeping_sweep(s), &err), WN_OK);
    wn_sweep_progress p = wn_sweep_state(wn_sweeping_sweep(s));
    assert_int_equal(p.n_run, 6 * 2 * 16 * 2);
    assert_true(p.n_shard >= 8 && p.n_done == p.n_shard && p.n_failed == 0);
    size_t size;
    char *text = rows_of(s, &size);
    if (first) {
      assert_int_equal(size, first_size);
      assert_memory_equal(text, first, size);
      free(text);
    } else {
      first = text, first_size = size;
    }
    wn_sweeping_close(s);
  }
  free(first);
}

// stopped before it begins: nothing is made; let go, all of it
static void test_stop(void **unused) {
  (void)unused;
  wn_sweeping_def def = make_def(2, WN_SWEEP_SUMMARY);
  wn_sweeping *s;
  wn_error err = {0};
  assert_int_equal(wn_sweeping_open(WANE_TEST_DIR "/..", "./toy.lua", &def, &s, &err), WN_OK);
  wn_stop_set(true);
  assert_int_equal(wn_sweep_run(wn_sweeping_sweep(s), &err), WN_ERR_INTERRUPT);
  assert_int_equal(wn_sweep_state(wn_sweeping_sweep(s)).n_done, 0);
  wn_stop_set(false);
  assert_int_equal(wn_sweep_run(wn_sweeping_sweep(s), &err), WN_OK);
  wn_sweeping_close(s);
}

static wn_status once(const wn_sweeping_def *def) {
  wn_sweeping *s;
  wn_error err = {0};
  wn_status status = wn_sweeping_open(WANE_TEST_DIR "/..", "./toy.lua", def, &s, &err);
  if (!status) status = wn_sweep_run(wn_sweeping_sweep(s), &err);
  wn_shards *shards = NULL;
  if (!status) status = wn_shards_of(wn_sweeping_sweep(s), &shards, &err);
  if (!status) {
    FILE *null = fopen("/dev/null", "w");
    status = wn_sweep_write_stream(shards, null, 1, &err);
    fclose(null);
  }
  wn_shards_close(shards);
  wn_sweeping_close(s);
  return status;
}

static void test_memory(void **unused) {
  (void)unused;
  wn_sweeping_def def = make_def(1, WN_SWEEP_QUANTILES);
  def.design.n_vary = 1, def.design.n = 2;
  wn_status status = WN_ERR_MEMORY;
  // every one of the first, then ever more apart: loading has thousands of them, and is tested elsewhere
  for (long n = 0, step = 1; status; n += step, step = 1 + n / 40) {
    wn_alloc_fail_after(n);
    status = once(&def);
    wn_alloc_fail_after(-1);
    if (status != WN_OK && status != WN_ERR_MEMORY) fail_msg("allocation %ld: status %d", n, status);
  }
}

int main(void) {
  write_scenario();
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_bits), cmocka_unit_test(test_stop),
                                     cmocka_unit_test(test_memory)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}

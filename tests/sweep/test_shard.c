// Shards as bytes: back bit for bit; any changed byte, any cut, another sweep's or another number is refused.
// Manifests: read back as they were written, the first one stays, what differs is named.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka wants the four above first
#include <cmocka.h>

#include "sweep/file.h"
#include "sweep/manifest.h"
#include "sweep/shard.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static wn_sweep_table *make_table(void) {
  wn_sweep_table *t = wn_sweep_table_create();
  assert_non_null(t);
  static wn_sweep_field input[] = {{.name = "CL", .unit = "L/h"}, {.name = "at", .unit = "clock"}};
  static wn_sweep_field column[] = {{.name = "auc.C", .unit = "mg*h/L", .quantity = "auc", .of = "C"},
                                    {.name = "peak.C", .unit = "mg/L", .quantity = "peak", .of = "C"},
                                    {.name = "mean.C", .unit = "mg/L", .quantity = "mean", .of = "C"}};
  static wn_sweep_field curve[] = {{.name = "C", .unit = "mg/L"}};
  static const char *arm[] = {"low", "high"};
  t->n_input = 2, t->input = input;
  t->n_column = 3, t->column = column;
  t->n_arm = 2, t->arm = arm;
  t->keep = WN_SWEEP_ALL;
  t->n_curve = 1, t->curve = curve;
  t->t_start = 0, t->t_end = 1.1, t->every = 0.5, t->n_time = 4;
  return t;
}

static wn_shard *make_shard(const wn_sweep_table *t) {
  wn_shard *s = wn_shard_create(t, 7, 70, 3);
  assert_non_null(s);
  assert_int_equal(s->n_row, 6);
  for (int i = 0; i < 6; i++) s->input[i] = 0.1 * i;
  for (int i = 0; i < 18; i++) s->value[i] = i == 5 ? NAN : i == 6 ? -INFINITY : sqrt(i);
  for (int i = 0; i < 24; i++) s->curve[i] = exp(i);
  assert_int_equal(wn_shard_fail(s, 4, "at day 1, 02:00: \"why\", and more", NULL), WN_OK);
  assert_int_equal(wn_shard_fail(s, 4, "second words do not count", NULL), WN_OK);
  assert_int_equal(s->n_failed, 1);
  s->counts = wn_alloc(5);
  memcpy(s->counts, "abcde", 5), s->counts_size = 5;
  return s;
}

static void test_round_trip(void **unused) {
  (void)unused;
  wn_sweep_table *t = make_table();
  wn_shard *s = make_shard(t), *back;
  unsigned char *bytes;
  size_t size;
  assert_int_equal(wn_shard_encode(s, t, 99, &bytes, &size, NULL), WN_OK);
  assert_int_equal(wn_shard_decode(bytes, size, t, 99, 7, &back, NULL), WN_OK);
  assert_int_equal(back->first_case, 70);
  assert_int_equal(back->n_failed, 1);
  assert_memory_equal(back->input, s->input, 6 * sizeof(double));
  assert_memory_equal(back->value, s->value, 18 * sizeof(double));
  assert_memory_equal(back->curve, s->curve, 24 * sizeof(double));
  assert_memory_equal(back->counts, "abcde", 5);
  for (int i = 0; i < 6; i++) assert_true((back->status[i] != NULL) == (i == 4));
  assert_string_equal(back->status[4], "at day 1, 02:00: \"why\", and more");
  wn_shard_destroy(back);
  wn_shard_destroy(s);
  wn_shard_destroy(NULL);
  wn_free(bytes);
  wn_sweep_table_destroy(t);
}

static void test_damage(void **unused) {
  (void)unused;
  wn_sweep_table *t = make_table();
  wn_shard *s = make_shard(t), *back;
  unsigned char *bytes;
  size_t size;
  int n_failed = -1;
  wn_error err = {0};
  assert_int_equal(wn_shard_encode(s, t, 99, &bytes, &size, NULL), WN_OK);
  assert_true(wn_shard_check(bytes, size, 99, 7, &n_failed));
  assert_int_equal(n_failed, 1);
  for (size_t i = 0; i < size; i++) {
    bytes[i] ^= (unsigned char)(1 << i % 8);
    assert_false(wn_shard_check(bytes, size, 99, 7, &n_failed));
    bytes[i] ^= (unsigned char)(1 << i % 8);
    assert_false(wn_shard_check(bytes, i, 99, 7, &n_failed));
  }
  assert_false(wn_shard_check(bytes, size, 98, 7, &n_failed));
  assert_false(wn_shard_check(bytes, size, 99, 8, &n_failed));
  assert_int_equal(wn_shard_decode(bytes, size - 1, t, 99, 7, &back, &err), WN_ERR_IO);
  assert_non_null(strstr(err.message, "shard 7 is cut short or changed"));
  assert_int_equal(wn_shard_decode(bytes, size, t, 98, 7, &back, &err), WN_ERR_IO);
  assert_non_null(strstr(err.message, "another sweep"));
  t->n_column = 2;
  assert_int_equal(wn_shard_decode(bytes, size, t, 99, 7, &back, &err), WN_ERR_IO);
  assert_non_null(strstr(err.message, "other columns"));
  assert_null(back);
  t->n_column = 3;
  wn_free(bytes);
  wn_shard_destroy(s);
  wn_sweep_table_destroy(t);
}

static wn_manifest make_manifest(wn_sweep_table *t, const wn_sweep_fact *fact, int n_fact) {
  static const char *const head[] = {"wane 1, wane sweep x", "For teaching \"and\" research: \xce\xbcg"};
  wn_manifest m = {.fact = (wn_sweep_fact *)fact, .n_fact = n_fact, .head = head, .n_head = 2, .n_point = 1000};
  m.n_case = 4000, m.shard_cases = 160, m.n_shard = 25, m.table = t;
  m.identity = wn_manifest_identity(&m);
  return m;
}

static void test_manifest(void **unused) {
  (void)unused;
  wn_sweep_table *t = make_table();
  const wn_sweep_fact facts[] = {
      {"--seed", "1", false}, {"--set", "a=1", false}, {"--set", "b=2", false}, {"m.lua", "return { }\n", true}};
  wn_manifest m = make_manifest(t, facts, 4), back;
  unlink("manifest.json");
  assert_int_equal(wn_manifest_write(&m, "manifest.json", NULL), WN_OK);
  assert_int_equal(wn_manifest_read("manifest.json", &back, NULL), WN_OK);
  assert_true(back.identity == m.identity);
  assert_int_equal(back.n_case, 4000);
  assert_int_equal(back.shard_cases, 160);
  assert_string_equal(back.head[1], m.head[1]);
  assert_int_equal(back.table->n_column, 3);
  assert_string_equal(back.table->column[2].name, "mean.C");
  assert_string_equal(back.table->input[1].unit, "clock");
  assert_string_equal(back.table->arm[1], "high");
  assert_true(back.table->t_end == 1.1 && back.table->n_time == 4 && back.table->keep == WN_SWEEP_ALL);
  assert_int_equal(wn_manifest_compare(&back, &m, NULL), WN_OK);
  wn_manifest_free(&back);

  // whoever comes second finds the first one's
  const wn_sweep_fact other[] = {{"--seed", "2", false}};
  wn_manifest second = make_manifest(t, other, 1);
  assert_int_equal(wn_manifest_write(&second, "manifest.json", NULL), WN_OK);
  assert_int_equal(wn_manifest_read("manifest.json", &back, NULL), WN_OK);
  assert_true(back.identity == m.identity && second.identity != m.identity);
  wn_manifest_free(&back);
  unlink("manifest.json");
  wn_sweep_table_destroy(t);
}

static void test_differences(void **unused) {
  (void)unused;
  static const struct {
    wn_sweep_fact now[4];
    int n;
    const char *words;
  } cases[] = {
      {{{"--seed", "2", false}, {"--set", "a=1", false}, {"m.lua", "x", true}},
       3,
       "--seed was 1 when the sweep began, and is 2 now"},
      {{{"--seed", "1", false}, {"--set", "a=1", false}, {"m.lua", "y", true}},
       3,
       "m.lua has changed since the sweep began"},
      {{{"--seed", "1", false}, {"m.lua", "x", true}}, 2, "--set was a=1 when the sweep began, and is not given now"},
      {{{"--seed", "1", false}, {"--set", "a=1", false}, {"--set", "b=2", false}, {"m.lua", "x", true}},
       4,
       "--set was not given when the sweep began, and is b=2 now"},
  };
  const wn_sweep_fact began[] = {{"--seed", "1", false}, {"--set", "a=1", false}, {"m.lua", "x", true}};
  wn_sweep_table *t = make_table();
  wn_manifest before = make_manifest(t, began, 3);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    wn_manifest now = make_manifest(t, cases[i].now, cases[i].n);
    wn_error err = {0};
    assert_int_equal(wn_manifest_compare(&before, &now, &err), WN_ERR_USER);
    assert_string_equal(err.message, cases[i].words);
    assert_true(now.identity != before.identity);
  }
  wn_sweep_table_destroy(t);
}

static void test_not_a_manifest(void **unused) {
  (void)unused;
  static const char *const texts[] = {
      "", "{", "[]", "{}", "{\"wane sweep\": 2}", "{\"wane sweep\": 1, \"shards\": 3}", "\xff\xfe"};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    wn_manifest m;
    wn_error err = {0};
    assert_int_equal(wn_sweep_file_write("bad.json", texts[i], strlen(texts[i]), true, NULL), WN_OK);
    assert_int_equal(wn_manifest_read("bad.json", &m, &err), WN_ERR_USER);
    assert_non_null(strstr(err.message, "bad.json: expected the manifest of a sweep"));
  }
  unlink("bad.json");
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_round_trip), cmocka_unit_test(test_damage),
                                     cmocka_unit_test(test_manifest), cmocka_unit_test(test_differences),
                                     cmocka_unit_test(test_not_a_manifest)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}

// test_table.c - the table of arms says what closed forms say, and what a result's failures and changes are; what its
// numbers rest on is counted along the equations.

#include "sim/fixture.h"

#include "base/text.h"
#include "io/grid.h"
#include "io/io.h"
#include "model/provenance.h"
#include <stdlib.h>

static char *table_of(const wn_scenario *scenario, int columns) {
  wn_run_def def = run_def("explicit", 1e-8, 1e-10);
  wn_result *result = simulate(scenario, &def);
  char *text = NULL;
  size_t size = 0;
  wn_error err = {0};
  FILE *stream = open_memstream(&text, &size);
  if (wn_write_table(result, stream, columns, &err)) fail_msg("%s", err.message);
  fclose(stream);
  wn_result_destroy(result);
  return text;
}

static void has(const char *table, const char *want) {
  if (!strstr(table, want)) fail_msg("no \"%s\" in\n%s", want, table);
}

static void hasnt(const char *table, const char *want) {
  if (strstr(table, want)) fail_msg("unexpected \"%s\" in\n%s", want, table);
}

static void watch(wn_scenario *s, int n) {
  s->n_watch = n;
  s->watch = wn_arena_alloc(s->arena, (size_t)n * sizeof *s->watch);
  for (int i = 0; i < n; i++) s->watch[i] = i;
}

// one bolus at 22:00 of day 1, C = 5 exp(-0.1 t): everything in the table can be worked out on paper
static void test_closed_form(void **state) {
  (void)state;
  wn_model *m = make_pk1();
  wn_scenario *s = new_scenario(m, 1, 48, 0.5);
  dose(s, 0, (wn_dose){.time = 22, .route = 1, .amount = 100});
  watch(s, 2);
  window(s, "high", PK1_C, 1, 2.5, 0);
  window(s, "low", PK1_OCC, 0, 0.5, 0);
  char *table = table_of(s, 100), number[16], clock[6], line[64];
  has(table, "dosing day 1 of 1, from 22:00");
  has(table, "Cmax, mg/L");
  wn_format_short(5, number);
  has(table, number);
  has(table, "0 at 22:00");
  wn_format_short(50 * (1 - exp(-2.4)), number);
  has(table, number);
  // above 2.5 mg/L for ln 2 / 0.1 h; 6 h 56 min
  wn_format_clock(22 + 10 * log(2), clock);
  snprintf(line, sizeof line, "22:00-%s", clock);
  has(table, line);
  snprintf(line, sizeof line, "%.1f\n", 10 * log(2));
  has(table, line);
  // of the night from 23:00 to 07:00
  snprintf(line, sizeof line, "%.0f %%", 100 * (10 * log(2) - 1) / 8);
  has(table, line);
  has(table, "5.00 at 22:00");
  // occupancy C / (C + 1) from 5/6 to the end of the day
  double end = 5 * exp(-2.4);
  char low[16], high[16];
  wn_format_short(end / (end + 1), low);
  wn_format_short(5.0 / 6, high);
  snprintf(line, sizeof line, "%s to %s", low, high);
  has(table, line);
  // below 0.5 from ln 5 / 0.1 h = 16 h 6 min after the dose
  wn_format_clock(22 + 10 * log(5), clock);
  snprintf(line, sizeof line, "%s-22:00", clock);
  has(table, line);
  has(table, WN_NOT_MEDICAL_ADVICE);
  hasnt(table, "Changed");
  free(table);
  wn_scenario_destroy(s);
  wn_model_destroy(m);
}

// a window that is open over the border of the dosing day is one span on the clock
static void test_wrapped_window(void **state) {
  (void)state;
  wn_model *m = make_tone();
  wn_scenario *s = new_scenario(m, 1, 96, 1);
  s->arm[0].day_start = 8;
  watch(s, 1);
  window(s, "day", TONE_TONE, 1, 1, 0);
  window(s, "always", TONE_TONE, 1, 0.5, 0);
  window(s, "never", TONE_TONE, 0, 0.5, 0);
  char *table = table_of(s, 100);
  // 1 + 0.25 cos(2 pi (t - 8) / 24) is above 1 from 02:00 to 14:00
  has(table, "02:00-14:00");
  has(table, "12.0 → 12.0");
  has(table, "all day");
  has(table, "none");
  has(table, "1.25 at 08:00");
  has(table, "dosing day 3 of 3, from 08:00");
  free(table);
  wn_scenario_destroy(s);
  wn_model_destroy(m);
}

static void test_many_arms(void **state) {
  (void)state;
  wn_model *m = make_pk1();
  wn_scenario *s = new_scenario(m, 64, 48, 1);
  watch(s, 2);
  window(s, "high", PK1_C, 1, 2.5, 0);
  for (int i = 0; i < 64; i++) dose(s, i, (wn_dose){.time = 8 + i % 3, .route = 1, .amount = i + 1});
  for (int columns = 60; columns <= 200; columns += 20) {
    char *table = table_of(s, columns);
    int lines = 0;
    for (char *line = strtok(table, "\n"); line; line = strtok(NULL, "\n")) {
      if (wn_text_cells(line) > columns) fail_msg("%d cells of %d: %s", wn_text_cells(line), columns, line);
      lines += strncmp(line, "arm63 ", 6) == 0;
    }
    // periods differ between arms: their group, two outputs and a window, which a narrow terminal cuts in two
    assert_int_equal(lines, columns < 80 ? 5 : 4);
    free(table);
  }
  wn_scenario_destroy(s);
  wn_model_destroy(m);
}

static void test_failed_arm(void **state) {
  (void)state;
  wn_model *m = make_blowup();
  wn_scenario *s = new_scenario(m, 2, 24, 1);
  s->arm[1].param[BLOW_A] = 1;
  watch(s, 1);
  window(s, "high", 0, 1, 0.5, 0);
  char *table = table_of(s, 100);
  has(table, "arm1 (failed)");
  has(table, "arm1 failed: ");
  has(table, "Changed in arm1 from the model's values (in brackets): A 1 (0).");
  hasnt(table, "arm0 failed");
  free(table);
  wn_scenario_destroy(s);
  wn_model_destroy(m);
}

static void test_changes(void **state) {
  (void)state;
  wn_model *m = make_pk1();
  wn_scenario *s = new_scenario(m, 2, 24, 1);
  for (int i = 0; i < 2; i++) s->arm[i].param[PK1_CL] = 3;
  watch(s, 1);
  char *table = table_of(s, 100);
  has(table, "Changed from the model's values (in brackets): CL 3 (2).");
  free(table);
  wn_scenario_destroy(s);
  wn_model_destroy(m);
}

// a run without a whole dosing day shows all of it
static void test_short_run(void **state) {
  (void)state;
  wn_model *m = make_pk1();
  wn_scenario *s = new_scenario(m, 1, 12, 1);
  dose(s, 0, (wn_dose){.time = 6, .route = 1, .amount = 100});
  watch(s, 1);
  window(s, "high", PK1_C, 1, 2.5, 0);
  window(s, "some", PK1_C, 1, -1, 0);
  char *table = table_of(s, 100);
  has(table, "all 12 h, from 00:00");
  has(table, "06:00-12:00");
  has(table, "all the time");
  has(table, "5.00 at 06:00");
  free(table);
  wn_scenario_destroy(s);
  wn_model_destroy(m);
}

// -- what numbers rest on ---------------------------------------------------------------------------------------------

static void expect_badges(const wn_model *m, int output, int measured, int fitted, int assumed) {
  int counts[3];
  wn_model_badges(m, &output, 1, counts);
  assert_int_equal(counts[WN_MEASURED], measured);
  assert_int_equal(counts[WN_FITTED], fitted);
  assert_int_equal(counts[WN_ASSUMED], assumed);
}

static void test_badges(void **state) {
  (void)state;
  wn_model *m = make_pk1();
  m->param[PK1_CL].badge = WN_MEASURED, m->param[PK1_V].badge = WN_MEASURED, m->param[PK1_KA].badge = WN_FITTED;
  m->param[PK1_F1].badge = WN_FITTED, m->param[PK1_LAG].badge = WN_ASSUMED, m->param[PK1_EC50].badge = WN_ASSUMED;
  // C needs CENT, which needs GUT, which is dosed with F1 after LAG; only occupancy needs EC50
  expect_badges(m, PK1_C, 2, 2, 1);
  expect_badges(m, PK1_OCC, 2, 2, 2);
  int counts[3];
  wn_model_badges(m, NULL, 0, counts);
  assert_int_equal(counts[0] + counts[1] + counts[2], 0);
  int both[] = {PK1_C, PK1_OCC};
  wn_model_badges(m, both, 2, counts);
  assert_int_equal(counts[0] + counts[1] + counts[2], 6);

  unsigned char used[8];
  wn_error err;
  wn_alloc_fail_after(0);
  assert_int_equal(wn_model_reached(m, both, 2, used, &err), WN_ERR_MEMORY);
  wn_alloc_fail_after(-1);
  assert_int_equal(wn_model_reached(m, both, 2, used, &err), WN_OK);
  wn_model_destroy(m);

  // initial values count; a state that nothing reads does not
  m = make_tone();
  for (int i = 0; i < m->n_param; i++) m->param[i].badge = WN_ASSUMED;
  m->param[TONE_R0].badge = WN_MEASURED;
  expect_badges(m, TONE_TONE, 0, 0, 3);
  expect_badges(m, TONE_R, 1, 0, 3);
  wn_model_destroy(m);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_closed_form), cmocka_unit_test(test_wrapped_window),
                                     cmocka_unit_test(test_many_arms),   cmocka_unit_test(test_failed_arm),
                                     cmocka_unit_test(test_changes),     cmocka_unit_test(test_short_run),
                                     cmocka_unit_test(test_badges)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}

// test_people.c - many individuals in the table, in the picture and through the public interface: cells are the median
// and the span of what the individuals' own rows say.

#include "sim/fixture.h"

#include "base/text.h"
#include "io/grid.h"
#include "io/io.h"
#include "io/spread.h"
#include "study.h"
#include <stdlib.h>
#include <unistd.h>

static const int index_of[] = {0, 1, 2, 3, 4, 5};
static const double variance = 0.16;

// pk1 whose clearance and volume vary; a bolus of 100 mg at 22:00, and one of 10 mg
static wn_model *make_varied(void) {
  wn_model *m = make_pk1();
  m->random = wn_arena_alloc(m->arena, 2 * sizeof *m->random);
  m->random[0] = (wn_random){.n = 1, .param = &index_of[PK1_CL], .omega = &variance, .badge = WN_ASSUMED};
  m->random[1] = (wn_random){.n = 1, .param = &index_of[PK1_V], .omega = &variance, .badge = WN_FITTED};
  m->n_random = 2;
  return m;
}

static wn_scenario *make_scenario(const wn_model *m, int n, double t_end) {
  wn_scenario *s = new_scenario(m, 2, t_end, 0.5);
  dose(s, 0, (wn_dose){.time = 22, .route = 1, .amount = 100});
  dose(s, 1, (wn_dose){.time = 22, .route = 1, .amount = 10});
  s->n_watch = 2;
  s->watch = wn_arena_alloc(s->arena, 2 * sizeof *s->watch);
  s->watch[0] = PK1_C, s->watch[1] = PK1_OCC;
  window(s, "high", PK1_C, 1, 2.5, 0);
  window(s, "low", PK1_OCC, 0, 0.5, 0);
  s->n_subject = n, s->seed = 2;
  s->plot_to = t_end;
  return s;
}

static char *table_of(const wn_result *result) {
  char *text = NULL;
  size_t size = 0;
  wn_error err = {0};
  FILE *stream = open_memstream(&text, &size);
  if (wn_write_table(result, stream, 100, &err)) fail_msg("%s", err.message);
  fclose(stream);
  return text;
}

static void has(const char *table, const char *want) {
  if (!strstr(table, want)) fail_msg("no \"%s\" in\n%s", want, table);
}

// "5.00 [3.10–7.90]" of one metric over the individuals of an arm
static void cell_of(const wn_result *r, int arm, const char *quantity, const char *of, int day, char cell[64]) {
  double value[64];
  int n = wn_scenario_n_subject(r->scenario);
  for (int i = 0; i < n; i++) value[i] = metric(r, arm * n + i, quantity, of, day);
  wn_spread s = wn_spread_of(value, n);
  char low[16], mid[16], high[16];
  wn_format_short(s.low, low);
  wn_format_short(s.mid, mid);
  wn_format_short(s.high, high);
  snprintf(cell, 64, "%s [%s–%s]", mid, low, high);
}

static void test_table(void **state) {
  (void)state;
  wn_model *m = make_varied();
  wn_scenario *s = make_scenario(m, 40, 70);
  wn_run_def def = run_def("explicit", 1e-8, 1e-10);
  wn_result *r = simulate(s, &def);
  char *table = table_of(r), cell[64];
  has(table, "dosing day 2 of 2, from 22:00");
  has(table, "40 individuals in each arm, the same people (seed 2): median [5 to 95 % of those who have a value]");
  has(table, "How far individuals differ rests on 0 measured, 1 fitted and 1 assumed spreads.");
  for (int arm = 0; arm < 2; arm++) {
    cell_of(r, arm, "cmax", "C", 2, cell);
    has(table, cell);
    cell_of(r, arm, "auc", "C", 2, cell);
    has(table, cell);
    cell_of(r, arm, "peak", "occ", 2, cell);
    has(table, cell);
  }
  // on the first day the window of an individual is from 22:00 until C falls below 2.5
  has(table, "hours on the first day");
  has(table, "hours on the last day");
  has(table, "individuals who have it");
  for (char *line = strtok(table, "\n"); line; line = strtok(NULL, "\n")) assert_true(wn_text_cells(line) <= 100);
  free(table);
  // the same from the little that a table needs
  def.keep_trajectories = WN_KEEP_NONE;
  def.brief = true;
  wn_result *brief = simulate(s, &def);
  char *a = table_of(r), *b = table_of(brief);
  assert_string_equal(a, b);
  free(a);
  free(b);
  wn_result_destroy(brief);
  wn_result_destroy(r);
  wn_scenario_destroy(s);
  wn_model_destroy(m);
}

// the clock, the shares and the peak of a window on one day
static void test_windows(void **state) {
  (void)state;
  wn_model *m = make_varied();
  wn_scenario *s = make_scenario(m, 21, 46);
  wn_run_def def = run_def("explicit", 1e-9, 1e-11);
  wn_result *r = simulate(s, &def);
  int with = 0;
  double end[21], share[21];
  for (int i = 0; i < 21; i++) {
    const wn_metric *last = wn_result_find(r, i, "window_end", "high", 2);
    if (!last) last = wn_result_find(r, i, "window_end", "high", 1);
    with += last != NULL;
    end[i] = last ? last->value : NAN;
    share[i] = metric(r, i, "share_of_night", "high", 1);
  }
  char *table = table_of(r), text[96], low[6], mid[6], high[6];
  snprintf(text, sizeof text, "%.0f %%", 100.0 * with / 21);
  has(table, text);
  wn_spread spread = wn_spread_of(end, 21);
  wn_format_clock(spread.low, low);
  wn_format_clock(spread.mid, mid);
  wn_format_clock(spread.high, high);
  snprintf(text, sizeof text, "%s [%s–%s]", mid, low, high);
  has(table, text);
  has(table, "opens, on the clock");
  has(table, "22:00");
  spread = wn_spread_of(share, 21);
  snprintf(text, sizeof text, "%.0f %% [%.0f–%.0f]", 100 * spread.mid, 100 * spread.low, 100 * spread.high);
  has(table, text);
  // nobody has it at a tenth of the dose
  has(table, "0 %");
  free(table);
  // half a day: no whole dosing day
  s->t_end = 30;
  wn_result *half = simulate(s, &def);
  table = table_of(half);
  has(table, "all 30 h, from 00:00");
  has(table, "hours ");
  free(table);
  wn_result_destroy(half);
  wn_result_destroy(r);
  wn_scenario_destroy(s);
  wn_model_destroy(m);
}

static void test_failures(void **state) {
  (void)state;
  static const double w = 1;
  static const int which = BLOW_A;
  wn_model *m = make_blowup();
  wn_random random = {.n = 1, .param = &which, .omega = &w};
  m->random = &random, m->n_random = 1;
  wn_scenario *s = new_scenario(m, 2, 48, 1);
  s->n_subject = 20;
  s->arm[0].param[BLOW_A] = 0.02, s->arm[1].param[BLOW_A] = 10;
  s->n_watch = 1;
  s->watch = wn_arena_alloc(s->arena, sizeof *s->watch);
  s->watch[0] = 0;
  s->plot_to = 48;
  wn_run_def def = run_def("explicit", 1e-6, 1e-9);
  wn_result *r = simulate(s, &def);
  int failed = 0, first = 0;
  for (int i = 19; i >= 0; i--)
    if (r->series[i].status) failed++, first = i + 1;
  assert_true(failed > 0 && failed < 20);
  char *table = table_of(r), line[128];
  snprintf(line, sizeof line, "%d of 20 individuals of arm0 failed and are left out; individual %d: ", failed, first);
  has(table, line);
  has(table, "20 of 20 individuals of arm1 failed");
  has(table, "arm1 (failed)");
  free(table);
  wn_error err = {0};
  assert_int_equal(wn_plot(r, "failed.svg", &err), WN_OK);
  wn_result_destroy(r);
  wn_scenario_destroy(s);
  m->n_random = 0;
  wn_model_destroy(m);
}

static long size_of(const char *path) {
  FILE *in = fopen(path, "rb");
  assert_non_null(in);
  fseek(in, 0, SEEK_END);
  long size = ftell(in);
  fclose(in);
  return size;
}

// lines for few people, bands for many: a picture does not grow with the number of people; days as their means
static void test_plot(void **state) {
  (void)state;
  wn_model *m = make_varied();
  long size[4];
  static const int people[] = {2, 30, 31, 120};
  for (int long_run = 0; long_run < 2; long_run++) {
    for (int k = 0; k < 4; k++) {
      wn_scenario *s = make_scenario(m, people[k], long_run ? 24 * 40 : 48);
      wn_run_def def = run_def("explicit", 1e-6, 1e-9);
      def.keep_trajectories = WN_KEEP_WATCHED;
      wn_result *r = simulate(s, &def);
      wn_error err = {0};
      if (wn_plot(r, "people.svg", &err)) fail_msg("%s", err.message);
      size[k] = size_of("people.svg");
      unlink("people.svg");
      wn_result_destroy(r);
      wn_scenario_destroy(s);
    }
    assert_true(4 * size[1] > 5 * size[0] && size[2] < size[1] && 4 * size[3] < 5 * size[2]);
  }
  wn_model_destroy(m);
}

static void test_plot_memory(void **state) {
  (void)state;
  wn_model *m = make_varied();
  wn_scenario *s = make_scenario(m, 40, 48);
  wn_run_def def = run_def("explicit", 1e-6, 1e-9);
  wn_result *r = simulate(s, &def);
  wn_status status = WN_ERR_MEMORY;
  int n = 0;
  unlink("memory.svg");
  for (; status; n++) {
    wn_error err = {0};
    wn_alloc_fail_after(n);
    status = wn_plot(r, "memory.svg", &err);
    wn_alloc_fail_after(-1);
    assert_true(status == WN_OK || status == WN_ERR_MEMORY);
    assert_true((access("memory.svg", F_OK) == 0) == (status == WN_OK));
  }
  assert_true(n > 3);
  n = 0;
  for (status = WN_ERR_MEMORY; status; n++) {
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    wn_error err = {0};
    wn_alloc_fail_after(n);
    status = wn_write_table(r, stream, 100, &err);
    wn_alloc_fail_after(-1);
    assert_true(status == WN_OK || status == WN_ERR_MEMORY);
    fclose(stream);
    free(text);
  }
  assert_true(n > 3);
  wn_result_destroy(r);
  wn_scenario_destroy(s);
  wn_model_destroy(m);
}

// -- the public interface

static const char model_text[] =
    "return wane.model { name = 'small', parameters = { { 'k', 0.1, '1/h', 'k', 'assumed', 'x' } },\n"
    "  states = { { 'A', 'mg', 'a' } }, doses = { { 'A', 'mg', 'd', into = 'A' } },\n"
    "  equations = function() d.A = -k * A end, outputs = { { 'A', 'mg', 'a' } },\n"
    "  windows = { { 'high', of = 'A', above = 1 } },\n"
    "  individual = { { 'k', cv = 0.3, 'assumed', 'x' } } }\n";

static wn_study *open_study(const char *text) {
  FILE *out = fopen("small.lua", "w");
  assert_non_null(out);
  fputs(text, out);
  fclose(out);
  wn_study *study;
  wn_error err = {0};
  if (wn_study_open(NULL, "./small.lua", &study, &err)) fail_msg("%s", err.message);
  return study;
}

static void test_study(void **state) {
  (void)state;
  wn_study *study = open_study(model_text);
  const char *doses[] = {"10 mg at 0"};
  wn_study_def def = wn_study_default();
  assert_true(def.n == 1 && def.seed == 1 && def.keep == WN_KEEP_ALL && !def.brief);
  def.dose = doses, def.n_dose = 1, def.n = 7;
  wn_error err = {0};
  assert_int_equal(wn_study_n_subject(study), 0);
  if (wn_study_plan(study, &def, &err) || wn_study_run(study, &err)) fail_msg("%s", err.message);
  assert_int_equal(wn_study_n_subject(study), 7);
  const double *time = wn_study_time(study);
  for (int i = 1; i <= 7; i++) {
    const double *A = wn_study_subject_column(study, 0, i, "A");
    double k = log(A[0] / A[4]) / (time[4] - time[0]);
    for (int j = 0; j < wn_study_n_time(study); j++) NEAR(A[j], 10 * exp(-k * time[j]), 1e-4);
    assert_int_equal(wn_study_subject_status(study, 0, i, &err), WN_OK);
    if (i > 1) assert_true(A[4] != wn_study_column(study, 0, "A")[4]);
  }
  assert_true(wn_study_column(study, 0, "A") == wn_study_subject_column(study, 0, 1, "A"));
  assert_null(wn_study_subject_column(study, 0, 8, "A"));
  assert_null(wn_study_subject_column(study, 0, 0, "A"));
  assert_null(wn_study_subject_column(study, 1, 1, "A"));
  assert_null(wn_study_subject_column(study, 0, 1, "B"));
  assert_int_equal(wn_study_subject_status(study, 0, 8, &err), WN_ERR_USER);
  assert_int_equal(wn_study_arm_status(study, 0, &err), WN_OK);
  wn_summary_row row;
  int seen = 0;
  for (int i = 0; i < wn_study_n_summary(study); i++) {
    assert_int_equal(wn_study_summary(study, i, &row, &err), WN_OK);
    assert_true(row.subject >= 1 && row.subject <= 7);
    seen |= 1 << row.subject;
  }
  assert_int_equal(seen, 0xfe);
  wn_window_row open;
  assert_int_equal(wn_study_window(study, wn_study_n_window(study) - 1, &open, &err), WN_OK);
  assert_int_equal(open.subject, 7);
  // less is kept
  def.keep = WN_KEEP_NONE;
  if (wn_study_plan(study, &def, &err) || wn_study_run(study, &err)) fail_msg("%s", err.message);
  assert_null(wn_study_subject_column(study, 0, 1, "A"));
  assert_int_equal(wn_study_write(study, WN_WRITE_PLOT, "x.svg", NULL, &err), WN_ERR_USER);
  assert_non_null(strstr(err.message, "x.svg: the run was asked not to keep its curves"));
  assert_int_equal(wn_study_write(study, WN_WRITE_SUMMARY, "x.csv", NULL, &err), WN_OK);
  def.keep = WN_KEEP_WATCHED;
  if (wn_study_plan(study, &def, &err) || wn_study_run(study, &err)) fail_msg("%s", err.message);
  assert_non_null(wn_study_subject_column(study, 0, 7, "A"));
  assert_int_equal(wn_study_write(study, WN_WRITE_TRAJECTORIES, "y.csv", NULL, &err), WN_ERR_USER);
  assert_int_equal(wn_study_write(study, WN_WRITE_PLOT, "y.svg", NULL, &err), WN_OK);
  assert_true(access("y.csv", F_OK) != 0);
  wn_study_close(study);
}

static void refuse(wn_study *study, const wn_study_def *def, const char *words) {
  wn_error err = {0};
  assert_int_equal(wn_study_plan(study, def, &err), WN_ERR_USER);
  if (!strstr(err.message, words)) fail_msg("expected: %s\n  got: %s", words, err.message);
}

static void test_study_mistakes(void **state) {
  (void)state;
  wn_study *study = open_study(model_text);
  wn_study_def def = wn_study_default();
  def.n = 0;
  refuse(study, &def, "n: expected 1 to 1000000 individuals, got 0");
  def.n = 1000001;
  refuse(study, &def, "n: expected 1 to 1000000 individuals, got 1000001");
  def.n = 1000000, def.every = 0.01;
  refuse(study, &def, "rows for each individual, too many; try a coarser --every or a smaller --n");
  def.keep = WN_KEEP_NONE;
  wn_error err = {0};
  assert_int_equal(wn_study_plan(study, &def, &err), WN_OK);
  def.keep = 3;
  refuse(study, &def, "keep: expected WN_KEEP_ALL, WN_KEEP_WATCHED or WN_KEEP_NONE, got 3");
  wn_study_close(study);
  if (wn_study_open(NULL, "pk1", &study, &err)) fail_msg("%s", err.message);
  def = wn_study_default();
  def.n = 2;
  if (wn_script_model(study->script)->n_random == 0)
    refuse(study, &def, "n: model pk1 does not say how individuals differ; expected individual = { ... } in ");
  wn_study_close(study);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_table),         cmocka_unit_test(test_windows),
                                     cmocka_unit_test(test_failures),      cmocka_unit_test(test_plot),
                                     cmocka_unit_test(test_plot_memory),   cmocka_unit_test(test_study),
                                     cmocka_unit_test(test_study_mistakes)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}

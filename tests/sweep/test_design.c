// Designs: grids as written, clock times over midnight, crossing with common random numbers, points that depend on
// their index alone, mistakes in one line.
#include "sweep/points.h"

#include "base/memory.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

static void expect_levels(const char *vary, int n, const double *want) {
  wn_design *design = create(def_of(TEXTS(vary), NULL, NULL, 0));
  const wn_design_input *input = wn_design_input_at(design, 0);
  assert_int_equal(wn_design_n_point(design), n);
  assert_int_equal(input->n_level, n);
  assert_false(input->is_sampled);
  for (int i = 0; i < n; i++) {
    if (!(fabs(at(design, i, 0) - want[i]) <= 1e-14 * fabs(want[i])))
      fail_msg("%s: %d is %.17g, expected %.17g", vary, i, at(design, i, 0), want[i]);
    assert_true(input->level[i] == at(design, i, 0));
  }
  wn_design_destroy(design);
}

static void test_levels(void **state) {
  (void)state;
  expect_levels("low_dose=1:6:6", 6, (double[]){1, 2, 3, 4, 5, 6});
  expect_levels("low_dose=6:1:3", 3, (double[]){6, 3.5, 1});
  expect_levels("low_dose = 1, 4.5 ,50", 3, (double[]){1, 4.5, 50});
  expect_levels("low_dose=3", 1, (double[]){3});
  expect_levels("low_dose=log:1:1000:4", 4, (double[]){1, 10, 100, 1000});
  expect_levels("low_dose=500ug:1mg:3", 3, (double[]){0.5, 0.75, 1});
  expect_levels("lag=30min,1h,0.125 d", 3, (double[]){0.5, 1, 3});
  expect_levels("x1=-1:1:3", 3, (double[]){-1, 0, 1});
  // clock times: forward over midnight, and never beyond what --set takes
  expect_levels("bedtime=22:00:02:00:9", 9, (double[]){22, 22.5, 23, 23.5, 0, 0.5, 1, 1.5, 2});
  expect_levels("bedtime=08:00:10:00:3", 3, (double[]){8, 9, 10});
  expect_levels("bedtime=22:00,23:30,0:15", 3, (double[]){22, 23.5, 0.25});
  expect_levels("bedtime=22:00", 1, (double[]){22});
  // the ends are exact
  wn_design *design = create(def_of(TEXTS("x1=0.1:0.7:7", "x2=log:0.3:0.9:11"), NULL, NULL, 0));
  assert_true(at(design, 76, 0) == 0.7 && at(design, 76, 1) == 0.9 && at(design, 0, 0) == 0.1 &&
              at(design, 0, 1) == 0.3);
  wn_design_destroy(design);
}

// the cross product, first name slowest, then the draws, the same in every cell
static void test_crossing(void **state) {
  (void)state;
  static const char *const samples[] = {"random", "lhs", "sobol", NULL};
  static const double clock[] = {22, 23, 1};
  for (int s = 0; s < 4; s++) {
    wn_design *design = create(def_of(TEXTS("low_dose=1,2", "bedtime=22:00,23:00,01:00"),
                                      TEXTS("CL~lognormal(20,30%)", "V~normal(100,10)"), samples[s], 8));
    assert_int_equal(wn_design_n_point(design), 48);
    assert_int_equal(wn_design_n_cell(design), 6);
    for (int p = 0; p < 48; p++) {
      double value[4];
      wn_design_point(design, p, value);
      assert_true(value[0] == (p < 24 ? 1 : 2));
      assert_true(value[1] == clock[p / 8 % 3]);
      assert_int_equal(wn_design_draw_of(design, p), p % 8);
      assert_true(value[2] == at(design, p % 8, 2) && value[3] == at(design, p % 8, 3));
      assert_true(p % 8 == 0 || value[2] != at(design, p % 8 - 1, 2));
    }
    wn_design_destroy(design);
  }
}

// what is drawn for one input does not depend on others, on their order, or on what is varied beside it
static void test_keys(void **state) {
  (void)state;
  static const char *const samples[] = {"random", "lhs"};
  for (int s = 0; s < 2; s++) {
    wn_design *one = create(def_of(NULL, TEXTS("CL~uniform(0,1)"), samples[s], 100));
    wn_design *two =
        create(def_of(TEXTS("low_dose=1:2:2"), TEXTS("V~uniform(0,1)", "CL~uniform(0,1)"), samples[s], 100));
    int n_same = 0;
    for (int p = 0; p < 100; p++) {
      assert_true(at(one, p, 0) == at(two, p, 2));
      n_same += at(two, p, 1) == at(two, p, 2);
    }
    assert_int_equal(n_same, 0);
    wn_design_def def = def_of(NULL, TEXTS("CL~uniform(0,1)"), samples[s], 100);
    def.seed = 2;
    wn_design *other = create(def);
    for (int p = 0; p < 100; p++) assert_true(at(one, p, 0) != at(other, p, 0));
    wn_design_destroy(one), wn_design_destroy(two), wn_design_destroy(other);
  }
}

static void test_counts(void **state) {
  (void)state;
  wn_design_def def = def_of(NULL, TEXTS("CL~uniform(0,1)", "V~uniform(1,2)"), NULL, 0);
  wn_design *design = create(def);
  assert_int_equal(wn_design_n_point(design), 1024);
  assert_int_equal(wn_design_sample(design), WN_SAMPLE_SOBOL);
  assert_null(wn_design_advice(design));
  wn_design_destroy(design);
  def.sensitivity = "sobol", def.n = 100;
  design = create(def);
  assert_int_equal(wn_design_n_point(design), 400);
  assert_string_equal(wn_design_advice(design),
                      "Sobol' points are even in powers of 2 only; --n 64 or 128 serves better than 100");
  wn_design_destroy(design);
  def.sensitivity = "morris", def.n = 0;
  design = create(def);
  assert_int_equal(wn_design_n_point(design), 32 * 3);
  wn_design_destroy(design);
  // nothing drawn: n people in every cell
  design = create(def_of(TEXTS("low_dose=1:3:3"), NULL, NULL, 10));
  assert_int_equal(wn_design_n_point(design), 30);
  assert_true(at(design, 19, 0) == 2 && wn_design_draw_of(design, 19) == 9);
  wn_design_destroy(design);
  // nothing at all: one point
  design = create(def_of(NULL, NULL, NULL, 0));
  assert_int_equal(wn_design_n_point(design), 1);
  assert_int_equal(wn_design_n_input(design), 0);
  wn_design_destroy(design);
}

// varied inputs under a sampler: each level as often as the others, a range evenly
static void test_sampled_vary(void **state) {
  (void)state;
  wn_design *design =
      create(def_of(TEXTS("low_dose=1,2,4,8", "bedtime=22:00:02:00", "x1=log:1:100"), NULL, "lhs", 400));
  int count[9] = {0}, late = 0;
  double sum = 0;
  assert_int_equal(wn_design_n_point(design), 400);
  for (int p = 0; p < 400; p++) {
    double value[3];
    wn_design_point(design, p, value);
    count[(int)value[0]]++;
    assert_true((value[1] >= 22 && value[1] < 24) || (value[1] >= 0 && value[1] <= 2));
    late += value[1] < 12;
    sum += log10(value[2]);
  }
  assert_true(count[1] == 100 && count[2] == 100 && count[4] == 100 && count[8] == 100 && late == 200);
  assert_true(fabs(sum / 400 - 1) < 1e-3);
  wn_design_destroy(design);
}

typedef struct mistake {
  const char *vary, *draw, *correlate, *sample, *sensitivity, *words;
} mistake;

static void expect_mistake(const mistake *m) {
  wn_design_def def =
      def_of(m->vary ? TEXTS(m->vary) : NULL, m->draw ? TEXTS(m->draw, "KA~uniform(1,2)") : NULL, m->sample, 0);
  def.sensitivity = m->sensitivity;
  def.correlate = &m->correlate, def.n_correlate = m->correlate != NULL;
  wn_error err;
  wn_design *design;
  if (try_create(&def, &design, &err) != WN_ERR_USER) fail_msg("no complaint: %s", m->words);
  if (strcmp(err.message, m->words) != 0) fail_msg("\n  got      %s\n  expected %s", err.message, m->words);
  assert_null(design);
}

static void test_mistakes(void **state) {
  (void)state;
  static const mistake mistakes[] = {
      {"low_dos=1:2:3", .words = "--vary low_dos=1:2:3: unknown parameter or option 'low_dos'; try low_dose"},
      {"zzz=1:2:3", .words = "--vary zzz=1:2:3: unknown parameter or option 'zzz'; `wane describe` lists them"},
      {"low_dose", .words = "--vary low_dose: expected NAME=FROM:TO:COUNT, NAME=log:FROM:TO:COUNT or NAME=A,B,C"},
      {"low_dose=", .words = "--vary low_dose=: expected NAME=FROM:TO:COUNT, NAME=log:FROM:TO:COUNT or NAME=A,B,C"},
      {"low_dose=1:x:3", .words = "--vary low_dose=1:x:3: low_dose: expected a number in mg, got 'x'"},
      {"low_dose=1:2:1", .words =
                             "--vary low_dose=1:2:1: expected a whole number of values from 2 to 1000000 behind the "
                             "second colon, got '1'"},
      {"low_dose=1:2", .words =
                           "--vary low_dose=1:2: expected a count behind the range, like low_dose=1:2:9; or --sample "
                           "sobol"},
      {"low_dose=1:2:3:4", .words = "--vary low_dose=1:2:3:4: expected FROM:TO:COUNT like 1:6:11, got '1:2:3:4'"},
      {"low_dose=2:2:3", .words = "--vary low_dose=2:2:3: expected two different ends, got 2 twice"},
      {"low_dose=log:0:2:3", .words = "--vary low_dose=log:0:2:3: expected ends above 0 for log:, got 0"},
      {"low_dose=1h:2:3", .words = "--vary low_dose=1h:2:3: low_dose: expected mg, got 1h"},
      {"low_dose=1,2,1", .words = "--vary low_dose=1,2,1: 1 stands twice in the list"},
      {"bedtime=22:9", .words = "--vary bedtime=22:9: expected FROM:TO:COUNT like 22:00:02:00:9, got '22:9'"},
      {"bedtime=22:00:26:00:5", .words = "--vary bedtime=22:00:26:00:5: bedtime: expected a clock time like 22:00, got "
                                         "'26:00'"},
      {"bedtime=log:22:00:23:00:5", .words = "--vary bedtime=log:22:00:23:00:5: a clock time has no logarithm"},
      {.draw = "CL~lognormal(20)",
       .words = "--draw CL~lognormal(20): expected lognormal(MEAN,CV), or with ,FROM,TO behind, "
                "got 1 number"},
      {.draw = "CL~lognormal(20,-3)",
       .words = "--draw CL~lognormal(20,-3): CV: expected a fraction or a percentage above 0, got '-3'"},
      {.draw = "CL~lognormal(20,30)",
       .words = "--draw CL~lognormal(20,30): CV: expected at most 10 (1000%), got 30; try 30%"},
      {.draw = "CL~lognormal(-1,0.3)", .words = "--draw CL~lognormal(-1,0.3): MEAN: expected above 0, got -1"},
      {.draw = "CL~normal(20,0)", .words = "--draw CL~normal(20,0): SD: expected above 0, got 0"},
      {.draw = "CL~normal(20,1,90,100)",
       .words = "--draw CL~normal(20,1,90,100): next to nothing of the distribution lies between 90 and 100"},
      {.draw = "CL~normal(20,1,30,10)",
       .words = "--draw CL~normal(20,1,30,10): expected the lower border before the upper one, got 30,10"},
      {.draw = "CL~norml(20,1)", .words = "--draw CL~norml(20,1): unknown distribution 'norml'; try normal"},
      {.draw = "CL~uniform(2,1)", .words = "--draw CL~uniform(2,1): expected numbers in rising order, got 2,1"},
      {.draw = "CL~uniform(1,1)", .words = "--draw CL~uniform(1,1): expected two different ends, got 1 twice"},
      {.draw = "CL~loguniform(0,1)", .words = "--draw CL~loguniform(0,1): expected ends above 0, got 0"},
      {.draw = "CL~triangular(1,5,4)",
       .words = "--draw CL~triangular(1,5,4): expected numbers in rising order, got 5,4"},
      {.draw = "CL=uniform(1,2)",
       .words = "--draw CL=uniform(1,2): expected NAME~DISTRIBUTION(..) like CL~lognormal(20,30%)"},
      {.draw = "CL~uniform(1,2",
       .words = "--draw CL~uniform(1,2: expected NAME~DISTRIBUTION(..) like CL~lognormal(20,30%)"},
      {.draw = "CL~uniform(1,2mg)", .words = "--draw CL~uniform(1,2mg): CL: expected L/h, got 2mg"},
      {.draw = "bedtime~normal(22:00,0:30)",
       .words = "--draw bedtime~normal(22:00,0:30): SD: expected a duration like 45min, got '0:30'"},
      {.draw = "bedtime~lognormal(22:00,0.1)",
       .words = "--draw bedtime~lognormal(22:00,0.1): a clock time has no logarithm"},
      {"gain=-1:2:3", .words = "--vary gain=-1:2:3: expected above 0 and at most 2, got -1"},
      {"gain=0.5,0", .words = "--vary gain=0.5,0: expected above 0 and at most 2, got 0"},
      {"gain=log:1:4:3", .words = "--vary gain=log:1:4:3: expected above 0 and at most 2, got 4"},
      {"gain=1:2.5", .words = "--vary gain=1:2.5: expected above 0 and at most 2, got 2.5"},
      {.draw = "gain~uniform(-1,1)", .words = "--draw gain~uniform(-1,1): expected above 0 and at most 2, got -1"},
      {.draw = "gain~triangular(0,1,3)",
       .words = "--draw gain~triangular(0,1,3): expected above 0 and at most 2, got 3"},
      {.draw = "gain~normal(0,1)", .words = "--draw gain~normal(0,1): expected above 0 and at most 2, got 0"},
      {.draw = "KA~uniform(1,3)", .words = "--draw KA~uniform(1,2): KA is varied or drawn already"},
      {.draw = "CL~uniform(1,3)",
       .sample = "grid",
       .words = "--sample grid: a grid takes --vary only; for --draw try sobol, lhs or random"},
      {.draw = "CL~uniform(1,3)", .sample = "sobel", .words = "--sample: unknown 'sobel'; try sobol"},
      {.draw = "CL~uniform(1,3)", .sensitivity = "moris", .words = "--sensitivity: unknown 'moris'; try morris"},
      {.sensitivity = "sobol",
       .words = "--sensitivity: expected something to be sensitive to; give a --draw or --vary"},
      {.draw = "CL~uniform(1,3)",
       .correlate = "CL,KA",
       .words = "--correlate CL,KA: expected A,B=CORRELATION like CL,V=0.5"},
      {.draw = "CL~uniform(1,3)",
       .correlate = "CL,V=0.5",
       .words = "--correlate CL,V=0.5: 'V' is not drawn; give it a --draw first"},
      {.draw = "CL~uniform(1,3)",
       .correlate = "CL,KA=1.5",
       .words = "--correlate CL,KA=1.5: expected a correlation from -1 to 1, got '1.5'"},
      {.draw = "CL~uniform(1,3)",
       .correlate = "CL,CL=0.5",
       .words = "--correlate CL,CL=0.5: expected two different inputs"},
      {.draw = "CL~uniform(1,3)",
       .correlate = "CL,KA=0.5",
       .sensitivity = "sobol",
       .words = "--correlate: sensitivity indices are of independent inputs; leave one of them out"},
  };
  for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) expect_mistake(&mistakes[i]);
}

// as many inputs as there may be, one more, and more points than can be numbered
static void test_limits(void **state) {
  (void)state;
  enum { MOST = WN_MAX_INPUT };
  static char name[MOST + 1][16], text[MOST + 1][64];
  static const char *draw[MOST + 1];
  wn_input_name known[MOST + 1];
  for (int i = 0; i <= MOST; i++) {
    snprintf(name[i], sizeof name[i], "p%d", i);
    snprintf(text[i], sizeof text[i], "p%d~uniform(%d,%d)", i, i, i + 1);
    known[i] = (wn_input_name){.name = name[i], .unit = ""};
    draw[i] = text[i];
  }
  wn_error err;
  wn_units *units = wn_units_create(&err);
  wn_design *design;
  wn_design_def def = wn_design_default();
  def.draw = draw, def.n_draw = MOST, def.n = 8;
  for (int k = 0; k < 3; k++) {
    def.sensitivity = (const char *[]){NULL, "sobol", "morris"}[k];
    assert_int_equal(wn_design_create(&def, known, MOST + 1, units, &design, &err), WN_OK);
    double value[MOST];
    int64_t n = wn_design_n_point(design);
    assert_int_equal(n, 8 * (k == 0 ? 1 : k == 1 ? MOST + 2 : MOST + 1));
    wn_design_point(design, n - 1, value);
    for (int i = 0; i < MOST; i++) assert_true(value[i] > i && value[i] < i + 1);
    wn_design_destroy(design);
  }
  def.n_draw = MOST + 1;
  assert_int_equal(wn_design_create(&def, known, MOST + 1, units, &design, &err), WN_ERR_USER);
  assert_string_equal(err.message, "--vary, --draw: expected at most 256, got 257");
  wn_units_destroy(units);
  def = def_of(TEXTS("x1=0:1:1000000", "x2=0:1:1000000"), TEXTS("x3~uniform(0,1)"), NULL, 1);
  def.n = 2;
  assert_int_equal(try_create(&def, &design, &err), WN_ERR_USER);
  assert_string_equal(err.message, "--n: more than 1e+12 points");
  def.n = 1;
  design = create(def);
  assert_true(at(design, 999999999999, 0) == 1 && at(design, 999999000000, 1) == 0);
  wn_design_destroy(design);
  def.n = -1;
  assert_int_equal(try_create(&def, &design, &err), WN_ERR_USER);
  def.n = 3, def.sensitivity = "sobol";
  assert_int_equal(try_create(&def, &design, &err), WN_ERR_USER);
  assert_string_equal(err.message, "--n: sensitivity needs at least 4, got 3");
}

// memory that runs out at any allocation is said, and nothing leaks
static void test_memory(void **state) {
  (void)state;
  wn_design_def def =
      def_of(TEXTS("low_dose=1:6:11", "x1=1,2,3"), TEXTS("CL~lognormal(20,30%)", "V~uniform(1,2)"), NULL, 8);
  def.correlate = TEXTS("CL,V=0.5"), def.n_correlate = 1;
  wn_error err;
  wn_units *units = wn_units_create(&err);
  wn_design *design = NULL;
  int n = 0;
  for (;; n++) {
    wn_alloc_fail_after(n);
    wn_status status = wn_design_create(&def, KNOWN, N_KNOWN, units, &design, &err);
    wn_alloc_fail_after(-1);
    if (!status) break;
    assert_int_equal(status, WN_ERR_MEMORY);
    assert_null(design);
  }
  assert_true(n >= 2);
  wn_design_destroy(design);
  wn_design_destroy(NULL);
  wn_units_destroy(units);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_levels),       cmocka_unit_test(test_crossing),
                                     cmocka_unit_test(test_keys),         cmocka_unit_test(test_counts),
                                     cmocka_unit_test(test_sampled_vary), cmocka_unit_test(test_mistakes),
                                     cmocka_unit_test(test_limits),       cmocka_unit_test(test_memory)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}

// Validation tables: curves of straight lines by hand, runs of a model whose values are known exactly, every mistake.
#include "script/samples.h"

#include "script/files.h"

#include <math.h>

static void near(double got, double expected, double tolerance) {
  if (!(fabs(got - expected) <= tolerance)) fail_msg("expected %.12g, got %.12g", expected, got);
}

// ---- curves

// a tent, a jump at 3, a flat piece:  0 .. 2 .. 0 | 4 .. 4
static const double tent_time[] = {0, 1, 2, 3, 3, 5}, tent_value[] = {0, 2, 0, 0, 4, 4};
static const wn_curve tent = {6, tent_time, tent_value};

static void test_values_of_a_curve(void **state) {
  (void)state;
  near(wn_curve_at(&tent, 0), 0, 0);
  near(wn_curve_at(&tent, 0.25), 0.5, 1e-15);
  near(wn_curve_at(&tent, 1), 2, 0);
  near(wn_curve_at(&tent, 3), 4, 0);
  near(wn_curve_at(&tent, 2.999), 0, 0);
  near(wn_curve_at(&tent, 5), 4, 0);
}

static void test_areas(void **state) {
  (void)state;
  near(wn_curve_integral(&tent, 0, 5), 10, 1e-14);
  near(wn_curve_integral(&tent, 0.5, 1.5), 1.5, 1e-15);
  near(wn_curve_integral(&tent, 0.5, 0.75), 0.3125, 1e-15);
  near(wn_curve_integral(&tent, 4, 4), 0, 0);
  // areas of parts add up
  near(wn_curve_integral(&tent, 0, 2.7) + wn_curve_integral(&tent, 2.7, 5), 10, 1e-14);
}

static void test_extremes(void **state) {
  (void)state;
  double time;
  near(wn_curve_extreme(&tent, 1, 0, 5, &time), 4, 0);
  near(time, 3, 0);
  near(wn_curve_extreme(&tent, 1, 0, 2.5, &time), 2, 0);
  near(time, 1, 0);
  near(wn_curve_extreme(&tent, 1, 0, 0.5, &time), 1, 1e-15);
  near(time, 0.5, 0);
  near(wn_curve_extreme(&tent, -1, 0.5, 5, &time), 0, 0);
  near(time, 2, 0);
  near(wn_curve_extreme(&tent, -1, 0.5, 1.5, &time), 1, 1e-15);
  near(time, 0.5, 0);
  near(wn_curve_extreme(&tent, 1, 4, 4, &time), 4, 0);
}

static void test_levels(void **state) {
  (void)state;
  near(wn_curve_hours(&tent, 1, 1, 0, 5), 3, 1e-15);
  near(wn_curve_hours(&tent, -1, 1, 0, 5), 2, 1e-15);
  near(wn_curve_hours(&tent, 1, 4, 0, 5), 0, 0);
  near(wn_curve_hours(&tent, 1, 1, 1, 4), 1.5, 1e-15);
  near(wn_curve_first(&tent, 1, 1, 0, 5), 0.5, 1e-15);
  near(wn_curve_first(&tent, 1, 3, 0, 5), 3, 1e-15);
  near(wn_curve_first(&tent, 1, 1, 1, 5), 1, 1e-15);
  near(wn_curve_first(&tent, -1, 1, 1, 5), 1.5, 1e-15);
  near(wn_curve_last(&tent, 1, 1, 0, 2.5), 1.5, 1e-15);
  near(wn_curve_last(&tent, 1, 4, 0, 5), 5, 1e-15);
  near(wn_curve_last(&tent, -1, 0, 0, 5), 3, 1e-15);
  assert_true(isnan(wn_curve_first(&tent, 1, 5, 0, 5)));
  assert_true(isnan(wn_curve_last(&tent, -1, -1, 0, 5)));
}

static void test_above_and_below_share_the_time(void **state) {
  (void)state;
  // a wave on an uneven grid: hours above and below any level add up to the span, first lies before last
  enum { N = 400 };
  double time[N], value[N];
  for (int i = 0; i < N; i++) {
    time[i] = i + 0.3 * sin(i);
    value[i] = sin(0.1 * time[i]) + 0.3 * cos(0.37 * time[i]);
  }
  wn_curve wave = {N, time, value};
  for (double level = -1.2; level < 1.2; level += 0.17)
    for (double from = 10; from < 300; from += 61.3) {
      double to = from + 71.7;
      near(wn_curve_hours(&wave, 1, level, from, to) + wn_curve_hours(&wave, -1, level, from, to), to - from, 1e-9);
      double first = wn_curve_first(&wave, 1, level, from, to), last = wn_curve_last(&wave, 1, level, from, to);
      assert_true(isnan(first) == isnan(last));
      if (!isnan(first)) assert_true(from <= first && first <= last && last <= to);
      if (first > from) near(wn_curve_at(&wave, first), level, 1e-9);
    }
}

// ---- tables

static int setup(void **state) {
  (void)state;
  write_file("toy.lua", toy_model);
  mkdir("validation", 0777);
  return 0;
}

static wn_status validate(const char *text, const char *hypothesis, wn_validation_row **rows, int *n, wn_error *err) {
  write_file("validation/toy.lua", text);
  return wn_script_validate(&test_env, "./toy.lua", hypothesis, 1, rows, n, err);
}

// A table whose rows are made from pairs `what, low, high`: `rows = function(run) return {...}`.
static wn_validation_row *validated(const char *runs, const char *rows, const char *hypothesis, int expected) {
  char text[8192];
  wn_validation_row *list = NULL;
  int n = 0;
  wn_error err = {0};
  snprintf(text, sizeof text,
           "local function row(id, value) return { id, 's', 'p', { -1e9, 1e9 }, value, 'u', 'tuned', 'assumed' } end\n"
           "return wane.validation { model = 'toy', runs = { %s },\n rows = function(run) return { %s } end }",
           runs, rows);
  if (validate(text, hypothesis, &list, &n, &err)) fail_msg("%s", err.message);
  assert_int_equal(n, expected);
  return list;
}

static const char bolus[] = "iv = { regimen = once{ dose = 100, into = 'IV', at = 0 }, duration = 20, every = 0.01 }";

static void test_closed_form(void **state) {
  (void)state;
  // C = 10 exp(-0.2 t); straight lines between samples 0.01 h apart err by 0.2^2 0.01^2 / 8, 5e-7 of the value
  wn_validation_row *r =
      validated(bolus,
                "row('at', run.iv:at('C', 7.003)), row('state', run.iv:at('A', 7.003)),\n"
                "row('area', run.iv:integral('C')), row('mean', run.iv:mean('C', 5, 10)),\n"
                "row('min', run.iv:min('C')), row('max', run.iv:max('C', 2, 10)),\n"
                "row('above', run.iv:hours_above('C', 2)), row('below', run.iv:hours_below('C', 2)),\n"
                "row('first', run.iv:first_below('C', 2)), row('last', run.iv:last_above('C', 2)),\n"
                "row('half', run.iv:half_life('C', 3, 17)), row('list', run.iv:values('C', {1, 5})[2]),\n"
                "row('start', run.iv.start), row('stop', run.iv.stop), row('V', run.iv:param('V')),\n"
                "row('when', (select(2, run.iv:min('C')))), row('late', run.iv:at('late', 5))",
                NULL, 17);
  double cross = log(5) / 0.2;
  double expected[] = {10 * exp(-1.4006),
                       100 * exp(-1.4006),
                       50 * (1 - exp(-4)),
                       10 * (exp(-1) - exp(-2)),
                       10 * exp(-4),
                       10 * exp(-0.4),
                       cross,
                       20 - cross,
                       cross,
                       cross,
                       log(2) / 0.2,
                       10 * exp(-1),
                       0,
                       20,
                       10,
                       20,
                       1};
  for (int i = 0; i < 17; i++) {
    if (!(fabs(r[i].value - expected[i]) <= 3e-6 * (1 + fabs(expected[i]))))
      fail_msg("%s: expected %.10g, got %.10g", r[i].id, expected[i], r[i].value);
    assert_true(r[i].holds);
  }
  wn_free(r);
}

static void test_start_and_grid(void **state) {
  (void)state;
  // two runs that begin before midnight and at 8.9 h; doses relative to the clock, not to the start
  wn_validation_row *r = validated(
      "early = { regimen = once{ dose = 100, into = 'IV', at = -16 }, start = '-20h', duration = 30 },\n"
      "late = { regimen = once{ dose = 100, into = 'IV', at = 9 }, start = 8.9, duration = 12.1, every = 0.01 },\n"
      "zero = { regimen = once{ dose = 100, into = 'IV' }, duration = 10 },\n"
      "finer = { duration = 10, every = 0.05 }, longer = { duration = 11 }",
      "row('e', run.early:at('C', 0)), row('b', run.early:at('C', -17)), row('l', run.late:at('C', 14)),\n"
      "row('s', run.late.start), row('e', run.late.stop),\n"
      "row('z', run.zero.start), row('C', run.zero:at('C', 5)), row('l', run.longer.stop)",
      NULL, 8);
  near(r[0].value, 10 * exp(-3.2), 1e-4);
  near(r[1].value, 0, 1e-9);
  near(r[2].value, 10 * exp(-1), 1e-5);
  near(r[3].value, 8.9, 1e-12);
  near(r[4].value, 21, 1e-9);
  // the same end and grid as the early run, but not its start
  near(r[5].value, 0, 0);
  near(r[6].value, 10 * exp(-1), 1e-3);
  near(r[7].value, 11, 0);
  wn_free(r);
}

static void test_hypotheses_and_set(void **state) {
  (void)state;
  static const char runs[] = "plain = { regimen = once{ dose = 100, into = 'IV' }, duration = 10 },\n"
                             "own = { regimen = once{ dose = 100, into = 'IV' }, duration = 10, hypothesis = 'H1' },\n"
                             "set = { regimen = once{ dose = 100, into = 'IV' }, duration = 10, set = { CL = 4 } }";
  static const char rows[] = "row('p', run.plain:at('C', 10)), row('o', run.own:at('C', 10)),"
                             "row('s', run.set:at('C', 10)), row('KA', run.set:param('KA'))";
  wn_validation_row *r = validated(runs, rows, NULL, 4);
  near(r[0].value, 10 * exp(-2), 1e-5);
  near(r[1].value, 10 * exp(-2), 1e-5);
  near(r[2].value, 10 * exp(-4), 1e-5);
  near(r[3].value, 1.5, 0);
  wn_free(r);
  r = validated(runs, rows, "H2", 4);
  near(r[0].value, 10 * exp(-1), 1e-5);
  near(r[1].value, 10 * exp(-2), 1e-5);
  near(r[2].value, 10 * exp(-4), 1e-5);
  near(r[3].value, 0.5, 0);
  wn_free(r);
}

static void test_rows(void **state) {
  (void)state;
  wn_validation_row *r = NULL;
  int n = 0;
  wn_error err = {0};
  wn_status status =
      validate("return wane.validation { model = 'toy', runs = { none = { duration = 1 } },\n"
               "  rows = function(run) return {\n"
               "    { 'A1', 'no drug', '~0 mg/L', { 0, 0 }, run.none:max('C'), 'mg/L', 'structural', 'fitted' },\n"
               "    { 'A2', 'later', '3', { 2, 4 }, function() return 1.5 end, '', 'not tuned', 'measured' },\n"
               "    { 'A3', 'never', '3', { 2, 4 }, run.none:first_above('C', 1), 'h', 'tuned', 'assumed' },\n"
               "  } end }",
               NULL, &r, &n, &err);
  if (status) fail_msg("%s", err.message);
  assert_int_equal(n, 3);
  assert_string_equal(r[0].id, "A1");
  assert_string_equal(r[0].scenario, "no drug");
  assert_string_equal(r[0].published, "~0 mg/L");
  assert_string_equal(r[0].unit, "mg/L");
  assert_string_equal(r[0].use, "structural");
  assert_int_equal(r[0].badge, WN_FITTED);
  assert_true(r[0].value == 0 && r[0].holds);
  assert_true(r[1].value == 1.5 && !r[1].holds && r[1].badge == WN_MEASURED);
  assert_true(r[1].low == 2 && r[1].high == 4);
  assert_true(isnan(r[2].value) && !r[2].holds);
  wn_free(r);
}

static void expect_error(const char *text, wn_status expected, const char *message) {
  wn_validation_row *r = NULL;
  int n = 0;
  wn_error err = {0};
  assert_int_equal(validate(text, NULL, &r, &n, &err), expected);
  if (!strstr(err.message, message)) fail_msg("expected %s\ngot      %s", message, err.message);
  assert_null(r);
  assert_int_equal(n, 0);
}

static void test_errors_of_the_declaration(void **state) {
  (void)state;
#define TABLE(runs) "return wane.validation { model = 'toy', runs = " runs ", rows = function() return {} end }"
  static const struct {
    const char *text, *message;
  } cases[] = {
      {"return 3", "toy.lua"},
      {"return {}", "validation/toy.lua: expected `return wane.validation{...}`"},
      {"return wane.validation(3)", "toy.lua:1: wane.validation: expected fields in braces, got number"},
      {"return wane.validation { model = 'pk1', runs = {}, rows = 3 }",
       "toy.lua:1: wane.validation: model: expected toy, got 'pk1'"},
      {"return wane.validation { model = 'toy', row = 3 }", "wane.validation: unknown field 'row'; try rows"},
      {"return wane.validation { model = 'toy', runs = {}, rows = 3 }",
       "wane.validation: rows: expected a function of the runs, got 3"},
      {TABLE("3"), "wane.validation: runs: expected a table of runs by name, got 3"},
      {TABLE("{}"), "wane.validation: runs: expected 1 to 1000, got 0"},
      {TABLE("{ {} }"), "wane.validation: runs: expected names, as in po50 = {...}, got 1"},
      {TABLE("{ a = 3 }"), "wane.validation: a: expected { regimen =, duration = }, got 3"},
      {TABLE("{ a = {} }"), "run a: duration: expected hours or a duration like \"90min\" or \"14d\", got nothing"},
      {TABLE("{ a = { duration = 1, evry = 2 } }"), "run a: unknown field 'evry'; try every"},
      {TABLE("{ a = { duration = 1e6, every = 0.1 } }"), "run a: every: expected at most 1000000 points, got 10000000"},
      {TABLE("{ a = { duration = 1, start = -1e9 } }"),
       "run a: expected a span within 1000 years, got -1e+09 to -1e+09 h"},
      {TABLE("{ a = { duration = 1, set = { CLL = 2 } } }"), "run a: set: unknown parameter 'CLL'; try CL"},
      {TABLE("{ a = { duration = 1, hypothesis = 'H7' } }"), "run a: unknown hypothesis 'H7'; try H1"},
      {TABLE("{ a = { duration = 1, regimen = once{ dose = -1 } } }"),
       "toy.lua:1: run a: once: dose: expected 0 mg or more, got -1 mg"},
      {TABLE("{ a = { duration = 1, regimen = once{ dose = 1, at = -1 } } }"), "validation/toy.lua: "},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) expect_error(cases[i].text, WN_ERR_USER, cases[i].message);
}

static void test_errors_of_rows(void **state) {
  (void)state;
  static const struct {
    const char *rows, *message;
  } cases[] = {
      {"return 3", "wane.validation: rows: expected a list of rows, got 3"},
      {"return {}", "wane.validation: rows: expected 1 to 10000, got 0"},
      {"return { 3 }", "row 1: expected a list of eight, got 3"},
      {"return { { 'A', 's', 'p', { 1, 2 }, 1, 'u', 'tuned' } }", "row A: badge: expected a text, got nothing"},
      {"return { { 'A', 's', 'p', { 1, 2 }, 1, 'u', 'tuned', 'guessed' } }",
       "row A: badge: expected \"measured\", \"fitted\" or \"assumed\", got 'guessed'"},
      {"return { { 'A', 's', 'p', { 1, 2 }, 1, 'u', 'tuned?', 'assumed' } }",
       "row A: use: expected \"tuned\", \"not tuned\" or \"structural\", got 'tuned?'"},
      {"return { { 'A', 's', 'p', { 2, 1 }, 1, 'u', 'tuned', 'assumed' } }",
       "row A: expected low before high, got 2 and 1"},
      {"return { { 'A', 's', 'p', 3, 1, 'u', 'tuned', 'assumed' } }",
       "row A: accepted band: expected { low, high }, got 3"},
      {"return { { 'A', 's', 'p', { 1, 2 }, '1', 'u', 'tuned', 'assumed' } }",
       "row A: value: expected a number or a function that gives one, got '1'"},
      {"return { { 'A', 's', 'p', { 1, 2 }, 1, 'u', 'tuned', 'assumed', 9 } }", "row A: "},
      {"return { { 'A23456789012345X', 's', 'p', { 1, 2 }, 1, 'u', 'tuned', 'assumed' } }",
       "row 1: id: expected at most 15 bytes, got 'A23456789012345X'"},
      {"return run.b", "unknown run 'b'"},
      {"return run.a:maxx('C')", "unknown method of a run 'maxx'; try max"},
      {"return run.a:max('D')", "a:max: unknown output or state 'D'"},
      {"return run.a:max('lat')", "a:max: unknown output or state 'lat'; try late"},
      {"return run.a:max()", "a:max: output: expected a text, got nothing"},
      {"return run.a:at('C')", "a:at: time: expected a number, got nothing"},
      {"return run.a:at('C', 3)", "a:at: time: expected a time in the run, 0 to 1 h, got 3"},
      {"return run.a:mean('C', 0.5, 0.2)", "a:mean: expected from before to, got 0.5 to 0.2 h"},
      {"return run.a:values('C', 3)", "a:values: times: expected a list of times, got 3"},
      {"return run.a:hours_above('C')", "a:hours_above: level: expected a number, got nothing"},
      {"return run.a:param('CLL')", "a:param: unknown parameter 'CLL'; try CL"},
      {"return run.a.max(3, 'C')", "max: expected a run, as in run:max(\"C\"), got 3"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char text[1024];
    snprintf(text, sizeof text,
             "return wane.validation { model = 'toy', runs = { a = { duration = 1 } }, rows = function(run) %s end }",
             cases[i].rows);
    expect_error(text, WN_ERR_USER, cases[i].message);
  }
}

static void test_a_run_that_fails(void **state) {
  (void)state;
  // dX/dt = X^2 from 1 reaches infinity at t = 1
  write_file("burst.lua", "return wane.model { name = 'burst', title = 'b', caption = 'b', parameters = {\n"
                          "    { 'K', 1, '1/h', 'k', 'assumed', 'example' } },\n"
                          "  states = { { 'X', '1', 'x', initial = 1 } }, doses = {},\n"
                          "  equations = function() d.X = K * X * X end, outputs = { { 'X', '1', 'x' } } }");
  write_file(
      "validation/burst.lua",
      "return wane.validation { model = 'burst', runs = { short = { duration = 0.5 }, through = { duration = 2 } },\n"
      "  rows = function() return { { 'A', 's', 'p', { 0, 1 }, 1, '', 'tuned', 'assumed' } } end }");
  wn_validation_row *r = NULL;
  int n = 0;
  wn_error err = {0};
  assert_int_equal(wn_script_validate(&test_env, "./burst.lua", NULL, 1, &r, &n, &err), WN_ERR_RUN);
  if (strncmp(err.message, "validation/burst.lua: run through: ", 35) != 0) fail_msg("%s", err.message);
}

static void test_memory(void **state) {
  (void)state;
  wn_free(validated(bolus, "row('a', run.iv:max('C'))", NULL, 1));
  // whichever allocation fails, it is said and nothing leaks
  for (long n = 0; n < 6000; n += n < 100 ? 7 : 211) {
    wn_validation_row *r = NULL;
    int rows = 0;
    wn_error err = {0};
    wn_alloc_fail_after(n);
    wn_status status = wn_script_validate(&test_env, "./toy.lua", NULL, 1, &r, &rows, &err);
    wn_alloc_fail_after(-1);
    if (status != WN_OK && status != WN_ERR_MEMORY) fail_msg("%ld: %d %s", n, status, err.message);
    wn_free(r);
  }
}

static void test_nothing_to_validate(void **state) {
  (void)state;
  wn_validation_row *r = NULL;
  int n = 0;
  wn_error err = {0};
  remove("validation/toy.lua");
  assert_int_equal(wn_script_validate(&test_env, "./toy.lua", NULL, 1, &r, &n, &err), WN_ERR_USER);
  assert_string_equal(err.message, "toy.lua has no validation table; it would be validation/toy.lua beside the model");
  assert_int_equal(wn_script_validate(&test_env, "naltrexon", NULL, 1, &r, &n, &err), WN_ERR_USER);
  assert_non_null(strstr(err.message, "naltrexone"));
  assert_int_equal(wn_script_validate(&test_env, "./toy.lua", "H7", 1, &r, &n, &err), WN_ERR_USER);
  assert_string_equal(err.message, "unknown hypothesis 'H7'; try H1");
  write_file("s.lua", "return wane.scenario { name = 's', model = 'toy.lua', arms = { { name = 'a' } } }");
  assert_int_equal(wn_script_validate(&test_env, "./s.lua", NULL, 1, &r, &n, &err), WN_ERR_USER);
  assert_string_equal(err.message, "s.lua: expected a model, got a scenario");
}

static void test_the_example_of_the_manual(void **state) {
  (void)state;
  char *model = project_file("models/pk1.lua");
  write_file("pk1.lua", model);
  free(model);
  write_lua_block("docs/validation-language.md", "validation/pk1.lua");
  wn_validation_row *r = NULL;
  int n = 0;
  wn_error err = {0};
  if (wn_script_validate(&test_env, "./pk1.lua", NULL, 1, &r, &n, &err)) fail_msg("%s", err.message);
  assert_int_equal(n, 4);
  for (int i = 0; i < n; i++)
    if (!r[i].holds) fail_msg("%s: %g", r[i].id, r[i].value);
  // F1 dose (1 - what is left) / CL
  double k = 1.1 / 20, left = (1.5 * exp(-k * 47.8) - k * exp(-1.5 * 47.8)) / (1.5 - k);
  near(r[2].value, 80 / 1.1 * (1 - left), 1e-3);
  near(r[3].value, 10, 1e-4);
  wn_free(r);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_values_of_a_curve),
      cmocka_unit_test(test_areas),
      cmocka_unit_test(test_extremes),
      cmocka_unit_test(test_levels),
      cmocka_unit_test(test_above_and_below_share_the_time),
      cmocka_unit_test(test_closed_form),
      cmocka_unit_test(test_start_and_grid),
      cmocka_unit_test(test_hypotheses_and_set),
      cmocka_unit_test(test_rows),
      cmocka_unit_test(test_errors_of_the_declaration),
      cmocka_unit_test(test_errors_of_rows),
      cmocka_unit_test(test_a_run_that_fails),
      cmocka_unit_test(test_memory),
      cmocka_unit_test(test_nothing_to_validate),
      cmocka_unit_test(test_the_example_of_the_manual),
  };
  return cmocka_run_group_tests(tests, setup, NULL);
}

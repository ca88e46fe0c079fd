// Plans: what a scenario and settings become. Doses, parameters and who decides about them, defaults, mistakes.
#include "script/files.h"

#include <math.h>

static int setup(void **state) {
  (void)state;
  write_file("toy.lua", toy_model);
  return 0;
}

enum { CL, V, KA };

// A scenario of the toy model with these fields, loaded from my.lua.
static wn_script *scenario(const char *fields) {
  char text[8192];
  wn_script *script = NULL;
  wn_error err = {0};
  snprintf(text, sizeof text, "return wane.scenario { name = 's', model = 'toy.lua',\n%s}", fields);
  write_file("my.lua", text);
  if (wn_script_load(&test_env, "./my.lua", &script, &err)) fail_msg("%s", err.message);
  return script;
}

// Settings as on the command line: "a=1 b=2", at most eight.
static wn_status plan_with(wn_script *script, const char *set, const char *hypothesis, wn_scenario **s, wn_error *err) {
  static char text[256];
  wn_setting setting[8];
  int n = 0;
  snprintf(text, sizeof text, "%s", set);
  for (char *part = strtok(text, " "); part; part = strtok(NULL, " "), n++) {
    char *equals = strchr(part, '=');
    *equals = 0;
    setting[n] = (wn_setting){part, equals + 1};
  }
  return wn_script_plan(script, setting, n, hypothesis, s, err);
}

static wn_scenario *planned(wn_script *script, const char *set, const char *hypothesis) {
  wn_scenario *s = NULL;
  wn_error err = {0};
  if (plan_with(script, set, hypothesis, &s, &err)) fail_msg("%s", err.message);
  return s;
}

static void done(wn_script *script, wn_scenario *s) {
  wn_scenario_destroy(s);
  wn_script_destroy(script);
}

static void expect_error(const char *fields, const char *set, const char *hypothesis, const char *message) {
  wn_script *script = scenario(fields);
  wn_scenario *s = NULL;
  wn_error err = {0};
  assert_int_equal(plan_with(script, set, hypothesis, &s, &err), WN_ERR_USER);
  assert_string_equal(err.message, message);
  assert_null(s);
  wn_script_destroy(script);
}

static const char two_arms[] =
    "options = { { 'low_dose', 4.5, 'mg', 'x' }, { 'at', '22:00', 'clock', 'x' }, { 'days', 28, 'd', 'x' } },\n"
    "arms = function(o) return {\n"
    "  { name = 'low', label = o.low_dose .. ' mg', regimen = daily{ dose = o.low_dose, at = o.at, days = o.days } },\n"
    "  { name = 'iv', regimen = once{ dose = 50, into = 'IV', at = 8 } } } end,\n"
    "duration = function(o) return o.days .. 'd' end,\n"
    "title = function(o) return 'for ' .. o.days .. ' days' end, caption = 'Honest.',\n";

static void test_arms_doses_and_texts(void **state) {
  (void)state;
  wn_script *script = scenario(two_arms);
  wn_scenario *s = planned(script, "", NULL);
  assert_string_equal(s->name, "s");
  assert_string_equal(s->title, "for 28 days");
  assert_string_equal(s->caption, "Honest.");
  assert_ptr_equal(s->model, wn_script_model(script));
  assert_int_equal(s->n_arm, 2);
  const wn_arm *low = &s->arm[0], *iv = &s->arm[1];
  assert_string_equal(low->name, "low");
  assert_string_equal(low->label, "4.5 mg");
  assert_string_equal(iv->label, "iv");
  assert_true(isnan(low->day_start));
  assert_int_equal(low->doses.n, 1);
  const wn_dose *dose = low->doses.data;
  assert_true(dose->time == 22 && dose->amount == 4.5 && dose->ii == 24 && dose->addl == 27);
  assert_int_equal(dose->route, 0);
  assert_string_equal(dose->note, "daily at my.lua:4");
  assert_int_equal(iv->doses.data[0].route, 1);
  assert_true(s->t_start == 0 && s->t_end == 672 && s->every == 0.25);
  assert_true(s->night_from == 23 && s->night_to == 7);
  assert_true(s->plot_from == 0 && s->plot_to == 672);
  assert_int_equal(s->n_watch, 2);
  assert_int_equal(s->watch[1], 1);
  assert_int_equal(s->n_window, 1);
  assert_string_equal(s->window[0].name, "effective");
  done(script, s);
}

static void test_settings_change_the_plan(void **state) {
  (void)state;
  wn_script *script = scenario(two_arms);
  // the same script can be planned again and again
  for (int i = 0; i < 3; i++) {
    wn_scenario *s = planned(script, "low_dose=500ug at=7:30 days=2wk low_dose=3mg CL=50mL/min", NULL);
    assert_string_equal(s->arm[0].label, "3 mg");
    assert_string_equal(s->title, "for 14 days");
    const wn_dose *dose = s->arm[0].doses.data;
    assert_true(dose->time == 7.5 && dose->amount == 3 && dose->addl == 13);
    assert_true(s->t_end == 336);
    assert_true(fabs(s->arm[0].param[CL] - 3) < 1e-12 && fabs(s->arm[1].param[CL] - 3) < 1e-12);
    assert_true(s->arm[0].param[V] == 10);
    wn_scenario_destroy(s);
  }
  wn_scenario *s = planned(script, "low_dose=0.25", NULL);
  assert_string_equal(s->arm[0].label, "0.25 mg");
  done(script, s);
}

static void test_an_option_hides_a_parameter_of_its_name(void **state) {
  (void)state;
  wn_script *script = scenario("options = { { 'CL', 9, 'h', 'x' } }, duration = function(o) return o.CL end,\n"
                               "arms = { { name = 'a' } }");
  wn_scenario *s = planned(script, "CL=2d", NULL);
  assert_true(s->t_end == 48 && s->arm[0].param[CL] == 2);
  done(script, s);
}

static void test_setting_errors(void **state) {
  (void)state;
  expect_error(two_arms, "dose_low=3", NULL, "unknown parameter or option 'dose_low'; try low_dose");
  expect_error(two_arms, "low_dose=3h", NULL, "low_dose: expected mg, got 3h");
  expect_error(two_arms, "low_dose=nan", NULL, "low_dose: expected a number in mg, got 'nan'");
  expect_error(two_arms, "at=25:00", NULL, "at: expected a clock time like 22:00, got '25:00'");
  expect_error(two_arms, "CL=3mg", NULL, "CL: expected L/h, got 3mg");
  expect_error(two_arms, "xyzzy=3", NULL, "unknown parameter or option 'xyzzy'; `wane describe` lists them");
  expect_error(two_arms, "low_dose=-3", NULL,
               "my.lua:4: arm low (-3 mg): daily: dose: expected 0 mg or more, got -3 mg");
  expect_error(two_arms, "days=2.5", NULL,
               "my.lua:4: daily: days: expected a whole number of days like 28 or \"4wk\", got 2.5");
  expect_error("arms = { { name = 'a' } }", "", "H3", "unknown hypothesis 'H3'; try H1");
}

// parameters CL and KA of the only arm
static void expect_params(const char *arm, const char *set, const char *hypothesis, double cl, double ka) {
  char fields[512];
  snprintf(fields, sizeof fields, "arms = { { name = 'a', %s } }", arm);
  wn_script *script = scenario(fields);
  wn_scenario *s = planned(script, set, hypothesis);
  assert_true(fabs(s->arm[0].param[CL] - cl) < 1e-12);
  assert_true(fabs(s->arm[0].param[KA] - ka) < 1e-12);
  done(script, s);
}

static void test_who_decides_about_parameters(void **state) {
  (void)state;
  expect_params("", "", NULL, 2, 1.5);
  expect_params("", "", "H2", 1, 0.5);
  expect_params("hypothesis = 'H2'", "", NULL, 1, 0.5);
  // an arm's own hypothesis stands
  expect_params("hypothesis = 'H1'", "", "H2", 2, 1.5);
  expect_params("hypothesis = 'H2'", "", "H1", 1, 0.5);
  // its set wins over the hypothesis, the user over both
  expect_params("set = { CL = 7 }", "", NULL, 7, 1.5);
  expect_params("set = { CL = 7 }", "", "H2", 7, 0.5);
  expect_params("set = { CL = '50 mL/min' }", "", "H2", 3, 0.5);
  expect_params("set = { CL = 7 }, hypothesis = 'H2'", "KA=4", NULL, 7, 4);
  expect_params("set = { CL = 7 }, hypothesis = 'H2'", "CL=4", NULL, 4, 0.5);
}

static void test_watch_windows_and_times(void **state) {
  (void)state;
  wn_script *script = scenario("arms = { { name = 'a', day_start = '06:00', regimen = once{ dose = 1, day = 3 } } },\n"
                               "watch = { 'late', 'C' }, night = { '22:30', 6 }, every = '5min', duration = '4d',\n"
                               "show = { '1d', '3d' }, windows = { 'effective',\n"
                               "  { 'deep', of = 'late', below = 0.5, baseline = 'ratio', meaning = 'm' } }");
  wn_scenario *s = planned(script, "", NULL);
  assert_true(s->arm[0].day_start == 6);
  assert_int_equal(s->n_watch, 2);
  assert_int_equal(s->watch[0], 1);
  assert_int_equal(s->watch[1], 0);
  assert_true(s->night_from == 22.5 && s->night_to == 6);
  assert_true(fabs(s->every - 5 / 60.) < 1e-12 && s->t_end == 96);
  assert_true(s->plot_from == 24 && s->plot_to == 72);
  assert_int_equal(s->n_window, 2);
  assert_true(s->window[0].above == 1 && s->window[0].threshold == 2);
  const wn_window_def *deep = &s->window[1];
  assert_string_equal(deep->name, "deep");
  assert_string_equal(deep->meaning, "m");
  assert_true(deep->output == 1 && deep->above == 0 && deep->threshold == 0.5 && deep->baseline == 2);
  done(script, s);
}

static void expect_times(const char *fields, double t_end, double every, double plot_from, double plot_to) {
  char text[512];
  snprintf(text, sizeof text, "%s, watch = {}, windows = {}", fields);
  wn_script *script = scenario(text);
  wn_scenario *s = planned(script, "", NULL);
  assert_true(fabs(s->t_end - t_end) < 1e-9);
  assert_true(fabs(s->every - every) < 1e-12);
  assert_true(fabs(s->plot_from - plot_from) < 1e-9 && fabs(s->plot_to - plot_to) < 1e-9);
  assert_int_equal(s->n_watch, 0);
  assert_int_equal(s->n_window, 0);
  done(script, s);
}

static void test_default_times(void **state) {
  (void)state;
  expect_times("arms = { { name = 'a' } }", 24, 0.25, 0, 24);
  expect_times("arms = { { name = 'a', regimen = once{ dose = 1, at = 22 } } }", 48, 0.25, 0, 48);
  expect_times("arms = { { name = 'a', regimen = daily{ dose = 1, days = 3 } }, { name = 'b' } }", 72, 0.25, 0, 72);
  expect_times("arms = { { name = 'a' } }, duration = '8wk'", 1344, 0.5, 0, 1344);
  expect_times("arms = { { name = 'a' } }, duration = '36wk'", 6048, 3, 0, 6048);
  expect_times("arms = { { name = 'a' } }, duration = '20000d'", 480000, 192, 0, 480000);
  // a span beyond a shorter run moves with the end, one before the start is cut
  expect_times("arms = { { name = 'a' } }, duration = '14d', show = { '26d', '28d' }", 336, 0.25, 288, 336);
  expect_times("arms = { { name = 'a' } }, duration = '1d', show = { '0d', '28d' }", 24, 0.25, 0, 24);
  expect_times("arms = { { name = 'a' } }, duration = '1d', show = { -1, 12 }", 24, 0.25, 0, 12);
}

static void test_errors(void **state) {
  (void)state;
  static const struct {
    const char *fields, *message;
  } cases[] = {
      {"arms = 3", "my.lua:1: wane.scenario: arms: expected a list of arms like { { name = \"low\", regimen = "
                   "daily{...} } }, got 3"},
      {"arms = {}", "my.lua:1: arms: expected 1 to 64, got 0"},
      {"arms = function(o) local t = {}; for i = 1, 65 do t[i] = { name = 'a' .. i } end; return t end",
       "my.lua:1: arms: expected 1 to 64, got 65"},
      {"arms = { low = { name = 'a' } }", NULL},
      {"arms = { 3 }", "my.lua:1: arms[1]: expected { name =, regimen = }, got 3"},
      {"arms = { { label = 'x' } }", "my.lua:1: arms[1]: name: expected a text, got nothing"},
      {"arms = { { name = 'a/b' } }", "my.lua:1: arms[1]: name: expected letters, digits, - and _, got 'a/b'"},
      {"arms = { { name = '' } }", "my.lua:1: arms[1]: name: expected letters, digits, - and _, got ''"},
      {"arms = { { name = 'a' }, { name = 'a' } }", "my.lua:1: arms[2]: name: expected one of its own, got 'a' twice"},
      {"arms = { { name = 'a', regime = 3 } }", "my.lua:1: arm a: unknown field 'regime'; try regimen"},
      {"arms = { { name = 'a', set = { CLL = 3 } } }", "my.lua:1: arm a: set: unknown parameter 'CLL'; try CL"},
      {"arms = { { name = 'a', set = { CL = '3 mg' } } }", "my.lua:1: arm a: set: CL: expected L/h, got 3 mg"},
      {"arms = { { name = 'a', set = { CL = true } } }", "my.lua:1: arm a: set: CL: expected a number, got true"},
      {"arms = { { name = 'a', set = { 3 } } }", "my.lua:1: arm a: set: expected the name of a parameter, got 1"},
      {"arms = { { name = 'a', set = 3 } }", "my.lua:1: arm a: set: expected parameters like { CL = 2 }, got 3"},
      {"arms = { { name = 'a', hypothesis = 'H9' } }", "my.lua:1: arm a: unknown hypothesis 'H9'; try H1"},
      {"arms = { { name = 'a', day_start = 'noon' } }",
       "my.lua:1: arm a: day_start: expected a clock time like 22:00 or hours, got 'noon'"},
      {"arms = { { name = 'a', label = 'A', regimen =\n once{ dose = 1, into = 'GOT' } } }",
       "my.lua:3: arm a (A): once: into: unknown dose compartment 'GOT'; try GUT"},
      {"arms = { { name = 'a' } }, duration = 0",
       "my.lua:1: wane.scenario: duration: expected a duration above 0, got 0"},
      {"arms = { { name = 'a' } }, duration = 1/0",
       "my.lua:1: wane.scenario: duration: expected hours or a duration like \"90min\" or \"14d\", got inf"},
      {"arms = { { name = 'a' } }, duration = 1e9",
       "my.lua:1: wane.scenario: duration: expected at most 1000 years, got 1e+09 h"},
      {"arms = { { name = 'a' } }, every = '1s', duration = '28d'",
       "my.lua:1: wane.scenario: every: expected at most 1000000 points, got 2419200"},
      {"arms = { { name = 'a' } }, night = { 23 }",
       "my.lua:1: wane.scenario: night: expected { from, to }, got a table"},
      {"arms = { { name = 'a' } }, night = { 23, 'dawn' }",
       "my.lua:1: wane.scenario: night: expected a clock time like 22:00, got 'dawn'"},
      {"arms = { { name = 'a' } }, show = { 3, 2 }",
       "my.lua:1: wane.scenario: show: expected a span of the run, got 3 to 2 h"},
      {"arms = { { name = 'a' } }, watch = { 'CC' }", "my.lua:1: wane.scenario: watch: unknown output 'CC'; try C"},
      {"arms = { { name = 'a' } }, windows = { 'effectiv' }",
       "my.lua:1: wane.scenario: windows: unknown window 'effectiv'; try effective"},
      {"arms = { { name = 'a' } }, windows = { 3 }",
       "my.lua:1: wane.scenario: windows: expected the name of a window or { \"deep\", of =, above = }, got 3"},
      {"arms = { { name = 'a' } }, windows = { { 'w', of = 'C' } }",
       "my.lua:1: window w: expected either above or below, got neither"},
      {"arms = { { name = 'a' } }, windows = { { 'w', of = 'C', above = 1, below = 2 } }",
       "my.lua:1: window w: expected either above or below, got both"},
      {"arms = { { name = 'a' } }, windows = { { 'w', of = 'D', above = 1 } }",
       "my.lua:1: window w: of: unknown output 'D'; try C"},
      {"arms = { { name = 'a' } }, windows = { { 'w', of = 'C', above = 1, baseline = 'sum' } }",
       "my.lua:1: window w: baseline: expected \"difference\" or \"ratio\", got 'sum'"},
      {"arms = { { name = 'a' } }, title = 3", "my.lua:1: wane.scenario: title: expected a text, got 3"},
      {"options = { { 'dose', 3, 'mg', 'x' } }, arms = function(o) return o.dos end",
       "my.lua:2: unknown option 'dos'; try dose"},
      {"arms = function(o) while true do end end", NULL},
      {"arms = function(o) error('no such day') end", "my.lua:2: no such day"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    wn_script *script = scenario(cases[i].fields);
    wn_scenario *s = NULL;
    wn_error err = {0};
    assert_int_equal(plan_with(script, "", NULL, &s, &err), WN_ERR_USER);
    if (cases[i].message) assert_string_equal(err.message, cases[i].message);
    assert_null(s);
    wn_script_destroy(script);
  }
}

static void test_a_bare_model(void **state) {
  (void)state;
  wn_script *script = NULL;
  wn_error err = {0};
  if (wn_script_load(&test_env, "./toy.lua", &script, &err)) fail_msg("%s", err.message);
  wn_scenario *s = planned(script, "CL=3", "H2");
  assert_int_equal(s->n_arm, 1);
  assert_int_equal(s->arm[0].doses.n, 0);
  assert_true(s->arm[0].param[CL] == 3 && s->arm[0].param[KA] == 0.5);
  assert_true(isnan(s->arm[0].day_start));
  assert_string_equal(s->title, "A toy");
  assert_string_equal(s->caption, "Numbers of no drug.");
  assert_true(s->t_end == 24 && s->every == 0.25 && s->plot_to == 24);
  assert_int_equal(s->n_watch, 2);
  assert_int_equal(s->n_window, 1);
  // the program adds doses
  assert_true(WN_PUSH(&s->arm[0].doses, (wn_dose){.amount = 1}));
  wn_scenario_destroy(s);
  assert_int_equal(plan_with(script, "CLL=3", NULL, &s, &err), WN_ERR_USER);
  assert_string_equal(err.message, "unknown parameter 'CLL'; try CL");
  wn_script_destroy(script);
}

static void test_the_example_of_the_manual(void **state) {
  (void)state;
  write_lua_block("docs/scenario-language.md", "two_doses.lua");
  wn_script *script = NULL;
  wn_error err = {0};
  if (wn_script_load(&test_env, "./two_doses.lua", &script, &err)) fail_msg("%s", err.message);
  wn_scenario *s = planned(script, "days=14", NULL);
  assert_int_equal(s->n_arm, 2);
  assert_string_equal(s->arm[0].label, "4.5 mg at bedtime");
  assert_true(s->arm[0].doses.data[0].time == 22 && s->arm[0].doses.data[0].addl == 13);
  assert_true(s->arm[1].doses.data[0].time == 8 && s->arm[1].doses.data[0].amount == 50);
  assert_true(s->t_end == 336 && s->every == 0.25);
  assert_int_equal(s->n_watch, 3);
  assert_int_equal(s->n_window, 3);
  // shown is { "26d", "28d" }, which moves with the end
  assert_true(s->plot_from == 288 && s->plot_to == 336);
  done(script, s);
}

static void test_memory(void **state) {
  (void)state;
  wn_script *script = scenario(two_arms);
  for (long n = 0; n < 300; n++) {
    wn_scenario *s = NULL;
    wn_error err = {0};
    wn_alloc_fail_after(n);
    wn_status status = plan_with(script, "low_dose=3mg", NULL, &s, &err);
    wn_alloc_fail_after(-1);
    assert_true(status == WN_OK || status == WN_ERR_MEMORY);
    wn_scenario_destroy(s);
  }
  wn_script_destroy(script);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_arms_doses_and_texts),
      cmocka_unit_test(test_settings_change_the_plan),
      cmocka_unit_test(test_an_option_hides_a_parameter_of_its_name),
      cmocka_unit_test(test_setting_errors),
      cmocka_unit_test(test_who_decides_about_parameters),
      cmocka_unit_test(test_watch_windows_and_times),
      cmocka_unit_test(test_default_times),
      cmocka_unit_test(test_errors),
      cmocka_unit_test(test_a_bare_model),
      cmocka_unit_test(test_the_example_of_the_manual),
      cmocka_unit_test(test_memory),
  };
  return cmocka_run_group_tests(tests, setup, NULL);
}

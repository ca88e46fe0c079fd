// Scenario files: what is read at load, options, settings from the command line, and every mistake word by word.
#include "script/settings.h"

#include "base/value.h"
#include "script/files.h"

#include <math.h>

static int setup(void **state) {
  (void)state;
  write_file("toy.lua", toy_model);
  return 0;
}

static const char begin[] = "return wane.scenario { name = 's', model = 'toy.lua', ";
static const char arms[] = "arms = { { name = 'a' } }, ";

static wn_status load(const char *code, wn_script **script, wn_error *err) {
  char text[4096];
  snprintf(text, sizeof text, "%s%s%s}", begin, arms, code);
  write_file("my.lua", text);
  return wn_script_load(&test_env, "./my.lua", script, err);
}

static wn_script *loaded(const char *code) {
  wn_script *script = NULL;
  wn_error err = {0};
  if (load(code, &script, &err)) fail_msg("%s", err.message);
  return script;
}

static void expect_text_error(const char *text, const char *message) {
  wn_script *script = NULL;
  wn_error err = {0};
  write_file("my.lua", text);
  assert_int_equal(wn_script_load(&test_env, "./my.lua", &script, &err), WN_ERR_USER);
  assert_string_equal(err.message, message);
  assert_null(script);
}

static void expect_error(const char *code, const char *message) {
  char text[4096];
  snprintf(text, sizeof text, "%s%s%s}", begin, arms, code);
  expect_text_error(text, message);
}

static void test_options(void **state) {
  (void)state;
  wn_script *script = loaded("options = { { 'dose', 4.5, 'mg', 'the dose' }, { 'at', '22:30', 'clock', 'when' },\n"
                             "  { 'n', 3, '', 'how many' } },");
  const wn_option *option;
  assert_true(wn_script_is_scenario(script));
  assert_int_equal(wn_script_options(script, &option), 3);
  assert_string_equal(option[0].name, "dose");
  assert_string_equal(option[0].unit, "mg");
  assert_string_equal(option[0].meaning, "the dose");
  assert_true(option[0].value == 4.5);
  assert_string_equal(option[1].unit, "clock");
  assert_true(option[1].value == 22.5);
  assert_string_equal(option[2].unit, "");
  assert_string_equal(wn_script_model(script)->name, "toy");
  wn_script_destroy(script);
  script = loaded("");
  assert_int_equal(wn_script_options(script, &option), 0);
  wn_script_destroy(script);
}

static void test_errors_at_load(void **state) {
  (void)state;
  expect_error("durtion = 3", "my.lua:1: wane.scenario: unknown field 'durtion'; try duration");
  expect_error("options = 3", "my.lua:1: wane.scenario: options: expected a list in braces, got 3");
  expect_error("options = { 3 }", "my.lua:1: options[1]: expected { name, default, unit, meaning }, got 3");
  expect_error("options = { { 'dose', 3, 'mgg', 'x' } }", "my.lua:1: option dose: unknown unit 'mgg'; try mg");
  expect_error("options = { { 'dose', '3', 'mg', 'x' } }",
               "my.lua:1: option dose: default: expected a number, got '3'");
  expect_error("options = { { 'at', '25:00', 'clock', 'x' } }",
               "my.lua:1: option at: default: expected a clock time like 22:00, got '25:00'");
  expect_error("options = { { 'dose', 3, 'mg' } }", "my.lua:1: option dose: meaning: expected a text, got nothing");
  expect_error("options = { { 'x', 3, 'mg', 'x' }, { 'x', 3, 'mg', 'x' } }",
               "my.lua:1: option x: expected a name of its own, got it twice");
  expect_text_error("return wane.scenario { model = 'toy.lua', arms = {} }",
                    "my.lua:1: wane.scenario: name: expected a text, got nothing");
  expect_text_error("return wane.scenario { name = 'x', arms = {} }",
                    "my.lua:1: wane.scenario: model: expected a text, got nothing");
  expect_text_error("return wane.scenario { name = 'x', model = 'toy.lua' }",
                    "my.lua:1: wane.scenario: arms: expected a list or a function, got nothing");
  expect_text_error("return wane.scenario(3)", "my.lua:1: wane.scenario: expected fields in braces, got number");
}

static void test_model_not_found(void **state) {
  (void)state;
  wn_script *script = NULL;
  wn_error err = {0};
  write_file("my.lua", "return wane.scenario { name = 'x', model = 'naltrexon', arms = {} }");
  assert_int_equal(wn_script_load(&test_env, "./my.lua", &script, &err), WN_ERR_USER);
  assert_non_null(strstr(err.message, "naltrexone"));
}

// ---- values with units

static wn_units *units;

static int open_units(void **state) {
  (void)state;
  units = wn_units_create(NULL);
  return units ? 0 : -1;
}

static int close_units(void **state) {
  (void)state;
  wn_units_destroy(units);
  return 0;
}

static double value(const char *unit, const char *text) {
  double x = NAN;
  wn_error err = {0};
  if (wn_value_read(units, "low_dose", unit, text, &x, &err)) fail_msg("%s %s: %s", unit, text, err.message);
  return x;
}

static void test_values(void **state) {
  (void)state;
  assert_true(value("mg", "3") == 3);
  assert_true(value("mg", "-3.5e1") == -35);
  assert_true(value("mg", "3 mg") == 3);
  assert_true(fabs(value("mg", "50ug") - 0.05) < 1e-15);
  assert_true(fabs(value("d", "4wk") - 28) < 1e-12);
  assert_true(fabs(value("h", "90 min") - 1.5) < 1e-12);
  assert_true(fabs(value("L/h", "20 mL/min") - 1.2) < 1e-12);
  assert_true(fabs(value("", "50 %") - 0.5) < 1e-12);
  assert_true(value("1", "0.5") == 0.5);
  assert_true(value("clock", "21:30") == 21.5);
  assert_true(value("clock", "8") == 8);
  assert_true(fabs(value("mg", "5e3 ug") - 5) < 1e-12);
}

static void expect_value_error(const char *unit, const char *text, const char *message) {
  double x;
  wn_error err = {0};
  assert_int_equal(wn_value_read(units, "low_dose", unit, text, &x, &err), WN_ERR_USER);
  assert_string_equal(err.message, message);
}

static void test_value_errors(void **state) {
  (void)state;
  expect_value_error("mg", "3 h", "low_dose: expected mg, got 3 h");
  expect_value_error("", "3 h", "low_dose: expected a number, got 3 h");
  expect_value_error("mg", "3 mgg", "low_dose: unknown unit 'mgg'; try mg");
  expect_value_error("mg", "nan", "low_dose: expected a number in mg, got 'nan'");
  expect_value_error("mg", "inf", "low_dose: expected a number in mg, got 'inf'");
  expect_value_error("mg", "-inf mg", "low_dose: expected a number in mg, got '-inf mg'");
  expect_value_error("mg", "1e999", "low_dose: expected a number in mg, got '1e999'");
  expect_value_error("mg", "1e999 mg", "low_dose: expected a number in mg, got '1e999 mg'");
  expect_value_error("mg", "0x10", "low_dose: expected a number in mg, got '0x10'");
  expect_value_error("ng", "1e308 kg", "low_dose: expected a finite number, got 1e308 kg");
  expect_value_error("mg", "", "low_dose: expected a number in mg, got ''");
  expect_value_error("mg", "much", "low_dose: expected a number in mg, got 'much'");
  expect_value_error("mg", "22:00", "low_dose: expected a number in mg, got '22:00'");
  expect_value_error("", "x", "low_dose: expected a number, got 'x'");
  expect_value_error("clock", "25:00", "low_dose: expected a clock time like 22:00, got '25:00'");
  expect_value_error("clock", "3 mg", "low_dose: expected a clock time like 22:00, got '3 mg'");
  expect_value_error("clock", "24.5", "low_dose: expected a clock time like 22:00, got '24.5'");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_options),
      cmocka_unit_test(test_errors_at_load),
      cmocka_unit_test(test_model_not_found),
      cmocka_unit_test_setup_teardown(test_values, open_units, close_units),
      cmocka_unit_test_setup_teardown(test_value_errors, open_units, close_units),
  };
  return cmocka_run_group_tests(tests, setup, NULL);
}

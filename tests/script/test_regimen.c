// Regimen builders and operations, against dose times written by hand; every mistake, word by word.
#include "script/regimen.h"

#include "base/rng.h"
#include "dose/adherence.h"

#include <lauxlib.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

// A model of two compartments, GUT in mg and IV in nmol; only its routes matter.
typedef struct fixture {
  wn_model *model;
  wn_arena *arena;
  lua_State *L;
  wn_doses doses;
  const char *code;
} fixture;

static void open_body(lua_State *L, void *context) {
  (void)context;
  wn_regimen_open(L);
}

static int setup(void **state) {
  fixture *f = calloc(1, sizeof *f);
  f->model = wn_model_create();
  f->arena = wn_arena_create();
  f->model->name = "two";
  f->model->n_route = 2;
  f->model->route = wn_arena_alloc(f->model->arena, 2 * sizeof(wn_route));
  f->model->route[0].name = "GUT", f->model->route[0].unit = "mg";
  f->model->route[1].name = "IV", f->model->route[1].unit = "nmol";
  f->L = wn_sandbox_create(f, NULL);
  assert_non_null(f->L);
  assert_int_equal(wn_sandbox_run(f->L, open_body, NULL, NULL), WN_OK);
  *state = f;
  return 0;
}

static int teardown(void **state) {
  fixture *f = *state;
  WN_ARRAY_FREE(&f->doses);
  wn_sandbox_destroy(f->L);
  wn_arena_destroy(f->arena);
  wn_model_destroy(f->model);
  free(f);
  return 0;
}

// the code of my.lua returns what an arm's `regimen` would be
static void read_body(lua_State *L, void *context) {
  fixture *f = context;
  if (luaL_loadbufferx(L, f->code, strlen(f->code), "@my.lua", "t")) lua_error(L);
  lua_call(L, 0, 1);
  wn_place arm = {.file = "my.lua"};
  wn_place_call(&arm, "arm low (a label)");
  wn_regimen_doses(L, -1, &arm, f->model, f->arena, NULL, &f->doses);
}

static wn_status read_code(fixture *f, const char *code, wn_error *err) {
  f->code = code;
  f->doses.n = 0;
  return wn_sandbox_run(f->L, read_body, f, err);
}

// The code's doses, repetitions written out, are exactly those listed: time, amount, time, amount, ...
static void expect(void **state, const char *code, int n, const double *list) {
  fixture *f = *state;
  wn_error err = {0};
  if (read_code(f, code, &err)) fail_msg("%s\n%s", code, err.message);
  int at = 0;
  for (int i = 0; i < f->doses.n; i++)
    for (int k = 0; k <= f->doses.data[i].addl; k++, at++) {
      assert_true(at < n);
      assert_true(fabs(f->doses.data[i].time + k * f->doses.data[i].ii - list[2 * at]) <= 1e-9);
      assert_true(f->doses.data[i].amount == list[2 * at + 1]);
    }
  assert_int_equal(at, n);
}
#define EXPECT(code, ...) \
  expect(state, "return " code, (int)(sizeof((double[]){__VA_ARGS__}) / sizeof(double) / 2), (double[]){__VA_ARGS__})

static const wn_dose *only(fixture *f) {
  assert_int_equal(f->doses.n, 1);
  return f->doses.data;
}

static void expect_error(void **state, const char *code, const char *message) {
  wn_error err = {0};
  assert_int_equal(read_code(*state, code, &err), WN_ERR_USER);
  assert_string_equal(err.message, message);
}

static void test_once(void **state) {
  EXPECT("once{ dose = 50 }", 0, 50);
  EXPECT("once{ dose = 50, at = '08:00' }", 8, 50);
  EXPECT("once{ dose = 50, at = '22:30', day = 3 }", 70.5, 50);
  EXPECT("once{ dose = 50, at = 8.25 }", 8.25, 50);
  EXPECT("once{ dose = 50, at = '90min' }", 1.5, 50);
  EXPECT("once{ dose = 50, at = '2d' }", 48, 50);
  EXPECT("once{ dose = 50, at = -16 }", -16, 50);
  EXPECT("once{ dose = 0, at = '24:00' }", 24, 0);
  EXPECT("once{ dose = 50, into = 'IV', over = '30min' }", 0, 50);
  fixture *f = *state;
  assert_int_equal(only(f)->route, 1);
  assert_true(only(f)->duration == 0.5);
  assert_true(only(f)->rate == 0);
  assert_int_equal(only(f)->addl, 0);
  assert_true(only(f)->ii == 0);
}

static void test_daily(void **state) {
  EXPECT("daily{ dose = 4.5, into = 'GUT', at = '22:00', days = 3 }", 22, 4.5, 46, 4.5, 70, 4.5);
  fixture *f = *state;
  assert_int_equal(only(f)->addl, 2);
  assert_true(only(f)->ii == 24);
  assert_int_equal(only(f)->route, 0);
  EXPECT("daily{ dose = 1, at = 8, days = 1 }", 8, 1);
  assert_true(only(f)->ii == 0);
  EXPECT("daily{ dose = 1, at = 8, days = 2, day = 29 }", 680, 1, 704, 1);
  EXPECT("daily{ dose = 1, days = '2d', over = 2 }", 0, 1, 24, 1);
  assert_true(only(f)->duration == 2);
  EXPECT("daily{ dose = 1, days = '1wk' }", 0, 1, 24, 1, 48, 1, 72, 1, 96, 1, 120, 1, 144, 1);
}

static void test_every(void **state) {
  EXPECT("every{ '6h', dose = 4.5, at = 4, count = 3 }", 4, 4.5, 10, 4.5, 16, 4.5);
  EXPECT("every{ '6h', dose = 4.5, at = 4, days = 1 }", 4, 4.5, 10, 4.5, 16, 4.5, 22, 4.5);
  EXPECT("every{ '48h', dose = 5, day = 2, count = 2 }", 24, 5, 72, 5);
  EXPECT("every{ '48h', dose = 5, days = 3 }", 0, 5, 48, 5);
  EXPECT("every{ '28d', dose = 380, count = 2 }", 0, 380, 672, 380);
  EXPECT("every{ 12, dose = 5, count = 1 }", 0, 5);
  // 24/7 h is not a binary number: seven doses a day, not eight
  EXPECT("every{ 24 / 7, dose = 5, days = 1 }", 0, 5, 24 / 7., 5, 48 / 7., 5, 72 / 7., 5, 96 / 7., 5, 120 / 7., 5,
         144 / 7., 5);
}

static void test_ladder(void **state) {
  EXPECT("ladder{ steps = { {1.5, '2d'}, {3, 1}, {4.5, '48h'} }, into = 'GUT', at = '22:00' }", 22, 1.5, 46, 1.5, 70, 3,
         94, 4.5, 118, 4.5);
  fixture *f = *state;
  assert_int_equal(f->doses.n, 3);
  EXPECT("ladder{ steps = { {1, 1}, {2, 1} }, at = 8, day = 3 }", 56, 1, 80, 2);
}

static void test_infusion(void **state) {
  fixture *f = *state;
  EXPECT("infusion{ dose = 100, into = 'IV', at = '09:00', over = '2h' }", 9, 100);
  assert_true(only(f)->duration == 2);
  assert_true(only(f)->rate == 0);
  EXPECT("infusion{ dose = 100, into = 'IV', at = '09:00', day = 2, rate = 25 }", 33, 100);
  assert_true(only(f)->duration == 0);
  assert_true(only(f)->rate == 25);
}

static void test_notes_name_builder_and_line(void **state) {
  fixture *f = *state;
  EXPECT("\n\n daily{ dose = 1, days = 3 }:skip{2} + \n once{ dose = 2 }", 0, 1, 48, 1, 0, 2);
  assert_string_equal(f->doses.data[0].note, "daily at my.lua:3");
  assert_string_equal(f->doses.data[1].note, "daily at my.lua:3");
  assert_string_equal(f->doses.data[2].note, "once at my.lua:4");
}

static void test_sums_and_lists(void **state) {
  EXPECT("nil", );
  EXPECT("{}", );
  EXPECT("once{ dose = 1 } + once{ dose = 2, at = 1 } + once{ dose = 3, at = 2 }", 0, 1, 1, 2, 2, 3);
  EXPECT("{ once{ dose = 1 }, once{ dose = 2, at = 1 } + once{ dose = 3, at = 2 } }", 0, 1, 1, 2, 2, 3);
  // operations leave what they were applied to as it was
  expect(state, "local a = once{ dose = 1 }; local b = a:shift(5); local c = a + b; return { a, b }", 2,
         (double[]){0, 1, 5, 1});
}

static void test_skip(void **state) {
  fixture *f = *state;
  EXPECT("daily{ dose = 1, at = 22, days = 5 }:skip{2, 4}", 22, 1, 70, 1, 118, 1);
  EXPECT("daily{ dose = 1, at = 22, days = 5 }:skip{3}", 22, 1, 46, 1, 94, 1, 118, 1);
  assert_int_equal(f->doses.n, 2);
  assert_int_equal(f->doses.data[0].addl, 1);
  assert_int_equal(f->doses.data[1].addl, 1);
  EXPECT("daily{ dose = 1, at = 22, days = 2 }:skip{1, 2}", );
  EXPECT("daily{ dose = 1, at = 22, days = 2 }:skip{}", 22, 1, 46, 1);
  EXPECT("daily{ dose = 1, at = 22, days = 2 }:skip{9}", 22, 1, 46, 1);
  EXPECT("every{ '6h', dose = 1, days = 2 }:skip{1}", 24, 1, 30, 1, 36, 1, 42, 1);
  EXPECT("(once{ dose = 1, day = 1 } + once{ dose = 2, day = 2 }):skip{1}", 24, 2);
  // days are calendar days: what has moved past midnight is on the next one
  EXPECT("daily{ dose = 1, at = 22, days = 2 }:shift(3):skip{2}", 49, 1);
}

static void test_shift(void **state) {
  EXPECT("daily{ dose = 1, at = 22, days = 2 }:shift('90min')", 23.5, 1, 47.5, 1);
  EXPECT("daily{ dose = 1, at = 22, days = 2 }:shift(-2)", 20, 1, 44, 1);
  EXPECT("once{ dose = 1, at = 8 }:shift('-1d')", -16, 1);
}

static void test_until_day(void **state) {
  EXPECT("daily{ dose = 1, at = 22, days = 28 }:until_day(2)", 22, 1, 46, 1);
  EXPECT("daily{ dose = 1, at = 22, days = 2 }:until_day(14)", 22, 1, 46, 1);
  EXPECT("daily{ dose = 1, at = 22, days = 2, day = 5 }:until_day(4)", );
  EXPECT("every{ '8h', dose = 1, count = 30 }:until_day(1):shift(1)", 1, 1, 9, 1, 17, 1);
  EXPECT("daily{ dose = 1, days = 9 }:skip{2}:until_day(3) + once{ dose = 2, day = 4 }", 0, 1, 48, 1, 72, 2);
}

static void test_random_operations_against_brute_force(void **state) {
  // skip and until_day on a long course leave exactly the days they should, whatever the split
  fixture *f = *state;
  unsigned seed = 12345;
  for (int trial = 0; trial < 200; trial++) {
    char code[512], days[256] = "";
    bool kept[41] = {false};
    int last = 1 + (int)((seed = seed * 1103515245u + 12345u) >> 16) % 40;
    for (int day = 1; day <= 40; day++) {
      bool skipped = ((seed = seed * 1103515245u + 12345u) >> 16) % 3 == 0;
      kept[day] = !skipped && day <= last;
      size_t n = strlen(days);
      if (skipped) snprintf(days + n, sizeof days - n, "%d,", day);
    }
    snprintf(code, sizeof code, "return daily{ dose = 1, at = 22, days = 40 }:skip{%s}:until_day(%d)", days, last);
    wn_error err = {0};
    assert_int_equal(read_code(f, code, &err), WN_OK);
    bool found[41] = {false};
    for (int i = 0; i < f->doses.n; i++)
      for (int k = 0; k <= f->doses.data[i].addl; k++)
        found[(int)((f->doses.data[i].time + k * f->doses.data[i].ii) / 24) + 1] = true;
    assert_memory_equal(found, kept, sizeof found);
  }
}

static void test_errors_of_builders(void **state) {
  static const struct {
    const char *code, *message;
  } cases[] = {
      {"\nreturn daily{ dose = 1, at = '25:00', days = 3 }",
       "my.lua:2: daily: at: expected a clock time like 22:00 or hours, got '25:00'"},
      {"return daily{ dose = 1, att = 3, days = 3 }", "my.lua:1: daily: unknown field 'att'; try at"},
      {"return daily{ dose = 1 }",
       "my.lua:1: daily: days: expected a whole number of days like 28 or \"4wk\", got nothing"},
      {"return daily{ dose = 1, days = 2.5 }",
       "my.lua:1: daily: days: expected a whole number of days like 28 or \"4wk\", got 2.5"},
      {"return daily{ dose = 1, days = '36h' }",
       "my.lua:1: daily: days: expected a whole number of days like 28 or \"4wk\", got '36h'"},
      {"return daily{ dose = 1, days = 0 }",
       "my.lua:1: daily: days: expected a whole number of days like 28 or \"4wk\", got 0"},
      {"return daily{ dose = 1, days = 3, day = 0 }", "my.lua:1: daily: day: expected a whole number from 1, got 0"},
      {"return daily{ dose = 1, days = 3, over = 0 }", "my.lua:1: daily: over: expected a duration above 0, got 0"},
      {"return once{ at = 3 }", "my.lua:1: once: dose: expected a number, got nothing"},
      {"return once{ dose = '3 mg' }", "my.lua:1: once: dose: expected a number, got '3 mg'"},
      {"return once{ dose = 0/0 }", NULL},
      {"return once{ dose = 1/0 }", "my.lua:1: once: dose: expected a number, got inf"},
      {"return once{ dose = 1, into = 3 }", "my.lua:1: once: into: expected a text, got 3"},
      {"return once(3)", "my.lua:1: once: expected fields in braces like { dose = 4.5, at = \"22:00\" }, got 3"},
      {"return every{ dose = 1, count = 2 }",
       "my.lua:1: every: interval: expected hours or a duration like \"90min\" or \"14d\", got nothing"},
      {"return every{ '6h', dose = 1 }", "my.lua:1: every: expected either count or days, got neither"},
      {"return every{ '6h', dose = 1, count = 2, days = 3 }",
       "my.lua:1: every: expected either count or days, got both"},
      {"return every{ '-6h', dose = 1, count = 2 }",
       "my.lua:1: every: interval: expected a duration above 0, got '-6h'"},
      {"return every{ '1s', dose = 1, days = 1000 }", "my.lua:1: every: expected at most 1000000 doses, got 86400000"},
      {"return every{ '6h', dose = 1, count = 1.5 }",
       "my.lua:1: every: count: expected a whole number from 1, got 1.5"},
      {"return ladder{ at = 3 }",
       "my.lua:1: ladder: steps: expected a list like { {1.5, \"4wk\"}, {3, \"4wk\"} }, got nothing"},
      {"return ladder{ steps = {} }", NULL},
      {"return ladder{ steps = { 3 } }", "my.lua:1: ladder: steps[1]: expected {dose, \"4wk\"}, got 3"},
      {"return ladder{ steps = { {1, 1}, {3, '30h'} } }",
       "my.lua:1: ladder: steps[2]: expected a whole number of days like 28 or \"4wk\", got '30h'"},
      {"return ladder{ steps = { {'a', 1} } }", "my.lua:1: ladder: steps[1]: expected a number, got 'a'"},
      {"return infusion{ dose = 1 }", "my.lua:1: infusion: expected either rate or over, got neither"},
      {"return infusion{ dose = 1, rate = 1, over = 2 }", "my.lua:1: infusion: expected either rate or over, got both"},
      {"return infusion{ dose = 1, rate = 0 }", "my.lua:1: infusion: rate: expected an amount per hour above 0, got 0"},
      {"return infusion{ dose = 1, rate = -2 }",
       "my.lua:1: infusion: rate: expected an amount per hour above 0, got -2"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    wn_error err = {0};
    assert_int_equal(read_code(*state, cases[i].code, &err), WN_ERR_USER);
    if (cases[i].message) assert_string_equal(err.message, cases[i].message);
  }
}

static void test_errors_of_operations(void **state) {
  expect_error(state, "return once{ dose = 1 } + 3", "my.lua:1: +: expected a regimen, got 3");
  expect_error(state, "return {} + once{ dose = 1 }", "my.lua:1: +: expected a regimen, got a table");
  expect_error(state, "return once{ dose = 1 }:skip(3)",
               "my.lua:1: skip: expected days in braces like { 3, 10 }, got 3");
  expect_error(state, "return once{ dose = 1 }:skip{0}", "my.lua:1: skip: day: expected a whole number from 1, got 0");
  expect_error(state, "return once{ dose = 1 }:shift('later')",
               "my.lua:1: shift: expected hours or a duration like \"90min\" or \"14d\", got 'later'");
  expect_error(state, "return once{ dose = 1 }:until_day(1.5)",
               "my.lua:1: until_day: expected a whole number from 1, got 1.5");
  expect_error(state, "return once{ dose = 1 }.shift(3, 4)", "my.lua:1: shift: expected a regimen, got 3");
}

static void test_errors_at_the_model(void **state) {
  expect_error(state, "return once{ dose = 1, into = 'GUTS' }",
               "my.lua:1: arm low (a label): once: into: unknown dose compartment 'GUTS'; try GUT");
  expect_error(state, "\nreturn daily{ dose = -3, days = 2 }",
               "my.lua:2: arm low (a label): daily: dose: expected 0 mg or more, got -3 mg");
  expect_error(
      state, "return 'daily'",
      "my.lua: arm low (a label): regimen: expected a regimen like daily{...}, or a list of them, got 'daily'");
  expect_error(state, "return { once{ dose = 1 }, 3 }",
               "my.lua: arm low (a label): regimen: expected a regimen like daily{...}, or a list of them, got 3");
  expect_error(state, "local r = every{ 1, dose = 1, count = 600000 }; return r + r",
               "my.lua:1: arm low (a label): every: expected at most 1000000 doses in an arm");
  expect_error(
      state, "return once{ dose = 1, at = 1e300 }:shift(1e300):skip{3}",
      "my.lua:1: arm low (a label): once: time: expected at most a thousand years from the first day, got 2e+300 h");
  fixture *f = *state;
  f->model->n_route = 0;
  expect_error(state, "return once{ dose = 1 }", "my.lua:1: arm low (a label): once: the model two takes no doses");
}

static void test_a_stranger_cannot_reach_the_metatable(void **state) {
  expect_error(state, "local m = getmetatable(once{ dose = 1 }); if m == false then error('hidden', 0) end; return nil",
               "hidden");
}

static const wn_dose *with_habits(void **state, const char *code, int n) {
  fixture *f = *state;
  wn_error err = {0};
  if (read_code(f, code, &err)) fail_msg("%s\n%s", code, err.message);
  assert_int_equal(f->doses.data[0].n_habit, n);
  return f->doses.data;
}

static void test_habits(void **state) {
  const wn_dose *d = with_habits(state, "return daily{ dose = 1, days = 9 }:late{ sd = '20min', by = '15min' }", 1);
  assert_int_equal(d->number, 1);
  assert_true(d->addl == 8 && d->habit[0].kind == WN_HABIT_LATE && !d->habit[0].is_log);
  assert_true(fabs(d->habit[0].by - 0.25) < 1e-15 && fabs(d->habit[0].spread - 1.0 / 3) < 1e-15);
  assert_true(d->habit[0].name == wn_rng_name("dose late"));
  d = with_habits(state, "return daily{ dose = 1, days = 9 }:late{ median = '30min', factor = 2, name = 'tea' }", 1);
  assert_true(d->habit[0].is_log && d->habit[0].by == 0.5 && d->habit[0].spread == log(2));
  assert_true(d->habit[0].name == wn_rng_name("dose tea"));
  d = with_habits(state,
                  "return daily{ dose = 1, days = 9 }:weekend{ by = '90min' }:weekend{ by = -1, days = { 1, 3 } }", 2);
  assert_true(d->habit[0].week == 0x60 && d->habit[0].by == 1.5 && d->habit[1].week == 5 && d->habit[1].by == -1);
  d = with_habits(state, "return daily{ dose = 1, days = 9 }:miss{ p = 0.1 }:miss{ p = 0.1, again = 0.5, doubled = 1 }",
                  2);
  assert_true(d->habit[0].again == 0.1 && d->habit[0].doubled == 0 && d->habit[1].again == 0.5 &&
              d->habit[1].doubled == 1);
  d = with_habits(state, "return daily{ dose = 1, days = 9 }:holiday{ p = 0.1, days = '1wk' }:halves{ cv = 0.2 }", 2);
  assert_true(d->habit[0].days == 7 && d->habit[1].spread == 0.2);
  // doses are counted through a regimen, and keep their numbers when some are left out or a second regimen is added
  d = with_habits(state, "return ladder{ steps = { {1, 7}, {2, 7} } }:halves{ cv = 0.2 }:skip{3} + once{ dose = 9 }",
                  1);
  assert_int_equal(((fixture *)*state)->doses.n, 4);
  assert_true(d[0].number == 1 && d[1].number == 4 && d[2].number == 8 && d[3].n_habit == 0);
  d = with_habits(state, "return (daily{ dose = 1, days = 5 } + daily{ dose = 2, days = 3 }):miss{ p = 1 }", 1);
  assert_true(d[0].number == 1 && d[1].number == 6);
}

static void test_errors_of_habits(void **state) {
  expect_error(state, "return daily{ dose = 1, days = 9 }:late{}",
               "my.lua:1: late: expected either sd = \"20min\" or median = \"20min\", factor = 2; got neither");
  expect_error(state, "return daily{ dose = 1, days = 9 }:late{ sd = 1, median = 1 }",
               "my.lua:1: late: expected either sd = \"20min\" or median = \"20min\", factor = 2; got both");
  expect_error(state, "return daily{ dose = 1, days = 9 }:late{ sd = -1 }",
               "my.lua:1: late: sd: expected 0 to 8.766e+06, got -1");
  expect_error(state, "return daily{ dose = 1, days = 9 }:late{ median = 1 }",
               "my.lua:1: late: factor: expected a number, got nothing");
  expect_error(state, "return daily{ dose = 1, days = 9 }:late(20)",
               "my.lua:1: late: expected fields in braces, got 20");
  expect_error(state, "return daily{ dose = 1, days = 9 }:miss{ p = 1.5 }",
               "my.lua:1: miss: p: expected 0 to 1, got 1.5");
  expect_error(state, "return daily{ dose = 1, days = 9 }:miss{ p = 0.1, doubld = 1 }",
               "my.lua:1: miss: unknown field 'doubld'; try doubled");
  expect_error(state, "return daily{ dose = 1, days = 9 }:weekend{ by = 1, days = { 8 } }",
               "my.lua:1: weekend: days: expected 1 to 7, got 8");
  expect_error(state, "return daily{ dose = 1, days = 9 }:holiday{ p = 0.1 }",
               "my.lua:1: holiday: days: expected a whole number of days like 28 or \"4wk\", got nothing");
  expect_error(state, "local r = daily{ dose = 1, days = 9 }\nfor i = 1, 9 do r = r:halves{ cv = 0.1 } end\nreturn r",
               "my.lua:2: halves: expected at most 8 habits on a regimen");
}

static void test_memory(void **state) {
  // whichever allocation fails, it is said and nothing leaks
  fixture *f = *state;
  for (long n = 0; n < 40; n++) {
    wn_error err = {0};
    wn_alloc_fail_after(n);
    wn_status status = read_code(f, "return daily{ dose = 1, days = 9 }:skip{2} + once{ dose = 2 }", &err);
    wn_alloc_fail_after(-1);
    assert_true(status == WN_OK || status == WN_ERR_MEMORY);
  }
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
  const struct CMUnitTest tests[] = {
      TEST(test_once),
      TEST(test_daily),
      TEST(test_every),
      TEST(test_ladder),
      TEST(test_infusion),
      TEST(test_notes_name_builder_and_line),
      TEST(test_sums_and_lists),
      TEST(test_skip),
      TEST(test_shift),
      TEST(test_until_day),
      TEST(test_random_operations_against_brute_force),
      TEST(test_errors_of_builders),
      TEST(test_errors_of_operations),
      TEST(test_errors_at_the_model),
      TEST(test_a_stranger_cannot_reach_the_metatable),
      TEST(test_habits),
      TEST(test_errors_of_habits),
      TEST(test_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

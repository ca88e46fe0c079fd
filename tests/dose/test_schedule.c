// test_schedule.c - expansion of dose records against hand-written actions, their order, their words, and the sentence
// of the command line.

#include "dose/schedule.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

// two routes: GUT (F 0.5, lag 0.25 h, 1000 ng per mg) and DEPOT (shared out 1:3 over two states)
static wn_state states[] = {{.name = "GUT", .unit = "ug"}, {.name = "XA", .unit = "mg"}, {.name = "XB", .unit = "mg"}};
static wn_route routes[] = {{.name = "GUT", .unit = "mg", .n_target = 1, .target = {0}},
                            {.name = "DEPOT", .unit = "mg", .n_target = 2, .target = {1, 2}}};
static int route_at[] = {0, 5};
static const wn_model model = {
    .name = "small", .n_state = 3, .state = states, .n_route = 2, .route = routes, .route_at = route_at};
static const double route_value[] = {0.5, 0.25, 0, 0, 1000, 1, 0, 0, 0, 0.25, 0.75};

static wn_schedule expand(const wn_dose *doses, int n, double t_end) {
  wn_schedule s;
  wn_error err = {0};
  wn_status status = wn_schedule_expand(&model, doses, n, route_value, 0, t_end, &s, &err);
  if (status) fail_msg("%s", err.message);
  return s;
}

static void assert_action(const wn_action *a, double time, wn_action_kind kind, int state, double amount, int repeat) {
  assert_true(fabs(a->time - time) < 1e-12);
  assert_int_equal(a->kind, kind);
  assert_int_equal(a->state, state);
  assert_true(fabs(a->amount - amount) <= 1e-12 * fabs(amount));
  assert_int_equal(a->repeat, repeat);
}

static void test_repeated(void **state) {
  (void)state;
  wn_dose dose = {.time = 22, .amount = 4.5, .ii = 24, .addl = 2};
  wn_schedule s = expand(&dose, 1, 100);
  assert_int_equal(s.n_action, 3);
  for (int k = 0; k < 3; k++) assert_action(&s.action[k], 22.25 + 24 * k, WN_ACT_BOLUS, 0, 0.5 * 1000 * 4.5, k);
  assert_true(s.first_dose == 22 && s.last_dose == 70);
  wn_schedule_free(&s);
  // the run ends before the lag of the third dose is over: it was taken, but never enters
  s = expand(&dose, 1, 70.1);
  assert_int_equal(s.n_action, 2);
  assert_true(s.last_dose == 70);
  wn_schedule_free(&s);
  s = expand(&dose, 1, 22);
  assert_int_equal(s.n_action, 0);
  wn_schedule_free(&s);
}

static void test_shared_out(void **state) {
  (void)state;
  wn_dose dose = {.time = 1, .route = 1, .amount = 380};
  wn_schedule s = expand(&dose, 1, 100);
  assert_int_equal(s.n_action, 2);
  assert_action(&s.action[0], 1, WN_ACT_BOLUS, 1, 95, 0);
  assert_action(&s.action[1], 1, WN_ACT_BOLUS, 2, 285, 0);
  wn_schedule_free(&s);
}

// F scales the rate of a duration, and the duration of a rate
static void test_infusions(void **state) {
  (void)state;
  wn_dose doses[] = {{.time = 0, .amount = 10, .duration = 2}, {.time = 5, .amount = 10, .rate = 2.5}};
  wn_schedule s = expand(doses, 2, 100);
  assert_int_equal(s.n_action, 4);
  assert_action(&s.action[0], 0.25, WN_ACT_RATE, 0, 2500, 0);
  assert_action(&s.action[1], 2.25, WN_ACT_RATE, 0, 0, 0);
  assert_action(&s.action[2], 5.25, WN_ACT_RATE, 0, 2500, 0);
  assert_action(&s.action[3], 7.25, WN_ACT_RATE, 0, 0, 0);
  wn_schedule_free(&s);
  // cut by the end of the run: no end action
  s = expand(doses, 1, 1);
  assert_int_equal(s.n_action, 1);
  wn_schedule_free(&s);
}

static void test_order(void **state) {
  (void)state;
  // an infusion ends exactly where a dose enters: the end comes first; then record order
  wn_dose doses[] = {{.time = 2, .route = 1, .amount = 1},
                     {.time = 0, .route = 1, .amount = 4, .duration = 2},
                     {.time = 2, .route = 1, .amount = 2}};
  wn_schedule s = expand(doses, 3, 100);
  assert_int_equal(s.n_action, 8);
  for (int i = 1; i < 8; i++) assert_true(s.action[i - 1].time <= s.action[i].time);
  assert_true(s.action[2].kind == WN_ACT_RATE && s.action[3].kind == WN_ACT_RATE);
  assert_int_equal(s.action[4].record, 0);
  assert_int_equal(s.action[6].record, 2);
  wn_schedule_free(&s);
}

static void refused(wn_dose dose, const double *values, const char *words) {
  wn_schedule s;
  wn_error err = {0};
  assert_int_equal(wn_schedule_expand(&model, &dose, 1, values, 0, 100, &s, &err), WN_ERR_USER);
  if (!strstr(err.message, words)) fail_msg("expected \"%s\" in \"%s\"", words, err.message);
}

static void test_refused(void **state) {
  (void)state;
  refused((wn_dose){.amount = -1}, route_value, "amount: expected 0 mg or more, got -1 mg");
  refused((wn_dose){.amount = NAN}, route_value, "amount: expected");
  refused((wn_dose){.amount = INFINITY}, route_value, "amount: expected");
  refused((wn_dose){.amount = 1, .time = -3}, route_value,
          "time: expected the start of the run (0 h) or later, got -3 h");
  refused((wn_dose){.amount = 1, .addl = 3}, route_value, "expected an interval above 0 h, got 0 h");
  refused((wn_dose){.amount = 1, .duration = -1}, route_value, "infusion: expected a rate or duration above 0");
  refused((wn_dose){.amount = 1, .ii = 1e-9, .addl = 2000000000}, route_value, "more than 1000000 actions");
  const double bad_F[] = {-1, 0, 0, 0, 1}, bad_lag[] = {1, -1, 0, 0, 1};
  refused((wn_dose){.amount = 1}, bad_F, "F of GUT: expected 0 or more, got -1");
  refused((wn_dose){.amount = 1}, bad_lag, "lag of GUT: expected 0 h or more");
}

static void test_explain(void **state) {
  (void)state;
  wn_dose doses[] = {{.time = 22, .amount = 4.5, .ii = 24, .addl = 27, .note = "daily at x.lua:3"},
                     {.time = 1, .route = 1, .amount = 8, .duration = 2}};
  wn_schedule s = expand(doses, 2, 60);
  char what[160], why[256];
  wn_action_explain(&model, doses, route_value, &s.action[s.n_action - 1], what, why);
  assert_string_equal(what, "4.5 mg by GUT: 2250 ug into GUT");
  assert_string_equal(why, "dose 1, 2 of 28 every 24 h, lag 0.25 h, F 0.5; daily at x.lua:3");
  wn_action_explain(&model, doses, route_value, &s.action[0], what, why);
  assert_string_equal(what, "infusion of 8 mg by DEPOT begins: XA now receives 1 mg/h");
  wn_action_explain(&model, doses, route_value, &s.action[2], what, why);
  assert_string_equal(what, "infusion of 8 mg by DEPOT into XA ends");
  assert_string_equal(why, "dose 2");
  wn_schedule_free(&s);
}

static wn_dose parsed(const char *text) {
  wn_doses doses = {0};
  wn_error err = {0};
  if (wn_dose_parse(&model, text, &doses, &err)) fail_msg("%s", err.message);
  assert_int_equal(doses.n, 1);
  wn_dose dose = doses.data[0];
  WN_ARRAY_FREE(&doses);
  return dose;
}

static void unparsed(const char *text, const char *words) {
  wn_doses doses = {0};
  wn_error err = {0};
  assert_int_equal(wn_dose_parse(&model, text, &doses, &err), WN_ERR_USER);
  if (!strstr(err.message, words)) fail_msg("expected \"%s\" in \"%s\"", words, err.message);
  assert_int_equal(doses.n, 0);
}

static void test_parse(void **state) {
  (void)state;
  wn_dose d = parsed("4.5 mg into GUT at 22:00 every 24h for 28d");
  assert_true(d.amount == 4.5 && d.route == 0 && d.time == 22 && d.ii == 24 && d.addl == 27 && d.duration == 0);
  d = parsed("380mg into DEPOT");
  assert_true(d.amount == 380 && d.route == 1 && d.time == 0 && d.addl == 0);
  d = parsed("500 ug over 30 min at 25.5");
  assert_true(fabs(d.amount - 0.5) < 1e-15 && d.duration == 0.5 && d.time == 25.5);
  d = parsed("1 every 6h for 1d");
  assert_true(d.addl == 3);
  d = parsed("1e-3 g");
  assert_true(fabs(d.amount - 1) < 1e-15);
  unparsed("mg into GUT", "expected an amount first");
  unparsed("-4 mg", "amount: expected 0 or more, got -4");
  unparsed("4 h into GUT", "expected mg, got \"h\"");
  unparsed("4 mg into GUTT", "try GUT");
  unparsed("4 mg at 25:00", "expected a clock time");
  unparsed("4 mg every 24h", "go together");
  unparsed("4 mg every day for 2d", "expected a time above 0");
  unparsed("4 mg over 0h", "expected a time above 0");
  unparsed("", "expected an amount first");
  unparsed("4 mg every 1e-9h for 100d", "more than 10^7 doses");
}

static void test_memory(void **state) {
  (void)state;
  wn_dose dose = {.time = 22, .amount = 4.5, .ii = 24, .addl = 50};
  for (long n = 0;; n++) {
    wn_schedule s;
    wn_error err = {0};
    wn_alloc_fail_after(n);
    wn_status status = wn_schedule_expand(&model, &dose, 1, route_value, 0, 1e4, &s, &err);
    wn_alloc_fail_after(-1);
    if (!status) {
      assert_true(n > 0);
      wn_schedule_free(&s);
      break;
    }
    assert_int_equal(status, WN_ERR_MEMORY);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_repeated), cmocka_unit_test(test_shared_out), cmocka_unit_test(test_infusions),
      cmocka_unit_test(test_order),    cmocka_unit_test(test_refused),    cmocka_unit_test(test_explain),
      cmocka_unit_test(test_parse),    cmocka_unit_test(test_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

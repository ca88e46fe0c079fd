// test_timeline.c - what a walk over records comes to, action by action: order, cancelling, switches, errors. The
// numbers that follow from it are held to closed forms elsewhere.

#include "dose/records.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { GUT, CENT, BOTH };  // routes; the last enters both states
static wn_state states[] = {{.name = "GUT"}, {.name = "CENT"}};
static wn_route routes[] = {
    {.name = "GUT", .n_target = 1, .target = {0}},
    {.name = "CENT", .n_target = 1, .target = {1}, .has_rate = true, .has_duration = true},
    {.name = "BOTH", .n_target = 2, .target = {0, 1}, .has_duration = true},
};
enum { N_VALUE = WN_ROUTE_SCALE + 2 };
static int route_at[] = {0, N_VALUE, 2 * N_VALUE};
static const wn_model model = {.name = "small",
                               .n_state = 2,
                               .state = states,
                               .n_route = 3,
                               .n_route_all = 3,
                               .route = routes,
                               .route_at = route_at};

// what the routes make of each row: F 1, no lag, rate 10, duration 2, scales 1 and 0.5, unless a test says otherwise
typedef double row_values[3][N_VALUE];
static row_values row[64];

static int prepare(void **state) {
  (void)state;
  for (int i = 0; i < 64; i++)
    for (int k = 0; k < 3; k++) memcpy(row[i][k], (double[N_VALUE]){1, 0, 10, 2, 1, 0.5}, sizeof row[i][k]);
  return 0;
}

static const double *route_value(void *context, int at) {
  (void)context;
  return &row[at / 2][0][0];
}

static const wn_record nothing = {.route = -1, .state = -1};

static wn_record dose(double time, int route, double amt) {
  return (wn_record){.time = time, .evid = 1, .route = route, .state = -1, .amt = amt};
}

static wn_record observe(double time) { return (wn_record){.time = time, .route = -1, .state = -1}; }

static wn_record reset(double time) { return (wn_record){.time = time, .evid = 3, .route = -1, .state = -1}; }

static wn_record off(double time, int state) {
  return (wn_record){.time = time, .evid = 2, .route = -1, .state = state, .off = true};
}

static wn_record repeated(wn_record r, double ii, int addl) {
  r.ii = ii, r.addl = addl;
  return r;
}

static wn_timeline walk_by(const wn_record *record, int n, wn_dialect dialect, int callfl) {
  const wn_timeline_def def = {.model = &model,
                               .record = record,
                               .n_record = n,
                               .dialect = dialect,
                               .callfl = callfl,
                               .route_value = route_value};
  wn_timeline timeline;
  wn_error err = {0};
  int bad;
  if (wn_records_check(&model, record, n, &bad, &err)) fail_msg("record %d: %s", bad + 1, err.message);
  if (wn_timeline_make(&def, &timeline, &err)) fail_msg("%s", err.message);
  return timeline;
}

static wn_timeline walk(const wn_record *record, int n) { return walk_by(record, n, WN_DIALECT_NONMEM, 0); }

// the actions in a line: "0 +100:1 | 5 o1", covariates left out; a cancelled one is in parentheses with who cancelled
// it
static void write_down(const wn_timeline *t, char *text, size_t size) {
  static const char *const signs[] = {
      [WN_ACT_BOLUS] = "+", [WN_ACT_RATE] = "~", [WN_ACT_RESET] = "reset", [WN_ACT_CLOCK] = "at",
      [WN_ACT_OFF] = "off", [WN_ACT_ON] = "on",  [WN_ACT_STEADY] = "ss",   [WN_ACT_OBSERVE] = "o"};
  size_t at = 0;
  text[0] = '\0';
  for (int i = 0; i < t->action.n && at < size; i++) {
    const wn_action *a = &t->action.data[i];
    // the beginning is always the same
    if (a->kind == WN_ACT_COVARIATES || i < 3) continue;
    at += (size_t)snprintf(text + at, size - at, "%s%s%g%s", at ? " | " : "", a->by >= 0 ? "(" : "", a->time,
                           signs[a->kind]);
    if (a->by < 0 && (a->kind == WN_ACT_BOLUS || a->kind == WN_ACT_RATE) && at < size)
      at += (size_t)snprintf(text + at, size - at, "%g", a->amount);
    if (a->by < 0 && a->state >= 0 && at < size)
      at += (size_t)snprintf(text + at, size - at, ":%s", states[a->state].name);
    if (a->kind == WN_ACT_OBSERVE && at < size) at += (size_t)snprintf(text + at, size - at, "%d", a->record + 1);
    if (a->by >= 0 && at < size)
      at += (size_t)snprintf(text + at, size - at, "%d.%d by %d)", a->record + 1, a->repeat, a->by + 1);
  }
}

static void expect_by(const wn_record *record, int n, wn_dialect dialect, int callfl, const char *expected) {
  char text[4096];
  wn_timeline timeline = walk_by(record, n, dialect, callfl);
  write_down(&timeline, text, sizeof text);
  assert_string_equal(text, expected);
  wn_timeline_free(&timeline);
}

static void expect(const wn_record *record, int n, const char *expected) {
  expect_by(record, n, WN_DIALECT_NONMEM, 0, expected);
}

static void refused(const wn_record *record, int n, int expected_bad, const char *words) {
  int bad = -1;
  const wn_timeline_def def = {
      .model = &model, .record = record, .n_record = n, .bad = &bad, .route_value = route_value};
  wn_timeline timeline;
  wn_error err = {0};
  assert_int_equal(wn_timeline_make(&def, &timeline, &err), WN_ERR_USER);
  assert_string_equal(err.message, words);
  assert_int_equal(bad, expected_bad);
  assert_null(timeline.action.data);
}

static void repetitions_are_counted_from_the_first(void **state) {
  (void)state;
  const wn_record record[] = {repeated(dose(0.1, CENT, 1), 0.1, 3000), observe(400)};
  wn_timeline timeline = walk(record, 2);
  for (int i = 0; i < timeline.action.n; i++) {
    const wn_action *a = &timeline.action.data[i];
    // bit for bit: no sum of three thousand roundings
    if (a->kind == WN_ACT_BOLUS && a->repeat > 0) assert_true(a->time == 0.1 + a->repeat * 0.1);
  }
  wn_timeline_free(&timeline);
}

static void nothing_comes_after_the_last_record(void **state) {
  (void)state;
  expect((wn_record[]){repeated(dose(0, CENT, 5), 10, 100), observe(20)}, 2,
         "0+5:CENT | 0o1 | 10+5:CENT | 20+5:CENT | 20o2");
}

static void infusions_add_up_and_end(void **state) {
  (void)state;
  wn_record first = dose(0, CENT, 100), second = dose(4, CENT, 30);
  first.rate = 10, second.rate = 5;
  expect((wn_record[]){first, second, observe(20)}, 3,
         "0~10:CENT | 0o1 | 4~15:CENT | 4o2 | 10~5:CENT | 10~0:CENT | 20o3");
}

static void compartments_of_one_dose_share_it(void **state) {
  (void)state;
  wn_record infusion = dose(0, BOTH, 100);
  infusion.rate = WN_DURATION_MODELLED;
  expect((wn_record[]){infusion, observe(9)}, 2, "0~50:GUT | 0~25:CENT | 0o1 | 2~0:GUT | 2~0:CENT | 9o2");
  expect((wn_record[]){dose(0, BOTH, 100), observe(9)}, 2, "0+100:GUT | 0+50:CENT | 0o1 | 9o2");
  // one of them going off ends the dose in the other, too
  expect((wn_record[]){infusion, off(1, 0), observe(9)}, 3,
         "0~50:GUT | 0~25:CENT | 0o1 | (2~1.0 by 2) | 1~0:CENT | 1off:GUT | 1o2 | 9o3");
}

static void cancelled_in_order_of_time(void **state) {
  (void)state;
  // ten series in the heap, of which every other one goes: none may be passed over
  wn_record record[12];
  for (int i = 0; i < 10; i++) {
    record[i] = repeated(dose(0, i % 2, i + 1), 20 - i, 50);
    row[i][GUT][WN_ROUTE_LAG] = row[i][CENT][WN_ROUTE_LAG] = i == 3 || i == 8 ? 30 : 0;
  }
  record[10] = off(5, 0);
  record[11] = observe(25);
  wn_timeline timeline = walk(record, 12);
  double last = 0;
  int n_cancelled = 0;
  for (int i = 0; i < timeline.action.n; i++) {
    const wn_action *a = &timeline.action.data[i];
    if (a->kind == WN_ACT_BOLUS && a->by < 0 && a->time > 5) assert_int_equal(a->state, 1);
    if (a->by < 0) continue;
    n_cancelled++;
    assert_int_equal(a->by, 10);
    assert_int_equal(record[a->record].route, GUT);
    assert_true(a->time >= last);
    last = a->time;
  }
  assert_int_equal(n_cancelled, 5);
  wn_timeline_free(&timeline);
}

static void resets_cancel_what_is_to_come(void **state) {
  (void)state;
  row[0][CENT][WN_ROUTE_LAG] = 3;
  wn_record again = dose(2, CENT, 7);
  again.evid = 4;
  expect((wn_record[]){repeated(dose(0, CENT, 5), 10, 4), again, observe(20)}, 3,
         "0o1 | (3+1.0 by 2) | 2at | 2reset | 2+7:CENT | 2o2 | 20o3");
  // the clock may go back
  expect((wn_record[]){dose(50, GUT, 5), reset(1), dose(2, GUT, 6)}, 3,
         "50+5:GUT | 50o1 | 1at | 1reset | 1o2 | 2+6:GUT | 2o3");
}

static void steady_states_replace_or_add(void **state) {
  (void)state;
  wn_record running = dose(0, CENT, 100), steady = dose(4, CENT, 30);
  running.rate = 10;
  steady.ss = 1, steady.ii = 12;
  expect((wn_record[]){running, steady, observe(9)}, 3,
         "0~10:CENT | 0o1 | (10~1.0 by 2) | 4ss | 4+30:CENT | 4o2 | 9o3");
  steady.ss = 2;
  expect((wn_record[]){running, steady, observe(12)}, 3, "0~10:CENT | 0o1 | 4ss | 4+30:CENT | 4o2 | 10~0:CENT | 12o3");
  // infusions of 30 h every 12 h: two older ones run on
  steady.rate = 1, steady.ss = 1;
  expect((wn_record[]){steady, observe(50)}, 2,
         "4ss | 4~1:CENT | 4~2:CENT | 4~3:CENT | 4o1 | 10~2:CENT | 22~1:CENT | 34~0:CENT | 50o2");
}

static void a_steady_state_knows_its_phase(void **state) {
  (void)state;
  static const struct { double lag, phase; } it[] = {{0, 12}, {5, 7}, {12, 12}, {29, 7}};
  wn_record steady = dose(4, CENT, 30);
  steady.ss = 1, steady.ii = 12;
  for (int i = 0; i < 4; i++) {
    row[0][CENT][WN_ROUTE_LAG] = it[i].lag;
    wn_timeline timeline = walk((wn_record[]){steady, observe(50)}, 2);
    assert_int_equal(timeline.steady.n, 1);
    assert_float_equal(timeline.steady.data[0].phase, it[i].phase, 1e-12);
    assert_float_equal(timeline.steady.data[0].amount[0], 30, 0);
    wn_timeline_free(&timeline);
  }
}

// F 0: no drug, and no infusion since ever either
static void no_share_no_drug(void **state) {
  (void)state;
  wn_record steady = dose(4, CENT, 30);
  steady.ss = 1, steady.ii = 12, steady.rate = 1;
  row[0][CENT][WN_ROUTE_F] = 0;
  wn_timeline timeline = walk((wn_record[]){steady, observe(50)}, 2);
  assert_float_equal(timeline.steady.data[0].amount[0], 0, 0);
  assert_float_equal(timeline.steady.data[0].duration, 0, 0);
  wn_timeline_free(&timeline);
  // the compartment is on all the same
  row[1][CENT][WN_ROUTE_F] = row[2][CENT][WN_ROUTE_F] = 0;
  wn_record infusion = dose(2, CENT, 30);
  infusion.rate = 10;
  expect((wn_record[]){observe(0), off(1, 1), infusion, observe(9)}, 4, "0o1 | 1off:CENT | 1o2 | 2on:CENT | 2o3 | 9o4");
}

static void modelled_rates_follow_the_rows(void **state) {
  (void)state;
  wn_record infusion = dose(0, CENT, 100);
  infusion.rate = WN_RATE_MODELLED;
  row[0][CENT][WN_ROUTE_RATE] = 20;
  // 4 h at 10 of the next row, then 20 again from the row after
  row[2][CENT][WN_ROUTE_RATE] = 20;
  expect((wn_record[]){infusion, observe(4), observe(20)}, 3,
         "0~20:CENT | 0o1 | 0~10:CENT | 4o2 | 4~20:CENT | 7~0:CENT | 20o3");
}

static void ties_by_dialect(void **state) {
  (void)state;
  const wn_record record[] = {observe(0), observe(5), dose(5, GUT, 1), dose(5, CENT, 2), observe(5)};
  static const char late[] = "0o1 | 5o2 | 5+1:GUT | 5o3 | 5+2:CENT | 5o4 | 5o5";
  expect_by(record, 5, WN_DIALECT_NONMEM, 0, late);
  expect_by(record, 5, WN_DIALECT_MRGSOLVE, 0, late);
  expect_by(record, 5, WN_DIALECT_RXODE2, 0, "0o1 | 5+1:GUT | 5o3 | 5+2:CENT | 5o4 | 5o2 | 5o5");
  assert_int_equal(wn_dialect_find("rxode2"), WN_DIALECT_RXODE2);
  assert_int_equal(wn_dialect_find("rxode"), -1);
}

static void whose_share_and_duration(void **state) {
  (void)state;
  wn_record infusion = dose(0, CENT, 100);
  infusion.rate = WN_DURATION_MODELLED;
  row[0][CENT][WN_ROUTE_LAG] = 1;
  row[1][CENT][WN_ROUTE_F] = 0.5, row[1][CENT][WN_ROUTE_DURATION] = 5;
  const wn_record record[] = {infusion, observe(9)};
  expect_by(record, 2, WN_DIALECT_NONMEM, 0, "0o1 | 1~50:CENT | 3~0:CENT | 9o2");
  expect_by(record, 2, WN_DIALECT_NONMEM, -1, "0o1 | 1~10:CENT | 6~0:CENT | 9o2");
}

static void what_a_model_may_not_give(void **state) {
  (void)state;
  const wn_record plain[] = {observe(0), dose(1, CENT, 100), observe(9)};
  row[1][CENT][WN_ROUTE_F] = -0.5;
  refused(plain, 3, 1, "F of CENT: expected 0 or more, got -0.5");
  row[1][CENT][WN_ROUTE_F] = 1, row[1][CENT][WN_ROUTE_LAG] = -1;
  refused(plain, 3, 1, "lag of CENT: expected 0 h or more, got -1 h");
  row[1][CENT][WN_ROUTE_LAG] = 0, row[1][CENT][WN_ROUTE_RATE] = 0, row[1][CENT][WN_ROUTE_DURATION] = -2;
  wn_record modelled[] = {observe(0), dose(1, CENT, 100), observe(9)};
  modelled[1].rate = WN_RATE_MODELLED;
  refused(modelled, 3, 1, "modelled rate of CENT: expected a value above 0, got 0");
  modelled[1].rate = WN_DURATION_MODELLED;
  refused(modelled, 3, 1, "modelled duration of CENT: expected a value above 0, got -2");
  modelled[1].ss = 1, modelled[1].ii = 12;
  refused(modelled, 3, 1, "modelled duration of CENT: expected a value above 0, got -2");
  // while it runs, by a later row
  row[1][CENT][WN_ROUTE_RATE] = 10, row[2][CENT][WN_ROUTE_RATE] = -1;
  modelled[1].ss = 0, modelled[1].ii = 0, modelled[1].rate = WN_RATE_MODELLED;
  refused(modelled, 3, 1, "modelled rate of CENT: expected a value above 0, got -1");
  const wn_record many[] = {repeated(dose(0, GUT, 1), 1e-5, 2000000000), observe(1000)};
  refused(many, 2, 0, "more than 1000000 actions for one individual; try fewer additional doses");
}

static void memory_may_run_out(void **state) {
  (void)state;
  wn_record infusion = dose(0, CENT, 100), steady = dose(4, CENT, 30);
  infusion.rate = WN_RATE_MODELLED;
  steady.ss = 1, steady.ii = 12, steady.rate = 1;
  row[0][CENT][WN_ROUTE_LAG] = 0.5;
  const wn_record record[] = {
      repeated(infusion, 3, 5), repeated(dose(1, GUT, 3), 2, 9), off(3, 0), steady, reset(30), nothing};
  const wn_timeline_def def = {.model = &model, .record = record, .n_record = 5, .route_value = route_value};
  wn_timeline timeline;
  wn_status status = WN_ERR_MEMORY;
  for (long n = 0; status == WN_ERR_MEMORY && n < 1000; n++) {
    wn_error err = {0};
    wn_alloc_fail_after(n);
    status = wn_timeline_make(&def, &timeline, &err);
    wn_alloc_fail_after(-1);
    if (status) assert_null(timeline.action.data);
  }
  assert_int_equal(status, WN_OK);
  wn_timeline_free(&timeline);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup(repetitions_are_counted_from_the_first, prepare),
      cmocka_unit_test_setup(nothing_comes_after_the_last_record, prepare),
      cmocka_unit_test_setup(infusions_add_up_and_end, prepare),
      cmocka_unit_test_setup(compartments_of_one_dose_share_it, prepare),
      cmocka_unit_test_setup(cancelled_in_order_of_time, prepare),
      cmocka_unit_test_setup(resets_cancel_what_is_to_come, prepare),
      cmocka_unit_test_setup(steady_states_replace_or_add, prepare),
      cmocka_unit_test_setup(a_steady_state_knows_its_phase, prepare),
      cmocka_unit_test_setup(no_share_no_drug, prepare),
      cmocka_unit_test_setup(modelled_rates_follow_the_rows, prepare),
      cmocka_unit_test_setup(ties_by_dialect, prepare),
      cmocka_unit_test_setup(whose_share_and_duration, prepare),
      cmocka_unit_test_setup(what_a_model_may_not_give, prepare),
      cmocka_unit_test_setup(memory_may_run_out, prepare),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

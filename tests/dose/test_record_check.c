// test_record_check.c - every rule for the records of one individual: what passes, and the words for what does not.

#include "dose/records.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

// a depot, and a vein whose rate and duration the model gives
enum { GUT, VEIN };
static wn_route routes[] = {{.name = "GUT"}, {.name = "VEIN", .has_rate = true, .has_duration = true}};
static const wn_model model = {.name = "small", .n_state = 2, .n_route = 2, .n_route_all = 2, .route = routes};

static wn_record dose(wn_record more) {
  if (!more.evid) more.evid = 1;
  more.state = -1;
  return more;
}

static wn_record other(wn_record more) {
  more.route = more.state = -1;
  return more;
}

static const char *words(const wn_record *record, int n, int *bad) {
  static wn_error err;
  err.message[0] = '\0';
  *bad = -1;
  wn_status status = wn_records_check(&model, record, n, bad, &err);
  assert_int_equal(status, *err.message ? WN_ERR_USER : WN_OK);
  return err.message;
}

static void expect(wn_record record, const char *message) {
  int bad;
  wn_record rows[] = {other((wn_record){0}), record};
  assert_string_equal(words(rows, 2, &bad), message);
  if (*message) assert_int_equal(bad, 1);
}

#define DOSE(...) dose((wn_record){__VA_ARGS__})
#define OTHER(...) other((wn_record){__VA_ARGS__})

static void doses_that_are_right(void **state) {
  (void)state;
  expect(DOSE(.amt = 100), "");
  expect(DOSE(.evid = 4, .amt = 100), "");
  expect(DOSE(.amt = 100, .rate = 10), "");
  expect(DOSE(.amt = 100, .dur = 2), "");
  expect(DOSE(.amt = 100, .rate = -1, .route = VEIN), "");
  expect(DOSE(.amt = 100, .rate = -2, .route = VEIN), "");
  expect(DOSE(.amt = 100, .ii = 24, .addl = 3), "");
  for (int ss = 1; ss <= 3; ss++) {
    expect(DOSE(.amt = 100, .ii = 24, .ss = ss), "");
    expect(DOSE(.amt = 100, .ii = 24, .ss = ss, .addl = 3, .rate = 5), "");
    expect(DOSE(.rate = 10, .ss = ss), "");
    expect(DOSE(.rate = -1, .ss = ss, .route = VEIN), "");
    // the steady state of what the body makes itself
    expect(DOSE(.ss = ss), "");
  }
}

static void other_records_that_are_right(void **state) {
  (void)state;
  expect(OTHER(.evid = 0), "");
  expect(OTHER(.evid = 2), "");
  expect(OTHER(.evid = 3), "");
  wn_record on = {.evid = 2, .route = -1, .state = 1}, off = on;
  off.off = true, off.state = 0;
  expect(on, "");
  expect(off, "");
  // a reset takes no notice of its compartment
  expect(OTHER(.evid = 3, .off = true), "");
}

static void time_does_not_go_back(void **state) {
  (void)state;
  int bad;
  wn_record rows[] = {OTHER(.time = 22), OTHER(.time = 22), OTHER(.time = 6.5)};
  assert_string_equal(
      words(rows, 3, &bad),
      "TIME: expected 22 h or later, as in the record before, got 6.5 h; time goes back only at a reset "
      "(EVID 3 or 4); try sorting the records, or a DATE column for clock times");
  assert_int_equal(bad, 2);
  rows[2].evid = 3;
  assert_string_equal(words(rows, 3, &bad), "");
  rows[2] = DOSE(.evid = 4, .amt = 1, .time = -3);
  assert_string_equal(words(rows, 3, &bad), "");
  rows[2] = DOSE(.amt = 1, .time = 21);
  assert_non_null(strstr(words(rows, 3, &bad), "TIME: expected 22 h"));
  // after a reset the clock is that of the reset
  wn_record after[] = {OTHER(.time = 22), OTHER(.time = 2, .evid = 3), OTHER(.time = 1)};
  assert_non_null(strstr(words(after, 3, &bad), "TIME: expected 2 h or later"));
  assert_int_equal(bad, 2);
  assert_string_equal(words(rows, 0, &bad), "");
}

static void times_have_bounds(void **state) {
  (void)state;
  expect(OTHER(.time = 8766000), "");
  expect(OTHER(.time = 9e6), "TIME: expected at most a thousand years (8766000 h) from 0, got 9e+06 h");
  expect(OTHER(.evid = 3, .time = -9e6), "TIME: expected at most a thousand years (8766000 h) from 0, got -9e+06 h");
  expect(OTHER(.time = NAN), "TIME: expected at most a thousand years (8766000 h) from 0, got nan h");
  expect(OTHER(.time = INFINITY), "TIME: expected at most a thousand years (8766000 h) from 0, got inf h");
}

#define EVENTS "EVID: expected 0 (observation), 1 (dose), 2 (other), 3 (reset) or 4 (reset and dose), got "

static void events_are_those_of_nonmem(void **state) {
  (void)state;
  expect(OTHER(.evid = -1), EVENTS "-1");
  expect(OTHER(.evid = 5), EVENTS "5, which replaces an amount in rxode2 and is not supported");
  expect(OTHER(.evid = 6), EVENTS "6, which multiplies an amount in rxode2 and is not supported");
  expect(OTHER(.evid = 7), EVENTS "7, which is a dose of a transit model in rxode2 and is not supported");
  expect(OTHER(.evid = 8), EVENTS "8, which replaces an amount in mrgsolve and is not supported");
  expect(OTHER(.evid = 9), EVENTS "9");
  expect(OTHER(.evid = 101),
         EVENTS "101, which is an event code of rxode2 or a silent record of mrgsolve and is not supported");
}

static void only_doses_have_amounts(void **state) {
  (void)state;
  expect(OTHER(.amt = 100), "AMT: expected 0 or . on an observation (EVID 0), got 100; a dose has EVID 1");
  expect(OTHER(.rate = -2), "RATE: expected 0 or . on an observation (EVID 0), got -2; a dose has EVID 1");
  expect(OTHER(.dur = 2), "DUR: expected 0 or . on an observation (EVID 0), got 2; a dose has EVID 1");
  expect(OTHER(.evid = 2, .ii = 12), "II: expected 0 or . on an other event (EVID 2), got 12; a dose has EVID 1");
  expect(OTHER(.evid = 2, .addl = 3), "ADDL: expected 0 or . on an other event (EVID 2), got 3; a dose has EVID 1");
  expect(OTHER(.evid = 3, .ss = 1), "SS: expected 0 or . on a reset (EVID 3), got 1; a reset with a dose has EVID 4");
}

static void doses_give_something(void **state) {
  (void)state;
  expect(DOSE(0), "AMT: a dose (EVID 1) needs AMT above 0, got 0; an event without a dose has EVID 2");
  expect(DOSE(.evid = 4), "AMT: a dose (EVID 4) needs AMT above 0, got 0; a reset alone has EVID 3");
  expect(DOSE(.ii = 24, .addl = 1),
         "AMT: a dose (EVID 1) needs AMT above 0, got 0; an event without a dose has EVID 2");
  expect(DOSE(.amt = -5), "AMT: expected an amount of 0 or more, got -5");
  expect(DOSE(.amt = NAN), "AMT: expected an amount of 0 or more, got nan");
  expect(DOSE(.amt = INFINITY), "AMT: expected an amount of 0 or more, got inf");
}

static void infusions_have_a_rate_and_an_amount(void **state) {
  (void)state;
  const char *rates = "RATE: expected 0 (bolus), a rate above 0, -1 (modelled rate) or -2 (modelled duration), got ";
  int bad;
  for (int i = 0; i < 3; i++) {
    wn_record record = DOSE(.amt = 100, .rate = (const double[]){-3, -1.5, NAN}[i]);
    assert_memory_equal(words(&record, 1, &bad), rates, strlen(rates));
  }
  expect(DOSE(.rate = 10), "RATE: an infusion needs AMT above 0, or SS 1 if it has run since ever, got AMT 0");
  expect(DOSE(.rate = -1, .route = VEIN),
         "RATE: an infusion needs AMT above 0, or SS 1 if it has run since ever, got AMT 0");
  expect(DOSE(.rate = -2, .route = VEIN), "RATE: an infusion needs AMT above 0, got AMT 0");
  expect(DOSE(.rate = -2, .route = VEIN, .ss = 1), "RATE: an infusion needs AMT above 0, got AMT 0");
  expect(DOSE(.dur = 2, .ss = 1), "DUR: an infusion needs AMT above 0, got AMT 0");
  expect(DOSE(.amt = 100, .rate = 10, .dur = 2), "RATE: expected 0 with a duration of 2 h, got 10");
  expect(DOSE(.amt = 100, .dur = -2), "DUR: expected 0 h to a thousand years, got -2 h");
  expect(DOSE(.amt = 100, .rate = 1e-6), "RATE: 100 at 1e-06 per h takes 1e+08 h; expected at most a thousand years");
}

static void modelled_infusions_need_a_model(void **state) {
  (void)state;
  expect(DOSE(.amt = 100, .rate = -1),
         "RATE: -1 leaves the rate to the model, but GUT has none; try RATE above 0, or give the model's GUT a rate");
  expect(DOSE(.amt = 100, .rate = -2), "RATE: -2 leaves the duration to the model, but GUT has none; try RATE = AMT / "
                                       "hours, or give the model's GUT a duration");
}

static void repeated_doses_have_an_interval(void **state) {
  (void)state;
  expect(DOSE(.amt = 100, .addl = 3), "ADDL: 3 additional doses need II above 0, got II 0");
  expect(DOSE(.amt = 100, .addl = 1), "ADDL: 1 additional dose needs II above 0, got II 0");
  expect(DOSE(.amt = 100, .addl = -2, .ii = 12), "ADDL: expected 0 or more, got -2; doses until the steady state are "
                                                 "asked for with SS 1 and II");
  expect(DOSE(.amt = 100, .ii = 24),
         "II: expected 0 without ADDL or SS, got 24; try ADDL, the number of further doses");
  expect(DOSE(.amt = 100, .ii = -24, .addl = 1), "II: expected 0 h to a thousand years, got -24 h");
  expect(DOSE(.amt = 100, .ii = NAN, .addl = 1), "II: expected 0 h to a thousand years, got nan h");
}

static void steady_states_have_an_interval(void **state) {
  (void)state;
  expect(DOSE(.amt = 100, .ss = 1), "SS: 1 needs II above 0 (the interval between the doses before), got II 0");
  expect(DOSE(.rate = 10, .ss = 1, .ii = 24),
         "II: expected 0 with SS 1 and AMT 0 (a constant infusion), got 24; try an AMT, or no II");
  expect(DOSE(.rate = 10, .ss = 2, .addl = 2), "ADDL: expected 0 with SS 2 and AMT 0 (a constant infusion), got 2");
  const char *kinds = "SS: expected 0, 1 (steady state), 2 (added to what is there) or 3 (from what is there), got ";
  int bad;
  wn_record below = DOSE(.amt = 100, .ii = 24, .ss = -1), above = DOSE(.amt = 100, .ii = 24, .ss = 7);
  assert_memory_equal(words(&below, 1, &bad), kinds, strlen(kinds));
  assert_non_null(strstr(words(&above, 1, &bad), "got 7; a number of doses goes into ADDL"));
}

static void compartments_are_there(void **state) {
  (void)state;
  expect(OTHER(.off = true),
         "CMT: expected a compartment above 0 on an observation (EVID 0), got a negative one; try two "
         "records at this TIME, the observation and an EVID 2 that switches the compartment off");
  expect(DOSE(.amt = 1, .off = true), "CMT: expected the compartment of a dose (EVID 1), got a negative one");
  expect(DOSE(.evid = 4, .amt = 1, .off = true),
         "CMT: expected the compartment of a dose (EVID 4), got a negative one");
  expect(DOSE(.amt = 1, .route = -1), "CMT: expected a compartment of the model, got none");
  expect(DOSE(.amt = 1, .route = 2), "CMT: expected a compartment of the model, got none");
  expect((wn_record){.evid = 2, .route = -1, .state = 2}, "CMT: expected a compartment of the model, got none");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(doses_that_are_right),
      cmocka_unit_test(other_records_that_are_right),
      cmocka_unit_test(time_does_not_go_back),
      cmocka_unit_test(times_have_bounds),
      cmocka_unit_test(events_are_those_of_nonmem),
      cmocka_unit_test(only_doses_have_amounts),
      cmocka_unit_test(doses_give_something),
      cmocka_unit_test(infusions_have_a_rate_and_an_amount),
      cmocka_unit_test(modelled_infusions_need_a_model),
      cmocka_unit_test(repeated_doses_have_an_interval),
      cmocka_unit_test(steady_states_have_an_interval),
      cmocka_unit_test(compartments_are_there),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

// test_switch.c - compartments switched on and off by EVID 2, the first one included.

#include "dose/records.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static wn_state states[] = {{.name = "GUT"}, {.name = "CENT"}};
static wn_route routes[] = {{.name = "GUT", .n_target = 1, .target = {0}},
                            {.name = "CENT", .n_target = 1, .target = {1}}};
static int route_at[] = {0, 5};
static const wn_model model = {.name = "small",
                               .n_state = 2,
                               .state = states,
                               .n_route = 2,
                               .n_route_all = 2,
                               .route = routes,
                               .route_at = route_at};

// F 1, no lag, scale 1
static const double *route_value(void *context, int record) {
  (void)context, (void)record;
  static const double value[] = {1, 0, 0, 0, 1, 1, 0, 0, 0, 1};
  return value;
}

static wn_timeline walk(const wn_record *record, int n) {
  const wn_timeline_def def = {.model = &model, .record = record, .n_record = n, .route_value = route_value};
  wn_timeline timeline;
  wn_error err = {0};
  int bad;
  if (wn_records_check(&model, record, n, &bad, &err)) fail_msg("%s", err.message);
  if (wn_timeline_make(&def, &timeline, &err)) fail_msg("%s", err.message);
  return timeline;
}

static const wn_action *find(const wn_timeline *timeline, wn_action_kind kind) {
  for (int i = 0; i < timeline->action.n; i++)
    if (timeline->action.data[i].kind == kind) return &timeline->action.data[i];
  return NULL;
}

static int count(const wn_timeline *timeline, wn_action_kind kind, int state, bool cancelled) {
  int n = 0;
  for (int i = 0; i < timeline->action.n; i++) {
    const wn_action *a = &timeline->action.data[i];
    n += a->kind == kind && (state < 0 || a->state == state) && (a->by >= 0) == cancelled;
  }
  return n;
}

static void every_compartment_goes_off_and_on(void **state) {
  (void)state;
  for (int i = 0; i < 2; i++) {
    wn_record record[] = {{.evid = 2, .route = -1, .state = i, .off = true},
                          {.time = 1, .evid = 2, .route = -1, .state = i},
                          {.time = 2, .evid = 2, .route = -1, .state = -1}};
    wn_timeline timeline = walk(record, 3);
    const wn_action *off = find(&timeline, WN_ACT_OFF), *on = find(&timeline, WN_ACT_ON);
    assert_true(off && off->state == i && off->time == 0 && off->record == 0);
    assert_true(on && on->state == i && on->time == 1 && on->record == 1);
    assert_int_equal(count(&timeline, WN_ACT_OFF, -1, false) + count(&timeline, WN_ACT_ON, -1, false), 2);
    wn_timeline_free(&timeline);
  }
}

// the additional doses into it end; those into the other compartment go on
static void off_ends_the_compartments_doses(void **state) {
  (void)state;
  wn_record record[] = {{.evid = 1, .route = 0, .state = -1, .amt = 10, .ii = 12, .addl = 3},
                        {.evid = 1, .route = 1, .state = -1, .amt = 20, .ii = 12, .addl = 3},
                        {.time = 13, .evid = 2, .route = -1, .state = 0, .off = true},
                        {.time = 100, .route = -1, .state = -1}};
  wn_timeline timeline = walk(record, 4);
  assert_int_equal(count(&timeline, WN_ACT_BOLUS, 0, false), 2);
  assert_int_equal(count(&timeline, WN_ACT_BOLUS, 1, false), 4);
  assert_int_equal(count(&timeline, WN_ACT_BOLUS, -1, true), 1);
  wn_timeline_free(&timeline);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_compartment_goes_off_and_on),
      cmocka_unit_test(off_ends_the_compartments_doses),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

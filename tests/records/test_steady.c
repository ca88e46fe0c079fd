// test_steady.c - steady states against closed forms and against the long trains of doses that lead there; what has
// none is refused with the reason.
#include "sim/fixture.h"

#include "sim/lanes.h"
#include "sim/steady.h"
#include "solve/shared_clock.h"

// Elimination that saturates: CENT leaves with VM CENT / (KM + CENT), and is made at rate K0.
enum { MM_VM, MM_KM, MM_K0 };
static wn_model *make_saturable(void) {
  wn_model *m = new_model("saturable");
  put_param(m, "VM", 10), put_param(m, "KM", 20), put_param(m, "K0", 0);
  wn_node out = quo(m, mul(m, p_(m, MM_VM), s_(m, 0)), add(m, p_(m, MM_KM), s_(m, 0)));
  put_state(m, "CENT", sub(m, p_(m, MM_K0), out), c_(m, 0));
  put_output(m, "CENT", "mg", s_(m, 0));
  put_route(m, "CENT", 0, c_(m, 1), c_(m, 0));
  return compile(m);
}

// What becomes of a drug: X' = from_x X, Y' = from_y Y + X, AUC' = Y; nonlinear by a tiny share on request.
static wn_model *make_chain(double from_x, double from_y, double bend, bool with_area) {
  wn_model *m = new_model("chain");
  put_param(m, "BEND", bend);
  wn_node x = s_(m, 0), y = s_(m, 1);
  // a parameter that may bend keeps the model nonlinear even at 0
  wn_node bent = bend != 0 ? mul(m, p_(m, 0), mul(m, x, x)) : c_(m, 0);
  put_state(m, "X", sub(m, mul(m, c_(m, from_x), x), bent), c_(m, 0));
  put_state(m, "Y", add(m, mul(m, c_(m, from_y), y), x), c_(m, 0));
  if (with_area) put_state(m, "AUC", y, c_(m, 0));
  put_output(m, "Y", "mg", y);
  put_route(m, "X", 0, c_(m, 1), c_(m, 0));
  return compile(m);
}

// Drift: dX = -0.3 X + t
static wn_model *make_drift(void) {
  wn_model *m = new_model("drift");
  put_state(m, "X", add(m, mul(m, c_(m, -0.3), s_(m, 0)), t_(m)), c_(m, 0));
  put_output(m, "X", "mg", s_(m, 0));
  put_route(m, "X", 0, c_(m, 1), c_(m, 0));
  return compile(m);
}

// Somebody's lanes; lane 2 is asked about, the others are somebody else's.
typedef struct body {
  wn_model *model;
  wn_lanes lanes;
} body;

static body wake(wn_model *model) {
  body b = {.model = model};
  wn_error err = {0};
  if (wn_lanes_init(&b.lanes, model, 4, &err)) fail_msg("%s", err.message);
  for (int i = 0; i < model->n_param; i++)
    for (int lane = 0; lane < 4; lane++) b.lanes.param[i * 4 + lane] = model->param[i].value * (lane == 2 ? 1 : 1.7);
  wn_lanes_bind(&b.lanes);
  wn_lanes_start(&b.lanes, 0);
  return b;
}

static void sleep_(body *b) {
  wn_lanes_free(&b->lanes);
  wn_model_destroy(b->model);
}

static wn_steady every(double period, int target, double amount) {
  return (wn_steady){.period = period, .phase = period, .n_target = 1, .target = {target}, .amount = {amount}};
}

static wn_status solve(const body *b, const wn_steady *steady, double time, const char *solver, double *state,
                       wn_steady_report *report, wn_error *err) {
  wn_solver_def def = wn_solver_default();
  def.name = solver;
  return wn_steady_solve(&b->lanes, 2, steady, time, &def, state, report, err);
}

static wn_steady_report found(const body *b, const wn_steady *steady, double time, const char *solver, double *state) {
  wn_steady_report report;
  wn_error err = {0};
  if (solve(b, steady, time, solver, state, &report, &err)) fail_msg("%s", err.message);
  if (!(report.residual < 1e-8 && report.error < 1e-5))
    fail_msg("residual %g, error %g, multiplier %g", report.residual, report.error, report.multiplier);
  return report;
}

static void refused(const body *b, const wn_steady *steady, const char *words) {
  double state[8];
  wn_steady_report report;
  wn_error err = {0};
  assert_int_equal(solve(b, steady, 0, "bdf", state, &report, &err), WN_ERR_RUN);
  if (!strstr(err.message, words)) fail_msg("'%s' is not in '%s'", words, err.message);
}

static void near(double got, double expected, double digits) {
  if (!(fabs(got - expected) <= digits * fabs(expected) + 1e-14)) fail_msg("%.17g for %.17g", got, expected);
}

// dt in lane 2 from a state, with an input: the long way
static void run(const body *b, double from, double to, double input, double *state) {
  wn_lanes lanes;
  wn_error err = {0};
  wn_solver *solver;
  wn_solver_def def = wn_solver_default();
  def.name = "bdf", def.rtol = 1e-10, def.atol = 1e-13;
  if (wn_lanes_init(&lanes, b->model, 4, &err)) fail_msg("%s", err.message);
  for (int i = 0; i < b->model->n_param * 4; i++) lanes.param[i] = b->lanes.param[i / 4 * 4 + 2];
  wn_lanes_bind(&lanes);
  wn_lanes_start(&lanes, from);
  for (int lane = 0; lane < 4; lane++) wn_lanes_set_rate(&lanes, 0, lane, input);
  for (int i = 0; i < b->model->n_state * 4; i++) lanes.state[i] = state[i / 4];
  wn_system system = wn_lanes_system(&lanes);
  if (shared_create(&system, &def, &solver, &err)) fail_msg("%s", err.message);
  if (shared_begin(solver, from, lanes.state, &err)) fail_msg("%s", err.message);
  for (double now = from; now < to;)
    if (shared_step(solver, to, &now, &err)) fail_msg("%s", err.message);
  for (int i = 0; i < b->model->n_state; i++) state[i] = wn_solver_state(solver)[i * 4];
  wn_solver_destroy(solver);
  wn_lanes_free(&lanes);
}

static void linear_closed_form(void **unused) {
  (void)unused;
  body b = wake(make_pk1());
  const double k = 2.0 / 20, KA = 1.5;
  double state[2];
  static const char *const solvers[] = {"exact", "bdf", "explicit"};
  for (int i = 0; i < 3; i++) {
    for (int lag = 0; lag < 12; lag += 5) {
      wn_steady s = every(12, 0, 80);
      s.phase = 12 - lag;
      wn_steady_report report = found(&b, &s, 100, solvers[i], state);
      double gut = exp(-KA * s.phase) / -expm1(-KA * 12), cent = exp(-k * s.phase) / -expm1(-k * 12);
      near(state[0], 80 * gut, 1e-12);
      near(state[1], 80 * KA / (KA - k) * (cent - gut), 1e-12);
      near(report.multiplier, exp(-k * 12), 1e-9);
      near(report.hours_to_95, log(20) / k, 1e-8);
      assert_int_equal(report.n_iteration, 1);
    }
    wn_steady constant = {.constant = true, .n_target = 1, .target = {1}, .amount = {7}};
    found(&b, &constant, 3, solvers[i], state);
    near(state[0], 0, 0);
    near(state[1], 7 / k, 1e-12);
  }
  sleep_(&b);
}

static void doses_of_any_size(void **unused) {
  (void)unused;
  body b = wake(make_pk1());
  for (double amount = 1e-12; amount < 1e13; amount *= 1e6) {
    double state[2];
    wn_steady s = every(8, 1, amount);
    found(&b, &s, 0, "exact", state);
    near(state[1] / amount, exp(-0.8) / -expm1(-0.8), 1e-12);
  }
  sleep_(&b);
}

// a compartment that is off holds nothing and passes nothing on
static void switched_off(void **unused) {
  (void)unused;
  body b = wake(make_pk1());
  double state[2];
  wn_lanes_set_open(&b.lanes, 0, 2, false);
  wn_steady s = every(12, 1, 80);
  found(&b, &s, 0, "exact", state);
  near(state[0], 0, 0);
  near(state[1], 80 * exp(-1.2) / -expm1(-1.2), 1e-12);
  s.target[0] = 0;
  found(&b, &s, 0, "exact", state);
  near(state[1], 0, 0);
  sleep_(&b);
}

// VM S / (KM + S) = R; bolus doses by the invariant KM ln S + S, which falls by VM t
static void saturable_closed_forms(void **unused) {
  (void)unused;
  body b = wake(make_saturable());
  double state[1];
  for (double rate = 0.1; rate < 10; rate += 1.4) {
    wn_steady s = {.constant = true, .n_target = 1, .target = {0}, .amount = {rate}};
    found(&b, &s, 0, "bdf", state);
    near(state[0], 20 * rate / (10 - rate), 1e-7);
  }
  for (double share = 0.1; share < 1; share += 0.11) {
    double amount = share * 10 * 24;
    wn_steady s = every(24, 0, amount);
    wn_steady_report report = found(&b, &s, 0, "bdf", state);
    double top = state[0] + amount;
    near(20 * log(top / state[0]) + amount, 240, 1e-7);
    assert_true(report.multiplier > 0 && report.multiplier < 1);
  }
  wn_steady s = every(24, 0, 240.001);
  refused(&b, &s, "more is given in 24 h than can be eliminated");
  s.amount[0] = 1000;
  refused(&b, &s, "no steady state: CENT would have to be above");
  s = (wn_steady){.constant = true, .n_target = 1, .target = {0}, .amount = {10.5}};
  refused(&b, &s, "than can be eliminated");
  sleep_(&b);
}

// SS 2 adds what the doses add, not what is there without them
static void added_without_what_is_there_anyway(void **unused) {
  (void)unused;
  body b = wake(make_saturable());
  for (int lane = 0; lane < 4; lane++) b.lanes.param[MM_K0 * 4 + lane] = 2;
  wn_lanes_bind(&b.lanes);
  double with[1], more[1];
  wn_steady s = every(24, 0, 100);
  found(&b, &s, 0, "bdf", with);
  s.add = true;
  found(&b, &s, 0, "bdf", more);
  near(with[0] - more[0], 20 * 2 / (10 - 2.0), 1e-7);
  sleep_(&b);
}

static void rhythm_against_a_train(void **unused) {
  (void)unused;
  body b = wake(make_tone());
  static const struct {
    double period, phase, duration;
  } it[] = {{24, 24, 0}, {8, 8, 0}, {8, 5, 0}, {36, 36, 0}, {36, 17, 0}, {10, 10, 4}, {10, 3, 4}, {24, 9, 31}};
  for (size_t i = 0; i < sizeof it / sizeof *it; i++) {
    const double time = 1234.5, last = time - it[i].phase;
    wn_steady s = every(it[i].period, 0, 5);
    s.phase = it[i].phase, s.duration = it[i].duration;
    double state[2], train[2] = {0, 1};
    found(&b, &s, time, "bdf", state);
    // 300 h of doses, when nothing of the beginning is left; infusions as pieces of constant rate
    double from = last - ceil(300 / s.period) * s.period;
    run(&b, from - 1, from, 0, train);
    for (double at = from; at < time - 1e-9;) {
      if (!(s.duration > 0)) train[0] += 5;
      double until = fmin(at + s.period, time);
      // inputs change where an infusion ends
      double change = s.duration > 0 ? fmod(s.duration, s.period) : 0, running = floor(s.duration / s.period);
      double begun = floor((at - from) / s.period + 0.5);
      double middle = fmin(at + change, until);
      if (middle > at) run(&b, at, middle, 5 * fmin(running + 1, begun + 1), train);
      if (until > middle) run(&b, middle, until, 5 * fmin(running, begun + 1), train);
      at = until;
    }
    near(state[0], train[0], 1e-7);
    near(state[1], train[1], 1e-7);
  }
  // doses that never meet the same hour again
  wn_steady s = every(24.0123456, 0, 5);
  refused(&b, &s, "doses every 24.0123456 h do not meet the same hour again");
  sleep_(&b);
}

static void what_has_none(void **unused) {
  (void)unused;
  wn_steady s = every(24, 0, 5);
  static const struct {
    double x, y, bend;
    bool area;
    const char *words;
  } it[] = {
      {-0.1, -0.2, 0, true, "nothing takes away what has come to AUC, so there is more after every dose"},
      {-0.1, -0.2, 1e-3, true, "nothing takes away what has come to AUC, so there is more after every dose"},
      {-0.1, 0, 0, false, "nothing takes away what has come to Y"},
      {-0.1, 0, 0, true, "nothing takes away what has come to AUC"},
      {-0.1, 0, 1e-3, true, "nothing takes away what has come to Y, AUC"},
      {0.1, -0.2, 0, false, "what is there does not die out but grows (a deviation of X, Y is multiplied by 11.0232"},
  };
  for (size_t i = 0; i < sizeof it / sizeof *it; i++) {
    body b = wake(make_chain(it[i].x, it[i].y, it[i].bend, it[i].area));
    refused(&b, &s, it[i].words);
    sleep_(&b);
  }
  body b = wake(make_drift());
  refused(&b, &s, "the equations follow the time since the start, not only the hour of the day");
  sleep_(&b);
}

static void the_guess_changes_nothing(void **unused) {
  (void)unused;
  body b = wake(make_saturable());
  double expected[1], state[1];
  wn_steady s = every(24, 0, 200);
  found(&b, &s, 0, "bdf", expected);
  s.warm = true;
  for (double guess = 0; guess < 1e4; guess = 3 * guess + 1) {
    b.lanes.state[2] = guess;
    found(&b, &s, 0, "bdf", state);
    near(state[0], expected[0], 1e-7);
  }
  sleep_(&b);
}

static void memory_may_run_out(void **unused) {
  (void)unused;
  body b = wake(make_saturable());
  double state[1];
  wn_steady s = every(24, 0, 100);
  s.add = true;
  wn_status status = WN_ERR_MEMORY;
  for (long n = 0; status == WN_ERR_MEMORY && n < 2000; n++) {
    wn_steady_report report;
    wn_error err = {0};
    wn_alloc_fail_after(n);
    status = solve(&b, &s, 0, "bdf", state, &report, &err);
    wn_alloc_fail_after(-1);
  }
  assert_int_equal(status, WN_OK);
  sleep_(&b);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(linear_closed_form),
      cmocka_unit_test(doses_of_any_size),
      cmocka_unit_test(switched_off),
      cmocka_unit_test(saturable_closed_forms),
      cmocka_unit_test(added_without_what_is_there_anyway),
      cmocka_unit_test(rhythm_against_a_train),
      cmocka_unit_test(what_has_none),
      cmocka_unit_test(the_guess_changes_nothing),
      cmocka_unit_test(memory_may_run_out),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

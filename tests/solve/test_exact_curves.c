// test_exact_curves.c - whole simulations of linear models by the exact solver, against closed forms: one to three
// compartments, by mouth with a lag, as a bolus, as an infusion; every individual with parameters of its own.
#include "sim/fixture.h"

// what doses do to a central compartment: the sum over modes of amount exp(-rate t), for an amount of 1
typedef struct modes {
  int n;
  double rate[4], amount[4];
} modes;

// ---- a model with three compartments and a depot, and its closed form ----

enum { CL, V1, Q2, V2, Q3, V3, KA, LAG, N_PARAM };

// central and n - 1 peripheral compartments; route 0 by mouth, 1 into the central one
static wn_model *make_compartments(int n) {
  wn_model *m = new_model("compartments");
  put_param(m, "CL", 3.0), put_param(m, "V1", 10.0), put_param(m, "Q2", 2.0), put_param(m, "V2", 30.0);
  put_param(m, "Q3", 0.5), put_param(m, "V3", 100.0), put_param(m, "KA", 1.5), put_param(m, "LAG", 0.0);
  const wn_node absorbed = mul(m, p_(m, KA), s_(m, 0)), C = quo(m, s_(m, 1), p_(m, V1));
  wn_node change = sub(m, absorbed, mul(m, p_(m, CL), C)), exchange[2];
  for (int i = 0; i < n - 1; i++) {
    exchange[i] = mul(m, p_(m, Q2 + 2 * i), sub(m, C, quo(m, s_(m, 2 + i), p_(m, V2 + 2 * i))));
    change = sub(m, change, exchange[i]);
  }
  put_state(m, "DEPOT", neg(m, absorbed), c_(m, 0));
  put_state(m, "CENT", change, c_(m, 0));
  if (n > 1) put_state(m, "PERI", exchange[0], c_(m, 0));
  if (n > 2) put_state(m, "DEEP", exchange[1], c_(m, 0));
  put_output(m, "C", "mg/L", C);
  put_route(m, "DEPOT", 0, c_(m, 1), p_(m, LAG));
  put_route(m, "CENT", 1, c_(m, 1), c_(m, 0));
  return compile(m);
}

// det(s + A) of the compartments, divided by the product over the peripheral ones of (s + k)
static double characteristic(const double *p, int n, double s, double *slope) {
  double value = s + p[CL] / p[V1];
  *slope = 1.0;
  for (int i = 0; i < n - 1; i++) {
    const double out = p[Q2 + 2 * i] / p[V1], back = p[Q2 + 2 * i] / p[V2 + 2 * i];
    value += out * s / (s + back);
    *slope += out * back / ((s + back) * (s + back));
  }
  return value;
}

// The concentration after 1 mg into the central compartment. Rates interlace with those at which the peripheral ones
// empty; the residue at a pole is 1 / slope.
static modes central_modes(const double *p, int n) {
  double edge[4] = {0.0};
  for (int i = 0; i < n - 1; i++) edge[1 + i] = p[Q2 + 2 * i] / p[V2 + 2 * i];
  if (n == 3 && edge[1] > edge[2]) {
    const double swap = edge[1];
    edge[1] = edge[2], edge[2] = swap;
  }
  edge[n] = 1e3;
  modes m = {.n = n};
  for (int i = 0; i < n; i++) {
    double low = edge[i], high = edge[i + 1], slope;
    for (int k = 0; k < 200; k++) {
      const double middle = 0.5 * (low + high);
      // with s = -rate the function falls from + to - between two edges
      if (characteristic(p, n, -middle, &slope) > 0.0)
        low = middle;
      else
        high = middle;
    }
    m.rate[i] = 0.5 * (low + high);
    characteristic(p, n, -m.rate[i], &slope);
    m.amount[i] = 1.0 / slope / p[V1];
  }
  return m;
}

// the same by way of the depot
static modes oral_modes(const double *p, int n) {
  modes m = central_modes(p, n);
  m.rate[n] = p[KA], m.amount[n] = 0.0;
  for (int i = 0; i < n; i++) {
    m.amount[i] *= p[KA] / (p[KA] - m.rate[i]);
    m.amount[n] -= m.amount[i];
  }
  m.n = n + 1;
  return m;
}

// t hours after a dose of 1, given over `duration`: order -1 is the integral from the dose, 1 the slope
static double value_of(const modes *m, double duration, double t, int order) {
  double sum = 0.0;
  if (t <= 0.0) return 0.0;
  for (int i = 0; i < m->n; i++) {
    const double k = m->rate[i], a = m->amount[i], on = fmin(t, duration);
    if (duration > 0.0) {
      const double fade = exp(-k * (t - on)), grown = -expm1(-k * on) / k;
      if (order == 0) sum += a / duration * grown * fade;
      if (order == 1) sum += a / duration * (t < duration ? exp(-k * t) : -k * grown * fade);
      if (order == -1) sum += a / duration / k * (on - grown - grown * expm1(-k * (t - on)));
    } else {
      sum += order == 0 ? a * exp(-k * t) : order == 1 ? -k * a * exp(-k * t) : -a * expm1(-k * t) / k;
    }
  }
  return sum;
}

// ---- runs ----

enum { N_ARM = 11 };

// parameters that differ from arm to arm by up to a factor of three
static wn_scenario *make_scenario(const wn_model *model, double t_end, double lag) {
  wn_scenario *s = new_scenario(model, N_ARM, t_end, 0.7);
  for (int arm = 0; arm < N_ARM; arm++) {
    for (int i = 0; i < LAG; i++) s->arm[arm].param[i] *= exp(0.5 * sin(1.0 + arm + 2.3 * i * arm));
    s->arm[arm].param[LAG] = lag;
  }
  return s;
}

typedef struct given {
  int route;
  double amount, time, duration, lag;
} given;

static double relative(double got, double want) { return fabs(got / want - 1.0); }

// rows, AUC, Cmax and Tmax of every arm after one dose
static void check_dose(int n, given g, double t_end) {
  wn_model *model = make_compartments(n);
  wn_scenario *s = make_scenario(model, t_end, g.lag);
  for (int arm = 0; arm < N_ARM; arm++)
    dose(s, arm, (wn_dose){.time = g.time, .route = g.route, .amount = g.amount, .duration = g.duration});
  const wn_run_def def = run_def("auto", 1e-6, 1e-9);
  wn_result *r = simulate(s, &def);
  assert_string_equal(r->solver, "exact");
  for (int arm = 0; arm < N_ARM; arm++) {
    const double *p = s->arm[arm].param, begin = g.time + (g.route == 0 ? g.lag : 0.0), last = t_end - begin;
    const modes m = g.route == 0 ? oral_modes(p, n) : central_modes(p, n);
    for (int i = 0; i < r->n_time; i++) {
      const double want = g.amount * value_of(&m, g.duration, r->time[i] - begin, 0);
      // just after the lag a small difference of large modes is all there is
      NEAR(at(r, arm, n + 1, i), want, 1e-11 * want + 1e-13 * g.amount / p[V1]);
    }
    assert_true(relative(metric(r, arm, "auc", "C", 0), g.amount * value_of(&m, g.duration, last, -1)) < 1e-10);
    double low = 0.0, high = g.duration > 0.0 ? g.duration : g.route == 0 ? 30.0 : 0.0;
    for (int k = 0; k < 200 && g.route == 0; k++) {
      const double middle = 0.5 * (low + high);
      if (value_of(&m, 0.0, middle, 1) > 0.0)
        low = middle;
      else
        high = middle;
    }
    const double top = high > 0.0 ? high : 1e-300;
    assert_true(relative(metric(r, arm, "cmax", "C", 0), g.amount * value_of(&m, g.duration, top, 0)) < 2e-10);
    NEAR(metric(r, arm, "tmax", "C", 0), begin + high - g.time, 1e-6);
  }
  wn_result_destroy(r);
  wn_scenario_destroy(s);
  wn_model_destroy(model);
}

static void test_bolus(void **state) {
  (void)state;
  for (int n = 1; n <= 3; n++) check_dose(n, (given){.route = 1, .amount = 100.0, .time = 0.35}, 48.0);
}

static void test_infusion(void **state) {
  (void)state;
  for (int n = 1; n <= 3; n++) check_dose(n, (given){.route = 1, .amount = 100.0, .time = 0.35, .duration = 2.2}, 48.0);
}

static void test_oral_with_lag(void **state) {
  (void)state;
  for (int n = 1; n <= 3; n++) check_dose(n, (given){.route = 0, .amount = 100.0, .lag = 0.45}, 48.0);
}

// a week of doses every 12 h: superposition
static void test_multiple_doses(void **state) {
  (void)state;
  wn_model *model = make_compartments(2);
  wn_scenario *s = make_scenario(model, 168.0, 0.3);
  for (int arm = 0; arm < N_ARM; arm++)
    dose(s, arm, (wn_dose){.time = 0.0, .route = 0, .amount = 50.0, .ii = 12.0, .addl = 13});
  const wn_run_def def = run_def("exact", 1e-6, 1e-9);
  wn_result *r = simulate(s, &def);
  for (int arm = 0; arm < N_ARM; arm++) {
    const modes m = oral_modes(s->arm[arm].param, 2);
    double auc = 0.0, last_day = 0.0;
    for (int k = 0; k < 14; k++) {
      const double begin = 12.0 * k + 0.3;
      auc += 50.0 * value_of(&m, 0.0, 168.0 - begin, -1);
      last_day += 50.0 * (value_of(&m, 0.0, 168.0 - begin, -1) - value_of(&m, 0.0, 144.0 - begin, -1));
    }
    assert_true(relative(metric(r, arm, "auc", "C", 0), auc) < 1e-10);
    assert_true(relative(metric(r, arm, "auc", "C", 7), last_day) < 1e-10);
    for (int i = 0; i < r->n_time; i++) {
      double want = 0.0;
      for (int k = 0; k < 14; k++) want += 50.0 * value_of(&m, 0.0, r->time[i] - 12.0 * k - 0.3, 0);
      NEAR(at(r, arm, 3, i), want, 1e-11 * want + 1e-12);
    }
  }
  wn_result_destroy(r);
  wn_scenario_destroy(s);
  wn_model_destroy(model);
}

// bdf at a tight tolerance knows nothing of exponentials
static void test_against_bdf(void **state) {
  (void)state;
  for (int n = 1; n <= 3; n++) {
    wn_model *model = make_compartments(n);
    wn_scenario *s = make_scenario(model, 48.0, 0.2);
    for (int arm = 0; arm < N_ARM; arm++) {
      dose(s, arm, (wn_dose){.time = 0.0, .route = 0, .amount = 50.0, .ii = 7.0, .addl = 3});
      dose(s, arm, (wn_dose){.time = 10.0, .route = 1, .amount = 20.0, .duration = 12.0});
    }
    const wn_run_def exact = run_def("exact", 1e-6, 1e-9), bdf = run_def("bdf", 1e-10, 1e-12);
    wn_result *a = simulate(s, &exact), *b = simulate(s, &bdf);
    for (int arm = 0; arm < N_ARM; arm++) {
      for (int column = 0; column < a->n_column; column++) {
        double peak = 0.0;
        for (int i = 0; i < a->n_time; i++) peak = fmax(peak, at(a, arm, column, i));
        for (int i = 0; i < a->n_time; i++) NEAR(at(a, arm, column, i), at(b, arm, column, i), 1e-8 * peak);
      }
      const char *const quantities[] = {"auc", "cmax"};
      for (int k = 0; k < 2; k++)
        assert_true(relative(metric(a, arm, quantities[k], "C", 0), metric(b, arm, quantities[k], "C", 0)) < 1e-8);
    }
    wn_result_destroy(a);
    wn_result_destroy(b);
    wn_scenario_destroy(s);
    wn_model_destroy(model);
  }
}

// an output that swings for long while it dies out hides in no step: a ring of states, weakly damped
static void test_swinging(void **state) {
  (void)state;
  wn_model *m = new_model("swing");
  put_param(m, "W", 2.0), put_param(m, "D", 0.05);
  put_state(m, "X", sub(m, neg(m, mul(m, p_(m, 1), s_(m, 0))), mul(m, p_(m, 0), s_(m, 1))), c_(m, 0));
  put_state(m, "Y", sub(m, mul(m, p_(m, 0), s_(m, 0)), mul(m, p_(m, 1), s_(m, 1))), c_(m, 0));
  put_output(m, "X", "mg", s_(m, 0));
  put_route(m, "X", 0, c_(m, 1), c_(m, 0));
  wn_model *model = compile(m);
  wn_scenario *s = new_scenario(model, 1, 100, 1);
  dose(s, 0, (wn_dose){.time = 0.0, .route = 0, .amount = 1.0});
  const wn_run_def def = run_def("auto", 1e-6, 1e-9);
  wn_result *r = simulate(s, &def);
  const double end = 100.0, d = 0.05, w = 2.0, left = exp(-d * end);
  const double want = (d + left * (w * sin(w * end) - d * cos(w * end))) / (d * d + w * w);
  assert_true(relative(metric(r, 0, "auc", "X", 0), want) < 1e-9);
  // the first trough is at the first zero of the slope after half a turn: tan(w t) = -d / w
  const double low = (acos(-1.0) - atan(d / w)) / w;
  assert_true(relative(metric(r, 0, "trough", "X", 0), exp(-d * low) * cos(w * low)) < 2e-10);
  wn_result_destroy(r);
  wn_scenario_destroy(s);
  wn_model_destroy(model);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_bolus),          cmocka_unit_test(test_infusion),    cmocka_unit_test(test_oral_with_lag),
      cmocka_unit_test(test_multiple_doses), cmocka_unit_test(test_against_bdf), cmocka_unit_test(test_swinging),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

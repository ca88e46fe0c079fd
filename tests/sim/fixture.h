// fixture.h - small models with closed forms, built straight on the graph, and scenarios over them.
#ifndef WN_TESTS_SIM_FIXTURE_H
#define WN_TESTS_SIM_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka wants the four above first
#include <cmocka.h>

#include "base/pool.h"
#include "sim/simulate.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

// ---- models ----

static inline wn_node p_(wn_model *m, int i) { return wn_graph_leaf(m->graph, WN_OP_PARAM, i); }
static inline wn_node s_(wn_model *m, int i) { return wn_graph_leaf(m->graph, WN_OP_STATE, i); }
static inline wn_node t_(wn_model *m) { return wn_graph_leaf(m->graph, WN_OP_TIME, 0); }
static inline wn_node c_(wn_model *m, double x) { return wn_graph_const(m->graph, x); }
static inline wn_node op_(wn_model *m, wn_op op, wn_node a, wn_node b) {
  return wn_graph_apply(m->graph, op, a, b, WN_NO_NODE);
}
static inline wn_node add(wn_model *m, wn_node a, wn_node b) { return op_(m, WN_OP_ADD, a, b); }
static inline wn_node sub(wn_model *m, wn_node a, wn_node b) { return op_(m, WN_OP_SUB, a, b); }
static inline wn_node mul(wn_model *m, wn_node a, wn_node b) { return op_(m, WN_OP_MUL, a, b); }
static inline wn_node quo(wn_model *m, wn_node a, wn_node b) { return op_(m, WN_OP_DIV, a, b); }
static inline wn_node neg(wn_model *m, wn_node a) { return op_(m, WN_OP_NEG, a, WN_NO_NODE); }

static inline void put_param(wn_model *m, const char *name, double value) {
  m->param[m->n_param++] = (wn_parameter){.name = name, .unit = "1", .meaning = "", .source = "", .value = value};
}
static inline void put_state(wn_model *m, const char *name, wn_node derivative, wn_node initial) {
  m->state[m->n_state++] =
      (wn_state){.name = name, .unit = "mg", .meaning = "", .derivative = derivative, .initial = initial};
}
static inline void put_output(wn_model *m, const char *name, const char *unit, wn_node value) {
  m->output[m->n_output++] = (wn_output){.name = name, .unit = unit, .meaning = "", .value = value};
}
static inline void put_route(wn_model *m, const char *name, int target, wn_node F, wn_node lag) {
  wn_route *r = &m->route[m->n_route++];
  *r = (wn_route){.name = name, .unit = "mg", .meaning = "", .n_target = 1, .F = F, .lag = lag};
  r->target[0] = target;
  r->scale[0] = c_(m, 1);
}

static inline wn_model *new_model(const char *name) {
  wn_model *m = wn_model_create();
  assert_non_null(m);
  m->name = m->title = m->caption = m->path = name;
  m->param = wn_arena_alloc(m->arena, 8 * sizeof *m->param);
  m->state = wn_arena_alloc(m->arena, 8 * sizeof *m->state);
  m->output = wn_arena_alloc(m->arena, 8 * sizeof *m->output);
  m->route = wn_arena_alloc(m->arena, 8 * sizeof *m->route);
  return m;
}

static inline wn_model *compile(wn_model *m) {
  wn_error err = {0};
  if (wn_model_compile(m, &err)) fail_msg("%s", err.message);
  return m;
}

// One compartment, oral (route 0: F1, LAG) and intravenous (route 1). Outputs: C = CENT / V, occ = C / (C + EC50).
enum { PK1_CL, PK1_V, PK1_KA, PK1_F1, PK1_LAG, PK1_EC50 };
enum { PK1_C, PK1_OCC };
static inline wn_model *make_pk1(void) {
  wn_model *m = new_model("pk1");
  put_param(m, "CL", 2.0), put_param(m, "V", 20.0), put_param(m, "KA", 1.5);
  put_param(m, "F1", 0.8), put_param(m, "LAG", 0.0), put_param(m, "EC50", 1.0);
  wn_node C = quo(m, s_(m, 1), p_(m, PK1_V)), absorbed = mul(m, p_(m, PK1_KA), s_(m, 0));
  put_state(m, "GUT", neg(m, absorbed), c_(m, 0));
  put_state(m, "CENT", sub(m, absorbed, mul(m, p_(m, PK1_CL), C)), c_(m, 0));
  put_output(m, "C", "mg/L", C);
  put_output(m, "occ", "1", quo(m, C, add(m, C, p_(m, PK1_EC50))));
  put_route(m, "GUT", 0, p_(m, PK1_F1), p_(m, PK1_LAG));
  put_route(m, "CENT", 1, c_(m, 1), c_(m, 0));
  return compile(m);
}

// Concentration t hours after an oral dose into an empty body; and its peak.
static inline double pk1_oral(double dose, double CL, double V, double KA, double F, double t) {
  double k = CL / V;
  return t <= 0 ? 0 : F * dose * KA / (V * (KA - k)) * (exp(-k * t) - exp(-KA * t));
}
static inline double pk1_tmax(double CL, double V, double KA) { return log(KA * V / CL) / (KA - CL / V); }

// Two compartments, intravenous. Output: C = CENT / V1.
enum { PK2_CL, PK2_V1, PK2_Q, PK2_V2 };
static inline wn_model *make_pk2(void) {
  wn_model *m = new_model("pk2");
  put_param(m, "CL", 3.0), put_param(m, "V1", 10.0), put_param(m, "Q", 2.0), put_param(m, "V2", 30.0);
  wn_node C1 = quo(m, s_(m, 0), p_(m, PK2_V1)), C2 = quo(m, s_(m, 1), p_(m, PK2_V2));
  wn_node exchange = mul(m, p_(m, PK2_Q), sub(m, C1, C2));
  put_state(m, "CENT", neg(m, add(m, mul(m, p_(m, PK2_CL), C1), exchange)), c_(m, 0));
  put_state(m, "PERI", exchange, c_(m, 0));
  put_output(m, "C", "mg/L", C1);
  put_route(m, "CENT", 0, c_(m, 1), c_(m, 0));
  return compile(m);
}

// Concentration t hours into an infusion at `rate` for `duration`, or (duration 0) after a bolus of `rate`.
static inline double pk2_input(double rate, double duration, double t) {
  double k10 = 3.0 / 10, k12 = 2.0 / 10, k21 = 2.0 / 30, sum = k10 + k12 + k21;
  double root = sqrt(sum * sum - 4 * k10 * k21), a = (sum + root) / 2, b = (sum - root) / 2;
  double A = (a - k21) / (a - b) / 10, B = (k21 - b) / (a - b) / 10;
  if (t <= 0) return 0;
  if (!(duration > 0)) return rate * (A * exp(-a * t) + B * exp(-b * t));
  double end = t < duration ? t : duration;
  double fast = A / a * (exp(-a * (t - end)) - exp(-a * t)), slow = B / b * (exp(-b * (t - end)) - exp(-b * t));
  return rate * (fast + slow);
}

// A rhythm and a drug upon it: tone = 1 + AMP cos(2 pi (t - PEAK) / 24) + CENT; CENT decays with K, bolus by route 0.
// R follows dR = K (rhythm - R), so that a state depends on time.
enum { TONE_AMP, TONE_PEAK, TONE_K, TONE_R0 };
enum { TONE_TONE, TONE_R };
static inline wn_model *make_tone(void) {
  wn_model *m = new_model("tone");
  put_param(m, "AMP", 0.25), put_param(m, "PEAK", 8.0), put_param(m, "K", 0.2), put_param(m, "R0", 1.0);
  wn_node angle = mul(m, c_(m, 2 * acos(-1) / 24), sub(m, t_(m), p_(m, TONE_PEAK)));
  wn_node rhythm = add(m, c_(m, 1), mul(m, p_(m, TONE_AMP), op_(m, WN_OP_COS, angle, WN_NO_NODE)));
  put_state(m, "CENT", neg(m, mul(m, p_(m, TONE_K), s_(m, 0))), c_(m, 0));
  put_state(m, "R", mul(m, p_(m, TONE_K), sub(m, rhythm, s_(m, 1))), p_(m, TONE_R0));
  put_output(m, "tone", "1", add(m, rhythm, s_(m, 0)));
  put_output(m, "R", "mg", s_(m, 1));
  put_route(m, "CENT", 0, c_(m, 1), c_(m, 0));
  return compile(m);
}

// dX = A X^2 / V from X0: 1 / (1/X0 - A t / V), infinite at t = V / (A X0).
enum { BLOW_A, BLOW_V, BLOW_X0 };
static inline wn_model *make_blowup(void) {
  wn_model *m = new_model("blowup");
  put_param(m, "A", 0.0), put_param(m, "V", 1.0), put_param(m, "X0", 1.0);
  wn_node growth = quo(m, mul(m, p_(m, BLOW_A), mul(m, s_(m, 0), s_(m, 0))), p_(m, BLOW_V));
  put_state(m, "X", growth, p_(m, BLOW_X0));
  put_state(m, "Y", neg(m, s_(m, 1)), c_(m, 0));
  put_output(m, "X", "mg", s_(m, 0));
  put_output(m, "Y", "mg", s_(m, 1));
  put_route(m, "Y", 1, c_(m, 1), c_(m, 0));
  return compile(m);
}

// ---- scenarios ----

static inline wn_scenario *new_scenario(const wn_model *model, int n_arm, double t_end, double every) {
  wn_scenario *s = wn_alloc(sizeof *s);
  s->arena = wn_arena_create();
  s->model = model;
  s->name = s->title = s->caption = s->path = "test";
  s->n_arm = n_arm;
  s->arm = wn_arena_alloc(s->arena, (size_t)n_arm * sizeof *s->arm);
  s->window = wn_arena_alloc(s->arena, 8 * sizeof *s->window);
  s->t_end = t_end, s->every = every;
  s->night_from = 23, s->night_to = 7;
  for (int i = 0; i < n_arm; i++) {
    wn_arm *arm = &s->arm[i];
    arm->name = arm->label = wn_arena_printf(s->arena, "arm%d", i);
    arm->param = wn_arena_alloc(s->arena, (size_t)(model->n_param + 1) * sizeof(double));
    wn_model_defaults(model, -1, arm->param);
    arm->day_start = NAN;
  }
  return s;
}

static inline void dose(wn_scenario *s, int arm, wn_dose record) { assert_true(WN_PUSH(&s->arm[arm].doses, record)); }

static inline int window(wn_scenario *s, const char *name, int output, int above, double threshold, int baseline) {
  s->window[s->n_window] = (wn_window_def){
      .name = name, .meaning = "", .output = output, .above = above, .threshold = threshold, .baseline = baseline};
  return s->n_window++;
}

static inline wn_run_def run_def(const char *solver, double rtol, double atol) {
  wn_run_def def = wn_run_default();
  def.solver.name = solver, def.solver.rtol = rtol, def.solver.atol = atol;
  def.n_thread = 1;
  return def;
}

static inline wn_result *simulate(const wn_scenario *s, const wn_run_def *def) {
  wn_result *result = NULL;
  wn_error err = {0};
  if (wn_simulate(s, def, &result, &err)) fail_msg("%s", err.message);
  assert_non_null(result);
  return result;
}

// ---- reading results ----

static inline double at(const wn_result *r, int series, int column, int k) {
  return r->value[((size_t)series * (size_t)r->n_column + (size_t)column) * (size_t)r->n_time + (size_t)k];
}
static inline const wn_metric *row(const wn_result *r, int series, const char *quantity, const char *of, int day) {
  const wn_metric *metric = wn_result_find(r, series, quantity, of, day);
  if (!metric) fail_msg("no %s of %s, day %d", quantity, of, day);
  return metric;
}
static inline double metric(const wn_result *r, int series, const char *quantity, const char *of, int day) {
  return row(r, series, quantity, of, day)->value;
}

static inline void near_(double got, double want, double tolerance, const char *what, int line) {
  if (!(fabs(got - want) <= tolerance))
    fail_msg("line %d: %s: got %.17g, expected %.17g, off by %.3g > %.3g", line, what, got, want, fabs(got - want),
             tolerance);
}
#define NEAR(got, want, tolerance) near_(got, want, tolerance, #got, __LINE__)

#endif

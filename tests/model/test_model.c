// test_model.c - compiled models: the programs against hand-written equations, the Jacobian against finite differences,
// its pattern, names and defaults; every mistake of a declaration with its message; every allocation failing once.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/model.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

// a small nonlinear model: gut -> body with saturable elimination -> effect; and a clock-driven input
enum { VMAX, KM, KA, V, KIN, N_PARAM };
enum { GUT, CENT, EFFECT, N_STATE };

typedef struct declaration {
  wn_parameter param[N_PARAM];
  wn_state state[N_STATE];
  wn_output output[3];
  wn_route route[2];
  wn_window_def window[1];
  wn_hypothesis hypothesis[2];
  int set[2];
  double value[2];
} declaration;

static wn_node apply(wn_model *model, wn_op op, wn_node a, wn_node b) {
  return wn_graph_apply(model->graph, op, a, b, WN_NO_NODE);
}
static wn_node param(wn_model *model, int i) { return wn_graph_leaf(model->graph, WN_OP_PARAM, i); }
static wn_node state(wn_model *model, int i) { return wn_graph_leaf(model->graph, WN_OP_STATE, i); }
static wn_node number(wn_model *model, double value) { return wn_graph_const(model->graph, value); }

static void declare_equations(wn_model *model) {
  wn_node gut = state(model, GUT), cent = state(model, CENT), effect = state(model, EFFECT);
  wn_node absorbed = apply(model, WN_OP_MUL, param(model, KA), gut);
  wn_node C = apply(model, WN_OP_DIV, cent, param(model, V));
  wn_node cleared = apply(model, WN_OP_DIV, apply(model, WN_OP_MUL, param(model, VMAX), C),
                          apply(model, WN_OP_ADD, param(model, KM), C));
  wn_node rhythm =
      apply(model, WN_OP_COS, apply(model, WN_OP_MUL, number(model, 0.25), wn_graph_leaf(model->graph, WN_OP_TIME, 0)),
            WN_NO_NODE);
  wn_node made = apply(model, WN_OP_MUL, param(model, KIN), apply(model, WN_OP_ADD, number(model, 1.5), rhythm));
  wn_node lost =
      apply(model, WN_OP_MUL, effect, apply(model, WN_OP_EXP, apply(model, WN_OP_NEG, C, WN_NO_NODE), WN_NO_NODE));
  model->state[GUT].derivative = apply(model, WN_OP_NEG, absorbed, WN_NO_NODE);
  model->state[CENT].derivative = apply(model, WN_OP_SUB, absorbed, cleared);
  model->state[EFFECT].derivative = apply(model, WN_OP_SUB, made, lost);
  model->state[EFFECT].initial = param(model, KIN);
  model->output[0].value = C;
  model->output[1].value = effect;
  model->output[2].value = apply(model, WN_OP_MUL, number(model, 1000), cent);
  model->route[0].scale[0] = number(model, 1);
  model->route[0].F = number(model, 0.8);
  model->route[1].scale[0] = apply(model, WN_OP_DIV, number(model, 0.25), param(model, V));
  model->route[1].scale[1] = number(model, 0.75);
  model->route[1].rate = param(model, V), model->route[1].has_rate = true;
}

static const declaration template = {
    .param = {{.name = "VMAX", .value = 2, .badge = WN_FITTED, .line = 3},
              {.name = "KM", .value = 0.5, .line = 4},
              {.name = "KA", .value = 1.5, .line = 5},
              {.name = "V", .value = 20, .line = 6},
              {.name = "KIN", .value = 0.7, .line = 7}},
    .state = {{.name = "GUT", .line = 11, .initial = WN_NO_NODE},
              {.name = "CENT", .line = 12, .initial = WN_NO_NODE},
              {.name = "EFFECT", .line = 13, .initial = WN_NO_NODE}},
    .output = {{.name = "C", .line = 21}, {.name = "EFFECT", .line = 22}, {.name = "CENT", .line = 23}},
    .route = {{.name = "GUT", .n_target = 1, .target = {GUT}, .F = WN_NO_NODE, .lag = WN_NO_NODE, .line = 31},
              {.name = "DEPOT", .n_target = 2, .target = {GUT, CENT}, .F = WN_NO_NODE, .lag = WN_NO_NODE, .line = 32}},
    .window = {{.name = "effective", .output = 0, .above = 1, .threshold = 2}},
    .hypothesis = {{.name = "H1"}, {.name = "H2", .n_set = 2}},
    .set = {KM, V},
    .value = {0.25, 30},
};

// NULL when out of memory
static wn_model *declare(void) {
  wn_model *model = wn_model_create();
  declaration *d = model ? wn_arena_alloc(model->arena, sizeof *d) : NULL;
  if (!d) {
    wn_model_destroy(model);
    return NULL;
  }
  *d = template;
  model->path = "small.lua";
  model->name = "small";
  model->param = d->param, model->n_param = N_PARAM;
  model->state = d->state, model->n_state = N_STATE;
  model->output = d->output, model->n_output = 3;
  model->route = d->route, model->n_route = 2;
  model->window = d->window, model->n_window = 1;
  model->hypothesis = d->hypothesis, model->n_hypothesis = 2;
  d->hypothesis[1].param = d->set, d->hypothesis[1].value = d->value;
  declare_equations(model);
  return model;
}

static wn_model *compiled(void) {
  wn_model *model = declare();
  wn_error err = {0};
  if (wn_model_compile(model, &err)) fail_msg("%s", err.message);
  return model;
}

// values of a program for four lanes: param [n][4], state [n][4] -> out [n_output][4]
static void run(const wn_program *program, const double *p, double time, const double *s, double *out) {
  double times[4] = {time, time, time, time};
  double *work = wn_alloc_doubles(wn_program_workspace(program, 4));
  wn_program_bind(program, 4, p, NULL, work);
  wn_program_eval(program, 4, times, s, work, out);
  wn_free(work);
}

// the default parameters, a little different in every lane
static void lane_params(const wn_model *model, double *p) {
  double value[N_PARAM];
  wn_model_defaults(model, -1, value);
  for (int i = 0; i < N_PARAM; i++)
    for (int lane = 0; lane < 4; lane++) p[4 * i + lane] = value[i] * (1 + 0.1 * lane);
}

static const double some_state[4 * N_STATE] = {100, 50, 20, 1, 7, 30, 2, 0.1, 0.5, 1, 2, 3};

static void assert_near(double got, double expected, double tolerance) {
  if (!(fabs(got - expected) <= tolerance)) fail_msg("got %.17g, expected %.17g", got, expected);
}

static void programs_compute_the_equations(void **fixture) {
  (void)fixture;
  wn_model *model = compiled();
  double p[4 * N_PARAM], rhs[4 * N_STATE], initial[4 * N_STATE], outputs[12], routes[4 * 21];
  lane_params(model, p);
  run(model->rhs, p, 9.5, some_state, rhs);
  run(model->initial, p, 9.5, NULL, initial);
  run(model->outputs, p, 9.5, some_state, outputs);
  run(model->routes, p, 9.5, NULL, routes);
  for (int lane = 0; lane < 4; lane++) {
    double gut = some_state[lane], cent = some_state[4 + lane], effect = some_state[8 + lane];
    double vmax = p[lane], km = p[4 + lane], ka = p[8 + lane], v = p[12 + lane], kin = p[16 + lane], C = cent / v;
    assert_near(rhs[lane], -ka * gut, 1e-12);
    assert_near(rhs[4 + lane], ka * gut - vmax * C / (km + C), 1e-12);
    assert_near(rhs[8 + lane], kin * (1.5 + cos(0.25 * 9.5)) - effect * exp(-C), 1e-13);
    assert_true(initial[lane] == 0 && initial[4 + lane] == 0 && initial[8 + lane] == kin);
    assert_near(outputs[lane], C, 1e-14);
    assert_true(outputs[4 + lane] == effect && outputs[8 + lane] == 1000 * cent);
    // F, lag, rate, duration, scales of the two declared routes, then plain ones into CENT and EFFECT
    assert_true(model->n_route_all == 4 && model->route_at[1] == 5 && model->route_at[2] == 11 &&
                model->route_at[3] == 16);
    const double expected[] = {0.8, 0, 0, 0, 1, 1, 0, v, 0, 0.25 / v, 0.75, 1, 0, 0, 0, 1, 1, 0, 0, 0, 1};
    for (int k = 0; k < 21; k++) assert_near(routes[4 * k + lane], expected[k], 1e-16);
  }
  wn_model_destroy(model);
}

// a compartment dosed by number takes the route of its name, or a plain one
static void every_state_has_a_route(void **fixture) {
  (void)fixture;
  wn_model *model = compiled();
  assert_int_equal(wn_model_route_of_state(model, GUT), 0);
  assert_int_equal(wn_model_route_of_state(model, CENT), 2);
  assert_int_equal(wn_model_route_of_state(model, EFFECT), 3);
  assert_true(model->route[3].n_target == 1 && model->route[3].target[0] == EFFECT);
  assert_int_equal(wn_model_find_route(model, "EFFECT"), -1);
  wn_model_destroy(model);
}

// linear: constant coefficients in states, however parameters and covariates enter
static void linear_models_are_known(void **fixture) {
  (void)fixture;
  wn_model *model = compiled();
  assert_false(model->is_linear);
  wn_model_destroy(model);
  for (int kind = 0; kind < 3; kind++) {
    model = declare();
    wn_node rate = apply(model, WN_OP_POW, param(model, KA), wn_graph_leaf(model->graph, WN_OP_COVARIATE, 0));
    if (kind == 1) rate = apply(model, WN_OP_MUL, rate, wn_graph_leaf(model->graph, WN_OP_TIME, 0));
    wn_node flow = apply(model, WN_OP_MUL, rate, state(model, GUT));
    model->state[GUT].derivative = apply(model, WN_OP_NEG, flow, WN_NO_NODE);
    model->state[CENT].derivative = apply(model, WN_OP_SUB, flow, state(model, CENT));
    model->state[EFFECT].derivative = kind == 2 ? wn_graph_leaf(model->graph, WN_OP_TIME, 0) : param(model, KIN);
    wn_error err = {0};
    if (wn_model_compile(model, &err)) fail_msg("%s", err.message);
    assert_int_equal(model->is_linear, kind == 0);
    wn_model_destroy(model);
  }
}

static void the_pattern_is_row_major_without_zeros(void **fixture) {
  (void)fixture;
  wn_model *model = compiled();
  static const int row[] = {GUT, CENT, CENT, EFFECT, EFFECT}, col[] = {GUT, GUT, CENT, CENT, EFFECT};
  assert_int_equal(model->n_nz, 5);
  assert_memory_equal(model->row, row, sizeof row);
  assert_memory_equal(model->col, col, sizeof col);
  assert_int_equal(wn_program_n_output(model->jacobian), 5);
  wn_model_destroy(model);
}

static void the_jacobian_agrees_with_finite_differences(void **fixture) {
  (void)fixture;
  wn_model *model = compiled();
  double p[4 * N_PARAM], jac[4 * N_STATE * N_STATE], up[4 * N_STATE], down[4 * N_STATE], s[4 * N_STATE];
  lane_params(model, p);
  run(model->jacobian, p, 3, some_state, jac);
  for (int k = 0; k < model->n_nz; k++) {
    const double step = 1e-5;
    memcpy(s, some_state, sizeof s);
    for (int lane = 0; lane < 4; lane++) s[4 * model->col[k] + lane] += step;
    run(model->rhs, p, 3, s, up);
    for (int lane = 0; lane < 4; lane++) s[4 * model->col[k] + lane] -= 2 * step;
    run(model->rhs, p, 3, s, down);
    for (int lane = 0; lane < 4; lane++) {
      int at = 4 * model->row[k] + lane;
      assert_near(jac[4 * k + lane], (up[at] - down[at]) / (2 * step), 1e-7);
    }
  }
  wn_model_destroy(model);
}

static void the_newton_matrix_is_solved(void **fixture) {
  (void)fixture;
  wn_model *model = compiled();
  const double gamma[4] = {0.3, 0.1, 0.5, 0.2};
  double p[4 * N_PARAM], jac[4 * N_STATE * N_STATE], x[4 * N_STATE], back[4 * N_STATE];
  lane_params(model, p);
  run(model->jacobian, p, 3, some_state, jac);
  double *work = wn_alloc_doubles(wn_lu_workspace(model->lu, 4));
  assert_int_equal(wn_lu_factor(model->lu, 4, gamma, jac, work), 0);
  memcpy(x, some_state, sizeof x);
  wn_lu_solve(model->lu, 4, work, x);
  // (I - gamma J) x gives the right-hand side back
  memcpy(back, x, sizeof back);
  for (int k = 0; k < model->n_nz; k++)
    for (int lane = 0; lane < 4; lane++)
      back[4 * model->row[k] + lane] -= gamma[lane] * jac[4 * k + lane] * x[4 * model->col[k] + lane];
  for (int i = 0; i < 4 * N_STATE; i++) assert_near(back[i], some_state[i], 1e-12);
  wn_free(work);
  wn_model_destroy(model);
}

// many states that feed one another in a ring through a shared total: sparse although every pair is looked at
static void a_large_model_keeps_its_pattern(void **fixture) {
  (void)fixture;
  enum { N = 40 };
  wn_model *model = wn_model_create();
  model->state = wn_arena_alloc(model->arena, N * sizeof *model->state);
  model->n_state = N;
  wn_node last = state(model, N - 1), drive = apply(model, WN_OP_TANH, last, WN_NO_NODE);
  for (int i = 0; i < N; i++) {
    wn_node in = i ? apply(model, WN_OP_MUL, state(model, i - 1), drive) : drive;
    model->state[i] = (wn_state){.name = wn_arena_printf(model->arena, "S%d", i),
                                 .initial = WN_NO_NODE,
                                 .derivative = apply(model, WN_OP_SUB, in, state(model, i))};
  }
  wn_error err = {0};
  assert_int_equal(wn_model_compile(model, &err), WN_OK);
  // diagonal, the one before, the last; fewer where these coincide
  assert_int_equal(model->n_nz, 3 * N - 2);
  assert_true(wn_lu_n_fill(model->lu) <= 3 * N);
  wn_model_destroy(model);
}

static void structural_zeros_are_left_out(void **fixture) {
  (void)fixture;
  wn_model *model = declare();
  // reads CENT through floor and a comparison only: the derivative vanishes
  wn_node cent = state(model, CENT), level = apply(model, WN_OP_FLOOR, cent, WN_NO_NODE);
  model->state[EFFECT].derivative = apply(model, WN_OP_ADD, level, apply(model, WN_OP_LT, cent, number(model, 2)));
  wn_error err = {0};
  assert_int_equal(wn_model_compile(model, &err), WN_OK);
  for (int k = 0; k < model->n_nz; k++) assert_true(model->row[k] != EFFECT);
  wn_model_destroy(model);
}

// ---- names and numbers ----

static void names_are_found(void **fixture) {
  (void)fixture;
  wn_model *model = compiled();
  assert_int_equal(wn_model_find_param(model, "KM"), KM);
  assert_int_equal(wn_model_find_param(model, "km"), -1);
  assert_int_equal(wn_model_find_state(model, "EFFECT"), EFFECT);
  assert_int_equal(wn_model_find_state(model, "C"), -1);
  assert_int_equal(wn_model_find_output(model, "CENT"), 2);
  assert_int_equal(wn_model_find_route(model, "DEPOT"), 1);
  assert_int_equal(wn_model_find_window(model, "effective"), 0);
  assert_int_equal(wn_model_find_hypothesis(model, "H2"), 1);
  assert_int_equal(wn_model_find_hypothesis(model, ""), -1);
  wn_model_destroy(model);
}

typedef wn_status require(const wn_model *model, const char *name, int *index, wn_error *err);

static void check_require(const wn_model *model, require *call, const char *name, int expected, const char *message) {
  wn_error err = {0};
  int index = -7;
  wn_status status = call(model, name, &index, &err);
  assert_int_equal(status, message ? WN_ERR_USER : WN_OK);
  assert_int_equal(index, expected);
  if (message) assert_string_equal(err.message, message);
}

static void unknown_names_offer_the_nearest(void **fixture) {
  (void)fixture;
  wn_model *model = compiled();
  check_require(model, wn_model_require_param, "KA", KA, NULL);
  check_require(model, wn_model_require_param, "KINN", -1, "unknown parameter 'KINN'; try KIN");
  check_require(model, wn_model_require_param, "clearance", -1,
                "unknown parameter 'clearance'; the model has VMAX, KM, KA, V, KIN");
  check_require(model, wn_model_require_output, "efect", -1, "unknown output 'efect'; try EFFECT");
  check_require(model, wn_model_require_output, "EFFECT", 1, NULL);
  check_require(model, wn_model_require_route, "DEPO", -1, "unknown dose compartment 'DEPO'; try DEPOT");
  check_require(model, wn_model_require_route, "GUT", 0, NULL);
  check_require(model, wn_model_require_window, "efective", -1, "unknown window 'efective'; try effective");
  check_require(model, wn_model_require_window, "effective", 0, NULL);
  check_require(model, wn_model_require_hypothesis, "H2", 1, NULL);
  check_require(model, wn_model_require_hypothesis, "none at all", -1,
                "unknown hypothesis 'none at all'; the model has H1, H2");
  model->n_window = 0;
  check_require(model, wn_model_require_window, "x", -1, "unknown window 'x': the model has none");
  wn_model_destroy(model);
}

static void long_lists_of_names_are_cut(void **fixture) {
  (void)fixture;
  wn_model *model = declare();
  wn_parameter many[40] = {0};
  for (int i = 0; i < 40; i++) many[i].name = wn_arena_printf(model->arena, "parameter_%d", i);
  model->param = many;
  model->n_param = 40;
  wn_error err = {0};
  int index;
  assert_int_equal(wn_model_require_param(model, "zz", &index, &err), WN_ERR_USER);
  assert_non_null(strstr(err.message, "parameter_11, ..."));
  assert_null(strstr(err.message, "parameter_12"));
  wn_alloc_fail_after(0);
  assert_int_equal(wn_model_require_param(model, "zz", &index, &err), WN_ERR_MEMORY);
  wn_alloc_fail_after(-1);
  wn_model_destroy(model);
}

static void defaults_take_a_hypothesis(void **fixture) {
  (void)fixture;
  wn_model *model = compiled();
  const double plain[] = {2, 0.5, 1.5, 20, 0.7}, changed[] = {2, 0.25, 1.5, 30, 0.7};
  double value[N_PARAM];
  wn_model_defaults(model, -1, value);
  assert_memory_equal(value, plain, sizeof plain);
  wn_model_defaults(model, 1, value);
  assert_memory_equal(value, changed, sizeof changed);
  wn_model_defaults(model, 0, value);
  assert_memory_equal(value, plain, sizeof plain);
  wn_model_destroy(model);
}

static void badges_have_names(void **fixture) {
  (void)fixture;
  assert_string_equal(wn_badge_name(WN_MEASURED), "measured");
  assert_string_equal(wn_badge_name(WN_FITTED), "fitted");
  assert_string_equal(wn_badge_name(WN_ASSUMED), "assumed");
}

// ---- mistakes ----

typedef void spoil(wn_model *model);

static void no_equation(wn_model *m) { m->state[CENT].derivative = WN_NO_NODE; }
static void no_such_node(wn_model *m) { m->state[GUT].initial = 1000000; }
static void no_states(wn_model *m) { m->n_state = 0; }
static void param_twice(wn_model *m) { m->param[KA].name = "KM"; }
static void state_twice(wn_model *m) { m->state[CENT].name = "GUT"; }
static void output_twice(wn_model *m) { m->output[1].name = "C"; }
static void route_twice(wn_model *m) { m->route[1].name = "GUT"; }
static void hypothesis_twice(wn_model *m) { m->hypothesis[1].name = "H1"; }
static void state_is_param(wn_model *m) { m->state[EFFECT].name = "KIN"; }
static void nameless(wn_model *m) { m->param[1].name = ""; }
static void no_path(wn_model *m) { m->path = NULL, m->param[1].name = NULL, m->param[1].line = 0; }
static void param_not_finite(wn_model *m) { m->param[V].value = INFINITY; }
static void initial_of_state(wn_model *m) { m->state[EFFECT].initial = state(m, GUT); }
static void output_without_value(wn_model *m) { m->output[0].value = WN_NO_NODE; }
static void output_not_the_state(wn_model *m) { m->output[1].value = state(m, GUT); }
static void output_not_the_param(wn_model *m) { m->output[0].name = "KIN"; }
static void window_of_nothing(wn_model *m) { m->window[0].output = 3; }
static void window_at_nan(wn_model *m) { m->window[0].threshold = NAN; }
static void window_baseline(wn_model *m) { m->window[0].baseline = 3; }
static void hypothesis_of_nothing(wn_model *m) { *(int *)m->hypothesis[1].param = 99; }
static void hypothesis_not_finite(wn_model *m) { *(double *)m->hypothesis[1].value = NAN; }
static void route_to_nowhere(wn_model *m) { m->route[1].target[1] = 3; }
static void route_without_target(wn_model *m) { m->route[0].n_target = 0; }
static void route_to_five(wn_model *m) { m->route[0].n_target = 5; }
static void route_scale_missing(wn_model *m) { m->route[1].scale[1] = WN_NO_NODE; }
static void lag_of_time(wn_model *m) { m->route[0].lag = wn_graph_leaf(m->graph, WN_OP_TIME, 0); }
static void F_of_state(wn_model *m) { m->route[0].F = state(m, GUT); }
static void rate_of_state(wn_model *m) { m->route[1].rate = state(m, CENT); }

static void declare_covariates(wn_model *m, const char *first, const char *second, double value) {
  m->covariate = wn_arena_alloc(m->arena, 2 * sizeof *m->covariate);
  m->n_covariate = 2;
  m->covariate[0] = (wn_covariate){.name = second, .value = 70, .line = 42};
  m->covariate[1] = (wn_covariate){.name = first, .value = value, .line = 41};
}
static void covariate_is_state(wn_model *m) { declare_covariates(m, "CENT", "AGE", 1); }
static void covariate_twice(wn_model *m) { declare_covariates(m, "WT", "WT", 1); }
static void covariate_not_finite(wn_model *m) { declare_covariates(m, "WT", "AGE", NAN); }

static void mistakes_are_named(void **fixture) {
  (void)fixture;
  static const struct {
    spoil *spoil;
    const char *message;
  } rows[] = {
      {no_equation, "small.lua:12: state CENT has no equation; add d.CENT = ..."},
      {no_such_node, "small.lua:11: initial of GUT is not a value of this model"},
      {no_states, "small.lua: the model has no states; declare at least one in states"},
      {param_twice, "small.lua:5: parameter KM is declared twice; rename one"},
      {state_twice, "small.lua:12: state GUT is declared twice; rename one"},
      {output_twice, "small.lua:22: output C is declared twice; rename one"},
      {route_twice, "small.lua:32: dose compartment GUT is declared twice; rename one"},
      {hypothesis_twice, "small.lua: hypothesis H1 is declared twice; rename one"},
      {state_is_param, "small.lua:13: state KIN has the name of a parameter; rename one"},
      {nameless, "small.lua:4: parameter 2 has no name"},
      {no_path, "small: parameter 2 has no name"},
      {param_not_finite, "small.lua:6: parameter V: expected a finite number, got inf"},
      {initial_of_state, "small.lua:13: initial of EFFECT: expected parameters, covariates and t only, got a state"},
      {output_without_value, "small.lua:21: output C has no value; set C in equations"},
      {output_not_the_state, "small.lua:22: output EFFECT is another quantity than the state of that name; rename it"},
      {output_not_the_param, "small.lua:21: output KIN is another quantity than the parameter of that name; rename it"},
      {window_of_nothing, "small.lua: window effective is of an output that is not there"},
      {window_at_nan, "small.lua: window effective: threshold: expected a finite number, got nan"},
      {window_baseline, "small.lua: window effective: baseline: expected 0, 1 or 2, got 3"},
      {hypothesis_of_nothing, "small.lua: hypothesis H2 sets a parameter that is not there"},
      {hypothesis_not_finite, "small.lua: hypothesis H2: KM: expected a finite number, got nan"},
      {route_to_nowhere, "small.lua:32: dose compartment DEPOT enters a state that is not there"},
      {route_without_target, "small.lua:31: dose compartment GUT: expected 1 to 4 states to enter, got 0"},
      {route_to_five, "small.lua:31: dose compartment GUT: expected 1 to 4 states to enter, got 5"},
      {route_scale_missing, "small.lua:32: amount of DEPOT is not a value of this model"},
      {lag_of_time, "small.lua:31: lag of GUT: expected parameters and covariates only, got the time t"},
      {F_of_state, "small.lua:31: F of GUT: expected parameters and covariates only, got a state"},
      {rate_of_state, "small.lua:32: rate of DEPOT: expected parameters and covariates only, got a state"},
      {covariate_is_state, "small.lua:41: covariate CENT has the name of a parameter or state; rename one"},
      {covariate_twice, "small.lua:41: covariate WT is declared twice; rename one"},
      {covariate_not_finite, "small.lua:41: covariate WT: expected a finite number, got nan"},
  };
  for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
    wn_model *model = declare();
    rows[k].spoil(model);
    wn_error err = {0};
    wn_status status = wn_model_compile(model, &err);
    assert_int_equal(status, WN_ERR_USER);
    assert_string_equal(err.message, rows[k].message);
    // without a place for the words the status is the same
    assert_int_equal(wn_model_compile(model, NULL), WN_ERR_USER);
    wn_model_destroy(model);
  }
}

// ---- running out of memory ----

static void every_failed_allocation_is_clean(void **fixture) {
  (void)fixture;
  for (long n = 0;; n++) {
    wn_model *model = declare();
    wn_error err = {0};
    wn_alloc_fail_after(n);
    wn_status status = wn_model_compile(model, &err);
    wn_alloc_fail_after(-1);
    wn_model_destroy(model);
    if (!status) {
      assert_true(n > 40);
      break;
    }
    assert_int_equal(status, WN_ERR_MEMORY);
    assert_int_equal(err.status, WN_ERR_MEMORY);
  }
  for (long n = 0; n < 3; n++) {
    wn_alloc_fail_after(n);
    wn_model *model = wn_model_create();
    wn_alloc_fail_after(-1);
    assert_null(model);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(programs_compute_the_equations),
      cmocka_unit_test(the_pattern_is_row_major_without_zeros),
      cmocka_unit_test(every_state_has_a_route),
      cmocka_unit_test(linear_models_are_known),
      cmocka_unit_test(the_jacobian_agrees_with_finite_differences),
      cmocka_unit_test(the_newton_matrix_is_solved),
      cmocka_unit_test(a_large_model_keeps_its_pattern),
      cmocka_unit_test(structural_zeros_are_left_out),
      cmocka_unit_test(names_are_found),
      cmocka_unit_test(unknown_names_offer_the_nearest),
      cmocka_unit_test(long_lists_of_names_are_cut),
      cmocka_unit_test(defaults_take_a_hypothesis),
      cmocka_unit_test(badges_have_names),
      cmocka_unit_test(mistakes_are_named),
      cmocka_unit_test(every_failed_allocation_is_clean),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

// Runs the model's functions again on plain numbers and compares with the graph that tracing made: what depends on
// anything but the values shows here (a count of runs, the type of a value; branches on values see branches.h).
// Invariant: the points are the same in every run. Must not change the model.
#include "script/model_loader.h"
#include <lauxlib.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>

enum { N_POINT = 7 };
static const double tolerance = 1e-9;  // relative
static const double nudge = 1e-12;     // relative change of every input, to see how rounding is amplified
static const double tiny = 1e-30;      // what a 0 is moved by: its sign may differ between graph and Lua
static const double amplified = 1000;  // times what these change

// What is compared, put into words only where it differs.
typedef struct thing {
  const char *kind, *name;
  int line;  // 0: that of the model
} thing;

// fields of a dose, in the order of its values; the last is `amount`
enum { AMOUNT = WN_ROUTE_SCALE, N_FIELD };
static const char *const fields[] = {"F", "lag", "rate", "duration", "amount"};

typedef struct replay {
  wn_loading *loading;
  int at;  // number of the point
  uint64_t seed;
  int n_variable, n_node;
  wn_node *node;            // variables, derivatives, outputs
  double *traced, *spread;  // [n_node] values at the point, and how far they are from those next to it
  double *nudged;           // [n_node] work
  double *param, *state, *covariate;
  wn_point beside[2];                  // two points next to it
  bool *initial_is_function;           // [n_state]
  bool (*field_is_function)[N_FIELD];  // [n_route]
} replay;

// splitmix64: the same numbers everywhere
static double uniform(replay *r) {
  uint64_t z = r->seed += 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return (double)((z ^ (z >> 31)) >> 11) * 0x1p-53;
}

// the value a little to one side
static double move(replay *r, double value, int side) {
  double by = (side ? -1 : 1) * (0.5 + uniform(r));
  return value != 0 ? value * (1 + nudge * by) : tiny * by;
}

// Covariates at the points 0 and 1: defaults; 2: around them; then whole numbers, as covariates that name a group have.
static void choose_covariates(replay *r, int at) {
  static const double group[N_POINT] = {[3] = 3, [4] = 1, [5] = 0, [6] = 2};
  const wn_model *model = r->loading->model;
  for (int i = 0; i < model->n_covariate; i++) {
    double value = model->covariate[i].value, u = uniform(r);
    if (at == 2) value = value != 0 ? value * (0.5 + u) : u;
    r->covariate[i] = at > 2 ? group[at] : value;
  }
}

// Point 0: defaults, all states exactly 0, time 0. 1: defaults, states about 1. 2 to 4: parameters around their
// defaults, states small, about 1, about 100. 5 and 6: every other state exactly 0, and some parameters.
static void choose_point(replay *r, int at) {
  r->at = at;
  const wn_model *model = r->loading->model;
  static const double magnitude[N_POINT] = {0, 1, 1e-3, 1, 100, 10, 1};
  for (int i = 0; i < model->n_param; i++) {
    double value = model->param[i].value, u = uniform(r), zero = uniform(r);
    if (at >= 2) value = value != 0 ? value * (0.5 + u) : u;
    r->param[i] = at >= 5 && zero < 0.15 ? 0 : value;
  }
  for (int i = 0; i < model->n_state; i++) {
    r->state[i] = magnitude[at] * (0.5 + uniform(r));
    if (at >= 5 && i % 2 == at - 5) r->state[i] = 0;
  }
  choose_covariates(r, at);
  double time = 48 * uniform(r);
  wn_point point = {.time = at == 0 ? 0 : time, .param = r->param, .state = r->state, .covariate = r->covariate};
  r->loading->script->trace->point = point;
  for (int side = 0; side < 2; side++) {
    wn_point *beside = &r->beside[side];
    beside->time = move(r, point.time, side);
    for (int i = 0; i < model->n_param; i++) ((double *)beside->param)[i] = move(r, r->param[i], side);
    for (int i = 0; i < model->n_state; i++) ((double *)beside->state)[i] = move(r, r->state[i], side);
    for (int i = 0; i < model->n_covariate; i++) ((double *)beside->covariate)[i] = move(r, r->covariate[i], side);
  }
}

// the value at the top of the stack, popped
static double take_plain(lua_State *L, const char *what) {
  double value = wn_symbol_get(L, -1, what).value;
  lua_pop(L, 1);
  return value;
}

static wn_place place_of(const replay *r, thing what) {
  wn_place place = r->loading->place;
  if (what.line > 0) place.line = what.line;
  wn_place_call(&place, "%s %.80s", what.kind, what.name);
  return place;
}

static _Noreturn void fail_not_set(const replay *r, thing what) {
  wn_place place = place_of(r, what);
  wn_place_fail(r->loading->L, &place,
                "is not set when run on plain numbers: Lua decided on a value; use where(condition, a, b)");
}

// Differences where plain numbers overflow or divide by zero mean nothing: the graph may know better. Where large terms
// cancel, rounding may show: a value may differ by as much as its inputs' last places can move it.
static void compare(const replay *r, thing what, double plain, double traced, double spread) {
  if (!isfinite(plain)) return;
  double allowed = tolerance * fmax(fabs(plain), fabs(traced)) + amplified * spread;
  if (isfinite(traced) && fabs(plain - traced) <= allowed) return;
  wn_place place = place_of(r, what);
  wn_place_fail(
      r->loading->L, &place,
      "differs when run on plain numbers (%.6g against %.6g): Lua decided on a value; use where(condition, a, "
      "b), or x ~= nil for something optional",
      plain, traced);
}

static void evaluate(const replay *r, const wn_node *nodes, int n, const wn_point *point, double *out) {
  wn_error err;
  if (wn_graph_eval_many(r->loading->script->trace->graph, nodes, n, point, out) && wn_fail_memory(&err))
    wn_lua_rethrow(r->loading->L, &err);
}

// values of the nodes at the point, and how far nudging the inputs moves them (infinitely, when it ends in no number)
static void evaluate_around(const replay *r, const wn_node *nodes, int n, double *traced, double *spread) {
  evaluate(r, nodes, n, &r->loading->script->trace->point, traced);
  for (int i = 0; i < n; i++) spread[i] = 0;
  for (int side = 0; side < 2; side++) {
    evaluate(r, nodes, n, &r->beside[side], r->nudged);
    for (int i = 0; i < n; i++)
      spread[i] = isfinite(r->nudged[i]) ? fmax(spread[i], fabs(r->nudged[i] - traced[i])) : INFINITY;
  }
}

static double *numbers(const replay *r, int n) { return wn_loading_alloc(r->loading, sizeof(double) * (size_t)n); }

static bool is_function(const replay *r, const char *section, int i, const char *field) {
  lua_State *L = r->loading->L;
  int top = lua_gettop(L);
  wn_loading_push_row(r->loading, section, i);
  bool found = lua_getfield(L, -1, field) == LUA_TFUNCTION;
  lua_settop(L, top);
  return found;
}

// only functions can differ; numbers and names of parameters cannot
static void collect_functions(replay *r) {
  const wn_model *model = r->loading->model;
  r->initial_is_function = wn_loading_alloc(r->loading, (size_t)model->n_state * sizeof(bool));
  r->field_is_function = wn_loading_alloc(r->loading, (size_t)model->n_route * sizeof *r->field_is_function);
  for (int i = 0; i < model->n_state; i++) r->initial_is_function[i] = is_function(r, "states", i, "initial");
  for (int i = 0; i < model->n_route; i++)
    for (int k = 0; k < N_FIELD; k++) r->field_is_function[i][k] = is_function(r, "doses", i, fields[k]);
}

static void collect_nodes(replay *r) {
  wn_loading *loading = r->loading;
  lua_State *L = loading->L;
  const wn_model *model = loading->model;
  for (; wn_trace_push_traced(L, r->n_variable); r->n_variable++) lua_pop(L, 1);
  r->n_node = r->n_variable + model->n_state + model->n_output;
  r->param = numbers(r, model->n_param);
  r->state = numbers(r, model->n_state);
  r->covariate = numbers(r, model->n_covariate_all);
  for (int side = 0; side < 2; side++)
    r->beside[side] = (wn_point){.param = numbers(r, model->n_param),
                                 .state = numbers(r, model->n_state),
                                 .covariate = numbers(r, model->n_covariate_all)};
  r->traced = numbers(r, r->n_node);
  r->spread = numbers(r, r->n_node);
  r->nudged = numbers(r, r->n_node);
  wn_node *node = r->node = wn_loading_alloc(loading, sizeof(wn_node) * (size_t)r->n_node);
  // constants become nodes here, before anything is compared
  loading->script->trace->mode = WN_MODE_TRACE;
  for (int i = 0; i < r->n_variable; i++) {
    wn_trace_push_traced(L, i);
    *node++ = wn_symbol_node(L, wn_symbol_get(L, -1, "variable"));
    lua_pop(L, 1);
  }
  for (int i = 0; i < model->n_state; i++) *node++ = model->state[i].derivative;
  for (int i = 0; i < model->n_output; i++) *node++ = model->output[i].value;
}

// variables first: they name the line that is to blame best
static void compare_variables(const replay *r) {
  lua_State *L = r->loading->L;
  for (int i = 0; i < r->n_variable; i++) {
    thing what = {"variable", wn_trace_push_traced(L, i), 0};
    // one that is set on some paths only counts as different
    lua_rawgeti(L, LUA_REGISTRYINDEX, r->loading->script->trace->variables);
    if (lua_getfield(L, -1, what.name) == LUA_TNIL) fail_not_set(r, what);
    compare(r, what, take_plain(L, what.name), r->traced[i], r->spread[i]);
    lua_pop(L, 2);
  }
}

static void compare_equations(const replay *r) {
  wn_loading *loading = r->loading;
  lua_State *L = loading->L;
  const wn_model *model = loading->model;
  const wn_trace *trace = loading->script->trace;
  lua_getfield(L, loading->table, "equations");
  wn_trace_forget(L);
  wn_trace_call(L, -1, 0, 0, &(wn_sight){.what = "equations", .states = true, .time = true, .writes = true});
  lua_pop(L, 1);
  compare_variables(r);
  int at = r->n_variable;
  for (int i = 0; i < model->n_state; i++, at++) {
    thing what = {"derivative of", model->state[i].name, 0};
    if (!wn_trace_push_derivative(L, what.name)) fail_not_set(r, what);
    compare(r, what, trace->derivative_factor[i] * take_plain(L, what.name), r->traced[at], r->spread[at]);
  }
  for (int i = 0; i < model->n_output; i++, at++) {
    thing what = {"output", model->output[i].name, model->output[i].line};
    // its variable has been compared and is there
    wn_trace_push_value(L, what.name);
    compare(r, what, loading->output_factor[i] * take_plain(L, what.name), r->traced[at], r->spread[at]);
  }
}

// a field that is a function of parameters, covariates (and time): its plain value against the node
static void compare_setting(const replay *r, const char *section, int i, const char *field, thing what, wn_node node,
                            double factor, bool time) {
  lua_State *L = r->loading->L;
  int top = lua_gettop(L);
  wn_place place = place_of(r, what);
  wn_loading_push_given(r->loading, section, i, field, &place);
  wn_trace_call(L, -1, 0, 1, &(wn_sight){.what = place.what, .time = time});
  double plain = factor * take_plain(L, field), traced, spread;
  evaluate_around(r, &node, 1, &traced, &spread);
  compare(r, what, plain, traced, spread);
  lua_settop(L, top);
}

static void compare_amount(const replay *r, int i) {
  wn_loading *loading = r->loading;
  lua_State *L = loading->L;
  const wn_route *route = &loading->model->route[i];
  static const double doses[] = {1, 2.5, 0, 400};
  int top = lua_gettop(L);
  thing what = {"amount of", route->name, route->line};
  wn_place place = place_of(r, what);
  wn_loading_push_given(loading, "doses", i, "amount", &place);
  double scale[4];
  evaluate(r, route->scale, route->n_target, &loading->script->trace->point, scale);
  // other doses at the defaults, around them and where parameters are 0; elsewhere one is enough
  int n_dose = r->at == 1 || r->at == 3 || r->at == 4 ? 1 : 4;
  for (int k = 0; k < n_dose; k++) {
    lua_settop(L, top + 1);
    wn_symbol_push(L, wn_symbol_constant(doses[k], NULL));
    wn_trace_call(L, -2, 1, route->n_target, &(wn_sight){.what = place.what});
    for (int j = route->n_target - 1; j >= 0; j--) {
      double plain = loading->route_factor[i][WN_ROUTE_SCALE + j] * take_plain(L, "amount"),
             traced = doses[k] * scale[j];
      if (k == 0) compare(r, what, plain, traced, 0);
      if (isfinite(plain) && fabs(plain - traced) > tolerance * fmax(fabs(plain), fabs(traced)))
        wn_place_fail(L, &place,
                      "not proportional to the dose: a dose of %g gives %.6g, expected %g times that of 1, %.6g",
                      doses[k], plain, doses[k], traced);
    }
  }
  lua_settop(L, top);
}

static void compare_point(const replay *r) {
  const wn_loading *loading = r->loading;
  const wn_model *model = loading->model;
  compare_equations(r);
  for (int i = 0; i < model->n_state; i++) {
    const wn_state *state = &model->state[i];
    if (r->initial_is_function[i])
      compare_setting(r, "states", i, "initial", (thing){"initial value of", state->name, state->line}, state->initial,
                      loading->initial_factor[i], true);
  }
  static const char *const kinds[] = {"F of", "lag of", "rate of", "duration of"};
  for (int i = 0; i < model->n_route; i++) {
    const wn_route *route = &model->route[i];
    const wn_node settings[] = {route->F, route->lag, route->rate, route->duration};
    for (int k = 0; k < AMOUNT; k++)
      if (r->field_is_function[i][k])
        compare_setting(r, "doses", i, fields[k], (thing){kinds[k], route->name, route->line}, settings[k],
                        loading->route_factor[i][k], false);
    if (r->field_is_function[i][AMOUNT]) compare_amount(r, i);
  }
}

void wn_loading_replay(wn_loading *loading) {
  wn_trace *trace = loading->script->trace;
  replay r = {.loading = loading, .seed = 20260101};
  wn_trace_keep(loading->L);
  collect_nodes(&r);
  collect_functions(&r);
  for (int at = 0; at < N_POINT; at++) {
    choose_point(&r, at);
    evaluate_around(&r, r.node, r.n_node, r.traced, r.spread);
    trace->mode = WN_MODE_REPLAY;
    compare_point(&r);
  }
  wn_trace_end(loading->L);
}

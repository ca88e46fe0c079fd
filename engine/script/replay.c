// Runs the model's functions again on plain numbers and compares with the graph that tracing made: what Lua decides by
// itself (if x == 0, x and y, not x, if x) cannot be traced, and shows here. Invariant: the points are the same in
// every run. Must not change the model.
#include "script/model_loader.h"
#include <lauxlib.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>

enum { N_POINT = 6 };
static const double tolerance = 1e-9, cancellation = 1e-12;

typedef struct replay {
  wn_loading *loading;
  uint64_t seed;
  int n_variable;
  double *param, *state, *traced, *variable;  // `traced`: derivatives, then outputs
  wn_node *node, *variable_node;
} replay;

// splitmix64: the same numbers everywhere
static double uniform(replay *r) {
  uint64_t z = r->seed += 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return (double)((z ^ (z >> 31)) >> 11) * 0x1p-53;
}

// Point 0: defaults, all states exactly 0, time 0. 1: defaults, states about 1. 2 to 4: parameters around their
// defaults, states small, about 1, about 100. 5: some parameters and states exactly 0.
static void choose_point(replay *r, int at) {
  const wn_model *model = r->loading->model;
  static const double magnitude[N_POINT] = {0, 1, 1e-3, 1, 100, 10};
  for (int i = 0; i < model->n_param; i++) {
    double value = model->param[i].value, u = uniform(r);
    if (at >= 2) value = value != 0 ? value * (0.5 + u) : u;
    if (at == 5 && uniform(r) < 0.2) value = 0;
    r->param[i] = value;
  }
  for (int i = 0; i < model->n_state; i++) {
    r->state[i] = magnitude[at] * (0.5 + uniform(r));
    if (at == 5 && uniform(r) < 0.4) r->state[i] = 0;
  }
  double time = 48 * uniform(r);
  r->loading->script->trace->point = (wn_point){.time = at == 0 ? 0 : time, .param = r->param, .state = r->state};
}

// the value at the top of the stack, popped
static double take_plain(lua_State *L, const char *what) {
  double value = wn_symbol_get(L, -1, what).value;
  lua_pop(L, 1);
  return value;
}

// differences where plain numbers overflow or divide by zero mean nothing: the graph may know better
static void compare(const replay *r, const wn_place *place, double plain, double traced, double scale) {
  if (!isfinite(plain)) return;
  double allowed = tolerance * fmax(fabs(plain), fabs(traced)) + cancellation * scale;
  if (fabs(plain - traced) <= allowed) return;
  wn_place_fail(
      r->loading->L, place,
      "differs when run on plain numbers (%.6g against %.6g): Lua decided on a value; use where(condition, a, b)",
      plain, traced);
}

static wn_place place_of(const replay *r, const char *kind, const char *name) {
  wn_place place = r->loading->place;
  wn_place_call(&place, "%s %s", kind, name);
  return place;
}

static void collect_nodes(replay *r) {
  wn_loading *loading = r->loading;
  lua_State *L = loading->L;
  const wn_model *model = loading->model;
  while (wn_trace_push_traced(L, r->n_variable)) {
    r->n_variable++;
    lua_pop(L, 1);
  }
  size_t n = (size_t)(model->n_state + model->n_output), n_variable = (size_t)r->n_variable;
  r->param = wn_loading_alloc(loading, sizeof(double) * (size_t)model->n_param);
  r->state = wn_loading_alloc(loading, sizeof(double) * (size_t)model->n_state);
  r->traced = wn_loading_alloc(loading, sizeof(double) * n);
  r->node = wn_loading_alloc(loading, sizeof(wn_node) * n);
  r->variable = wn_loading_alloc(loading, sizeof(double) * n_variable);
  r->variable_node = wn_loading_alloc(loading, sizeof(wn_node) * n_variable);
  for (int i = 0; i < model->n_state; i++) r->node[i] = model->state[i].derivative;
  for (int i = 0; i < model->n_output; i++) r->node[model->n_state + i] = model->output[i].value;
  // constants become nodes here, before anything is compared
  loading->script->trace->mode = WN_MODE_TRACE;
  for (int i = 0; i < r->n_variable; i++) {
    wn_trace_push_traced(L, i);
    r->variable_node[i] = wn_symbol_node(L, wn_symbol_get(L, -1, "variable"));
    lua_pop(L, 1);
  }
}

static void evaluate(replay *r, const wn_node *nodes, int n, double *out) {
  const wn_trace *trace = r->loading->script->trace;
  wn_error err;
  if (wn_graph_eval_many(trace->graph, nodes, n, &trace->point, out) && wn_fail_memory(&err))
    wn_lua_rethrow(r->loading->L, &err);
}

static void compare_variables(replay *r) {
  lua_State *L = r->loading->L;
  evaluate(r, r->variable_node, r->n_variable, r->variable);
  for (int i = 0; i < r->n_variable; i++) {
    const char *name = wn_trace_push_traced(L, i);
    lua_pop(L, 1);
    wn_place place = place_of(r, "variable", name);
    // a variable that is set on one path only
    lua_rawgeti(L, LUA_REGISTRYINDEX, r->loading->script->trace->variables);
    bool set = lua_getfield(L, -1, name) != LUA_TNIL;
    lua_remove(L, -2);
    double plain = set ? take_plain(L, name) : r->variable[i] + 1;
    if (!set) lua_pop(L, 1);
    compare(r, &place, plain, r->variable[i], fabs(r->variable[i]));
  }
}

static void compare_equations(replay *r) {
  wn_loading *loading = r->loading;
  lua_State *L = loading->L;
  const wn_model *model = loading->model;
  lua_getfield(L, loading->table, "equations");
  wn_trace_forget(L);
  wn_trace_call(L, -1, 0, 0, &(wn_sight){.what = "equations", .states = true, .time = true, .writes = true});
  lua_pop(L, 1);
  compare_variables(r);
  evaluate(r, r->node, model->n_state + model->n_output, r->traced);
  // what may be lost where large terms cancel
  double scale = 0;
  for (int i = 0; i < model->n_state; i++) scale = fmax(scale, isfinite(r->traced[i]) ? fabs(r->traced[i]) : 0);
  for (int i = 0; i < model->n_state; i++) {
    const char *name = model->state[i].name;
    wn_place place = place_of(r, "derivative of", name);
    double factor = loading->script->trace->derivative_factor[i];
    double plain = wn_trace_push_derivative(L, name) ? factor * take_plain(L, name) : r->traced[i] + 1;
    compare(r, &place, plain, r->traced[i], scale);
  }
  for (int i = 0; i < model->n_output; i++) {
    const wn_output *o = &model->output[i];
    wn_place place = place_of(r, "output", o->name);
    if (!wn_trace_push_value(L, o->name)) continue;
    double plain = loading->output_factor[i] * take_plain(L, o->name);
    compare(r, &place, plain, r->traced[model->n_state + i], scale * loading->output_factor[i]);
  }
}

// a field that is a function of parameters (and time): its plain value against the node
static void compare_setting(replay *r, const char *section, int i, const char *field, const wn_place *place,
                            wn_node node, double factor, bool time) {
  lua_State *L = r->loading->L;
  int top = lua_gettop(L);
  if (wn_loading_push_given(r->loading, section, i, field, place) == WN_GIVEN_FUNCTION) {
    wn_trace_call(L, -1, 0, 1, &(wn_sight){.what = place->what, .time = time});
    double plain = factor * take_plain(L, field), traced;
    evaluate(r, &node, 1, &traced);
    compare(r, place, plain, traced, 0);
  }
  lua_settop(L, top);
}

static void compare_amount(replay *r, int i, const wn_place *place) {
  wn_loading *loading = r->loading;
  lua_State *L = loading->L;
  const wn_route *route = &loading->model->route[i];
  static const double doses[] = {1, 2.5, 0, 400};
  int top = lua_gettop(L);
  if (wn_loading_push_given(loading, "doses", i, "amount", place) == WN_GIVEN_FUNCTION) {
    double scale[4];
    evaluate(r, route->scale, route->n_target, scale);
    for (int k = 0; k < 4; k++) {
      lua_settop(L, top + 1);
      wn_symbol_push(L, wn_symbol_constant(doses[k], NULL));
      wn_trace_call(L, -2, 1, route->n_target, &(wn_sight){.what = place->what});
      for (int j = route->n_target - 1; j >= 0; j--) {
        double plain = loading->route_factor[i][2 + j] * take_plain(L, "amount"), traced = doses[k] * scale[j];
        if (k == 0) compare(r, place, plain, traced, 0);
        if (isfinite(plain) && fabs(plain - traced) > tolerance * fmax(fabs(plain), fabs(traced)))
          wn_place_fail(L, place,
                        "not proportional to the dose: a dose of %g gives %.6g, expected %g times that of 1, %.6g",
                        doses[k], plain, doses[k], traced);
      }
    }
  }
  lua_settop(L, top);
}

static void compare_point(replay *r) {
  const wn_loading *loading = r->loading;
  const wn_model *model = loading->model;
  compare_equations(r);
  for (int i = 0; i < model->n_state; i++) {
    wn_place place = wn_loading_place(loading, "states", "initial value of", model->state[i].name);
    compare_setting(r, "states", i, "initial", &place, model->state[i].initial, loading->initial_factor[i], true);
  }
  for (int i = 0; i < model->n_route; i++) {
    const wn_route *route = &model->route[i];
    wn_place place = wn_loading_place(loading, "doses", "F of", route->name);
    compare_setting(r, "doses", i, "F", &place, route->F, loading->route_factor[i][0], false);
    wn_place_call(&place, "lag of %s", route->name);
    compare_setting(r, "doses", i, "lag", &place, route->lag, loading->route_factor[i][1], false);
    wn_place_call(&place, "amount of %s", route->name);
    compare_amount(r, i, &place);
  }
}

void wn_loading_replay(wn_loading *loading) {
  wn_trace *trace = loading->script->trace;
  replay r = {.loading = loading, .seed = 20260101};
  wn_trace_keep(loading->L);
  collect_nodes(&r);
  // at each point as numbers, and again with 0 as `false`: Lua takes 0 for true, people do not
  for (int at = 0; at < N_POINT; at++) {
    choose_point(&r, at);
    trace->mode = WN_MODE_REPLAY;
    compare_point(&r);
    if (at == 2 || at == 4) continue;
    trace->mode = WN_MODE_TRUTH;
    wn_symbol_truth(loading->L, true);
    compare_point(&r);
    wn_symbol_truth(loading->L, false);
  }
  trace->mode = WN_MODE_IDLE;
}

// Runs the model's functions once with symbols: equations, outputs, initial values, and what a dose becomes. Invariant:
// when it returns, every node of the model is set and has the unit of its declaration. Must not run them on numbers.
#include "base/text.h"
#include "script/model_loader.h"
#include "script/take.h"
#include <lauxlib.h>
#include <math.h>
#include <stdio.h>

// a name that a field may hold: of a parameter, or of a covariate
static void check_quantity(const wn_loading *loading, const char *name, const char *field, const wn_place *place) {
  const wn_model *model = loading->model;
  if (wn_model_find_param(model, name) >= 0 || wn_model_find_covariate(model, name) >= 0) return;
  const char **names = wn_loading_alloc(loading, sizeof *names * (size_t)(model->n_param + model->n_covariate + 1));
  int n = 0;
  for (int i = 0; i < model->n_param; i++) names[n++] = model->param[i].name;
  for (int i = 0; i < model->n_covariate; i++) names[n++] = model->covariate[i].name;
  const char *near = wn_nearest(name, names, n);
  wn_place_fail(loading->L, place, "%s: unknown parameter '%.60s'%s%s", field, name, near ? "; try " : "",
                near ? near : "");
}

wn_given wn_loading_push_given(const wn_loading *loading, const char *section, int i, const char *field,
                               const wn_place *place) {
  lua_State *L = loading->L;
  wn_loading_push_row(loading, section, i);
  int type = lua_getfield(L, -1, field);
  lua_remove(L, -2);
  if (type == LUA_TNIL) {
    lua_pop(L, 1);
    return WN_GIVEN_NOTHING;
  }
  if (type == LUA_TFUNCTION) return WN_GIVEN_FUNCTION;
  if (type == LUA_TNUMBER) {
    wn_take_number(L, -1, place, field);
    return WN_GIVEN_NUMBER;
  }
  if (type != LUA_TSTRING) wn_take_fail(L, -1, place, field, "a number, the name of a parameter, or a function");
  check_quantity(loading, lua_tostring(L, -1), field, place);
  wn_trace_push_value(L, lua_tostring(L, -1));
  lua_remove(L, -2);
  return WN_GIVEN_PARAM;
}

// the value at the top of the stack, popped, as a node in `unit`; `applied` is the factor it was multiplied by
static wn_node take_node(const wn_loading *loading, const wn_unit *unit, const wn_place *place, double *applied) {
  lua_State *L = loading->L;
  wn_symbol value = wn_symbol_get(L, -1, place->what);
  double factor = *applied = wn_trace_border(L, value, unit, place);
  lua_pop(L, 1);
  wn_symbol none = {WN_NO_NODE, 0, NULL};
  if (factor != 1) value = wn_symbol_apply(L, WN_OP_MUL, value, wn_symbol_constant(factor, NULL), none, unit);
  return wn_symbol_node(L, value);
}

static void trace_equations(wn_loading *loading) {
  lua_State *L = loading->L;
  wn_model *model = loading->model;
  if (lua_getfield(L, loading->table, "equations") != LUA_TFUNCTION)
    wn_take_fail(L, -1, &loading->place, "equations", "a function");
  wn_trace_forget(L);
  wn_trace_call(L, -1, 0, 0, &(wn_sight){.what = "equations", .states = true, .time = true, .writes = true});
  lua_pop(L, 1);
  for (int i = 0; i < model->n_state; i++) {
    wn_state *s = &model->state[i];
    wn_place place = wn_loading_place(loading, s->line, "state", s->name);
    if (!wn_trace_push_derivative(L, s->name))
      wn_place_fail(L, &place, "the equations do not set d.%s; a state that does not change has d.%s = 0", s->name,
                    s->name);
    // units were checked where it was set
    wn_symbol value = wn_symbol_get(L, -1, "derivative");
    lua_pop(L, 1);
    wn_symbol factor = wn_symbol_constant(loading->script->trace->derivative_factor[i], NULL);
    if (factor.value != 1) value = wn_symbol_apply(L, WN_OP_MUL, value, factor, (wn_symbol){WN_NO_NODE, 0, NULL}, NULL);
    s->derivative = wn_symbol_node(L, value);
  }
}

static void trace_outputs(wn_loading *loading) {
  lua_State *L = loading->L;
  wn_model *model = loading->model;
  for (int i = 0; i < model->n_output; i++) {
    wn_output *o = &model->output[i];
    wn_place place = wn_loading_place(loading, o->line, "output", o->name);
    if (!wn_trace_push_value(L, o->name))
      wn_place_fail(L, &place, "no variable, state, covariate or parameter has this name; the equations set variables");
    o->value = take_node(loading, wn_loading_unit(loading, o->unit, &place), &place, &loading->output_factor[i]);
  }
}

static void trace_initial_values(wn_loading *loading) {
  lua_State *L = loading->L;
  wn_model *model = loading->model;
  for (int i = 0; i < model->n_state; i++) {
    wn_state *s = &model->state[i];
    wn_place place = wn_loading_place(loading, s->line, "initial value of", s->name);
    wn_given given = wn_loading_push_given(loading, "states", i, "initial", &place);
    const wn_unit *unit = loading->script->trace->state_unit[i];
    // a bare number is in the state's own unit
    if (given == WN_GIVEN_NOTHING || given == WN_GIVEN_NUMBER) {
      wn_symbol value = wn_symbol_constant(given == WN_GIVEN_NUMBER ? lua_tonumber(L, -1) : 0, unit);
      s->initial = wn_symbol_node(L, value);
      lua_pop(L, given == WN_GIVEN_NUMBER);
      continue;
    }
    if (given == WN_GIVEN_FUNCTION) {
      wn_trace_call(L, -1, 0, 1, &(wn_sight){.what = place.what, .time = true});
      lua_remove(L, -2);
    }
    s->initial = take_node(loading, unit, &place, &loading->initial_factor[i]);
  }
}

// what a field of a dose gives as a node of parameters and covariates in `unit`; a bare number is in that unit. `at` is
// its place among the route's values. False: nothing stands there.
static bool trace_setting(wn_loading *loading, int i, const char *field, int at, const wn_unit *unit, wn_node *node) {
  lua_State *L = loading->L;
  const wn_route *route = &loading->model->route[i];
  wn_place place = wn_loading_place(loading, route->line, field, "");
  wn_place_call(&place, "%s of %s", field, route->name);
  wn_given given = wn_loading_push_given(loading, "doses", i, field, &place);
  if (given == WN_GIVEN_NOTHING) return false;
  if (given == WN_GIVEN_NUMBER) {
    double value = lua_tonumber(L, -1);
    if (at >= WN_ROUTE_RATE && !(value > 0)) wn_place_fail(L, &place, "expected a number above 0, got %g", value);
    *node = wn_symbol_node(L, wn_symbol_constant(value, unit));
    lua_pop(L, 1);
    return true;
  }
  if (given == WN_GIVEN_FUNCTION) {
    wn_trace_call(L, -1, 0, 1, &(wn_sight){.what = place.what});
    lua_remove(L, -2);
  }
  *node = take_node(loading, unit, &place, &loading->route_factor[i][at]);
  return true;
}

// unit of the dose per hour
static const wn_unit *rate_unit(const wn_loading *loading, const wn_route *route) {
  const wn_trace *trace = loading->script->trace;
  wn_error err;
  const wn_unit *amount = wn_loading_unit(loading, route->unit, &loading->place);
  const wn_unit *unit = wn_unit_divide(loading->script->units, amount, trace->hour);
  if (!unit && wn_fail_memory(&err)) wn_lua_rethrow(loading->L, &err);
  return unit;
}

// what one unit of dose becomes in each target; that it is proportional is seen while replaying
static void trace_amount(wn_loading *loading, int i) {
  lua_State *L = loading->L;
  wn_model *model = loading->model;
  wn_route *route = &model->route[i];
  wn_place place = wn_loading_place(loading, route->line, "amount of", route->name);
  wn_given given = wn_loading_push_given(loading, "doses", i, "amount", &place);
  wn_symbol dose = wn_symbol_constant(1, wn_loading_unit(loading, route->unit, &place));
  if (given != WN_GIVEN_FUNCTION && route->n_target != 1)
    wn_place_fail(L, &place, "a dose into %d states needs a function that returns %d amounts", route->n_target,
                  route->n_target);
  if (given == WN_GIVEN_FUNCTION) {
    wn_symbol_push(L, dose);
    // one result more than wanted shows whether there are too many
    wn_trace_call(L, -2, 1, route->n_target + 1, &(wn_sight){.what = place.what});
    lua_remove(L, -2 - route->n_target);
    bool fewer = lua_isnil(L, -2), more = !lua_isnil(L, -1);
    if (fewer || more)
      wn_place_fail(L, &place, "expected %d amounts, got %s", route->n_target, more ? "more" : "fewer");
    lua_pop(L, 1);
  } else if (given == WN_GIVEN_NOTHING) {
    wn_symbol_push(L, dose);
  } else {
    wn_symbol_push(L, wn_symbol_multiply(L, wn_symbol_get(L, -1, place.what), dose));
    lua_remove(L, -2);
  }
  for (int k = route->n_target - 1; k >= 0; k--)
    route->scale[k] = take_node(loading, loading->script->trace->state_unit[route->target[k]], &place,
                                &loading->route_factor[i][WN_ROUTE_SCALE + k]);
}

void wn_loading_trace(wn_loading *loading) {
  wn_trace *trace = loading->script->trace;
  wn_model *model = loading->model;
  loading->output_factor = wn_loading_alloc(loading, sizeof(double) * (size_t)model->n_output);
  loading->initial_factor = wn_loading_alloc(loading, sizeof(double) * (size_t)model->n_state);
  loading->route_factor = wn_loading_alloc(loading, sizeof *loading->route_factor * (size_t)model->n_route);
  wn_trace_begin(loading->L, model);
  trace->mode = WN_MODE_TRACE;
  trace_equations(loading);
  trace_outputs(loading);
  trace_initial_values(loading);
  for (int i = 0; i < model->n_route; i++) {
    wn_route *route = &model->route[i];
    route->F = wn_symbol_node(loading->L, wn_symbol_constant(1, NULL));
    route->lag = route->rate = route->duration = wn_symbol_node(loading->L, wn_symbol_constant(0, NULL));
    trace_setting(loading, i, "F", WN_ROUTE_F, trace->one, &route->F);
    trace_setting(loading, i, "lag", WN_ROUTE_LAG, trace->hour, &route->lag);
    route->has_rate = trace_setting(loading, i, "rate", WN_ROUTE_RATE, rate_unit(loading, route), &route->rate);
    route->has_duration = trace_setting(loading, i, "duration", WN_ROUTE_DURATION, trace->hour, &route->duration);
    trace_amount(loading, i);
  }
}

// The _ENV of a model's functions: names resolve to parameters, covariates, states, time, variables, then to what the
// file itself can see. Invariant: a variable and a derivative are set once; parameters, covariates and states never.
// Must not know what the collected values are for.
#include "script/environment.h"
#include "base/text.h"
#include "script/functions.h"
#include <lauxlib.h>
#include <stdio.h>
#include <string.h>

enum { MAX_OFFERED = 512 };

wn_trace *wn_trace_of(lua_State *L) {
  wn_script *script = wn_sandbox_owner(L);
  return script->trace;
}

static void push_ref(lua_State *L, int ref) { lua_rawgeti(L, LUA_REGISTRYINDEX, ref); }

static int new_table_ref(lua_State *L) {
  lua_newtable(L);
  return luaL_ref(L, LUA_REGISTRYINDEX);
}

// -- values of names

// a model's function, or what it kept, used when the model is no longer being loaded
static void check_running(lua_State *L) {
  if (wn_trace_of(L)->mode == WN_MODE_IDLE) wn_lua_fail_here(L, "a model's functions run only while it is loaded");
}

static void push_leaf(lua_State *L, wn_op op, int index, const double *plain, const wn_unit *unit) {
  wn_trace *trace = wn_trace_of(L);
  wn_symbol symbol = {WN_NO_NODE, 0, NULL};
  if (trace->mode == WN_MODE_TRACE) {
    symbol.node = wn_graph_leaf(trace->graph, op, index);
    symbol.unit = unit;
    wn_error err;
    if (symbol.node == WN_NO_NODE && wn_fail_memory(&err)) wn_lua_rethrow(L, &err);
  } else {
    symbol.value = plain[index];
  }
  wn_symbol_push(L, symbol);
}

wn_symbol wn_trace_time(lua_State *L, const char *what) {
  wn_trace *trace = wn_trace_of(L);
  if (trace->mode == WN_MODE_IDLE || !trace->sight.time)
    wn_lua_fail_here(L, "%s: time is not known %s%s", what,
                     trace->mode == WN_MODE_IDLE ? "outside of equations" : "in the ",
                     trace->mode == WN_MODE_IDLE ? "" : trace->sight.what);
  if (trace->mode != WN_MODE_TRACE) return wn_symbol_constant(trace->point.time, NULL);
  wn_symbol t = {wn_graph_leaf(trace->graph, WN_OP_TIME, 0), 0, trace->hour};
  wn_error err;
  if (t.node == WN_NO_NODE && wn_fail_memory(&err)) wn_lua_rethrow(L, &err);
  return t;
}

// hour of the day, 0 to 24
static wn_symbol clock_value(lua_State *L) {
  wn_symbol t = wn_trace_time(L, "clock"), none = {WN_NO_NODE, 0, NULL};
  wn_symbol day = wn_symbol_constant(24, t.unit);
  wn_symbol days = wn_symbol_apply(L, WN_OP_FLOOR, wn_symbol_divide(L, t, day), none, none, NULL);
  return wn_symbol_subtract(L, t, wn_symbol_multiply(L, day, days));
}

// what a name in the table of names is: its kind of leaf and its index
static lua_Integer name_code(wn_op kind, int index) { return (lua_Integer)index * WN_N_OP + kind; }

// the kind of leaf that the declared name at `key` is, or CONST when it is none
static wn_op find_declared(lua_State *L, int key, int *index) {
  push_ref(L, wn_trace_of(L)->names);
  lua_pushvalue(L, key);
  lua_rawget(L, -2);
  bool found = lua_isinteger(L, -1);
  lua_Integer code = lua_tointeger(L, -1);
  lua_pop(L, 2);
  *index = (int)(code / WN_N_OP);
  return found ? (wn_op)(code % WN_N_OP) : WN_OP_CONST;
}

// push the value of a declared name; false when the name is not declared
static bool push_declared(lua_State *L, int key) {
  wn_trace *trace = wn_trace_of(L);
  int i;
  wn_op kind = find_declared(L, key, &i);
  if (kind == WN_OP_CONST) return false;
  if (kind == WN_OP_PARAM) push_leaf(L, kind, i, trace->point.param, trace->param_unit[i]);
  if (kind == WN_OP_COVARIATE) push_leaf(L, kind, i, trace->point.covariate, trace->covariate_unit[i]);
  if (kind != WN_OP_STATE) return true;
  if (!trace->sight.states)
    wn_lua_fail_here(L, "state '%s' is not known in the %s", lua_tostring(L, key), trace->sight.what);
  push_leaf(L, kind, i, trace->point.state, trace->state_unit[i]);
  return true;
}

static bool push_raw(lua_State *L, int table, int key) {
  table = lua_absindex(L, table);
  lua_pushvalue(L, key);
  if (lua_rawget(L, table) != LUA_TNIL) return true;
  lua_pop(L, 1);
  return false;
}

static void collect_names(lua_State *L, int table, const char **names, int *n) {
  table = lua_absindex(L, table);
  for (lua_pushnil(L); lua_next(L, table); lua_pop(L, 1))
    if (lua_type(L, -2) == LUA_TSTRING && *n < MAX_OFFERED) names[(*n)++] = lua_tostring(L, -2);
}

static _Noreturn void fail_unknown(lua_State *L, int key, int home) {
  wn_trace *trace = wn_trace_of(L);
  const char *name = lua_type(L, key) == LUA_TSTRING ? lua_tostring(L, key) : "?";
  const char *names[MAX_OFFERED] = {"t", "clock", "d"};
  int n = 3;
  push_ref(L, trace->names);
  collect_names(L, -1, names, &n);
  push_ref(L, trace->variables);
  collect_names(L, -1, names, &n);
  collect_names(L, home, names, &n);
  lua_pushglobaltable(L);
  collect_names(L, -1, names, &n);
  const char *near = wn_nearest(name, names, n);
  if (near) wn_lua_fail_here(L, "unknown name '%s' in the %s; try %s", name, trace->sight.what, near);
  wn_lua_fail_here(L,
                   "unknown name '%s' in the %s: expected a parameter, a covariate, a state or a variable set "
                   "before",
                   name, trace->sight.what);
}

static bool key_is(lua_State *L, const char *name) {
  return lua_type(L, 2) == LUA_TSTRING && strcmp(lua_tostring(L, 2), name) == 0;
}

// upvalue 1: the environment the function had in its file
static int view_index(lua_State *L) {
  check_running(L);
  lua_settop(L, 2);
  if (push_declared(L, 2)) return 1;
  push_ref(L, wn_trace_of(L)->variables);
  if (push_raw(L, -1, 2)) return 1;
  if (key_is(L, "t")) {
    wn_symbol_push(L, wn_trace_time(L, "t"));
    return 1;
  }
  if (key_is(L, "clock")) {
    wn_symbol_push(L, clock_value(L));
    return 1;
  }
  if (key_is(L, "d")) {
    push_ref(L, wn_trace_of(L)->homes);
    lua_getfield(L, -1, "d");
    return 1;
  }
  if (push_raw(L, lua_upvalueindex(1), 2)) return 1;
  lua_pushglobaltable(L);
  if (push_raw(L, -1, 2)) return 1;
  fail_unknown(L, 2, lua_upvalueindex(1));
}

// -- setting variables and derivatives

static void check_settable(lua_State *L, const char *name) {
  wn_trace *trace = wn_trace_of(L);
  if (!trace->sight.writes)
    wn_lua_fail_here(L, "the %s cannot set '%s'; write local %s = ...", trace->sight.what, name, name);
  int index;
  wn_op kind = find_declared(L, 2, &index);
  if (kind == WN_OP_PARAM) wn_lua_fail_here(L, "'%s' is a parameter; equations cannot set it", name);
  if (kind == WN_OP_COVARIATE) wn_lua_fail_here(L, "'%s' is a covariate; equations cannot set it", name);
  if (kind == WN_OP_STATE) wn_lua_fail_here(L, "'%s' is a state; equations set its derivative, d.%s = ...", name, name);
  // the names have been seen when a variable was set before
  if (trace->mode == WN_MODE_TRACE && wn_function_is(name))
    wn_lua_fail_here(L, "'%s' is a name of the language; choose another name for the variable", name);
  push_ref(L, trace->variables);
  if (lua_getfield(L, -1, name) != LUA_TNIL) wn_lua_fail_here(L, "variable '%s' is set twice", name);
  lua_settop(L, 3);
}

static int view_newindex(lua_State *L) {
  check_running(L);
  lua_settop(L, 3);
  wn_trace *trace = wn_trace_of(L);
  const char *name = luaL_checkstring(L, 2);
  check_settable(L, name);
  char what[80] = "";
  if (trace->mode == WN_MODE_TRACE || lua_type(L, 3) != LUA_TNUMBER)
    snprintf(what, sizeof what, "variable %.60s", name);
  if (lua_isfunction(L, 3) || lua_istable(L, 3))
    wn_lua_fail_here(L, "%s: expected a value, got a %s; write local %s = ...", what, luaL_typename(L, 3), name);
  wn_symbol_get(L, 3, what);
  push_ref(L, trace->variables);
  lua_pushvalue(L, 3);
  lua_setfield(L, -2, name);
  push_ref(L, trace->order);
  lua_pushvalue(L, 2);
  lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
  return 0;
}

static int state_of_key(lua_State *L) {
  check_running(L);
  wn_trace *trace = wn_trace_of(L);
  const char *name = luaL_checkstring(L, 2);
  int state;
  if (find_declared(L, 2, &state) == WN_OP_STATE) return state;
  const char *names[MAX_OFFERED];
  int n = trace->model->n_state < MAX_OFFERED ? trace->model->n_state : MAX_OFFERED;
  for (int i = 0; i < n; i++) names[i] = trace->model->state[i].name;
  const char *near = wn_nearest(name, names, n);
  if (near) wn_lua_fail_here(L, "d.%s: no such state; try %s", name, near);
  wn_lua_fail_here(L, "d.%s: no such state", name);
}

static int derivative_index(lua_State *L) {
  int state = state_of_key(L);
  if (!wn_trace_push_derivative(L, wn_trace_of(L)->model->state[state].name))
    wn_lua_fail_here(L, "d.%s is read before it is set", lua_tostring(L, 2));
  return 1;
}

static int derivative_newindex(lua_State *L) {
  lua_settop(L, 3);
  wn_trace *trace = wn_trace_of(L);
  int state = state_of_key(L);
  const char *name = lua_tostring(L, 2);
  if (!trace->sight.writes) wn_lua_fail_here(L, "the %s cannot set d.%s", trace->sight.what, name);
  char what[80] = "";
  if (trace->mode == WN_MODE_TRACE || lua_type(L, 3) != LUA_TNUMBER)
    snprintf(what, sizeof what, "derivative of %.60s", name);
  wn_symbol value = wn_symbol_get(L, 3, what);
  push_ref(L, trace->derivatives);
  if (lua_getfield(L, -1, name) != LUA_TNIL) wn_lua_fail_here(L, "derivative of %s is set twice", name);
  lua_pop(L, 1);
  lua_pushvalue(L, 3);
  lua_setfield(L, -2, name);
  if (trace->mode != WN_MODE_TRACE) return 0;
  // the border: nothing but the scale is converted
  char file[64] = "";
  wn_place place = {.file = file};
  if (!wn_lua_place(L, file, &place.line)) place.file = trace->file;
  wn_place_call(&place, "%s", what);
  const wn_unit *unit = wn_unit_divide(trace->units, trace->state_unit[state], trace->hour);
  wn_error err;
  if (!unit && wn_fail_memory(&err)) wn_lua_rethrow(L, &err);
  trace->derivative_factor[state] = wn_trace_border(L, value, unit, &place);
  return 0;
}

double wn_trace_border(lua_State *L, wn_symbol value, const wn_unit *unit, const wn_place *place) {
  if (!value.unit) return 1;
  if (!wn_unit_same_dimension(value.unit, unit))
    wn_place_fail(L, place, "expected %s (or the same dimension), got %s", wn_unit_text(unit),
                  wn_unit_is_one(value.unit) ? "a pure number" : wn_unit_text(value.unit));
  return wn_unit_factor(value.unit, unit);
}

// -- the tables behind it

void wn_trace_open(lua_State *L) {
  wn_trace *trace = wn_trace_of(L);
  trace->names = new_table_ref(L);
  trace->variables = new_table_ref(L);
  trace->order = new_table_ref(L);
  trace->derivatives = new_table_ref(L);
  trace->homes = new_table_ref(L);
  trace->traced = new_table_ref(L);
  // d, whose fields are the derivatives
  push_ref(L, trace->homes);
  lua_newtable(L);
  lua_createtable(L, 0, 3);
  lua_pushcfunction(L, derivative_index);
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, derivative_newindex);
  lua_setfield(L, -2, "__newindex");
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_setmetatable(L, -2);
  lua_setfield(L, -2, "d");
  lua_pop(L, 1);
}

// into the table of names at the top of the stack
static void add_name(lua_State *L, const char *name, wn_op kind, int index) {
  lua_pushinteger(L, name_code(kind, index));
  lua_setfield(L, -2, name);
}

void wn_trace_begin(lua_State *L, wn_model *model) {
  wn_trace *trace = wn_trace_of(L);
  trace->model = model;
  trace->graph = model->graph;
  push_ref(L, trace->names);
  // of names given twice, which the model's check refuses later, the last one added counts
  for (int i = 0; i < model->n_covariate; i++) add_name(L, model->covariate[i].name, WN_OP_COVARIATE, i);
  for (int i = 0; i < model->n_param; i++) add_name(L, model->param[i].name, WN_OP_PARAM, i);
  for (int i = 0; i < model->n_state; i++) add_name(L, model->state[i].name, WN_OP_STATE, i);
  lua_pop(L, 1);
}

void wn_trace_end(lua_State *L) {
  wn_trace *trace = wn_trace_of(L);
  trace->mode = WN_MODE_IDLE;
  trace->sight = (wn_sight){.what = "model"};
  trace->point = (wn_point){.time = 0};
}

void wn_trace_forget(lua_State *L) {
  wn_trace *trace = wn_trace_of(L);
  int *refs[] = {&trace->variables, &trace->order, &trace->derivatives};
  for (int i = 0; i < 3; i++) {
    lua_newtable(L);
    lua_rawseti(L, LUA_REGISTRYINDEX, *refs[i]);
  }
}

bool wn_trace_push_value(lua_State *L, const char *name) {
  wn_trace *trace = wn_trace_of(L);
  trace->sight = (wn_sight){.what = "outputs", .states = true, .time = true};
  lua_pushstring(L, name);
  int key = lua_gettop(L);
  push_ref(L, trace->variables);
  bool found = push_raw(L, -1, key) || push_declared(L, key);
  if (found) lua_replace(L, key);
  lua_settop(L, found ? key : key - 1);
  return found;
}

void wn_trace_keep(lua_State *L) {
  wn_trace *trace = wn_trace_of(L);
  push_ref(L, trace->variables);
  lua_rawseti(L, LUA_REGISTRYINDEX, trace->traced);
  push_ref(L, trace->order);
  push_ref(L, trace->homes);
  lua_insert(L, -2);
  lua_setfield(L, -2, "order");
  lua_pop(L, 1);
}

const char *wn_trace_push_traced(lua_State *L, int i) {
  wn_trace *trace = wn_trace_of(L);
  push_ref(L, trace->homes);
  lua_getfield(L, -1, "order");
  const char *name = lua_rawgeti(L, -1, i + 1) == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
  if (name) {
    // the table of variables keeps the name alive
    push_ref(L, trace->traced);
    lua_getfield(L, -1, name);
    lua_insert(L, -5);
    lua_pop(L, 4);
  } else {
    lua_pop(L, 3);
  }
  return name;
}

bool wn_trace_push_derivative(lua_State *L, const char *name) {
  push_ref(L, wn_trace_of(L)->derivatives);
  bool found = lua_getfield(L, -1, name) != LUA_TNIL;
  lua_remove(L, -2);
  if (!found) lua_pop(L, 1);
  return found;
}

// -- calling

// push an environment that shows the model's names before those of the file: `home` is at the top and is popped
static void push_view(lua_State *L) {
  lua_newtable(L);
  lua_createtable(L, 0, 3);
  lua_pushvalue(L, -3);
  lua_pushcclosure(L, view_index, 1);
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, view_newindex);
  lua_setfield(L, -2, "__newindex");
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_setmetatable(L, -2);
  lua_remove(L, -2);
}

// give the function a view as its _ENV, once; other functions of the file keep theirs
static void give_view(lua_State *L, int function) {
  if (lua_iscfunction(L, function)) return;
  push_ref(L, wn_trace_of(L)->homes);
  lua_pushvalue(L, function);
  bool seen = lua_rawget(L, -2) != LUA_TNIL;
  lua_pop(L, 1);
  for (int i = 1; !seen; i++) {
    const char *name = lua_getupvalue(L, function, i);
    if (!name) break;
    if (strcmp(name, "_ENV") != 0 || !lua_istable(L, -1)) {
      lua_pop(L, 1);
      continue;
    }
    push_view(L);
    // a closure with an upvalue of its own to share
    if (luaL_loadbufferx(L, "return _ENV", 11, "=view", "t") != LUA_OK) lua_error(L);
    lua_insert(L, -2);
    lua_setupvalue(L, -2, 1);
    lua_upvaluejoin(L, function, i, -1, 1);
    lua_pop(L, 1);
    break;
  }
  lua_pushvalue(L, function);
  lua_pushboolean(L, 1);
  lua_rawset(L, -3);
  lua_pop(L, 1);
}

void wn_trace_call(lua_State *L, int index, int n_arg, int n_result, const wn_sight *sight) {
  index = lua_absindex(L, index);
  wn_trace_of(L)->sight = *sight;
  give_view(L, index);
  lua_pushvalue(L, index);
  lua_insert(L, -n_arg - 1);
  lua_call(L, n_arg, n_result);
}

// The functions of the model language. Each works on symbols (recording a node, checking units) and on numbers alike,
// so that models and parts are written once and can be replayed. Must not know names of parameters or states.
#include "script/functions.h"
#include "script/environment.h"
#include <lauxlib.h>
#include <math.h>
#include <string.h>

static const wn_symbol none = {WN_NO_NODE, 0, NULL};

// plain numbers outside of a replay: Lua's own function keeps whole numbers whole
static bool all_numbers(lua_State *L) {
  if (wn_trace_of(L)->mode == WN_MODE_REPLAY) return false;
  int n = lua_gettop(L);
  for (int i = 1; i <= n; i++)
    if (lua_type(L, i) != LUA_TNUMBER) return false;
  return n > 0;
}

static const char *name_of(lua_State *L) { return lua_tostring(L, lua_upvalueindex(1)); }

static void check_count(lua_State *L, int n) {
  if (lua_gettop(L) != n)
    wn_lua_fail_here(L, "%s takes %d value%s, got %d", name_of(L), n, n == 1 ? "" : "s", lua_gettop(L));
}

static wn_symbol argument(lua_State *L, int i) { return wn_symbol_get(L, i, name_of(L)); }

static wn_symbol pure_argument(lua_State *L, int i) {
  wn_symbol a = argument(L, i);
  wn_symbol_need_pure(L, a, name_of(L));
  return a;
}

static const wn_unit *pure(lua_State *L) {
  const wn_trace *trace = wn_trace_of(L);
  return trace->mode == WN_MODE_REPLAY ? NULL : trace->one;
}

// a result made of plain numbers only is a plain number
static int give(lua_State *L, wn_symbol result) {
  int n = lua_gettop(L);
  bool symbolic = wn_trace_of(L)->mode == WN_MODE_REPLAY;
  for (int i = 1; i <= n; i++) symbolic = symbolic || wn_symbol_is(L, i);
  if (!symbolic)
    lua_pushnumber(L, result.value);
  else
    wn_symbol_push(L, result);
  return 1;
}

// upvalues of every function: its name, its opcode, Lua's own function or nil
static wn_op opcode(lua_State *L) { return (wn_op)lua_tointeger(L, lua_upvalueindex(2)); }

static lua_CFunction own_function(lua_State *L) {
  return all_numbers(L) ? lua_tocfunction(L, lua_upvalueindex(3)) : NULL;
}

static int call_transcendental(lua_State *L) {  // exp log sin cos tanh atan
  lua_CFunction own = own_function(L);
  if (own) return own(L);
  check_count(L, 1);
  return give(L, wn_symbol_apply(L, opcode(L), pure_argument(L, 1), none, none, pure(L)));
}

static int call_same_unit(lua_State *L) {  // abs floor
  lua_CFunction own = own_function(L);
  if (own) return own(L);
  check_count(L, 1);
  wn_symbol a = argument(L, 1);
  return give(L, wn_symbol_apply(L, opcode(L), a, none, none, a.unit));
}

static int call_sqrt(lua_State *L) {
  check_count(L, 1);
  wn_symbol a = argument(L, 1);
  const wn_trace *trace = wn_trace_of(L);
  const wn_unit *unit = a.unit && !wn_unit_is_one(a.unit) ? wn_unit_root(trace->units, a.unit, 2) : pure(L);
  if (a.unit && !unit) wn_lua_fail_here(L, "sqrt: %s has no square root", wn_unit_text(a.unit));
  return give(L, wn_symbol_apply(L, WN_OP_SQRT, a, none, none, unit));
}

static int call_pow(lua_State *L) {
  check_count(L, 2);
  return give(L, wn_symbol_power(L, argument(L, 1), argument(L, 2)));
}

static int call_extreme(lua_State *L) {  // min max of one or more
  lua_CFunction own = own_function(L);
  if (own) return own(L);
  int n = lua_gettop(L);
  if (n == 0) check_count(L, 2);
  wn_symbol best = argument(L, 1);
  for (int i = 2; i <= n; i++) {
    wn_symbol next = argument(L, i);
    const wn_unit *unit = wn_symbol_common(L, best, next, opcode(L) == WN_OP_MIN ? "min of" : "max of", "and");
    best = wn_symbol_apply(L, opcode(L), best, next, none, unit);
  }
  return give(L, best);
}

static int call_compare(lua_State *L) {  // lt le gt ge eq ne; gt and ge are lt and le turned round
  check_count(L, 2);
  bool turned = name_of(L)[0] == 'g', negated = name_of(L)[0] == 'n';
  wn_symbol a = argument(L, turned ? 2 : 1), b = argument(L, turned ? 1 : 2);
  wn_symbol_common(L, a, b, "comparing", "with");
  wn_symbol result = wn_symbol_apply(L, opcode(L), a, b, none, pure(L));
  if (negated) result = wn_symbol_apply(L, WN_OP_NOT, result, none, none, pure(L));
  return give(L, result);
}

static int call_logic(lua_State *L) {  // both either negate
  int n = opcode(L) == WN_OP_NOT ? 1 : 2;
  check_count(L, n);
  wn_symbol a = pure_argument(L, 1), b = n == 2 ? pure_argument(L, 2) : none;
  return give(L, wn_symbol_apply(L, opcode(L), a, b, none, pure(L)));
}

static int call_where(lua_State *L) {
  check_count(L, 3);
  wn_symbol condition = pure_argument(L, 1), a = argument(L, 2), b = argument(L, 3);
  const wn_unit *unit = wn_symbol_common(L, a, b, "where: choosing between", "and");
  return give(L, wn_symbol_apply(L, WN_OP_WHERE, condition, a, b, unit));
}

// x^n / (half^n + x^n), 0 for x <= 0
static int call_hill(lua_State *L) {
  check_count(L, 3);
  wn_symbol x = argument(L, 1), half = argument(L, 2), n = argument(L, 3);
  wn_symbol_common(L, x, half, "hill: comparing", "with");
  wn_symbol_need_pure(L, n, "hill: the steepness");
  // the units have been checked: what follows is about numbers
  x.unit = half.unit = n.unit = pure(L);
  wn_symbol zero = wn_symbol_constant(0, pure(L));
  wn_symbol above = wn_symbol_apply(L, WN_OP_LT, zero, x, none, pure(L));
  wn_symbol top = wn_symbol_power(L, x, n), bottom = wn_symbol_add(L, wn_symbol_power(L, half, n), top);
  return give(L, wn_symbol_apply(L, WN_OP_WHERE, above, wn_symbol_divide(L, top, bottom), zero, pure(L)));
}

// 1 + amplitude cos(2 pi (t - peak) / 24 h)
static int call_circadian(lua_State *L) {
  check_count(L, 2);
  wn_symbol peak = argument(L, 1), amplitude = argument(L, 2), t = wn_trace_time(L, "circadian");
  if (peak.unit && peak.unit != wn_trace_of(L)->hour)
    wn_lua_fail_here(L, "circadian: peak: expected h, got %s; a clock time is q(9, \"h\")",
                     wn_unit_is_one(peak.unit) ? "a pure number" : wn_unit_text(peak.unit));
  wn_symbol_need_pure(L, amplitude, "circadian: the amplitude");
  static const double two_pi = 6.283185307179586476925;
  wn_symbol since = wn_symbol_divide(L, wn_symbol_subtract(L, t, peak), wn_symbol_constant(24, t.unit));
  wn_symbol angle = wn_symbol_multiply(L, wn_symbol_constant(two_pi, pure(L)), since);
  wn_symbol wave = wn_symbol_apply(L, WN_OP_COS, angle, none, none, pure(L));
  amplitude.unit = pure(L);
  wn_symbol swing = wn_symbol_multiply(L, amplitude, wave);
  wn_symbol_push(L, wn_symbol_add(L, wn_symbol_constant(1, pure(L)), swing));
  return 1;
}

// q(24, "h"): a number with a unit
static int call_quantity(lua_State *L) {
  check_count(L, 2);
  if (lua_type(L, 1) != LUA_TNUMBER || lua_type(L, 2) != LUA_TSTRING)
    wn_lua_fail_here(L, "q: expected a number and a unit, as in q(24, \"h\")");
  wn_error err;
  const wn_unit *unit = wn_unit_parse(wn_trace_of(L)->units, lua_tostring(L, 2), &err);
  if (!unit && err.status != WN_ERR_USER) wn_lua_rethrow(L, &err);
  if (!unit) wn_lua_fail_here(L, "q: %s", err.message);
  wn_symbol_push(L, wn_symbol_constant(lua_tonumber(L, 1), unit));
  return 1;
}

static const struct {
  const char *name;
  lua_CFunction call;
  wn_op op;
  bool in_math;
} functions[] = {
    {"exp", call_transcendental, WN_OP_EXP, true},   {"log", call_transcendental, WN_OP_LOG, true},
    {"sin", call_transcendental, WN_OP_SIN, true},   {"cos", call_transcendental, WN_OP_COS, true},
    {"tanh", call_transcendental, WN_OP_TANH, true}, {"atan", call_transcendental, WN_OP_ATAN, true},
    {"abs", call_same_unit, WN_OP_ABS, true},        {"floor", call_same_unit, WN_OP_FLOOR, true},
    {"sqrt", call_sqrt, WN_OP_SQRT, true},           {"pow", call_pow, WN_OP_POW, true},
    {"min", call_extreme, WN_OP_MIN, true},          {"max", call_extreme, WN_OP_MAX, true},
    {"lt", call_compare, WN_OP_LT, false},           {"le", call_compare, WN_OP_LE, false},
    {"gt", call_compare, WN_OP_LT, false},           {"ge", call_compare, WN_OP_LE, false},
    {"eq", call_compare, WN_OP_EQ, false},           {"ne", call_compare, WN_OP_EQ, false},
    {"both", call_logic, WN_OP_AND, false},          {"either", call_logic, WN_OP_OR, false},
    {"negate", call_logic, WN_OP_NOT, false},        {"where", call_where, WN_OP_WHERE, false},
    {"hill", call_hill, WN_OP_POW, false},           {"circadian", call_circadian, WN_OP_COS, false},
    {"q", call_quantity, WN_OP_CONST, false},
};
enum { N_FUNCTION = sizeof functions / sizeof functions[0] };

bool wn_function_is(const char *name) {
  static const char *const others[] = {"t", "clock", "d", "pi", "interp", "wane", "math"};
  for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
    if (strcmp(name, others[i]) == 0) return true;
  for (int i = 0; i < N_FUNCTION; i++)
    if (strcmp(name, functions[i].name) == 0) return true;
  return false;
}

void wn_functions_open(lua_State *L) {
  lua_getglobal(L, "math");
  for (int i = 0; i < N_FUNCTION; i++) {
    lua_pushstring(L, functions[i].name);
    lua_pushinteger(L, functions[i].op);
    lua_getfield(L, -3, functions[i].name);
    lua_pushcclosure(L, functions[i].call, 3);
    if (functions[i].in_math) {
      lua_pushvalue(L, -1);
      lua_setfield(L, -3, functions[i].name);
    }
    lua_setglobal(L, functions[i].name);
  }
  lua_getfield(L, -1, "pi");
  lua_setglobal(L, "pi");
  lua_pop(L, 1);
}

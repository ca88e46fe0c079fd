// Values of the equations as Lua sees them: userdata with operators that build the graph and check units. Invariant: an
// operation on symbols is either recorded in full or raises; nothing is converted silently. Must not know which names
// the equations see (environment.c) or what the values are for.
#include "script/symbol.h"
#include "expr/kernels.h"
#include "script/environment.h"
#include <lauxlib.h>
#include <math.h>
#include <stdio.h>

static const char *const symbol_key = "wane.symbol";
enum { MAX_EXPONENT = 12 };

static wn_trace *trace_of(lua_State *L) { return wn_trace_of(L); }

static bool plain_mode(lua_State *L) { return trace_of(L)->mode == WN_MODE_REPLAY; }

wn_symbol wn_symbol_constant(double value, const wn_unit *unit) { return (wn_symbol){WN_NO_NODE, value, unit}; }

wn_symbol wn_symbol_number(lua_State *L, double value) {
  bool anywhere = value == 0 || isinf(value) || plain_mode(L);
  return wn_symbol_constant(value, anywhere ? NULL : trace_of(L)->one);
}

bool wn_symbol_is(lua_State *L, int index) { return luaL_testudata(L, index, symbol_key) != NULL; }

wn_symbol wn_symbol_get(lua_State *L, int index, const char *what) {
  if (lua_type(L, index) == LUA_TNUMBER) return wn_symbol_number(L, lua_tonumber(L, index));
  const wn_symbol *symbol = luaL_testudata(L, index, symbol_key);
  bool plain = plain_mode(L);
  if (symbol && !plain) return *symbol;
  if (symbol && symbol->node == WN_NO_NODE) return wn_symbol_constant(symbol->value, NULL);
  if (symbol) wn_lua_fail_here(L, "%s: a value of an earlier run was kept outside of the model's functions", what);
  const char *got = lua_isboolean(L, index)     ? "a boolean"
                    : lua_isnoneornil(L, index) ? "nothing"
                                                : luaL_typename(L, index);
  wn_lua_fail_here(L, "%s: expected a value, got %s", what, got);
}

void wn_symbol_push(lua_State *L, wn_symbol symbol) {
  const wn_trace *trace = trace_of(L);
  if (trace->mode == WN_MODE_REPLAY) {
    lua_pushnumber(L, symbol.value);
  } else {
    *(wn_symbol *)lua_newuserdatauv(L, sizeof symbol, 0) = symbol;
    luaL_setmetatable(L, symbol_key);
  }
}

const char *wn_symbol_unit_text(wn_symbol a) { return a.unit ? wn_unit_text(a.unit) : "0"; }

static _Noreturn void fail_memory(lua_State *L) {
  wn_error err;
  wn_fail_memory(&err);
  wn_lua_rethrow(L, &err);
}

wn_node wn_symbol_node(lua_State *L, wn_symbol a) {
  if (a.node != WN_NO_NODE) return a.node;
  wn_node node = wn_graph_const(trace_of(L)->graph, a.value);
  if (node == WN_NO_NODE) fail_memory(L);
  return node;
}

wn_symbol wn_symbol_apply(lua_State *L, wn_op op, wn_symbol a, wn_symbol b, wn_symbol c, const wn_unit *unit) {
  int arity = wn_op_arity(op);
  bool constant = a.node == WN_NO_NODE && (arity < 2 || b.node == WN_NO_NODE) && (arity < 3 || c.node == WN_NO_NODE);
  if (constant) return wn_symbol_constant(wn_scalar_op(op, a.value, b.value, c.value), unit);
  wn_node second = arity < 2 ? WN_NO_NODE : wn_symbol_node(L, b);
  wn_node third = arity < 3 ? WN_NO_NODE : wn_symbol_node(L, c);
  wn_symbol result = {wn_graph_apply(trace_of(L)->graph, op, wn_symbol_node(L, a), second, third), 0, unit};
  if (result.node == WN_NO_NODE) fail_memory(L);
  return result;
}

const wn_unit *wn_symbol_common(lua_State *L, wn_symbol a, wn_symbol b, const char *verb, const char *joint) {
  if (!a.unit || !b.unit) return a.unit ? a.unit : b.unit;
  if (wn_unit_same(a.unit, b.unit)) return a.unit;
  const char *one = wn_unit_text(a.unit), *two = wn_unit_text(b.unit);
  char hint[160] = "";
  if (wn_unit_same_dimension(a.unit, b.unit))
    snprintf(hint, sizeof hint, " in scale; convert with q(%.12g, \"%s/(%s)\")", wn_unit_factor(b.unit, a.unit), one,
             two);
  else if (wn_unit_is_one(a.unit) || wn_unit_is_one(b.unit))
    snprintf(hint, sizeof hint, "; q(1, \"%s\") is a number with that unit", wn_unit_is_one(a.unit) ? two : one);
  wn_lua_fail_here(L, "%s %s %s %s: units differ%s", verb, wn_unit_is_one(a.unit) ? "a pure number" : one, joint,
                   wn_unit_is_one(b.unit) ? "a pure number" : two, hint);
}

void wn_symbol_need_pure(lua_State *L, wn_symbol a, const char *what) {
  if (a.unit && !wn_unit_is_one(a.unit))
    wn_lua_fail_here(L, "%s needs a pure number, got %s", what, wn_unit_text(a.unit));
}

static const wn_unit *made(lua_State *L, const wn_unit *unit) {
  if (!unit) fail_memory(L);
  return unit;
}

static const wn_unit *unit_of(lua_State *L, wn_symbol a) { return a.unit ? a.unit : trace_of(L)->one; }

static const wn_symbol none = {WN_NO_NODE, 0, NULL};

wn_symbol wn_symbol_add(lua_State *L, wn_symbol a, wn_symbol b) {
  return wn_symbol_apply(L, WN_OP_ADD, a, b, none, wn_symbol_common(L, a, b, "adding", "to"));
}

wn_symbol wn_symbol_subtract(lua_State *L, wn_symbol a, wn_symbol b) {
  return wn_symbol_apply(L, WN_OP_SUB, a, b, none, wn_symbol_common(L, b, a, "subtracting", "from"));
}

wn_symbol wn_symbol_multiply(lua_State *L, wn_symbol a, wn_symbol b) {
  const wn_unit *unit =
      plain_mode(L) ? NULL : made(L, wn_unit_multiply(trace_of(L)->units, unit_of(L, a), unit_of(L, b)));
  return wn_symbol_apply(L, WN_OP_MUL, a, b, none, unit);
}

wn_symbol wn_symbol_divide(lua_State *L, wn_symbol a, wn_symbol b) {
  const wn_unit *unit =
      plain_mode(L) ? NULL : made(L, wn_unit_divide(trace_of(L)->units, unit_of(L, a), unit_of(L, b)));
  return wn_symbol_apply(L, WN_OP_DIV, a, b, none, unit);
}

wn_symbol wn_symbol_power(lua_State *L, wn_symbol a, wn_symbol b) {
  wn_symbol_need_pure(L, b, "an exponent");
  const wn_unit *unit = NULL;
  if (!plain_mode(L)) {
    unit = unit_of(L, a);
    bool whole = b.node == WN_NO_NODE && b.value == floor(b.value) && fabs(b.value) <= MAX_EXPONENT;
    if (!wn_unit_is_one(unit) && !whole)
      wn_lua_fail_here(L, "a power of %s needs a whole number as exponent; divide by a quantity first",
                       wn_unit_text(unit));
    if (!wn_unit_is_one(unit)) unit = made(L, wn_unit_power(trace_of(L)->units, unit, (int)b.value));
  }
  return wn_symbol_apply(L, WN_OP_POW, a, b, none, unit);
}

// -- metamethods

static int binary(lua_State *L, wn_symbol (*apply)(lua_State *, wn_symbol, wn_symbol), const char *what) {
  wn_symbol a = wn_symbol_get(L, 1, what), b = wn_symbol_get(L, 2, what);
  wn_symbol_push(L, apply(L, a, b));
  return 1;
}

static int symbol_add(lua_State *L) { return binary(L, wn_symbol_add, "adding"); }
static int symbol_sub(lua_State *L) { return binary(L, wn_symbol_subtract, "subtracting"); }
static int symbol_mul(lua_State *L) { return binary(L, wn_symbol_multiply, "multiplying"); }
static int symbol_div(lua_State *L) { return binary(L, wn_symbol_divide, "dividing"); }
static int symbol_pow(lua_State *L) { return binary(L, wn_symbol_power, "raising to a power"); }

static int symbol_unm(lua_State *L) {
  wn_symbol a = wn_symbol_get(L, 1, "minus");
  wn_symbol_push(L, wn_symbol_apply(L, WN_OP_NEG, a, none, none, a.unit));
  return 1;
}

// what a value is not, in words; upvalue 1. A pcall that went on would have decided something by it.
static int symbol_misused(lua_State *L) {
  char file[64] = "?";
  int line = 0;
  wn_lua_place(L, file, &line);
  wn_sandbox_refuse(L, "%s:%d: %s", file, line, lua_tostring(L, lua_upvalueindex(1)));
}

static int guard_rawequal(lua_State *L) {
  lua_settop(L, 2);
  if (!wn_symbol_is(L, 1) && !wn_symbol_is(L, 2)) {
    lua_pushboolean(L, lua_rawequal(L, 1, 2));
    return 1;
  }
  return symbol_misused(L);
}

static int symbol_text(lua_State *L) {
  const wn_symbol *a = luaL_checkudata(L, 1, symbol_key);
  if (a->node == WN_NO_NODE)
    lua_pushfstring(L, "%f %s", a->value, wn_symbol_unit_text(*a));
  else
    lua_pushfstring(L, "a value in %s", wn_symbol_unit_text(*a));
  return 1;
}

static const luaL_Reg arithmetic[] = {{"__add", symbol_add}, {"__sub", symbol_sub}, {"__mul", symbol_mul},
                                      {"__div", symbol_div}, {"__pow", symbol_pow}, {"__unm", symbol_unm},
                                      {NULL, NULL}};

static const struct {
  const char *event, *words;
} misuses[] = {
    {"__lt", "cannot compare while tracing: use where(lt(a, b), x, y)"},
    {"__le", "cannot compare while tracing: use where(lt(a, b), x, y)"},
    {"__eq", "cannot compare while tracing: use where(eq(a, b), x, y)"},
    {"__idiv", "// is not available in the model's functions; use floor(a / b)"},
    {"__mod", "% is not available in the model's functions; use a - b * floor(a / b)"},
    {"__band", "& is not available in the model's functions; use both(a, b)"},
    {"__bor", "| is not available in the model's functions; use either(a, b)"},
    {"__bxor", "~ is not available in the model's functions; use ne(a, b)"},
    {"__bnot", "~ is not available in the model's functions; use negate(a)"},
    {"__shl", "<< is not available in the model's functions"},
    {"__shr", ">> is not available in the model's functions"},
    {"__concat", "a value of the model cannot become text: it is not known yet"},
    {"__index", "a value of the model has no fields"},
    {"__newindex", "a value of the model has no fields"},
    {"__call", "a value of the model is not a function; is a * missing?"},
    {"__len", "a value of the model has no length"},
};

void wn_symbol_open(lua_State *L) {
  luaL_newmetatable(L, symbol_key);
  luaL_setfuncs(L, arithmetic, 0);
  for (size_t i = 0; i < sizeof misuses / sizeof misuses[0]; i++) {
    lua_pushstring(L, misuses[i].words);
    lua_pushcclosure(L, symbol_misused, 1);
    lua_setfield(L, -2, misuses[i].event);
  }
  lua_pushliteral(L, "value of the model");
  lua_setfield(L, -2, "__name");
  lua_pushcfunction(L, symbol_text);
  lua_setfield(L, -2, "__tostring");
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_pop(L, 1);
  lua_pushliteral(L, "cannot compare while tracing: use where(eq(a, b), x, y)");
  lua_pushcclosure(L, guard_rawequal, 1);
  lua_setglobal(L, "rawequal");
}

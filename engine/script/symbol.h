// symbol.h - what equations compute with: a node of the expression graph with its unit while tracing, a plain number
// while replaying. Every operation checks units. All functions are called from Lua code or inside a body and raise.
#ifndef WN_SCRIPT_SYMBOL_H
#define WN_SCRIPT_SYMBOL_H

#include "base/units.h"
#include "expr/graph.h"
#include "script/sandbox.h"

// A value of the language. In Lua: a userdata, or a plain number (which has no unit).
typedef struct wn_symbol {
  wn_node node;         // WN_NO_NODE: a constant
  double value;         // of a constant
  const wn_unit *unit;  // NULL fits everywhere: a bare 0 or infinity; and while replaying
} wn_symbol;

// What operations on values do.
typedef enum wn_mode {
  WN_MODE_IDLE,    // outside of the model's functions: constants with units
  WN_MODE_TRACE,   // build the graph
  WN_MODE_REPLAY,  // plain numbers
} wn_mode;

// Once per state: the metatable of symbols.
void wn_symbol_open(lua_State *L);

// The value at `index` (a symbol, a number); raises "exp: expected a value, got nothing".
wn_symbol wn_symbol_get(lua_State *L, int index, const char *what);
bool wn_symbol_is(lua_State *L, int index);  // a symbol, not a number
void wn_symbol_push(lua_State *L, wn_symbol symbol);

wn_symbol wn_symbol_constant(double value, const wn_unit *unit);
wn_symbol wn_symbol_number(lua_State *L, double value);  // without unit; 0 and infinity fit everywhere

// Apply an opcode; units are the caller's business (the result has `unit`). Constants give a constant.
wn_symbol wn_symbol_apply(lua_State *L, wn_op op, wn_symbol a, wn_symbol b, wn_symbol c, const wn_unit *unit);

// The operators with their unit rules.
wn_symbol wn_symbol_add(lua_State *L, wn_symbol a, wn_symbol b);
wn_symbol wn_symbol_subtract(lua_State *L, wn_symbol a, wn_symbol b);
wn_symbol wn_symbol_multiply(lua_State *L, wn_symbol a, wn_symbol b);
wn_symbol wn_symbol_divide(lua_State *L, wn_symbol a, wn_symbol b);
wn_symbol wn_symbol_power(lua_State *L, wn_symbol a, wn_symbol b);

// The common unit of two values, or "adding nmol to nmol/L: units differ": `verb` is "adding %s to %s".
const wn_unit *wn_symbol_common(lua_State *L, wn_symbol a, wn_symbol b, const char *verb, const char *joint);

// Raise unless the value is a pure number: "exp: expected a pure number, got 1/h".
void wn_symbol_need_pure(lua_State *L, wn_symbol a, const char *what);

// "nmol/L"; "0" for what fits everywhere.
const char *wn_symbol_unit_text(wn_symbol a);

// The node of a value; a constant becomes one.
wn_node wn_symbol_node(lua_State *L, wn_symbol a);

#endif

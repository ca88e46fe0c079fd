// order.h - the order of a table's keys, and texts of values, that are the same in every run. Lua seeds the hashes of
// each state anew and shows addresses: a list built with `pairs` would have another order in every thread of a sweep.
#ifndef WN_SCRIPT_ORDER_H
#define WN_SCRIPT_ORDER_H

#include <lua.h>
#include <stdbool.h>

// Lua's functions of these names. Keys come in this order: numbers ascending, texts by their bytes, false, true. One
// key that is a table, function or userdata comes last; of several the order could not be known: that is an error. As
// in Lua, fields may be changed or removed meanwhile; fields added meanwhile are not met.
int wn_lua_pairs(lua_State *L);
int wn_lua_next(lua_State *L);

// Push a list of the keys of the table at `table` (an absolute index) in this order; returns how many there are.
lua_Integer wn_lua_push_keys(lua_State *L, int table);

// "table" instead of "table: 0x55...".
int wn_lua_tostring(lua_State *L);

// True when Lua's text of the value at `index` would hold its address.
bool wn_lua_has_address(lua_State *L, int index);

#endif

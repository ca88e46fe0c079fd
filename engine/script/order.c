// See order.h. Invariant: nothing depends on where a table keeps a key. Must not know what tables mean.
#include "script/order.h"
#include "script/sandbox.h"
#include <lauxlib.h>
#include <math.h>
#include <string.h>

static int rank(int type) {
  switch (type) {
  case LUA_TNUMBER: return 0;
  case LUA_TSTRING: return 1;
  case LUA_TBOOLEAN: return 2;
  default: return 3;
  }
}

static int compare_texts(lua_State *L, int a, int b) {
  size_t n, m;
  const char *x = lua_tolstring(L, a, &n), *y = lua_tolstring(L, b, &m);
  const int order = memcmp(x, y, n < m ? n : m);
  return order ? order : (n > m) - (n < m);
}

// below 0: the key at `a` comes before the one at `b`
static int compare(lua_State *L, int a, int b) {
  const int type = lua_type(L, a), x = rank(type), y = rank(lua_type(L, b));
  if (x != y) return x - y;
  if (lua_rawequal(L, a, b)) return 0;
  if (x == 0) return lua_compare(L, a, b, LUA_OPLT) ? -1 : 1;
  if (x == 1) return compare_texts(L, a, b);
  if (x == 2) return lua_toboolean(L, a) - lua_toboolean(L, b);
  wn_lua_fail_here(L, "the order of several keys that are a %s is not the same in every run; use a list",
                   lua_typename(L, type));
}

static int is_before(lua_State *L) {
  lua_pushboolean(L, compare(L, 1, 2) < 0);
  return 1;
}

lua_Integer wn_lua_push_keys(lua_State *L, int table) {
  lua_Integer n = 0;
  lua_newtable(L);
  const int list = lua_gettop(L);
  for (lua_pushnil(L); lua_next(L, table); lua_pop(L, 1)) {
    lua_pushvalue(L, -2);
    lua_rawseti(L, list, ++n);
  }
  wn_sandbox_charge(L, (size_t)((double)n * (2 + log2((double)n + 1))));
  lua_getfield(L, LUA_REGISTRYINDEX, WN_SANDBOX_SORT);
  lua_pushvalue(L, list);
  lua_pushcfunction(L, is_before);
  lua_call(L, 2, 0);
  return n;
}

// upvalues: the keys, how many there are, where the loop is
static int step(lua_State *L) {
  lua_Integer at = lua_tointeger(L, lua_upvalueindex(3));
  const lua_Integer n = lua_tointeger(L, lua_upvalueindex(2));
  lua_settop(L, 1);
  while (at < n) {
    lua_rawgeti(L, lua_upvalueindex(1), ++at);
    lua_pushvalue(L, -1);
    // (a field that was removed meanwhile is passed over)
    if (lua_rawget(L, 1) == LUA_TNIL) {
      lua_settop(L, 1);
      continue;
    }
    lua_pushinteger(L, at);
    lua_replace(L, lua_upvalueindex(3));
    return 2;
  }
  lua_pushnil(L);
  return 1;
}

int wn_lua_pairs(lua_State *L) {
  luaL_checkany(L, 1);
  if (luaL_getmetafield(L, 1, "__pairs") != LUA_TNIL) {
    lua_pushvalue(L, 1);
    lua_call(L, 1, 3);
    return 3;
  }
  luaL_checktype(L, 1, LUA_TTABLE);
  const lua_Integer n = wn_lua_push_keys(L, 1);
  lua_pushinteger(L, n);
  lua_pushinteger(L, 0);
  lua_pushcclosure(L, step, 3);
  lua_pushvalue(L, 1);
  lua_pushnil(L);
  return 3;
}

int wn_lua_next(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 2);
  const bool is_first = lua_isnil(L, 2);
  size_t n = 0;
  lua_pushnil(L);  // 3: the best so far
  for (lua_pushnil(L); lua_next(L, 1); lua_pop(L, 1), n++) {
    const bool is_after = is_first || compare(L, 4, 2) > 0;
    if (!is_after || (!lua_isnil(L, 3) && compare(L, 4, 3) > 0)) continue;
    lua_pushvalue(L, 4);
    lua_replace(L, 3);
  }
  wn_sandbox_charge(L, n);
  if (lua_isnil(L, 3)) return 1;
  lua_pushvalue(L, 3);
  lua_rawget(L, 1);
  return 2;
}

bool wn_lua_has_address(lua_State *L, int index) {
  const int type = lua_type(L, index);
  if (type == LUA_TNIL || type == LUA_TBOOLEAN || type == LUA_TNUMBER || type == LUA_TSTRING) return false;
  if (luaL_getmetafield(L, index, "__tostring") == LUA_TNIL) return true;
  lua_pop(L, 1);
  return false;
}

int wn_lua_tostring(lua_State *L) {
  luaL_checkany(L, 1);
  if (wn_lua_has_address(L, 1))
    lua_pushstring(L, luaL_typename(L, 1));
  else
    luaL_tolstring(L, 1, NULL);
  return 1;
}

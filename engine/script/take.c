// take.c - values out of a user's tables. Invariant: the stack is as it was when a function returns, unless its name
// says push. Knows nothing of scenarios, models or doses.

#include "script/take.h"

#include "base/text.h"

#include <lauxlib.h>
#include <math.h>
#include <string.h>

enum { MAX_DAYS = 1000000 };

// the value as its author would recognise it: 'text', number, or the name of its type; pushed
static const char *push_got(lua_State *L, int index) {
  index = lua_absindex(L, index);
  switch (lua_type(L, index)) {
  case LUA_TSTRING: {
    const char *text = lua_tostring(L, index);
    return strlen(text) > 60 ? lua_pushfstring(L, "a text of %d characters", (int)strlen(text))
                             : lua_pushfstring(L, "'%s'", text);
  }
  case LUA_TNUMBER:
  case LUA_TBOOLEAN: return luaL_tolstring(L, index, NULL);
  default: return lua_pushstring(L, wn_lua_type_words(L, index));
  }
}

void wn_take_fail(lua_State *L, int index, const wn_place *place, const char *label, const char *expected) {
  const char *got = push_got(L, index);
  wn_place_fail(L, place, "%s%sexpected %s, got %s", label ? label : "", label ? ": " : "", expected, got);
}

double wn_take_number(lua_State *L, int index, const wn_place *place, const char *label) {
  double value = lua_tonumber(L, index);
  if (lua_type(L, index) != LUA_TNUMBER || !isfinite(value)) wn_take_fail(L, index, place, label, "a number");
  return value;
}

double wn_take_duration(lua_State *L, int index, const wn_place *place, const char *label) {
  double hours = lua_tonumber(L, index);
  bool number = lua_type(L, index) == LUA_TNUMBER && isfinite(hours);
  bool text = lua_type(L, index) == LUA_TSTRING && wn_parse_duration(lua_tostring(L, index), &hours);
  if (!number && !text) wn_take_fail(L, index, place, label, "hours or a duration like \"90min\" or \"14d\"");
  return hours;
}

double wn_take_span(lua_State *L, int index, const wn_place *place, const char *label) {
  double hours = wn_take_duration(L, index, place, label);
  if (hours <= 0) wn_take_fail(L, index, place, label, "a duration above 0");
  return hours;
}

double wn_take_clock(lua_State *L, int index, const wn_place *place, const char *label) {
  double hours = lua_tonumber(L, index);
  bool number = lua_type(L, index) == LUA_TNUMBER && hours >= 0 && hours <= 24;
  bool text = lua_type(L, index) == LUA_TSTRING && wn_parse_clock(lua_tostring(L, index), &hours);
  if (!number && !text) wn_take_fail(L, index, place, label, "a clock time like 22:00");
  return hours;
}

double wn_take_time(lua_State *L, int index, const wn_place *place, const char *label) {
  double hours = lua_tonumber(L, index);
  if (lua_type(L, index) == LUA_TNUMBER && isfinite(hours)) return hours;
  const char *text = lua_type(L, index) == LUA_TSTRING ? lua_tostring(L, index) : "";
  if (!wn_parse_clock(text, &hours) && !wn_parse_duration(text, &hours))
    wn_take_fail(L, index, place, label, "a clock time like 22:00 or hours");
  return hours;
}

// The whole number from 1 on that x is but for rounding (10 days are 10/7 weeks times 7), or 0.
static double whole(double x) {
  double nearest = round(x);
  return nearest >= 1 && nearest <= MAX_DAYS && fabs(x - nearest) <= 1e-12 * x ? nearest : 0;
}

double wn_take_day(lua_State *L, int index, const wn_place *place, const char *label) {
  double day = lua_type(L, index) == LUA_TNUMBER ? whole(lua_tonumber(L, index)) : 0;
  if (day == 0) wn_take_fail(L, index, place, label, "a whole number from 1");
  return day;
}

double wn_take_days(lua_State *L, int index, const wn_place *place, const char *label) {
  double days = 0, hours;
  if (lua_type(L, index) == LUA_TNUMBER) days = lua_tonumber(L, index);
  if (lua_type(L, index) == LUA_TSTRING && wn_parse_duration(lua_tostring(L, index), &hours)) days = hours / 24;
  days = whole(days);
  if (days == 0) wn_take_fail(L, index, place, label, "a whole number of days like 28 or \"4wk\"");
  return days;
}

const char *wn_take_text(lua_State *L, int index, const wn_place *place, const char *label) {
  if (lua_type(L, index) != LUA_TSTRING) wn_take_fail(L, index, place, label, "a text");
  return lua_tostring(L, index);
}

double wn_take_or(lua_State *L, int index, wn_take *take, double fallback, const wn_place *place, const char *label) {
  return !isnan(fallback) && lua_isnil(L, index) ? fallback : take(L, index, place, label);
}

const char *wn_take_text_or(lua_State *L, int index, const char *fallback, const wn_place *place, const char *label) {
  return fallback && lua_isnil(L, index) ? fallback : wn_take_text(L, index, place, label);
}

double wn_take_field(lua_State *L, int table, const char *field, wn_take *take, double fallback,
                     const wn_place *place) {
  lua_getfield(L, table, field);
  double value = wn_take_or(L, -1, take, fallback, place, field);
  lua_pop(L, 1);
  return value;
}

const char *wn_take_field_text(lua_State *L, int table, const char *field, const char *fallback,
                               const wn_place *place) {
  lua_getfield(L, table, field);
  const char *text = wn_take_text_or(L, -1, fallback, place, field);
  lua_pop(L, 1);
  return text;
}

double wn_take_entry(lua_State *L, int table, int i, wn_take *take, const wn_place *place, const char *label) {
  lua_geti(L, table, i);
  double value = take(L, -1, place, label);
  lua_pop(L, 1);
  return value;
}

const char *wn_take_entry_text(lua_State *L, int table, int i, const wn_place *place, const char *label) {
  lua_geti(L, table, i);
  const char *text = wn_take_text(L, -1, place, label);
  lua_pop(L, 1);
  return text;
}

bool wn_take_given(lua_State *L, int table, const char *field) {
  bool given = lua_getfield(L, table, field) != LUA_TNIL;
  lua_pop(L, 1);
  return given;
}

int wn_take_push_list(lua_State *L, int table, const char *field, const wn_place *place) {
  if (lua_getfield(L, table, field) == LUA_TNIL) return 0;
  if (!lua_istable(L, -1)) wn_take_fail(L, -1, place, field, "a list in braces");
  int n = (int)lua_rawlen(L, -1);
  wn_place list = *place;
  wn_place_add(&list, ": ");
  wn_place_add(&list, field);
  wn_lua_check_fields(L, -1, (const char *const[]){NULL}, n, &list);
  return n;
}

void wn_take_rethrow(lua_State *L, const wn_place *place, const char *label, const wn_error *err) {
  if (err->status != WN_ERR_USER) wn_lua_rethrow(L, err);
  wn_place_fail(L, place, "%s%s%s", label ? label : "", label ? ": " : "", err->message);
}

void *wn_take_alloc(lua_State *L, wn_arena *arena, size_t size) {
  void *block = wn_arena_alloc(arena, size);
  wn_error err;
  if (!block && wn_fail_memory(&err)) wn_lua_rethrow(L, &err);
  return block;
}

char *wn_take_keep(lua_State *L, wn_arena *arena, const char *text) {
  size_t size = strlen(text) + 1;
  return memcpy(wn_take_alloc(L, arena, size), text, size);
}

// __index of a guarded table; the upvalue says what its names are
static int unknown_name(lua_State *L) {
  enum { MAX_NAMES = 256 };
  const char *names[MAX_NAMES], *what = lua_tostring(L, lua_upvalueindex(1)), *name = luaL_tolstring(L, 2, NULL);
  int n = 0;
  for (lua_pushnil(L); lua_next(L, 1); lua_pop(L, 1))
    if (lua_type(L, -2) == LUA_TSTRING && n < MAX_NAMES) names[n++] = lua_tostring(L, -2);
  const char *nearest = wn_nearest(name, names, n);
  wn_lua_fail_here(L, "unknown %s '%s'%s%s", what, name, nearest ? "; try " : "", nearest ? nearest : "");
}

void wn_take_guard(lua_State *L, const char *what) {
  // one metatable for all tables of such names, which no file can reach
  if (lua_getfield(L, LUA_REGISTRYINDEX, what) == LUA_TNIL) {
    lua_pop(L, 1);
    lua_createtable(L, 0, 2);
    lua_pushstring(L, what);
    lua_pushcclosure(L, unknown_name, 1);
    lua_setfield(L, -2, "__index");
    lua_pushboolean(L, false);
    lua_setfield(L, -2, "__metatable");
    lua_pushvalue(L, -1);
    lua_setfield(L, LUA_REGISTRYINDEX, what);
  }
  lua_setmetatable(L, -2);
}

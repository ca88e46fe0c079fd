// What the sandbox lets a file use: an allow list of Lua's libraries, with guards in front of the functions that could
// run for long or grow without the VM counting steps. Invariant: every loop that runs in C is bounded by a cap or
// charged to the budget. Must not know models or scenarios.
#include "script/order.h"
#include "script/sandbox.h"
#include <lauxlib.h>
#include <lualib.h>
#include <math.h>
#include <string.h>

enum { MAX_RANGE = 10000 };           // values a call may return or move
static const double max_match = 1e8;  // worst case of one pattern match, in steps
enum { MATCHES_PER_STEP = 100 };

// go on in the library function this guard stands before (same frame, same arguments)
static int go_on(lua_State *L) { return lua_tocfunction(L, lua_upvalueindex(1))(L); }

static int guard_rep(lua_State *L) {
  size_t length, between;
  luaL_checklstring(L, 1, &length);
  lua_Integer n = luaL_checkinteger(L, 2);
  luaL_optlstring(L, 3, "", &between);
  if (n > 0 && (double)n * (double)(length + between) > WN_SANDBOX_STRING)
    wn_lua_fail_here(L, "string.rep: a text of more than %d bytes", WN_SANDBOX_STRING);
  // an empty text repeated is empty, but the library would count all the way
  if (length + between == 0) {
    lua_pushliteral(L, "");
    return 1;
  }
  return go_on(L);
}

// worst case of matching at every position: each quantifier can try every length
static double match_cost(const char *pattern, size_t n_pattern, size_t n_subject) {
  double n = (double)n_subject + 1, cost = n;
  for (size_t i = 0; i < n_pattern; i++) {
    char c = pattern[i];
    if (c == '%' && i + 1 < n_pattern) {
      c = pattern[++i];
      if (c == 'b' || (c >= '1' && c <= '9')) cost *= n;
    } else if (c == '*' || c == '+' || c == '-') {
      cost *= n;
    } else if (c == '?') {
      cost *= 2;
    }
  }
  return cost;
}

static int guard_pattern(lua_State *L) {
  size_t n_subject, n_pattern;
  luaL_checklstring(L, 1, &n_subject);
  const char *pattern = luaL_checklstring(L, 2, &n_pattern);
  double cost = match_cost(pattern, n_pattern, n_subject);
  // a plain search compares the whole text at every position at worst
  double plain = ((double)n_subject + 1) * ((double)n_pattern + 1);
  cost = strpbrk(pattern, "^$*+?.([%-") ? fmax(cost, plain) : plain;
  if (cost > max_match)
    wn_lua_fail_here(L, "the pattern '%.40s' may take too long on a text of %zu characters", pattern, n_subject);
  wn_sandbox_charge(L, (size_t)(cost / MATCHES_PER_STEP));
  return go_on(L);
}

// a table whose length and entries are its own, so that the library's loops are as long as the table
static void check_plain(lua_State *L, int index) {
  luaL_checktype(L, index, LUA_TTABLE);
  if (lua_getmetatable(L, index)) wn_lua_fail_here(L, "the table functions need a plain table, without metatable");
  wn_sandbox_charge(L, (size_t)lua_rawlen(L, index));
}

static int guard_list(lua_State *L) {
  check_plain(L, 1);
  return go_on(L);
}

static int guard_sort(lua_State *L) {
  check_plain(L, 1);
  double n = (double)lua_rawlen(L, 1);
  wn_sandbox_charge(L, (size_t)(4 * n * log2(n + 2)));
  return go_on(L);
}

static void check_range(lua_State *L, lua_Integer from, lua_Integer to) {
  if (to >= from && (double)to - (double)from >= MAX_RANGE)
    wn_lua_fail_here(L, "a range of more than %d values", MAX_RANGE);
  if (to >= from) wn_sandbox_charge(L, (size_t)(to - from));
}

static int guard_range_of_list(lua_State *L) {  // unpack(t, i, j), and concat(t, between, i, j) with first = 3
  int first = (int)lua_tointeger(L, lua_upvalueindex(2));
  check_plain(L, 1);
  lua_Integer n = (lua_Integer)lua_rawlen(L, 1);
  lua_Integer from = luaL_optinteger(L, first, 1), to = luaL_optinteger(L, first + 1, n);
  if (first == 2 || to > n) check_range(L, from, to);
  return go_on(L);
}

static int guard_move(lua_State *L) {
  check_plain(L, 1);
  if (!lua_isnoneornil(L, 5)) check_plain(L, 5);
  check_range(L, luaL_checkinteger(L, 2), luaL_checkinteger(L, 3));
  return go_on(L);
}

static int guard_characters(lua_State *L) {  // byte(s, i, j), utf8.codepoint(s, i, j)
  size_t length;
  luaL_checklstring(L, 1, &length);
  lua_Integer from = luaL_optinteger(L, 2, 1), to = luaL_optinteger(L, 3, from);
  if (from < 0) from += (lua_Integer)length + 1;
  if (to < 0) to += (lua_Integer)length + 1;
  check_range(L, from < 1 ? 1 : from, to > (lua_Integer)length ? (lua_Integer)length : to);
  return go_on(L);
}

// no address of this run's memory in a text
static int guard_format(lua_State *L) {
  const char *p = luaL_checkstring(L, 1);
  while ((p = strchr(p, '%')) != NULL) {
    p += 1 + strspn(p + 1, "-+ #0123456789.");
    if (*p == 'p') wn_lua_fail_here(L, "string.format: %%p is not available: an address differs in every run");
    if (*p) p++;
  }
  for (int i = lua_gettop(L); i > 1; i--) {
    if (!wn_lua_has_address(L, i)) continue;
    lua_pushstring(L, luaL_typename(L, i));
    lua_replace(L, i);
  }
  return go_on(L);
}

// finalizers run where no step is counted
static int guard_setmetatable(lua_State *L) {
  if (lua_istable(L, 2)) {
    lua_pushliteral(L, "__gc");
    if (lua_rawget(L, 2) != LUA_TNIL) wn_lua_fail_here(L, "setmetatable: __gc is not available");
    lua_pop(L, 1);
  }
  return go_on(L);
}

// an error inside; when the budget is used up, the next step raises again, whatever the file does with the message
static int protected_call(lua_State *L) {
  luaL_checkany(L, 1);
  int status = lua_pcall(L, lua_gettop(L) - 1, LUA_MULTRET, 0);
  wn_sandbox_charge(L, 1);
  lua_pushboolean(L, status == LUA_OK);
  lua_insert(L, 1);
  return lua_gettop(L);
}

// xpcall calls its handler after unwinding, where steps are counted
static int protected_call_handled(lua_State *L) {
  luaL_checktype(L, 2, LUA_TFUNCTION);
  lua_pushvalue(L, 2);
  lua_insert(L, 1);
  lua_remove(L, 3);  // handler, function, arguments
  int status = lua_pcall(L, lua_gettop(L) - 2, LUA_MULTRET, 0);
  wn_sandbox_charge(L, 1);
  if (status == LUA_OK) {
    lua_pushboolean(L, 1);
    lua_replace(L, 1);
    return lua_gettop(L);
  }
  lua_pushvalue(L, 1);
  lua_insert(L, -2);
  lua_call(L, 1, 1);
  lua_pushboolean(L, 0);
  lua_insert(L, -2);
  return 2;
}

typedef struct allowed {
  const char *name;
  lua_CFunction guard;  // NULL: as it is
  int first;            // second upvalue of the guard
} allowed;

static const allowed base_allowed[] = {
    {"assert", NULL, 0},
    {"error", NULL, 0},
    {"getmetatable", NULL, 0},
    {"ipairs", NULL, 0},
    {"next", wn_lua_next, 0},
    {"pairs", wn_lua_pairs, 0},
    {"pcall", protected_call, 0},
    {"rawequal", NULL, 0},
    {"rawget", NULL, 0},
    {"rawlen", NULL, 0},
    {"rawset", NULL, 0},
    {"select", NULL, 0},
    {"setmetatable", guard_setmetatable, 0},
    {"tonumber", NULL, 0},
    {"tostring", wn_lua_tostring, 0},
    {"type", NULL, 0},
    {"xpcall", protected_call_handled, 0},
    {"_VERSION", NULL, 0},
    {NULL, NULL, 0},
};
static const allowed string_allowed[] = {
    {"byte", guard_characters, 0},
    {"char", NULL, 0},
    {"find", guard_pattern, 0},
    {"format", guard_format, 0},
    {"gmatch", guard_pattern, 0},
    {"gsub", guard_pattern, 0},
    {"len", NULL, 0},
    {"lower", NULL, 0},
    {"match", guard_pattern, 0},
    {"rep", guard_rep, 0},
    {"reverse", NULL, 0},
    {"sub", NULL, 0},
    {"upper", NULL, 0},
    {NULL, NULL, 0},
};
static const allowed table_allowed[] = {
    {"concat", guard_range_of_list, 3},
    {"insert", guard_list, 0},
    {"move", guard_move, 0},
    {"pack", NULL, 0},
    {"remove", guard_list, 0},
    {"sort", guard_sort, 0},
    {"unpack", guard_range_of_list, 2},
    {NULL, NULL, 0},
};
static const allowed utf8_allowed[] = {
    {"char", NULL, 0},  {"charpattern", NULL, 0}, {"codepoint", guard_characters, 0},
    {"codes", NULL, 0}, {"len", NULL, 0},         {"offset", NULL, 0},
    {NULL, NULL, 0},
};
// random numbers would make a file mean something else every time
static const allowed math_allowed[] = {
    {"abs", NULL, 0},  {"acos", NULL, 0},       {"asin", NULL, 0},      {"atan", NULL, 0},       {"ceil", NULL, 0},
    {"cos", NULL, 0},  {"deg", NULL, 0},        {"exp", NULL, 0},       {"floor", NULL, 0},      {"fmod", NULL, 0},
    {"huge", NULL, 0}, {"log", NULL, 0},        {"max", NULL, 0},       {"maxinteger", NULL, 0}, {"min", NULL, 0},
    {"modf", NULL, 0}, {"mininteger", NULL, 0}, {"pi", NULL, 0},        {"rad", NULL, 0},        {"sin", NULL, 0},
    {"sqrt", NULL, 0}, {"tan", NULL, 0},        {"tointeger", NULL, 0}, {"type", NULL, 0},       {"ult", NULL, 0},
    {NULL, NULL, 0},
};

// copy what is allowed from the table at the top into a fresh one, which replaces it
static void keep(lua_State *L, const allowed *list) {
  lua_newtable(L);
  for (; list->name; list++) {
    lua_getfield(L, -2, list->name);
    if (list->guard) {
      lua_pushinteger(L, list->first);
      lua_pushcclosure(L, list->guard, 2);
    }
    lua_setfield(L, -2, list->name);
  }
  lua_remove(L, -2);
}

static void keep_library(lua_State *L, const char *name, lua_CFunction open, const allowed *list) {
  lua_pushcfunction(L, open);
  lua_pushstring(L, name);
  lua_call(L, 1, 1);
  keep(L, list);
}

void wn_sandbox_open(lua_State *L) {
  // the globals start empty: what Lua's own openers put there is left behind with the table they put it in
  lua_pushcfunction(L, luaopen_base);
  lua_call(L, 0, 1);
  keep(L, base_allowed);
  static const struct {
    const char *name;
    lua_CFunction open;
    const allowed *list;
  } libraries[] = {{"string", luaopen_string, string_allowed},
                   {"table", luaopen_table, table_allowed},
                   {"utf8", luaopen_utf8, utf8_allowed},
                   {"math", luaopen_math, math_allowed}};
  for (size_t i = 0; i < sizeof libraries / sizeof libraries[0]; i++) {
    keep_library(L, libraries[i].name, libraries[i].open, libraries[i].list);
    lua_setfield(L, -2, libraries[i].name);
  }
  lua_rawseti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
  // (what stands behind the guard is its first upvalue)
  lua_getglobal(L, "table");
  lua_getfield(L, -1, "sort");
  lua_getupvalue(L, -1, 1);
  lua_setfield(L, LUA_REGISTRYINDEX, WN_SANDBOX_SORT);
  lua_pop(L, 2);
  // methods of texts are the guarded functions too, and the metatable is out of reach
  lua_pushliteral(L, "");
  lua_getmetatable(L, -1);
  lua_getglobal(L, "string");
  lua_setfield(L, -2, "__index");
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_pop(L, 2);
}

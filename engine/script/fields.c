// Tables that people wrote: places in messages, marks of constructors, unknown fields. Invariant: the stack is as it
// was when a function returns. Must not know what the fields mean.
#include "script/fields.h"
#include "base/text.h"
#include "script/order.h"
#include <ctype.h>
#include <lauxlib.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { MAX_NAMES = 64 };

void wn_place_call(wn_place *place, const char *format, ...) {
  va_list args;
  va_start(args, format);
  vsnprintf(place->what, sizeof place->what, format, args);
  place->n_part = 0;
  va_end(args);
}

void wn_place_add(wn_place *place, const char *text) {
  if (place->n_part < WN_PLACE_PARTS) place->part[place->n_part++] = text;
}

_Noreturn void wn_place_fail(lua_State *L, const wn_place *place, const char *format, ...) {
  char words[700], what[sizeof place->what];
  va_list args;
  va_start(args, format);
  vsnprintf(words, sizeof words, format, args);
  va_end(args);
  memcpy(what, place->what, sizeof what);
  for (int i = 0; i < place->n_part; i++) strncat(what, place->part[i], sizeof what - 1 - strlen(what));
  const char *joint = *what ? ": " : "";
  if (place->line > 0) wn_lua_fail(L, "%s:%d: %s%s%s", place->file, place->line, what, joint, words);
  wn_lua_fail(L, "%s: %s%s%s", place->file, what, joint, words);
}

void wn_lua_mark(lua_State *L, int index, const char *kind) {
  index = lua_absindex(L, index);
  char file[64] = "?";
  int line = 0;
  wn_lua_place(L, file, &line);
  lua_createtable(L, 0, 4);
  lua_pushstring(L, kind);
  lua_setfield(L, -2, "__name");
  lua_pushstring(L, file);
  lua_setfield(L, -2, "file");
  lua_pushinteger(L, line);
  lua_setfield(L, -2, "line");
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_setmetatable(L, index);
}

const char *wn_lua_kind(lua_State *L, int index) {
  if (!lua_istable(L, index) || !lua_getmetatable(L, index)) return NULL;
  // the name stays alive: the mark holds it, and the file cannot reach the mark
  lua_pushliteral(L, "__name");
  lua_rawget(L, -2);
  lua_pushliteral(L, "line");
  lua_rawget(L, -3);
  const char *kind = lua_type(L, -2) == LUA_TSTRING && lua_type(L, -1) == LUA_TNUMBER ? lua_tostring(L, -2) : NULL;
  lua_pop(L, 3);
  return kind;
}

void wn_lua_mark_place(lua_State *L, int index, wn_place *place, char file[64]) {
  lua_getmetatable(L, index);
  lua_getfield(L, -1, "file");
  lua_getfield(L, -2, "line");
  snprintf(file, 64, "%s", lua_tostring(L, -2));
  place->file = file;
  place->line = (int)lua_tointeger(L, -1);
  lua_pop(L, 3);
}

// the start of `word` followed by blanks and `then`, or NULL
static const char *find_word(const char *text, const char *word, char then) {
  size_t n = strlen(word);
  for (const char *at = text; (at = strstr(at, word)); at += n) {
    const char *after = at + n + strspn(at + n, " \t");
    bool starts = at == text || (!isalnum((unsigned char)at[-1]) && at[-1] != '_');
    if (starts && *after == then) return after;
  }
  return NULL;
}

static void move(wn_cursor *cursor, const char *to) {
  for (const char *end; (end = memchr(cursor->at, '\n', (size_t)(to - cursor->at))); cursor->at = end + 1)
    cursor->line++;
  cursor->at = to;
}

int wn_lua_find_line(wn_cursor *cursor, const char *section, const char *name) {
  if (!cursor->section || strcmp(cursor->section, section) != 0) {
    const char *from = find_word(cursor->source, section, '=');
    if (!from) return 0;
    cursor->section = section;
    cursor->at = cursor->source;
    cursor->line = 1;
    move(cursor, from);
  }
  char entry[80];
  for (const char *quote = "\"'"; *quote; quote++) {
    snprintf(entry, sizeof entry, "%c%.70s%c", *quote, name, *quote);
    for (const char *at = cursor->at; (at = strstr(at, entry)); at++) {
      const char *before = at;
      while (before > cursor->at && isspace((unsigned char)before[-1])) before--;
      if (before == cursor->at || before[-1] != '{') continue;
      move(cursor, at);
      return cursor->line;
    }
  }
  return 0;
}

enum { AT_POSITION = -1, NOT_ALLOWED = -2 };

// the number of the key at `key` among the names
static int find_key(lua_State *L, int key, const char *const *allowed, int n_position) {
  if (lua_isinteger(L, key)) {
    const lua_Integer at = lua_tointeger(L, key);
    return at >= 1 && at <= n_position ? AT_POSITION : NOT_ALLOWED;
  }
  if (lua_type(L, key) != LUA_TSTRING) return NOT_ALLOWED;
  const char *name = lua_tostring(L, key);
  for (int n = 0; allowed[n] && n < MAX_NAMES; n++)
    if (*name == *allowed[n] && strcmp(name, allowed[n]) == 0) return n;
  return NOT_ALLOWED;
}

// the key at the top of the stack
static _Noreturn void refuse_key(lua_State *L, const char *const *allowed, int n_position, const wn_place *place) {
  if (lua_isinteger(L, -1)) {
    const lua_Integer at = lua_tointeger(L, -1);
    if (n_position == 0 && at >= 1)
      wn_place_fail(L, place, "expected named fields like %s =, got an entry without a name", allowed[0]);
    wn_place_fail(L, place, "entry %lld is too many; %d at most", (long long)at, n_position);
  }
  if (lua_type(L, -1) != LUA_TSTRING) wn_place_fail(L, place, "a field's name is %s", wn_lua_type_words(L, -1));
  const char *key = lua_tostring(L, -1);
  int n = 0;
  while (allowed[n] && n < MAX_NAMES) n++;
  const char *near = wn_nearest(key, allowed, n);
  if (near) wn_place_fail(L, place, "unknown field '%.60s'; try %s", key, near);
  wn_place_fail(L, place, "unknown field '%.60s'", key);
}

// of several mistakes the same one is named in every run
static void refuse_first(lua_State *L, int index, const char *const *allowed, int n_position, const wn_place *place) {
  const lua_Integer n = wn_lua_push_keys(L, index);
  for (lua_Integer i = 1; i <= n; i++) {
    lua_rawgeti(L, -1, i);
    if (find_key(L, -1, allowed, n_position) == NOT_ALLOWED) refuse_key(L, allowed, n_position, place);
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
}

void wn_lua_check_fields(lua_State *L, int index, const char *const *allowed, int n_position, const wn_place *place) {
  index = lua_absindex(L, index);
  for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1))
    if (find_key(L, -2, allowed, n_position) == NOT_ALLOWED) refuse_first(L, index, allowed, n_position, place);
}

int wn_lua_push_fields(lua_State *L, int index, const char *const *allowed, int n_position, const wn_place *place) {
  index = lua_absindex(L, index);
  int first = lua_gettop(L) + 1, n = 0;
  while (allowed[n]) n++;
  luaL_checkstack(L, n + 4, NULL);
  lua_settop(L, first + n - 1);
  for (lua_pushnil(L); lua_next(L, index);) {
    const int at = find_key(L, -2, allowed, n_position);
    if (at == NOT_ALLOWED) refuse_first(L, index, allowed, n_position, place);
    if (at < 0)
      lua_pop(L, 1);
    else
      lua_replace(L, first + at);
  }
  // what is not its own may be inherited
  if (!lua_getmetatable(L, index)) return first;
  lua_pop(L, 1);
  for (int i = 0; i < n; i++) {
    if (!lua_isnil(L, first + i)) continue;
    lua_getfield(L, index, allowed[i]);
    lua_replace(L, first + i);
  }
  return first;
}

const char *wn_lua_type_words(lua_State *L, int index) {
  switch (lua_type(L, index)) {
  case LUA_TNONE:
  case LUA_TNIL: return "nothing";
  case LUA_TBOOLEAN: return lua_toboolean(L, index) ? "true" : "false";
  case LUA_TNUMBER: return "a number";
  case LUA_TSTRING: return "a text";
  case LUA_TFUNCTION: return "a function";
  case LUA_TTABLE: return "a table";
  default: return "a value of another kind";
  }
}

// fields.h - tables that people wrote: where they stand, what they are marked as, unknown fields refused with the
// nearest offered. All of it is called inside a body (sandbox.h) and raises on a mistake:
// "two_doses.lua:3: arm low: unknown field 'dos'; try dose". Typed fields: take.h.
#ifndef WN_SCRIPT_FIELDS_H
#define WN_SCRIPT_FIELDS_H

#include "script/sandbox.h"

// Where a table stands in its file and what it is called in messages. line 0: unknown.
enum { WN_PLACE_PARTS = 8 };
typedef struct wn_place {
  const char *file;
  int line;
  int n_part;
  const char *part[WN_PLACE_PARTS];  // said behind `what`; they must outlive the place
  char what[112];                    // "parameter CL", "arm low", "wane.model"
} wn_place;

// Say what stands there: formatted; or, where that would cost more than what is read, added to what was said.
void wn_place_call(wn_place *place, const char *format, ...) __attribute__((format(printf, 2, 3)));
void wn_place_add(wn_place *place, const char *text);

// Raise "file:line: what: <words>".
_Noreturn void wn_place_fail(lua_State *L, const wn_place *place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

// Mark the table at `index` as made by a constructor ("wane.model"); remembers the Lua line that called it. Call from
// the C function Lua calls. wn_lua_kind gives the mark back or NULL; wn_lua_mark_place the file and line.
void wn_lua_mark(lua_State *L, int index, const char *kind);
const char *wn_lua_kind(lua_State *L, int index);
void wn_lua_mark_place(lua_State *L, int index, wn_place *place, char file[64]);

// Where a walk through the declarations of a source text has got to; begin with {source}.
typedef struct wn_cursor {
  const char *source, *at;
  int line;
  const char *section;
} wn_cursor;

// The line on which the entry `{ "name"` of `section = {` stands, and go there: the entries of a section are asked for
// in their order. 0 when it cannot be found.
int wn_lua_find_line(wn_cursor *cursor, const char *section, const char *name);

// Refuse named fields that are not among `allowed` (NULL-terminated) and positions beyond `n_position`.
void wn_lua_check_fields(lua_State *L, int index, const char *const *allowed, int n_position, const wn_place *place);

// The same, and push the values of all that are allowed, nil where one is not there -> stack index of the first: a
// table that is read in one go.
int wn_lua_push_fields(lua_State *L, int index, const char *const *allowed, int n_position, const wn_place *place);

// "a number", "a string", "nothing", "a table", ... of the value at `index`, for "expected .., got ..".
const char *wn_lua_type_words(lua_State *L, int index);

#endif

// take.h - numbers, times and texts out of the tables a user wrote, as the scenario language writes them. Used inside a
// body (sandbox.h): a mistake raises "two_doses.lua:12: daily: at: expected a clock time like 22:00, got '25:00'".
#ifndef WN_SCRIPT_TAKE_H
#define WN_SCRIPT_TAKE_H

#include "base/memory.h"
#include "script/fields.h"

// Raise "<place>: label: expected <words>, got <the value at index>"; label may be NULL.
_Noreturn void wn_take_fail(lua_State *L, int index, const wn_place *place, const char *label, const char *expected);

// A way to read the value at a stack index as a double; label names it in messages.
typedef double wn_take(lua_State *L, int index, const wn_place *place, const char *label);

wn_take wn_take_number;    // finite
wn_take wn_take_duration;  // hours, or "90min", "14d"; any sign
wn_take wn_take_span;      // the same, above 0
wn_take wn_take_clock;     // "22:00", or hours 0 to 24
wn_take wn_take_time;      // hours, "22:00" or "90min"
wn_take wn_take_day;       // a whole number from 1 to 10^6
wn_take wn_take_days;      // whole days: 28 or "4wk"
const char *wn_take_text(lua_State *L, int index, const wn_place *place, const char *label);  // lives with the value

// The same where nil gives the fallback; NaN or NULL means that it is needed.
double wn_take_or(lua_State *L, int index, wn_take *take, double fallback, const wn_place *place, const char *label);
const char *wn_take_text_or(lua_State *L, int index, const char *fallback, const wn_place *place, const char *label);

// The same for a field of the table at `table`: nil gives the fallback; NaN or NULL means that it is needed.
double wn_take_field(lua_State *L, int table, const char *field, wn_take *take, double fallback, const wn_place *place);
const char *wn_take_field_text(lua_State *L, int table, const char *field, const char *fallback, const wn_place *place);

// Entry i (from 1) of a list.
double wn_take_entry(lua_State *L, int table, int i, wn_take *take, const wn_place *place, const char *label);
const char *wn_take_entry_text(lua_State *L, int table, int i, const wn_place *place, const char *label);

// True if the field is there (not nil).
bool wn_take_given(lua_State *L, int table, const char *field);

// Push the list in a field and return its length; a missing one is pushed as nil and gives 0. Refuses anything else,
// and named entries.
int wn_take_push_list(lua_State *L, int table, const char *field, const wn_place *place);

// Raise "<place>: label: unknown WHAT 'name'; try nearest" words of a failed look-up, or pass on a failed allocation.
_Noreturn void wn_take_rethrow(lua_State *L, const wn_place *place, const char *label, const wn_error *err);

// From the arena, or raise that memory ran out.
void *wn_take_alloc(lua_State *L, wn_arena *arena, size_t size);
char *wn_take_keep(lua_State *L, wn_arena *arena, const char *text);

// Give the table at the top a metatable that refuses to read other names: "unknown option 'dos'; try dose".
void wn_take_guard(lua_State *L, const char *what);

#endif

// regimen.h - regimens as values of the Lua languages: once, daily, every, ladder, infusion, and what is done with
// them (+, skip, shift, until_day). A regimen is an immutable userdata; each operation makes a new one.
#ifndef WN_SCRIPT_REGIMEN_H
#define WN_SCRIPT_REGIMEN_H

#include "script/take.h"
#include "sim/scenario.h"

enum { WN_MAX_DOSES = 1000000 };  // of an arm, repetitions counted

// Inside a body, once per state: set the builders as globals.
void wn_regimen_open(lua_State *L);

// The words about where doses were written, the same in every plan of a script: kept by line.
typedef struct wn_notes {
  wn_arena *arena;  // lives as long as the script
  struct {
    const char *text, *file, *builder;  // builder: a literal
    int line;
  } of[64];
} wn_notes;

// Append the doses of the value at index (a regimen, a list of regimens, or nil) to `doses`; their notes go into the
// arena, or are those of `notes` unless that is NULL.
// place->what names the arm. Raises: not a regimen, unknown compartment (nearest offered), negative amount, a time
// out of reach, more than WN_MAX_DOSES.
void wn_regimen_doses(lua_State *L, int index, const wn_place *place, const wn_model *model, wn_arena *arena,
                      wn_notes *notes, wn_doses *doses);

#endif

// runs.h - a finished simulation as a value of the validation language (docs/validation-language.md).
#ifndef WN_SCRIPT_RUNS_H
#define WN_SCRIPT_RUNS_H

#include "sim/result.h"

#include <lua.h>

// Inside a body, once per state: set up the metatable of runs.
void wn_run_open(lua_State *L);

// Inside a body: push series `series` (arm of the same index) of a result, which is borrowed and must stay until no Lua
// code can reach the run any more.
void wn_run_push(lua_State *L, const char *name, const wn_result *result, int series);

#endif

// functions.h - the functions of the model language: exp, where, hill, interp, q, ... over values and numbers.
#ifndef WN_SCRIPT_FUNCTIONS_H
#define WN_SCRIPT_FUNCTIONS_H

#include "script/symbol.h"

// Inside a body, once per state: set them as globals and in `math`; tables.c adds interp and wane.table (the table
// `wane` is at the top of the stack).
void wn_functions_open(lua_State *L);
void wn_tables_open(lua_State *L);

// True if `name` belongs to the language (t, clock, d, exp, ..), so that nothing else may be called so.
bool wn_function_is(const char *name);

#endif

// bytecode.h - a Lua 5.4 function as lua_dump writes it: the instructions that look at whether a value is true, equal
// to another or a key of a table, and the same function with instructions that can be told apart. Lua calls no
// metamethod for `if x`, `x and y`, `not x`, `x == 0` and `t[x]`, so that a value of the model cannot notice them by
// itself. Source: ldump.c and lopcodes.h of Lua 5.4. Must not know what a value of the model is.
#ifndef WN_SCRIPT_BYTECODE_H
#define WN_SCRIPT_BYTECODE_H

#include "base/memory.h"
#include <lua.h>

typedef enum wn_look { WN_LOOK_TRUTH, WN_LOOK_NOT, WN_LOOK_EQUAL, WN_LOOK_KEY } wn_look;

// An instruction that looks at values.
typedef struct wn_look_site {
  int id;      // the line that lua_getinfo gives for it in the numbered function
  int line;    // in the text
  int file;    // the caller's
  int reg[2];  // registers it looks at; the second may be -1
  wn_look look;
} wn_look_site;

typedef WN_ARRAY(wn_look_site) wn_look_sites;

// The source of a numbered function, as lua_getinfo gives it.
#define WN_NUMBERED "=numbered"

// A numbered function, to be loaded with lua_load.
typedef WN_ARRAY(char) wn_bytecode;

// Add the sites of the functions inside the chunk at the top of the stack, by id; `*next_id` counts on. The numbered
// chunk -> *numbered, freed by the caller also after a failure. False: no memory (or the dump is not Lua 5.4's, with
// lua_Integer and lua_Number of 8 bytes).
bool wn_bytecode_number(lua_State *L, int file, int *next_id, wn_look_sites *sites, wn_bytecode *numbered);

#endif

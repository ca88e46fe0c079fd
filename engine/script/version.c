// version.c - which Lua is inside, for --version. Must not know anything else.

#include "script/version.h"

#include <lua.h>

const char *wn_script_library(void) { return LUA_RELEASE; }

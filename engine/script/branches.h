// branches.h - what Lua decides by itself about a value of the model (if x, x and y, not x, x == 0, t[x]) is not in the
// equations that tracing builds: it is refused. The model's files are run a second time with instructions that can be
// told apart (bytecode.h), its functions are traced once more, and every instruction that looks at a value is seen
// before it runs. Nothing is left to whether replay's points happen to lie on both sides of a branch.
#ifndef WN_SCRIPT_BRANCHES_H
#define WN_SCRIPT_BRANCHES_H

#include "script/bytecode.h"
#include "script/model_loader.h"

// Inside a body, with the chunk of file `file` (of script->texts) at the top of the stack, run for the first time: find
// out where it looks at values. Raises without memory.
void wn_branches_see(lua_State *L, wn_script *script, int file);

// Inside a body: push the numbered chunk of a file that was seen.
void wn_branches_push(lua_State *L, const wn_script *script, int file);

// Trace the model of `loading` again as above; raises "file.lua:14: == asks ...". `name` as in wn_script_run_file.
void wn_branches_check(const wn_loading *loading, const char *path, const char *name);

void wn_branches_free(wn_script *script);

#endif

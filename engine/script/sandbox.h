// sandbox.h - a Lua state that can neither touch the machine nor hang it: capped memory, a budget of instructions that
// pcall cannot swallow, an allow list of functions. Everything that touches Lua runs inside wn_sandbox_run, where Lua
// errors may be raised freely; outside, failures are wn_status and wn_error as everywhere.
//
// Rule for code inside a body: a Lua error jumps past it, so memory must be owned by something that outlives the jump
// (the model's arena, the script, Lua itself), never by a local variable.
#ifndef WN_SCRIPT_SANDBOX_H
#define WN_SCRIPT_SANDBOX_H

#include "base/error.h"
#include <lua.h>
#include <stdbool.h>
#include <stddef.h>

enum {
  WN_SANDBOX_MEMORY = 64 << 20,  // bytes a state may hold
  WN_SANDBOX_STRING = 1 << 20,   // bytes of the longest string
  WN_SANDBOX_BUDGET = 10000000,  // steps (VM instructions and work charged by library functions) of one run
  WN_SANDBOX_SECONDS = 10,       // processor time of one run: a backstop for work that steps do not measure
};

// A fresh state with the allowed libraries; `owner` is what wn_sandbox_owner gives back to C functions called from Lua.
lua_State *wn_sandbox_create(void *owner, wn_error *err);
void wn_sandbox_destroy(lua_State *L);  // NULL is fine
void *wn_sandbox_owner(lua_State *L);

// Run body(L, context) protected, with a fresh budget (a nested run shares its parent's). The stack is left as it was
// found. A Lua error becomes WN_ERR_USER with one line "file.lua:14: what"; see also wn_lua_rethrow.
typedef void wn_sandbox_body(lua_State *L, void *context);
wn_status wn_sandbox_run(lua_State *L, wn_sandbox_body *body, void *context, wn_error *err);

// lua_pcall with budget and words: the function and its `n_arg` arguments are on the stack; on success `n_result`
// results are there instead, on failure nothing. (Pushing the arguments may itself fail: do it inside a body.)
wn_status wn_sandbox_call(lua_State *L, int n_arg, int n_result, wn_error *err);

// Count work done in C against the budget; raises when it is used up.
void wn_sandbox_charge(lua_State *L, size_t steps);

// Call `watch` before every instruction of Lua code, until NULL is given or the run ends.
void wn_sandbox_watch(lua_State *L, lua_Hook watch);

// Raise what no pcall can go on after: the run ends with these words.
_Noreturn void wn_sandbox_refuse(lua_State *L, const char *format, ...) __attribute__((format(printf, 2, 3)));

// Raise a Lua error with exactly these words, or with "file.lua:14: " of the nearest Lua line before them, or with the
// status and words of an error from another room.
_Noreturn void wn_lua_fail(lua_State *L, const char *format, ...) __attribute__((format(printf, 2, 3)));
_Noreturn void wn_lua_fail_here(lua_State *L, const char *format, ...) __attribute__((format(printf, 2, 3)));
_Noreturn void wn_lua_rethrow(lua_State *L, const wn_error *err);

// The nearest Lua line that is running: "naltrexone.lua" and 14. false when no Lua function is running.
bool wn_lua_place(lua_State *L, char file[64], int *line);

// Registry field: Lua's own table.sort, without the guard that files see.
#define WN_SANDBOX_SORT "wane.sort"

// Replace library functions by guarded ones and take away what is not allowed; called once by wn_sandbox_create.
void wn_sandbox_open(lua_State *L);

#endif

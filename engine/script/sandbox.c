// Creates the Lua state of a script and runs code in it. Invariant: Lua code ends - memory, steps and processor time
// are capped, and once the budget is used up every further step raises again, so that no pcall can go on. Must not
// know models, scenarios or where files are.
#include "script/sandbox.h"
#include "base/memory.h"
#include "base/pool.h"
#include "script/heap.h"
#include <lauxlib.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

typedef struct sandbox {
  lua_State *lua;
  void *owner;
  wn_heap heap;
  size_t used;
  long budget;      // steps left
  double deadline;  // processor time, s; 0: not set yet, for reading the clock costs more than a short run
  bool full;        // the memory cap was hit
  bool refused;     // there was no memory a moment ago
  bool long_string;
  bool stopped;    // the budget is used up: every further step raises `pending`
  lua_Hook watch;  // called at every step; NULL: nobody watches
  int n_watched;   // steps since the budget was looked at
  int depth;       // nested runs
  wn_error pending;
} sandbox;

enum { HOOK_STEPS = 1000, BYTES_PER_STEP = 64 };

static sandbox *sandbox_of(lua_State *L) {
  sandbox *box;
  memcpy(&box, lua_getextraspace(L), sizeof(box));
  return box;
}

void *wn_sandbox_owner(lua_State *L) { return sandbox_of(L)->owner; }

static double processor_time(void) {
  struct timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

// the lightuserdata &pending as error value carries a status through Lua
static _Noreturn void raise_pending(lua_State *L, sandbox *box) {
  lua_pushlightuserdata(L, &box->pending);
  lua_error(L);
  __builtin_unreachable();
}

static _Noreturn void stop(lua_State *L, sandbox *box, wn_status status, const char *words) {
  char file[64];
  int line;
  if (!box->stopped) {
    if (wn_lua_place(L, file, &line))
      wn_fail(&box->pending, status, "%s:%d: %s", file, line, words);
    else
      wn_fail(&box->pending, status, "%s", words);
  }
  box->stopped = true;
  raise_pending(L, box);
}

static const char *const too_long = "stopped: the file works too long; is there an endless loop?";

static void count_hook(lua_State *L, lua_Debug *ar) {
  sandbox *box = sandbox_of(L);
  // a step outside a run (closing the state) is nobody's work
  if (!box->depth) return;
  if (box->stopped) raise_pending(L, box);
  if (box->watch) {
    box->watch(L, ar);
    if (++box->n_watched < HOOK_STEPS) return;
    box->n_watched = 0;
  }
  box->budget -= HOOK_STEPS;
  bool interrupted = wn_interrupt_get();
  double now = processor_time();
  if (box->deadline == 0) box->deadline = now + WN_SANDBOX_SECONDS;
  if (box->budget >= 0 && !interrupted && now < box->deadline) return;
  // from here on every single step raises again
  lua_sethook(L, count_hook, LUA_MASKCOUNT, 1);
  if (interrupted) stop(L, box, WN_ERR_INTERRUPT, "interrupted");
  stop(L, box, WN_ERR_USER, too_long);
}

void wn_sandbox_watch(lua_State *L, lua_Hook watch) {
  sandbox *box = sandbox_of(L);
  box->watch = watch;
  box->n_watched = 0;
  if (!box->stopped) lua_sethook(L, count_hook, LUA_MASKCOUNT, watch ? 1 : HOOK_STEPS);
}

void wn_sandbox_refuse(lua_State *L, const char *format, ...) {
  sandbox *box = sandbox_of(L);
  char text[sizeof box->pending.message];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  if (!box->stopped) wn_fail(&box->pending, WN_ERR_USER, "%s", text);
  box->stopped = true;
  lua_sethook(L, count_hook, LUA_MASKCOUNT, 1);
  raise_pending(L, box);
}

void wn_sandbox_charge(lua_State *L, size_t steps) {
  sandbox *box = sandbox_of(L);
  if (!box->depth) return;
  box->budget -= steps < WN_SANDBOX_BUDGET ? (long)steps : WN_SANDBOX_BUDGET;
  if (box->budget >= 0 && !box->stopped) return;
  lua_sethook(L, count_hook, LUA_MASKCOUNT, 1);
  stop(L, box, WN_ERR_USER, too_long);
}

// Lua's allocator: counts bytes against the cap and as steps of work.
static void *allocate(void *context, void *old, size_t old_size, size_t size) {
  sandbox *box = context;
  size_t had = old ? old_size : 0;
  if (size == 0) {
    box->used -= had;
    return wn_heap_resize(&box->heap, old, had, 0);
  }
  if (size > had) {
    if (!old && old_size == LUA_TSTRING && size > WN_SANDBOX_STRING + 64) {
      box->long_string = true;
      return NULL;
    }
    if (box->used - had + size > WN_SANDBOX_MEMORY) {
      box->full = true;
      return NULL;
    }
    box->budget -= (long)((size - had) / BYTES_PER_STEP);
    if (box->budget < 0 && box->depth && box->lua) lua_sethook(box->lua, count_hook, LUA_MASKCOUNT, 1);
  }
  // Lua would collect garbage and try again: memory that is out stays out, so that what follows is always the same
  if (size > had && box->refused) {
    box->refused = false;
    return NULL;
  }
  void *block = wn_heap_resize(&box->heap, old, had, size);
  if (!block) {
    box->refused = size > had;
    return NULL;
  }
  box->used = box->used - had + size;
  return block;
}

bool wn_lua_place(lua_State *L, char file[64], int *line) {
  lua_Debug ar;
  for (int level = 0; lua_getstack(L, level, &ar); level++) {
    lua_getinfo(L, "Sl", &ar);
    if (ar.currentline <= 0) continue;
    _Static_assert(sizeof ar.short_src <= 64, "it must fit");
    memcpy(file, ar.short_src, sizeof ar.short_src);
    *line = ar.currentline;
    return true;
  }
  return false;
}

static void push_formatted(lua_State *L, const char *format, va_list args) {
  char words[1024];
  vsnprintf(words, sizeof words, format, args);
  lua_pushstring(L, words);
}

_Noreturn void wn_lua_fail(lua_State *L, const char *format, ...) {
  va_list args;
  va_start(args, format);
  push_formatted(L, format, args);
  va_end(args);
  lua_error(L);
  __builtin_unreachable();
}

_Noreturn void wn_lua_fail_here(lua_State *L, const char *format, ...) {
  char file[64];
  int line;
  if (wn_lua_place(L, file, &line))
    lua_pushfstring(L, "%s:%d: ", file, line);
  else
    lua_pushliteral(L, "");
  va_list args;
  va_start(args, format);
  push_formatted(L, format, args);
  va_end(args);
  lua_concat(L, 2);
  lua_error(L);
  __builtin_unreachable();
}

_Noreturn void wn_lua_rethrow(lua_State *L, const wn_error *err) {
  sandbox *box = sandbox_of(L);
  // words of a user's error are ordinary Lua errors, so that a later, different one is not mistaken for them
  if (err->status == WN_ERR_USER) wn_lua_fail(L, "%s", err->message);
  if (&box->pending != err) box->pending = *err;
  raise_pending(L, box);
}

// Lua's libraries throw a lack of memory as a text
static bool is_memory(lua_State *L, int lua_status) {
  if (lua_status == LUA_ERRMEM) return true;
  return lua_type(L, -1) == LUA_TSTRING && strcmp(lua_tostring(L, -1), "not enough memory") == 0;
}

// one line for the user from whatever was thrown; the value is at the top of the stack and is popped
static wn_status describe(lua_State *L, int lua_status, wn_error *err) {
  sandbox *box = sandbox_of(L);
  bool memory = is_memory(L, lua_status);
  wn_status status;
  if (box->stopped || lua_touserdata(L, -1) == &box->pending)
    status = wn_fail(err, box->pending.status, "%s", box->pending.message);
  else if (memory && box->long_string)
    status = wn_fail(err, WN_ERR_USER, "a text of more than %d bytes", WN_SANDBOX_STRING);
  else if (memory && box->full)
    status = wn_fail(err, WN_ERR_USER, "the file needs more than %d MiB of memory", WN_SANDBOX_MEMORY >> 20);
  else if (memory)
    status = wn_fail_memory(err);
  else if (lua_type(L, -1) == LUA_TSTRING)
    status = wn_fail(err, WN_ERR_USER, "%s", lua_tostring(L, -1));
  else
    status =
        wn_fail(err, WN_ERR_USER, "error() was called with a %s instead of a text", lua_typename(L, lua_type(L, -1)));
  lua_pop(L, 1);
  if (err)
    for (char *c = err->message; *c; c++)
      if ((unsigned char)*c < ' ') *c = ' ';
  return status;
}

wn_status wn_sandbox_call(lua_State *L, int n_arg, int n_result, wn_error *err) {
  sandbox *box = sandbox_of(L);
  if (box->depth++ == 0) {
    box->budget = WN_SANDBOX_BUDGET;
    box->deadline = 0;
    box->stopped = box->full = box->long_string = false;
    box->watch = NULL;
    lua_sethook(L, count_hook, LUA_MASKCOUNT, HOOK_STEPS);
  }
  int lua_status = lua_pcall(L, n_arg, n_result, 0);
  wn_status status = lua_status == LUA_OK ? WN_OK : describe(L, lua_status, err);
  box->depth--;
  return status;
}

typedef struct run {
  wn_sandbox_body *body;
  void *context;
} run;

static int run_body(lua_State *L) {
  run *what = lua_touserdata(L, 1);
  lua_settop(L, 0);
  wn_error err;
  if (!lua_checkstack(L, 64) && wn_fail_memory(&err)) wn_lua_rethrow(L, &err);
  what->body(L, what->context);
  return 0;
}

wn_status wn_sandbox_run(lua_State *L, wn_sandbox_body *body, void *context, wn_error *err) {
  run what = {body, context};
  if (!lua_checkstack(L, 3)) return wn_fail_memory(err);
  lua_pushcfunction(L, run_body);
  lua_pushlightuserdata(L, &what);
  return wn_sandbox_call(L, 1, 0, err);
}

static void open_body(lua_State *L, void *context) {
  (void)context;
  wn_sandbox_open(L);
}

lua_State *wn_sandbox_create(void *owner, wn_error *err) {
  sandbox *box = wn_alloc(sizeof *box);
  if (!box) {
    wn_fail_memory(err);
    return NULL;
  }
  box->owner = owner;
  lua_State *L = lua_newstate(allocate, box);
  if (!L) {
    wn_heap_free(&box->heap);
    wn_free(box);
    wn_fail_memory(err);
    return NULL;
  }
  box->lua = L;
  // what a plan leaves behind is little beside what stays: look for it less often
  lua_gc(L, LUA_GCINC, 400, 0, 0);
  memcpy(lua_getextraspace(L), &box, sizeof(box));
  if (wn_sandbox_run(L, open_body, NULL, err) != WN_OK) {
    wn_sandbox_destroy(L);
    return NULL;
  }
  return L;
}

void wn_sandbox_destroy(lua_State *L) {
  if (!L) return;
  sandbox *box = sandbox_of(L);
  lua_close(L);
  wn_heap_free(&box->heap);
  wn_free(box);
}

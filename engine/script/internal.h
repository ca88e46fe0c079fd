// internal.h - what the files of this room share: the script itself, files and names, the hooks between the loading of
// models (model_loader.c) and of scenarios (scenario.c).
#ifndef WN_SCRIPT_INTERNAL_H
#define WN_SCRIPT_INTERNAL_H

#include "base/units.h"
#include "script/bytecode.h"
#include "script/fields.h"
#include "script/regimen.h"
#include "script/script.h"

typedef struct wn_trace wn_trace;                      // environment.h: what equations see, and in which mode
typedef struct wn_script_scenario wn_script_scenario;  // scenario.c's own data

// Where the files look at values of the model (branches.h).
typedef struct wn_branches {
  wn_look_sites site;  // by id
  int next_id;
  bool numbers;  // files that are run now are numbered: the second run of a model's files
} wn_branches;

// A file that was read: its name in messages, where it is, its text.
typedef struct wn_script_file {
  const char *name, *path, *text;
  size_t length;
  wn_bytecode numbered;  // bytecode.h
} wn_script_file;

struct wn_script {
  wn_arena *arena;  // strings that live as long as the script
  lua_State *lua;   // wn_sandbox_owner(lua) is this script
  wn_units *units;
  const char *data_dir;  // "" when there is none
  const char *path;      // of the loaded file
  const char *file;      // its last part, as in messages: "two_doses.lua"
  const char *folder;    // of the file that is being loaded: where its parts are looked for first
  const char *title;     // of the file, for people
  int result;            // registry reference of the table the file returned (LUA_NOREF before)
  bool is_scenario;
  wn_model *model;  // compiled and replayed; NULL until loaded
  wn_trace *trace;
  wn_script_scenario *scenario;    // NULL for a model
  WN_ARRAY(wn_script_file) texts;  // of all files that were run, in order; in the arena
  wn_branches branches;            // of these files
  wn_notes notes;                  // likewise
};

// -- files.c -------------------------------------------------------------------------------------------------------

enum { WN_PATH = 4096 };

// Find a file by name. With a slash or ending in ".lua" it is a path (relative to `beside` when given); a bare name is
// NAME.lua in `beside` (when given), then in <data>/<kind>; kind NULL means plugins, then models.
// "no model or plugin named 'naltrexon'; try naltrexone".
wn_status wn_script_find(const char *data_dir, const char *beside, const char *name, const char *kind,
                         char path[WN_PATH], wn_error *err);

// The whole text of a regular file of at most a megabyte, allocated from the arena.
wn_status wn_script_read(wn_arena *arena, const char *path, const char **text, size_t *length, wn_error *err);

// Inside a body: run a Lua file and leave the table it returns on the stack. The file has an environment of its own
// that falls back to the globals; reading a name that is nowhere is an error. `name` is the file's name in messages.
// Returns the text of the file, owned by the script.
const char *wn_script_run_file(lua_State *L, const char *path, const char *name);

// Inside a body, once per state: the global function `require`.
void wn_script_open_files(lua_State *L);

// The text after the last slash.
const char *wn_script_base_name(const char *path);

// -- script.c ------------------------------------------------------------------------------------------------------

// Load a model file into the script: run, read the declaration, trace, compile, replay -> script->model. `file` as in
// wn_script_find (kind "models"). Called for a scenario's `model`; may be called inside or outside a body.
wn_status wn_script_load_model_into(wn_script *script, const char *file, wn_error *err);

// -- implemented in scenario.c and its neighbours --------------------------------------------------------------------

// Inside a body, once per state: add wane.scenario (the table `wane` is at the top of the stack) and the global
// builders (lua_setglobal).
void wn_script_open_scenario(lua_State *L);

// Outside a body: script->result is a table marked "wane.scenario"; read it, load its model, fill script->scenario.
wn_status wn_script_load_scenario(wn_script *script, wn_error *err);
void wn_script_free_scenario(wn_script_scenario *scenario);  // NULL is fine

#endif

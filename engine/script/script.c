// Loads a file - a model, or a scenario with its model - and owns what comes of it. Invariant: a script that was handed
// out has a compiled, replayed model. Must not know what a scenario contains.
#include "script/branches.h"
#include "script/functions.h"
#include "script/model_loader.h"
#include "script/take.h"
#include <assert.h>
#include <lauxlib.h>
#include <string.h>

static int make_model(lua_State *L) {
  if (!lua_istable(L, 1) || lua_gettop(L) != 1)
    wn_lua_fail_here(L, "wane.model: expected fields in braces, as in wane.model { name = \"pk1\", ... }");
  wn_lua_mark(L, 1, "wane.model");
  return 1;
}

static void open_body(lua_State *L, void *context) {
  (void)context;
  wn_script_open_files(L);
  wn_symbol_open(L);
  wn_trace_open(L);
  wn_functions_open(L);
  lua_newtable(L);
  lua_pushcfunction(L, make_model);
  lua_setfield(L, -2, "model");
  wn_tables_open(L);
  wn_script_open_scenario(L);
  wn_take_guard(L, "field of wane");
  lua_setglobal(L, "wane");
}

static const char *keep_text(wn_arena *arena, const char *text, size_t n) {
  return wn_arena_printf(arena, "%.*s", (int)n, text);
}

static const char *folder_of(wn_arena *arena, const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? keep_text(arena, path, slash == path ? 1 : (size_t)(slash - path)) : ".";
}

static wn_status create(const wn_script_env *env, const char *path, wn_script **out, wn_error *err) {
  wn_script *script = *out = wn_alloc(sizeof *script);
  if (!script) return wn_fail_memory(err);
  script->result = LUA_NOREF;
  script->arena = wn_arena_create();
  if (!script->arena) return wn_fail_memory(err);
  script->notes.arena = script->arena;
  script->data_dir = wn_arena_strdup(script->arena, env && env->data_dir ? env->data_dir : "");
  script->path = wn_arena_strdup(script->arena, path);
  script->trace = wn_arena_alloc(script->arena, sizeof *script->trace);
  if (!script->data_dir || !script->path || !script->trace) return wn_fail_memory(err);
  script->file = wn_script_base_name(script->path);
  script->folder = folder_of(script->arena, script->path);
  if (!script->folder) return wn_fail_memory(err);
  script->units = wn_units_create(err);
  if (!script->units) return WN_ERR_MEMORY;
  script->trace->units = script->units;
  script->trace->one = wn_unit_one(script->units);
  script->trace->hour = wn_unit_parse(script->units, "h", err);
  if (!script->trace->hour) return WN_ERR_MEMORY;
  script->lua = wn_sandbox_create(script, err);
  if (!script->lua) return err->status;
  return wn_sandbox_run(script->lua, open_body, NULL, err);
}

// -- a model

typedef struct request {
  wn_script *script;
  const char *path, *file;
  wn_peek *peek;  // of peek_body
} request;

// files are called by their last part in messages
static _Noreturn void rethrow_short(lua_State *L, const char *path, wn_error *err) {
  size_t folder = (size_t)(wn_script_base_name(path) - path);
  if (strncmp(err->message, path, strlen(path)) == 0)
    memmove(err->message, err->message + folder, strlen(err->message + folder) + 1);
  wn_lua_rethrow(L, err);
}

// the table of wane.model{..} is at the top of the stack
static void build_model(lua_State *L, wn_script *script, const request *r, const char *source) {
  wn_trace *trace = script->trace;
  char *file = wn_arena_alloc(script->arena, 64);
  wn_error err;
  wn_model *model = script->model = wn_model_create();
  if ((!file || !model) && wn_fail_memory(&err)) wn_lua_rethrow(L, &err);
  wn_loading loading = {.L = L, .script = script, .model = model, .cursor = {.source = source}, .table = lua_gettop(L)};
  wn_lua_mark_place(L, -1, &loading.place, file);
  wn_place_call(&loading.place, "wane.model");
  trace->file = file;
  model->path = wn_loading_text(&loading, r->path);
  wn_loading_lists(&loading);
  assert(lua_gettop(L) == loading.table);
  wn_loading_trace(&loading);
  assert(lua_gettop(L) == loading.table);
  wn_branches_check(&loading, r->path, r->file);
  if (wn_model_compile(model, &err)) rethrow_short(L, model->path, &err);
  wn_loading_replay(&loading);
  assert(lua_gettop(L) == loading.table);
}

static void model_body(lua_State *L, void *context) {
  request *r = context;
  const char *source = wn_script_run_file(L, r->path, r->file);
  const char *kind = wn_lua_kind(L, -1);
  if (!kind || strcmp(kind, "wane.model") != 0)
    wn_lua_fail(L, "%s: expected a file that returns wane.model { ... }%s%s", r->file, kind ? ", got " : "",
                kind ? kind : "");
  build_model(L, r->script, r, source);
}

wn_status wn_script_load_model_into(wn_script *script, const char *file, wn_error *err) {
  char found[WN_PATH];
  WN_TRY(wn_script_find(script->data_dir, folder_of(script->arena, script->path), file, "models", found, err));
  const char *path = wn_arena_strdup(script->arena, found), *folder = path ? folder_of(script->arena, path) : NULL;
  if (!folder) return wn_fail_memory(err);
  // its parts are beside it, not beside the scenario
  const char *before = script->folder;
  script->folder = folder;
  request r = {.script = script, .path = path, .file = wn_script_base_name(path)};
  wn_status status = wn_sandbox_run(script->lua, model_body, &r, err);
  script->folder = before;
  if (status) {
    wn_model_destroy(script->model);
    script->model = NULL;
  }
  return status;
}

// -- any file

// the title of the table at the top of the stack; a scenario's may be a function of its options, then its name must do
static void keep_title(lua_State *L, wn_script *script) {
  const char *title = script->file;
  if (lua_getfield(L, -1, "title") == LUA_TSTRING || lua_getfield(L, -2, "name") == LUA_TSTRING)
    title = lua_tostring(L, -1);
  script->title = wn_arena_strdup(script->arena, title);
  wn_error err;
  if (!script->title && wn_fail_memory(&err)) wn_lua_rethrow(L, &err);
}

static _Noreturn void fail_kind(lua_State *L, const char *file, const char *kind) {
  wn_lua_fail(L, "%s: expected a file that returns wane.model { ... } or wane.scenario { ... }%s%s", file,
              kind ? ", got " : "", kind ? kind : "");
}

static void load_body(lua_State *L, void *context) {
  request *r = context;
  const char *source = wn_script_run_file(L, r->path, r->file);
  const char *kind = wn_lua_kind(L, -1);
  r->script->is_scenario = kind && strcmp(kind, "wane.scenario") == 0;
  if (!kind || (!r->script->is_scenario && strcmp(kind, "wane.model") != 0)) fail_kind(L, r->file, kind);
  if (!r->script->is_scenario) build_model(L, r->script, r, source);
  lua_pushvalue(L, -1);
  r->script->result = luaL_ref(L, LUA_REGISTRYINDEX);
  keep_title(L, r->script);
}

// what a list shows of a file: its kind, its title when that is a plain text, the file of a scenario's model
static void peek_body(lua_State *L, void *context) {
  request *r = context;
  wn_script_run_file(L, r->path, r->file);
  const char *kind = wn_lua_kind(L, -1);
  r->script->is_scenario = kind && strcmp(kind, "wane.scenario") == 0;
  if (!kind || (!r->script->is_scenario && strcmp(kind, "wane.model") != 0)) fail_kind(L, r->file, kind);
  const char *fields[] = {"title", "name", "model"}, *text[3] = {NULL};
  wn_error err;
  for (int i = 0; i < 3; i++) {
    // a function of the options is not a plain text, nor does the name stand for it
    int type = lua_getfield(L, -1, fields[i]);
    if (type == LUA_TSTRING && !(text[i] = wn_arena_strdup(r->script->arena, lua_tostring(L, -1))) &&
        wn_fail_memory(&err))
      wn_lua_rethrow(L, &err);
    lua_pop(L, 1);
    if (i == 0 && type != LUA_TSTRING && type != LUA_TNIL) return;
  }
  r->script->title = text[0] ? text[0] : text[1];
  r->peek->model = text[2];
}

// a message without a place gets the file's name
static wn_status name_file(const wn_script *script, wn_status status, wn_error *err) {
  size_t n = strlen(script->file);
  bool named = strncmp(err->message, script->file, n) == 0 && err->message[n] == ':';
  if (status != WN_ERR_USER || named || strstr(err->message, ".lua:")) return status;
  return wn_fail_prefix(err, "%s", script->file);
}

wn_status wn_script_load(const wn_script_env *env, const char *file, wn_script **script, wn_error *err) {
  wn_error own;
  if (!err) err = &own;
  *script = NULL;
  char path[WN_PATH];
  WN_TRY(wn_script_find(env && env->data_dir ? env->data_dir : "", NULL, file, NULL, path, err));
  wn_status status = create(env, path, script, err);
  if (!status) {
    request r = {.script = *script, .path = (*script)->path, .file = (*script)->file};
    status = wn_sandbox_run((*script)->lua, load_body, &r, err);
    if (!status && (*script)->is_scenario) status = wn_script_load_scenario(*script, err);
    status = name_file(*script, status, err);
  }
  if (!status) return WN_OK;
  wn_script_destroy(*script);
  *script = NULL;
  return status;
}

wn_status wn_script_peek(const wn_script_env *env, const char *file, wn_arena *arena, wn_peek *peek, wn_error *err) {
  *peek = (wn_peek){0};
  char path[WN_PATH];
  WN_TRY(wn_script_find(env->data_dir, NULL, file, NULL, path, err));
  wn_script *script;
  wn_status status = create(env, path, &script, err);
  if (!status) {
    request r = {.script = script, .path = script->path, .file = script->file, .peek = peek};
    status = name_file(script, wn_sandbox_run(script->lua, peek_body, &r, err), err);
  }
  if (!status) {
    peek->is_scenario = script->is_scenario;
    peek->title = wn_arena_strdup(arena, script->title);
    peek->model = peek->is_scenario ? wn_arena_strdup(arena, peek->model) : NULL;
    if ((script->title && !peek->title) || (script->title && peek->is_scenario && !peek->model))
      status = wn_fail_memory(err);
  }
  wn_script_destroy(script);
  return status;
}

void wn_script_destroy(wn_script *script) {
  if (!script) return;
  wn_script_free_scenario(script->scenario);
  wn_sandbox_destroy(script->lua);
  wn_model_destroy(script->model);
  wn_units_destroy(script->units);
  wn_branches_free(script);
  WN_ARRAY_FREE(&script->texts);
  wn_arena_destroy(script->arena);
  wn_free(script);
}

const wn_model *wn_script_model(const wn_script *script) { return script->model; }

bool wn_script_is_scenario(const wn_script *script) { return script->is_scenario; }

const char *wn_script_title(const wn_script *script) { return script->title; }

wn_units *wn_script_units(const wn_script *script) { return script->units; }

bool wn_script_text(const wn_script *script, int i, const char **name, const char **text) {
  if (i >= script->texts.n) return false;
  *name = script->texts.data[i].name, *text = script->texts.data[i].text;
  return true;
}

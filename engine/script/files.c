// Finds and runs Lua files: models, plugins, and parts through `require`. Invariant: only regular text files are read,
// each runs in an environment of its own, and a part is loaded once. Must not know what a file's table means.
#include "base/text.h"
#include "script/branches.h"
#include <dirent.h>
#include <errno.h>
#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { MAX_FILE = 1 << 20, MAX_OFFERED = 256 };
static const char *const parts_key = "wane.parts", *const numbered_parts_key = "wane.parts.numbered";

const char *wn_script_base_name(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

static bool ends_in_lua(const char *name) {
  size_t n = strlen(name);
  return n > 4 && strcmp(name + n - 4, ".lua") == 0;
}

static bool is_file(const char *path) {
  struct stat info;
  return stat(path, &info) == 0 && S_ISREG(info.st_mode);
}

// folder/name.lua, when there is such a file
static bool try_path(char path[WN_PATH], const char *folder, const char *kind, const char *name) {
  int n = snprintf(path, WN_PATH, "%s/%s%s%s.lua", folder, kind, *kind ? "/" : "", name);
  return n > 0 && n < WN_PATH && is_file(path);
}

typedef struct offered {
  int n;
  char name[MAX_OFFERED][64];
} offered;

static void offer_folder(offered *list, const char *data_dir, const char *kind) {
  char path[WN_PATH];
  if (snprintf(path, sizeof path, "%s/%s", data_dir, kind) >= WN_PATH) return;
  DIR *folder = opendir(path);
  if (!folder) return;
  for (struct dirent *entry; list->n < MAX_OFFERED && (entry = readdir(folder));)
    if (ends_in_lua(entry->d_name) && strlen(entry->d_name) < 64)
      snprintf(list->name[list->n++], 64, "%.*s", (int)strlen(entry->d_name) - 4, entry->d_name);
  closedir(folder);
}

static wn_status fail_not_found(const char *data_dir, const char *name, const char *kind, wn_error *err) {
  const char *what = !kind ? "model or plugin" : strcmp(kind, "models") == 0 ? "model" : "plugin";
  offered *list = wn_alloc(sizeof *list);
  if (!list) return wn_fail_memory(err);
  if (*data_dir && (!kind || strcmp(kind, "plugins") == 0)) offer_folder(list, data_dir, "plugins");
  if (*data_dir && (!kind || strcmp(kind, "models") == 0)) offer_folder(list, data_dir, "models");
  const char *names[MAX_OFFERED];
  for (int i = 0; i < list->n; i++) names[i] = list->name[i];
  const char *near = wn_nearest(name, names, list->n);
  if (near)
    wn_fail(err, WN_ERR_USER, "no %s named '%s'; try %s", what, name, near);
  else
    wn_fail(err, WN_ERR_USER, "no %s named '%s'; `wane list` shows them, and a file of your own is %s.lua", what, name,
            name);
  wn_free(list);
  return WN_ERR_USER;
}

wn_status wn_script_find(const char *data_dir, const char *beside, const char *name, const char *kind,
                         char path[WN_PATH], wn_error *err) {
  if (!*name) return wn_fail(err, WN_ERR_USER, "the name of the file is empty");
  if (strchr(name, '/') || ends_in_lua(name)) {
    bool relative = beside && *beside && name[0] != '/';
    int n = relative ? snprintf(path, WN_PATH, "%s/%s", beside, name) : snprintf(path, WN_PATH, "%s", name);
    if (n >= WN_PATH) return wn_fail(err, WN_ERR_USER, "the path is longer than %d bytes", WN_PATH - 1);
    if (!is_file(path)) return wn_fail(err, WN_ERR_USER, "%.200s: no such file", name);
    return WN_OK;
  }
  if (beside && *beside && try_path(path, beside, "", name)) return WN_OK;
  const char *const both[] = {"plugins", "models"};
  for (int i = 0; i < 2; i++)
    if (*data_dir && (!kind || strcmp(kind, both[i]) == 0) && try_path(path, data_dir, both[i], name)) return WN_OK;
  return fail_not_found(data_dir, name, kind, err);
}

wn_status wn_script_read(wn_arena *arena, const char *path, const char **text, size_t *length, wn_error *err) {
  const char *name = wn_script_base_name(path);
  if (!is_file(path)) return wn_fail(err, WN_ERR_USER, "%s: no such file", name);
  FILE *file = fopen(path, "rb");
  if (!file) return wn_fail(err, WN_ERR_IO, "%s: cannot be read: %s", name, strerror(errno));
  struct stat info;
  wn_status status = WN_OK;
  char *block = NULL;
  size_t n = 0;
  if (fstat(fileno(file), &info) != 0 || info.st_size > MAX_FILE)
    status = wn_fail(err, WN_ERR_USER, "%s: longer than a megabyte", name);
  else if (!(block = wn_arena_alloc(arena, (size_t)info.st_size + 1)))
    status = wn_fail_memory(err);
  else
    n = fread(block, 1, (size_t)info.st_size, file);
  if (!status && ferror(file)) status = wn_fail(err, WN_ERR_IO, "%s: cannot be read", name);
  fclose(file);
  *text = block;
  *length = n;
  return status;
}

// reading a name that is in neither the file's environment nor the globals
static int missing_name(lua_State *L) {
  lua_settop(L, 2);
  lua_pushvalue(L, 2);
  if (lua_gettable(L, lua_upvalueindex(1)) != LUA_TNIL) return 1;
  const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "?";
  // what could have been meant: the globals, then the file's own
  const char *names[MAX_OFFERED];
  int n = 0;
  for (int i = 0; i < 2; i++) {
    for (lua_pushnil(L); lua_next(L, i ? 1 : lua_upvalueindex(1)); lua_pop(L, 1))
      if (lua_type(L, -2) == LUA_TSTRING && n < MAX_OFFERED) names[n++] = lua_tostring(L, -2);
  }
  const char *near = wn_nearest(name, names, n);
  if (near) wn_lua_fail_here(L, "unknown name '%s'; try %s", name, near);
  wn_lua_fail_here(L, "unknown name '%s' (parameters and states are known only in the model's functions)", name);
}

// set the environment of the chunk at the top of the stack
static void give_environment(lua_State *L) {
  lua_newtable(L);
  lua_createtable(L, 0, 2);
  lua_pushglobaltable(L);
  lua_pushcclosure(L, missing_name, 1);
  lua_setfield(L, -2, "__index");
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_setmetatable(L, -2);
  lua_setupvalue(L, -2, 1);
}

// The file among those that were run; it is read when it was not. A file is read once: whoever saves it meanwhile does
// not mix two versions of it.
static int find_text(lua_State *L, wn_script *script, const char *path, const char *name) {
  const char *text;
  size_t length;
  wn_error err;
  for (int i = 0; i < script->texts.n; i++)
    if (strcmp(script->texts.data[i].path, path) == 0) return i;
  if (wn_script_read(script->arena, path, &text, &length, &err)) wn_lua_rethrow(L, &err);
  wn_script_file read = {.text = text, .length = length};
  read.name = wn_arena_strdup(script->arena, name), read.path = wn_arena_strdup(script->arena, path);
  if (!(read.name && read.path && WN_PUSH(&script->texts, read)) && wn_fail_memory(&err)) wn_lua_rethrow(L, &err);
  return script->texts.n - 1;
}

// push the file's chunk
static void load_text(lua_State *L, const wn_script *script, int file) {
  const wn_script_file *read = &script->texts.data[file];
  const char *text = read->text, *name = read->name;
  size_t length = read->length;
  if (length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) text += 3, length -= 3;
  // a name too long for Lua's messages is shown by its end
  const size_t n = strlen(name);
  lua_pushfstring(L, "@%s", n > LUA_IDSIZE - 1 ? name + (n - (LUA_IDSIZE - 1)) : name);
  if (luaL_loadbufferx(L, text, length, lua_tostring(L, -1), "t") != LUA_OK) {
    if (length && text[0] == LUA_SIGNATURE[0]) wn_lua_fail(L, "%s: not a text file", name);
    lua_error(L);
  }
  lua_remove(L, -2);
}

const char *wn_script_run_file(lua_State *L, const char *path, const char *name) {
  wn_script *script = wn_sandbox_owner(L);
  const int file = find_text(L, script, path, name);
  if (script->branches.numbers) {
    wn_branches_push(L, script, file);
  } else {
    load_text(L, script, file);
    if (script->texts.data[file].numbered.n == 0) wn_branches_see(L, script, file);
  }
  give_environment(L);
  lua_call(L, 0, 1);
  if (!lua_istable(L, -1))
    wn_lua_fail(L, "%s: expected the file to return a table, got %s", name, wn_lua_type_words(L, -1));
  return script->texts.data[file].text;
}

// the file of a part: beside the file that is being loaded, then among the bundled ones; one path for one file
static void find_part(lua_State *L, const wn_script *script, const char *part, char path[WN_PATH]) {
  const char *inner = luaL_gsub(L, part, ".", "/");
  char found[WN_PATH];
  bool there = (*script->folder && try_path(found, script->folder, "", inner)) ||
               (*script->data_dir && try_path(found, script->data_dir, "models", inner));
  if (there && realpath(found, path)) return;
  wn_lua_fail_here(L, "require: no part '%s': looked for %s.lua beside the file and among the bundled models", part,
                   inner);
}

static int require_part(lua_State *L) {
  const wn_script *script = wn_sandbox_owner(L);
  const char *part = luaL_checkstring(L, 1);
  size_t n = strlen(part);
  if (strncmp(part, "parts.", 6) != 0 || n > 100 || n == 6 ||
      strspn(part, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.") != n)
    wn_lua_fail_here(L, "require '%.100s': expected a part, as in require \"parts.pk\"", part);
  char path[WN_PATH];
  lua_settop(L, 1);
  find_part(L, script, part, path);
  luaL_getsubtable(L, LUA_REGISTRYINDEX, script->branches.numbers ? numbered_parts_key : parts_key);
  int parts = lua_gettop(L);
  // false while it is being loaded
  if (lua_getfield(L, parts, path) == LUA_TTABLE) return 1;
  if (lua_isboolean(L, -1)) wn_lua_fail_here(L, "require: part '%s' requires itself", part);
  lua_pushboolean(L, 0);
  lua_setfield(L, parts, path);
  wn_script_run_file(L, path, lua_pushfstring(L, "%s.lua", luaL_gsub(L, part, ".", "/")));
  lua_pushvalue(L, -1);
  lua_setfield(L, parts, path);
  return 1;
}

void wn_script_open_files(lua_State *L) {
  lua_pushcfunction(L, require_part);
  lua_setglobal(L, "require");
}

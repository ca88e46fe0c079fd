// See branches.h. Invariant: the model has the same nodes afterwards, since equal expressions are one node. Must not
// decide whether a branch would have mattered.
#include "script/branches.h"
#include "script/symbol.h"
#include <string.h>

void wn_branches_see(lua_State *L, wn_script *script, int file) {
  wn_error err;
  wn_branches *b = &script->branches;
  if (!wn_bytecode_number(L, file, &b->next_id, &b->site, &script->texts.data[file].numbered) && wn_fail_memory(&err))
    wn_lua_rethrow(L, &err);
}

static const char *give(lua_State *L, void *context, size_t *n) {
  (void)L;
  const wn_bytecode **block = context;
  const wn_bytecode *all = *block;
  *block = NULL;
  *n = all ? (size_t)all->n : 0;
  return all ? all->data : NULL;
}

void wn_branches_push(lua_State *L, const wn_script *script, int file) {
  const wn_bytecode *block = &script->texts.data[file].numbered;
  if (lua_load(L, give, &block, WN_NUMBERED, "b") != LUA_OK) lua_error(L);
}

static const char *const words[] = {
    [WN_LOOK_TRUTH] = "'if', 'and', 'or' or 'not' asks whether a value of the model is true: it is not known yet; use "
                      "where(gt(x, 0), a, b), both(x, y) or either(x, y)",
    [WN_LOOK_NOT] = "'not' asks whether a value of the model is true: it is not known yet; use negate(x)",
    [WN_LOOK_EQUAL] = "== or ~= compares a value of the model: it is not known yet; use where(eq(x, y), a, b)",
    [WN_LOOK_KEY] = "a value of the model cannot be a key of a table: it is not known yet; use where(eq(x, 1), a, b) "
                    "or a table of the model",
};

static const wn_look_site *find_site(const wn_look_sites *sites, int id) {
  int low = 0, high = sites->n;
  while (low < high) {
    const int middle = low + (high - low) / 2;
    if (sites->data[middle].id < id)
      low = middle + 1;
    else
      high = middle;
  }
  return low < sites->n && sites->data[low].id == id ? &sites->data[low] : NULL;
}

// A value of the model in a register. Compared with what is neither a number nor a value, it differs whatever it is.
static bool looks_at_value(lua_State *L, lua_Debug *ar, const wn_look_site *site) {
  bool found = false, is_known = false;
  for (int i = 0; i < 2 && site->reg[i] >= 0; i++) {
    if (!lua_getlocal(L, ar, site->reg[i] + 1)) continue;
    const bool is_value = wn_symbol_is(L, -1);
    found |= is_value;
    is_known |= !is_value && lua_type(L, -1) != LUA_TNUMBER;
    lua_pop(L, 1);
  }
  return found && !is_known;
}

// before every instruction of the second run
static void look(lua_State *L, lua_Debug *ar) {
  const wn_script *script = wn_sandbox_owner(L);
  if (!lua_getinfo(L, "Sl", ar) || strcmp(ar->source, WN_NUMBERED) != 0) return;
  const wn_look_site *site = find_site(&script->branches.site, ar->currentline);
  if (site && looks_at_value(L, ar, site))
    wn_sandbox_refuse(L, "%s:%d: %s", script->texts.data[site->file].name, site->line, words[site->look]);
}

void wn_branches_check(const wn_loading *loading, const char *path, const char *name) {
  lua_State *L = loading->L;
  wn_branches *branches = &loading->script->branches;
  if (branches->site.n == 0) return;
  const int top = lua_gettop(L);
  branches->numbers = true;
  wn_script_run_file(L, path, name);
  branches->numbers = false;
  wn_loading again = *loading;
  again.table = lua_gettop(L);
  wn_sandbox_watch(L, look);
  wn_loading_trace(&again);
  wn_sandbox_watch(L, NULL);
  lua_settop(L, top);
}

void wn_branches_free(wn_script *script) {
  WN_ARRAY_FREE(&script->branches.site);
  for (int i = 0; i < script->texts.n; i++) WN_ARRAY_FREE(&script->texts.data[i].numbered);
}

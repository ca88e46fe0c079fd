// scenario.c - the constructor wane.scenario and what is read from it at load: name, model, options. Arms and times
// depend on the options and are read by plan.c. Knows no simulation.

#include "script/scenario.h"

#include "script/regimen.h"
#include "script/validation.h"

#include <lauxlib.h>
#include <math.h>
#include <string.h>

static const char *const scenario_fields[] = {"name",  "title", "model", "caption", "options", "arms", "duration",
                                              "every", "night", "watch", "windows", "show",    "goal", NULL};

static int construct_scenario(lua_State *L) {
  if (!lua_istable(L, 1)) wn_lua_fail_here(L, "wane.scenario: expected fields in braces, got %s", luaL_typename(L, 1));
  lua_settop(L, 1);
  wn_lua_mark(L, 1, "wane.scenario");
  return 1;
}

void wn_script_open_scenario(lua_State *L) {
  lua_pushcfunction(L, construct_scenario);
  lua_setfield(L, -2, "scenario");
  wn_validation_open(L);
  wn_regimen_open(L);
}

// ---- load

static void read_option(wn_script *script, lua_State *L, int list, int i, wn_option *option) {
  const wn_place *scenario = &script->scenario->place;
  lua_geti(L, list, i);
  wn_place place = *scenario;
  wn_place_call(&place, "options[%d]", i);
  if (!lua_istable(L, -1)) wn_take_fail(L, -1, &place, NULL, "{ name, default, unit, meaning }");
  wn_lua_check_fields(L, -1, (const char *const[]){NULL}, 4, &place);
  option->name = wn_take_keep(L, script->arena, wn_take_entry_text(L, -1, 1, &place, "name"));
  wn_place_call(&place, "option %s", option->name);
  option->unit = wn_take_keep(L, script->arena, wn_take_entry_text(L, -1, 3, &place, "unit"));
  option->meaning = wn_take_keep(L, script->arena, wn_take_entry_text(L, -1, 4, &place, "meaning"));
  bool clock = strcmp(option->unit, "clock") == 0;
  wn_error err;
  if (!clock && !wn_unit_parse(script->units, option->unit, &err)) wn_take_rethrow(L, &place, NULL, &err);
  option->value = wn_take_entry(L, -1, 2, clock ? wn_take_clock : wn_take_number, &place, "default");
  for (const wn_option *other = option - i + 1; other < option; other++)
    if (strcmp(other->name, option->name) == 0) wn_place_fail(L, &place, "expected a name of its own, got it twice");
  lua_pop(L, 1);
}

static void read_declaration(lua_State *L, void *context) {
  wn_script *script = context;
  wn_script_scenario *s = script->scenario;
  lua_rawgeti(L, LUA_REGISTRYINDEX, script->result);
  int table = lua_gettop(L);
  wn_lua_mark_place(L, table, &s->place, s->file);
  wn_place_call(&s->place, "wane.scenario");
  wn_lua_check_fields(L, table, scenario_fields, 0, &s->place);
  s->name = wn_take_keep(L, script->arena, wn_take_field_text(L, table, "name", NULL, &s->place));
  s->model = wn_take_keep(L, script->arena, wn_take_field_text(L, table, "model", NULL, &s->place));
  if (!wn_take_given(L, table, "arms")) wn_place_fail(L, &s->place, "arms: expected a list or a function, got nothing");
  s->n_option = wn_take_push_list(L, table, "options", &s->place);
  s->option = wn_take_alloc(L, script->arena, ((size_t)s->n_option + 1) * sizeof *s->option);
  for (int i = 0; i < s->n_option; i++) read_option(script, L, table + 1, i + 1, &s->option[i]);
}

wn_status wn_script_load_scenario(wn_script *script, wn_error *err) {
  script->scenario = wn_alloc(sizeof *script->scenario);
  if (!script->scenario) return wn_fail_memory(err);
  WN_TRY(wn_sandbox_run(script->lua, read_declaration, script, err));
  if (wn_script_load_model_into(script, script->scenario->model, err))
    return wn_fail_prefix(err, "%s: model", script->file);
  return WN_OK;
}

void wn_script_free_scenario(wn_script_scenario *scenario) { wn_free(scenario); }

int wn_script_options(const wn_script *script, const wn_option **options) {
  *options = script->scenario ? script->scenario->option : NULL;
  return script->scenario ? script->scenario->n_option : 0;
}

// ---- windows

static const char *const baselines[] = {"difference", "ratio"};

// 0 none, 1 difference, 2 ratio, as in wn_window_def
static int read_baseline(lua_State *L, const wn_place *place) {
  const char *text = wn_take_field_text(L, -1, "baseline", "", place);
  if (!*text) return 0;
  for (int i = 0; i < 2; i++)
    if (strcmp(text, baselines[i]) == 0) return i + 1;
  wn_place_fail(L, place, "baseline: expected \"difference\" or \"ratio\", got '%s'", text);
}

wn_window_def wn_scenario_window(lua_State *L, const wn_model *model, wn_arena *arena, const wn_place *place) {
  static const char *const fields[] = {"of", "above", "below", "baseline", "meaning", NULL};
  wn_error err;
  wn_window_def w = {0};
  if (lua_type(L, -1) == LUA_TSTRING) {
    int i;
    if (wn_model_require_window(model, lua_tostring(L, -1), &i, &err)) wn_take_rethrow(L, place, "windows", &err);
    return model->window[i];
  }
  if (!lua_istable(L, -1)) wn_take_fail(L, -1, place, "windows", "the name of a window or { \"deep\", of =, above = }");
  w.name = wn_take_keep(L, arena, wn_take_entry_text(L, -1, 1, place, "name of a window"));
  wn_place own = *place;
  wn_place_call(&own, "window %s", w.name);
  wn_lua_check_fields(L, -1, fields, 1, &own);
  if (wn_model_require_output(model, wn_take_field_text(L, -1, "of", NULL, &own), &w.output, &err))
    wn_take_rethrow(L, &own, "of", &err);
  w.above = wn_take_given(L, -1, "above");
  if (w.above == wn_take_given(L, -1, "below"))
    wn_place_fail(L, &own, "expected either above or below, got %s", w.above ? "both" : "neither");
  w.threshold = wn_take_field(L, -1, w.above ? "above" : "below", wn_take_number, NAN, &own);
  w.baseline = read_baseline(L, &own);
  w.meaning = wn_take_keep(L, arena, wn_take_field_text(L, -1, "meaning", "", &own));
  return w;
}

// validate.c - a validation table held against a model: its declared runs are simulated together, then its rows read
// numbers off them. Invariant: Lua runs only before and after the simulations, never during them.

#include "script/arms.h"
#include "script/regimen.h"
#include "script/runs.h"
#include "script/validation.h"

#include <lauxlib.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { MAX_RUNS = 1000, MAX_ROWS = 10000, MAX_POINTS = 1000000 };

// One declared run; runs of the same span and grid go into one group.
typedef struct request {
  const char *name;
  double start, stop, every;
  wn_arm arm;
  int group, series;
} request;

typedef struct group {
  wn_scenario scenario;
  wn_result *result;
} group;

typedef struct validation {
  wn_script *script;  // of the model
  wn_arena *arena;
  const char *path, *file;
  int hypothesis;
  int table;  // registry reference of the file's table
  wn_place place;
  char place_file[64];
  int n_request, n_group, n_row;
  request *request;
  group *group;
  wn_validation_row *row;
} validation;

static int construct_validation(lua_State *L) {
  if (!lua_istable(L, 1))
    wn_lua_fail_here(L, "wane.validation: expected fields in braces, got %s", luaL_typename(L, 1));
  lua_settop(L, 1);
  wn_lua_mark(L, 1, "wane.validation");
  return 1;
}

void wn_validation_open(lua_State *L) {
  lua_pushcfunction(L, construct_validation);
  lua_setfield(L, -2, "validation");
  wn_run_open(L);
}

// ---- the declaration

static int by_name(const void *a, const void *b) {
  return strcmp(((const request *)a)->name, ((const request *)b)->name);
}

static void read_run(lua_State *L, const validation *v, int table, request *r) {
  enum { REGIMEN, SET, HYPOTHESIS, START, DURATION, EVERY };
  static const char *const fields[] = {"regimen", "set", "hypothesis", "start", "duration", "every", NULL};
  wn_place place = v->place;
  wn_place_call(&place, "run %s", r->name);
  int at = wn_lua_push_fields(L, table, fields, 0, &place);
  r->start = wn_take_or(L, at + START, wn_take_duration, 0, &place, "start");
  double duration = wn_take_span(L, at + DURATION, &place, "duration");
  r->stop = r->start + duration;
  if (!(fabs(r->start) <= WN_MAX_HOURS && r->stop <= WN_MAX_HOURS))
    wn_place_fail(L, &place, "expected a span within 1000 years, got %g to %g h", r->start, r->stop);
  r->every = wn_take_or(L, at + EVERY, wn_take_span, duration <= 35 * 24 ? 0.1 : 1, &place, "every");
  if (duration / r->every > MAX_POINTS)
    wn_place_fail(L, &place, "every: expected at most %d points, got %.0f", MAX_POINTS, duration / r->every);
  r->arm = (wn_arm){.name = r->name, .label = r->name, .day_start = NAN};
  wn_arm_context context = {.script = v->script, .arena = v->arena, .hypothesis = v->hypothesis};
  wn_arm_read(L, (const int[]){at + REGIMEN, at + SET, at + HYPOTHESIS}, &place, &context, &r->arm);
  lua_settop(L, at - 1);
}

// The table `runs`, in the order of the names, because that of pairs() changes.
static void read_runs(lua_State *L, validation *v) {
  if (lua_getfield(L, -1, "runs") != LUA_TTABLE) wn_take_fail(L, -1, &v->place, "runs", "a table of runs by name");
  int runs = lua_gettop(L), n = 0;
  for (lua_pushnil(L); lua_next(L, runs); lua_pop(L, 1)) {
    if (lua_type(L, -2) != LUA_TSTRING) wn_take_fail(L, -2, &v->place, "runs", "names, as in po50 = {...}");
    if (!lua_istable(L, -1)) wn_take_fail(L, -1, &v->place, lua_tostring(L, -2), "{ regimen =, duration = }");
    n++;
  }
  if (n < 1 || n > MAX_RUNS) wn_place_fail(L, &v->place, "runs: expected 1 to %d, got %d", MAX_RUNS, n);
  v->request = wn_take_alloc(L, v->arena, (size_t)n * sizeof *v->request);
  for (lua_pushnil(L); lua_next(L, runs); lua_pop(L, 1))
    v->request[v->n_request++].name = wn_take_keep(L, v->arena, lua_tostring(L, -2));
  qsort(v->request, (size_t)n, sizeof *v->request, by_name);
  for (int i = 0; i < n; i++) {
    lua_getfield(L, runs, v->request[i].name);
    read_run(L, v, lua_gettop(L), &v->request[i]);
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
}

static void declare(lua_State *L, void *context) {
  static const char *const fields[] = {"model", "runs", "rows", NULL};
  validation *v = context;
  wn_script_run_file(L, v->path, v->file);
  const char *kind = wn_lua_kind(L, -1);
  if (!kind || strcmp(kind, "wane.validation") != 0)
    wn_lua_fail(L, "%s: expected `return wane.validation{...}`", v->file);
  wn_lua_mark_place(L, -1, &v->place, v->place_file);
  wn_place_call(&v->place, "wane.validation");
  wn_lua_check_fields(L, -1, fields, 0, &v->place);
  const char *model = wn_take_field_text(L, -1, "model", NULL, &v->place);
  if (strcmp(model, v->script->model->name) != 0)
    wn_place_fail(L, &v->place, "model: expected %s, got '%s'", v->script->model->name, model);
  lua_getfield(L, -1, "rows");
  if (!lua_isfunction(L, -1)) wn_take_fail(L, -1, &v->place, "rows", "a function of the runs");
  lua_pop(L, 1);
  read_runs(L, v);
  v->table = luaL_ref(L, LUA_REGISTRYINDEX);
}

// ---- the simulations

// the group of the same span and grid, or a new one
static group *group_of(validation *v, const request *r) {
  for (int g = 0; g < v->n_group; g++) {
    const wn_scenario *s = &v->group[g].scenario;
    if (s->t_start == r->start && s->t_end == r->stop && s->every == r->every) return &v->group[g];
  }
  group *made = &v->group[v->n_group++];
  made->scenario = (wn_scenario){.arena = v->arena,
                                 .model = v->script->model,
                                 .name = v->script->model->name,
                                 .title = "",
                                 .caption = "",
                                 .path = v->path,
                                 .t_start = r->start,
                                 .t_end = r->stop,
                                 .every = r->every,
                                 .night_from = 23,
                                 .night_to = 7,
                                 .plot_from = r->start,
                                 .plot_to = r->stop};
  return made;
}

static wn_status make_groups(validation *v, wn_error *err) {
  v->group = wn_arena_alloc(v->arena, (size_t)v->n_request * sizeof *v->group);
  if (!v->group) return wn_fail_memory(err);
  for (int i = 0; i < v->n_request; i++) {
    group *g = group_of(v, &v->request[i]);
    v->request[i].group = (int)(g - v->group);
    v->request[i].series = g->scenario.n_arm++;
  }
  for (int g = 0; g < v->n_group; g++) {
    wn_scenario *s = &v->group[g].scenario;
    s->arm = wn_arena_alloc(v->arena, (size_t)s->n_arm * sizeof *s->arm);
    if (!s->arm) return wn_fail_memory(err);
  }
  for (int i = 0; i < v->n_request; i++)
    v->group[v->request[i].group].scenario.arm[v->request[i].series] = v->request[i].arm;
  return WN_OK;
}

// Tighter than usual, so that what differs from a published figure is the model and not the solver.
static wn_status simulate(validation *v, int n_thread, wn_error *err) {
  WN_TRY(make_groups(v, err));
  wn_run_def def = wn_run_default();
  def.n_thread = n_thread;
  def.keep_trajectories = WN_KEEP_ALL;
  def.solver.rtol = 1e-7;
  def.solver.atol = 1e-10;
  for (int g = 0; g < v->n_group; g++)
    if (wn_simulate(&v->group[g].scenario, &def, &v->group[g].result, err)) return wn_fail_prefix(err, "%s", v->file);
  for (int i = 0; i < v->n_request; i++) {
    const wn_series *series = &v->group[v->request[i].group].result->series[v->request[i].series];
    if (series->status)
      return wn_fail(err, series->status, "%s: run %s: %s", v->file, v->request[i].name, series->message);
  }
  return WN_OK;
}

// ---- the rows

// a text of a row into a field of fixed size
static void read_text(lua_State *L, int i, const char *label, const wn_place *place, char *to, size_t size) {
  const char *text = wn_take_entry_text(L, -1, i, place, label);
  if (strlen(text) >= size)
    wn_place_fail(L, place, "%s: expected at most %d bytes, got '%s'", label, (int)size - 1, text);
  memcpy(to, text, strlen(text) + 1);
}

static double read_value(lua_State *L, const wn_place *place) {
  if (lua_geti(L, -1, 5) == LUA_TFUNCTION) lua_call(L, 0, 1);
  if (lua_type(L, -1) != LUA_TNUMBER) wn_take_fail(L, -1, place, "value", "a number or a function that gives one");
  double value = lua_tonumber(L, -1);
  lua_pop(L, 1);
  return value;
}

static void read_band(lua_State *L, const wn_place *place, wn_validation_row *row) {
  lua_geti(L, -1, 4);
  if (!lua_istable(L, -1) || lua_rawlen(L, -1) != 2) wn_take_fail(L, -1, place, "accepted band", "{ low, high }");
  row->low = wn_take_entry(L, -1, 1, wn_take_number, place, "low");
  row->high = wn_take_entry(L, -1, 2, wn_take_number, place, "high");
  if (row->high < row->low) wn_place_fail(L, place, "expected low before high, got %g and %g", row->low, row->high);
  lua_pop(L, 1);
}

static wn_badge read_badge(lua_State *L, const wn_place *place) {
  const char *text = wn_take_entry_text(L, -1, 8, place, "badge");
  for (wn_badge badge = WN_MEASURED; badge <= WN_ASSUMED; badge++)
    if (strcmp(text, wn_badge_name(badge)) == 0) return badge;
  wn_place_fail(L, place, "badge: expected \"measured\", \"fitted\" or \"assumed\", got '%s'", text);
}

static void read_use(lua_State *L, const wn_place *place, wn_validation_row *row) {
  static const char *const uses[] = {"tuned", "not tuned", "structural"};
  read_text(L, 7, "use", place, row->use, sizeof row->use);
  for (int i = 0; i < 3; i++)
    if (strcmp(row->use, uses[i]) == 0) return;
  wn_place_fail(L, place, "use: expected \"tuned\", \"not tuned\" or \"structural\", got '%s'", row->use);
}

// the row is at the top of the stack
static void read_row(lua_State *L, const validation *v, int i, wn_validation_row *row) {
  wn_place place = v->place;
  wn_place_call(&place, "row %d", i + 1);
  if (!lua_istable(L, -1)) wn_take_fail(L, -1, &place, NULL, "a list of eight");
  read_text(L, 1, "id", &place, row->id, sizeof row->id);
  wn_place_call(&place, "row %s", row->id);
  wn_lua_check_fields(L, -1, (const char *const[]){NULL}, 8, &place);
  read_text(L, 2, "scenario", &place, row->scenario, sizeof row->scenario);
  read_text(L, 3, "published", &place, row->published, sizeof row->published);
  read_text(L, 6, "unit", &place, row->unit, sizeof row->unit);
  read_use(L, &place, row);
  row->badge = read_badge(L, &place);
  read_band(L, &place, row);
  row->value = read_value(L, &place);
  row->holds = row->value >= row->low && row->value <= row->high;
}

static void read_rows(lua_State *L, void *context) {
  validation *v = context;
  lua_rawgeti(L, LUA_REGISTRYINDEX, v->table);
  lua_getfield(L, -1, "rows");
  lua_newtable(L);
  for (int i = 0; i < v->n_request; i++) {
    wn_run_push(L, v->request[i].name, v->group[v->request[i].group].result, v->request[i].series);
    lua_setfield(L, -2, v->request[i].name);
  }
  wn_take_guard(L, "run");
  lua_call(L, 1, 1);
  if (!lua_istable(L, -1)) wn_take_fail(L, -1, &v->place, "rows", "a list of rows");
  int n = (int)lua_rawlen(L, -1);
  if (n < 1 || n > MAX_ROWS) wn_place_fail(L, &v->place, "rows: expected 1 to %d, got %d", MAX_ROWS, n);
  v->row = wn_alloc((size_t)n * sizeof *v->row);
  wn_error err;
  if (!v->row && wn_fail_memory(&err)) wn_lua_rethrow(L, &err);
  for (v->n_row = 0; v->n_row < n; v->n_row++) {
    lua_geti(L, -1, v->n_row + 1);
    read_row(L, v, v->n_row, &v->row[v->n_row]);
    lua_pop(L, 1);
  }
}

// ---- the whole

// models/NAME.lua -> models/validation/NAME.lua
static wn_status find_table(validation *v, wn_error *err) {
  const char *path = v->script->path, *base = wn_script_base_name(path);
  v->path = wn_arena_printf(v->arena, "%.*svalidation/%s", (int)(base - path), path, base);
  v->file = wn_arena_printf(v->arena, "validation/%s", base);
  if (!v->path || !v->file) return wn_fail_memory(err);
  struct stat info;
  if (stat(v->path, &info) == 0) return WN_OK;
  return wn_fail(err, WN_ERR_USER, "%s has no validation table; it would be %s beside the model", base, v->file);
}

static wn_status validate(validation *v, const char *hypothesis, int n_thread, wn_error *err) {
  v->arena = wn_arena_create();
  if (!v->arena) return wn_fail_memory(err);
  if (wn_script_is_scenario(v->script))
    return wn_fail(err, WN_ERR_USER, "%s: expected a model, got a scenario", v->script->file);
  WN_TRY(wn_arm_hypothesis(v->script->model, hypothesis, &v->hypothesis, err));
  WN_TRY(find_table(v, err));
  WN_TRY(wn_sandbox_run(v->script->lua, declare, v, err));
  WN_TRY(simulate(v, n_thread, err));
  return wn_sandbox_run(v->script->lua, read_rows, v, err);
}

wn_status wn_script_validate(const wn_script_env *env, const char *model, const char *hypothesis, int n_thread,
                             wn_validation_row **rows, int *n_row, wn_error *err) {
  wn_error own;
  if (!err) err = &own;
  *rows = NULL;
  *n_row = 0;
  validation v = {0};
  WN_TRY(wn_script_load(env, model, &v.script, err));
  wn_status status = validate(&v, hypothesis, n_thread, err);
  if (status) {
    wn_free(v.row);
  } else {
    *rows = v.row;
    *n_row = v.n_row;
  }
  // Lua goes first: its runs borrow the results
  wn_script_destroy(v.script);
  for (int g = 0; g < v.n_group; g++) wn_result_destroy(v.group[g].result);
  for (int i = 0; i < v.n_request; i++) WN_ARRAY_FREE(&v.request[i].arm.doses);
  wn_arena_destroy(v.arena);
  return status;
}

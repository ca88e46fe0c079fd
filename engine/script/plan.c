// plan.c - a loaded script, settings and a hypothesis become a scenario: plain data that owns what it needs and borrows
// only the model. Invariant: planning changes nothing in the script, so it can be done again. Knows no simulation.

#include "script/arms.h"
#include "script/goal.h"
#include "script/regimen.h"
#include "script/scenario.h"

#include <lauxlib.h>
#include <math.h>
#include <string.h>

enum { MAX_ARM = 64, MAX_POINTS = 1000000 };

// stack positions in the body: the table of wane.scenario{...} and the options `o`
enum { TABLE = 1, OPTIONS = 2 };

typedef struct plan {
  wn_script *script;
  const wn_model *model;
  wn_scenario *out;
  wn_settings settings;
  int hypothesis;
  wn_place place;
} plan;

// ---- what scenarios and bare models share

// Watch and evaluate all the model has.
static bool watch_all(wn_scenario *s) {
  s->n_watch = s->model->n_output;
  s->watch = wn_arena_alloc(s->arena, ((size_t)s->n_watch + 1) * sizeof *s->watch);
  for (int i = 0; s->watch && i < s->n_watch; i++) s->watch[i] = i;
  s->n_window = s->model->n_window;
  s->window = s->model->window;
  return s->watch;
}

// The coarsest grid worth keeping: 15 min up to four weeks, then coarser, about 2700 points at most.
static double default_every(double hours) {
  static const double steps[] = {0.25, 0.5, 1, 2, 3, 6, 12};
  for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
    if (hours / steps[i] <= 2688) return steps[i];
  return 24 * ceil(hours / 24 / 2688);
}

static wn_scenario *create(const wn_script *script) {
  wn_scenario *s = wn_alloc(sizeof *s);
  if (!s) return NULL;
  s->model = script->model;
  s->night_from = 23, s->night_to = 7;
  s->arena = wn_arena_create();
  if (s->arena && watch_all(s) && (s->path = wn_arena_strdup(s->arena, script->path))) return s;
  wn_scenario_destroy(s);
  return NULL;
}

// ---- a bare model: one arm without doses, which the program adds

static wn_status plan_model(const plan *p, wn_error *err) {
  wn_scenario *s = p->out;
  s->name = s->model->name;
  s->title = s->model->title;
  s->caption = s->model->caption;
  s->arm = wn_arena_alloc(s->arena, sizeof *s->arm);
  double *param = wn_arena_alloc(s->arena, ((size_t)s->model->n_param + 1) * sizeof *param);
  if (!s->arm || !param) return wn_fail_memory(err);
  wn_model_defaults(s->model, p->hypothesis, param);
  for (int i = 0; i < s->model->n_param; i++)
    if (p->settings.given[i]) param[i] = p->settings.param[i];
  s->n_arm = 1;
  *s->arm = (wn_arm){.name = s->model->name, .label = s->model->name, .param = param, .day_start = NAN};
  s->t_end = s->plot_to = 24;
  s->every = default_every(24);
  return WN_OK;
}

// ---- a scenario: everything below runs inside a body

// The table `o`: values by name; whole numbers without ".0", so that labels read well.
static void push_options(lua_State *L, const plan *p) {
  const wn_script_scenario *s = p->script->scenario;
  lua_newtable(L);
  for (int i = 0; i < s->n_option; i++) {
    double value = p->settings.option[i];
    if (value == floor(value) && fabs(value) < 1e15)
      lua_pushinteger(L, (lua_Integer)value);
    else
      lua_pushnumber(L, value);
    lua_setfield(L, -2, s->option[i].name);
  }
  wn_take_guard(L, "option");
}

// Push a field of the scenario; a function is called with the options.
static int push_field(lua_State *L, const char *field) {
  if (lua_getfield(L, TABLE, field) != LUA_TFUNCTION) return lua_type(L, -1);
  lua_pushvalue(L, OPTIONS);
  lua_call(L, 1, 1);
  return lua_type(L, -1);
}

static double time_field(lua_State *L, const plan *p, const char *field, wn_take *take, double fallback) {
  double value = push_field(L, field) == LUA_TNIL ? fallback : take(L, -1, &p->place, field);
  lua_pop(L, 1);
  return value;
}

static const char *text_field(lua_State *L, const plan *p, const char *field, const char *fallback) {
  const char *text = push_field(L, field) == LUA_TNIL ? fallback : wn_take_text(L, -1, &p->place, field);
  text = text ? wn_take_keep(L, p->out->arena, text) : NULL;
  lua_pop(L, 1);
  return text;
}

// a field of the form { from, to }; returns false and leaves both alone when it is not there
static bool pair_field(lua_State *L, const plan *p, const char *field, wn_take *take, double *from, double *to) {
  bool given = push_field(L, field) != LUA_TNIL;
  if (given) {
    if (!lua_istable(L, -1) || lua_rawlen(L, -1) != 2) wn_take_fail(L, -1, &p->place, field, "{ from, to }");
    *from = wn_take_entry(L, -1, 1, take, &p->place, field);
    *to = wn_take_entry(L, -1, 2, take, &p->place, field);
  }
  lua_pop(L, 1);
  return given;
}

// names go into files: letters, digits, - and _
static const char *arm_name(lua_State *L, const plan *p, const wn_place *place) {
  const char *name = wn_take_field_text(L, -1, "name", NULL, place);
  size_t usable = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");
  if (!*name || name[usable]) wn_place_fail(L, place, "name: expected letters, digits, - and _, got '%.40s'", name);
  for (int i = 0; i < p->out->n_arm; i++)
    if (strcmp(p->out->arm[i].name, name) == 0)
      wn_place_fail(L, place, "name: expected one of its own, got '%s' twice", name);
  return wn_take_keep(L, p->out->arena, name);
}

static void read_arm(lua_State *L, plan *p, const wn_arm_context *context, wn_arm *arm) {
  static const char *const fields[] = {"name", "label", "regimen", "set", "hypothesis", "day_start", NULL};
  int i = p->out->n_arm;
  wn_place place = p->place;
  wn_place_call(&place, "arms[%d]", i + 1);
  if (!lua_istable(L, -1)) wn_take_fail(L, -1, &place, NULL, "{ name =, regimen = }");
  arm->name = arm_name(L, p, &place);
  wn_place_call(&place, "arm %s", arm->name);
  wn_lua_check_fields(L, -1, fields, 0, &place);
  arm->label = wn_take_keep(L, p->out->arena, wn_take_field_text(L, -1, "label", arm->name, &place));
  if (strcmp(arm->label, arm->name) != 0) wn_place_call(&place, "arm %s (%.60s)", arm->name, arm->label);
  arm->day_start = wn_take_given(L, -1, "day_start") ? wn_take_field(L, -1, "day_start", wn_take_time, 0, &place) : NAN;
  // counted before its doses are read, so that they are freed with the scenario whatever happens
  p->out->n_arm++;
  wn_arm_read(L, lua_gettop(L), &place, context, arm);
}

static void read_arms(lua_State *L, plan *p) {
  static const char expected[] = "a list of arms like { { name = \"low\", regimen = daily{...} } }";
  if (push_field(L, "arms") != LUA_TTABLE) wn_take_fail(L, -1, &p->place, "arms", expected);
  int list = lua_gettop(L), n = (int)lua_rawlen(L, list);
  wn_place place = p->place;
  wn_place_call(&place, "arms");
  wn_lua_check_fields(L, list, (const char *const[]){NULL}, n, &place);
  if (n < 1 || n > MAX_ARM) wn_place_fail(L, &place, "expected 1 to %d, got %d", MAX_ARM, n);
  p->out->arm = wn_take_alloc(L, p->out->arena, (size_t)n * sizeof *p->out->arm);
  wn_arm_context context = {p->script, p->out->arena, p->hypothesis, &p->settings};
  for (int i = 0; i < n; i++) {
    lua_geti(L, list, i + 1);
    read_arm(L, p, &context, &p->out->arm[i]);
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
}

// Without a duration: whole days, at least one, and at least 24 h after the last dose of any arm.
static double default_duration(const wn_scenario *s) {
  double last = 0;
  for (int i = 0; i < s->n_arm; i++)
    for (int k = 0; k < s->arm[i].doses.n; k++) {
      const wn_dose *dose = &s->arm[i].doses.data[k];
      last = fmax(last, dose->time + dose->addl * dose->ii + dose->duration + 24);
    }
  return fmax(24, 24 * ceil(last / 24 - 1e-9));
}

// the span shown; one that reaches beyond the end (a shorter run was asked for) moves with it
static void read_show(lua_State *L, const plan *p) {
  wn_scenario *s = p->out;
  double from = s->t_start, to = s->t_end;
  pair_field(L, p, "show", wn_take_duration, &from, &to);
  from = fmax(from, s->t_start);
  if (to <= from) wn_place_fail(L, &p->place, "show: expected a span of the run, got %g to %g h", from, to);
  double width = fmin(to - from, s->t_end - s->t_start);
  s->plot_to = fmin(to, s->t_end);
  s->plot_from = to > s->t_end ? s->t_end - width : from;
}

static void read_times(lua_State *L, const plan *p) {
  wn_scenario *s = p->out;
  s->t_end = time_field(L, p, "duration", wn_take_span, NAN);
  if (isnan(s->t_end)) s->t_end = default_duration(s);
  if (s->t_end > WN_MAX_HOURS) wn_place_fail(L, &p->place, "duration: expected at most 1000 years, got %g h", s->t_end);
  s->every = time_field(L, p, "every", wn_take_span, default_every(s->t_end));
  if (s->t_end / s->every > MAX_POINTS)
    wn_place_fail(L, &p->place, "every: expected at most %d points, got %.0f", MAX_POINTS, s->t_end / s->every);
  pair_field(L, p, "night", wn_take_clock, &s->night_from, &s->night_to);
  read_show(L, p);
}

static void read_watch(lua_State *L, const plan *p) {
  wn_scenario *s = p->out;
  int n = wn_take_push_list(L, TABLE, "watch", &p->place);
  if (!lua_isnil(L, -1)) s->n_watch = n, s->watch = wn_take_alloc(L, s->arena, ((size_t)n + 1) * sizeof *s->watch);
  for (int i = 0; i < n; i++) {
    wn_error err;
    const char *name = wn_take_entry_text(L, -1, i + 1, &p->place, "watch");
    if (wn_model_require_output(s->model, name, &s->watch[i], &err)) wn_take_rethrow(L, &p->place, "watch", &err);
  }
  lua_pop(L, 1);
}

static void read_windows(lua_State *L, const plan *p) {
  wn_scenario *s = p->out;
  int n = wn_take_push_list(L, TABLE, "windows", &p->place);
  if (!lua_isnil(L, -1)) s->n_window = n, s->window = wn_take_alloc(L, s->arena, ((size_t)n + 1) * sizeof *s->window);
  for (int i = 0; i < n; i++) {
    lua_geti(L, -1, i + 1);
    s->window[i] = wn_scenario_window(L, s->model, s->arena, &p->place);
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
}

static void plan_scenario(lua_State *L, void *context) {
  plan *p = context;
  wn_scenario *s = p->out;
  lua_rawgeti(L, LUA_REGISTRYINDEX, p->script->result);
  push_options(L, p);
  s->name = wn_take_keep(L, s->arena, p->script->scenario->name);
  s->title = text_field(L, p, "title", s->name);
  s->caption = text_field(L, p, "caption", s->model->caption);
  read_arms(L, p);
  read_times(L, p);
  read_watch(L, p);
  read_windows(L, p);
  if (push_field(L, "goal") != LUA_TNIL) s->goal = wn_goal_read(L, p->script, s, &p->place);
  lua_pop(L, 1);
}

wn_status wn_script_plan(wn_script *script, const wn_setting *settings, int n_setting, const char *hypothesis,
                         wn_scenario **scenario, wn_error *err) {
  wn_error own;
  if (!err) err = &own;
  *scenario = NULL;
  plan p = {.script = script, .model = script->model, .out = create(script)};
  if (!p.out) return wn_fail_memory(err);
  const wn_option *option;
  int n_option = wn_script_options(script, &option);
  wn_status status = wn_settings_resolve(p.out->arena, script->units, script->model, option, n_option, settings,
                                         n_setting, &p.settings, err);
  if (!status) status = wn_arm_hypothesis(script->model, hypothesis, &p.hypothesis, err);
  if (!status && script->scenario) {
    p.place = script->scenario->place;
    status = wn_sandbox_run(script->lua, plan_scenario, &p, err);
  } else if (!status) {
    status = plan_model(&p, err);
  }
  if (status)
    wn_scenario_destroy(p.out);
  else
    *scenario = p.out;
  return status;
}

// plan.c - a loaded script, settings and a hypothesis become a scenario: plain data that owns what it needs and borrows
// only the model. Invariant: planning changes nothing in the script, so it can be done again. Knows no simulation.

#include "base/value.h"
#include "script/arms.h"
#include "script/goal.h"
#include "script/regimen.h"
#include "script/scenario.h"

#include <lauxlib.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MAX_ARM = 64, MAX_POINTS = 1000000 };

// stack positions in the body: the table of wane.scenario{...} and the options `o`
enum { TABLE = 1, OPTIONS = 2 };

struct wn_planner {
  wn_script *script;
  wn_arena *arena;
  wn_settings settings;
  int hypothesis;
  double *usual;  // [n_param] the model's defaults under that hypothesis
};

// one plan that is being made
typedef struct plan {
  const wn_planner *by;
  wn_scenario *out;
  wn_place place;
  bool goal;  // read it too
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
  memcpy(param, p->by->usual, (size_t)s->model->n_param * sizeof *param);
  for (int i = 0; i < s->model->n_param; i++)
    if (p->by->settings.given[i]) param[i] = p->by->settings.param[i];
  s->n_arm = 1;
  *s->arm = (wn_arm){.name = s->model->name, .label = s->model->name, .param = param, .day_start = NAN};
  s->t_end = s->plot_to = 24;
  s->every = default_every(24);
  return WN_OK;
}

// ---- a scenario: everything below runs inside a body

// The table `o`: values by name; whole numbers without ".0", so that labels read well.
static void push_options(lua_State *L, const plan *p) {
  const wn_script_scenario *s = p->by->script->scenario;
  lua_createtable(L, 0, s->n_option);
  for (int i = 0; i < s->n_option; i++) {
    double value = p->by->settings.option[i];
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
static bool is_usable(const char *name) {
  const char *c = name;
  while ((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') || *c == '_' || *c == '-')
    c++;
  return c > name && !*c;
}

static bool is_taken(const wn_scenario *s, const char *name) {
  for (int i = 0; i < s->n_arm; i++)
    if (strcmp(s->arm[i].name, name) == 0) return true;
  return false;
}

// an arm that has no good name is called by its number
static _Noreturn void fail_name(lua_State *L, const plan *p) {
  wn_place place = p->place;
  wn_place_call(&place, "arms[%d]", p->out->n_arm + 1);
  if (!lua_istable(L, -1)) wn_take_fail(L, -1, &place, NULL, "{ name =, regimen = }");
  const char *name = wn_take_field_text(L, -1, "name", NULL, &place);
  if (is_usable(name)) wn_place_fail(L, &place, "name: expected one of its own, got '%s' twice", name);
  wn_place_fail(L, &place, "name: expected letters, digits, - and _, got '%.40s'", name);
}

static const char *arm_name(lua_State *L, const plan *p) {
  if (!lua_istable(L, -1)) fail_name(L, p);
  const char *name = lua_getfield(L, -1, "name") == LUA_TSTRING ? lua_tostring(L, -1) : "";
  lua_pop(L, 1);
  if (!is_usable(name) || is_taken(p->out, name)) fail_name(L, p);
  return wn_take_keep(L, p->out->arena, name);
}

static void read_arm(lua_State *L, plan *p, const wn_arm_context *context, wn_arm *arm) {
  enum { NAME, LABEL, REGIMEN, SET, HYPOTHESIS, DAY_START };
  static const char *const fields[] = {"name", "label", "regimen", "set", "hypothesis", "day_start", NULL};
  wn_place place = {.file = p->place.file, .line = p->place.line};
  arm->name = arm_name(L, p);
  wn_place_add(&place, "arm ");
  wn_place_add(&place, arm->name);
  int at = wn_lua_push_fields(L, -1, fields, 0, &place);
  arm->label = wn_take_keep(L, p->out->arena, wn_take_text_or(L, at + LABEL, arm->name, &place, "label"));
  if (strlen(arm->label) > 60) {
    wn_place_call(&place, "arm %s (%.60s)", arm->name, arm->label);
  } else if (strcmp(arm->label, arm->name) != 0) {
    wn_place_add(&place, " (");
    wn_place_add(&place, arm->label);
    wn_place_add(&place, ")");
  }
  arm->day_start = lua_isnil(L, at + DAY_START) ? NAN : wn_take_time(L, at + DAY_START, &place, "day_start");
  // counted before its doses are read, so that they are freed with the scenario whatever happens
  p->out->n_arm++;
  wn_arm_read(L, (const int[]){at + REGIMEN, at + SET, at + HYPOTHESIS}, &place, context, arm);
  lua_settop(L, at - 1);
}

static void read_arms(lua_State *L, plan *p) {
  static const char expected[] = "a list of arms like { { name = \"low\", regimen = daily{...} } }";
  if (push_field(L, "arms") != LUA_TTABLE) wn_take_fail(L, -1, &p->place, "arms", expected);
  int list = lua_gettop(L), n = (int)lua_rawlen(L, list);
  wn_place place = {.file = p->place.file, .line = p->place.line};
  wn_place_add(&place, "arms");
  wn_lua_check_fields(L, list, (const char *const[]){NULL}, n, &place);
  if (n < 1 || n > MAX_ARM) wn_place_fail(L, &place, "expected 1 to %d, got %d", MAX_ARM, n);
  p->out->arm = wn_take_alloc(L, p->out->arena, (size_t)n * sizeof *p->out->arm);
  wn_arm_context context = {p->by->script, p->out->arena, p->by->hypothesis, &p->by->settings, p->by->usual};
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
  lua_rawgeti(L, LUA_REGISTRYINDEX, p->by->script->result);
  push_options(L, p);
  s->name = wn_take_keep(L, s->arena, p->by->script->scenario->name);
  s->title = text_field(L, p, "title", s->name);
  s->caption = text_field(L, p, "caption", s->model->caption);
  read_arms(L, p);
  read_times(L, p);
  read_watch(L, p);
  read_windows(L, p);
  if (p->goal && push_field(L, "goal") != LUA_TNIL) s->goal = wn_goal_read(L, p->by->script, s, &p->place);
}

// ---- planners

static wn_status read_settings(wn_planner *p, const wn_setting *settings, int n_setting, const char *hypothesis,
                               wn_error *err) {
  const wn_script *script = p->script;
  const wn_option *option;
  int n_option = wn_script_options(script, &option);
  if (!(p->arena = wn_arena_create())) return wn_fail_memory(err);
  WN_TRY(wn_settings_resolve(p->arena, script->units, script->model, option, n_option, settings, n_setting,
                             &p->settings, err));
  WN_TRY(wn_arm_hypothesis(script->model, hypothesis, &p->hypothesis, err));
  if (!(p->usual = wn_arena_alloc(p->arena, ((size_t)script->model->n_param + 1) * sizeof(double))))
    return wn_fail_memory(err);
  wn_model_defaults(script->model, p->hypothesis, p->usual);
  return WN_OK;
}

wn_status wn_planner_create(wn_script *script, const wn_setting *settings, int n_setting, const char *hypothesis,
                            wn_planner **planner, wn_error *err) {
  wn_error own;
  if (!err) err = &own;
  *planner = wn_alloc(sizeof **planner);
  if (!*planner) return wn_fail_memory(err);
  (*planner)->script = script;
  wn_status status = read_settings(*planner, settings, n_setting, hypothesis, err);
  if (!status) return WN_OK;
  wn_planner_destroy(*planner);
  *planner = NULL;
  return status;
}

void wn_planner_destroy(wn_planner *planner) {
  if (!planner) return;
  wn_arena_destroy(planner->arena);
  wn_free(planner);
}

wn_status wn_planner_set(wn_planner *planner, int i, double value, wn_error *err) {
  const wn_option *option;
  wn_script_options(planner->script, &option);
  if (!isfinite(value) || (strcmp(option[i].unit, "clock") == 0 && !(value >= 0 && value <= 24))) {
    char text[32];
    snprintf(text, sizeof text, "%.17g", value);
    return wn_value_read(planner->script->units, option[i].name, option[i].unit, text, &value, err);
  }
  planner->settings.option[i] = value;
  return WN_OK;
}

wn_status wn_planner_plan(wn_planner *planner, bool goal, wn_scenario **scenario, wn_error *err) {
  const wn_script *script = planner->script;
  wn_error own;
  wn_status status;
  if (!err) err = &own;
  *scenario = NULL;
  plan p = {.by = planner, .out = create(script), .goal = goal};
  if (!p.out) return wn_fail_memory(err);
  if (script->scenario) {
    p.place = script->scenario->place;
    status = wn_sandbox_run(script->lua, plan_scenario, &p, err);
  } else {
    status = plan_model(&p, err);
  }
  if (status)
    wn_scenario_destroy(p.out);
  else
    *scenario = p.out;
  return status;
}

wn_status wn_script_plan(wn_script *script, const wn_setting *settings, int n_setting, const char *hypothesis,
                         wn_scenario **scenario, wn_error *err) {
  wn_planner *planner;
  *scenario = NULL;
  WN_TRY(wn_planner_create(script, settings, n_setting, hypothesis, &planner, err));
  wn_status status = wn_planner_plan(planner, true, scenario, err);
  wn_planner_destroy(planner);
  return status;
}

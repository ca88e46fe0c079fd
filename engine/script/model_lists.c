// Reads the lists of wane.model{..}: parameters, covariates, states, doses, outputs. Invariant: what is stored in the
// model is copied into its arena and complete, or an error was raised with the line of the declaration. Must not run
// the model's functions.
#include "base/text.h"
#include "script/functions.h"
#include "script/model_loader.h"
#include "script/take.h"
#include <ctype.h>
#include <lauxlib.h>
#include <stdio.h>
#include <string.h>

wn_place wn_loading_place(const wn_loading *loading, int line, const char *kind, const char *name) {
  wn_place place = loading->place;
  place.line = line;
  wn_place_call(&place, "%s %.80s", kind, name);
  return place;
}

int wn_loading_find_line(wn_loading *loading, const char *section, const char *name) {
  int line = wn_lua_find_line(&loading->cursor, section, name);
  return line > 0 ? line : loading->place.line;
}

void *wn_loading_alloc(const wn_loading *loading, size_t size) {
  void *block = wn_arena_alloc(loading->model->arena, size);
  wn_error err;
  if (!block && wn_fail_memory(&err)) wn_lua_rethrow(loading->L, &err);
  return block;
}

const char *wn_loading_text(const wn_loading *loading, const char *text) {
  const char *copy = wn_arena_strdup(loading->model->arena, text);
  wn_error err;
  if (!copy && wn_fail_memory(&err)) wn_lua_rethrow(loading->L, &err);
  return copy;
}

const wn_unit *wn_loading_unit(const wn_loading *loading, const char *text, const wn_place *place) {
  wn_error err;
  const wn_unit *unit = wn_unit_parse(loading->script->units, text, &err);
  if (!unit) wn_take_rethrow(loading->L, place, NULL, &err);
  return unit;
}

void wn_loading_push_row(const wn_loading *loading, const char *section, int i) {
  lua_State *L = loading->L;
  lua_getfield(L, loading->table, section);
  if (lua_geti(L, -1, i + 1) != LUA_TTABLE) {
    wn_place place = loading->place;
    wn_place_call(&place, "%s: entry %d", section, i + 1);
    wn_place_fail(L, &place, "expected a row in braces, got %s", wn_lua_type_words(L, -1));
  }
  lua_remove(L, -2);
}

// a name of letters and digits; one that equations see must not be a word of Lua or of the language
static void check_name(lua_State *L, const char *name, bool seen, const wn_place *place) {
  bool good = isalpha((unsigned char)name[0]) || name[0] == '_';
  for (const char *c = name; *c; c++) good = good && (isalnum((unsigned char)*c) || *c == '_');
  if (!good || strlen(name) > 63)
    wn_place_fail(L, place, "expected a name of letters, digits and _, got '%.64s'", name);
  if (!seen) return;
  static const char *const words[] = {"and",      "break",  "do",   "else", "elseif", "end",  "false", "for",
                                      "function", "goto",   "if",   "in",   "local",  "nil",  "not",   "or",
                                      "repeat",   "return", "then", "true", "until",  "while"};
  for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
    if (strcmp(name, words[i]) == 0) wn_place_fail(L, place, "'%s' is a word of Lua; choose another name", name);
  if (wn_function_is(name)) wn_place_fail(L, place, "'%s' is a name of the language; choose another", name);
}

// row i of a list at the top of the stack; its name and place
static const char *begin_row(wn_loading *loading, const char *section, const char *kind, int i, wn_place *place) {
  lua_State *L = loading->L;
  wn_loading_push_row(loading, section, i);
  *place = loading->place;
  wn_place_call(place, "%s: entry %d", section, i + 1);
  const char *name = wn_take_entry_text(L, -1, 1, place, "name");
  *place = wn_loading_place(loading, wn_loading_find_line(loading, section, name), kind, name);
  check_name(L, name, strcmp(section, "doses") != 0, place);
  return wn_loading_text(loading, name);
}

static const char *text_at(const wn_loading *loading, int position, const char *label, const wn_place *place) {
  return wn_loading_text(loading, wn_take_entry_text(loading->L, -1, position, place, label));
}

static const char *optional_text_at(const wn_loading *loading, int position, const char *label, const wn_place *place) {
  bool given = lua_geti(loading->L, -1, position) != LUA_TNIL;
  lua_pop(loading->L, 1);
  return given ? text_at(loading, position, label, place) : "";
}

static int count(const wn_loading *loading, const char *section) {
  int n = wn_take_push_list(loading->L, loading->table, section, &loading->place);
  lua_pop(loading->L, 1);
  return n;
}

wn_badge wn_loading_badge(const wn_loading *loading, const char *text, const wn_place *place) {
  const char *names[3];
  for (int i = 0; i < 3; i++) {
    names[i] = wn_badge_name((wn_badge)i);
    if (strcmp(text, names[i]) == 0) return (wn_badge)i;
  }
  const char *near = wn_nearest(text, names, 3);
  wn_place_fail(loading->L, place, "badge: expected measured, fitted or assumed, got '%.40s'%s%s", text,
                near ? "; try " : "", near ? near : "");
}

// `min` or `above`, `max` or `below`: of the row at the top of the stack
static bool read_limit(const wn_loading *loading, const char *closed, const char *open, const wn_place *place,
                       bool *is_open, double *limit) {
  lua_State *L = loading->L;
  bool has_closed = lua_getfield(L, -1, closed) != LUA_TNIL;
  *is_open = lua_getfield(L, -2, open) != LUA_TNIL;
  if (has_closed && *is_open) wn_place_fail(L, place, "expected either %s or %s, got both", closed, open);
  bool given = has_closed || *is_open;
  if (given) *limit = wn_take_number(L, *is_open ? -1 : -2, place, *is_open ? open : closed);
  lua_pop(L, 2);
  return given;
}

static void read_limits(const wn_loading *loading, wn_limits *l, const wn_place *place) {
  l->has_low = read_limit(loading, "min", "above", place, &l->open_low, &l->low);
  l->has_high = read_limit(loading, "max", "below", place, &l->open_high, &l->high);
  bool apart = l->open_low || l->open_high ? l->low < l->high : l->low <= l->high;
  if (l->has_low && l->has_high && !apart)
    wn_place_fail(loading->L, place, "expected the lower limit below the upper one, got %g and %g", l->low, l->high);
}

static void read_parameters(wn_loading *loading) {
  wn_model *model = loading->model;
  wn_trace *trace = loading->script->trace;
  model->n_param = count(loading, "parameters");
  model->param = wn_loading_alloc(loading, sizeof *model->param * (size_t)model->n_param);
  trace->param_unit = wn_loading_alloc(loading, sizeof *trace->param_unit * (size_t)model->n_param);
  for (int i = 0; i < model->n_param; i++) {
    wn_place place;
    wn_parameter *p = &model->param[i];
    p->name = begin_row(loading, "parameters", "parameter", i, &place);
    wn_lua_check_fields(loading->L, -1, (const char *const[]){"min", "above", "max", "below", NULL}, 6, &place);
    p->value = wn_take_entry(loading->L, -1, 2, wn_take_number, &place, "value");
    p->unit = text_at(loading, 3, "unit", &place);
    trace->param_unit[i] = wn_loading_unit(loading, p->unit, &place);
    p->meaning = text_at(loading, 4, "meaning", &place);
    p->badge = wn_loading_badge(loading, wn_take_entry_text(loading->L, -1, 5, &place, "badge"), &place);
    p->source = text_at(loading, 6, "source", &place);
    read_limits(loading, &p->limits, &place);
    p->line = place.line;
    lua_pop(loading->L, 1);
  }
}

static wn_interpolation read_carry(const wn_loading *loading, const wn_place *place) {
  const char *text = wn_take_field_text(loading->L, lua_gettop(loading->L), "carry", "", place);
  if (!*text) return WN_COVARIATE_DIALECT;
  if (strcmp(text, "backward") == 0) return WN_COVARIATE_BACKWARD;
  if (strcmp(text, "forward") == 0) return WN_COVARIATE_FORWARD;
  if (strcmp(text, "linear") == 0) return WN_COVARIATE_LINEAR;
  wn_place_fail(loading->L, place, "carry: expected \"backward\", \"forward\" or \"linear\", got '%.40s'", text);
}

static void read_covariates(wn_loading *loading) {
  wn_model *model = loading->model;
  wn_trace *trace = loading->script->trace;
  model->n_covariate = count(loading, "covariates");
  model->covariate = wn_loading_alloc(loading, sizeof *model->covariate * (size_t)model->n_covariate);
  trace->covariate_unit = wn_loading_alloc(loading, sizeof *trace->covariate_unit * (size_t)model->n_covariate);
  for (int i = 0; i < model->n_covariate; i++) {
    wn_place place;
    wn_covariate *c = &model->covariate[i];
    c->name = begin_row(loading, "covariates", "covariate", i, &place);
    wn_lua_check_fields(loading->L, -1, (const char *const[]){"carry", NULL}, 4, &place);
    c->value = wn_take_entry(loading->L, -1, 2, wn_take_number, &place, "value");
    c->unit = text_at(loading, 3, "unit", &place);
    trace->covariate_unit[i] = wn_loading_unit(loading, c->unit, &place);
    c->meaning = text_at(loading, 4, "meaning", &place);
    c->interpolation = read_carry(loading, &place);
    c->line = place.line;
    lua_pop(loading->L, 1);
  }
}

static void read_states(wn_loading *loading) {
  wn_model *model = loading->model;
  wn_trace *trace = loading->script->trace;
  model->n_state = count(loading, "states");
  if (model->n_state == 0) wn_place_fail(loading->L, &loading->place, "states: expected at least one");
  model->state = wn_loading_alloc(loading, sizeof *model->state * (size_t)model->n_state);
  trace->state_unit = wn_loading_alloc(loading, sizeof *trace->state_unit * (size_t)model->n_state);
  trace->derivative_factor = wn_loading_alloc(loading, sizeof(double) * (size_t)model->n_state);
  for (int i = 0; i < model->n_state; i++) {
    wn_place place;
    wn_state *s = &model->state[i];
    s->name = begin_row(loading, "states", "state", i, &place);
    wn_lua_check_fields(loading->L, -1, (const char *const[]){"initial", NULL}, 3, &place);
    s->unit = text_at(loading, 2, "unit", &place);
    trace->state_unit[i] = wn_loading_unit(loading, s->unit, &place);
    s->meaning = optional_text_at(loading, 3, "meaning", &place);
    s->initial = s->derivative = WN_NO_NODE;
    s->line = place.line;
    lua_pop(loading->L, 1);
  }
}

// a state named by the text at the top of the stack, which is popped
static int take_target(const wn_loading *loading, const wn_place *place) {
  const wn_model *model = loading->model;
  const char *name = wn_take_text(loading->L, -1, place, "into");
  int state = wn_model_find_state(model, name);
  if (state < 0) {
    const char **names = wn_loading_alloc(loading, sizeof *names * (size_t)model->n_state);
    for (int i = 0; i < model->n_state; i++) names[i] = model->state[i].name;
    const char *near = wn_nearest(name, names, model->n_state);
    wn_place_fail(loading->L, place, "into: unknown state '%.60s'%s%s", name, near ? "; try " : "", near ? near : "");
  }
  lua_pop(loading->L, 1);
  return state;
}

static void read_targets(const wn_loading *loading, wn_route *route, const wn_place *place) {
  lua_State *L = loading->L;
  int type = lua_getfield(L, -1, "into");
  if (type != LUA_TTABLE) {
    if (type == LUA_TNIL) wn_place_fail(L, place, "into: expected the name of a state, got nothing");
    route->n_target = 1;
    route->target[0] = take_target(loading, place);
    return;
  }
  int n = (int)lua_rawlen(L, -1);
  wn_lua_check_fields(L, -1, (const char *const[]){NULL}, n, place);
  if (n < 1 || n > 4) wn_place_fail(L, place, "into: expected one to four states, got %d", n);
  route->n_target = n;
  for (int i = 0; i < n; i++) {
    lua_geti(L, -1, i + 1);
    route->target[i] = take_target(loading, place);
  }
  lua_pop(L, 1);
}

// `default = true` of the row at the top of the stack: the route of doses that name none
static void read_default(const wn_loading *loading, int i, bool *found, const wn_place *place) {
  lua_State *L = loading->L;
  int type = lua_getfield(L, -1, "default");
  if (type != LUA_TNIL && type != LUA_TBOOLEAN) wn_take_fail(L, -1, place, "default", "true or false");
  bool chosen = lua_toboolean(L, -1);
  lua_pop(L, 1);
  if (!chosen) return;
  if (*found)
    wn_place_fail(L, place, "default: expected one, but %s is the default already",
                  loading->model->route[loading->model->default_route].name);
  *found = true;
  loading->model->default_route = i;
}

static void read_doses(wn_loading *loading) {
  static const char *const fields[] = {"into", "amount", "F", "lag", "rate", "duration", "default", NULL};
  wn_model *model = loading->model;
  bool found_default = false;
  model->n_route = count(loading, "doses");
  model->route = wn_loading_alloc(loading, sizeof *model->route * (size_t)model->n_route);
  for (int i = 0; i < model->n_route; i++) {
    wn_place place;
    wn_route *r = &model->route[i];
    r->name = begin_row(loading, "doses", "dose", i, &place);
    wn_lua_check_fields(loading->L, -1, fields, 3, &place);
    r->unit = text_at(loading, 2, "unit", &place);
    wn_loading_unit(loading, r->unit, &place);
    r->meaning = optional_text_at(loading, 3, "meaning", &place);
    read_targets(loading, r, &place);
    read_default(loading, i, &found_default, &place);
    r->line = place.line;
    lua_pop(loading->L, 1);
  }
}

static void read_outputs(wn_loading *loading) {
  wn_model *model = loading->model;
  model->n_output = count(loading, "outputs");
  model->output = wn_loading_alloc(loading, sizeof *model->output * (size_t)model->n_output);
  for (int i = 0; i < model->n_output; i++) {
    wn_place place;
    wn_output *o = &model->output[i];
    o->name = begin_row(loading, "outputs", "output", i, &place);
    wn_lua_check_fields(loading->L, -1, (const char *const[]){NULL}, 3, &place);
    o->unit = text_at(loading, 2, "unit", &place);
    wn_loading_unit(loading, o->unit, &place);
    o->meaning = optional_text_at(loading, 3, "meaning", &place);
    o->value = WN_NO_NODE;
    o->line = place.line;
    lua_pop(loading->L, 1);
  }
}

void wn_loading_lists(wn_loading *loading) {
  lua_State *L = loading->L;
  static const char *const fields[] = {"name",       "title",      "caption",   "parameters", "covariates",
                                       "states",     "doses",      "equations", "outputs",    "windows",
                                       "hypotheses", "individual", "occasion",  "residual",   NULL};
  wn_lua_check_fields(L, loading->table, fields, 0, &loading->place);
  wn_model *model = loading->model;
  model->name = wn_loading_text(loading, wn_take_field_text(L, loading->table, "name", NULL, &loading->place));
  model->title = wn_loading_text(loading, wn_take_field_text(L, loading->table, "title", model->name, &loading->place));
  model->caption = wn_loading_text(loading, wn_take_field_text(L, loading->table, "caption", "", &loading->place));
  read_parameters(loading);
  read_covariates(loading);
  read_states(loading);
  read_doses(loading);
  read_outputs(loading);
  wn_loading_windows(loading);
  wn_loading_hypotheses(loading);
  wn_loading_random(loading);
  wn_loading_residuals(loading);
}

// Reads the windows and hypotheses of wane.model{..}. Must not run the model's functions.
#include "base/text.h"
#include "script/model_loader.h"
#include "script/take.h"
#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

// row i of a list whose entries are named for people, not for equations; left at the top of the stack
static const char *begin_named_row(wn_loading *loading, const char *section, const char *kind, int i, wn_place *place) {
  wn_loading_push_row(loading, section, i);
  *place = loading->place;
  wn_place_call(place, "%s: entry %d", section, i + 1);
  const char *name = wn_take_entry_text(loading->L, -1, 1, place, "name");
  if (!*name) wn_place_fail(loading->L, place, "the name is empty");
  *place = wn_loading_place(loading, wn_loading_find_line(loading, section, name), kind, name);
  return wn_loading_text(loading, name);
}

static int count(const wn_loading *loading, const char *section) {
  int n = wn_take_push_list(loading->L, loading->table, section, &loading->place);
  lua_pop(loading->L, 1);
  return n;
}

static int read_baseline(const wn_loading *loading, const wn_place *place) {
  static const char *const names[] = {"none", "difference", "ratio"};
  const char *text = wn_take_field_text(loading->L, lua_gettop(loading->L), "baseline", "none", place);
  for (int i = 0; i < 3; i++)
    if (strcmp(text, names[i]) == 0) return i;
  wn_place_fail(loading->L, place, "baseline: expected \"difference\" or \"ratio\", got '%.40s'", text);
}

void wn_loading_windows(wn_loading *loading) {
  lua_State *L = loading->L;
  wn_model *model = loading->model;
  model->n_window = count(loading, "windows");
  model->window = wn_loading_alloc(loading, sizeof *model->window * (size_t)model->n_window);
  for (int i = 0; i < model->n_window; i++) {
    wn_place place;
    wn_window_def *w = &model->window[i];
    w->name = begin_named_row(loading, "windows", "window", i, &place);
    int row = lua_gettop(L);
    static const char *const fields[] = {"of", "above", "below", "baseline", "meaning", NULL};
    wn_lua_check_fields(L, row, fields, 1, &place);
    wn_error err;
    const char *of = wn_take_field_text(L, row, "of", NULL, &place);
    if (wn_model_require_output(model, of, &w->output, &err)) wn_take_rethrow(L, &place, "of", &err);
    bool above = wn_take_given(L, row, "above"), below = wn_take_given(L, row, "below");
    if (above == below) wn_place_fail(L, &place, "expected either above or below, got %s", above ? "both" : "neither");
    w->above = above;
    lua_getfield(L, row, above ? "above" : "below");
    w->threshold = wn_take_number(L, -1, &place, above ? "above" : "below");
    lua_settop(L, row);
    w->baseline = read_baseline(loading, &place);
    w->meaning = wn_loading_text(loading, wn_take_field_text(L, row, "meaning", "", &place));
    lua_pop(L, 1);
  }
}

typedef struct setting {
  int param;
  double value;
} setting;

static int by_param(const void *a, const void *b) { return ((const setting *)a)->param - ((const setting *)b)->param; }

// { klock = 0, Kp_n = 2.6 } in the order of the parameters, whatever order Lua walks the table in
static void read_set(const wn_loading *loading, wn_hypothesis *hypothesis, const wn_place *place) {
  lua_State *L = loading->L;
  if (lua_getfield(L, -1, "set") == LUA_TNIL) {
    lua_pop(L, 1);
    return;
  }
  if (!lua_istable(L, -1)) wn_take_fail(L, -1, place, "set", "parameters in braces like { CL = 2 }");
  int n = 0;
  for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) n++;
  setting *set = wn_loading_alloc(loading, sizeof *set * (size_t)n);
  int at = 0;
  for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1), at++) {
    wn_error err;
    const char *name = wn_take_text(L, -2, place, "set: name of a parameter");
    if (wn_model_require_param(loading->model, name, &set[at].param, &err)) wn_take_rethrow(L, place, "set", &err);
    set[at].value = wn_take_number(L, -1, place, name);
  }
  lua_pop(L, 1);
  qsort(set, (size_t)n, sizeof *set, by_param);
  int *param = wn_loading_alloc(loading, sizeof *param * (size_t)n);
  double *value = wn_loading_alloc(loading, sizeof *value * (size_t)n);
  for (int i = 0; i < n; i++) {
    param[i] = set[i].param;
    value[i] = set[i].value;
  }
  hypothesis->n_set = n;
  hypothesis->param = param;
  hypothesis->value = value;
}

void wn_loading_hypotheses(wn_loading *loading) {
  lua_State *L = loading->L;
  wn_model *model = loading->model;
  model->n_hypothesis = count(loading, "hypotheses");
  model->hypothesis = wn_loading_alloc(loading, sizeof *model->hypothesis * (size_t)model->n_hypothesis);
  for (int i = 0; i < model->n_hypothesis; i++) {
    wn_place place;
    wn_hypothesis *h = &model->hypothesis[i];
    h->name = begin_named_row(loading, "hypotheses", "hypothesis", i, &place);
    wn_lua_check_fields(L, -1, (const char *const[]){"set", "source", NULL}, 2, &place);
    h->meaning = wn_loading_text(loading, wn_take_entry_text(L, -1, 2, &place, "meaning"));
    h->source = wn_loading_text(loading, wn_take_field_text(L, lua_gettop(L), "source", "", &place));
    read_set(loading, h, &place);
    lua_pop(L, 1);
  }
}

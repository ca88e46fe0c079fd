// Reads how individuals differ: individual, occasion and residual of wane.model{..}. Invariant: every block carries the
// variance matrix of its etas, whichever way it was written; whether it is one is for the model to check. Must not
// draw.
#include "base/text.h"
#include "script/model_loader.h"
#include "script/take.h"
#include <lauxlib.h>
#include <math.h>
#include <string.h>

enum { N_DISTRIBUTION = 3 };
static const char *const distributions[N_DISTRIBUTION] = {
    [WN_LOGNORMAL] = "lognormal", [WN_NORMAL] = "normal", [WN_LOGIT] = "logit"};

// a parameter named by the text at the top of the stack, which is popped
static int take_param(const wn_loading *loading, const wn_place *place) {
  int param;
  wn_error err;
  const char *name = wn_take_text(loading->L, -1, place, "name of a parameter");
  if (wn_model_require_param(loading->model, name, &param, &err)) wn_take_rethrow(loading->L, place, NULL, &err);
  lua_pop(loading->L, 1);
  return param;
}

// "CL" or { "CL", "V1" } at the start of the row at the top of the stack; *place is then that of the first name
static void read_params(wn_loading *loading, const char *section, wn_random *block, wn_place *place) {
  lua_State *L = loading->L;
  int type = lua_geti(L, -1, 1), n = type == LUA_TTABLE ? (int)lua_rawlen(L, -1) : 1;
  if (type != LUA_TTABLE && type != LUA_TSTRING)
    wn_take_fail(L, -1, place, NULL, "a parameter like \"CL\", or several like { \"CL\", \"V1\" }, first");
  if (n < 1 || n > WN_MAX_BLOCK)
    wn_place_fail(L, place, "expected 1 to %d parameters in a block, got %d", WN_MAX_BLOCK, n);
  if (type == LUA_TTABLE) {
    wn_lua_check_fields(L, -1, (const char *const[]){NULL}, n, place);
    lua_geti(L, -1, 1);
    lua_insert(L, -2);
  } else {
    lua_pushvalue(L, -1);
  }
  // the first name, below the names, tells the line
  const char *first = wn_take_text(L, -2, place, "name of a parameter");
  *place = wn_loading_place(loading, wn_loading_find_line(loading, section, first), section, first);
  int *param = wn_loading_alloc(loading, sizeof *param * (size_t)n);
  for (int i = 0; i < n; i++) {
    if (type == LUA_TTABLE)
      lua_geti(L, -1, i + 1);
    else
      lua_pushvalue(L, -1);
    param[i] = take_param(loading, place);
  }
  lua_pop(L, 2);
  block->n = n;
  block->param = param;
}

static int find_distribution(const char *text) {
  for (int i = 0; i < N_DISTRIBUTION; i++)
    if (strcmp(text, distributions[i]) == 0) return i;
  return -1;
}

// the words behind the name: a distribution if one is given, badge, source
static void read_words(const wn_loading *loading, wn_random *block, const wn_place *place) {
  lua_State *L = loading->L;
  int at = 2;
  if (lua_geti(L, -1, at) == LUA_TSTRING) {
    const char *text = lua_tostring(L, -1);
    int distribution = find_distribution(text);
    bool meant = distribution < 0 && wn_nearest(text, distributions, N_DISTRIBUTION);
    if (meant)
      wn_place_fail(L, place, "unknown distribution '%.40s'; try %s", text,
                    wn_nearest(text, distributions, N_DISTRIBUTION));
    if (distribution >= 0) block->distribution = (wn_distribution)distribution, at++;
  }
  lua_pop(L, 1);
  wn_lua_check_fields(L, -1, (const char *const[]){"cv", "sd", "omega", NULL}, at + 1, place);
  block->badge = wn_loading_badge(loading, wn_take_entry_text(L, -1, at, place, "badge"), place);
  block->source = wn_loading_text(loading, wn_take_entry_text(L, -1, at + 1, place, "source"));
}

static double take_spread(lua_State *L, const char *field, const wn_place *place) {
  double value = wn_take_field(L, lua_gettop(L), field, wn_take_number, NAN, place);
  if (value < 0) wn_place_fail(L, place, "%s: expected 0 or more, got %g", field, value);
  return value;
}

// the matrix at the top of the stack, a row in braces for each parameter; one number will do for one parameter
static void take_matrix(lua_State *L, int n, double *omega, const wn_place *place) {
  static const char expected[] = "a variance matrix like { { 0.09, 0.03 }, { 0.03, 0.04 } }";
  if (n == 1 && lua_type(L, -1) == LUA_TNUMBER) {
    omega[0] = wn_take_number(L, -1, place, "omega");
    return;
  }
  if (!lua_istable(L, -1)) wn_take_fail(L, -1, place, "omega", expected);
  if ((int)lua_rawlen(L, -1) != n)
    wn_place_fail(L, place, "omega: expected %d rows, got %d", n, (int)lua_rawlen(L, -1));
  wn_lua_check_fields(L, -1, (const char *const[]){NULL}, n, place);
  for (int i = 0; i < n; i++) {
    if (lua_geti(L, -1, i + 1) != LUA_TTABLE) wn_take_fail(L, -1, place, "omega", expected);
    if ((int)lua_rawlen(L, -1) != n)
      wn_place_fail(L, place, "omega: row %d: expected %d numbers, got %d", i + 1, n, (int)lua_rawlen(L, -1));
    wn_lua_check_fields(L, -1, (const char *const[]){NULL}, n, place);
    for (int j = 0; j < n; j++) omega[i * n + j] = wn_take_entry(L, -1, j + 1, wn_take_number, place, "omega");
    lua_pop(L, 1);
  }
}

// the variance of the etas, from exactly one of cv, sd, omega
static void read_variance(const wn_loading *loading, wn_random *block, const wn_place *place) {
  lua_State *L = loading->L;
  int row = lua_gettop(L), n = block->n;
  double *omega = wn_loading_alloc(loading, sizeof *omega * (size_t)(n * n));
  bool cv = wn_take_given(L, row, "cv"), sd = wn_take_given(L, row, "sd"), matrix = wn_take_given(L, row, "omega");
  if (cv + sd + matrix != 1) wn_place_fail(L, place, "expected one of cv, sd and omega, got %d", cv + sd + matrix);
  if (n > 1 && !matrix) wn_place_fail(L, place, "%d parameters together need omega, their variance matrix", n);
  if (cv && block->distribution != WN_LOGNORMAL)
    wn_place_fail(L, place, "cv is that of a lognormal; a %s needs sd, of what is added%s",
                  distributions[block->distribution], block->distribution == WN_LOGIT ? " on the logit scale" : "");
  if (cv) omega[0] = log1p(pow(take_spread(L, "cv", place), 2));
  if (sd) omega[0] = pow(take_spread(L, "sd", place), 2);
  if (matrix) {
    lua_getfield(L, row, "omega");
    take_matrix(L, n, omega, place);
    lua_pop(L, 1);
  }
  block->omega = omega;
}

static int push_list(const wn_loading *loading, const char *section) {
  return wn_take_push_list(loading->L, loading->table, section, &loading->place);
}

static void read_section(wn_loading *loading, const char *section, bool occasion) {
  lua_State *L = loading->L;
  wn_model *model = loading->model;
  int n = push_list(loading, section);
  lua_pop(L, 1);
  for (int i = 0; i < n; i++) {
    wn_random *block = &model->random[model->n_random++];
    wn_loading_push_row(loading, section, i);
    wn_place place = loading->place;
    wn_place_call(&place, "%s: entry %d", section, i + 1);
    read_params(loading, section, block, &place);
    read_words(loading, block, &place);
    read_variance(loading, block, &place);
    block->occasion = occasion;
    block->line = place.line;
    lua_pop(L, 1);
  }
}

void wn_loading_random(wn_loading *loading) {
  int n = push_list(loading, "individual") + push_list(loading, "occasion");
  lua_pop(loading->L, 2);
  loading->model->random = wn_loading_alloc(loading, sizeof *loading->model->random * (size_t)n);
  read_section(loading, "individual", false);
  read_section(loading, "occasion", true);
}

void wn_loading_residuals(wn_loading *loading) {
  lua_State *L = loading->L;
  wn_model *model = loading->model;
  model->n_residual = push_list(loading, "residual");
  lua_pop(L, 1);
  model->residual = wn_loading_alloc(loading, sizeof *model->residual * (size_t)model->n_residual);
  for (int i = 0; i < model->n_residual; i++) {
    wn_residual *r = &model->residual[i];
    wn_loading_push_row(loading, "residual", i);
    int row = lua_gettop(L);
    wn_place place = loading->place;
    wn_place_call(&place, "residual: entry %d", i + 1);
    const char *name = wn_take_entry_text(L, row, 1, &place, "output");
    place = wn_loading_place(loading, wn_loading_find_line(loading, "residual", name), "residual", name);
    wn_error err;
    if (wn_model_require_output(model, name, &r->output, &err)) wn_take_rethrow(L, &place, NULL, &err);
    wn_lua_check_fields(L, row, (const char *const[]){"proportional", "additive", NULL}, 1, &place);
    r->proportional = wn_take_given(L, row, "proportional") ? take_spread(L, "proportional", &place) : 0;
    r->additive = wn_take_given(L, row, "additive") ? take_spread(L, "additive", &place) : 0;
    if (!(r->proportional > 0 || r->additive > 0))
      wn_place_fail(L, &place, "expected proportional or additive above 0");
    r->line = place.line;
    lua_pop(L, 1);
  }
}

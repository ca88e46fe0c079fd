// arms.c - doses and parameters of one arm. Invariant: the order of precedence is default, hypothesis, the arm's own
// set, the user's settings. Knows neither options nor times.

#include "script/arms.h"

#include "base/value.h"
#include "script/regimen.h"

#include <string.h>

wn_status wn_arm_hypothesis(const wn_model *model, const char *name, int *hypothesis, wn_error *err) {
  *hypothesis = model->n_hypothesis > 0 ? 0 : -1;
  return name ? wn_model_require_hypothesis(model, name, hypothesis, err) : WN_OK;
}

// the value at the top of the stack for a parameter: a number in its unit, or a text with a unit
static double parameter_value(lua_State *L, const wn_place *place, wn_units *units, const wn_parameter *param) {
  double value;
  wn_error err;
  if (lua_type(L, -1) != LUA_TSTRING) return wn_take_number(L, -1, place, param->name);
  if (wn_value_read(units, param->name, param->unit, lua_tostring(L, -1), &value, &err))
    wn_take_rethrow(L, place, NULL, &err);
  return value;
}

// the arm's own `set = { NAME = value }`
static void read_set(lua_State *L, int set, const wn_place *arm, const wn_arm_context *context, double *param) {
  const wn_model *model = context->script->model;
  if (lua_isnil(L, set)) return;
  wn_place place = *arm;
  wn_place_add(&place, ": set");
  if (!lua_istable(L, set)) wn_take_fail(L, set, &place, NULL, "parameters like { CL = 2 }");
  for (lua_pushnil(L); lua_next(L, set); lua_pop(L, 1)) {
    if (lua_type(L, -2) != LUA_TSTRING) wn_take_fail(L, -2, &place, NULL, "the name of a parameter");
    int i;
    wn_error err;
    if (wn_model_require_param(model, lua_tostring(L, -2), &i, &err)) wn_take_rethrow(L, &place, NULL, &err);
    param[i] = parameter_value(L, &place, context->script->units, &model->param[i]);
    if (wn_model_check_value(model, i, param[i], &err)) wn_take_rethrow(L, &place, NULL, &err);
  }
}

void wn_arm_read(lua_State *L, const int field[3], const wn_place *place, const wn_arm_context *context, wn_arm *arm) {
  const wn_model *model = context->script->model;
  int hypothesis = context->hypothesis;
  if (!lua_isnil(L, field[2])) {
    wn_error err;
    const char *name = wn_take_text(L, field[2], place, "hypothesis");
    if (wn_model_require_hypothesis(model, name, &hypothesis, &err)) wn_take_rethrow(L, place, NULL, &err);
  }
  arm->param = wn_take_alloc(L, context->arena, ((size_t)model->n_param + 1) * sizeof(double));
  if (context->usual && hypothesis == context->hypothesis)
    memcpy(arm->param, context->usual, (size_t)model->n_param * sizeof(double));
  else
    wn_model_defaults(model, hypothesis, arm->param);
  read_set(L, field[1], place, context, arm->param);
  const int n = context->settings && context->settings->n_given > 0 ? model->n_param : 0;
  for (int i = 0; i < n; i++)
    if (context->settings->given[i]) arm->param[i] = context->settings->param[i];
  wn_regimen_doses(L, field[0], place, model, context->arena, &context->script->notes, &arm->doses);
}

// settings.c - texts from the command line into values in the declared unit. Invariant: a value that comes out is
// finite and in the unit asked for. Knows no Lua.

#include "script/settings.h"

#include "base/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool same(const char *a, const char *b) { return strcmp(a, b) == 0; }

static wn_status clock_value(const char *name, const char *text, double *value, wn_error *err) {
  if (wn_parse_clock(text, value)) return WN_OK;
  if (wn_parse_number(text, value) && *value >= 0 && *value <= 24) return WN_OK;
  return wn_fail(err, WN_ERR_USER, "%s: expected a clock time like 22:00, got '%s'", name, text);
}

wn_status wn_setting_value(wn_units *units, const char *name, const char *unit, const char *text, double *value,
                           wn_error *err) {
  if (same(unit, "clock")) return clock_value(name, text, value, err);
  if (wn_parse_number(text, value)) return WN_OK;
  bool pure = same(unit, "") || same(unit, "1");
  const char *wanted = pure ? "a number" : unit;
  // what stands before the unit must be a plain number by itself, so neither "inf" nor "0x10 mg" passes
  char number[64];
  char *rest;
  strtod(text, &rest);
  snprintf(number, sizeof number, "%.*s", (int)(rest - text), text);
  double hours, amount;
  if (rest - text >= (long)sizeof number || !wn_parse_number(number, &amount) || wn_parse_clock(text, &hours))
    return wn_fail(err, WN_ERR_USER, "%s: expected %s%s, got '%s'", name, pure ? "" : "a number in ", wanted, text);
  while (*rest == ' ') rest++;
  const wn_unit *from = wn_unit_parse(units, rest, err);
  if (!from) return wn_fail_prefix(err, "%s", name);
  const wn_unit *to = wn_unit_parse(units, unit, err);
  if (!to) return wn_fail_prefix(err, "%s", name);
  if (!wn_unit_same_dimension(from, to))
    return wn_fail(err, WN_ERR_USER, "%s: expected %s, got %s", name, wanted, text);
  *value = amount * wn_unit_factor(from, to);
  if (!isfinite(*value)) return wn_fail(err, WN_ERR_USER, "%s: expected a finite number, got %s", name, text);
  return WN_OK;
}

static wn_status fail_unknown(const char *name, const wn_model *model, const wn_option *option, int n_option,
                              wn_error *err) {
  const char **names = wn_alloc((size_t)(model->n_param + n_option + 1) * sizeof *names);
  if (!names) return wn_fail_memory(err);
  int n = 0;
  for (int i = 0; i < n_option; i++) names[n++] = option[i].name;
  for (int i = 0; i < model->n_param; i++) names[n++] = model->param[i].name;
  const char *what = n_option ? "parameter or option" : "parameter", *nearest = wn_nearest(name, names, n);
  if (nearest)
    wn_fail(err, WN_ERR_USER, "unknown %s '%s'; try %s", what, name, nearest);
  else
    wn_fail(err, WN_ERR_USER, "unknown %s '%s'; `wane describe` lists them", what, name);
  wn_free(names);
  return WN_ERR_USER;
}

wn_status wn_settings_resolve(wn_arena *arena, wn_units *units, const wn_model *model, const wn_option *option,
                              int n_option, const wn_setting *setting, int n_setting, wn_settings *settings,
                              wn_error *err) {
  size_t n_param = (size_t)model->n_param;
  settings->option = wn_arena_alloc(arena, ((size_t)n_option + 1) * sizeof(double));
  settings->param = wn_arena_alloc(arena, (n_param + 1) * sizeof(double));
  settings->given = wn_arena_alloc(arena, n_param + 1);
  if (!settings->option || !settings->param || !settings->given) return wn_fail_memory(err);
  for (int i = 0; i < n_option; i++) settings->option[i] = option[i].value;
  for (int k = 0; k < n_setting; k++) {
    const char *name = setting[k].name, *text = setting[k].value;
    int i = 0;
    while (i < n_option && !same(option[i].name, name)) i++;
    if (i < n_option) {
      WN_TRY(wn_setting_value(units, name, option[i].unit, text, &settings->option[i], err));
      continue;
    }
    int p = wn_model_find_param(model, name);
    if (p < 0) return fail_unknown(name, model, option, n_option, err);
    WN_TRY(wn_setting_value(units, name, model->param[p].unit, text, &settings->param[p], err));
    settings->given[p] = true;
  }
  return WN_OK;
}

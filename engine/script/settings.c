// settings.c - settings by name into values of options and parameters. Invariant: a value that comes out is finite and
// in the unit declared. Knows no Lua.

#include "script/settings.h"

#include "base/text.h"
#include "base/value.h"

#include <string.h>

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
    while (i < n_option && strcmp(option[i].name, name) != 0) i++;
    if (i < n_option) {
      WN_TRY(wn_value_read(units, name, option[i].unit, text, &settings->option[i], err));
      continue;
    }
    int p = wn_model_find_param(model, name);
    if (p < 0) return fail_unknown(name, model, option, n_option, err);
    WN_TRY(wn_value_read(units, name, model->param[p].unit, text, &settings->param[p], err));
    WN_TRY(wn_model_check_value(model, p, settings->param[p], err));
    settings->n_given += !settings->given[p];
    settings->given[p] = true;
  }
  return WN_OK;
}

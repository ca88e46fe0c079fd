// settings.h - values people set: `--set NAME=VALUE` and an arm's `set = {...}`, with or without a unit.
#ifndef WN_SCRIPT_SETTINGS_H
#define WN_SCRIPT_SETTINGS_H

#include "base/units.h"
#include "script/script.h"

// Settings sorted out: options[i] for every option (default or set), param[i] where given[i].
typedef struct wn_settings {
  double *option, *param;
  bool *given;
  int n_given;
} wn_settings;

// A name is an option or, if there is none, a parameter; of several settings of one name the last counts. Arrays come
// from the arena. "unknown parameter or option 'dose_low'; try low_dose".
wn_status wn_settings_resolve(wn_arena *arena, wn_units *units, const wn_model *model, const wn_option *option,
                              int n_option, const wn_setting *setting, int n_setting, wn_settings *settings,
                              wn_error *err);

#endif

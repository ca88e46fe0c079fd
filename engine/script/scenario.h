// scenario.h - what is known of a scenario plugin when it has been loaded, before it is planned.
#ifndef WN_SCRIPT_SCENARIO_H
#define WN_SCRIPT_SCENARIO_H

#include "script/internal.h"
#include "script/take.h"

struct wn_script_scenario {
  const char *name, *model;  // the strings live in the script's arena
  int n_option;
  wn_option *option;
  wn_place place;  // of wane.scenario{...}, for messages
  char file[64];
};

// Read one window of the list `windows` at the top of the stack: the name of one of the model's, or a table
// { "deep", of = "mor", above = 0.8, below =, baseline = "difference" or "ratio", meaning = }.
wn_window_def wn_scenario_window(lua_State *L, const wn_model *model, wn_arena *arena, const wn_place *place);

#endif

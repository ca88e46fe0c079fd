// script.h - Lua in a sandbox: models and scenarios are loaded here and turned into plain data. The only room that
// includes <lua.h>. A file from a stranger can neither touch the machine nor hang it: no io, os, load*, debug,
// require limited to the model's own parts, text chunks only, a memory cap, an instruction budget that pcall cannot
// swallow, pattern functions bounded.
#ifndef WN_SCRIPT_SCRIPT_H
#define WN_SCRIPT_SCRIPT_H

#include "base/error.h"
#include "model/model.h"
#include "sim/scenario.h"
#include "sim/simulate.h"

// Where bundled files live: <data>/models, <data>/plugins. A bare name is looked up there; anything with a slash or
// ending in .lua is a path.
typedef struct wn_script_env {
  const char *data_dir;
} wn_script_env;

typedef struct wn_script wn_script;  // a loaded file with its Lua state

// Load FILE: a model or a scenario plugin (its model is loaded too). The model is compiled and replayed.
wn_status wn_script_load(const wn_script_env *env, const char *file, wn_script **script, wn_error *err);
void wn_script_destroy(wn_script *script);

// What a file says of itself before anything is traced, compiled or planned: the file is run, no more, so that what is
// wrong inside shows only when it is loaded. Strings are the arena's.
typedef struct wn_peek {
  bool is_scenario;
  const char *title;  // NULL: it depends on options, and only planning tells
  const char *model;  // of a scenario, as it names it; NULL where the title is
} wn_peek;
wn_status wn_script_peek(const wn_script_env *env, const char *file, wn_arena *arena, wn_peek *peek, wn_error *err);

const wn_model *wn_script_model(const wn_script *script);
bool wn_script_is_scenario(const wn_script *script);
int wn_script_options(const wn_script *script, const wn_option **options);
const char *wn_script_title(const wn_script *script);
struct wn_units *wn_script_units(const wn_script *script);  // the script's own; not thread-safe

// The text of the i-th file that was read for it (from 0), under its name in messages; false: there are no more.
bool wn_script_text(const wn_script *script, int i, const char **name, const char **text);

// A setting from the command line: "NAME=VALUE", VALUE a number with or without unit, or a clock time.
typedef struct wn_setting {
  const char *name, *value;
} wn_setting;

// Plan: evaluate the scenario's arms with options and parameters set. For a bare model: one arm, no doses. The
// scenario borrows the model, so it must be destroyed before the script.
wn_status wn_script_plan(wn_script *script, const wn_setting *settings, int n_setting, const char *hypothesis,
                         wn_scenario **scenario, wn_error *err);

// The same, again and again with other values of options, as a sweep does: all else is read once. A planner serves one
// thread at a time, as its script does; threads with scripts of their own plan side by side and lock nothing.
typedef struct wn_planner wn_planner;
wn_status wn_planner_create(wn_script *script, const wn_setting *settings, int n_setting, const char *hypothesis,
                            wn_planner **planner, wn_error *err);
void wn_planner_destroy(wn_planner *planner);  // NULL is fine

// Set option i (as in wn_script_options) for the plans to come; words as for a text that is no such value.
wn_status wn_planner_set(wn_planner *planner, int i, double value, wn_error *err);

// A plan with the options as they are set, bit for bit that of wn_script_plan, but without its goal unless that is
// asked for.
wn_status wn_planner_plan(wn_planner *planner, bool goal, wn_scenario **scenario, wn_error *err);

// One row of a validation table (models/validation/NAME.lua): published figure, accepted band, model value.
typedef struct wn_validation_row {
  char id[16];
  char scenario[96], published[48], unit[16], use[16];  // use: tuned, not tuned, structural
  wn_badge badge;
  double low, high, value;
  bool holds;
} wn_validation_row;
wn_status wn_script_validate(const wn_script_env *env, const char *model, const char *hypothesis, int n_thread,
                             wn_validation_row **rows, int *n_row, wn_error *err);

#endif

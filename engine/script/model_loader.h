// model_loader.h - from the table of wane.model{..} to a wn_model: the lists (model_lists.c), the functions traced
// (model_trace.c), the functions run again on plain numbers (replay.c). Everything here is called inside a body.
#ifndef WN_SCRIPT_MODEL_LOADER_H
#define WN_SCRIPT_MODEL_LOADER_H

#include "script/environment.h"

typedef struct wn_loading {
  lua_State *L;
  wn_script *script;
  wn_model *model;
  wn_cursor cursor;                        // in the file's text, for the lines of declarations
  wn_place place;                          // of the wane.model call
  int table;                               // stack index of its table
  double *output_factor, *initial_factor;  // from the unit computed in to the declared one, for replaying
  // of F, lag, rate, duration and the amounts into up to four targets, at WN_ROUTE_F ...
  double (*route_factor)[WN_ROUTE_SCALE + 4];
} wn_loading;

// The place of a declaration: "naltrexone.lua:41: parameter ka"; the line as stored in the model. wn_loading_find_line
// looks for it in the source (`section` is the list's field); that of the wane.model call when it cannot be found.
wn_place wn_loading_place(const wn_loading *loading, int line, const char *kind, const char *name);
int wn_loading_find_line(wn_loading *loading, const char *section, const char *name);

// A unit as declared; raises with the place.
const wn_unit *wn_loading_unit(const wn_loading *loading, const char *text, const wn_place *place);

// Memory of the model; raises when there is none.
void *wn_loading_alloc(const wn_loading *loading, size_t size);
const char *wn_loading_text(const wn_loading *loading, const char *text);

// Push row i (from 0) of the list `section` of the model's table.
void wn_loading_push_row(const wn_loading *loading, const char *section, int i);

// "measured", "fitted" or "assumed"; raises with the place.
wn_badge wn_loading_badge(const wn_loading *loading, const char *text, const wn_place *place);

// Read the lists into the model: name, title, parameters, covariates, states, doses (names and units), outputs,
// windows, hypotheses, random effects, residual errors. Functions are left for wn_loading_trace.
void wn_loading_lists(wn_loading *loading);
void wn_loading_windows(wn_loading *loading);     // model_extras.c; part of wn_loading_lists
void wn_loading_hypotheses(wn_loading *loading);  // model_extras.c; part of wn_loading_lists

void wn_loading_random(wn_loading *loading);     // model_random.c; part of wn_loading_lists
void wn_loading_residuals(wn_loading *loading);  // model_random.c; part of wn_loading_lists

// Run equations, initial values, outputs, and the functions of doses with symbols; fills every node of the model.
void wn_loading_trace(wn_loading *loading);

// Run them again on plain numbers at several points and compare; raises where they differ. The model is compiled.
void wn_loading_replay(wn_loading *loading);

// What stands in a field of a dose or state: "F", "lag", "rate", "duration", "amount", "initial". PARAM: a parameter's
// or covariate's name.
typedef enum wn_given { WN_GIVEN_NOTHING, WN_GIVEN_NUMBER, WN_GIVEN_PARAM, WN_GIVEN_FUNCTION } wn_given;

// Look at field `field` of row i of `section`; a function, or the value of a number or name, is left on the
// stack (in the current mode); WN_GIVEN_NOTHING leaves nothing.
wn_given wn_loading_push_given(const wn_loading *loading, const char *section, int i, const char *field,
                               const wn_place *place);

#endif

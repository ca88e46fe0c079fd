// environment.h - what the functions of a model see: parameters, covariates, states, t, clock, d, and the variables
// they set. The same functions are run with symbols (to build the graph) and with plain numbers (to check it).
#ifndef WN_SCRIPT_ENVIRONMENT_H
#define WN_SCRIPT_ENVIRONMENT_H

#include "model/model.h"
#include "script/internal.h"
#include "script/symbol.h"

// What a function may see and do.
typedef struct wn_sight {
  const char *what;  // "equations", "initial value of CENT": for messages
  bool states, time, writes;
} wn_sight;

struct wn_trace {
  wn_mode mode;
  wn_sight sight;
  wn_model *model;
  wn_graph *graph;
  wn_units *units;
  const wn_unit *one, *hour;
  const wn_unit **param_unit, **state_unit;  // as declared
  const wn_unit **covariate_unit;
  double *derivative_factor;                        // [n_state] from the unit computed in to the state's unit per hour
  int names, variables, order, derivatives, homes;  // registry references of Lua tables
  int traced;                                       // the variables as they were when traced
  const char *file;                                 // of the model, in messages
  wn_point point;                                   // while replaying
};

// The trace of the script that owns this state; never NULL.
wn_trace *wn_trace_of(lua_State *L);

// Inside a body, once per state: the tables behind the trace.
void wn_trace_open(lua_State *L);

// Inside a body: begin with a model whose parameters, states and covariates are declared, their units parsed.
void wn_trace_begin(lua_State *L, wn_model *model);

// The functions have been run: from now on they must not be.
void wn_trace_end(lua_State *L);

// Inside a body: call the function at `index` with the n_arg values at the top of the stack (popped); its n_result
// results are left there. It sees what `sight` says, in the current mode.
void wn_trace_call(lua_State *L, int index, int n_arg, int n_result, const wn_sight *sight);

// Forget variables and derivatives: before equations are run.
void wn_trace_forget(lua_State *L);

// Push the value of a name as an output sees it (variable, state, covariate, parameter); false and nothing when there
// is none.
bool wn_trace_push_value(lua_State *L, const char *name);

// Keep the variables that were set, as what replays are compared with; the i-th of them (from 0), in the order they
// were set: its name, with its value pushed; NULL and nothing beyond the last.
void wn_trace_keep(lua_State *L);
const char *wn_trace_push_traced(lua_State *L, int i);

// The derivative of a state that was set: pushed, or false and nothing.
bool wn_trace_push_derivative(lua_State *L, const char *name);

// Factor from the value's unit to the declared one; raises "file:line: what: expected mg, got L" when the dimension
// differs. A value that fits everywhere has factor 1.
double wn_trace_border(lua_State *L, wn_symbol value, const wn_unit *unit, const wn_place *place);

// The value of time (h since midnight of the first day); raises where it cannot be seen. `what` for the message.
wn_symbol wn_trace_time(lua_State *L, const char *what);

#endif

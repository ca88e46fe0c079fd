// model.h - what a compiled model is: names, units, badges, defaults, and the programs lowered from its equations.
// script/ fills the declaration (from Lua), wn_model_compile differentiates and lowers it; after that it is immutable
// and shared by threads. Knows no Lua, no schedule, no solver.
#ifndef WN_MODEL_MODEL_H
#define WN_MODEL_MODEL_H

#include "base/error.h"
#include "base/memory.h"
#include "expr/graph.h"
#include "expr/native.h"
#include "expr/program.h"
#include "expr/sparse_lu.h"
#include "model/limits.h"
#include <stdbool.h>

// How well a number is known. Printed beside it everywhere.
typedef enum wn_badge { WN_MEASURED, WN_FITTED, WN_ASSUMED } wn_badge;
const char *wn_badge_name(wn_badge badge);  // "measured", "fitted", "assumed"

typedef struct wn_parameter {
  const char *name, *unit, *meaning, *source;
  wn_badge badge;
  double value;
  int line;  // of the declaration, for messages; 0 unknown
  wn_limits limits;
} wn_parameter;

typedef struct wn_state {
  const char *name, *unit, *meaning;
  wn_node initial;     // of parameters and time (at the start of the run); WN_NO_NODE: 0
  wn_node derivative;  // unit of the state per hour
  int line;
} wn_state;

typedef struct wn_output {
  const char *name, *unit, *meaning;
  wn_node value;  // of states, parameters, time
  int line;
} wn_output;

// Where a dose can go: a named compartment, the state(s) it enters, and how an amount becomes the state's amount:
// entering = F * scale * amount, `lag` hours after the record. The nodes depend on parameters and covariates.
typedef struct wn_route {
  const char *name, *unit, *meaning;  // unit of the amount as people write it: "mg"
  int n_target;                       // a dose may be shared out over several states (release phases): fractions
  int target[4];
  wn_node scale[4];             // unit conversion x molar mass x fraction into target[i]
  wn_node F, lag;               // bioavailability (default 1), lag in h (default 0)
  wn_node rate, duration;       // of an infusion that a record leaves to the model (RATE -1, -2), unit/h and h
  bool has_rate, has_duration;  // without them the two nodes are not read
  int line;
} wn_route;

// How a covariate runs between two records of a data set.
typedef enum wn_interpolation {
  WN_COVARIATE_DIALECT,   // as the data set's dialect has it (NONMEM: the next record's value acts backward)
  WN_COVARIATE_BACKWARD,  // next observation carried backward
  WN_COVARIATE_FORWARD,   // last observation carried forward
  WN_COVARIATE_LINEAR,    // a straight line from each record to the next
} wn_interpolation;

// A property of an individual that a data set may bring, and that may change in time.
typedef struct wn_covariate {
  const char *name, *unit, *meaning;
  double value;  // where no data set gives it
  wn_interpolation interpolation;
  int line;
} wn_covariate;

// How a parameter varies: value = typical * exp(eta), typical + eta, or on the logit scale for shares between 0 and 1.
typedef enum wn_distribution { WN_LOGNORMAL, WN_NORMAL, WN_LOGIT } wn_distribution;

enum { WN_MAX_BLOCK = 32 };  // parameters in a block at most

// A block of parameters with correlated random effects; omega [n][n] is the variance matrix of the etas. A parameter
// has at most one effect of the individual and one of the occasion.
typedef struct wn_random {
  int n;
  const int *param;     // [n]
  const double *omega;  // [n][n]
  wn_distribution distribution;
  bool occasion;  // drawn anew on each occasion instead of once for each individual
  wn_badge badge;
  const char *source;
  int line;
} wn_random;

// Residual error of an output: y (1 + proportional e1) + additive e2, e standard normal.
typedef struct wn_residual {
  int output;
  double proportional, additive;
  int line;
} wn_residual;

// A standard window: a span of time where an output is above or below a threshold.
typedef struct wn_window_def {
  const char *name, *meaning;
  int output;
  int above;         // 1 above, 0 below
  double threshold;  // in the output's unit
  int baseline;      // 0 none: plain value; 1: compare value - drug-free value; 2: value / drug-free value
} wn_window_def;

// A named set of parameter values (H1, H2, ...).
typedef struct wn_hypothesis {
  const char *name, *meaning, *source;
  int n_set;
  const int *param;     // [n_set]
  const double *value;  // [n_set]
} wn_hypothesis;

// Where a route's values stand behind route_at: scale[i] is at WN_ROUTE_SCALE + i. Without a modelled rate or duration
// theirs is 0.
enum { WN_ROUTE_F, WN_ROUTE_LAG, WN_ROUTE_RATE, WN_ROUTE_DURATION, WN_ROUTE_SCALE };

typedef struct wn_reductions wn_reductions;

typedef struct wn_model {
  wn_arena *arena;  // owns every string and array of the declaration
  wn_graph *graph;
  const char *name, *title, *path, *caption;  // caption: the honest sentence printed on every figure
  int n_param, n_state, n_output, n_route, n_window, n_hypothesis;
  int n_covariate, n_random, n_residual;
  int n_covariate_all;  // covariate leaves of the programs: after the declared ones, slope (per h) and starting time of
                        // each that runs linearly, in order; both 0 where nothing changes
  int default_route;    // where a record without a compartment goes; the first declared unless the model says
  wn_parameter *param;
  wn_state *state;
  wn_output *output;
  wn_route *route;
  wn_window_def *window;
  wn_hypothesis *hypothesis;
  wn_covariate *covariate;
  wn_random *random;
  wn_residual *residual;
  const int *in_full;  // [n_state] of a reduced model (reduce.h): the states' numbers in the full one; else NULL

  // made by wn_model_compile
  wn_program *rhs;              // n_state outputs: derivatives
  wn_program *jacobian;         // n_nz outputs: d rhs[row[k]] / d state[col[k]]
  wn_program *drift;            // n_state outputs: d rhs / d time, states held; NULL when no derivative reads the time
  wn_program *series;           // Taylor coefficients of the states (expr/series.h); NULL: the equations are not smooth
  wn_program *initial;          // n_state outputs
  wn_program *outputs;          // n_output outputs
  wn_program *routes;           // per route: the values of WN_ROUTE_F ...: see route_at
  int n_route_all;              // the declared routes, then one for every state that none of their names covers
  int *route_at;                // [n_route_all] first output of a route in `routes`
  bool is_linear;               // dy/dt = A y + b with A and b of parameters and covariates only
  int n_linear;                 // states of the largest sub-system that is linear so and reads no state outside it
  unsigned char *linear_state;  // [n_state] 1: part of it
  unsigned char *linear_output;  // [n_output] 1: c y + d with c and d of parameters and covariates only
  int n_nz;
  int *row, *col;  // [n_nz]
  wn_node *entry;  // [n_nz] the entries as nodes of the graph
  wn_lu *lu;
  wn_reductions *reductions;  // what runs use in its place (reduce.h); NULL of a model that is reduced itself
  wn_native *native;          // machine code of rhs, jacobian, outputs, drift and lu, where it is made
  wn_native *series_native;   // and of series, which is long; NULL where series is
} wn_model;

// Number of a state in the model that was declared.
static inline int wn_model_full_state(const wn_model *model, int state) {
  return model->in_full ? model->in_full[state] : state;
}

wn_model *wn_model_create(void);  // an empty declaration with its arena and graph; NULL out of memory
void wn_model_destroy(wn_model *model);

// Check the declaration (names unique, every state has an equation, routes point at states), derive the Jacobian, its
// pattern and LU, lower all programs. Once per model. Errors name file and line.
wn_status wn_model_compile(wn_model *model, wn_error *err);

// Before a run: make machine code for batches of `width` lanes if about `lane_evals` evaluations of the equations
// by each thread, lanes counted one by one, repay it (expr/native.h). Changes no number. Returns whether there is code.
bool wn_model_native(const wn_model *model, int width, double lane_evals);
// The same for the series, of which about `lane_evals` are to be computed; false where the model has none.
bool wn_model_native_series(const wn_model *model, int width, double lane_evals);

// Does a derivative depend on the time itself?
bool wn_model_reads_time(const wn_model *model);

// Index by name or -1.
int wn_model_find_param(const wn_model *model, const char *name);
int wn_model_find_state(const wn_model *model, const char *name);
int wn_model_find_output(const wn_model *model, const char *name);
int wn_model_find_route(const wn_model *model, const char *name);
int wn_model_find_window(const wn_model *model, const char *name);
int wn_model_find_hypothesis(const wn_model *model, const char *name);
int wn_model_find_covariate(const wn_model *model, const char *name);

// The route of a compartment by its number: the declared one of the state's name, else the plain one into that state.
int wn_model_route_of_state(const wn_model *model, int state);

// Like the above, but an unknown name is WN_ERR_USER with the nearest one offered: "unknown parameter 'CLL'; try CL".
wn_status wn_model_require_param(const wn_model *model, const char *name, int *index, wn_error *err);
wn_status wn_model_require_output(const wn_model *model, const char *name, int *index, wn_error *err);
wn_status wn_model_require_route(const wn_model *model, const char *name, int *index, wn_error *err);
wn_status wn_model_require_window(const wn_model *model, const char *name, int *index, wn_error *err);
wn_status wn_model_require_hypothesis(const wn_model *model, const char *name, int *index, wn_error *err);

// WN_OK when every value [n_param] is within its parameter's limits; else WN_ERR_USER with the first that is not.
wn_status wn_model_check_values(const wn_model *model, const double *value, wn_error *err);

// The same of one value: "CL (clearance): expected above 0 L/h, got -3 L/h; pk1.lua:9 says so".
wn_status wn_model_check_value(const wn_model *model, int param, double value, wn_error *err);

// Write the default parameter vector with a hypothesis applied (-1: none) to value[n_param].
void wn_model_defaults(const wn_model *model, int hypothesis, double *value);

#endif

// tangent.h - how values move with what they rest on: programs of first derivatives by parameters, states, inputs and
// time, taken symbolically from a model's graph. Made only when asked for, because few runs need them.
//
// Making one adds nodes to the model's graph, so it belongs to one thread; what is made is immutable and may be shared.
#ifndef WN_MODEL_TANGENT_H
#define WN_MODEL_TANGENT_H

#include "model/model.h"

// The values of some nodes and those of their derivatives that are not zero everywhere.
typedef struct wn_tangent {
  wn_program *program;  // outputs: n_value values, then n_entry derivatives
  int n_value, n_entry;
  int *value;  // [n_entry] which value is derived
  wn_op *by;   // [n_entry] by what: WN_OP_PARAM, WN_OP_STATE, WN_OP_COVARIATE (an input), WN_OP_TIME
  int *index;  // [n_entry] position in the list of chosen parameters; state; state that the input enters; 0
} wn_tangent;

// Derivatives of a model by some of its parameters. Programs of `speed` read, behind the model's covariates, the input
// of every state (unit of the state per hour): covariates [n_covariate_all + n_state][W].
typedef struct wn_motion {
  int n_param, n_output;
  int *param;          // [n_param] chosen, index into model->param
  int *output;         // [n_output] chosen, index into model->output
  wn_tangent rhs;      // derivatives of the states, by parameters (by states: the model's Jacobian)
  wn_tangent initial;  // initial values, by parameters
  wn_tangent routes;   // F, lag, scales, ...: model->route_at, by parameters
  wn_tangent outputs;  // of the chosen outputs, by parameters and states
  wn_tangent speed;    // d output / dt along a solution, by parameters, states, inputs and time
} wn_motion;

// Parameters and outputs by index, without repetition; the lists are copied. Errors: WN_ERR_MEMORY. Free with
// wn_motion_destroy (NULL is fine); the model must stay.
wn_status wn_motion_create(const wn_model *model, const int *param, int n_param, const int *output, int n_output,
                           wn_motion **motion, wn_error *err);
void wn_motion_destroy(wn_motion *motion);

#endif

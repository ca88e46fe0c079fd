// linear.h - what of a model is linear with constant coefficients, read off its expressions. Knows no numbers.
#ifndef WN_MODEL_LINEAR_H
#define WN_MODEL_LINEAR_H

#include "model/model.h"

// Fills in model->linear_state, n_linear, linear_output and is_linear from the derivatives and outputs. False: out of
// memory.
bool wn_linear_find(wn_model *model);

#endif

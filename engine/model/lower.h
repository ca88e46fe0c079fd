// lower.h - from the nodes of a model to its programs. Private to model/.
#ifndef WN_MODEL_LOWER_H
#define WN_MODEL_LOWER_H

#include "model/model.h"

// Lower derivatives, initial values, outputs and the entries of the Jacobian (row, col, entry [n_nz]); lay out the LU;
// make room for machine code; see what of the model is linear.
wn_status wn_model_lower(wn_model *model, wn_error *err);

// Lower the values of all n_route_all routes, and set route_at.
wn_status wn_model_lower_routes(wn_model *model, wn_error *err);

#endif

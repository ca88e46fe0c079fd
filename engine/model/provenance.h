// provenance.h - what an output's number rests on: which parameters can reach it, and how well those are known.
#ifndef WN_MODEL_PROVENANCE_H
#define WN_MODEL_PROVENANCE_H

#include "model/model.h"

// Mark in used[n_param] (zeroed here) the parameters that outputs[0..n) depend on: directly, or through the states they
// read, those states' derivatives and initial values, and the doses that can enter those states. Needs no compiled
// model. An equation that multiplies a parameter by zero does not depend on it. WN_ERR_MEMORY.
wn_status wn_model_reached(const wn_model *model, const int *outputs, int n, unsigned char *used, wn_error *err);

// The same, counted by badge: counts[WN_MEASURED], counts[WN_FITTED], counts[WN_ASSUMED]. Zeros when out of memory.
void wn_model_badges(const wn_model *model, const int *outputs, int n, int counts[3]);

#endif

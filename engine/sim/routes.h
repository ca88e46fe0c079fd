// routes.h - what doses become: F, lag, modelled rate and duration, and scales of every route (model/model.h,
// WN_ROUTE_F ...), for given parameters and covariates.
#ifndef WN_SIM_ROUTES_H
#define WN_SIM_ROUTES_H

#include "model/model.h"

// Outputs of model->routes for n points -> value [n][wn_routes_n(model)]. Point i has parameters param + i *
// param_stride and covariates covariate + i * model->n_covariate_all (NULL: the model's defaults).
wn_status wn_routes_eval(const wn_model *model, int n, const double *param, int param_stride, const double *covariate,
                         double *value, wn_error *err);
int wn_routes_n(const wn_model *model);

#endif

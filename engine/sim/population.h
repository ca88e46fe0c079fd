// population.h - individuals drawn from a model's random effects. A draw depends on the seed, the individual, the
// occasion and the parameter's name only: adding a random effect changes no other, and every arm has the same people.
#ifndef WN_SIM_POPULATION_H
#define WN_SIM_POPULATION_H

#include "model/model.h"
#include <stdint.h>

// typical [n_param] -> value [n_param]: parameters of individual `subject` (from 1) on `occasion` (from 1) by the
// model's omega. Errors: WN_ERR_USER when a logit parameter is not between 0 and 1.
wn_status wn_population_draw(const wn_model *model, uint64_t seed, int subject, int occasion, const double *typical,
                             double *value, wn_error *err);

// Why an individual that was drawn cannot be: a copy of the words that say which parameter left its limits, to be
// freed; then the values are the typical ones instead, so that nothing else stumbles over them. *refused stays NULL
// when all are within.
wn_status wn_population_refuse(const wn_model *model, const double *typical, double *value, char **refused,
                               wn_error *err);

// Residual error added to an output's value: observation `index` of an individual.
double wn_population_observe(const wn_model *model, uint64_t seed, int subject, int output, int index, double value);

#endif

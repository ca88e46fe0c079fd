// population.c - see population.h. Invariant: nothing is remembered between draws.

#include "sim/population.h"

#include "base/rng.h"
#include "model/random.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

// an eta's own number: keyed by the parameter, so that a block's order or neighbours do not matter
static double standard_normal(const wn_model *model, const wn_random *block, int i, uint64_t seed, int subject,
                              int occasion) {
  char name[96];
  snprintf(name, sizeof name, "%s %s", block->occasion ? "occasion" : "individual", model->param[block->param[i]].name);
  return wn_rng_normal((wn_rng_key){.seed = seed,
                                    .subject = (uint32_t)subject,
                                    .occasion = block->occasion ? (uint32_t)occasion : 0,
                                    .name = wn_rng_name(name)});
}

static double move(wn_distribution distribution, double typical, double eta) {
  if (distribution == WN_LOGNORMAL) return typical * exp(eta);
  if (distribution == WN_NORMAL) return typical + eta;
  double odds = typical / (1 - typical) * exp(eta);
  return odds / (1 + odds);
}

wn_status wn_population_draw(const wn_model *model, uint64_t seed, int subject, int occasion, const double *typical,
                             double *value, wn_error *err) {
  for (int i = 0; i < model->n_param; i++) value[i] = typical[i];
  for (int b = 0; b < model->n_random; b++) {
    const wn_random *block = &model->random[b];
    double lower[WN_MAX_BLOCK * WN_MAX_BLOCK], z[WN_MAX_BLOCK];
    if (block->n > WN_MAX_BLOCK || !wn_random_factor(block->n, block->omega, lower))
      return wn_fail(err, WN_ERR_USER, "random effects of %s: omega is not a variance matrix",
                     model->param[block->param[0]].name);
    for (int i = 0; i < block->n; i++) z[i] = standard_normal(model, block, i, seed, subject, occasion);
    for (int i = 0; i < block->n; i++) {
      double eta = 0, *v = &value[block->param[i]];
      for (int k = 0; k <= i; k++) eta += lower[i * block->n + k] * z[k];
      if (block->distribution == WN_LOGIT && !(*v > 0 && *v < 1))
        return wn_fail(err, WN_ERR_USER, "random effect on %s: a logit needs a value between 0 and 1, got %g",
                       model->param[block->param[i]].name, *v);
      *v = move(block->distribution, *v, eta);
    }
  }
  return WN_OK;
}

wn_status wn_population_refuse(const wn_model *model, const double *typical, double *value, char **refused,
                               wn_error *err) {
  wn_error why;
  if (!wn_model_check_values(model, value, &why)) return WN_OK;
  memcpy(value, typical, (size_t)model->n_param * sizeof *value);
  if (*refused) return WN_OK;
  *refused = wn_strdup(why.message);
  return *refused ? WN_OK : wn_fail_memory(err);
}

double wn_population_observe(const wn_model *model, uint64_t seed, int subject, int output, int index, double value) {
  for (int i = 0; i < model->n_residual; i++) {
    const wn_residual *r = &model->residual[i];
    if (r->output != output) continue;
    char name[96];
    snprintf(name, sizeof name, "residual %s", model->output[output].name);
    wn_rng_key key = {
        .seed = seed, .subject = (uint32_t)subject, .occasion = (uint32_t)index, .name = wn_rng_name(name)};
    double relative = wn_rng_normal(key);
    key.index = 1;
    value = value * (1 + r->proportional * relative) + r->additive * wn_rng_normal(key);
  }
  return value;
}

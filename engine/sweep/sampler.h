// sampler.h - points of the unit cube by their index. Private to sweep/.
//
// random: independent, keyed by seed, index and the dimension's name, so that another dimension changes none.
// lhs: Latin hypercube; a dimension meets each of n equal slices once, in an order and at a place inside keyed by its
// name. sobol: scrambled Sobol' points (sobol.h); the dimension's place in the list decides its direction numbers.
#ifndef WN_SWEEP_SAMPLER_H
#define WN_SWEEP_SAMPLER_H

#include "base/memory.h"
#include "sweep/design.h"
#include "sweep/sobol.h"

typedef struct wn_sampler {
  wn_sample kind;
  int64_t n;
  uint64_t seed;
  int n_dim;
  uint64_t *name;   // [n_dim] keys of the dimensions
  uint64_t *order;  // [n_dim] for lhs: the keys of the slices' order
  wn_sobol *sobol;  // [n_dim] for sobol
} wn_sampler;

// Takes the dimensions' names [n_dim]; all memory from the arena. False when out of memory.
bool wn_sampler_init(wn_sampler *sampler, wn_arena *arena, wn_sample kind, int64_t n, uint64_t seed,
                     const char *const *name, int n_dim);

// A number in (0, 1): coordinate `dim` of point `index` < n.
double wn_sampler_at(const wn_sampler *sampler, int64_t index, int dim);

#endif

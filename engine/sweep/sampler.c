// sampler.c - see sampler.h. Invariant: the same sampler, index and dimension give the same number in (0, 1). Must not
// know what the numbers are for.

#include "sweep/sampler.h"

#include "base/rng.h"
#include "sweep/shuffle.h"

#include <assert.h>

// what a key is used for
enum { DRAW, SLICE_ORDER };

bool wn_sampler_init(wn_sampler *sampler, wn_arena *arena, wn_sample kind, int64_t n, uint64_t seed,
                     const char *const *name, int n_dim) {
  *sampler = (wn_sampler){.kind = kind, .n = n, .seed = seed, .n_dim = n_dim};
  sampler->name = wn_arena_alloc(arena, (2 * (size_t)n_dim + 1) * sizeof *sampler->name);
  if (!sampler->name) return false;
  sampler->order = sampler->name + n_dim;
  for (int i = 0; i < n_dim; i++) {
    sampler->name[i] = wn_rng_name(name[i]);
    wn_rng_key key = {.seed = seed, .name = sampler->name[i], .index = SLICE_ORDER};
    sampler->order[i] = (uint64_t)(wn_rng_uniform(key) * 0x1p63);
  }
  if (kind != WN_SAMPLE_SOBOL) return true;
  assert(n_dim <= WN_SOBOL_MAX_DIM);
  sampler->sobol = wn_arena_alloc(arena, ((size_t)n_dim + 1) * sizeof *sampler->sobol);
  if (!sampler->sobol) return false;
  wn_sobol_init(n_dim, sampler->sobol);
  for (int i = 0; i < n_dim; i++) wn_sobol_scramble(&sampler->sobol[i], seed, sampler->name[i]);
  return true;
}

static double keyed(const wn_sampler *s, int64_t index, int dim) {
  return wn_rng_uniform((wn_rng_key){.seed = s->seed,
                                     .subject = (uint32_t)index,
                                     .occasion = (uint32_t)((uint64_t)index >> 32),
                                     .name = s->name[dim],
                                     .index = DRAW});
}

static double latin(const wn_sampler *s, int64_t index, int dim) {
  double slice = (double)wn_shuffle((uint64_t)s->n, s->order[dim], (uint64_t)index);
  double u = (slice + keyed(s, index, dim)) / (double)s->n;
  return u < 1 ? u : 1 - 0x1p-53;
}

double wn_sampler_at(const wn_sampler *sampler, int64_t index, int dim) {
  switch (sampler->kind) {
  case WN_SAMPLE_LHS: return latin(sampler, index, dim);
  case WN_SAMPLE_SOBOL: return ((double)wn_sobol_bits(&sampler->sobol[dim], (uint64_t)index) + 0.5) * 0x1p-52;
  default: return keyed(sampler, index, dim);
  }
}

// morris.c - see morris.h. Invariant: two neighbouring points of a trajectory differ in one dimension, by 1/2. Must not
// know what the dimensions are.

#include "sweep/morris.h"

#include "base/rng.h"
#include "sweep/design.h"
#include "sweep/shuffle.h"

static double keyed(const wn_morris *m, int64_t trajectory, const char *what, int index) {
  return wn_rng_uniform((wn_rng_key){.seed = m->seed,
                                     .subject = (uint32_t)trajectory,
                                     .occasion = (uint32_t)((uint64_t)trajectory >> 32),
                                     .name = wn_rng_name(what),
                                     .index = (uint32_t)index});
}

// the key of the order in which the dimensions of a trajectory move
static uint64_t order_key(const wn_morris *m, int64_t trajectory) {
  return (uint64_t)(keyed(m, trajectory, "morris order", 0) * 0x1p63);
}

// where a dimension begins, as a level; it then moves half the levels, up from the lower half and down from the upper
static int start(const wn_morris *m, int64_t trajectory, int dim) {
  return (int)(keyed(m, trajectory, "morris start", dim) * m->n_level);
}

void wn_morris_at(const wn_morris *morris, int64_t trajectory, int step, double *u) {
  int half = morris->n_level / 2;
  uint64_t key = order_key(morris, trajectory);
  int level[WN_MAX_INPUT];
  for (int d = 0; d < morris->n_dim; d++) level[d] = start(morris, trajectory, d);
  for (int k = 0; k < step; k++) {
    int d = (int)wn_shuffle((uint64_t)morris->n_dim, key, (uint64_t)k);
    level[d] += level[d] < half ? half : -half;
  }
  for (int d = 0; d < morris->n_dim; d++) u[d] = (level[d] + 0.5) / morris->n_level;
}

int wn_morris_move(const wn_morris *morris, int64_t trajectory, int step, double *by) {
  int dim = (int)wn_shuffle((uint64_t)morris->n_dim, order_key(morris, trajectory), (uint64_t)step);
  *by = start(morris, trajectory, dim) < morris->n_level / 2 ? 0.5 : -0.5;
  return dim;
}

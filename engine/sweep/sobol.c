// sobol.c - see sobol.h. Invariant: a matrix of columns stays invertible in its upper left corner of every size, so
// that 2^m points fall one in each of 2^m equal slices.

#include "sweep/sobol.h"

#include "base/rng.h"

#include <string.h>

// Bratley and Fox, ACM Trans. Math. Softw. 14, 88-100 (1988), equation 2: m_j from the degree before, as v_j = m_j /
// 2^j
static void fill(uint64_t polynomial, int degree, wn_sobol *sobol) {
  uint64_t *v = sobol->column;
  for (int j = degree; j < WN_SOBOL_INDEX_BITS; j++) {
    v[j] = v[j - degree] ^ (v[j - degree] >> degree);
    for (int k = 1; k < degree; k++)
      if (polynomial >> (degree - k) & 1) v[j] ^= v[j - k];
  }
}

void wn_sobol_init(int n_dim, wn_sobol *sobol) {
  const uint16_t *table = wn_sobol_table;
  memset(sobol, 0, (size_t)n_dim * sizeof *sobol);
  for (int j = 0; n_dim && j < WN_SOBOL_INDEX_BITS; j++) sobol[0].column[j] = (uint64_t)1 << (WN_SOBOL_BITS - 1 - j);
  for (int d = 1; d < n_dim; d++) {
    uint64_t polynomial = *table++;
    int degree = 0;
    while (polynomial >> (degree + 1)) degree++;
    for (int j = 0; j < degree; j++) sobol[d].column[j] = (uint64_t)*table++ << (WN_SOBOL_BITS - 1 - j);
    fill(polynomial, degree, &sobol[d]);
  }
}

static uint64_t random_bits(uint64_t seed, uint64_t name, uint32_t index) {
  double u = wn_rng_uniform((wn_rng_key){.seed = seed, .name = name, .index = index});
  return (uint64_t)(u * 0x1p52);
}

void wn_sobol_scramble(wn_sobol *sobol, uint64_t seed, uint64_t name) {
  uint64_t row[WN_SOBOL_BITS];
  // row i of the lower triangular matrix, as a mask of the digits before i, and i itself
  for (int i = 0; i < WN_SOBOL_BITS; i++) {
    uint64_t digit = (uint64_t)1 << (WN_SOBOL_BITS - 1 - i), before = ~(2 * digit - 1);
    row[i] = (random_bits(seed, name, (uint32_t)i + 1) & before) | digit;
  }
  for (int j = 0; j < WN_SOBOL_INDEX_BITS; j++) {
    uint64_t mixed = 0;
    for (int i = 0; i < WN_SOBOL_BITS; i++)
      mixed = mixed << 1 | (uint64_t)(__builtin_popcountll(row[i] & sobol->column[j]) & 1);
    sobol->column[j] = mixed;
  }
  sobol->shift = random_bits(seed, name, 0);
}

uint64_t wn_sobol_bits(const wn_sobol *sobol, uint64_t index) {
  uint64_t bits = sobol->shift;
  const uint64_t *column = sobol->column;
  for (uint64_t gray = index ^ (index >> 1); gray; gray &= gray - 1) bits ^= column[__builtin_ctzll(gray)];
  return bits;
}

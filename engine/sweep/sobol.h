// sobol.h - Sobol' points by index, plain and scrambled. Private to sweep/.
//
// Points in Gray code order (point i is the i ^ (i >> 1)-th of the sequence), as the field's programs give them; every
// run of 2^m points that begins at a multiple of 2^m is a (t, m, s)-net. Scrambling is Matousek's: a random lower
// triangular matrix over the bits of each coordinate, then a random shift (J. Complexity 14, 527-556, 1998); it keeps
// the nets, makes every point uniform, and independent seeds give independent estimates.
#ifndef WN_SWEEP_SOBOL_H
#define WN_SWEEP_SOBOL_H

#include <stdint.h>

enum {
  WN_SOBOL_MAX_DIM = 512,
  WN_SOBOL_INDEX_BITS = 40,  // points
  WN_SOBOL_BITS = 52,        // of a coordinate
};

extern const uint16_t wn_sobol_table[];

// One dimension: the column of each bit of the index, and the shift.
typedef struct wn_sobol {
  uint64_t column[WN_SOBOL_INDEX_BITS], shift;
} wn_sobol;

// The plain dimensions 0 .. n_dim-1 <= WN_SOBOL_MAX_DIM -> sobol [n_dim].
void wn_sobol_init(int n_dim, wn_sobol *sobol);

// Scramble one dimension by its key.
void wn_sobol_scramble(wn_sobol *sobol, uint64_t seed, uint64_t name);

// The bits of a coordinate, below 2^WN_SOBOL_BITS; index < 2^WN_SOBOL_INDEX_BITS.
uint64_t wn_sobol_bits(const wn_sobol *sobol, uint64_t index);

#endif

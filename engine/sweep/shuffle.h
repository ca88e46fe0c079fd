// shuffle.h - a permutation of 0 .. n-1 by a key, entry by entry. Private to sweep/.
#ifndef WN_SWEEP_SHUFFLE_H
#define WN_SWEEP_SHUFFLE_H

#include <stdint.h>

// Where the permutation of [0, n) with this key sends index < n <= 2^62. Takes no memory: a Feistel network over the
// smallest even number of bits that holds n, walked on while it leads outside (Black and Rogaway, CT-RSA 2002).
uint64_t wn_shuffle(uint64_t n, uint64_t key, uint64_t index);

#endif

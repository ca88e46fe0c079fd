// shuffle.c - see shuffle.h. Invariant: one to one for every key, whatever the round function does.

#include "sweep/shuffle.h"

// the finalizer of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014)
static uint64_t mix(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

uint64_t wn_shuffle(uint64_t n, uint64_t key, uint64_t index) {
  // 2^(2 half) holds n
  int half = n > 4 ? (65 - __builtin_clzll(n - 1)) / 2 : 1;
  uint64_t mask = ((uint64_t)1 << half) - 1;
  // halves of a few bits mix slowly: with six rounds at two bits, steps had a chi-squared of 60 on 4 degrees of freedom
  uint64_t n_round = 6 + 12 / (uint64_t)half;
  do {
    uint64_t left = index >> half, right = index & mask;
    for (uint64_t round = 0; round < n_round; round++) {
      uint64_t next = left ^ (mix(right + (round + 1) * 0x9e3779b97f4a7c15u + key) & mask);
      left = right, right = next;
    }
    index = left << half | right;
  } while (index >= n);
  return index;
}

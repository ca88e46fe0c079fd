// rng.h - random numbers that are looked up, not drawn in turn: each is a function of its key, so that adding one draw
// changes no other, and the order of work does not matter. Philox4x32-10 (Salmon et al. 2011), from Random123.
#ifndef WN_BASE_RNG_H
#define WN_BASE_RNG_H

#include <stdint.h>

// What a number is for: its name, and whose it is.
typedef struct wn_rng_key {
  uint64_t seed;
  uint32_t subject, occasion;
  uint64_t name;   // wn_rng_name
  uint32_t index;  // which of several of one name
} wn_rng_key;

// A name as a number (FNV-1a).
uint64_t wn_rng_name(const char *name);

// Uniform in (0, 1), never 0 or 1; and standard normal by inversion of it.
double wn_rng_uniform(wn_rng_key key);
double wn_rng_normal(wn_rng_key key);

// Inverse of the standard normal distribution function, |error| below 1e-15 relative (Wichura 1988, AS 241).
double wn_normal_quantile(double p);

#endif

// limits.h - where the values of a parameter make sense: `min`, `above`, `max`, `below` of its declaration. All zero:
// no limits. Knows who declared them no more than who asks.
#ifndef WN_MODEL_LIMITS_H
#define WN_MODEL_LIMITS_H

#include <stdbool.h>
#include <stddef.h>

typedef struct wn_limits {
  bool has_low, has_high;
  bool open_low, open_high;  // the limit itself does not belong to it
  double low, high;          // in the parameter's unit
} wn_limits;

// Is a value within? NaN is not, where there are limits.
static inline bool wn_limits_hold_low(const wn_limits *l, double value) {
  return !l->has_low || (l->open_low ? value > l->low : value >= l->low);
}
static inline bool wn_limits_hold_high(const wn_limits *l, double value) {
  return !l->has_high || (l->open_high ? value < l->high : value <= l->high);
}
static inline bool wn_limits_hold(const wn_limits *limits, double value) {
  return wn_limits_hold_low(limits, value) && wn_limits_hold_high(limits, value);
}

// Can a value in [low, high] be outside?
bool wn_limits_may_fail(const wn_limits *limits, double low, double high);

// "above 0 L/h", "from 0 to 1", "at least 0 L/h and below 5 L/h"; "" without limits. Cut to size.
void wn_limits_words(const wn_limits *limits, const char *unit, char *text, size_t size);

#endif

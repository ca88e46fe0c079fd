// limits.c - see limits.h. Invariant: words and decisions agree. It must not know models.

#include "model/limits.h"

#include <stdio.h>
#include <string.h>

bool wn_limits_may_fail(const wn_limits *limits, double low, double high) {
  return !wn_limits_hold_low(limits, low) || !wn_limits_hold_high(limits, high);
}

static const char *behind(const char *unit) { return !unit || strcmp(unit, "1") == 0 ? "" : unit; }

void wn_limits_words(const wn_limits *l, const char *unit, char *text, size_t size) {
  const char *u = behind(unit), *space = *u ? " " : "";
  *text = '\0';
  if (l->has_low && l->has_high && !l->open_low && !l->open_high) {
    snprintf(text, size, "from %g to %g%s%s", l->low, l->high, space, u);
    return;
  }
  if (l->has_low) snprintf(text, size, "%s %g%s%s", l->open_low ? "above" : "at least", l->low, space, u);
  size_t at = strlen(text);
  if (l->has_high)
    snprintf(text + at, size - at, "%s%s %g%s%s", at ? " and " : "", l->open_high ? "below" : "at most", l->high, space,
             u);
}

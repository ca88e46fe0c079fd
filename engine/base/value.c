// value.c - see value.h. Invariant: a value that comes out is finite and in the unit asked for.

#include "base/value.h"

#include "base/number.h"
#include "base/text.h"

#include <math.h>
#include <string.h>

static bool same(const char *a, const char *b) { return strcmp(a, b) == 0; }

static wn_status clock_value(const char *name, const char *text, double *value, wn_error *err) {
  if (wn_parse_clock(text, value)) return WN_OK;
  if (wn_parse_number(text, value) && *value >= 0 && *value <= 24) return WN_OK;
  return wn_fail(err, WN_ERR_USER, "%s: expected a clock time like 22:00, got '%s'", name, text);
}

wn_status wn_value_read(wn_units *units, const char *name, const char *unit, const char *text, double *value,
                        wn_error *err) {
  if (same(unit, "clock")) return clock_value(name, text, value, err);
  if (wn_parse_number(text, value)) return WN_OK;
  bool pure = same(unit, "") || same(unit, "1");
  const char *wanted = pure ? "a number" : unit;
  // what stands before the unit must be a plain number by itself, so neither "inf" nor "0x10 mg" passes
  double amount, hours;
  const char *rest = wn_number_get(text, text + strlen(text), &amount);
  if (!rest || wn_parse_clock(text, &hours))
    return wn_fail(err, WN_ERR_USER, "%s: expected %s%s, got '%s'", name, pure ? "" : "a number in ", wanted, text);
  while (*rest == ' ') rest++;
  const wn_unit *from = wn_unit_parse(units, rest, err);
  if (!from) return wn_fail_prefix(err, "%s", name);
  const wn_unit *to = wn_unit_parse(units, unit, err);
  if (!to) return wn_fail_prefix(err, "%s", name);
  if (!wn_unit_same_dimension(from, to))
    return wn_fail(err, WN_ERR_USER, "%s: expected %s, got %s", name, wanted, text);
  *value = amount * wn_unit_factor(from, to);
  if (!isfinite(*value)) return wn_fail(err, WN_ERR_USER, "%s: expected a finite number, got %s", name, text);
  return WN_OK;
}

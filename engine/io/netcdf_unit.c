// netcdf_unit.c - names and units as NetCDF files spell them. Must not know files.

#include "io/netcdf.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

void wn_netcdf_name(const char *name, char *out, int size) {
  int n = 0;
  if (isdigit((unsigned char)name[0])) out[n++] = '_';
  for (; *name && n < size - 1; name++) {
    unsigned char c = (unsigned char)*name;
    // one _ for a sign of several bytes
    if (c >= 0x80 && c < 0xc0) continue;
    out[n++] = c < 0x80 && (isalnum(c) || c == '_') ? *name : '_';
  }
  out[n] = '\0';
}

// "nM" is a prefix and M, moles per litre; "M" itself too
static bool is_molar(const char *word, int length) {
  return word[length - 1] == 'M' && (length == 1 || (length == 2 && strchr("kdcmunpfa", word[0])));
}

void wn_netcdf_unit(const char *unit, char *out, int size) {
  static const char *const whole[][2] = {{"", "1"}, {"%", "percent"}, {"clock", "h"}, {"wk", "week"}};
  for (size_t i = 0; i < sizeof whole / sizeof *whole; i++)
    if (strcmp(unit, whole[i][0]) == 0) {
      snprintf(out, (size_t)size, "%s", whole[i][1]);
      return;
    }
  int n = 0;
  const char *const all = unit;
  while (*unit && n < size - 1) {
    int length = 0;
    while (isalpha((unsigned char)unit[length])) length++;
    bool alone = unit == all && unit[length] == '\0';
    if (length && is_molar(unit, length))
      // in brackets, for what it may be divided by or raised to
      n += snprintf(out + n, (size_t)(size - n), alone ? "%.*smol/L" : "(%.*smol/L)", length - 1, unit);
    else if (length == 2 && strncmp(unit, "wk", 2) == 0)
      n += snprintf(out + n, (size_t)(size - n), "week");
    else
      n += snprintf(out + n, (size_t)(size - n), "%.*s", length ? length : 1, unit);
    unit += length ? length : 1;
  }
  if (n == 0) out[0] = '\0';
}

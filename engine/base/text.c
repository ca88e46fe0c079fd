// text.c - names offered for typos, numbers, durations and clock times as people write them. No allocation, no locale.

#include "base/text.h"

#include "base/number.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_NAME = 64 };

// Edit distance (Levenshtein, letters compared without case, neighbours swapped count one), names cut at MAX_NAME.
static int distance(const char *a, const char *b) {
  int n = (int)strnlen(a, MAX_NAME), m = (int)strnlen(b, MAX_NAME);
  int rows[3][MAX_NAME + 1];
  int *before = rows[0], *last = rows[1], *now = rows[2];
  for (int j = 0; j <= m; j++) last[j] = j;
  for (int i = 1; i <= n; i++) {
    now[0] = i;
    for (int j = 1; j <= m; j++) {
      int x = tolower((unsigned char)a[i - 1]), y = tolower((unsigned char)b[j - 1]);
      int best = last[j - 1] + (x != y);
      if (last[j] + 1 < best) best = last[j] + 1;
      if (now[j - 1] + 1 < best) best = now[j - 1] + 1;
      bool swapped = i > 1 && j > 1 && x == tolower((unsigned char)b[j - 2]) && y == tolower((unsigned char)a[i - 2]);
      if (swapped && before[j - 2] + 1 < best) best = before[j - 2] + 1;
      now[j] = best;
    }
    int *oldest = before;
    before = last, last = now, now = oldest;
  }
  return last[m];
}

// True when the words of `a` (parts between underscores) are those of `b` in another order: dose_low, low_dose.
static bool same_words(const char *a, const char *b) {
  if (!strchr(a, '_') || strlen(a) != strlen(b)) return false;
  const char *cut = strchr(a, '_');
  size_t head = (size_t)(cut - a), tail = strlen(cut + 1);
  return strncasecmp(b, cut + 1, tail) == 0 && b[tail] == '_' && strncasecmp(b + tail + 1, a, head) == 0;
}

const char *wn_nearest(const char *name, const char *const *names, int n) {
  const char *nearest = NULL;
  int least = 1 + (int)strnlen(name, MAX_NAME) / 3;
  for (int i = 0; i < n; i++) {
    int d = same_words(name, names[i]) ? 1 : distance(name, names[i]);
    if (d < least || (d == least && !nearest)) nearest = names[i], least = d;
  }
  return nearest;
}

// The number at the start of text.
static bool number_prefix(const char *text, double *value, const char **rest) {
  *rest = wn_number_get(text, text + strlen(text), value);
  return *rest != NULL;
}

bool wn_parse_number(const char *text, double *value) {
  const char *rest;
  return number_prefix(text, value, &rest) && *rest == '\0';
}

bool wn_parse_clock(const char *text, double *hours) {
  const char *colon = strchr(text, ':');
  size_t n_hour = colon ? (size_t)(colon - text) : 0;
  if (n_hour < 1 || n_hour > 2 || strlen(colon) != 3) return false;
  for (const char *c = text; *c; c++)
    if (c != colon && !isdigit((unsigned char)*c)) return false;
  int hour = atoi(text), minute = atoi(colon + 1);
  if (minute > 59 || hour * 60 + minute > 24 * 60) return false;
  *hours = hour + minute / 60.0;
  return true;
}

bool wn_parse_duration(const char *text, double *hours) {
  static const struct {
    const char *suffix;
    double hours;
  } units[] = {{"", 1},     {"h", 1},     {"min", 1 / 60.0}, {"s", 1 / 3600.0}, {"d", 24},
               {"wk", 168}, {"hours", 1}, {"days", 24},      {"weeks", 168}};
  const char *rest;
  double value;
  if (!number_prefix(text, &value, &rest)) return false;
  while (*rest == ' ') rest++;
  for (size_t i = 0; i < sizeof units / sizeof *units; i++)
    if (strcmp(rest, units[i].suffix) == 0) return *hours = value * units[i].hours, true;
  return false;
}

void wn_format_clock(double hours, char buf[6]) {
  double minutes = isfinite(hours) ? fmod(round(hours * 60), 1440) : 0;
  if (minutes < 0) minutes += 1440;
  int m = (int)minutes % 1440;
  buf[0] = (char)('0' + m / 600);
  buf[1] = (char)('0' + m / 60 % 10);
  buf[2] = ':';
  buf[3] = (char)('0' + m % 60 / 10);
  buf[4] = (char)('0' + m % 10);
  buf[5] = '\0';
}

int wn_format_double(double value, char buf[32]) {
  char text[WN_NUMBER_ROOM];
  const int length = (int)(wn_number_put(text, value) - text);
  memcpy(buf, text, (size_t)length);
  buf[length] = '\0';
  return length;
}

// text.h - small helpers on text that several rooms share: names offered for typos, times and clock times.
#ifndef WN_BASE_TEXT_H
#define WN_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

// The entry of names[0..n) nearest to `name` (case-insensitive edit distance; words around an underscore in
// another order count as one), or NULL when none is near enough to offer (distance > 1 + length/3).
const char *wn_nearest(const char *name, const char *const *names, int n);

// Parse a finite number that fills the whole text; false otherwise (also for "", "nan", "inf", hex).
bool wn_parse_number(const char *text, double *value);

// Parse "22:00", "7:30" into hours [0, 24]; false otherwise ("24:00" is allowed, "24:01" is not).
bool wn_parse_clock(const char *text, double *hours);

// Parse a duration into hours: bare number = h; suffixes s, min, h, d, wk ("90min", "14d", "12 wk"). No sign rule.
bool wn_parse_duration(const char *text, double *hours);

// Write "HH:MM" of a clock hour (any real; wrapped into 24 h, rounded to the minute, "24:00" never) into buf[6].
void wn_format_clock(double hours, char buf[6]);

// Shortest decimal text that reads back as the same double (number.h), ended with '\0'. Returns its length.
int wn_format_double(double value, char buf[32]);

#endif

// number.h - numbers as text and back, exactly: the one place where the engine does either for machines. Independent of
// the locale. Also included by C++.
#ifndef WN_BASE_NUMBER_H
#define WN_BASE_NUMBER_H

#ifdef __cplusplus
extern "C" {
#endif

// What wn_number_put may touch: no more than 24 characters stay, the rest is room to write in large pieces.
enum { WN_NUMBER_ROOM = 48 };

// Write the shortest decimal text that reads back as the same bits, without '\0'; returns its end. As printf and Python
// write it, 0.0001, 12.5, -0 and 1e-05, 1.5e+15: plain from 1e-4 to below 1e15, else with an exponent of two digits or
// more. Not finite: nan, -nan, inf, -inf.
char *wn_number_put(char *to, double value);

// Read the number that text begins with: a sign, digits, a point, an exponent; no hex, "nan" or "inf". Rounded to the
// nearest double. Returns where it ends, or NULL where there is none or it is too large.
const char *wn_number_get(const char *text, const char *end, double *value);

#ifdef __cplusplus
}
#endif

#endif

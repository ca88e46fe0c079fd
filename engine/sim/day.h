// day.h - the calendar of a run: which day, which clock hour, how people say a time. Pure arithmetic.
#ifndef WN_SIM_DAY_H
#define WN_SIM_DAY_H

#include "sim/scenario.h"

// Calendar day of a time in h since midnight of the first day: 1 for [0, 24), 2 for [24, 48), ...; -1 for [-24, 0),
// -2 before. There is no day 0.
int wn_day_of(double t);

// Clock hour in [0, 24); NaN stays NaN.
double wn_day_clock(double t);

// "day 2, 03:14 (t = 27.2 h)".
void wn_day_words(double t, char buf[64]);

// Hours that [a, b] and [c, d] share.
double wn_day_overlap(double a, double b, double c, double d);

// The k-th night fully inside a run that ends at t_end, k = 0, 1, ...; false when there is no further one. *day is the
// calendar day on which it begins.
bool wn_day_night(const wn_scenario *scenario, double t_end, int k, double *from, double *to, int *day);

#endif

// day.c - calendar arithmetic on hours since midnight of the first day. Invariant: a clock hour is in [0, 24).
// It must not know what is simulated.

#include "sim/day.h"

#include "base/text.h"
#include <math.h>
#include <stdio.h>

int wn_day_of(double t) {
  int day = (int)floor(t / 24);
  return day >= 0 ? day + 1 : day;
}

double wn_day_clock(double t) {
  double clock = t - 24 * floor(t / 24);
  return clock >= 24 ? 0 : clock;
}

void wn_day_words(double t, char buf[64]) {
  char clock[6];
  wn_format_clock(wn_day_clock(t), clock);
  snprintf(buf, 64, "day %d, %s (t = %.6g h)", wn_day_of(t), clock, t);
}

double wn_day_overlap(double a, double b, double c, double d) {
  double from = a > c ? a : c, to = b < d ? b : d;
  return to > from ? to - from : 0;
}

bool wn_day_night(const wn_scenario *scenario, double t_end, int k, double *from, double *to, int *day) {
  double hours = wn_day_clock(scenario->night_to - scenario->night_from);
  double first = floor((scenario->t_start - scenario->night_from) / 24) * 24 + scenario->night_from;
  if (first < scenario->t_start) first += 24;
  *from = first + 24.0 * k;
  *to = *from + hours;
  *day = wn_day_of(*from);
  return hours > 0 && *to <= t_end;
}

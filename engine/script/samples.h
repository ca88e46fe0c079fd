// samples.h - a sampled curve read as straight lines between samples: values, extremes, areas, times above a level.
// Plain arithmetic; knows no Lua.
#ifndef WN_SCRIPT_SAMPLES_H
#define WN_SCRIPT_SAMPLES_H

// n >= 1 samples, times ascending (equal times: a jump). Borrowed.
typedef struct wn_curve {
  int n;
  const double *time, *value;
} wn_curve;

// All spans need time[0] <= from <= to <= time[n-1].
double wn_curve_at(const wn_curve *curve, double t);  // after a jump at t
double wn_curve_integral(const wn_curve *curve, double from, double to);

// Largest (sign 1) or smallest (sign -1) value and the first time it is reached.
double wn_curve_extreme(const wn_curve *curve, int sign, double from, double to, double *time);

// Hours strictly above (sign 1) or below (sign -1) the level.
double wn_curve_hours(const wn_curve *curve, int sign, double level, double from, double to);

// First or last time at the level or beyond it; NaN when there is none.
double wn_curve_first(const wn_curve *curve, int sign, double level, double from, double to);
double wn_curve_last(const wn_curve *curve, int sign, double level, double from, double to);

#endif

// spread.h - what many individuals have in common: the median, and the span that holds nine of ten of them.
#ifndef WN_IO_SPREAD_H
#define WN_IO_SPREAD_H

// Quantiles of the finite values, between neighbours by linear interpolation (type 7 of Hyndman & Fan 1996).
typedef struct wn_spread {
  int n;                  // finite values; 0: the others are NaN
  double low, mid, high;  // 5, 50 and 95 %
} wn_spread;

// Rearranges value[0..n).
wn_spread wn_spread_of(double *value, int n);

#endif

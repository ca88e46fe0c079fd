// equations.h - the cases written by hand: what a careful C programmer would write for one model and one subject.
#ifndef WN_BENCH_EQUATIONS_H
#define WN_BENCH_EQUATIONS_H

#define WN_BENCH_EQUATIONS(name)                                                         \
  void wn_bench_##name##_prepare(const double *param, double *rate);                     \
  void wn_bench_##name##_initial(const double *rate, double *y);                         \
  void wn_bench_##name##_rhs(double t, const double *rate, const double *y, double *dy); \
  void wn_bench_##name##_jacobian(double t, const double *rate, const double *y, double *jac)

WN_BENCH_EQUATIONS(w1);
WN_BENCH_EQUATIONS(w2);
WN_BENCH_EQUATIONS(w3);
WN_BENCH_EQUATIONS(naltrexone);

#endif

// equations_w.h - what the right-hand sides of W1 to W3 multiply by, of one subject (`number` a double) or of eight
// (dopri5_x8_body.h). Filled in by the cases' `prepare`.
#ifndef WN_BENCH_EQUATIONS_W_H
#define WN_BENCH_EQUATIONS_W_H

#define WN_BENCH_W1_RATES(number) \
  struct {                        \
    number ka, k10, k12, k21;     \
  }

#define WN_BENCH_W2_RATES(number)                                          \
  struct {                                                                 \
    number ka, kafv, keo, ktpv, kon, koff, kintoff, kdeg, ksyn, kptv, ktp; \
  }

#define WN_BENCH_W3_RATES(number)                                                                            \
  struct {                                                                                                   \
    number ka, fbka, k10, k12, k21, fmka, fmk10, kel_m, ke0, ke0v, ke0m, ke0vm, inv_ki, inv_kim, inv_ke, e0; \
    number koe, koee0, amp, tpk, gam, s0, kor, upmax, koi, imax, s50;                                        \
  }

#endif

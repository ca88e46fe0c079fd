// equations_w.c - W1, W2, W3 by hand. Invariant: rates are what the right-hand side multiplies by, so that nothing is
// divided twice; powers are as few as there can be. Must not know how it is integrated.
#include "equations_w.h"
#include "equations.h"
#include <math.h>
#include <string.h>

#define TWO_PI 6.283185307179586476925

typedef WN_BENCH_W1_RATES(double) w1_rates;

void wn_bench_w1_prepare(const double *param, double *rate) {
  const double ka = param[0], cl = param[1], v2 = param[2], q = param[3], v3 = param[4];
  const w1_rates k = {ka, cl / v2, q / v2, q / v3};
  memcpy(rate, &k, sizeof k);
}

void wn_bench_w1_initial(const double *rate, double *y) {
  (void)rate;
  memset(y, 0, 3 * sizeof *y);
}

void wn_bench_w1_rhs(double t, const double *rate, const double *y, double *dy) {
  (void)t;
  const w1_rates *k = (const w1_rates *)rate;
  dy[0] = -k->ka * y[0];
  dy[1] = k->ka * y[0] - (k->k10 + k->k12) * y[1] + k->k21 * y[2];
  dy[2] = k->k12 * y[1] - k->k21 * y[2];
}

#define J(row, col) jac[(col)*N + (row)]

void wn_bench_w1_jacobian(double t, const double *rate, const double *y, double *jac) {
  (void)t, (void)y;
  enum { N = 3 };
  const w1_rates *k = (const w1_rates *)rate;
  J(0, 0) = -k->ka;
  J(1, 0) = k->ka, J(1, 1) = -(k->k10 + k->k12), J(1, 2) = k->k21;
  J(2, 1) = k->k12, J(2, 2) = -k->k21;
}

typedef WN_BENCH_W2_RATES(double) w2_rates;

void wn_bench_w2_prepare(const double *param, double *rate) {
  const double ka = param[0], f = param[1], v = param[2], kel = param[3], kpt = param[4], ktp = param[5];
  const double kon = param[6], koff = param[7], kint = param[8], kdeg = param[9], ksyn = param[10];
  const w2_rates k = {ka, ka * f / v, kel + kpt, ktp / v, kon, koff, koff + kint, kdeg, ksyn, kpt * v, ktp};
  memcpy(rate, &k, sizeof k);
}

void wn_bench_w2_initial(const double *rate, double *y) {
  const w2_rates *k = (const w2_rates *)rate;
  memset(y, 0, 5 * sizeof *y);
  y[2] = k->ksyn / k->kdeg;
}

void wn_bench_w2_rhs(double t, const double *rate, const double *y, double *dy) {
  (void)t;
  const w2_rates *k = (const w2_rates *)rate;
  const double bind = k->kon * y[1] * y[2], leave = k->koff * y[3];
  dy[0] = -k->ka * y[0];
  dy[1] = k->kafv * y[0] - k->keo * y[1] + k->ktpv * y[4] - bind + leave;
  dy[2] = k->ksyn - k->kdeg * y[2] - bind + leave;
  dy[3] = bind - k->kintoff * y[3];
  dy[4] = k->kptv * y[1] - k->ktp * y[4];
}

void wn_bench_w2_jacobian(double t, const double *rate, const double *y, double *jac) {
  (void)t;
  enum { N = 5 };
  const w2_rates *k = (const w2_rates *)rate;
  const double by_l = k->kon * y[2], by_r = k->kon * y[1];
  J(0, 0) = -k->ka;
  J(1, 0) = k->kafv, J(1, 1) = -k->keo - by_l, J(1, 2) = -by_r, J(1, 3) = k->koff, J(1, 4) = k->ktpv;
  J(2, 1) = -by_l, J(2, 2) = -k->kdeg - by_r, J(2, 3) = k->koff;
  J(3, 1) = by_l, J(3, 2) = by_r, J(3, 3) = -k->kintoff;
  J(4, 1) = k->kptv, J(4, 4) = -k->ktp;
}

typedef WN_BENCH_W3_RATES(double) w3_rates;

void wn_bench_w3_prepare(const double *param, double *rate) {
  enum {
    KA,
    CL,
    V,
    K12,
    K21,
    FB,
    FM,
    CLM,
    VM,
    KE0,
    KE0M,
    KI,
    KIM,
    KE,
    E0,
    KOE,
    AMP,
    TPK,
    GAM,
    KOR,
    UPMAX,
    KOI,
    IMAX,
    S50
  };
  const double *p = param, b0 = p[E0] / p[KE];
  const w3_rates k = {
      .ka = p[KA],
      .fbka = p[FB] * p[KA],
      .k10 = p[CL] / p[V],
      .k12 = p[K12],
      .k21 = p[K21],
      .fmka = (1 - p[FB]) * p[KA],
      .fmk10 = p[FM] * p[CL] / p[V],
      .kel_m = p[CLM] / p[VM],
      .ke0 = p[KE0],
      .ke0v = p[KE0] / p[V],
      .ke0m = p[KE0M],
      .ke0vm = p[KE0M] / p[VM],
      .inv_ki = 1 / p[KI],
      .inv_kim = 1 / p[KIM],
      .inv_ke = 1 / p[KE],
      .e0 = p[E0],
      .koe = p[KOE],
      .koee0 = p[KOE] * p[E0],
      .amp = p[AMP],
      .tpk = p[TPK],
      .gam = p[GAM],
      .s0 = b0 / (1 + b0),
      .kor = p[KOR],
      .upmax = p[UPMAX],
      .koi = p[KOI],
      .imax = p[IMAX],
      .s50 = p[S50],
  };
  memcpy(rate, &k, sizeof k);
}

void wn_bench_w3_initial(const double *rate, double *y) {
  const w3_rates *k = (const w3_rates *)rate;
  memset(y, 0, 9 * sizeof *y);
  y[6] = k->e0;
  y[7] = 1;
  y[8] = 1 - k->imax * k->s0 / (k->s50 + k->s0);
}

void wn_bench_w3_rhs(double t, const double *rate, const double *y, double *dy) {
  const w3_rates *k = (const w3_rates *)rate;
  const double be = y[6] * k->inv_ke, blk = y[4] * k->inv_ki + y[5] * k->inv_kim, inv_den = 1 / (1 + be + blk);
  const double s = y[7] * be * inv_den;
  const double clock = 1 + k->amp * cos(TWO_PI / 24 * (t - k->tpk));
  dy[0] = -k->ka * y[0];
  dy[1] = k->fbka * y[0] - (k->k10 + k->k12) * y[1] + k->k21 * y[2];
  dy[2] = k->k12 * y[1] - k->k21 * y[2];
  dy[3] = k->fmka * y[0] + k->fmk10 * y[1] - k->kel_m * y[3];
  dy[4] = k->ke0v * y[1] - k->ke0 * y[4];
  dy[5] = k->ke0vm * y[3] - k->ke0m * y[5];
  dy[6] = k->koee0 * clock * pow(k->s0 / s, k->gam) - k->koe * y[6];
  dy[7] = k->kor * (1 + k->upmax * blk * inv_den - y[7]);
  dy[8] = k->koi * (1 - k->imax * s / (k->s50 + s) - y[8]);
}

void wn_bench_w3_jacobian(double t, const double *rate, const double *y, double *jac) {
  enum { N = 9 };
  const w3_rates *k = (const w3_rates *)rate;
  const double be = y[6] * k->inv_ke, blk = y[4] * k->inv_ki + y[5] * k->inv_kim, inv_den = 1 / (1 + be + blk);
  const double s = y[7] * be * inv_den;
  const double clock = 1 + k->amp * cos(TWO_PI / 24 * (t - k->tpk));
  // d log s by CE, CM, END, REC
  const double by[4] = {-k->inv_ki * inv_den, -k->inv_kim * inv_den, (1 + blk) * inv_den / y[6], 1 / y[7]};
  const double made = -k->gam * k->koee0 * clock * pow(k->s0 / s, k->gam);
  const double calm = -k->koi * k->imax * k->s50 * s / ((k->s50 + s) * (k->s50 + s));
  for (int i = 0; i < 4; i++) {
    J(6, 4 + i) = made * by[i];
    J(8, 4 + i) = calm * by[i];
  }
  J(6, 6) -= k->koe;
  J(0, 0) = -k->ka;
  J(1, 0) = k->fbka, J(1, 1) = -(k->k10 + k->k12), J(1, 2) = k->k21;
  J(2, 1) = k->k12, J(2, 2) = -k->k21;
  J(3, 0) = k->fmka, J(3, 1) = k->fmk10, J(3, 3) = -k->kel_m;
  J(4, 1) = k->ke0v, J(4, 4) = -k->ke0;
  J(5, 3) = k->ke0vm, J(5, 5) = -k->ke0m;
  const double grow = k->kor * k->upmax * inv_den * inv_den;
  J(7, 4) = grow * (1 + be) * k->inv_ki, J(7, 5) = grow * (1 + be) * k->inv_kim, J(7, 6) = -grow * blk * k->inv_ke;
  J(7, 7) = -k->kor;
  J(8, 8) = -k->koi;
}

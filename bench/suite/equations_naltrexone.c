// equations_naltrexone.c - models/naltrexone.lua by hand, all 38 states. Invariant: the order of parameters is that of
// the list in cases.c. The steepnesses 4 and 2 are multiplied out, as a C programmer would.
#include "equations.h"
#include <math.h>
#include <string.h>

#define TWO_PI 6.283185307179586476925

// clang-format off
enum { ka, F, CL, V1, Q, V2, fm_fp, fm_sys, CLm, V1m, Qm, V2m, xr_mean1, xr_mean2, xr_mean3, CLx, V1x, Qx, V2x, ka_in,
       ka_im, fu_n, fu_m, fu_x, Kp_n, Kp_m, Kp_x, ke0_n, ke0_m, ke0_x, Kd_n, koff_n, Kd_m, koff_m, Kd_x, koff_x, e0,
       koff_E, klock, kun, Klock, dRmax, th50, kR, kE, kP, kX, g, kZ, Z50, hY, kY, A_circ, acro, CLo, Vo, kao, Fo, fu_o,
       Kp_o, ke0_o, Kd_o, koff_o, eps_o, f_dextro, Imax_T, IC50_T, beta_T, kI, kS, kD, N_PARAM };
enum { GUT, CENT, PERI, M1, M2, CE_N, CE_M, A1, A2, B1, B2, B3, C1, C2, C3, NLX_IN, NLX_IM, N1, N2, CE_X, OPIOID, O1,
       CE_O, B_N, B_M, B_X, L, B_E, B_O, R, X, P, E, Z, Y, I, SY, DP, N };
// clang-format on

// derived once; behind the parameters
enum { R1 = N_PARAM, R2, R3, SWING, DELAY };

void wn_bench_naltrexone_prepare(const double *param, double *rate) {
  memcpy(rate, param, N_PARAM * sizeof *rate);
  const double w = TWO_PI / 24, x = w / param[kE];
  rate[R1] = 2 / param[xr_mean1], rate[R2] = 3 / param[xr_mean2], rate[R3] = 3 / param[xr_mean3];
  rate[SWING] = param[A_circ] / sqrt(1 + x * x);
  rate[DELAY] = atan(x) / w;
}

static double baseline(double t, const double *k) { return 1 + k[SWING] * cos(TWO_PI / 24 * (t - k[acro])); }

void wn_bench_naltrexone_initial(const double *rate, double *y) {
  const double *k = rate, base = baseline(0, k);
  memset(y, 0, N * sizeof *y);
  y[B_E] = k[e0] * base / (1 + k[e0] * base);
  y[R] = y[X] = y[P] = y[Y] = y[I] = y[SY] = 1;
  y[E] = base;
}

// what both functions need
typedef struct shared {
  double r_n, r_m, r_x, r_o, free, c, c4, hill4, occupied, inv_rest, tone, agonism, drive, gain, seen;
} shared;

static inline shared share(double t, const double *k, const double *y) {
  shared s;
  const double active = 1 - k[f_dextro], base = baseline(t, k), k4 = k[Klock] * k[Klock] * k[Klock] * k[Klock];
  s.c = active * y[CE_N] > 0 ? active * y[CE_N] : 0;
  s.r_n = active * y[CE_N] / k[Kd_n], s.r_m = active * y[CE_M] / k[Kd_m];
  s.r_x = y[CE_X] / k[Kd_x], s.r_o = y[CE_O] / k[Kd_o];
  s.free = 1 - y[B_N] - y[B_M] - y[B_X] - y[L] - y[B_E] - y[B_O];
  s.c4 = s.c * s.c * s.c * s.c;
  s.hill4 = s.c4 / (k4 + s.c4);
  s.occupied = fmin(fmax(y[B_N] + y[B_M] + y[B_X] + y[L], 0), 1);
  s.inv_rest = (1 + k[e0] * base) / (k[e0] * base);
  s.agonism = y[R] * k[eps_o] * y[B_O] * s.inv_rest;
  s.tone = y[R] * y[B_E] * s.inv_rest + s.agonism;
  s.drive = 1 + k[A_circ] * cos(TWO_PI / 24 * (t - k[acro] + k[DELAY]));
  s.gain = (1 + k[g]) / (1 + k[g] * fmax(y[X], 0));
  s.seen = k[Imax_T] * y[CE_N] / (k[IC50_T] + y[CE_N]);
  return s;
}

void wn_bench_naltrexone_rhs(double t, const double *rate, const double *y, double *dy) {
  const double *k = rate;
  const shared s = share(t, k, y);
  const double tablet = k[ka] * y[GUT], a1 = k[R1] * y[A1], a2 = k[R1] * y[A2];
  const double b1 = k[R2] * y[B1], b2 = k[R2] * y[B2], b3 = k[R2] * y[B3];
  const double c1 = k[R3] * y[C1], c2 = k[R3] * y[C2], c3 = k[R3] * y[C3];
  dy[GUT] = -tablet;
  dy[A1] = -a1, dy[A2] = a1 - a2;
  dy[B1] = -b1, dy[B2] = b1 - b2, dy[B3] = b2 - b3;
  dy[C1] = -c1, dy[C2] = c1 - c2, dy[C3] = c2 - c3;
  const double plasma = y[CENT] / k[V1], gone = k[CL] * plasma, swap = k[Q] * (plasma - y[PERI] / k[V2]);
  dy[CENT] = k[F] * tablet + a2 + b3 + c3 - gone - swap;
  dy[PERI] = swap;
  const double plasma_m = y[M1] / k[V1m], swap_m = k[Qm] * (plasma_m - y[M2] / k[V2m]);
  dy[M1] = k[fm_fp] * tablet + k[fm_sys] * gone - k[CLm] * plasma_m - swap_m;
  dy[M2] = swap_m;
  const double nose = k[ka_in] * y[NLX_IN], muscle = k[ka_im] * y[NLX_IM];
  const double plasma_x = y[N1] / k[V1x], swap_x = k[Qx] * (plasma_x - y[N2] / k[V2x]);
  dy[NLX_IN] = -nose, dy[NLX_IM] = -muscle;
  dy[N1] = nose + muscle - k[CLx] * plasma_x - swap_x;
  dy[N2] = swap_x;
  const double swallowed = k[kao] * y[OPIOID], plasma_o = y[O1] / k[Vo];
  dy[OPIOID] = -swallowed;
  dy[O1] = k[Fo] * swallowed - k[CLo] * plasma_o;
  dy[CE_N] = k[ke0_n] * (k[Kp_n] * k[fu_n] * plasma - y[CE_N]);
  dy[CE_M] = k[ke0_m] * (k[Kp_m] * k[fu_m] * plasma_m - y[CE_M]);
  dy[CE_X] = k[ke0_x] * (k[Kp_x] * k[fu_x] * plasma_x - y[CE_X]);
  dy[CE_O] = k[ke0_o] * (k[Kp_o] * k[fu_o] * plasma_o - y[CE_O]);
  const double locking = k[klock] * s.hill4 * y[B_N];
  dy[B_N] = k[koff_n] * (s.r_n * s.free - y[B_N]) - locking;
  dy[B_M] = k[koff_m] * (s.r_m * s.free - y[B_M]);
  dy[B_X] = k[koff_x] * (s.r_x * s.free - y[B_X]);
  dy[B_E] = k[koff_E] * (k[e0] * y[E] * s.free - y[B_E]);
  dy[B_O] = k[koff_o] * (s.r_o * s.free - y[B_O]);
  dy[L] = locking - k[kun] * y[L];
  const double m2 = s.occupied * s.occupied, h2 = k[th50] * k[th50];
  dy[R] = k[kR] * (1 + k[dRmax] * m2 / (h2 + m2) - y[R]);
  dy[X] = k[kX] * (s.tone - y[X]);
  const double release = y[P] * s.gain;
  dy[P] = k[kP] * s.drive * (y[Y] - release);
  dy[E] = k[kE] * (s.drive * release - y[E]);
  dy[Z] = k[kZ] * (fmax(0, 1 - y[X]) - y[Z]);
  dy[Y] = k[kY] * (1 + k[hY] * y[Z] / (k[Z50] + y[Z]) - y[Y]);
  dy[I] = k[kI] * (fmax(0, (1 - s.seen) * (1 - k[beta_T] * (s.tone - 1))) - y[I]);
  dy[SY] = k[kS] * (y[I] - y[SY]);
  dy[DP] = k[kD] * (s.agonism - y[DP]);
}

#define J(row, col) jac[(col)*N + (row)]

// plasma, metabolite, release, naloxone, opioid: constant entries
static void jacobian_kinetics(const double *k, double *jac) {
  J(GUT, GUT) = -k[ka];
  J(A1, A1) = J(A2, A2) = -k[R1], J(A2, A1) = J(CENT, A2) = k[R1];
  J(B1, B1) = J(B2, B2) = J(B3, B3) = -k[R2], J(B2, B1) = J(B3, B2) = J(CENT, B3) = k[R2];
  J(C1, C1) = J(C2, C2) = J(C3, C3) = -k[R3], J(C2, C1) = J(C3, C2) = J(CENT, C3) = k[R3];
  J(CENT, GUT) = k[F] * k[ka], J(CENT, CENT) = -(k[CL] + k[Q]) / k[V1], J(CENT, PERI) = k[Q] / k[V2];
  J(PERI, CENT) = k[Q] / k[V1], J(PERI, PERI) = -k[Q] / k[V2];
  J(M1, GUT) = k[fm_fp] * k[ka], J(M1, CENT) = k[fm_sys] * k[CL] / k[V1];
  J(M1, M1) = -(k[CLm] + k[Qm]) / k[V1m], J(M1, M2) = k[Qm] / k[V2m];
  J(M2, M1) = k[Qm] / k[V1m], J(M2, M2) = -k[Qm] / k[V2m];
  J(NLX_IN, NLX_IN) = -k[ka_in], J(NLX_IM, NLX_IM) = -k[ka_im];
  J(N1, NLX_IN) = k[ka_in], J(N1, NLX_IM) = k[ka_im];
  J(N1, N1) = -(k[CLx] + k[Qx]) / k[V1x], J(N1, N2) = k[Qx] / k[V2x];
  J(N2, N1) = k[Qx] / k[V1x], J(N2, N2) = -k[Qx] / k[V2x];
  J(OPIOID, OPIOID) = -k[kao];
  J(O1, OPIOID) = k[Fo] * k[kao], J(O1, O1) = -k[CLo] / k[Vo];
  J(CE_N, CENT) = k[ke0_n] * k[Kp_n] * k[fu_n] / k[V1], J(CE_N, CE_N) = -k[ke0_n];
  J(CE_M, M1) = k[ke0_m] * k[Kp_m] * k[fu_m] / k[V1m], J(CE_M, CE_M) = -k[ke0_m];
  J(CE_X, N1) = k[ke0_x] * k[Kp_x] * k[fu_x] / k[V1x], J(CE_X, CE_X) = -k[ke0_x];
  J(CE_O, O1) = k[ke0_o] * k[Kp_o] * k[fu_o] / k[Vo], J(CE_O, CE_O) = -k[ke0_o];
}

static void jacobian_binding(const shared *s, const double *k, const double *y, double *jac) {
  static const int bound[6] = {B_N, B_M, B_X, L, B_E, B_O};
  const double active = 1 - k[f_dextro], k4 = k[Klock] * k[Klock] * k[Klock] * k[Klock];
  const double on[5] = {k[koff_n] * s->r_n, k[koff_m] * s->r_m, k[koff_x] * s->r_x, k[koff_E] * k[e0] * y[E],
                        k[koff_o] * s->r_o};
  for (int i = 0; i < 6; i++) {
    const int col = bound[i];
    J(B_N, col) = -on[0], J(B_M, col) = -on[1], J(B_X, col) = -on[2], J(B_E, col) = -on[3], J(B_O, col) = -on[4];
  }
  const double lock = k[klock] * s->hill4, sum = k4 + s->c4;
  const double lock_c = k[klock] * y[B_N] * 4 * s->c * s->c * s->c * k4 / (sum * sum) * active;
  J(B_N, B_N) -= k[koff_n] + lock, J(B_M, B_M) -= k[koff_m], J(B_X, B_X) -= k[koff_x];
  J(B_E, B_E) -= k[koff_E], J(B_O, B_O) -= k[koff_o];
  J(B_N, CE_N) = k[koff_n] * active / k[Kd_n] * s->free - lock_c;
  J(B_M, CE_M) = k[koff_m] * active / k[Kd_m] * s->free;
  J(B_X, CE_X) = k[koff_x] / k[Kd_x] * s->free;
  J(B_E, E) = k[koff_E] * k[e0] * s->free;
  J(B_O, CE_O) = k[koff_o] / k[Kd_o] * s->free;
  J(L, B_N) = lock, J(L, CE_N) = lock_c, J(L, L) = -k[kun];
}

static void jacobian_response(const shared *s, const double *k, const double *y, double *jac) {
  const double m = s->occupied, h2 = k[th50] * k[th50], sum = h2 + m * m;
  const double inside = y[B_N] + y[B_M] + y[B_X] + y[L], grow = inside > 0 && inside < 1;
  J(R, B_N) = J(R, B_M) = J(R, B_X) = J(R, L) = grow * k[kR] * k[dRmax] * 2 * m * h2 / (sum * sum);
  J(R, R) = -k[kR];
  const double tone_e = y[R] * s->inv_rest, tone_o = tone_e * k[eps_o];
  const double tone_r = (y[B_E] + k[eps_o] * y[B_O]) * s->inv_rest;
  J(X, B_E) = k[kX] * tone_e, J(X, B_O) = k[kX] * tone_o, J(X, R) = k[kX] * tone_r, J(X, X) = -k[kX];
  const double gain_x = y[X] > 0 ? -k[g] * s->gain / (1 + k[g] * y[X]) : 0;
  J(P, Y) = k[kP] * s->drive, J(P, P) = -k[kP] * s->drive * s->gain, J(P, X) = -k[kP] * s->drive * y[P] * gain_x;
  J(E, P) = k[kE] * s->drive * s->gain, J(E, X) = k[kE] * s->drive * y[P] * gain_x, J(E, E) = -k[kE];
  J(Z, X) = y[X] < 1 ? -k[kZ] : 0, J(Z, Z) = -k[kZ];
  J(Y, Z) = k[kY] * k[hY] * k[Z50] / ((k[Z50] + y[Z]) * (k[Z50] + y[Z])), J(Y, Y) = -k[kY];
  const double keep = 1 - s->seen, calm = 1 - k[beta_T] * (s->tone - 1), on = keep * calm > 0 ? k[kI] : 0;
  const double by_tone = -on * keep * k[beta_T], half = k[IC50_T] + y[CE_N];
  J(I, B_E) = by_tone * tone_e, J(I, B_O) = by_tone * tone_o, J(I, R) = by_tone * tone_r, J(I, I) = -k[kI];
  J(I, CE_N) = -on * calm * k[Imax_T] * k[IC50_T] / (half * half);
  J(SY, I) = k[kS], J(SY, SY) = -k[kS];
  J(DP, B_O) = k[kD] * tone_o, J(DP, R) = k[kD] * k[eps_o] * y[B_O] * s->inv_rest, J(DP, DP) = -k[kD];
}

void wn_bench_naltrexone_jacobian(double t, const double *rate, const double *y, double *jac) {
  const shared s = share(t, rate, y);
  jacobian_kinetics(rate, jac);
  jacobian_binding(&s, rate, y, jac);
  jacobian_response(&s, rate, y, jac);
}

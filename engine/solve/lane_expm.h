// lane_expm.h - exp(h A) and its integral for one small matrix per lane, all lanes at once. Written once in
// lane_expm_body.h and compiled twice (portable, AVX2); both give the same bits, and a lane's bits do not depend on the
// other lanes. Private to the room.
//
// A matrix is a block [n_entry][width] along a pattern, a vector a block [n][width]; blocks are 32-byte aligned, width
// is a multiple of 4.
#ifndef WN_SOLVE_LANE_EXPM_H
#define WN_SOLVE_LANE_EXPM_H

#include "solve/reach.h"
#include <stddef.h>

enum { WN_N_LOOK = 9 };  // points at which a step is looked at, equally spaced

// The longest span relative to the fastest mode, norm x h, that exponential() takes.
#define WN_EXPM_MAX 1e12

typedef struct wn_expm_ops {
  const char *name;  // "portable", "avx2"
  // E = exp(h A) and P = integral of exp(s A) ds over [0, h] along reach->to, from A along reach->from and norm [width]
  // of wn_lane_norm; h [width], 0 where nothing is asked. Relative error below 1e-13 of each entry where no entry of A
  // off the diagonal is negative, up to norm x h = WN_EXPM_MAX and without regard to it; else of the largest entries.
  // half_E and half_P: the same for h / 2, or NULL; they save time and change no bit. scratch:
  // wn_lane_expm_scratch(...) doubles.
  void (*exponential)(const wn_reach *reach, int width, const double *h, const double *A, const double *norm,
                      const double *half_E, const double *half_P, double *E, double *P, double *scratch);
  // out = scale M x, or out = base + scale M x; scale [width], NULL: 1; base may be out, x may not
  void (*apply)(const wn_pattern *pattern, int width, const double *scale, const double *M, const double *x,
                const double *base, double *out);
  // out += c x
  void (*add)(size_t n, double c, const double *x, double *out);
  // How badly steps of lengths h [width] are resolved, from values y [n_state][width] at WN_N_LOOK points in them ->
  // worst [width]: the largest over all states of h by_quadrature |8th difference| and of by_turn, or by_value where
  // the points neither rise and fall, |8th difference| / largest |value|, of those and of size [n_state][width]
  void (*unresolved)(int n_state, int width, const double *const y[WN_N_LOOK], const double *h,
                     const double *by_quadrature, const double *size, double by_turn, double by_value, double *worst);
} wn_expm_ops;

extern const wn_expm_ops wn_expm_ops_portable, wn_expm_ops_avx2;

// The kernels in use, the same choice as the programs' (wn_program_kernels).
const wn_expm_ops *wn_expm_ops_get(void);

// doubles that exponential() needs beside its results
size_t wn_lane_expm_scratch(const wn_reach *reach, int width);

// For a lane a bound on the spectral radius of |A|, the best over scalings of the states by Collatz and Wielandt, so
// that units do not matter. scratch: 2 n doubles.
double wn_lane_norm(const wn_pattern *pattern, int width, int lane, const double *A, double *scratch);

#endif

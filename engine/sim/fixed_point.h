// fixed_point.h - the linear algebra of a steady state: x = M x + b, and what M does to a deviation. Matrices are
// [n][n] by rows. Private to sim/.
#ifndef WN_SIM_FIXED_POINT_H
#define WN_SIM_FIXED_POINT_H

#include <stdbool.h>

// Largest modulus of an eigenvalue of map. On return `power` is a high power of it, scaled: what is left of a deviation
// after very many periods, by columns. scratch [n][n].
double wn_spectral_radius(int n, const double *map, double *power, double *scratch);

// Solve (I - map) x = b by elimination with row pivoting; overwrites map, and x = b with the answer. False when
// singular.
bool wn_fixed_point_solve(int n, double *map, double *x);

#endif

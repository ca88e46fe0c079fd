// piece.h - what is known of one output on one piece of a step: its values at five Gauss-Lobatto nodes, and the
// polynomial of degree 4 through them.
#ifndef WN_SIM_PIECE_H
#define WN_SIM_PIECE_H

#include <stdbool.h>

enum { WN_N_NODE = 5 };

#define WN_PIECE_X1 0.65465367070797714380  // sqrt(3/7)

// Nodes on [-1, 1]: -1, -sqrt(3/7), 0, sqrt(3/7), 1 (Abramowitz & Stegun 25.4.32).
extern const double wn_piece_node[WN_N_NODE];

// c[0] + c[1] x + ... + c[4] x^4 on [-1, 1].
typedef struct wn_poly {
  double c[WN_N_NODE];
} wn_poly;
wn_poly wn_poly_fit(const double f[WN_N_NODE]);
double wn_poly_at(const wn_poly *p, double x);

// Interior extremes: writes the places in (-1, 1) where the slope changes sign, in order; returns how many (0..3).
int wn_poly_extremes(const wn_poly *p, double x[3]);

// True when the polynomial is so nearly a parabola that it can be trusted between the nodes; false over a jump or kink.
bool wn_poly_resolved(const wn_poly *p);

#endif

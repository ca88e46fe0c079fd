// piece.h - what is known of one output on one piece of a step: its values at five Gauss-Lobatto nodes, or at nine that
// are equally spaced, and the polynomial through them.
#ifndef WN_SIM_PIECE_H
#define WN_SIM_PIECE_H

#include <stdbool.h>

enum { WN_N_NODE = 5, WN_N_EVEN = 9, WN_MOST_NODE = 9, WN_MOST_TURN = 7 };

#define WN_PIECE_X1 0.65465367070797714380  // sqrt(3/7)

// Nodes on [-1, 1]: -1, -sqrt(3/7), 0, sqrt(3/7), 1 (Abramowitz & Stegun 25.4.32).
extern const double wn_piece_node[WN_N_NODE];

// The equally spaced nodes on [-1, 1], and the weights of closed Newton-Cotes quadrature.
extern const double wn_even_node[WN_N_EVEN], wn_even_weight[WN_N_EVEN];

// Of a function at the equally spaced nodes, the slope at the first node times a quarter of an interval of length 2; at
// the last one with the signs and the order turned round.
extern const double wn_even_slope[WN_N_EVEN];

// c[0] + c[1] x + ... + c[degree] x^degree on [-1, 1].
typedef struct wn_poly {
  int degree;
  double c[WN_MOST_NODE];
} wn_poly;
wn_poly wn_poly_fit(const double *f, int n);  // n: WN_N_NODE or WN_N_EVEN
double wn_poly_at(const wn_poly *p, double x);

// Interior extremes: writes the places in (-1, 1) where the slope changes sign, in order; returns how many.
int wn_poly_extremes(const wn_poly *p, double x[WN_MOST_TURN]);

// True when the polynomial is so nearly a parabola that it can be trusted between the nodes; false over a jump or kink.
bool wn_poly_resolved(const wn_poly *p);

#endif

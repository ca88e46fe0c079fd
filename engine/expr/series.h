// series.h - the solution of dy/dt = f(t, y) as a Taylor series in time: a program that computes its coefficients from
// where it is. Every value of f gets a series of its own, one coefficient after another by the rules of automatic
// differentiation (R. E. Moore, Interval Analysis, 1966; A. Griewank, A. Walther, Evaluating Derivatives, 2nd ed.,
// chapter 13): a linear operation costs as much for each order as one evaluation of it, a product one more term.
#ifndef WN_EXPR_SERIES_H
#define WN_EXPR_SERIES_H

#include "expr/program.h"

// The degree. Measured on W2 and W3, 10, 12 and 16: the same time at an error of 1e-7; 10 is 1.1 and 1.3 times as fast
// at 1e-5, 12 and 16 are 1.1 times as fast at 1e-9.
enum { WN_SERIES_ORDER = 10 };

// The program of dy[i]/dt = derivative[i] + rate[i], i < n_state, rates constant. It reads the states 0 .. n_state - 1
// and behind them, as states n_state .. 2 n_state - 1, the rates; its outputs are, for k = 1 .. WN_SERIES_ORDER, the
// coefficients of (t - time)^k of all states in order: y(t) = state + sum of them times powers.
//
// *program is NULL, and the result WN_OK, where the equations are not smooth (min, max, abs, where, comparisons,
// tables, floor, powers whose exponent moves), or where it would be too long to be worth it. A coefficient is not
// finite where a function of the state has no series, as a broken power at 0. Any thread may call it at any time.
// Errors: WN_ERR_MEMORY.
wn_status wn_series_create(const wn_graph *graph, const wn_node *derivative, int n_state, wn_program **program,
                           wn_error *err);

#endif

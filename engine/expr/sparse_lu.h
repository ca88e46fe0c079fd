// sparse_lu.h - M = I - gamma J, every lane with its own gamma, factorised without pivoting along a fixed pattern, over
// W lanes, as a straight-line program (elimination order by minimum degree / Markowitz, chosen once per model; fill-in
// known beforehand), as KPP does for chemistry (Sandu et al. 1997, Atmos. Environ. 31:3459).
#ifndef WN_EXPR_SPARSE_LU_H
#define WN_EXPR_SPARSE_LU_H

#include "base/error.h"
#include <stddef.h>

typedef struct wn_lu wn_lu;  // immutable, shared by threads

// Pattern of J: n_nz entries (row[k], col[k]), any order, no duplicates; the diagonal is always included in M.
wn_lu *wn_lu_create(int n, int n_nz, const int *row, const int *col, wn_error *err);
void wn_lu_destroy(wn_lu *lu);
int wn_lu_n_fill(const wn_lu *lu);  // entries of L+U
int wn_lu_n_instruction(const wn_lu *lu);

// Doubles of workspace for `width` lanes: holds one factorisation.
size_t wn_lu_workspace(const wn_lu *lu, int width);

// Form I - gamma*J from gamma [W] and jac [n_nz][W] and factorise into work. Returns 0, or 1 + the first lane with an
// entry that is not finite or a pivot that is zero or smaller than 1e-14 times the sum of the magnitudes it was
// computed from: the verdict does not depend on the units of the unknowns.
int wn_lu_factor(const wn_lu *lu, int width, const double *gamma, const double *jac, double *work);

// Solve M x = b in place; b [n][W].
void wn_lu_solve(const wn_lu *lu, int width, const double *work, double *b);

#endif

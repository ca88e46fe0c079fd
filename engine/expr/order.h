// order.h - the order of elimination of a sparse matrix and its fill-in. Private to expr/.
#ifndef WN_EXPR_ORDER_H
#define WN_EXPR_ORDER_H

#include "base/error.h"

// filled [n][n]: pattern of the matrix with its diagonal, 1 where an entry can be nonzero; becomes the pattern of L+U
// (in the original numbering). order [n]: the unknowns as they are eliminated.
wn_status wn_order_choose(int n, unsigned char *filled, int *order, wn_error *err);

#endif

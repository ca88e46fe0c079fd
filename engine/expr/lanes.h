// lanes.h - vectors of four lanes as both sets of kernels use them. Private to expr/.
#ifndef WN_EXPR_LANES_H
#define WN_EXPR_LANES_H

// plain C operators work on these; v4u is one in memory, at any address of a double
typedef double v4 __attribute__((vector_size(32)));
typedef double v4u __attribute__((vector_size(32), aligned(8), may_alias));
typedef long i4 __attribute__((vector_size(32)));

// for v = 0 .. n-1 over the vectors of a row, unrolled where n is known
#define EACH_VECTOR _Pragma("GCC unroll 4") for (int v = 0; v < n; v++)

#endif

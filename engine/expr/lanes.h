// lanes.h - vectors of lanes as both sets of kernels use them: as wide as the processor compiled for has them. Private
// to expr/.
#ifndef WN_EXPR_LANES_H
#define WN_EXPR_LANES_H

// lanes in a vector, and the most that are run together
#ifdef WN_VECTOR  // asked for
enum { VECTOR = WN_VECTOR };
#elif defined __AVX2__
enum { VECTOR = 4 };
#else
enum { VECTOR = 2 };
#endif
enum { CHUNK = 16 };

// plain C operators work on these; vec_at is one in memory, at any address of a double
typedef double vec __attribute__((vector_size(8 * VECTOR)));
typedef double vec_at __attribute__((vector_size(8 * VECTOR), aligned(8), may_alias));
typedef __typeof__((vec){0} < (vec){0}) bits;  // what comparisons give: all ones or all zeros

// for v = 0 .. n-1 over the vectors of a row, unrolled where n is known
#define EACH_VECTOR _Pragma("GCC unroll 8") for (int v = 0; v < n; v++)

// |x|
#define MAGNITUDE(x) ((vec)((bits)(x) & ~(bits)(-(vec){0})))

#endif

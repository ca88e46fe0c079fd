// kernels_avx2.c - the lane loops for AVX2 and fused multiply-add, called only on processors that have both.
// Invariant: the bits of every lane are those of wn_scalar_op. Fused multiply-add is used inside the elementary
// functions and where a program asks for it.

#include "expr/kernels.h"
#include "expr/lanes.h"

#include <assert.h>
#include <float.h>
#include <stdbool.h>
#include <stddef.h>

#ifdef __AVX2__
#include "expr/short_avx2.h"

#define WN_BEGIN (void)0
#define WN_MAP1(name) EACH_VECTOR out[v] = WN_LONG(name)(a[v])
#define WN_POW EACH_VECTOR out[v] = power_of(a[v], b[v])
#define WN_SIN EACH_VECTOR out[v] = sine_of(a[v])
#define WN_COS EACH_VECTOR out[v] = cosine_of(a[v])
#define WN_SQRT EACH_VECTOR out[v] = _mm256_sqrt_pd(a[v])
#define WN_FLOOR EACH_VECTOR out[v] = _mm256_floor_pd(a[v])

#include "expr/vm_body.h"

#include "expr/lu_body.h"

const wn_kernels wn_kernels_avx2 = {"avx2", run, lu_factor, lu_solve};
#else
const wn_kernels wn_kernels_avx2;
#endif

// kernels_avx2.c - the lane loops for AVX2 and fused multiply-add, called only on processors that have both.
// Invariant: the bits of every lane are those of wn_scalar_op. Fused multiply-add is used inside the elementary
// functions only.

#include "expr/kernels.h"
#include "expr/lanes.h"

#include <assert.h>
#include <float.h>
#include <sleef.h>
#include <stdbool.h>
#include <stddef.h>

#ifdef __FP_FAST_FMA
const wn_functions wn_functions_fused = {
    .exp = Sleef_finz_expd1_u10purecfma,
    .log = Sleef_finz_logd1_u10purecfma,
    .sin = Sleef_finz_sind1_u10purecfma,
    .cos = Sleef_finz_cosd1_u10purecfma,
    .tanh = Sleef_finz_tanhd1_u10purecfma,
    .atan = Sleef_finz_atand1_u10purecfma,
    .pow = Sleef_finz_powd1_u10purecfma,
};
#else
const wn_functions wn_functions_fused;
#endif

#ifdef __AVX2__
#include <immintrin.h>

#define WN_BEGIN (void)0
#define WN_MAP1(name) EACH_VECTOR out[v] = Sleef_finz_##name##d4_u10avx2(a[v])
#define WN_MAP2(name) EACH_VECTOR out[v] = Sleef_finz_##name##d4_u10avx2(a[v], b[v])
#define WN_SQRT EACH_VECTOR out[v] = _mm256_sqrt_pd(a[v])
#define WN_FLOOR EACH_VECTOR out[v] = _mm256_floor_pd(a[v])

#include "expr/vm_body.h"

#include "expr/lu_body.h"

const wn_kernels wn_kernels_avx2 = {"avx2", run, lu_factor, lu_solve};
#else
const wn_kernels wn_kernels_avx2;
#endif

// short_avx2.h - powers, sines and cosines of four lanes (short_body.h), after lanes.h. Private to expr/.
#ifndef WN_EXPR_SHORT_AVX2_H
#define WN_EXPR_SHORT_AVX2_H

#include <immintrin.h>
#include <sleef.h>

#define ALL(mask) (_mm256_movemask_pd((__m256d)(mask)) == 15)
#define ANY(mask) (_mm256_movemask_pd((__m256d)(mask)) != 0)
#define WN_ROOT(x) _mm256_sqrt_pd(x)
#define WN_SHORT_ANGLES
#define WN_FUSED(a, b, c) _mm256_fmadd_pd(a, b, c)
#define WN_LONG(name) Sleef_finz_##name##d4_u10avx2

#include "expr/short_body.h"

#endif

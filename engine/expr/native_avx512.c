// native_avx512.c - the elementary functions machine code calls on eight lanes, called only on processors that have
// AVX-512. Invariant: the bits of every lane are those of wn_scalar_op.

#include "expr/native_slot.h"
#define WN_VECTOR 8
#include "expr/lanes.h"

#ifdef __AVX512F__
#include <immintrin.h>
#include <sleef.h>

#define ALL(mask) (_mm512_movepi64_mask((__m512i)(mask)) == 255)
#define ANY(mask) (_mm512_movepi64_mask((__m512i)(mask)) != 0)
#define WN_ROOT(x) _mm512_sqrt_pd(x)
#define WN_SHORT_ANGLES
#define WN_FUSED(a, b, c) _mm512_fmadd_pd(a, b, c)
#define WN_LONG(name) Sleef_finz_##name##d8_u10avx512f

#include "expr/short_body.h"

#define FUNCTION(name) (void (*)(void)) WN_LONG(name)

const wn_native_functions wn_native_functions_avx512 = {
    .vector = 8,
    .of = WN_NATIVE_FUNCTIONS,
};
#else
const wn_native_functions wn_native_functions_avx512;
#endif

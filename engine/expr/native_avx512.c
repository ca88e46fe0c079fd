// native_avx512.c - the elementary functions machine code calls on eight lanes, called only on processors that have
// AVX-512. Invariant: the bits of every lane are those of wn_scalar_op.

#include "expr/native_slot.h"

#ifdef __AVX512F__
#include <immintrin.h>
#include <sleef.h>

#define FUNCTION(name) (void (*)(void)) Sleef_finz_##name##d8_u10avx512f

const wn_native_functions wn_native_functions_avx512 = {
    .vector = 8,
    .of = {[WN_OP_EXP] = FUNCTION(exp),
           [WN_OP_LOG] = FUNCTION(log),
           [WN_OP_SIN] = FUNCTION(sin),
           [WN_OP_COS] = FUNCTION(cos),
           [WN_OP_TANH] = FUNCTION(tanh),
           [WN_OP_ATAN] = FUNCTION(atan),
           [WN_OP_POW] = FUNCTION(pow)},
};
#else
const wn_native_functions wn_native_functions_avx512;
#endif

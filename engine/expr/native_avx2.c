// native_avx2.c - the elementary functions machine code calls on four lanes, called only on processors that have
// AVX2. Invariant: the bits of every lane are those of wn_scalar_op.

#include "expr/native_slot.h"

#ifdef __AVX2__
#include <immintrin.h>
#include <sleef.h>

#define FUNCTION(name) (void (*)(void)) Sleef_finz_##name##d4_u10avx2

const wn_native_functions wn_native_functions_avx2 = {
    .vector = 4,
    .of = {[WN_OP_EXP] = FUNCTION(exp),
           [WN_OP_LOG] = FUNCTION(log),
           [WN_OP_SIN] = FUNCTION(sin),
           [WN_OP_COS] = FUNCTION(cos),
           [WN_OP_TANH] = FUNCTION(tanh),
           [WN_OP_ATAN] = FUNCTION(atan),
           [WN_OP_POW] = FUNCTION(pow)},
};
#else
const wn_native_functions wn_native_functions_avx2;
#endif

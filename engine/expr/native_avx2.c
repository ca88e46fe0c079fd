// native_avx2.c - the elementary functions machine code calls on four lanes, called only on processors that have
// AVX2. Invariant: the bits of every lane are those of wn_scalar_op.

#include "expr/native_slot.h"
#define WN_VECTOR 4
#include "expr/lanes.h"

#ifdef __AVX2__
#include "expr/short_avx2.h"

#define FUNCTION(name) (void (*)(void)) Sleef_finz_##name##d4_u10avx2

const wn_native_functions wn_native_functions_avx2 = {
    .vector = 4,
    .of = {[WN_OP_EXP] = FUNCTION(exp),
           [WN_OP_LOG] = FUNCTION(log),
           [WN_OP_SIN] = (void (*)(void))sine_of,
           [WN_OP_COS] = (void (*)(void))cosine_of,
           [WN_OP_TANH] = FUNCTION(tanh),
           [WN_OP_ATAN] = FUNCTION(atan),
           [WN_OP_POW] = (void (*)(void))power_of},
};
#else
const wn_native_functions wn_native_functions_avx2;
#endif

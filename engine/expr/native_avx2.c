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
    .of = WN_NATIVE_FUNCTIONS,
};
#else
const wn_native_functions wn_native_functions_avx2;
#endif

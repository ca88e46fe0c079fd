// kernels_avx2.c - compiled for AVX2 and fused multiply-add: called only on processors that have both (kernels.c asks).
// Invariant: the bits of every lane are those of wn_scalar_op. Elsewhere than on x86-64 only the functions remain.

#include "expr/kernels.h"

#include <sleef.h>

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

// functions_avx2.c - elementary functions of one lane with fused multiply-add, called only on processors that have it.
// Invariant: the bits of every lane of a vector are these.

#include "expr/functions.h"
#define WN_VECTOR 1
#include "expr/lanes.h"

#include <math.h>
#include <sleef.h>

#ifdef __FP_FAST_FMA
#define ALL(mask) ((mask)[0] != 0)
#define ANY(mask) ALL(mask)
#define WN_ROOT(x) ((vec){sqrt((x)[0])})
#define WN_SHORT_ANGLES
#define WN_FUSED(a, b, c) ((vec){fma((a)[0], (b)[0], (c)[0])})
#define WN_LONG(name) long_##name
static inline vec long_pow(vec x, vec p) { return (vec){Sleef_finz_powd1_u10purecfma(x[0], p[0])}; }
static inline vec long_sin(vec x) { return (vec){Sleef_finz_sind1_u10purecfma(x[0])}; }
static inline vec long_cos(vec x) { return (vec){Sleef_finz_cosd1_u10purecfma(x[0])}; }

#include "expr/short_body.h"

static double power(double x, double p) { return power_of((vec){x}, (vec){p})[0]; }
static double sine(double x) { return sine_of((vec){x})[0]; }
static double cosine(double x) { return cosine_of((vec){x})[0]; }

const wn_functions wn_functions_fused = {
    .exp = Sleef_finz_expd1_u10purecfma,
    .log = Sleef_finz_logd1_u10purecfma,
    .sin = sine,
    .cos = cosine,
    .tanh = Sleef_finz_tanhd1_u10purecfma,
    .atan = Sleef_finz_atand1_u10purecfma,
    .pow = power,
};
#else
const wn_functions wn_functions_fused;
#endif

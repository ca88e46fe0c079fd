// functions.c - elementary functions of one lane without fused multiply-add, and which family is this processor's.

#include "expr/functions.h"
#define WN_VECTOR 1
#include "expr/lanes.h"

#include <math.h>
#include <sleef.h>
#include <stdbool.h>
#include <stddef.h>

#define ALL(mask) ((mask)[0] != 0)
#define ANY(mask) ALL(mask)
#define WN_ROOT(x) ((vec){sqrt((x)[0])})
#define WN_LONG(name) long_##name
static inline vec long_pow(vec x, vec p) { return (vec){Sleef_cinz_powd1_u10purec(x[0], p[0])}; }

#include "expr/short_body.h"

static double power(double x, double p) { return power_of((vec){x}, (vec){p})[0]; }

const wn_functions wn_functions_unfused = {
    .exp = Sleef_cinz_expd1_u10purec,
    .log = Sleef_cinz_logd1_u10purec,
    .sin = Sleef_cinz_sind1_u10purec,
    .cos = Sleef_cinz_cosd1_u10purec,
    .tanh = Sleef_cinz_tanhd1_u10purec,
    .atan = Sleef_cinz_atand1_u10purec,
    .pow = power,
};

const wn_functions *wn_functions_get(void) {
#ifdef __x86_64__
  bool has_fma = __builtin_cpu_supports("fma");
#else
  bool has_fma = wn_functions_fused.exp != NULL;
#endif
  return has_fma ? &wn_functions_fused : &wn_functions_unfused;
}

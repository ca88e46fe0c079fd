// functions.h - the elementary functions of one lane, behind wn_scalar_op and the portable kernels. Private to expr/.
#ifndef WN_EXPR_FUNCTIONS_H
#define WN_EXPR_FUNCTIONS_H

typedef struct wn_functions {
  double (*exp)(double), (*log)(double), (*sin)(double), (*cos)(double), (*tanh)(double), (*atan)(double);
  double (*pow)(double, double);
} wn_functions;

// with fused multiply-add (empty where the compiler has none), and without, for old processors: accurate alike, but
// with other last digits
extern const wn_functions wn_functions_fused, wn_functions_unfused;
const wn_functions *wn_functions_get(void);  // those of this processor

#endif

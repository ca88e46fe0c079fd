// kernels_portable.c - the lane loops for any processor: arithmetic in whatever vectors the compiler has, elementary
// functions lane by lane.
// Invariant: the bits of every lane are those of wn_scalar_op.

#include "expr/kernels.h"
#include "expr/lanes.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>

static inline vec fused(vec a, vec b, vec c) {
  vec sum = c;  // every lane is overwritten; some compilers do not see it
  for (int lane = 0; lane < VECTOR; lane++) sum[lane] = fma(a[lane], b[lane], c[lane]);
  return sum;
}

#define WN_FUSED fused
#define WN_BEGIN const wn_functions *f = wn_functions_get()
#define WN_BY_LANE(call) EACH_VECTOR for (int lane = 0; lane < VECTOR; lane++) out[v][lane] = (call)
#define WN_MAP1(name) WN_BY_LANE(f->name(a[v][lane]))
#define WN_POW WN_BY_LANE(f->pow(a[v][lane], b[v][lane]))
#define WN_SIN WN_MAP1(sin)
#define WN_COS WN_MAP1(cos)
#define WN_SQRT WN_BY_LANE(sqrt(a[v][lane]))
#define WN_FLOOR WN_BY_LANE(floor(a[v][lane]))

#include "expr/vm_body.h"

#include "expr/lu_body.h"

const wn_kernels wn_kernels_portable = {"portable", run, lu_factor, lu_solve};

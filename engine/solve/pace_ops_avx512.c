// pace_ops_avx512.c - the loops compiled for AVX-512 (the build gives this file its flags); called only where the
// processor has it. Same source, same bits as pace_ops.c.
#define VECTOR 8
#define WN_PACE_TABLE wn_pace_ops_avx512
#include "solve/pace_ops_body.h"

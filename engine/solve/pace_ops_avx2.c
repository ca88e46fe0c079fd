// pace_ops_avx2.c - the loops compiled for AVX2 (the build gives this file its flags); called only where the processor
// has it. Same source, same bits as pace_ops.c.
#define VECTOR 4
#define WN_PACE_TABLE wn_pace_ops_avx2
#include "solve/pace_ops_body.h"

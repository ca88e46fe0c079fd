// lane_ops_avx2.c - the vector loops compiled for AVX2 (the build gives this file its flags); called only where the
// processor has it. Same source, same bits as lane_ops.c.
#define WN_LANE_TABLE wn_lane_ops_avx2
#define WN_LANE_NAME "avx2"
#include "solve/lane_ops_body.h"

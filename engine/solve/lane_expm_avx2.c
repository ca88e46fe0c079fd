// lane_expm_avx2.c - exponentials compiled for AVX2 (the build gives this file its flags); called only where the
// processor has it. Same source, same bits as lane_expm.c.
#define WN_EXPM_TABLE wn_expm_ops_avx2
#define WN_EXPM_NAME "avx2"
#include "solve/lane_expm_body.h"

// dopri5_x8_avx2.c - the loops compiled for AVX2 (the build gives this file its flags).
#define WN_X8_TABLE wn_bench_x8_avx2
#include "dopri5_x8_body.h"

// dopri5_x8_avx512.c - the loops compiled for AVX-512 (the build gives this file its flags).
#define WN_X8_TABLE wn_bench_x8_avx512
#include "dopri5_x8_body.h"

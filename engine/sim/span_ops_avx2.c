// span_ops_avx2.c - the loops compiled for AVX2 (the build gives this file its flags); called only where the processor
// has it. Same source, same bits as span_ops.c.
#define WN_SPAN_TABLE wn_span_ops_avx2
#include "sim/span_ops_body.h"

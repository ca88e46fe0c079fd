// lane_ops.c - the vector loops for any processor, and the choice between them and the AVX2 ones. Both give the same
// bits, so the choice is about speed only. Knows no SUNDIALS.
#define WN_LANE_TABLE wn_lane_ops_portable
#define WN_LANE_NAME "portable"
#include "solve/lane_ops_body.h"

#include "expr/program.h"
#include <string.h>

const wn_lane_ops *wn_lane_ops_get(void) {
  return strcmp(wn_program_kernels(), "avx2") == 0 ? &wn_lane_ops_avx2 : &wn_lane_ops_portable;
}

// span_ops.c - the loops for any processor, and the choice between them and the AVX2 ones. Both give the same bits, so
// the choice is about speed only.
#define WN_SPAN_TABLE wn_span_ops_portable
#include "sim/span_ops_body.h"

#include "expr/program.h"
#include <string.h>

const wn_span_ops *wn_span_ops_get(void) {
  return strcmp(wn_program_kernels(), "avx2") == 0 ? &wn_span_ops_avx2 : &wn_span_ops_portable;
}

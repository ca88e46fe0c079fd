// pace_ops.c - the loops for any processor, and the choice between the sets. All give the same bits, so the choice is
// about speed only.
#define VECTOR 2
#define WN_PACE_TABLE wn_pace_ops_portable
#include "solve/pace_ops_body.h"

#include "expr/program.h"
#include <string.h>

const wn_pace_ops *wn_pace_ops_get(int width) {
  if (strcmp(wn_program_kernels(), "portable") == 0) return &wn_pace_ops_portable;
#if defined(__x86_64__) && defined(__GNUC__)
  if (width % wn_pace_ops_avx512.vector == 0 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq"))
    return &wn_pace_ops_avx512;
#endif
  return &wn_pace_ops_avx2;
}

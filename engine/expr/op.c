// op.c - arity and name of every opcode, generated from the table in op.h so that they cannot disagree with it.
#include "expr/op.h"

#include <assert.h>

int wn_op_arity(wn_op op) {
  static const signed char arity[WN_N_OP] = {
#define X(name, n, doc) n,
      WN_OPS(X)
#undef X
  };
  assert((int)op >= 0 && op < WN_N_OP);
  return arity[op];
}

const char *wn_op_name(wn_op op) {
  static const char *const name[WN_N_OP] = {
#define X(name, n, doc) #name,
      WN_OPS(X)
#undef X
  };
  assert((int)op >= 0 && op < WN_N_OP);
  return name[op];
}

// native.h - machine code for the programs and the factorisation of a model, made while the engine runs where what is
// left to do repays the time it takes to make. It gives the bits of the interpreter, so that nobody can tell which of
// them ran, and wn_program_eval, wn_lu_factor and wn_lu_solve use it by themselves. There are two kinds: quick code
// (quick.h), which is there in a fraction of a millisecond, and for what is too large for it compiled code, no better
// and a tenth of a second away, from a module (a shared library beside the engine's, built where LLVM is at hand). On a
// processor without AVX2 and fused multiply-add everything is interpreted.
//
// The environment variable WANE_NATIVE=off keeps to the interpreter, WANE_NATIVE=quick always makes quick code and
// never other, WANE_NATIVE=on always compiled code, where the module is there, else quick code.
#ifndef WN_EXPR_NATIVE_H
#define WN_EXPR_NATIVE_H

#include "expr/program.h"
#include "expr/sparse_lu.h"
#include <stdbool.h>

typedef struct wn_native wn_native;

// The machine code of some programs (at most 8; the first is the one evaluated most, the right-hand side) and a
// factorisation (NULL: none), none of which must be destroyed before their last use; none made yet. NULL when out of
// memory.
wn_native *wn_native_create(wn_program *const *program, int n_program, wn_lu *lu);
// Not while the programs or the factorisation run; they may be gone already.
void wn_native_destroy(wn_native *native);

// Make the code for batches of `width` lanes, if it is not there yet and `lane_evals` (evaluations of the first program
// times lanes, by one thread), with those of the calls before that compiled none, repay it: little but often is much.
// Returns whether there is code for that width. Any thread may call it at any time, also while others run the code that
// is there; of two at once only one makes code, the other one goes on without.
bool wn_native_prepare(wn_native *native, int width, double lane_evals);

// What makes the code and for which vectors: "quick, 8 lanes; LLVM 14.0.6, 8 lanes"; or "none: " and why. Looks for the
// module.
const char *wn_native_name(void);

#endif

// quick.h - machine code in a fraction of a millisecond, without help: a list of operations with values in registers as
// they are needed, for x86-64 with AVX2 or AVX-512. Plain code, but there at once; the bits are the interpreter's.
// Private to expr/.
//
// quick_program.c and quick_lu.c write the operations (quick_tape.h), quick_write.c finds registers for their values,
// quick_asm.h knows the encodings.
#ifndef WN_EXPR_QUICK_H
#define WN_EXPR_QUICK_H

#include "expr/native_table.h"

// Makes what the request asks for, of which it reads no `features`. 0, or not: nothing was
// made, because of memory, of a system that lets nobody make code, or of another processor. Any number of threads at
// once.
int wn_quick_compile(const wn_native_request *request, wn_native_code *code);
void wn_quick_release(wn_native_code *code);

#endif

// native_table.h - what the engine and the module that makes machine code say to each other: lists of instructions in,
// addresses of functions out, plain data both ways. Private to expr/ and that module.
#ifndef WN_EXPR_NATIVE_TABLE_H
#define WN_EXPR_NATIVE_TABLE_H

#include "expr/code.h"
#include "expr/lu_code.h"

// grows with every change of this file or of what it includes: a module that says another one is not used
enum { WN_NATIVE_PROTOCOL = 4 };

enum { WN_NATIVE_MAX_PROGRAM = 8 };

// Machine code for one width W; the arguments are those of wn_program_eval, wn_lu_factor and wn_lu_solve, the bits too.
// Of the workspace of a program the rows of constants and of bind are read; nothing in it is written.
typedef void wn_native_eval(const double *time, const double *state, const double *work, double *out);
typedef int wn_native_factor(const double *gamma, const double *jac, double *work);
typedef void wn_native_solve(const double *work, double *b);

// Interpolate n numbers.
typedef void wn_native_look_up(const wn_table *table, int slope, int n, const double *x, double *y);

// Elementary functions on a vector: double[vector] in a register each, NULL where an opcode has none.
typedef struct wn_native_functions {
  int vector;
  void (*of[WN_N_OP])(void);
} wn_native_functions;

typedef struct wn_native_request {
  int width;                                 // W, a multiple of 4
  const char *features;                      // of the processor, as the compiler names them
  const wn_native_functions *wide, *narrow;  // on whole vectors, and on the four lanes that may be left (or all)
  wn_native_look_up *look_up;
  int n_program;
  const wn_lowered *program[WN_NATIVE_MAX_PROGRAM];  // borrowed as long as the code is in use: tables are read
  const wn_lu_code *lu;                              // NULL: none
} wn_native_request;

typedef struct wn_native_code {
  wn_native_eval *eval[WN_NATIVE_MAX_PROGRAM];
  wn_native_factor *factor;
  wn_native_solve *solve;
  void *owner;
} wn_native_code;

// the names of quick.h's code, as long as each other
#define WN_NATIVE_QUICK_4 "quick, 4 lanes"
#define WN_NATIVE_QUICK_8 "quick, 8 lanes"

// What libwane-native.so offers (base/module.h).
typedef struct wn_native_table {
  int protocol;
  // WN_NATIVE_QUICK_4 or 8, "; ", then the compiler and its version, and how many lanes it works on at a time
  const char *name_of_4, *name_of_8;
  // 0, or not: nothing was made. One call at a time.
  int (*compile)(const wn_native_request *request, wn_native_code *code);
  void (*release)(wn_native_code *code);
} wn_native_table;

#endif

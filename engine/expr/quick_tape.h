// quick_tape.h - one function of quick machine code as a list of vector operations, each of whose values is written
// once: what programs and factorisations are turned into, and what registers are found for. Private to expr/. Knows no
// encoding.
//
// A function has up to four arguments, pointers to rows of lanes; it works through them a vector at a
// time: eight lanes where the processor has such vectors and the width is a multiple of eight, else four.
#ifndef WN_EXPR_QUICK_TAPE_H
#define WN_EXPR_QUICK_TAPE_H

#include "expr/native_table.h"
#include "expr/quick_asm.h"

typedef enum wn_quick_kind {
  QUICK_ROW,    // a value in memory: of an argument, or a number
  QUICK_UNARY,  // code, how (-1: none)
  QUICK_BINARY,
  QUICK_FUSED,   // code: arg[1] times arg[2], and arg[0]
  QUICK_CHOICE,  // where arg[0] is a mask of ones arg[1], else arg[2]
  QUICK_KEEP,    // store arg[0] at home
  QUICK_FUNCTION,
  QUICK_TABLE,
  QUICK_VERDICT  // the function returns 1 + the first lane where the mask arg[0] is not set, or 0
} wn_quick_kind;

enum { QUICK_NEVER = INT32_MAX };  // no operation

// Where a value is, or goes when no register is left for it.
enum { QUICK_NUMBERS = 4, QUICK_FRAME = 5, QUICK_NOWHERE = 6 };
typedef struct wn_quick_home {
  int block;   // an argument, or one of the above
  int offset;  // bytes from its start in the first lanes
} wn_quick_home;

// An operation and its value, which goes by the operation's number.
typedef struct wn_quick_op {
  wn_quick_kind kind;
  wn_quick_code code;
  int how, n_arg, arg[3];
  int next[3];  // number of the operation that reads the same value next, QUICK_NEVER
  int first;    // that reads this one's value first, QUICK_NEVER: none; an operation without effect is left out
  wn_quick_home home;
  bool is_in_memory;  // the home holds the value
  int reg, upcoming;  // register it is in or -1, next reader, while registers are found
  bool slope;         // of TABLE
  union {
    void (*function)(void);  // of FUNCTION
    const wn_table *table;   // of TABLE
  };
} wn_quick_op;

typedef struct wn_quick_tape {
  const wn_native_request *request;
  int n_argument, vector;
  struct {
    wn_quick_op *data;
    int n, cap;
  } ops;
  struct {
    double *data;
    int n, cap;
  } numbers;
  int zero, one;  // numbers in wide use, -1 not yet
  bool has_calls, has_failed;
} wn_quick_tape;

// Lanes in a vector of the code for a request.
int wn_quick_vector_of(const wn_native_request *request);

// A tape starts as zeros and serves one function after another, so that its room is found once. Begin one: the request
// is borrowed until it is written.
void wn_quick_tape_begin(wn_quick_tape *tape, const wn_native_request *request, int n_argument);
void wn_quick_tape_free(wn_quick_tape *tape);

// Each returns its value; 0 after a failure, which `has_failed` keeps.
int wn_quick_row(wn_quick_tape *tape, int argument, int row);
int wn_quick_number(wn_quick_tape *tape, double number);
int wn_quick_zero(wn_quick_tape *tape);
int wn_quick_one(wn_quick_tape *tape);
int wn_quick_unary(wn_quick_tape *tape, wn_quick_code code, int how, int a);
int wn_quick_binary(wn_quick_tape *tape, wn_quick_code code, int a, int b);
int wn_quick_fused(wn_quick_tape *tape, wn_quick_code code, int a, int b, int c);  // a times b, and c
int wn_quick_compare(wn_quick_tape *tape, int how, int a, int b);                  // a mask
int wn_quick_choose(wn_quick_tape *tape, int mask, int yes, int no);
int wn_quick_apply(wn_quick_tape *tape, void (*function)(void), int n_arg, int a, int b);
int wn_quick_look_up(wn_quick_tape *tape, const wn_table *table, bool slope, int a);

void wn_quick_keep(wn_quick_tape *tape, int value, int argument, int row);
// Where to put a value that was just computed when registers run out; no other value that is still read may be there.
void wn_quick_settle(wn_quick_tape *tape, int value, int argument, int row);
void wn_quick_verdict(wn_quick_tape *tape, int mask);

// Append the function to the code: where it starts, or -1 when out of memory or too large. Once.
int wn_quick_write(wn_quick_tape *tape, wn_quick_bytes *bytes);

// The functions wanted: eval of a program; factor and solve of a factorisation. Results as wn_quick_write.
int wn_quick_program(const wn_native_request *request, const wn_lowered *program, wn_quick_tape *tape,
                     wn_quick_bytes *bytes);
int wn_quick_factor(const wn_native_request *request, wn_quick_tape *tape, wn_quick_bytes *bytes);
int wn_quick_solve(const wn_native_request *request, wn_quick_tape *tape, wn_quick_bytes *bytes);

#endif

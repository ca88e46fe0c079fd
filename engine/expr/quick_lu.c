// quick_lu.c - factorisation and triangular solves as vector operations. Invariant: the numbers and the verdict are
// those of lu_body.h. An entry is formed when it is first read, and lies in the workspace once no register is left for
// it.

#include "expr/quick_tape.h"

#include <string.h>

enum { GAMMA, JAC, WORK };  // arguments of wn_native_factor
enum { FACTORS, B };        // and of wn_native_solve

typedef struct factoring {
  wn_quick_tape *tape;
  const wn_lu_code *code;
  int *entry;            // [n_fill] value, -1: not formed yet
  int *jac;              // [n_fill] element of the Jacobian, -1: none
  int minus, magnitude;  // -gamma; all bits but the sign
  int good, infinite;    // masks so far, -1 none: pivots are sound; not 0 where an entry is not finite
} factoring;

static int multiply(factoring *f, int a, int b) { return wn_quick_binary(f->tape, QUICK_MUL, a, b); }
static int magnitude(factoring *f, int a) { return wn_quick_binary(f->tape, QUICK_AND, a, f->magnitude); }

// of I - gamma J, fill-in zero
static int form(factoring *f, int e, bool is_pivot) {
  wn_quick_tape *tape = f->tape;
  int value = is_pivot ? wn_quick_one(tape) : wn_quick_zero(tape);
  if (f->jac[e] < 0) return f->entry[e] = value;
  int product = multiply(f, wn_quick_row(tape, JAC, f->jac[e]), f->minus);
  f->entry[e] = wn_quick_binary(tape, QUICK_ADD, value, product);
  wn_quick_settle(tape, f->entry[e], WORK, e);
  return f->entry[e];
}

static int value_of(factoring *f, int e, int row) {
  return f->entry[e] >= 0 ? f->entry[e] : form(f, e, e == f->code->pivot[row]);
}

static void set_entry(factoring *f, int e, int value) {
  f->entry[e] = value;
  wn_quick_settle(f->tape, value, WORK, e);
}

// Eliminate row i with the rows before it; returns the next unread target. `terms` becomes the sum of the magnitudes of
// what makes up the pivot, where something is subtracted from it.
static const int *eliminate(factoring *f, int i, const int *target, int *terms) {
  const wn_lu_code *code = f->code;
  int diagonal = magnitude(f, value_of(f, code->pivot[i], i));
  for (int e = code->row_start[i]; e < code->pivot[i]; e++) {
    int k = code->column[e], last = code->row_start[k + 1];
    set_entry(f, e, multiply(f, value_of(f, e, i), f->entry[code->pivot[k]]));
    for (int u = code->pivot[k] + 1; u < last; u++) {
      int to = *target++, product = multiply(f, f->entry[e], f->entry[u]);
      set_entry(f, to, wn_quick_binary(f->tape, QUICK_SUB, value_of(f, to, i), product));
      // (the only product that is subtracted from the pivot in this round)
      if (u != code->across[e]) continue;
      *terms = wn_quick_binary(f->tape, QUICK_ADD, *terms < 0 ? diagonal : *terms, magnitude(f, product));
    }
  }
  return target;
}

static void demand(factoring *f, int mask) {
  f->good = f->good < 0 ? mask : wn_quick_binary(f->tape, QUICK_AND, f->good, mask);
}

// Row i stays as it is from now on: its pivot must be sound, its entries finite. x - x is 0 if x is and not a number
// if it is not; bits joined by OR stay so.
static void check_row(factoring *f, int i, int terms, int tiny) {
  wn_quick_tape *tape = f->tape;
  const wn_lu_code *code = f->code;
  int size = magnitude(f, f->entry[code->pivot[i]]);
  demand(f, wn_quick_compare(tape, QUICK_GT, size, wn_quick_zero(tape)));
  // (of a pivot that nothing was subtracted from no more than being finite and not 0 is asked)
  if (terms >= 0) demand(f, wn_quick_compare(tape, QUICK_GE, size, multiply(f, terms, tiny)));
  for (int e = code->row_start[i]; e < code->row_start[i + 1]; e++) {
    int x = value_of(f, e, i), nothing = wn_quick_binary(tape, QUICK_SUB, x, x);
    f->infinite = f->infinite < 0 ? nothing : wn_quick_binary(tape, QUICK_OR, f->infinite, nothing);
  }
}

static void factor(factoring *f) {
  wn_quick_tape *tape = f->tape;
  const wn_lu_code *code = f->code;
  const int *target = code->target;
  int tiny = wn_quick_number(tape, 1e-14), gamma = wn_quick_row(tape, GAMMA, 0);
  f->minus = wn_quick_binary(tape, QUICK_SUB, wn_quick_zero(tape), gamma);
  for (int i = 0; i < code->n; i++) {
    int terms = -1, pivot = code->pivot[i];
    target = eliminate(f, i, target, &terms);
    check_row(f, i, terms, tiny);
    set_entry(f, pivot, wn_quick_binary(tape, QUICK_DIV, wn_quick_one(tape), f->entry[pivot]));
    for (int e = code->row_start[i]; e < code->row_start[i + 1]; e++) wn_quick_keep(tape, f->entry[e], WORK, e);
  }
  if (!code->n) return;
  demand(f, wn_quick_compare(tape, QUICK_EQ, f->infinite, wn_quick_zero(tape)));
  wn_quick_verdict(tape, f->good);
}

int wn_quick_factor(const wn_native_request *request, wn_quick_tape *tape, wn_quick_bytes *bytes) {
  const wn_lu_code *code = request->lu;
  size_t n = (size_t)code->n_fill;
  factoring f = {.tape = tape, .code = code, .good = -1, .infinite = -1, .entry = wn_alloc(2 * n * sizeof(int))};
  if (!f.entry) return -1;
  f.jac = f.entry + n;
  for (size_t e = 0; e < 2 * n; e++) f.entry[e] = -1;
  for (int k = 0; k < code->n_nz; k++) f.jac[code->entry[k]] = k;
  wn_quick_tape_begin(tape, request, 3);
  uint64_t bits = ~(UINT64_C(1) << 63);
  double all_but_sign;
  memcpy(&all_but_sign, &bits, sizeof bits);
  f.magnitude = wn_quick_number(tape, all_but_sign);
  factor(&f);
  wn_free(f.entry);
  return wn_quick_write(tape, bytes);
}

// ---- solve ----

// x[i] less the sum of entries first to last - 1 times unknowns
static void subtract(wn_quick_tape *tape, const wn_lu_code *code, int *x, int i, int first, int last) {
  for (int e = first; e < last; e++) {
    int product = wn_quick_binary(tape, QUICK_MUL, x[code->column[e]], wn_quick_row(tape, FACTORS, e));
    x[i] = wn_quick_binary(tape, QUICK_SUB, x[i], product);
    // what was there before is read no more
    wn_quick_settle(tape, x[i], B, code->original[i]);
  }
}

int wn_quick_solve(const wn_native_request *request, wn_quick_tape *tape, wn_quick_bytes *bytes) {
  const wn_lu_code *code = request->lu;
  int *x = wn_alloc((size_t)code->n * sizeof *x);  // in elimination order
  if (!x) return -1;
  wn_quick_tape_begin(tape, request, 2);
  for (int i = 0; i < code->n; i++) {
    x[i] = wn_quick_row(tape, B, code->original[i]);
    subtract(tape, code, x, i, code->row_start[i], code->pivot[i]);
  }
  for (int i = code->n - 1; i >= 0; i--) {
    subtract(tape, code, x, i, code->pivot[i] + 1, code->row_start[i + 1]);
    x[i] = wn_quick_binary(tape, QUICK_MUL, x[i], wn_quick_row(tape, FACTORS, code->pivot[i]));
    wn_quick_settle(tape, x[i], B, code->original[i]);
    wn_quick_keep(tape, x[i], B, code->original[i]);
  }
  wn_free(x);
  return wn_quick_write(tape, bytes);
}

// quick_tape.c - writing the list of operations. Invariant: an operation's arguments come before it.

#include "expr/quick_tape.h"

#include <limits.h>

int wn_quick_vector_of(const wn_native_request *request) {
  return request->wide->vector == 8 && request->width % 8 == 0 ? 8 : 4;
}

void wn_quick_tape_begin(wn_quick_tape *tape, const wn_native_request *request, int n_argument) {
  tape->request = request;
  tape->n_argument = n_argument;
  tape->vector = wn_quick_vector_of(request);
  tape->ops.n = tape->numbers.n = 0;
  tape->zero = tape->one = -1;
  tape->has_calls = tape->has_failed = false;
}

void wn_quick_tape_free(wn_quick_tape *tape) {
  WN_ARRAY_FREE(&tape->ops);
  WN_ARRAY_FREE(&tape->numbers);
}

static int append(wn_quick_tape *tape, wn_quick_op op) {
  op.reg = -1;
  op.first = QUICK_NEVER;
  if (op.kind != QUICK_ROW && op.kind != QUICK_KEEP) op.home.block = QUICK_NOWHERE;
  if (tape->has_failed || !WN_PUSH(&tape->ops, op)) {
    tape->has_failed = true;
    return 0;
  }
  return tape->ops.n - 1;
}

// a row in the first lanes; an offset that no instruction can hold is a failure
static wn_quick_home home_at(wn_quick_tape *tape, int argument, int row) {
  int64_t offset = (int64_t)row * tape->request->width * (int64_t)sizeof(double);
  if (offset > INT_MAX / 2) tape->has_failed = true;
  return (wn_quick_home){argument, (int)offset};
}

int wn_quick_row(wn_quick_tape *tape, int argument, int row) {
  wn_quick_home home = home_at(tape, argument, row);
  return append(tape, (wn_quick_op){.kind = QUICK_ROW, .home = home, .is_in_memory = true});
}

int wn_quick_number(wn_quick_tape *tape, double number) {
  if (tape->has_failed || !WN_PUSH(&tape->numbers, number)) {
    tape->has_failed = true;
    return 0;
  }
  wn_quick_home home = {QUICK_NUMBERS, (tape->numbers.n - 1) * tape->vector * (int)sizeof(double)};
  return append(tape, (wn_quick_op){.kind = QUICK_ROW, .home = home, .is_in_memory = true});
}

int wn_quick_zero(wn_quick_tape *tape) {
  if (tape->zero < 0) tape->zero = wn_quick_number(tape, 0);
  return tape->zero;
}

int wn_quick_one(wn_quick_tape *tape) {
  if (tape->one < 0) tape->one = wn_quick_number(tape, 1);
  return tape->one;
}

int wn_quick_unary(wn_quick_tape *tape, wn_quick_code code, int how, int a) {
  return append(tape, (wn_quick_op){.kind = QUICK_UNARY, .code = code, .how = how, .n_arg = 1, .arg = {a}});
}

int wn_quick_binary(wn_quick_tape *tape, wn_quick_code code, int a, int b) {
  return append(tape, (wn_quick_op){.kind = QUICK_BINARY, .code = code, .how = -1, .n_arg = 2, .arg = {a, b}});
}

int wn_quick_fused(wn_quick_tape *tape, wn_quick_code code, int a, int b, int c) {
  return append(tape, (wn_quick_op){.kind = QUICK_FUSED, .code = code, .how = -1, .n_arg = 3, .arg = {c, a, b}});
}

int wn_quick_compare(wn_quick_tape *tape, int how, int a, int b) {
  wn_quick_op op = {.kind = QUICK_BINARY, .code = QUICK_COMPARE, .how = how, .n_arg = 2, .arg = {a, b}};
  return append(tape, op);
}

int wn_quick_choose(wn_quick_tape *tape, int mask, int yes, int no) {
  return append(tape, (wn_quick_op){.kind = QUICK_CHOICE, .n_arg = 3, .arg = {mask, yes, no}});
}

int wn_quick_apply(wn_quick_tape *tape, void (*function)(void), int n_arg, int a, int b) {
  tape->has_calls = true;
  if (!function) tape->has_failed = true;
  wn_quick_op op = {.kind = QUICK_FUNCTION, .function = function, .n_arg = n_arg, .arg = {a, b}};
  return append(tape, op);
}

int wn_quick_look_up(wn_quick_tape *tape, const wn_table *table, bool slope, int a) {
  tape->has_calls = true;
  wn_quick_op op = {.kind = QUICK_TABLE, .table = table, .slope = slope, .n_arg = 1, .arg = {a}};
  return append(tape, op);
}

void wn_quick_keep(wn_quick_tape *tape, int value, int argument, int row) {
  wn_quick_home home = home_at(tape, argument, row);
  append(tape, (wn_quick_op){.kind = QUICK_KEEP, .home = home, .n_arg = 1, .arg = {value}});
}

void wn_quick_settle(wn_quick_tape *tape, int value, int argument, int row) {
  wn_quick_home home = home_at(tape, argument, row);
  if (!tape->has_failed) tape->ops.data[value].home = home;
}

void wn_quick_verdict(wn_quick_tape *tape, int mask) {
  append(tape, (wn_quick_op){.kind = QUICK_VERDICT, .n_arg = 1, .arg = {mask}});
}

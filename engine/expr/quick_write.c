// quick_write.c - registers for the values of a list of operations, and its code. The list is straight, so the next
// reader of every value is known: where no register is free, the one whose value is read last gives way (L. Belady, IBM
// Systems J. 5:78, 1966). Invariant: a value is stored at most once, before its register is given away; what is in
// memory already is read from there. Must not know what is computed.

#include "expr/quick_tape.h"

#include <assert.h>
#include <limits.h>
#include <string.h>

enum { MAX_REGISTER = 32, MAX_FRAME = 1000 };  // vectors in the frame: 64 kB at most

typedef struct writer {
  wn_quick_tape *tape;
  wn_quick_op *op;  // of the tape
  wn_quick_bytes *bytes;
  int at;  // operation being written
  int n_register, vector_bytes;
  int held[MAX_REGISTER];  // value in a register, or -1
  unsigned pinned;         // registers that must stay as they are
  int numbers;             // where the numbers start
  int n_frame, n_free;
  int free_frame[MAX_FRAME];
  bool is_too_large;
} writer;

// ---- where things are ----

// arguments as they come, where nothing is called; else where calls leave them alone
static int base_of(const writer *w, int argument) {
  static const int plain[] = {RDI, RSI, RDX, RCX}, kept[] = {RBX, R12, R13, R14};
  return (w->tape->has_calls ? kept : plain)[argument];
}

static int lane_of(const writer *w) { return w->tape->has_calls ? R15 : R8; }

static wn_quick_place in_register(int reg) { return (wn_quick_place){.reg = reg}; }

static wn_quick_place at_home(const writer *w, wn_quick_home home) {
  if (home.block == QUICK_NUMBERS) return (wn_quick_place){true, QUICK_HERE, w->numbers + home.offset};
  return (wn_quick_place){true, home.block == QUICK_FRAME ? RSP : base_of(w, home.block), home.offset};
}

static void take_frame(writer *w, wn_quick_op *value) {
  int slot = 0;
  if (w->n_free)
    slot = w->free_frame[--w->n_free];
  else if (w->n_frame < MAX_FRAME)
    slot = w->n_frame++;
  else
    w->is_too_large = true;
  value->home = (wn_quick_home){QUICK_FRAME, slot * w->vector_bytes};
}

static void save(writer *w, int v) {
  wn_quick_op *value = &w->op[v];
  if (value->is_in_memory) return;
  if (value->home.block == QUICK_NOWHERE) take_frame(w, value);
  wn_quick_vector(w->bytes, QUICK_STORE, value->reg, 0, at_home(w, value->home));
  value->is_in_memory = true;
}

// ---- registers ----

// the register to give away: empty, or with the value read last, one that needs no storing before one a little later
static int choose_register(const writer *w) {
  int best = -1;
  int64_t longest = -1;
  for (int reg = 0; reg < w->n_register; reg++) {
    if (w->pinned >> reg & 1) continue;
    if (w->held[reg] < 0) return reg;
    const wn_quick_op *value = &w->op[w->held[reg]];
    int64_t wait = ((int64_t)value->upcoming - w->at) * (value->is_in_memory ? 2 : 1);
    if (wait > longest) longest = wait, best = reg;
  }
  assert(best >= 0);
  return best;
}

static bool has_empty(const writer *w) {
  for (int reg = 0; reg < w->n_register; reg++)
    if (w->held[reg] < 0 && !(w->pinned >> reg & 1)) return true;
  return false;
}

static void leave_register(writer *w, int v) {
  if (w->op[v].reg >= 0) w->held[w->op[v].reg] = -1;
  w->op[v].reg = -1;
}

static int take_register(writer *w, int v) {
  int reg = choose_register(w);
  if (w->held[reg] >= 0) {
    save(w, w->held[reg]);
    leave_register(w, w->held[reg]);
  }
  w->held[reg] = v;
  return w->op[v].reg = reg;
}

// the value in a register, which stays until the operation is written
static int need(writer *w, int v) {
  wn_quick_op *value = &w->op[v];
  if (value->reg < 0) {
    take_register(w, v);
    wn_quick_vector(w->bytes, QUICK_LOAD, value->reg, 0, at_home(w, value->home));
  }
  w->pinned |= 1u << value->reg;
  return value->reg;
}

// the value wherever it is; into a register that nobody has if it is read again
static wn_quick_place find(writer *w, int v, int next) {
  if (w->op[v].reg < 0 && (next == QUICK_NEVER || !has_empty(w))) return at_home(w, w->op[v].home);
  return in_register(need(w, v));
}

// After an operation has read its arguments: registers of those that nobody reads any more are free.
static void let_go(writer *w, const wn_quick_op *op) {
  for (int k = 0; k < op->n_arg; k++) {
    w->op[op->arg[k]].upcoming = op->next[k];
    if (op->next[k] == QUICK_NEVER) leave_register(w, op->arg[k]);
  }
  w->pinned = 0;
}

// And after it is written, so are their places in the frame.
static void let_go_of_frame(writer *w, const wn_quick_op *op) {
  for (int k = 0; k < op->n_arg; k++) {
    wn_quick_op *value = &w->op[op->arg[k]];
    if (op->next[k] != QUICK_NEVER || value->home.block != QUICK_FRAME || w->is_too_large) continue;
    w->free_frame[w->n_free++] = value->home.offset / w->vector_bytes;
    value->home.block = QUICK_NOWHERE;
  }
}

// ---- operations ----

static bool is_symmetric(const wn_quick_op *op) {
  if (op->code == QUICK_COMPARE) return op->how == QUICK_EQ || op->how == QUICK_NE || op->how == QUICK_UNORDERED;
  return op->code == QUICK_ADD || op->code == QUICK_MUL || op->code == QUICK_AND || op->code == QUICK_OR ||
         op->code == QUICK_XOR;
}

static void write_code(writer *w, const wn_quick_op *op, int first, wn_quick_place last) {
  if (op->how < 0)
    wn_quick_vector(w->bytes, op->code, op->reg, first, last);
  else
    wn_quick_vector_how(w->bytes, op->code, op->reg, first, last, op->how);
}

static void write_unary(writer *w, wn_quick_op *op) {
  wn_quick_place last = find(w, op->arg[0], op->next[0]);
  let_go(w, op);
  take_register(w, w->at);
  write_code(w, op, 0, last);
}

static void write_binary(writer *w, wn_quick_op *op) {
  // the operand that is in a register, or else read again, first
  const wn_quick_op *a = &w->op[op->arg[0]], *b = &w->op[op->arg[1]];
  bool is_other_way = a->reg < 0 && (b->reg >= 0 || (op->next[0] == QUICK_NEVER && op->next[1] != QUICK_NEVER));
  int swap = is_symmetric(op) && is_other_way;
  int first = need(w, op->arg[swap]);
  wn_quick_place last = find(w, op->arg[1 - swap], op->next[1 - swap]);
  let_go(w, op);
  take_register(w, w->at);
  write_code(w, op, first, last);
}

// the result takes over the register of what is added to, or of a copy of that
static void write_fused(writer *w, wn_quick_op *op) {
  const wn_quick_op *a = &w->op[op->arg[1]], *b = &w->op[op->arg[2]];
  bool is_other_way = a->reg < 0 && (b->reg >= 0 || (op->next[1] == QUICK_NEVER && op->next[2] != QUICK_NEVER));
  int sum = need(w, op->arg[0]), first = need(w, op->arg[1 + is_other_way]);
  wn_quick_place last = find(w, op->arg[2 - is_other_way], op->next[2 - is_other_way]);
  if (op->next[0] == QUICK_NEVER) {
    let_go(w, op);
    w->held[sum] = w->at;
    op->reg = sum;
  } else {
    int own = take_register(w, w->at);
    wn_quick_vector(w->bytes, QUICK_LOAD, own, 0, in_register(sum));
    let_go(w, op);
  }
  wn_quick_vector(w->bytes, op->code, op->reg, first, last);
}

static void write_choice(writer *w, wn_quick_op *op) {
  int mask = need(w, op->arg[0]), no = need(w, op->arg[2]);
  wn_quick_place yes = find(w, op->arg[1], op->next[1]);
  let_go(w, op);
  take_register(w, w->at);
  wn_quick_vector_how(w->bytes, QUICK_BLEND, op->reg, no, yes, mask << 4);
}

static void write_keep(writer *w, const wn_quick_op *op) {
  wn_quick_op *value = &w->op[op->arg[0]];
  bool is_home = value->home.block == op->home.block && value->home.offset == op->home.offset;
  if (!is_home || !value->is_in_memory) {
    int reg = need(w, op->arg[0]);
    wn_quick_vector(w->bytes, QUICK_STORE, reg, 0, at_home(w, op->home));
    // from now on it may be read there
    if (is_home || value->home.block == QUICK_NOWHERE) value->home = op->home, value->is_in_memory = true;
  }
  let_go(w, op);
}

// Everything that is read later to memory, since a call leaves no vector register alone; then no register holds
// anything.
static void save_all(writer *w) {
  for (int reg = 0; reg < w->n_register; reg++)
    if (w->held[reg] >= 0) save(w, w->held[reg]);
}

static void empty_all(writer *w) {
  for (int reg = 0; reg < w->n_register; reg++)
    if (w->held[reg] >= 0) leave_register(w, w->held[reg]);
}

// the values that an operation reads last need no saving
static void let_go_unsaved(writer *w, const wn_quick_op *op, wn_quick_place from[2]) {
  for (int k = 0; k < op->n_arg; k++) {
    const wn_quick_op *value = &w->op[op->arg[k]];
    from[k] = value->reg >= 0 ? in_register(value->reg) : at_home(w, value->home);
  }
  let_go(w, op);
  save_all(w);
  empty_all(w);
}

static void move_vector(writer *w, int to, wn_quick_place from) {
  if (from.is_memory || from.reg != to) wn_quick_vector(w->bytes, QUICK_LOAD, to, 0, from);
}

static void call(writer *w, uintptr_t function) {
  wn_quick_set(w->bytes, RAX, function);
  wn_quick_call(w->bytes, RAX);
}

static void write_function(writer *w, wn_quick_op *op) {
  wn_quick_place from[2];
  let_go_unsaved(w, op, from);
  bool is_crossed = op->n_arg == 2 && !from[1].is_memory && from[1].reg == 0;
  if (is_crossed) {
    // the second stands where the first must go
    if (!from[0].is_memory && from[0].reg == 1) {
      move_vector(w, 2, from[0]);
      from[0] = in_register(2);
    }
    move_vector(w, 1, from[1]);
  }
  if (!is_crossed || op->arg[0] != op->arg[1]) move_vector(w, 0, from[0]);
  if (!is_crossed && op->n_arg == 2) move_vector(w, 1, from[1]);
  call(w, (uintptr_t)op->function);
  w->held[0] = w->at;
  op->reg = 0;
}

static void write_table(writer *w, wn_quick_op *op) {
  wn_quick_place from[2];
  let_go_unsaved(w, op, from);
  // x and y in the frame; y is where the value lives
  wn_quick_op x = {0};
  take_frame(w, op);
  take_frame(w, &x);
  move_vector(w, 0, from[0]);
  wn_quick_vector(w->bytes, QUICK_STORE, 0, 0, at_home(w, x.home));
  wn_quick_clear_upper(w->bytes);
  wn_quick_set(w->bytes, RDI, (uintptr_t)op->table);
  wn_quick_set(w->bytes, RSI, op->slope);
  wn_quick_set(w->bytes, RDX, (uint64_t)w->tape->vector);
  wn_quick_address(w->bytes, RCX, RSP, x.home.offset);
  wn_quick_address(w->bytes, R8, RSP, op->home.offset);
  call(w, (uintptr_t)w->tape->request->look_up);
  w->free_frame[w->n_free++] = x.home.offset / w->vector_bytes;
  op->is_in_memory = true;
}

static void write_verdict(writer *w, const wn_quick_op *op) {
  int mask = need(w, op->arg[0]);
  wn_quick_vector(w->bytes, QUICK_SIGNS, RCX, 0, in_register(mask));
  wn_quick_first_clear(w->bytes, lane_of(w));
  let_go(w, op);
}

static void write_operation(writer *w, wn_quick_op *op) {
  switch (op->kind) {
  case QUICK_ROW: return;
  case QUICK_UNARY: write_unary(w, op); break;
  case QUICK_BINARY: write_binary(w, op); break;
  case QUICK_FUSED: write_fused(w, op); break;
  case QUICK_CHOICE: write_choice(w, op); break;
  case QUICK_KEEP: write_keep(w, op); break;
  case QUICK_FUNCTION: write_function(w, op); break;
  case QUICK_TABLE: write_table(w, op); break;
  case QUICK_VERDICT: write_verdict(w, op); break;
  }
  let_go_of_frame(w, op);
}

// ---- the function ----

// From the last operation to the first: who reads a value next. What nobody reads is left out.
static void find_readers(wn_quick_tape *tape) {
  wn_quick_op *all = tape->ops.data;
  for (int i = tape->ops.n - 1; i >= 0; i--) {
    wn_quick_op *op = &all[i];
    bool has_effect = op->kind == QUICK_KEEP || op->kind == QUICK_VERDICT;
    op->upcoming = op->first;
    if (op->first == QUICK_NEVER && !has_effect) continue;
    for (int k = 0; k < op->n_arg; k++) op->next[k] = all[op->arg[k]].first;
    for (int k = 0; k < op->n_arg; k++) all[op->arg[k]].first = i;
  }
}

static const int kept[] = {RBX, R12, R13, R14, R15};
enum { N_KEPT = sizeof kept / sizeof *kept };

// returns where the size of the frame is to be written
static int write_head(writer *w) {
  wn_quick_bytes *b = w->bytes;
  wn_quick_push(b, RBP);
  wn_quick_move(b, RBP, RSP);
  if (w->tape->has_calls) {
    static const int arguments[] = {RDI, RSI, RDX, RCX};
    for (int i = 0; i < N_KEPT; i++) wn_quick_push(b, kept[i]);
    for (int i = 0; i < w->tape->n_argument; i++) wn_quick_move(b, base_of(w, i), arguments[i]);
  }
  wn_quick_align_stack(b);
  wn_quick_add(b, RSP, 0);
  int size_at = b->n - 4;
  wn_quick_set(b, RAX, 0);
  wn_quick_set(b, lane_of(w), 0);
  return size_at;
}

static void write_tail(writer *w, int loop) {
  wn_quick_bytes *b = w->bytes;
  if (w->tape->request->width > w->tape->vector) {
    for (int i = 0; i < w->tape->n_argument; i++) wn_quick_add(b, base_of(w, i), w->vector_bytes);
    wn_quick_add(b, lane_of(w), w->tape->vector);
    wn_quick_loop(b, lane_of(w), w->tape->request->width, loop);
  }
  wn_quick_address(b, RSP, RBP, w->tape->has_calls ? -8 * N_KEPT : 0);
  for (int i = N_KEPT - 1; w->tape->has_calls && i >= 0; i--) wn_quick_pop(b, kept[i]);
  wn_quick_pop(b, RBP);
  wn_quick_clear_upper(b);
  wn_quick_return(b);
}

// the numbers in as many lanes as a vector has, then the function
static void write_numbers(writer *w) {
  static const uint8_t nothing[64];
  wn_quick_bytes_add(w->bytes, nothing, -w->bytes->n & (w->vector_bytes - 1));
  w->numbers = w->bytes->n;
  for (int i = 0; i < w->tape->numbers.n; i++)
    for (int lane = 0; lane < w->tape->vector; lane++)
      wn_quick_bytes_add(w->bytes, &w->tape->numbers.data[i], (int)sizeof(double));
}

int wn_quick_write(wn_quick_tape *tape, wn_quick_bytes *bytes) {
  if (tape->has_failed || bytes->has_failed || tape->numbers.n > INT_MAX / 128) return -1;
  writer w = {.tape = tape, .op = tape->ops.data, .bytes = bytes, .n_register = tape->vector == 8 ? 32 : 16};
  w.vector_bytes = tape->vector * (int)sizeof(double);
  memset(w.held, -1, sizeof w.held);
  find_readers(tape);
  write_numbers(&w);
  int start = bytes->n, size_at = write_head(&w), loop = bytes->n;
  for (w.at = 0; w.at < tape->ops.n && !w.is_too_large; w.at++) {
    wn_quick_op *op = &w.op[w.at];
    bool is_needed = op->first != QUICK_NEVER || op->kind == QUICK_KEEP || op->kind == QUICK_VERDICT;
    if (is_needed) write_operation(&w, op);
  }
  write_tail(&w, loop);
  wn_quick_patch(bytes, size_at, -w.vector_bytes * w.n_frame);
  return bytes->has_failed || w.is_too_large ? -1 : start;
}

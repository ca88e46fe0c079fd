// test_native.c - machine code of both kinds against the interpreter, bit for bit: random graphs and random
// factorisations, every width, both lengths of vectors; when it is made and when not; every allocation failing once.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "expr/graphs.h"
#include "expr/kernels.h"
#include "expr/native.h"
#include "expr/native_slot.h"

#include <stdlib.h>

static const int widths[] = {4, 8, 12, 16, 32};
enum { N_WIDTH = sizeof widths / sizeof *widths };

#ifdef __SANITIZE_ADDRESS__  // the compiler itself is what is slow there, and is not looked into
enum { N_GRAPH = 6, N_FACTORISATION = 4 };
#else
enum { N_GRAPH = 16, N_FACTORISATION = 12 };
#endif

static bool has_native(void) { return strncmp(wn_native_name(), "none", 4) != 0; }
static bool has_compiler(void) { return strstr(wn_native_name(), "LLVM") != NULL; }

// of a program, for a width
static bool is_quick(wn_program *program, int width) {
  const wn_native_set *set = wn_native_list_find(wn_program_slot(program)->newest, width);
  assert_non_null(set);
  return set->is_quick;
}

static int always(void **fixture) {
  (void)fixture;
  setenv("WANE_NATIVE", "on", 1);
  return 0;
}

// four lanes at a time, also where the processor has eight
static int always_in_fours(void **fixture) {
  setenv("WANE_KERNELS", "avx2", 1);
  return always(fixture);
}

static int quickly(void **fixture) {
  (void)fixture;
  return setenv("WANE_NATIVE", "quick", 1);
}

static int quickly_in_fours(void **fixture) {
  setenv("WANE_KERNELS", "avx2", 1);
  return quickly(fixture);
}

static int as_usual(void **fixture) {
  (void)fixture;
  unsetenv("WANE_NATIVE");
  unsetenv("WANE_KERNELS");
  return 0;
}

// ---- programs ----

static void check_program(wn_program *program, const inputs *in) {
  double *expected[N_WIDTH];
  size_t n_output = (size_t)wn_program_n_output(program);
  for (int w = 0; w < N_WIDTH; w++) expected[w] = run_program(program, in, widths[w]);
  wn_native *native = wn_native_create(&program, 1, NULL);
  assert_non_null(native);
  for (int w = 0; w < N_WIDTH; w++) {
    assert_true(wn_native_prepare(native, widths[w], 0));
    assert_int_equal(is_quick(program, widths[w]), !has_compiler());
  }
  for (int w = 0; w < N_WIDTH; w++) {
    double *out = run_program(program, in, widths[w]);
    for (size_t i = 0; i < n_output * (size_t)widths[w]; i++)
      assert_same(out[i], expected[w][i], "output", (double)i, widths[w]);
    wn_free(out);
    wn_free(expected[w]);
  }
  wn_native_destroy(native);
}

static void random_programs_have_the_bits_of_the_interpreter(void **fixture) {
  (void)fixture;
  if (!has_native()) skip();
  for (int round = 0; round < N_GRAPH; round++) {
    wn_graph *graph = wn_graph_create();
    wn_node roots[N_ROOT];
    int n_root = random_graph(graph, roots, round < 4 ? 12 : N_NODE);
    wn_program *program = wn_program_create(graph, roots, n_root, NULL);
    assert_non_null(program);
    inputs in = random_inputs(round % 2 ? random_number : random_unit);
    check_program(program, &in);
    wn_program_destroy(program);
    wn_graph_destroy(graph);
  }
}

// ---- opcodes ----

enum { MAX_SINGLE = 200 };

// every opcode on values read before and not, with operands of all kinds: states, a number, the same one twice
static int opcodes(wn_graph *graph, wn_node *roots) {
  wn_node x = state(graph, 0), y = state(graph, 1), z = state(graph, 2), number = wn_graph_const(graph, 1.5);
  const wn_node args[][3] = {{x, y, z}, {number, x, y}, {y, number, z}, {x, x, number}};
  int n_root = 0;
  for (int op = 0; op < WN_N_OP; op++)
    for (int k = 0; is_plain((wn_op)op) && k < 4; k++)
      roots[n_root++] = wn_graph_apply(graph, (wn_op)op, args[k][0], args[k][1], args[k][2]);
  return n_root;
}

// every pair of arithmetic operations
static int pairs(wn_graph *graph, wn_node *roots) {
  int n_root = 0;
  for (int first = WN_OP_ADD; first <= WN_OP_DIV; first++)
    for (int then = WN_OP_ADD; then <= WN_OP_DIV; then++)
      for (int side = 0; side < 2; side++) {
        wn_node half = wn_graph_apply(graph, (wn_op)first, state(graph, 0), state(graph, 1 + side), WN_NO_NODE);
        wn_node other = state(graph, 3);
        roots[n_root++] = wn_graph_apply(graph, (wn_op)then, side ? other : half, side ? half : other, WN_NO_NODE);
      }
  return n_root;
}

// truths of truths, and choices by them
static int choices(wn_graph *graph, wn_node *roots) {
  int n_root = 0;
  wn_node x = state(graph, 0), y = state(graph, 1), z = state(graph, 2), none = WN_NO_NODE;
  for (int op = WN_OP_LT; op <= WN_OP_EQ; op++) {
    wn_node a = wn_graph_apply(graph, (wn_op)op, x, y, none), b = wn_graph_apply(graph, (wn_op)op, y, z, none);
    wn_node either = wn_graph_apply(graph, WN_OP_OR, a, wn_graph_apply(graph, WN_OP_NOT, b, none, none), none);
    roots[n_root++] = a;
    roots[n_root++] = wn_graph_apply(graph, WN_OP_AND, a, b, none);
    roots[n_root++] = either;
    roots[n_root++] = wn_graph_apply(graph, WN_OP_WHERE, either, y, wn_graph_const(graph, 2));
    roots[n_root++] = wn_graph_apply(graph, WN_OP_WHERE, b, wn_graph_const(graph, -0.0), x);
  }
  return n_root;
}

// on numbers of every kind
static void check_singles(int (*write)(wn_graph *, wn_node *)) {
  wn_graph *graph = wn_graph_create();
  wn_node roots[MAX_SINGLE];
  int n_root = write(graph, roots);
  assert_in_range(n_root, 1, MAX_SINGLE);
  wn_program *program = wn_program_create(graph, roots, n_root, NULL);
  double *expected[400], *out;
  inputs in[400];
  for (int i = 0; i < 400; i++) in[i] = random_inputs(random_number);
  for (int i = 0; i < 400; i++) expected[i] = run_program(program, &in[i], 12);
  wn_native *native = wn_native_create(&program, 1, NULL);
  assert_true(wn_native_prepare(native, 12, 0));
  for (int i = 0; i < 400; i++) {
    out = run_program(program, &in[i], 12);
    for (int k = 0; k < n_root * 12; k++) assert_same(out[k], expected[i][k], "root", k / 12, k % 12);
    wn_free(out), wn_free(expected[i]);
  }
  wn_program_destroy(program);
  wn_native_destroy(native);
  wn_graph_destroy(graph);
}

static void every_opcode_has_the_bits_of_the_interpreter(void **fixture) {
  (void)fixture;
  if (!has_native()) skip();
  check_singles(opcodes);
  check_singles(pairs);
  check_singles(choices);
}

static void several_programs_keep_apart(void **fixture) {
  (void)fixture;
  if (!has_native()) skip();
  wn_graph *graph = wn_graph_create();
  wn_node x = state(graph, 0), y = state(graph, 1);
  wn_node roots[] = {wn_graph_apply(graph, WN_OP_ADD, x, y, WN_NO_NODE),
                     wn_graph_apply(graph, WN_OP_MUL, x, y, WN_NO_NODE)};
  wn_program *programs[] = {wn_program_create(graph, roots, 1, NULL), wn_program_create(graph, roots + 1, 1, NULL),
                            wn_program_create(graph, NULL, 0, NULL)};
  wn_native *native = wn_native_create(programs, 3, NULL);
  assert_true(wn_native_prepare(native, 8, 0));
  inputs in = random_inputs(random_unit);
  double *sum = run_program(programs[0], &in, 8), *product = run_program(programs[1], &in, 8);
  for (int lane = 0; lane < 8; lane++) {
    assert_true(sum[lane] == in.state[0][lane] + in.state[1][lane]);
    assert_true(product[lane] == in.state[0][lane] * in.state[1][lane]);
  }
  wn_free(sum), wn_free(product), wn_free(run_program(programs[2], &in, 8));
  for (int i = 0; i < 3; i++) wn_program_destroy(programs[i]);
  wn_native_destroy(native);
  wn_graph_destroy(graph);
}

// ---- factorisations ----

enum { MAX_N = 24, WIDEST = 32 };

// a random pattern; Jacobian, gammas and right-hand side for WIDEST lanes, bad lanes among them
typedef struct system {
  int n, n_nz, row[MAX_N * MAX_N], col[MAX_N * MAX_N];
  double gamma[WIDEST], jac[MAX_N * MAX_N * WIDEST], b[MAX_N * WIDEST];
} system_of_lanes;

static void random_system(system_of_lanes *s, int round) {
  s->n = 1 + random_below(MAX_N), s->n_nz = 0;
  for (int i = 0; i < s->n; i++)
    for (int j = 0; j < s->n; j++)
      if (random_below(s->n) < 3) s->row[s->n_nz] = i, s->col[s->n_nz++] = j;
  for (int lane = 0; lane < WIDEST; lane++) s->gamma[lane] = random_unit();
  for (int i = 0; i < s->n_nz * WIDEST; i++) {
    bool is_wild = round % 3 == 0 && random_below(200) == 0;
    s->jac[i] = is_wild ? random_number() : 2 * random_unit() - 1;
    if (random_below(10) == 0) s->jac[i] = random_below(2) ? 0.0 : -0.0;
  }
  for (int i = 0; i < s->n * WIDEST; i++) s->b[i] = random_below(9) ? 2 * random_unit() - 1 : -0.0;
}

// factors and solution of the first `width` lanes, one after the other in one block; the verdict
static double *factor_and_solve(const system_of_lanes *s, const wn_lu *lu, int width, int *verdict) {
  size_t n_work = wn_lu_workspace(lu, width), n_b = (size_t)(s->n * width);
  double *all = wn_alloc_doubles(n_work + n_b), *jac = wn_alloc_doubles((size_t)(s->n_nz * width)), *b = all + n_work;
  for (int k = 0; k < s->n_nz; k++) memcpy(jac + k * width, s->jac + k * WIDEST, (size_t)width * sizeof(double));
  for (int i = 0; i < s->n; i++) memcpy(b + i * width, s->b + i * WIDEST, (size_t)width * sizeof(double));
  *verdict = wn_lu_factor(lu, width, s->gamma, jac, all);
  wn_lu_solve(lu, width, all, b);
  wn_free(jac);
  return all;
}

static void check_system(const system_of_lanes *s, wn_lu *lu) {
  double *expected[N_WIDTH];
  int verdict[N_WIDTH], found;
  for (int w = 0; w < N_WIDTH; w++) expected[w] = factor_and_solve(s, lu, widths[w], &verdict[w]);
  wn_program *none = NULL;
  wn_native *native = wn_native_create(&none, 0, lu);
  for (int w = 0; w < N_WIDTH; w++) {
    assert_true(wn_native_prepare(native, widths[w], 0));
    double *got = factor_and_solve(s, lu, widths[w], &found);
    assert_int_equal(found, verdict[w]);
    for (size_t i = 0; i < wn_lu_workspace(lu, widths[w]) + (size_t)(s->n * widths[w]); i++)
      assert_same(got[i], expected[w][i], "number", (double)i, widths[w]);
    wn_free(got), wn_free(expected[w]);
  }
  wn_native_destroy(native);
}

static void random_factorisations_have_the_bits_of_the_interpreter(void **fixture) {
  (void)fixture;
  if (!has_native()) skip();
  static system_of_lanes s;
  for (int round = 0; round < N_FACTORISATION; round++) {
    random_system(&s, round);
    wn_lu *lu = wn_lu_create(s.n, s.n_nz, s.row, s.col, NULL);
    check_system(&s, lu);
    wn_lu_destroy(lu);
  }
}

// ---- when ----

static wn_program *some_program(void) {
  wn_graph *graph = wn_graph_create();
  wn_node root = wn_graph_apply(graph, WN_OP_MUL, state(graph, 0), state(graph, 1), WN_NO_NODE);
  wn_program *program = wn_program_create(graph, &root, 1, NULL);
  wn_graph_destroy(graph);
  return program;
}

static void little_work_is_interpreted(void **fixture) {
  (void)fixture;
  wn_program *program = some_program();
  wn_native *native = wn_native_create(&program, 1, NULL);
  assert_false(wn_native_prepare(native, 16, 1000));
  assert_int_equal(wn_native_prepare(native, 16, 1e12), has_native());
  // what is there stays
  assert_int_equal(wn_native_prepare(native, 16, 1), has_native());
  wn_program_destroy(program);
  wn_native_destroy(native);
}

// work that comes in small pieces adds up: to quick code, which is compiled only when asked for
static void often_is_worth_as_much_as_long(void **fixture) {
  (void)fixture;
  if (!has_native()) skip();
  wn_program *program = some_program();
  wn_native *native = wn_native_create(&program, 1, NULL);
  inputs in = random_inputs(random_unit);
  double *expected = run_program(program, &in, 16), *out[2];
  int n = 1;
  for (; n < 1000 && !wn_native_prepare(native, 16, 1e4); n++) continue;
  assert_in_range(n, 2, 50);
  assert_true(is_quick(program, 16));
  out[0] = run_program(program, &in, 16);
  assert_true(wn_native_prepare(native, 16, 1e12));
  assert_true(is_quick(program, 16));
  always(NULL);
  assert_true(wn_native_prepare(native, 16, 1));
  as_usual(NULL);
  assert_int_equal(is_quick(program, 16), !has_compiler());
  out[1] = run_program(program, &in, 16);
  for (int i = 0; i < 2 * 16; i++) assert_same(out[i / 16][i % 16], expected[i % 16], "product", i, 0);
  wn_free(expected), wn_free(out[0]), wn_free(out[1]);
  wn_program_destroy(program);
  wn_native_destroy(native);
}

static void it_can_be_switched_off(void **fixture) {
  (void)fixture;
  wn_program *program = some_program();
  wn_native *native = wn_native_create(&program, 1, NULL);
  setenv("WANE_NATIVE", "off", 1);
  assert_string_equal(wn_native_name(), "none: switched off");
  assert_false(wn_native_prepare(native, 16, 1e12));
  setenv("WANE_NATIVE", "quick", 1);
  assert_null(strstr(wn_native_name(), "LLVM"));
  as_usual(NULL);
  wn_kernels_force(&wn_kernels_portable);
  assert_false(wn_native_prepare(native, 16, 1e12));
  wn_kernels_force(NULL);
  wn_program_destroy(program);
  wn_native_destroy(native);
}

static void every_failed_allocation_is_clean(void **fixture) {
  (void)fixture;
  wn_program *program = some_program();
  wn_lu *lu = wn_lu_create(2, 2, (const int[]){0, 1}, (const int[]){1, 0}, NULL);
  wn_alloc_fail_after(0);
  assert_null(wn_native_create(&program, 1, lu));
  wn_alloc_fail_after(-1);
  wn_native *native = wn_native_create(&program, 1, lu);
  bool is_made = false;
  int n = 0;
  for (; n < 200 && !is_made; n++) {
    wn_alloc_fail_after(n);
    is_made = wn_native_prepare(native, 4, 0);
    wn_alloc_fail_after(-1);
  }
  if (has_native()) assert_in_range(n, 1, 199);
  wn_program_destroy(program);
  wn_lu_destroy(lu);
  wn_native_destroy(native);
}

#define IN_BOTH(test) \
  {#test " quickly", test, quickly, as_usual, NULL}, { #test, test, always, as_usual, NULL }

#define IN_ALL(test)                                                           \
  IN_BOTH(test), {#test " in fours", test, always_in_fours, as_usual, NULL}, { \
#test " quickly in fours", test, quickly_in_fours, as_usual, NULL          \
  }

int main(void) {
  const struct CMUnitTest tests[] = {
      IN_ALL(random_programs_have_the_bits_of_the_interpreter),
      IN_ALL(every_opcode_has_the_bits_of_the_interpreter),
      IN_ALL(several_programs_keep_apart),
      IN_ALL(random_factorisations_have_the_bits_of_the_interpreter),
      cmocka_unit_test(little_work_is_interpreted),
      cmocka_unit_test(often_is_worth_as_much_as_long),
      cmocka_unit_test(it_can_be_switched_off),
      IN_BOTH(every_failed_allocation_is_clean),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

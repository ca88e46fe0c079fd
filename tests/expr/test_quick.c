// test_quick.c - quick code where registers, frame and system set limits: more values than registers, calls with values
// at hand, functions of two values wherever they are, tables, dense factorisations, programs too large, a system that
// lets nobody make code.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "expr/graphs.h"
#include "expr/native.h"

#include <stdlib.h>

#ifdef __linux__
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#endif

static const int widths[] = {4, 8, 12, 16, 32};
enum { N_WIDTH = sizeof widths / sizeof *widths };

static bool has_native(void) { return strncmp(wn_native_name(), "none", 4) != 0; }

static wn_node apply(wn_graph *graph, wn_op op, wn_node a, wn_node b) {
  return wn_graph_apply(graph, op, a, wn_op_arity(op) > 1 ? b : WN_NO_NODE, WN_NO_NODE);
}

// A program, interpreted and by quick code, on several inputs.
static void check_program(wn_program *program, int n_root, double (*number)(void)) {
  assert_non_null(program);
  enum { N_INPUT = 20 };
  static double *expected[N_INPUT][N_WIDTH];
  static inputs in[N_INPUT];
  for (int i = 0; i < N_INPUT; i++) in[i] = random_inputs(number);
  for (int i = 0; i < N_INPUT * N_WIDTH; i++)
    expected[i / N_WIDTH][i % N_WIDTH] = run_program(program, &in[i / N_WIDTH], widths[i % N_WIDTH]);
  wn_native *native = wn_native_create(&program, 1, NULL);
  for (int w = 0; w < N_WIDTH; w++) assert_true(wn_native_prepare(native, widths[w], 0));
  for (int i = 0; i < N_INPUT; i++)
    for (int w = 0; w < N_WIDTH; w++) {
      double *out = run_program(program, &in[i], widths[w]);
      for (int k = 0; k < n_root * widths[w]; k++) assert_same(out[k], expected[i][w][k], "root, width", k, widths[w]);
      wn_free(out), wn_free(expected[i][w]);
    }
  wn_program_destroy(program);
  wn_native_destroy(native);
}

// sums of products rounded one by one, and together
static void check_roots(const wn_graph *graph, const wn_node *roots, int n_root, double (*number)(void)) {
  check_program(wn_program_create(graph, roots, n_root, NULL), n_root, number);
  check_program(wn_program_create_fused(graph, roots, n_root, NULL), n_root, number);
}

// n values that are all made before the first of them is read, last one first
static wn_node tangle(wn_graph *graph, int n, wn_op made_by) {
  wn_node *value = wn_alloc((size_t)n * sizeof *value);
  for (int i = 0; i < n; i++) {
    wn_node scaled = apply(graph, WN_OP_MUL, state(graph, i % N_STATE), wn_graph_const(graph, 0.5 + i));
    value[i] = apply(graph, made_by, scaled, state(graph, (i + 1) % N_STATE));
  }
  // (the walk from the roots makes the left operand first, all the way down)
  wn_node sum = value[n - 1];
  for (int i = n - 2; i >= 0; i--) sum = apply(graph, i % 3 ? WN_OP_SUB : WN_OP_DIV, value[i], sum);
  wn_free(value);
  return sum;
}

static void more_values_than_registers(void **fixture) {
  (void)fixture;
  if (!has_native()) skip();
  for (int n = 2; n < 300; n += n < 40 ? 1 : 50) {
    wn_graph *graph = wn_graph_create();
    wn_node roots[] = {tangle(graph, n, WN_OP_ADD), tangle(graph, n, WN_OP_SUB), state(graph, 0)};
    check_roots(graph, roots, 3, random_unit);
    wn_graph_destroy(graph);
  }
}

static void calls_leave_values_alone(void **fixture) {
  (void)fixture;
  if (!has_native()) skip();
  static const wn_op functions[] = {WN_OP_EXP, WN_OP_COS, WN_OP_POW, WN_OP_ATAN};
  for (int f = 0; f < 4; f++)
    for (int n = 2; n < 60; n += 7) {
      wn_graph *graph = wn_graph_create();
      wn_node roots[] = {tangle(graph, n, functions[f])};
      check_roots(graph, roots, 1, random_unit);
      wn_graph_destroy(graph);
    }
}

// both operands in memory, in a register, made in either order, the same, read again or not
static void functions_of_two_find_both(void **fixture) {
  (void)fixture;
  if (!has_native()) skip();
  for (int round = 0; round < 40; round++) {
    wn_graph *graph = wn_graph_create();
    wn_node nodes[12], roots[14];
    int n = 0;
    for (; n < 3; n++) nodes[n] = state(graph, n);
    nodes[n++] = wn_graph_const(graph, 1.5);
    for (; n < 12; n++) {
      wn_node a = nodes[random_below(n)], b = nodes[n - 1 - random_below(n < 4 ? n : 4)];
      nodes[n] = apply(graph, random_below(2) ? WN_OP_POW : WN_OP_ADD, a, b);
      roots[n] = apply(graph, WN_OP_POW, b, a);
    }
    for (int i = 0; i < 4; i++) roots[i] = apply(graph, WN_OP_POW, nodes[i], nodes[11 - i]);
    roots[12] = nodes[11], roots[13] = nodes[8];
    check_roots(graph, roots, 14, round % 2 ? random_unit : random_number);
    wn_graph_destroy(graph);
  }
}

static void tables_with_values_at_hand(void **fixture) {
  (void)fixture;
  if (!has_native()) skip();
  static const double x[] = {-1, 0, 0.25, 1}, y[] = {3, -2, 0.5, 8};
  wn_graph *graph = wn_graph_create();
  int table = wn_graph_add_table(graph, WN_TABLE_PCHIP, 4, x, y);
  wn_node sum = state(graph, 4), roots[2];
  for (int i = 0; i < 30; i++) {
    wn_node at = apply(graph, WN_OP_SUB, sum, state(graph, i % N_STATE));
    wn_node value = wn_graph_table(graph, table, at);
    sum = apply(graph, WN_OP_ADD, apply(graph, WN_OP_MUL, value, at), i % 4 ? sum : apply(graph, WN_OP_EXP, sum, 0));
  }
  roots[0] = sum, roots[1] = wn_graph_table(graph, table, state(graph, 0));
  check_roots(graph, roots, 2, random_unit);
  check_roots(graph, roots, 2, random_number);
  wn_graph_destroy(graph);
}

// ---- limits ----

// so many values at hand that the frame does not hold them: interpreted as before, or compiled in long runs
static void too_large_is_interpreted(void **fixture) {
  (void)fixture;
  if (!has_native()) skip();
  wn_graph *graph = wn_graph_create();
  wn_node root = tangle(graph, 1200, WN_OP_ADD);
  wn_program *program = wn_program_create(graph, &root, 1, NULL);
  inputs in = random_inputs(random_unit);
  double *expected = run_program(program, &in, 4);
  wn_native *native = wn_native_create(&program, 1, NULL);
  assert_false(wn_native_prepare(native, 4, 0));
  assert_false(wn_native_prepare(native, 8, 0));
  double *out = run_program(program, &in, 4);
  for (int lane = 0; lane < 4; lane++) assert_same(out[lane], expected[lane], "lane", lane, 0);
  wn_free(out);
  unsetenv("WANE_NATIVE");
  assert_int_equal(wn_native_prepare(native, 4, 1e12), strstr(wn_native_name(), "LLVM") != NULL);
  out = run_program(program, &in, 4);
  for (int lane = 0; lane < 4; lane++) assert_same(out[lane], expected[lane], "lane", lane, 0);
  wn_free(out), wn_free(expected);
  wn_program_destroy(program);
  wn_native_destroy(native);
  wn_graph_destroy(graph);
}

// every entry there, more of them than registers and frame hold
static void dense_factorisations(void **fixture) {
  (void)fixture;
  if (!has_native()) skip();
  enum { N = 70, W = 8 };
  static int row[N * N], col[N * N];
  double gamma[W], *jac = wn_alloc_doubles(N * N * W), *b[2], *work[2];
  int verdict[2];
  for (int k = 0; k < N * N; k++) row[k] = k / N, col[k] = k % N;
  wn_lu *lu = wn_lu_create(N, N * N, row, col, NULL);
  wn_program *none = NULL;
  wn_native *native = wn_native_create(&none, 0, lu);
  for (int round = 0; round < 2; round++) {
    if (round) assert_true(wn_native_prepare(native, W, 0));
    random_state = 5;
    for (int lane = 0; lane < W; lane++) gamma[lane] = random_unit();
    for (int i = 0; i < N * N * W; i++) jac[i] = random_unit();
    work[round] = wn_alloc_doubles(wn_lu_workspace(lu, W)), b[round] = wn_alloc_doubles(N * W);
    for (int i = 0; i < N * W; i++) b[round][i] = random_unit();
    verdict[round] = wn_lu_factor(lu, W, gamma, jac, work[round]);
    wn_lu_solve(lu, W, work[round], b[round]);
  }
  assert_int_equal(verdict[0], verdict[1]);
  assert_memory_equal(work[0], work[1], wn_lu_workspace(lu, W) * sizeof(double));
  assert_memory_equal(b[0], b[1], N * W * sizeof(double));
  for (int i = 0; i < 2; i++) wn_free(work[i]), wn_free(b[i]);
  wn_free(jac);
  wn_native_destroy(native);
  wn_lu_destroy(lu);
}

// one bad number in every place a Jacobian has, in every lane: the same verdict
static void verdicts_agree(void **fixture) {
  (void)fixture;
  if (!has_native()) skip();
  enum { N = 4, W = 8 };
  static const double bad[] = {NAN, INFINITY, -INFINITY, DBL_MAX, 1e308, 1, 0.5, -0.0, 1e-310};
  enum { N_BAD = sizeof bad / sizeof *bad };
  int row[N * N], col[N * N];
  for (int k = 0; k < N * N; k++) row[k] = k / N, col[k] = k % N;
  wn_lu *lu = wn_lu_create(N, N * N, row, col, NULL);
  wn_program *none = NULL;
  wn_native *native = wn_native_create(&none, 0, lu);
  static int verdict[2][N * N][W][N_BAD];
  double gamma[W], jac[N * N * W], *work = wn_alloc_doubles(wn_lu_workspace(lu, W));
  for (int round = 0; round < 2; round++) {
    if (round) assert_true(wn_native_prepare(native, W, 0));
    for (int i = 0; i < N * N * W * N_BAD; i++) {
      int k = i / W / N_BAD, lane = i / N_BAD % W;
      for (int l = 0; l < W; l++) gamma[l] = 2;
      for (int j = 0; j < N * N * W; j++) jac[j] = 0.25;
      jac[k * W + lane] = bad[i % N_BAD];
      jac[k * W + W - 1] = bad[0];
      verdict[round][k][lane][i % N_BAD] = wn_lu_factor(lu, W, gamma, jac, work);
    }
  }
  assert_memory_equal(verdict[0], verdict[1], sizeof verdict[0]);
  wn_free(work);
  wn_native_destroy(native);
  wn_lu_destroy(lu);
}

// ---- a system that refuses ----

#if defined __linux__ && defined __x86_64__
// from now on this process can make no page executable
static bool refuse_code(void) {
  struct sock_filter rules[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mprotect, 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[2])),
      BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 4, 0, 1),  // PROT_EXEC
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EACCES),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = {sizeof rules / sizeof *rules, rules};
  return !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) && !prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

// 0: interpreted; 1: not; 2: the system cannot be made to refuse
static int run_refused(wn_program *program, const inputs *in, const double *expected) {
  if (!refuse_code()) return 2;
  wn_native *native = wn_native_create(&program, 1, NULL);
  bool is_made = wn_native_prepare(native, 4, 0);
  double *out = run_program(program, in, 4);
  bool is_same = memcmp(out, expected, 4 * sizeof *out) == 0;
  wn_free(out);
  wn_native_destroy(native);
  return is_made || !is_same;
}

static void a_system_that_refuses_code(void **fixture) {
  (void)fixture;
  if (!has_native()) skip();
  wn_graph *graph = wn_graph_create();
  wn_node root = tangle(graph, 4, WN_OP_ADD);
  wn_program *program = wn_program_create(graph, &root, 1, NULL);
  inputs in = random_inputs(random_unit);
  double *expected = run_program(program, &in, 4);
  int status = -1;
  pid_t child = fork();
  if (child == 0)
    status = run_refused(program, &in, expected);
  else
    assert_int_equal(waitpid(child, &status, 0), child);
  wn_free(expected);
  wn_program_destroy(program);
  wn_graph_destroy(graph);
  if (child == 0) _exit(status);
  assert_true(WIFEXITED(status));
  assert_true(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 2);
}
#else
static void a_system_that_refuses_code(void **fixture) {
  (void)fixture;
  skip();
}
#endif

static int quickly(void **fixture) {
  (void)fixture;
  return setenv("WANE_NATIVE", "quick", 1);
}

static int in_fours(void **fixture) {
  setenv("WANE_KERNELS", "avx2", 1);
  return quickly(fixture);
}

static int as_usual(void **fixture) {
  (void)fixture;
  unsetenv("WANE_NATIVE");
  return unsetenv("WANE_KERNELS");
}

// vectors as long as there are, and of four lanes
#define IN_BOTH(test) \
  {#test, test, quickly, as_usual, NULL}, { #test " in fours", test, in_fours, as_usual, NULL }

int main(void) {
  const struct CMUnitTest tests[] = {
      IN_BOTH(more_values_than_registers),
      IN_BOTH(calls_leave_values_alone),
      IN_BOTH(functions_of_two_find_both),
      IN_BOTH(tables_with_values_at_hand),
      IN_BOTH(too_large_is_interpreted),
      IN_BOTH(dense_factorisations),
      IN_BOTH(verdicts_agree),
      IN_BOTH(a_system_that_refuses_code),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

// test_series.c - Taylor coefficients against closed forms, and against those of other equations for the same
// functions; inputs enter; kinks have no series; every allocation failing once.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "expr/graphs.h"
#include "expr/kernels.h"
#include "expr/series.h"
#include <math.h>

enum { ORDER = WN_SERIES_ORDER, W = 4 };

typedef struct system {
  wn_graph *graph;
  wn_node slope[N_STATE], t;
  int n;
} system_of;

static system_of begin(int n) {
  wn_graph *graph = wn_graph_create();
  return (system_of){.graph = graph, .n = n, .t = wn_graph_leaf(graph, WN_OP_TIME, 0)};
}

static wn_node number(const system_of *s, double value) { return wn_graph_const(s->graph, value); }
static wn_node two(const system_of *s, wn_op op, wn_node a, wn_node b) {
  return wn_graph_apply(s->graph, op, a, b, WN_NO_NODE);
}
static wn_node one(const system_of *s, wn_op op, wn_node a) { return two(s, op, a, WN_NO_NODE); }

// coefficients c[order][n] at (t, y) with inputs; destroys the system
static void series_of(system_of *s, double t, const double *y, const double *rate, double c[ORDER][N_STATE]) {
  wn_program *program;
  assert_int_equal(wn_series_create(s->graph, s->slope, s->n, &program, NULL), WN_OK);
  wn_graph_destroy(s->graph);
  assert_non_null(program);
  double time[W], state[2 * N_STATE * W], param[N_PARAM * W], out[ORDER * N_STATE * W];
  for (int lane = 0; lane < W; lane++) {
    time[lane] = t;
    for (int i = 0; i < s->n; i++) state[i * W + lane] = y[i], state[(s->n + i) * W + lane] = rate ? rate[i] : 0;
    for (int i = 0; i < N_PARAM; i++) param[i * W + lane] = 0.5 + i;
  }
  double *work = wn_alloc_doubles(wn_program_workspace(program, W));
  wn_program_bind(program, W, param, NULL, work);
  wn_program_eval(program, W, time, state, work, out);
  for (int k = 0; k < ORDER; k++)
    for (int i = 0; i < s->n; i++) c[k][i] = out[(k * s->n + i) * W + 2];
  wn_free(work);
  wn_program_destroy(program);
}

static void assert_near(double got, double expected, double scale, const char *what, int k) {
  if (!(fabs(got - expected) <= 1e-12 * fmax(fabs(expected), scale)))
    fail_msg("%s, power %d: %.17g, expected %.17g", what, k, got, expected);
}

// y' = -p y + rate, p = 1.5: rest + (y - rest) e^-pt
static void decay_with_an_input(void **fixture) {
  (void)fixture;
  system_of s = begin(1);
  wn_node p = wn_graph_leaf(s.graph, WN_OP_PARAM, 1);
  s.slope[0] = one(&s, WN_OP_NEG, two(&s, WN_OP_MUL, p, state(s.graph, 0)));
  double c[ORDER][N_STATE], y = 2, rate = 0.75, expected = y - rate / 1.5;
  series_of(&s, 0, &y, &rate, c);
  for (int k = 1; k <= ORDER; k++) assert_near(c[k - 1][0], expected *= -1.5 / k, 0, "decay", k);
}

// y' = y^2: y / (1 - y t); and the same as y^3 / y, and as y^(p + 1.5), p = 0.5
static void growth_to_a_pole(void **fixture) {
  (void)fixture;
  system_of s = begin(3);
  wn_node y[3], p = wn_graph_leaf(s.graph, WN_OP_PARAM, 0);
  for (int i = 0; i < 3; i++) y[i] = state(s.graph, i);
  s.slope[0] = two(&s, WN_OP_MUL, y[0], y[0]);
  s.slope[1] = two(&s, WN_OP_DIV, two(&s, WN_OP_MUL, s.slope[0], y[0]), y[1]);
  s.slope[2] = two(&s, WN_OP_POW, y[2], two(&s, WN_OP_ADD, p, number(&s, 1.5)));
  const double at[] = {0.8, 0.8, 0.8};
  double c[ORDER][N_STATE], expected = 0.8;
  series_of(&s, 0, at, NULL, c);
  for (int k = 1; k <= ORDER; k++) {
    expected *= 0.8;
    for (int i = 0; i < 3; i++) assert_near(c[k - 1][i], expected, 0, "pole", k);
  }
}

// y' = f(t) against y' = z, z' = g(t, z) with z = f(t): the rule of f against rules of other operations
typedef wn_node derivative(const system_of *s, wn_node z);

static wn_node of_exp(const system_of *s, wn_node z) { return (void)s, z; }
static wn_node of_log(const system_of *s, wn_node z) { return (void)z, two(s, WN_OP_DIV, number(s, 1), s->t); }
static wn_node of_sqrt(const system_of *s, wn_node z) { return two(s, WN_OP_DIV, number(s, 0.5), z); }
static wn_node of_sin(const system_of *s, wn_node z) { return (void)z, one(s, WN_OP_COS, s->t); }
static wn_node of_cos(const system_of *s, wn_node z) { return (void)z, one(s, WN_OP_NEG, one(s, WN_OP_SIN, s->t)); }
static wn_node of_tanh(const system_of *s, wn_node z) {
  return two(s, WN_OP_SUB, number(s, 1), two(s, WN_OP_MUL, z, z));
}
static wn_node of_atan(const system_of *s, wn_node z) {
  (void)z;
  return two(s, WN_OP_DIV, number(s, 1), two(s, WN_OP_ADD, number(s, 1), two(s, WN_OP_MUL, s->t, s->t)));
}

static void functions_by_another_way(void **fixture) {
  (void)fixture;
  static const struct {
    wn_op op;
    derivative *of;
  } row[] = {{WN_OP_EXP, of_exp}, {WN_OP_LOG, of_log},   {WN_OP_SQRT, of_sqrt}, {WN_OP_SIN, of_sin},
             {WN_OP_COS, of_cos}, {WN_OP_TANH, of_tanh}, {WN_OP_ATAN, of_atan}};
  for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
    system_of s = begin(3);
    s.slope[0] = one(&s, row[i].op, s.t);
    s.slope[1] = state(s.graph, 2);
    s.slope[2] = row[i].of(&s, state(s.graph, 2));
    const double t = 0.7, y[] = {0, 0, wn_scalar_op(row[i].op, t, 0, 0)};
    double c[ORDER][N_STATE];
    series_of(&s, t, y, NULL, c);
    for (int k = 1; k <= ORDER; k++) assert_near(c[k - 1][0], c[k - 1][1], 1e-3, wn_op_name(row[i].op), k);
  }
}

// the angle of a function moves as well: y' = sin(y), z' = cos z - and the same by an addition theorem
static void functions_of_states(void **fixture) {
  (void)fixture;
  system_of s = begin(2);
  wn_node y = state(s.graph, 0), z = state(s.graph, 1), half = number(&s, 0.5);
  s.slope[0] = two(&s, WN_OP_MUL, one(&s, WN_OP_EXP, one(&s, WN_OP_SIN, y)), one(&s, WN_OP_TANH, y));
  wn_node angle = two(&s, WN_OP_MUL, half, z);
  wn_node sine =
      two(&s, WN_OP_MUL, number(&s, 2), two(&s, WN_OP_MUL, one(&s, WN_OP_SIN, angle), one(&s, WN_OP_COS, angle)));
  wn_node up = one(&s, WN_OP_EXP, two(&s, WN_OP_MUL, number(&s, 2), z));
  wn_node tanh = two(&s, WN_OP_DIV, two(&s, WN_OP_SUB, up, number(&s, 1)), two(&s, WN_OP_ADD, up, number(&s, 1)));
  s.slope[1] = two(&s, WN_OP_MUL, one(&s, WN_OP_EXP, sine), tanh);
  const double at[] = {0.9, 0.9};
  double c[ORDER][N_STATE];
  series_of(&s, 0, at, NULL, c);
  for (int k = 1; k <= ORDER; k++) assert_near(c[k - 1][0], c[k - 1][1], 1e-2, "states", k);
}

static void kinks_have_no_series(void **fixture) {
  (void)fixture;
  static const wn_op op[] = {WN_OP_MAX, WN_OP_MIN, WN_OP_LT, WN_OP_ABS, WN_OP_FLOOR, WN_OP_POW};
  for (size_t i = 0; i < sizeof op / sizeof *op; i++) {
    system_of s = begin(1);
    wn_program *program;
    wn_node y = state(s.graph, 0), other = op[i] == WN_OP_POW ? y : number(&s, 3);
    s.slope[0] = two(&s, op[i], y, wn_op_arity(op[i]) > 1 ? other : WN_NO_NODE);
    assert_int_equal(wn_series_create(s.graph, s.slope, 1, &program, NULL), WN_OK);
    assert_null(program);
    wn_graph_destroy(s.graph);
  }
}

static void every_failed_allocation_is_clean(void **fixture) {
  (void)fixture;
  system_of s = begin(1);
  s.slope[0] = one(&s, WN_OP_EXP, one(&s, WN_OP_SIN, two(&s, WN_OP_MUL, state(s.graph, 0), s.t)));
  wn_program *program = NULL;
  int n = 0;
  for (; !program; n++) {
    wn_error err = {0};
    wn_alloc_fail_after(n);
    wn_status status = wn_series_create(s.graph, s.slope, 1, &program, &err);
    wn_alloc_fail_after(-1);
    assert_int_equal(status, program ? WN_OK : WN_ERR_MEMORY);
  }
  assert_true(n > 10);
  wn_program_destroy(program);
  wn_graph_destroy(s.graph);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(decay_with_an_input),      cmocka_unit_test(growth_to_a_pole),
      cmocka_unit_test(functions_by_another_way), cmocka_unit_test(functions_of_states),
      cmocka_unit_test(kinks_have_no_series),     cmocka_unit_test(every_failed_allocation_is_clean),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

// Reduced models: what is left out is what the equations say, what is left computes what the full model does, and
// nothing that could be infinite or not a number is hidden.
#include "sim/fixture.h"

#include "model/reduce.h"

// Two drugs and an effect. A -> B; C -> D, never given unless a test does; E follows both.
// dA = -K A; dB = K A - K B / V; dC = -K C; dD = K C - K D / V; dE = KIN (1 + B + D / V) - E, from KIN.
enum { P_K, P_V, P_KIN, P_START };
enum { A, B, C, D, E };
enum { CB, CD, EFFECT };

static wn_model *make_two(void) {
  wn_model *m = new_model("two");
  put_param(m, "K", 0.5), put_param(m, "V", 20), put_param(m, "KIN", 1), put_param(m, "START", 0);
  wn_node k = p_(m, P_K), v = p_(m, P_V);
  put_state(m, "A", neg(m, mul(m, k, s_(m, A))), c_(m, 0));
  put_state(m, "B", sub(m, mul(m, k, s_(m, A)), quo(m, mul(m, k, s_(m, B)), v)), c_(m, 0));
  put_state(m, "C", neg(m, mul(m, k, s_(m, C))), p_(m, P_START));
  put_state(m, "D", sub(m, mul(m, k, s_(m, C)), quo(m, mul(m, k, s_(m, D)), v)), c_(m, 0));
  wn_node drive = add(m, c_(m, 1), add(m, s_(m, B), quo(m, s_(m, D), v)));
  put_state(m, "E", sub(m, mul(m, p_(m, P_KIN), drive), s_(m, E)), p_(m, P_KIN));
  put_output(m, "CB", "mg/L", quo(m, s_(m, B), v));
  put_output(m, "CD", "mg/L", quo(m, s_(m, D), v));
  put_output(m, "effect", "1", s_(m, E));
  put_route(m, "A", A, c_(m, 1), c_(m, 0));
  put_route(m, "C", C, c_(m, 1), c_(m, 0));
  return m;
}

static unsigned char given[8], wanted[8];
static wn_bounds param[8];

static wn_run_domain domain_of(const wn_model *m) {
  memset(given, 0, sizeof given);
  for (int i = 0; i < m->n_param; i++) param[i] = wn_bounds_point(m->param[i].value);
  return (wn_run_domain){.is_given = given, .param = param, .t_start = 0, .t_end = 48};
}

static wn_reduced *reduce(const wn_model *m, const wn_run_domain *run) {
  wn_reduced *r = NULL;
  wn_error err = {0};
  if (wn_model_reduce(m, run, &r, &err)) fail_msg("%s", err.message);
  return r;
}

// the states that are left, as letters
static const char *left(const wn_model *m, const wn_run_domain *run) {
  static char names[16];
  wn_reduced *r = reduce(m, run);
  int n = 0;
  for (int i = 0; r && i < r->model->n_state; i++) names[n++] = m->state[r->state[i]].name[0];
  names[n] = 0;
  if (!r) strcpy(names, "all");
  wn_reduced_destroy(r);
  return names;
}

static void test_reached(void **state) {
  (void)state;
  wn_model *m = compile(make_two());
  wn_run_domain run = domain_of(m);
  given[A] = 1;
  assert_string_equal(left(m, &run), "ABE");
  given[A] = 0, given[D] = 1;
  assert_string_equal(left(m, &run), "DE");
  given[C] = given[A] = 1;
  assert_string_equal(left(m, &run), "all");
  // an initial value that is 0 for everybody, and one that is not for somebody
  memset(given, 0, sizeof given);
  given[A] = 1;
  param[P_START] = (wn_bounds){0, 3, true};
  assert_string_equal(left(m, &run), "all");
  // nothing is given: what starts by itself is left
  memset(given, 0, sizeof given);
  param[P_START] = wn_bounds_point(0);
  assert_string_equal(left(m, &run), "E");
  wn_model_destroy(m);
}

// a volume of 0 makes 0 / 0: the run must fail as it does with the full model
static void test_nothing_is_hidden(void **state) {
  (void)state;
  wn_model *m = compile(make_two());
  wn_run_domain run = domain_of(m);
  given[A] = 1;
  // D stays, that its derivative be not a number; C reaches nothing but D
  param[P_V] = wn_bounds_point(0);
  assert_string_equal(left(m, &run), "ABDE");
  param[P_V] = (wn_bounds){-1, 1, true};
  assert_string_equal(left(m, &run), "ABDE");
  param[P_V] = wn_bounds_point(NAN);
  assert_string_equal(left(m, &run), "ABDE");
  wn_model_destroy(m);

  // a factor that a state may make infinite: D = 0 times 1 / B, in an equation and in an output
  for (int where = 0; where < 2; where++) {
    m = make_two();
    wn_node risky = mul(m, s_(m, D), quo(m, c_(m, 1), s_(m, B)));
    if (where == 0) m->state[E].derivative = add(m, m->state[E].derivative, risky);
    if (where == 1) m->output[CD].value = risky;
    compile(m);
    run = domain_of(m);
    given[A] = 1;
    assert_string_equal(left(m, &run), "ABDE");
    // not asked for, it is of no consequence
    memset(wanted, 0, sizeof wanted);
    wanted[EFFECT] = 1;
    run.is_wanted = wanted;
    assert_string_equal(left(m, &run), where == 0 ? "ABDE" : "ABE");
    wn_model_destroy(m);
  }
}

static void test_one_is_kept(void **state) {
  (void)state;
  wn_model *m = make_two();
  m->n_state = 4, m->n_output = 2;
  compile(m);
  wn_run_domain run = domain_of(m);
  assert_string_equal(left(m, &run), "A");
  wn_model_destroy(m);
}

// both models at random points, W lanes
static void compare(const wn_model *full, const wn_reduced *r) {
  enum { W = WN_LANES, ROOM = 64 };
  const wn_model *less = r->model;
  double p[8 * W], s[8 * W] = {0}, q[8 * W], time[W] = {1, 5, 9, 30};
  double *out[2] = {wn_alloc_doubles(ROOM * W), wn_alloc_doubles(ROOM * W)};
  const wn_program *mine[3] = {full->rhs, full->initial, full->outputs};
  const wn_program *its[3] = {less->rhs, less->initial, less->outputs};
  for (int i = 0; i < full->n_param * W; i++) p[i] = full->param[i / W].value;
  for (int i = 0; i < less->n_state; i++)
    for (int lane = 0; lane < W; lane++) s[r->state[i] * W + lane] = q[i * W + lane] = 0.25 * (1 + i) * (1 + lane);
  for (int k = 0; k < 3; k++) {
    const wn_program *program[2] = {mine[k], its[k]};
    for (int side = 0; side < 2; side++) {
      double *work = wn_alloc_doubles(wn_program_workspace(program[side], W));
      wn_program_bind(program[side], W, p, NULL, work);
      wn_program_eval(program[side], W, time, side ? q : s, work, out[side]);
      wn_free(work);
    }
    const int *of = k == 2 ? r->output : r->state, n = k == 2 ? less->n_output : less->n_state;
    for (int i = 0; i < n; i++)
      for (int lane = 0; lane < W; lane++) NEAR(out[1][i * W + lane], out[0][of[i] * W + lane], 1e-14);
  }
  wn_free(out[0]);
  wn_free(out[1]);
}

static void test_values(void **state) {
  (void)state;
  wn_model *m = compile(make_two());
  wn_run_domain run = domain_of(m);
  given[A] = 1;
  wn_reduced *r = reduce(m, &run);
  assert_int_equal(r->model->n_output, 3);
  assert_string_equal(r->model->state[2].name, "E");
  assert_int_equal(r->state_at[E], 2);
  assert_int_equal(r->state_at[D], -1);
  assert_true(r->model->is_linear);
  // dA/dA, dB/dA, dB/dB, dE/dB, dE/dE
  assert_int_equal(r->model->n_nz, 5);
  compare(m, r);
  wn_reduced_destroy(r);
  memset(wanted, 0, sizeof wanted);
  wanted[CD] = 1;
  run.is_wanted = wanted;
  r = reduce(m, &run);
  assert_int_equal(r->model->n_output, 1);
  assert_int_equal(r->output[0], CD);
  assert_int_equal(r->output_at[EFFECT], -1);
  compare(m, r);
  wn_reduced_destroy(r);
  wn_model_destroy(m);
}

// a nonlinear drug that is not given leaves a linear model
static void test_becomes_linear(void **state) {
  (void)state;
  wn_model *m = make_two();
  m->state[D].derivative = sub(m, m->state[D].derivative, mul(m, s_(m, D), s_(m, D)));
  compile(m);
  assert_false(m->is_linear);
  wn_run_domain run = domain_of(m);
  given[A] = 1;
  wn_reduced *r = reduce(m, &run);
  assert_true(r->model->is_linear);
  wn_reduced_destroy(r);
  wn_model_destroy(m);
}

// runs that leave out the same share one reduced model, others do not
static void test_shared(void **state) {
  (void)state;
  wn_model *m = compile(make_two());
  wn_run_domain run = domain_of(m);
  given[A] = 1;
  wn_reduced *first = reduce(m, &run);
  wn_reduced_destroy(first);
  for (int i = 0; i < m->n_param; i++) param[i] = wn_bounds_point(1.01 * m->param[i].value);
  run.t_end = 1000;
  assert_ptr_equal(reduce(m, &run), first);
  memset(wanted, 0, sizeof wanted);
  wanted[CD] = 1;
  run.is_wanted = wanted;
  wn_reduced *other = reduce(m, &run);
  assert_ptr_not_equal(other, first);
  assert_ptr_equal(reduce(m, &run), other);
  given[A] = 0, given[D] = 1;
  assert_ptr_not_equal(reduce(m, &run), other);
  run.is_wanted = NULL, given[A] = 1, given[D] = 0;
  assert_ptr_equal(reduce(m, &run), first);
  wn_model_destroy(m);
}

static void test_out_of_memory(void **state) {
  (void)state;
  wn_model *m = compile(make_two());
  wn_run_domain run = domain_of(m);
  given[A] = 1;
  wn_status status = WN_ERR_MEMORY;
  for (long n = 0; status; n++) {
    wn_reduced *r = NULL;
    wn_error err = {0};
    wn_alloc_fail_after(n);
    status = wn_model_reduce(m, &run, &r, &err);
    wn_alloc_fail_after(-1);
    assert_true(status == WN_OK || (status == WN_ERR_MEMORY && !r && err.status == WN_ERR_MEMORY));
    wn_reduced_destroy(r);
    assert_true(n < 2000);
  }
  wn_model_destroy(m);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_reached),      cmocka_unit_test(test_nothing_is_hidden),
                                     cmocka_unit_test(test_one_is_kept),  cmocka_unit_test(test_values),
                                     cmocka_unit_test(test_shared),       cmocka_unit_test(test_becomes_linear),
                                     cmocka_unit_test(test_out_of_memory)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}

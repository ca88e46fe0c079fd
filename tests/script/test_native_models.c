// Machine code of both kinds of every bundled model against the interpreter, bit for bit: right-hand side, Jacobian,
// outputs, factorisation and solution, for lanes with parameters and states of their own; vectors of eight lanes and
// the four that are left (tests/expr has other widths).
#include "script/files.h"

#include "expr/kernels.h"
#include "expr/numbers.h"

#include <dirent.h>
#include <stdlib.h>

enum { WIDTH = 12 };

// parameters within a tenth of their values, states in the size of initial values
static void fill_lanes(const wn_model *model, int width, double *param, double *covariate, double *state) {
  double *value = wn_alloc_doubles((size_t)model->n_param);
  wn_model_defaults(model, -1, value);
  for (int i = 0; i < model->n_param * width; i++) param[i] = value[i / width] * (0.9 + 0.2 * random_unit());
  for (int i = 0; i < model->n_covariate * width; i++) covariate[i] = model->covariate[i / width].value;
  for (int i = 0; i < model->n_state * width; i++) state[i] = 3 * random_unit();
  wn_free(value);
}

static void evaluate(const wn_program *program, int width, const double *param, const double *covariate,
                     const double *time, const double *state, double *out) {
  double *work = wn_alloc_doubles(wn_program_workspace(program, width));
  wn_program_bind(program, width, param, covariate, work);
  wn_program_eval(program, width, time, state, work, out);
  wn_free(work);
}

// everything a model computes in a step, one after the other: the number of doubles
static size_t compute(const wn_model *model, int width, double *all) {
  random_state = 88172645463325252u;
  size_t w = (size_t)width, n = (size_t)model->n_state * w;
  double *param = wn_alloc_doubles((size_t)(model->n_param + 1) * w), *state = wn_alloc_doubles(n);
  double *covariate = wn_alloc_doubles((size_t)(model->n_covariate_all + 1) * w);
  double time[WIDTH], gamma[WIDTH];
  fill_lanes(model, width, param, covariate, state);
  for (int lane = 0; lane < width; lane++) time[lane] = 100 * random_unit(), gamma[lane] = random_unit();
  double *dy = all, *jacobian = dy + n, *out = jacobian + (size_t)model->n_nz * w;
  double *factors = out + (size_t)model->n_output * w, *x = factors + wn_lu_workspace(model->lu, width);
  evaluate(model->rhs, width, param, covariate, time, state, dy);
  evaluate(model->jacobian, width, param, covariate, time, state, jacobian);
  evaluate(model->outputs, width, param, covariate, time, state, out);
  double verdict = wn_lu_factor(model->lu, width, gamma, jacobian, factors);
  memcpy(x, dy, n * sizeof *x);
  wn_lu_solve(model->lu, width, factors, x);
  x[n] = verdict;
  wn_free(param), wn_free(state), wn_free(covariate);
  return (size_t)(x + n + 1 - all);
}

static size_t room_for(const wn_model *model) {
  int rows = 2 * model->n_state + model->n_nz + model->n_output + 1;
  return WIDTH * (size_t)rows + wn_lu_workspace(model->lu, WIDTH);
}

static void check_model(const char *name) {
  wn_script *script = NULL;
  wn_error err = {0};
  if (wn_script_load(&test_env, name, &script, &err)) fail_msg("%s", err.message);
  const wn_model *model = wn_script_model(script);
  double *expected = wn_alloc_doubles(room_for(model)), *got = wn_alloc_doubles(room_for(model));
  size_t n = compute(model, WIDTH, expected);
  assert_true(wn_model_native(model, WIDTH, 0));
  assert_int_equal(compute(model, WIDTH, got), n);
  for (size_t i = 0; i < n; i++) assert_same(got[i], expected[i], name, (double)i, 0);
  wn_free(expected), wn_free(got);
  wn_script_destroy(script);
}

static void check_directory(const char *path) {
  DIR *directory = opendir(path);
  assert_non_null(directory);
  int n = 0;
  for (struct dirent *entry; (entry = readdir(directory));) {
    if (!strstr(entry->d_name, ".lua")) continue;
    char file[4096];
    snprintf(file, sizeof file, "%s/%s", path, entry->d_name);
    check_model(file);
    n++;
  }
  closedir(directory);
  assert_true(n > 2);
}

static void check_all(const char *kind) {
  setenv("WANE_NATIVE", kind, 1);
  if (strncmp(wn_native_name(), "none", 4) == 0) skip();
  check_directory(WANE_TEST_DIR "/../models");
  check_directory(WANE_TEST_DIR "/../bench/models");
}

static void test_bundled_models(void **state) {
  (void)state;
  check_all("on");
}

static void test_bundled_models_quickly(void **state) {
  (void)state;
  check_all("quick");
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_bundled_models_quickly),
                                     cmocka_unit_test(test_bundled_models)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}

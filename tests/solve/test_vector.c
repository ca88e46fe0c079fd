// test_vector.c - the serial vector SUNDIALS is given: it and its clones are aligned and zeroed, values that are not
// finite are never lost in its norm, and what SUNDIALS says goes into a message.
#include "solve/systems.h"

#include "solve/sundials/vector.h"

enum { N = 7 };

static void test_clones(void **state) {
  (void)state;
  SUNContext context;
  wn_message message = {{0}};
  assert_true(wn_context_create(&context, &message));
  N_Vector first = wn_vector_create(N, context);
  wn_vector_data(first)[3] = 5;
  N_Vector *list = N_VCloneVectorArray(3, first);
  for (int k = 0; k < 3; k++) {
    assert_int_equal((uintptr_t)wn_vector_data(list[k]) % 64, 0);
    assert_int_equal(N_VGetLength(list[k]), N);
    for (int i = 0; i < N; i++) assert_true(wn_vector_data(list[k])[i] == 0);
    // and clones of clones
    N_Vector again = N_VClone(list[k]);
    assert_int_equal((uintptr_t)wn_vector_data(again) % 64, 0);
    N_VConst(NAN, again);
    assert_true(N_VWrmsNorm(again, first) == WN_NORM_HUGE);
    N_VDestroy(again);
  }
  N_VDestroyVectorArray(list, 3);
  N_VDestroy(first);
  SUNContext_Free(&context);
}

// wherever it is, a value that is not finite makes the norm huge; else it is the root of the mean square
static void test_norm(void **state) {
  (void)state;
  const double values[] = {NAN, -NAN, INFINITY, -INFINITY, 1e200};
  SUNContext context;
  wn_message message = {{0}};
  assert_true(wn_context_create(&context, &message));
  N_Vector x = wn_vector_create(N, context), w = wn_vector_create(N, context);
  double sum = 0;
  for (int i = 0; i < N; i++) {
    wn_vector_data(x)[i] = 1 + i, wn_vector_data(w)[i] = 0.5 * i;
    sum += 0.25 * i * i * (1 + i) * (1 + i);
  }
  assert_close(N_VWrmsNorm(x, w), sqrt(sum / N), 1e-13);
  N_VConst(1, w);
  for (int at = 0; at < N; at++) {
    const double was = wn_vector_data(x)[at];
    for (size_t k = 0; k < sizeof values / sizeof *values; k++) {
      wn_vector_data(x)[at] = values[k];
      assert_true(N_VWrmsNorm(x, w) == WN_NORM_HUGE && N_VWrmsNorm(w, x) == WN_NORM_HUGE);
    }
    wn_vector_data(x)[at] = was;
  }
  N_VDestroy(x), N_VDestroy(w);
  SUNContext_Free(&context);
}

static void test_message(void **state) {
  (void)state;
  wn_message message = {{0}};
  char text[400];
  memset(text, 'a', sizeof text - 1);
  text[10] = '\n', text[sizeof text - 1] = 0;
  wn_message_keep(-1, "module", "function", text, &message);
  assert_int_equal(strlen(message.text), sizeof message.text - 1);
  assert_null(strchr(message.text, '\n'));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_clones),
      cmocka_unit_test(test_norm),
      cmocka_unit_test(test_message),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

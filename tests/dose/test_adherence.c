// test_adherence.c - habits: what is drawn for whom does not depend on order or company; distributions within five
// standard errors; chains, halves, weekdays by hand.

#include "dose/adherence.h"

#include "base/rng.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { N = 20000 };

static const wn_habit late = {.kind = WN_HABIT_LATE, .name = 11, .by = 0.25, .spread = 0.5};

static wn_dose nightly(const wn_habit *habit, int n_habit, int n) {
  return (wn_dose){.time = 22, .amount = 4.5, .ii = 24, .addl = n - 1, .habit = habit, .n_habit = n_habit, .number = 1};
}

static wn_taken_list live(const wn_dose *doses, int n, int subject) {
  wn_taken_list list = {0};
  wn_error err = {0};
  if (wn_adherence_live(doses, n, 5, subject, 0, 1e9, &list, &err)) fail_msg("%s", err.message);
  return list;
}

// mean and standard deviation of x[0..n) against those expected, within five standard errors
static void check_moments(const double *x, int n, double mean, double sd) {
  double sum = 0, square = 0;
  for (int i = 0; i < n; i++) sum += x[i];
  for (int i = 0; i < n; i++) square += (x[i] - sum / n) * (x[i] - sum / n);
  assert_true(fabs(sum / n - mean) < 5 * sd / sqrt(n));
  assert_true(fabs(sqrt(square / n) - sd) < 5 * sd / sqrt(2.0 * n));
}

static void test_late(void **state) {
  (void)state;
  wn_habit log_late = {.kind = WN_HABIT_LATE, .name = 12, .is_log = true, .by = 0.5, .spread = log(2)};
  double *x = wn_alloc_doubles(N), *y = wn_alloc_doubles(N);
  wn_dose doses[] = {nightly(&late, 1, N), nightly(&log_late, 1, N)};
  wn_taken_list list = live(doses, 2, 1);
  assert_int_equal(list.n, 2 * N);
  for (int i = 0; i < N; i++) {
    assert_true(list.data[i].of == 0 && list.data[N + i].of == 1);
    assert_true(list.data[i].planned == 22 + 24.0 * i);
    assert_true(list.data[i].dose.addl == 0 && !list.data[i].is_missed && list.data[i].dose.amount == 4.5);
    x[i] = list.data[i].dose.time - list.data[i].planned;
    assert_true(list.data[N + i].dose.time > list.data[N + i].planned);
    y[i] = log(list.data[N + i].dose.time - list.data[N + i].planned);
  }
  check_moments(x, N, 0.25, 0.5);
  check_moments(y, N, log(0.5), log(2));
  WN_ARRAY_FREE(&list);
  wn_free(x);
  wn_free(y);
}

// alone or among others, first or last, cut or whole, with other habits or without: the same dose is as late
static void test_keys(void **state) {
  (void)state;
  const wn_habit many[] = {{.kind = WN_HABIT_SPLIT, .name = 3, .spread = 0.1}, late};
  wn_dose alone = nightly(&late, 1, 30), among[] = {nightly(many, 2, 30), nightly(&late, 1, 30)};
  wn_dose tail = nightly(&late, 1, 20);
  tail.time += 240, tail.number = 11;
  wn_taken_list a = live(&alone, 1, 7), b = live(among, 2, 7), c = live(&tail, 1, 7), other = live(&alone, 1, 8);
  int same = 0;
  for (int i = 0; i < 30; i++) {
    assert_true(a.data[i].dose.time == b.data[i].dose.time);
    assert_true(a.data[i].dose.time == b.data[30 + i].dose.time);
    if (i >= 10) assert_true(a.data[i].dose.time == c.data[i - 10].dose.time);
    same += a.data[i].dose.time == other.data[i].dose.time;
  }
  assert_int_equal(same, 0);
  WN_ARRAY_FREE(&a);
  WN_ARRAY_FREE(&b);
  WN_ARRAY_FREE(&c);
  WN_ARRAY_FREE(&other);
}

static void test_miss(void **state) {
  (void)state;
  // 0.2 after a dose, 0.6 after a missed one: of all doses 0.2 / (1 - 0.6 + 0.2) = 1/3
  const wn_habit miss = {.kind = WN_HABIT_MISS, .name = 4, .p = 0.2, .again = 0.6, .doubled = 1};
  wn_dose dose = nightly(&miss, 1, N);
  wn_taken_list list = live(&dose, 1, 1);
  int n_missed = 0, n_again = 0, n_twice = 0;
  for (int i = 0; i < N; i++) {
    const wn_taken *t = &list.data[i];
    bool after = i > 0 && list.data[i - 1].is_missed;
    n_missed += t->is_missed;
    n_again += t->is_missed && after;
    if (t->is_missed) continue;
    // what was owed comes with the next one, and only one dose of it
    assert_true(t->dose.amount == (after ? 9 : 4.5));
    n_twice += after;
  }
  assert_true(fabs(n_missed / (double)N - 1.0 / 3) < 0.02);
  assert_true(fabs(n_again / (double)n_missed - 0.6) < 0.04);
  assert_true(n_twice > N / 10);
  WN_ARRAY_FREE(&list);
  // nobody makes up for anything, everybody forgets, nobody does
  wn_habit odd = miss;
  odd.doubled = 0;
  dose.habit = &odd;
  list = live(&dose, 1, 1);
  for (int i = 0; i < N; i++) assert_true(list.data[i].dose.amount == 4.5);
  WN_ARRAY_FREE(&list);
  odd.p = odd.again = 1;
  list = live(&dose, 1, 1);
  for (int i = 0; i < N; i++) assert_true(list.data[i].is_missed);
  WN_ARRAY_FREE(&list);
  wn_doses doses = {0};
  assert_int_equal(wn_adherence_doses(&dose, 1, 5, 1, 0, 1e9, &doses, NULL), WN_OK);
  assert_int_equal(doses.n, 0);
  odd.p = odd.again = 0;
  list = live(&dose, 1, 1);
  for (int i = 0; i < N; i++) assert_false(list.data[i].is_missed);
  WN_ARRAY_FREE(&list);
}

static void test_holiday(void **state) {
  (void)state;
  const wn_habit away[] = {{.kind = WN_HABIT_MISS, .name = 4, .doubled = 1},
                           {.kind = WN_HABIT_HOLIDAY, .name = 9, .p = 0.02, .days = 4}};
  wn_dose dose = nightly(away, 2, N);
  wn_taken_list list = live(&dose, 1, 1);
  int run = 0, n_run = 0;
  for (int i = 0; i < N; i++) {
    if (list.data[i].is_missed) {
      run++;
      continue;
    }
    // holidays are four days, or several of them in a row
    assert_int_equal(run % 4, 0);
    n_run += run / 4;
    run = 0;
    assert_true(list.data[i].dose.amount == 4.5);
  }
  // one begins every 50 doses that are none of a holiday
  double expected = N * 0.02 / (1 + 0.02 * 3);
  assert_true(fabs(n_run - expected) < 5 * sqrt(expected));
  WN_ARRAY_FREE(&list);
}

static void test_halves(void **state) {
  (void)state;
  const wn_habit halves = {.kind = WN_HABIT_SPLIT, .name = 6, .spread = 0.1};
  wn_dose dose = nightly(&halves, 1, N);
  wn_taken_list list = live(&dose, 1, 1);
  double *x = wn_alloc_doubles(N / 2);
  for (int i = 0; i < N; i += 2) {
    double sum = list.data[i].dose.amount + list.data[i + 1].dose.amount;
    assert_true(fabs(sum - 9) < 1e-12 && list.data[i].asked == 4.5);
    x[i / 2] = list.data[i].dose.amount / 4.5 - 1;
  }
  check_moments(x, N / 2, 0, 0.1);
  wn_free(x);
  WN_ARRAY_FREE(&list);
}

static void test_weekdays(void **state) {
  (void)state;
  const wn_habit weekend = {.kind = WN_HABIT_WEEKDAY, .name = 6, .week = 3u << 5, .by = 1.5};
  wn_dose dose = nightly(&weekend, 1, 21);
  wn_taken_list list = live(&dose, 1, 1);
  for (int i = 0; i < 21; i++)
    assert_true(list.data[i].dose.time == 22 + 24.0 * i + (i % 7 == 5 || i % 7 == 6 ? 1.5 : 0));
  WN_ARRAY_FREE(&list);
}

static void test_limits(void **state) {
  (void)state;
  // nothing before the start, nothing planned at the end; records without habits stay as they are
  const wn_habit early = {.kind = WN_HABIT_LATE, .name = 1, .by = -30};
  wn_dose doses[] = {nightly(&early, 1, 10), nightly(NULL, 0, 10)};
  wn_taken_list list = {0};
  assert_int_equal(wn_adherence_live(doses, 2, 1, 1, 0, 22 + 48, &list, NULL), WN_OK);
  assert_int_equal(list.n, 3);
  assert_true(list.data[0].dose.time == 0 && list.data[1].dose.time == 16);
  assert_true(list.data[2].dose.addl == 9 && list.data[2].dose.time == 22);
  assert_true(wn_doses_have_habits(doses, 2) && !wn_doses_have_habits(&doses[1], 1));
  char words[128];
  wn_taken_words(&list.data[1], "mg", words);
  assert_string_equal(words, "planned day 2, 22:00; 1800 min early");
  list.data[1].dose.time = 46, list.data[1].dose.amount = 9;
  wn_taken_words(&list.data[1], "mg", words);
  assert_string_equal(words, "9 mg in place of 4.5 mg");
  list.data[1].is_missed = true;
  wn_taken_words(&list.data[1], "mg", words);
  assert_string_equal(words, "planned day 2, 22:00; missed");
  WN_ARRAY_FREE(&list);
  for (long n = 0; n < 3; n++) {
    wn_alloc_fail_after(n);
    wn_doses out = {0};
    wn_status status = wn_adherence_doses(doses, 2, 1, 1, 0, 1000, &out, NULL);
    wn_alloc_fail_after(-1);
    assert_int_equal(status, WN_ERR_MEMORY);
    WN_ARRAY_FREE(&out);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_late),   cmocka_unit_test(test_keys),
                                     cmocka_unit_test(test_miss),   cmocka_unit_test(test_holiday),
                                     cmocka_unit_test(test_halves), cmocka_unit_test(test_weekdays),
                                     cmocka_unit_test(test_limits)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}

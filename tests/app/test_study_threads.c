// Studies on several threads at once, each thread its own: opened (units, Lua, tracing), planned with settings that
// have units, run. All at the same time in one process, the numbers are those of one thread alone.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka wants the four above first
#include <cmocka.h>

#include "base/pool.h"
#include "base/units.h"
#include "wane.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// what each task does, and a hash of all its numbers
static const struct {
  const char *file, *set[2], *dose;
} cases[] = {
    {"standard_vs_low", {"low_dose=3500ug", "at=21:30"}, NULL},
    {"pk1", {"CL=30mL/min", "V=2000cL"}, "20 mg into GUT at 08:00 every 12h for 1d"},
    {"split_dose", {"dose=3mg", "interval=480min"}, NULL},
    {"tmdd", {"KINT=0.0003 1/min", "KSYN=5 pM/h"}, "70 mg at 08:00"},
};
enum { N_CASE = sizeof cases / sizeof cases[0], N_TASK = 8 * N_CASE };

static uint64_t hash(uint64_t sum, const void *bytes, size_t n) {
  for (size_t i = 0; i < n; i++) sum = (sum ^ ((const unsigned char *)bytes)[i]) * 1099511628211u;
  return sum;
}

static uint64_t numbers_of(const wn_study *study) {
  uint64_t sum = 14695981039346656037u;
  for (int arm = 0; arm < wn_study_n_arm(study); arm++) {
    const char *label = wn_study_arm_label(study, arm);
    sum = hash(sum, label, strlen(label));
    for (int k = 0; k < wn_study_n_column(study); k++) {
      const double *column = wn_study_column(study, arm, wn_study_column_name(study, k));
      sum = hash(sum, column, (size_t)wn_study_n_time(study) * sizeof *column);
    }
  }
  return sum;
}

typedef struct job {
  uint64_t sum[N_TASK];
  wn_error err[N_TASK];
} job;

static void work_out(void *context, int worker, int index) {
  (void)worker;
  job *j = context;
  wn_error *err = &j->err[index];
  wn_study *study = NULL;
  wn_study_def def = wn_study_default();
  def.set = cases[index % N_CASE].set, def.n_set = 2;
  def.dose = &cases[index % N_CASE].dose, def.n_dose = def.dose[0] != NULL;
  def.until = 30, def.n_thread = 1;
  if (wn_study_open(NULL, cases[index % N_CASE].file, &study, err)) return;
  // planned again with the same settings, it is the same
  for (int i = 0; i < 3; i++)
    if (wn_study_plan(study, &def, err)) goto close;
  if (!wn_study_run(study, err)) j->sum[index] = numbers_of(study);
close:
  wn_study_close(study);
}

static void test_studies_side_by_side(void **state) {
  (void)state;
  job *alone = calloc(1, sizeof *alone), *together = calloc(1, sizeof *together);
  assert_true(alone && together);
  wn_pool_run(1, N_CASE, work_out, alone);
  wn_pool_run(8, N_TASK, work_out, together);
  for (int i = 0; i < N_TASK; i++) {
    if (together->err[i].status) fail_msg("%s: %s", cases[i % N_CASE].file, together->err[i].message);
    assert_true(together->sum[i] != 0);
    assert_true(together->sum[i] == alone->sum[i % N_CASE]);
  }
  free(alone);
  free(together);
}

// names that nobody has read before, on all threads, and words of mistakes
static void read_units(void *context, int worker, int index) {
  (void)worker, (void)index;
  static const char *const texts[] = {"ng/mL", "L/(h*kg)", "kcal/d", "mmHg*min", "mgg", "uM/wk", "\xC2\xB5g"};
  char *wrong = context;
  wn_error err = {0};
  wn_units *units = wn_units_create(&err);
  for (size_t i = 0; units && i < sizeof texts / sizeof texts[0]; i++) {
    const wn_unit *unit = wn_unit_parse(units, texts[i], &err);
    bool known = i != 4, right = known ? unit != NULL : strcmp(err.message, "unknown unit 'mgg'; try mg") == 0;
    if (!right) wrong[index] = 1;
  }
  if (!units) wrong[index] = 1;
  wn_units_destroy(units);
}

static void test_units_side_by_side(void **state) {
  (void)state;
  enum { N = 64 };
  char wrong[N] = {0}, none[N] = {0};
  wn_pool_run(8, N, read_units, wrong);
  assert_memory_equal(wrong, none, N);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_studies_side_by_side),
      cmocka_unit_test(test_units_side_by_side),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

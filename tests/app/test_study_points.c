// A point of a sweep is what planning it alone gives: every bundled scenario, every option at several values, some of
// which cannot be planned. Everything a plan holds is compared bit for bit, mistakes word for word.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka wants the four above first
#include <cmocka.h>

#include "dose/adherence.h"
#include "study.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *const files[] = {"adherence",   "bedtime_vs_morning",
                                    "depot",       "dose_ladder",
                                    "find_dose",   "hypotheses",
                                    "isomers",     "missed_dose",
                                    "split_dose",  "naloxone_vs_naltrexone",
                                    "titration",   "standard_vs_low",
                                    "with_opioid", "stop_standard"};
enum { N_FILE = sizeof files / sizeof files[0] };

static bool same_text(const char *a, const char *b) { return a == b || (a && b && strcmp(a, b) == 0); }
static bool same_bits(double a, double b) { return memcmp(&a, &b, sizeof a) == 0; }

static bool same_dose(const wn_dose *a, const wn_dose *b) {
  bool same = same_bits(a->time, b->time) && a->route == b->route && same_bits(a->amount, b->amount) &&
              same_bits(a->rate, b->rate) && same_bits(a->duration, b->duration) && same_bits(a->ii, b->ii) &&
              a->addl == b->addl && same_text(a->note, b->note) && a->n_habit == b->n_habit && a->number == b->number;
  for (int i = 0; same && i < a->n_habit; i++) {
    const wn_habit *u = &a->habit[i], *v = &b->habit[i];
    same = u->kind == v->kind && u->name == v->name && u->is_log == v->is_log && u->week == v->week &&
           same_bits(u->by, v->by) && same_bits(u->spread, v->spread) && same_bits(u->p, v->p) &&
           same_bits(u->again, v->again) && same_bits(u->doubled, v->doubled) && same_bits(u->days, v->days);
  }
  return same;
}

static bool same_arm(const wn_model *model, const wn_arm *a, const wn_arm *b) {
  bool same = same_text(a->name, b->name) && same_text(a->label, b->label) && a->doses.n == b->doses.n &&
              same_bits(a->day_start, b->day_start) && a->person == b->person && same_bits(a->t_end, b->t_end) &&
              memcmp(a->param, b->param, (size_t)model->n_param * sizeof *a->param) == 0;
  for (int i = 0; same && i < a->doses.n; i++) same = same_dose(&a->doses.data[i], &b->doses.data[i]);
  return same;
}

static bool same_window(const wn_window_def *a, const wn_window_def *b) {
  return same_text(a->name, b->name) && same_text(a->meaning, b->meaning) && a->output == b->output &&
         a->above == b->above && same_bits(a->threshold, b->threshold) && a->baseline == b->baseline;
}

static bool same_plan(const wn_scenario *a, const wn_scenario *b) {
  const double *times[] = {&a->t_start,   &b->t_start,    &a->t_end,      &b->t_end,    &a->every,
                           &b->every,     &a->night_from, &b->night_from, &a->night_to, &b->night_to,
                           &a->plot_from, &b->plot_from,  &a->plot_to,    &b->plot_to};
  bool same = same_text(a->name, b->name) && same_text(a->title, b->title) && same_text(a->caption, b->caption) &&
              same_text(a->path, b->path) && a->n_arm == b->n_arm && a->n_watch == b->n_watch &&
              a->n_window == b->n_window && a->n_subject == b->n_subject && a->seed == b->seed;
  for (int i = 0; i < 14; i += 2) same = same && same_bits(*times[i], *times[i + 1]);
  for (int i = 0; same && i < a->n_arm; i++) same = same_arm(a->model, &a->arm[i], &b->arm[i]);
  for (int i = 0; same && i < a->n_watch; i++) same = a->watch[i] == b->watch[i];
  for (int i = 0; same && i < a->n_window; i++) same = same_window(&a->window[i], &b->window[i]);
  return same;
}

// option `i` of two studies of one file at a value: the first was planned at other values before
static bool compare(wn_study *sweep, wn_study *alone, int i, double value, const char *file) {
  const wn_option *option;
  wn_script_options(alone->script, &option);
  wn_study_def def = wn_study_default();
  def.brief = 1, def.keep = WN_KEEP_NONE;
  char set[120];
  const char *sets[] = {set};
  snprintf(set, sizeof set, "%s=%.17g", option[i].name, value);
  wn_scenario *point = NULL;
  wn_error swept = {0}, planned = {0};
  wn_status status = wn_study_plan_at(sweep, &def, &i, &value, 1, &point, &swept);
  def.set = sets, def.n_set = 1;
  wn_status expected = wn_study_plan(alone, &def, &planned);
  if (status != expected || !same_text(swept.message, planned.message))
    fail_msg("%s: %s: expected \"%s\", got \"%s\"", file, set, planned.message, swept.message);
  if (!status && !same_plan(point, alone->scenario)) fail_msg("%s: %s: another plan", file, set);
  wn_scenario_destroy(point);
  return !status;
}

static void test_points_of_bundled_scenarios(void **state) {
  (void)state;
  int n_good = 0, n_bad = 0;
  for (int f = 0; f < N_FILE; f++) {
    wn_study *alone;
    assert_int_equal(wn_study_open(NULL, files[f], &alone, NULL), WN_OK);
    const wn_option *option;
    int n_option = wn_script_options(alone->script, &option);
    for (int i = 0; i < n_option; i++) {
      wn_study *sweep;
      wn_study_def def = wn_study_default();
      assert_int_equal(wn_study_open(NULL, files[f], &sweep, NULL), WN_OK);
      assert_int_equal(wn_study_prepare(sweep, &def, NULL), WN_OK);
      const double usual = option[i].value;
      const double values[] = {usual,         usual + 1,   2 * usual, 0.37 * usual, 1e-3 * usual, -usual, 0,    3,
                               usual + 0.125, usual / 3.0, 25.5,      1e9,          INFINITY,     NAN,    usual};
      for (size_t k = 0; k < sizeof values / sizeof values[0]; k++) {
        bool good = compare(sweep, alone, i, values[k], files[f]);
        n_good += good, n_bad += !good;
      }
      wn_study_close(sweep);
    }
    wn_study_close(alone);
  }
  // both kinds are there
  assert_true(n_good > 200 && n_bad > 100);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_points_of_bundled_scenarios)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}

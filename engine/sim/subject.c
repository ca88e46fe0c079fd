// subject.c - arms become subjects: individuals drawn, doses expanded into actions, dosing days counted. Invariant: a
// subject depends on its arm, its number and the seed only. It must not know of lanes, batches or threads.

#include "sim/subject.h"

#include "sim/population.h"
#include "sim/routes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK = 64 };  // subjects whose routes are evaluated at once

static void count_days(const wn_scenario *scenario, wn_subject *subject) {
  double start = subject->arm->day_start;
  if (isnan(start)) start = subject->schedule.first_dose;
  if (isnan(start)) start = 0;
  // a dosing day that began before the run is left out
  if (start < scenario->t_start) start += 24 * ceil((scenario->t_start - start) / 24 - WN_SAME_TIME);
  double days = floor((wn_scenario_end(scenario, subject->arm) - start + WN_SAME_TIME) / 24);
  subject->day_start = start;
  subject->n_day = days > 0 ? (int)days : 0;
}

void wn_subject_span(const wn_scenario *scenario, const wn_subject *subject, int day, double *from, double *to) {
  *from = scenario->t_start, *to = wn_scenario_end(scenario, subject->arm);
  if (day < 1) return;
  *from = fmax(scenario->t_start, subject->day_start + 24.0 * (day - 1));
  *to = fmin(*to, subject->day_start + 24.0 * day);
}

wn_status wn_subject_doses(const wn_scenario *scenario, const wn_subject *subject, wn_doses *doses, wn_error *err) {
  const wn_doses *planned = &subject->arm->doses;
  return wn_adherence_doses(planned->data, planned->n, scenario->seed, subject->number, scenario->t_start,
                            wn_scenario_end(scenario, subject->arm), doses, err);
}

double wn_subject_last_dose(const wn_subject *subject, double time) {
  double last = NAN;
  for (int i = 0; i < subject->n_taken && subject->taken[i] <= time + WN_SAME_TIME; i++) last = subject->taken[i];
  if (subject->taken) return last;
  for (int i = 0; i < subject->arm->doses.n; i++) {
    const wn_dose *dose = &subject->arm->doses.data[i];
    if (!(dose->time <= time + WN_SAME_TIME)) continue;
    double repeat = dose->addl > 0 ? fmin(dose->addl, floor((time - dose->time) / dose->ii + WN_SAME_TIME)) : 0;
    double at = dose->time + fmax(repeat, 0) * dose->ii;
    if (!(last >= at)) last = at;
  }
  return last;
}

// the same individuals for every arm, moved from this arm's typical values
static wn_status draw(const wn_scenario *scenario, wn_subject *subject, int n, wn_error *err) {
  const wn_model *model = scenario->model;
  const double *typical = subject->arm->param;
  size_t n_param = (size_t)model->n_param;
  for (int i = 0; i < n; i++) subject[i].param = typical;
  if (n == 1) return WN_OK;
  double *drawn = subject->drawn = wn_alloc_doubles((size_t)n * n_param);
  if (!drawn) return wn_fail_memory(err);
  for (int i = 0; i < n; i++) {
    subject[i].param = drawn + (size_t)i * n_param;
    WN_TRY(wn_population_draw(model, scenario->seed, i + 1, 1, typical, drawn + (size_t)i * n_param, err));
    WN_TRY(wn_population_refuse(model, typical, drawn + (size_t)i * n_param, &subject[i].refused, err));
  }
  return WN_OK;
}

static int compare_times(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

// when doses were taken, repetitions one by one
static wn_status keep_taken(const wn_doses *doses, double t_end, wn_subject *subject, wn_error *err) {
  int n = 0;
  for (int i = 0; i < doses->n; i++) n += doses->data[i].addl + 1;
  subject->taken = wn_alloc_doubles((size_t)n + 1);
  if (!subject->taken) return wn_fail_memory(err);
  for (int i = 0; i < doses->n; i++)
    for (int k = 0; k <= doses->data[i].addl; k++) {
      double time = doses->data[i].time + k * doses->data[i].ii;
      if (time < t_end) subject->taken[subject->n_taken++] = time;
    }
  qsort(subject->taken, (size_t)subject->n_taken, sizeof(double), compare_times);
  return WN_OK;
}

static double first_planned(const wn_doses *doses, double t_end) {
  double first = NAN;
  for (int i = 0; i < doses->n; i++)
    if (doses->data[i].time < t_end) first = fmin(isnan(first) ? doses->data[i].time : first, doses->data[i].time);
  return first;
}

// what one person makes of the arm's doses; its dosing days are the planned ones
static wn_status schedule_own(const wn_scenario *scenario, wn_subject *subject, const double *route, wn_error *err) {
  wn_doses own = {0};
  wn_status status = wn_subject_doses(scenario, subject, &own, err);
  if (!status) status = keep_taken(&own, wn_scenario_end(scenario, subject->arm), subject, err);
  if (!status)
    status = wn_schedule_expand(scenario->model, own.data, own.n, route, scenario->t_start,
                                wn_scenario_end(scenario, subject->arm), &subject->schedule, err);
  if (!status)
    subject->schedule.first_dose = first_planned(&subject->arm->doses, wn_scenario_end(scenario, subject->arm));
  WN_ARRAY_FREE(&own);
  return status;
}

// doses become actions; individuals for whom they become the same as for the first share its schedule
static wn_status schedule(const wn_scenario *scenario, wn_subject *subject, int n, double *value, wn_error *err) {
  const wn_model *model = scenario->model;
  const wn_doses *doses = &subject->arm->doses;
  size_t n_value = (size_t)wn_routes_n(model);
  double *first = value + CHUNK * n_value;
  bool has_habits = wn_doses_have_habits(doses->data, doses->n);
  for (int i = 0; i < n; i++) {
    const double *own = value + (size_t)(i % CHUNK) * n_value;
    if (i % CHUNK == 0)
      WN_TRY(wn_routes_eval(model, n - i < CHUNK ? n - i : CHUNK, subject[i].param, model->n_param, NULL, value, err));
    if (i == 0) memcpy(first, own, n_value * sizeof(double));
    if (has_habits) {
      WN_TRY(schedule_own(scenario, &subject[i], own, err));
    } else if (i > 0 && memcmp(first, own, n_value * sizeof(double)) == 0) {
      subject[i].schedule = subject->schedule;
      subject[i].borrows_schedule = true;
    } else {
      WN_TRY(wn_schedule_expand(model, doses->data, doses->n, own, scenario->t_start,
                                wn_scenario_end(scenario, subject->arm), &subject[i].schedule, err));
    }
    count_days(scenario, &subject[i]);
  }
  return WN_OK;
}

wn_status wn_subjects_create(const wn_scenario *scenario, wn_subject **subjects, wn_error *err) {
  *subjects = NULL;
  int n = wn_scenario_n_subject(scenario), n_series = wn_scenario_n_series(scenario);
  double *value = wn_alloc_doubles((CHUNK + 1) * (size_t)wn_routes_n(scenario->model));
  wn_subject *list = wn_alloc((size_t)n_series * sizeof *list);
  wn_status status = list && value ? WN_OK : wn_fail_memory(err);
  for (int a = 0; a < scenario->n_arm && !status; a++) {
    const wn_arm *arm = &scenario->arm[a];
    wn_subject *subject = list + a * n;
    for (int i = 0; i < n; i++) {
      subject[i].series = a * n + i;
      subject[i].number = arm->person > 0 ? arm->person + i : i + 1;
      subject[i].arm = arm;
    }
    status = draw(scenario, subject, n, err);
    if (!status) status = schedule(scenario, subject, n, value, err);
    if (status == WN_ERR_USER) wn_fail_prefix(err, "arm %s", arm->name ? arm->name : arm->label);
  }
  wn_free(value);
  if (status) {
    wn_subjects_destroy(list, n_series);
    return status;
  }
  *subjects = list;
  return WN_OK;
}

void wn_subjects_destroy(wn_subject *subjects, int n) {
  if (!subjects) return;
  for (int i = 0; i < n; i++) {
    wn_free(subjects[i].drawn);
    wn_free(subjects[i].taken);
    wn_free(subjects[i].refused);
    if (!subjects[i].borrows_schedule) wn_schedule_free(&subjects[i].schedule);
  }
  wn_free(subjects);
}

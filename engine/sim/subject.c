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

// doses become actions; individuals for whom they become the same as for the first of their arm share its schedule.
// own [n_value]: what the model makes of doses for this one; first: for the first
static wn_status schedule(const wn_scenario *scenario, wn_subject *subject, const double *own, const double *first,
                          size_t n_value, wn_error *err) {
  const wn_doses *doses = &subject->arm->doses;
  wn_subject *leader = subject - subject->series % wn_scenario_n_subject(scenario);
  if (wn_doses_have_habits(doses->data, doses->n)) {
    WN_TRY(schedule_own(scenario, subject, own, err));
  } else if (subject != leader && memcmp(first, own, n_value * sizeof(double)) == 0) {
    subject->schedule = leader->schedule;
    subject->borrows_schedule = true;
  } else {
    WN_TRY(wn_schedule_expand(scenario->model, doses->data, doses->n, own, scenario->t_start,
                              wn_scenario_end(scenario, subject->arm), &subject->schedule, err));
  }
  count_days(scenario, subject);
  return WN_OK;
}

// Room for what the model makes of the doses of a chunk of subjects, of whichever arms.
typedef struct routes {
  double *param;  // [CHUNK][n_param]
  double *value;  // [CHUNK][n_value]
  double *first;  // [n_value] of the first of the arm
  size_t n_value;
} routes;

static wn_status make_routes(const wn_model *model, routes *r, wn_error *err) {
  r->n_value = (size_t)wn_routes_n(model);
  r->param = wn_alloc_doubles(CHUNK * (size_t)model->n_param + (CHUNK + 1) * r->n_value);
  if (!r->param) return wn_fail_memory(err);
  r->value = r->param + CHUNK * (size_t)model->n_param;
  r->first = r->value + CHUNK * r->n_value;
  return WN_OK;
}

static wn_status fail_arm(const wn_arm *arm, wn_status status, wn_error *err) {
  return status == WN_ERR_USER ? wn_fail_prefix(err, "arm %s", arm->name ? arm->name : arm->label) : status;
}

// all subjects of a list; n are individuals of an arm
static wn_status schedule_all(const wn_scenario *scenario, wn_subject *list, int n_series, routes *r, wn_error *err) {
  const wn_model *model = scenario->model;
  const size_t n_param = (size_t)model->n_param;
  const int n = wn_scenario_n_subject(scenario);
  for (int at = 0; at < n_series; at += CHUNK) {
    const int n_here = n_series - at < CHUNK ? n_series - at : CHUNK;
    for (int i = 0; i < n_here; i++)
      memcpy(r->param + (size_t)i * n_param, list[at + i].param, n_param * sizeof(double));
    WN_TRY(wn_routes_eval(model, n_here, r->param, model->n_param, NULL, r->value, err));
    for (int i = 0; i < n_here; i++) {
      const double *own = r->value + (size_t)i * r->n_value;
      if ((at + i) % n == 0) memcpy(r->first, own, r->n_value * sizeof(double));
      wn_status status = schedule(scenario, &list[at + i], own, r->first, r->n_value, err);
      if (status) return fail_arm(list[at + i].arm, status, err);
    }
  }
  return WN_OK;
}

// the individuals of the first *n_drawn arms; where an arm cannot be drawn, of those before it
static wn_status draw_all(const wn_scenario *scenario, wn_subject *list, int *n_drawn, wn_error *err) {
  const int n = wn_scenario_n_subject(scenario);
  for (int a = 0; a < scenario->n_arm; a++) {
    const wn_arm *arm = &scenario->arm[a];
    wn_subject *subject = list + (size_t)a * (size_t)n;
    for (int i = 0; i < n; i++) {
      subject[i].series = a * n + i;
      subject[i].number = arm->person > 0 ? arm->person + i : i + 1;
      subject[i].arm = arm;
    }
    wn_status status = draw(scenario, subject, n, err);
    if (status) return fail_arm(arm, status, err);
    ++*n_drawn;
  }
  return WN_OK;
}

wn_status wn_subjects_create(const wn_scenario *scenario, wn_subject **subjects, wn_error *err) {
  *subjects = NULL;
  int n = wn_scenario_n_subject(scenario), n_series = wn_scenario_n_series(scenario), n_drawn = 0;
  routes r = {0};
  wn_error drawn, scheduled;
  wn_status status = make_routes(scenario->model, &r, err);
  wn_subject *list = wn_alloc((size_t)n_series * sizeof *list);
  if (!status && !list) status = wn_fail_memory(err);
  if (!status) {
    // the mistake of an earlier arm is the one that is told
    wn_status first = draw_all(scenario, list, &n_drawn, &drawn);
    status = schedule_all(scenario, list, n_drawn * n, &r, &scheduled);
    if (err && (status || first)) *err = status ? scheduled : drawn;
    if (!status) status = first;
  }
  wn_free(r.param);
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

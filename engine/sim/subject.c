// subject.c - arms become subjects: route values of their parameters, doses expanded into actions, dosing days counted.
// Invariant: a subject depends on its arm only. It must not know of lanes, batches or threads.

#include "sim/subject.h"

#include "sim/routes.h"

#include <math.h>

// a time this near to another (h) is the same time: sums like 22 + 24 k are not exact
static const double SAME_TIME = 1e-9;

static void count_days(const wn_scenario *scenario, wn_subject *subject) {
  double start = subject->arm->day_start;
  if (isnan(start)) start = subject->schedule.first_dose;
  if (isnan(start)) start = 0;
  // a dosing day that began before the run is left out
  if (start < scenario->t_start) start += 24 * ceil((scenario->t_start - start) / 24 - SAME_TIME);
  double days = floor((scenario->t_end - start + SAME_TIME) / 24);
  subject->day_start = start;
  subject->n_day = days > 0 ? (int)days : 0;
}

void wn_subject_span(const wn_scenario *scenario, const wn_subject *subject, int day, double *from, double *to) {
  *from = scenario->t_start, *to = scenario->t_end;
  if (day < 1) return;
  *from = fmax(scenario->t_start, subject->day_start + 24.0 * (day - 1));
  *to = fmin(scenario->t_end, subject->day_start + 24.0 * day);
}

double wn_subject_last_dose(const wn_subject *subject, double time) {
  double last = NAN;
  for (int i = 0; i < subject->arm->doses.n; i++) {
    const wn_dose *dose = &subject->arm->doses.data[i];
    if (!(dose->time <= time + SAME_TIME)) continue;
    double repeat = dose->addl > 0 ? fmin(dose->addl, floor((time - dose->time) / dose->ii + SAME_TIME)) : 0;
    double at = dose->time + fmax(repeat, 0) * dose->ii;
    if (!(last >= at)) last = at;
  }
  return last;
}

wn_status wn_subjects_create(const wn_scenario *scenario, wn_subject **subjects, wn_error *err) {
  *subjects = NULL;
  double *route_value = wn_alloc_doubles((size_t)wn_routes_n(scenario->model));
  wn_subject *list = wn_alloc((size_t)scenario->n_arm * sizeof *list);
  wn_status status = list && route_value ? WN_OK : wn_fail_memory(err);
  for (int i = 0; i < scenario->n_arm && !status; i++) {
    const wn_arm *arm = &scenario->arm[i];
    list[i].series = i;
    list[i].arm = arm;
    status = wn_routes_eval(scenario->model, 1, arm->param, 0, NULL, route_value, err);
    if (status) break;
    status = wn_schedule_expand(scenario->model, arm->doses.data, arm->doses.n, route_value, scenario->t_start,
                                scenario->t_end, &list[i].schedule, err);
    if (status == WN_ERR_USER) wn_fail_prefix(err, "arm %s", arm->name ? arm->name : arm->label);
    if (!status) count_days(scenario, &list[i]);
  }
  wn_free(route_value);
  if (status) {
    wn_subjects_destroy(list, scenario->n_arm);
    return status;
  }
  *subjects = list;
  return WN_OK;
}

void wn_subjects_destroy(wn_subject *subjects, int n) {
  if (!subjects) return;
  for (int i = 0; i < n; i++) wn_schedule_free(&subjects[i].schedule);
  wn_free(subjects);
}

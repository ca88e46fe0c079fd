// subject.h - what one simulation needs: a parameter vector and a schedule of actions. One subject per arm and
// individual.
#ifndef WN_SIM_SUBJECT_H
#define WN_SIM_SUBJECT_H

#include "dose/adherence.h"
#include "sim/scenario.h"

typedef struct wn_subject {
  int series;  // index of its series in the result: arm by arm
  int number;  // within its arm, from 1; the same person in every arm
  const wn_arm *arm;
  const double *param;   // [n_param] the arm's own, or drawn
  wn_schedule schedule;  // shared by individuals whose doses become the same
  bool borrows_schedule;
  double *drawn;  // [n_subject][n_param] of the whole arm, owned by its first subject; NULL: not drawn
  char *refused;  // drawn outside a parameter's limits, then params are typical: why it fails; else NULL
  double *taken;  // [n_taken] times at which doses of records with habits are really taken, ascending; else NULL
  int n_taken;
  double day_start;  // start of dosing day 1, h; never before t_start
  int n_day;         // whole dosing days until t_end
} wn_subject;

// wn_scenario_n_series subjects, arm by arm; individuals are drawn when there are several. WN_ERR_USER names the arm
// when its doses are not valid or a logit parameter is not between 0 and 1.
wn_status wn_subjects_create(const wn_scenario *scenario, wn_subject **subjects, wn_error *err);
void wn_subjects_destroy(wn_subject *subjects, int n);

// Start of a subject's span of metrics, 0: the whole run, n >= 1: dosing day n; and its end.
void wn_subject_span(const wn_scenario *scenario, const wn_subject *subject, int day, double *from, double *to);

// The doses of a subject: its arm's, or, where people have habits, what it makes of them. The list is the caller's to
// free; actions of the schedule name their record by its index there. Errors: WN_ERR_MEMORY.
wn_status wn_subject_doses(const wn_scenario *scenario, const wn_subject *subject, wn_doses *doses, wn_error *err);

// Time of the last dose record (before lag) at or before `time`, or NaN when there is none.
double wn_subject_last_dose(const wn_subject *subject, double time);

#endif

// schedule.h - when things happen to one subject: dose records as people write them, expanded into effective actions
// in time order. Knows nothing of lanes or solvers.
#ifndef WN_DOSE_SCHEDULE_H
#define WN_DOSE_SCHEDULE_H

#include "base/error.h"
#include "base/memory.h"
#include "dose/records.h"
#include "model/model.h"

// A dose record: `amount` (unit of the route) into `route` at `time`, repeated `addl` more times every `ii` hours.
// duration 0 is a bolus; otherwise an infusion over `duration` hours (F scales its rate: the RATE = -2 meaning of
// DOSE RECORDS); rate > 0 gives an infusion at `rate` (unit/h) for F*amount/rate.
typedef struct wn_dose {
  double time;  // h since midnight of the first day
  int route;
  double amount;
  double rate, duration;
  double ii;
  int addl;
  const char *note;  // where it comes from, for explain ("daily{} at standard_vs_low.lua:21"); borrowed, may be NULL
  const struct wn_habit *habit;  // [n_habit] how people take it (dose/adherence.h), in this order; borrowed
  int n_habit, number;           // number of its first repetition within its regimen, from 1: what draws are keyed by
} wn_dose;
typedef WN_ARRAY(wn_dose) wn_doses;

// One subject's effective actions, sorted by time; ties keep the order of the doses, ends of infusions first. Only
// BOLUS and RATE occur; `record` is the index of the dose.
typedef struct wn_schedule {
  int n_action;
  wn_action *action;
  double first_dose;  // time of the earliest dose (before lag); NaN when there is none
  double last_dose;   // time of the last repetition of any dose
} wn_schedule;

// route_value: outputs of model->routes for this subject. Doses are taken as they stand: habits are not read. Doses
// that enter at t_end or later are left out; a running infusion is simply not ended. Errors (WN_ERR_USER): amount
// negative or not finite, a dose before t_start, F or lag negative or not finite, ii <= 0 with addl > 0, more than 10^6
// actions.
wn_status wn_schedule_expand(const wn_model *model, const wn_dose *doses, int n_dose, const double *route_value,
                             double t_start, double t_end, wn_schedule *schedule, wn_error *err);
void wn_schedule_free(wn_schedule *schedule);

// What an action does and why, in words: what = "4.5 mg into GUT: 10752 nmol into GUT", why = "dose 1, repeat 3 of
// every 24 h, lag 0.15 h, F 0.085; daily at two_doses.lua:14".
void wn_action_explain(const wn_model *model, const wn_dose *doses, const double *route_value, const wn_action *action,
                       char what[160], char why[256]);

// "4.5 mg into GUT at 22:00 every 24h for 28d over 2h" -> one record appended to doses. Only the amount is needed: the
// unit defaults to the route's, the route to the model's first, `at` (a clock time, or hours since midnight of the
// first day) to 00:00. Other words are errors that say what was expected. note is the text; the caller keeps it.
wn_status wn_dose_parse(const wn_model *model, const char *text, wn_doses *doses, wn_error *err);

#endif

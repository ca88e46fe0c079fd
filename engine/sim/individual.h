// individual.h - one individual of a data set before it runs: parameters, what its doses become, its timeline.
// Private to sim/.
#ifndef WN_SIM_INDIVIDUAL_H
#define WN_SIM_INDIVIDUAL_H

#include "expr/bounds.h"
#include "sim/records.h"

typedef struct wn_person {
  int index;       // of the individual in the data set, from 0
  int first, n;    // its rows
  int n_occasion;  // parameter vectors
  double *param;   // [n][n_param], or [1][n_param] when the parameters do not change from record to record
  bool param_varies;
  char *refused;      // drawn outside a parameter's limits: why it fails; else NULL
  bool both_rows;     // covariates differ on the way to a record and at it
  double *covariate;  // [n or 2 n][n_covariate_all], by row (WN_ROW_...); half the rows without both_rows
  double *route;      // [as many][n_route_value], or one row
  bool route_varies;
  int n_route_value;
  const wn_model *model;
  wn_timeline timeline;

  // of its run
  int n_reached;                    // records, up to the last one that was predicted
  WN_ARRAY(wn_steady_note) steady;  // in the order in which they were met
} wn_person;

wn_status wn_person_init(wn_person *person, const wn_records_def *def, int index, wn_error *err);
void wn_person_free(wn_person *person);

// Which individual of the file it is, from 1: what its draws are keyed by.
int wn_person_number(const wn_person *person, const wn_records_def *def);

// Parameters in force with a record (from 0 within the individual).
const double *wn_person_param(const wn_person *person, int record);

// Covariates of a row (WN_ROW_TO or WN_ROW_AT of a record) [n_covariate_all].
const double *wn_person_covariate(const wn_person *person, int row);

// What the routes make of a row (WN_ROW_TO or WN_ROW_AT of a record): see model->route_at.
const double *wn_person_route(const wn_person *person, int row);

// Widen the bounds of parameters [n_param] and covariates [n_covariate_all], and of the times from *start to *end, by
// what the individual has on its way; the solved steady states reach back before it.
void wn_person_bound(const wn_person *person, wn_bounds *param, wn_bounds *covariate, double *start, double *end);

#endif

// records.h - a data set simulated: every individual's timeline is run and every record predicted, in data order.
// Individuals run side by side as lanes, whatever their times and shapes; the answer does not depend on how many
// threads there are.
#ifndef WN_SIM_RECORDS_H
#define WN_SIM_RECORDS_H

#include "dose/dataset.h"
#include "sim/steady.h"
#include "solve/solver.h"
#include <stdint.h>

typedef struct wn_records_def {
  const wn_dataset *data;
  const double *param;  // [n_param] typical values
  wn_dialect dialect;
  int callfl;            // see dose/records.h; default 0
  wn_solver_def solver;  // auto: exact for linear models
  int n_thread;          // 0: all cores
  bool draw;             // individuals by the model's random effects, else typical ones
  bool whole;            // false; true: states that stay 0 are simulated all the same
  bool residual;         // outputs of observations carry residual error
  uint64_t seed;
} wn_records_def;

// What became of one individual.
typedef struct wn_individual {
  wn_status status;    // WN_OK, or WN_ERR_RUN: its values from the failure on are NaN
  int row;             // of the data set, where it failed
  const char *second;  // the solver that was asked when the run's gave up, and did it; NULL: none had to be
  char message[256];
} wn_individual;

// A steady state that was solved, for reports.
typedef struct wn_steady_note {
  int row;
  bool adds;  // SS = 2 on a model that is not linear: superposition does not hold
  wn_steady_report report;
} wn_steady_note;

typedef struct wn_records_result {
  int n_row, n_column;  // columns: states, then outputs
  double *value;        // [n_row][n_column]
  int n_individual;
  wn_individual *individual;
  WN_ARRAY(wn_steady_note) steady;  // by row
  char solver[16], reason[160];
} wn_records_result;

// WN_OK even if an individual failed. Errors: WN_ERR_USER for values a model gives that cannot be (F below 0), out of
// memory, interrupt.
wn_status wn_records_run(const wn_records_def *def, wn_records_result *result, wn_error *err);
void wn_records_result_free(wn_records_result *result);

// The timeline of one individual (index from 0), for explain.
wn_status wn_records_timeline(const wn_records_def *def, int individual, wn_timeline *timeline, wn_error *err);

// F that each action of that timeline was given with -> F[timeline->action.n]; 1 for those that give nothing.
wn_status wn_records_given(const wn_records_def *def, int individual, const wn_timeline *timeline, double *F,
                           wn_error *err);

#endif

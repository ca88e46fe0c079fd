// timeline_run.h - individuals of a data set in the lanes of one batch, each along its own timeline: what happens to it
// is applied, and its records are predicted. A client of the loop (loop.h). Private to sim/.
#ifndef WN_SIM_TIMELINE_RUN_H
#define WN_SIM_TIMELINE_RUN_H

#include "sim/individual.h"
#include "sim/queue.h"

// What the individuals of a run share.
typedef struct wn_cohort {
  const wn_records_def *def;
  const wn_model *model;  // that is simulated: the data set's, or that without what cannot matter
  wn_solver_def solver;   // its name is not auto
  wn_person *person;      // [n_individual], the states of their timelines are the simulated model's
  double *value;          // [n_row][n_column] of the result
  int n_column;
} wn_cohort;

// Lanes of n individuals side by side.
int wn_timeline_width(int n);

// Run the individuals that wait in the queue, n_place of them at a time, and predict their records. WN_ERR_RUN when one
// failed: those that had a place and are not done -> left [n_place], -1 where there is none.
wn_status wn_timeline_run(const wn_cohort *cohort, wn_queue *queue, int n_place, int *left, wn_error *err);

#endif

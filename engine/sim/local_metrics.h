// local_metrics.h - which metrics of an arm are derived, what has to be looked at for each, and the chain rule. Private
// to sim/.
#ifndef WN_SIM_LOCAL_METRICS_H
#define WN_SIM_LOCAL_METRICS_H

#include "sim/local.h"
#include "sim/local_run.h"

// One row to come, and where its numbers are found.
typedef struct wn_local_entry {
  wn_metric metric;
  int window;       // of the scenario, or -1
  int output;       // position in motion->output
  int first, n;     // probes at the candidates for the time of an extreme
  int occurrence;   // of a window's edges and hours, else -1
  int integral;     // of auc and mean, else -1
  int extreme;      // of tmax: the entry of its cmax, else -1
  double from, to;  // the span
} wn_local_entry;

typedef struct wn_local_plan {
  const wn_local *local;
  const wn_subject *subject;
  wn_local_task task;
  WN_ARRAY(wn_local_entry) entries;
  WN_ARRAY(wn_local_probe) probes;  // in the order they were asked for; task.probe has them by time
  WN_ARRAY(wn_local_integral) integrals;
  int *place;                // [n probes] where each stands in task.probe
  const wn_window **window;  // [n_window] the first occurrence of each window in the arm's series
  int *n_occurrence;         // [n_window]
  int *edge;                 // [n_window] probe at the first edge; two for each occurrence
} wn_local_plan;

// Read the metrics of the subject's series. WN_ERR_MEMORY. Free it also after a failure.
wn_status wn_local_plan_make(wn_local_plan *plan, const wn_local *local, const wn_subject *subject, wn_error *err);
void wn_local_plan_free(wn_local_plan *plan);

// After the run: derivatives of entry `index` -> by [n_sens].
void wn_local_derive(const wn_local_plan *plan, int index, double *by);

#endif

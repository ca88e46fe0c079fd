// view.h - a scenario as the lanes see it: over the model without what cannot matter in this run (model/reduce.h), its
// watched outputs, windows and doses numbered anew. What is written still has the full model's columns.
#ifndef WN_SIM_VIEW_H
#define WN_SIM_VIEW_H

#include "model/reduce.h"
#include "sim/result.h"
#include "sim/subject.h"

typedef struct wn_view {
  wn_reduced *reduced;   // NULL: nothing is left out
  wn_scenario scenario;  // as asked for, or over the reduced model; owns nothing but `watch` and `window`
  wn_result result;      // shares the real result's series and columns, and has the scenario above
  const char **auc_unit;
} wn_view;

// Look at a scenario for the subjects and the (empty) result of a run; their actions are renumbered in place, once.
// `whole`: leave nothing out. Errors: WN_ERR_MEMORY.
wn_status wn_view_init(wn_view *view, const wn_result *result, wn_subject *subjects, bool whole, wn_error *err);
void wn_view_free(wn_view *view);

#endif

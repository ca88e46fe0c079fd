// metrics.h - from what an observer collected to rows of numbers. The definitions are in result.h.
#ifndef WN_SIM_METRICS_H
#define WN_SIM_METRICS_H

#include "sim/observe.h"

// Append the metrics of the subject that has a place of the batch to its tally. `failed`: the run ended early at
// observer->reached; what needs more than that is NaN. Errors: WN_ERR_MEMORY.
wn_status wn_metrics_make(wn_observer *observer, int place, bool failed, wn_error *err);

#endif

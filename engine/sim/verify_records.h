// verify_records.h - the second opinion (verify.h) on a data set: a sample of its individuals predicted again by CVODE.
#ifndef WN_SIM_VERIFY_RECORDS_H
#define WN_SIM_VERIFY_RECORDS_H

#include "sim/records.h"
#include "sim/verify.h"

// Check individuals of a data set, or of a part of it, drawn by the seed and their number in the file: outputs of their
// records are compared. Of `def` only the share and the threads are asked. The verdict is added to *all.
wn_status wn_verify_records(const wn_records_def *run, const wn_records_result *result, const wn_verify_def *def,
                            wn_verification *all, wn_error *err);

#endif

// data.h - what run and explain share with --data: the data set read, and how it is to be simulated.
#ifndef WN_APP_DATA_H
#define WN_APP_DATA_H

#include "app.h"
#include "sim/records.h"

typedef struct wn_job {
  wn_request request;
  wn_study *study;
  wn_dataset *data;
  wn_records_def def;
} wn_job;

// Read options and data set. Close it in any case; it is large, so it goes to the heap.
wn_status wn_job_open(const wn_args *args, wn_job *job, wn_error *err);
void wn_job_close(wn_job *job);

// What a researcher must know before using the numbers, to standard error. Returns an exit status.
int wn_job_say(const wn_job *job, const wn_records_result *result);

#endif

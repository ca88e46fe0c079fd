// data.h - what run and explain share with --data: the data set read, and how it is to be simulated.
#ifndef WN_APP_DATA_H
#define WN_APP_DATA_H

#include "app.h"
#include "sim/records.h"

// What a researcher must know before using the numbers, of all parts so far.
typedef struct wn_job_notes {
  int n_reset, reset_line, reset_state;  // resets that name a compartment, and the first of them
  int n_failed;                          // individuals
  int n_second;                          // individuals that another solver did, where the run's gave up
  int n_sum, sum_line;                   // sums of steady states that are none
  WN_ARRAY(char *) failures;             // a line for each of the first, allocated
} wn_job_notes;

typedef struct wn_job {
  wn_request request;
  wn_study *study;
  wn_dataset_reader *reader;
  wn_dataset *data;  // the part that was read last; NULL when there is no more
  wn_records_def def;
  wn_job_notes notes;
  wn_verify_def verify;
  wn_verification verdict;  // of all parts so far
} wn_job;

// Read options, and the head of the data set. Close it in any case; it is large, so it goes to the heap.
wn_status wn_job_open(const wn_args *args, wn_job *job, wn_error *err);
void wn_job_close(wn_job *job);

// The next individuals, of about `size` characters (SIZE_MAX: all), in place of those before: job->data, job->def.data.
wn_status wn_job_next(wn_job *job, size_t size, wn_error *err);

// Take down what is to be said of a part that was run; and say it, to standard error. Returns an exit status.
wn_status wn_job_note(wn_job *job, const wn_records_result *result, wn_error *err);
int wn_job_say(const wn_job *job);

#endif

// dataset.h - a data set: the records of many individuals in data order, with their covariates and with the file's own
// fields, which are echoed in the output. Filled by io/, whole or a part at a time, read by sim/. Plain data; nothing
// is interpreted here.
#ifndef WN_DOSE_DATASET_H
#define WN_DOSE_DATASET_H

#include "dose/records.h"

// Everything but the model is owned and freed by wn_dataset_destroy.
typedef struct wn_dataset {
  wn_arena *arena;
  const wn_model *model;  // borrowed
  const char *path;
  int n_row, n_subject, n_column;
  int first_subject;  // individuals of the file before these, 0 where it is whole: what draws are keyed by
  wn_record *record;  // [n_row], in data order; `row` counts from 0
  int *line;          // [n_row], of the file, from 1
  int *first;         // [n_subject + 1], rows of individual s: first[s] <= row < first[s + 1]
  const char **id;    // [n_subject], as written; "1" where the file has no ID column
  double *covariate;  // [n_row][model->n_covariate], missing ones filled in, all finite
  int *occasion;      // [n_row], from 1; NULL where the file has no OCC column
  const char **name;  // [n_column], the file's columns
  char **field;       // [n_row], each the n_column fields of a row one after another, every one ended with '\0'
  int *length;        // [n_row], characters of a row that may be echoed with commas for its '\0', else 0
  char *text;         // what field points into
} wn_dataset;

// An empty data set; NULL out of memory.
wn_dataset *wn_dataset_create(const wn_model *model);
void wn_dataset_destroy(wn_dataset *data);  // NULL is allowed

#endif

// io.h - results to files and terminals. Files are written to a temporary name beside the target and renamed, so that
// nothing half-written is ever seen; a full disk or an unwritable place is WN_ERR_IO with file and reason, checked
// through fclose.
#ifndef WN_IO_IO_H
#define WN_IO_IO_H

#include "dose/dataset.h"
#include "io/outfile.h"
#include "sim/result.h"
#include <stdio.h>

#define WN_NOT_MEDICAL_ADVICE "For teaching and research. Not medical advice."

// A NONMEM-style data set from a CSV file (commas, UTF-8, lines beginning with # skipped), checked completely.
//
// Columns are found by name in any letter case and order: ID, TIME, DATE or DAT1 or DAT2 or DAT3, EVID, AMT, CMT, RATE,
// II, ADDL, SS, MDV, OCC, and the model's covariates. All others, DV and PCMT, CALL, L2, XVID1... among them, have no
// effect, may hold text, and are kept for the output; only CONT, and DUR or TINF beside a dose without RATE, are
// refused because they would change its meaning. `.`, blank and NA are missing; a missing number is 0.
// - ID: rows of one ID that stand together are one individual; an ID that comes again after another one is a new
//   individual, as in NONMEM. Text is allowed. Without the column all rows are one individual.
// - TIME: hours, or a time of day ("8:30"). With dates, hours count from midnight of the individual's first day, so
//   that a model that follows the clock is right; NONMEM counts from the individual's first record.
// - DATE is month/day/year (or year-month-day with four digits), DAT1 day/month/year, DAT2 year/month/day, DAT3
//   year/day/month; or all of them a bare day number.
// - EVID: where the column is missing, a dose if AMT, RATE or SS is not 0, else an observation, or EVID 2 if MDV is not
//   0. MDV has no other effect.
// - CMT: the number of a state, from 1, or its name, or that of a dose compartment, in any letter case; an observation
//   may name an output. 0 or missing: the model's default.
// - OCC: the occasion, from 1, where the model has random effects by occasion; missing: as in the row before.
// - a missing covariate is the individual's last value before, else its next one, else the model's default.
// The file may be compressed by gzip.
// Errors: WN_ERR_USER in one line "records.csv:12: AMT: expected a number or ., got "abc"", also for records that
// wn_records_check refuses; WN_ERR_IO when reading fails. *data is NULL then.
wn_status wn_dataset_read(const char *path, const wn_model *model, wn_dataset **data, wn_error *err);

// The same in parts: the next whole individuals, of at least `size` characters together (SIZE_MAX: all that are left);
// *data is NULL at the end. Every part counts its rows and individuals from 0; errors of a part come with it.
typedef struct wn_dataset_reader wn_dataset_reader;
wn_status wn_dataset_open(const char *path, const wn_model *model, wn_dataset_reader **reader, wn_error *err);
wn_status wn_dataset_next(wn_dataset_reader *reader, size_t size, wn_dataset **data, wn_error *err);
const char *wn_dataset_path(const wn_dataset_reader *reader);
bool wn_dataset_at_end(const wn_dataset_reader *reader);  // there are no more parts
void wn_dataset_close(wn_dataset_reader *reader);         // NULL is allowed

// A data set with what was predicted, as CSV. The head: comment lines, the file's own columns, states and outputs; one
// with the name (in any letter case) of a column of the file becomes wane_<name>. Then the rows of one part after
// another: the file's own fields as they were, then value [n_row][n_state + n_output] as numbers that read back as the
// same bits, empty where not finite. Errors: as wn_outfile_put and wn_outfile_rows.
wn_status wn_put_records_head(wn_outfile *file, const wn_dataset *data, const char *command, wn_error *err);
wn_status wn_put_records(wn_outfile *file, const wn_dataset *data, const double *value, int n_thread, wn_error *err);

// Trajectories: `# wane ...` header comments with units, then arm,subject,time,clock, states and outputs; formatted by
// n_thread threads (0: all cores), compressed where the path ends in .gz.
wn_status wn_write_trajectories_csv(const wn_result *result, const char *path, const char *command, int n_thread,
                                    wn_error *err);

// How a result came to be, for files that carry it. All borrowed.
typedef struct wn_origin {
  const char *command;  // "wane run ..."
  double rtol, atol;
  int n_file;  // the Lua files that were read: their names and texts
  const char *const *file, *const *text;
} wn_origin;

// Trajectories as NetCDF-4: dimensions arm, subject, time; a variable for every state and output with units, long_name
// and how well it is known; status and words of failed simulations; command, Lua texts, seed, solver, tolerances and
// version inside. A failed simulation is missing (NaN) from its failure on. A state or output called like a dimension
// or coordinate becomes wane_<name>. Errors: as wn_netcdf_create and wn_netcdf_put.
wn_status wn_write_trajectories_netcdf(const wn_result *result, const char *path, const wn_origin *origin,
                                       wn_error *err);

// A data set with what was predicted, as NetCDF-4: one dimension, row; the file's own columns as numbers, or as text
// where one of their fields is not a number; then states and outputs with their units. value as in
// wn_put_records.
wn_status wn_write_records_netcdf(const wn_dataset *data, const double *value, const char *path,
                                  const wn_origin *origin, wn_error *err);

// Metrics and windows: arm,subject,quantity,of,value,unit,clock,day; .csv, .csv.gz or .json by the ending.
wn_status wn_write_summary(const wn_result *result, const char *path, int n_thread, wn_error *err);

// The table of arms side by side (UTF-8 text, at most `columns` wide) and the JSON summary, to a stream.
wn_status wn_write_table(const wn_result *result, FILE *stream, int columns, wn_error *err);
wn_status wn_write_json(const wn_result *result, FILE *stream, wn_error *err);

// The picture: .svg, .png or .pdf by the ending. Strips per watched output over a clock axis.
wn_status wn_plot(const wn_result *result, const char *path, wn_error *err);

#endif

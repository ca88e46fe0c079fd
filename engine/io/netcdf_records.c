// netcdf_records.c - a data set with what was predicted as a NetCDF-4 file: what came in goes out again, column by
// column, then states and outputs. Invariant: one row per record, in data order. Simulates nothing.

#include "io/csv.h"
#include "io/netcdf_build.h"

#include "base/text.h"

#include <math.h>
#include <string.h>

enum { ROWS = 1024 };  // put at a time

static bool is_missing(const char *field) { return !*field || strcmp(field, ".") == 0 || strcmp(field, "NA") == 0; }

static const char *next_field(const char *field) { return field + strlen(field) + 1; }

// width[c]: 0 where all fields of a column are numbers or missing, else the longest's length
static void look(const wn_dataset *data, int *width) {
  for (int row = 0; row < data->n_row; row++) {
    const char *field = data->field[row];
    double number;
    for (int c = 0; c < data->n_column; c++, field = next_field(field))
      if (!is_missing(field) && !wn_parse_number(field, &number)) width[c] = 1;
  }
  for (int row = 0; row < data->n_row; row++) {
    const char *field = data->field[row];
    for (int c = 0; c < data->n_column; c++, field = next_field(field)) {
      int length = (int)strlen(field);
      if (width[c] && length > width[c]) width[c] = length;
    }
  }
}

static void add_predicted(wn_netcdf_build *b, const wn_dataset *data, const char *name, const char *unit,
                          const char *meaning, int row) {
  const char *own = b->failed ? NULL : wn_records_column_name(data, b->arena, name);
  b->failed |= !own;
  if (own) wn_netcdf_build_variable(b, own, WN_NETCDF_DOUBLE, unit, meaning ? meaning : name, 1, row);
}

static int lay_out(wn_netcdf_build *b, const wn_dataset *data, const int *width) {
  const wn_model *m = data->model;
  int row = wn_netcdf_build_dimension(b, "row", data->n_row);
  for (int c = 0; c < data->n_column; c++)
    if (width[c])
      wn_netcdf_build_text(b, data->name[c], width[c], data->name[c], 1, row);
    else
      wn_netcdf_build_variable(b, data->name[c], WN_NETCDF_DOUBLE, NULL, data->name[c], 1, row);
  int first = b->variables.n;
  for (int i = 0; i < m->n_state; i++)
    add_predicted(b, data, m->state[i].name, m->state[i].unit, m->state[i].meaning, row);
  for (int i = 0; i < m->n_output; i++)
    add_predicted(b, data, m->output[i].name, m->output[i].unit, m->output[i].meaning, row);
  return first;
}

// rows from..from+n of the file's own column c; `at` holds every row's next field and moves on
static wn_status put_fields(wn_netcdf *file, int c, int width, int64_t from, int64_t n, const char **at,
                            wn_error *err) {
  const char *text[ROWS];
  double value[ROWS];
  for (int64_t i = 0; i < n; i++) {
    text[i] = at[i];
    if (is_missing(text[i]) || !wn_parse_number(text[i], &value[i])) value[i] = NAN;
    at[i] = next_field(text[i]);
  }
  return width ? wn_netcdf_put_text(file, c, &from, &n, text, err) : wn_netcdf_put(file, c, &from, &n, value, err);
}

static wn_status put_rows(wn_netcdf *file, const wn_dataset *data, const double *value, const int *width, int first,
                          int64_t from, wn_error *err) {
  const char *at[ROWS];
  double column[ROWS];
  int64_t n = data->n_row - from < ROWS ? data->n_row - from : ROWS;
  int n_column = data->model->n_state + data->model->n_output;
  for (int64_t i = 0; i < n; i++) at[i] = data->field[from + i];
  for (int c = 0; c < data->n_column; c++) WN_TRY(put_fields(file, c, width[c], from, n, at, err));
  for (int c = 0; c < n_column; c++) {
    for (int64_t i = 0; i < n; i++) column[i] = value[(from + i) * n_column + c];
    WN_TRY(wn_netcdf_put(file, first + c, &from, &n, column, err));
  }
  return WN_OK;
}

static wn_status write_file(wn_netcdf_build *b, const wn_dataset *data, const double *value, const char *path,
                            const int *width, int first, wn_error *err) {
  wn_netcdf_def def;
  wn_netcdf *file;
  WN_TRY(wn_netcdf_build_finish(b, &def, err));
  WN_TRY(wn_netcdf_create(path, &def, &file, err));
  wn_status status = WN_OK;
  for (int64_t from = 0; from < data->n_row && !status; from += ROWS)
    status = put_rows(file, data, value, width, first, from, err);
  if (!status) return wn_netcdf_commit(file, err);
  wn_netcdf_abandon(file);
  return status;
}

wn_status wn_write_records_netcdf(const wn_dataset *data, const double *value, const char *path,
                                  const wn_origin *origin, wn_error *err) {
  int *width = wn_alloc(((size_t)data->n_column + 1) * sizeof *width);
  if (!width) return wn_fail_memory(err);
  wn_netcdf_build build;
  wn_netcdf_build_init(&build);
  char title[256];
  snprintf(title, sizeof title, "%.120s with predictions of model %.100s", data->path, data->model->name);
  wn_netcdf_build_origin(&build, title, data->model->caption, origin);
  wn_netcdf_build_note(&build, -1, "model", "%s", data->model->name);
  look(data, width);
  int first = lay_out(&build, data, width);
  wn_status status = write_file(&build, data, value, path, width, first, err);
  wn_netcdf_build_free(&build);
  wn_free(width);
  return status;
}

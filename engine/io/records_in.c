// records_in.c - a NONMEM-style data set from a CSV file, whole or in parts of whole individuals: columns are found by
// name, every field that means something is read and checked before it is handed over. Invariant: an error names file,
// line and column. What records mean, and whether they may follow each other, is decided in dose/.

#include "io/io.h"

#include "base/text.h"
#include "io/csv_in.h"
#include "io/record_time.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// columns with a meaning of their own; CONT and the durations of other tools are known only to be refused
typedef enum role {
  ID,
  TIME,
  DATE,
  DAT1,
  DAT2,
  DAT3,
  EVID,
  AMT,
  CMT,
  RATE,
  II,
  ADDL,
  SS,
  MDV,
  OCC,
  CONT,
  DUR,
  TINF,
  N_ROLE
} role;
static const char *const role_names[N_ROLE] = {"ID",   "TIME", "DATE", "DAT1", "DAT2", "DAT3", "EVID", "AMT", "CMT",
                                               "RATE", "II",   "ADDL", "SS",   "MDV",  "OCC",  "CONT", "DUR", "TINF"};

typedef struct wn_dataset_reader reader;
struct wn_dataset_reader {
  wn_csv csv;
  wn_arena *arena;
  char *path;
  int n_subject;  // of the parts that were read
  bool begun;
  wn_dataset *data;  // the part being read
  const wn_model *model;
  int column[N_ROLE];   // -1: not there
  int *covariate;       // [n_covariate] columns, -1: not there
  int *route_of_state;  // [n_state]
  const char **field;   // [n_column] of the row being read
  int row;              // the row being read
  int start;            // first row of the individual being read
  const char *id;       // of that individual
  wn_day day;           // of that individual's first row
  bool *known;          // [n_covariate] the individual has had a value
  WN_ARRAY(int) first;  // per individual so far
  WN_ARRAY(const char *) ids;
};

// -- fields -----------------------------------------------------------------------------------------------------------

static bool is_missing(const char *field) {
  return field[0] == '\0' || (field[0] == '.' && field[1] == '\0') ||
         (field[0] == 'N' && field[1] == 'A' && field[2] == '\0');
}

// "records.csv:12: AMT: expected a number or ., got "abc""
static wn_status fail_field(const reader *r, int column, const char *expected, wn_error *err) {
  const char *field = r->field[column], *quote = *field ? "\"" : "";
  return wn_fail(err, WN_ERR_USER, "%s:%d: %s: expected %s, got %s%.60s%s", r->csv.path, r->data->line[r->row],
                 r->csv.name[column], expected, quote, *field ? field : "nothing", quote);
}

// a number or, when it is missing, 0 as in NONMEM
static wn_status read_number(const reader *r, role what, double *value, wn_error *err) {
  *value = 0;
  int column = r->column[what];
  if (column < 0 || is_missing(r->field[column]) || wn_parse_number(r->field[column], value)) return WN_OK;
  return fail_field(r, column, "a number or .", err);
}

static wn_status read_whole(const reader *r, role what, int *value, wn_error *err) {
  double number;
  WN_TRY(read_number(r, what, &number, err));
  if (number != floor(number) || fabs(number) > 1e9) return fail_field(r, r->column[what], "a whole number or .", err);
  *value = (int)number;
  return WN_OK;
}

// -- columns ----------------------------------------------------------------------------------------------------------

static int compare_names(const void *a, const void *b) {
  return strcasecmp(*(const char *const *)a, *(const char *const *)b);
}

// names are told apart without their letter case; unnamed columns may be many
static wn_status check_twice(const reader *r, wn_error *err) {
  int n = r->csv.n_column;
  char **sorted = wn_alloc((size_t)n * sizeof *sorted);
  if (!sorted) return wn_fail_memory(err);
  memcpy(sorted, r->csv.name, (size_t)n * sizeof *sorted);
  qsort(sorted, (size_t)n, sizeof *sorted, compare_names);
  wn_status status = WN_OK;
  for (int i = 1; i < n && !status; i++)
    if (*sorted[i] && strcasecmp(sorted[i], sorted[i - 1]) == 0)
      status = wn_fail(err, WN_ERR_USER, "%s: expected every column once, got %s twice; try removing or renaming one",
                       r->csv.path, sorted[i]);
  wn_free(sorted);
  return status;
}

static int find_column(const wn_csv *csv, const char *name) {
  for (int c = 0; c < csv->n_column; c++)
    if (strcasecmp(csv->name[c], name) == 0) return c;
  return -1;
}

static wn_status find_columns(reader *r, wn_error *err) {
  WN_TRY(check_twice(r, err));
  for (int k = 0; k < N_ROLE; k++) r->column[k] = find_column(&r->csv, role_names[k]);
  for (int k = 0; k < r->model->n_covariate; k++) {
    r->covariate[k] = find_column(&r->csv, r->model->covariate[k].name);
    // a covariate called DUR is the model's business
    for (role what = CONT; what <= TINF; what++)
      if (r->column[what] == r->covariate[k]) r->column[what] = -1;
  }
  if (r->column[TIME] < 0)
    return wn_fail(err, WN_ERR_USER, "%s: expected a column TIME, got none; try a header like ID,TIME,EVID,AMT,CMT,DV",
                   r->csv.path);
  int date = -1;
  for (role what = DATE; what <= DAT3; what++) {
    if (r->column[what] >= 0 && date >= 0)
      return wn_fail(err, WN_ERR_USER, "%s: expected one column of dates, got %s and %s; try removing one", r->csv.path,
                     role_names[date], role_names[what]);
    if (r->column[what] >= 0) date = (int)what;
  }
  return WN_OK;
}

// -- one record -------------------------------------------------------------------------------------------------------

// with a column of dates, midnight of the individual's first day is 0
static wn_status read_time(reader *r, double *time, wn_error *err) {
  int column = r->column[TIME];
  if (is_missing(r->field[column]) || !wn_parse_time(r->field[column], time))
    return fail_field(r, column, "hours or a time of day like 22:30", err);
  for (role what = DATE; what <= DAT3; what++) {
    if (r->column[what] < 0) continue;
    wn_day day;
    const char *expected = wn_parse_date(r->field[r->column[what]], (wn_date_order)(what - DATE), &day);
    if (expected) return fail_field(r, r->column[what], expected, err);
    if (r->row == r->start) r->day = day;
    if (day.calendar != r->day.calendar)
      return fail_field(r, r->column[what],
                        day.calendar ? "a day number, as the individual's first row has"
                                     : "a date, as the individual's first row has",
                        err);
    *time += 24 * (day.number - r->day.number);
  }
  return WN_OK;
}

static bool has_role(const reader *r, int column) {
  for (int k = 0; k < N_ROLE; k++)
    if (r->column[k] == column) return true;
  return false;
}

// a dose where no column tells how much: of the columns that mean nothing here the nearest name is offered
static wn_status fail_amount(const reader *r, int evid, wn_error *err) {
  const char **names = wn_alloc(((size_t)r->csv.n_column + 1) * sizeof *names), *near = NULL;
  if (!names) return wn_fail_memory(err);
  int n = 0;
  for (int c = 0; c < r->csv.n_column; c++) {
    if (!has_role(r, c)) names[n++] = r->csv.name[c];
    if (strcasecmp(r->csv.name[c], "DOSE") == 0) near = r->csv.name[c];
  }
  if (!near) near = wn_nearest("AMT", names, n);
  wn_free(names);
  return wn_fail(err, WN_ERR_USER, "%s:%d: a dose (EVID %d) needs a column AMT, got none%s%.60s", r->csv.path,
                 r->data->line[r->row], evid, near ? "; try AMT as the name of " : "", near ? near : "");
}

// EVID absent: a dose if AMT, RATE or SS is given, else an observation, or no event when MDV says so
static wn_status read_event(const reader *r, wn_record *record, wn_error *err) {
  double mdv;
  WN_TRY(read_number(r, MDV, &mdv, err));
  if (r->column[EVID] >= 0) {
    WN_TRY(read_whole(r, EVID, &record->evid, err));
    bool needs = (record->evid == 1 || record->evid == 4) && record->rate == 0;
    return needs && r->column[AMT] < 0 ? fail_amount(r, record->evid, err) : WN_OK;
  }
  bool dose = record->amt != 0 || record->rate != 0 || record->ss != 0;
  record->evid = dose ? 1 : mdv != 0 ? 2 : 0;
  return WN_OK;
}

// What CMT names.
typedef struct compartment {
  int state, route;
  bool output;
} compartment;

static bool same_name(const char *a, const char *b, bool exact) { return exact ? !strcmp(a, b) : !strcasecmp(a, b); }

static bool find_compartment(const reader *r, const char *name, bool exact, compartment *found) {
  const wn_model *m = r->model;
  *found = (compartment){.state = -1, .route = -1};
  for (int i = 0; i < m->n_route_all && found->route < 0; i++)
    if (same_name(m->route[i].name, name, exact)) found->route = i;
  for (int i = 0; i < m->n_state && found->state < 0; i++)
    if (same_name(m->state[i].name, name, exact)) found->state = i;
  for (int i = 0; i < m->n_output; i++) found->output |= same_name(m->output[i].name, name, exact);
  return found->route >= 0 || found->state >= 0 || found->output;
}

static wn_status fail_compartment(const reader *r, wn_error *err) {
  const wn_model *m = r->model;
  const char *name = r->field[r->column[CMT]], *nearest = NULL;
  const char **names = wn_alloc((size_t)m->n_route_all * sizeof *names);
  if (!names) return wn_fail_memory(err);
  for (int i = 0; i < m->n_route_all; i++) names[i] = m->route[i].name;
  double number;
  if (!wn_parse_number(name, &number)) nearest = wn_nearest(name + (*name == '-'), names, m->n_route_all);
  wn_free(names);
  char expected[200];
  snprintf(expected, sizeof expected, "a compartment of %.60s, 1 to %d or its name%s%.60s", m->name, m->n_state,
           nearest ? " such as " : "", nearest ? nearest : "");
  return fail_field(r, r->column[CMT], expected, err);
}

// CMT as the number of a state (from 1) or a name; 0 or missing is the default. A negative one is switched off. Records
// other than doses and EVID 2 have no use for it, but what is not in the model is a mistake there, too.
static wn_status read_compartment(const reader *r, wn_record *record, wn_error *err) {
  int column = r->column[CMT];
  bool dose = record->evid == 1 || record->evid == 4;
  record->route = dose ? r->model->default_route : -1;
  const char *field = column < 0 ? "." : r->field[column];
  double number;
  compartment found = {.state = -1, .route = -1};
  if (is_missing(field)) return WN_OK;
  if (wn_parse_number(field, &number)) {
    if (number == 0) return WN_OK;
    if (number != floor(number) || fabs(number) > r->model->n_state) return fail_compartment(r, err);
    found.state = (int)fabs(number) - 1;
    found.route = r->route_of_state[found.state];
    record->off = number < 0;
  } else {
    record->off = *field == '-';
    const char *name = field + record->off;
    if (!find_compartment(r, name, true, &found) && !find_compartment(r, name, false, &found))
      return fail_compartment(r, err);
  }
  if (dose && found.route < 0) return fail_field(r, column, "a compartment, which an output is not", err);
  if (record->evid == 2 && found.state < 0)
    return fail_field(r, column, "one of the model's states to switch on or off", err);
  if (dose) record->route = found.route;
  // a reset takes all compartments: one that is named there is only remembered, to say so
  if (record->evid == 2 || record->evid == 3) record->state = found.state;
  return WN_OK;
}

// columns of other tools that would change what a record means are not passed over
static wn_status check_foreign(const reader *r, const wn_record *record, wn_error *err) {
  double cont;
  WN_TRY(read_number(r, CONT, &cont, err));
  if (cont != 0) return fail_field(r, r->column[CONT], "0 or . (records that continue are not supported)", err);
  for (role what = DUR; what <= TINF; what++) {
    double duration;
    int column = r->column[what];
    if (column < 0 || record->amt == 0 || record->rate != 0) continue;
    if (wn_parse_number(r->field[column], &duration) && duration > 0)
      return wn_fail(err, WN_ERR_USER,
                     "%s:%d: %s: a duration of %.15g beside a dose without RATE has no effect here; try RATE = AMT / "
                     "duration, or another name for the column if it means something else",
                     r->csv.path, r->data->line[r->row], r->csv.name[column], duration);
  }
  return WN_OK;
}

static wn_status read_record(reader *r, wn_error *err) {
  wn_record *record = &r->data->record[r->row];
  *record = (wn_record){.row = r->row, .route = -1, .state = -1};
  WN_TRY(read_time(r, &record->time, err));
  WN_TRY(read_number(r, AMT, &record->amt, err));
  WN_TRY(read_number(r, RATE, &record->rate, err));
  WN_TRY(read_number(r, II, &record->ii, err));
  WN_TRY(read_whole(r, ADDL, &record->addl, err));
  WN_TRY(read_whole(r, SS, &record->ss, err));
  WN_TRY(read_event(r, record, err));
  WN_TRY(read_compartment(r, record, err));
  return check_foreign(r, record, err);
}

// -- what goes along with records
// ---------------------------------------------------------------------------------------

// a missing covariate is the individual's last value before, else its next one, else the model's default
static wn_status read_covariates(reader *r, wn_error *err) {
  const wn_model *m = r->model;
  size_t n = (size_t)m->n_covariate;
  for (int k = 0; k < m->n_covariate; k++) {
    double *value = &r->data->covariate[(size_t)r->row * n + (size_t)k];
    int column = r->covariate[k];
    if (r->row == r->start) r->known[k] = false;
    if (column < 0 || is_missing(r->field[column])) {
      *value = r->row == r->start ? m->covariate[k].value : value[-(ptrdiff_t)n];
      continue;
    }
    if (!wn_parse_number(r->field[column], value)) return fail_field(r, column, "a number or .", err);
    for (int row = r->start; row < r->row && !r->known[k]; row++)
      r->data->covariate[(size_t)row * n + (size_t)k] = *value;
    r->known[k] = true;
  }
  return WN_OK;
}

// a missing occasion is the one before
static wn_status read_occasion(reader *r, wn_error *err) {
  if (!r->data->occasion) return WN_OK;
  int *occasion = &r->data->occasion[r->row], column = r->column[OCC];
  if (is_missing(r->field[column])) {
    *occasion = r->row == r->start ? 1 : occasion[-1];
    return WN_OK;
  }
  WN_TRY(read_whole(r, OCC, occasion, err));
  return *occasion >= 1 ? WN_OK : fail_field(r, column, "an occasion from 1", err);
}

// 1 and 1.0 are one individual
static bool same_id(const char *a, const char *b) {
  double x, y;
  return strcmp(a, b) == 0 || (wn_parse_number(a, &x) && wn_parse_number(b, &y) && x == y);
}

// the records of the individual that ends before the row being read, together
static wn_status check_individual(const reader *r, wn_error *err) {
  int bad = 0;
  wn_status status = wn_records_check(r->model, r->data->record + r->start, r->row - r->start, &bad, err);
  return status ? wn_fail_prefix(err, "%s:%d", r->csv.path, r->data->line[r->start + bad]) : WN_OK;
}

// rows of one ID that stand together are one individual
static wn_status read_id(reader *r, wn_error *err) {
  int column = r->column[ID];
  const char *id = column < 0 ? "1" : r->field[column];
  if (is_missing(id)) return fail_field(r, column, "an ID", err);
  if (r->row > 0 && same_id(id, r->id)) return WN_OK;
  if (r->row > 0) WN_TRY(check_individual(r, err));
  r->id = id;
  r->start = r->row;
  return WN_PUSH(&r->first, r->row) && WN_PUSH(&r->ids, id) ? WN_OK : wn_fail_memory(err);
}

// -- the whole --------------------------------------------------------------------------------------------------------

static bool has_occasions(const wn_model *m) {
  for (int i = 0; i < m->n_random; i++)
    if (m->random[i].occasion) return true;
  return false;
}

// a part takes over what was cut, and gets room for what it means
static wn_status prepare(reader *r, wn_csv_rows *rows, wn_error *err) {
  wn_dataset *data = r->data;
  data->field = rows->row, data->line = rows->line, data->length = rows->length, data->text = rows->text;
  data->n_row = rows->n, data->n_column = r->csv.n_column, data->first_subject = r->n_subject;
  *rows = (wn_csv_rows){0};
  const size_t n = (size_t)data->n_row, n_covariate = (size_t)r->model->n_covariate;
  data->path = wn_arena_strdup(data->arena, r->path);
  data->record = wn_arena_alloc(data->arena, n * sizeof *data->record);
  data->covariate = wn_arena_alloc(data->arena, n * n_covariate * sizeof *data->covariate);
  data->name = wn_arena_alloc(data->arena, (size_t)data->n_column * sizeof *data->name);
  if (!data->path || !data->record || !data->covariate || !data->name) return wn_fail_memory(err);
  for (int c = 0; c < data->n_column; c++)
    if (!(data->name[c] = wn_arena_strdup(data->arena, r->csv.name[c]))) return wn_fail_memory(err);
  if (r->column[OCC] < 0 || !has_occasions(r->model)) return WN_OK;
  data->occasion = wn_arena_alloc(data->arena, n * sizeof *data->occasion);
  return data->occasion ? WN_OK : wn_fail_memory(err);
}

static wn_status keep_individuals(reader *r, wn_error *err) {
  wn_dataset *data = r->data;
  data->n_subject = r->first.n;
  data->first = wn_arena_alloc(data->arena, ((size_t)r->first.n + 1) * sizeof *data->first);
  data->id = wn_arena_alloc(data->arena, (size_t)r->first.n * sizeof *data->id);
  if (!data->first || !data->id) return wn_fail_memory(err);
  memcpy(data->first, r->first.data, (size_t)r->first.n * sizeof *data->first);
  memcpy(data->id, r->ids.data, (size_t)r->first.n * sizeof *data->id);
  data->first[r->first.n] = data->n_row;
  return WN_OK;
}

static wn_status read_rows(reader *r, wn_error *err) {
  r->first.n = r->ids.n = 0;
  for (r->row = 0; r->row < r->data->n_row; r->row++) {
    wn_csv_fields(r->data->field[r->row], r->csv.n_column, r->field);
    WN_TRY(read_id(r, err));
    WN_TRY(read_record(r, err));
    WN_TRY(read_covariates(r, err));
    WN_TRY(read_occasion(r, err));
  }
  WN_TRY(check_individual(r, err));
  return keep_individuals(r, err);
}

static wn_status open_reader(reader *r, const char *path, wn_error *err) {
  const size_t n_covariate = (size_t)r->model->n_covariate, n_state = (size_t)r->model->n_state;
  r->arena = wn_arena_create();
  r->path = r->arena ? wn_arena_strdup(r->arena, path) : NULL;
  if (!r->path) return wn_fail_memory(err);
  WN_TRY(wn_csv_open(r->path, &r->csv, err));
  r->covariate = wn_arena_alloc(r->arena, n_covariate * sizeof *r->covariate);
  r->known = wn_arena_alloc(r->arena, n_covariate * sizeof *r->known);
  r->route_of_state = wn_arena_alloc(r->arena, n_state * sizeof *r->route_of_state);
  r->field = wn_arena_alloc(r->arena, (size_t)r->csv.n_column * sizeof *r->field);
  if (!r->covariate || !r->known || !r->route_of_state || !r->field) return wn_fail_memory(err);
  for (int i = 0; i < r->model->n_state; i++) r->route_of_state[i] = wn_model_route_of_state(r->model, i);
  return find_columns(r, err);
}

wn_status wn_dataset_open(const char *path, const wn_model *model, wn_dataset_reader **opened, wn_error *err) {
  reader *r = wn_alloc(sizeof *r);
  *opened = NULL;
  if (!r) return wn_fail_memory(err);
  r->model = model;
  wn_status status = open_reader(r, path, err);
  if (status)
    wn_dataset_close(r);
  else
    *opened = r;
  return status;
}

const char *wn_dataset_path(const wn_dataset_reader *r) { return r->path; }

bool wn_dataset_at_end(const wn_dataset_reader *r) { return wn_csv_at_end(&r->csv); }

void wn_dataset_close(wn_dataset_reader *r) {
  if (!r) return;
  wn_csv_close(&r->csv);
  WN_ARRAY_FREE(&r->first);
  WN_ARRAY_FREE(&r->ids);
  wn_arena_destroy(r->arena);
  wn_free(r);
}

wn_status wn_dataset_next(wn_dataset_reader *r, size_t size, wn_dataset **data, wn_error *err) {
  wn_csv_rows rows;
  *data = NULL;
  // (without IDs all rows are one individual)
  WN_TRY(wn_csv_next(&r->csv, size, r->column[ID], same_id, &rows, err));
  if (!rows.n) {
    wn_csv_rows_free(&rows);
    if (r->begun) return WN_OK;
    return wn_fail(err, WN_ERR_USER, "%s: expected records below the header, got none", r->path);
  }
  r->begun = true;
  r->data = wn_dataset_create(r->model);
  wn_status status = r->data ? prepare(r, &rows, err) : wn_fail_memory(err);
  if (!status) status = read_rows(r, err);
  wn_csv_rows_free(&rows);
  if (!status) r->n_subject += r->data->n_subject;
  if (status)
    wn_dataset_destroy(r->data);
  else
    *data = r->data;
  r->data = NULL;
  return status;
}

wn_status wn_dataset_read(const char *path, const wn_model *model, wn_dataset **data, wn_error *err) {
  wn_dataset_reader *r;
  *data = NULL;
  WN_TRY(wn_dataset_open(path, model, &r, err));
  wn_status status = wn_dataset_next(r, SIZE_MAX, data, err);
  wn_dataset_close(r);
  return status;
}

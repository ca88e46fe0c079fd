// records_out.c - a data set with what was predicted, as CSV: what came in goes out again as it was, then states and
// outputs. Invariant: one line per record, in data order. Simulates nothing.

#include "io/csv.h"
#include "io/io.h"

#include <string.h>

// rows formatted at a time: some hundred kilobytes
enum { ROWS = 4096 };

// A field as text that reads back as the same field: like wn_csv_text, but blanks around it are kept, and a # is quoted
// because readers that skip comments may take it for one anywhere.
static void put_field(wn_buffer *out, const char *field) {
  size_t n = strlen(field);
  bool plain = !strpbrk(field, ",\"#\r\n");
  if (n && plain) plain = !strchr(" \t", field[0]) && !strchr(" \t", field[n - 1]);
  if (plain) {
    wn_buffer_put(out, field, n);
    return;
  }
  wn_buffer_char(out, '"');
  for (; *field; field++) {
    if (*field == '"') wn_buffer_char(out, '"');
    wn_buffer_char(out, *field);
  }
  wn_buffer_char(out, '"');
}

static bool is_column(const wn_dataset *data, const char *name) {
  for (int c = 0; c < data->n_column; c++)
    if (strcasecmp(data->name[c], name) == 0) return true;
  return false;
}

const char *wn_records_column_name(const wn_dataset *data, wn_arena *arena, const char *name) {
  while (name && is_column(data, name)) name = wn_arena_printf(arena, "wane_%s", name);
  return name;
}

static void put_comments(const wn_dataset *data, const char *command, wn_buffer *out) {
  const wn_model *m = data->model;
  wn_buffer_printf(out, "# wane %s, ", WANE_VERSION);
  for (; *command; command++) wn_buffer_char(out, *command == '\n' || *command == '\r' ? ' ' : *command);
  wn_buffer_printf(out, "\n# %s\n# model %s; time in h\n# units:", WN_NOT_MEDICAL_ADVICE, m->name);
  for (int i = 0; i < m->n_state; i++)
    wn_buffer_printf(out, "%s %s %s", i ? "," : "", m->state[i].name, m->state[i].unit);
  for (int i = 0; i < m->n_output; i++) wn_buffer_printf(out, ", %s %s", m->output[i].name, m->output[i].unit);
  wn_buffer_char(out, '\n');
}

static wn_status put_names(const wn_dataset *data, wn_buffer *out, wn_error *err) {
  const wn_model *m = data->model;
  wn_arena *scratch = wn_arena_create();
  if (!scratch) return wn_fail_memory(err);
  wn_status status = WN_OK;
  for (int c = 0; c < data->n_column; c++) {
    if (c) wn_buffer_char(out, ',');
    put_field(out, data->name[c]);
  }
  for (int i = 0; i < m->n_state + m->n_output && !status; i++) {
    const char *own = i < m->n_state ? m->state[i].name : m->output[i - m->n_state].name;
    const char *name = wn_records_column_name(data, scratch, own);
    if (!name) status = wn_fail_memory(err);
    wn_buffer_char(out, ',');
    if (name) put_field(out, name);
  }
  wn_buffer_char(out, '\n');
  wn_arena_destroy(scratch);
  return status;
}

wn_status wn_put_records_head(wn_outfile *file, const wn_dataset *data, const char *command, wn_error *err) {
  wn_buffer head = {0};
  put_comments(data, command, &head);
  wn_status status = put_names(data, &head, err);
  if (!status) status = wn_outfile_put(file, &head, err);
  wn_buffer_free(&head);
  return status;
}

// fields that need no quotes go out again as they stand, with commas for what ends them
static void put_plain_fields(wn_buffer *out, const char *field, size_t n) {
  char *to = wn_buffer_room(out, n);
  if (!to) return;
  for (size_t i = 0; i < n; i++) to[i] = field[i] ? field[i] : ',';
  out->n += n;
}

static void put_fields(const wn_dataset *data, int row, wn_buffer *out) {
  const char *field = data->field[row];
  if (data->length[row]) {
    put_plain_fields(out, field, (size_t)data->length[row]);
    return;
  }
  for (int c = 0; c < data->n_column; c++) {
    if (c) wn_buffer_char(out, ',');
    put_field(out, field);
    field += strlen(field) + 1;
  }
}

typedef struct table {
  const wn_dataset *data;
  const double *value;
} table;

static wn_status format(void *context, int64_t first, int64_t n, wn_buffer *out, wn_error *err) {
  const table *t = context;
  const int n_column = t->data->model->n_state + t->data->model->n_output;
  (void)err;
  for (int64_t row = first; row < first + n && !out->failed; row++) {
    put_fields(t->data, (int)row, out);
    wn_csv_numbers(out, t->value + row * n_column, n_column, 1);
    wn_buffer_char(out, '\n');
  }
  return WN_OK;
}

wn_status wn_put_records(wn_outfile *file, const wn_dataset *data, const double *value, int n_thread, wn_error *err) {
  table t = {data, value};
  return wn_outfile_rows(file, data->n_row, ROWS, format, &t, n_thread, err);
}

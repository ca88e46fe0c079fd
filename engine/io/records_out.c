// records_out.c - a data set with what was predicted, as CSV: what came in goes out again as it was, then states and
// outputs. Invariant: one line per record, in data order. Simulates nothing.

#include "io/csv.h"
#include "io/io.h"

#include <string.h>

// rows between two looks at whether the disk is full
enum { ROWS_A_LOOK = 4096, BUFFER = 1 << 18 };

// A field as text that reads back as the same field: like wn_csv_text, but blanks around it are kept, and a # is quoted
// because readers that skip comments may take it for one anywhere.
static void put_field(FILE *out, const char *field) {
  size_t n = strlen(field);
  bool plain = !strpbrk(field, ",\"#\r\n");
  if (n && plain) plain = !strchr(" \t", field[0]) && !strchr(" \t", field[n - 1]);
  if (plain) {
    fwrite_unlocked(field, 1, n, out);
    return;
  }
  putc_unlocked('"', out);
  for (; *field; field++) {
    if (*field == '"') putc_unlocked('"', out);
    putc_unlocked(*field, out);
  }
  putc_unlocked('"', out);
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

static void put_comments(const wn_dataset *data, const char *command, FILE *out) {
  const wn_model *m = data->model;
  fprintf(out, "# wane %s, ", WANE_VERSION);
  for (; *command; command++) putc(*command == '\n' || *command == '\r' ? ' ' : *command, out);
  fprintf(out, "\n# %s\n# model %s; time in h\n# units:", WN_NOT_MEDICAL_ADVICE, m->name);
  for (int i = 0; i < m->n_state; i++) fprintf(out, "%s %s %s", i ? "," : "", m->state[i].name, m->state[i].unit);
  for (int i = 0; i < m->n_output; i++) fprintf(out, ", %s %s", m->output[i].name, m->output[i].unit);
  fputc('\n', out);
}

static wn_status put_header(const wn_dataset *data, FILE *out, wn_error *err) {
  const wn_model *m = data->model;
  wn_arena *scratch = wn_arena_create();
  if (!scratch) return wn_fail_memory(err);
  wn_status status = WN_OK;
  for (int c = 0; c < data->n_column; c++) {
    if (c) putc(',', out);
    put_field(out, data->name[c]);
  }
  for (int i = 0; i < m->n_state + m->n_output && !status; i++) {
    const char *own = i < m->n_state ? m->state[i].name : m->output[i - m->n_state].name;
    const char *name = wn_records_column_name(data, scratch, own);
    if (!name) status = wn_fail_memory(err);
    putc(',', out);
    if (name) put_field(out, name);
  }
  putc('\n', out);
  wn_arena_destroy(scratch);
  return status;
}

static void put_row(const wn_dataset *data, int row, const double *value, int n, FILE *out) {
  const char *field = data->field[row];
  for (int c = 0; c < data->n_column; c++) {
    if (c) putc_unlocked(',', out);
    put_field(out, field);
    field += strlen(field) + 1;
  }
  for (int k = 0; k < n; k++) {
    putc_unlocked(',', out);
    wn_csv_number(out, value[k]);
  }
  putc_unlocked('\n', out);
}

wn_status wn_write_records_stream(const wn_dataset *data, const double *value, FILE *stream, const char *command,
                                  wn_error *err) {
  int n = data->model->n_state + data->model->n_output;
  put_comments(data, command, stream);
  WN_TRY(put_header(data, stream, err));
  // a full disk is noticed soon, not after hours of writing
  for (int row = 0; row < data->n_row && (row % ROWS_A_LOOK || !ferror(stream)); row++)
    put_row(data, row, value + (size_t)row * (size_t)n, n, stream);
  return WN_OK;
}

wn_status wn_write_records_csv(const wn_dataset *data, const double *value, const char *path, const char *command,
                               wn_error *err) {
  wn_outfile file;
  WN_TRY(wn_outfile_open(&file, path, err));
  setvbuf(file.stream, NULL, _IOFBF, BUFFER);
  wn_status status = wn_write_records_stream(data, value, file.stream, command, err);
  if (!status) return wn_outfile_commit(&file, err);
  wn_outfile_abandon(&file);
  return status;
}

// csv.c - trajectories as CSV (RFC 4180, comment lines with # in front). Numbers are the shortest text that reads
// back as the same bits.

#include "io/csv.h"
#include "io/io.h"

#include "base/number.h"
#include "base/text.h"

#include <math.h>
#include <string.h>

// rows formatted at a time: some hundred kilobytes
enum { ROWS = 2048 };

void wn_csv_text(wn_buffer *out, const char *text) {
  if (!strpbrk(text, ",\"\r\n")) {
    wn_buffer_add(out, text);
    return;
  }
  wn_buffer_char(out, '"');
  for (; *text; text++) {
    if (*text == '"') wn_buffer_char(out, '"');
    wn_buffer_char(out, *text);
  }
  wn_buffer_char(out, '"');
}

void wn_csv_number(wn_buffer *out, double value) {
  // an empty field is what tools read as missing
  if (isfinite(value)) wn_buffer_number(out, value);
}

void wn_csv_numbers(wn_buffer *out, const double *value, int n, size_t step) {
  char *to = wn_buffer_room(out, (size_t)n * (WN_NUMBER_ROOM + 1));
  if (!to) return;
  for (int k = 0; k < n; k++) {
    const double x = value[(size_t)k * step];
    *to++ = ',';
    if (isfinite(x)) to = wn_number_put(to, x);
  }
  out->n = (size_t)(to - out->data);
}

static void put_head(const wn_result *r, const char *command, wn_buffer *out) {
  const wn_model *m = r->scenario->model;
  wn_buffer_printf(out, "# wane %s, %s\n# %s\n", WANE_VERSION, command, WN_NOT_MEDICAL_ADVICE);
  char second[160];
  wn_result_seconds_words(r, second);
  if (*r->verified) wn_buffer_printf(out, "# %s\n", r->verified);
  if (*second) wn_buffer_printf(out, "# %s\n", second);
  wn_buffer_printf(out, "# solver %s, %s; time in h since midnight of day 1\n# units:", r->solver, wn_solver_library());
  for (int i = 0; i < m->n_state; i++) wn_buffer_printf(out, " %s %s,", m->state[i].name, m->state[i].unit);
  for (int i = 0; i < m->n_output; i++)
    wn_buffer_printf(out, " %s %s%s", m->output[i].name, m->output[i].unit, i + 1 < m->n_output ? "," : "");
  wn_buffer_add(out, "\narm,subject,time,clock");
  for (int i = 0; i < m->n_state; i++) wn_buffer_printf(out, ",%s", m->state[i].name);
  for (int i = 0; i < m->n_output; i++) wn_buffer_printf(out, ",%s", m->output[i].name);
  wn_buffer_char(out, '\n');
}

// What every series repeats: its times and clocks.
typedef struct table {
  const wn_result *result;
  wn_buffer times;  // "0,00:00", one after another
  size_t *time;     // [n_time + 1] where each begins
} table;

static wn_status table_init(table *t, const wn_result *r, wn_error *err) {
  *t = (table){.result = r, .time = wn_alloc(((size_t)r->n_time + 1) * sizeof *t->time)};
  if (!t->time) return wn_fail_memory(err);
  for (int k = 0; k < r->n_time; k++) {
    char clock[6];
    wn_format_clock(r->time[k], clock);
    t->time[k] = t->times.n;
    wn_csv_number(&t->times, r->time[k]);
    wn_buffer_char(&t->times, ',');
    wn_buffer_put(&t->times, clock, 5);
  }
  t->time[r->n_time] = t->times.n;
  return t->times.failed ? wn_fail_memory(err) : WN_OK;
}

static void table_free(table *t) {
  wn_buffer_free(&t->times);
  wn_free(t->time);
}

// rows from..to of a series
static void put_series(const table *t, int series, int from, int to, wn_buffer *out) {
  const wn_result *r = t->result;
  const wn_series *s = &r->series[series];
  const size_t n_time = (size_t)r->n_time;
  const double *value = r->value + (size_t)series * (size_t)r->n_column * n_time;
  wn_buffer who = {0};
  wn_csv_text(&who, r->scenario->arm[s->arm].name);
  wn_buffer_char(&who, ',');
  wn_buffer_int(&who, s->subject);
  wn_buffer_char(&who, ',');
  out->failed |= who.failed;
  for (int k = from; k < to && !out->failed; k++) {
    wn_buffer_put(out, who.data, who.n);
    wn_buffer_put(out, t->times.data + t->time[k], t->time[k + 1] - t->time[k]);
    wn_csv_numbers(out, value + k, r->n_column, n_time);
    wn_buffer_char(out, '\n');
  }
  wn_buffer_free(&who);
}

static wn_status format(void *context, int64_t first, int64_t n, wn_buffer *out, wn_error *err) {
  const table *t = context;
  const int n_time = t->result->n_time;
  (void)err;
  while (n > 0) {
    const int from = (int)(first % n_time), to = n < n_time - from ? from + (int)n : n_time;
    put_series(t, (int)(first / n_time), from, to, out);
    first += to - from, n -= to - from;
  }
  return WN_OK;
}

wn_status wn_write_trajectories_csv(const wn_result *result, const char *path, const char *command, int n_thread,
                                    wn_error *err) {
  wn_outfile file;
  wn_buffer head = {0};
  table t;
  WN_TRY(wn_outfile_open(&file, path, err));
  put_head(result, command, &head);
  wn_status status = table_init(&t, result, err);
  if (!status) status = wn_outfile_put(&file, &head, err);
  wn_buffer_free(&head);
  const int64_t n = (int64_t)result->n_series * result->n_time;
  if (!status) status = wn_outfile_rows(&file, n, ROWS, format, &t, n_thread, err);
  table_free(&t);
  if (!status) return wn_outfile_commit(&file, err);
  wn_outfile_abandon(&file);
  return status;
}

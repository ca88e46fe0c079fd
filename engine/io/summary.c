// summary.c - metrics and windows as rows: CSV or an array of JSON objects with the same keys.

#include "io/csv.h"
#include "io/io.h"

#include "base/text.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

enum { ROWS = 4096 };  // formatted at a time

static wn_status format(void *context, int64_t first, int64_t n, wn_buffer *out, wn_error *err) {
  const wn_result *r = context;
  (void)err;
  for (int64_t i = first; i < first + n; i++) {
    const wn_metric *m = &r->metrics.data[i];
    const wn_series *s = &r->series[m->series];
    wn_csv_text(out, r->scenario->arm[s->arm].name);
    wn_buffer_printf(out, ",%d,%s,%s,", s->subject, m->quantity, m->of);
    wn_csv_number(out, m->value);
    wn_buffer_printf(out, ",%s,", m->unit);
    char clock[6] = "";
    if (isfinite(m->clock)) wn_format_clock(m->clock, clock);
    wn_buffer_add(out, clock);
    wn_buffer_char(out, ',');
    if (m->day) wn_buffer_int(out, m->day);
    wn_buffer_char(out, '\n');
  }
  return WN_OK;
}

static wn_status put_csv(const wn_result *r, wn_outfile *file, int n_thread, wn_error *err) {
  wn_buffer head = {0};
  wn_buffer_add(&head, "arm,subject,quantity,of,value,unit,clock,day\n");
  WN_TRY(wn_outfile_put(file, &head, err));
  return wn_outfile_rows(file, r->metrics.n, ROWS, format, (void *)r, n_thread, err);
}

static json_t *row_json(const wn_result *r, const wn_metric *m) {
  const wn_series *s = &r->series[m->series];
  char clock[6];
  bool has_clock = isfinite(m->clock);
  if (has_clock) wn_format_clock(m->clock, clock);
  return json_pack("{s:s, s:i, s:s, s:s, s:o, s:s, s:o, s:o}", "arm", r->scenario->arm[s->arm].name, "subject",
                   s->subject, "quantity", m->quantity, "of", m->of, "value",
                   isfinite(m->value) ? json_real(m->value) : json_null(), "unit", m->unit, "clock",
                   has_clock ? json_string(clock) : json_null(), "day", m->day ? json_integer(m->day) : json_null());
}

wn_status wn_write_json(const wn_result *result, FILE *stream, wn_error *err) {
  json_t *rows = json_array();
  bool ok = rows != NULL;
  for (int i = 0; i < result->metrics.n && ok; i++)
    ok = json_array_append_new(rows, row_json(result, &result->metrics.data[i])) == 0;
  if (ok) ok = json_dumpf(rows, stream, JSON_INDENT(1) | JSON_REAL_PRECISION(15)) == 0;
  if (ok) ok = fputc('\n', stream) != EOF;
  json_decref(rows);
  return ok ? WN_OK : wn_fail(err, WN_ERR_IO, "JSON summary: cannot write: disk full or out of memory");
}

wn_status wn_write_summary(const wn_result *result, const char *path, int n_thread, wn_error *err) {
  const bool json = wn_path_ends(path, ".json");
  if (!json && !wn_path_ends_packed(path, ".csv"))
    return wn_fail(err, WN_ERR_USER, "--summary: expected a file ending in .csv, .csv.gz or .json, got \"%s\"", path);
  wn_outfile file;
  WN_TRY(wn_outfile_open(&file, path, err));
  wn_status status = WN_OK;
  if (!json)
    status = put_csv(result, &file, n_thread, err);
  else if (wn_write_json(result, file.stream, NULL) && !ferror(file.stream))
    status = wn_fail_memory(err);
  if (!status) return wn_outfile_commit(&file, err);
  wn_outfile_abandon(&file);
  return status;
}

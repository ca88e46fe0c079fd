// summary.c - metrics and windows as rows: CSV or an array of JSON objects with the same keys.

#include "io/csv.h"
#include "io/io.h"

#include "base/text.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

static void write_csv(const wn_result *r, FILE *out) {
  fputs("arm,subject,quantity,of,value,unit,clock,day\n", out);
  for (int i = 0; i < r->metrics.n && !ferror(out); i++) {
    const wn_metric *m = &r->metrics.data[i];
    const wn_series *s = &r->series[m->series];
    wn_csv_text(out, r->scenario->arm[s->arm].name);
    fprintf(out, ",%d,%s,%s,", s->subject, m->quantity, m->of);
    wn_csv_number(out, m->value);
    fprintf(out, ",%s,", m->unit);
    char clock[6] = "";
    if (isfinite(m->clock)) wn_format_clock(m->clock, clock);
    fputs(clock, out);
    if (m->day)
      fprintf(out, ",%d\n", m->day);
    else
      fputs(",\n", out);
  }
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

wn_status wn_write_summary(const wn_result *result, const char *path, wn_error *err) {
  const char *dot = strrchr(path, '.');
  bool json = dot && strcmp(dot, ".json") == 0;
  if (!json && !(dot && strcmp(dot, ".csv") == 0))
    return wn_fail(err, WN_ERR_USER, "--summary: expected a file ending in .csv or .json, got \"%s\"", path);
  wn_outfile file;
  WN_TRY(wn_outfile_open(&file, path, err));
  if (!json)
    write_csv(result, file.stream);
  else if (wn_write_json(result, file.stream, NULL) && !ferror(file.stream)) {
    wn_outfile_abandon(&file);
    return wn_fail_memory(err);
  }
  return wn_outfile_commit(&file, err);
}

// csv.c - trajectories as CSV (RFC 4180, comment lines with # in front). Numbers are the shortest text that reads
// back as the same bits.

#include "io/csv.h"
#include "io/io.h"

#include "base/number.h"
#include "base/text.h"

#include <math.h>
#include <string.h>

void wn_csv_text(FILE *out, const char *text) {
  if (!strpbrk(text, ",\"\r\n")) {
    fputs(text, out);
    return;
  }
  fputc('"', out);
  for (; *text; text++) {
    if (*text == '"') fputc('"', out);
    fputc(*text, out);
  }
  fputc('"', out);
}

void wn_csv_number(FILE *out, double value) {
  // an empty field is what tools read as missing
  char text[WN_NUMBER_ROOM];
  if (isfinite(value)) fwrite_unlocked(text, 1, (size_t)(wn_number_put(text, value) - text), out);
}

static void write_head(const wn_result *r, const char *command, FILE *out) {
  const wn_model *m = r->scenario->model;
  fprintf(out, "# wane %s, %s\n# %s\n", WANE_VERSION, command, WN_NOT_MEDICAL_ADVICE);
  fprintf(out, "# solver %s, %s; time in h since midnight of day 1\n# units:", r->solver, wn_solver_library());
  for (int i = 0; i < m->n_state; i++) fprintf(out, " %s %s,", m->state[i].name, m->state[i].unit);
  for (int i = 0; i < m->n_output; i++)
    fprintf(out, " %s %s%s", m->output[i].name, m->output[i].unit, i + 1 < m->n_output ? "," : "");
  fputs("\narm,subject,time,clock", out);
  for (int i = 0; i < m->n_state; i++) fprintf(out, ",%s", m->state[i].name);
  for (int i = 0; i < m->n_output; i++) fprintf(out, ",%s", m->output[i].name);
  fputc('\n', out);
}

static void write_series(const wn_result *r, int series, FILE *out) {
  const double *value = r->value + (size_t)series * (size_t)r->n_column * (size_t)r->n_time;
  const wn_series *s = &r->series[series];
  for (int k = 0; k < r->n_time; k++) {
    char clock[6];
    wn_format_clock(r->time[k], clock);
    wn_csv_text(out, r->scenario->arm[s->arm].name);
    fprintf(out, ",%d,", s->subject);
    wn_csv_number(out, r->time[k]);
    fprintf(out, ",%s", clock);
    for (int c = 0; c < r->n_column; c++) {
      fputc(',', out);
      wn_csv_number(out, value[(size_t)c * (size_t)r->n_time + (size_t)k]);
    }
    fputc('\n', out);
  }
}

wn_status wn_write_trajectories_csv(const wn_result *result, const char *path, const char *command, wn_error *err) {
  wn_outfile file;
  WN_TRY(wn_outfile_open(&file, path, err));
  write_head(result, command, file.stream);
  // a full disk is noticed after each series, not after hours of writing
  for (int i = 0; i < result->n_series && !ferror(file.stream); i++) write_series(result, i, file.stream);
  return wn_outfile_commit(&file, err);
}

// csv.c - see csv.h. Must not measure anything.
#include "csv.h"
#include "io/io.h"
#include "reference.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char header[] =
    "cpu,case,row,width,threads,rtol,atol,per_s,median_per_s,error,steps,rhs,jacobians,factors,taken,mb";
enum { N_FIELD = 16 };

static void write_number(FILE *file, double value) {
  if (isfinite(value))
    fprintf(file, ",%.6g", value);
  else
    fputc(',', file);
}

wn_status wn_bench_csv_write(const wn_bench_report *report, const char *path, wn_error *err) {
  char cpu[128];
  wn_outfile out;
  wn_bench_cpu_name(cpu);
  WN_TRY(wn_outfile_open(&out, path, err));
  fprintf(out.stream, "%s\n", header);
  for (int i = 0; i < report->lines.n; i++) {
    const wn_bench_line *l = &report->lines.data[i];
    if (l->is_peer) continue;
    fprintf(out.stream, "\"%s\",%s,%s,%d,%d", cpu, l->case_name, l->row, l->width, l->n_thread);
    const double numbers[] = {l->rtol, l->atol,     l->best,   l->median, l->error, l->step,
                              l->rhs,  l->jacobian, l->factor, l->taken,  l->mb};
    for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++) write_number(out.stream, numbers[k]);
    fputc('\n', out.stream);
  }
  return wn_outfile_commit(&out, err);
}

// the line's fields, cut in place; quotes around one are taken off. Returns how many
static int cut(char *line, char *field[N_FIELD + 1]) {
  int n = 0;
  line[strcspn(line, "\r\n")] = '\0';
  for (char *at = line; at && n <= N_FIELD;) {
    char *end;
    if (*at == '"') {
      field[n++] = ++at;
      end = strchr(at, '"');
      if (!end) return 0;
      *end++ = '\0';
      if (*end && *end != ',') return 0;
    } else {
      field[n++] = at;
      end = at + strcspn(at, ",");
    }
    at = *end == ',' ? end + 1 : NULL;
    *end = '\0';
  }
  return n;
}

static double number(const char *text) { return *text ? strtod(text, NULL) : NAN; }

// what other machines measured stands in the table, and nothing is divided by it
static wn_status read_line(wn_bench_report *report, char *text, const char *path, int number_of_line, wn_error *err) {
  char *f[N_FIELD + 1];
  if (cut(text, f) != N_FIELD)
    return wn_fail(err, WN_ERR_USER, "%s:%d: expected the %d fields of the first line", path, number_of_line, N_FIELD);
  char cpu[128];
  wn_bench_cpu_name(cpu);
  wn_bench_line line = {
      .is_peer = true, .is_elsewhere = strcmp(f[0], cpu) != 0, .width = atoi(f[3]), .n_thread = atoi(f[4])};
  const char *slash = strrchr(path, '/');
  snprintf(line.source, sizeof line.source, "%s", slash ? slash + 1 : path);
  snprintf(line.case_name, sizeof line.case_name, "%s", f[1]);
  snprintf(line.row, sizeof line.row, "%s", f[2]);
  double *to[] = {&line.rtol, &line.atol,     &line.best,   &line.median, &line.error, &line.step,
                  &line.rhs,  &line.jacobian, &line.factor, &line.taken,  &line.mb};
  for (int k = 0; k < N_FIELD - 5; k++) *to[k] = number(f[5 + k]);
  if (!(line.best > 0) || !(line.rtol > 0))
    return wn_fail(err, WN_ERR_USER, "%s:%d: expected numbers above 0 for rtol and per_s, got \"%.40s\" and \"%.40s\"",
                   path, number_of_line, f[5], f[7]);
  return WN_PUSH(&report->lines, line) ? WN_OK : wn_fail_memory(err);
}

wn_status wn_bench_csv_read(wn_bench_report *report, const char *path, wn_error *err) {
  char text[1024];
  FILE *file = fopen(path, "r");
  if (!file)
    return wn_fail(err, WN_ERR_USER, "%s: cannot be read; bench/peers/README.md says how such a file is made", path);
  wn_status status = WN_OK;
  for (int n = 1; !status && fgets(text, sizeof text, file); n++) {
    if (n == 1 && strncmp(text, header, strlen(header)) != 0)
      status = wn_fail(err, WN_ERR_USER, "%s:1: expected the line %s", path, header);
    else if (n > 1)
      status = read_line(report, text, path, n, err);
  }
  fclose(file);
  return status;
}

wn_status wn_bench_csv_cases(const char *directory, int n_checked, wn_error *err) {
  char path[4096];
  wn_outfile out;
  snprintf(path, sizeof path, "%.4000s/cases.csv", directory);
  WN_TRY(wn_outfile_open(&out, path, err));
  fputs("case,n_state,states,dose_into,dose,first,every_dose,n_dose,every,n_time,n_checked,rtol,atol\n", out.stream);
  for (const wn_bench_case *c = wn_bench_cases; c->name; c++)
    for (int p = 0; p < c->n_tolerance; p++) {
      fprintf(out.stream, "%s,%d,", c->name, c->n_state);
      for (int i = 0; i < c->n_state; i++) fprintf(out.stream, "%s%s", i ? " " : "", c->state[i]);
      fprintf(out.stream, ",%s,%.17g,%.17g,%.17g,%d,%.17g,%d,%d,%g,%g\n", c->state[c->dose_state], c->dose_amount,
              c->dose_first, c->dose_every, c->n_dose, c->every, c->n_time, n_checked, c->tolerance[p].rtol,
              c->tolerance[p].atol);
    }
  return wn_outfile_commit(&out, err);
}

static wn_status write_people(const wn_bench_case *c, const char *directory, wn_error *err) {
  char path[4096];
  wn_outfile out;
  snprintf(path, sizeof path, "%.4000s/%s.csv", directory, c->name);
  WN_TRY(wn_outfile_open(&out, path, err));
  fputs("ID", out.stream);
  for (int i = 0; i < c->n_param; i++) fprintf(out.stream, ",%s", c->param[i].name);
  fputc('\n', out.stream);
  for (int subject = 0; subject < WN_BENCH_N_SUBJECT; subject++) {
    double param[WN_BENCH_MAX_PARAM];
    wn_bench_subject(c, subject, param);
    fprintf(out.stream, "%d", subject + 1);
    for (int i = 0; i < c->n_param; i++) fprintf(out.stream, ",%.17g", param[i]);
    fputc('\n', out.stream);
  }
  return wn_outfile_commit(&out, err);
}

wn_status wn_bench_csv_people(const wn_bench_case *c, const char *directory, int n_checked, wn_error *err) {
  double *reference = NULL;
  WN_TRY(write_people(c, directory, err));
  WN_TRY(wn_bench_reference(c, n_checked, directory, &reference, err));
  wn_free(reference);
  return WN_OK;
}

// report.c - see report.h. Must not measure anything.
#include "report.h"
#include "profile.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

void wn_bench_report_free(wn_bench_report *report) { WN_ARRAY_FREE(&report->lines); }

static void print_units(const wn_bench_setup *setup, const int *width, int n_width) {
  printf("ns a call  width      rhs  Jacobian  LU factor  LU solve  x + y   outputs to memory\n");
  for (int i = 0; i < n_width; i++) {
    wn_bench_unit_costs u = {0};
    wn_error err = {0};
    if (wn_bench_units(setup, width[i], &u, &err)) continue;
    printf("           %5d %8.0f  %8.0f   %8.0f  %8.0f %6.0f   %8.0f\n", width[i], u.rhs, u.jacobian, u.factor, u.solve,
           u.vector, u.copy);
  }
  printf("%-14s %5s %8s ", "share of time", "lanes", "rtol");
  for (int i = 0; i < WN_N_PART; i++) printf(" %9s", wn_bench_part_names[i]);
  printf("  samples\n");
}

void wn_bench_report_case(const wn_bench_report *report, const wn_bench_setup *setup, const int *width, int n_width) {
  if (report->is_quiet) return;
  const wn_bench_case *c = setup->c;
  const wn_model *m = setup->model;
  printf("\n%s: %s\n", c->name, c->title);
  printf("%d states, %d instructions in the right-hand side, %d entries in the Jacobian (%d instructions), %d in L+U\n",
         m->n_state, wn_program_n_instruction(m->rhs), m->n_nz, wn_program_n_instruction(m->jacobian),
         wn_lu_n_fill(m->lu));
  if (width)
    print_units(setup, width, n_width);
  else
    printf("%-14s %5s %8s  %10s %10s  %8s %-7s %8s %7s %6s %6s  %7s %9s\n", "row", "lanes", "rtol", "subjects/s",
           "median", "error", "in", "steps", "rhs", "jac", "lu", "x cvode", "x mrgsolve");
  fflush(stdout);
}

// the published numbers that go with a tolerance
static const wn_bench_peers *peers_of(const wn_bench_case *c, double rtol) {
  for (int i = 0; i < c->n_peers; i++)
    if (c->peers[i].rtol == rtol) return &c->peers[i];
  return NULL;
}

static double cvode_of(const wn_bench_report *report, const char *case_name, double rtol) {
  for (int i = 0; i < report->lines.n; i++) {
    const wn_bench_line *line = &report->lines.data[i];
    if (strcmp(line->case_name, case_name) == 0 && strcmp(line->row, "C cvode bdf") == 0 && line->rtol == rtol)
      return line->best;
  }
  return NAN;
}

static void print_ratio(double ratio) {
  if (isfinite(ratio))
    printf("  %7.2f", ratio);
  else
    printf("  %7s", "-");
}

bool wn_bench_report_row(wn_bench_report *report, const wn_bench_result *r) {
  const wn_bench_case *c = r->setup->c;
  wn_bench_line line = {.width = r->width,
                        .n_thread = r->n_thread,
                        .rtol = r->rtol,
                        .atol = r->atol,
                        .best = r->best,
                        .median = r->median,
                        .error = r->error,
                        .step = r->step,
                        .rhs = r->rhs,
                        .jacobian = r->jacobian,
                        .factor = r->factor,
                        .is_hand = r->method->kind == WN_BENCH_BY_HAND};
  snprintf(line.case_name, sizeof line.case_name, "%s", c->name);
  snprintf(line.row, sizeof line.row, "%s%s", r->method->name, r->n_thread > 1 ? " (threads)" : "");
  if (!WN_PUSH(&report->lines, line)) return false;
  report->n_wrong += !r->is_right;
  const wn_bench_peers *peers = peers_of(c, r->rtol);
  printf("%-14s %5d %8.0e  %10.0f %10.0f  %8.1e %-7s %8.0f %7.0f %6.0f %6.0f", r->method->name, r->width, r->rtol,
         r->best, r->median, r->error, c->state[r->worst_state], r->step, r->rhs, r->jacobian, r->factor);
  print_ratio(r->best / cvode_of(report, c->name, r->rtol));
  print_ratio(peers && peers->mrgsolve > 0 ? r->best / peers->mrgsolve : NAN);
  printf("%s\n", r->is_right ? "" : "  WRONG");
  fflush(stdout);
  return true;
}

void wn_bench_report_failure(wn_bench_report *report, const wn_bench_result *row, const wn_error *err) {
  report->n_wrong++;
  printf("%-14s %5d %8.0e  FAILED: %s\n", row->method->name, row->width, row->rtol, err->message);
}

wn_status wn_bench_report_profile(wn_bench_report *report, const wn_bench_result *row, wn_error *err) {
  double share[WN_N_PART];
  long n;
  (void)report;
  if (row->method->kind == WN_BENCH_SIMULATE) return WN_OK;
  WN_TRY(wn_bench_profile(row, 1.5, share, &n, err));
  printf("%-14s %5d %8.0e ", row->method->name, row->width, row->rtol);
  for (int i = 0; i < WN_N_PART; i++) printf(share[i] > 0 ? " %8.1f%%" : "         -", 100 * share[i]);
  printf("  %7ld\n", n);
  fflush(stdout);
  return WN_OK;
}

// log throughput at log error between two neighbours of a curve; NaN where the curve does not reach
static double at_error(const wn_bench_report *report, const char *case_name, const wn_bench_line *like, double error) {
  const wn_bench_line *above = NULL, *below = NULL;
  for (int i = 0; i < report->lines.n; i++) {
    const wn_bench_line *line = &report->lines.data[i];
    if (strcmp(line->case_name, case_name) || strcmp(line->row, like->row) || line->width != like->width) continue;
    if (line->error > error && (!above || line->error < above->error)) above = line;
    if (line->error <= error && (!below || line->best > below->best)) below = line;
  }
  if (!below) return NAN;
  if (!above || above->best <= below->best) return below->best;
  const double part = log(error / below->error) / log(above->error / below->error);
  return exp(log(below->best) + part * log(above->best / below->best));
}

static bool is_first(const wn_bench_report *report, int at) {
  const wn_bench_line *line = &report->lines.data[at];
  for (int i = 0; i < at; i++) {
    const wn_bench_line *other = &report->lines.data[i];
    if (!strcmp(other->case_name, line->case_name) && !strcmp(other->row, line->row) && other->width == line->width)
      return false;
  }
  return true;
}

void wn_bench_report_curve(const wn_bench_report *report, const wn_bench_setup *setup) {
  const wn_bench_case *c = setup->c;
  for (int p = 0; p < c->n_peers; p++) {
    const wn_bench_peers *peers = &c->peers[p];
    const double error = peers->mrgsolve > 0 ? peers->mrgsolve_error : 1e-5;
    double best_c = NAN;
    printf("at error %.1e (%s):\n", error, peers->mrgsolve > 0 ? "what mrgsolve achieved" : "chosen");
    for (int i = 0; i < report->lines.n; i++) {
      const wn_bench_line *line = &report->lines.data[i];
      if (strcmp(line->case_name, c->name) || !is_first(report, i)) continue;
      const double rate = at_error(report, c->name, line, error);
      if (line->is_hand) best_c = fmax(best_c, rate);
      printf("  %-14s %5d  %10.0f subjects/s", line->row, line->width, rate);
      if (peers->mrgsolve > 0) printf("  %7.2f x mrgsolve", rate / peers->mrgsolve);
      if (!line->is_hand) printf("  %7.2f x the best by hand", rate / best_c);
      printf("\n");
    }
  }
}

// the processor's name as the machine gives it
static void read_cpu(char name[128]) {
  char line[256];
  snprintf(name, 128, "unknown");
  FILE *file = fopen("/proc/cpuinfo", "r");
  while (file && fgets(line, sizeof line, file)) {
    const char *colon = strchr(line, ':');
    if (strncmp(line, "model name", 10) || !colon) continue;
    snprintf(name, 128, "%.100s", colon + 2);
    name[strcspn(name, "\n")] = '\0';
    break;
  }
  if (file) fclose(file);
}

wn_status wn_bench_report_csv(const wn_bench_report *report, const char *path, wn_error *err) {
  char cpu[128];
  read_cpu(cpu);
  FILE *file = fopen(path, "w");
  if (!file) return wn_fail(err, WN_ERR_IO, "%s: cannot be written", path);
  fprintf(file, "cpu,case,row,width,threads,rtol,atol,subjects_per_s,median_per_s,error,steps,rhs,jacobians,factors\n");
  for (int i = 0; i < report->lines.n; i++) {
    const wn_bench_line *l = &report->lines.data[i];
    fprintf(file, "\"%s\",%s,%s,%d,%d,%g,%g,%.6g,%.6g,%.3g,%.6g,%.6g,%.6g,%.6g\n", cpu, l->case_name, l->row, l->width,
            l->n_thread, l->rtol, l->atol, l->best, l->median, l->error, l->step, l->rhs, l->jacobian, l->factor);
  }
  return fclose(file) ? wn_fail(err, WN_ERR_IO, "%s: cannot be written", path) : WN_OK;
}

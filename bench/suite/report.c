// report.c - see report.h. Must not measure anything.
#include "report.h"
#include "base/pool.h"
#include "profile.h"
#include "wane.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
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
  printf("%-21s %5s %7s ", "share of time", "lanes", "rtol");
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
    printf("%-21s %5s %7s  %10s %9s  %8s %-6s %7s %7s %6s %6s %8s %8s %10s %9s\n", "row", "lanes", "rtol", "subjects/s",
           "median", "error", "in", "steps", "rhs", "jac", "lu", "x cvode", "x best C", "x mrgsolve", "x rxode2");
  fflush(stdout);
}

static bool is_closed_form(const wn_bench_line *line) { return strstr(line->row, "closed form") != NULL; }

// the fastest row by hand, or of that name, of a case at one tolerance
static double rate_of(const wn_bench_report *report, const char *case_name, const char *row, double rtol) {
  double best = NAN;
  for (int i = 0; i < report->lines.n; i++) {
    const wn_bench_line *line = &report->lines.data[i];
    if (strcmp(line->case_name, case_name) || line->rtol != rtol || line->is_peer) continue;
    if (row ? strcmp(line->row, row) == 0 : line->is_hand) best = fmax(best, line->best);
  }
  return best;
}

// the fastest that a program integrates, as measured on this machine
static double peer_of(const wn_bench_report *report, const char *case_name, const char *program, double rtol) {
  double best = NAN;
  for (int i = 0; i < report->lines.n; i++) {
    const wn_bench_line *line = &report->lines.data[i];
    if (strcmp(line->case_name, case_name) || line->rtol != rtol || !line->is_peer || line->is_elsewhere) continue;
    if (strncmp(line->row, program, strlen(program)) || is_closed_form(line)) continue;
    best = fmax(best, line->best);
  }
  return best;
}

static void print_ratio(double ratio) {
  if (isfinite(ratio))
    printf(" %8.2f", ratio);
  else
    printf(" %8s", "-");
}

static void print_ratios(const wn_bench_report *report, const wn_bench_case *c, double rtol, double best) {
  print_ratio(best / rate_of(report, c->name, "C cvode bdf", rtol));
  print_ratio(best / rate_of(report, c->name, NULL, rtol));
  printf("  ");
  print_ratio(best / peer_of(report, c->name, "mrgsolve", rtol));
  printf(" ");
  print_ratio(best / peer_of(report, c->name, "rxode2", rtol));
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
                        .taken = r->taken,
                        .mb = NAN,
                        .is_hand = r->method->kind == WN_BENCH_BY_HAND};
  snprintf(line.case_name, sizeof line.case_name, "%s", c->name);
  snprintf(line.row, sizeof line.row, "%s%s", r->method->name, r->n_thread > 1 ? " (threads)" : "");
  if (!WN_PUSH(&report->lines, line)) return false;
  report->n_checked++;
  report->n_wrong += !r->is_right;
  printf("%-21s %5d %7.0e  %10.0f %9.0f  %8.1e %-6s %7.0f %7.0f %6.0f %6.0f", r->method->name, r->width, r->rtol,
         r->best, r->median, r->error, c->state[r->worst_state], r->step, r->rhs, r->jacobian, r->factor);
  print_ratios(report, c, r->rtol, r->best);
  printf("%s\n", r->is_right ? "" : "  WRONG");
  fflush(stdout);
  return true;
}

void wn_bench_report_peers(const wn_bench_report *report, const wn_bench_setup *setup) {
  for (int i = 0; i < report->lines.n; i++) {
    const wn_bench_line *line = &report->lines.data[i];
    if (!line->is_peer || strcmp(line->case_name, setup->c->name)) continue;
    printf("%-27.27s %7.0e  %10.0f %9.0f  %8.1e %36s", line->row, line->rtol, line->best, line->median, line->error,
           "");
    if (line->is_elsewhere)
      printf("  on another machine");
    else
      print_ratios(report, setup->c, line->rtol, line->best);
    printf("  %s\n", line->source);
  }
}

static bool has_own_clocks(const wn_bench_result *row) { return isfinite(row->taken); }

static void print_lanes(const wn_bench_result *row, const wn_bench_unit_costs *u) {
  // per second and core, if only this had to be done
  const double lanes = 1e9 * row->width, outputs = lanes / (row->setup->c->n_time * u->copy), rhs = row->rhs * u->rhs;
  const double all = rhs + row->jacobian * u->jacobian + row->factor * (u->factor + 8 * u->solve);
  printf("%-21s %5d %7.0e  %6.1f%% %7.1f%% %6.1f%% %8.3f  %12.0f %12.0f %12.0f\n", row->method->name, row->width,
         row->rtol, 100 * row->taken, 100 * row->refused, 100 * row->stood, row->slowest, outputs, lanes / rhs,
         lanes / all);
}

wn_status wn_bench_report_lanes(const wn_bench_result *rows, int n, wn_error *err) {
  bool any = false;
  wn_bench_unit_costs u = {0};
  int width = 0;  // of those costs
  for (int i = 0; i < n; i++) {
    if (!has_own_clocks(&rows[i])) continue;
    if (!any)
      printf("lanes' steps: %-7s %5s %7s  %7s %8s %7s %8s  at most, by %s %12s %12s\n", "", "lanes", "rtol", "taken",
             "refused", "stood", "slowest", "outputs", "rhs", "rhs, J, LU");
    any = true;
    if (rows[i].width != width) WN_TRY(wn_bench_units(rows[i].setup, rows[i].width, &u, err));
    width = rows[i].width;
    print_lanes(&rows[i], &u);
  }
  fflush(stdout);
  return WN_OK;
}

bool wn_bench_report_part(wn_bench_report *report, const wn_bench_line *line, bool is_right, const char *how) {
  report->n_checked++;
  report->n_wrong += !is_right;
  char rate[32];
  // rows that are of many subjects say how many a second
  if (line->width > 0)
    snprintf(rate, sizeof rate, "%10.0f subjects/s", line->best);
  else
    snprintf(rate, sizeof rate, "%10.3f ms        ", 1e3 / line->best);
  printf("  %-36s %s", line->row, rate);
  if (isfinite(line->error)) printf("  error %7.1e", line->error);
  printf("  %s%s\n", how, is_right ? "" : "  WRONG");
  fflush(stdout);
  return WN_PUSH(&report->lines, *line);
}

void wn_bench_report_failure(wn_bench_report *report, const wn_bench_result *row, const wn_error *err) {
  report->n_wrong++, report->n_checked++;
  printf("%-21s %5d %7.0e  FAILED: %s\n", row->method->name, row->width, row->rtol, err->message);
}

wn_status wn_bench_report_profile(wn_bench_report *report, const wn_bench_result *row, wn_error *err) {
  double share[WN_N_PART];
  long n;
  (void)report;
  if (row->method->kind == WN_BENCH_SIMULATE) return WN_OK;
  WN_TRY(wn_bench_profile(row, 1.5, share, &n, err));
  printf("%-21s %5d %7.0e ", row->method->name, row->width, row->rtol);
  for (int i = 0; i < WN_N_PART; i++) printf(share[i] > 0 ? " %8.1f%%" : "         -", 100 * share[i]);
  printf("  %7ld\n", n);
  fflush(stdout);
  return WN_OK;
}

void wn_bench_report_share(const wn_bench_result *simulate, const wn_bench_result *bare, double share) {
  printf("%s over %s at %.0e: %.2f (passes in turn)\n", simulate->method->name, bare->method->name, bare->rtol, share);
  fflush(stdout);
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

// every row of the case at one error, beside a peer's rate or none; the best by hand comes first
static void print_at(const wn_bench_report *report, const wn_bench_case *c, double error, const wn_bench_line *peer) {
  double best_c = NAN;
  for (int i = 0; i < report->lines.n; i++) {
    const wn_bench_line *line = &report->lines.data[i];
    if (strcmp(line->case_name, c->name) || line->is_peer || !is_first(report, i)) continue;
    const double rate = at_error(report, c->name, line, error);
    if (line->is_hand) best_c = fmax(best_c, rate);
    if (!isfinite(rate)) continue;
    printf("  %-21s %5d  %10.0f subjects/s", line->row, line->width, rate);
    if (!line->is_hand) printf("  %7.2f x the best by hand", rate / best_c);
    if (peer && !peer->is_elsewhere) printf("  %7.2f x %s", rate / peer->best, peer->row);
    printf("\n");
  }
}

void wn_bench_report_curve(const wn_bench_report *report, const wn_bench_setup *setup) {
  static const double chosen[] = {1e-5, 1e-7};
  const wn_bench_case *c = setup->c;
  bool any = false;
  for (int i = 0; i < report->lines.n; i++) {
    const wn_bench_line *peer = &report->lines.data[i];
    if (!peer->is_peer || strcmp(peer->case_name, c->name)) continue;
    printf("at error %.1e: %s at rtol %.0e, %.0f subjects/s%s (%s)\n", peer->error, peer->row, peer->rtol, peer->best,
           peer->is_elsewhere ? " on another machine" : "", peer->source);
    // closed forms are right to rounding, some digit more or less
    print_at(report, c, is_closed_form(peer) ? fmax(peer->error, 1e-9) : peer->error, peer);
    any = true;
  }
  for (int i = 0; i < 2 && !any; i++) {
    printf("at error %.1e\n", chosen[i]);
    print_at(report, c, chosen[i], NULL);
  }
}

void wn_bench_cpu_name(char name[128]) {
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

void wn_bench_report_machine(void) {
  char cpu[128];
  double load = NAN;
  wn_bench_cpu_name(cpu);
  if (getloadavg(&load, 1) != 1) load = NAN;
  printf("wane %s, %s\nkernels: %s; machine code: %s\n%s, %d cores, load %.1f%s\n", wn_version(), wn_version_solver(),
         wn_version_kernels(), wn_version_native(), cpu, wn_pool_cores(), load,
         load > 0.3 * wn_pool_cores() ? ": busy, read ratios" : "");
}

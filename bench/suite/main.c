// main.c - the program: which rows, in which order, and what is printed. Exit status 0; 1 when an answer is wrong or a
// row failed; 2 for a mistake in what was asked.
#include "base/memory.h"
#include "base/module.h"
#include "csv.h"
#include "dopri5_x8.h"
#include "io/io.h"
#include "parts.h"
#include "profile.h"
#include "reference.h"
#include "script/script.h"
#include "second.h"
#include "wane.h"
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { MAX_METHOD = 24, MAX_WIDTH = 16, MAX_TOLERANCE = 16, MAX_LANE_ROW = 64, MAX_PEERS = 8 };
enum { QUICK_CHECKED = 4 };

typedef struct options {
  const char *cases, *rows, *parts, *csv, *population;
  const char *peers[MAX_PEERS];
  int n_peers;
  int width[MAX_WIDTH], n_width, n_thread;
  bool is_curve, is_profile, is_count;
  wn_bench_settings settings;
  wn_bench_second second;
} options;

static const char usage[] =
    "usage: wane bench [OPTIONS]\n"
    "  --quick                       one tolerance, short passes, few subjects checked: under half a minute\n"
    "  --parts cases,loading,scenarios,threads,memory   what to measure; default all\n"
    "  --cases W1,W2,W3,naltrexone   which cases; default all\n"
    "  --rows TEXT,TEXT              only rows whose name contains one of these\n"
    "  --width 4,8,16,32             lanes of a batch; default 16\n"
    "  --threads N                   threads of the engine's rows; default 1\n"
    "  --curve                       work and precision: tolerances 1e-3 to 1e-10, and who is ahead at equal error\n"
    "  --profile                     where the time goes, and what the machine could do at best\n"
    "  --count                       a single pass over one batch of each row, untimed: for callgrind\n"
    "  --csv FILE                    the rows, too, as FILE\n"
    "  --peers FILE                  rows of other programs, as bench/peers writes them, into the table; may be "
    "repeated\n"
    "  --population FOLDER           write what bench/peers needs into FOLDER, and measure nothing\n"
    "  --seconds X --repeat N        length and number of timed passes; default 0.2 s, 7\n"
    "  --cache FOLDER                where reference solutions are kept; default bench-cache\n"
    "  --spoil TEXT                  make the answer of such rows wrong, to see that it is found\n";

static int fail(const wn_error *err) {
  fprintf(stderr, "wane: bench: %s\n", err->message);
  return err->status == WN_ERR_USER ? 2 : 1;
}

// is one of the comma-separated words in the text, or the whole of it?
static bool is_listed(const char *words, const char *text, bool whole) {
  if (!words) return true;
  char copy[512], *save = NULL;
  snprintf(copy, sizeof copy, "%s", words);
  for (char *word = strtok_r(copy, ",", &save); word; word = strtok_r(NULL, ",", &save))
    if (whole ? strcmp(text, word) == 0 : strstr(text, word) != NULL) return true;
  return false;
}

static bool read_widths(const char *text, options *o) {
  o->n_width = 0;
  for (char *end; *text && o->n_width < MAX_WIDTH; text = *end == ',' ? end + 1 : end) {
    const long width = strtol(text, &end, 10);
    if (end == text || width < WN_LANES || width > WN_BENCH_MOST_LANE || width % WN_LANES) return false;
    o->width[o->n_width++] = (int)width;
  }
  return o->n_width > 0;
}

static const struct option known[] = {
    {"cases", 1, NULL, 'c'}, {"rows", 1, NULL, 'r'},    {"width", 1, NULL, 'w'},      {"threads", 1, NULL, 't'},
    {"curve", 0, NULL, 'u'}, {"profile", 0, NULL, 'p'}, {"parts", 1, NULL, 'e'},      {"count", 0, NULL, 'n'},
    {"csv", 1, NULL, 'o'},   {"seconds", 1, NULL, 's'}, {"repeat", 1, NULL, 'x'},     {"cache", 1, NULL, 'd'},
    {"quick", 0, NULL, 'q'}, {"peers", 1, NULL, 'P'},   {"population", 1, NULL, 'N'}, {"spoil", 1, NULL, 'S'},
    {NULL, 0, NULL, 0},
};

static bool take_option(int flag, options *o) {
  switch (flag) {
  case 'c': o->cases = optarg; return true;
  case 'r': o->rows = optarg; return true;
  case 'w': return read_widths(optarg, o);
  case 't': o->n_thread = atoi(optarg); return o->n_thread > 0;
  case 'u': o->is_curve = true; return true;
  case 'p': o->is_profile = true; return true;
  case 'e': o->parts = optarg; return true;
  case 'n': o->is_count = true; return true;
  case 'o': o->csv = optarg; return true;
  case 's': o->settings.seconds = atof(optarg); return o->settings.seconds > 0;
  case 'x': o->settings.repeat = atoi(optarg); return o->settings.repeat > 0;
  case 'd': o->settings.cache = optarg; return true;
  case 'q': o->settings.is_quick = true; return true;
  case 'P': return o->n_peers < MAX_PEERS && (o->peers[o->n_peers++] = optarg);
  case 'N': o->population = optarg; return true;
  case 'S': o->settings.spoil = optarg; return true;
  default: return false;
  }
}

// every word of a list must be one of those known
static bool is_known(const char *words, const char *const *names) {
  char copy[512], *save = NULL;
  snprintf(copy, sizeof copy, "%s", words ? words : "");
  for (char *word = strtok_r(copy, ",", &save); word; word = strtok_r(NULL, ",", &save)) {
    int i = 0;
    while (names[i] && strcmp(names[i], word) != 0) i++;
    if (names[i]) continue;
    fprintf(stderr, "wane: bench: \"%.40s\": expected one of", word);
    for (i = 0; names[i]; i++) fprintf(stderr, "%s %s", i ? "," : "", names[i]);
    fputc('\n', stderr);
    return false;
  }
  return true;
}

static bool read_options(int argc, char **argv, options *o) {
  static const char *const parts[] = {"cases", "loading", "scenarios", "threads", "memory", NULL};
  const char *cases[16] = {NULL};
  *o = (options){.width = {16}, .n_width = 1, .n_thread = 1};
  o->settings = (wn_bench_settings){.cache = "bench-cache", .n_checked = WN_BENCH_N_CHECKED};
  for (int flag; (flag = getopt_long(argc, argv, "", known, NULL)) != -1;) {
    if (take_option(flag, o)) continue;
    if (flag != '?' && optarg) fprintf(stderr, "wane: bench: \"%.40s\" is no such number\n", optarg);
    return fputs(usage, stderr), false;
  }
  if (optind != argc) return fputs(usage, stderr), false;
  wn_bench_settings *s = &o->settings;
  if (s->is_quick) s->n_checked = QUICK_CHECKED;
  if (!(s->seconds > 0)) s->seconds = s->is_quick ? 0.02 : 0.2;
  if (s->repeat < 1) s->repeat = s->is_quick ? 2 : 7;
  for (int i = 0; wn_bench_cases[i].name; i++) cases[i] = wn_bench_cases[i].name;
  // tables that are about the cases alone
  if ((o->is_curve || o->is_profile || o->is_count) && !o->parts) o->parts = "cases";
  return is_known(o->parts, parts) && is_known(o->cases, cases);
}

// the rows: by hand, then every solver of the engine's table, then all of wn_simulate
static int make_methods(const options *o, const wn_bench_setup *setup, wn_bench_method *method) {
  static char names[MAX_METHOD][32];
  const wn_bench_method by_hand[] = {
      {WN_BENCH_BY_HAND, "C cvode bdf", NULL, wn_bench_cvode_bdf, 1},
      {WN_BENCH_BY_HAND, "C cvode adams", NULL, wn_bench_cvode_adams, 1},
      {WN_BENCH_BY_HAND, "C dopri5", NULL, wn_bench_dopri5, 1},
      {WN_BENCH_BY_HAND, "C dopri5 x8", NULL, wn_bench_has_x8(setup->c) ? wn_bench_dopri5_x8 : NULL,
       wn_bench_x8_width()},
      {WN_BENCH_BY_HAND, "C cvode bdf system", NULL, o->second.bdf, 1},
  };
  int n = 0;
  for (int i = 0; i < 5; i++)
    if (by_hand[i].by_hand && is_listed(o->rows, by_hand[i].name, false)) method[n++] = by_hand[i];
  for (int i = 0; i < wn_solver_n_type() && n < MAX_METHOD - 1; i++) {
    const char *solver = wn_solver_types[i].name;
    if (strcmp(solver, "exact") == 0 && !setup->model->is_linear) continue;
    snprintf(names[i], sizeof names[i], "wane %s", solver);
    if (is_listed(o->rows, names[i], false)) method[n++] = (wn_bench_method){WN_BENCH_LANES, names[i], solver, NULL, 0};
  }
  if (is_listed(o->rows, "wn_simulate", false))
    method[n++] = (wn_bench_method){WN_BENCH_SIMULATE, "wn_simulate", "auto", NULL, 0};
  return n;
}

static wn_bench_result row_of(const wn_bench_setup *setup, const wn_bench_method *method, int width, int n_thread) {
  const int by_hand = method->width;
  return (wn_bench_result){
      .setup = setup, .method = method, .width = by_hand ? by_hand : width, .n_thread = by_hand ? 1 : n_thread};
}

// a pass for callgrind: instructions of one batch, or of as many subjects by hand
static wn_status count_row(wn_bench_result *r, wn_error *err) {
  const int n = r->width > 1 ? r->width : 4;
  double *block = wn_alloc_doubles(wn_bench_size(r->setup->c, n, r->width));
  if (!block) return wn_fail_memory(err);
  wn_bench_job job = {.c = r->setup->c,
                      .model = r->setup->model,
                      .param = r->setup->param,
                      .n_subject = n,
                      .block = block,
                      .width = r->width,
                      .n_thread = 1,
                      .rtol = r->rtol,
                      .atol = r->atol};
  if (r->method->kind == WN_BENCH_SIMULATE) job.block = NULL;
  const wn_status status = wn_bench_run(r->method, &job, err);
  if (!status) printf("%s|%s|%d|%g|%d\n", r->setup->c->name, r->method->name, r->width, r->rtol, n);
  wn_free(block);
  return status;
}

// Tolerances of a case: its own, or those of a curve.
static int tolerances(const options *o, const wn_bench_case *c, double rtol[], double atol[]) {
  if (!o->is_curve) {
    const int first = o->settings.is_quick ? c->n_tolerance - 1 : 0;
    for (int i = first; i < c->n_tolerance; i++)
      rtol[i - first] = c->tolerance[i].rtol, atol[i - first] = c->tolerance[i].atol;
    return c->n_tolerance - first;
  }
  for (int i = 0; i < 8; i++) rtol[i] = pow(10, -3 - i), atol[i] = 0.01 * rtol[i];
  return 8;
}

static wn_status run_row(const options *o, wn_bench_report *report, wn_bench_result *row, wn_error *err) {
  row->taken = NAN;
  if (o->is_count) return count_row(row, err);
  if (o->is_profile) return wn_bench_report_profile(report, row, err);
  WN_TRY(wn_bench_measure(&o->settings, row, err));
  return wn_bench_report_row(report, row) ? WN_OK : wn_fail_memory(err);
}

// all of wn_simulate beside the row of the solver that it took
static wn_status run_shares(const options *o, const wn_bench_result *row, int n, wn_error *err) {
  for (int i = 0; i < n; i++)
    for (int k = 0; k < n; k++) {
      double share;
      const bool is_pair = row[i].method->kind == WN_BENCH_SIMULATE && row[k].method->kind == WN_BENCH_LANES;
      if (!is_pair || row[i].rtol != row[k].rtol || row[i].width != row[k].width || !row[i].chosen) continue;
      if (strcmp(row[i].chosen, row[k].method->solver)) continue;
      WN_TRY(wn_bench_measure_beside(&o->settings, &row[i], &row[k], &share, err));
      wn_bench_report_share(&row[i], &row[k], share);
    }
  return WN_OK;
}

// A failing row is shown as such and does not end the others.
static void run_rows(const options *o, const wn_bench_setup *setup, wn_bench_report *report) {
  wn_bench_method method[MAX_METHOD];
  wn_bench_result done[MAX_LANE_ROW];
  double rtol[MAX_TOLERANCE], atol[MAX_TOLERANCE];
  wn_error err = {0};
  int n_done = 0;
  const int n_method = make_methods(o, setup, method), n_tolerance = tolerances(o, setup->c, rtol, atol);
  for (int t = 0; t < n_tolerance; t++)
    for (int m = 0; m < n_method; m++)
      for (int w = 0; w < (method[m].width ? 1 : o->n_width); w++) {
        wn_bench_result row = row_of(setup, &method[m], o->width[w], o->n_thread);
        row.rtol = rtol[t], row.atol = atol[t];
        if (run_row(o, report, &row, &err))
          wn_bench_report_failure(report, &row, &err);
        else if (n_done < MAX_LANE_ROW)
          done[n_done++] = row;
      }
  if (!o->is_count && !o->is_profile) wn_bench_report_peers(report, setup);
  if (o->is_curve)
    wn_bench_report_curve(report, setup);
  else if (!o->is_count && !o->is_profile &&
           (run_shares(o, done, n_done, &err) || wn_bench_report_lanes(done, n_done, &err)))
    fail(&err);
}

// the equations by hand and the model's must be the same, or the rows mean nothing
static wn_status check_twins(const wn_bench_setup *setup, wn_error *err) {
  enum { N_POINT = 60 };
  double difference, *states = wn_alloc_doubles((size_t)(N_POINT * setup->c->n_state));
  if (!states) return wn_fail_memory(err);
  const wn_bench_case *c = setup->c;
  const double *from = setup->reference + wn_bench_size(c, 1, 1);
  for (int k = 0; k < N_POINT; k++)
    memcpy(states + k * c->n_state, from + c->n_time / N_POINT * k * c->n_state, (size_t)c->n_state * sizeof(double));
  wn_status status = wn_bench_same_equations(c, setup->model, states, N_POINT, &difference, err);
  wn_free(states);
  if (!status && difference > 1e-11)
    status = wn_fail(err, WN_ERR_RUN, "%s: by hand and in Lua differ by %g, more than rounding", c->name, difference);
  return status;
}

static wn_status run_case(const options *o, const wn_bench_case *c, wn_bench_report *report, wn_error *err) {
  wn_script *script = NULL;
  wn_bench_setup setup = {.c = c, .n_checked = o->settings.n_checked};
  WN_TRY(wn_bench_load_case(&o->settings, c, &script, err));
  setup.model = wn_script_model(script);
  setup.param = wn_bench_population(c, WN_BENCH_N_SUBJECT);
  wn_status status = setup.param ? wn_bench_reference(c, setup.n_checked, o->settings.cache, &setup.reference, err)
                                 : wn_fail_memory(err);
  if (!status) status = check_twins(&setup, err);
  if (!status) {
    wn_bench_report_case(report, &setup, o->is_profile ? o->width : NULL, o->n_width);
    run_rows(o, &setup, report);
  }
  wn_free(setup.param);
  wn_free(setup.reference);
  wn_script_destroy(script);
  return status;
}

static wn_status make_folder(const char *path, wn_error *err) {
  if (mkdir(path, 0777) == 0 || errno == EEXIST) return WN_OK;
  return wn_fail(err, WN_ERR_USER, "%s: cannot be made: %s", path, strerror(errno));
}

static wn_status run_parts(const options *o, wn_bench_report *report, wn_bench_memory *memory, wn_error *err) {
  for (const wn_bench_case *c = wn_bench_cases; c->name && is_listed(o->parts, "cases", true); c++)
    if (is_listed(o->cases, c->name, true)) WN_TRY(run_case(o, c, report, err));
  if (is_listed(o->parts, "loading", true)) WN_TRY(wn_bench_loading(&o->settings, report, err));
  if (is_listed(o->parts, "scenarios", true)) WN_TRY(wn_bench_scenarios(&o->settings, report, err));
  if (is_listed(o->parts, "threads", true)) WN_TRY(wn_bench_threads(&o->settings, report, err));
  return memory->from < 0 ? WN_OK : wn_bench_memory_end(memory, report, err);
}

static wn_status write_population(const options *o, wn_error *err) {
  WN_TRY(make_folder(o->population, err));
  WN_TRY(wn_bench_csv_cases(o->population, o->settings.n_checked, err));
  for (const wn_bench_case *c = wn_bench_cases; c->name; c++)
    if (is_listed(o->cases, c->name, true)) WN_TRY(wn_bench_csv_people(c, o->population, o->settings.n_checked, err));
  return WN_OK;
}

static wn_status run(options *o, wn_bench_report *report, wn_error *err) {
  char data[4096];
  const void *second;
  wn_bench_memory memory = {.from = -1};
  WN_TRY(wn_data_dir(data, err));
  o->settings.data = data;
  if (o->population) return write_population(o, err);
  WN_TRY(make_folder(o->settings.cache, err));
  for (int i = 0; i < o->n_peers; i++) WN_TRY(wn_bench_csv_read(report, o->peers[i], err));
  // before this process grows
  if (is_listed(o->parts, "memory", true)) WN_TRY(wn_bench_memory_begin(&o->settings, &memory, err));
  wn_error missing = {0};
  if (!wn_module_open("bench_system", &second, &missing)) o->second = *(const wn_bench_second *)second;
  if (!report->is_quiet) wn_bench_report_machine();
  WN_TRY(run_parts(o, report, &memory, err));
  return o->csv ? wn_bench_csv_write(report, o->csv, err) : WN_OK;
}

int main(int argc, char **argv) {
  options o;
  wn_error err = {0};
  if (!read_options(argc, argv, &o)) return 2;
  wn_bench_report report = {.is_quiet = o.is_count};
  const wn_status status = run(&o, &report, &err);
  const int n_wrong = report.n_wrong, n_checked = report.n_checked;
  wn_bench_report_free(&report);
  if (status) return fail(&err);
  if (!o.is_count && !o.population)
    printf("\n%d of %d answers checked are right. %s\n", n_checked - n_wrong, n_checked, WN_NOT_MEDICAL_ADVICE);
  if (n_wrong) fprintf(stderr, "wane: bench: %d rows failed or are wrong\n", n_wrong);
  return n_wrong ? 1 : 0;
}

// main.c - the program: which rows, in which order, and what is printed. Exit status 1 when a row's answer is wrong.
#include "base/memory.h"
#include "profile.h"
#include "reference.h"
#include "report.h"
#include "script/script.h"
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { MAX_METHOD = 24, MAX_WIDTH = 16, MAX_TOLERANCE = 16 };

typedef struct options {
  const char *cases, *rows, *cache, *csv;
  int width[MAX_WIDTH], n_width, n_thread;
  bool is_curve, is_profile, is_engine, is_count;
  wn_bench_settings settings;
} options;

static const char usage[] =
    "usage: bench [OPTIONS]\n"
    "  --cases W1,W2,W3,naltrexone   which cases; default all\n"
    "  --rows TEXT,TEXT              only rows whose name contains one of these\n"
    "  --width 4,8,16,32             lanes of a batch; default 16\n"
    "  --threads N                   threads of the engine's rows; default 1\n"
    "  --curve                       work and precision: tolerances 1e-3 to 1e-10, and who is ahead at equal error\n"
    "  --profile                     where the time goes, and what the machine could do at best\n"
    "  --engine                      loading, planning, a scenario as wane runs it, memory\n"
    "  --count                       a single pass over one batch of each row, untimed: for callgrind\n"
    "  --csv FILE                    the table, too, as FILE\n"
    "  --seconds X --repeat N        length and number of timed passes; default 0.2 s, 7\n"
    "  --cache DIRECTORY             where reference solutions are kept; default bench-cache\n";

static int fail(const wn_error *err) {
  fprintf(stderr, "bench: %s\n", err->message);
  return 1;
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
    if (end == text || width < WN_LANES || width > 256 || width % WN_LANES) return false;
    o->width[o->n_width++] = (int)width;
  }
  return o->n_width > 0;
}

static bool read_options(int argc, char **argv, options *o) {
  static const struct option known[] = {
      {"cases", 1, NULL, 'c'}, {"rows", 1, NULL, 'r'},    {"width", 1, NULL, 'w'},  {"threads", 1, NULL, 't'},
      {"curve", 0, NULL, 'u'}, {"profile", 0, NULL, 'p'}, {"engine", 0, NULL, 'e'}, {"count", 0, NULL, 'n'},
      {"csv", 1, NULL, 'o'},   {"seconds", 1, NULL, 's'}, {"repeat", 1, NULL, 'x'}, {"cache", 1, NULL, 'd'},
      {NULL, 0, NULL, 0},
  };
  *o = (options){.cache = "bench-cache", .width = {16}, .n_width = 1, .n_thread = 1, .settings = {0.2, 7}};
  for (int flag; (flag = getopt_long(argc, argv, "", known, NULL)) != -1;) {
    switch (flag) {
    case 'c': o->cases = optarg; break;
    case 'r': o->rows = optarg; break;
    case 'w':
      if (!read_widths(optarg, o)) return false;
      break;
    case 't': o->n_thread = atoi(optarg); break;
    case 'u': o->is_curve = true; break;
    case 'p': o->is_profile = true; break;
    case 'e': o->is_engine = true; break;
    case 'n': o->is_count = true; break;
    case 'o': o->csv = optarg; break;
    case 's': o->settings.seconds = atof(optarg); break;
    case 'x': o->settings.repeat = atoi(optarg); break;
    case 'd': o->cache = optarg; break;
    default: return false;
    }
  }
  return optind == argc && o->n_thread > 0 && o->settings.seconds > 0 && o->settings.repeat > 0;
}

// the rows: by hand, then every solver of the engine's table, then all of wn_simulate
static int make_methods(const options *o, const wn_bench_setup *setup, wn_bench_method *method) {
  static char names[MAX_METHOD][32];
  const wn_bench_method by_hand[] = {
      {WN_BENCH_BY_HAND, "C cvode bdf", NULL, wn_bench_cvode_bdf},
      {WN_BENCH_BY_HAND, "C cvode adams", NULL, wn_bench_cvode_adams},
      {WN_BENCH_BY_HAND, "C dopri5", NULL, wn_bench_dopri5},
  };
  int n = 0;
  for (int i = 0; i < 3; i++)
    if (is_listed(o->rows, by_hand[i].name, false)) method[n++] = by_hand[i];
  for (int i = 0; i < wn_solver_n_type() && n < MAX_METHOD - 1; i++) {
    const char *solver = wn_solver_types[i].name;
    if (strcmp(solver, "exact") == 0 && !setup->model->is_linear) continue;
    snprintf(names[i], sizeof names[i], "wane %s", solver);
    if (is_listed(o->rows, names[i], false)) method[n++] = (wn_bench_method){WN_BENCH_LANES, names[i], solver, NULL};
  }
  if (is_listed(o->rows, "wn_simulate", false))
    method[n++] = (wn_bench_method){WN_BENCH_SIMULATE, "wn_simulate", "auto", NULL};
  return n;
}

static wn_bench_result row_of(const wn_bench_setup *setup, const wn_bench_method *method, int width, int n_thread) {
  const bool is_hand = method->kind == WN_BENCH_BY_HAND;
  return (wn_bench_result){
      .setup = setup, .method = method, .width = is_hand ? 1 : width, .n_thread = is_hand ? 1 : n_thread};
}

// a pass for callgrind: instructions of one batch, or of as many subjects by hand
static wn_status count_row(wn_bench_result *r, wn_error *err) {
  const int n = r->method->kind == WN_BENCH_BY_HAND ? 4 : r->width;
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

// Tolerances of a case: the published ones, or those of a curve.
static int tolerances(const options *o, const wn_bench_case *c, double rtol[], double atol[]) {
  if (!o->is_curve) {
    for (int i = 0; i < c->n_peers; i++) rtol[i] = c->peers[i].rtol, atol[i] = c->peers[i].atol;
    return c->n_peers;
  }
  for (int i = 0; i < 8; i++) rtol[i] = pow(10, -3 - i), atol[i] = 0.01 * rtol[i];
  return 8;
}

static wn_status run_row(const options *o, wn_bench_report *report, wn_bench_result row, wn_error *err) {
  if (o->is_count) return count_row(&row, err);
  if (o->is_profile) return wn_bench_report_profile(report, &row, err);
  WN_TRY(wn_bench_measure(&o->settings, &row, err));
  return wn_bench_report_row(report, &row) ? WN_OK : wn_fail_memory(err);
}

// A failing row is shown as such and does not end the others.
static void run_rows(const options *o, const wn_bench_setup *setup, wn_bench_report *report) {
  wn_bench_method method[MAX_METHOD];
  double rtol[MAX_TOLERANCE], atol[MAX_TOLERANCE];
  const int n_method = make_methods(o, setup, method), n_tolerance = tolerances(o, setup->c, rtol, atol);
  for (int t = 0; t < n_tolerance; t++)
    for (int m = 0; m < n_method; m++)
      for (int w = 0; w < (method[m].kind == WN_BENCH_BY_HAND ? 1 : o->n_width); w++) {
        wn_error err = {0};
        wn_bench_result row = row_of(setup, &method[m], o->width[w], o->n_thread);
        row.rtol = rtol[t], row.atol = atol[t];
        if (run_row(o, report, row, &err)) wn_bench_report_failure(report, &row, &err);
      }
  if (o->is_curve) wn_bench_report_curve(report, setup);
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
  char file[4096];
  wn_script *script = NULL;
  const wn_script_env env = {.data_dir = WANE_SOURCE_DIR};
  wn_bench_setup setup = {.c = c};
  snprintf(file, sizeof file, "%s/%s", WANE_SOURCE_DIR, c->model);
  WN_TRY(wn_script_load(&env, file, &script, err));
  setup.model = wn_script_model(script);
  setup.param = wn_bench_population(c, WN_BENCH_N_SUBJECT);
  wn_status status = setup.param ? wn_bench_reference(c, o->cache, &setup.reference, err) : wn_fail_memory(err);
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

int main(int argc, char **argv) {
  options o;
  wn_error err = {0};
  if (!read_options(argc, argv, &o)) return fputs(usage, stderr), 2;
  mkdir(o.cache, 0777);
  wn_bench_report report = {.is_quiet = o.is_count};
  for (const wn_bench_case *c = wn_bench_cases; c->name; c++)
    if (is_listed(o.cases, c->name, true) && run_case(&o, c, &report, &err)) return fail(&err);
  if (o.is_engine && wn_bench_report_engine(&err)) return fail(&err);
  if (o.csv && wn_bench_report_csv(&report, o.csv, &err)) return fail(&err);
  const bool is_good = report.n_wrong == 0;
  if (!is_good) fprintf(stderr, "bench: %d rows failed or are wrong\n", report.n_wrong);
  wn_bench_report_free(&report);
  return is_good ? 0 : 1;
}

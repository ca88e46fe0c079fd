// conform.c - wane conform: how many digits agree, row by row, between the engine and formulas, between event tables
// that mean the same, between solvers, and of what must be true of any model. Invariant: every row states its bound
// before it is judged, and the exit status follows the rows.

#include "conform.h"

#include "base/pool.h"
#include "io/csv.h"
#include "io/io.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

static const wn_flag flags[] = {
    {"set", "NAME=VALUE", "a model parameter or scenario option", true},
    {"hypothesis", "NAME", "one of the model's named parameter sets", false},
    {"dose", "TEXT", "a regimen for a bare model; default 100 daily, four times", true},
    {"until", "TIME", "how far; default 4 days", false},
    {"rtol", "X", "the relative tolerance runs are held to; default 1e-6", false},
    {"atol", "X", "the absolute one, in each state's unit; default a thousandth of --rtol", false},
    {"json", NULL, "the rows as a JSON array", false},
    {"csv", "FILE.csv", "write the rows there too", false},
    {0},
};

// what a bare model is given unless --dose says
static const double AMOUNT = 100, EVERY = 24, SPAN = 96;
enum { N_MORE = 3, LEAST_WIDTH = 130 };

static const char *const verdicts[] = {"holds", "FALLS SHORT", "skipped"};

wn_status wn_conform_note(wn_conform *c, const wn_trial *trial, const char *what, const char *solver,
                          wn_verdict verdict, const char *note, wn_error *err) {
  wn_finding f = {.part = c->part,
                  .what = wn_arena_strdup(c->arena, what),
                  .model = wn_arena_strdup(c->arena, trial->name),
                  .solver = wn_arena_strdup(c->arena, solver),
                  .digits = NAN,
                  .promised = NAN,
                  .verdict = verdict,
                  .note = wn_arena_strdup(c->arena, note)};
  if (wn_interrupt_get()) return wn_fail(err, WN_ERR_INTERRUPT, "interrupted");
  bool ok = f.what && f.model && f.solver && f.note && WN_PUSH(&c->findings, f);
  return ok ? WN_OK : wn_fail_memory(err);
}

// -- what is tested ---------------------------------------------------------------------------------------------------

// An opened model or scenario and the trial made of it.
typedef struct subject {
  wn_study *study;
  wn_dose dose;
  wn_doses doses;  // borrows `dose`, or the arm's
  wn_trial trial;
} subject;

// the first arm that is given something, else the first
static const wn_arm *dosed_arm(const wn_scenario *s) {
  for (int i = 0; i < s->n_arm; i++)
    if (s->arm[i].doses.n > 0) return &s->arm[i];
  return &s->arm[0];
}

static void make_trial(subject *s, const wn_study_def *def, const char *name) {
  const wn_scenario *scenario = s->study->scenario;
  const wn_model *m = scenario->model;
  const wn_arm *arm = dosed_arm(scenario);
  s->dose = (wn_dose){.route = m->default_route, .amount = AMOUNT, .ii = EVERY, .addl = N_MORE};
  s->doses = arm->doses;
  if (s->doses.n == 0 && m->n_route > 0) s->doses.data = &s->dose, s->doses.n = 1;
  s->trial = (wn_trial){.model = m, .name = name, .param = arm->param, .start = scenario->t_start};
  s->trial.doses = s->doses.n > 0 ? &s->doses : NULL;
  // regimens of months would take long: their first days say as much
  double begins = s->doses.n > 0 ? fmax(s->doses.data[0].time, scenario->t_start) : scenario->t_start;
  bool own = wn_study_is_scenario(s->study) || def->n_dose > 0;
  s->trial.end = own ? fmin(scenario->t_end, begins + SPAN) : begins + SPAN;
  if (def->until > 0) s->trial.end = def->until;
}

static wn_status open_subject(subject *s, const char *file, const wn_study_def *def, wn_error *err) {
  *s = (subject){0};
  WN_TRY(wn_study_open(NULL, file, &s->study, err));
  WN_TRY(wn_study_plan(s->study, def, err));
  make_trial(s, def, s->study->scenario->model->name);
  return WN_OK;
}

static wn_status test_laws(wn_conform *c, const wn_trial *trial, wn_error *err) {
  WN_TRY(wn_conform_scenario(c, trial, err));
  WN_TRY(wn_conform_laws(c, trial, err));
  WN_TRY(wn_conform_steady(c, trial, err));
  return wn_conform_balance(c, trial, err);
}

// the formulas belong to the bundled files of these names
static bool is_bundled(const char *file) { return !strchr(file, '/') && !strchr(file, '.'); }

static wn_status test_file(wn_conform *c, const char *file, const wn_study_def *def, wn_error *err) {
  subject s;
  wn_status status = open_subject(&s, file, def, err);
  if (!status && is_bundled(file) && wn_conform_has_closed(&s.trial)) status = wn_conform_closed(c, &s.trial, 1, err);
  if (!status) status = wn_conform_events(c, &s.trial, err);
  if (!status) status = wn_conform_solvers(c, &s.trial, err);
  if (!status) status = test_laws(c, &s.trial, err);
  wn_study_close(s.study);
  return status;
}

// linear with tissues, stiff, following the clock, and large
static const char *const names[] = {"pk1", "pk2", "pk3", "tmdd", "cortisol", "naltrexone"};
enum { N_FORMULA = 3, FIRST_MODEL = 2, N_MODEL = 6 };

static wn_status test_bundled(wn_conform *c, const wn_study_def *def, wn_error *err) {
  subject s[N_MODEL] = {0};
  wn_trial trials[N_MODEL];
  wn_status status = WN_OK;
  for (int i = 0; i < N_MODEL && !status; i++) {
    status = open_subject(&s[i], names[i], def, err);
    trials[i] = s[i].trial;
  }
  if (!status) status = wn_conform_closed(c, trials, N_FORMULA, err);
  if (!status) status = wn_conform_pairs(c, err);
  for (int i = FIRST_MODEL; i < N_MODEL && !status; i++) status = wn_conform_solvers(c, &trials[i], err);
  for (int i = FIRST_MODEL; i < N_MODEL && !status; i++) status = test_laws(c, &trials[i], err);
  for (int i = 0; i < N_MODEL; i++) wn_study_close(s[i].study);
  return status;
}

// -- the report -------------------------------------------------------------------------------------------------------

static void add_row(wn_columns *t, const wn_finding *f) {
  bool number = isfinite(f->digits);
  bool words = f->verdict != WN_VERDICT_HOLDS;
  wn_columns_add(t, f->what, f->model, f->solver,
                 !number           ? ""
                 : f->digits >= 16 ? "all"
                                   : wn_columns_text(t, "%.1f", f->digits),
                 !number             ? ""
                 : f->promised >= 16 ? "all"
                                     : wn_columns_text(t, "%.1f", f->promised),
                 wn_columns_text(t, "%s%s%s", verdicts[f->verdict], words ? ": " : "", words ? f->note : ""));
}

// the rows of one part, from `first` on; returns where the next one begins
static int print_part(const wn_conform *c, int first) {
  wn_columns t;
  int i = first, width = wn_app_columns();
  const char *part = c->findings.data[first].part;
  wn_columns_init(&t, 6, 0, "...rr.");
  wn_columns_add(&t, part, "model", "solver", "digits", "promised", "verdict");
  for (; i < c->findings.n && strcmp(c->findings.data[i].part, part) == 0; i++) add_row(&t, &c->findings.data[i]);
  wn_columns_print(&t, stdout, width < LEAST_WIDTH ? LEAST_WIDTH : width);
  fputc('\n', stdout);
  return i;
}

typedef struct tally {
  int holds, judged, skipped;
} tally;

static tally count(const wn_conform *c) {
  tally t = {0};
  for (int i = 0; i < c->findings.n; i++) {
    t.holds += c->findings.data[i].verdict == WN_VERDICT_HOLDS;
    t.judged += c->findings.data[i].verdict != WN_VERDICT_SKIPPED;
    t.skipped += c->findings.data[i].verdict == WN_VERDICT_SKIPPED;
  }
  return t;
}

static void print_report(const wn_conform *c) {
  tally t = count(c);
  for (int i = 0; i < c->findings.n;) i = print_part(c, i);
  fprintf(stdout,
          "digits: -log10 of the largest error relative to the value, or to 1/1000 of its peak if it is smaller;\n"
          "rtol %g, atol %g\n",
          c->rtol, c->atol);
  fprintf(stdout, "%d of %d rows hold", t.holds, t.judged);
  if (t.skipped) fprintf(stdout, "; %d skipped", t.skipped);
  fputc('\n', stdout);
}

static json_t *number_or_null(double value) { return isfinite(value) ? json_real(value) : json_null(); }

static wn_status print_json(const wn_conform *c, wn_error *err) {
  json_t *list = json_array();
  bool ok = list != NULL;
  for (int i = 0; ok && i < c->findings.n; i++) {
    const wn_finding *f = &c->findings.data[i];
    ok = json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s, s:o, s:o, s:s, s:s}", "part", f->part, "what",
                                               f->what, "model", f->model, "solver", f->solver, "digits",
                                               number_or_null(f->digits), "promised", number_or_null(f->promised),
                                               "verdict", verdicts[f->verdict], "note", f->note)) == 0;
  }
  if (ok) ok = json_dumpf(list, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(4)) == 0 && fputc('\n', stdout) != EOF;
  json_decref(list);
  return ok || ferror(stdout) ? WN_OK : wn_fail_memory(err);
}

static wn_status write_csv(const wn_conform *c, const char *path, wn_error *err) {
  wn_outfile file;
  wn_buffer text = {0};
  WN_TRY(wn_outfile_open(&file, path, err));
  wn_buffer_add(&text, "part,what,model,solver,digits,promised,verdict,note\n");
  for (int i = 0; i < c->findings.n; i++) {
    const wn_finding *f = &c->findings.data[i];
    const char *const before[] = {f->part, f->what, f->model, f->solver};
    for (int k = 0; k < 4; k++) wn_csv_text(&text, before[k]), wn_buffer_char(&text, ',');
    if (isfinite(f->digits)) wn_buffer_printf(&text, "%.3f,%.3f", f->digits, f->promised);
    wn_buffer_printf(&text, "%s,%s,", isfinite(f->digits) ? "" : ",", verdicts[f->verdict]);
    wn_csv_text(&text, f->note);
    wn_buffer_char(&text, '\n');
  }
  if (!wn_outfile_put(&file, &text, err)) return wn_outfile_commit(&file, err);
  wn_outfile_abandon(&file);
  return WN_ERR_MEMORY;
}

// -- the command ------------------------------------------------------------------------------------------------------

static wn_status read_request(const wn_args *args, wn_request *request, wn_error *err) {
  static const char *const about_a_file[] = {"set", "hypothesis", "dose", "until"};
  const char *csv = wn_args_value(args, "csv");
  WN_TRY(wn_request_read(args, request, err));
  if (!wn_args_has(args, "atol")) request->def.atol = 1e-3 * request->def.rtol;
  for (int i = 0; i < 4; i++)
    if (!args->operand && wn_args_has(args, about_a_file[i]))
      return wn_fail(err, WN_ERR_USER, "--%s: of which model? try wane conform FILE --%s ...", about_a_file[i],
                     about_a_file[i]);
  if (csv && wn_write_check(WN_WRITE_TRAJECTORIES, csv, NULL))
    return wn_fail(err, WN_ERR_USER, "--csv: expected a file ending in .csv, got \"%s\"", csv);
  if (!(request->def.rtol >= 1e-10 && request->def.rtol <= 1e-2))
    return wn_fail(err, WN_ERR_USER, "--rtol: expected a number from 1e-10 to 0.01, got %g", request->def.rtol);
  return WN_OK;
}

static wn_status conform(const wn_args *args, wn_request *request, int *exit_status, wn_error *err) {
  WN_TRY(read_request(args, request, err));
  wn_conform c = {.arena = wn_arena_create(), .rtol = request->def.rtol, .atol = request->def.atol};
  wn_status status = c.arena ? WN_OK : wn_fail_memory(err);
  if (!status && args->operand) status = test_file(&c, args->operand, &request->def, err);
  if (!status && !args->operand) status = test_bundled(&c, &request->def, err);
  if (!status && wn_args_has(args, "json"))
    status = print_json(&c, err);
  else if (!status)
    print_report(&c);
  if (!status && wn_args_has(args, "csv")) status = write_csv(&c, wn_args_value(args, "csv"), err);
  tally t = count(&c);
  if (t.holds < t.judged) *exit_status = WN_EXIT_RUN;
  WN_ARRAY_FREE(&c.findings);
  if (c.arena) wn_arena_destroy(c.arena);
  return status;
}

static int run(const wn_args *args) {
  wn_error err = {0};
  int exit_status = WN_EXIT_OK;
  wn_request *request = wn_alloc(sizeof *request);
  wn_status status = request ? conform(args, request, &exit_status, &err) : wn_fail_memory(&err);
  wn_free(request);
  return status ? wn_app_fail(&err) : exit_status;
}

const wn_command wn_command_conform = {
    .name = "conform",
    .operand = "[FILE]",
    .summary = "how many digits agree: closed forms, dose records, solver against solver, what must be true of a model",
    .text =
        "Hold the engine against formulas, event tables against others that mean the same, each solver against "
        "another\n"
        "at one tolerance after the other, and a model against what must be true of any: superposition, mass balance,\n"
        "any number of lanes and threads, steady state against a long train of doses. With FILE all of it that makes\n"
        "sense for your model or scenario. Every row says how many digits agree and how many are promised.",
    .flags = flags,
    .run = run,
};

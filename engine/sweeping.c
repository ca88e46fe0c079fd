// sweeping.c - see sweeping.h. Invariant: a point is planned from the facts of the manifest alone, by whichever worker.
// It must not know how shards are made or written.

#include "sweeping.h"

#include "base/pool.h"
#include "io/io.h"

#include <stdio.h>
#include <string.h>

enum { MAX_WORKER = 256, N_HEAD = 8, MANY_OPTION = 32 };

struct wn_sweeping {
  wn_sweeping_def def;
  const char *data_dir;
  char *file;
  wn_study *study;               // tells names
  wn_study *worker[MAX_WORKER];  // prepared
  wn_study_def point;            // what they plan
  wn_input_name *known;
  int n_option, n_known;
  wn_design *design;
  int *param;            // [n_input]
  int *option;           // number in the scenario of each input that is an option
  const char **meaning;  // [n_input]
  wn_arena *arena;
  WN_ARRAY(wn_sweep_fact) facts;
  const char *head[N_HEAD];
  int n_head;
  char *folder;
  char no_doses[320];  // what there is to say about that
  wn_sweep *sweep;
};

wn_sweeping_def wn_sweeping_default(void) {
  return (wn_sweeping_def){.study = wn_study_default(), .design = wn_design_default(), .n_part = 1};
}

// -- planning a point -----------------------------------------------------------------------------------------------

// each worker has a script of its own: a Lua state serves one thread at a time
static wn_status worker_study(wn_sweeping *s, int worker, wn_study **study, wn_error *err) {
  if (worker >= MAX_WORKER) return wn_fail(err, WN_ERR_USER, "threads: expected 1 to %d", MAX_WORKER);
  *study = s->worker[worker];
  if (*study) return WN_OK;
  WN_TRY(wn_study_open(s->data_dir, s->file, study, err));
  wn_status status = wn_study_prepare(*study, &s->point, err);
  if (status)
    wn_study_close(*study);
  else
    s->worker[worker] = *study;
  return status;
}

static wn_status plan(void *context, int worker, const double *value, wn_scenario **scenario, wn_error *err) {
  wn_sweeping *s = context;
  wn_study *study;
  double own[MANY_OPTION], *option = own;
  int n = 0, n_input = wn_design_n_input(s->design);
  *scenario = NULL;
  WN_TRY(worker_study(s, worker, &study, err));
  if (n_input > MANY_OPTION && !(option = wn_alloc_doubles((size_t)n_input))) return wn_fail_memory(err);
  for (int i = 0; i < n_input; i++)
    if (s->param[i] < 0) option[n++] = value[i];
  wn_status status = wn_study_plan_at(study, &s->point, s->option, option, n, scenario, err);
  if (!status) (*scenario)->seed = s->def.design.seed;
  if (option != own) wn_free(option);
  return status;
}

// -- what may be varied ---------------------------------------------------------------------------------------------

static wn_status list_known(wn_sweeping *s, wn_error *err) {
  const wn_option *option;
  const wn_model *model = wn_script_model(s->study->script);
  s->n_option = wn_script_options(s->study->script, &option);
  s->known = wn_alloc((size_t)(s->n_option + model->n_param + 1) * sizeof *s->known);
  if (!s->known) return wn_fail_memory(err);
  for (int i = 0; i < s->n_option; i++)
    s->known[s->n_known++] = (wn_input_name){option[i].name, option[i].unit, option[i].value, {0}};
  for (int i = 0; i < model->n_param; i++) {
    const wn_parameter *p = &model->param[i];
    s->known[s->n_known++] = (wn_input_name){p->name, p->unit, p->value, p->limits};
  }
  return WN_OK;
}

// the same name set and varied would leave one of the two without effect
static wn_status check_settings(const wn_sweeping *s, wn_error *err) {
  for (int i = 0; i < wn_design_n_input(s->design); i++) {
    const char *name = wn_design_input_at(s->design, i)->name;
    size_t length = strlen(name);
    for (int k = 0; k < s->def.study.n_set; k++) {
      const char *set = s->def.study.set[k];
      if (strncmp(set, name, length) == 0 && set[length] == '=')
        return wn_fail(err, WN_ERR_USER, "--set %s: %s is an input of the sweep; leave one of the two out", set, name);
    }
  }
  return WN_OK;
}

static wn_status make_design(wn_sweeping *s, wn_error *err) {
  WN_TRY(list_known(s, err));
  WN_TRY(wn_design_create(&s->def.design, s->known, s->n_known, wn_script_units(s->study->script), &s->design, err));
  int n = wn_design_n_input(s->design);
  s->param = wn_alloc((size_t)(n + 1) * sizeof *s->param);
  s->option = wn_alloc((size_t)(n + 1) * sizeof *s->option);
  s->meaning = wn_alloc((size_t)(n + 1) * sizeof *s->meaning);
  if (!s->param || !s->option || !s->meaning) return wn_fail_memory(err);
  const wn_option *option;
  wn_script_options(s->study->script, &option);
  for (int i = 0, at = 0; i < n; i++) {
    int known = wn_design_input_at(s->design, i)->known;
    if (known < s->n_option) s->option[at++] = known;
    s->param[i] = known < s->n_option ? -1 : known - s->n_option;
    s->meaning[i] =
        s->param[i] < 0 ? option[known].meaning : wn_script_model(s->study->script)->param[s->param[i]].meaning;
  }
  return check_settings(s, err);
}

// -- what decides the numbers ---------------------------------------------------------------------------------------

static bool add_fact(wn_sweeping *s, const char *name, const char *text, bool is_file) {
  if (!text) return true;
  wn_sweep_fact fact = {name, wn_arena_strdup(s->arena, text), is_file};
  return fact.text && WN_PUSH(&s->facts, fact);
}

static bool add_number(wn_sweeping *s, const char *name, double value) {
  return add_fact(s, name, wn_arena_printf(s->arena, "%.17g", value), false);
}

static bool add_list(wn_sweeping *s, const char *name, const char *const *text, int n) {
  bool ok = true;
  for (int i = 0; ok && i < n; i++) ok = add_fact(s, name, text[i], false);
  return ok;
}

static bool add_files(wn_sweeping *s) {
  const char *name, *text;
  bool ok = true;
  for (int i = 0; ok && wn_script_text(s->study->script, i, &name, &text); i++) ok = add_fact(s, name, text, true);
  return ok;
}

static wn_status list_facts(wn_sweeping *s, wn_error *err) {
  const wn_study_def *study = &s->def.study;
  const wn_design_def *design = &s->def.design;
  // (SUNDIALS' build is the same bits wherever it comes from, but not another version's)
  bool ok =
      add_fact(s, "wane", wn_version(), false) && add_fact(s, "solver library", wn_version_solver(), false) &&
      add_fact(s, "the scenario", wn_script_title(s->study->script), false) &&
      add_fact(s, "--hypothesis", study->hypothesis, false) && add_list(s, "--set", study->set, study->n_set) &&
      add_list(s, "--dose", study->dose, study->n_dose) && add_list(s, "--vary", design->vary, design->n_vary) &&
      add_list(s, "--draw", design->draw, design->n_draw) &&
      add_list(s, "--correlate", design->correlate, design->n_correlate) &&
      add_fact(s, "--sample", design->sample, false) && add_fact(s, "--sensitivity", design->sensitivity, false) &&
      add_number(s, "--until", study->until) && add_number(s, "--every", study->every) &&
      add_number(s, "the number of points", (double)wn_design_n_point(s->design)) &&
      add_number(s, "--seed", (double)design->seed) && add_fact(s, "--solver", study->solver, false) && add_files(s);
  return ok ? WN_OK : wn_fail_memory(err);
}

static wn_status make_head(wn_sweeping *s, wn_error *err) {
  const char *lines[] = {
      wn_arena_printf(s->arena, "wane %s, %s", wn_version(), s->def.command ? s->def.command : "wn_sweep"),
      WN_NOT_MEDICAL_ADVICE,
      wn_arena_printf(s->arena, "%s", wn_study_title(s->study)),
      wn_arena_printf(s->arena, "%s", wn_study_caption(s->study)),
      wn_arena_printf(s->arena, "seed %llu, rtol %g, atol %g, %s", (unsigned long long)s->def.design.seed,
                      s->def.study.rtol, s->def.study.atol, wn_version_solver()),
  };
  for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
    if (!lines[i]) return wn_fail_memory(err);
    s->head[s->n_head++] = lines[i];
  }
  return WN_OK;
}

// a bare model without doses: refused where nothing happens at either end of the design
static wn_status check_doses(wn_sweeping *s, wn_error *err) {
  const wn_scenario *scenario = s->study->scenario;
  int n_input = wn_design_n_input(s->design), n_param = scenario->model->n_param;
  if (wn_study_is_scenario(s->study)) return WN_OK;
  double *input = wn_alloc_doubles((size_t)(n_input + n_param) + 1), *param = input ? input + n_input : NULL;
  if (!input) return wn_fail_memory(err);
  wn_status status = WN_OK;
  for (int end = 0; end < 2; end++) {
    wn_design_point(s->design, end ? wn_design_n_point(s->design) - 1 : 0, input);
    memcpy(param, scenario->arm[0].param, (size_t)n_param * sizeof *param);
    for (int i = 0; i < n_input; i++)
      if (s->param[i] >= 0) param[s->param[i]] = input[i];
    status = wn_study_check_doses(scenario, param, s->no_doses, err);
    if (status != WN_ERR_USER) break;
  }
  wn_free(input);
  return status;
}

// -- open -----------------------------------------------------------------------------------------------------------

static wn_status open_sweep(wn_sweeping *s, wn_error *err) {
  wn_sweep_def def = wn_sweep_default();
  def.design = s->design;
  def.param = s->param, def.meaning = s->meaning;
  def.plan = plan, def.context = s;
  def.n_person = s->def.n_person;
  def.keep = s->def.keep;
  def.fact = s->facts.data, def.n_fact = s->facts.n;
  def.head = s->head, def.n_head = s->n_head;
  def.folder = s->folder;
  def.resume = s->def.resume;
  def.ranks = s->def.ranks;
  def.part = s->def.part, def.n_part = s->def.n_part;
  def.progress = s->def.progress, def.progress_context = s->def.progress_context;
  // the plan of the study has checked the solver and its tolerances
  def.run.solver = s->study->run.solver;
  def.run.n_thread = s->def.study.n_thread > 0 ? s->def.study.n_thread : s->def.ranks ? 1 : wn_pool_cores();
  if (def.run.n_thread > MAX_WORKER) def.run.n_thread = MAX_WORKER;
  return wn_sweep_open(&def, &s->sweep, err);
}

static wn_status prepare(wn_sweeping *s, const char *file, wn_error *err) {
  s->arena = wn_arena_create();
  s->file = wn_strdup(file);
  if (!s->arena || !s->file) return wn_fail_memory(err);
  if (s->def.out) {
    size_t size = strlen(s->def.out) + 8;
    if (!(s->folder = wn_alloc(size))) return wn_fail_memory(err);
    snprintf(s->folder, size, "%s.sweep", s->def.out);
  }
  WN_TRY(wn_study_open(s->data_dir, file, &s->study, err));
  s->point = s->def.study;
  s->point.n = 1, s->point.keep = WN_KEEP_NONE, s->point.brief = 1;
  WN_TRY(wn_study_plan(s->study, &s->point, err));
  if (s->def.keep != WN_SWEEP_SUMMARY) s->point.keep = WN_KEEP_WATCHED;
  WN_TRY(make_design(s, err));
  WN_TRY(check_doses(s, err));
  WN_TRY(list_facts(s, err));
  return make_head(s, err);
}

wn_status wn_sweeping_open(const char *data_dir, const char *file, const wn_sweeping_def *def, wn_sweeping **sweeping,
                           wn_error *err) {
  *sweeping = NULL;
  wn_sweeping *s = wn_alloc(sizeof *s);
  if (!s) return wn_ranks_agree(def->ranks, wn_fail_memory(err), err);
  s->def = *def;
  s->data_dir = data_dir;
  wn_status status = prepare(s, file, err);
  // (the ranks agree once on whether all can begin: here, or where the sweep is opened)
  status = status ? wn_ranks_agree(def->ranks, status, err) : open_sweep(s, err);
  if (status)
    wn_sweeping_close(s);
  else
    *sweeping = s;
  return status;
}

void wn_sweeping_close(wn_sweeping *s) {
  if (!s) return;
  // scenarios borrow from the workers' scripts
  wn_sweep_close(s->sweep);
  for (int i = 0; i < MAX_WORKER; i++) wn_study_close(s->worker[i]);
  wn_study_close(s->study);
  wn_design_destroy(s->design);
  WN_ARRAY_FREE(&s->facts);
  wn_arena_destroy(s->arena);
  wn_free(s->known);
  wn_free(s->param);
  wn_free(s->option);
  wn_free(s->meaning);
  wn_free(s->file);
  wn_free(s->folder);
  wn_free(s);
}

// -- before it runs -------------------------------------------------------------------------------------------------

// draws or individuals that the model's limits refuse
static bool say_outside(const wn_sweeping *s, char words[512]) {
  wn_sweep_outlook o;
  wn_error err;
  if (wn_sweep_look_ahead(s->sweep, &o, &err) || o.n_outside == 0) return false;
  const char *what = s->def.n_person > 0 ? "individuals" : "points";
  char count[120];
  if (o.n_seen == o.n_case)
    snprintf(count, sizeof count, "%lld of %lld %s will fail", (long long)o.n_outside, (long long)o.n_case, what);
  else
    snprintf(count, sizeof count, "about %.2g %% of %lld %s will fail", 100 * (double)o.n_outside / (double)o.n_seen,
             (long long)o.n_case, what);
  char who[32] = "";
  if (o.person) snprintf(who, sizeof who, ", individual %d", o.person);
  snprintf(words, 512, "%s, each in its row (first: point %lld%s: %s)%s", count, (long long)o.point, who, o.words,
           s->def.design.n_draw ? "; borders keep draws inside, like normal(1,0.5,0,9)" : "");
  return true;
}

int wn_sweeping_advice(const wn_sweeping *s, char words[WN_MAX_ADVICE][512]) {
  int n = 0;
  if (*s->no_doses) snprintf(words[n++], 512, "%s", s->no_doses);
  const char *advice = wn_design_advice(s->design);
  if (advice) snprintf(words[n++], 512, "%s", advice);
  return n + say_outside(s, words[n]);
}

wn_sweep *wn_sweeping_sweep(const wn_sweeping *sweeping) { return sweeping->sweep; }
const wn_design *wn_sweeping_design(const wn_sweeping *sweeping) { return sweeping->design; }
const char *wn_sweeping_folder(const wn_sweeping *sweeping) { return sweeping->folder; }

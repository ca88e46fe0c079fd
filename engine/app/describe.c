// describe.c - wane describe: what a model or scenario is made of, every number with unit, badge and source. Invariant:
// text and JSON (describe_json.c) show the same.

#include "describe.h"

#include "base/text.h"
#include "io/io.h"

#include <math.h>
#include <string.h>

static const wn_flag flags[] = {{"json", NULL, "the same as JSON", false}, {0}};

static void begin(wn_columns *columns, const char *heading, int n, const char *right) {
  fprintf(stdout, "\n%s\n", heading);
  wn_columns_init(columns, n, 2, right);
}

static const char *with_source(wn_columns *columns, const char *meaning, const char *source) {
  return source && *source ? wn_columns_text(columns, "%s. Source: %s", meaning, source) : meaning;
}

static void print_options(const wn_study *study, int width) {
  const wn_option *option;
  int n = wn_script_options(study->script, &option);
  wn_columns c;
  if (n == 0) return;
  begin(&c, "options (--set NAME=VALUE)", 4, ".r..");
  for (int i = 0; i < n; i++) {
    char clock[6];
    bool is_clock = strcmp(option[i].unit, "clock") == 0;
    wn_format_clock(option[i].value, clock);
    wn_columns_add(&c, option[i].name, is_clock ? clock : wn_columns_number(&c, option[i].value), option[i].unit,
                   option[i].meaning);
  }
  wn_columns_print(&c, stdout, width);
}

static void print_arms(const wn_scenario *s, int width) {
  wn_columns c;
  begin(&c, "arms, as the options stand", 3, "...");
  for (int i = 0; i < s->n_arm; i++) {
    long n = 0;
    for (int k = 0; k < s->arm[i].doses.n; k++) n += 1 + s->arm[i].doses.data[k].addl;
    wn_columns_add(&c, s->arm[i].name, wn_columns_text(&c, "%ld dose%s", n, n == 1 ? "" : "s"), s->arm[i].label);
  }
  wn_columns_print(&c, stdout, width);
}

static void print_parameters(const wn_model *m, int width) {
  wn_columns c;
  if (m->n_param == 0) return;
  begin(&c, "parameters", 6, ".r....");
  for (int i = 0; i < m->n_param; i++) {
    const wn_parameter *p = &m->param[i];
    char limits[120];
    wn_limits_words(&p->limits, "", limits, sizeof limits);
    wn_columns_add(&c, p->name, wn_columns_number(&c, p->value), p->unit, limits, wn_badge_name(p->badge),
                   with_source(&c, p->meaning, p->source));
  }
  wn_columns_print(&c, stdout, width);
}

static void print_covariates(const wn_model *m, int width) {
  static const char *const carried[] = {"", ", carried backward", ", carried forward",
                                        ", a line from record to record"};
  wn_columns c;
  if (m->n_covariate == 0) return;
  begin(&c, "covariates, which data sets may bring", 4, ".r..");
  for (int i = 0; i < m->n_covariate; i++) {
    const wn_covariate *v = &m->covariate[i];
    wn_columns_add(&c, v->name, wn_columns_number(&c, v->value), v->unit,
                   wn_columns_text(&c, "%s%s", v->meaning, carried[v->interpolation]));
  }
  wn_columns_print(&c, stdout, width);
}

// how far the i-th parameter of a block spreads
static const char *spread_text(wn_columns *c, const wn_model *m, const wn_random *r, int i) {
  double variance = r->omega[i * r->n + i];
  if (r->distribution == WN_LOGNORMAL) return wn_columns_text(c, "lognormal, CV %.3g %%", 100 * sqrt(expm1(variance)));
  if (r->distribution == WN_LOGIT) return wn_columns_text(c, "logit, SD %.3g on that scale", sqrt(variance));
  const char *unit = m->param[r->param[i]].unit;
  return wn_columns_text(c, "normal, SD %.3g %s", sqrt(variance), strcmp(unit, "1") == 0 ? "" : unit);
}

// what it shares with those before it in its block, then the source
static const char *relation_text(wn_columns *c, const wn_model *m, const wn_random *r, int i) {
  const char *text = "";
  for (int k = 0; k < i; k++) {
    double shared = r->omega[i * r->n + k], own = sqrt(r->omega[i * r->n + i] * r->omega[k * r->n + k]);
    if (shared != 0 && own > 0)
      text = wn_columns_text(c, "%scorrelation %.2g with %s. ", text, shared / own, m->param[r->param[k]].name);
  }
  return *r->source ? wn_columns_text(c, "%sSource: %s", text, r->source) : text;
}

static void print_random(const wn_model *m, bool occasion, int width) {
  wn_columns c;
  int n = 0;
  for (int b = 0; b < m->n_random; b++) n += m->random[b].occasion == occasion;
  if (n == 0) return;
  begin(&c, occasion ? "how individuals differ from occasion to occasion" : "how individuals differ (--n N)", 4, NULL);
  for (int b = 0; b < m->n_random; b++) {
    const wn_random *r = &m->random[b];
    for (int i = 0; i < r->n && r->occasion == occasion; i++)
      wn_columns_add(&c, m->param[r->param[i]].name, spread_text(&c, m, r, i), wn_badge_name(r->badge),
                     relation_text(&c, m, r, i));
  }
  wn_columns_print(&c, stdout, width);
}

static void print_residuals(const wn_model *m, int width) {
  wn_columns c;
  if (m->n_residual == 0) return;
  begin(&c, "residual error of observations", 3, NULL);
  for (int i = 0; i < m->n_residual; i++) {
    const wn_residual *r = &m->residual[i];
    const wn_output *o = &m->output[r->output];
    wn_columns_add(&c, o->name,
                   r->proportional > 0 ? wn_columns_text(&c, "%.3g %% proportional", 100 * r->proportional) : "",
                   r->additive > 0 ? wn_columns_text(&c, "%.3g %s additive", r->additive, o->unit) : "");
  }
  wn_columns_print(&c, stdout, width);
}

static void print_states(const wn_model *m, int width) {
  wn_columns c;
  begin(&c, "states", 3, NULL);
  for (int i = 0; i < m->n_state; i++) wn_columns_add(&c, m->state[i].name, m->state[i].unit, m->state[i].meaning);
  wn_columns_print(&c, stdout, width);
}

static void print_routes(const wn_model *m, int width) {
  wn_columns c;
  if (m->n_route == 0) return;
  char heading[128];
  snprintf(heading, sizeof heading, "doses (into NAME; %.60s when none is named)", m->route[m->default_route].name);
  begin(&c, m->n_route > 1 ? heading : "doses (into NAME)", 4, NULL);
  for (int i = 0; i < m->n_route; i++) {
    const wn_route *r = &m->route[i];
    char states[160] = "";
    for (int k = 0; k < r->n_target; k++) {
      size_t at = strlen(states);
      snprintf(states + at, sizeof states - at, "%s%s", k ? ", " : "-> ", m->state[r->target[k]].name);
    }
    wn_columns_add(&c, r->name, r->unit, states, r->meaning);
  }
  wn_columns_print(&c, stdout, width);
}

static void print_outputs(const wn_model *m, int width) {
  wn_columns c;
  begin(&c, "outputs", 3, NULL);
  for (int i = 0; i < m->n_output; i++) wn_columns_add(&c, m->output[i].name, m->output[i].unit, m->output[i].meaning);
  wn_columns_print(&c, stdout, width);
}

static void print_windows(const wn_scenario *s, int width) {
  static const char *const compared[] = {"", "less drug-free ", "over drug-free "};
  wn_columns c;
  if (s->n_window == 0) return;
  begin(&c, "windows", 3, NULL);
  for (int i = 0; i < s->n_window; i++) {
    const wn_window_def *w = &s->window[i];
    const wn_output *o = &s->model->output[w->output];
    wn_columns_add(&c, w->name,
                   wn_columns_text(&c, "%s %s%s %g %s", o->name, compared[w->baseline], w->above ? "above" : "below",
                                   w->threshold, w->baseline == 2 || strcmp(o->unit, "1") == 0 ? "" : o->unit),
                   w->meaning);
  }
  wn_columns_print(&c, stdout, width);
}

static void print_hypotheses(const wn_model *m, int width) {
  wn_columns c;
  if (m->n_hypothesis == 0) return;
  begin(&c, "hypotheses (--hypothesis NAME); the first is the default", 3, NULL);
  for (int i = 0; i < m->n_hypothesis; i++) {
    const wn_hypothesis *h = &m->hypothesis[i];
    char sets[512] = "";
    for (int k = 0; k < h->n_set; k++) {
      size_t at = strlen(sets);
      snprintf(sets + at, sizeof sets - at, "%s%s=%g", k ? " " : "", m->param[h->param[k]].name, h->value[k]);
    }
    wn_columns_add(&c, h->name, sets, with_source(&c, h->meaning, h->source));
  }
  wn_columns_print(&c, stdout, width);
}

static void print_text(const wn_study *study) {
  const wn_model *m = study->scenario->model;
  int width = wn_app_columns();
  wn_columns head;
  wn_columns_init(&head, 1, 0, NULL);
  wn_columns_add(&head, wn_columns_text(&head, "%s: %s", study->scenario->name, wn_study_title(study)));
  if (wn_study_is_scenario(study))
    wn_columns_add(&head, wn_columns_text(&head, "a scenario of model %s: %s", m->name, m->title));
  wn_columns_add(&head, wn_study_caption(study));
  wn_columns_add(&head, WN_NOT_MEDICAL_ADVICE);
  wn_columns_print(&head, stdout, width);
  if (wn_study_is_scenario(study)) {
    print_options(study, width);
    print_arms(study->scenario, width);
  }
  print_windows(study->scenario, width);
  print_outputs(m, width);
  print_routes(m, width);
  print_hypotheses(m, width);
  print_states(m, width);
  print_parameters(m, width);
  print_covariates(m, width);
  print_random(m, false, width);
  print_random(m, true, width);
  print_residuals(m, width);
}

static int run(const wn_args *args) {
  wn_error err = {0};
  wn_study *study;
  wn_request *request = wn_alloc(sizeof *request);
  if (!request) return wn_fail_memory(&err), wn_app_fail(&err);
  request->def = wn_study_default();
  wn_status status = wn_app_plan(args, request, &study, &err);
  wn_free(request);
  if (status) return wn_app_fail(&err);
  if (!wn_args_has(args, "json"))
    print_text(study);
  else
    status = wn_describe_json(study, stdout, &err);
  wn_study_close(study);
  return status && !ferror(stdout) ? wn_app_fail(&err) : WN_EXIT_OK;
}

const wn_command wn_command_describe = {
    .name = "describe",
    .operand = "FILE",
    .summary = "parameters with value, unit, badge and source; states, doses, outputs, windows, options, how "
               "individuals differ",
    .text = "Say what a model or scenario is made of. Every parameter comes with its unit, with how well it is known\n"
            "(measured, fitted, assumed) and where it is from.",
    .flags = flags,
    .run = run,
};

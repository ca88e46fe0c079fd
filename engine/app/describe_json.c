// describe_json.c - wane describe --json. Invariant: every list keeps the order of the model's declaration.

#include "describe.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

static json_t *number(double value) { return isfinite(value) ? json_real(value) : json_null(); }

static json_t *options_json(const wn_study *study) {
  const wn_option *o;
  int n = wn_script_options(study->script, &o);
  json_t *list = json_array();
  for (int i = 0; i < n; i++)
    json_array_append_new(list, json_pack("{s:s, s:o, s:s, s:s}", "name", o[i].name, "value", number(o[i].value),
                                          "unit", o[i].unit, "meaning", o[i].meaning));
  return list;
}

static json_t *arms_json(const wn_scenario *s) {
  json_t *list = json_array();
  for (int i = 0; i < s->n_arm; i++) {
    json_int_t n = 0;
    for (int k = 0; k < s->arm[i].doses.n; k++) n += 1 + s->arm[i].doses.data[k].addl;
    json_array_append_new(list,
                          json_pack("{s:s, s:s, s:I}", "name", s->arm[i].name, "label", s->arm[i].label, "doses", n));
  }
  return list;
}

static json_t *windows_json(const wn_scenario *s) {
  static const char *const baselines[] = {"none", "difference", "ratio"};
  json_t *list = json_array();
  for (int i = 0; i < s->n_window; i++) {
    const wn_window_def *w = &s->window[i];
    json_array_append_new(list, json_pack("{s:s, s:s, s:f, s:s, s:s}", "name", w->name, "of",
                                          s->model->output[w->output].name, w->above ? "above" : "below", w->threshold,
                                          "baseline", baselines[w->baseline], "meaning", w->meaning));
  }
  return list;
}

static json_t *outputs_json(const wn_model *m) {
  json_t *list = json_array();
  for (int i = 0; i < m->n_output; i++)
    json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "name", m->output[i].name, "unit", m->output[i].unit,
                                          "meaning", m->output[i].meaning));
  return list;
}

static json_t *states_json(const wn_model *m) {
  json_t *list = json_array();
  for (int i = 0; i < m->n_state; i++)
    json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "name", m->state[i].name, "unit", m->state[i].unit,
                                          "meaning", m->state[i].meaning));
  return list;
}

static json_t *routes_json(const wn_model *m) {
  json_t *list = json_array();
  for (int i = 0; i < m->n_route; i++) {
    const wn_route *r = &m->route[i];
    json_t *into = json_array();
    for (int k = 0; k < r->n_target; k++) json_array_append_new(into, json_string(m->state[r->target[k]].name));
    json_array_append_new(list, json_pack("{s:s, s:s, s:o, s:s, s:b, s:b, s:b}", "name", r->name, "unit", r->unit,
                                          "into", into, "meaning", r->meaning, "default", i == m->default_route, "rate",
                                          r->has_rate, "duration", r->has_duration));
  }
  return list;
}

static json_t *hypotheses_json(const wn_model *m) {
  json_t *list = json_array();
  for (int i = 0; i < m->n_hypothesis; i++) {
    const wn_hypothesis *h = &m->hypothesis[i];
    json_t *set = json_object();
    for (int k = 0; k < h->n_set; k++) json_object_set_new(set, m->param[h->param[k]].name, number(h->value[k]));
    json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:o}", "name", h->name, "meaning", h->meaning, "source",
                                          h->source, "set", set));
  }
  return list;
}

// as the model declares them: "min" or "above", "max" or "below"
static void add_limits(json_t *one, const wn_limits *l) {
  if (l->has_low) json_object_set_new(one, l->open_low ? "above" : "min", number(l->low));
  if (l->has_high) json_object_set_new(one, l->open_high ? "below" : "max", number(l->high));
}

static json_t *parameters_json(const wn_model *m) {
  json_t *list = json_array();
  for (int i = 0; i < m->n_param; i++) {
    const wn_parameter *p = &m->param[i];
    json_t *one = json_pack("{s:s, s:o, s:s, s:s, s:s, s:s}", "name", p->name, "value", number(p->value), "unit",
                            p->unit, "badge", wn_badge_name(p->badge), "meaning", p->meaning, "source", p->source);
    add_limits(one, &p->limits);
    json_array_append_new(list, one);
  }
  return list;
}

static json_t *covariates_json(const wn_model *m) {
  static const char *const carried[] = {"dialect", "backward", "forward", "linear"};
  json_t *list = json_array();
  for (int i = 0; i < m->n_covariate; i++) {
    const wn_covariate *c = &m->covariate[i];
    json_array_append_new(list, json_pack("{s:s, s:o, s:s, s:s, s:s}", "name", c->name, "value", number(c->value),
                                          "unit", c->unit, "meaning", c->meaning, "carry", carried[c->interpolation]));
  }
  return list;
}

// blocks of random effects with the variance matrix of their etas
static json_t *random_json(const wn_model *m, bool occasion) {
  static const char *const names[] = {[WN_LOGNORMAL] = "lognormal", [WN_NORMAL] = "normal", [WN_LOGIT] = "logit"};
  json_t *list = json_array();
  for (int b = 0; b < m->n_random; b++) {
    const wn_random *r = &m->random[b];
    if (r->occasion != occasion) continue;
    json_t *params = json_array(), *omega = json_array();
    for (int i = 0; i < r->n; i++) {
      json_t *row = json_array();
      for (int k = 0; k < r->n; k++) json_array_append_new(row, number(r->omega[i * r->n + k]));
      json_array_append_new(params, json_string(m->param[r->param[i]].name));
      json_array_append_new(omega, row);
    }
    json_array_append_new(list, json_pack("{s:o, s:s, s:o, s:s, s:s}", "parameters", params, "distribution",
                                          names[r->distribution], "omega", omega, "badge", wn_badge_name(r->badge),
                                          "source", r->source));
  }
  return list;
}

static json_t *residuals_json(const wn_model *m) {
  json_t *list = json_array();
  for (int i = 0; i < m->n_residual; i++) {
    const wn_residual *r = &m->residual[i];
    json_array_append_new(list, json_pack("{s:s, s:o, s:o}", "output", m->output[r->output].name, "proportional",
                                          number(r->proportional), "additive", number(r->additive)));
  }
  return list;
}

wn_status wn_describe_json(const wn_study *study, FILE *stream, wn_error *err) {
  const wn_scenario *s = study->scenario;
  const wn_model *m = s->model;
  json_t *all = json_pack("{s:s, s:s, s:s, s:s, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
                          "name", s->name, "title", wn_study_title(study), "caption", wn_study_caption(study), "model",
                          m->name, "is_scenario", wn_study_is_scenario(study), "options", options_json(study), "arms",
                          arms_json(s), "windows", windows_json(s), "outputs", outputs_json(m), "doses", routes_json(m),
                          "hypotheses", hypotheses_json(m), "states", states_json(m), "parameters", parameters_json(m),
                          "covariates", covariates_json(m), "individual", random_json(m, false), "occasion",
                          random_json(m, true), "residual", residuals_json(m));
  bool ok = all && json_dumpf(all, stream, JSON_INDENT(1) | JSON_REAL_PRECISION(15)) == 0 && fputc('\n', stream) != EOF;
  json_decref(all);
  return ok ? WN_OK : wn_fail(err, WN_ERR_USER, "JSON: a name or text of %s is not UTF-8", s->name);
}
